"""Holds the crates of rust/Cargo.lock against rust/deny.toml: licences, bans, versions twice, sources.

cargo-deny reads the same file and sees more; this needs nothing but cargo, so it runs everywhere (docs/adr/0010).
"""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

RUST = Path(__file__).parents[1] / "rust"
TOKEN = re.compile(r"\(|\)|[^\s()]+")


def allowed(expression: str, allow: set[str]) -> bool:
    """Does an SPDX expression hold with these licences alone? The old `A/B` means `A OR B`."""
    tokens = TOKEN.findall(expression.replace("/", " OR "))
    value, rest = _either(tokens, allow)
    return value and not rest


def _either(tokens: list[str], allow: set[str]) -> tuple[bool, list[str]]:
    value, tokens = _both(tokens, allow)
    while tokens[:1] == ["OR"]:
        right, tokens = _both(tokens[1:], allow)
        value = value or right
    return value, tokens


def _both(tokens: list[str], allow: set[str]) -> tuple[bool, list[str]]:
    value, tokens = _one(tokens, allow)
    while tokens[:1] == ["AND"]:
        right, tokens = _one(tokens[1:], allow)
        value = value and right
    return value, tokens


def _one(tokens: list[str], allow: set[str]) -> tuple[bool, list[str]]:
    if not tokens:
        return False, []
    if tokens[0] == "(":
        value, rest = _either(tokens[1:], allow)
        return (value, rest[1:]) if rest[:1] == [")"] else (False, rest)
    if tokens[1:2] == ["WITH"]:
        return " ".join(tokens[:3]) in allow, tokens[3:]
    return tokens[0] in allow, tokens[1:]


def faults(packages: list[dict[str, Any]], rules: dict[str, Any]) -> list[str]:
    """What breaks the rules, one line each; `packages` are those of `cargo metadata`."""
    found, versions = [], defaultdict(set)
    allow = set(rules["licenses"]["allow"])
    banned = {entry["name"] for entry in rules["bans"]["deny"]}
    for package in packages:
        name, label = package["name"], f"{package['name']} {package['version']}"
        versions[name].add(package["version"])
        if not allowed(package["license"] or "", allow):
            found.append(f"{label}: licence `{package['license']}`")
        if name in banned:
            found.append(f"{label}: banned")
        if package["source"] is not None and not package["source"].startswith("registry+"):
            found.append(f"{label}: from `{package['source']}`")
        found += [
            f"{label}: any version of `{used['name']}`"
            for used in package["dependencies"]
            if package["source"] is None and used["req"] == "*" and not used.get("path")
        ]
    skip = {entry["name"] for entry in rules["bans"]["skip"]}
    twice = {name: sorted(seen) for name, seen in versions.items() if len(seen) > 1}
    found += [f"{name}: versions {', '.join(seen)}" for name, seen in twice.items() if name not in skip]
    return found + [f"deny.toml skips `{name}`, which is there once" for name in skip - set(twice)]


def main() -> None:
    """Prints the faults and fails if there are any."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--manifest-path", str(RUST / "Cargo.toml")]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    rules = tomllib.loads((RUST / "deny.toml").read_text(encoding="utf-8"))
    found = faults(metadata["packages"], rules)
    print("\n".join([*found, f"{len(metadata['packages'])} crates: {len(found)} faults"]))
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
