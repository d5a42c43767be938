"""Reads the Markdown of tests/vectors: cases with contracts, typed data and expected verdict lines (vectors/README.md)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, Inexact
from pathlib import Path
from typing import Any

from oracle.arrow import LISTS, Frame, Type, family, parse_type
from oracle.canonical import canonical
from oracle.judge import Part
from oracle.values import NANOS, parse_date, parse_instant, parse_time, single

VECTORS = Path(__file__).parent / "vectors"
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXACT = Context(prec=80, traps=[Inexact])
_HEADER = "apiVersion: {api}\nkind: DataContract\nid: vector\nversion: 1.0.0\nstatus: active\nschema:\n"


@dataclass
class Line:
    """One expected clause; what is None is not compared."""

    id: str
    outcome: str
    code: str | None = None
    evaluated: int | None = None
    failing: int | None = None
    severity: str | None = None
    scope: str | None = None
    metric: tuple[int, int] | None = None
    at: list[str] | None = None
    evidence: list[list[str]] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)


@dataclass
class Vector:
    """One case."""

    file: str
    title: str
    contract: str = ""
    parts: list[Part] = field(default_factory=list)
    references: dict[str, Frame] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    expected: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """`file: title`"""
        return f"{self.file}: {self.title}"


def _cells(line: str) -> list[str]:
    """Splits at ` | ` outside quotes and brackets."""
    out, quoted, depth, start = [], False, 0, 0
    for at, char in enumerate(line):
        if char == '"' and line[at - 1 : at] != "\\":
            quoted = not quoted
        depth += 0 if quoted else (char in "[{<(") - (char in "]}>)")
        if char == "|" and not quoted and depth == 0:
            out.append(line[start:at].strip())
            start = at + 1
    return [*out, line[start:].strip()]


def value(written: Any, kind: Type) -> Any:
    """A JSON value (floats as text) as a value of the type."""
    name, found = kind.name, family(kind)
    if written is None:
        return None
    if name in ("float32", "float64"):
        return single(float(written)) if name == "float32" else float(written)
    if name.startswith("decimal"):
        return _EXACT.quantize(Decimal(str(written)), Decimal(1).scaleb(-int(kind.args[1])))
    if name in LISTS:
        return [value(item, kind.item) for item in written]
    if name == "struct":
        return {label: value(written.get(label), child) for label, child in kind.children}
    if name == "map":
        return [(value(key, kind.children[0][1]), value(item, kind.item)) for key, item in written]
    if found == "binary":
        return bytes.fromhex(written)
    if found == "date":
        return parse_date(written)
    if found == "time":
        return parse_time(written)
    if found == "timestamp":
        return parse_instant(written)[0]
    if found == "duration":
        return int(written) * NANOS[kind.args[0]]
    expected = {"integer": int, "string": str, "boolean": bool}[found]
    if type(written) is not expected:
        raise ValueError(f"{written!r} is no {name}")
    return written


def as_python(item: Any, kind: Type) -> Any:
    """A value as a caller binds it to a parameter."""
    found = family(kind)
    if item is None or found not in ("date", "time", "timestamp", "duration"):
        return item
    if found == "date":
        return date(1970, 1, 1) + timedelta(days=item)
    moment = datetime(1970, 1, 1) + timedelta(microseconds=item // 1000)
    if found == "timestamp":
        return moment.replace(tzinfo=UTC if len(kind.args) > 1 else None)
    return moment.time() if found == "time" else timedelta(microseconds=item // 1000)


def table(text: str) -> Frame:
    """A data block: the header's names and types, then one record a line."""
    header, *lines = [line for line in text.split("\n") if line.strip()]
    fields = [cell.partition(":") for cell in _cells(header)]
    types = [parse_type(kind) for _, _, kind in fields]
    rows = []
    for line in lines:
        cells = [json.loads(cell, parse_float=str) for cell in _cells(line)]
        rows.append([value(cell, kind) for cell, kind in zip(cells, types, strict=True)])
    return Frame(
        [name.strip() for name, _, _ in fields],
        types,
        [[row[at] for row in rows] for at in range(len(types))],
        len(rows),
    )


def _indent(text: str, by: int) -> str:
    return "".join(" " * by + line if line.strip() else line for line in text.splitlines(keepends=True))


def contract_text(body: str, words: list[str], options: dict[str, str]) -> str:
    """The whole contract of a `yaml contract`, `yaml object` or `yaml properties` block."""
    header = _HEADER.format(api=options.get("apiVersion", "v3.1.0"))
    if words == ["contract"]:
        return body
    if words == ["object"]:
        return header + "  - name: t\n" + _indent(body, 4)
    return header + "  - name: t\n    properties:\n" + _indent(body, 6)


def _case(file: str, title: str, text: str) -> Vector:
    case = Vector(file, title)
    for language, info, body in _BLOCK.findall(text):
        words = [word for word in info.split() if "=" not in word]
        settings = dict(word.split("=", 1) for word in info.split() if "=" in word)
        if language == "yaml":
            case.contract = contract_text(body, words, settings)
        elif language == "data" and "reference" in settings:
            case.references[settings["reference"]] = table(body)
        elif language == "data":
            case.parts.append(Part(table(body), settings.get("source", ""), int(settings.get("start", 0))))
        elif language == "options":
            case.options = {
                key.strip(): item.strip() for key, _, item in (line.partition(":") for line in body.splitlines())
            }
        elif language == "params":
            frame = table(body)
            case.params = {
                name: as_python(column[0], kind)
                for name, kind, column in zip(frame.names, frame.types, frame.columns, strict=True)
            }
        elif language == "verdict":
            case.expected = body.splitlines()
        else:
            raise ValueError(f"{file}: {title}: unknown block `{language}`")
    return case


def read_file(path: Path) -> list[Vector]:
    """The cases of one file: its second-level headings that hold a verdict."""
    _, *sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [
        _case(path.stem, title.strip(), body) for title, _, body in (section.partition("\n") for section in sections)
    ]


def read_all() -> list[Vector]:
    """Every case of every file."""
    files = sorted(path for path in VECTORS.glob("*.md") if path.name != "README.md")
    return [case for path in files for case in read_file(path)]


def clause_line(text: str) -> Line:
    """`t.id.unique fail value-duplicate 5/2 warning table metric=2/5 at 1, 3; division-by-zero 1 at 4`"""
    text, *undecided = text.split("; ")
    head, _, at = text.partition(" at ")
    ident, outcome, *words = head.split()
    line = Line(ident, outcome, at=[item.strip() for item in at.split(", ")] if at else None, undecided=undecided)
    for word in words:
        if re.fullmatch(r"\d+/\d+", word):
            line.evaluated, line.failing = map(int, word.split("/"))
        elif word.startswith("metric="):
            first, second = word.removeprefix("metric=").split("/")
            line.metric = int(first), int(second)
        elif word in ("warning", "info"):
            line.severity = word
        elif word in ("record", "key", "table"):
            line.scope = word
        else:
            line.code = word
    return line


def _where(evidence: dict[str, Any]) -> str:
    return (f"{evidence['source']}:" if evidence["source"] else "") + str(evidence["record"])


def _shown(evidence: dict[str, Any]) -> list[str]:
    """`1 | tags[0] = 7 | note = "a"` in cells."""
    cells = [_where(evidence), evidence["path"]]
    for name in ("value", "values"):
        if name in evidence:
            cells[1] += f" = {canonical(evidence[name]).decode()}"
    return cells + [f"{cell['column']} = {canonical(cell['value']).decode()}" for cell in evidence.get("context", [])]


def _normal(cell: str) -> str:
    """`path = JSON` with canonical JSON."""
    name, equals, written = cell.partition(" = ")
    return name + equals + (canonical(json.loads(written)).decode() if equals else "")


def _line_faults(line: Line, clause: dict[str, Any]) -> list[str]:
    outcome = clause["coverage"] if clause["coverage"] in ("refused", "informational") else clause["outcome"]
    found = {"outcome": outcome, "code": clause.get("code"), "severity": clause["severity"], "scope": clause["scope"]}
    found |= {name: clause.get(name) for name in ("evaluated", "failing")}
    found["metric"] = (clause["metric"]["value"], clause["metric"]["of"]) if "metric" in clause else None
    evidence = clause.get("evidence", [])
    found["at"], found["evidence"] = [_where(entry) for entry in evidence], [_shown(entry) for entry in evidence]
    found["undecided"] = [
        f"{entry['code']} {entry['count']} at {', '.join(_where(shown) for shown in entry['evidence'])}"
        for entry in clause.get("undecided", [])
    ]
    faults = []
    for name, actual in found.items():
        expected = getattr(line, name)
        if expected is None and name in ("code", "severity"):
            expected = {"severity": "error"}.get(name)
        if (expected is not None or name == "code") and (expected != [] or name == "undecided") and expected != actual:
            faults.append(f"{line.id}: {name}: expected {expected}, found {actual}")
    return faults


def _head(line: str, document: dict[str, Any]) -> str:
    """What the document has for a line of its head, in the line's notation."""
    first, records = line.partition(":")[0], document["records"]
    if first in ("accept", "reject", "unknown"):
        rest = ", ".join(f"{records[name]} {name}" for name in ("accepted", "rejected", "unknown"))
        return f"{document['status']}: {records['total']} records, {rest}"
    if first == "undeclared":
        return "undeclared: " + ", ".join(document["undeclared"])
    if first == "references":
        return "references: " + ", ".join(f"{entry['name']} {entry['records']}" for entry in document["references"])
    if first == "sources":
        spans = [(entry["source"] or "-", [f"{a}..{b}" for a, b in entry["ranges"]]) for entry in document["sources"]]
        return "sources: " + "; ".join(" ".join([source, *found]) for source, found in spans)
    if first == "params":
        return "params: " + ", ".join(
            f"{name} = {canonical(value).decode()}" for name, value in sorted(document["params"].items())
        )
    return f"asOf: {document['asOf'] or 'null'}" if first == "asOf" else "?"


def faults(expected: list[str], document: dict[str, Any]) -> list[str]:
    """How the document differs from the expected lines; empty when it agrees."""
    lines: list[Line] = []
    out = []
    for text in (line for line in expected if line.strip() and line != "…"):
        if text.startswith("  "):
            lines[-1].evidence.append([_normal(cell) for cell in _cells(text)])
        elif re.match(r"\w+: ", text):
            actual = _head(text, document)
            out += [] if actual == text else [f"expected `{text}`, found `{actual}`"]
        else:
            lines.append(clause_line(text))
    clauses = {clause["id"]: clause for clause in document["clauses"]}
    out += [f"{line.id}: no such clause" for line in lines if line.id not in clauses]
    listed = [line.id for line in lines]
    order = [ident for ident in clauses if ident in listed] if "…" in expected else list(clauses)
    out += [] if order == listed else [f"clauses: expected {listed}, found {order}"]
    return out + [fault for line in lines if line.id in clauses for fault in _line_faults(line, clauses[line.id])]
