"""The workloads: what is measured, against whom, and what is hoped for."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

import guard_nb as gn
from benchmarks import (
    contracts,
    frames,
    peers_floats,
    peers_keys,
    peers_orders,
    workloads_expressions,
    workloads_gate,
    workloads_ingest,
)
from benchmarks.timing import GUARD, AnswersDiffer, Case, Contender, Times, measure

MILLION = 1_000_000
FRAME_GOALS = {"polars": 4.0, "dataframely": 8.0, "duckdb": 4.0, "pandera": 10.0, "pointblank": 10.0}
COLUMN_GOALS = {"polars": 2.0, "dataframely": 4.0, "pandera": 40.0}


def frame_checks(quick: bool) -> Iterator[Case]:
    """Seven checks on seven columns, with and without bad rows."""
    for rows in [MILLION] if quick else [MILLION, 10 * MILLION]:
        for share, said in ((0.001, "0.1 % bad in each column"), (0.0, "no bad row")):
            gc.collect()
            frame, truth = frames.orders(rows, share)
            about = "7 checks: unique, required, three ranges, set of 5, e-mail pattern"
            rounds, budget = (5, 4.0) if quick else (9, 12.0)
            times = measure(peers_orders.contenders(frame), truth, rounds, budget)
            yield Case("frame", f"{rows // MILLION} M rows, {said}", about, times, FRAME_GOALS)
            del frame


def many_clauses(quick: bool) -> Iterator[Case]:
    """Five clauses a column on 100 float columns, with and without bad values."""
    for bad, said in ((20, "20 bad values in each"), (0, "no bad value")):
        frame, truth = frames.floats(200_000, 100, bad)
        for touched in (10, 100):
            columns = frame.columns[:touched]
            mine = {key: count for key, count in truth.items() if key.split(".")[0] in columns}
            about = f"200,000 rows × 100 float64, bounds and required on {touched} columns"
            times = measure(peers_floats.contenders(frame, columns), mine, 5 if quick else 15, 6.0)
            yield Case("clauses", f"{5 * touched} clauses, {said}", about, times, COLUMN_GOALS)


def tiny_frames(quick: bool) -> Iterator[Case]:
    """A frame so small that only the fixed cost counts."""
    frame, truth = frames.tiny()
    few, many = peers_orders.contenders(frame, wide=True)[:3], peers_orders.contenders(frame, wide=True)[3:]
    few_times = measure(few, truth, 5 if quick else 15, 5.0, calls=50)
    many_times = measure(many, truth, 5, 5.0, calls=2)
    about = "10 checks, contract prepared; counts read from the verdict's document"
    limit = 50e-6 + 10e-6 * frame.width
    yield Case("tiny", "1,000 rows × 10 columns", about, few_times + many_times, limit=limit)
    contract = gn.Contract.loads(contracts.contract(contracts.tiny()))
    alone = [Contender(GUARD, lambda: {"rejected": contract.check(frame).rejected})]
    times = measure(alone, {"rejected": 0}, 15, 5.0, calls=50)
    yield Case("tiny", "the same, `check` and its counts only", "no document parsed", times, limit=limit)


def uniqueness(quick: bool) -> Iterator[Case]:
    """Exact uniqueness by kind of key."""
    rows = MILLION if quick else 5 * MILLION
    for kind in frames.LADDER:
        small, surplus = frames.keys(kind, 200_000, pairs=300)
        measure(peers_keys.contenders(small), surplus, 0, 0.0)
        gc.collect()
        frame, truth = frames.keys(kind, rows)
        times = measure(peers_keys.contenders(frame), truth, 5 if quick else 9, 6.0)
        yield Case("unique", kind, f"{rows // MILLION} M keys, all distinct", times, {"polars": 2.0})
        del frame


def start(quick: bool) -> Iterator[Case]:
    """Import in a fresh process, and the report of a verdict of ten clauses."""
    names = [GUARD, "polars", "dataframely", "pandera.polars", "pointblank", "duckdb"]
    times = [Times(name) for name in names]
    for _ in range(3 if quick else 7):
        for mine in times:
            mine.wall.append(_import_time(mine.name))
    yield Case("start", "import", "in a fresh process", times)
    yield Case("start", "command line", "`guard-nb --version`: a whole process", _command_times(quick), limit=30e-3)
    frame = pl.DataFrame({"id": [1, 1, 2], "customer": [1, None, 2], "quantity": [0, 5, 500]})
    verdict = gn.Contract.loads(contracts.contract(contracts.ten_clauses())).check(frame)
    clauses = len(verdict.document["clauses"])
    for said, render in (("HTML", verdict.to_html), ("text", verdict.to_text)):
        size = len(render().encode())
        if size > 8_192:
            print(f"  the {said} report has {size:,} bytes: over 8 kB")
        alone = measure(
            [Contender(GUARD, lambda render=render: {"bytes": len(render().encode())})], {"bytes": size}, 9, 2.0, 20
        )
        yield Case("start", f"report as {said}", f"{clauses} clauses, 3 failing, {size:,} bytes", alone, limit=5e-3)


def _command_times(quick: bool) -> list[Times]:
    """The command of the package, whose process is Python, and the plain program when it was built."""
    folder = Path(__file__).resolve().parent.parent / "rust" / "target" / "release"
    commands = {GUARD: Path(sys.executable).with_name("guard-nb"), "plain program": folder / "guard-nb"}
    times = [Times(name) for name, command in commands.items() if command.exists()]
    for _ in range(10 if quick else 30):
        for mine in times:
            begun = time.perf_counter()
            subprocess.run([commands[mine.name], "--version"], check=True, capture_output=True)
            mine.wall.append(time.perf_counter() - begun)
    return times


def _import_time(module: str) -> float:
    # Names of guard_nb are imported when they are asked for: ask for the one that everybody needs.
    use = f"import {module}" + ("; guard_nb.Contract" if module == GUARD else "")
    code = f"import time; t = time.perf_counter(); {use}; print(time.perf_counter() - t)"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


ALL = {
    "frame": frame_checks,
    "clauses": many_clauses,
    "tiny": tiny_frames,
    "unique": uniqueness,
    **workloads_expressions.ALL,
    **workloads_ingest.ALL,
    **workloads_gate.ALL,
    "start": start,
}

__all__ = ["ALL", "AnswersDiffer"]
