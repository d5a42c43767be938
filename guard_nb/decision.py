"""What a gate answers: decisions with reasons, and whether one gate is narrower than another (G2 and G10)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guard_nb import _native


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision is what it is.

    `path` points into the arguments, or for a query and a transform into the proposal; `span` is the place in the text
    at `path` (`line`, `column`, `start`, `end`); `limit` names a limit; `help` says more than the code's own.
    """

    code: str
    message: str
    path: str | None = None
    limit: str | None = None
    span: dict[str, int] | None = None
    help: str | None = None


class Decision:
    """What a gate says to a proposal: `verdict` is allow, transform, deny or escalate. True when it has a permit.

    Of a query or a transform that may run, `query` or `transform` is what was approved: text, parameters, lineage.

    In a notebook it shows the proposal to the left and what had to hold to the right.
    """

    def __init__(self, native: _native.Decision) -> None:
        self._native = native
        self.verdict: str = native.verdict

    @property
    def permit(self) -> str | None:
        """What `execute` redeems; none unless it is allowed."""
        return self._native.permit

    @cached_property
    def document(self) -> dict[str, Any]:
        """The whole decision; it is read when somebody asks."""
        document: dict[str, Any] = json.loads(self._native.to_json())
        return document

    @property
    def id(self) -> str | None:
        """The proposal's id, where it has a readable one."""
        id_: str | None = self.document["id"]
        return id_

    @property
    def replayed(self) -> bool:
        """Was it decided before?"""
        return bool(self.document["replayed"])

    @cached_property
    def reasons(self) -> list[Reason]:
        """Why, by precedence."""
        return [Reason(**reason) for reason in self.document["reasons"]]

    @property
    def obligations(self) -> list[dict[str, str]]:
        """What had to hold, in the order of judging."""
        obligations: list[dict[str, str]] = self.document["obligations"]
        return obligations

    @property
    def query(self) -> dict[str, Any] | None:
        """Of a query that may run: the approved text, its parameters, what it reads (G8.6)."""
        query: dict[str, Any] | None = self.document.get("query")
        return query

    @property
    def transform(self) -> dict[str, Any] | None:
        """Of a transform that may run: the text, its contracts, which columns flow where (G9.4)."""
        transform: dict[str, Any] | None = self.document.get("transform")
        return transform

    def __bool__(self) -> bool:
        """May it run, as proposed (allow) or in the narrower form that was approved (transform)?"""
        return self.verdict in {"allow", "transform"}

    def to_json(self) -> str:
        """The document, canonical JSON."""
        return self._native.to_json()

    def to_html(self) -> str:
        """The static report."""
        return self._native.to_html()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {
            "text/plain": repr(self),
            "text/html": self.to_html(),
            "application/vnd.guard-nb.decision.v1+json": self.document,
        }

    def __repr__(self) -> str:
        """Verdict and codes."""
        codes = ", ".join(reason.code for reason in self.reasons)
        said = f"{self.verdict}: {codes}" if codes else self.verdict
        return f"<Decision {said}{' (replayed)' if self.replayed else ''}>"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Is one gate narrower than another? `answer` is proved, refuted or unknown; true when it is proved.

    Refuted: the gate says `narrow` to `proposal`, the other one only `wide`, for `reasons`; with `limit`, when
    this limit of the other gate is used up, and where both judge for a principal with `context`. Unknown: `doubts`
    could not be proved; treat it as refuted.
    """

    answer: str
    proposal: dict[str, Any] | None = None
    narrow: str | None = None
    wide: str | None = None
    reasons: list[str] = field(default_factory=list)
    limit: str | None = None
    context: dict[str, Any] | None = None
    doubts: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Is it proved?"""
        return self.answer == "proved"
