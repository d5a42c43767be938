"""Values at the ends of their types, through files and back (S9.4, S9.5, S9.7, S1.10)."""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

import guard_nb as gn
from command import guard_nb_call
from ingesting import ID, Ingesting, contract, text_of

NAIVE = {"name": "a", "logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}}
FIRST, LAST = dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999999)


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_int96_has_its_years(stored: bool, nested: bool, tmp_path: Path) -> None:
    """Of old Parquet timestamps no year comes out as another."""
    days: list[Any] = [LAST, FIRST, None, dt.datetime(2026, 1, 31, 13)]
    values = pa.array(
        [[day] for day in days] if nested else days, pa.list_(pa.timestamp("us")) if nested else pa.timestamp("us")
    )
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": values}), path, use_deprecated_int96_timestamps=True, store_schema=stored)
    items = {"name": "a", "logicalType": "array", "items": {"logicalType": "timestamp"}}
    by = contract(items if nested else NAIVE)
    run = by.ingest(path)
    assert run.read()["a"].to_list() == values.to_pylist()
    assert run.verdict.status == "accept"
    assert by.check(pl.DataFrame({"a": values})).document["status"] == "accept"


@pytest.mark.parametrize("day", [0x7FFFFFFF, 0x80000000, 200_000_000])
def test_int96_beyond_microseconds_is_damage(day: int, tmp_path: Path) -> None:
    """Such a day would wrap around to another."""
    path = tmp_path / "a.parquet"
    table = pa.table({"a": pa.array([dt.datetime(1970, 1, 1)], pa.timestamp("us"))})
    plain = {"use_dictionary": False, "compression": "none", "write_statistics": False}
    pq.write_table(table, path, use_deprecated_int96_timestamps=True, store_schema=False, **plain)
    epoch, content = bytes(8) + (2_440_588).to_bytes(4, "little"), path.read_bytes()
    assert content.count(epoch) == 1
    path.write_bytes(content.replace(epoch, bytes(8) + day.to_bytes(4, "little")))
    with pytest.raises(gn.IngestError, match="INT96") as caught:
        contract(NAIVE).ingest(path).read()
    assert caught.value.code == "file-unreadable"


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
def test_values_without_a_date_are_rejected(
    kind: pa.DataType, out: int, last: int, form: str, ingest: Ingesting, tmp_path: Path
) -> None:
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
    assert (
        [line.partition(",")[0] for line in lines[1:]] if ending == "csv" else [json.loads(line)["a"] for line in lines]
    ) == texts


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


@pytest.mark.parametrize(
    "physical", ["decimal(39,1)", "decimal(76,2)", "decimal(5,7)", "decimal(10,2) unsigned", "numeric(10,-2)"]
)
def test_digits_that_would_be_lost_are_not_accepted(physical: str, ingest: Ingesting) -> None:
    by = contract({"name": "n", "logicalType": "number", "physicalType": physical})
    assert [(found.code, found.level) for found in by.lint() if found.code == "decimal-inexact"] == [
        ("decimal-inexact", "warning")
    ]
    ran = ingest(b'{"n": %s}\n' % (b"9" * 38), "ndjson", by)
    assert (ran.rows, ran.document["status"]) == ([], "unknown")
    clause = ran.clause("n.logicalType")
    assert (clause["coverage"], clause["code"]) == ("refused", "decimal-inexact")
    # Doubles of a frame have lost nothing here.
    assert by.check(pl.DataFrame({"n": [1.5]})).document["status"] == "accept"


@pytest.mark.parametrize("physical", ["decimal", "NUMERIC"])
def test_decimals_without_digits_are_doubles_and_linted(physical: str, ingest: Ingesting) -> None:
    by = contract({"name": "n", "logicalType": "number", "physicalType": physical})
    assert "decimal-inexact" in [found.code for found in by.lint()]
    assert ingest(b"n\n1.5\n", "csv", by).rows == [(1.5,)]
    assert not contract({"name": "n", "logicalType": "number", "physicalType": "decimal(38,2)"}).lint()


def test_a_declared_column_keeps_its_name(ingest: Ingesting) -> None:
    by = contract(ID, {"name": "guard_undeclared", "logicalType": "string"})
    ran = ingest(b'{"id":1,"guard_undeclared":"mine","z":2}\n{"id":2}\n', "ndjson", by)
    assert ran.columns == ["id", "guard_undeclared", "guard_undeclared_2"]
    assert ran.rows == [(1, "mine", '{"z":2}'), (2, None, None)]


def test_what_cannot_be_kept_is_said(tmp_path: Path, ingest: Ingesting) -> None:
    twice = ingest(b"id,z,z\n1,2,3\n", "csv", contract(ID))
    assert twice.rows == [(1, "2")]
    assert any("`z` more than once" in notice for notice in twice.notices)
    (tmp_path / "a.csv").write_bytes(b"id\n1\n")
    (tmp_path / "b.csv").write_bytes(b"id,z\n2,x\n")
    later = contract(ID).ingest([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert later.read().rows() == [(1,), (2,)]
    assert any("left out" in notice and "`z`" in notice for notice in later.notices)
    inner = {"name": "at", "logicalType": "object", "properties": [{"name": "zip", "logicalType": "string"}]}
    deep = ingest(b'{"at":{"zip":"1","more":2},"beside":3}\n', "ndjson", contract(inner))
    assert deep.rows == [({"zip": "1"}, '{"beside":3}')]
    (notice,) = deep.notices
    assert "`at.more`" in notice
    assert "beside" not in notice
    assert ingest(b'{"at":{"zip":"1"},"beside":3}\n', "ndjson", contract(inner)).notices == []


def test_objects_and_arrays_without_a_shape(ingest: Ingesting, tmp_path: Path) -> None:
    values = ["5", '{"x": [1, {"y": null}]}', "[1,2]", '"{}"', "null", "{}", "true"]
    source = "".join(f'{{"a":{value}}}\n' for value in values).encode()
    ran = ingest(source, "ndjson", contract({"name": "a", "logicalType": "object"}))
    assert [row[0] for row in ran.rows] == [values[1], None, "{}"]
    assert [line["record"] for line in ran.lines] == [0, 2, 3, 6]
    assert ran.clause("a.logicalType")["failing"] == 4
    lists = ingest(source, "ndjson", contract({"name": "a", "logicalType": "array"}))
    assert [row[0] for row in lists.rows] == [["1", "2"], None]
    (tmp_path / "o.yaml").write_text(text_of({"name": "a", "logicalType": "object"}), encoding="utf-8")
    (tmp_path / "in.ndjson").write_bytes(source)
    guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", "out.ndjson", folder=tmp_path)
    written = (tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in written] == [{"a": json.loads(values[at])} for at in (1, 4, 5)]
    assert (
        ingest(tmp_path / "out.ndjson", by=contract({"name": "a", "logicalType": "object"})).document["status"]
        == "accept"
    )


@pytest.mark.parametrize(
    "custom", [{"csvNulls": ["NA", "-1"]}, {"csvHeader": False}, {"csvDelimiter": ";", "csvQuote": "'"}], ids=str
)
@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_written_csv_is_of_the_contract_s_dialect(custom: dict[str, Any], ending: str, tmp_path: Path) -> None:
    text = {"name": "t", "logicalType": "string"}
    rows = [(-1, "NA"), (2, "a'b"), (3, 'c;d,"e"'), (None, None), (4, "")]
    (tmp_path / "o.yaml").write_text(text_of(ID, text, undeclaredColumns="drop", **custom), encoding="utf-8")
    source = "".join(json.dumps({"id": number, "t": word}) + "\n" for number, word in rows)
    (tmp_path / "in.ndjson").write_text(source, encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", f"out.{ending}", folder=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    again = contract(ID, text, undeclaredColumns="drop", **custom).ingest(tmp_path / f"out.{ending}")
    assert again.read().rows() == rows
    assert again.verdict.status == "accept"


def test_csv_without_a_header_has_the_declared_columns(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(text_of(ID, csvHeader=False), encoding="utf-8")
    (tmp_path / "in.ndjson").write_text('{"id":1,"z":2}\n', encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", "out.csv", folder=tmp_path)
    assert b"dialect-unreadable" in done.stderr
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_undeclared_names_have_a_limit(form: str) -> None:
    names = [f"n{number:05}" for number in range(2_500)]
    if form == "csv":
        source = (",".join(["id", *names]) + "\n").encode()
    else:
        source = "".join(f'{{"id":1,"{name}":2}}\n' for name in reversed(names)).encode()
    by = contract(ID, undeclaredColumns="drop")
    verdicts = {by.ingest(source, form, chunk_bytes=size).verdict.to_json() for size in (1 << 10, 1 << 16, 1 << 20)}
    (text,) = verdicts
    document = json.loads(text)
    assert document["undeclared"] == names[:1_000]
    assert document["undeclaredMore"] is True
    few = by.ingest(b'{"id":1,"z":2}\n', "ndjson").verdict.document
    assert few["undeclared"] == ["z"]
    assert "undeclaredMore" not in few


UNHELD = {
    "decimal256": pa.array([Decimal(1)], pa.decimal256(40, 1)),
    "a negative scale": pa.array([Decimal(100)], pa.decimal128(10, -2)),
    "run ends": pa.RunEndEncodedArray.from_arrays([1], [5]),
    "list view": pa.array([[1]], pa.list_view(pa.int64())),
    "interval": pa.array([pa.MonthDayNano([1, 2, 3])]),
    "union": pa.UnionArray.from_dense(pa.array([0], pa.int8()), pa.array([0], pa.int32()), [pa.array([1])]),
    "inside": pa.array([[{"x": Decimal(1)}]], pa.list_(pa.struct([("x", pa.decimal256(40, 1))]))),
}


def arrow_file(*columns: tuple[str, pa.Array]) -> bytes:
    table = pa.Table.from_arrays([array for _, array in columns], names=[name for name, _ in columns])
    out = io.BytesIO()
    with pa.ipc.new_file(out, table.schema) as file:
        file.write_table(table)
    return out.getvalue()


@pytest.mark.parametrize("what", UNHELD)
def test_columns_that_polars_has_no_type_for(what: str) -> None:
    """An error of ours, before polars panics; the verdict is there all the same."""
    run = contract(ID).ingest(arrow_file(("id", pa.array([1])), ("a", UNHELD[what])), "arrow")
    for use in (lambda: next(iter(run)), run.read):
        with pytest.raises(gn.FrameError, match="`a`") as caught:
            use()
        assert (caught.value.code, bool(caught.value.help)) == ("frame-unreadable", True)
    assert run.verdict.status == "accept"


def test_two_columns_of_one_name_are_no_frame() -> None:
    run = contract(ID).ingest(arrow_file(("id", pa.array([1])), ("z", pa.array([1])), ("z", pa.array([2]))), "arrow")
    with pytest.raises(gn.FrameError, match="`z`") as caught:
        run.read()
    assert caught.value.code == "column-ambiguous"


def test_a_thread_comes_alone() -> None:
    """A second one is told, and costs the first nothing."""
    # Progress is told no more often than every 50 ms: enough chunks that they take longer.
    source = b'{"id":1}\n' * 200_000
    inside, go = threading.Event(), threading.Event()

    def progress(_: int) -> None:
        inside.set()
        go.wait(60)

    run = contract(ID).ingest(source, "ndjson", chunk_bytes=512, progress=progress)
    found: list[pl.DataFrame] = []
    thread = threading.Thread(target=lambda: found.append(run.read()))
    thread.start()
    try:
        assert inside.wait(60)
        for use in (lambda: next(iter(run)), run.close, lambda: run.verdict):
            with pytest.raises(gn.UsageError) as caught:
                use()
            assert caught.value.code == "ingestion-busy"
    finally:
        go.set()
        thread.join()
    assert found[0].height == 200_000


def test_the_greatest_single_in_its_shortest_digits(ingest: Ingesting) -> None:
    by = contract({"name": "n", "logicalType": "number", "logicalTypeOptions": {"format": "f32"}})
    ran = ingest(b'{"n":3.4028235e38}\n{"n":3.4028236e38}\n{"n":-3.4028235e38}\n', "ndjson", by)
    assert [line["record"] for line in ran.lines] == [1]
