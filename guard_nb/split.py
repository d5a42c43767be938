"""Accepted and rejected records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guard_nb.verdict import Verdict

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Split:
    """The two parts of a frame: disjoint, complete, in order. Types and categories are those of the frame."""

    accepted: pl.DataFrame
    rejected: pl.DataFrame
    verdict: Verdict

    def __repr__(self) -> str:
        """Counts."""
        return f"<Split {self.accepted.height:,} accepted, {self.rejected.height:,} rejected>"


def make_split(frame: pl.DataFrame, verdict: Verdict, accepted: Any, reasons: Any, dropped: list[str]) -> Split:
    """Parts `frame` by the mask of accepted records and sets the reasons beside the others."""
    import polars as pl

    mask = pl.Series("accepted", pl.Series(accepted), dtype=pl.Boolean)
    why = pl.DataFrame(reasons)
    why = why.rename({name: _free(name, frame.columns) for name in why.columns})
    rejected = frame.filter(~mask).hstack(why)
    return Split(frame.filter(mask).drop(dropped), rejected, verdict)


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    return name
