"""The whole verdict document of a contract over a frame, clause by clause in the order of S5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle import checks, values
from oracle.arrow import LISTS, Frame, Type, family, has_type, is_scalar
from oracle.canonical import Num, contract_digest, load
from oracle.levels import level_limit, level_unit
from oracle.values import Refused

Tree = dict[str, Any]
Run = Callable[[], Tree | None]
METRICS = {"nullValues": "value-missing", "missingValues": "value-missing", "invalidValues": "value-invalid",
           "duplicateValues": "value-duplicate", "rowCount": "metric-out-of-range"}  # fmt: skip


class OracleError(Exception):
    """No verdict was given; the message is the code."""


@dataclass
class Part:
    """A frame and where its records are."""

    frame: Frame
    source: str = ""
    start: int = 0


@dataclass
class Cells:
    """The values at one path: (row, path, value), with what keeps clauses from running on them."""

    path: str
    kind: Type
    cells: list[tuple[int, str, Any]]
    absent: str | None = None
    mismatch: bool = False

    def need(self) -> list[tuple[int, str, Any]]:
        """The values, unless every clause on them is refused."""
        if self.absent or self.mismatch:
            raise Refused(self.absent or "type-mismatch")
        return self.cells


def custom(element: Tree, name: str) -> Any:
    """Value of a customProperty."""
    return next((entry.get("value") for entry in element.get("customProperties") or [] if entry.get("property") == name), None)


def resolve(prop: Tree, names: list[str]) -> str | None:
    """Name of the column of a property (S3.3)."""
    physical, name = prop.get("physicalName"), prop.get("name", "")
    return name if name in names else physical if physical in names else None


def cells_of(prop: Tree, frame: Frame) -> Cells:
    """A top-level property's values."""
    name = str(prop["name"])
    found = resolve(prop, frame.names)
    if found is None or frame.names.count(found) > 1:
        return Cells(name, Type("null"), [], "column-ambiguous" if found else "column-missing")
    at = frame.names.index(found)
    return Cells(name, frame.types[at], [(row, name, value) for row, value in enumerate(frame.columns[at])])


def child_cells(parent: Cells, prop: Tree | None, of: Tree) -> Cells:
    """Values of a nested property, or with `prop` None those of a list's items (S3.6)."""
    path = parent.path + (f".{of['name']}" if prop else "[]")
    blocked = parent.absent or ("type-mismatch" if parent.mismatch else None)
    if blocked or parent.kind.name not in (("struct", "map") if prop else LISTS):
        return Cells(path, Type("null"), [], blocked or (None if parent.kind.name == "null" else "type-mismatch"))
    there = [cell for cell in parent.cells if cell[2] is not None]
    if not prop:
        return Cells(path, parent.kind.item, [(r, f"{p}[{at}]", item) for r, p, v in there for at, item in enumerate(v)])
    name = str(of["name"]) if parent.kind.name == "map" else resolve(of, [label for label, _ in parent.kind.children])
    if name is None:
        return Cells(path, Type("null"), [], "column-missing")
    kind = parent.kind.item if parent.kind.name == "map" else dict(parent.kind.children)[name]
    return Cells(path, kind, [(r, f"{p}.{of['name']}", checks.members(v).get(name)) for r, p, v in there])


def keys_of(columns: list[Cells]) -> list[tuple[int, str, Any, Tree]]:
    """Keys of one or several columns: row, path, key (None with a NULL part), evidence."""
    lists = [cells.need() for cells in columns]
    if len(columns) == 1:
        kind = columns[0].kind
        return [(row, path, values.key(value, kind), {"value": values.show(value, kind)}) for row, path, value in lists[0]]
    out, path = [], ",".join(cells.path for cells in columns)
    for row, parts in enumerate(zip(*lists, strict=True)):
        pairs = [(part[2], cells.kind) for part, cells in zip(parts, columns, strict=True)]
        whole = tuple(values.key(*pair) for pair in pairs)
        out.append((row, path, None if None in whole else whole, {"values": [values.show(*pair) for pair in pairs]}))
    return out


def repeated(keys: list[tuple[int, str, Any, Tree]]) -> tuple[list[Any], int]:
    """Members of groups of two or more, and n − d (S2.8)."""
    groups = Counter(entry[2] for entry in keys if entry[2] is not None)
    return [entry for entry in keys if groups[entry[2]] > 1], groups.total() - len(groups)


class Judge:
    """Judges one object; `clauses`, `rejected` and `undecided` fill while it walks the contract."""

    def __init__(self, tree: Tree, target: Tree, parts: list[Part], references: dict[str, Frame], as_of: int | None) -> None:
        self.tree, self.target, self.name, self.references, self.as_of = tree, target, str(target["name"]), references, as_of
        frames = [part.frame for part in parts]
        self.where = [(part.source, part.start + row) for part in parts for row in range(part.frame.rows)]
        columns = [[value for frame in frames for value in frame.columns[at]] for at in range(len(frames[0].names))]
        self.frame = Frame(frames[0].names, frames[0].types, columns, len(self.where))
        self.clauses: list[Tree] = []
        self.rejected: set[int] = set()
        self.undecided, self.used = False, set[str]()
        self.properties: list[Tree] = target.get("properties") or []
        self.cells = {str(prop["name"]): self._typed(cells_of(prop, self.frame), prop) for prop in self.properties}
        keys = [prop for prop in self.properties if prop.get("primaryKey") is True]
        self.keys = sorted(keys, key=lambda prop: int(prop.get("primaryKeyPosition", -1)) % 2**32)

    @staticmethod
    def _typed(cells: Cells, prop: Tree) -> Cells:
        cells.mismatch = not cells.absent and "logicalType" in prop and not has_type(cells.kind, prop["logicalType"])
        return cells

    def add(self, path: str, kind: str, name: str, columns: list[str], run: Run, scope: str = "record", **more: Any) -> None:
        """Runs a clause. `run` gives `evaluated`, `bad` (row, path, evidence), `code`, and for table scope `metric`, `holds`."""
        ident = f"{self.name}.{path}"
        count = sum(clause["id"] == ident or clause["id"].startswith(ident + "#") for clause in self.clauses)
        clause: Tree = {"id": ident + (f"#{count + 1}" if count else ""), "kind": kind, "name": name, "columns": columns,
                        "scope": scope, "severity": "error", **more}  # fmt: skip
        self.clauses.append(clause)
        decides = clause["severity"] == "error" and scope != "table"
        try:
            found = run()
        except Refused as refused:
            clause |= {"coverage": "refused", "outcome": "unknown", "code": refused.code, "reason": refused.code}
            self.undecided |= decides
            return
        if found is None:
            clause["coverage"] = "informational"
            return
        bad = found["bad"]
        holds = found.get("holds", not bad)
        clause |= {"coverage": "executed", "evaluated": found["evaluated"], "failing": len(bad)}
        clause |= {"outcome": {True: "pass", False: "fail", None: "unknown"}[holds]}
        clause |= {"metric": found["metric"]} if "metric" in found else {}
        if not holds:
            clause |= {"code": found["code"]} | ({"reason": found["code"]} if holds is None else {})
        if bad:
            clause["evidence"] = [self._evidence(entry, columns) for entry in bad[:5]]
            self.rejected |= {entry[0] for entry in bad} if decides else set()

    def _evidence(self, entry: tuple[int, str, Tree], columns: list[str]) -> Tree:
        row, path, shown = entry
        source, record = self.where[row]
        scalar = [prop for prop in self.properties if not self.cells[prop["name"]].absent and is_scalar(self.cells[prop["name"]].kind)]
        others = [prop for prop in (self.keys or scalar) if prop["name"] not in columns and prop in scalar]
        context = []
        for prop in others if self.keys else others[:3]:
            cells, secret = self.cells[prop["name"]], prop.get("classification")
            value = {"masked": str(secret)} if secret is not None else values.show(cells.cells[row][2], cells.kind)
            context.append({"column": str(prop["name"]), "value": value})
        return {"source": source, "record": record, "path": path, **shown} | ({"context": context} if context else {})

    def each(self, cells: Cells, code: str, test: checks.Test | None) -> Tree | None:
        """Tests each non-NULL value."""
        found = cells.need()
        if test is None:
            return None
        bad = [(row, path, {"value": values.show(v, cells.kind)}) for row, path, v in found if v is not None and not test(v)]
        return {"evaluated": len(found), "bad": bad, "code": code}

    def walk(self, prop: Tree, cells: Cells) -> None:
        """The clauses of one property, then those nested in it."""
        path, columns = cells.path, [cells.path]
        if "logicalType" in prop:
            finite = prop["logicalType"] != "number" or custom(prop, "allowNonFinite") is True
            self.add(f"{path}.logicalType", "logicalType", f"is {prop['logicalType']}", columns, lambda: self.each(
                Cells(path, cells.kind, cells.cells, cells.absent), "type-mismatch" if cells.mismatch else "value-not-finite",
                lambda value: not cells.mismatch and (finite or not isinstance(value, float) or abs(value) < float("inf"))))  # fmt: skip
        written = prop.get("logicalTypeOptions") or {}
        for name in (name for name in checks.ORDER if name in written and not (name == "uniqueItems" and written[name] is not True)):
            def run(name: str = name) -> Tree | None:
                cells.need()
                logical = str(prop.get("logicalType") or family(cells.kind))
                return self.each(cells, *checks.option(name, written[name], cells.kind, logical))
            kind = "requiredProperties" if name == "required" else name
            self.add(f"{path}.{kind}", kind, checks.phrase(name, written[name]), columns, run)
        if prop.get("required") is True:
            self.add(f"{path}.required", "required", "required", columns, lambda: self.counted(cells, lambda v: v is None))
        if prop.get("unique") is True:
            self.add(f"{path}.unique", "unique", "unique", columns, lambda: self.keyed([cells]), "key")
        if prop.get("primaryKey") is True and len(self.keys) < 2:
            self.add(f"{path}.primaryKey", "primaryKey", "primary key", columns, lambda: self.keyed([cells], True), "key")
        if prop.get("enum") is not None:
            entries = [entry.get("value") for entry in prop["enum"]]
            self.add(f"{path}.enum", "enum", f"one of {len(entries)} values", columns, lambda: self.each(
                cells, "value-not-in-set", self.among(cells, entries)))  # fmt: skip
        for entry in prop.get("relationships") or []:
            self.relationship(entry, f"{path}.", [cells], [str(entry["to"])])
        for at, rule in enumerate(prop.get("quality") or []):
            self.quality(rule, at, f"{path}.", cells)
        for nested in prop.get("properties") or []:
            self.walk(nested, self._typed(child_cells(cells, prop, nested), nested))
        if prop.get("items") is not None:
            self.walk(prop["items"], self._typed(child_cells(cells, None, prop["items"]), prop["items"]))

    def counted(self, cells: Cells, missing: checks.Test) -> Tree:
        """Flags the values, NULL among them, that `missing` says are missing."""
        bad = [(row, path, {"value": values.show(v, cells.kind)}) for row, path, v in cells.need() if missing(v)]
        return {"evaluated": len(cells.cells), "bad": bad, "code": "value-missing"}

    def keyed(self, columns: list[Cells], primary: bool = False) -> Tree:
        """`unique` or a primary key."""
        keys = keys_of(columns)
        members, surplus = repeated(keys)
        bad = [entry for entry in keys if entry in members or (primary and entry[2] is None)]
        code = "value-duplicate" if members else "value-missing"
        return {"evaluated": len(keys), "bad": [(row, path, shown) for row, path, _, shown in bad], "code": code, "surplus": surplus}

    @staticmethod
    def among(cells: Cells, entries: list[Any]) -> checks.Test:
        """Test for being one of the contract's values."""
        cells.need()
        allowed = set() if cells.kind.name == "null" else {values.read(entry, cells.kind) for entry in entries if entry is not None}
        number = family(cells.kind) in ("integer", "number")
        return lambda value: (values.amount(value) if number else value) in allowed

    def relationship(self, entry: Tree, path: str, columns: list[Cells], to: list[str]) -> None:
        """A foreign key (S2.12)."""
        names, external = [self._named(reference) for reference in to], any("#" in reference for reference in to)
        table, keys = names[0][0], [column for _, column in names]
        phrase = f"{table}.{keys[0]}" if len(keys) == 1 else f"{table}.({', '.join(keys)})"

        def run() -> Tree:
            found = keys_of(columns)
            if external or (table != self.name and table not in self.references):
                raise Refused("reference-external" if external else "reference-missing")
            frame = self.frame if table == self.name else self.references[table]
            there = next((obj for obj in self.tree["schema"] if obj["name"] == table), {})
            props = [next((p for p in there.get("properties") or [] if p["name"] == key), {"name": key}) for key in keys]
            targets = [cells_of(prop, frame) for prop in props]
            if any(cells.absent for cells in targets):
                raise Refused("reference-column-missing")
            self.used |= {table} - {self.name}
            known = {key for _, _, key, _ in keys_of(targets)}
            bad = [(row, at, shown) for row, at, key, shown in found if key is not None and key not in known]
            return {"evaluated": len(found), "bad": bad, "code": "reference-unknown"}

        self.add(f"{path}foreignKey", "foreignKey", f"foreign key → {phrase}", [cells.path for cells in columns], run, "key")

    def _named(self, reference: str) -> tuple[str, str]:
        """Object and column of `object.column` or `schema/<id>/properties/<id>`."""
        parts = reference.rpartition("#")[2].strip("/").split("/")
        if len(parts) < 4:
            table, _, column = reference.rpartition("#")[2].partition(".")
            return (table, column) if column else (self.name, table)
        for obj in self.tree["schema"]:
            for prop in obj.get("properties") or []:
                if (obj.get("id"), prop.get("id")) == (parts[1], parts[3]):
                    return str(obj["name"]), str(prop["name"])
        return parts[1], parts[3]

    def quality(self, rule: Tree, at: int, path: str, cells: Cells | None) -> None:
        """One entry of `quality`."""
        metric = rule.get("metric", rule.get("rule"))
        kind = str(rule.get("type") or ("library" if metric else "text"))
        operators = [name for name in rule if name.startswith("must")]
        written = rule[operators[0]] if len(operators) == 1 else None
        digits = [str(item) for item in (written if isinstance(written, list) else [written])]
        percent = rule.get("unit") == "percent"
        severity = rule["severity"] if rule.get("severity") in ("error", "warning", "info") else "error"
        more = {"severity": severity} | ({"dimension": rule["dimension"]} if "dimension" in rule else {})
        names = list((rule.get("arguments") or {}).get("properties") or [])
        columns = [cells.path] if cells else names
        phrase = f"{metric} {operators[0]} {' and '.join(digits)}{' percent' * percent}" if len(operators) == 1 else str(metric)
        phrase = {"sql": "sql rule", "custom": f"custom rule ({rule.get('engine')})", "text": "text"}.get(kind, phrase)
        scope = {"sql": "record", "custom": "record"}.get(kind, "table")
        bounds = [Fraction(Decimal(item)) for item in digits] if all(isinstance(item, Num) for item in _list(written)) else None
        if kind == "library" and metric in METRICS and metric != "rowCount" and bounds:
            if checks.without_tolerance(operators[0], bounds, percent):
                scope = "key" if metric == "duplicateValues" else "record"

        def run() -> Tree | None:
            if kind == "text":
                return None
            if cells:
                cells.need()
            if kind != "library":
                raise Refused("rule-not-supported" if kind == "sql" or rule.get("engine") == "guard_nb" else "engine-unknown")
            if metric not in METRICS or len(operators) != 1:
                raise Refused("operator-missing" if metric in METRICS else "metric-unknown")
            if bounds is None or rule.get("unit", "rows") not in ("rows", "percent"):
                raise Refused("unit-unknown" if bounds else "bound-unreadable")
            found = self.measure(metric, rule.get("arguments") or {}, cells, names)
            if scope == "table":
                value, of = found.pop("surplus"), found["evaluated"]
                share = Fraction(value * 100, of or 1) if percent else Fraction(value)
                unit = "percent" if percent else "rows"
                found |= {"holds": checks.admits(operators[0], bounds, share), "code": "metric-out-of-range", "metric": {
                    "name": metric, "value": value, "of": of, "unit": unit, "operator": operators[0], "threshold": digits}}  # fmt: skip
            return found

        label = rule.get("id") or rule.get("name") or at
        shown = "rowRule" if kind == "custom" and rule.get("engine") == "guard_nb" else str(metric) if metric in METRICS else kind
        name = str(rule.get("name") or rule.get("description") or phrase)
        self.add(f"{path}quality.{label}", shown, name, columns, run, scope, **more)

    def measure(self, metric: str, arguments: Tree, cells: Cells | None, names: list[str]) -> Tree:
        """A library metric: flagged values and `surplus`, the count to judge."""
        if metric == "rowCount":
            return {"evaluated": self.frame.rows, "bad": [], "surplus": self.frame.rows}
        if metric == "duplicateValues" and (cells or names):
            missing = Cells("", Type("null"), [], "column-missing")
            return self.keyed([cells] if cells else [self.cells.get(name, missing) for name in names])
        if cells is None:
            raise Refused("option-misplaced")
        if metric == "invalidValues":
            valid = self.among(cells, arguments["validValues"]) if "validValues" in arguments else lambda value: True
            pattern = checks.ecma(arguments.get("pattern", ""))
            found = self.each(cells, "value-invalid", lambda v: valid(v) and (not pattern.pattern or pattern.search(v) is not None))
        else:
            listed = arguments.get("missingValues", [None, ""]) if metric == "missingValues" else [None]
            readable = [entry for entry in listed if entry is not None and _readable(entry, cells.kind)]
            among = self.among(cells, readable)
            found = self.counted(cells, lambda v: None in listed if v is None else among(v))
        return {**(found or {}), "surplus": len((found or {})["bad"])}

    def level(self, entry: Tree) -> None:
        """One of slaProperties (S4)."""
        name, unit, written = str(entry["property"]), entry.get("unit"), entry.get("value")
        elements = [part.strip() for part in str(entry.get("element") or self.tree.get("slaDefaultElement") or "").split(",")]
        mine = [column for table, _, column in (part.partition(".") for part in elements) if table == self.name and column in self.cells]
        others = {str(obj["name"]) for obj in self.tree["schema"]} - {self.name}
        path = f"sla.{entry.get('id') or name}"
        if name not in ("freshness", "latency", "retention"):
            return self.add(path, "sla", name, [], lambda: None, "table")
        if not mine and all(part.partition(".")[0] in others for part in elements):
            return None

        def run() -> Tree:
            if not mine:
                raise Refused("element-unknown")
            step = level_unit(written, unit)
            found = [(value * (values.DAY if family(cells.kind) == "date" else 1)) if value is not None else None
                     for cells in (self.cells[column] for column in mine) for _, _, value in cells.need()]  # fmt: skip
            if any(family(self.cells[column].kind) not in ("date", "timestamp", "null") for column in mine):
                raise Refused("type-mismatch")
            if self.as_of is None:
                raise Refused("as-of-missing")
            there = [value for value in found if value is not None]
            if not there:
                return {"evaluated": len(found), "bad": [], "holds": None, "code": "no-values"}
            edge = min(there) if name == "retention" else max(there)
            metric = {"name": name, "value": max(0, (self.as_of - edge) // 10**6), "of": len(found), "unit": unit,
                      "operator": "mustBeLessOrEqualTo", "threshold": [str(written)]}  # fmt: skip
            return {"evaluated": len(found), "bad": [], "holds": edge >= level_limit(self.as_of, *step), "code": "too-old", "metric": metric}

        return self.add(path, name, f"{name} ≤ {written}" + (f" {unit}" if unit else ""), mine, run, "table")

    def run(self) -> Tree:
        """All clauses in order, and what follows from them."""
        rows = range(self.frame.rows)
        for prop in self.properties:
            name, cells = str(prop["name"]), self.cells[str(prop["name"])]

            def present(cells: Cells = cells, name: str = name) -> Tree:
                if cells.absent == "column-ambiguous":
                    raise Refused(cells.absent)
                return {"evaluated": len(rows), "bad": [(row, name, {}) for row in rows if cells.absent], "code": "column-missing"}

            self.add(f"{name}.presence", "presence", "column is there", [name], present)
            self.walk(prop, cells)
        if len(self.keys) > 1:
            names = [str(prop["name"]) for prop in self.keys]
            columns = [self.cells[name] for name in names]
            self.add("primaryKey", "primaryKey", f"primary key ({', '.join(names)})", names, lambda: self.keyed(columns, True), "key")
        for entry in self.target.get("relationships") or []:
            sides = [self._named(str(reference))[1] for reference in _list(entry["from"])]
            self.relationship(entry, "", [self.cells[name] for name in sides], [str(part) for part in _list(entry["to"])])
        for at, rule in enumerate(self.target.get("quality") or []):
            self.quality(rule, at, "", None)
        declared = {resolve(prop, self.frame.names) for prop in self.properties}
        extra = [name for name in self.frame.names if name not in declared]
        policy = custom(self.target, "undeclaredColumns")
        bad = [(row, ",".join(extra), {}) for row in rows if extra]
        strict: Tree = {"evaluated": len(rows), "bad": bad, "code": "column-undeclared"}
        phrase = {"drop": "undeclared columns are dropped", "deny": "no undeclared columns", "quarantine": "no undeclared columns"}
        self.add("undeclaredColumns", "undeclaredColumns", phrase.get(policy, "undeclared columns are kept"), extra,
                 lambda: strict if policy in ("deny", "quarantine") else None)  # fmt: skip
        for entry in self.tree.get("slaProperties") or []:
            self.level(entry)
        return {"clauses": self.clauses, "undeclared": extra}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _readable(entry: Any, kind: Type) -> bool:
    try:
        return kind.name != "null" and values.read(entry, kind) is not None
    except Refused:
        return False


def ranges(parts: list[Part]) -> list[Tree]:
    """Joined record ranges of each source (S1.12)."""
    out: dict[str, list[list[int]]] = {}
    for part in parts:
        seen = out.setdefault(part.source, [])
        if seen and part.frame.rows and part.start < seen[-1][1]:
            raise OracleError("parts-overlap")
        if seen and part.start == seen[-1][1]:
            seen[-1][1] += part.frame.rows
        elif part.frame.rows:
            seen.append([part.start, part.start + part.frame.rows])
    return [{"source": source, "ranges": seen} for source, seen in out.items()]


def judge(text: str, parts: list[Part], object: str | None = None, references: dict[str, Frame] | None = None,
          as_of: str | None = None) -> Tree:  # fmt: skip
    """The verdict document of the contract's text over the parts of a frame, one at least."""
    tree = load(text)
    objects = [obj for obj in tree.get("schema") or [] if object in (None, obj["name"])]
    if len(objects) != 1:
        raise OracleError("object-unknown")
    parts = sorted(parts, key=lambda part: (part.source, part.start, part.frame.rows))
    instant = None if as_of is None else values.parse_instant(as_of)[0]
    sources, judging = ranges(parts), Judge(tree, objects[0], parts, references or {}, instant)
    found, total = judging.run(), judging.frame.rows
    deciding = {clause.get("outcome") for clause in found["clauses"] if clause["severity"] == "error"}
    gap = any(len(entry["ranges"]) > 1 or any(first[0] for first in entry["ranges"][:1]) for entry in sources)
    left = total - len(judging.rejected)
    return {
        "format": "guard-nb/verdict/v1", "semantics": 1, "sources": sources,
        "contract": {"id": str(tree["id"]), "version": str(tree.get("version") or ""), "digest": contract_digest(tree),
                     "object": judging.name},
        "status": "reject" if "fail" in deciding else "unknown" if "unknown" in deciding or gap else "accept",
        "records": {"total": total, "accepted": 0 if judging.undecided else left, "rejected": len(judging.rejected),
                    "unknown": left if judging.undecided else 0},
        "asOf": None if instant is None else values.instant_text(instant, zoned=True),
        "references": [{"name": name, "records": (references or {})[name].rows} for name in sorted(judging.used)], **found,
    }  # fmt: skip
