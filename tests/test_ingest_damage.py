"""Each kind of damage by hand: where it is found, and that the records around it are read (S9)."""

from __future__ import annotations

import pytest

import guard_nb as gn
from ingesting import MARK, Ingesting, contract

JSON_DAMAGE = {
    "json-syntax": [
        b'{"id":1,}',
        b'{"id":01}',
        b"{'id':1}",
        b'{"id":NaN}',
        b'{"id":1} x',
        b'{"t":"a\tb"}',
        b"{",
        MARK + b"{}",
        b"tru",
    ],
    "json-not-object": [b"[1, 2]", b"12", b'"x"', b"null"],
    "json-duplicate-name": [b'{"id":1,"id":1}', b'{"id":1,"\\u0069d":2}', b'{"z":{"a":1,"a":2}}'],
    "json-lone-surrogate": [b'{"t":"\\ud800"}', b'{"t":"\\udc00\\ud800"}', b'{"\\ud83dx":1}'],
    "encoding-invalid": [b'{"t":"\xff"}', b'{"t":"\xc3"}', b'{"t":"\xed\xa0\x80"}', b'{"t":"\xc0\xaf"}'],
    "depth-exceeded": [b'{"t":' + b"[" * 64 + b"]" * 64 + b"}"],
}


@pytest.mark.parametrize(("code", "bad"), [(code, bad) for code, all_ in JSON_DAMAGE.items() for bad in all_])
def test_a_damaged_line_stands_alone(code: str, bad: bytes, ingest: Ingesting) -> None:
    first, last = b'{"id":1,"t":"a"}', b'{"id":2,"t":"b"}'
    ran = ingest(b"\n".join([first, bad, last, b""]), "ndjson", contract(undeclaredColumns="drop"))
    assert ran.rows == [(1, "a"), (2, "b")]
    start = len(first) + 1
    assert ran.found == [(1, 2, [start, start + len(bad)], [code], bad)]
    formed = ran.clause("wellFormed")
    assert (formed["code"], formed["evaluated"], formed["failing"]) == ("record-malformed", 3, 1)
    assert [(fault["code"], fault["count"]) for fault in formed["faults"]] == [(code, 1)]
    # No other clause looks at it.
    assert ran.clause("id.logicalType")["evaluated"] == 2


@pytest.mark.parametrize(
    "bad",
    [
        bad
        for code in ("json-syntax", "json-not-object", "json-duplicate-name")
        for bad in JSON_DAMAGE[code]
        # Of an array these are a whole element, and one where a comma should stand.
        if bad != b'{"id":1} x'
    ],
)
def test_a_damaged_element_stands_alone(bad: bytes, ingest: Ingesting) -> None:
    source = b'[{"id":1},\n' + bad + b',\n{"id":2}\n]\n'
    ran = ingest(source, "json", contract(undeclaredColumns="drop"))
    assert ran.rows == [(1, None), (2, None)]
    assert {reason["clause"] for line in ran.lines for reason in line["reasons"]} == {"o.wellFormed"}
    assert ran.lines[0]["bytes"][0] == 11
    assert ran.lines[0]["line"] == 2


def test_what_stands_behind_an_element_is_damaged_alone(ingest: Ingesting) -> None:
    ran = ingest(b'[{"id":1} x,\n{"id":2}]', "json", contract(undeclaredColumns="drop"))
    assert ran.rows == [(1, None), (2, None)]
    assert [(line["record"], line["line"], line["reasons"][0]["code"]) for line in ran.lines] == [(1, 1, "json-syntax")]


def test_64_levels_are_read(ingest: Ingesting) -> None:
    deep = b'{"x":' + b"[" * 63 + b"]" * 63 + b"}"
    assert ingest(deep, "ndjson").rows == [(None, None, deep.decode())]


@pytest.mark.parametrize("bad", [b'{"id": 2', b"{", b'{"id', b'{"id":tr', b'{"t":"\xc3', b'{"t":"\\u00'])
def test_a_record_is_cut_off(bad: bytes, ingest: Ingesting) -> None:
    ran = ingest(b'{"id":1}\n' + bad, "ndjson")
    assert ran.found == [(1, 2, [9, 9 + len(bad)], ["record-cut-off"], bad)]
    assert len(ran.rows) == 1


def test_an_array_is_cut_off(ingest: Ingesting) -> None:
    ran = ingest(b'[{"id":1},\n{"id"', "json")
    assert ran.found == [(1, 2, [11, 16], ["record-cut-off"], b'{"id"')]


CSV_DAMAGE = [
    ("csv-fields-missing", b"1"),
    ("csv-fields-extra", b"1,2,3"),
    ("csv-quote-stray", b'1,5" pipe'),
    ("csv-quote-stray", b'1,"a"b'),
    ("csv-quote-stray", b'1, "a"'),
    ("nul-byte", b"1,\0"),
    ("nul-byte", b"1,\xff\0"),
    ("encoding-invalid", b"1,\xff"),
    ("encoding-invalid", b'1,"\xc3"'),
]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize(("code", "bad"), CSV_DAMAGE)
def test_a_damaged_row_stands_alone(code: str, bad: bytes, ending: bytes, ingest: Ingesting) -> None:
    ran = ingest(ending.join([b"id,t", b"1,a", bad, b"2,b", b""]), "csv")
    assert ran.rows == [(1, "a"), (2, "b")]
    start = len(b"id,t1,a") + 2 * len(ending)
    assert ran.found == [(1, 3, [start, start + len(bad)], [code], bad)]
    assert ran.document["bytes"]["separators"] == 3 * len(ending)


def test_an_open_quote_ends_with_its_line(ingest: Ingesting) -> None:
    ran = ingest(b'id,t\n1,"two\n2,b\n3,c\n', "csv")
    assert ran.rows == [(2, "b"), (3, "c")]
    assert ran.found == [(0, 2, [5, 11], ["csv-quote-unclosed"], b'1,"two')]


def test_quotes_hold_delimiters_and_line_breaks(ingest: Ingesting) -> None:
    ran = ingest(b'id,t\n1,"a,b\r\n""c"""\nx,"d\ne"\n', "csv")
    assert ran.rows == [(1, 'a,b\r\n"c"')]
    # A record's line is that of its first byte; a well-formed record keeps its inner line breaks.
    assert ran.found == [(1, 4, [20, 27], ["type-mismatch"], b'x,"d\ne"')]


@pytest.mark.parametrize("form", ["ndjson", "json"])
def test_long_json_records_are_rejected(form: str, ingest: Ingesting) -> None:
    long = b'{"t":"' + b"a" * 30 + b'"}'
    source = {"ndjson": long + b'\n{"id":2}\n', "json": b"[" + long + b',\n{"id":2}]'}[form]
    ran = ingest(source, form, record_bytes=20)
    assert [line["reasons"][0]["code"] for line in ran.lines] == ["record-too-large"]
    assert [row[0] for row in ran.rows] == [2]


def test_long_rows_are_rejected(ingest: Ingesting) -> None:
    ran = ingest(b"id,t\n1," + b"a" * 30 + b"\n2,b\n", "csv", record_bytes=20)
    assert ran.rows == [(2, "b")]
    assert ran.found[0][:4] == (0, 2, [5, 37], ["record-too-large"])


def test_a_long_record_is_kept_in_part(ingest: Ingesting) -> None:
    ran = ingest(b"id,t\n1," + b"a" * 99_998 + b"\n", "csv", record_bytes=10)
    assert ran.lines[0]["rawLength"] == 100_000
    assert len(ran.lines[0]["raw"]) <= 64 << 10


NUL_ROWS = {
    "first": b"\x00,b",
    "last": b"2,b\x00",
    "alone": b"2,\x00",
    "quoted": b'2,"b\x00c"',
    "quoted first": b'"\x00",b',
    "between quotes": b'2,"b""\x00"',
    "before a quote": b'2,b\x00"',
    "too few fields": b"\x00",
    "too many fields": b"2,b,\x00",
}


@pytest.mark.parametrize("row", NUL_ROWS)
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [True, False])
def test_nul_costs_its_row_alone(row: str, ending: bytes, last: bool, ingest: Ingesting) -> None:
    bad = NUL_ROWS[row]
    source = b"id,t" + ending + b"1,a" + ending + bad + (b"" if last else ending + b'3,"c"' + ending)
    for size in (1, 2, 3, 5, 8, 1 << 20):
        ran = ingest(source, "csv", chunk_bytes=size)
        start = source.index(bad)
        assert ran.found == [(1, 3, [start, start + len(bad)], ["nul-byte"], bad)]
        assert ran.rows == [(1, "a")] if last else [(1, "a"), (3, "c")]


def test_nul_in_a_field_over_lines_ends_with_its_line(ingest: Ingesting) -> None:
    """A malformed record ends at its first line break (S9.14); what follows is read anew."""
    ran = ingest(b'id,t\n1,"a\x00\nb"\n2,c\n', "csv")
    assert [codes for *_, codes, _ in ran.found] == [["nul-byte"], ["csv-quote-stray"]]
    assert ran.rows == [(2, "c")]


@pytest.mark.parametrize("header", [b"id,t\x00", b"\x00id,t", b'id,"t\x00"', b"id\x00", b'"i\x00d",t'])
def test_nul_in_a_header_is_no_header(header: bytes) -> None:
    for size in (1, 3, 1 << 20):
        with pytest.raises(gn.IngestError, match="nul-byte") as caught:
            _ = contract().ingest(header + b"\n1,a\n", "csv", chunk_bytes=size).verdict
        assert (caught.value.code, bool(caught.value.help)) == ("header-unreadable", True)
