"""Writes generated files, or with `--check` says which are not fresh."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def settle(wanted: dict[Path, str], folders: list[Path]) -> None:
    """Makes the files as wanted and removes others of `folders`; with `--check` fails if there is anything to do."""
    extra = [path for folder in folders for path in sorted(folder.glob("*")) if path not in wanted]
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for path in [*stale, *extra]:
            print(f"not fresh: {path.relative_to(ROOT)}; run `make docs`", file=sys.stderr)
        raise SystemExit(1 if stale or extra else 0)
    for path in extra:
        path.unlink()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    print(f"{len(wanted)} generated files, {len(stale)} written, {len(extra)} removed")
