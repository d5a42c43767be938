"""The whole verdict document of a contract over a frame, clause by clause in the order of S5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from oracle import checks, row_rules, rules
from oracle.arrow import Frame, family, is_scalar
from oracle.canonical import contract_digest, load
from oracle.cells import Cells, Tree, child, column, items, keyed, keys_of, missing, resolve
from oracle.quality import Quality, listed
from oracle.values import Refused, instant_text, parse_instant, show

Run = Callable[[], Tree | None]


class OracleError(Exception):
    """No verdict was given; the message is the code."""


@dataclass
class Part:
    """A frame and where its records are."""

    frame: Frame
    source: str = ""
    start: int = 0


def custom(element: Tree, name: str) -> Any:
    """Value of a customProperty."""
    return next(
        (entry.get("value") for entry in element.get("customProperties") or [] if entry.get("property") == name), None
    )


class Judge:
    """Judges one object; `clauses`, `rejected` and `undecided` fill while it walks the contract."""

    def __init__(
        self,
        tree: Tree,
        target: Tree,
        parts: list[Part],
        references: dict[str, Frame],
        as_of: int | None,
        params: dict[str, Any],
    ) -> None:
        self.tree, self.target, self.name, self.references, self.as_of = (
            tree,
            target,
            str(target["name"]),
            references,
            as_of,
        )
        self.where = [(part.source, part.start + row) for part in parts for row in range(part.frame.rows)]
        first = parts[0].frame
        joined = [[value for part in parts for value in part.frame.columns[at]] for at in range(len(first.names))]
        self.frame = Frame(first.names, first.types, joined, len(self.where))
        self.clauses: list[Tree] = []
        self.rejected: set[int] = set()
        self.undecided, self.used = False, set[str]()
        self.unsure, self.params, self.bound = set[int](), params, set[str]()
        self.secrets: dict[str, str | None] = {}
        self.properties: list[Tree] = target.get("properties") or []
        self.top = {str(prop["name"]): column(prop, self.frame) for prop in self.properties}
        keys = [prop for prop in self.properties if prop.get("primaryKey") is True]
        self.keys = sorted(keys, key=lambda prop: int(prop.get("primaryKeyPosition", -1)) % 2**32)

    def add(
        self, path: str, kind: str, name: str, columns: list[str], run: Run, scope: str = "record", **more: Any
    ) -> None:
        """Runs a clause. `run` gives `evaluated`, `bad` (row, path, evidence), `code`, and for table scope `metric`, `holds`."""
        ident = f"{self.name}.{path}"
        count = sum(clause["id"] == ident or clause["id"].startswith(ident + "#") for clause in self.clauses)
        clause: Tree = {
            "id": ident + (f"#{count + 1}" if count else ""),
            "kind": kind,
            "name": name,
            "columns": columns,
        }
        clause |= {"scope": scope, "severity": "error", **more}
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
        if kind in ("unique", "primaryKey", "foreignKey", "duplicateValues"):
            found["evaluated"] = self.frame.rows
        bad, holds = found["bad"], found.get("holds", not found["bad"])
        clause |= {"coverage": "executed", "evaluated": found["evaluated"], "failing": len(bad)}
        clause |= {"outcome": {True: "pass", False: "fail", None: "unknown"}[holds]}
        clause |= {} if holds else {"code": found["code"]}
        clause |= {"reason": found["code"]} if holds is None else {}
        clause |= {"metric": found["metric"]} if "metric" in found else {}
        clause |= (
            {"evidence": [self._evidence(entry, columns, found.get("context", True)) for entry in bad[:5]]}
            if bad
            else {}
        )
        self.rejected |= {entry[0] for entry in bad} if decides else set()
        for code, entries in found.get("unsure", {}).items():
            shown = [self._evidence(entry, columns, True) for entry in entries[:5]]
            clause.setdefault("undecided", []).append({"code": code, "count": len(entries), "evidence": shown})
            self.unsure |= {entry[0] for entry in entries} if decides else set()

    def _evidence(self, entry: tuple[int, str, Tree], columns: list[str], with_context: bool) -> Tree:
        row, path, shown = entry
        source, record = self.where[row]
        found: Tree = {"source": source, "record": record, "path": path, **self._masked(shown, columns)}
        scalar = [
            prop
            for prop in self.properties
            if not self.top[prop["name"]].absent and is_scalar(self.top[prop["name"]].kind)
        ]
        others = [prop for prop in (self.keys or scalar) if prop["name"] not in columns and prop in scalar]
        context = []
        for prop in (others if self.keys else others[:3]) if with_context else []:
            cells = self.top[prop["name"]]
            context.append({"column": cells.path, **self._masked(cells.shown(cells.cells[row][2]), [cells.path])})
        return found | ({"context": context} if context else {})

    def _masked(self, shown: Tree, columns: list[str]) -> Tree:
        """Classified columns show their class in place of the value."""
        hidden = [{"masked": self.secrets[name]} if self.secrets.get(name) else None for name in columns]
        if "value" in shown:
            return {"value": hidden[0] or shown["value"]}
        return {"values": [mask or value for mask, value in zip(hidden, shown["values"], strict=True)]} if shown else {}

    def each(self, cells: Cells, code: str, test: checks.Test | None) -> Tree | None:
        """Tests each non-NULL value."""
        return None if test is None else rules.flagged(cells, code, lambda value: value is not None and not test(value))

    def logical_type(self, prop: Tree, cells: Cells) -> Tree | None:
        """S3.2 and S2.3."""
        finite = prop["logicalType"] != "number" or custom(prop, "allowNonFinite") is True
        there, code = (
            Cells(cells.path, cells.kind, cells.cells, cells.absent),
            "type-mismatch" if cells.mismatch else "value-not-finite",
        )
        return self.each(
            there, code, lambda v: not cells.mismatch and (finite or not isinstance(v, float) or abs(v) < float("inf"))
        )

    def option(self, prop: Tree, cells: Cells, name: str) -> Tree | None:
        """One of logicalTypeOptions."""
        cells.need()
        logical = str(prop.get("logicalType") or family(cells.kind))
        return self.each(
            cells, checks.OPTIONS[name][1], checks.option(name, prop["logicalTypeOptions"][name], cells.kind, logical)
        )

    def hide(self, prop: Tree, path: str, outer: str | None = None) -> None:
        """Notes the classification of a property and of what is nested in it; `public` hides nothing."""
        written = str(prop.get("classification") or "")
        self.secrets[path] = written if written and written.lower() != "public" else outer
        for nested in prop.get("properties") or []:
            self.hide(nested, f"{path}.{nested['name']}", self.secrets[path])
        if prop.get("items") is not None:
            self.hide(prop["items"], f"{path}[]", self.secrets[path])

    def walk(self, prop: Tree, cells: Cells) -> None:
        """The clauses of one property, then those nested in it."""
        path, columns, written = cells.path, [cells.path], prop.get("logicalTypeOptions") or {}
        if "logicalType" in prop:
            self.add(
                f"{path}.logicalType",
                "logicalType",
                f"is {prop['logicalType']}",
                columns,
                lambda: self.logical_type(prop, cells),
            )
        for name in (
            name for name in checks.OPTIONS if name in written and (name, written[name]) != ("uniqueItems", False)
        ):
            kind = "requiredProperties" if name == "required" else name
            self.add(
                f"{path}.{kind}",
                kind,
                checks.phrase(name, written[name]),
                columns,
                partial(self.option, prop, cells, name),
            )
        if prop.get("required") is True:
            self.add(f"{path}.required", "required", "required", columns,
                     lambda: rules.flagged(cells, "value-missing", lambda value: value is None))  # fmt: skip
        if prop.get("unique") is True:
            self.add(f"{path}.unique", "unique", "unique", columns, lambda: keyed([cells]), "key")
        if prop.get("primaryKey") is True and len(self.keys) < 2:
            self.add(
                f"{path}.primaryKey", "primaryKey", "primary key", columns, lambda: keyed([cells], primary=True), "key"
            )
        if prop.get("enum") is not None:
            entries = [entry.get("value") for entry in prop["enum"]]
            self.add(f"{path}.enum", "enum", f"one of {len(entries)} values", columns,
                     lambda: self.each(cells, "value-not-in-set", rules.among(cells, entries)))  # fmt: skip
        for entry in prop.get("relationships") or []:
            self.relationship(f"{path}.", [cells], [str(entry["to"])])
        for at, rule in enumerate(prop.get("quality") or []):
            self.quality(rule, at, f"{path}.", cells)
        for nested in prop.get("properties") or []:
            self.walk(nested, child(cells, nested))
        if prop.get("items") is not None:
            self.walk(prop["items"], items(cells, prop["items"]))

    def relationship(self, path: str, columns: list[Cells], to: list[str]) -> None:
        """A foreign key (S2.12)."""
        names = [self._named(reference) for reference in to]
        table, keys = names[0][0], [key for _, key in names]
        phrase = f"{table}.{keys[0]}" if len(keys) == 1 else f"{table}.({', '.join(keys)})"

        def run() -> Tree:
            found = keys_of(columns)
            if any("#" in reference for reference in to):
                raise Refused("reference-external")
            if table not in {self.name, *self.references}:
                raise Refused("reference-missing")
            frame = self.frame if table == self.name else self.references[table]
            declared = [
                prop for obj in self.tree["schema"] if obj["name"] == table for prop in obj.get("properties") or []
            ]
            targets = [column(next((p for p in declared if p["name"] == key), {"name": key}), frame) for key in keys]
            if any(cells.absent for cells in targets):
                raise Refused("reference-column-missing")
            self.used |= {table} - {self.name}
            known = {None, *(entry[2] for entry in keys_of(targets))}
            bad = [(row, at, shown) for row, at, key, shown in found if key not in known]
            return {"evaluated": len(found), "bad": bad, "code": "reference-unknown", "context": table != self.name}

        self.add(
            f"{path}foreignKey", "foreignKey", f"foreign key → {phrase}", [cells.path for cells in columns], run, "key"
        )

    def _named(self, reference: str) -> tuple[str, str]:
        """Object and column of `object.column` or `schema/<id>/properties/<id>`."""
        local = reference.rpartition("#")[2].strip("/")
        parts = local.split("/")
        if len(parts) < 4:
            table, _, key = local.partition(".")
            return (table, key) if key else (self.name, table)
        pairs = [(obj, prop) for obj in self.tree["schema"] for prop in obj.get("properties") or []]
        found = [
            (obj["name"], prop["name"])
            for obj, prop in pairs
            if (obj.get("id"), prop.get("id")) == (parts[1], parts[3])
        ]
        return found[0] if found else (parts[1], parts[3])

    def quality(self, rule: Tree, at: int, path: str, cells: Cells | None) -> None:
        """One entry of `quality`."""
        asked, of = Quality(rule), self.frame.rows
        lowered = self._row_rule(rule, cells) if asked.row_rule else None
        columns = [cells.path] if cells else [str(name) for name in asked.arguments.get("properties") or []]
        columns = [] if asked.row_rule else columns
        if isinstance(lowered, row_rules.Rule):
            columns = list(map(self._called, lowered.expression.columns))

        def run() -> Tree | None:
            if asked.kind == "text":
                return None
            if cells:
                cells.need()
            asked.check()
            if isinstance(lowered, Refused):
                raise lowered
            if lowered:
                found = row_rules.judged(lowered, self.frame, partial(self._read, lowered.expression.columns))
                return found if asked.scope != "table" else row_rules.tolerated(found, asked, of)
            found = rules.measure(str(asked.metric), asked.arguments, cells, self.top, of)
            if asked.scope != "table":
                return found
            count, among = found["count"], of if asked.metric == "duplicateValues" else found["evaluated"]
            return found | {
                "holds": asked.admits(count, among),
                "code": "metric-out-of-range",
                "metric": asked.measured(count, among),
            }

        more = {"severity": rule["severity"] if rule.get("severity") in ("error", "warning", "info") else "error"}
        more |= {"dimension": rule["dimension"]} if "dimension" in rule else {}
        name = str(rule.get("name") or rule.get("description") or asked.phrase)
        label = rule.get("id") or rule.get("name") or at
        self.add(f"{path}quality.{label}", asked.clause, name, columns, run, asked.scope, **more)

    def _row_rule(self, rule: Tree, cells: Cells | None) -> row_rules.Rule | Refused:
        """The rule over this frame, or why it cannot be run."""
        params = row_rules.parameters(self.params, self.as_of)
        scope = row_rules.names(
            self.frame, self.properties, self.top, {self.name, str(self.target.get("physicalName"))}, params
        )
        try:
            node, violated = row_rules.written(rule, self.name, self.target, cells.path if cells else None)
            self.bound |= {name for name in self.params if name in node.parameters()}
            return row_rules.bound(node, violated, scope)
        except Refused as refused:
            return refused

    def _called(self, path: tuple[str, ...]) -> str:
        """A column, or a field within, by its property's name."""
        called = {resolve(prop, self.frame.names): str(prop["name"]) for prop in self.properties}
        return ".".join([called.get(path[0], path[0]), *path[1:]])

    def _read(self, paths: list[tuple[str, ...]], row: int) -> tuple[str, Tree]:
        """Names and values of the columns that a rule reads."""
        values = []
        for name, *fields in paths:
            at = self.frame.names.index(name)
            value, kind = self.frame.columns[at][row], self.frame.types[at]
            for part in fields:
                value, kind = value and value[part], dict(kind.children)[part]
            values.append(show(value, kind))
        return ",".join(map(self._called, paths)), {"value": values[0]} if len(values) == 1 else {"values": values}

    def level(self, entry: Tree) -> None:
        """One of slaProperties; those of other objects are no clauses of this one."""
        name, unit = str(entry["property"]), entry.get("unit")
        written = str(entry.get("element") or self.tree.get("slaDefaultElement") or "").split(",")
        elements = [(table, key) for table, _, key in (part.strip().partition(".") for part in written)]
        mine = [key for table, key in elements if table == self.name and key in self.top]
        path, columns = f"sla.{entry.get('id') or name}", [self.top[key] for key in mine]
        if name not in rules.LEVELS:
            self.add(path, "sla", name, [], lambda: None, "table")
        elif mine or any(
            table not in {obj["name"] for obj in self.tree["schema"]} - {self.name} for table, _ in elements
        ):
            phrase = f"{name} ≤ {entry.get('value')}" + (f" {unit}" if unit else "")
            for column_ in [*columns] or [None]:
                one = [column_] if column_ else []
                names = [cells.path for cells in one]
                self.add(path, name, phrase, names, partial(rules.level, entry, one, self.as_of), "table")

    def undeclared(self) -> list[str]:
        """S3.4."""
        declared = {resolve(prop, self.frame.names) for prop in self.properties}
        extra, policy = (
            [name for name in self.frame.names if name not in declared],
            custom(self.target, "undeclaredColumns"),
        )
        bad: list[tuple[int, str, Tree]] = [(row, ",".join(extra), {}) for row in range(self.frame.rows) if extra]
        strict: Tree = {"evaluated": self.frame.rows, "bad": bad, "code": "column-undeclared", "holds": not extra}
        phrases = {
            "drop": "undeclared columns are dropped",
            **dict.fromkeys(("deny", "quarantine"), "no undeclared columns"),
        }
        self.add("undeclaredColumns", "undeclaredColumns", phrases.get(policy, "undeclared columns are kept"), extra,
                 lambda: strict if policy in ("deny", "quarantine") else None)  # fmt: skip
        return extra

    def present(self, name: str) -> Tree:
        """S3.1."""
        if self.top[name].absent == "column-ambiguous":
            raise Refused("column-ambiguous")
        bad: list[tuple[int, str, Tree]] = [(row, name, {}) for row in range(self.frame.rows) if self.top[name].absent]
        return {"evaluated": self.frame.rows, "bad": bad, "code": "column-missing", "holds": not self.top[name].absent}

    def run(self) -> Tree:
        """All clauses in order."""
        for name, prop in zip(self.top, self.properties, strict=True):
            self.hide(prop, name)
        for name, prop in zip(self.top, self.properties, strict=True):
            self.add(f"{name}.presence", "presence", "column is there", [name], partial(self.present, name))
            self.walk(prop, self.top[name])
        if len(self.keys) > 1:
            names = [str(prop["name"]) for prop in self.keys]
            self.add("primaryKey", "primaryKey", f"primary key ({', '.join(names)})", names,
                     lambda: keyed([self.top[name] for name in names], primary=True), "key")  # fmt: skip
        for entry in self.target.get("relationships") or []:
            sides = [self._named(str(reference))[1] for reference in listed(entry["from"])]
            columns = [self.top.get(name) or missing(name, "column-missing") for name in sides]
            self.relationship("", columns, [str(part) for part in listed(entry["to"])])
        for at, rule in enumerate(self.target.get("quality") or []):
            self.quality(rule, at, "", None)
        extra = self.undeclared()
        for entry in self.tree.get("slaProperties") or []:
            self.level(entry)
        return {"clauses": self.clauses, "undeclared": extra}


def ranges(parts: list[Part]) -> list[Tree]:
    """Joined record ranges of each source (S1.12)."""
    out: dict[str, list[list[int]]] = {}
    for part in parts:
        seen, end = out.setdefault(part.source, []), part.start + part.frame.rows
        if seen and part.frame.rows and part.start < seen[-1][1]:
            raise OracleError("parts-overlap")
        if seen and part.frame.rows and part.start == seen[-1][1]:
            seen[-1][1] = end
        elif part.frame.rows:
            seen.append([part.start, end])
    return [{"source": source, "ranges": seen} for source, seen in out.items()]


def judge(text: str, parts: list[Part], object: str | None = None, references: dict[str, Frame] | None = None,  # noqa: A002
          as_of: str | None = None, params: dict[str, Any] | None = None) -> Tree:  # fmt: skip
    """The verdict document of the contract's text over the parts of a frame, one at least."""
    tree, given = load(text), references or {}
    objects = [obj for obj in tree.get("schema") or [] if object in (None, obj["name"])]
    if len(objects) != 1:
        raise OracleError("object-unknown")
    parts = sorted(parts, key=lambda part: (part.source, part.start, part.frame.rows))
    instant = None if as_of is None else parse_instant(as_of)[0]
    sources, judging = ranges(parts), Judge(tree, objects[0], parts, given, instant, params or {})
    found, total = judging.run(), judging.frame.rows
    if set(params or {}) - judging.bound:
        raise OracleError("params-unused")
    deciding = {clause.get("outcome") for clause in found["clauses"] if clause["severity"] == "error"}
    gap = any(len(entry["ranges"]) > 1 or any(first[0] for first in entry["ranges"][:1]) for entry in sources)
    rejected, left = len(judging.rejected), total - len(judging.rejected)
    unknown = left if judging.undecided else len(judging.unsure - judging.rejected)
    return {
        "format": "guard-nb/verdict/v1", "semantics": 1, "sources": sources, **found,
        "contract": {"id": str(tree["id"]), "version": str(tree.get("version") or ""), "digest": contract_digest(tree),
                     "object": judging.name},
        "status": "reject" if "fail" in deciding else "unknown" if "unknown" in deciding or gap else "accept",
        "records": {"total": total, "accepted": left - unknown, "rejected": rejected, "unknown": unknown},
        "asOf": None if instant is None else instant_text(instant, zoned=True),
        "references": [{"name": name, "records": given[name].rows} for name in sorted(judging.used)],
        **({"params": row_rules.shown_params(params)} if params else {}),
    }  # fmt: skip
