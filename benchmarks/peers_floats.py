"""Five clauses on each float column, as each library says them."""

from __future__ import annotations

from collections.abc import Callable

import dataframely as dy
import duckdb
import pandera.polars as pa
import pointblank as pb
import polars as pl

import guard_nb as gn
from benchmarks import contracts
from benchmarks.timing import GUARD, Answer, Contender

Counts = Callable[[], Answer]


def guard(frame: pl.DataFrame, columns: list[str]) -> Counts:
    """`Contract.check`: the whole verdict with evidence."""
    contract = gn.Contract.loads(contracts.contract(contracts.floats(len(columns))))

    def run() -> Answer:
        clauses = contract.check(frame).document["clauses"]
        counted = [
            clause for clause in clauses if clause["kind"] not in ("presence", "logicalType", "undeclaredColumns")
        ]
        return {f"{clause['columns'][0]}.{clause['kind']}": clause["failing"] for clause in counted}

    return run


def polars(frame: pl.DataFrame, columns: list[str]) -> Counts:
    """One select of all expressions."""
    expressions = []
    for name in columns:
        column = pl.col(name)
        expressions += [
            (column < 0.0).sum().alias(f"{name}.minimum"),
            (column <= 0.0).sum().alias(f"{name}.exclusiveMinimum"),
            (column > 1.0).sum().alias(f"{name}.maximum"),
            (column >= 1.0).sum().alias(f"{name}.exclusiveMaximum"),
            column.null_count().alias(f"{name}.required"),
        ]
    return lambda: frame.lazy().select(expressions).collect().row(0, named=True)


def dataframely(frame: pl.DataFrame, columns: list[str]) -> Counts:
    """`Schema.filter`: bounds as its own rules, the exclusive ones as checks."""
    checks = {"exclusiveMinimum": lambda column: column > 0.0, "exclusiveMaximum": lambda column: column < 1.0}
    free = {"allow_inf": True, "allow_nan": True}
    schema = type(
        "Floats", (dy.Schema,), {name: dy.Float64(min=0.0, max=1.0, check=checks, **free) for name in columns}
    )
    kinds = {"min": "minimum", "max": "maximum", "nullability": "required"}
    names = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "required"]

    def run() -> Answer:
        counts = {f"{name}.{check}": 0 for name in columns for check in names}
        for rule, failing in schema.filter(frame.select(columns))[1].counts().items():
            name, kind = rule.split("|")
            kind = kind.removeprefix("check__")
            counts[f"{name}.{kinds.get(kind, kind)}"] = failing
        return counts

    return run


def pandera(frame: pl.DataFrame, columns: list[str]) -> Counts:
    """`DataFrameSchema.validate(lazy=True)`; failure cases by column and check."""
    checks = {
        "minimum": pa.Check.ge(0.0),
        "exclusiveMinimum": pa.Check.gt(0.0),
        "maximum": pa.Check.le(1.0),
        "exclusiveMaximum": pa.Check.lt(1.0),
    }
    schema = pa.DataFrameSchema({name: pa.Column(pl.Float64, list(checks.values())) for name in columns})
    said = {check.error: kind for kind, check in checks.items()} | {"not_nullable": "required"}

    def run() -> Answer:
        counts = {f"{name}.{kind}": 0 for name in columns for kind in said.values()}
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            for name, check, failing in errors.failure_cases.group_by("column", "check").len().iter_rows():
                counts[f"{name}.{said[check]}"] = failing
        return counts

    return run


def pointblank(frame: pl.DataFrame, columns: list[str]) -> Counts:
    """`Validate.interrogate` without extracts."""
    names = [
        f"{name}.{kind}"
        for kind in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "required")
        for name in columns
    ]

    def run() -> Answer:
        plan = pb.Validate(frame).col_vals_ge(columns, 0.0, na_pass=True).col_vals_gt(columns, 0.0, na_pass=True)
        plan = (
            plan.col_vals_le(columns, 1.0, na_pass=True)
            .col_vals_lt(columns, 1.0, na_pass=True)
            .col_vals_not_null(columns)
        )
        failing = plan.interrogate(collect_extracts=False, collect_tbl_checked=False).n_failed()
        return dict(zip(names, (int(failing[step]) for step in range(1, len(names) + 1)), strict=True))

    return run


def sql(frame: pl.DataFrame, columns: list[str]) -> Counts:
    """One DuckDB query over the frame's Arrow table."""
    connection = duckdb.connect()
    connection.register("t", frame.to_arrow())
    conditions = {
        "minimum": "{} < 0",
        "exclusiveMinimum": "{} <= 0",
        "maximum": "{} > 1",
        "exclusiveMaximum": "{} >= 1",
        "required": "{} IS NULL",
    }
    parts = [
        f'count(*) FILTER (WHERE {condition.format(name)}) AS "{name}.{kind}"'
        for name in columns
        for kind, condition in conditions.items()
    ]
    query = f"SELECT {', '.join(parts)} FROM t"

    def run() -> Answer:
        result = connection.execute(query)
        names = [column[0] for column in result.description or []]
        return dict(zip(names, result.fetchone() or [], strict=True))

    return run


def contenders(frame: pl.DataFrame, columns: list[str]) -> list[Contender]:
    """All of them."""
    return [
        Contender(GUARD, guard(frame, columns)),
        Contender("polars", polars(frame, columns)),
        Contender("dataframely", dataframely(frame, columns)),
        Contender("duckdb", sql(frame, columns), 1),
        Contender("pandera", pandera(frame, columns), 3),
        Contender("pointblank", pointblank(frame, columns), 1),
    ]
