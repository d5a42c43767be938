"""Every kind of reject that DuckDB knows has a code of ours, which is found in the same record and in no other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingesting import Ingesting


@dataclass(frozen=True)
class Kind:
    """A file whose second record is damaged: DuckDB's kind of error, and our code."""

    name: str
    code: str
    record: bytes
    record_bytes: int = 1 << 20
    # Does DuckDB read the records around it?
    contained: bool = True


KINDS = [
    Kind("CAST", "type-mismatch", b"x,b"),
    Kind("MISSING COLUMNS", "csv-fields-missing", b"2"),
    Kind("TOO MANY COLUMNS", "csv-fields-extra", b"2,b,x"),
    Kind("UNQUOTED VALUE", "csv-quote-stray", b'2,"b"x'),
    # An open quote takes the record behind it with it; ours ends at its line break (S9.14).
    Kind("UNQUOTED VALUE", "csv-quote-unclosed", b'2,"b', contained=False),
    Kind("LINE SIZE OVER MAXIMUM", "record-too-large", b"2," + b"b" * 200, record_bytes=100),
    Kind("INVALID ENCODING", "encoding-invalid", b"2,\xff"),
]


def rejected_by_duckdb(path: Path, record_bytes: int) -> tuple[list[Any], list[Any]]:
    """What DuckDB reads, and line and kind of what it rejects."""
    how = "columns={'id': 'BIGINT', 't': 'VARCHAR'}, header=true, auto_detect=false, delim=',', quote='\"', escape='\"'"
    connection = duckdb.connect()
    query = f"SELECT * FROM read_csv('{path}', {how}, max_line_size={record_bytes}, store_rejects=true)"
    rows = connection.execute(query).fetchall()
    return rows, connection.execute("SELECT line, error_type FROM reject_errors").fetchall()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.name}: {kind.code}")
def test_a_kind_of_reject_has_a_code(kind: Kind, tmp_path: Path, ingest: Ingesting) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"id,t\n1,a\n" + kind.record + b"\n3,c\n")
    theirs, rejects = rejected_by_duckdb(path, kind.record_bytes)
    assert rejects == [(3, kind.name)]
    assert theirs == ([(1, "a"), (3, "c")] if kind.contained else [(1, "a")])
    ran = ingest(path, record_bytes=kind.record_bytes)
    assert ran.rows == [(1, "a"), (3, "c")]
    assert [found[:4] for found in ran.found] == [(1, 3, [9, 9 + len(kind.record)], [kind.code])]


def test_the_kinds_are_all_that_there_are() -> None:
    """But for one, INVALID STATE: with a line break of another kind no record at all is read; for us each record has its own kind."""
    connection = duckdb.connect()
    connection.execute("SELECT * FROM read_csv('/dev/null', columns={'a': 'INT'}, store_rejects=true)").fetchall()
    described = connection.execute("DESCRIBE reject_errors").fetchall()
    (kinds,) = [row[1] for row in described if row[0] == "error_type"]
    assert set(re.findall(r"'([^']+)'", kinds)) == {kind.name for kind in KINDS} | {"INVALID STATE"}


def test_mixed_line_breaks_are_no_fault(tmp_path: Path, ingest: Ingesting) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"id,t\n1,a\r2,b\r\n3,c\n")
    with pytest.raises(duckdb.InvalidInputException, match="invalid state"):
        rejected_by_duckdb(path, 1 << 20)
    assert ingest(path).rows == [(1, "a"), (2, "b"), (3, "c")]


def test_a_bad_value_is_found_in_columns_that_nobody_asks_for(tmp_path: Path, ingest: Ingesting) -> None:
    """DuckDB counts it only when the column is read."""
    path = tmp_path / "in.csv"
    path.write_bytes(b"id,t\n1,a\nx,b\n3,c\n")
    connection = duckdb.connect()
    how = "columns={'id': 'BIGINT', 't': 'VARCHAR'}, header=true, auto_detect=false, delim=',', store_rejects=true"
    assert connection.execute(f"SELECT t FROM read_csv('{path}', {how})").fetchall() == [("a",), ("b",), ("c",)]
    assert connection.execute("SELECT count(*) FROM reject_errors").fetchall() == [(0,)]
    assert ingest(path).rows == [(1, "a"), (3, "c")]
