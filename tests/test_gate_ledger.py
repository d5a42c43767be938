"""Ledgers from Python: files, a PostgreSQL server, several threads and processes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import guard_nb as gn

ROOT = Path(__file__).parents[1]
GATE = """
apiVersion: guard-nb/v1
kind: Gate
id: refunds
tools:
  - name: refund
    inputSchema:
      type: object
      required: [amount]
      properties: {amount: {type: number}}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 50.00"
limits:
  - {name: day, type: budget, max: "20.00", currency: EUR, window: day}
"""
SPEND = """
import sys, threading
import guard_nb as gn
gate, said = gn.Gate.loads(sys.argv[1], sys.argv[2]), []
def spend(thread):
    for call in range(3):
        arguments = {"amount": 1}
        decision = gate.decide({"kind": "action", "id": f"{sys.argv[3]}-{thread}-{call}", "principal": "b",
                                "tool": "refund", "arguments": arguments})
        said.append("allowed" if decision else decision.reasons[0].code)
threads = [threading.Thread(target=spend, args=(number,)) for number in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(*said)
"""


def refund(id_: str, amount: object) -> dict[str, object]:
    return {"kind": "action", "id": id_, "principal": "b", "tool": "refund", "arguments": {"amount": amount}}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server that ends with its script, whose input ends with this process."""
    if "GUARD_NB_NO_POSTGRES" in os.environ:
        pytest.skip("GUARD_NB_NO_POSTGRES is set")
    command = ["sh", str(ROOT / "scripts" / "postgres_for_tests.sh")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout is not None
        assert script.stdin is not None
        url = script.stdout.readline().strip()
        assert url, "no PostgreSQL server could be started"
        yield url
        script.stdin.close()


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "ledger.db") if request.param == "file" else request.getfixturevalue("server")


def test_two_processes_of_16_threads_never_overspend(place: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", SPEND, GATE, place, name], stdout=subprocess.PIPE, text=True)
        for name in "ab"
    ]
    said = [line for process in processes for line in process.communicate()[0].split()]
    assert [process.returncode for process in processes] == [0, 0]
    assert (said.count("allowed"), said.count("budget-exceeded")) == (20, 76)
    assert gn.Ledger(place).verify() == 96


def test_a_password_comes_from_the_environment(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    head, host = server.split("@")
    user, password = head.rsplit(":", 1)
    monkeypatch.delenv("PGPASSWORD", raising=False)
    with pytest.raises(gn.LedgerError, match="PGPASSWORD"):
        gn.Ledger(f"{user}@{host}")
    monkeypatch.setenv("PGPASSWORD", "not " + password)
    with pytest.raises(gn.LedgerError, match="does not let its role in") as refused:
        gn.Ledger(f"{user}@{host}")
    assert password not in str(refused.value)
    monkeypatch.setenv("PGPASSWORD", password)
    assert gn.Ledger(f"{user}@{host}").verify() >= 0
    assert gn.Ledger(server).verify() >= 0, "the string's own password goes first"


def test_threads_share_a_ledger_in_memory() -> None:
    gate, allowed = gn.Gate.loads(GATE), []
    spend = [
        threading.Thread(target=lambda n=n: allowed.append(bool(gate.decide(refund(str(n), 1))))) for n in range(32)
    ]
    for thread in spend:
        thread.start()
    for thread in spend:
        thread.join()
    assert allowed.count(True) == 20


def test_a_file_is_its_owners(tmp_path: Path) -> None:
    gn.Ledger(tmp_path / "ledger.db")
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "ledger.db").stat().st_mode) == 0o600


def test_what_ended_can_be_forgotten(tmp_path: Path) -> None:
    gate = gn.Gate.loads(GATE, tmp_path / "ledger.db")
    decision = gate.decide(refund("a", 1))
    gate.release(decision)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert gate.ledger.forget(gate, tomorrow - timedelta(days=2)) == 0
    assert gate.ledger.forget(gate, tomorrow) == 1
    assert gate.decide(refund("a", 1)).replayed
    with pytest.raises(gn.LedgerError, match="permit-settled"):
        gate.commit(decision)
    assert gate.ledger.verify() == 3
    with pytest.raises(gn.UsageError, match="time zone"):
        gate.ledger.forget(gate, datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret@db.example/d",
        "postgresql://u:secret@localhost/d?sslmode=require",
        "postgresql://u:secret@127.0.0.1:1/d?connect_timeout=2",
        "postgresql://u@127.0.0.1:1/d?password=secret&connect_timeout=2",
    ],
)
def test_servers_that_are_refused(url: str) -> None:
    with pytest.raises(gn.LedgerError, match="ledger-unavailable") as found:
        gn.Ledger(url)
    assert "secret" not in str(found.value)


def test_a_password_is_not_shown(server: str) -> None:
    password = server.split(":")[2].split("@")[0]
    ledger = gn.Ledger(server)
    assert password not in repr(ledger)
    assert password not in str(ledger.path)
    assert "guard:…@127.0.0.1" in repr(ledger)


def test_a_ledger_whose_file_was_replaced_denies(tmp_path: Path) -> None:
    place = tmp_path / "l.db"
    text = (
        "apiVersion: guard-nb/v1\nkind: Gate\nid: g\ntools:\n  - name: look\n    inputSchema: {type: object}\n"
        '    allow: "TRUE"\n'
    )
    gate = gn.Gate.loads(text, place)
    look = {"kind": "action", "principal": "bot", "tool": "look", "arguments": {}}
    assert gate.decide({**look, "id": "1"}).verdict == "allow"
    kept = place.read_bytes()
    for file in tmp_path.iterdir():
        file.unlink()
    for again in ("2", "3"):
        denied = gate.decide({**look, "id": again})
        assert (denied.verdict, [reason.code for reason in denied.reasons]) == ("deny", ["ledger-unavailable"])
        place.write_bytes(kept)


@pytest.mark.parametrize(("name", "length"), [("l.db-wal", None), ("l.db-wal", 0), ("l.db", 4096), ("l.db", 0)])
def test_a_ledger_whose_files_are_removed_or_cut_denies(tmp_path: Path, name: str, length: int | None) -> None:
    gate = gn.Gate.loads(GATE, tmp_path / "l.db")
    assert gate.decide(refund("before", 1))
    # What is in the log goes to the file.
    for number in range(20):
        gate.decide(refund(f"{number}{'x' * 200}", 50.01))
    subprocess.run(
        [sys.executable, "-c", "import sqlite3; sqlite3.connect('l.db').execute('PRAGMA wal_checkpoint')"],
        cwd=tmp_path,
        check=True,
    )
    assert gate.decide(refund("between", 1))
    if length is None:
        (tmp_path / name).unlink()
    else:
        assert (tmp_path / name).stat().st_size > length
        os.truncate(tmp_path / name, length)
    for id_ in ("a", "b"):
        denied = gate.decide(refund(id_, 1))
        assert [reason.code for reason in denied.reasons] == ["ledger-unavailable"]
    with pytest.raises(gn.LedgerError):
        gate.ledger.verify()


@pytest.mark.parametrize("place", ["", "/dev/null", "."])
def test_what_is_no_file_is_no_ledger(place: str) -> None:
    with pytest.raises(gn.LedgerError) as caught:
        gn.Ledger(place)
    assert caught.value.code == "ledger-unavailable"
    assert not Path("/dev/null-journal").exists()


def test_what_forgets_is_a_gate_and_a_time(tmp_path: Path) -> None:
    gate = gn.Gate.loads(GATE, tmp_path / "l.db")
    now = datetime.now(UTC)
    for given in [(gate, now.date()), (gate, "yesterday"), ("refunds", now), (None, now)]:
        with pytest.raises(TypeError, match="must be a"):
            gate.ledger.forget(*given)  # type: ignore[arg-type]


def test_the_key_is_the_owners_alone(tmp_path: Path) -> None:
    place = tmp_path / "l.db"
    place.touch()
    place.chmod(0o644)
    gn.Ledger(place)
    assert place.stat().st_mode & 0o777 == 0o600


def elsewhere(program: str, *args: object) -> None:
    """Runs in another process: two SQLite libraries in one would not see each other's locks."""
    subprocess.run([sys.executable, "-c", f"import sqlite3, sys\n{program}", *map(str, args)], check=True)


BACKUP = "with sqlite3.connect(sys.argv[1]) as a, sqlite3.connect(sys.argv[2]) as b: a.backup(b)"


def test_an_older_copy_in_its_place_denies(tmp_path: Path) -> None:
    place, copy = tmp_path / "ledger.db", tmp_path / "copy.db"
    gate = gn.Gate.loads(GATE, place)
    assert gate.decide(refund("a", 1))
    elsewhere(BACKUP, place, copy)
    assert gate.decide(refund("b", 1))
    elsewhere(BACKUP, copy, place)
    denied = gate.decide(refund("c", 1))
    assert [reason.code for reason in denied.reasons] == ["ledger-unavailable"]
    assert "older copy" in denied.reasons[0].message


@pytest.mark.parametrize(
    ("key", "sequence"),
    [(key, 0) for key in ("at", "decision", "gate", "id", "proposal", "verdict")] + [("id", 2), ("actual", 2)],
)
def test_an_edited_entry_of_the_log_is_found(tmp_path: Path, key: str, sequence: int) -> None:
    place = tmp_path / "ledger.db"
    gate = gn.Gate.loads(GATE, place)
    decision = gate.decide(refund("a", 5))
    with gate.execute(decision) as call:
        call.actual = 3
    assert gate.ledger.verify() == 3
    edit = (
        "path, at, key = sys.argv[1:]\n"
        "with sqlite3.connect(path) as file:\n"
        "    ((leaf,),) = file.execute('SELECT leaf FROM log WHERE sequence = ?', [at])\n"
        '    head, tail = leaf.split(f\'"{key}":"\', 1)\n'
        "    text, rest = tail.split('\"', 1)\n"
        "    changed = text[:-2] + ('1' if text[-2:-1] != '1' else '2') + text[-1:] if len(text) > 1 else 'z'\n"
        "    file.execute('UPDATE log SET leaf = ? WHERE sequence = ?', [f'{head}\"{key}\":\"{changed}\"{rest}', at])\n"
    )
    elsewhere(edit, place, sequence, key)
    with pytest.raises(gn.LedgerError) as caught:
        gate.ledger.verify()
    assert caught.value.code == "ledger-broken"
