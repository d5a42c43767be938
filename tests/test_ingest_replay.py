"""Quarantine files as a source: each record is read as the one record that it was, in the way that its source was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import guard_nb as gn
from ingesting import ID, Ingesting, Ran, contract

A, B, C = ({"name": name, "logicalType": "integer"} for name in "abc")
LEAST = {**C, "logicalTypeOptions": {"minimum": 0}}


def file_of(ran: Ran, *lines: dict[str, Any], **header: Any) -> bytes:
    """A quarantine file of these lines."""
    return "".join(json.dumps(line) + "\n" for line in ({**ran.header, **header}, *lines)).encode()


def codes(ran: Ran) -> list[list[str]]:
    return [[reason["code"] for reason in line["reasons"]] for line in ran.lines]


def test_records_keep_the_header_of_their_source(tmp_path: Path, ingest: Ingesting) -> None:
    by = contract(A, B, LEAST)
    sources = {"one": b"a,b,c\n1,2,3\n4,5,-6\n", "two": b"b,a,c\n20,10,-1\n", "three": b"c,b,a\n-9,8,7\n"}
    for name, text in sources.items():
        (tmp_path / f"{name}.csv").write_bytes(text)
    ran = ingest([str(tmp_path / f"{name}.csv") for name in sources], by=by)
    assert ran.header["input"]["header"] == "a,b,c"
    assert [line.get("header") for line in ran.lines] == [None, "b,a,c", "c,b,a"]
    again = ingest(file_of(ran, *ran.lines), "quarantine", by)
    # Records that are quarantined once more can be read once more.
    assert [line.get("header") for line in again.lines] == [None, "b,a,c", "c,b,a"]
    mended = [{**line, "raw": line["raw"].replace("-", "")} for line in again.lines]
    assert ingest(file_of(again, *mended), "quarantine", by).rows == [(4, 5, 6), (10, 20, 1), (7, 8, 9)]
    lacking = file_of(again, {**mended[0], "header": "a,b"})
    with pytest.raises(gn.IngestError, match=r"line 2 of .* has no column `c`") as caught:
        ingest(lacking, "quarantine", by)
    assert caught.value.code == "quarantine-unreadable"


def test_the_same_columns_need_no_second_header(tmp_path: Path, ingest: Ingesting) -> None:
    for name, text in {"one": b"a,b\nx,1\n", "two": b'\n"a",b\r\ny,2\r\n'}.items():
        (tmp_path / f"{name}.csv").write_bytes(text)
    ran = ingest([str(tmp_path / "one.csv"), str(tmp_path / "two.csv")], by=contract(A, B))
    assert ["header" in line for line in ran.lines] == [False, False]


def test_quarantine_files_that_differ_are_refused(tmp_path: Path, ingest: Ingesting) -> None:
    by = contract(A, B, LEAST)
    sources = {
        "one": (b"a,b,c\n5,6,-3\n", "csv", {}),
        "same": (b"a,b,c\n7,8,-4\n", "csv", {}),
        "order": (b"b,a,c\n20,10,-1\n", "csv", {}),
        "dialect": (b"a;b;c\n1;2;-3\n", "csv", {"csv": gn.Csv(delimiter=";")}),
        "format": (b'{"a":"x"}\n', "ndjson", {}),
        "array": (b'[{"a":"y"}]', "json", {}),
    }
    for name, (text, form, options) in sources.items():
        ran = ingest(text, form, by, **options)
        (tmp_path / f"{name}.q").write_bytes(file_of(ran, *ran.lines))

    def path(name: str) -> str:
        return str(tmp_path / f"{name}.q")

    assert codes(ingest([path("one"), path("same")], by=by)) == [["value-out-of-range"]] * 2
    assert codes(ingest([path("format"), path("array")], by=by)) == [["type-mismatch"]] * 2
    for other in ("order", "dialect", "format"):
        for both in ([path("one"), path(other)], [path(other), path("one")]):
            with pytest.raises(gn.IngestError, match="in another way") as caught:
                ingest(both, by=by)
            assert caught.value.code == "quarantine-unlike"
            assert caught.value.help


ONE = {
    "an array that is cut off": (b'[{"a":"1"},', "json", [["record-cut-off"]]),
    "a bracket": (b"[", "json", [["record-cut-off"]]),
    "an element over lines": (b'[{"a":1,\n"b":\n2},{"a":"x"}]', "json", [["type-mismatch"]]),
    "a record that an object is in": (b'[{"o":\n{"a":"x"}\n,\n"a":\n7}]', "json", [["type-mismatch"]]),
    "a line break in a string": (b'[{"a":"x\ny"}]', "json", [["json-syntax"]]),
    "two lines": (b'{"a":1}\n\r\r\n{"a":2}\r\r\n', "ndjson", [["type-mismatch"], ["json-syntax"], ["type-mismatch"]]),
    "an empty line of one column": (b"a\nx\n\ny\n", "csv", [["value-missing"]]),
}


@pytest.mark.parametrize("what", ONE)
def test_a_record_stays_one(what: str, ingest: Ingesting) -> None:
    text, form, expected = ONE[what]
    by = contract({"name": "a", "logicalType": "string", "required": True}, undeclaredColumns="drop")
    ran = ingest(text, form, by)
    again = ingest(file_of(ran, *ran.lines), "quarantine", by)
    assert again.rows == []
    assert [line["raw"] for line in again.lines] == [line["raw"] for line in ran.lines]
    found = [["json-syntax"] if code == ["record-cut-off"] and ran.lines[0]["raw"] else code for code in codes(again)]
    assert [[code for code in codes if code != "value-missing"] or codes for codes in found] == expected
    assert again.document["records"]["rejected"] == len(expected)
    assert [line["line"] for line in again.lines] == list(range(2, 2 + len(expected)))


def test_an_element_over_lines_can_be_mended(ingest: Ingesting) -> None:
    (line,) = (ran := ingest(json.dumps([{"id": "7", "t": "x"}], indent=2).encode(), "json")).lines
    mended = ingest(file_of(ran, {**line, "raw": line["raw"].replace('"7"', "7")}), "quarantine")
    assert mended.rows == [(7, "x", None)]
    # As pretty as it was, and with another one behind it.
    both = file_of(ran, {**line, "raw": '{"id": 7}\n{"id": 8}'})
    assert codes(ingest(both, "quarantine")) == [["json-syntax"]]


@pytest.mark.parametrize("raw", ["", "\n", "1,a\n2,b", '1,"a\n2,b', "\r\n\r\n"])
def test_csv_that_is_no_single_record_is_one_that_is_rejected(raw: str, ingest: Ingesting) -> None:
    ran = ingest(b"id,t\nx,a\n", "csv")
    again = ingest(file_of(ran, {**ran.lines[0], "raw": raw}), "quarantine")
    assert again.rows == []
    assert again.document["records"] == {"total": 1, "accepted": 0, "rejected": 1, "unknown": 0}
    assert [line["raw"] for line in again.lines] == [raw]


def test_a_name_twice_is_ambiguous_there_too(ingest: Ingesting) -> None:
    by = contract(A, B, LEAST)
    ran = ingest(b"a,a,b,c\n1,2,3,4\n", "csv", by)
    again = ingest(file_of(ran, *ran.lines), "quarantine", by)
    assert again.rows == []
    assert (again.lines[0]["status"], codes(again)) == (ran.lines[0]["status"], codes(ran)) == ("unknown", codes(ran))


def test_fields_without_names_are_those_of_their_contract(ingest: Ingesting) -> None:
    by = contract(A, B, LEAST, csvHeader=False)
    ran = ingest(b"1,2,-3\n", "csv", by)
    assert ran.header["input"]["columns"] == ["a", "b", "c"]
    mended = {**ran.lines[0], "raw": "1,2,3"}
    assert ingest(file_of(ran, mended), "quarantine", by).rows == [(1, 2, 3)]
    same = ingest(file_of(ran, mended), "quarantine", contract(A, B, C))
    assert same.rows == [(1, 2, 3)]
    assert "by another contract" in same.notices[0]
    bare = {key: value for key, value in ran.header["input"].items() if key != "columns"}
    assert ingest(file_of(ran, mended, input=bare), "quarantine", by).rows == [(1, 2, 3)]
    for header, judge in (({}, contract(B, A, LEAST)), ({}, contract(A, B)), ({"input": bare}, contract(A, B, C))):
        with pytest.raises(gn.IngestError, match="have no header") as caught:
            ingest(file_of(ran, mended, **header), "quarantine", judge)
        assert caught.value.code == "quarantine-unlike"
        assert caught.value.help


@pytest.mark.parametrize(
    ("text", "limit"), [(b" " * 70_000 + b'{"id":1}\n', 1000), (b"\r\r{\n", 1), (b"{\r\r\r\r\n", 2), (b"\t\t\r\n", 1)]
)
def test_the_start_of_a_record_stays_one(text: bytes, limit: int, ingest: Ingesting) -> None:
    ran = ingest(text, "ndjson", record_bytes=limit)
    (line,) = ran.lines
    # Its limit is that of the records, not that of its lines.
    again = ingest(file_of(ran, line), "quarantine")
    assert {key: again.lines[0][key] for key in ("raw", "rawLength")} == {
        key: line[key] for key in ("raw", "rawLength")
    }
    clause = again.clause("wellFormed")
    assert [fault["code"] for fault in clause["faults"]] == ["record-too-large"]
    assert again.document["bytes"]["rejected"] == again.document["bytes"]["total"] == line["rawLength"]


def test_lines_are_those_of_the_file(ingest: Ingesting) -> None:
    ran = ingest(b'id,t\nx,"a\n\n\nb"\ny,c\n', "csv")
    file = file_of(ran, *ran.lines).replace(b"\n", b"\n\n", 1)
    assert [line["line"] for line in ingest(file, "quarantine").lines] == [3, 4]


def test_elements_and_lines_in_one_check(tmp_path: Path, ingest: Ingesting) -> None:
    (tmp_path / "lines.json").write_bytes(b'{"id":1}\n')
    (tmp_path / "array.json").write_bytes(b'[{"id":2},\n{"id":3}]\n')
    both = [str(tmp_path / "lines.json"), str(tmp_path / "array.json")]
    assert [row[0] for row in ingest(both, by=contract(ID)).rows] == [1, 2, 3]
    assert [row[0] for row in ingest(both[::-1], by=contract(ID)).rows] == [2, 3, 1]


LINE_EDITS: dict[str, str] = {
    "no JSON": "x",
    "no object": "[1]",
    "cut off": '{"raw":"1,2,3"',
    "no bytes": '{"source":"a.csv","record":0}',
    "bytes of NULL": '{"raw":null}',
    "bytes twice": '{"raw":"1,2,3","rawBase64":"MQ=="}',
    "a name twice": '{"raw":"1,2,3","raw":"4,5,6"}',
    "another name twice": '{"raw":"1,2,3","record":0,"record":1}',
    "a misspelt name": '{"Raw":"1,2,3"}',
    "an extra name": '{"raw":"1,2,3","note":"mended"}',
    "a number for bytes": '{"raw":1}',
    "no base64": '{"rawBase64":"?"}',
    "a text for a number": '{"raw":"1,2,3","record":"0"}',
    "a negative number": '{"raw":"1,2,3","rawLength":-1}',
    "a fraction": '{"raw":"1,2,3","rawLength":1.5}',
    "one end": '{"raw":"1,2,3","bytes":[1]}',
    "a header of numbers": '{"raw":"1,2,3","header":[1,2]}',
    "a header without a column": '{"raw":"1,2","header":"a,b"}',
    "a header with a column twice": '{"raw":"1,2,3,4","header":"a,b,c,a"}',
    "a header of NUL": '{"raw":"1,2,3","header":"a,b,c\\u0000"}',
    "a header of two records": '{"raw":"1,2,3","header":"a,b,c\\n1,2,3"}',
    "a lone surrogate": '{"raw":"\\ud800"}',
}


@pytest.mark.parametrize("what", LINE_EDITS)
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_lines_edited_by_hand(what: str, chunk: int, tmp_path: Path, ingest: Ingesting) -> None:
    """A line that says something else than it can is refused with its number; nothing of it is guessed."""
    by = contract(A, B, LEAST)
    ran = ingest(b"a,b,c\n1,2,-3\n", "csv", by)
    path = tmp_path / "edited.q"
    path.write_bytes(file_of(ran, *ran.lines) + b"\n" + LINE_EDITS[what].encode() + b"\n")
    with pytest.raises(gn.IngestError, match="line 4 of") as caught:
        by.ingest(path, chunk_bytes=chunk).read()
    assert (caught.value.code, bool(caught.value.help)) == ("quarantine-unreadable", True)


@pytest.mark.parametrize(
    "line", ['{"raw":"1,2,3"}', '{ "rawBase64" : "MSwyLDM=" }', '{"raw":"3,2,1","header":"c,b,a"}']
)
def test_lines_need_no_more_than_the_bytes(line: str, ingest: Ingesting) -> None:
    ran = ingest(b"a,b,c\n1,2,-3\n", "csv", by := contract(A, B, LEAST))
    assert by.ingest(file_of(ran) + line.encode() + b"\n", "quarantine").read().rows() == [(1, 2, 3)]


HEAD_EDITS: dict[str, Any] = {
    "a misspelt delimiter": {"format": "csv", "header": "a,b,c", "delimeter": ";"},
    "a long delimiter": {"format": "csv", "header": "a,b,c", "delimiter": ";;"},
    "an unknown format": {"format": "xml"},
    "no format": {"header": "a,b,c"},
    "a header without a column": {"format": "csv", "header": "a,b"},
    "a header that is none": {"format": "csv", "header": 'a,"b'},
    "a header of numbers": {"format": "csv", "header": ["a", "b", "c"]},
    "a text": "csv",
}


@pytest.mark.parametrize("what", HEAD_EDITS)
def test_first_lines_edited_by_hand(what: str, ingest: Ingesting) -> None:
    by = contract(A, B, LEAST)
    ran = ingest(b"a,b,c\n1,2,-3\n", "csv", by)
    edited = file_of(ran, {**ran.lines[0], "raw": "1,2,3"}, input=HEAD_EDITS[what])
    if what == "a header without a column":
        # As of the file that such a header stood in: a column is missing, and the record has a field too many.
        again = ingest(edited, "quarantine", by)
        assert (again.rows, again.clause("c.presence")["outcome"]) == ([], "fail")
        return
    with pytest.raises(gn.IngestError) as caught:
        by.ingest(edited, "quarantine").read()
    assert caught.value.code in ("quarantine-unreadable", "dialect-unreadable", "file-format-unknown")
    assert caught.value.help


def test_another_delimiter_is_read_as_the_first_line_says(ingest: Ingesting) -> None:
    """Whatever the contract's own dialect is now."""
    ran = ingest(b"c;b;a\n-3;2;1\n", "csv", contract(A, B, LEAST), csv=gn.Csv(delimiter=";"))
    mended = file_of(ran, {**ran.lines[0], "raw": "3;2;1"})
    for custom in ({}, {"csvDelimiter": "|"}, {"csvHeader": False}):
        assert ingest(mended, "quarantine", contract(A, B, LEAST, **custom)).rows == [(1, 2, 3)]
    assert ingest(mended, "quarantine", contract(A, B, LEAST), csv=gn.Csv(delimiter=",")).rows == [(1, 2, 3)]
