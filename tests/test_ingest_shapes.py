"""Objects that declare no properties: any object will do, at any depth, and comes out as it went in (S9.4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from command import guard_nb_call
from ingesting import Ingesting, contract, text_of

ANY: dict[str, Any] = {"logicalType": "object"}
PLACES: dict[str, tuple[dict[str, Any], str]] = {
    "top": ({"name": "a", **ANY}, '{"a":%s}'),
    "object": ({"name": "a", **ANY, "properties": [{"name": "b", **ANY}]}, '{"a":{"b":%s}}'),
    "list": ({"name": "a", "logicalType": "array", "items": ANY}, '{"a":[%s]}'),
    "second": ({"name": "a", "logicalType": "array", "items": ANY}, '{"a":[{},%s,{"z":[]}]}'),
    "deep": (
        {
            "name": "a",
            "logicalType": "array",
            "items": {**ANY, "properties": [{"name": "b", "logicalType": "array", "items": ANY}]},
        },
        '{"a":[{"b":[%s]}]}',
    ),
    "lists": (
        {"name": "a", "logicalType": "array", "items": {"logicalType": "array", "items": ANY}},
        '{"a":[[%s],[]]}',
    ),
}
PATHS = {"top": "a", "object": "a.b", "list": "a[]", "second": "a[]", "deep": "a[].b[]", "lists": "a[][]"}
GOOD = ['{"x":[1,{"y":null}],"é":"\\"\\u0007"}', "{}", "null", '{ "n" : 1.50e3 }']
BAD = ["5", "[1,2]", '"{}"', "true", '"x"']


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("threads", [1, 2])
def test_any_object_is_read_and_nothing_else(place: str, threads: int, ingest: Ingesting) -> None:
    shape, text = PLACES[place]
    values = [value for pair in zip(GOOD, BAD, strict=False) for value in pair] + BAD[4:]
    source = "".join(text % value + "\n" for value in values).encode()
    ran = ingest(source, "ndjson", contract(shape), threads=threads, chunk_bytes=7)
    assert [line["raw"] for line in ran.lines] == [text % value for value in BAD]
    for line in ran.lines:
        assert [reason["code"] for reason in line["reasons"]] == ["type-mismatch"]
    clause = ran.clause(f"{PATHS[place]}.logicalType")
    assert (clause["coverage"], clause["outcome"], clause["failing"]) == ("executed", "fail", len(BAD))
    assert len(ran.rows) == len(GOOD)


@pytest.mark.parametrize("place", PLACES)
def test_objects_are_written_as_they_were(place: str, tmp_path: Path, ingest: Ingesting) -> None:
    shape, text = PLACES[place]
    (tmp_path / "o.yaml").write_text(text_of(shape), encoding="utf-8")
    source = "".join(text % value + "\n" for value in GOOD)
    (tmp_path / "in.ndjson").write_text(source, encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", "out.ndjson", folder=tmp_path)
    assert (done.returncode, b"note:" in done.stderr) == (0, False), done.stderr.decode()
    written = (tmp_path / "out.ndjson").read_text(encoding="utf-8")
    assert written == source
    assert ingest(tmp_path / "out.ndjson", by=contract(shape)).document["status"] == "accept"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("ending", ["csv", "parquet", "arrow"])
def test_where_objects_have_no_place_it_is_said(place: str, ending: str, tmp_path: Path) -> None:
    shape, text = PLACES[place]
    (tmp_path / "o.yaml").write_text(text_of(shape), encoding="utf-8")
    (tmp_path / "in.ndjson").write_text(text % GOOD[0] + "\n", encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", f"out.{ending}", folder=tmp_path)
    assert done.returncode == 0
    assert f"note: `{PATHS[place]}` holds JSON objects of no declared properties" in done.stderr.decode()
    # With properties there is nothing to say.
    (tmp_path / "o.yaml").write_text(text_of({"name": "k", "logicalType": "string"}), encoding="utf-8")
    (tmp_path / "in.ndjson").write_text('{"k":"{}"}\n', encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", f"out.{ending}", folder=tmp_path)
    assert (done.returncode, b"no declared properties" in done.stderr) == (0, False)


@pytest.mark.parametrize("place", PLACES)
def test_members_that_are_not_checked_are_noted_once(place: str) -> None:
    shape, _ = PLACES[place]
    found = [finding for finding in contract(shape).lint() if finding.code == "properties-undeclared"]
    assert [(finding.level, f"`{PATHS[place]}`" in finding.message) for finding in found] == [("info", True)]


@pytest.mark.parametrize(
    "shape",
    [
        {"name": "a", **ANY, "properties": [{"name": "b", "logicalType": "string"}]},
        {"name": "a", "logicalType": "array"},
        {"name": "a", "logicalType": "string"},
        {"name": "a"},
    ],
    ids=str,
)
def test_other_shapes_are_not_noted(shape: dict[str, Any]) -> None:
    assert "properties-undeclared" not in [finding.code for finding in contract(shape).lint()]


def test_frames_have_any_structs_there() -> None:
    """In a frame, an object without properties is any struct, or map; a text is none."""
    by = contract(PLACES["deep"][0])
    good = pl.DataFrame({"a": [[{"b": [{"x": 1}]}, {"b": [None]}], []]})
    assert by.check(good).status == "accept"
    texts = pl.DataFrame({"a": [[{"b": ["{}"]}]]})
    assert by.check(texts).status == "reject"


def test_what_was_read_is_judged_by_rules_beside_it(ingest: Ingesting) -> None:
    by = contract({"name": "n", "logicalType": "integer", "required": True}, PLACES["list"][0])
    ran = ingest(b'{"n":1,"a":[{"x":1}]}\n{"n":null,"a":[{}]}\n{"n":2,"a":[3]}\n', "ndjson", by)
    assert [json.loads(line["raw"]).get("n") for line in ran.lines] == [None, 2]
    assert len(ran.rows) == 1
