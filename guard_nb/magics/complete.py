"""Completion of the guard line, in every front end: contracts, flags, modes, frames. The body stays with Jedi."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.getipython import get_ipython

from guard_nb.guarding import MODES
from guard_nb.magics import find
from guard_nb.magics.commands import contract_names
from guard_nb.magics.line import COMMANDS, FLAGS

START = re.compile(r"\s*(%{1,2})guard\s+(.*)")


Matcher = Callable[[CompletionContext], SimpleMatcherResult]
matcher = cast(Callable[[Matcher], Matcher], context_matcher(identifier="guard_nb.guard_line", priority=100))


@matcher
def guard_matcher(context: CompletionContext) -> SimpleMatcherResult:
    """Completions for the word under the cursor, on the cell's first line if that is a guard line."""
    lines = context.full_text.split("\n")
    found = None
    if context.cursor_line == 0 and lines:
        found = START.fullmatch(lines[0][: context.cursor_position])
    if found is None:
        return {"completions": []}
    words = found.group(2).split(" ")
    word = words.pop()
    earlier = [each for each in words if each]
    return _matches(_candidates(found.group(1) == "%", earlier, word), word, context.token)


def _candidates(line_form: bool, earlier: list[str], word: str) -> list[str]:
    variables: dict[str, Any] = getattr(get_ipython(), "user_ns", {})
    flag = earlier[-1] if earlier else ""
    if word.startswith("--") and "=" in word:
        flag = word.partition("=")[0]
        return [f"{flag}={value}" for value in _values(flag, variables)]
    if flag.startswith("--") and flag != "--quiet" and "=" not in flag:
        return _values(flag, variables)
    if not earlier:
        return [*contract_names(variables), *(COMMANDS if line_form else ())]
    if earlier[0] == "check" and line_form and len(earlier) < 3:
        return find.frames(variables) if len(earlier) == 1 else contract_names(variables)
    return [] if line_form and earlier[0] in COMMANDS[:3] else [name for name in FLAGS if name not in earlier]


def _values(flag: str, variables: dict[str, Any]) -> list[str]:
    if flag == "--mode":
        return list(MODES)
    return find.frames(variables) if flag in ("--on", "--references") else []


def _matches(candidates: list[str], word: str, token: str) -> SimpleMatcherResult:
    """IPython replaces `token`, which may be only the end of the word."""
    done = len(word) - len(token) if word.endswith(token) else 0
    texts = [each[done:] for each in candidates if each.startswith(word)]
    return {"completions": [SimpleCompletion(text=text, type="guard") for text in texts], "suppress": True}
