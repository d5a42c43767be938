"""The agent's edge: a model proposes, a gate decides (docs/spec/gate.md)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guard_nb import _native, _texts, gate_import, gate_mandate
from guard_nb._proposal import Amount, Proposal, encoded, plain
from guard_nb._visible import visible
from guard_nb.decision import Decision, Narrowing
from guard_nb.errors import LedgerError, UsageError
from guard_nb.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Self

    from guard_nb.backtest import Backtest


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
        self._about = native.about()
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
        return type(self)(self._native.with_context(encoded(values)), self.ledger, self._files)

    def file(self, name: str) -> str:
        """The text of a file that the gate was loaded with."""
        if name not in self._files:
            message = f"the gate was loaded without `{visible(name)}`"
            raise UsageError(message, code="file-unreadable", help="load the gate that made the decision")
        return self._files[name]

    @property
    def id(self) -> str:
        """The gate's name."""
        return self._about[0]

    @property
    def digest(self) -> str:
        """`sha256:…` of what the gate means."""
        return self._about[1]

    @property
    def tools(self) -> list[str]:
        """Tools that may be proposed."""
        return self._about[2]

    @property
    def limits(self) -> list[str]:
        """Limits, those of `key` behind."""
        return self._about[3]

    @property
    def diagnostics(self) -> list[dict[str, Any]]:
        """Warnings of the file, by place."""
        found: list[dict[str, Any]] = json.loads(self._about[4])
        return found

    def narrow(self, task: str | Mapping[str, Any]) -> Gate:
        """The gate that a task's file makes of this one: fewer tools, more conditions, lower limits, one ledger.

        `GateError` where the file is wrong, or the result is not proved to be narrower: `gate-wider` with a proposal of
        which it admits more, or `gate-unproved`.
        """
        text = json.dumps(task) if isinstance(task, Mapping) else _texts.text("task", task)
        return Gate(self._native.narrow(text), self.ledger, self._files)

    def is_narrower(self, other: Gate) -> Narrowing:
        """Does this gate admit at most what the other one admits, for every proposal and every ledger?"""
        return Narrowing(**json.loads(self._native.compare(_gate("other", other)._native)))

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

        A float stands for its shortest decimal digits. What a proposal holds is at worst a denial; a mapping with
        values that JSON has no form for, such as dates and sets, is none, and a `TypeError`.
        """
        return Decision(self._native.decide(self.ledger._native, encoded(proposal)))

    def backtest(
        self, frame: object, *, against: Gate | None = None, at: str = "at", actual: str | None = None
    ) -> Backtest:
        """Decides a history again, in order, each proposal at its time, from an empty ledger.

        `frame` has the column `proposal` (JSON texts, or structs) or the members as columns (`kind`, `id`, …), and the
        times `at`. What is allowed counts as committed with the amount in the column `actual`, or with what was
        reserved. `against` is the gate to compare with: what this one changes. The ledger is neither read nor written.
        """
        from guard_nb.backtest import backtest

        return backtest(self, frame, None if against is None else _gate("against", against), at, actual)

    def approve(self, decision: Decision | str, *, by: str) -> Decision:
        """A human approves an escalated proposal; it is judged again, with the limits of this moment."""
        id_ = decision.id if isinstance(decision, Decision) else decision
        return Decision(self._native.approve(self.ledger._native, _texts.text("decision", id_), _texts.text("by", by)))

    def commit(self, permit: Decision | str, actual: Amount | None = None) -> None:
        """The call ran; `actual` is what it spent, at most what was reserved."""
        self.ledger._native.commit(_permit(permit), None if actual is None else plain(actual))

    def release(self, permit: Decision | str) -> None:
        """The call did not run, or was undone."""
        self.ledger._native.release(_permit(permit))

    def state(self, permit: Decision | str) -> str:
        """How the hold stands: held, expired, running, committed or released."""
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

    def run(
        self, decision: Decision, source: Any, *, timeout: float | None = None, memory_bytes: int | None = None
    ) -> Any:
        """Runs an approved query or transform, and commits it: see `guard_nb.queries.run`.

        A query runs on a mapping of names to frames, a DuckDB connection or the path of a DuckDB file, and gives a
        polars frame. It is stopped after `timeout` seconds (60), or when it needs more than `memory_bytes` (1 GiB; a
        connection of yours has its own limit), and then released. A transform runs on a frame, and gives what
        `Transform.run` does.
        """
        from guard_nb import queries

        if not isinstance(decision, Decision):
            message = f"`decision` must be a Decision, not `{type(decision).__name__}`"
            raise TypeError(message)
        given = {"timeout": timeout, "memory_bytes": memory_bytes}
        caps = queries.Caps(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        return queries.run(self, decision, source, caps)

    def __repr__(self) -> str:
        """Name, tools and digest."""
        return f"<Gate {visible(self.id)}: {len(self.tools)} tools, {len(self.limits)} limits, {self.digest[:19]}…>"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"the gate's file cannot be read: {error}"
        raise UsageError(message, code="file-unreadable", help="check the path, and save it as UTF-8") from error


def _gate(argument: str, given: object) -> Gate:
    if not isinstance(given, Gate):
        message = f"`{argument}` must be a Gate, not `{type(given).__name__}`"
        raise TypeError(message)
    return given


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
