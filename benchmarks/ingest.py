"""Files to typed columns, every value checked: guard_nb beside readers that check nothing, and polars with checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

import guard_nb as gn
from benchmarks import contracts
from benchmarks.ingest_files import CURRENCIES, EVENT_TEXTS, READINGS, File, sums
from benchmarks.timing import GUARD, Answer, AnswersDiffer, Contender

Read = Callable[[], pl.DataFrame]

CLEAN = "guard_nb, clean file"
# How far records, and the sum of their ids, are from the file's truth.
EXACT = {"records": 0, "ids": 0}
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


def guard(file: File, kind: str, quarantine: Path | None = None) -> Read:
    """`Contract.ingest` to one frame, and the verdict; other records to the file `quarantine`."""
    prepared = contract(kind)

    def run() -> pl.DataFrame:
        with prepared.ingest(file.path, quarantine=quarantine) as ingestion:
            frame = ingestion.read()
        if ingestion.verdict.rejected != file.rejected:
            raise AnswersDiffer(f"{GUARD}: {ingestion.verdict.rejected} rejected, not {file.rejected}")
        return frame

    return run


def polars(file: File, kind: str, checked: bool) -> Read:
    """The eager readers, types given; `checked` adds the contract's clauses as one hand-written filter."""

    def run() -> pl.DataFrame:
        if kind == "events":
            read = pl.read_ndjson(file.path, schema=EVENT_TEXTS)
            frame = read.with_columns(pl.col("ts").str.to_datetime(INSTANT, time_zone="UTC"))
        else:
            frame = pl.read_csv(file.path, schema_overrides={"day": pl.Date})
        return frame.filter(*_clauses(kind)) if checked else frame

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


def sql(file: File, kind: str) -> Read:
    """DuckDB's readers, types given, to an Arrow table; for CSV with its table of rejects."""
    columns = EVENT_SQL if kind == "events" else MEASUREMENT_SQL
    typed = ", ".join(f"'{name}': '{logical}'" for name, logical in columns.items())
    reader = (
        f"read_json('{file.path}', format = 'newline_delimited', columns = {{{typed}}})"
        if kind == "events"
        else f"read_csv('{file.path}', header = true, store_rejects = true, columns = {{{typed}}})"
    )

    def run() -> pl.DataFrame:
        # Tables of rejects belong to a connection.
        with duckdb.connect() as connection:
            table = connection.sql(f"FROM {reader}").to_arrow_table()
        return pl.DataFrame(table)

    return run


def counted(name: str, read: Read, file: File, kind: str, max_rounds: int | None = None) -> Contender:
    """Answers with what `EXACT` names. Reads once now, and raises unless every sum is the file's truth."""
    if (found := sums(read(), kind)) != file.truth:
        raise AnswersDiffer(f"{name}: {found}, not {file.truth}")

    def run() -> Answer:
        frame = read()
        return {"records": frame.height - file.truth["records"], "ids": int(frame["id"].sum()) - file.truth["ids"]}

    return Contender(name, run, max_rounds)


def contenders(file: File, kind: str) -> list[Contender]:
    """On a clean file, all of them."""
    return [
        counted(GUARD, guard(file, kind), file, kind),
        counted("polars", polars(file, kind, checked=False), file, kind, 3),
        counted("polars, checked", polars(file, kind, checked=True), file, kind, 3),
        counted("duckdb", sql(file, kind), file, kind, 3),
    ]
