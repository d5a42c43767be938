"""Texts on their way to the kernels, which read UTF-8: half of a surrogate pair has none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from guard_nb.errors import ContractError, ExpressionError, UsageError

_HALF = re.compile("[\ud800-\udfff]")
_HELP = "decode the bytes that it comes from as UTF-8, without `surrogateescape`"


def text(argument: str, value: object, *, part: str = "") -> str:
    """The text given as `argument`, or as `part` of it, such as `a name in `.

    Raises `TypeError` for what is no text, and `UsageError` for half of a surrogate pair.
    """
    given = _text(argument, value, part)
    found = _HALF.search(given)
    if found is not None:
        message = (
            f"{part}`{argument}` holds {_escaped(found)}, half of a surrogate pair, at character {found.start() + 1}"
        )
        raise UsageError(message, code="text-unreadable", help=_HELP)
    return given


def optional(argument: str, value: object) -> str | None:
    """As `text`, and None stays."""
    return None if value is None else text(argument, value)


def mapping(argument: str, value: Mapping[str, str] | None) -> dict[str, str]:
    """A mapping of texts to texts."""
    return {
        text(argument, name, part="a name in "): text(argument, each, part="a value in ")
        for name, each in dict(value or {}).items()
    }


def expression(argument: str, value: object) -> str:
    """As `text`, for what is read as an expression: `ExpressionError` with the position."""
    given = _text(argument, value)
    found = _finding(given, "expression-syntax")
    if found is not None:
        raise ExpressionError(json.dumps(found), text=_HALF.sub("\ufffd", given))
    return given


def contract(argument: str, value: object) -> str:
    """As `text`, for what is read as a contract: `ContractError` with the position."""
    given = _text(argument, value)
    found = _finding(given, "yaml-syntax")
    if found is not None:
        raise ContractError(json.dumps([found]))
    return given


def contract_finding(argument: str, value: object) -> dict[str, Any] | None:
    """What `contract` would raise about a text, as a diagnostic."""
    return _finding(_text(argument, value), "yaml-syntax")


def has_half(given: str) -> bool:
    """Does it hold half of a surrogate pair?"""
    return _HALF.search(given) is not None


def _text(argument: str, value: object, part: str = "") -> str:
    if not isinstance(value, str):
        message = f"{part}`{argument}` must be a str, not `{type(value).__name__}`"
        raise TypeError(message)
    return value


def _escaped(found: re.Match[str]) -> str:
    return f"U+{ord(found.group()):04X}"


def _finding(given: str, code: str) -> dict[str, Any] | None:
    found = _HALF.search(given)
    if found is None:
        return None
    at = found.start()
    line, column = given.count("\n", 0, at) + 1, at - given.rfind("\n", 0, at)
    message = f"the text holds {_escaped(found)}, half of a surrogate pair"
    span = {"line": line, "column": column, "start": at, "end": at + 1}
    return {"code": code, "level": "error", "message": message, "help": _HELP, "span": span, "path": ""}
