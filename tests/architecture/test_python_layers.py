"""Who imports whom in the Python package (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from repo import ROOT, files, name

# Top to bottom: a module imports its own layer and those below when it is loaded. `guard_nb` itself is over all.
LAYERS = [
    {"__main__"},
    {"magics", "widgets", "nbconvert", "lab", "labextension", "cli"},
    {"session", "backtest", "charts", "engines", "models", "client", "polars"},
    {"guarding", "registry"},
    {"queries"},
    {"transform"},
    {"expressions"},
    {"contract", "infer", "gate"},
    {"decision", "ledger", "_proposal"},
    {"ingest", "split", "suggesting", "gate_import", "gate_mandate"},
    {"verdict", "partial", "_codes"},
    {"_explain_html"},
    {"_explain"},
    {"_params"},
    {"_arrow", "_draft", "_frames", "_write"},
    {"_texts", "_visible"},
    {"errors"},
    {"_native"},
]
# Libraries and the modules that may name them, anywhere; "" stands for everywhere, but not when it is loaded.
ONLY_IN = {
    "IPython": {"magics", "widgets", "session"},
    "ipykernel": {"magics"},
    "ipywidgets": {"widgets"},
    "anywidget": {"widgets"},
    "nbconvert": {"nbconvert"},
    "altair": {"charts"},
    "pandas": set(),
    "pyarrow": set(),
    "duckdb": {"queries"},
    "polars": {"", "_frames", "backtest", "polars"},
}


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """Modules of guard_nb by dotted name below it; the package itself is the empty name."""
    paths = [path for path in files(".py") if name(path).startswith("guard_nb/")]
    dotted = {path: ".".join(path.relative_to(ROOT / "guard_nb").with_suffix("").parts) for path in paths}
    return {
        dotted[path].removesuffix("__init__").rstrip("."): (path, ast.parse(path.read_text(encoding="utf-8")))
        for path in paths
    }


def imported(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "guard_nb":
        return [f"guard_nb.{alias.name}" for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def on_load(body: list[ast.stmt]) -> Iterator[str]:
    """What is imported when a module is loaded: not what stands in functions or under TYPE_CHECKING."""
    for node in body:
        yield from imported(node)
        if isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.unparse(node.test):
            yield from on_load(node.body + node.orelse)
        if isinstance(node, ast.Try):
            yield from on_load(node.body + node.orelse + [line for handler in node.handlers for line in handler.body])


def anywhere(tree: ast.Module) -> set[str]:
    hidden = {id(line) for node in ast.walk(tree) if _for_types(node) for line in ast.walk(node)}
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and id(node) not in hidden]
    return {found for node in nodes for found in imported(node)}


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def layer(module: str) -> int:
    """The layer's number from the top. Raises if nobody said where the module belongs."""
    first = module.partition(".")[0]
    if not first:
        return -1
    found = [at for at, names in enumerate(LAYERS) if first in names]
    assert found, f"say in LAYERS where `{module}` belongs"
    return found[0]


def test_lower_layers_never_import_higher_ones() -> None:
    wrong = []
    for module, (path, tree) in modules().items():
        ours = {found.removeprefix("guard_nb.") for found in on_load(tree.body) if found.startswith("guard_nb.")}
        known = {found for found in ours if found.partition(".")[0] in modules() or found.startswith("_native")}
        wrong += [f"{name(path)} imports {found}" for found in known if layer(found) < layer(module)]
    assert wrong == []


def test_libraries_stay_in_their_modules() -> None:
    wrong = []
    for module, (path, tree) in modules().items():
        top = {found.partition(".")[0] for found in on_load(tree.body)}
        for library in {found.partition(".")[0] for found in anywhere(tree)} & set(ONLY_IN):
            allowed = ONLY_IN[library]
            if module.partition(".")[0] not in allowed and not ("" in allowed and library not in top):
                wrong.append(f"{name(path)} imports {library}")
    assert wrong == []
