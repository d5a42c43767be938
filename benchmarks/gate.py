"""Proposals of a payment tool, and those who judge them: schema, ten rules and three limits for each."""

from __future__ import annotations

import importlib
import json
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

import guard_nb as gn
from benchmarks.timing import GUARD, Answer, Contender

SCHEMA = {
    "type": "object",
    "required": ["payee", "amount", "currency"],
    "additionalProperties": False,
    "properties": {
        "payee": {"type": "string", "maxLength": 40, "pattern": "^[a-z]+$"},
        "amount": {"type": "number", "exclusiveMinimum": 0, "maximum": 100000},
        "currency": {"type": "string", "enum": ["EUR", "USD"]},
        "invoice": {"type": "string", "minLength": 3},
        "note": {"type": "string", "maxLength": 200},
    },
}
RULES = """amount <= 500.00 AND amount > 0 AND payee IN ('acme', 'globex', 'initech') AND currency = 'EUR'
      AND length(note) < 100 AND invoice LIKE 'INV-%' AND payee <> 'mallory' AND proposal.principal <> 'eve'
      AND amount * 2 < 2000 AND note IS NOT NULL"""
GATE = f"""
apiVersion: guard-nb/v1
kind: Gate
id: bench
tools:
  - name: send_money
    inputSchema: {json.dumps(SCHEMA)}
    money: {{amount: /amount, currency: /currency}}
    allow: >-
      {RULES}
limits:
  - {{name: day, type: budget, max: "900.00", currency: EUR, window: day, by: [/payee, /invoice]}}
  - {{name: calls, type: velocity, max: 40, window: day, by: [/invoice]}}
  - {{name: pace, type: rate, max: 1000000, per: 1s, by: [principal]}}
"""
# Cents as integers: Cedar has no decimal arithmetic and no length of texts, so that the caller gives what it lacks.
CEDAR = """
permit(principal, action == Action::"send_money", resource) when {
  context.cents <= 50000 && context.cents > 0 && ["acme", "globex", "initech"].contains(context.payee)
  && context.currency == "EUR" && context.length < 100 && context.invoice like "INV-*" && context.payee != "mallory"
  && principal != User::"eve" && context.cents * 2 < 200000 && context has note
};
"""
NOTE = "for the delivery of three crates of apples in October, as agreed by mail"
PAYEES = ("acme", "globex", "initech", "mallory", "Acme")


def proposals(count: int) -> list[str]:
    """JSON texts of 260 bytes. Every fifth one breaks a rule, and those of some invoices their budget."""
    texts = []
    for number in range(count):
        amount = f"{number * 37 % 520 + 1}.{number % 100:02}"
        texts.append(
            f'{{"kind":"action","id":"call-{number:08}","principal":"bot-7","task":"inv-881","tool":"send_money",'
            f'"arguments":{{"payee":"{PAYEES[number % 5]}","amount":{amount},"currency":"EUR",'
            f'"invoice":"INV-{number % 50:06}","note":"{NOTE}"}}}}'
        )
    return texts


def frame(texts: list[str]) -> pl.DataFrame:
    """The proposals of one hour, so that all that a limit counts lies in one window."""
    start = datetime(2026, 1, 1)
    times = [start + timedelta(milliseconds=number) for number in range(len(texts))]
    return pl.DataFrame({"proposal": texts, "at": pl.Series(times, dtype=pl.Datetime("us"))})


class Limits:
    """The three limits in plain Python, for those who have none: sums and counts by key, all of one day."""

    def __init__(self) -> None:
        self.spent: dict[tuple[str, str], int] = defaultdict(int)
        self.calls: dict[str, int] = defaultdict(int)
        self.ids: dict[str, str] = {}

    def admit(self, arguments: dict[str, Any], cents: int) -> bool:
        """Counts the call, unless a limit stands against it."""
        pot = (arguments["payee"], arguments["invoice"])
        if self.spent[pot] + cents > 90_000 or self.calls[arguments["invoice"]] >= 40:
            return False
        self.spent[pot] += cents
        self.calls[arguments["invoice"]] += 1
        return True


def allowed(arguments: dict[str, Any], principal: str) -> bool:
    """The ten rules in Python."""
    amount = arguments["amount"]
    return (
        amount <= 500
        and amount > 0
        and arguments["payee"] in ("acme", "globex", "initech")
        and arguments["currency"] == "EUR"
        and len(arguments["note"]) < 100
        and arguments["invoice"].startswith("INV-")
        and arguments["payee"] != "mallory"
        and principal != "eve"
        and amount * 2 < 2000
        and arguments["note"] is not None
    )


def contenders(texts: list[str]) -> list[Contender]:
    """guard_nb with permits, log and ledger; the others with schema and rules of theirs and limits in plain Python."""
    gate_text = GATE

    def guard() -> Answer:
        gate = gn.Gate.loads(gate_text)
        return {"allowed": sum(gate.decide(text).verdict == "allow" for text in texts)}

    return [
        Contender(GUARD, guard),
        Contender("jsonschema-rs + Python", _plain(texts)),
        Contender("jsonschema-rs + cedarpy", _cedar(texts), max_rounds=3),
    ]


def _plain(texts: list[str]) -> Any:
    valid = importlib.import_module("jsonschema_rs").Draft202012Validator(SCHEMA).is_valid

    def run() -> Answer:
        limits, count = Limits(), 0
        for text in texts:
            proposal = json.loads(text, parse_float=Decimal)
            arguments = proposal["arguments"]
            if valid(arguments) and allowed(arguments, proposal["principal"]):
                count += limits.admit(arguments, int(arguments["amount"] * 100))
        return {"allowed": count}

    return run


def _cedar(texts: list[str]) -> Any:
    cedarpy = importlib.import_module("cedarpy")
    valid = importlib.import_module("jsonschema_rs").Draft202012Validator(SCHEMA).is_valid
    policies, entities = cedarpy.PolicySet.from_str(CEDAR), cedarpy.Entities.from_json_str("[]")

    def run() -> Answer:
        limits, count = Limits(), 0
        for text in texts:
            proposal = json.loads(text, parse_float=Decimal)
            arguments = proposal["arguments"]
            if not valid(arguments):
                continue
            cents = int(arguments["amount"] * 100)
            context = {name: value for name, value in arguments.items() if name != "amount"}
            request = {
                "principal": f'User::"{proposal["principal"]}"',
                "action": 'Action::"send_money"',
                "resource": 'Tool::"send_money"',
                "context": context | {"cents": cents, "length": len(arguments["note"])},
            }
            if cedarpy.is_authorized(request, policies, entities).allowed:
                count += limits.admit(arguments, cents)
        return {"allowed": count}

    return run
