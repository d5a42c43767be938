"""The repository as the architecture tests see it: its files, and the debts that it admits."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEBTS = Path(__file__).with_name("debts.txt")


@cache
def files(*suffixes: str) -> tuple[Path, ...]:
    """Files that are committed, or would be with `git add`; all, or those that end so."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    found = [ROOT / name for name in sorted(set(listed)) if name and (ROOT / name).is_file()]
    return tuple(path for path in found if not suffixes or path.name.endswith(suffixes))


def name(path: Path) -> str:
    """A path as it is written in debts and messages."""
    return path.relative_to(ROOT).as_posix()


def debts() -> list[tuple[str, str, str]]:
    """(kind, subject, reason) of each line of debts.txt."""
    lines = [line for line in DEBTS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = []
    for line in lines:
        entry, _, reason = line.partition(" : ")
        kind, _, subject = entry.partition(" ")
        found.append((kind, subject, reason))
    return found


def settle(kind: str, measured: set[str]) -> str:
    """How the debts of this kind differ from those admitted: new ones, and ones paid but still listed. Empty if not."""
    admitted = {subject for found, subject, _ in debts() if found == kind}
    new = [f"new debt, pay it: {kind} {subject}" for subject in sorted(measured - admitted)]
    paid = [f"debt paid, remove it from debts.txt: {kind} {subject}" for subject in sorted(admitted - measured)]
    return "\n".join(new + paid)
