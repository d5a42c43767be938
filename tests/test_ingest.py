"""Ingestion from Python: values, dialects, accounts, sources, quarantine (S9, S10)."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator

import guard_nb as gn
from ingesting import ID, MARK, SCHEMA, TEXT, VALIDATOR, Ingesting, contract


def test_unreadable_values_are_named(ingest: Ingesting) -> None:
    inner = {"name": "a", "logicalType": "object", "properties": [{"name": "z", "logicalType": "integer"}]}
    tags = {"name": "tags", "logicalType": "array", "items": {"logicalType": "integer"}}
    bad = b'{"id":"1","a":{"z":1.5},"tags":[1,"x"]}'
    ran = ingest(
        bad + b'\n{"id":1,"a":{"z":1},"tags":[1,null]}\n', "ndjson", contract(ID, inner, tags, undeclaredColumns="drop")
    )
    assert ran.rows == [(1, {"z": 1}, [1, None])]
    assert [(reason["code"], reason["path"]) for reason in ran.lines[0]["reasons"]] == [
        ("type-mismatch", "id"),
        ("type-mismatch", "a.z"),
        ("type-mismatch", "tags[1]"),
    ]


def test_null_in_csv_has_no_quotes(ingest: Ingesting) -> None:
    source = b'id,t\n,\nNA,NA\n1,""\n2,"NA"\n3, \n'
    ran = ingest(source, "csv", csv=gn.Csv(nulls=("NA",)))
    assert ran.rows == [(None, None), (None, None), (1, ""), (2, "NA"), (3, " ")]
    quoted = ingest(b'id,t\n"",a\n', "csv")
    assert quoted.found == [(0, 2, [5, 9], ["type-mismatch"], b'"",a')]


def test_null_in_json_is_null_or_absent(ingest: Ingesting) -> None:
    ran = ingest(b'{"id":null,"t":""}\n{}\n{"t":"null"}\n', "ndjson", contract(undeclaredColumns="drop"))
    assert ran.rows == [(None, ""), (None, None), (None, "null")]


@pytest.mark.parametrize(
    ("policy", "csv_rows", "json_rows"),
    [
        ("keep", [(1, "a", "b")], [(1, None, '{"z":[1, 2]}'), (2, None, None)]),
        ("drop", [(1, "a")], [(1, None), (2, None)]),
        ("quarantine", [], [(2, None)]),
        ("deny", [], [(2, None)]),
    ],
)
def test_undeclared(policy: str, csv_rows: Any, json_rows: Any, ingest: Ingesting) -> None:
    by = contract(undeclaredColumns=policy)
    row = ingest(b"id,z,t\n1,b,a\n", "csv", by)
    assert row.rows == csv_rows
    record = ingest(b'{"id":1,"z":[1, 2]}\n{"id":2}\n', "ndjson", by)
    assert record.rows == json_rows
    for ran in (row, record):
        refused = policy in ("quarantine", "deny")
        assert [line["reasons"] for line in ran.lines] == [
            [{"code": "column-undeclared", "clause": "o.undeclaredColumns", "path": "z"}]
        ] * refused
    assert record.document["undeclared"] == ["z"]


def test_deny_without_records(ingest: Ingesting) -> None:
    ran = ingest(b"id,t,z\n", "csv", contract(undeclaredColumns="deny"))
    assert (ran.document["status"], ran.document["records"]["total"]) == ("accept", 0)


def test_headers_name_columns_in_any_order(ingest: Ingesting) -> None:
    assert ingest(b't,"id"\na,1\n', "csv").rows == [(1, "a")]
    assert ingest(b"1,a\n", "csv", csv=gn.Csv(header=False)).rows == [(1, "a")]
    assert ingest(b"1,a\n", "csv", contract(csvHeader=False)).rows == [(1, "a")]


def test_a_column_that_is_missing_fails_presence(ingest: Ingesting) -> None:
    ran = ingest(b"id\n1\n", "csv")
    assert ran.rows == []
    presence = ran.clause("t.presence")
    assert (presence["outcome"], presence["code"], presence["failing"]) == ("fail", "column-missing", 1)


def test_a_column_twice_is_ambiguous(ingest: Ingesting) -> None:
    ran = ingest(b"id,t,t\n1,a,b\n", "csv")
    assert (ran.document["status"], ran.rows) == ("unknown", [])
    assert (ran.clause("t.presence")["coverage"], ran.clause("t.presence")["code"]) == ("refused", "column-ambiguous")
    # The other columns are judged all the same.
    assert ran.clause("id.logicalType")["evaluated"] == 1


def test_dialects_of_contracts_and_callers(ingest: Ingesting) -> None:
    by = contract(csvDelimiter=";", csvQuote="'", csvNulls=["-"])
    assert ingest(b"id;t\n1;'a;b'\n2;-\n", "csv", by).rows == [(1, "a;b"), (2, None)]
    assert ingest(b"id,t\n1,a\n", "csv", by, csv=gn.Csv(delimiter=",")).rows == [(1, "a")]
    assert ingest(b"id\tt\n1\ta\n", "tsv").rows == [(1, "a")]


def test_a_dialect_is_guessed_when_asked(ingest: Ingesting) -> None:
    ran = ingest(b"id;t\n1;a\n2;b\n", "csv", csv=gn.Csv(sniff=True))
    assert ran.rows == [(1, "a"), (2, "b")]
    (notice,) = ran.notices
    assert "semicolon" in notice


@pytest.mark.parametrize(("form", "body", "header"), [("csv", b"id,t\n1,a\n", 5), ("ndjson", b'{"id":1,"t":"a"}\n', 0)])
def test_a_byte_order_mark_is_header(form: str, body: bytes, header: int, ingest: Ingesting) -> None:
    ran = ingest(MARK + body, form, contract(undeclaredColumns="drop"))
    assert ran.rows == [(1, "a")]
    assert ran.document["bytes"]["header"] == header + len(MARK)


@pytest.mark.parametrize("form", ["ndjson", "json", "csv"])
def test_no_bytes_are_no_records(form: str, ingest: Ingesting) -> None:
    ran = ingest(b"", form)
    assert (ran.document["records"]["total"], ran.document["bytes"]["total"]) == (0, 0)


def test_a_header_alone_is_accepted(ingest: Ingesting) -> None:
    ran = ingest(b"id,t\r\n", "csv")
    assert (ran.rows, ran.columns, ran.document["status"]) == ([], ["id", "t"], "accept")
    assert ran.document["bytes"] == {"total": 6, "header": 6} | dict.fromkeys(
        ("accepted", "rejected", "unknown", "separators", "blank"), 0
    )


def test_where_every_byte_goes(ingest: Ingesting) -> None:
    ran = ingest(b"id,t\n1,a\n\nx,b\r\n2,c", "csv")
    assert ran.document["bytes"] == {
        "total": 18,
        "header": 5,
        "accepted": 6,
        "rejected": 3,
        "unknown": 0,
        "separators": 3,
        "blank": 1,
    }
    ran = ingest(b'[ {"id":1} , {"id":"x"} ]', "json")
    assert ran.document["bytes"] == {
        "total": 25,
        "header": 0,
        "accepted": 8,
        "rejected": 10,
        "unknown": 0,
        "separators": 7,
        "blank": 0,
    }


def test_blank_lines(ingest: Ingesting) -> None:
    ran = ingest(b'{"id":1}\r\n \t\r\n\n{"id":2}', "ndjson", contract(ID, undeclaredColumns="drop"))
    assert (ran.rows, ran.document["bytes"]["blank"]) == ([(1,), (2,)], 5)
    # In a source of one column an empty line is a record of NULL.
    assert ingest(b"id\n1\n\n2\n", "csv", contract(ID)).rows == [(1,), (None,), (2,)]


def test_ranges_are_of_the_text_as_utf8(ingest: Ingesting) -> None:
    source = "id,t\n1,é\nx,é\n".encode("cp1252")
    ran = ingest(source, "csv", csv=gn.Csv(encoding="windows-1252"))
    assert ran.lines[0]["bytes"] == [10, 14]
    account = ran.document["bytes"]
    assert (account["total"], account["converted"]) == (len(source), 2)


def test_other_encodings_are_read(tmp_path: Path) -> None:
    for encoding, label in (("cp1252", "windows-1252"), ("utf-16", "utf-16le")):
        run = contract().ingest("id,t\n1,é\n".encode(encoding), "csv", csv=gn.Csv(encoding=label))
        assert run.read().rows() == [(1, "é")]
    # Not of the declared encoding: that record alone.
    run = contract().ingest(b"id,t\n1,\x81\n2,a\n", "csv", csv=gn.Csv(encoding="shift_jis"))
    assert run.read().rows() == [(2, "a")]
    assert {"encoding-invalid"} == {
        fault["code"] for clause in run.verdict.document["clauses"] for fault in clause.get("faults", [])
    }


@pytest.fixture
def two(tmp_path: Path) -> list[str]:
    (tmp_path / "a.csv").write_bytes(b"id,t\n1,a\nx,b\n")
    (tmp_path / "b.csv").write_bytes(b"t,id\nc,1\nd,2\n")
    return [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]


def test_several_files_bear_their_names(two: list[str], tmp_path: Path, ingest: Ingesting) -> None:
    for source in (two, str(tmp_path / "[ab].csv")):
        ran = ingest(source)
        assert ran.rows == [(1, "a"), (1, "c"), (2, "d")]
        assert [(line["source"], line["record"], line["line"]) for line in ran.lines] == [(two[0], 1, 3)]
        assert ran.document["sources"] == [{"source": path, "ranges": [[0, 2]]} for path in two]
        assert ran.document["bytes"]["total"] == sum(os.path.getsize(path) for path in two)
    assert ingest(two[0]).document["sources"] == [{"source": "", "ranges": [[0, 2]]}]


def test_keys_are_those_of_all_files(two: list[str], ingest: Ingesting) -> None:
    ran = ingest(two, by=contract({**ID, "unique": True}, TEXT))
    assert ran.rows == [(2, "d")]
    found = [(line["source"], line["record"], [reason["code"] for reason in line["reasons"]]) for line in ran.lines]
    assert found == [(two[0], 0, ["value-duplicate"]), (two[0], 1, ["type-mismatch"]), (two[1], 0, ["value-duplicate"])]


def test_compressed_files(tmp_path: Path, ingest: Ingesting) -> None:
    plain = b'{"id":1}\n[]\n{"id":2}\n'
    for name, content in (
        ("x.ndjson.gz", gzip.compress(plain)),
        ("y.ndjson.gz", gzip.compress(plain[:9]) + gzip.compress(plain[9:])),
    ):
        (tmp_path / name).write_bytes(content)
        ran = ingest(tmp_path / name)
        assert [row[0] for row in ran.rows] == [1, 2]
        # Ranges are of the text after decompression.
        assert ran.found == [(1, 2, [9, 11], ["json-not-object"], b"[]")]
        assert ran.document["bytes"]["total"] == len(plain)


def test_zstd_files(tmp_path: Path, ingest: Ingesting) -> None:
    with pa.CompressedOutputStream(tmp_path / "x.ndjson.zst", "zstd") as file:
        file.write(b'{"id":1}\n')
    assert [row[0] for row in ingest(tmp_path / "x.ndjson.zst").rows] == [1]


def test_columnar_files_have_values(tmp_path: Path, ingest: Ingesting) -> None:
    frame = pl.DataFrame({"id": [1, None], "t": ["a", "b"]})
    frame.write_parquet(tmp_path / "x.parquet")
    frame.write_ipc(tmp_path / "x.arrow")
    by = contract({**ID, "required": True}, TEXT)
    for name in ("x.parquet", "x.arrow"):
        ran = ingest(tmp_path / name, by=by)
        assert ran.rows == [(1, "a")]
        (line,) = ran.lines
        assert (line["record"], line["values"], line["reasons"][0]["code"]) == (
            1,
            {"id": None, "t": "b"},
            "value-missing",
        )
        assert "bytes" not in ran.document


def refused(
    code: str, *given: Any, by: gn.Contract | None = None, error: type[Exception] = gn.IngestError, **options: Any
) -> None:
    with pytest.raises(error) as caught:
        _ = (by or contract()).ingest(*given, **options).verdict
    assert caught.value.code == code
    assert caught.value.help


def test_sources_that_cannot_be_read(tmp_path: Path, two: list[str]) -> None:
    refused("file-missing", tmp_path / "nowhere.csv")
    refused("file-missing", [])
    refused("file-is-folder", tmp_path)
    refused("glob-no-match", str(tmp_path / "*.cvs"))
    refused("file-format-unknown", b"x")
    refused("file-format-unknown", b"x", "cvs", error=gn.UsageError)
    (tmp_path / "c.ndjson").write_bytes(b"{}\n")
    refused("file-format-unknown", [two[0], str(tmp_path / "c.ndjson")])
    refused("file-unreadable", b"PAR1 and no footer", "parquet")
    refused("file-unreadable", gzip.compress(b'{"id":1}\n' * 1000)[:-10], "ndjson")
    refused("file-unreadable", io.StringIO("id,t\n"), "csv", error=gn.UsageError)
    refused("ratio-exceeded", gzip.compress(b"\n" * (80 << 20)), "ndjson")
    refused("file-unwritable", b"{}", "ndjson", tmp_path / "none" / "q.ndjson")
    refused("object-unknown", b"{}", "ndjson", object="customers")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all files")
def test_permissions(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"id,t\n")
    (tmp_path / "x.csv").chmod(0)
    refused("permission-denied", tmp_path / "x.csv")


def test_headers_and_dialects_that_cannot_be_read(two: list[str], tmp_path: Path) -> None:
    refused("header-unreadable", b'id,"t\n1,a\n', "csv")
    refused("header-unreadable", b"id,\0t\n1,a\n", "csv")
    (tmp_path / "c.csv").write_bytes(b"id\n1\n")
    refused("header-unreadable", [two[0], str(tmp_path / "c.csv")])
    (tmp_path / "c.csv").write_bytes(b"id,t,t\n1,a,b\n")
    refused("header-unreadable", [two[0], str(tmp_path / "c.csv")])
    refused("columns-exceeded", b",".join(b"%d" % n for n in range(16_385)) + b"\n", "csv")
    refused("encoding-unknown", b"id,t\n", "csv", csv=gn.Csv(encoding="latin-99"))
    refused("dialect-unreadable", b"id,t\n", "csv", csv=gn.Csv(delimiter='"'))
    refused("dialect-unreadable", b"id,t\n", "csv", csv=gn.Csv(quote="\n"))
    refused("dialect-unreadable", b"id,t\n", "csv", by=contract(csvDelimiter="ab"))
    refused("dialect-unreadable", b"id,t\n", "csv", csv=gn.Csv(delimiter="ab"), error=gn.UsageError)


def test_a_column_twice_in_each_of_several_files_is_refused_as_in_one(tmp_path: Path) -> None:
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for file in files:
        file.write_bytes(b"id,t,t\n1,a,b\n")
    for given in (files[:1], files):
        assert "column-ambiguous" in contract().ingest(given).verdict.to_json()


def test_closing(tmp_path: Path) -> None:
    run = contract().ingest(b"{}\n", "ndjson", tmp_path / "q.ndjson")
    run.close()
    run.close()
    for use in (lambda: list(run), run.read):
        with pytest.raises(gn.UsageError) as caught:
            use()
        assert caught.value.code == "ingestion-closed"
    assert os.listdir(tmp_path) == []


def test_a_closed_ingestion_has_no_verdict() -> None:
    run = contract().ingest(b"{}\n", "ndjson")
    run.close()
    with pytest.raises(gn.UsageError) as caught:
        _ = run.verdict
    assert caught.value.code == "ingestion-closed"


def test_the_quarantine_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "q.ndjson"

    def stop() -> None:
        with contract().ingest(b"[]\n{}\n", "ndjson", path) as run:
            assert len(list(run)) == 1
            raise LookupError

    with pytest.raises(LookupError):
        stop()
    assert os.listdir(tmp_path) == []
    with contract().ingest(b"[]\n{}\n", "ndjson", path):
        assert not path.exists()
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def broken() -> dict[str, Any]:
    """Edits that make a line of a quarantine file none."""
    return {
        "another key": lambda line: line.update(more=1),
        "no reasons": lambda line: line.update(reasons=[]),
        "another status": lambda line: line.update(status="accepted"),
        "a range of one": lambda line: line.update(bytes=[1]),
        "line 0": lambda line: line.update(line=0),
        "no bytes": lambda line: line.pop("raw"),
        "bytes twice": lambda line: line.update(rawBase64="eA=="),
        "bytes and values": lambda line: line.update(values={}),
    }


@pytest.mark.parametrize("edit", broken().values(), ids=broken().keys())
def test_the_schema_of_quarantine_files_is_one(edit: Any, ingest: Ingesting) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    (line,) = ingest(b"id,t\nx,a\n", "csv").lines
    edit(line)
    assert not VALIDATOR.is_valid(line)
