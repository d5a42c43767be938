"""The guard line: `CONTRACT [flags]`, read into a value or refused."""

from __future__ import annotations

import difflib
import keyword
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from guard_nb.errors import UsageError
from guard_nb.guarding import MODES

COMMANDS = ("status", "explain", "list", "check", "functions", "suggest", "rule")

FLAGS = {
    "--as": "NAME: bind the accepted records (polars)",
    "--rejects": "NAME: bind the rejected and unknown records with the reasons (polars)",
    "--mode": "enforce (default), quarantine or warn",
    "--on": "NAME: check this variable after the last line",
    "--sample": "N: judge the first N records only; never counts as accepted",
    "--quiet": "show the report only unless everything is accepted",
    "--object": "NAME: the schema object",
    "--references": "A,B=FRAME: variables that foreign keys refer to",
    "--as-of": "T: the instant that service levels are judged against (RFC 3339)",
    "--params": "A,B=NAME: variables for the `:a` and `:b` of row rules",
}
SWITCHES = ("--quiet",)


@dataclass(frozen=True, slots=True)
class GuardLine:
    """What a guard line asks for. `silent`: it, or its cell, ends with `;`."""

    contract: str
    accepted: str | None = None
    rejects: str | None = None
    mode: str = "enforce"
    on: str | None = None
    sample: int | None = None
    quiet: bool = False
    silent: bool = False
    object: str | None = None
    references: dict[str, str] | None = field(default=None)
    as_of: str | None = None
    params: dict[str, str] | None = field(default=None)


def read_line(text: str) -> GuardLine:
    """Reads a guard line without its `%guard`. Raises `UsageError` for anything that it does not fully understand."""
    body = text.rstrip()
    silent = body.endswith(";")
    words = read_words(body.rstrip(";").rstrip(), "the guard line")
    given, rest = read_flags(words, FLAGS, SWITCHES)
    if len(rest) != 1:
        found = f"`{rest[1]}` is too much" if rest else "the guard line names no contract"
        raise UsageError(found, code="guard-line", help="write `%%guard CONTRACT [flags]`; `%%guard?` shows the flags")
    line = GuardLine(
        contract=rest[0],
        accepted=_name(given, "--as"),
        rejects=_name(given, "--rejects"),
        mode=read_mode(given.get("--mode", "enforce")),
        on=_name(given, "--on"),
        sample=_count(given.get("--sample")),
        quiet="--quiet" in given,
        silent=silent,
        object=given.get("--object"),
        references=read_pairs(given.get("--references"), "--references", "planes,airports=my_airports"),
        as_of=given.get("--as-of"),
        params=read_pairs(given.get("--params"), "--params", "limit,day=as_of"),
    )
    _agree(line)
    return line


def read_words(text: str, what: str) -> list[str]:
    """The words of a line, quotes as a shell has them."""
    try:
        return shlex.split(text)
    except ValueError as error:
        message = f"{what} cannot be read: {str(error).lower()}"
        raise UsageError(message, code="guard-line", help=f"close the quotes; {what} is one line") from error


def read_flags(
    words: list[str], flags: Mapping[str, str], switches: tuple[str, ...]
) -> tuple[dict[str, str], list[str]]:
    """Flags with their values, and the other words."""
    given: dict[str, str] = {}
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if not word.startswith("-"):
            rest.append(word)
            continue
        flag, equals, value = word.partition("=")
        _known(flag, given, flags)
        if flag in switches:
            if equals:
                raise UsageError(f"`{flag}` takes no value", code="guard-flag", help=flags[flag])
        elif not equals:
            if not queue or queue[0].startswith("--"):
                raise UsageError(f"`{flag}` needs a value", code="guard-flag", help=f"{flag} {flags[flag]}")
            value = queue.pop(0)
        given[flag] = value
    return given, rest


def _known(flag: str, given: dict[str, str], flags: Mapping[str, str]) -> None:
    if flag in given:
        raise UsageError(f"`{flag}` is given twice", code="guard-flag", help="give it once")
    if flag not in flags:
        near = difflib.get_close_matches(flag, flags, n=1)
        help_ = f"did you mean `{near[0]}`?" if near else f"flags: {', '.join(flags)}"
        raise UsageError(f"no flag `{flag}`", code="guard-flag", help=help_)


def read_name(name: str | None, flag: str, meaning: str) -> str | None:
    """A name that a variable can have."""
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
        raise UsageError(f"`{name}` is no variable name", code="guard-flag", help=f"{flag} {meaning}")
    return name


def _name(given: dict[str, str], flag: str) -> str | None:
    return read_name(given.get(flag), flag, FLAGS[flag])


def read_mode(mode: str) -> str:
    """One of the modes."""
    if mode not in MODES:
        near = difflib.get_close_matches(mode, MODES, n=1)
        help_ = f"did you mean `{near[0]}`?" if near else f"use {', '.join(MODES)}"
        raise UsageError(f"no mode `{mode}`", code="mode-unknown", help=help_)
    return mode


def _count(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.replace("_", "").replace(",", "")
    if not (digits.isascii() and digits.isdigit() and int(digits) > 0):
        raise UsageError(f"`--sample {text}` is no count", code="guard-flag", help="give a whole number from 1")
    return int(digits)


def read_pairs(text: str | None, flag: str, example: str) -> dict[str, str] | None:
    """`A,B=NAME` as names and variables: a name alone is its own variable's."""
    if text is None:
        return None
    pairs = [part.strip().partition("=") for part in text.split(",")]
    found = {name.strip(): (variable.strip() or name.strip()) for name, _, variable in pairs}
    if "" in found or len(found) != len(pairs):
        help_ = f"write for example `{flag} {example}`"
        raise UsageError(f"`{flag} {text}` cannot be read", code="guard-flag", help=help_)
    return found


def _agree(line: GuardLine) -> None:
    binds = line.accepted is not None or line.rejects is not None
    if line.accepted is not None and line.accepted == line.rejects:
        raise UsageError("`--as` and `--rejects` name the same variable", code="guard-flag", help="give two names")
    if line.mode == "quarantine" and not binds:
        help_ = "add `--as ok`, `--rejects bad` or both, and go on with those"
        raise UsageError("`--mode quarantine` binds the parts to no name", code="guard-flag", help=help_)
    if line.sample is not None and binds:
        help_ = "leave out `--sample` to part all records"
        raise UsageError("a sample cannot be parted into `--as` and `--rejects`", code="guard-flag", help=help_)
