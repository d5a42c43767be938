"""Verdicts and the partial verdicts that merge into them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from guard_nb import _native, _texts

if TYPE_CHECKING:
    import polars as pl

MIME = "application/vnd.guard-nb.verdict.v1+json"


class Verdict:
    """What a contract says of data: `accept`, `reject` or `unknown`, with one line for every clause.

    The document (`to_json`) is the same bytes on every surface. What belongs to this run only (time taken, names)
    stands beside it and shows in reports.
    """

    def __init__(
        self,
        native: _native.Verdict,
        *,
        elapsed_us: int | None = None,
        contract_path: str | None = None,
        frame: str | None = None,
        rejects: str | None = None,
        sources: list[str] | None = None,
    ) -> None:
        self._native = native
        self._beside: dict[str, Any] = {
            "elapsedUs": elapsed_us,
            "contractPath": contract_path,
            "frame": frame,
            "rejects": rejects,
            "sources": sources,
        }

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """Reads a document written by `to_json`; reports can be made of it without the data."""
        return cls(_native.Verdict.from_json(_texts.text("text", text)))

    @property
    def status(self) -> str:
        """`accept`, `reject` or `unknown`."""
        return self._native.summary[0]

    @property
    def records(self) -> int:
        """All records; `accepted + rejected + unknown`."""
        return self._native.summary[1]

    @property
    def accepted(self) -> int:
        """Records that satisfy every deciding clause."""
        return self._native.summary[2]

    @property
    def rejected(self) -> int:
        """Records that violate one."""
        return self._native.summary[3]

    @property
    def unknown(self) -> int:
        """Records that could not be decided."""
        return self._native.summary[4]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical document."""
        return self._native.digest

    @cached_property
    def document(self) -> dict[str, Any]:
        """The document as Python objects; its shape is in docs/spec/verdict.md."""
        document: dict[str, Any] = json.loads(self._native.json)
        return document

    @property
    def clauses(self) -> pl.DataFrame:
        """One row for each clause, in the contract's order.

        `failing` counts violations, `undecided` the records on which a row rule's expression failed.
        """
        from guard_nb._frames import clauses

        return clauses(self.document, self._native.lines)

    @property
    def violations(self) -> pl.DataFrame:
        """One row for each record kept as evidence: violations (`outcome` is `fail`) and undecided records (`unknown`).

        The latter are those on which the expression of a row rule failed; `code` says how.

        At most five violations for each clause and five records for each reason; `failing` and `undecided` say how many
        there are. `Contract.split(frame).rejected` has every rejected and unknown record.
        """
        from guard_nb._frames import violations

        return violations(self.document)

    def to_json(self) -> str:
        """The canonical document (RFC 8785)."""
        return self._native.json

    def to_text(self, style: str = "narrated") -> str:
        """For a terminal: `narrated`, or a `table` of every clause."""
        if style not in ("narrated", "table"):
            from guard_nb.errors import UsageError

            raise UsageError(f"no style `{style}`", code="style-unknown", help="use `narrated` or `table`")
        return self._native.table(self._aside()) if style == "table" else self._native.text(self._aside())

    def to_html(self, page: bool = False) -> str:
        """A static report without scripts or addresses: a fragment, or a whole `page`."""
        return self._native.html_page(self._aside()) if page else self._native.html(self._aside())

    def to_oors(self, observed_at: datetime | None = None) -> str:
        """OORS JSON (Open Observability Results Standard); it holds no data. `observed_at` is now unless given."""
        when = observed_at or datetime.now(UTC)
        return self._native.oors(self._aside(observedAt=when.isoformat()))

    def to_junit(self) -> str:
        """JUnit XML, one test case for each clause."""
        return self._native.junit(self._aside())

    def to_traceback(self) -> list[str]:
        """At most 12 lines: what an enforcing surface shows."""
        return self._native.traceback(self._aside())

    def chart(self, kind: str = "clauses") -> Any:
        """An Altair chart of `clauses` (failing values of each)."""
        from guard_nb.charts import chart

        return chart(self.document, kind)

    def named(self, frame: str | None = None, rejects: str | None = None) -> Verdict:
        """The same verdict with the names that the frame and the rejected records have where the user typed them."""
        beside = self._beside
        return Verdict(
            self._native,
            elapsed_us=beside["elapsedUs"],
            contract_path=beside["contractPath"],
            frame=frame or beside["frame"],
            rejects=rejects or beside["rejects"],
            sources=beside["sources"],
        )

    def _aside(self, **more: Any) -> str:
        known = {**self._beside, **more}
        return json.dumps({key: value for key, value in known.items() if value is not None})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        beside = {key: value for key, value in self._beside.items() if value is not None}
        return {
            MIME: {"verdict": self.document, "digest": self.digest, "beside": beside},
            "text/html": self.to_html(),
            "text/plain": self.to_text(),
        }

    def _repr_html_(self) -> str:
        return self.to_html()

    def __eq__(self, other: object) -> bool:
        """Equal documents."""
        return isinstance(other, Verdict) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        """Of the document."""
        return hash(self.to_json())

    def __repr__(self) -> str:
        """Status and counts."""
        return (
            f"<Verdict {self.status}: {self.records:,} records, {self.accepted:,} accepted, "
            f"{self.rejected:,} rejected, {self.unknown:,} unknown>"
        )


class Partial:
    """Judged records that merge exactly with others of the same contract, options and references."""

    def __init__(self, native: _native.Partial) -> None:
        self._native = native

    @classmethod
    def from_bytes(cls, data: bytes) -> Partial:
        """Reads `to_bytes`; raises `MergeError` for anything else."""
        return cls(_native.Partial.from_bytes(data))

    def to_bytes(self) -> bytes:
        """Bytes for another process."""
        return bytes(self._native.to_bytes())

    def verdict(self) -> Verdict:
        """The verdict on the records seen; unknown if they leave a hole and nothing rejects."""
        return Verdict(self._native.verdict())

    @property
    def records(self) -> int:
        """Records seen."""
        return self._native.records

    def __repr__(self) -> str:
        """Records seen."""
        return f"<Partial of {self.records:,} records>"


def merge(first: Partial, *others: Partial) -> Partial:
    """What all parts saw together, in any order. Raises `MergeError` if they overlap or differ in what judged them."""
    return Partial(_native.merge(first._native, [other._native for other in others]))
