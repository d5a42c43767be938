"""The agent's edge: a model proposes, a gate decides (docs/spec/gate.md)."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from guard_nb import _native, _texts
from guard_nb._visible import visible
from guard_nb.errors import LedgerError, UsageError

if TYPE_CHECKING:
    from typing import Self

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
        if self._place is None:
            message = "the ledger cannot be used: one in memory is not exported"
            raise LedgerError(message, code="ledger-unavailable", help='keep it in a file: Ledger("ledger.db")')
        return self._native.export(self._place, form == "prov", content)

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
    """Why a decision is what it is. `path` points into the arguments; `limit` names a limit."""

    code: str
    message: str
    path: str | None = None
    limit: str | None = None


class Decision:
    """What a gate says to a proposal: `verdict` is allow, deny or escalate. True when it is allow.

    In a notebook it shows the proposal to the left and what had to hold to the right.
    """

    def __init__(self, native: _native.Decision) -> None:
        self._native = native
        self.document: dict[str, Any] = json.loads(native.to_json())
        self.verdict: str = native.verdict
        self.permit: str | None = native.permit
        self.id: str | None = self.document["id"]
        self.replayed: bool = self.document["replayed"]
        self.reasons: list[Reason] = [Reason(**reason) for reason in self.document["reasons"]]
        self.obligations: list[dict[str, str]] = self.document["obligations"]

    def __bool__(self) -> bool:
        """Is it allowed? Nothing but allow is."""
        return self.verdict == "allow"

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

    Set `actual` to what it spent if that is less than what was reserved. `release()` says that it did not run.
    """

    def __init__(self, gate: Gate, permit: str, native: tuple[str, str, str]) -> None:
        self._gate = gate
        self._permit = permit
        self.id, self.tool, self.text = native
        self.arguments: dict[str, Any] = json.loads(self.text, parse_float=Decimal)
        self.actual: Amount | None = None
        self.released = False

    def release(self) -> None:
        """The call did not run: what was held counts no more."""
        self._gate.release(self._permit)
        self.released = True


Amount = Decimal | int | float | str


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

    def __init__(self, native: _native.Gate, ledger: Ledger) -> None:
        self._native = native
        self.ledger = ledger

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
        native = _native.Gate.loads(text, files)
        return cls(native, ledger if isinstance(ledger, Ledger) else Ledger(ledger))

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
