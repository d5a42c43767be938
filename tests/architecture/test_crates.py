"""The crate graph, what each crate may name, and where `unsafe` may stand (docs/architecture.md)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from repo import ROOT, files, name
from rust_text import code, without_tests

RUST = ROOT / "rust"
# Who may depend on whom, transitive.
BELOW = {
    "guard-verdict": set(),
    "guard-kernels": set(),
    "guard-engine": {"guard-verdict", "guard-kernels"},
    "guard-query": {"guard-verdict", "guard-kernels", "guard-engine"},
    "guard-gate": {"guard-verdict", "guard-kernels", "guard-engine", "guard-query", "guard-decode", "guard-ingest"},
    "guard-decode": {"guard-kernels"},
    "guard-ingest": {"guard-verdict", "guard-kernels", "guard-engine", "guard-decode"},
    "guard-service": {
        "guard-verdict",
        "guard-kernels",
        "guard-engine",
        "guard-gate",
        "guard-query",
        "guard-decode",
        "guard-ingest",
    },
    "guard-python": {
        "guard-verdict",
        "guard-kernels",
        "guard-engine",
        "guard-gate",
        "guard-query",
        "guard-decode",
        "guard-ingest",
        "guard-service",
    },
    "guard-testkit": {"guard-verdict", "guard-kernels", "guard-engine", "guard-gate"},
}
# Dependencies by prefix, and the crates that may have them.
ONLY_IN = {
    "pyo3": {"guard-python"},
    "arrow": {
        "guard-kernels",
        "guard-engine",
        "guard-decode",
        "guard-ingest",
        "guard-gate",
        "guard-service",
        "guard-python",
        "guard-testkit",
    },
    "tokio": {"guard-gate", "guard-service"},
    "axum": {"guard-service"},
    "clap": {"guard-service"},
    "parquet": {"guard-ingest"},
    "rusqlite": {"guard-gate"},
    "postgres": {"guard-gate"},
}
# What makes a function depend on more than its arguments.
WORLD = re.compile(
    r"\bstd::(?:fs|env|process)\b|\bstd::net\b(?!::(?:\{?Ipv))|\bSystemTime\b|\bInstant::now\b|\brand::|\bgetrandom\b|\be?println!"
)
PURE = ("verdict", "kernels", "engine", "query", "decode")
UNSAFE_IN = ("kernels", "decode", "python")


def manifests() -> dict[str, dict]:
    members = tomllib.loads((RUST / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["members"]
    return {member: tomllib.loads((RUST / member / "Cargo.toml").read_text(encoding="utf-8")) for member in members}


def normal(manifest: dict) -> set[str]:
    return set(manifest.get("dependencies", {})) | set(manifest.get("build-dependencies", {}))


def sources(member: str) -> list[tuple[Path, str]]:
    """What a crate is made of, without its tests."""
    under = f"rust/{member}/src/"
    found = [path for path in files(".rs") if name(path).startswith(under)]
    found = [path for path in found if path.name != "tests.rs" and "tests" not in path.parent.parts]
    return [(path, code(without_tests(path.read_text(encoding="utf-8")))) for path in found]


def test_crates_depend_downwards() -> None:
    for manifest in manifests().values():
        crate = manifest["package"]["name"]
        ours = {used for used in normal(manifest) if used.startswith("guard-")}
        assert ours <= BELOW[crate], crate
        tests = {used for used in manifest.get("dev-dependencies", {}) if used.startswith("guard-")}
        assert tests <= BELOW[crate] | {"guard-testkit", crate}, crate


def test_dependencies_stay_in_their_crates() -> None:
    for manifest in manifests().values():
        crate = manifest["package"]["name"]
        for prefix, allowed in ONLY_IN.items():
            assert crate in allowed or not [used for used in normal(manifest) if used.startswith(prefix)], crate


def test_the_testkit_is_not_published() -> None:
    assert manifests()["testkit"]["package"]["publish"] is False


@pytest.mark.parametrize("member", PURE)
def test_pure_crates_see_only_their_arguments(member: str) -> None:
    found = [f"{name(path)}: {hit}" for path, text in sources(member) for hit in WORLD.findall(text)]
    assert found == []


def test_unsafe_is_confined() -> None:
    for member, manifest in manifests().items():
        root = RUST / member / "src" / "lib.rs"
        forbids = "#![forbid(unsafe_code)]" in root.read_text(encoding="utf-8")
        uses = [name(path) for path, text in sources(member) if re.search(r"\bunsafe\b", text)]
        assert member in UNSAFE_IN or (forbids and not uses), (manifest["package"]["name"], uses)


def unexplained(text: str) -> list[int]:
    """Lines with `unsafe` and no SAFETY comment in the comment right above their statement."""
    lines, bare = text.splitlines(), code(text).splitlines()
    found = []
    for at, line in enumerate(bare):
        if re.search(r"\bunsafe\b", line):
            above = at
            while above > 0 and not re.search(r"[;{}]\s*$", bare[above - 1]):
                above -= 1
            if not re.search(r"SAFETY:|# Safety", "\n".join(lines[above:at])):
                found.append(at + 1)
    return found


def test_unsafe_is_explained() -> None:
    found = {name(path): unexplained(path.read_text(encoding="utf-8")) for path in files(".rs")}
    assert {path: at for path, at in found.items() if at} == {}
    assert unexplained("fn f() {\n    unsafe { g() }\n}") == [2]
    assert unexplained("    // SAFETY: why\n    unsafe { g() }") == []
