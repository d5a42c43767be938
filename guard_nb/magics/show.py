"""What a guard shows: the report, progress of long checks, and short errors."""

from __future__ import annotations

import html
import time
from typing import Any, cast

from IPython.display import DisplayHandle

from guard_nb._visible import visible
from guard_nb.errors import FrameError, GuardError, GuardViolation
from guard_nb.session import MARKS
from guard_nb.verdict import Verdict

PATIENCE = 0.25
LONGEST_ERROR = 24


class Report:
    """A verdict as a notebook shows it, with notes on how it came about below."""

    def __init__(self, verdict: Verdict, notes: list[str]) -> None:
        self.verdict = verdict
        self.notes = notes

    def bundle(self) -> dict[str, Any]:
        """The verdict's mime bundle, notes added to the HTML, the text and beside the document."""
        bundle = self.verdict._repr_mimebundle_()
        if self.notes:
            said = "".join(f"<div>{_marked(note)}</div>" for note in self.notes)
            bundle["text/html"] += f'<div style="font:12px/1.5 system-ui,sans-serif;opacity:.8">{said}</div>'
            told = [bundle["text/plain"].rstrip("\n"), *(visible(note) for note in self.notes)]
            bundle["text/plain"] = "\n".join(told)
            for mime, document in bundle.items():
                if mime.endswith("+json"):
                    document["beside"]["notes"] = self.notes
        return bundle


class Progress:
    """One display for a long check: it appears after a quarter of a second and the report takes its place."""

    def __init__(self, what: str, total: int | None) -> None:
        self._what = what
        self._total = total
        self._started = time.monotonic()
        self._shown_at = self._started
        self._handle: Any = None

    def __call__(self, done: int) -> None:
        """Called by the check with the number of records done."""
        now = time.monotonic()
        if now - self._shown_at < PATIENCE:
            return
        self._shown_at = now
        part = f" of {self._total:,} ({100 * done // self._total} %)" if self._total else ""
        self.put(_plain(f"checking {self._what}: {done:,}{part} records, {now - self._started:.1f} s"))

    def replace(self, report: Report) -> None:
        """Shows the report, in place of the progress if there was any."""
        self.put(report.bundle())

    def clear(self, said: str = "") -> None:
        """Takes the progress away, if there was any."""
        if self._handle is not None:
            self._handle.update(_plain(said), raw=True)

    def put(self, bundle: dict[str, Any]) -> None:
        """Shows a bundle, in place of the progress if there was any."""
        if self._handle is None:
            self._handle = _handle()
            self._handle.display(bundle, raw=True)
        else:
            self._handle.update(bundle, raw=True)


def _marked(note: str) -> str:
    """Escaped, with what stands between backticks as code."""
    parts = html.escape(visible(note)).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _handle() -> Any:
    return cast(Any, DisplayHandle)()


def _plain(text: str) -> dict[str, Any]:
    text = visible(text)
    return {"text/plain": text, "text/html": f"<pre>{html.escape(text)}</pre>" if text else ""}


def line(verdict: Verdict, name: str) -> str:
    """One line: what is said when the report is silenced."""
    counts = f"{verdict.rejected:,} of {verdict.records:,} records rejected, {verdict.unknown:,} unknown"
    return f"{MARKS.get(verdict.status, '?')} {verdict.status} · {name} · {counts} · %guard explain"


def say(text: str) -> None:
    """A line of text as an output of its own."""
    say_bundle(_plain(text))


def say_bundle(bundle: dict[str, Any]) -> None:
    """A mime bundle as an output of its own."""
    Progress("", None).put(bundle)


def concise(error: GuardError) -> GuardError:
    """The same error, shown by IPython as its message and help in place of a traceback through guard_nb."""
    because = f"\n  because: {error.__cause__}" if isinstance(error, FrameError) and error.__cause__ is not None else ""
    lines = [visible(text) for text in f"{type(error).__name__}: {error}{because}".split("\n")]
    if len(lines) > LONGEST_ERROR:
        lines = [*lines[:LONGEST_ERROR], f"  … and {len(lines) - LONGEST_ERROR} more lines: guard-nb lint"]
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    return error


def shortened(error: BaseException) -> BaseException:
    """`concise` for misuse and I/O; violations render themselves and everything else keeps its traceback."""
    return concise(error) if isinstance(error, GuardError) and not isinstance(error, GuardViolation) else error
