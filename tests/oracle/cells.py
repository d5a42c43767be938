"""The values that clauses look at: columns, nested values and keys, with what keeps clauses from running on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from oracle.arrow import LISTS, Frame, Type, has_type
from oracle.checks import members
from oracle.values import Refused, key, show

Tree = dict[str, Any]
Cell = tuple[int, str, Any]
Key = tuple[int, str, Any, Tree]


@dataclass
class Cells:
    """The values at one path: (row, path, value)."""

    path: str
    kind: Type
    cells: list[Cell]
    absent: str | None = None
    mismatch: bool = False

    def need(self) -> list[Cell]:
        """The values, unless every clause on them is refused."""
        if self.absent or self.mismatch:
            raise Refused(self.absent or "type-mismatch")
        return self.cells

    def shown(self, value: Any) -> Tree:
        """The value as evidence."""
        return {"value": show(value, self.kind)}


def missing(path: str, code: str | None) -> Cells:
    """No values, and why."""
    return Cells(path, Type("null"), [], code)


def resolve(prop: Tree, names: list[str]) -> str | None:
    """Name of the column of a property (S3.3)."""
    physical, name = prop.get("physicalName"), str(prop["name"])
    return name if name in names else physical if physical in names else None


def _typed(cells: Cells, prop: Tree) -> Cells:
    cells.mismatch = not cells.absent and "logicalType" in prop and not has_type(cells.kind, prop["logicalType"])
    return cells


def column(prop: Tree, frame: Frame) -> Cells:
    """A top-level property's values."""
    name, found = str(prop["name"]), resolve(prop, frame.names)
    if found is None or frame.names.count(found) > 1:
        return missing(name, "column-ambiguous" if found else "column-missing")
    at = frame.names.index(found)
    return _typed(
        Cells(name, frame.types[at], [(row, name, value) for row, value in enumerate(frame.columns[at])]), prop
    )


def _blocked(parent: Cells, layouts: tuple[str, ...]) -> str | None:
    fits = parent.kind.name in (*layouts, "null")
    return parent.absent or (None if fits and not parent.mismatch else "type-mismatch")


def items(parent: Cells, prop: Tree) -> Cells:
    """The items of lists (S3.6)."""
    path, blocked = parent.path + "[]", _blocked(parent, LISTS)
    if blocked or parent.kind.name == "null":
        return missing(path, blocked)
    found = [(row, f"{at}[{n}]", item) for row, at, value in parent.cells for n, item in enumerate(value or [])]
    return _typed(Cells(path, parent.kind.item, found), prop)


def child(parent: Cells, prop: Tree) -> Cells:
    """A property of structs or maps (S3.6)."""
    name, blocked = str(prop["name"]), _blocked(parent, ("struct", "map"))
    path = f"{parent.path}.{name}"
    if blocked or parent.kind.name == "null":
        return missing(path, blocked)
    label = name if parent.kind.name == "map" else resolve(prop, [label for label, _ in parent.kind.children])
    if label is None:
        return missing(path, "column-missing")
    kind = parent.kind.item if parent.kind.name == "map" else dict(parent.kind.children)[label]
    found = [(row, f"{at}.{name}", members(value).get(label)) for row, at, value in parent.cells if value is not None]
    return _typed(Cells(path, kind, found), prop)


def keys_of(columns: list[Cells]) -> list[Key]:
    """Keys of one or several columns: row, path, key (None with a NULL part), evidence."""
    lists = [cells.need() for cells in columns]
    if any("[]" in cells.path for cells in columns):
        raise Refused("layout-not-supported")
    if len(columns) == 1:
        return [(row, path, key(value, columns[0].kind), columns[0].shown(value)) for row, path, value in lists[0]]
    out: list[Key] = []
    path = ",".join(cells.path for cells in columns)
    for row, parts in enumerate(zip(*lists, strict=True)):
        pairs = [(part[2], cells.kind) for part, cells in zip(parts, columns, strict=True)]
        whole = tuple(key(*pair) for pair in pairs)
        out.append((row, path, None if None in whole else whole, {"values": [show(*pair) for pair in pairs]}))
    return out


def keyed(columns: list[Cells], primary: bool = False) -> Tree:
    """Members of groups of two or more, for a primary key NULLs too; `count` is n − d (S2.8)."""
    keys = keys_of(columns)
    groups = Counter(entry[2] for entry in keys if entry[2] is not None)
    bad = [(row, path, shown) for row, path, k, shown in keys if groups[k] > 1 or (primary and k is None)]
    surplus = groups.total() - len(groups)
    return {
        "evaluated": len(keys),
        "bad": bad,
        "code": "value-duplicate" if surplus else "value-missing",
        "count": surplus,
        "context": False,
    }
