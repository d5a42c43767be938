"""Values at the ends of their types, through files and back (S9.4, S9.5, S9.7, S1.10)."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

import guard_nb as gn
from command import guard_nb_call
from ingesting import Ingesting, contract, text_of

NAIVE = {"name": "a", "logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}
FIRST, LAST = dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_int96_has_its_years(stored: bool, nested: bool, tmp_path: Path) -> None:
    """Of old Parquet timestamps no year comes out as another."""
    days: list[Any] = [LAST, FIRST, None, dt.datetime(2026, 1, 31, 13)]
    values = pa.array([[day] for day in days] if nested else days, pa.list_(pa.timestamp("us")) if nested else pa.timestamp("us"))
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": values}), path, use_deprecated_int96_timestamps=True, store_schema=stored)
    items = {"name": "a", "logicalType": "array", "items": {"logicalType": "timestamp"}}
    by = contract(items if nested else NAIVE)
    run = by.ingest(path)
    assert run.read()["a"].to_list() == values.to_pylist()
    assert run.verdict.status == "accept"
    assert by.check(pl.DataFrame({"a": values})).document["status"] == "accept"


COLUMNAR = [
    (pa.time32("s"), 86_400, 86_399),
    (pa.time32("ms"), -1, 0),
    (pa.time64("us"), 86_400_000_000, 86_399_999_999),
    (pa.date32(), 2**31 - 1, 2_932_896),
    (pa.date32(), -719_163, -719_162),
    (pa.date64(), 253_402_300_800_000, 253_402_214_400_000),
    (pa.timestamp("s"), 2**62, 253_402_300_799),
    (pa.timestamp("ms", "UTC"), -62_135_596_800_001, -62_135_596_800_000),
    (pa.timestamp("us"), 253_402_300_800_000_000, 253_402_300_799_999_999),
]


@pytest.mark.parametrize(("kind", "out", "last"), COLUMNAR, ids=str)
@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_values_without_a_date_are_rejected(kind: pa.DataType, out: int, last: int, form: str, ingest: Ingesting, tmp_path: Path) -> None:
    """Beyond the years 1 to 9999, or the day, a record is rejected alone; a check says so too, whatever statistics prove."""
    logical = {"d": "date", "t": "timestamp" if str(kind).startswith("timestamp") else "time"}[str(kind)[0]]
    zoned = getattr(kind, "tz", None) is not None
    options = {"logicalTypeOptions": {"timezone": zoned}} if logical == "timestamp" else {}
    raw = pa.array([last, out], pa.int32() if kind.bit_width == 32 else pa.int64())
    table = pa.table({"a": raw.view(kind)})
    path = tmp_path / f"a.{form}"
    if form == "parquet":
        if kind == pa.date64() or kind == pa.timestamp("s"):
            pytest.skip("Parquet has no such type")
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    ran = ingest(path, by=contract({"name": "a", "logicalType": logical, **options}))
    assert [[reason["code"] for reason in line["reasons"]] for line in ran.lines] == [["type-mismatch"]]
    assert ran.lines[0]["record"] == 1
    assert len(ran.rows) == 1
    assert ran.clause("a.logicalType")["failing"] == 1


@pytest.mark.parametrize("ending", ["csv", "ndjson"])
@pytest.mark.parametrize("zoned", [False, True])
def test_the_last_timestamps_are_written_as_read(ending: str, zoned: bool, tmp_path: Path) -> None:
    zone = "Z" if zoned else ""
    texts = [
        f"{text}{zone}"
        for text in ("9999-12-30T22:00:01", "9999-12-31T00:00:00", "9999-12-31T23:59:59.999999", "0001-01-01T00:00:00")
    ]
    by = text_of({"name": "a", "logicalType": "timestamp", "logicalTypeOptions": {"timezone": zoned}})
    (tmp_path / "o.yaml").write_text(by, encoding="utf-8")
    (tmp_path / "in.ndjson").write_text("".join(json.dumps({"a": text}) + "\n" for text in texts), encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", f"out.{ending}", folder=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    lines = (tmp_path / f"out.{ending}").read_text(encoding="utf-8").splitlines()
    assert ([line.partition(",")[0] for line in lines[1:]] if ending == "csv" else [json.loads(line)["a"] for line in lines]) == texts


def test_evidence_is_the_first_whatever_the_chunks() -> None:
    """Faults of reading and values that violate the type share a clause (S1.10, S1.13)."""
    by = contract({"name": "n", "logicalType": "number"})
    for source in (b"n\nx\nx\nNaN\nNaN\nx\nNaN\n", b"n\n" + b"1\nNaN\nx\n" * 40, b"n\n" + b"x\n" * 9 + b"NaN\n" * 9):
        bad = [row for row, text in enumerate(source.split()[1:]) if text != b"1"]
        verdicts = {by.ingest(source, "csv", chunk_bytes=size).verdict.to_json() for size in (1, 3, 7, 64, 1 << 20)}
        assert len(verdicts) == 1
        clause = next(c for c in json.loads(verdicts.pop())["clauses"] if c["id"] == "o.n.logicalType")
        assert [found["record"] for found in clause["evidence"]] == bad[:5]
        assert clause["failing"] == len(bad)
