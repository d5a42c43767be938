"""Writes requirements/constraints.txt: the newest versions that satisfy pyproject.toml, from a fresh environment."""

from __future__ import annotations

import subprocess
import tempfile
import venv
from pathlib import Path

from requirements import names, requirements

ROOT = Path(__file__).parents[1]
HEAD = """\
# Exact versions of everything that `make` installs, written by `make lock`.
"""


def freeze() -> str:
    """Every set of pyproject.toml installed together, as `name==version` lines."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder) / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", *requirements(names())], check=True)
        return subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    (ROOT / "requirements" / "constraints.txt").write_text(HEAD + freeze(), encoding="utf-8")
