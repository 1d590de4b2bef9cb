"""Quality: what fails, how much of it is found at once, and who finds it."""

import ibis
import ibis.expr.types as ir
from ibis import Deferred, _

from factory_simulation.domain import ALL, Member, QcResult
from factory_simulation.expressions.numbers import int64, ratio
from factory_simulation.expressions.statistics import wilson
from factory_simulation.metrics import (
    CATCH_RATE,
    CHECK_FAIL_RATE,
    DEFECT_RATE,
    ESCAPE_RATE,
    FIRST_PASS_YIELD,
    INSPECTION_COVERAGE,
    formulas,
)

_IS_FAILED = _.result == QcResult.FAIL.value


def summarise_defect_pareto(checks: ir.Table, production: ir.Table, products: ir.Table) -> ir.Table:
    """One row per factory, product and defect note of failed checks, the most frequent first.

    ``ALL`` stands for all factories and for all products together. Notes that are as frequent as
    each other are in the order of their names. What a note says before its first comma is the kind
    of defect, by which rows can be added up.
    """
    made = production.join(products, "product_key").select("batch_key", "product_name")
    failed = checks.filter(_IS_FAILED).select("factory_id", "batch_key", "defect_notes")
    counted = (
        failed.left_join(made, "batch_key")
        .mutate(
            product_name=_.product_name.fill_null(Member.UNKNOWN.value),
            defect_note=_.defect_notes.fill_null(Member.UNKNOWN.value),
        )
        .group_by("factory_id", "product_name", "defect_note")
        .aggregate(checks_failed=_.count())
    )
    every = ibis.literal(ALL)
    added_up = ibis.union(
        counted,
        counted.mutate(factory_id=every),
        counted.mutate(product_name=every),
        counted.mutate(factory_id=every, product_name=every),
    )
    chart = ["factory_id", "product_name"]
    totals = added_up.group_by(*chart, "defect_note").aggregate(
        checks_failed=_.checks_failed.sum().cast("int64")
    )
    in_order = {"group_by": chart, "order_by": [ibis.desc("checks_failed"), "defect_note"]}
    return totals.mutate(
        of_chart=_.checks_failed.sum().over(group_by=chart),
        so_far=_.checks_failed.sum().over(ibis.cumulative_window(**in_order)),
        number=int64(ibis.row_number().over(**in_order)),
    ).select(
        *chart,
        "defect_note",
        "checks_failed",
        defect_kind=_.defect_note.re_replace(",.*$", ""),
        rank=(_.number + 1).cast("int64"),
        share=ratio(_.checks_failed, _.of_chart),
        cumulative_share=ratio(_.so_far, _.of_chart),
    )


def summarise_quality_daily(
    production: ir.Table,
    checks: ir.Table,
    dates: ir.Table,
    machines: ir.Table,
    products: ir.Table,
) -> ir.Table:
    """One row per production date, factory, machine and product: batches, and what checks saw.

    A check counts for its batch's date. Defective units escape where no check failed their batch:
    because it passed, or because nobody looked.
    """
    batches = (
        production.join(dates.select("date_key", production_date=_.date), "date_key")
        .join(machines.select("machine_key", "machine_id"), "machine_key")
        .join(products.select("product_key", "product_name"), "product_key")
        .left_join(_checked_batches(checks), "batch_key")
        .mutate(
            was_inspected=_.was_failed.notnull(),
            was_failed=_.was_failed.fill_null(0) == 1,
            was_passed_first=_.was_passed_first.fill_null(0) == 1,
        )
    )
    return (
        batches.group_by("production_date", "factory_id", "machine_id", "product_name")
        .aggregate(
            batches=_.count(),
            batches_inspected=_count(_.was_inspected),
            batches_passed_first=_count(_.was_passed_first),
            batches_failed=_count(_.was_failed),
            units_produced=_.units_produced.sum().cast("int64"),
            units_defective=_.units_defective.sum().cast("int64"),
            units_escaped=ibis.ifelse(_.was_failed, 0, _.units_defective).sum().cast("int64"),
        )
        .select(
            *("production_date", "factory_id", "machine_id", "product_name"),
            *("batches", "batches_inspected", "batches_passed_first", "batches_failed"),
            *("units_produced", "units_defective", "units_escaped"),
            **formulas(INSPECTION_COVERAGE, FIRST_PASS_YIELD, ESCAPE_RATE, DEFECT_RATE),
        )
    )


def summarise_inspectors(checks: ir.Table, production: ir.Table) -> ir.Table:
    """One row per inspector: how many checks failed, and how many bad batches were caught.

    The interval of the fail rate is the one that holds the inspector's chance of failing a check
    in 95 of 100 cases: small numbers say little.
    """
    defective = production.filter(_.units_defective > 0).select(defective_key=_.batch_key)
    by_batch = (
        checks.mutate(employee_key=_.employee_key.fill_null(Member.UNKNOWN.value))
        .group_by("employee_key", "batch_key")
        .aggregate(checks=_.count(), checks_failed=_count(_IS_FAILED))
        .left_join(defective, [("batch_key", "defective_key")])
        .mutate(is_defective=_.defective_key.notnull())
    )
    totals = by_batch.group_by("employee_key").aggregate(
        checks=_.checks.sum().cast("int64"),
        checks_failed=_.checks_failed.sum().cast("int64"),
        defective_batches_checked=_count(_.is_defective),
        defective_batches_caught=_count(_.is_defective & (_.checks_failed > 0)),
    )
    low, high = wilson(_.checks_failed, _.checks)
    return totals.select(
        "employee_key",
        "checks",
        "checks_failed",
        "defective_batches_checked",
        "defective_batches_caught",
        **formulas(CHECK_FAIL_RATE, CATCH_RATE),
        fail_rate_low=low,
        fail_rate_high=high,
    )


def _checked_batches(checks: ir.Table) -> ir.Table:
    """One row per batch with a check: whether the first passed, and whether any failed."""
    first = ibis.row_number().over(group_by="batch_key", order_by=["check_at", "check_key"])
    judged = checks.mutate(is_first=first == 0, is_failed=_IS_FAILED)
    return judged.group_by("batch_key").aggregate(
        was_passed_first=_count(_.is_first & ~_.is_failed),
        was_failed=ibis.ifelse(_.is_failed, 1, 0).max().cast("int64"),
    )


def _count(condition: Deferred) -> Deferred:
    return ibis.ifelse(condition, 1, 0).sum().cast("int64")
