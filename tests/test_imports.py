"""What importing does and does not do."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import guard_nb

ROOT = Path(__file__).parents[1]
HEAVY = ["polars", "pandas", "pyarrow", "altair", "IPython", "anywidget", "ipywidgets", "numpy", "duckdb"]


def loaded_after(code: str) -> set[str]:
    """Modules loaded by a fresh interpreter that runs the code."""
    program = f"import json, sys\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_import_loads_no_frame_library() -> None:
    assert loaded_after("import guard_nb") & set(HEAVY) == set()


def test_reading_a_contract_loads_no_frame_library() -> None:
    assert loaded_after("import guard_nb; guard_nb.lint('id: x'); guard_nb.codes()") & set(HEAVY) == set()


def test_the_check_can_fail() -> None:
    assert "polars" in loaded_after("import guard_nb.polars")


@pytest.mark.parametrize("name", guard_nb.__all__)
def test_public_names_are_there_and_documented(name: str) -> None:
    found = getattr(guard_nb, name)
    assert name == "__version__" or (found.__doc__ or "").strip()


def test_the_exceptions_are_one_family() -> None:
    errors = importlib.import_module("guard_nb.errors")
    family = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(family) > 5
    assert all(issubclass(error, guard_nb.GuardError) for error in family)
