"""The command line: what is no data, one verdict on every surface, and the page that describes it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

import polars as pl
import pytest

import guard_nb as gn
from shell import Said, shell

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true, unique: true}
      - {name: note, logicalType: string}
"""
ROWS = b"id,note\n1,a\n2,b\nx,c\n2,d\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.odcs.yaml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "orders.csv").write_bytes(ROWS)
    return tmp_path


def check(folder: Path, *more: str) -> Said:
    return shell(folder, "check", "shop.odcs.yaml", *more)


def refused(said: Said, code: str, *words: str) -> None:
    """No verdict: status 2, a code, a next step, and nothing on standard output."""
    assert (said.status, said.out) == (2, ""), said
    assert said.err.startswith(f"error[{code}]: "), said.err
    assert "\n  help: " in said.err
    assert all(word in said.err for word in words), said.err


def test_files_that_are_not_there(folder: Path) -> None:
    refused(check(folder, "nowhere.csv"), "file-missing", "`nowhere.csv`")
    refused(check(folder, "."), "file-is-folder", "/*.csv")
    refused(check(folder, "*.cvs"), "glob-no-match", "`*.cvs`")


def test_files_that_are_no_text(folder: Path) -> None:
    (folder / "binary.csv").write_bytes(bytes(range(256)) * 50)
    refused(check(folder, "binary.csv"), "header-unreadable", "nul-byte", "`--encoding`")
    (folder / "binary.dat").write_bytes(bytes(range(1, 256)) * 50)
    refused(check(folder, "binary.dat"), "file-format-unknown", "`--input-format`")
    wide = "id,note\n1,a\n2,é\n".encode("utf-16-le")
    for mark in (b"", b"\xff\xfe"):
        (folder / "wide.csv").write_bytes(mark + wide)
        refused(check(folder, "wide.csv"), "header-unreadable", "nul-byte", "utf-16le")
        assert check(folder, "wide.csv", "--encoding", "utf-16le").status == 0
    refused(check(folder, "wide.csv", "--encoding", "latin-99"), "encoding-unknown", "latin-99")


def test_files_that_are_too_much(folder: Path) -> None:
    (folder / "wide.csv").write_text(",".join(f"c{n}" for n in range(1_000_000)) + "\n", encoding="utf-8")
    refused(check(folder, "wide.csv"), "columns-exceeded", "1000000", "16384")
    with gzip.open(folder / "bomb.csv.gz", "wb", 1) as bomb:
        bomb.write(b"id,note\n")
        bomb.writelines([b"1," + b"a" * (1 << 20) + b"\n"] * 100)
    refused(check(folder, "bomb.csv.gz"), "ratio-exceeded", "200 times")


def test_a_record_nested_too_deep_is_rejected_alone(folder: Path) -> None:
    deep = '{"id":1,"note":' + "[" * 100_000 + "]" * 100_000 + "}\n"
    (folder / "deep.ndjson").write_text(deep + '{"id":2}\n', encoding="utf-8")
    said = check(folder, "deep.ndjson")
    assert said.status == 1
    assert "2 records · 1 accepted · 1 rejected" in said.out
    assert "depth-exceeded" in said.out


def test_a_name_that_lies_about_the_format(folder: Path) -> None:
    pl.DataFrame({"id": [1], "note": ["a"]}).write_parquet(folder / "lie.csv")
    said = check(folder, "lie.csv")
    assert (said.status, said.err) == (0, "note: `lie.csv` is named as csv but is parquet\n")


def test_the_contract_of_another_table(folder: Path) -> None:
    (folder / "planes.csv").write_bytes(b"tailnum,year\nN1,1999\n")
    said = check(folder, "planes.csv")
    assert said.status == 1
    assert "id: column is there [record] fails on 1 of 1" in said.out


def test_statuses(folder: Path) -> None:
    assert check(folder, "orders.csv").status == 1
    (folder / "good.csv").write_bytes(b"id,note\n1,a\n")
    assert check(folder, "good.csv").status == 0
    refers = CONTRACT.replace("{name: note,", "{name: note, relationships: [{to: notes.id}],")
    (folder / "refers.yaml").write_text(refers, encoding="utf-8")
    assert shell(folder, "check", "refers.yaml", "good.csv").status == 3
    assert shell(folder, "lint", "shop.odcs.yaml").status == 0
    assert shell(folder, "diff", "shop.odcs.yaml", "shop.odcs.yaml").status == 0
    (folder / "less.yaml").write_text(CONTRACT.replace("required: true, ", ""), encoding="utf-8")
    assert shell(folder, "diff", "shop.odcs.yaml", "less.yaml").status == 1
    said = shell(folder, "transform", "SELECT id * 2 AS twice FROM input", "good.csv", "--contract", "shop.odcs.yaml")
    assert (said.status, said.out) == (0, '{"twice":2}\n')


def test_one_digest_in_the_shell_in_python_and_in_blocks(folder: Path) -> None:
    said = check(folder, "orders.csv", "--format", "json")
    contract = gn.Contract.load(folder / "shop.odcs.yaml")
    ran = contract.ingest(folder / "orders.csv").verdict
    assert said.out == ran.to_json() + "\n"
    assert f"sha256:{hashlib.sha256(said.out[:-1].encode()).hexdigest()}" == ran.digest
    assert gn.Verdict.from_json(said.out).digest == ran.digest
    frame = pl.DataFrame({"id": [1, 2, None, 2], "note": ["a", "b", "c", "d"]})
    frame.write_parquet(folder / "orders.parquet")
    from_file = json.loads(check(folder, "orders.parquet", "--format", "json").out)
    with gn.guard(folder / "shop.odcs.yaml", mode="warn") as guard:
        in_block = guard.check(frame)
    assert from_file == contract.check(frame).document == in_block.document


def test_limits_are_on_the_line(folder: Path) -> None:
    (folder / "long.csv").write_bytes(b"id,note\n1,a\n2," + b"b" * 2_000 + b"\n3,c\n")
    assert check(folder, "long.csv").status == 0
    said = check(folder, "long.csv", "--record-bytes", "1KiB")
    assert said.status == 1
    assert "3 records · 2 accepted · 1 rejected" in said.out
    assert "record-too-large" in said.out
    refused(check(folder, "long.csv", "--record-bytes", "300MiB"), "limit-out-of-range", "268435456")
    for bad in ("0", "1.5MiB", "many"):
        wrong = check(folder, "long.csv", "--memory-bytes", bad)
        assert (wrong.status, wrong.out) == (2, "")
        assert "a whole number above 0" in wrong.err
    (folder / "many.csv").write_bytes(b"id,note\n" + b"".join(b"%d,x\n" % (n % 4_999) for n in range(5_000)))
    usual = check(folder, "many.csv", "--format", "json")
    spilled = check(folder, "many.csv", "--format", "json", "--memory-bytes", "1kB")
    assert json.loads(usual.out)["records"]["rejected"] == 2
    assert spilled == usual


def test_statistics_need_not_be_believed(folder: Path) -> None:
    """What they prove is labelled; without them every value is read, and the verdict is the same."""
    contract = CONTRACT.replace("required: true, unique: true", "required: true, logicalTypeOptions: {minimum: 1}")
    (folder / "shop.odcs.yaml").write_text(contract, encoding="utf-8")
    frame = pl.DataFrame({"id": range(1, 10_001), "note": ["a"] * 10_000})
    frame.write_parquet(folder / "orders.parquet", row_group_size=1_000)
    trusting = check(folder, "orders.parquet", "--format", "json")
    reading = check(folder, "orders.parquet", "--format", "json", "--no-statistics")
    assert trusting.out == reading.out
    assert "statistics" in trusting.err
    assert reading.err == ""


REFERRING = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    relationships: [{type: foreignKey, from: [orders.zip, orders.country], to: [customers.zip, customers.country]}]
    properties:
      - {name: id, logicalType: integer, relationships: [{to: customers.id}]}
      - {name: zip, logicalType: string}
      - {name: country, logicalType: string}
  - name: customers
    properties:
      - {name: id, logicalType: integer, physicalName: customer_no}
      - {name: zip, logicalType: string}
      - {name: country, logicalType: string}
      - {name: note, logicalType: string}
"""


def test_references_from_files_are_those_of_frames(folder: Path) -> None:
    """Composite keys and physical names; columns that no key names make no difference."""
    (folder / "shop.odcs.yaml").write_text(REFERRING, encoding="utf-8")
    orders = pl.DataFrame({"id": [1, 2, 3, None], "zip": ["01", "02", "01", "09"], "country": ["DE", "DE", "FR", None]})
    customers = pl.DataFrame({"note": ["x", "y"], "customer_no": [1, 2], "country": ["DE", "DE"], "zip": ["01", "02"]})
    orders.write_parquet(folder / "orders.parquet")
    of_frames = gn.Contract.load(folder / "shop.odcs.yaml").check(
        orders, object="orders", references={"customers": customers}
    )
    assert of_frames.document["records"] == {"total": 4, "accepted": 3, "rejected": 1, "unknown": 0}
    for ending in ("parquet", "csv"):
        name = f"customers.{ending}"
        customers.write_parquet(folder / name) if ending == "parquet" else customers.write_csv(folder / name)
        more = ("--object", "orders", "--reference", f"customers={name}", "--format", "json")
        said = check(folder, "orders.parquet", *more)
        assert (said.status, said.err) == (1, "")
        assert json.loads(said.out) == of_frames.document
    customers.drop("customer_no").write_parquet(folder / "customers.parquet")
    said = check(folder, "orders.parquet", "--object", "orders", "--reference", "customers=customers.parquet")
    assert "0 accepted · 1 rejected · 3 unknown" in said.out
    assert "the frame `customers` has no column `id`" in said.out


def commands() -> list[str]:
    return re.findall(r"^  ([a-z]+)  ", shell(ROOT, "--help").out, re.MULTILINE)


def test_the_page_lists_the_commands(folder: Path) -> None:
    known = [command for command in commands() if command != "help"]
    assert len(known) > 7
    assert re.findall(r"^\| `([a-z]+)\b", PAGE, re.MULTILINE)[: len(known)] == known


def test_the_page_names_flags_that_there_are(folder: Path) -> None:
    helps = "\n".join(shell(folder, command, "--help").out for command in commands() if command != "help")
    flags = set(re.findall(r"--[a-z][a-z-]+", PAGE)) - {"--help"}
    assert len(flags) > 5
    assert {flag for flag in flags if not re.search(rf"{flag}\b(?!-)", helps)} == set()


def test_the_page_s_usage_is_that_of_the_commands(folder: Path) -> None:
    for written in re.findall(r"^\| `([a-z]+ [^`]*)` \|", PAGE, re.MULTILINE):
        command, *places = written.replace("[", "").replace("]", "").split()
        usage = re.search(r"^Usage: guard-nb (.*)$", shell(folder, command, "--help").out, re.MULTILINE)
        assert usage, command
        plain = re.sub(r"--[a-z-]+ <[A-Z_]+>", "", usage.group(1))
        found = re.findall(r"[<\[]([A-Z_]+)[>\]](\.\.\.)?", plain)
        assert [name + ("…" if more else "") for name, more in found if name not in ("OPTIONS",)] == places, written
