"""The greatest length of a record is of its bytes alone: neither what ends it nor how it is cut changes that (S9.3, S10.3)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingesting import ID, TEXT, Ingesting, contract

LIMIT = 24
BY = contract(ID, TEXT)


def json_record(length: int) -> bytes:
    return b'{"id":1,"t":"' + b"a" * (length - 15) + b'"}'


def csv_record(length: int) -> bytes:
    return b"1," + b"a" * (length - 2)


def quoted(length: int) -> bytes:
    """Over lines."""
    return b'1,"' + (b"\r\nb\nc" + b"a" * length)[: length - 4] + b'"'


KINDS = {"ndjson": json_record, "json": json_record, "csv": csv_record, "quoted": quoted}
BETWEEN = {"ndjson": b'{"id":2}', "json": b'{"id":2}', "csv": b"2,", "quoted": b"2,"}
CODES = {
    "ndjson": "record-too-large",
    "json": "record-too-large",
    "csv": "record-too-large",
    "quoted": "csv-quote-unclosed",
}


def source_of(kind: str, lengths: list[int], ending: bytes, last: bool) -> tuple[bytes, list[tuple[int, bytes]]]:
    """A source of such records with short ones between, and where each of them begins."""
    head = {"json": b"[", "csv": b"id,t" + ending, "quoted": b"id,t" + ending}.get(kind, b"")
    out, places = head, []
    for at, length in enumerate(lengths):
        record = KINDS[kind](length)
        assert len(record) == length
        out += b"," * (kind == "json" and at > 0) + ending * (at > 0)
        places.append((len(out), record))
        out += record + b"," * (kind == "json") + ending + BETWEEN[kind]
    out += b"]" if kind == "json" else b""
    return out + ending * last, places


def told(source: bytes, form: str, **options: Any) -> tuple[Any, ...]:
    """Records and verdict, and what is quarantined is found in the verdict's evidence."""
    run = BY.ingest(source, form, record_bytes=LIMIT, **options)
    rows = run.read().rows()
    return rows, run.verdict.to_json()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("length", [LIMIT - 1, LIMIT, LIMIT + 1])
def test_a_record_at_the_limit(kind: str, ending: bytes, last: bool, length: int, ingest: Ingesting) -> None:
    form = "csv" if kind == "quoted" else kind
    source, places = source_of(kind, [length, length], ending, last)
    found = {
        json.dumps([ran.rows, ran.lines, ran.document], sort_keys=True)
        for size in (*range(1, 70), 1 << 20)
        for ran in (ingest(source, form, BY, record_bytes=LIMIT, chunk_bytes=size, threads=1 + size % 2),)
    }
    assert len(found) == 1
    rows, lines, document = json.loads(found.pop())
    if length <= LIMIT:
        assert (len(rows), lines, document["status"]) == (4, [], "accept")
        return
    assert len([row for row in rows if row[0] == 2]) == 2
    starts = [line["bytes"][0] for line in lines if line["reasons"][0]["code"] == CODES[kind]]
    assert starts == [at for at, _ in places]
    for line, (_, record) in zip((line for line in lines if "rawLength" in line), places, strict=False):
        # An element of an array ends where the next one can be read (S9.10).
        after = len(b"," + ending) if kind == "json" else 0
        assert (line["rawLength"], len(line["raw"])) == (len(record) + after, LIMIT)


@pytest.mark.parametrize("kind", KINDS)
@given(
    lengths=st.lists(st.integers(18, 60), min_size=1, max_size=6),
    ending=st.sampled_from([b"\n", b"\r\n"]),
    last=st.booleans(),
    size=st.integers(1, 200),
    threads=st.integers(1, 2),
    wrap=st.sampled_from(["", "gzip", "zstd"]),
)
def test_chunks_do_not_move_the_limit(
    kind: str, lengths: list[int], ending: bytes, last: bool, size: int, threads: int, wrap: str
) -> None:
    form = "csv" if kind == "quoted" else kind
    source, _ = source_of(kind, lengths, ending, last)
    packed = {"": lambda: source, "gzip": lambda: gzip.compress(source), "zstd": lambda: zstd(source)}[wrap]()
    assert told(packed, form, chunk_bytes=size, threads=threads) == told(source, form)


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


@pytest.mark.parametrize("form", ["ndjson", "json", "csv"])
def test_what_is_kept_of_a_long_record_says_how_long_it_was(form: str, ingest: Ingesting, tmp_path: Path) -> None:
    """Its head alone is kept, and is no record when it is replayed, mended or not."""
    record = {"csv": csv_record}.get(form, json_record)(3_000_000)
    head = {"csv": b"id,t\n", "json": b"["}.get(form, b"")
    source = head + record + {"json": b',\n{"id":7}]', "csv": b"\n7,x\n"}.get(form, b'\n{"id":7}\n')
    ran = ingest(source, form, BY, record_bytes=100_000, chunk_bytes=4096)
    (line,) = ran.lines
    assert (line["rawLength"], line["raw"].encode()) == (3_000_000 + 2 * (form == "json"), record[: 64 << 10])
    assert (tmp_path / "quarantine.ndjson").stat().st_size < 70_000
    for text in (line["raw"], json_record(30).decode() if form != "csv" else "1,x"):
        path = tmp_path / "again.q"
        path.write_text(json.dumps(ran.header) + "\n" + json.dumps({**line, "raw": text}) + "\n", encoding="utf-8")
        again = ingest(path, by=BY)
        assert (again.rows, [each["reasons"][0]["code"] for each in again.lines]) == ([], ["record-too-large"])
    path.write_text(json.dumps(ran.header) + "\n" + json.dumps({**line, "raw": text, "rawLength": len(text)}) + "\n")
    assert len(ingest(path, by=BY).rows) == 1
