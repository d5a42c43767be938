"""What verifying a ledger finds without a checkpoint: each entry of the log, each of its members, edited alone."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import guard_nb as gn
from command import command, environment
from test_gate_audit import GATE, change, pay

LIMITED = """\
limits:
  - {name: day, type: budget, max: "9000.00", currency: EUR, window: day}
  - {name: pace, type: rate, max: 100, per: 24h}
"""
EARLY = "2026-01-01T00:00:00.000000Z"
# What a single edit of can be made unseen without a checkpoint (G6.4), by what the entry is.
UNSEEN = {
    "conflict": {"at", "decision", "gate", "proposal"},
    "without id": {"at", "decision", "gate", "proposal"},
    "escalated": {"at", "decision", "record"},
    "forgotten decision": {"held"},
    "forgotten": {"at", "event", "held"},
    "forget": {"before", "gate"},
}


def lived(place: Path) -> None:
    """A ledger with every kind of entry; the calls `gone-…` are forgotten."""
    gate = gn.Gate.loads(GATE + LIMITED, place)
    for id_, actual in [("spent", 99), ("whole", None), ("gone-1", "4.00")]:
        with gate.execute(gate.decide(pay(id_, 100))) as call:
            call.actual = actual
            if id_.startswith("gone"):
                call.release()
    gate.release(gate.decide(pay("gone-2", 3)))
    gate.decide(pay("denied", 7, "mallory"))
    gate.commit(gate.approve(gate.decide(pay("asked", 300)), by="ada"), "250")
    gate.ledger._native.redeem(gate.decide(pay("runs", 20)).permit)
    gate.decide(pay("spent", 2))
    gate.decide("nonsense")
    gate.decide(pay("held", 11))
    assert gate.ledger.forget(gate, datetime.now(UTC) + timedelta(days=1)) == 2


def kind(leaf: dict[str, Any]) -> str:
    """What an entry is, for what can be edited in it."""
    forgotten = str(leaf.get("id")).startswith("gone")
    if leaf["event"] == "decision":
        if leaf["id"] is None:
            return "without id"
        return "escalated" if leaf["verdict"] == "escalate" else "forgotten decision" if forgotten else "decision"
    return "forgotten" if forgotten else leaf["event"]


def edited(key: str, leaf: dict[str, Any], before: dict[str, Any] | None) -> Any:
    """Another value of the same form, and a time between those of the entries beside."""
    value = leaf[key]
    if key == "at":
        return EARLY if before is None else before["at"]
    if key == "before":  # never after its own `at`, which is what it is when a later time was asked for
        return EARLY
    if key == "verdict":
        return "allow" if value != "allow" else "deny"
    if key == "event":
        return {"commit": "release", "release": "commit", "decision": "conflict"}.get(value, "decision")
    if isinstance(value, dict):
        return {pot: str(int(at) + 1) for pot, at in value.items()}
    if isinstance(value, list):
        return value[:-1]
    if value is None:
        return "1.00"
    if isinstance(value, int):
        return value + 1
    return value[:-2] + ("1" if value[-2] != "1" else "2") + value[-1]


def broken(place: Path) -> str | None:
    """Why a ledger does not verify."""
    try:
        gn.Ledger(place).verify()
    except gn.LedgerError as error:
        return error.code
    return None


def test_every_edit_of_every_entry(tmp_path: Path) -> None:
    base = tmp_path / "base.db"
    lived(base)
    gc.collect()
    with sqlite3.connect(base) as connection:
        leaves = [json.loads(leaf) for (leaf,) in connection.execute("SELECT leaf FROM log ORDER BY sequence")]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert gn.Ledger(base).verify() == len(leaves)
    assert {leaf["event"] for leaf in leaves} == {"decision", "redeem", "commit", "release", "conflict", "forget"}
    last_rate = max(at for at, leaf in enumerate(leaves) if "arrivals" in leaf)
    unseen: dict[str, set[str]] = {}
    for at, leaf in enumerate(leaves):
        for key in leaf:
            changed = edited(key, leaf, leaves[at - 1] if at else None)
            assert changed != leaf[key]
            text = json.dumps(leaf | {key: changed}, sort_keys=True, separators=(",", ":"))
            copy = tmp_path / f"{at}-{key}.db"
            copy.write_bytes(base.read_bytes())
            with sqlite3.connect(copy) as connection:
                connection.execute("UPDATE log SET leaf = ? WHERE sequence = ?", (text, at))
            connection.close()
            found = broken(copy)
            assert found in (None, "ledger-broken"), key
            if found is None and (key != "arrivals" or at == last_rate):
                unseen.setdefault(kind(leaf), set()).add(key)
    assert unseen == UNSEEN


@pytest.mark.parametrize(
    "sql", ["UPDATE entries SET money = 2 WHERE money = 1", "UPDATE entries SET money = 2 WHERE money = 0"]
)
def test_truth_values_are_0_and_1(tmp_path: Path, sql: str) -> None:
    velocity = "  - {name: count, type: velocity, max: 9, window: day}\n"
    gn.Gate.loads(GATE + LIMITED + velocity, tmp_path / "l.db").decide(pay("a", 1))
    gc.collect()
    change(tmp_path, sql)
    with pytest.raises(gn.LedgerError):
        gn.Ledger(tmp_path / "l.db").verify()


def mere_owner() -> None:
    """From the next program on the rights of files bind root, too: CAP_DAC_OVERRIDE leaves the bounding set."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are those of Linux")
@pytest.mark.parametrize("log", [False, True], ids=["closed", "open elsewhere"])
def test_whoever_may_only_read_can_audit(log: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lived(folder / "l.db")
        gc.collect()
        keeper = gn.Ledger(folder / "l.db") if log else None
        kept = sorted(each.name for each in folder.iterdir())
        assert ("l.db-wal" in kept) == log
        for each in folder.iterdir():
            each.chmod(0o444)
        folder.chmod(0o555)
        other: dict[str, Any] = {"preexec_fn": mere_owner}
        try:
            for args, words in [
                (["audit", "verify", "l.db"], "agree"),
                (["audit", "show", "l.db"], "spent"),
                (["audit", "checkpoint", "l.db"], "guard-nb/checkpoint/v1"),
                (["audit", "prove", "l.db", "--leaf", "0"], "inclusion"),
                (["audit", "export", "l.db", "--format", "prov"], "spent"),
                (["ledger", "holds", "l.db"], "held"),
                (["ledger", "waiting", "l.db"], "nothing waits"),
            ]:
                run = command(*args)
                said = subprocess.run(run, cwd=folder, env=environment(), capture_output=True, check=False, **other)
                assert (said.returncode, said.stderr) == (0, b""), (args, said)
                assert words in said.stdout.decode(), (args, said)
            run = command("ledger", "release", "l.db", "--id", "held")
            said = subprocess.run(run, cwd=folder, env=environment(), capture_output=True, check=False, **other)
            assert said.returncode == 2
            assert b"read-only" in said.stderr or b"cannot be opened" in said.stderr
            assert sorted(each.name for each in folder.iterdir()) == kept
        finally:
            folder.chmod(0o755)
            del keeper
