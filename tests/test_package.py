"""What is handed out: the wheel and the sdist hold what users need, and nothing else."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import guard_nb

ROOT = Path(__file__).parents[1]
MATURIN = Path(sys.executable).with_name("maturin")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SOURCES = {
    path.relative_to(ROOT).as_posix() for path in (ROOT / "guard_nb").rglob("*.py") if "__pycache__" not in path.parts
}
BESIDE = {"guard_nb/py.typed", "guard_nb/_native.pyi", "guard_nb/schemas/verdict.v1.schema.json"}
LICENCES = {"LICENSE-MIT", "LICENSE-APACHE"}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MATURIN.exists(), reason="maturin is not installed in this environment"),
]


def build(folder: Path, *command: str) -> Path:
    """What maturin makes. The wheel is a development build, which differs in speed only."""
    env = {**os.environ, "VIRTUAL_ENV": sys.prefix}
    subprocess.run([MATURIN, *command, "--out", folder], cwd=ROOT, env=env, check=True)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    made = build(tmp_path_factory.mktemp("wheel"), "build", "--locked", "--features", "stubs", "--profile", "dev")
    return zipfile.ZipFile(made)


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    with tarfile.open(build(tmp_path_factory.mktemp("sdist"), "sdist")) as archive:
        return {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}


def metadata(wheel: zipfile.ZipFile) -> email.message.Message:
    (found,) = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return email.message_from_bytes(wheel.read(found))


def test_one_wheel_for_all_pythons(wheel: zipfile.ZipFile) -> None:
    name = Path(wheel.filename or "").name
    assert re.fullmatch(rf"guard_nb-{re.escape(guard_nb.__version__)}-cp311-abi3-[\w.]+\.whl", name)


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    data = {path.relative_to(ROOT).as_posix() for path in (ROOT / "guard_nb").rglob("*") if path.is_file()}
    (native,) = [name for name in names if name.endswith((".so", ".pyd", ".dylib"))]
    assert native.startswith("guard_nb/_native")
    assert names >= SOURCES | BESIDE
    assert names - {native} <= data | {name for name in names if "guard_nb.libs/" in name or ".data/" in name}
    assert [name for name in names if "__pycache__" in name or name.startswith(("tests/", "rust/"))] == []


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    found = metadata(wheel)
    assert found["License-Expression"] == PROJECT["license"]
    assert set(found.get_all("License-File") or []) == LICENCES
    assert found["Requires-Python"] == PROJECT["requires-python"]
    always = [need for need in found.get_all("Requires-Dist") or [] if "extra ==" not in need]
    assert [re.split(r"[<>=~ ]", need)[0] for need in always] == ["polars"]
    licences = {Path(name).name for name in wheel.namelist() if ".dist-info/licenses/" in name}
    assert licences == LICENCES


def test_the_sdist_can_be_built(sdist: set[str]) -> None:
    assert sdist >= SOURCES | BESIDE | LICENCES | {"README.md", "pyproject.toml", "rust/Cargo.lock", "rust/Cargo.toml"}
    for member in ("verdict", "kernels", "engine", "python"):
        assert {f"rust/{member}/Cargo.toml", f"rust/{member}/src/lib.rs"} <= sdist
    assert [
        name for name in sdist if name.startswith(("tests/", "rust/target/", ".venv/")) or name.endswith(".so")
    ] == []
