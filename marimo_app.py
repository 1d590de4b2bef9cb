"""The app over the last run: `make app`."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Factory Simulation")


@app.cell
def _():
    from pathlib import Path

    import marimo as mo

    from factory_simulation.dashboard import overview
    from factory_simulation.domain import PRODUCTION_METRICS

    return PRODUCTION_METRICS, Path, mo, overview


@app.cell
def _(Path):
    reports_folder = Path(__file__).parent / "data" / "reports"
    return (reports_folder,)


@app.cell
def _(mo):
    mo.md(r"""
    # Factory Simulation
    """)


@app.cell
def _(mo, overview, reports_folder):
    reports = overview.read_reports(reports_folder)
    mo.stop(reports is None, mo.md("There is no run to show yet: `make run` makes one."))
    return (reports,)


@app.cell
def _(mo, reports):
    totals = reports.validation["totals"]
    mo.hstack(
        [
            mo.stat(value=f"{totals['batches']:,}", label="batches"),
            mo.stat(value=f"{totals['units_produced']:,}", label="units"),
            mo.stat(value=f"{totals['units_defective']:,}", label="defective units"),
            mo.stat(value=f"{totals['energy_kwh']:,.2f}", label="kWh"),
            mo.stat(
                value=reports.validation["status"],
                label="against the truth",
                caption=f"{reports.validation['exact_comparisons']} of "
                f"{len(reports.validation['comparisons'])} numbers exact",
            ),
        ],
        widths="equal",
        wrap=True,
    )
    return (totals,)


@app.cell
def _(PRODUCTION_METRICS, mo):
    metric = mo.ui.dropdown(
        options={name.replace("_", " "): name for name in PRODUCTION_METRICS},
        value="units produced",
        label="metric",
    )
    return (metric,)


@app.cell
def _(metric, mo, overview, reports):
    mo.vstack([metric, mo.ui.plotly(overview.production_by_day(reports, metric.value))])


@app.cell
def _(mo, overview, reports):
    mo.ui.plotly(overview.rows_by_outcome(reports))


@app.cell
def _(mo, reports):
    mo.vstack(
        [
            mo.md("## Every number beside the truth"),
            mo.ui.table(reports.validation["comparisons"], pagination=True, selection=None),
        ]
    )


if __name__ == "__main__":
    app.run()
