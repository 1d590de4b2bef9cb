"""Contracts: a Pandera model for every table of every layer."""
