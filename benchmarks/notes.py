"""Why a goal is missed, and what was tried.

By workload, case ("" = every case of it) and peer ("" = the limit)."""

from __future__ import annotations

NOTES: dict[tuple[str, str, str], str] = {}


def note(workload: str, case: str, peer: str) -> str:
    """The note that fits best, or that none was written yet."""
    keys = [(workload, case, peer), (workload, "", peer), (workload, case, ""), (workload, "", "")]
    return next((NOTES[key] for key in keys if key in NOTES), "not looked into yet")
