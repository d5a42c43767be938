"""Arrow layouts of files: decimals of any width are decimals; what no clause reads is refused by name, and never NULL (S3.2, S10.2)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

import guard_nb as gn
from command import guard_nb_call
from ingesting import ID, contract, text_of

NUMBER = {
    "name": "n",
    "logicalType": "number",
    "logicalTypeOptions": {"minimum": -1, "maximum": 99.5},
    "required": True,
}
VALUES = [Decimal("1.50"), Decimal("-1.00"), Decimal("99.51"), None, Decimal("99.50"), Decimal("-1.01")]


def write(path: Path, **columns: pa.Array) -> Path:
    """A Parquet or Arrow file."""
    table = pa.table(columns)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    return path


@pytest.mark.parametrize("form", ["arrow", "parquet"])
@pytest.mark.parametrize("kind", [pa.decimal32(9, 2), pa.decimal64(18, 2)], ids=str)
def test_narrow_decimals_are_decimals(form: str, kind: pa.DataType, tmp_path: Path) -> None:
    by, wide = contract(NUMBER), pa.decimal128(kind.precision, 2)
    verdicts = []
    for name, each in (("wide", wide), ("narrow", kind)):
        path = write(tmp_path / f"{name}.{form}", n=pa.array(VALUES, each))
        run = by.ingest(path, quarantine=tmp_path / f"{name}.q")
        assert run.read()["n"].to_list() == [VALUES[0], VALUES[1], VALUES[4]]
        verdicts.append(run.verdict.to_json())
    assert verdicts[0] == verdicts[1]
    assert (tmp_path / "wide.q").read_text().replace("wide.", "narrow.") == (tmp_path / "narrow.q").read_text()


@pytest.mark.parametrize("ending", ["ndjson", "csv", "parquet", "arrow"])
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("kind", [pa.decimal32(9, 2), pa.decimal64(18, 2)], ids=str)
def test_narrow_decimals_are_written(ending: str, nested: bool, kind: pa.DataType, tmp_path: Path) -> None:
    values: list[Any] = [Decimal("1.50"), None, Decimal("-7654321.09")]
    array = pa.array([[value] for value in values], pa.list_(kind)) if nested else pa.array(values, kind)
    write(tmp_path / "in.arrow", n=array)
    by = {"name": "n", "logicalType": "array"} if nested else {"name": "n", "logicalType": "number"}
    (tmp_path / "o.yaml").write_text(text_of(by), encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.arrow", "--accepted", f"out.{ending}", folder=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    out = tmp_path / f"out.{ending}"
    if ending == "parquet":
        assert pq.read_table(out)["n"].to_pylist() == array.to_pylist()
    elif ending == "arrow":
        assert pa.ipc.open_file(out).read_all()["n"].to_pylist() == array.to_pylist()
    else:
        texts = ["1.50", "null", "-7654321.09"]
        texts = [f"[{text}]" for text in texts] if nested else texts
        texts = (
            [f'{{"n":{text}}}' for text in texts]
            if ending == "ndjson"
            else [text.replace("null", "") if not nested else f'"{text}"' for text in texts]
        )
        assert out.read_text().splitlines()[ending == "csv" :] == texts


RUNS = pa.RunEndEncodedArray.from_arrays([1, 2], pa.array(["x", None]))
UNION = pa.UnionArray.from_dense(pa.array([0, 0], pa.int8()), pa.array([0, 1], pa.int32()), [pa.array(["x", None])])
UNREAD = {"run-end encoded values": RUNS, "unions": UNION}


@pytest.mark.parametrize("kind", UNREAD)
@pytest.mark.parametrize("way", ["frame", "file"])
def test_layouts_that_no_clause_reads_are_refused_by_name(kind: str, way: str, tmp_path: Path) -> None:
    array = UNREAD[kind]
    inside = pa.StructArray.from_arrays([array], names=["x"])
    listed = pa.ListArray.from_arrays([0, 1, 2], array)
    deep = {
        "name": "s",
        "logicalType": "object",
        "properties": [{"name": "x", "logicalType": "string", "required": True}],
    }
    items = {"name": "l", "logicalType": "array", "items": {"logicalType": "string", "required": True}}
    by = contract({"name": "a", "required": True}, {"name": "b", "logicalType": "string"}, deep, items)
    columns = {"a": array, "b": array, "s": inside, "l": listed}
    if way == "frame":
        document = by.check(pa.table(columns)).document
    else:
        document = by.ingest(write(tmp_path / "in.arrow", **columns)).verdict.document
    clauses = {clause["id"]: clause for clause in document["clauses"]}
    for name, path in {
        "a.required": "a",
        "b.logicalType": "b",
        "s.x.logicalType": "s.x",
        "s.x.required": "s.x",
        "l[].logicalType": "l[]",
        "l[].required": "l[]",
    }.items():
        clause = clauses[f"o.{name}"]
        assert (clause["coverage"], clause["code"]) == ("refused", "layout-not-supported"), name
        assert f"`{path}` holds {kind}" in clause["reason"]
    # The list and the struct themselves are there.
    assert clauses["o.s.logicalType"]["outcome"] == clauses["o.l.logicalType"]["outcome"] == "pass"
    assert document["status"] == "unknown"


@pytest.mark.parametrize("kind", UNREAD)
@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("ending", ["ndjson", "csv", "parquet", "arrow"])
def test_what_has_no_form_is_not_written_as_null(kind: str, nested: bool, ending: str, tmp_path: Path) -> None:
    array = pa.ListArray.from_arrays([0, 1, 2], UNREAD[kind]) if nested else UNREAD[kind]
    write(tmp_path / "in.arrow", id=pa.array([1, 2]), a=array)
    (tmp_path / "o.yaml").write_text(text_of(ID), encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.arrow", "--accepted", f"out.{ending}", folder=tmp_path)
    out = tmp_path / f"out.{ending}"
    if done.returncode == 0:
        read = pq.read_table if ending == "parquet" else lambda path: pa.ipc.open_file(path).read_all()
        found = read(out)["a"].combine_chunks()
        assert ending in ("parquet", "arrow")
        assert found.to_pylist() == array.to_pylist()
        return
    assert done.returncode == 2
    assert not out.exists()
    if ending in ("ndjson", "csv"):
        assert b"layout-not-supported" in done.stderr
        assert (f"`a[]` holds {kind}" if nested else f"`a` holds {kind}") in done.stderr.decode()


def test_fields_of_one_name_are_ambiguous(tmp_path: Path) -> None:
    """In a struct as in a frame, at any depth."""
    twice = pa.StructArray.from_arrays([pa.array([1]), pa.array(["x"]), pa.array([2])], names=["x", "y", "x"])
    deep = [{"name": "x", "logicalType": "integer"}, {"name": "y", "logicalType": "string"}]
    by = contract({"name": "s", "logicalType": "object", "properties": deep})
    path = write(tmp_path / "in.arrow", s=twice)
    for document in (by.check(pa.table({"s": twice})).document, by.ingest(path).verdict.document):
        clauses = {clause["id"]: clause for clause in document["clauses"]}
        assert clauses["o.s.x.logicalType"]["code"] == "column-ambiguous"
        assert clauses["o.s.y.logicalType"]["outcome"] == "pass"
        assert document["status"] == "unknown"
    (tmp_path / "o.yaml").write_text(text_of({"name": "s", "logicalType": "object"}), encoding="utf-8")
    for ending in ("ndjson", "csv", "parquet", "arrow"):
        done = guard_nb_call("check", "o.yaml", "in.arrow", "--accepted", f"out.{ending}", folder=tmp_path)
        assert done.returncode == 2
        assert b"column-ambiguous" in done.stderr
        assert b"`s.x`" in done.stderr
        assert not (tmp_path / f"out.{ending}").exists()


def test_a_map_with_a_key_twice_is_no_json_object(tmp_path: Path) -> None:
    kind = pa.map_(pa.string(), pa.int64())
    (tmp_path / "o.yaml").write_text(text_of({"name": "m", "logicalType": "object"}), encoding="utf-8")
    for name, rows in {"once": [[("a", 1), ("b", 2)], [("a", 3)]], "twice": [[("a", 1)], [("a", 2), ("a", 3)]]}.items():
        write(tmp_path / f"{name}.arrow", m=pa.array(rows, kind))
        done = guard_nb_call("check", "o.yaml", f"{name}.arrow", "--accepted", f"{name}.ndjson", folder=tmp_path)
        if name == "once":
            assert done.returncode == 0, done.stderr.decode()
            lines = (tmp_path / "once.ndjson").read_text().splitlines()
            assert [json.loads(line)["m"] for line in lines] == [dict(row) for row in rows]
        else:
            assert done.returncode == 2
            assert b"json-duplicate-name" in done.stderr
            assert not (tmp_path / "twice.ndjson").exists()
            assert (
                guard_nb_call("check", "o.yaml", "twice.arrow", "--accepted", "t.parquet", folder=tmp_path).returncode
                == 0
            )


def test_a_dictionary_of_decimals_is_judged(tmp_path: Path) -> None:
    plain = pa.array(VALUES, pa.decimal128(9, 2))
    by = contract(NUMBER)
    verdicts = [
        by.ingest(write(tmp_path / f"{name}.arrow", n=array)).verdict.document["records"]
        for name, array in (("plain", plain), ("dictionary", plain.dictionary_encode()))
    ]
    assert verdicts[0] == verdicts[1] == gn.Contract.check(by, pa.table({"n": plain})).document["records"]
