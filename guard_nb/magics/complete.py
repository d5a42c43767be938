"""Completion of guard and transform lines, in every front end: contracts, flags, modes, frames; and of SQL.

The body of a guarded cell stays with Jedi.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.getipython import get_ipython

from guard_nb import _arrow
from guard_nb.expressions import functions
from guard_nb.guarding import MODES
from guard_nb.magics import find, transform_line
from guard_nb.magics.commands import contract_names
from guard_nb.magics.line import COMMANDS, FLAGS, SWITCHES

START = re.compile(r"\s*(%{1,2})guard\s+(.*)")
TRANSFORM = re.compile(r"\s*%%transform(?:\s+(.*))?")
WORD = re.compile(r'[\w."]*$')
KEYWORDS = (
    "SELECT",
    "FROM input",
    "WHERE",
    "CASE WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "TRY_CAST",
    "COALESCE",
    "NULLIF",
)
OF_FRAMES = ("--on", "--references", "--params")
OF_CONTRACTS = ("--contract", "--input-contract")

Matcher = Callable[[CompletionContext], SimpleMatcherResult]
matcher = cast(Callable[[Matcher], Matcher], context_matcher(identifier="guard_nb.guard_line", priority=100))


@matcher
def guard_matcher(context: CompletionContext) -> SimpleMatcherResult:
    """Completions for the word under the cursor, on a guard or transform line and in a transform's body."""
    lines = context.full_text.split("\n")
    first = lines[0][: context.cursor_position] if context.cursor_line == 0 else lines[0]
    if (found := TRANSFORM.fullmatch(first)) is not None:
        if context.cursor_line:
            return _in_sql(found.group(1) or "", lines[context.cursor_line][: context.cursor_position], context.token)
        words, word = _words(found.group(1) or "")
        return _matches(_of_transform(words, word), word, context.token)
    guard = START.fullmatch(first) if context.cursor_line == 0 else None
    if guard is None:
        return {"completions": []}
    words, word = _words(guard.group(2))
    return _matches(_of_guard(guard.group(1) == "%", words, word), word, context.token)


def _words(text: str) -> tuple[list[str], str]:
    """The finished words, and the one under the cursor."""
    words = text.split(" ")
    word = words.pop()
    return [each for each in words if each], word


def _variables() -> dict[str, Any]:
    return getattr(get_ipython(), "user_ns", {})


def _of_guard(line_form: bool, earlier: list[str], word: str) -> list[str]:
    values = _value(earlier, word, SWITCHES)
    if values is not None:
        return values
    variables = _variables()
    if not earlier:
        return [*contract_names(variables), *(COMMANDS if line_form else ())]
    command = earlier[0] if line_form and earlier[0] in COMMANDS else ""
    match command, len(earlier):
        case ("check" | "suggest" | "rule", 1):
            return [*find.frames(variables), *(contract_names(variables) if command == "rule" else ())]
        case ("check", 2):
            return contract_names(variables)
        case ("functions", 1):
            return [each.name for each in functions()]
        case ("" | "check", _):
            return [name for name in FLAGS if name not in earlier]
    return []


def _of_transform(earlier: list[str], word: str) -> list[str]:
    values = _value(earlier, word, transform_line.SWITCHES)
    if values is not None:
        return values
    if not earlier:
        return find.frames(_variables())
    if "->" not in earlier:
        return ["->", "--explain"]
    return [name for name in transform_line.FLAGS if name not in earlier and earlier[-1] != "->"]


def _value(earlier: list[str], word: str, switches: tuple[str, ...]) -> list[str] | None:
    """Values for the flag before the cursor; None if there is none."""
    if word.startswith("--") and "=" in word:
        flag = word.partition("=")[0]
        return [f"{flag}={value}" for value in _values(flag)]
    flag = earlier[-1] if earlier else ""
    return _values(flag) if flag.startswith("--") and flag not in switches and "=" not in flag else None


def _values(flag: str) -> list[str]:
    if flag == "--mode":
        return list(MODES)
    if flag in OF_CONTRACTS:
        return contract_names(_variables())
    return find.frames(_variables()) if flag in OF_FRAMES else []


def _in_sql(asked: str, before: str, token: str) -> SimpleMatcherResult:
    """Columns of the input, functions, key words and the names of parameters."""
    variables = _variables()
    word = WORD.search(before)
    typed = word.group() if word else ""
    if before[: len(before) - len(typed)].endswith(":"):
        return _matches([name for name in variables if not name.startswith("_")], typed, token)
    source = variables.get(asked.partition("->")[0].split(" ")[0].strip())
    columns = [_quoted(name) for name in _columns(source)] if find.is_frame(source) else []
    known = [*columns, *(f"{each.name}(" for each in functions()), *KEYWORDS]
    return _matches([name for name in known if name.lower().startswith(typed.lower())], typed, token, ignore_case=True)


def _columns(frame: Any) -> list[str]:
    names = frame.collect_schema().names() if _arrow.is_lazy(frame) else getattr(frame, "columns", ())
    return [str(name) for name in names]


def _quoted(name: str) -> str:
    """As an expression names the column."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else '"' + name.replace('"', '""') + '"'


def _matches(candidates: list[str], word: str, token: str, *, ignore_case: bool = False) -> SimpleMatcherResult:
    """IPython replaces `token`, which may be only the end of the word."""
    done = len(word) - len(token) if word.endswith(token) else 0
    fits = candidates if ignore_case else [each for each in candidates if each.startswith(word)]
    return {"completions": [SimpleCompletion(text=each[done:], type="guard") for each in fits], "suppress": True}
