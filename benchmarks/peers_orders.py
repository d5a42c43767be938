"""The orders' checks as each library says them; each returns failing values by column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dataframely as dy
import duckdb
import pandera.polars as pa
import pointblank as pb
import polars as pl

import guard_nb as gn
from benchmarks import contracts
from benchmarks.frames import EMAIL, FIRST, LAST, STATUSES
from benchmarks.timing import GUARD, Answer, Contender

Counts = Callable[[], Answer]
RANGES: dict[str, tuple[Any, Any]] = {"quantity": (1, 100), "price": (0.0, 10_000.0), "at": (FIRST, LAST)}
TINY_RANGES: dict[str, tuple[Any, Any]] = {"discount": (0.0, 1.0), "parcels": (0, 9)}
COUNTRIES = ["DE", "FR", "PL"]


def guard(frame: pl.DataFrame, properties: list[contracts.Property]) -> Counts:
    """`Contract.check`: the whole verdict with evidence. Its ids' failing members are twice the surplus."""
    contract = gn.Contract.loads(contracts.contract(properties))

    def run() -> Answer:
        return _by_column(contract.check(frame), [str(prop["name"]) for prop in properties])

    return run


def _by_column(verdict: gn.Verdict, columns: list[str]) -> Answer:
    counts = dict.fromkeys(columns, 0)
    for clause in verdict.document["clauses"]:
        if clause.get("failing"):
            counts[clause["columns"][0]] += clause["failing"] // (2 if clause["kind"] == "unique" else 1)
    return counts


def polars(frame: pl.DataFrame, wide: bool) -> Counts:
    """One select of hand-written expressions; `n_unique` is its fastest count of duplicates."""
    ranges, sets = _rules(wide)
    expressions = [
        (pl.len() - pl.col("id").n_unique()).alias("id"),
        pl.col("customer").null_count(),
        *((~pl.col(name).is_between(low, high)).sum().alias(name) for name, (low, high) in ranges.items()),
        *((~pl.col(name).is_in(values)).sum().alias(name) for name, values in sets.items()),
        (~pl.col("email").str.contains(EMAIL)).sum().alias("email"),
    ]
    return lambda: frame.lazy().select(expressions).collect().row(0, named=True)


def _rules(wide: bool) -> tuple[dict[str, tuple[Any, Any]], dict[str, list[str]]]:
    if not wide:
        return RANGES, {"status": STATUSES}
    return {**RANGES, **TINY_RANGES}, {"status": STATUSES, "country": COUNTRIES}


def dataframely(frame: pl.DataFrame, wide: bool) -> Counts:
    """`Schema.filter` and its failure counts; ranges as one rule each, as the peers have them."""

    def between(low: Any, high: Any) -> Callable[[pl.Expr], pl.Expr]:
        return lambda column: column.is_between(low, high)

    free = {"nullable": True}
    ranges, sets = _rules(wide)
    columns: dict[str, Any] = {"id": dy.Int64(unique=True, **free), "customer": dy.Int64(nullable=False)}
    kinds = {"quantity": dy.Int32, "price": dy.Float64, "at": dy.Datetime, "discount": dy.Float64, "parcels": dy.Int16}
    finite = {"allow_inf": True, "allow_nan": True}
    for name, (low, high) in ranges.items():
        more = finite if kinds[name] is dy.Float64 else {}
        columns[name] = kinds[name](check=between(low, high), **free, **more)
    for name, values in sets.items():
        columns[name] = dy.String(check=lambda column, values=values: column.is_in(values), **free)
    columns["email"] = dy.String(regex=EMAIL, **free)
    schema = type("Orders", (dy.Schema,), columns)

    def run() -> Answer:
        counts = dict.fromkeys(frame.columns, 0)
        for rule, failing in schema.filter(frame)[1].counts().items():
            counts[rule.split("|")[0]] += failing // (2 if rule.startswith("id|") else 1)
        return counts

    return run


def pandera(frame: pl.DataFrame, wide: bool) -> Counts:
    """`DataFrameSchema.validate(lazy=True)`; failure cases by column."""
    ranges, sets = _rules(wide)
    free = {"nullable": True}
    columns = {"id": pa.Column(pl.Int64, unique=True, **free), "customer": pa.Column(pl.Int64)}
    for name, (low, high) in ranges.items():
        columns[name] = pa.Column(frame.schema[name], pa.Check.in_range(low, high), **free)
    for name, values in sets.items():
        columns[name] = pa.Column(pl.String, pa.Check.isin(values), **free)
    columns["email"] = pa.Column(pl.String, pa.Check.str_matches(EMAIL), **free)
    schema = pa.DataFrameSchema(columns)

    def run() -> Answer:
        counts = dict.fromkeys(frame.columns, 0)
        try:
            schema.validate(frame, lazy=True)
        except pa.errors.SchemaErrors as errors:
            failing = errors.failure_cases.group_by("column").len()
            counts.update(failing.iter_rows())
            counts["id"] //= 2
        return counts

    return run


def pointblank(frame: pl.DataFrame, wide: bool) -> Counts:
    """`Validate.interrogate` without extracts; failing units by step."""
    ranges, sets = _rules(wide)
    names = ["id", "customer", *ranges, *sets, "email"]

    def run() -> Answer:
        plan = pb.Validate(frame).rows_distinct("id").col_vals_not_null("customer")
        for name, (low, high) in ranges.items():
            plan = plan.col_vals_between(name, low, high, na_pass=True)
        for name, values in sets.items():
            plan = plan.col_vals_in_set(name, values)
        plan = plan.col_vals_regex("email", EMAIL, na_pass=True)
        failing = plan.interrogate(collect_extracts=False, collect_tbl_checked=False).n_failed()
        counts = dict(zip(names, (int(failing[step]) for step in range(1, len(names) + 1)), strict=True))
        counts["id"] //= 2
        return counts

    return run


def sql(frame: pl.DataFrame, wide: bool) -> Counts:
    """One DuckDB query over the frame's Arrow table."""
    ranges, sets = _rules(wide)
    connection = duckdb.connect()
    connection.register("t", frame.to_arrow())

    def failing(condition: str, name: str) -> str:
        return f'count(*) FILTER (WHERE NOT ({condition})) AS "{name}"'

    def quoted(value: object) -> str:
        return f"TIMESTAMP '{value}'" if hasattr(value, "year") else str(value)

    parts = ["count(id) - count(DISTINCT id) AS id", "count(*) FILTER (WHERE customer IS NULL) AS customer"]
    parts += [
        failing(f'"{name}" BETWEEN {quoted(low)} AND {quoted(high)}', name) for name, (low, high) in ranges.items()
    ]
    parts += [failing(f"{name} IN ({', '.join(map(repr, values))})", name) for name, values in sets.items()]
    parts.append(failing(f"regexp_matches(email, '{EMAIL}')", "email"))
    query = f"SELECT {', '.join(parts)} FROM t"

    def run() -> Answer:
        result = connection.execute(query)
        names = [column[0] for column in result.description or []]
        return dict(zip(names, result.fetchone() or [], strict=True))

    return run


def contenders(frame: pl.DataFrame, wide: bool = False) -> list[Contender]:
    """All of them; `wide` is the frame of ten columns."""
    properties = contracts.tiny() if wide else contracts.orders()
    slow = None if wide else 3
    return [
        Contender(GUARD, guard(frame, properties)),
        Contender("polars", polars(frame, wide)),
        Contender("dataframely", dataframely(frame, wide)),
        Contender("duckdb", sql(frame, wide)),
        Contender("pandera", pandera(frame, wide), slow),
        Contender("pointblank", pointblank(frame, wide), slow),
    ]
