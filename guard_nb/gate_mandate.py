"""AP2 open payment mandates as gate files (docs/spec/gate.md, G11.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from guard_nb.gate_import import Digits, comment, flow, head, read, unreadable, unsupported

if TYPE_CHECKING:
    from guard_nb.gate_import import Source

OPEN = "mandate.payment.open.1"
# Claims that say who and when, not what; `exp` and `nbf` need a clock.
ABOUT = ("vct", "constraints", "cnf", "iat", "iss", "sub", "aud", "jti", "risk_data", "_sd_alg", "exp", "nbf")
CLOCKED = ("exp", "nbf")
FREQUENCIES = {
    "ON_DEMAND": None,
    "DAILY": "day",
    "WEEKLY": "week",
    "BIWEEKLY": "14d",
    "MONTHLY": "month",
    "QUARTERLY": "92d",
    "ANNUALLY": "year",
}


class Draft:
    """What a mandate adds up to."""

    def __init__(self, tool: str, zone: str, digits: Callable[[str], int | None]) -> None:
        self.tool, self.zone, self.digits = tool, zone, digits
        self.rules: list[str] = []
        self.limits: list[str] = []
        self.params: dict[str, list[str]] = {}
        self.currencies: list[str] = []
        self.needs: set[str] = {"amount", "currency", "payee"}
        self.notes: list[str] = []
        self.kinds: set[str] = set()

    def one_of(self, argument: str, values: list[str], what: str) -> None:
        """The argument is one of these."""
        if not values:
            message = f"{what} allows nothing"
            raise unsupported(message, "a mandate that allows nothing needs no gate")
        name = f"{argument}_{len(self.params)}"
        self.params[name] = values
        self.needs.add(argument)
        self.rules.append(f"{argument} IN (:{name})")

    def currency(self, value: Any, what: str) -> str:
        """A code of ISO 4217 with minor units."""
        name = value if isinstance(value, str) and not isinstance(value, Digits) and value.isascii() else ""
        if self.digits(name) is None:
            message = f"the currency of {what} is none of ISO 4217 with minor units"
            raise unsupported(message, "write the three capital letters")
        if name not in self.currencies:
            self.currencies.append(name)
        return name

    def minor(self, value: Any, currency: str, what: str) -> str:
        """Minor units as an amount of the currency."""
        if not isinstance(value, Digits) or not re.fullmatch(r"0|[1-9][0-9]{0,17}", value):
            message = f"{what} is no whole number of minor units: {flow(value)}"
            raise unsupported(message, "the mandate's schema has integers there: 27999 is 279.99")
        digits = self.digits(currency) or 0
        text = value.rjust(digits + 1, "0")
        return f"{text[:-digits]}.{text[-digits:]}" if digits else text

    def limit(self, fields: str) -> None:
        """One more limit."""
        self.limits.append("  - {" + f"{fields}, tools: [{flow(self.tool)}]" + "}")


def from_ap2(
    source: Source,
    *,
    name: str,
    digits: Callable[[str], int | None],
    tool: str = "pay",
    zone: str = "UTC",
    checked: Collection[str] = (),
) -> str:
    """A gate file with one tool that pays within the open payment mandate."""
    mandate = read(source, "the mandate")
    if not isinstance(mandate, dict) or mandate.get("vct") != OPEN:
        message = f"the mandate is no open payment mandate: its `vct` is not `{OPEN}`"
        raise unreadable(message)
    draft = Draft(tool, zone, digits)
    for claim in CLOCKED:
        if claim in mandate and claim not in checked:
            message = f"the mandate has `{claim}`, and a gate's rules see no clock"
            raise unsupported(
                message, f"check it where the gate is loaded and at each call, and say `checked=['{claim}']`"
            )
    constraints = mandate.get("constraints")
    if not isinstance(constraints, list):
        message = "the mandate has no list of `constraints`"
        raise unreadable(message)
    for number, constraint in enumerate(constraints):
        _constraint(draft, constraint, number)
    _preset(draft, mandate)
    if "payment.agent_recurrence" not in draft.kinds:
        draft.limit("name: uses, type: velocity, max: 1, window: total")
    elif not {"payment.amount_range", "payment.budget"} <= draft.kinds:
        message = "`payment.agent_recurrence` stands without `payment.amount_range` and `payment.budget`"
        raise unsupported(message, "AP2 demands both beside it")
    return _text(draft, mandate, name)


def _constraint(draft: Draft, constraint: Any, number: int) -> None:
    kind = constraint.get("type") if isinstance(constraint, dict) else None
    if not isinstance(kind, str) or kind not in CONSTRAINTS:
        message = f"constraint {number} is of a type that is not known: {flow(kind)}"
        raise unsupported(message, f"there are {', '.join(CONSTRAINTS)}")
    keys, take = CONSTRAINTS[kind]
    extra = sorted(set(constraint) - {"type", *keys})
    if extra:
        message = f"`{kind}` has a member that is not known: {flow(extra[0])}"
        raise unsupported(message, f"it has {', '.join(keys)}")
    if kind in draft.kinds and kind in ("payment.agent_recurrence", "payment.budget"):
        message = f"`{kind}` stands twice"
        raise unsupported(message, "one of them is meant")
    draft.kinds.add(kind)
    take(draft, constraint)


def _range(draft: Draft, constraint: dict[str, Any]) -> None:
    currency = draft.currency(constraint.get("currency"), "`payment.amount_range`")
    most = draft.minor(constraint.get("max"), currency, "`max` of `payment.amount_range`")
    draft.rules.append(f"currency = '{currency}'")
    draft.rules.append(f"amount <= {most}")
    if constraint.get("min") is not None:
        draft.rules.append(f"amount >= {draft.minor(constraint['min'], currency, '`min` of `payment.amount_range`')}")


def _budget(draft: Draft, constraint: dict[str, Any]) -> None:
    currency = draft.currency(constraint.get("currency"), "`payment.budget`")
    most, places = constraint.get("max"), draft.digits(currency) or 0
    plain = isinstance(most, Digits) and re.fullmatch(r"(0|[1-9][0-9]{0,17})(\.[0-9]+)?", most)
    if not plain or len(str(most).partition(".")[2].rstrip("0")) > places:
        message = f"`max` of `payment.budget` is no amount of {currency}: {flow(most)}"
        raise unsupported(message, f"{currency} has {places} digits behind the point; nothing is rounded")
    whole, _, fraction = str(most).partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    amount = f"{whole}.{fraction}" if places else whole
    draft.limit(f'name: budget, type: budget, max: "{amount}", currency: {currency}, window: total')
    draft.rules.append(f"currency = '{currency}'")


def _recurrence(draft: Draft, constraint: dict[str, Any]) -> None:
    frequency, most = constraint.get("frequency"), constraint.get("max_occurrences")
    if not isinstance(frequency, str) or frequency not in FREQUENCIES:
        message = f"`frequency` is not known: {flow(frequency)}"
        raise unsupported(message, f"there are {', '.join(FREQUENCIES)}")
    window = FREQUENCIES[frequency]
    if window is not None:
        zone = f", zone: {flow(draft.zone)}" if window.isalpha() else ""
        draft.limit(f"name: frequency, type: velocity, max: 1, window: {window}{zone}")
    if most is not None:
        if not isinstance(most, Digits) or not re.fullmatch(r"[1-9][0-9]{0,17}", most):
            message = f"`max_occurrences` is no whole number from 1: {flow(most)}"
            raise unsupported(message, "leave it out if there is no such limit")
        draft.limit(f"name: occurrences, type: velocity, max: {most}, window: total")


def _names(constraint: dict[str, Any], key: str, what: str) -> list[str]:
    allowed = constraint.get("allowed")
    if not isinstance(allowed, list):
        message = f"`{what}` has no list `allowed`"
        raise unreadable(message)
    return [_name(one, key, what) for one in allowed]


def _name(one: Any, key: str, what: str) -> str:
    if isinstance(one, dict) and set(one) == {"..."}:
        message = f"`{what}` has an entry that was not disclosed"
        raise unsupported(message, "present the mandate with this disclosure")
    name = one.get(key) if isinstance(one, dict) else None
    if not isinstance(name, str) or isinstance(name, Digits) or not name:
        message = f"`{what}` has an entry without `{key}`, by which calls are compared"
        raise unsupported(message, f"give it its `{key}`")
    return name


def _dates(draft: Draft, constraint: dict[str, Any]) -> None:
    draft.needs.add("execution_date")
    draft.rules.append("execution_date IS NOT NULL")
    for key, operator in (("not_before", ">="), ("not_after", "<=")):
        if constraint.get(key) is not None:
            instant = _instant(constraint[key], key)
            draft.rules.append(f"CAST(execution_date AS TIMESTAMP WITH TIME ZONE) {operator} TIMESTAMP '{instant}'")


def _instant(value: Any, key: str) -> str:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
        found = None if read is None or read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):  # beyond the first or the last year in UTC
        found = None
    if found is None:
        message = f"`{key}` of `payment.execution_date` is no instant with its offset: {flow(value)}"
        raise unsupported(
            message, "write it as `2026-03-31T00:00:00Z`; a date alone begins at another moment in each zone"
        )
    return found.replace(tzinfo=None).isoformat(" ", "microseconds") + "+00:00"


def _reference(draft: Draft, constraint: dict[str, Any]) -> None:
    digest = constraint.get("conditional_transaction_id")
    if not isinstance(digest, str) or isinstance(digest, Digits) or not digest:
        message = "`payment.reference` has no `conditional_transaction_id`"
        raise unreadable(message)
    draft.one_of("open_checkout", [digest], "`payment.reference`")
    draft.notes.append("`open_checkout` is the digest of the open checkout mandate that the executor has verified")


CONSTRAINTS: dict[str, tuple[tuple[str, ...], Callable[[Draft, dict[str, Any]], None]]] = {
    "payment.amount_range": (("currency", "max", "min"), _range),
    "payment.budget": (("max", "currency"), _budget),
    "payment.agent_recurrence": (("frequency", "max_occurrences"), _recurrence),
    "payment.allowed_payees": (
        ("allowed",),
        lambda draft, one: draft.one_of("payee", _names(one, "id", one["type"]), one["type"]),
    ),
    "payment.allowed_payment_instruments": (
        ("allowed",),
        lambda draft, one: draft.one_of("instrument", _names(one, "id", one["type"]), one["type"]),
    ),
    "payment.allowed_pisps": (
        ("allowed",),
        lambda draft, one: draft.one_of("pisp", _names(one, "domain_name", one["type"]), one["type"]),
    ),
    "payment.execution_date": (("not_before", "not_after"), _dates),
    "payment.reference": (("conditional_transaction_id",), _reference),
}


def _preset(draft: Draft, mandate: dict[str, Any]) -> None:
    """Claims of the closed mandate that the open one sets already."""
    preset = {"payee": "id", "payment_instrument": "id", "pisp": "domain_name"}
    known = {*ABOUT, *preset, "payment_amount", "execution_date"}
    unknown = sorted(set(mandate) - known)
    if unknown:
        message = f"the mandate has a claim that is not known: {flow(unknown[0])}"
        raise unsupported(message, "a gate must not leave out what a mandate demands")
    for claim, key in preset.items():
        if claim in mandate:
            argument = "instrument" if claim == "payment_instrument" else claim
            draft.one_of(argument, [_name(mandate[claim], key, claim)], claim)
    if "payment_amount" in mandate:
        amount = mandate["payment_amount"] if isinstance(mandate["payment_amount"], dict) else {}
        currency = draft.currency(amount.get("currency"), "`payment_amount`")
        draft.rules.append(f"currency = '{currency}'")
        draft.rules.append(f"amount = {draft.minor(amount.get('amount'), currency, '`payment_amount`')}")
    if "execution_date" in mandate:
        if not isinstance(mandate["execution_date"], str) or isinstance(mandate["execution_date"], Digits):
            message = "`execution_date` is no text"
            raise unreadable(message)
        draft.one_of("execution_date", [mandate["execution_date"]], "execution_date")


def _text(draft: Draft, mandate: dict[str, Any], id_: str) -> str:
    lines = head("From an AP2 open payment mandate. Its signatures and disclosures are not checked here.", id_)
    lines += [f"# {note}." for note in draft.notes]
    lines += [
        f"# The caller checks `{claim}`: {comment(str(mandate[claim]))}." for claim in CLOCKED if claim in mandate
    ]
    if draft.params:
        lines.append("params:")
        lines += [f"  {name}: {flow(values)}" for name, values in draft.params.items()]
    currency: dict[str, Any] = {"type": "string"}
    if draft.currencies:
        currency["enum"] = draft.currencies
    properties: dict[str, Any] = {
        argument: {"type": "string"} for argument in sorted(draft.needs - {"amount", "currency"})
    }
    properties |= {"amount": {"type": "number"}, "currency": currency}
    schema = {
        "type": "object",
        "required": sorted(draft.needs),
        "additionalProperties": False,
        "properties": properties,
    }
    rules = list(dict.fromkeys(draft.rules)) or ["TRUE"]
    lines += [
        "tools:",
        f"  - name: {flow(draft.tool)}",
        "    # `amount` is in major units: 279.99, not 27999.",
        f"    inputSchema: {flow(schema)}",
        "    money: {amount: /amount, currency: /currency}",
        f"    allow: {flow(' AND '.join(rules))}",
        "limits:",
        *draft.limits,
    ]
    return "\n".join(lines) + "\n"
