"""Exact uniqueness: the surplus n − d of a key."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import polars as pl

import guard_nb as gn
from benchmarks import contracts
from benchmarks.timing import GUARD, Answer, Contender

Counts = Callable[[], Answer]


def guard(frame: pl.DataFrame) -> Counts:
    """`Contract.check` of `unique`, or of a composite `primaryKey`. Duplicates come in pairs."""
    contract = gn.Contract.loads(contracts.contract(contracts.key(frame.columns)))

    def run() -> Answer:
        clauses = contract.check(frame).document["clauses"]
        failing = sum(clause["failing"] for clause in clauses if clause["kind"] in ("unique", "primaryKey"))
        return {"surplus": failing // 2}

    return run


def polars(frame: pl.DataFrame) -> Counts:
    """`n_unique` of the series, or of the frame."""
    if frame.width == 1:
        return lambda: {"surplus": frame.height - frame.to_series().n_unique()}
    return lambda: {"surplus": frame.height - frame.n_unique()}


def sql(frame: pl.DataFrame) -> Counts:
    """DuckDB's count of distinct keys over the frame's Arrow table."""
    connection = duckdb.connect()
    connection.register("t", frame.to_arrow())
    query = f"SELECT count(*) FROM (SELECT DISTINCT {', '.join(frame.columns)} FROM t)"

    def run() -> Answer:
        row = connection.execute(query).fetchone()
        return {"surplus": frame.height - (row[0] if row else 0)}

    return run


def contenders(frame: pl.DataFrame) -> list[Contender]:
    """All of them."""
    return [Contender(GUARD, guard(frame)), Contender("polars", polars(frame)), Contender("duckdb", sql(frame), 3)]
