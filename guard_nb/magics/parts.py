"""The records that came through a transform and those that did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guard_nb import _arrow
from guard_nb.transform import Transform, Transformed
from guard_nb.verdict import Verdict

if TYPE_CHECKING:
    import polars as pl

SAMPLE = 5
VALUES = 6
REASONS = 10
RECORD, CODE, ITEM = -3, -2, -1


def parted(
    mode: str, made: Transform, frame: object, done: Transformed
) -> tuple[pl.DataFrame, pl.DataFrame, Verdict | None]:
    """The output to bind, the rejects, and the output's verdict.

    In mode `quarantine` the output is what its contract accepts, and the input records of the rest are rejects as well:
    `records = output + rejects + left out`. Otherwise the output is whole and the rejects are those that failed.
    """
    if mode != "quarantine" or made.output is None or done.verdict is None or done.verdict.status == "accept":
        return done.output, done.quarantined, done.verdict
    import polars as pl

    split = made.output.split(done.output, made.output_object)
    why = split.rejected.select(split.rejected.columns[-3:])
    numbers = done.kept.arg_true().gather(why.to_series(0))
    record, code, item = done.quarantined.columns[-3:]
    refused = _arrow.to_polars(frame)[numbers].with_columns(
        numbers.cast(pl.UInt64).alias(record),
        pl.lit(None, pl.String).alias(code),
        pl.lit(None, pl.String).alias(item),
        why.to_series(2).alias(_free("guard_clauses", done.quarantined.columns)),
    )
    both = pl.concat([done.quarantined, refused], how="diagonal_relaxed").sort(record)
    return split.accepted, both, done.verdict


def counted(made: Transform, done: Transformed) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Counts with the reasons, and the first quarantined records with the values that the failing items read.

    No values are shown when a contract classifies a property: they would be in the notebook's outputs.
    """
    bad = done.quarantined
    reasons = bad.group_by(bad.columns[ITEM], bad.columns[CODE], maintain_order=True).len().rows()
    counts = {
        "records": done.records,
        "output": done.output.height,
        "quarantined": bad.height,
        "leftOut": done.left_out,
        "reasons": [{"item": item, "code": code, "count": count} for item, code, count in reasons[:REASONS]],
    }
    private = any(side is not None and "classification" in side.to_yaml() for side in (made.input, made.output))
    first = bad.head(SAMPLE)
    read = {} if private or not first.height else _columns(made)
    return counts, [_example(row, read) for row in first.rows(named=True)]


def _columns(made: Transform) -> dict[str, list[str]]:
    """Columns that each item reads."""
    report = made.report()
    decide = list(dict.fromkeys(name for item in report["items"] for name in item["decidedBy"]))
    return {"WHERE": decide} | {item["name"]: [*item["from"], *item["decidedBy"]] for item in report["items"]}


def _example(record: dict[str, Any], read: dict[str, list[str]]) -> dict[str, Any]:
    names = list(record)
    item = record[names[ITEM]]
    columns = list(dict.fromkeys(name for name in read.get(item, []) if name in record))[:VALUES]
    values = {name: "NULL" if record[name] is None else str(record[name]) for name in columns}
    return {"record": record[names[RECORD]], "item": item, "code": record[names[CODE]], "values": values}


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    return name
