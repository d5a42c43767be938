"""What verifying a SQLite ledger finds of edits by hand in its tables: each value of each row, rows more and rows less."""

from __future__ import annotations

import base64
import gc
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import guard_nb as gn
from shell import shell
from test_gate_audit import GATE, pay
from test_gate_edits import LIMITED, broken, lived

TABLES = ("meta", "records", "reservations", "entries", "arrivals", "log")
KEYS = {
    "meta": ["one"],
    "records": ["id"],
    "reservations": ["number"],
    "entries": ["pot", "part", "at", "reservation"],
    "arrivals": ["pot", "part"],
    "log": ["sequence"],
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    place = tmp_path_factory.mktemp("tables") / "base.db"
    lived(place)
    gn.Gate.loads(GATE.replace("money: {amount: /amount, currency: EUR}\n    ", ""), place).decide(pay("free", 1))
    gc.collect()
    with sqlite3.connect(place) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert gn.Ledger(place).verify() > 0
    gc.collect()
    return place.read_bytes()


def others(value: object) -> Iterator[object]:
    """Other values for a column, of its type and of others."""
    yield from (None, 0, 1, -1, 2, 2**63 - 1, -(2**63), "", "x", b"x")
    if isinstance(value, int):
        yield from (value + 1, value - 1, -value)
    if isinstance(value, str):
        yield from (value + " ", value[:-1], value.swapcase(), value + "\0", value.encode())
    if isinstance(value, bytes):
        yield from (value[:-1], bytes([value[0] ^ 1]) + value[1:])


def edit(place: Path, base: bytes, sql: str, values: tuple[object, ...]) -> bool:
    """Changes a fresh copy; false if SQLite refuses, or changes nothing."""
    for beside in ("", "-wal", "-shm"):
        Path(f"{place}{beside}").unlink(missing_ok=True)
    place.write_bytes(base)
    connection = sqlite3.connect(place)
    try:
        changed = connection.execute(sql, values).rowcount
        connection.commit()
    except (sqlite3.Error, OverflowError):
        return False
    finally:
        connection.close()
    return changed > 0


@pytest.mark.parametrize("table", TABLES)
def test_every_edit_of_every_value(tmp_path: Path, base: bytes, table: str) -> None:
    (tmp_path / "own.db").write_bytes(base)
    connection = sqlite3.connect(tmp_path / "own.db")
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    assert rows
    where = " AND ".join(f"{key} IS ?" for key in KEYS[table])
    edits = 0
    for row in rows[:3] + rows[-3:]:
        named = tuple(row[key] for key in KEYS[table])
        for column, value in row.items():
            for other in others(value):
                if other == value and type(other) is type(value):
                    continue
                sql = f"UPDATE {table} SET {column} = ? WHERE {where}"
                if edit(tmp_path / "l.db", base, sql, (other, *named)):
                    edits += 1
                    found = broken(tmp_path / "l.db")
                    assert found is not None or same(tmp_path / "l.db", table, row, named), (table, row, column, other)
    assert edits > len(rows[0])


def same(place: Path, table: str, row: dict[str, Any], named: tuple[object, ...]) -> bool:
    """Did SQLite turn the other value into the one that was there?"""
    connection = sqlite3.connect(place)
    where = " AND ".join(f"{key} IS ?" for key in KEYS[table])
    found = connection.execute(f"SELECT * FROM {table} WHERE {where}", named).fetchone()
    connection.close()
    return found is not None and list(found) == list(row.values())


@pytest.mark.parametrize("table", TABLES)
def test_rows_more_and_rows_less(tmp_path: Path, base: bytes, table: str) -> None:
    (tmp_path / "own.db").write_bytes(base)
    connection = sqlite3.connect(tmp_path / "own.db")
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
    connection.close()
    where = " AND ".join(f"{key} IS ?" for key in KEYS[table])
    tried = 0
    for row in rows:
        named = tuple(row[key] for key in KEYS[table])
        assert edit(tmp_path / "l.db", base, f"DELETE FROM {table} WHERE {where}", named)
        assert broken(tmp_path / "l.db"), ("deleted", row)
        for key in KEYS[table]:
            for other in (-1, -(2**63), 0, 10**6, "x", ""):
                copy = row | {key: other}
                sql = f"INSERT INTO {table} VALUES ({', '.join('?' * len(copy))})"
                if edit(tmp_path / "l.db", base, sql, tuple(copy.values())):
                    tried += 1
                    assert broken(tmp_path / "l.db"), ("copied", copy)
    assert tried or table == "meta"


def exchanged(place: Path) -> None:
    """Puts another key into a ledger, with the seal that belongs to it."""
    key = bytes(32)
    seal = base64.urlsafe_b64encode(hmac.new(key, b"ledger\0", hashlib.sha256).digest()).decode().rstrip("=")
    connection = sqlite3.connect(place)
    connection.execute("UPDATE meta SET key = ?, seal = ?", (key, seal))
    connection.commit()
    connection.close()


def test_an_exchanged_key_is_found_by_any_permit(tmp_path: Path) -> None:
    gate = gn.Gate.loads(GATE + LIMITED, tmp_path / "l.db")
    gate.decide(pay("denied", 7, "mallory"))
    without = gate.ledger.checkpoint()
    del gate
    gc.collect()
    exchanged(tmp_path / "l.db")
    # Without a permit nothing in the ledger was made with the key, and only a checkpoint tells.
    assert broken(tmp_path / "l.db") is None
    with pytest.raises(gn.LedgerError, match="checkpoint"):
        gn.Ledger(tmp_path / "l.db").verify(without)
    gn.Gate.loads(GATE + LIMITED, tmp_path / "l.db").decide(pay("a", 7))
    assert broken(tmp_path / "l.db") is None
    gate = gn.Gate.loads(GATE + LIMITED, tmp_path / "other.db")
    gate.commit(gate.decide(pay("a", 7)))
    del gate
    gc.collect()
    assert broken(tmp_path / "other.db") is None
    exchanged(tmp_path / "other.db")
    assert broken(tmp_path / "other.db") == "ledger-broken"
    said = shell(tmp_path, "audit", "verify", "other.db")
    assert (said.status, "the permit of `a` was not made with the ledger's key" in said.out) == (1, True)


LOOKS: list[tuple[str, ...]] = [
    ("audit", "verify", "l.db"),
    ("audit", "show", "l.db"),
    ("audit", "checkpoint", "l.db"),
    ("audit", "prove", "l.db", "--leaf", "0"),
    ("audit", "export", "l.db", "--format", "otel"),
    ("ledger", "holds", "l.db"),
    ("ledger", "waiting", "l.db"),
    ("ledger", "release", "l.db", "--id", "a"),
    ("ledger", "commit", "l.db", "--id", "a"),
    ("ledger", "forget", "l.db", "g.gate.yaml", "--before", "2026-01-31T00:00:00Z"),
    ("approve", "g.gate.yaml", "a", "--by", "ada", "--ledger", "l.db"),
]


@pytest.mark.parametrize("args", LOOKS, ids=" ".join)
def test_looking_makes_nothing(tmp_path: Path, args: tuple[str, ...]) -> None:
    (tmp_path / "g.gate.yaml").write_text(GATE, encoding="utf-8")
    said = shell(tmp_path, *args)
    assert (said.status, "ledger-unavailable" in said.err, "there is no ledger `l.db`" in said.err) == (2, True, True)
    assert [each.name for each in tmp_path.iterdir()] == ["g.gate.yaml"]
    # Nor does an empty file become one, or a file of others change.
    (tmp_path / "l.db").touch()
    said = shell(tmp_path, *args)
    assert (said.status, "ledger-unavailable" in said.err, "no ledger was made in it" in said.err) == (2, True, True)
    assert (tmp_path / "l.db").stat().st_size == 0
    connection = sqlite3.connect(tmp_path / "l.db")
    connection.execute("CREATE TABLE own (x)")
    connection.commit()
    connection.close()
    before = (tmp_path / "l.db").read_bytes()
    said = shell(tmp_path, *args)
    assert (said.status, "ledger-version" in said.err) == (2, True)
    assert (tmp_path / "l.db").read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["g.gate.yaml", "l.db"]


def test_who_expects_a_ledger_is_told_that_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(gn.LedgerError, match="there is none") as caught:
        gn.Ledger(tmp_path / "l.db", make=False)
    assert caught.value.code == "ledger-unavailable"
    assert not list(tmp_path.iterdir())
    gn.Gate.loads(GATE, tmp_path / "l.db").decide(pay("a", 1))
    assert gn.Ledger(tmp_path / "l.db", make=False).verify() == 1


def test_an_id_is_of_the_gate_that_decided_it(tmp_path: Path) -> None:
    first = gn.Gate.loads(GATE, tmp_path / "l.db")
    other = gn.Gate.loads(GATE.replace("id: payments", "id: petty"), first.ledger)
    assert first.decide(pay("a", 7)).verdict == "allow"
    denied = other.decide(pay("a", 7))
    assert (denied.verdict, [each.code for each in denied.reasons]) == ("deny", ["id-other-gate"])
    assert denied.reasons[0].message == "the id was decided by the gate `payments`; this is `petty`"
    assert first.decide(pay("a", 7)).replayed
    said = shell(tmp_path, "audit", "verify", "l.db")
    assert (said.status, "2 entries agree" in said.out) == (0, True)
    spans = [json.loads(line) for line in first.ledger.export("otel").splitlines()]
    status = [span["resourceSpans"][0]["scopeSpans"][0]["spans"][0].get("status") for span in spans]
    assert status == [None, {"code": 2, "message": "id-other-gate"}]
