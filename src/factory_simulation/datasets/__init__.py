"""Kedro datasets: landing files, truth files, reference tables, warehouse tables, reports.

All I/O of the project is here. Nodes see Ibis tables and typed parameters only.
"""
