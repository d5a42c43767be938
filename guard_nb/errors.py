"""One family of exceptions for misuse and I/O. Data that violate a contract are values (`Verdict`), not exceptions.

`GuardViolation` alone carries a verdict and is raised by enforcing surfaces only: `%%guard` cells and `guard()` blocks.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guard_nb.transform import Transformed
    from guard_nb.verdict import Verdict


class GuardError(Exception):
    """Base of every exception of guard_nb.

    `code` is a name of the table of codes (`guard_nb.codes()`), `help` says what to do next.
    """

    def __init__(self, message: str, *, code: str = "internal-error", help: str = "") -> None:  # noqa: A002
        super().__init__(message)
        self.message = message
        self.code = code
        self.help = help

    def __str__(self) -> str:
        """`code: message` and the help on a line of its own."""
        text = f"{self.code}: {self.message}"
        return f"{text}\n  help: {self.help}" if self.help else text


class UsageError(GuardError):
    """The call cannot be understood: an unknown object, an unreadable `as_of`."""


class FrameError(GuardError):
    """The object is no frame, or its Arrow stream failed."""


class IngestError(GuardError):
    """A file or stream that gave no verdict: it is missing, damaged as a whole, or of no known format."""

    def __init__(self, message: str, *, code: str = "file-unreadable", help: str | None = None) -> None:  # noqa: A002
        super().__init__(message, code=code, help=help or "")


class MergeError(GuardError):
    """Partial verdicts that cannot merge, or bytes that are none."""


class InternalError(GuardError):
    """A fault inside guard_nb; no verdict was given."""


class ContractError(GuardError):
    """A contract that did not load; `diagnostics` lists everything found, in the order of the text."""

    def __init__(self, diagnostics: str) -> None:
        self.diagnostics: list[dict[str, Any]] = json.loads(diagnostics)
        errors = [found for found in self.diagnostics if found["level"] == "error"]
        first: dict[str, Any] = errors[0] if errors else {"code": "contract", "help": None}
        super().__init__("the contract did not load", code=first["code"], help=first["help"] or "")

    def __str__(self) -> str:
        """One line for each diagnostic: line and column, level, message, code; help below it."""
        return "\n".join(["the contract did not load", *map(describe, self.diagnostics)])


class GateError(GuardError):
    """A gate file that did not load, or a context that does not fit; `diagnostics` lists all, in the text's order."""

    def __init__(self, diagnostics: str) -> None:
        self.diagnostics: list[dict[str, Any]] = json.loads(diagnostics)
        errors = [found for found in self.diagnostics if found["level"] == "error"]
        first: dict[str, Any] = errors[0] if errors else {"code": "gate-malformed", "help": None}
        self._head = (
            "the context does not fit the gate" if first["code"] == "query-context" else "the gate did not load"
        )
        super().__init__(self._head, code=first["code"], help=first["help"] or "")

    def __str__(self) -> str:
        """One line for each diagnostic: line and column, level, message, code; help below it."""
        return "\n".join([self._head, *map(describe, self.diagnostics)])


class LedgerError(GuardError):
    """A permit that cannot be redeemed or settled, or a ledger that cannot be used. Nothing was done."""


class ExpressionError(GuardError):
    """A text that is no expression, or no transform. `text` is what was read, `line` and `column` count from 1."""

    def __init__(self, diagnostic: str, *, text: str = "") -> None:
        found: dict[str, Any] = json.loads(diagnostic)
        super().__init__(found["message"], code=found["code"], help=found.get("help") or "")
        self.text = text
        self.line: int = found["span"]["line"]
        self.column: int = found["span"]["column"]

    def __str__(self) -> str:
        """Code and message, the line of the text with a mark below the place, and the help."""
        lines = self.text.splitlines() or [""]
        shown = f"{self.code}: {self.message}"
        if 0 < self.line <= len(lines):
            source = lines[self.line - 1]
            start = max(0, self.column - 60)
            piece = source[start : start + 100]
            mark = " " * (max(1, self.column) - 1 - start) + "^"
            shown += f"\n  {self.line} | {piece}\n  {' ' * len(str(self.line))} | {mark}"
        return f"{shown}\n  help: {self.help}" if self.help else shown


class GuardViolation(GuardError):
    """Data that violate their contract, raised where a guard enforces it. `verdict` holds the evidence."""

    def __init__(self, verdict: Verdict) -> None:
        summary = f"{verdict.rejected:,} of {verdict.records:,} records rejected, {verdict.unknown:,} unknown"
        super().__init__(
            summary, code=f"guard-{verdict.status}", help="see `.verdict`, or `%guard explain` in a notebook"
        )
        self.verdict = verdict

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: at most 12 lines."""
        return self.verdict.to_traceback()


class QuarantineError(GuardError):
    """Records on which a transform failed and that nothing takes, raised by `%%transform`. `transformed` has them."""

    def __init__(self, transformed: Transformed) -> None:
        bad = transformed.quarantined
        reasons = bad.group_by(bad.columns[-1], bad.columns[-2], maintain_order=True).len().rows()
        said = "; ".join(f"`{item}` {code} on {count:,}" for item, code, count in reasons[:3])
        more = "; …" if len(reasons) > 3 else ""
        message = f"{bad.height:,} of {transformed.records:,} records failed: {said}{more}"
        help_ = (
            "handle the failure in the text (TRY_CAST, NULLIF, COALESCE, CASE), or take the records: `--rejects bad`"
        )
        super().__init__(message, code="records-quarantined", help=help_)
        self.transformed = transformed


def describe(found: dict[str, Any]) -> str:
    """One diagnostic as people read it."""
    span = found["span"]
    # What is about no place of a text, such as a context, has line 0.
    place = f"{span['line']}:{span['column']} " if span["line"] else ""
    line = f"  {place}{found['level']}: {found['message']} [{found['code']}]"
    return f"{line}\n      help: {found['help']}" if found.get("help") else line
