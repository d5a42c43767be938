"""The session's ledger: every guarded cell and what came of it, kept outside the notebook's outputs.

Outputs can be captured, cleared or swallowed; the ledger cannot. `%guard status` prints it; exporters and runners
read it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guard_nb.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the records of a transform: `records = output + quarantined + left_out`."""

    records: int
    output: int
    quarantined: int
    left_out: int


@dataclass(slots=True, eq=False)
class Entry:
    """One guarded cell, from the moment its guard line runs.

    `verdict` is None until the check ends; `fault` is the exception that ended it instead, or the violation raised.
    `sampled` is the number of records asked for when only a sample was judged. For a `%%transform` cell `transform` is
    `in → out`, `counts` what became of the records, and `verdict` the output contract's, if there is one.
    """

    number: int
    cell: int | None
    contract: str
    object: str | None = None
    mode: str = "enforce"
    sampled: int | None = None
    verdict: Verdict | None = None
    fault: BaseException | None = None
    transform: str | None = None
    counts: Counts | None = None

    @property
    def status(self) -> str:
        """What came of it: `accept`, `reject`, `unknown`, `error`, `not checked`, or one of two more.

        `sampled`, whatever the sample's verdict; `quarantined`, when a transform failed on records and its output is
        accepted, or has no contract.
        """
        refused = self.verdict is not None and self.verdict.status != "accept"
        if self.counts is not None and self.counts.quarantined and not refused:
            return "quarantined"
        if self.verdict is None:
            if self.fault is not None:
                return "error"
            return "not checked" if self.counts is None else "accept"
        if self.fault is not None and self.verdict.status == "accept":
            return "error"
        return "sampled" if self.sampled is not None else self.verdict.status

    @property
    def accepted(self) -> bool:
        """Did all records pass? A sample, a fault and a cell that ended before its check never count."""
        return self.status == "accept"

    def describe(self) -> str:
        """One line for people."""
        place = f"[{self.cell}]" if self.cell is not None else "[ ]"
        name = self.contract if self.object is None else f"{self.contract}/{self.object}"
        if self.transform is not None:
            name = self.transform if self.object is None else f"{self.transform} ({name})"
        mark = MARKS.get(self.status, "?")
        return f"{self.number:>3} {place:>5} {mark} {self.status:<11} {name:<16} {self._detail()}"

    def _detail(self) -> str:
        if self.counts is None:
            return self._judged()
        counts = self.counts
        bad = f" · {counts.quarantined:,} quarantined" if counts.quarantined else ""
        left = f" · {counts.left_out:,} left out" if counts.left_out else ""
        judged = f" · {self._judged()}" if self.verdict is not None else f" · no contract · {self.mode}"
        return f"{counts.records:,} → {counts.output:,}{bad}{left}{judged}"

    def _judged(self) -> str:
        if self.verdict is None:
            if self.fault is None:
                return "the cell ended before its check"
            return f"{type(self.fault).__name__}: {_first_line(self.fault)}"
        verdict = self.verdict
        found = f"{verdict.status} of the first " if self.sampled is not None else ""
        counts = f"{found}{verdict.records:,} records · {verdict.accepted:,} accepted · {verdict.rejected:,} rejected"
        undecided = f" · {verdict.unknown:,} unknown" if verdict.unknown else ""
        return f"{counts}{undecided} · {self.mode} · {verdict.digest.removeprefix('sha256:')[:8]}"


MARKS = {"accept": "✓", "reject": "✗", "quarantined": "✗", "error": "✗"}


@dataclass(slots=True)
class Ledger:
    """Entries in the order in which their cells ran."""

    entries: list[Entry] = field(default_factory=list)

    def open(self, cell: int | None, contract: str) -> Entry:
        """A new entry; it reads `not checked` until a verdict or a fault is set."""
        for earlier in self.entries:
            if earlier.fault is not None:
                earlier.fault.__traceback__ = None  # its frames would keep the cells' data in memory
        entry = Entry(len(self.entries) + 1, cell, contract)
        self.entries.append(entry)
        return entry

    def discard(self, entry: Entry) -> None:
        """Takes the last entry away: its cell ran nothing."""
        if self.entries and self.entries[-1] is entry:
            self.entries.pop()

    def close(self, entry: Entry, verdict: Verdict | None = None, fault: BaseException | None = None) -> None:
        """Sets what came of an entry. A verdict that is there already stays."""
        entry.verdict = verdict or entry.verdict
        entry.fault = fault or entry.fault

    @property
    def accepted(self) -> bool:
        """Was something guarded, and was everything guarded accepted?"""
        return bool(self.entries) and all(entry.accepted for entry in self.entries)


_LEDGER = Ledger()


def ledger() -> Ledger:
    """The ledger of this process."""
    return _LEDGER


def _first_line(fault: BaseException) -> str:
    return next(iter(str(fault).splitlines()), "")
