"""Writes docs/codes/ and docs/reference/ from the tables of codes and functions and the docstrings; `--check` looks."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import expression_page
import guard_nb
import query_page
from generated import ROOT, settle

CODES = ROOT / "docs" / "codes"
REFERENCE = ROOT / "docs" / "reference" / "python.md"
EXPRESSIONS = ROOT / "docs" / "reference" / "expressions.md"
QUERIES = ROOT / "docs" / "reference" / "queries.md"
AREAS = {
    "contract": "A contract's text",
    "data": "A value, record or key of the data",
    "plan": "A clause that could not be executed or decided",
    "expression": "An expression: its text, or a record that it fails on",
    "ingest": "Bytes of a file: records that have no reading, and files that give none",
    "gate": "A gate file, a proposal or a ledger",
    "query": "A query of an agent, or the policy that judges it",
    "usage": "How the library was called",
}


def code_page(code: guard_nb.Code) -> str:
    """The page of one code."""
    where = AREAS[code.area]
    fence = "`" * (3 + max([0, *(len(run) for run in re.findall("`{3,}", code.example))]))
    example = f"{fence}text\n{code.example}\n{fence}"
    return f"""\
# {code.name}
{where}: {code.summary}.

**What to do:** {code.help}.

{example}

[All codes](README.md)
"""


def code_index(codes: list[guard_nb.Code]) -> str:
    """The list of all codes, area by area."""
    parts = ["# Codes\nEverything that guard_nb reports bears one of these. They never change their meaning.\n"]
    for area, title in AREAS.items():
        rows = "".join(f"| [{code.name}]({code.name}.md) | {code.summary} |\n" for code in codes if code.area == area)
        parts.append(f"## {title}\n| code | what happened |\n|---|---|\n{rows}")
    return "\n".join(parts)


def signature(thing: Any) -> str:
    """A signature without `self` and without the quotes of postponed annotations."""
    found = inspect.signature(thing)
    kept = [parameter for name, parameter in found.parameters.items() if name not in ("self", "cls")]
    return str(found.replace(parameters=kept)).replace("'", "")


def doc(thing: Any, level: int = 0) -> str:
    """The docstring, examples fenced."""
    text = inspect.getdoc(thing) or ""
    return re.sub(r"(?:^|(?<=\n\n))(>>> .*?)(?=\n\n|\Z)", r"```pycon\n\1\n```", text, flags=re.DOTALL)


def member(owner: str, name: str, thing: Any) -> str | None:
    """One public member of a class; None for what is no method or property."""
    if isinstance(thing, property) or type(thing).__name__ == "cached_property":
        return f"### `{owner}.{name}`\n{doc(thing)}\n"
    function = thing.__func__ if isinstance(thing, classmethod | staticmethod) else thing
    if not inspect.isfunction(function):
        return None
    return f"### `{owner}.{name}{signature(function)}`\n{doc(function)}\n"


def fields(thing: type) -> str:
    """The fields of a dataclass as a line."""
    if not dataclasses.is_dataclass(thing):
        return ""
    listed = ", ".join(f"`{field.name}: {field.type}`" for field in dataclasses.fields(thing))
    return f"\nFields: {listed}.\n"


def entry(name: str) -> str:
    """One name of `guard_nb.__all__`."""
    thing = getattr(guard_nb, name)
    if isinstance(thing, ModuleType):
        return f"## `{name}`\nModule. {doc(thing)}\n"
    if inspect.isclass(thing):
        bases = [base.__name__ for base in thing.__bases__ if base is not object]
        above = f"({', '.join(bases)})" if bases else ""
        public = [(key, value) for key, value in vars(thing).items() if not key.startswith("_")]
        members = [text for key, value in public if (text := member(name, key, value))]
        return "\n".join([f"## `{name}`\n`class {name}{above}` · {doc(thing)}\n{fields(thing)}", *members])
    if callable(thing):
        return f"## `{name}`\n`{name}{signature(thing)}`\n\n{doc(thing)}\n"
    return f"## `{name}`\n`{name}: {type(thing).__name__}`\n"


def reference() -> str:
    """The page of the Python package."""
    names = "\n".join(
        entry(name) for name in sorted(guard_nb.__all__, key=lambda name: (name.startswith("_"), name.lower()))
    )
    text = f"# Python reference\n`import guard_nb as gn`\n\n{doc(guard_nb)}\n\n{names}"
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def main() -> None:
    """Writes or checks all pages."""
    codes = guard_nb.codes()
    wanted: dict[Path, str] = {CODES / f"{code.name}.md": code_page(code) for code in codes}
    wanted[CODES / "README.md"] = code_index(codes)
    wanted[REFERENCE] = reference()
    wanted[EXPRESSIONS] = expression_page.page(EXPRESSIONS.with_suffix(".in.md"))
    wanted[QUERIES] = query_page.page()
    settle(wanted, [CODES])


if __name__ == "__main__":
    main()
