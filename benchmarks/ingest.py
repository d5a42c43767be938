"""Files to typed columns, every value checked: guard_nb beside readers that check nothing, and beside polars with checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

import guard_nb as gn
from benchmarks import contracts
from benchmarks.ingest_files import CURRENCIES, EVENT_TEXTS, READINGS, File, sums
from benchmarks.timing import GUARD, Answer, AnswersDiffer, Contender

CLEAN = "guard_nb, clean file"
USER = "^u_[0-9]{6}$"
STATION = "^ST[0-9]{4}$"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def contract(kind: str) -> gn.Contract:
    """Types, required, ranges, a set and patterns."""
    return gn.Contract.loads(contracts.contract(_events() if kind == "events" else _measurements()))


def _column(name: str, logical: str, options: dict[str, object] | None = None) -> contracts.Property:
    return {"name": name, "logicalType": logical, "required": True, "logicalTypeOptions": options or {}}


def _events() -> list[contracts.Property]:
    return [
        _column("id", "integer", {"minimum": 1}),
        _column("user", "string", {"pattern": USER}),
        _column("amount", "number", {"minimum": 0, "maximum": 10_000}),
        {**_column("currency", "string"), "enum": [{"value": value} for value in CURRENCIES]},
        _column("ts", "timestamp"),
        _column("ok", "boolean"),
        {**_column("tags", "array", {"maxItems": 3}), "items": {"logicalType": "string"}},
    ]


def _measurements() -> list[contracts.Property]:
    return [
        _column("id", "integer", {"minimum": 1}),
        _column("station", "string", {"pattern": STATION}),
        _column("day", "date"),
        _column("count", "integer", {"minimum": 0, "maximum": 999}),
        *(_column(name, "number", {"minimum": -1_000, "maximum": 1_000}) for name in READINGS),
    ]


def guard(file: File, kind: str, quarantine: Path | None = None) -> Callable[[], Answer]:
    """`Contract.ingest` to one frame, and the verdict; other records to the file `quarantine`."""
    prepared = contract(kind)

    def run() -> Answer:
        with prepared.ingest(file.path, quarantine=quarantine) as ingestion:
            frame = ingestion.read()
        if ingestion.verdict.rejected != file.rejected:
            raise AnswersDiffer(f"{GUARD}: {ingestion.verdict.rejected} rejected, not {file.rejected}")
        return sums(frame, kind)

    return run


def polars(file: File, kind: str, checked: bool) -> Callable[[], Answer]:
    """The eager readers, types given; `checked` adds the contract's clauses as one hand-written filter."""

    def run() -> Answer:
        if kind == "events":
            read = pl.read_ndjson(file.path, schema=EVENT_TEXTS)
            frame = read.with_columns(pl.col("ts").str.to_datetime(INSTANT, time_zone="UTC"))
        else:
            frame = pl.read_csv(file.path, schema_overrides={"day": pl.Date})
        return sums(frame.filter(*_clauses(kind)) if checked else frame, kind)

    return run


def _clauses(kind: str) -> list[pl.Expr]:
    column = pl.col
    if kind == "events":
        return [
            *(column(name).is_not_null() for name in EVENT_TEXTS),
            column("id") >= 1,
            column("user").str.contains(USER),
            column("amount").is_between(0, 10_000),
            column("currency").is_in(CURRENCIES),
            column("tags").list.len() <= 3,
        ]
    return [
        column("day").is_not_null(),
        column("id") >= 1,
        column("station").str.contains(STATION),
        column("count").is_between(0, 999),
        *(column(name).is_between(-1_000, 1_000) for name in READINGS),
    ]


EVENT_SQL = {
    "id": "BIGINT",
    "user": "VARCHAR",
    "amount": "DOUBLE",
    "currency": "VARCHAR",
    "ts": "TIMESTAMP",
    "ok": "BOOLEAN",
    "tags": "VARCHAR[]",
}
MEASUREMENT_SQL = {"id": "BIGINT", "station": "VARCHAR", "day": "DATE", "count": "BIGINT"} | dict.fromkeys(
    READINGS, "DOUBLE"
)


def sql(file: File, kind: str) -> Callable[[], Answer]:
    """DuckDB's readers, types given, to an Arrow table; for CSV with its table of rejects."""
    columns = EVENT_SQL if kind == "events" else MEASUREMENT_SQL
    typed = ", ".join(f"'{name}': '{kind_}'" for name, kind_ in columns.items())
    reader = (
        f"read_json('{file.path}', format = 'newline_delimited', columns = {{{typed}}})"
        if kind == "events"
        else f"read_csv('{file.path}', header = true, store_rejects = true, columns = {{{typed}}})"
    )

    def run() -> Answer:
        # Tables of rejects belong to a connection.
        with duckdb.connect() as connection:
            table = connection.sql(f"FROM {reader}").to_arrow_table()
        return sums(pl.DataFrame(table), kind)

    return run


def contenders(file: File, kind: str) -> list[Contender]:
    """On a clean file, all of them."""
    return [
        Contender(GUARD, guard(file, kind)),
        Contender("polars", polars(file, kind, checked=False), 3),
        Contender("polars, checked", polars(file, kind, checked=True), 3),
        Contender("duckdb", sql(file, kind), 3),
    ]
