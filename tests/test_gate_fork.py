"""Ledgers that a child inherits by fork: it is told so at once, and what its parent has is left alone."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import guard_nb as gn
from test_gate_ledger import GATE as SMALL
from test_gate_ledger import refund, server

__all__ = ["server"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are not forked there")

WATCHDOG = 60
ROUNDS = 4
GATE = SMALL.replace("20.00", "9000000.00")
LEFT = "the ledger cannot be used: it was opened by another process; open it anew after a fork"


@pytest.fixture(params=["memory", "file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    if request.param == "memory":
        return None
    return str(tmp_path / "ledger.db") if request.param == "file" else request.getfixturevalue("server")


@pytest.fixture(autouse=True)
def _threads_are_meant() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, message=".*fork")
        yield


def in_child(act: Callable[[], list[str]]) -> list[str]:
    """What a child made by fork says, line by line; an alarm ends one that hangs."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(WATCHDOG)
        try:
            said = "\n".join(act())
        except BaseException as error:
            said = f"raised {error!r}"
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"ended by {status}, after {said!r}"
    return said.splitlines()


@contextmanager
def deciding(gate: gn.Gate, name: str) -> Iterator[None]:
    """Eight threads decide as long as the block runs."""
    done, begun = threading.Event(), threading.Barrier(9)

    def spend(thread: int) -> None:
        call = 0
        while not done.is_set():
            gate.decide(refund(f"{name}-{thread}-{call}", Decimal("0.01")))
            if call == 0:
                begun.wait()
            call += 1

    threads = [threading.Thread(target=spend, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    begun.wait()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def refusals(gate: gn.Gate, ledger: gn.Ledger, permit: str) -> list[str]:
    """What everything that asks the ledger says."""
    out = []
    for id_ in ("before", "in-the-child"):
        decision = gate.decide(refund(id_, 1))
        out += [f"{decision.verdict} {decision.id} {reason.code} {reason.message}" for reason in decision.reasons]

    def execute() -> None:
        with gate.execute(permit):
            out.append("it ran")

    asked: list[Callable[[], object]] = [
        execute,
        lambda: gate.commit(permit),
        lambda: gate.release(permit),
        lambda: gate.state(permit),
        lambda: gate.approve("before", by="someone"),
        ledger.checkpoint,
        ledger.verify,
        ledger.log,
        lambda: ledger.export("prov"),
        lambda: ledger.export("ndjson"),
        lambda: ledger.forget(gate, datetime(2026, 1, 1, tzinfo=UTC)),
    ]
    for ask in asked:
        try:
            out.append(f"answered {ask()!r}")
        except gn.LedgerError as error:
            out.append(f"{error.code} {error}".splitlines()[0])
    return out


def test_a_child_is_told_that_its_ledger_is_another_process_s(place: str | None) -> None:
    name = f"{'x' if place is None else len(place)}"
    gate = gn.Gate.loads(GATE.replace("refunds", f"fork{name}"), place)
    permit = gate.decide(refund("before", 1)).permit
    assert permit is not None

    def told() -> list[str]:
        return refusals(gate, gate.ledger, permit)

    with deciding(gate, "a"):
        for _ in range(ROUNDS):
            said = in_child(told)
            assert said[:2] == [f"deny {id_} ledger-unavailable {LEFT}" for id_ in ("before", "in-the-child")]
            assert len(said) == 13
            assert all(
                line.startswith("ledger-unavailable ") and "opened by another process" in line for line in said[2:]
            ), said
        assert gate.decide(refund("in-the-parent", 1))
    assert gate.state(permit) == "held"
    gate.commit(permit)
    assert gate.ledger.verify() == len(gate.ledger.log())
    assert not any(leaf.get("id") == "in-the-child" for leaf in gate.ledger.log())


def test_a_child_drops_what_it_inherited_and_harms_nothing(place: str | None) -> None:
    kept = [gn.Gate.loads(GATE.replace("refunds", f"drops{number}"), place) for number in range(3)]
    first = kept[0]
    assert all(gate.decide(refund(f"d-{gate.id}", 1)) for gate in kept)

    def dropped() -> list[str]:
        nonlocal first
        kept.clear()
        del first
        gc.collect()
        return ["gone"]

    with deciding(first, "d"):
        for _ in range(ROUNDS):
            assert in_child(dropped) == ["gone"]
    assert first.decide(refund("d-after", 1))
    assert all(gate.ledger.verify() > 0 for gate in kept)
    if place is not None:
        assert gn.Ledger(place).verify() == first.ledger.verify()


def opened(place: str | None) -> list[str]:
    try:
        gate = gn.Gate.loads(GATE.replace("refunds", "anew"), place)
        decision = gate.decide(refund(f"anew-{os.getpid()}", Decimal("0.01")))
        return [f"{decision.verdict} {gate.ledger.verify() > 0}"]
    except gn.LedgerError as error:
        return [f"{error.code} {error}".splitlines()[0]]


def test_a_child_opens_its_own(place: str | None) -> None:
    """SQLite's table of files is inherited, and its locks are not: there a child that opened one would harm its parent."""
    before = gn.Gate.loads(GATE, place)
    said = in_child(lambda: opened(place))
    if place is None or place.startswith("postgres"):
        assert said == ["allow True"]
    else:
        assert len(said) == 1
        assert said[0].startswith("ledger-unavailable ")
        assert "spawn" in said[0]
        assert in_child(lambda: opened(None)) == ["allow True"]
    assert before.ledger.verify() == len(before.ledger.log())
    # Where none is open, a child has nothing to fear.
    del before
    assert in_child(lambda: opened(place)) == ["allow True"]


def answer(gate: gn.Gate, answers: multiprocessing.SimpleQueue[str]) -> None:
    signal.alarm(WATCHDOG)
    answers.put(gate.decide(refund("worker", 1)).reasons[0].message)


def test_a_worker_of_multiprocessing(place: str | None) -> None:
    gate = gn.Gate.loads(GATE.replace("refunds", "worker"), place)
    context = multiprocessing.get_context("fork")
    with deciding(gate, "m"):
        answers = context.SimpleQueue()
        worker = context.Process(target=answer, args=(gate, answers))
        worker.start()
        # A few words fit into the pipe; one that hangs is ended by its alarm, and says nothing.
        worker.join()
        assert worker.exitcode == 0
        assert answers.get() == LEFT
    assert gate.ledger.verify() == len(gate.ledger.log())
