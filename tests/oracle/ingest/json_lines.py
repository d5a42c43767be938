"""NDJSON, and arrays of objects (S9.8 to S9.10)."""

from __future__ import annotations

import re
from typing import Any

from oracle.ingest.json_text import Node, Parser, Stop
from oracle.ingest.lexical import Unreadable, read_number, read_temporal
from oracle.ingest.records import UNDECLARED, Column, Reading, Record

MARK = b"\xef\xbb\xbf"
MOST = 16 << 20


def read_ndjson(source: bytes, columns: list[Column], policy: str = "keep", limit: int = MOST) -> Reading:
    """A line, a record."""
    out = Reading(header=len(MARK) if source.startswith(MARK) else 0)
    at, line = out.header, 1
    while at < len(source):
        found = source.find(b"\n", at)
        after = len(source) if found < 0 else found + 1
        # A carriage return that ends the source counts as a line break that was cut.
        end = after - (found >= 0)
        end -= source[at:end].endswith(b"\r")
        if not source[at:end].strip(b" \t"):
            out.blank += after - at
        else:
            record = Record(at, end, line)
            record.fault = _line(source[at:end], record, columns, policy, cut=found < 0, limit=limit)
            out.records.append(record)
            out.separators += after - end
        at, line = after, line + 1
    return out


def _line(text: bytes, record: Record, columns: list[Column], policy: str, *, cut: bool, limit: int) -> str | None:
    if len(text) > limit:
        return "record-too-large"
    decoded, broken = _decoded(text)
    if broken == "wrong" or (broken and not cut):
        return "encoding-invalid"
    try:
        parser = Parser(decoded)
        node = parser.value()
        if parser.space():
            raise parser.stop()
    except Stop as stop:
        ran_out = stop.code == "json-syntax" and stop.at == len(decoded) and cut
        return "record-cut-off" if ran_out else "encoding-invalid" if broken else stop.code
    return "encoding-invalid" if broken else _typed(node, decoded, record, columns, policy)


def _decoded(text: bytes) -> tuple[str, str]:
    """The text up to what is no UTF-8; and whether that is `wrong`, or `unfinished` only."""
    try:
        return text.decode(), ""
    except UnicodeDecodeError as error:
        unfinished = error.reason == "unexpected end of data"
        return text[: error.start].decode(), "unfinished" if unfinished else "wrong"


def _typed(node: Node, text: str, record: Record, columns: list[Column], policy: str) -> str | None:
    if node.kind != "object":
        return "json-not-object"
    reader = Typed(text, record)
    record.values = reader.members(node, columns, "")
    if policy == "keep":
        names = {column.name for column in columns}
        parts = [text[at : inner.end] for name, at, inner in node.members if name not in names]
        record.values[UNDECLARED] = "{" + ",".join(parts) + "}" if parts else None
    return None


class Typed:
    """Values of a record by their columns."""

    def __init__(self, text: str, record: Record) -> None:
        self.text, self.record = text, record

    def members(self, node: Node, columns: list[Column] | tuple[Column, ...], path: str) -> dict[str, Any]:
        """The values of an object's members."""
        given = {name: inner for name, _, inner in node.members}
        known = {column.name for column in columns}
        self.record.undeclared += [path + name for name in given if name not in known]
        return {column.name: self.value(given.get(column.name), column, path + column.name) for column in columns}

    def value(self, node: Node | None, column: Column, path: str) -> Any:
        """A value; None where it is unreadable."""
        if node is None or node.kind == "null":
            return None
        try:
            return self.readable(node, column, path)
        except Unreadable:
            self.record.unreadable.append(path)
            return None

    def readable(self, node: Node, column: Column, path: str) -> Any:
        """A value that is not NULL."""
        wanted, kind = column.kind, node.kind
        if wanted == "any" and kind != "string":
            return self.text[node.start : node.end]
        if wanted in ("any", "string") and kind == "string":
            return node.text
        if wanted in ("integer", "decimal", "number") and kind == "number":
            return read_number(node.text, column)
        if wanted == "boolean" and kind in ("true", "false"):
            return kind == "true"
        if wanted in ("date", "time", "timestamp") and kind == "string":
            return read_temporal(node.text, column)
        if wanted == "array" and kind == "array":
            return [self.value(inner, column.inner[0], f"{path}[{n}]") for n, inner in enumerate(node.elements)]
        if wanted == "object" and kind == "object":
            return self.members(node, column.inner, path + ".")
        raise Unreadable


# A line break that a damaged element ends at.
RESUME = re.compile(rb"(\r?\n)[ \t\r\n]*,?[ \t\r\n]*\{")


def read_json(source: bytes, columns: list[Column], policy: str = "keep") -> Reading:
    """An array of records with an element or more on each line, or NDJSON. Of arrays of another form only what is right in them is read."""
    out = Reading(header=len(MARK) if source.startswith(MARK) else 0)
    first = re.match(rb"[ \t\r\n]*\[", source[out.header :])
    if first is None:
        return read_ndjson(source, columns, policy)
    at, state, taken = out.header + first.end(), "first", 0
    while True:
        while source[at : at + 1] in (b" ", b"\t", b"\r", b"\n"):
            at += 1
        char = source[at : at + 1]
        if char == b"":
            break
        if char == b"]" and state in ("first", "element", "damaged"):
            at, state = at + 1, "closed"
        elif char == b"," and state in ("element", "damaged"):
            at, state = at + 1, "comma"
        else:
            record = Record(at, at, 1 + source.count(b"\n", 0, at))
            out.records.append(record)
            if char == b"]" and state == "comma":
                # Nothing stands after the last comma.
                record.fault, state = "json-syntax", "element"
                continue
            resumed = _element(source, record, columns, policy, misplaced=state in ("element", "closed"))
            at, taken = record.end, taken + record.end - record.start
            state = "closed" if state == "closed" else "damaged" if resumed else "element"
            if record.fault == "record-cut-off":
                state = "closed"
    if state != "closed":
        out.records.append(Record(at, at, 1 + source.count(b"\n"), "record-cut-off"))
    out.separators = len(source) - out.header - taken
    return out


def _element(source: bytes, record: Record, columns: list[Column], policy: str, *, misplaced: bool) -> bool:
    """Reads the element that starts here; does it end by S9.10?"""
    rest = source[record.start :]
    text, broken = _decoded(rest)
    try:
        parser = Parser(text)
        node = parser.value()
        length = len(text[: parser.at].encode())
        record.fault = "json-syntax" if misplaced else _typed(node, text, record, columns, policy)
    except Stop as stop:
        ran_out = stop.code == "json-syntax" and stop.at == len(text)
        record.fault = "encoding-invalid" if broken and ran_out else "record-cut-off" if ran_out else stop.code
        if stop.code == "json-syntax":
            return _resume(source, record)
        try:
            parser = Parser(text, lenient=True)
            parser.value()
        except Stop:
            return _resume(source, record)
        length = len(text[: parser.at].encode())
    record.end = record.start + length
    return False


def _resume(source: bytes, record: Record) -> bool:
    found = RESUME.search(source, record.start)
    if found is not None:
        record.end = found.start()
        return True
    space = b" \t\r\n\x0c"
    whole = source.rstrip(space)
    if record.fault != "record-cut-off" and whole.endswith(b"]") and len(whole) > record.start:
        whole = whole[:-1].rstrip(space)
    record.end = len(source) if record.fault == "record-cut-off" else max(len(whole), record.start)
    return True
