"""The published JSON Schema of the verdict document admits what is given and nothing near it."""

from __future__ import annotations

import copy
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator

import guard_nb as gn
from arrow_frames import table
from vector_reader import Vector, read_all

SCHEMA = json.loads((files("guard_nb") / "schemas" / "verdict.v1.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
SPEC = Path(__file__).parents[1] / "docs" / "spec" / "verdict.md"
VECTORS = [vector for vector in read_all() if not vector.expected[0].startswith("error: ")]


def given(vector: Vector) -> dict[str, Any]:
    references = {name: table(frame) for name, frame in vector.references.items()}
    return {
        "references": references or None,
        "object": vector.options.get("object"),
        "as_of": vector.options.get("as_of"),
    }


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    contract = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true, unique: true}
"""
    return copy.deepcopy(gn.Contract.loads(contract).check(pl.DataFrame({"id": [1, 2, 2, None]})).document)


@pytest.fixture(scope="module")
def ruled() -> dict[str, Any]:
    """A row rule that fails on a record and could not be decided on two, and a parameter."""
    contract = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    properties: [{name: a}, {name: b}]
    quality:
      - {id: ratio, type: custom, engine: guard_nb, implementation: {rule: "a / b > :least"}}
"""
    frame = pl.DataFrame({"a": [4, 1, 1, 0], "b": [2, 1, 0, 0]})
    return copy.deepcopy(gn.Contract.loads(contract).check(frame, params={"least": 1.5}).document)


@pytest.fixture(scope="module")
def damaged() -> dict[str, Any]:
    """Lines of which two are malformed and one is unreadable."""
    head = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "o", "version": "1.0.0", "status": "active"}
    schema = [{"name": "o", "properties": [{"name": "id", "logicalType": "integer"}]}]
    contract = gn.Contract.loads(json.dumps({**head, "schema": schema}))
    lines = b'{"id": 1}\n\n{"id": "x"}\n[]\n{"id": 01}\n'
    return copy.deepcopy(contract.ingest(lines, "ndjson").verdict.document)


@pytest.mark.parametrize("text", ["id\n1\n€\n", "id\n1\n"])
def test_verdicts_of_other_encodings_validate(text: str) -> None:
    head = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "o", "version": "1.0.0", "status": "active"}
    schema = [{"name": "o", "properties": [{"name": "id", "logicalType": "integer"}]}]
    contract = gn.Contract.loads(json.dumps({**head, "schema": schema}))
    document = contract.ingest(text.encode("windows-1252"), "csv", csv=gn.Csv(encoding="windows-1252")).verdict.document
    VALIDATOR.validate(document)
    assert document["bytes"].get("converted") == (2 if "€" in text else None)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_object_is_closed() -> None:
    def walk(node: Any) -> list[Any]:
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
        found = [node] if isinstance(node, dict) and "properties" in node and node.get("type") == "object" else []
        return found + [deep for child in inner for deep in walk(child)]

    objects = walk(SCHEMA)
    assert len(objects) > 8
    assert all(found["additionalProperties"] is False for found in objects)


def test_kinds_are_those_of_the_specification() -> None:
    table_text = SPEC.read_text(encoding="utf-8").partition("## Kinds")[2]
    rows = [
        line.split("|")[1]
        for line in table_text.splitlines()
        if line.startswith("| ") and not line.startswith("| kind")
    ]
    kinds = {kind for row in rows for kind in re.findall(r"\w+", row)}
    # `library` is the kind of a refused metric that the standard does not have.
    assert kinds | {"library"} == set(SCHEMA["$defs"]["clause"]["properties"]["kind"]["enum"])


def test_keys_of_the_specification_are_the_schema_s() -> None:
    example = json.loads(re.search(r"```json\n(.*?)```", SPEC.read_text(encoding="utf-8"), re.DOTALL).group(1))
    example["contract"]["digest"] = "sha256:" + "0" * 64
    VALIDATOR.validate(example)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_verdicts_validate(vector: Vector) -> None:
    contract = gn.Contract.loads(vector.contract)
    options = given(vector)
    parts = [contract.partial(table(p.frame), source=p.source, start=p.start, **options) for p in vector.parts]
    VALIDATOR.validate(gn.merge(*parts).verdict().document)


def broken() -> dict[str, Any]:
    """Edits that make a verdict no verdict."""
    return {
        "another key": lambda doc: doc.update(more=1),
        "another key in a clause": lambda doc: doc["clauses"][0].update(more=1),
        "another status": lambda doc: doc.update(status="maybe"),
        "another format": lambda doc: doc.update(format="guard-nb/verdict/v2"),
        "a digest cut short": lambda doc: doc["contract"].update(digest="sha256:00"),
        "a negative count": lambda doc: doc["records"].update(total=-1),
        "no clauses": lambda doc: doc.pop("clauses"),
        "an executed clause without outcome": lambda doc: doc["clauses"][0].pop("outcome"),
        "a failing clause without code": lambda doc: doc["clauses"][2].pop("code"),
        "a passing clause with code": lambda doc: doc["clauses"][0].update(code="value-missing"),
        "a refused clause that passes": lambda doc: doc["clauses"][0].update(coverage="refused"),
        "six pieces of evidence": lambda doc: doc["clauses"][2].update(evidence=doc["clauses"][2]["evidence"] * 6),
        "value and values": lambda doc: doc["clauses"][2]["evidence"][0].update(values=[1, 2]),
        "an object as value": lambda doc: doc["clauses"][2]["evidence"][0].update(value={"html": "x"}),
    }


@pytest.mark.parametrize("edit", broken().values(), ids=broken().keys())
def test_what_is_near_is_refused(edit: Any, document: dict[str, Any]) -> None:
    refuses(edit, document)


def refuses(edit: Any, document: dict[str, Any]) -> None:
    VALIDATOR.validate(document)
    changed = copy.deepcopy(document)
    edit(changed)
    assert not VALIDATOR.is_valid(changed)


def rule_of(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(clause for clause in document["clauses"] if clause["kind"] == "rowRule")
    return found


def test_undecided_records_and_parameters(ruled: dict[str, Any]) -> None:
    VALIDATOR.validate(ruled)
    (undecided,) = rule_of(ruled)["undecided"]
    assert (undecided["code"], undecided["count"]) == ("division-by-zero", 2)
    assert [(found["record"], found["values"]) for found in undecided["evidence"]] == [(2, [1, 0]), (3, [0, 0])]
    assert ruled["params"] == {"least": 1.5}


def refuse(clause: dict[str, Any]) -> None:
    """Makes a clause a refused one but for its undecided records."""
    clause.update(coverage="refused", outcome="unknown", reason="x")
    for key in ("evaluated", "failing", "evidence"):
        clause.pop(key)


def broken_rule() -> dict[str, Any]:
    """Edits that make a verdict on row rules no verdict."""
    return {
        "several values of one": lambda doc: rule_of(doc)["evidence"][0].update(values=[1]),
        "an empty list of reasons": lambda doc: rule_of(doc).update(undecided=[]),
        "nothing undecided": lambda doc: rule_of(doc)["undecided"][0].update(count=0),
        "no code": lambda doc: rule_of(doc)["undecided"][0].pop("code"),
        "no evidence": lambda doc: rule_of(doc)["undecided"][0].pop("evidence"),
        "another key": lambda doc: rule_of(doc)["undecided"][0].update(more=1),
        "undecided by a refused clause": lambda doc: refuse(rule_of(doc)),
        "undecided by text": lambda doc: next(
            clause for clause in doc["clauses"] if clause["coverage"] == "informational"
        ).update(undecided=rule_of(doc)["undecided"]),
        "no parameters": lambda doc: doc.update(params={}),
        "an object as parameter": lambda doc: doc["params"].update(least={"html": "x"}),
    }


@pytest.mark.parametrize("edit", broken_rule().values(), ids=broken_rule().keys())
def test_what_is_near_a_rule_is_refused(edit: Any, ruled: dict[str, Any]) -> None:
    refuses(edit, ruled)


def formed(document: dict[str, Any]) -> dict[str, Any]:
    return document["clauses"][0]


def test_damaged_sources(damaged: dict[str, Any]) -> None:
    VALIDATOR.validate(damaged)
    assert damaged["bytes"] == {
        "total": 37,
        "accepted": 9,
        "rejected": 23,
        "unknown": 0,
        "separators": 4,
        "blank": 1,
        "header": 0,
    }
    assert (formed(damaged)["kind"], formed(damaged)["failing"]) == ("wellFormed", 2)
    faults = [(fault["code"], fault["count"]) for fault in formed(damaged)["faults"]]
    assert faults == [("json-not-object", 1), ("json-syntax", 1)]


def broken_account() -> dict[str, Any]:
    """Edits that make a verdict on a file no verdict."""
    return {
        "an account without blanks": lambda doc: doc["bytes"].pop("blank"),
        "another byte": lambda doc: doc["bytes"].update(comments=0),
        "negative bytes": lambda doc: doc["bytes"].update(header=-1),
        "no account": lambda doc: doc.update(bytes=None),
        "no faults": lambda doc: formed(doc).update(faults=[]),
        "a fault of no record": lambda doc: formed(doc)["faults"][0].update(count=0),
        "faults of a clause that holds": lambda doc: next(
            clause for clause in doc["clauses"] if clause.get("outcome") == "pass"
        ).update(faults=formed(doc)["faults"]),
    }


@pytest.mark.parametrize("edit", broken_account().values(), ids=broken_account().keys())
def test_what_is_near_an_account_is_refused(edit: Any, damaged: dict[str, Any]) -> None:
    refuses(edit, damaged)
