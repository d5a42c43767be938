"""One order at a time, in Rust: programs that time themselves and print figures as JSON.

Figures: `events`; for `rule` and `transform` each `…_ns`, nanoseconds per event of every repetition, and `…_checksum`.
A rule's checksum sums the numbers of the orders that violate it; a transform's is that of `checksum` below.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import duckdb
import polars as pl

from benchmarks import transform
from benchmarks.timing import GUARD, AnswersDiffer, Times

ROOT = Path(__file__).resolve().parent.parent
CARGO = ["cargo", "run", "--quiet", "--release", "--locked", "--manifest-path"]
PROGRAMS = {
    GUARD: [*CARGO, "rust/Cargo.toml", "--package", "guard-engine", "--example", "expression_speed", "--"],
    "vrl": [*CARGO, "benchmarks/vrl/Cargo.toml", "--"],
}
# Ten nodes. What VRL is given instead: benchmarks/vrl/src/rule.vrl and transform.vrl.
RULE = "abs(round(qty * amount, 2) - total) <= 0.01"


def truth(frame: pl.DataFrame) -> dict[str, int]:
    """The checksums, from DuckDB's answers."""
    connection = duckdb.connect()
    connection.register("input", frame.to_arrow())
    violating = connection.execute(f"SELECT sum(order_id) FROM input WHERE NOT ({RULE})").fetchone()
    rows = connection.execute(transform.SQL).fetchall()
    return {"rule": int(violating[0] or 0) if violating else 0, "transform": sum(map(checksum, rows))}


def checksum(row: tuple[object, ...]) -> int:
    """Each column times its place: integers as they are, doubles in hundredths, texts by the sum of their bytes."""

    def whole(value: object) -> int:
        if isinstance(value, str):
            return sum(value.encode())
        return round(value * 100) if isinstance(value, float) else int(str(value))

    return sum(place * whole(value) for place, value in enumerate(row, 1))


def measured(events: int, repetitions: int, wanted: dict[str, int]) -> dict[str, list[Times]]:
    """Times per event of each program, by `rule` and `transform`."""
    times: dict[str, list[Times]] = {work: [] for work in wanted}
    for name, command in PROGRAMS.items():
        done = subprocess.run([*command, str(events), str(repetitions)], cwd=ROOT, stdout=subprocess.PIPE, check=True)
        figures = json.loads(done.stdout)
        got = {work: figures[f"{work}_checksum"] for work in wanted}
        if figures["events"] != events or got != wanted:
            raise AnswersDiffer(f"{name}: {got} of {figures['events']} events, not {wanted} of {events}")
        for work in wanted:
            times[work].append(Times(name, [nanoseconds * 1e-9 for nanoseconds in figures[f"{work}_ns"]]))
    return times
