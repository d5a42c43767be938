"""CSV (S9.11 to S9.14), a byte after the other."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.ingest.lexical import Unreadable, read_csv_text
from oracle.ingest.records import Column, Reading, Record

MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Dialect:
    """How a source writes CSV."""

    delimiter: bytes = b","
    quote: bytes = b'"'
    header: bool = True
    nulls: tuple[str, ...] = ()


@dataclass
class Shape:
    """A record's structure: its end, that of its line break, its fields as they stand, and what is wrong."""

    end: int
    after: int
    fields: list[bytes]
    fault: str | None = None


def read_csv(source: bytes, columns: list[Column], dialect: Dialect = Dialect(), policy: str = "keep") -> Reading:
    """The records after the header. The header is well formed and names each declared column once."""
    out = Reading(header=len(MARK) if source.startswith(MARK) else 0)
    names = [column.name for column in columns]
    if dialect.header:
        while True:
            shape = _shape(source, out.header, dialect)
            start, out.header = out.header, shape.after
            if shape.end > start or shape.after == len(source):
                break
        assert shape.fault is None
        names = [_content(name, dialect) for name in shape.fields]
    by_name = {column.name: column for column in columns}
    undeclared = [name for name in names if name not in by_name]
    at = out.header
    while at < len(source):
        shape = _shape(source, at, dialect)
        if shape.end == at and len(names) != 1:
            out.blank += shape.after - at
            at = shape.after
            continue
        record = Record(at, shape.end, 1 + _breaks(source[:at]))
        record.fault = shape.fault or _dirt(source[at : shape.end]) or _counted(len(shape.fields), len(names))
        if record.fault is not None:
            # A malformed record ends at the first line break after its start, be it in quotes (S9.14).
            record.end, shape.after = _first_break(source, at)
            if shape.fault is not None:
                record.fault = _dirt(source[at : record.end]) or record.fault
        else:
            _fill(record, dict(zip(names, shape.fields, strict=True)), by_name, dialect, policy)
            record.undeclared = undeclared
        out.records.append(record)
        out.separators += shape.after - record.end
        at = shape.after
    return out


def _fill(record: Record, fields: dict[str, bytes], columns: dict[str, Column], dialect: Dialect, policy: str) -> None:
    for name, raw in fields.items():
        if name not in columns and policy != "keep":
            continue
        column = columns.get(name, Column(name, "string"))
        record.values[name] = None
        if raw == b"" or (not raw.startswith(dialect.quote) and raw.decode() in dialect.nulls):
            continue
        try:
            record.values[name] = read_csv_text(_content(raw, dialect), column)
        except Unreadable:
            record.unreadable.append(name)


def _content(raw: bytes, dialect: Dialect) -> str:
    if raw.startswith(dialect.quote):
        raw = raw[1:-1].replace(dialect.quote * 2, dialect.quote)
    return raw.decode()


def _counted(there: int, wanted: int) -> str | None:
    return None if there == wanted else "csv-fields-missing" if there < wanted else "csv-fields-extra"


def _dirt(raw: bytes) -> str | None:
    if b"\0" in raw:
        return "nul-byte"
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "encoding-invalid"
    return None


def _width(source: bytes, at: int) -> int:
    """Of the line break at a place; 0 if there is none."""
    if source[at : at + 2] == b"\r\n":
        return 2
    return int(source[at : at + 1] in (b"\r", b"\n") and at < len(source))


def _breaks(raw: bytes) -> int:
    return len(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")) - 1


def _first_break(source: bytes, at: int) -> tuple[int, int]:
    while at < len(source) and not _width(source, at):
        at += 1
    return at, at + _width(source, at)


def _shape(source: bytes, at: int, dialect: Dialect) -> Shape:
    """The structure of the record that starts here."""
    fields: list[bytes] = []
    start = at
    while True:
        byte = source[at : at + 1]
        if byte == dialect.quote:
            fault = "csv-quote-stray" if at > start else None
            if fault is None:
                at += 1
                while source[at : at + 1] != dialect.quote or source[at : at + 2] == dialect.quote * 2:
                    if at >= len(source):
                        return Shape(at, at, fields, "csv-quote-unclosed")
                    at += 2 if source[at : at + 1] == dialect.quote else 1
                at += 1
                closes = at == len(source) or source[at : at + 1] == dialect.delimiter or _width(source, at) > 0
                fault = None if closes else "csv-quote-stray"
            if fault is not None:
                return Shape(at, at, fields, fault)
        elif byte == dialect.delimiter:
            fields.append(source[start:at])
            at += 1
            start = at
        elif byte == b"" or _width(source, at):
            fields.append(source[start:at])
            return Shape(at, at + _width(source, at), fields)
        else:
            at += 1
