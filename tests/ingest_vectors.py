"""Vectors of ingestion as tests/vectors/ingest/README.md says they are written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vector_reader import contract_text

FOLDER = Path(__file__).parent / "vectors" / "ingest"
BLOCK = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ESCAPE = re.compile(r"\\(x[0-9A-F]{2}|.)")
PLAIN = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\"}


@dataclass
class Expected:
    """What becomes of one record."""

    number: int
    line: int
    place: tuple[int, int]
    fate: str
    values: list[Any] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@dataclass
class IngestVector:
    """One case."""

    name: str
    contract: str = ""
    format: str = ""
    source: bytes = b""
    options: dict[str, str] = field(default_factory=dict)
    records: list[Expected] | None = None
    account: dict[str, int] | None = None
    verdict: list[str] = field(default_factory=list)

    @property
    def error(self) -> str | None:
        """The code of the failure, when no verdict is given."""
        first = self.verdict[0] if self.verdict else ""
        return first.removeprefix("error: ") if first.startswith("error: ") else None


def bytes_of(text: str) -> bytes:
    """The bytes that a notation stands for."""
    out, at = b"", 0
    for found in ESCAPE.finditer(text):
        what = found[1]
        out += text[at : found.start()].encode()
        out += bytes([int(what[1:], 16)]) if len(what) == 3 else PLAIN[what].encode()
        at = found.end()
    return out + text[at:].encode()


def _record(line: str, number: int, source: bytes, cursor: int) -> Expected:
    first, raw, said = line.split(" | ", 2)
    raw_bytes = bytes_of(raw)
    start = source.index(raw_bytes, max(cursor, _line_start(source, int(first))))
    fate, _, rest = said.partition(": ")
    out = Expected(number, int(first), (start, start + len(raw_bytes)), fate)
    if fate == "accepted":
        out.values = json.loads(f"[{rest}]")
    else:
        out.reasons = rest.split(", ")
    return out


def _line_start(source: bytes, line: int) -> int:
    ends = [0, *(found.end() for found in re.finditer(rb"\r\n|\r|\n", source))]
    return ends[line - 1]


def _account(line: str) -> dict[str, int]:
    total, _, parts = line.partition(" = ")
    account = dict.fromkeys(("header", "accepted", "rejected", "unknown", "separators", "blank"), 0)
    for part in parts.split(" + "):
        size, name = part.split()
        assert name in account
        account[name] = int(size)
    assert sum(account.values()) == int(total), line
    return account | {"total": int(total)}


def _fill(case: IngestVector, info: str, body: str) -> None:
    words = info.split()
    if words[0] == "yaml":
        case.contract = contract_text(body, [words[1]], {})
    elif words[0] == "source":
        case.format = words[1].removeprefix("format=")
        case.source = b"".join(bytes_of(line) for line in body.removesuffix("\n").split("\n"))
    elif words[0] == "options":
        case.options = {
            name: value for name, _, value in (line.partition(": ") for line in body.removesuffix("\n").split("\n"))
        }
    elif words[0] == "records":
        case.records = []
        cursor = 0
        for line in body.split("\n")[:-1]:
            case.records.append(_record(line, len(case.records), case.source, cursor))
            cursor = case.records[-1].place[1]
    elif words[0] == "bytes":
        case.account = _account(body.strip())
    elif words[0] == "verdict":
        case.verdict = body.removesuffix("\n").split("\n")
    else:
        raise ValueError(f"{case.name}: unknown block `{info}`")


def read_ingest_vectors() -> list[IngestVector]:
    """Every case of every file."""
    cases = []
    for path in sorted(FOLDER.glob("*.md")):
        if path.name == "README.md":
            continue
        head, *sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        shared = BLOCK.findall(head)
        for section in sections:
            title, _, body = section.partition("\n")
            case = IngestVector(f"{path.stem}: {title.strip()}")
            for info, text in [*shared, *BLOCK.findall(body)]:
                _fill(case, info, text)
            cases.append(case)
    return cases
