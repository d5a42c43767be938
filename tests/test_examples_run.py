"""What the docs show runs as written: docstrings of the package, and the code of README and docs."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import guard_nb

ROOT = Path(__file__).parents[1]
OPTIONAL = ("IPython", "altair", "anywidget", "ipywidgets", "nbconvert", "pyspark", "ray")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = ["guard_nb", *(found.name for found in pkgutil.walk_packages(guard_nb.__path__, "guard_nb."))]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("module", [name for name in MODULES if not name.endswith("_native")])
def test_docstrings(module: str) -> None:
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in OPTIONAL:
            raise
        pytest.skip(f"{error.name} is not installed")
    assert doctest.testmod(loaded, optionflags=doctest.ELLIPSIS).failed == 0


def test_the_package_shows_an_example() -> None:
    assert doctest.DocTestFinder().find(guard_nb)[0].examples


def run_commands(blocks: list[tuple[str, str, str]], folder: Path, env: dict[str, str]) -> None:
    """Runs lines of `guard-nb`: each gives a verdict or does what it is for."""
    shim = folder / ".bin" / "guard-nb"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m guard_nb "$@"\n', encoding="utf-8")
    shim.chmod(0o755)
    env = {**env, "PATH": f"{shim.parent}{os.pathsep}{env['PATH']}"}
    lines = [line for language, _, body in blocks if language == "sh" for line in body.splitlines()]
    for line in lines:
        if line.startswith("guard-nb "):
            run = subprocess.run(line, shell=True, cwd=folder, env=env, capture_output=True, text=True, check=False)
            assert run.returncode in (0, 1), (line, run.stderr)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages(page: Path, tmp_path: Path) -> None:
    """Blocks with `file=NAME` are files; the python blocks of a page are one program; `output` is what it prints."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    program = "\n".join(body for language, _, body in blocks if language == "python")
    for _, info, body in blocks:
        if named := re.search(r"file=([\w.-]+)", info):
            (tmp_path / named.group(1)).write_text(body, encoding="utf-8")
    if not program:
        pytest.skip("no python on this page")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    expected = [body for language, info, body in blocks if language == "text" and "output" in info]
    run_commands(blocks, tmp_path, env)
    assert expected or page.name != "README.md"
    assert run.stdout == "".join(expected) or not expected
