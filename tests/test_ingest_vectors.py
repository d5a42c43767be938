"""Each vector of ingestion: Python in chunks of any size on any threads, the command line, and the oracle."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import guard_nb as gn
from command import environment
from ingest_vectors import Expected, IngestVector, read_ingest_vectors
from ingesting import quarantine_of, raw
from oracle.ingest import Dialect, Reading, columns_of, decide, read_csv, read_json, read_ndjson
from vector_reader import faults

VECTORS = read_ingest_vectors()
DECIDED = [vector for vector in VECTORS if vector.error is None]
REFUSED = [vector for vector in VECTORS if vector.error is not None]
CUTS = ((1 << 20, 1), (1, 1), (1, 3), (2, 2), (3, 3), (7, 2), (16, 1))
OF_TYPES = {"type-mismatch", "column-undeclared", "value-not-finite"}


def named(vector: IngestVector) -> str:
    return vector.name


def dialect(vector: IngestVector) -> gn.Csv | None:
    options = vector.options
    if vector.format not in ("csv", "tsv"):
        return None
    return gn.Csv(
        delimiter=options.get("delimiter"),
        quote=options.get("quote"),
        header={"false": False, "true": True}.get(options.get("header", "")),
        nulls=tuple(options["nulls"].split(", ")) if "nulls" in options else None,
        encoding=options.get("encoding"),
        sniff=options.get("sniff") == "true",
    )


def limits(vector: IngestVector) -> dict[str, int]:
    return {name: int(value) for name, value in vector.options.items() if name == "record_bytes"}


def plain(value: Any) -> Any:
    """A value as vectors write it."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat().replace("+00:00", "Z")
    return value


def agrees(vector: IngestVector, rows: list[Any] | None, lines: list[dict[str, Any]], document: dict[str, Any]) -> None:
    """Records, their places, reasons and bytes, the account and the lines of the verdict."""
    assert faults(vector.verdict, document) == [] if vector.verdict else True
    account = dict(document["bytes"])
    converted = account.pop("converted", 0)
    assert (account["total"], sum(account.values())) == (len(vector.source), 2 * len(vector.source) + converted)
    if vector.account is not None:
        assert account == vector.account
    if vector.records is None:
        return
    accepted = [record for record in vector.records if record.fate == "accepted"]
    if rows is not None:
        assert rows == [record.values for record in accepted]
    assert account["accepted"] == sum(end - start for start, end in (record.place for record in accepted))
    assert document["records"]["total"] == len(vector.records)
    found = [
        (
            line["record"],
            line["line"],
            tuple(line["bytes"]),
            line["status"],
            list(dict.fromkeys(f"{why['code']} {why.get('path', '')}".strip() for why in line["reasons"])),
        )
        for line in lines
    ]
    wanted = [
        (record.number, record.line, record.place, record.fate, record.reasons)
        for record in vector.records
        if record.fate != "accepted"
    ]
    assert found == wanted
    for line, (_, _, (start, end), _, _) in zip(lines, wanted, strict=True):
        # Of a record over the limit its first bytes only.
        assert line.get("rawLength", len(raw(line))) == end - start
        assert vector.source[start:end].startswith(raw(line))


@pytest.mark.parametrize("vector", DECIDED, ids=named)
def test_python(vector: IngestVector, tmp_path: Path) -> None:
    documents = set()
    for chunk_bytes, threads in CUTS:
        path = tmp_path / "quarantine.ndjson"
        options = {**limits(vector), "chunk_bytes": chunk_bytes, "threads": threads, "csv": dialect(vector)}
        with gn.Contract.loads(vector.contract).ingest(vector.source, vector.format, path, **options) as run:
            rows = [[plain(value) for value in row] for row in run.read().rows()]
        agrees(vector, rows, quarantine_of(path)[1], run.verdict.document)
        documents.add(run.verdict.to_json())
    assert len(documents) == 1


@pytest.mark.parametrize("vector", REFUSED, ids=named)
def test_no_verdict(vector: IngestVector, tmp_path: Path) -> None:
    options: dict[str, Any] = {**limits(vector), "csv": dialect(vector)}
    with pytest.raises(gn.GuardError) as caught:
        _ = gn.Contract.loads(vector.contract).ingest(vector.source, vector.format, tmp_path / "q", **options).verdict
    assert caught.value.code == vector.error
    assert list(tmp_path.iterdir()) == []


def alone(vector: IngestVector) -> list[tuple[bytes, Expected, bytes]]:
    """Each record that is rejected, with one that is accepted and the bytes before the first record."""
    if vector.format == "json" or not vector.records:
        return []
    head = vector.source[: vector.records[0].place[0]]
    good = [record for record in vector.records if record.fate == "accepted" and b'"' not in taken(vector, record)]
    good += [record for record in vector.records if record.fate == "accepted"]
    bad = [record for record in vector.records if record.fate == "rejected" and "column-m" not in record.reasons[0]]
    return [(head, good[0], taken(vector, record)) for record in bad] if good else []


def taken(vector: IngestVector, record: Expected) -> bytes:
    return vector.source[slice(*record.place)]


@pytest.mark.parametrize("vector", [vector for vector in DECIDED if alone(vector)], ids=named)
def test_each_damage_costs_its_record_alone(vector: IngestVector) -> None:
    """Between two records that are accepted, in a longer file, its neighbours have their values and it is rejected."""
    contract = gn.Contract.loads(vector.contract)
    for head, good, bad in alone(vector):
        lines = (taken(vector, good), bad, taken(vector, good), taken(vector, good))
        source = head + b"\n".join(lines) + b"\n"
        for chunk_bytes, threads in CUTS:
            options = {**limits(vector), "chunk_bytes": chunk_bytes, "threads": threads, "csv": dialect(vector)}
            run = contract.ingest(source, vector.format, **options)
            assert [[plain(value) for value in row] for row in run.read().rows()] == [good.values] * 3, bad
            assert run.verdict.document["records"]["rejected"] == 1


# One process for all calls: it reads their words, and says for each the status and what stood on both streams.
CALLS = """
import json, os, sys, tempfile
from guard_nb import _native
said = os.dup(1)
done = []
for args in json.load(sys.stdin):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        status = _native.cli(["guard-nb", *args])
        out.seek(0)
        err.seek(0)
        done.append((status, out.read().decode(), err.read().decode()))
os.write(said, json.dumps(done).encode())
"""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str, str, Path]]:
    """What `guard-nb check` says of each vector that its flags can express."""
    root, args, folders, names = tmp_path_factory.mktemp("vectors"), [], [], []
    for number, vector in enumerate(VECTORS):
        if "record_bytes" in vector.options:
            continue
        folder = root / str(number)
        folder.mkdir()
        (folder / "contract.yaml").write_text(vector.contract, encoding="utf-8")
        (folder / "data").write_bytes(vector.source)
        flags = []
        for name, value in vector.options.items():
            match name, value:
                case "header", "false":
                    flags.append("--no-header")
                case "sniff", "true":
                    flags.append("--sniff")
                case "nulls", _:
                    flags += [word for text in value.split(", ") for word in ("--null", text)]
                case _:
                    flags += [f"--{name}", value]
        files = (folder / "contract.yaml", folder / "data")
        written = ("--accepted", str(folder / "good.ndjson"), "--quarantine", str(folder / "bad.ndjson"))
        shape = ("--input-format", vector.format, "--format", "json", "--quiet")
        args.append(["check", *map(str, files), *flags, *shape[:4], *written])
        folders.append(folder)
        names.append(vector.name)
    done = subprocess.run(
        [sys.executable, "-c", CALLS],
        input=json.dumps(args).encode(),
        capture_output=True,
        check=True,
        env=environment(),
        timeout=300,
    )
    results = json.loads(done.stdout)
    return {
        name: (status, out, err, folder)
        for name, (status, out, err), folder in zip(names, results, folders, strict=True)
    }


STATUS = {"accept": 0, "reject": 1, "unknown": 3}


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if "record_bytes" not in vector.options], ids=named)
def test_command_line(vector: IngestVector, calls: dict[str, tuple[int, str, str, Path]]) -> None:
    status, out, err, folder = calls[vector.name]
    if vector.error is not None:
        assert (status, out) == (2, "")
        assert f"[{vector.error}]" in err
        assert sorted(path.name for path in folder.iterdir()) == ["contract.yaml", "data"]
        return
    run = gn.Contract.loads(vector.contract).ingest(vector.source, vector.format, csv=dialect(vector))
    assert out == run.verdict.to_json() + "\n", err
    document = json.loads(out)
    assert status == STATUS[document["status"]]
    agrees(vector, None, quarantine_of(folder / "bad.ndjson")[1], document)
    accepted = [json.loads(line) for line in (folder / "good.ndjson").read_bytes().splitlines()]
    assert len(accepted) == document["records"]["accepted"]


def reading(vector: IngestVector) -> Reading:
    """The oracle's."""
    (schema,) = yaml.safe_load(vector.contract)["schema"]
    columns, policy = columns_of(schema["properties"]), policy_of(schema)
    options = vector.options
    if vector.format == "ndjson":
        return read_ndjson(vector.source, columns, policy, int(options.get("record_bytes", 16 << 20)))
    if vector.format == "json":
        return read_json(vector.source, columns, policy)
    how = Dialect(
        options.get("delimiter", "\t" if vector.format == "tsv" else ",").encode(),
        options.get("quote", '"').encode(),
        options.get("header") != "false",
        tuple(options["nulls"].split(", ")) if "nulls" in options else (),
    )
    return read_csv(vector.source, columns, how, policy)


def policy_of(schema: dict[str, Any]) -> str:
    custom = {entry["property"]: entry["value"] for entry in schema.get("customProperties", [])}
    return str(custom.get("undeclaredColumns", "keep"))


def asks_the_oracle(vector: IngestVector) -> bool:
    """It knows neither encodings, guesses, limits of other formats than NDJSON, dialects in contracts nor headers that lack columns."""
    said = set(vector.options) & ({"encoding", "sniff"} | ({"record_bytes"} if vector.format != "ndjson" else set()))
    codes = {code for record in vector.records or () for code in record.reasons}
    return not said and "csvD" not in vector.contract and not any(code.startswith("column-m") for code in codes)


@pytest.mark.parametrize("vector", [vector for vector in DECIDED if asks_the_oracle(vector)], ids=named)
def test_oracle(vector: IngestVector) -> None:
    found = reading(vector)
    (schema,) = yaml.safe_load(vector.contract)["schema"]
    columns, policy = columns_of(schema["properties"]), policy_of(schema)
    if vector.account is not None:
        mine = {name: vector.account[name] for name in ("header", "separators", "blank")}
        assert mine == {"header": found.header, "separators": found.separators, "blank": found.blank}
    if vector.records is None:
        return
    assert [(record.line, (record.start, record.end)) for record in found.records] == [
        (record.line, record.place) for record in vector.records
    ]
    for wanted, record in zip(vector.records, found.records, strict=True):
        if wanted.fate == "accepted":
            declared = [record.values[column.name] for column in columns]
            others = [value for name, value in record.values.items() if name not in {c.name for c in columns}]
            assert (record.fault, [plain(value) for value in declared + others]) == (None, wanted.values)
        reasons = {f"{code} {path}".strip() for code, path in decide(record, columns, policy)}
        if record.fault is not None or reasons or {reason.split()[0] for reason in wanted.reasons} <= OF_TYPES:
            assert reasons <= set(wanted.reasons), wanted
