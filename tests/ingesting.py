"""Ingestions for tests: each run's quarantine file is held against its schema, and its account added up."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import guard_nb as gn

SCHEMA = json.loads((files("guard_nb") / "schemas" / "quarantine.v1.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
ID, TEXT = {"name": "id", "logicalType": "integer"}, {"name": "t", "logicalType": "string"}
MARK = b"\xef\xbb\xbf"


def text_of(*properties: dict[str, Any], **custom: Any) -> str:
    """A contract whose object `o` has these properties and custom properties."""
    entries = [{"property": name, "value": value} for name, value in custom.items()]
    schema = {"name": "o", "properties": list(properties or (ID, TEXT)), "customProperties": entries}
    head = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "shop", "version": "1.0.0", "status": "active"}
    return json.dumps({**head, "schema": [schema]})


def contract(*properties: dict[str, Any], **custom: Any) -> gn.Contract:
    """The same, loaded."""
    return gn.Contract.loads(text_of(*properties, **custom))


@dataclass
class Ran:
    """What an ingestion gave."""

    rows: list[tuple[Any, ...]]
    columns: list[str]
    header: dict[str, Any]
    lines: list[dict[str, Any]]
    document: dict[str, Any]
    notices: list[str]

    @property
    def found(self) -> list[tuple[int, int, list[int], list[str], bytes]]:
        """Number, line, range, codes and bytes of each record that was not accepted."""
        return [
            (line["record"], line["line"], line["bytes"], [reason["code"] for reason in line["reasons"]], raw(line))
            for line in self.lines
        ]

    def clause(self, name: str) -> dict[str, Any]:
        """The clause of object `o` with this name."""
        return next(clause for clause in self.document["clauses"] if clause["id"] == f"o.{name}")


def raw(line: dict[str, Any]) -> bytes:
    """The bytes of a quarantined record."""
    return line["raw"].encode() if "raw" in line else base64.b64decode(line["rawBase64"])


def quarantine_of(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Header and lines of a quarantine file, each valid by its schema."""
    header, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    for line in (header, *lines):
        VALIDATOR.validate(line)
    return header, lines


class Ingesting:
    """Runs with a quarantine file in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "quarantine.ndjson"

    def __call__(self, source: Any, form: str | None = None, by: gn.Contract | None = None, **options: Any) -> Ran:
        """One run."""
        with (by or contract()).ingest(source, form, self.path, **options) as run:
            frame = run.read()
        header, lines = quarantine_of(self.path)
        document = run.verdict.document
        assert run.quarantined == len(lines) == document["records"]["total"] - document["records"]["accepted"]
        account = document.get("bytes")
        if account is not None:
            assert sum(account.values()) == 2 * (account["total"] + account.get("converted", 0))
            # Of a quarantine file the account is of the records' own bytes.
            if isinstance(source, bytes) and not source.startswith(b"\x1f\x8b") and form != "quarantine":
                assert account["total"] == len(source)
        return Ran(frame.rows(), frame.columns, header, lines, document, run.notices)
