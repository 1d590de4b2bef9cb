"""The control center over what the last run published: `make app`."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="Factory Simulation",
    css_file="src/factory_simulation/dashboard/assets/app.css",
    html_head_file="src/factory_simulation/dashboard/assets/head.html",
)


@app.cell
def _():
    from pathlib import Path

    import marimo as mo

    from factory_simulation.dashboard.pages import (
        explore,
        floor,
        flow,
        header,
        health,
        parts,
        quality,
        shell,
        truth,
    )
    from factory_simulation.dashboard.published import Published
    from factory_simulation.dashboard.scope import Scope
    from factory_simulation.dashboard.session import Session

    return (
        Path,
        Published,
        Scope,
        Session,
        explore,
        floor,
        flow,
        header,
        health,
        mo,
        parts,
        quality,
        shell,
        truth,
    )


@app.cell
def _(Path, mo):
    serving_dir = Path(mo.cli_args().get("serving-dir") or Path(__file__).parent / "data/serving")
    return (serving_dir,)


@app.cell
def _(Session, mo, serving_dir):
    session = Session(serving_dir)
    get_opened, set_opened = mo.state(session.opened)
    return get_opened, session, set_opened


@app.cell
def _(mo, serving_dir):
    manifest = mo.watch.file(serving_dir / "manifest.json")
    return (manifest,)


@app.cell
def _(manifest, session, set_opened):
    # Runs whenever the manifest is replaced; all below follows where another run published.
    manifest.exists()
    if session.opened_anew():
        set_opened(session.opened)
    return


@app.cell
def _(Published, get_opened, mo, shell):
    published = get_opened()
    mo.stop(not isinstance(published, Published), mo.Html(shell.nothing_published(published)))
    mo.Html(shell.title(published))
    return (published,)


@app.cell
def _(mo, published, session, shell):
    mo.stop(not session.days(published), mo.Html(shell.nothing_made()))
    factory = session.factories(published)
    line = session.lines(published)
    period = session.period(published)
    known_on = session.known_on(published)
    mo.hstack([factory, line, period, known_on], justify="start", wrap=True, gap=1)
    return factory, known_on, line, period


@app.cell
def _(Scope, factory, known_on, line, period, published, session):
    scope = Scope(factory.value, line.value, known_on.value)
    days = session.days(published, *period.value)
    session.play(days)
    return days, scope


@app.cell
def _(mo, session):
    # Shown where it is made, so that it is not sent again with each day that it asks for.
    time_travel = mo.ui.anywidget(session.player)
    time_travel
    return (time_travel,)


@app.cell
def _(days, session, time_travel):
    day = session.day(days, time_travel.value["index"])
    return (day,)


@app.cell
def _(day, days, header, mo, published, scope):
    mo.Html(header.header(published, scope, day, days[0], days[-1]))
    return


@app.cell
def _(mo, days, session, shell):
    page = session.pages(shell.PAGES)
    page
    return (page,)


@app.cell
def _(day, floor, mo, page, published, scope, shell):
    floor_page = mo.Html(floor.floor(published, scope, day)) if page.value == shell.FLOOR else None
    floor_page
    return (floor_page,)


@app.cell
def _(page, published, scope, session, shell):
    machine = session.machine(published, scope)
    machine if page.value == shell.HEALTH else None
    return (machine,)


@app.cell
def _(health, machine, mo, page, published, shell):
    health_heading = (
        mo.Html(health.heading(published, machine.value)) if page.value == shell.HEALTH else None
    )
    health_heading
    return


@app.cell
def _(day, health, machine, page, parts, published, shell):
    health_page = (
        parts.stacked(
            [
                *health.of_day(published, day, machine.value),
                *health.readings(published, day, machine.value),
            ]
        )
        if page.value == shell.HEALTH
        else None
    )
    health_page
    return (health_page,)


@app.cell
def _(health, machine, page, parts, published, shell):
    # Apart from what follows the day, so that it is not drawn anew with each.
    control_chart = (
        parts.stacked(health.control(published, machine.value))
        if page.value == shell.HEALTH
        else None
    )
    control_chart
    return


@app.cell
def _(page, session, shell):
    is_of_period = session.is_of_period()
    is_of_period if page.value == shell.FLOW else None
    return (is_of_period,)


@app.cell
def _(day, days, flow, is_of_period, page, parts, published, scope, shell):
    _period = (days[0], days[-1]) if is_of_period.value else None
    flow_page = (
        parts.stacked(flow.flow(published, scope, day, _period))
        if page.value == shell.FLOW
        else None
    )
    flow_page
    return (flow_page,)


@app.cell
def _(day, flow, page, published, scope, session, shell):
    _batches = flow.batches(published, scope, day) if page.value == shell.FLOW else []
    batch = session.batch(_batches) if _batches else None
    batch
    return (batch,)


@app.cell
def _(batch, flow, mo, published):
    batch_page = mo.Html(flow.relatives(published, batch.value)) if batch is not None else None
    batch_page
    return (batch_page,)


@app.cell
def _(day, days, page, parts, published, quality, scope, shell):
    quality_page = (
        parts.stacked(quality.quality(published, scope, day, days[0], days[-1]))
        if page.value == shell.QUALITY
        else None
    )
    quality_page
    return (quality_page,)


@app.cell
def _(page, published, session, shell):
    fault_kind = session.fault_kind(published)
    fault_kind if page.value == shell.QUALITY else None
    return (fault_kind,)


@app.cell
def _(day, fault_kind, page, parts, published, quality, scope, session, shell):
    event = _listed = None
    if page.value == shell.QUALITY:
        _log = quality.event_log(published, scope, day, fault_kind.value)
        event = session.event(_log.rows)
        _listed = parts.stacked([_log.summary, event] if _log.rows else [_log.summary])
    _listed
    return (event,)


@app.cell
def _(event, mo, published, quality):
    event_page = mo.Html(quality.landed_row(published, event.value)) if event is not None else None
    event_page
    return (event_page,)


@app.cell
def _(mo, page, published, shell, truth):
    verdict = mo.Html(truth.verdict(published)) if page.value == shell.TRUTH else None
    verdict
    return


@app.cell
def _(day, days, page, parts, published, scope, shell, truth):
    truth_page = (
        parts.stacked(truth.of_day(published, scope, day, days[0], days[-1]))
        if page.value == shell.TRUTH
        else None
    )
    truth_page
    return (truth_page,)


@app.cell
def _(page, parts, published, scope, shell, truth):
    # Apart from what follows the day, so that it is not drawn anew with each.
    whole_truth = (
        parts.stacked(truth.whole(published, scope)) if page.value == shell.TRUTH else None
    )
    whole_truth
    return


@app.cell
def _(explore, page, published, session, shell):
    table = session.table(published, explore.FIRST) if page.value == shell.EXPLORE else None
    table
    return (table,)


@app.cell
def _(explore, mo, published, table):
    table_page = (
        mo.vstack(
            [
                mo.Html(explore.explored(published, table.value)),
                explore.explore(published, table.value),
            ]
        )
        if table is not None
        else None
    )
    table_page
    return (table_page,)


@app.cell
def _(
    batch_page,
    day,
    event_page,
    floor_page,
    flow_page,
    health_page,
    mo,
    quality_page,
    shell,
    table_page,
    truth_page,
):
    # Comes last: the player asks for another day once the page shows this one.
    _pages = (floor_page, health_page, flow_page, batch_page)
    _more = (quality_page, event_page, truth_page, table_page)
    mo.Html(shell.shown(day))
    return


if __name__ == "__main__":
    app.run()
