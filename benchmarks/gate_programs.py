"""The gate in Rust, without Python: programs that time themselves and print figures as JSON."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.timing import GUARD, Times

ROOT = Path(__file__).resolve().parent.parent
CARGO = ["cargo", "run", "--quiet", "--release", "--locked", "--manifest-path", "rust/Cargo.toml"]
ROW, ROWS = "SQLite, a row of 2 kB", "SQLite, the same rows"
CROWD = f"{GUARD}, 16 threads"


@dataclass
class Decisions:
    """Seconds of a decision with its ledger in memory: medians and 99th percentiles of the rounds."""

    bytes: int
    middle: Times
    high: Times


def decisions(count: int) -> Decisions:
    """Schema, ten rules, three limits, `count` proposals a round."""
    figures = _run("guard-gate", "gate_speed", "json", str(count))
    return Decisions(figures["bytes"], _nanoseconds(figures["p50_ns"]), _nanoseconds(figures["p99_ns"]))


def queries(count: int) -> Times:
    """Seconds of judging a SELECT of ten lines, `count` times a round: medians."""
    return _nanoseconds(_run("guard-query", "speed", "json", str(count))["p50_ns"])


def durable(commits: int) -> list[Times]:
    """Seconds of a decision that SQLite keeps, beside what SQLite commits by itself on the same disk.

    They take turns within a round of `commits`. The folder lies in the project: a temporary one may be in memory, where
    nothing is durable.
    """
    with tempfile.TemporaryDirectory(dir=ROOT / "rust" / "target") as folder:
        figures = _run("guard-gate", "ledger_speed", folder, "json", str(commits))
    names = {GUARD: "decisions", CROWD: "threads_16", ROWS: "rows", ROW: "row"}
    return [Times(name, [1 / each for each in figures[key]]) for name, key in names.items()]


def _run(package: str, example: str, *words: str) -> Any:
    command = [*CARGO, "--package", package, "--example", example, "--", *words]
    return json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)


def _nanoseconds(rounds: list[float]) -> Times:
    return Times(GUARD, [each * 1e-9 for each in rounds])
