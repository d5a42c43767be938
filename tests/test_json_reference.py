"""docs/reference/json.md says what is done: its table's cases, each as a line between others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingesting import Ingesting, contract

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "json.md"
ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| `?([a-z-]+)`?(?:;[^|]*)? \|$", re.MULTILINE)
CASES = ROW.findall(PAGE.read_text(encoding="utf-8"))


def bytes_of(cell: str) -> bytes:
    """The bytes of a cell: `\\xE9` is one, all else are themselves."""
    if cell.startswith("500 × "):
        return b"[" * 500 + b"]" * 500
    parts = re.split(r"\\x([0-9A-F]{2})", cell.strip("`"))
    return b"".join(bytes([int(part, 16)]) if at % 2 else part.encode() for at, part in enumerate(parts))


def test_all_cases_have_an_answer() -> None:
    assert len(CASES) == 35
    assert len({name for name, _, _ in CASES}) == 35


@pytest.mark.parametrize(("name", "cell", "answer"), CASES, ids=[name for name, _, _ in CASES])
def test_a_case_has_the_answer_that_is_said(name: str, cell: str, answer: str, ingest: Ingesting) -> None:
    line = b'{"v":' + bytes_of(cell) + b"}"
    around = (b'{"id":1}\n', b'\n{"id":2}\n')
    ran = ingest(line.join(around), "ndjson", contract(undeclaredColumns="drop"))
    codes = [code for _, _, _, (code,), _ in ran.found]
    assert codes == ([] if answer == "accepted" else [answer])
    assert [row[0] for row in ran.rows] == ([1, None, 2] if answer == "accepted" else [1, 2])


def test_a_byte_order_mark_at_the_start(ingest: Ingesting) -> None:
    assert ingest(b"\xef\xbb\xbf{}", "ndjson", contract(undeclaredColumns="drop")).rows == [(None, None)]
