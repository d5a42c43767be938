"""Why a goal is missed, and what was tried.

By workload, case ("" = every case of it) and peer ("" = the limit)."""

from __future__ import annotations

_CLAUSES = (
    "in this frame 20 values fail in each clause, so every block has outliers and each bound of it takes passes of its "
    "own; and failing clauses carry evidence (638 kB of JSON for 500), which is written and parsed within the time. "
    "Without bad values `check` takes 13 ms of CPU and parsing its document for the counts 8 ms. "
    "Tried, not merged: one pass for all bounds of a column, then each bound on that pass's outliers only, and JSON "
    "only when asked for: `check` from 67 to 29 ms of CPU."
)
_TINY = (
    "most of the time goes into canonical JSON, written whether asked for or not. Tried: asking for the cores once "
    "(merged), JSON only when asked for (not merged): `check` alone from 253 to 84 µs of CPU; no "
    "gain where the document is read."
)
_SORTED = (
    "the pass that proves the order is no vector loop. Tried, not merged: neighbours as two slices in place of `skip`, "
    "2.4 to 0.7 ms of CPU for 1 M keys."
)
_NOISE = "within the noise of a loaded machine: the same case without bad rows, and both of 10 M rows, meet the goal."

NOTES: dict[tuple[str, str, str], str] = {
    ("frame", "1 M rows, 0.1 % bad in each column", "pandera"): _NOISE,
    ("clauses", "", ""): _CLAUSES,
    ("tiny", "", ""): _TINY,
    ("unique", "sorted int64", ""): _SORTED,
}


def note(workload: str, case: str, peer: str) -> str:
    """The note that fits best, or that none was written yet."""
    keys = [(workload, case, peer), (workload, "", peer), (workload, case, ""), (workload, "", "")]
    return next((NOTES[key] for key in keys if key in NOTES), "not looked into yet")
