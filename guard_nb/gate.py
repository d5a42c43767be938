"""The agent's edge: a model proposes, a gate decides (docs/spec/gate.md)."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from guard_nb import _native, _texts, gate_import, gate_mandate
from guard_nb._visible import visible
from guard_nb.errors import LedgerError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Self

    from guard_nb.backtest import Backtest

    Proposal = Mapping[str, Any] | str | bytes

DEEPEST = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The password of a connection string, in either place.
_PASSWORD = re.compile(r"(?<=://)([^:@/?]*:).*(?=@)|(?<=[?&])(password=)[^&]*")


class Ledger:
    """Where a gate keeps what was decided, held and spent. Threads may share it.

    `Ledger("ledger.db")` is a SQLite file that several processes of one host may share. It is made so that only its
    owner can read it: the key of its permits and checkpoints is in it, and whoever can read the key can make permits.
    `Ledger("postgresql://…")` is the schema `guard_nb` of a PostgreSQL database, for several hosts; the key is in its
    table `meta`. TLS is not spoken: a server on another machine is reached by a tunnel, or by `sslmode=disable` where
    the network is trusted. `Ledger()` is gone with the process.

    Raises `LedgerError` for what is no ledger of this version, or cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        place = None if path is None else _texts.text("path", os.fspath(path))
        self._native = _native.Ledger(place, secrets.token_bytes(32))
        self._place = place
        self.path = None if place is None else _PASSWORD.sub(lambda found: f"{found[1] or found[2]}…", place)

    def checkpoint(self) -> str:
        """Length and root of the log, with a MAC. Keep it elsewhere: what is before it cannot change unseen."""
        return self._native.checkpoint()

    def verify(self, *checkpoints: str) -> int:
        """The number of log entries, when the log is whole and agrees with the checkpoints; else `LedgerError`."""
        return self._native.verify([_texts.text("checkpoints", each) for each in checkpoints])

    def log(self, start: int = 0) -> list[dict[str, Any]]:
        """Entries of the log from a sequence."""
        return [json.loads(leaf) for leaf in self._native.leaves(start)]

    def export(self, form: Literal["otel", "prov"] = "otel", *, content: bool = False) -> str:
        """The log for other tools: OTLP's JSON, an `execute_tool` span a line, or one W3C PROV-JSON document.

        Arguments, and messages that quote them, are in it with `content` only. Raises `LedgerError` for a ledger in
        memory.
        """
        if form not in ("otel", "prov"):
            message = f"`form` is otel or prov, not `{visible(str(form))}`"
            raise ValueError(message)
<<<<<<< ours
        if self.path is None:
            message = "the ledger cannot be used: one in memory is not exported"
            raise LedgerError(message, code="ledger-unavailable", help='keep it in a file: Ledger("ledger.db")')
        return self._native.export(self.path, form == "prov", content)
=======
        if self._place is None:
            message = "the ledger cannot be used: one in memory is not exported"
            raise LedgerError(message, code="ledger-unavailable", help='keep it in a file: Ledger("ledger.db")')
        return self._native.export(self._place, form == "prov", content)
>>>>>>> theirs

    def forget(self, gate: Gate, before: datetime) -> int:
        """Removes calls that ended before a time and that no limit of the gate can count any more; says how many.

        Ids, recorded decisions and the log stay, so that every checkpoint holds. What runs is never removed, nor what a
        limit over all time counts, nor what other gates have in the ledger.
        """
        if before.tzinfo is None:
            message = "`before` has no time zone"
            raise UsageError(message, code="gate-value", help="say `datetime(…, tzinfo=UTC)`")
        return self._native.forget(gate._native, (before - _EPOCH) // timedelta(microseconds=1))

    def __repr__(self) -> str:
        """Where it is, without the password."""
        return f"<Ledger {visible(self.path or 'in memory')}>"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision is what it is.

    `path` points into the arguments, or for a query and a transform into the proposal; `span` is the place in the text
    at `path` (`line`, `column`, `start`, `end`); `limit` names a limit; `help` says more than the code's own.
    """

    code: str
    message: str
    path: str | None = None
    limit: str | None = None
    span: dict[str, int] | None = None
    help: str | None = None


class Decision:
    """What a gate says to a proposal: `verdict` is allow, transform, deny or escalate. True when it has a permit.

    Of a query or a transform that may run, `query` or `transform` is what was approved: text, parameters, lineage.

    In a notebook it shows the proposal to the left and what had to hold to the right.
    """

    def __init__(self, native: _native.Decision) -> None:
        self._native = native
        self.verdict: str = native.verdict

    @property
    def permit(self) -> str | None:
        """What `execute` redeems; none unless it is allowed."""
        return self._native.permit

    @cached_property
    def document(self) -> dict[str, Any]:
        """The whole decision; it is read when somebody asks."""
        document: dict[str, Any] = json.loads(self._native.to_json())
        return document

    @property
    def id(self) -> str | None:
        """The proposal's id, where it has a readable one."""
        id_: str | None = self.document["id"]
        return id_

    @property
    def replayed(self) -> bool:
        """Was it decided before?"""
        return bool(self.document["replayed"])

    @cached_property
    def reasons(self) -> list[Reason]:
        """Why, by precedence."""
        return [Reason(**reason) for reason in self.document["reasons"]]

    @property
    def obligations(self) -> list[dict[str, str]]:
        """What had to hold, in the order of judging."""
        obligations: list[dict[str, str]] = self.document["obligations"]
        return obligations

    @property
    def query(self) -> dict[str, Any] | None:
        """Of a query that may run: the approved text, its parameters, what it reads (G8.6)."""
        query: dict[str, Any] | None = self.document.get("query")
        return query

    @property
    def transform(self) -> dict[str, Any] | None:
        """Of a transform that may run: the text, its contracts, which columns flow where (G9.4)."""
        transform: dict[str, Any] | None = self.document.get("transform")
        return transform

    def __bool__(self) -> bool:
        """May it run, as proposed (allow) or in the narrower form that was approved (transform)?"""
        return self.verdict in {"allow", "transform"}

    def to_json(self) -> str:
        """The document, canonical JSON."""
        return self._native.to_json()

    def to_html(self) -> str:
        """The static report."""
        return self._native.to_html()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {
            "text/plain": repr(self),
            "text/html": self.to_html(),
            "application/vnd.guard-nb.decision.v1+json": self.document,
        }

    def __repr__(self) -> str:
        """Verdict and codes."""
        codes = ", ".join(reason.code for reason in self.reasons)
        said = f"{self.verdict}: {codes}" if codes else self.verdict
        return f"<Decision {said}{' (replayed)' if self.replayed else ''}>"


class Call:
    """A call that may run: `tool` and `arguments` are what was judged; numbers are `int` and `Decimal`.

    `kind` is action, query or transform. Of the latter two `sql` is the approved text, `parameters` are the values to
    bind, those of the gate included, and `arguments` is what the decision says of it; `tool` is empty.

    Set `actual` to what it spent if that is less than what was reserved. `release()` says that it did not run.
    """

    def __init__(self, gate: Gate, permit: str, native: tuple[str, str, str]) -> None:
        self._gate = gate
        self._permit = permit
        self.id, self.tool, self.text = native
        self.arguments: dict[str, Any] = json.loads(self.text, parse_float=Decimal)
        self.sql: str | None = None
        self.parameters: dict[str, Any] = {}
        self.kind = "action"
        if not self.tool:
            self.kind = "query" if "dialect" in self.arguments else "transform"
            self.sql = self.arguments["sql"]
            self.parameters = {each["name"]: _value(each) for each in self.arguments["parameters"]}
        self.actual: Amount | None = None
        self.released = False

    def release(self) -> None:
        """The call did not run: what was held counts no more."""
        self._gate.release(self._permit)
        self.released = True


Amount = Decimal | int | float | str


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Is one gate narrower than another? `answer` is proved, refuted or unknown; true when it is proved.

    Refuted: the gate says `narrow` to `proposal`, the other one only `wide`, for `reasons`; with `limit`, when
    this limit of the other gate is used up. Unknown: `doubts` could not be proved; treat it as refuted.
    """

    answer: str
    proposal: dict[str, Any] | None = None
    narrow: str | None = None
    wide: str | None = None
    reasons: list[str] = field(default_factory=list)
    limit: str | None = None
    doubts: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Is it proved?"""
        return self.answer == "proved"


class Gate:
    """A compiled gate file and the ledger that keeps its limits.

    >>> import guard_nb as gn
    >>> gate = gn.Gate.loads('''
    ... apiVersion: guard-nb/v1
    ... kind: Gate
    ... id: refunds
    ... tools:
    ...   - name: refund
    ...     inputSchema:
    ...       type: object
    ...       required: [amount]
    ...       properties: {amount: {type: number}}
    ...     money: {amount: /amount, currency: EUR}
    ...     allow: "amount <= 50.00"
    ... ''')
    >>> call = {"kind": "action", "id": "1", "principal": "bot", "tool": "refund", "arguments": {"amount": 50.01}}
    >>> gate.decide(call)
    <Decision deny: rule-false>
    """

    def __init__(self, native: _native.Gate, ledger: Ledger, files: Mapping[str, str] | None = None) -> None:
        self._native = native
        self.ledger = ledger
        self._files = dict(files or {})

    @classmethod
    def load(cls, path: str | os.PathLike[str], ledger: Ledger | str | os.PathLike[str] | None = None) -> Self:
        """Reads a gate file; schema files that it names are read from its folder and below."""
        file = Path(_texts.text("path", os.fspath(path)))
        folder = file.resolve().parent

        def read(name: str) -> str | None:
            other = (folder / name).resolve()
            return _read(other) if other.is_relative_to(folder) and other.is_file() else None

        return cls._of(_read(file), ledger, read)

    @classmethod
    def loads(
        cls,
        text: str,
        ledger: Ledger | str | os.PathLike[str] | None = None,
        *,
        files: Mapping[str, str] | None = None,
    ) -> Self:
        """Reads a gate from text; `files` holds the schema files that it names."""
        return cls._of(_texts.text("text", text), ledger, dict(files or {}).get)

    @classmethod
    def _of(cls, text: str, ledger: Ledger | str | os.PathLike[str] | None, files: Any) -> Self:
        kept: dict[str, str] = {}

        def read(name: str) -> str | None:
            found: str | None = files(name)
            if found is not None:
                kept[name] = found
            return found

        native = _native.Gate.loads(text, read)
        return cls(native, ledger if isinstance(ledger, Ledger) else Ledger(ledger), kept)

    def with_context(self, **values: str | int | float | Decimal | bool) -> Self:
        """The gate for one principal: a value for each name of `queries.context`, with the same ledger.

        The values come from whoever knows the principal, never from a proposal. They are part of the digest.
        """
        context = _json(values, 0).encode("utf-8", "surrogatepass")
        return type(self)(self._native.with_context(context), self.ledger, self._files)

    def file(self, name: str) -> str:
        """The text of a file that the gate was loaded with."""
        if name not in self._files:
            message = f"the gate was loaded without `{visible(name)}`"
            raise UsageError(message, code="file-unreadable", help="load the gate that made the decision")
        return self._files[name]

    @property
    def id(self) -> str:
        """The gate's name."""
        return self._native.id

    @property
    def digest(self) -> str:
        """`sha256:…` of what the gate means."""
        return self._native.digest

    @property
    def tools(self) -> list[str]:
        """Tools that may be proposed."""
        return self._native.tools

    @property
    def limits(self) -> list[str]:
        """Limits, those of `key` behind."""
        return self._native.limits

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Warnings of the file, by place."""
        found: list[dict[str, Any]] = json.loads(self._native.diagnostics)
        return found

    def narrow(self, task: str | Mapping[str, Any]) -> Gate:
        """The gate that a task's file makes of this one: fewer tools, more conditions, lower limits, one ledger.

        `GateError` where the file is wrong, or the result is not proved to be narrower: `gate-wider` with a proposal of
        which it admits more, or `gate-unproved`.
        """
        text = json.dumps(task) if isinstance(task, Mapping) else _texts.text("task", task)
        return Gate(self._native.narrow(text), self.ledger)

    def is_narrower(self, other: Gate) -> Narrowing:
        """Does this gate admit at most what the other one admits, for every proposal and every ledger?"""
        return Narrowing(**json.loads(self._native.compare(other._native)))

    @staticmethod
    def from_mcp(source: gate_import.Source, *, name: str) -> str:
        """A gate file with the tools of an MCP `tools/list`. All are denied; write each `allow` yourself.

        `name` becomes the gate's id. Hints of the server, such as `readOnlyHint`, become comments. `UsageError` for
        what is no list of tools, `GateError` for schemas that cannot be used.
        """
        text = gate_import.from_mcp(source, name=_texts.text("name", name))
        _native.Gate.loads(text, {}.get)
        return text

    @staticmethod
    def from_ap2(
        source: gate_import.Source, *, name: str, tool: str = "pay", zone: str = "UTC", checked: Collection[str] = ()
    ) -> str:
        """A gate file with one tool that pays within an AP2 open payment mandate that you have verified.

        Amounts of calls are in major units. `UsageError` for what a gate cannot say; `checked` names the claims, `exp`
        or `nbf`, that you check yourself.
        """
        text = gate_mandate.from_ap2(
            source,
            name=_texts.text("name", name),
            digits=_native.Gate.digits,
            tool=_texts.text("tool", tool),
            zone=_texts.text("zone", zone),
            checked=checked,
        )
        _native.Gate.loads(text, {}.get)
        return text

    def decide(self, proposal: Proposal) -> Decision:
        """Decides and, if allowed, reserves. `proposal` is a mapping, or JSON text, whose digits are kept as written.

        A float stands for its shortest decimal digits. Never raises for what a proposal holds: that is a denial.
        """
        text: str | bytes
        if isinstance(proposal, Mapping):
            text = _json(proposal, 0)
        elif isinstance(proposal, str | bytes):
            text = proposal
        else:
            message = f"a proposal is a mapping or JSON text, not `{type(proposal).__name__}`"
            raise TypeError(message)
        # Half of a surrogate pair becomes bytes that are no UTF-8, which is a denial.
        given = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        return Decision(self._native.decide(self.ledger._native, given))

    def backtest(
        self, frame: object, *, against: Gate | None = None, at: str = "at", actual: str | None = None
    ) -> Backtest:
        """Decides a history again, in order, each proposal at its time, from an empty ledger.

        `frame` has the column `proposal` (JSON texts, or structs) or the members as columns (`kind`, `id`, …), and the
        times `at`. What is allowed counts as committed with the amount in the column `actual`, or with what was
        reserved. `against` is the gate to compare with: what this one changes. The ledger is neither read nor written.
        """
        from guard_nb.backtest import backtest

        return backtest(self, frame, against, at, actual)

    def approve(self, decision: Decision | str, *, by: str) -> Decision:
        """A human approves an escalated proposal; it is judged again, with the limits of this moment."""
        id_ = decision.id if isinstance(decision, Decision) else decision
        return Decision(self._native.approve(self.ledger._native, _texts.text("decision", id_), _texts.text("by", by)))

    def commit(self, permit: Decision | str, actual: Amount | None = None) -> None:
        """The call ran; `actual` is what it spent, at most what was reserved."""
        self.ledger._native.commit(_permit(permit), None if actual is None else _plain(actual))

    def release(self, permit: Decision | str) -> None:
        """The call did not run, or was undone."""
        self.ledger._native.release(_permit(permit))

    def state(self, permit: Decision | str) -> str:
        """How the hold stands: held, running, committed or released."""
        return self.ledger._native.state(_permit(permit))

    @contextmanager
    def execute(self, decision: Decision | str) -> Iterator[Call]:
        """Redeems the permit, once, and runs the block. `LedgerError` before the block runs if there is none.

        When the block ends, the call is committed, with `call.actual` if it was set. When it raises, the outcome is
        unknown: the hold stays until `commit` or `release`, unless the block had called `call.release()`.
        """
        permit = _permit(decision)
        call = Call(self, permit, self.ledger._native.redeem(permit))
        yield call
        if not call.released:
            self.commit(permit, call.actual)

    def run(self, decision: Decision, source: Any) -> Any:
        """Runs an approved query or transform, and commits it: see `guard_nb.queries.run`.

        A query runs on a mapping of names to frames, a DuckDB connection or the path of a DuckDB file, and gives a
        polars frame. A transform runs on a frame, and gives what `Transform.run` does.
        """
        from guard_nb import queries

        return queries.run(self, decision, source)

    def __repr__(self) -> str:
        """Name, tools and digest."""
        return f"<Gate {visible(self.id)}: {len(self.tools)} tools, {len(self.limits)} limits, {self.digest[:19]}…>"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"the gate's file cannot be read: {error}"
        raise UsageError(message, code="file-unreadable", help="check the path, and save it as UTF-8") from error


def _permit(given: Decision | str) -> str:
    if not isinstance(given, Decision):
        return _texts.text("permit", given)
    if given.permit is None:
        message = f"the decision is {given.verdict}; nothing may run"
        raise LedgerError(message, code="permit-invalid", help="only an allowed proposal has a permit")
    return given.permit


def _value(parameter: Mapping[str, Any]) -> Any:
    """The value of a parameter of an approved text."""
    kind, text = parameter["type"], parameter["value"]
    if kind == "integer":
        return int(text)
    if kind == "decimal":
        return Decimal(text)
    return text == "true" if kind == "boolean" else text


def _plain(value: Amount) -> str:
    """Plain digits: a float by its shortest decimal form, without a fraction where it has none."""
    if isinstance(value, str):
        return _texts.text("actual", value)
    if isinstance(value, float):
        value = Decimal(repr(value).removesuffix(".0"))
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _json(value: object, depth: int) -> str:
    """A value as JSON text with the digits kept; what JSON has no form for is written so that it is denied."""
    if depth > DEEPEST:
        raise UsageError("the proposal is nested too deep", code="proposal-too-large", help="32 levels are read")
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float | Decimal):
        return _plain(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        names = [_texts.text("a name of the proposal", name) for name in value]
        return "{" + ",".join(f"{json.dumps(name)}:{_json(value[name], depth + 1)}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_json(item, depth + 1) for item in value) + "]"
    message = f"a proposal holds a `{type(value).__name__}`, which JSON has no form for"
    raise TypeError(message)
