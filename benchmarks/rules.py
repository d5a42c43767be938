"""Six row rules in the style of published examples: counts of records that violate each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import duckdb
import polars as pl

import guard_nb as gn
from benchmarks import contracts
from benchmarks.timing import GUARD, Answer, Contender

Counts = Callable[[], Answer]
Engine = Literal["in-memory", "streaming"]

RULES = {
    "total": "abs(qty * amount - total) <= 0.01",
    "order": "dropoff > pickup",
    "duration": "dropoff - pickup <= INTERVAL '24 hours'",
    "refund": "status <> 'refunded' OR refund > 0",
    "discount": "discount IS NULL OR (discount >= 0 AND discount <= 1 AND total * (1 - discount) >= 0)",
    "tax": "CASE country WHEN 'US' THEN tax <= 0.11 WHEN 'DE' THEN tax = 0.19 ELSE tax >= 0 END",
}
TYPES = {
    "order_id": "integer",
    "country": "string",
    "qty": "integer",
    "amount": "number",
    "total": "number",
    "discount": "number",
    "pickup": "timestamp",
    "dropoff": "timestamp",
    "status": "string",
    "refund": "number",
    "tax": "number",
}
# With other bounds each of these is another rule, for contracts of many rules.
VARIED = [
    "abs(qty * amount - total) <= {n} + 0.01",
    "dropoff > pickup - INTERVAL '{n} hours'",
    "dropoff - pickup <= INTERVAL '{n} hours'",
    "status <> 'refunded' OR refund > {n}",
    "discount IS NULL OR (discount >= 0 AND discount <= {n} AND total * (1 - discount) >= 0)",
    "CASE country WHEN 'US' THEN tax <= {n}.11 WHEN 'DE' THEN tax = 0.19 ELSE tax >= 0 END",
]


def contract(rules: dict[str, str]) -> str:
    """A contract of the orders with these row rules, as ODCS text."""
    properties: list[contracts.Property] = [{"name": name, "logicalType": kind} for name, kind in TYPES.items()]
    quality = [
        {"name": name, "type": "custom", "engine": "guard_nb", "implementation": {"rule": rule}}
        for name, rule in rules.items()
    ]
    return contracts.contract(properties, quality)


def many(count: int) -> dict[str, str]:
    """This many rules, all different."""
    return {f"r{at}": VARIED[at % len(VARIED)].format(n=1 + at // len(VARIED)) for at in range(count)}


def guard(frame: pl.DataFrame) -> Counts:
    """`Contract.check`: the whole verdict with evidence."""
    prepared = gn.Contract.loads(contract(RULES))

    def run() -> Answer:
        clauses = {clause["id"]: clause for clause in prepared.check(frame).document["clauses"]}
        return {rule: clauses[f"t.quality.{rule}"].get("failing", -1) for rule in RULES}

    return run


def polars(frame: pl.DataFrame, engine: Engine) -> Counts:
    """One select of hand-written expressions. A rule that is NULL counts as satisfied."""
    column = pl.col
    by_country = (
        pl.when(column("country") == "US")
        .then(column("tax") <= 0.11)
        .when(column("country") == "DE")
        .then(column("tax") == 0.19)
        .otherwise(column("tax") >= 0.0)
    )
    net = column("total") * (1.0 - column("discount"))
    rules = {
        "total": (column("qty") * column("amount") - column("total")).abs() <= 0.01,
        "order": column("dropoff") > column("pickup"),
        "duration": column("dropoff") - column("pickup") <= timedelta(hours=24),
        "refund": (column("status") != "refunded") | (column("refund") > 0.0),
        "discount": column("discount").is_null()
        | ((column("discount") >= 0.0) & (column("discount") <= 1.0) & (net >= 0.0)),
        "tax": by_country,
    }
    expressions = [(~rule).sum().alias(name) for name, rule in rules.items()]
    return lambda: frame.lazy().select(expressions).collect(engine=engine).row(0, named=True)


def sql(frame: pl.DataFrame, own: bool) -> Counts:
    """One DuckDB query over the frame's Arrow table, or over DuckDB's own copy of it."""
    connection = duckdb.connect()
    connection.register("arrow", frame.to_arrow())
    if own:
        connection.execute("CREATE TABLE t AS FROM arrow")
        connection.unregister("arrow")
    counts = ", ".join(f'count(*) FILTER (WHERE NOT ({rule})) AS "{name}"' for name, rule in RULES.items())
    query = f"SELECT {counts} FROM {'t' if own else 'arrow'}"

    def run() -> Answer:
        return dict(zip(RULES, connection.execute(query).fetchone() or [], strict=True))

    return run


def contenders(frame: pl.DataFrame) -> list[Contender]:
    """All of them."""
    found = [
        Contender("polars", polars(frame, "in-memory")),
        Contender("polars, streaming", polars(frame, "streaming")),
        Contender("duckdb", sql(frame, own=False)),
        Contender("duckdb, own table", sql(frame, own=True)),
    ]
    return [Contender(GUARD, guard(frame)), *found]
