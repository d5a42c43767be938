"""The page of the expression language: docs/reference/expressions.in.md with the table of functions put in."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

import guard_nb
from guard_nb import _native

FAMILIES = {
    "conditional": "Choices",
    "numeric": "Numbers",
    "text": "Text",
    "pattern": "Patterns",
    "temporal": "Dates and times",
    "list": "Lists",
    "hash": "Digests and encodings",
}
# A column of each type: what a function takes, and how it can fail, is asked with them.
COLUMNS = {
    "BOOLEAN": pa.bool_(),
    "BIGINT": pa.int64(),
    "DECIMAL": pa.decimal128(38, 2),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "BLOB": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("s"),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("s", "UTC"),
    "INTERVAL": pa.duration("s"),
    "BIGINT[]": pa.list_(pa.int64()),
    "DECIMAL[]": pa.list_(pa.decimal128(38, 2)),
    "DOUBLE[]": pa.list_(pa.float64()),
    "VARCHAR[]": pa.list_(pa.string()),
}
FRAME = pa.schema(list(COLUMNS.items())).empty_table()
# Constants for parameters that must be.
CONSTANTS = {
    "part": ["'month'", "'hour'"],
    "format": ["'%Y-%m-%d'"],
    "zone": ["'Europe/Berlin'"],
    "flags": ["'g'"],
    "escape": ["'!'"],
    "pattern": ["'(a)'"],
    "digits": ["-1"],
    "group": ["1"],
}
LISTS = [name for name in COLUMNS if name.endswith("[]")]
# What is worth trying for a parameter of a kind; everything for the others.
KINDS = {
    "Boolean": ["BOOLEAN"],
    "Integer": ["BIGINT"],
    "Number": ["BIGINT", "DECIMAL", "DOUBLE"],
    "Double": ["DOUBLE"],
    "Text": ["VARCHAR"],
    "Binary": ["BLOB"],
    "Bytes": ["VARCHAR", "BLOB"],
    "Date": ["DATE"],
    "Time": ["TIME"],
    "Duration": ["INTERVAL"],
    "List": LISTS,
}


def page(template: Path) -> str:
    """The whole page."""
    entries = json.loads(_native.functions())
    families = {name: [entry for entry in entries if entry["family"] == name] for name in FAMILIES}
    chapters = "\n".join(chapter(name, members) for name, members in families.items())
    text = template.read_text(encoding="utf-8")
    return text.replace("{functions}\n", chapters).replace("{differences}\n", differences(families))


def chapter(family: str, entries: list[dict[str, Any]]) -> str:
    """A family: the names, then each function."""
    names = " · ".join(f"[{entry['name']}](#{entry['name']})" for entry in entries)
    return "\n".join([f"## {FAMILIES[family]}\n{names}\n", *map(function, entries)])


def function(entry: dict[str, Any]) -> str:
    """One function: what it is called with, what it does, how it fails, what it costs, examples."""
    aliases = "".join(f", `{alias}`" for alias in entry["aliases"])
    tried = calls(entry)
    names = sorted({name for _, faults in tried for name in faults})
    codes = ", ".join(f"[`{name}`](../codes/{name}.md)" for name in names)
    null = "NULL if an argument is" if entry["strict"] else "its own NULL rule"
    facts = [*parameters(entry, [args for args, _ in tried]), *([null] if entry["params"] else [])]
    facts += [f"can fail: {codes}" if codes else "cannot fail", f"~{entry['costNs']} ns"]
    difference = f"\nDuckDB: {duckdb(entry)}.\n" if entry["duckdb"] else ""
    rows = "".join(f"| {code(text)} | {code(result)} |\n" for text, result in entry["examples"])
    return (
        f"### {entry['name']}\n`{entry['signature']}`{aliases}\n\n{entry['docs']}\n\n"
        f"{' · '.join(facts)}\n{difference}\n"
        f"| expression | result |\n|---|---|\n{rows}"
    )


def calls(entry: dict[str, Any]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Arguments that the function takes, of all that are tried, and the codes that it can then end in."""
    found = []
    for count in {len(entry["params"]), sum(not param["optional"] for param in entry["params"])}:
        for args in itertools.product(*map(candidates, entry["params"][:count])):
            text = ", ".join(f'"{arg}"' if arg in COLUMNS else arg for arg in args)
            try:
                found.append((args, guard_nb.explain(f"{entry['name']}({text})", FRAME).faults))
            except guard_nb.ExpressionError:
                continue
    if not found:
        raise ValueError(f"`{entry['name']}` takes none of the arguments tried; see CONSTANTS")
    return found


def candidates(param: dict[str, Any]) -> list[str]:
    """Arguments to try: a constant where one is needed, else columns."""
    return CONSTANTS.get(param["name"], ["'a'"]) if param["constant"] else KINDS.get(param["kind"], list(COLUMNS))


def parameters(entry: dict[str, Any], tried: list[tuple[str, ...]]) -> list[str]:
    """What the parameters take, those that take the same together."""
    takes = []
    for position, param in enumerate(entry["params"]):
        taken = {args[position] for args in tried if len(args) > position}
        what = f"constant {KINDS[param['kind']][0]}" if param["constant"] else words(taken, param["kind"])
        takes.append((f"*{param['name']}*", what))
    groups = itertools.groupby(takes, key=lambda pair: pair[1])
    return [f"{', '.join(name for name, _ in members)}: {what}" for what, members in groups]


def words(taken: set[str], kind: str) -> str:
    """Types as people say them."""
    scalars = [name for name in COLUMNS if name in taken and name not in LISTS]
    all_scalars = len(scalars) == len(COLUMNS) - len(LISTS)
    types = ["any type"] if all_scalars else [*scalars, *lists(taken)]
    said = " or ".join([", ".join(types[:-1]), types[-1]] if types[1:] else types)
    return f"{said}, all of one" if kind == "Common" else "of the items' type" if kind == "Item" else said


def lists(taken: set[str]) -> list[str]:
    """A list of what, in words."""
    items = [name.removesuffix("[]") for name in LISTS if name in taken]
    short = {len(LISTS): ["a list"], 0: [], 1: [f"a list of {' '.join(items)}"]}
    return short.get(len(items), ["a list of numbers" if "VARCHAR" not in items else f"a list of {', '.join(items)}"])


def duckdb(entry: dict[str, Any]) -> str:
    """How DuckDB's function differs, as the rest of a sentence about it."""
    text = entry["duckdb"].rstrip(".").removeprefix("DuckDB's ").removeprefix("DuckDB ")
    return text.replace("absent", "no such function", 1) if text.startswith("absent") else text


def differences(families: dict[str, list[dict[str, Any]]]) -> str:
    """All functions that are not DuckDB's, those that differ alike together."""
    alike: dict[str, list[str]] = {}
    for entry in itertools.chain.from_iterable(families.values()):
        if entry["duckdb"]:
            alike.setdefault(duckdb(entry), []).append(f"[{entry['name']}](#{entry['name']})")
    rows = "".join(f"| {', '.join(names)} | {cell(text)} |\n" for text, names in alike.items())
    return f"| function | DuckDB |\n|---|---|\n{rows}"


def cell(text: str) -> str:
    """Text in a table's cell."""
    return text.replace("|", "\\|")


def code(text: str) -> str:
    """Code in a table's cell."""
    return f"`{cell(text)}`" if text else "*(the empty text)*"
