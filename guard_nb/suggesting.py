"""Row rules proposed from a frame, for people to prune."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from guard_nb import _arrow, _native

if TYPE_CHECKING:
    import polars as pl

COLUMNS = ["kind", "rule", "columns", "support", "records", "nulls", "note"]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Rules that hold on every record that was seen.

    `frame` has one row each: `kind`, `rule` (an expression; empty for a dependency that no rule of one record can
    state), `columns`, `support` (records that it was tested on), `records`, `nulls` and `note`. `truncated` says that
    there were more.
    """

    frame: pl.DataFrame
    truncated: bool
    _yaml: str

    def to_yaml(self) -> str:
        """A `quality:` list of an ODCS object, warnings all: delete what you do not mean, then raise the severity."""
        return self._yaml

    def __repr__(self) -> str:
        """The frame."""
        return repr(self.frame)


def suggested(frame: object) -> Suggestions:
    """See `Contract.suggest`."""
    import polars as pl

    suggester = _native.Suggester()
    for batch in _arrow.batches(frame):
        suggester.push(batch)
    rows, truncated, yaml = suggester.finish()
    return Suggestions(pl.DataFrame(rows, schema=COLUMNS, orient="row"), truncated, yaml)
