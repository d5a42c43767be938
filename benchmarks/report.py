"""Measured cases as terminal tables and as docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.notes import note
from benchmarks.timing import GUARD, Case, Times

TITLES = {
    "frame": "A frame against its contract",
    "clauses": "Many clauses",
    "tiny": "Small frames",
    "unique": "Exact uniqueness",
    "rules": "Row rules",
    "transform": "A transform",
    "compile": "Contracts of many rules",
    "event": "One event at a time",
    "ingest": "Files",
    "gate": "The gate",
    "rust": "The gate in Rust",
    "start": "Start and report",
}
INTRO = """# Benchmarks

Written by `make bench` (`python benchmarks/run.py`); do not edit. Same process, same run, contenders alternate after
a warm-up; before any time is taken each contender's counts are compared with the generator's truth, and a mismatch
fails the run. Times are minima over the rounds, with medians beside them; a ratio is peer's minimum / guard_nb's
minimum. Every library uses its default threads. guard_nb returns the whole verdict with evidence (first failing
records, values, context). polars, duckdb and pointblank are asked for counts only; dataframely and pandera have no
such mode and gather failing rows too. polars expressions are hand-written, one `collect`; `n_unique` counts the ids.

Row rules are polars expressions and DuckDB's SQL of the same meaning (NULL passes), counts only. Transforms make a
whole frame; on a sample every value is compared with DuckDB's. One event at a time: programs in Rust, one thread,
events in memory before and answers read after the clock; their answers' checksum is compared with DuckDB's. VRL
(benchmarks/vrl) knows the type of every field and runs on Vector's allocator.

Files are read from the system's cache into one frame, with types given to all. guard_nb checks every value and
accounts for every byte; polars and DuckDB only read, and "polars, checked" filters by the same clauses. Before any time
is taken exact sums over every column are compared.

The gate reads each proposal's text, judges it, keeps the three limits, writes decision and log, and makes a permit. The
peers parse with `json`, validate with jsonschema-rs and judge rules in Python or by Cedar's compiled policies; limits
are sums in Python's dicts, and there is no log and no permit. The number of allowed proposals is compared.

Of a query guard_nb judges tokens and tree, puts the tenant's condition and a LIMIT in, reads back what it wrote and
says which columns go where. sqlglot parses, resolves names by a schema, and is told to put the same in and to write;
it judges no tokens and reads nothing back.

The gate in Rust: programs without Python, one thread where no other number is told; times of one decision, of which a
round gives the median or the 99th percentile. A durable decision is held beside what SQLite commits by itself to the
same disk, in turns: the very rows that a decision writes, and a single row of 2 kB; there a ratio is of medians, since
a disk is now slow and now fast.
"""


def seconds(value: float) -> str:
    """Three digits with a unit."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}" if value < 999.5 * scale else f"{value / scale:,.0f} {unit}"
    return f"{value * 1e9:.0f} ns"


def goal(case: Case, times: Times) -> tuple[str, bool | None]:
    """Goal of a row as text, and whether it is met; None without a goal."""
    if times.name == GUARD:
        return ("", None) if case.limit is None else (f"≤ {seconds(case.limit)}", times.least <= case.limit)
    wanted, ratio = case.goals.get(times.name), case.ratio(times.name)
    return ("", None) if wanted is None or ratio is None else (f"≥ {wanted:g}×", ratio >= wanted)


def rows(case: Case) -> Iterable[list[str]]:
    """One row a contender."""
    for times in case.times:
        ratio = None if times.name == GUARD else case.ratio(times.name)
        wanted, met = goal(case, times)
        said = {None: "", True: "met", False: "missed"}[met]
        yield [times.name, seconds(times.least), seconds(times.median), f"{ratio:.2f}×" if ratio else "", wanted, said]


def terminal(case: Case) -> str:
    """A table for the terminal. Its last column, least CPU time of a round, is disturbed less by busy neighbours."""
    head = f"{TITLES[case.workload]}: {case.name} ({case.about})"
    cpu = [f"cpu {seconds(min(times.cpu))}" if times.cpu else "" for times in case.times]
    table = zip(rows(case), cpu, strict=True)
    lines = [f"  {a:<18}{b:>10}{c:>10}{d:>10}{e:>10}  {f:<8}{g}" for (a, b, c, d, e, f), g in table]
    return "\n".join([head, *lines])


def missed(case: Case) -> list[str]:
    """A sentence for each goal that was missed."""
    out = []
    for times in case.times:
        if goal(case, times)[1] is False:
            peer = "" if times.name == GUARD else times.name
            against = f"against {peer}" if peer else "of the limit"
            out.append(f"- {case.name}, {against}: {note(case.workload, case.name, peer)}")
    return out


def document(cases: list[Case], facts: dict[str, str], load: float) -> str:
    """docs/benchmarks.md."""
    parts = [
        INTRO,
        "| machine | |\n|---|---|\n" + "\n".join(f"| {key} | {value} |" for key, value in facts.items()),
    ]
    cores = int(facts["cores"])
    noise = " (others used the machine: read ratios, not times)" if load > cores + 1 else ""
    parts.append(f"\nLoad average while measuring: {load:.1f}{noise}.\n")
    for workload, title in TITLES.items():
        mine = [case for case in cases if case.workload == workload]
        if not mine:
            continue
        parts.append(f"## {title}\n")
        for case in mine:
            table = ["| | min | median | ratio | goal | |", "|---|---:|---:|---:|---:|---|"]
            table += ["| " + " | ".join(row) + " |" for row in rows(case)]
            parts.append(f"**{case.name}** ({case.about})\n\n" + "\n".join(table) + "\n")
        misses = [line for case in mine for line in missed(case)]
        if misses:
            parts.append("Missed:\n\n" + "\n".join(misses) + "\n")
    return "\n".join(parts)
