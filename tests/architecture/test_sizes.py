"""Files and functions stay small; what is too long is a debt."""

from __future__ import annotations

import ast
from pathlib import Path

from repo import DEBTS, debts, files, name, settle
from rust_text import functions

FILE_LINES = {".rs": 600, ".py": 450, ".js": 450}
FUNCTION_LINES = 60
SEAM_LINES = 1500


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def python_functions(text: str) -> list[tuple[str, int]]:
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in nodes]


def test_files_are_short() -> None:
    long = {f"{name(path)} {lines(path)}" for path in files(*FILE_LINES) if lines(path) > FILE_LINES[path.suffix]}
    assert settle("file", long) == ""


def test_functions_are_short() -> None:
    found = [(path, fn.name, fn.lines) for path in files(".rs") for fn in functions(path.read_text(encoding="utf-8"))]
    found += [(path, *fn) for path in files(".py") for fn in python_functions(path.read_text(encoding="utf-8"))]
    assert len(found) > 500, "functions are no longer found"
    long = {f"{name(path)}::{function} {length}" for path, function, length in found if length > FUNCTION_LINES}
    assert settle("function", long) == ""


def test_the_seam_is_thin() -> None:
    seam = [path for path in files(".rs") if name(path).startswith("rust/python/")]
    assert 0 < sum(map(lines, seam)) < SEAM_LINES


def test_debts_are_sorted_and_have_reasons() -> None:
    listed = [line for line in DEBTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert listed == sorted(set(listed))
    assert [subject for _, subject, reason in debts() if not reason] == []
    assert {kind for kind, _, _ in debts()} <= {"code", "file", "function"}


def test_debts_can_fail() -> None:
    assert settle("file", {"somewhere.rs 601"})
    assert [
        fn.lines
        for fn in functions("fn a() {\n  let s = \"}\";\n  // }\n}\n\nfn b();\nfn c<'a>(x: [u8; 2]) -> u8 { '}' }")
    ] == [4, 1]
