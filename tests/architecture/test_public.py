"""What users see is listed, explained and tested: names, codes, links between pages."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import guard_nb
from repo import ROOT, files, name, settle
from rust_text import without_tests

CODES = ROOT / "rust" / "verdict" / "src" / "codes"
ENTRY = re.compile(r'^\s*([A-Z][A-Z0-9_]*) = "([a-z0-9-]+)"', re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")


def constants() -> dict[str, str]:
    """Codes and the Rust constants that hold them."""
    return {
        code: constant
        for path in CODES.glob("*.rs")
        for constant, code in ENTRY.findall(path.read_text(encoding="utf-8"))
    }


def text_of_tests() -> str:
    """All tests and vectors as one text."""
    found = []
    for path in files(".rs", ".py", ".md"):
        text, where = path.read_text(encoding="utf-8"), name(path)
        if path.suffix == ".rs":
            found.append(text if re.search(r"/tests?(/|\.rs$)", where) else text[len(without_tests(text)) :])
        elif where.startswith("tests/") and not where.startswith(("tests/architecture/", "tests/oracle/")):
            found.append(text)
    return "\n".join(found)


def test_the_reference_lists_the_public_names() -> None:
    page = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## `(\w+)`$", page, re.MULTILINE)) == set(guard_nb.__all__)
    assert all(hasattr(guard_nb, exported) for exported in guard_nb.__all__)


def test_names_imported_late_are_those_that_type_checkers_see() -> None:
    tree = ast.parse((ROOT / "guard_nb" / "__init__.py").read_text(encoding="utf-8"))
    seen = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    public = set(guard_nb.__all__) - {"__version__"}
    assert public <= seen
    code = "import guard_nb; print(*[name for name in guard_nb.__all__ if getattr(guard_nb, name) is None])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def test_codes_have_pages() -> None:
    codes = {code.name for code in guard_nb.codes()}
    assert codes == set(constants())
    assert {path.stem for path in (ROOT / "docs" / "codes").glob("*.md")} == codes | {"README"}


def test_codes_are_tested() -> None:
    text = text_of_tests()
    silent = {
        code
        for code, constant in constants().items()
        if not re.search(rf"(?<![\w-]){code}(?![\w-])", text) and not re.search(rf"\b{constant}\b", text)
    }
    assert settle("code", silent) == ""


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for path in files(".md"):
        prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for plain, image in LINK.findall(prose):
            target = (plain or image).partition("#")[0]
            if target and "://" not in target and not (path.parent / target).exists():
                broken.append(f"{name(path)}: {target}")
    assert broken == []
