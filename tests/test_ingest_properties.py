"""Ingestion against the oracle, on records damaged at random; and what one record does to others."""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import guard_nb as gn
from oracle.ingest import Dialect, Reading, columns_of, decide, read_csv, read_json, read_ndjson

CHUNKS = (1, 2, 7, 64, 1 << 20)
THREADS = (1, 2, 3)
POLICIES = ("keep", "drop", "quarantine", "deny")
TYPES: list[dict[str, Any]] = [
    {"logicalType": "string"},
    {"logicalType": "integer"},
    {"logicalType": "integer", "logicalTypeOptions": {"format": "i8"}},
    {"logicalType": "integer", "logicalTypeOptions": {"format": "u64"}},
    {"logicalType": "number"},
    {"logicalType": "number", "physicalType": "decimal(6,2)"},
    {"logicalType": "boolean"},
    {"logicalType": "date"},
    {"logicalType": "time"},
    {"logicalType": "timestamp"},
    {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": False}},
    {},
]
NESTED: list[dict[str, Any]] = [
    {"logicalType": "array", "items": {"logicalType": "integer"}},
    {"logicalType": "object", "properties": [{"name": "a", "logicalType": "integer"}, {"name": "b"}]},
]
# Forms of values, right and nearly right for one type or another.
TEXTS = [
    *(
        "",
        "x",
        "é😀",
        "NULL",
        "NA",
        "0",
        "-0",
        "+7",
        "007",
        "12.0",
        "12.5",
        ".5",
        "5.",
        "1e3",
        "1E-2",
        "1e400",
        "-1e400",
        "1e-400",
    ),
    *("127", "128", "-128", "-129", "18446744073709551615", "18446744073709551616", "9223372036854775808"),
    *(
        "9999.99",
        "10000",
        "0.125",
        "0.1200",
        "1_0",
        "0x1",
        " 1",
        "1 ",
        "NaN",
        "infinity",
        "-INFINITY",
        "+Infinity",
        "inf",
    ),
    *("true", "F", "Yes", "no", "on", "2026-01-31", "2026-02-29", "0000-01-01", "9999-12-31", "2026-1-31"),
    *("13:00", "13:00:60", "24:00", "13:00:00.123456", "13:00:00.1234567", "13:00:00.1234560"),
    *(
        "2026-01-31T13:00:00Z",
        "2026-01-31 13:00:00.5+01:30",
        "2026-01-31T13:00",
        "0001-01-01T00:00:00+01:00",
        "2026-01-31T13:00:00z",
    ),
]
NUMBERS = [text for text in TEXTS if text[:1] in set("-0123456789") and text not in ("007", "5.", "1_0", "0x1", "1 ")]
JSON_TEXTS = [
    *(
        "null",
        "true",
        "false",
        "[]",
        "{}",
        "[1, null, 2]",
        '["x", 1.5, 3]',
        '{"a":1,"b":"y"}',
        '{"a":"z","b":[1, 2]}',
        "[[1]]",
    ),
    *('"\\u00e9\\n"', '"\\ud83d\\ude00"', '"a\\\\b\\"c"', '""'),
    *(text for text in NUMBERS if ":" not in text and text.count("-") < 2 and not text.startswith("-I")),
    *(json.dumps(text, ensure_ascii=False) for text in TEXTS),
]
# Bytes whose insertion or writing over damages.
SHARP = [bytes([byte]) for byte in b'"\\,:{}[]\r 0x'] + [b"\0", b"\xff", b"\xc3", b'"x"', b"\\ud800", b"}{"]


@dataclass(frozen=True)
class Case:
    """A source, by its lines without breaks, and how it is to be read."""

    format: str
    properties: tuple[str, ...]
    policy: str
    lines: tuple[bytes, ...]
    breaks: str
    head: bytes = b""
    tail: bytes = b""
    nulls: tuple[str, ...] = ()

    @property
    def source(self) -> bytes:
        """The bytes."""
        return self.head + self.breaks.encode().join(self.lines) + self.tail

    def types(self) -> list[dict[str, Any]]:
        """The properties."""
        return [json.loads(prop) for prop in self.properties]

    def contract(self) -> gn.Contract:
        """Only types."""
        contract = {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": "t",
            "version": "1.0.0",
            "status": "active",
            "schema": [
                {
                    "name": "t",
                    "properties": self.types(),
                    "customProperties": [{"property": "undeclaredColumns", "value": self.policy}],
                }
            ],
        }
        return gn.Contract.loads(json.dumps(contract))

    def expected(self) -> Reading:
        """What the oracle reads."""
        columns = columns_of(self.types())
        if self.format == "csv":
            return read_csv(self.source, columns, Dialect(nulls=self.nulls), self.policy)
        return (read_json if self.format == "json" else read_ndjson)(self.source, columns, self.policy)


@st.composite
def damaged(draw: st.DrawFn, line: bytes) -> bytes:
    """A line with a few bytes changed, or none."""
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        at = draw(st.integers(0, len(line)))
        cut = draw(st.sampled_from([0, 0, 1, 3]))
        line = line[:at] + draw(st.sampled_from([b"", *SHARP])) + line[at + cut :]
    return line


@st.composite
def properties_of(draw: st.DrawFn, kinds: list[dict[str, Any]]) -> tuple[str, ...]:
    """A few columns."""
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))
    return tuple(json.dumps({"name": f"c{n}", **kind}) for n, kind in enumerate(chosen))


@st.composite
def json_record(draw: st.DrawFn, names: list[str], policy: str) -> bytes:
    """An object with some of these members, in any order, or not quite."""
    extra = draw(st.sampled_from([[], [], ["zz"], [draw(st.sampled_from(names))] if draw(st.booleans()) else []]))
    members = draw(st.permutations([*(name for name in names if draw(st.integers(0, 5))), *extra]))
    space = draw(st.sampled_from(["", "", " ", "\t"]))
    escaped = draw(st.booleans())
    written = ['"\\u0063' + name[1:] + '"' if escaped and name[0] == "c" else f'"{name}"' for name in members]
    body = ",".join(f"{name}{space}:{space}{draw(st.sampled_from(JSON_TEXTS))}" for name in written)
    return draw(damaged(f"{{{body}{space}}}".encode()))


@st.composite
def json_cases(draw: st.DrawFn, form: str) -> Case:
    """NDJSON, or an array with an element on each line."""
    policy = draw(st.sampled_from(POLICIES))
    kinds = TYPES + [kind for kind in NESTED if policy in ("keep", "drop")]
    properties = draw(properties_of(kinds))
    names = [json.loads(prop)["name"] for prop in properties]
    other = st.sampled_from(
        [b"", b" \t", b"[1]", b"12", b'"x"', b"null", b"tru", b"{" * 70, b'{"c0":' + b"[" * 64 + b"]" * 64 + b"}"]
    )
    lines = draw(st.lists(st.one_of(json_record(names, policy), json_record(names, policy), other), max_size=6))
    lines = [line.replace(b"\n", b"") for line in lines]
    if form == "json":
        lines = [line or b"{}" for line in lines]
        return Case(form, properties, policy, tuple(lines), ",\n", b"[\n", b"\n]\n")
    head, tail = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])), draw(st.sampled_from([b"", b"\n", b"\r\n"]))
    return Case(form, properties, policy, tuple(lines), draw(st.sampled_from(["\n", "\r\n"])), head, tail)


@st.composite
def csv_field(draw: st.DrawFn) -> bytes:
    """A field, in quotes or not, right or not."""
    text = draw(st.sampled_from(TEXTS))
    if draw(st.integers(0, 3)):
        return text.encode()
    inner = draw(st.sampled_from([text, "a,b", 'say ""hi""', "two\nlines", "cr\rlf\r\n"]))
    return f'"{inner}"'.encode()


@st.composite
def csv_cases(draw: st.DrawFn) -> Case:
    """CSV with a header, columns in any order."""
    properties = draw(properties_of(TYPES))
    policy = draw(st.sampled_from(POLICIES))
    names = [json.loads(prop)["name"] for prop in properties]
    names = list(draw(st.permutations([*names, *draw(st.sampled_from([[], [], ["zz"]]))])))
    row = st.lists(csv_field(), min_size=len(names), max_size=len(names)).map(b",".join)
    line = st.one_of(row.flatmap(damaged), row.flatmap(damaged), st.sampled_from([b"", b",", b"x" * 9]))
    lines, breaks = draw(st.lists(line, max_size=6)), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    head = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + ",".join(names).encode() + breaks.encode()
    nulls = draw(st.sampled_from([(), ("NA", "NULL")]))
    return Case(
        "csv", properties, policy, tuple(lines), breaks, head, draw(st.sampled_from([b"", breaks.encode()])), nulls
    )


CASES = st.one_of(csv_cases(), csv_cases(), json_cases("ndjson"), json_cases("ndjson"), json_cases("json"))


def run(case: Case, source: bytes | None = None, **options: Any) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Accepted rows, lines of the quarantine file, the verdict."""
    given = case.source if source is None else source
    csv = gn.ingest.Csv(nulls=case.nulls) if case.format == "csv" else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "q.ndjson"
        with case.contract().ingest(given, case.format, path, csv=csv, **options) as ingestion:
            rows = ingestion.read().to_dicts()
        lines = path.read_text(encoding="utf-8").splitlines()
    return rows, [json.loads(line) for line in lines[1:]], ingestion.verdict.document


def plain(value: Any) -> Any:
    """A value that is equal to another exactly when they are the same: NaN, the sign of zero and types too."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else value.hex())
    return (type(value).__name__, value.isoformat() if hasattr(value, "isoformat") else value)


def reasons_of(line: dict[str, Any]) -> set[tuple[str, str]]:
    return {(reason["code"], reason.get("path", "")) for reason in line["reasons"]}


def clause(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(found for found in document["clauses"] if found["id"] == f"t.{name}")


@given(CASES, st.sampled_from(CHUNKS), st.sampled_from(THREADS))
def test_native_and_oracle_agree(case: Case, chunk_bytes: int, threads: int) -> None:
    rows, lines, document = run(case, chunk_bytes=chunk_bytes, threads=threads)
    expected, columns = case.expected(), columns_of(case.types())
    reasons = [decide(record, columns, case.policy) for record in expected.records]
    accepted = [record for record, why in zip(expected.records, reasons, strict=True) if not why]
    assert [plain(row) for row in rows] == [plain(record.values) for record in accepted]
    wanted = [
        (number, record.line, [record.start, record.end], why)
        for number, (record, why) in enumerate(zip(expected.records, reasons, strict=True))
        if why
    ]
    assert [(line["record"], line["line"], line["bytes"], reasons_of(line)) for line in lines] == wanted
    source = case.source
    assert [raw(line) for line in lines] == [source[start:end] for _, _, (start, end), _ in wanted]
    sizes = [(record.end - record.start, bool(why)) for record, why in zip(expected.records, reasons, strict=True)]
    assert document["bytes"] == {
        "total": len(source),
        "accepted": sum(size for size, why in sizes if not why),
        "rejected": sum(size for size, why in sizes if why),
        "unknown": 0,
        "header": expected.header,
        "separators": expected.separators,
        "blank": expected.blank,
    }


def raw(line: dict[str, Any]) -> bytes:
    """The bytes of a quarantined record."""
    import base64

    return line["raw"].encode() if "raw" in line else base64.b64decode(line["rawBase64"])


@given(CASES)
def test_clauses_count_what_the_oracle_counts(case: Case) -> None:
    _, _, document = run(case)
    expected, columns = case.expected(), columns_of(case.types())
    malformed = [record for record in expected.records if record.fault]
    whole = [record for record in expected.records if not record.fault]
    formed = clause(document, "wellFormed")
    assert (formed["evaluated"], formed["failing"]) == (len(expected.records), len(malformed))
    counts = {fault["code"]: fault["count"] for fault in formed.get("faults", [])}
    assert counts == {code: [r.fault for r in malformed].count(code) for code in {r.fault for r in malformed}}
    for column in columns:
        if column.kind == "any":
            continue
        failing = [r for r in whole if any(path.startswith(column.name) for path in r.unreadable)]
        infinite = [r for r in whole if column.kind == "number" and not math.isfinite(r.values[column.name] or 0)]
        found = clause(document, f"{column.name}.logicalType")
        assert found["failing"] == len(failing) + len(infinite), column


def by_line(case: Case, number: int, **options: Any) -> list[Any]:
    """Outcome and values of the records that start on other lines, in order."""
    rows, lines, _ = run(case, **options)
    expected = case.expected().records
    bad, good = {line["record"]: line for line in lines}, iter(rows)
    out = []
    for place, record in enumerate(expected):
        outcome = (reasons_of(bad[place]), raw(bad[place])) if place in bad else plain(next(good))
        out.append((record.line - 1, outcome))
    return [outcome for line, outcome in out if line != number]


@given(json_cases("ndjson"), st.data())
def test_a_line_says_nothing_of_other_lines(case: Case, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(case.lines)))
    edit = data.draw(st.sampled_from([b"{", b'{"c0":"', b"\xff", b'"', b"[[[", b'{"c0":1}', b"{}", b"\0"]))
    options = {"chunk_bytes": data.draw(st.sampled_from(CHUNKS)), "threads": data.draw(st.sampled_from(THREADS))}
    case = Case(**{**case.__dict__, "lines": (*case.lines, b"{}"), "tail": b"\n"})
    kinds = {
        "insert": (*case.lines[:at], edit, *case.lines[at:]),
        "change": (*case.lines[:at], edit, *case.lines[at + 1 :]),
        "delete": (*case.lines[:at], *case.lines[at + 1 :]),
    }
    kind = data.draw(st.sampled_from(sorted(kinds)))
    other = Case(**{**case.__dict__, "lines": kinds[kind]})
    assert without(case, at if kind != "insert" else None) == without(
        other, at if kind != "delete" else None, **options
    )


def without(case: Case, number: int | None, **options: Any) -> list[Any]:
    return by_line(case, -1 if number is None else number, **options)


@given(csv_cases(), st.data())
def test_a_row_without_quotes_says_nothing_of_others(case: Case, data: st.DataObject) -> None:
    """An open quote may end in another row's quote; then S9.14 resumes after the first line break all the same."""
    clean = tuple(line for line in case.lines if b'"' not in line and b"\n" not in line and b"\r" not in line)
    case = Case(**{**case.__dict__, "lines": (*clean, b"x,"), "tail": case.breaks.encode()})
    at = data.draw(st.integers(0, len(clean)))
    edit = data.draw(st.sampled_from([b'"', b'x,"', b'a"b', b"\xff", b"\0", b",,,,,,,", b'"a"b', b"1"]))
    options = {"chunk_bytes": data.draw(st.sampled_from(CHUNKS)), "threads": data.draw(st.sampled_from(THREADS))}
    other = Case(**{**case.__dict__, "lines": (*case.lines[:at], edit, *case.lines[at:])})
    line = at + case.head.count(case.breaks.encode())
    assert without(case, None) == without(other, line, **options)


@given(CASES, st.sampled_from(CHUNKS), st.sampled_from(THREADS))
def test_chunks_and_threads_change_nothing(case: Case, chunk_bytes: int, threads: int) -> None:
    rows, lines, document = run(case, threads=1)
    others, other_lines, other_document = run(case, chunk_bytes=chunk_bytes, threads=threads)
    assert [plain(row) for row in rows] == [plain(row) for row in others]
    assert (lines, document) == (other_lines, other_document)


BYTES = st.lists(
    st.one_of(st.binary(max_size=5), st.sampled_from([*SHARP, b"\n", b"{", b'{"c0":1}', b"[", b",\n"])), max_size=30
)


@settings(max_examples=400)
@given(CASES, BYTES, st.sampled_from(CHUNKS), st.sampled_from(THREADS), st.booleans())
def test_any_bytes_have_a_verdict(
    case: Case, parts: list[bytes], chunk_bytes: int, threads: int, open_array: bool
) -> None:
    head = {"csv": case.head, "json": b"[" if open_array else b""}.get(case.format, b"")
    source = head + b"".join(parts)
    _, lines, document = run(case, source, chunk_bytes=chunk_bytes, threads=threads)
    account = document["bytes"]
    assert account["total"] == len(source) == sum(account.values()) - account["total"]
    assert [raw(line) for line in lines] == [source[slice(*line["bytes"])] for line in lines]
    assert run(case, source)[1:] == (lines, document)
