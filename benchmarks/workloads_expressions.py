"""The workloads of expressions: row rules, a transform, contracts of many rules, one event at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import guard_nb as gn
from benchmarks import events, orders, rules, transform
from benchmarks.timing import GUARD, Case, Contender, measure

MILLION = 1_000_000
SAMPLE = 200_000


def row_rules(quick: bool) -> Iterator[Case]:
    """Six row rules over the orders."""
    for rows in [MILLION] if quick else [MILLION, 10 * MILLION]:
        gc.collect()
        frame, truth = orders.orders(rows)
        times = measure(rules.contenders(frame), truth, 5 if quick else 9, 12.0)
        about = "6 row rules on 11 columns, 0.1 % bad values for each"
        goals = {"polars": 2.0, "polars, streaming": 2.0, "duckdb": 3.0, "duckdb, own table": 3.0}
        yield Case("rules", f"{rows // MILLION} M rows", about, times, goals)
        del frame


def transforms(quick: bool) -> Iterator[Case]:
    """Twelve columns out of eleven, a hundredth of the records left out."""
    transform.agree(orders.orders(SAMPLE)[0])
    for rows in [MILLION] if quick else [MILLION, 10 * MILLION]:
        gc.collect()
        frame, _ = orders.orders(rows)
        shape = {"rows": int((frame["qty"] > 0).sum()), "columns": 12}
        times = measure(transform.contenders(frame), shape, 5 if quick else 9, 15.0)
        about = "12 columns: arithmetic, rounding, case, calendar, text; one filter"
        yield Case("transform", f"{rows // MILLION} M rows", about, times, {"polars": 1.5, "polars, streaming": 1.5})
        del frame


def compiling(quick: bool) -> Iterator[Case]:
    """A contract of 500 rules, from its text to a verdict on no records."""
    text, empty = rules.contract(rules.many(500)), orders.orders(0)[0]

    def run() -> dict[str, int]:
        clauses = gn.Contract.loads(text).check(empty).document["clauses"]
        return {"judged": sum(".quality." in clause["id"] and clause.get("failing") == 0 for clause in clauses)}

    times = measure([Contender(GUARD, run)], {"judged": 500}, 5 if quick else 15, 5.0)
    about = "read, planned, and judged on an empty frame, with the verdict's document"
    yield Case("compile", "500 rules", about, times, limit=50e-3)


def one_event(quick: bool) -> Iterator[Case]:
    """One order at a time through a rule of ten nodes and through the transform, in Rust."""
    count, repetitions = (20_000, 3) if quick else (100_000, 9)
    times = events.measured(count, repetitions, events.truth(orders.orders(count)[0]))
    about = f"time per event, {count:,} events in memory, in Rust"
    yield Case("event", "rule of 10 nodes", about, times["rule"], limit=1e-6)
    yield Case("event", "transform of 12 columns", about, times["transform"], {"vrl": 5.0})


ALL = {"rules": row_rules, "transform": transforms, "compile": compiling, "event": one_event}
