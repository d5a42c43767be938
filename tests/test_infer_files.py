"""Drafts from files: what `infer` writes, `check` accepts, from Python and from the shell."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import guard_nb as gn
from shell import shell

COUNT = 400
TYPES = {
    "flight_id": "integer",
    "month": "integer",
    "dep_time": "integer",
    "dep_delay": "number",
    "carrier": "string",
    "zip": "string",
    "tailnum": "string",
    "big": "string",
    "cancelled": "boolean",
    "day": "date",
    "at": "time",
    "time_hour": "timestamp",
    "local": "timestamp",
    "note": "string",
    "never": None,
}


def flight(number: int) -> dict[str, Any]:
    """A record such as those of nycflights, of every type that is told."""
    when = datetime(2013, 1, 1) + timedelta(minutes=97 * number)
    cancelled = number % 31 == 7
    return {
        "flight_id": number + 1,
        "month": when.month,
        "dep_time": None if cancelled else when.hour * 100 + when.minute,
        "dep_delay": None if cancelled else (number * 37 % 101) / 4 - 5,
        "carrier": ("UA", "AA", "B6")[number % 3],
        "zip": f"{number * 7919 % 100000:05}",
        "tailnum": f"N{number * 31 % 999:03}XY",
        "big": str(2**63 + number),
        "cancelled": cancelled,
        "day": when.date().isoformat(),
        "at": when.time().isoformat(),
        "time_hour": when.isoformat() + "Z",
        "local": when.isoformat(sep=" "),
        "note": ("a,b", 'say "so"', "two\nlines", None)[number % 4],
        "never": None,
    }


def rows() -> list[dict[str, Any]]:
    return [flight(number) for number in range(COUNT)]


def as_csv(delimiter: str = ",", null: str = "", header: bool = True) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    if header:
        writer.writerow(TYPES)
    words = {None: null, True: "true", False: "false"}
    for row in rows():
        cells = row.values()
        writer.writerow([words[cell] if cell is None or isinstance(cell, bool) else cell for cell in cells])
    return out.getvalue().encode()


def as_lines() -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows()).encode()


def types(contract: gn.Contract) -> dict[str, str | None]:
    """Logical types by column, read from the clauses of a verdict on nothing."""
    document = contract.ingest(b"", "ndjson").verdict.document
    kinds = {c["columns"][0]: c["name"] for c in document["clauses"] if c["kind"] == "logicalType"}
    return {name: kinds.get(name, "").removeprefix("is ") or None for name in contract.columns()}


def accepts(contract: gn.Contract, *given: Any, **options: Any) -> None:
    verdict = contract.ingest(*given, **options).verdict
    assert (verdict.status, verdict.accepted) == ("accept", COUNT), verdict.to_text()


@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_types_are_found_and_the_file_is_accepted(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"flights.{form}"
    path.write_bytes({"csv": as_csv(), "ndjson": as_lines(), "json": json.dumps(rows()).encode()}[form])
    draft = gn.Contract.infer(path)
    assert draft.objects == ["flights"]
    assert types(draft) == TYPES
    accepts(draft, path)
    assert "timezone: true" in draft.to_yaml()
    assert "timezone: false" in draft.to_yaml()


def test_the_draft_of_a_file_is_that_of_the_frame_in_it(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"id": range(COUNT), "share": [n / 8 for n in range(COUNT)], "word": ["x", "y"] * (COUNT // 2)}
    )
    frame.write_csv(tmp_path / "a.csv")
    frame.write_ndjson(tmp_path / "a.ndjson")
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ipc(tmp_path / "a.arrow")
    expected = gn.Contract.infer(frame, name="a").to_yaml()
    for form in ("csv", "ndjson", "parquet", "arrow"):
        assert gn.Contract.infer(str(tmp_path / f"a.{form}")).to_yaml() == expected, form


def test_the_dialect_is_in_the_draft(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_bytes(as_csv(";", "NA"))
    draft = gn.Contract.infer(path, csv=gn.Csv(delimiter=";", nulls=("NA",)))
    assert types(draft) == TYPES
    accepts(draft, path)
    sniffed = gn.Contract.infer(path, csv=gn.Csv(sniff=True, nulls=("NA",)))
    assert "# the dialect was guessed" in sniffed.to_yaml()
    accepts(sniffed, path)


def test_columns_without_names_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_bytes(as_csv(header=False))
    draft = gn.Contract.infer(path, csv=gn.Csv(header=False))
    assert draft.columns() == [f"column_{number}" for number in range(1, len(TYPES) + 1)]
    accepts(draft, path)


def test_nested_values(tmp_path: Path) -> None:
    records = [
        {
            "at": {"lat": n / 2, "tags": ["a"] * (n % 3)},
            "stops": [{"n": n}, {"n": None, "z": "q"}],
            "kinds": n or "none",
        }
        for n in range(COUNT)
    ]
    path = tmp_path / "trips.ndjson"
    path.write_text("".join(json.dumps({**record, "none": [], "free": {}}) + "\n" for record in records))
    draft = gn.Contract.infer(path)
    accepts(draft, path)
    assert types(draft) == {"at": "object", "stops": "array", "kinds": None, "none": "array", "free": None}
    assert "name: lat" in draft.to_yaml()
    assert "name: z" in draft.to_yaml()


def test_records_without_a_reading_are_left_out_and_told_of() -> None:
    lines = b'{"a": 1}\n{"a": 2}\n[3]\n{"a":\n{"a": 1e400}\n'
    draft = gn.Contract.infer(lines, format="ndjson")
    assert "# 3 records that have no reading left out: json-not-object (1)" in draft.to_yaml()
    verdict = draft.ingest(lines, "ndjson").verdict
    assert (verdict.status, verdict.accepted, verdict.rejected) == ("reject", 2, 3)


def test_a_limit_is_told_of() -> None:
    draft = gn.Contract.infer(b"n\n1\n2\nx\n", format="csv", limit=2)
    assert "from the first 2 records; there are more." in draft.to_yaml()
    assert types(draft) == {"n": "integer"}


def test_what_cannot_be_drafted(tmp_path: Path) -> None:
    for code, given, form in (
        ("file-missing", tmp_path / "nowhere.csv", None),
        ("column-ambiguous", b"a,a\n1,2\n", "csv"),
        ("file-format-unknown", b"who knows", None),
    ):
        with pytest.raises(gn.IngestError) as caught:
            gn.Contract.infer(given, format=form)
        assert caught.value.code == code
        assert caught.value.help


def test_from_the_shell(tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_bytes(as_csv())
    status, draft, said = shell(tmp_path, "infer", "flights.csv")
    assert (status, said) == (0, "")
    assert draft == gn.Contract.infer(tmp_path / "flights.csv").to_yaml()
    (tmp_path / "draft.yaml").write_text(draft)
    status, report, said = shell(tmp_path, "check", "draft.yaml", "flights.csv")
    assert (status, said) == (0, "")
    assert report.startswith("✓ accept · flights · 400 records")


def test_standard_input_is_read_twice(tmp_path: Path) -> None:
    flags = ("infer", "-", "--input-format", "ndjson", "--object", "flights")
    status, draft, said = shell(tmp_path, *flags, given=as_lines())
    assert (status, said) == (0, "")
    accepts(gn.Contract.loads(draft), as_lines(), "ndjson")


def test_damage_is_a_note_in_the_shell(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text('{"a": 1}\n{"a": \n')
    status, draft, said = shell(tmp_path, "infer", "a.ndjson", "--limit", "5")
    assert (status, said) == (0, "note: 1 record that has no reading left out: json-syntax (1)\n")
    assert "from 1 record." in draft
