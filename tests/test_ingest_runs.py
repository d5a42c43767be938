"""Runs of ingestion: batches, progress, replay of what was quarantined, accepted records as files."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import guard_nb as gn
from command import guard_nb_call
from ingesting import ID, TEXT, Ingesting, contract, quarantine_of, text_of

LINES = [b'{"id":%d,"t":"%s"}' % (number, b"x" * (number % 40)) for number in range(2000)]
LINES[7::100] = [b'{"id":"no"}'] * 20
MANY = b"\n".join(LINES) + b"\n"


def test_batches_are_the_accepted_records_in_order() -> None:
    with contract().ingest(MANY, "ndjson", chunk_bytes=4096, threads=2) as run:
        batches = list(run)
    assert len(batches) > 5
    assert all(isinstance(batch, pl.DataFrame) and batch.height for batch in batches)
    numbers = [number for batch in batches for number in batch["id"].to_list()]
    assert numbers == [number for number in range(2000) if number % 100 != 7]
    assert run.verdict.document["records"] == {"total": 2000, "accepted": 1980, "rejected": 20, "unknown": 0}
    assert run.verdict.document["bytes"]["total"] == len(MANY)
    assert run.verdict is run.verdict
    assert list(run) == []


def test_an_iteration_may_be_left_and_taken_up_again() -> None:
    with contract().ingest(MANY, "ndjson", chunk_bytes=4096) as run:
        first = next(iter(run))
        rest = run.read()
    assert first.height + rest.height == 1980
    assert rest["id"][0] == first["id"][-1] + 1


def test_a_verdict_without_iteration_is_the_same() -> None:
    run = contract().ingest(MANY, "ndjson", chunk_bytes=4096)
    by_hand = contract().ingest(MANY, "ndjson")
    assert sum(batch.height for batch in by_hand) == 1980
    assert run.verdict.to_json() == by_hand.verdict.to_json()


def test_progress_counts_up_and_may_stop() -> None:
    # Told no more often than every 50 ms: enough chunks that they take longer.
    most = MANY * 100
    seen: list[int] = []
    with contract().ingest(most, "ndjson", chunk_bytes=512, progress=seen.append) as run:
        run.read()
    assert seen
    assert seen == sorted(seen)
    assert seen[-1] <= 200_000

    def stop(_: int) -> None:
        raise LookupError("enough")

    stopped = contract().ingest(most, "ndjson", chunk_bytes=512, progress=stop)
    with pytest.raises(LookupError, match="enough"):
        stopped.read()
    with pytest.raises(gn.UsageError, match="closed, or failed"):
        list(stopped)


def replayed(ran: Any, lines: list[dict[str, Any]]) -> bytes:
    return "\n".join(map(json.dumps, [ran.header, *lines])).encode() + b"\n"


SOURCES = {
    "csv": b'id,t\n1,a\nx,"b\nc"\n2\n3,"d\n4,\xff\n',
    "tsv": b"id\tt\n1\ta\nx\tb\n2\n",
    "ndjson": b'{"id":1}\n{"id":"x"}\n{"id":2,}\n[]\n{"t":"\xff"}\n{"id":',
    "json": b'[{"id":1},\n{"id":"x"},\n{"id":2,,},\n{"id":3}]',
}


@pytest.mark.parametrize("form", SOURCES)
def test_replay_gives_the_same_reasons(form: str, ingest: Ingesting) -> None:
    by = contract(undeclaredColumns="drop")
    ran = ingest(SOURCES[form], form, by)
    again = ingest(replayed(ran, ran.lines), "quarantine", by)
    assert again.rows == []
    # The last record of a source that ends in it is one whose end is missing, there and here.
    codes = [[reason["code"] for reason in line["reasons"]] for line in ran.lines]
    found = [[reason["code"] for reason in line["reasons"]] for line in again.lines]
    assert [code for code, _ in zip(found, codes, strict=True)] == [
        ["json-syntax"] if code == ["record-cut-off"] and found[at] != code else code for at, code in enumerate(codes)
    ]
    assert [line.get("raw", line.get("rawBase64")) for line in again.lines] == [
        line.get("raw", line.get("rawBase64")) for line in ran.lines
    ]


def test_repaired_records_are_accepted(ingest: Ingesting) -> None:
    ran = ingest(SOURCES["csv"], "csv")
    mended = dict(zip(ran.lines[0], ran.lines[0].values(), strict=True)) | {"raw": '5,"b\nc"'}
    undecodable = {name: value for name, value in ran.lines[-1].items() if name != "rawBase64"} | {"raw": "4,é"}
    again = ingest(replayed(ran, [mended, *ran.lines[1:-1], undecodable]), "quarantine")
    assert again.rows == [(5, "b\nc"), (4, "é")]
    assert again.document["records"] == {"total": 4, "accepted": 2, "rejected": 2, "unknown": 0}


def test_a_replay_is_known_by_its_first_line(tmp_path: Path, ingest: Ingesting) -> None:
    ran = ingest(b"t,id\na,x\n", "csv")
    path = tmp_path / "bad.ndjson"
    path.write_bytes(replayed(ran, [{**ran.lines[0], "raw": "a,1"}]))
    assert ingest(path).rows == [(1, "a")]


@pytest.mark.parametrize(
    "damage",
    [
        b"{}\n",
        b"",
        b'{"format":"guard-nb/quarantine/v2"}\n',
        b'{"format":"guard-nb/quarantine/v1","input":{"format":"csv"}}\n',
    ],
)
def test_what_is_no_quarantine_file(damage: bytes) -> None:
    with pytest.raises(gn.IngestError) as caught:
        _ = contract().ingest(damage + b'{"id":1}\n', "quarantine").verdict
    assert caught.value.code == "quarantine-unreadable"
    assert caught.value.help


ACCEPTED = b'id,t,d,n\n1,a,2026-01-31,1.50\n2,,,\nx,b,,\n3,"say ""hi"", ok",2024-02-29,-0.01\n'
TYPED = (
    ID,
    TEXT,
    {"name": "d", "logicalType": "date"},
    {"name": "n", "logicalType": "number", "physicalType": "decimal(8,2)"},
)


@pytest.mark.parametrize("ending", ["parquet", "arrow", "ndjson", "csv", "tsv"])
def test_accepted_records_are_a_file_that_is_accepted(ending: str, tmp_path: Path) -> None:
    """Read again by the same contract, all is accepted, with the same values."""
    (tmp_path / "o.yaml").write_text(text_of(*TYPED), encoding="utf-8")
    (tmp_path / "in.csv").write_bytes(ACCEPTED)
    args = (
        "check",
        "o.yaml",
        "in.csv",
        "--format",
        "json",
        "--accepted",
        f"out.{ending}",
        "--quarantine",
        "bad.ndjson",
    )
    done = guard_nb_call(*args, folder=tmp_path)
    assert done.returncode == 1, done.stderr.decode()
    by = contract(*TYPED)
    run = by.ingest(tmp_path / "in.csv")
    rows = run.read().rows()
    assert done.stdout.decode() == run.verdict.to_json() + "\n"
    assert rows[0][3] == Decimal("1.50")
    again = by.ingest(tmp_path / f"out.{ending}")
    assert again.read().select(prop["name"] for prop in TYPED).rows() == rows
    assert again.verdict.document["status"] == "accept"
    _, lines = quarantine_of(tmp_path / "bad.ndjson")
    assert [(line["record"], line["raw"]) for line in lines] == [(2, "x,b,,")]
    if ending == "parquet":
        assert pl.read_parquet(tmp_path / "out.parquet").rows() == rows
    if ending == "arrow":
        assert pl.read_ipc(tmp_path / "out.arrow").rows() == rows


MEMBERS = [
    '{"id":1,"t":"a","at":{"zip":"01099","geo":[51.05,13.74]},"tags":["x",null,"é"],"more":{"n":1e400,"k":[1,{"a":null}]}}',
    '{"id":9223372036854775807,"t":"line\\nbreak \\u0000 \\ud83d\\ude00","at":null,"tags":[],"big":123456789012345678901234567890.10}',
    '{"id":null,"t":"","at":{"zip":"","geo":[]},"tags":null,"":"empty name","q\\"uote":"\\\\"}',
]
NESTED = (
    ID,
    TEXT,
    {
        "name": "at",
        "logicalType": "object",
        "properties": [
            {"name": "zip", "logicalType": "string"},
            {"name": "geo", "logicalType": "array", "items": {"logicalType": "number"}},
        ],
    },
    {"name": "tags", "logicalType": "array", "items": {"logicalType": "string"}},
)


def test_members_come_out_as_they_went_in(tmp_path: Path) -> None:
    """NDJSON to NDJSON: declared members by value, undeclared ones as written, nested or not; the bad line alone is missing."""
    (tmp_path / "o.yaml").write_text(text_of(*NESTED), encoding="utf-8")
    lines = [*MEMBERS[:2], '{"id":"x"}', MEMBERS[2]]
    (tmp_path / "in.ndjson").write_text("\n".join(lines), encoding="utf-8")
    done = guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", "out.ndjson", folder=tmp_path)
    assert done.returncode == 1, done.stderr.decode()
    written = (tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()
    exact = partial(json.loads, parse_float=str, parse_int=str)
    # A declared number is a double, whose shortest digits may be others than those written; these are the same.
    assert [exact(line) for line in written] == [exact(line) for line in MEMBERS]
    again = guard_nb_call("check", "o.yaml", "out.ndjson", "--accepted", "-", "--quiet", folder=tmp_path)
    assert again.returncode == 0
    assert again.stdout.decode().splitlines() == written


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("x")', "a=1", "'=1", ""]


def test_csv_is_safe_to_open_in_a_spreadsheet(tmp_path: Path) -> None:
    """Always, not on demand: texts that begin a formula get a `'` in front; numbers and other formats stay as they are."""
    (tmp_path / "o.yaml").write_text(text_of(), encoding="utf-8")
    source = "".join(json.dumps({"id": -at, "t": text}) + "\n" for at, text in enumerate(FORMULAS))
    (tmp_path / "in.ndjson").write_text(source, encoding="utf-8")
    for ending in ("csv", "tsv", "ndjson"):
        done = guard_nb_call("check", "o.yaml", "in.ndjson", "--accepted", f"out.{ending}", folder=tmp_path)
        assert done.returncode == 0, done.stderr.decode()
    for ending, delimiter in (("csv", ","), ("tsv", "\t")):
        with (tmp_path / f"out.{ending}").open(encoding="utf-8", newline="") as file:
            _, *rows = csv.reader(file, delimiter=delimiter)
        defused = ["'" + text if text[:1] in tuple("=+-@\t\r") else text for text in FORMULAS]
        assert [row[1] for row in rows] == defused
        assert [row[0] for row in rows] == [str(-at) for at in range(len(FORMULAS))]
        assert not any(row[1].startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows)
    written = (tmp_path / "out.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["t"] for line in written] == FORMULAS
