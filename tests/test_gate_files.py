"""Gate files: the published JSON Schema, warnings, and what is refused."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import guard_nb as gn

SCHEMA = json.loads((files("guard_nb") / "schemas" / "gate.v1.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
ROOT = Path(__file__).parents[1]
# Every kind of limit, every key.
WHOLE = """
apiVersion: guard-nb/v1
kind: Gate
id: whole
description: every key
params: {known: [acme, 3, true, 2.5], one: x}
hold: 5m
tools:
  - name: pay
    description: pays
    inputSchema:
      type: object
      required: [payee, amount, currency]
      properties: {payee: {type: string}, amount: {type: number}, currency: {type: string}}
    money: {amount: /amount, currency: /currency}
    allow: "amount <= 500 AND payee <> :one"
    escalate: "amount > 200"
    key: [/payee, task, principal]
  - name: look
    inputSchema: {type: object}
    allow: "TRUE"
limits:
  - {name: a, type: budget, max: "10.00", currency: EUR, window: day, zone: Europe/Berlin, by: [/payee], tools: [pay]}
  - {name: b, type: budget, max: 9, currency: CHF, window: 24h, tools: [pay]}
  - {name: c, type: velocity, max: 3, window: month, by: [principal]}
  - {name: d, type: rate, max: 10, per: 60s}
  - {name: e, type: once, by: [/payee], window: 7d, tools: [pay]}
  - {name: f, type: order, first: look, then: pay, within: 1h, by: [task]}
"""


def gates() -> Iterator[tuple[str, str]]:
    """Texts of gates that tests load: raw texts of Rust tests and constants of Python tests."""
    for path in sorted((ROOT / "rust" / "gate" / "tests" / "gate").glob("*.rs")):
        for number, text in enumerate(
            re.findall(r'r#"\n(apiVersion.*?)"#', path.read_text(encoding="utf-8"), re.DOTALL)
        ):
            if "{{" not in text:  # Else it is a pattern that a test fills in.
                yield f"{path.name} {number}", text
    for path in sorted((ROOT / "tests").glob("test_gate*.py")):
        found = re.findall(
            r'^[A-Z]+ = f?"""\n(apiVersion.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        for number, text in enumerate(found):
            if "kind: Gate" in text:
                yield f"{path.name} {number}", text


GATES = dict(gates())


def read(text: str) -> Any:
    return yaml.safe_load(text)


def loads(document: Any) -> bool:
    """Does our loader take it? JSON is YAML."""
    try:
        gn.Gate.loads(json.dumps(document), files={"orders.odcs.yaml": "x"})
    except gn.GateError:
        return False
    return True


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert len(GATES) >= 4


@pytest.mark.parametrize("text", GATES.values(), ids=GATES.keys())
def test_gates_validate(text: str) -> None:
    VALIDATOR.validate(read(text))


def objects(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where objects stand whose keys are a gate's own."""
    if isinstance(node, dict):
        if path[-1:] != ("params",):
            yield path
        for key, child in node.items():
            if key not in ("inputSchema", "params"):
                yield from objects(child, (*path, key))
    elif isinstance(node, list):
        for position, child in enumerate(node):
            yield from objects(child, (*path, position))


def at(node: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        node = node[step]
    return node


PLACES = list(objects(read(WHOLE)))


@pytest.mark.parametrize("path", PLACES, ids=lambda path: "/".join(map(str, path)))
def test_schema_and_loader_agree_on_keys(path: tuple[Any, ...]) -> None:
    document = read(WHOLE)
    assert loads(document)
    for key in list(at(document, path)):
        changed = copy.deepcopy(document)
        del at(changed, path)[key]
        # A limit's `tools` decides which tools have what it needs, which no schema can see.
        if key not in ("tools", "params") or path == ():
            assert VALIDATOR.is_valid(changed) == loads(changed) or key in ("money", "params"), (path, key)
    changed = copy.deepcopy(document)
    at(changed, path)["mroe"] = 1
    assert not VALIDATOR.is_valid(changed)
    assert not loads(changed)


WRONG = {
    "another version": ((), "apiVersion", "guard-nb/v2"),
    "another kind": ((), "kind", "Policy"),
    "no tools": ((), "tools", []),
    "an empty id": ((), "id", ""),
    "a number as id": ((), "id", 5),
    "a hold without unit": ((), "hold", "5"),
    "a hold of nothing": ((), "hold", "0s"),
    "an empty list": (("params",), "known", []),
    "an object as parameter": (("params",), "one", {}),
    "a list as rule": (("tools", 0), "allow", ["TRUE"]),
    "an empty rule": (("tools", 0), "allow", ""),
    "a truth value as rule": (("tools", 0), "allow", True),
    "money without slash": (("tools", 0, "money"), "amount", "amount"),
    "a currency in small letters": (("tools", 0, "money"), "currency", "eur"),
    "an empty key": (("tools", 0), "key", []),
    "a key of no proposal": (("tools", 0), "key", ["amount"]),
    "a list as schema": (("tools", 0), "inputSchema", []),
    "limits as mapping": ((), "limits", {"a": 1}),
    "another type of limit": (("limits", 0), "type", "bugdet"),
    "a negative budget": (("limits", 0), "max", "-1.00"),
    "a budget with exponent": (("limits", 0), "max", "1e3"),
    "another window": (("limits", 0), "window", "fortnight"),
    "a count of nothing": (("limits", 2), "max", 0),
    "a fraction of a call": (("limits", 2), "max", 1.5),
    "a rate without unit": (("limits", 3), "per", 60),
    "by what is not there": (("limits", 4), "by", ["payee"]),
    "an order with tools": (("limits", 5), "tools", ["pay"]),
}


@pytest.mark.parametrize(("path", "key", "value"), WRONG.values(), ids=WRONG.keys())
def test_schema_and_loader_refuse(path: tuple[Any, ...], key: str, value: object) -> None:
    document = read(WHOLE)
    at(document, path)[key] = value
    assert not VALIDATOR.is_valid(document)
    assert not loads(document)


def test_warnings_reach_python() -> None:
    text = WHOLE.replace("amount <= 500 AND", "amount < 0 AND")
    (found,) = [one for one in gn.Gate.loads(text).diagnostics if one["code"] == "gate-allow-never"]
    assert found["level"] == "warning"
    assert text.splitlines()[found["span"]["line"] - 1].strip().startswith("allow:")
    assert gn.Gate.loads(WHOLE).diagnostics == []
