"""What is committed: nothing large, nothing of one machine, and the set-up files in order."""

from __future__ import annotations

import re
import subprocess

import pytest

from repo import ROOT, files, name

LARGEST = 1_000_000
# Where packages come from is the machine's business; lock files name what their tools write.
HOSTS = re.compile(
    r"(?:pypi|pythonhosted|crates\.io|npmjs|anaconda)\.(?:org|com|io)/simple|files\.pythonhosted|registry\.npmjs|index-url|trusted-host"
)
PATHS = re.compile(r"(?<![\w.])/(?:home|root|Users|work|private/tmp|tmp/tmp)/[\w.-]+")
THIS = "tests/architecture/test_files.py"


def texts() -> list[tuple[str, str]]:
    found = []
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content and name(path) not in (THIS, "rust/Cargo.lock"):
            found.append((name(path), content.decode("utf-8")))
    return found


def test_nothing_is_large() -> None:
    assert [name(path) for path in files() if path.stat().st_size > LARGEST] == []


@pytest.mark.parametrize("pattern", [HOSTS, PATHS], ids=["registry hosts", "paths of one machine"])
def test_nothing_is_of_one_machine(pattern: re.Pattern[str]) -> None:
    assert [f"{path}: {hit.group()}" for path, text in texts() for hit in pattern.finditer(text)] == []


def test_the_patterns_can_find() -> None:
    assert HOSTS.search("--extra-index-url x")
    assert PATHS.search("see /home/somebody/data")
    assert not PATHS.search("docs/work/notes")


def test_lock_files_are_whole() -> None:
    lock = (ROOT / "rust" / "Cargo.lock").read_text(encoding="utf-8")
    sources = set(re.findall(r'^source = "(.*)"$', lock, re.MULTILINE))
    assert sources == {"registry+https://github.com/rust-lang/crates.io-index"}
    pins = [
        line
        for line in (ROOT / "requirements" / "constraints.txt").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert len({pin.partition("==")[0].lower() for pin in pins}) == len(pins) > 50
    assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!-]+", line)] == []


def test_ci_is_the_two_targets() -> None:
    run = ROOT / ".ci" / "run"
    lines = [line for line in run.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert lines == ["set -eu", 'cd "$(dirname "$0")/.."', "make check", "make test"]
    assert run.stat().st_mode & 0o111


@pytest.mark.parametrize("script", [path for path in files() if path.read_bytes()[:9] == b"#!/bin/sh"], ids=name)
def test_shell_scripts_parse_and_fail_loudly(script) -> None:
    subprocess.run(["sh", "-n", str(script)], check=True)
    assert re.search(r"^set -eu$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert script.stat().st_mode & 0o111


def test_binder_pins_python_and_nothing_finer() -> None:
    import yaml

    environment = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    assert environment["channels"] == ["conda-forge"]
    assert any(re.fullmatch(r"python=3\.\d+", item) for item in environment["dependencies"])
    assert "rust" in {item.partition("=")[0].partition(">")[0].strip() for item in environment["dependencies"]}
    assert [item for item in environment["dependencies"] if item.count("=") > 1 and ">=" not in item] == []
