"""The workloads of the gate: one proposal at a time, a history, and the same in Rust alone."""

from __future__ import annotations

from collections.abc import Iterator

import guard_nb as gn
from benchmarks import gate, gate_programs, queries
from benchmarks.timing import GUARD, Case, Contender, measure

MILLION = 1_000_000


def decisions(quick: bool) -> Iterator[Case]:
    """Proposals one by one from Python, queries too, and a million of the past."""
    count = 2_000 if quick else 10_000
    texts = gate.proposals(count)
    plain = gate.contenders(texts)[1].run()
    times = measure(gate.contenders(texts), plain, 3 if quick else 9, 20.0)
    each = ", ".join(f"{mine.name} {mine.least / count * 1e6:,.1f} µs" for mine in times)
    about = f"{count:,} actions of 260 bytes: schema, 10 rules, 3 limits in memory; each takes {each}"
    yield Case("gate", "one at a time, from Python", about, times, limit=10e-6 * count)
    yield _queries(quick)
    past = gate.frame(gate.proposals(MILLION))
    judge = gn.Gate.loads(gate.GATE)

    def back() -> dict[str, int]:
        return {"allowed": int((judge.backtest(past).frame["verdict"] == "allow").sum())}

    truth = gate.contenders(past["proposal"].to_list())[1].run()
    times = measure([Contender(GUARD, back)], truth, 3 if quick else 9, 20.0)
    yield Case("gate", "back-test", "1 M past proposals of the same kind", times, limit=1.0)


def _queries(quick: bool) -> Case:
    count = 200 if quick else 1_000
    texts = queries.texts(count)
    times = measure(queries.contenders(texts), {"allowed": count - count // 5}, 3 if quick else 9, 30.0)
    each = ", ".join(f"{mine.name} {mine.least / count * 1e6:,.1f} µs" for mine in times)
    return Case(
        "gate", "queries", f"{count:,} SELECTs of ten lines, one at a time, from Python; each takes {each}", times
    )


def in_rust(quick: bool) -> Iterator[Case]:
    """A decision, a query and a durable decision, in programs that have no Python in them."""
    count = 10_000 if quick else 50_000
    decided = gate_programs.decisions(count)
    about = f"{count:,} actions of {decided.bytes} bytes a round: schema, 10 rules, 3 limits in memory"
    yield Case("rust", "a decision, median", about, [decided.middle], limit=5e-6)
    yield Case("rust", "a decision, 99th percentile", "of the same decisions", [decided.high], limit=25e-6)
    count = 2_000 if quick else 20_000
    about = f"a SELECT of ten lines, {count:,} times a round: judged, narrowed, written, read back"
    yield Case("rust", "a query, median", about, [gate_programs.queries(count)])
    count = 64 if quick else 640
    about = f"one budget, {count:,} decisions a round, each synced to the disk before its permit is given"
    # At most a fifth slower than the store.
    goals = {gate_programs.ROWS: 0.83, gate_programs.ROW: 0.83}
    yield Case("rust", "a durable decision on SQLite", about, gate_programs.durable(count), goals, by_median=True)


ALL = {"gate": decisions, "rust": in_rust}
