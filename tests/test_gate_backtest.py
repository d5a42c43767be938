"""Back-tests against a plain reading of the specification, and against decisions one by one."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guard_nb as gn

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
GATE = """
apiVersion: guard-nb/v1
kind: Gate
id: history
tools:
  - name: look
    inputSchema: {type: object, properties: {payee: {type: string}}}
    allow: "payee IS NOT NULL"
  - name: pay
    inputSchema:
      type: object
      required: [payee, amount]
      additionalProperties: false
      properties: {payee: {type: string}, amount: {type: number, minimum: 0}}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 50.00"
    escalate: "amount > 40.00"
limits:
  - {name: day, type: budget, max: "100.00", currency: EUR, window: day, zone: Europe/Berlin, by: [/payee], tools: [pay]}
  - {name: slide, type: velocity, max: 4, window: 90m, tools: [pay]}
  - {name: pace, type: rate, max: 2, per: 10m, by: [principal], tools: [pay]}
  - {name: twice, type: once, window: hour, by: [/payee, /amount], tools: [pay]}
  - {name: first, type: order, first: look, then: pay, within: 6h, by: [/payee]}
"""


def call(id_: str, tool: str, payee: str, amount: str | None, principal: str = "bot") -> str:
    arguments = f'{{"payee":"{payee}"' + (f',"amount":{amount}}}' if amount is not None else "}")
    return f'{{"kind":"action","id":"{id_}","principal":"{principal}","tool":"{tool}","arguments":{arguments}}}'


class Reading:
    """G2 to G6 for the gate above, read plainly: whole histories are searched for every call."""

    def __init__(self) -> None:
        self.allowed: list[dict[str, Any]] = []
        self.arrival: dict[str, Decimal] = {}
        self.ids: dict[str, tuple[str, tuple[str, str | None, str | None]]] = {}
        self.now: datetime | None = None

    def decide(self, text: str, at: datetime, actual: str | None) -> tuple[str, str | None, str | None]:
        self.now = at if self.now is None else max(at, self.now)
        proposal = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        known = self.ids.get(proposal["id"])
        if known is not None:
            return known[1] if known[0] == text else ("deny", "id-conflict", None)
        found = self.judge(proposal, self.now, actual)
        self.ids[proposal["id"]] = (text, found)
        return found

    def judge(self, proposal: dict[str, Any], now: datetime, actual: str | None) -> tuple[str, str | None, str | None]:
        payee = proposal["arguments"]["payee"]
        if proposal["tool"] == "look":
            self.allowed.append({"tool": "look", "payee": payee, "at": now})
            return "allow", None, None
        amount = proposal["arguments"]["amount"]
        if amount != round(amount, 2):
            return "deny", "money-digits", None
        if amount > 50:
            return "deny", "rule-false", None
        pays = [one for one in self.allowed if one["tool"] == "pay"]
        local = now.astimezone(BERLIN).date()
        spent = sum(
            one["spent"] for one in pays if one["payee"] == payee and one["at"].astimezone(BERLIN).date() == local
        )
        recent = sum(one["at"] > now - timedelta(minutes=90) for one in pays)
        seconds = Decimal(int((now - datetime(2000, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))) / 10**6
        expected = max(self.arrival.get(proposal["principal"], seconds), seconds)
        hour = now.replace(minute=0, second=0, microsecond=0)
        same = [one for one in pays if (one["payee"], one["asked"]) == (payee, amount) and one["at"] >= hour]
        looks = [one for one in self.allowed if one["tool"] == "look" and one["payee"] == payee]
        limits = [
            ("day", "budget-exceeded", spent + amount <= 100),
            ("slide", "velocity-exceeded", recent < 4),
            ("pace", "rate-exceeded", expected - seconds <= 300),
            ("twice", "intent-repeated", not same),
            ("first", "order-missing", any(one["at"] >= now - timedelta(hours=6) for one in looks)),
        ]
        for name, code, holds in limits:
            if not holds:
                return "deny", code, name
        if amount > 40:
            return "escalate", "approval-required", None
        fits = actual is not None and Decimal(actual) <= amount and len(actual.partition(".")[2]) <= 2
        self.allowed.append(
            {"tool": "pay", "payee": payee, "asked": amount, "spent": Decimal(actual) if fits else amount, "at": now}
        )
        self.arrival[proposal["principal"]] = expected + 300
        return "allow", None, None


# Hours around the nights of 23 and of 25 hours in Berlin.
starts = st.sampled_from([datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)])
amounts = st.sampled_from(["5", "5.00", "5.001", "39.99", "40.00", "40.01", "25.5", "50.01"])
rows = st.tuples(
    st.integers(0, 25),
    st.sampled_from(["look", "pay", "pay", "pay"]),
    st.sampled_from(["acme", "globex"]),
    amounts,
    st.sampled_from(["bot", "bob"]),
    st.integers(-600, 5400),
    st.sampled_from([None, None, "0", "4.99", "30", "1.001"]),
)


@settings(max_examples=150, deadline=None)
@given(starts, st.lists(rows, max_size=40))
def test_the_back_test_is_what_the_specification_says(start: datetime, history: list[tuple[Any, ...]]) -> None:
    at, past = start, []
    for number, tool, payee, amount, principal, step, actual in history:
        at += timedelta(seconds=step)
        text = call(str(number), tool, payee, amount if tool == "pay" else None, principal)
        past.append({"proposal": text, "at": at, "actual": actual})
    frame = pl.DataFrame(past, schema={"proposal": pl.String, "at": pl.Datetime("us", "UTC"), "actual": pl.String})
    done = gn.Gate.loads(GATE).backtest(frame, actual="actual").frame
    reading = Reading()
    want = [reading.decide(row["proposal"], row["at"], row["actual"]) for row in past]
    assert done.select("verdict", "code", "limit").rows() == want


@settings(max_examples=40, deadline=None)
@given(st.lists(rows, max_size=30))
def test_it_says_what_deciding_one_by_one_says(history: list[tuple[Any, ...]]) -> None:
    """With windows that hold all of it, so that the clock of the day does not matter."""
    text = GATE.replace("window: day, zone: Europe/Berlin", "window: total").replace("window: 90m", "window: total")
    gate = gn.Gate.loads(text.replace("window: hour", "window: total").replace("per: 10m", "per: 3650d"))
    texts = [
        call(str(number), tool, payee, amount if tool == "pay" else None, who)
        for number, tool, payee, amount, who, *_ in history
    ]
    decided = []
    for one in texts:
        decision = gate.decide(one)
        if decision and not decision.replayed:
            gate.commit(decision)
        first = decision.reasons[0] if decision.reasons else gn.Reason("", "")
        decided.append((decision.verdict, first.code or None, first.limit, decision.replayed))
    times = [datetime(2026, 1, 1) for _ in texts]
    frame = pl.DataFrame({"proposal": texts, "at": times}, schema={"proposal": pl.String, "at": pl.Datetime("us")})
    done = gate.backtest(frame).frame
    assert done.select("verdict", "code", "limit", "replayed").rows() == decided


def day(texts: list[str | None], **more: Any) -> pl.DataFrame:
    times = [datetime(2026, 1, 1) + timedelta(hours=number) for number in range(len(texts))]
    return pl.DataFrame({"proposal": texts, "at": times, **more})


LOOSE = """
apiVersion: guard-nb/v1
kind: Gate
id: loose
tools:
  - name: pay
    inputSchema: {type: object, required: [amount], properties: {amount: {type: number}, payee: {type: string}}}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 50.00"
limits:
  - {name: day, type: budget, max: "100.00", currency: EUR, window: day}
"""


def test_changes_and_counterexamples_name_what_differs() -> None:
    loose, strict = gn.Gate.loads(LOOSE), gn.Gate.loads(LOOSE.replace("100.00", "60.00"))
    done = strict.backtest(
        day([call(str(n), "pay", "a", a) for n, a in enumerate(["30", "20", "20", "51", "10"])]), against=loose
    )
    assert done.frame["before"].to_list() == ["allow", "allow", "allow", "deny", "allow"]
    assert done.frame["verdict"].to_list() == ["allow", "allow", "deny", "deny", "allow"]
    assert done.changed == 1
    assert done.changes.to_dicts() == [
        {"before": "allow", "allow": 3, "deny": 1},
        {"before": "deny", "allow": 0, "deny": 1},
    ]
    [example] = done.counterexamples().to_dicts()
    assert (example["row"], example["id"], example["before"], example["verdict"]) == (2, "2", "allow", "deny")
    assert example["code"] == "budget-exceeded"
    assert example["message"] == "20.00 EUR is more than the 10.00 EUR that are left of 60.00 EUR"
    assert example["before_message"] is None
    html = done._repr_html_()
    assert "deny: budget-exceeded: 20.00 EUR is more" in html
    assert "pay &quot;payee&quot;:&quot;a&quot;, &quot;amount&quot;:20<" in html
    assert done._repr_mimebundle_()["application/vnd.guard-nb.backtest.v1+json"]["changed"] == 1


def test_a_counterexample_shows_the_digits_that_were_written() -> None:
    loose, strict = gn.Gate.loads(LOOSE), gn.Gate.loads(LOOSE.replace("50.00", "5.00"))
    html = strict.backtest(day([call("1", "pay", "a", "20.10")]), against=loose)._repr_html_()
    assert "&quot;amount&quot;:20.10<" in html


def test_a_row_without_text_or_time_is_a_denial_that_leaves_nothing() -> None:
    gate = gn.Gate.loads(LOOSE)
    good = call("1", "pay", "a", "30")
    frame = day([None, good, good, "{", good]).with_columns(
        at=pl.when(pl.int_range(5) == 1).then(None).otherwise(pl.col("at"))
    )
    done = gate.backtest(frame).frame
    assert done["verdict"].to_list() == ["deny", "deny", "allow", "deny", "allow"]
    assert done["code"].to_list() == ["proposal-malformed", "proposal-malformed", None, "proposal-malformed", None]
    assert done["replayed"].to_list() == [False, False, False, False, True]


def test_rows_that_go_back_in_time_are_judged_at_the_latest_seen_and_said() -> None:
    gate = gn.Gate.loads(LOOSE)
    frame = day([call(str(number), "pay", "a", "40") for number in range(5)])
    still = gate.backtest(frame)
    assert (still.late, still.frame["late"].to_list()) == (0, [False] * 5)
    assert "older" not in still._repr_html_() + repr(still)
    # One wrong clock holds the day of all rows behind it; equal times go back nowhere.
    far = datetime(2099, 1, 1)
    wrong = frame.with_columns(at=pl.when(pl.int_range(5) == 1).then(far).otherwise(datetime(2026, 1, 1)))
    done = gate.backtest(wrong)
    assert (done.late, done.frame["late"].to_list()) == (3, [False, False, True, True, True])
    assert done.frame["verdict"].to_list() == ["allow", "allow", "allow", "deny", "deny"]
    assert "3 rows are older than a row before, and judged at the time of that one" in done._repr_html_()
    assert "3 rows are older" in repr(done)
    assert done._repr_mimebundle_()["application/vnd.guard-nb.backtest.v1+json"]["late"] == 3
    # A row without time or text moves no clock, and has none.
    gaps = wrong.with_columns(proposal=pl.when(pl.int_range(5) != 1).then("proposal"))
    assert gate.backtest(gaps).late == 0
    assert "1 row is older" in repr(gate.backtest(wrong.head(3), against=gate))


def test_members_may_be_columns_and_null_is_absent() -> None:
    gate = gn.Gate.loads(LOOSE)
    frame = pl.DataFrame(
        {
            "kind": ["action"] * 3,
            "id": ["1", "2", "3"],
            "principal": ["p"] * 3,
            "task": [None, "t", None],
            "tool": ["pay"] * 3,
            "arguments": [{"amount": Decimal("7.35")}, {"amount": None}, {"amount": Decimal("50.01")}],
            "when": [datetime(2026, 1, 1)] * 3,
        }
    )
    done = gate.backtest(frame, at="when").frame
    assert done["code"].to_list() == [None, "argument-invalid", "rule-false"]


def test_times_are_those_of_utc() -> None:
    text = call("a", "look", "acme", None)
    berlin = datetime(2026, 7, 1, 2, tzinfo=BERLIN)
    frame = gn.Gate.loads(LOOSE).backtest(pl.DataFrame({"proposal": [text], "at": [berlin]})).frame
    assert frame.schema["at"] == pl.Datetime("us", "UTC")
    assert frame["at"].to_list() == [datetime(2026, 7, 1, tzinfo=UTC)]


def test_history_is_not_the_ledgers() -> None:
    gate = gn.Gate.loads(LOOSE)
    assert gate.decide(call("1", "pay", "a", "50"))
    before = gate.ledger.checkpoint()
    done = gate.backtest(day([call("1", "pay", "a", "49"), call("2", "pay", "a", "50"), call("3", "pay", "a", "2")]))
    assert done.frame["verdict"].to_list() == ["allow", "allow", "deny"]
    assert gate.ledger.checkpoint() == before


def test_what_was_spent_counts_instead_of_what_was_held() -> None:
    gate = gn.Gate.loads(LOOSE)
    texts = [call(str(n), "pay", "a", "50") for n in range(4)]
    spent = pl.Series([Decimal("10.50"), Decimal("50.00"), None, None], dtype=pl.Decimal(10, 4))
    done = gate.backtest(day(texts, spent=spent), actual="spent").frame
    assert done["verdict"].to_list() == ["allow", "allow", "deny", "deny"]
    none = gate.backtest(day(texts, spent=["x", "50.01", "", None]), actual="spent").frame
    assert none["verdict"].to_list() == ["allow", "allow", "deny", "deny"]


def test_many_chunks_and_batches_are_one_history() -> None:
    gate = gn.Gate.loads(LOOSE.replace("window: day", "window: total"))
    texts = [call(str(number % 9_000), "pay", "a", "0.01") for number in range(20_000)]
    frame = pl.concat([day(texts[:7]), day(texts[7:])], rechunk=False).with_columns(at=datetime(2026, 1, 1))
    done = gate.backtest(frame).frame
    assert done["verdict"].to_list() == ["allow"] * 20_000
    assert done["replayed"].to_list() == [False] * 9_000 + [True] * 11_000
    less = gn.Gate.loads(LOOSE.replace("window: day", "window: total").replace("100.00", "50.00"))
    assert less.backtest(frame).frame["code"].null_count() == 5_000 + 5_000 + 2_000


def rows_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return spec["data"]["values"] if "values" in spec["data"] else spec["datasets"][spec["data"]["name"]]


def test_the_chart_counts_changes_over_time() -> None:
    pytest.importorskip("altair")
    loose, strict = gn.Gate.loads(LOOSE), gn.Gate.loads(LOOSE.replace("100.00", "60.00"))
    texts = [call(str(n), "pay", "a", "35") for n in range(48)]
    done = strict.backtest(day(texts), against=loose)
    values = rows_of(done.chart().altair.to_dict())
    assert sum(one["proposals"] for one in values) == done.changed == 2
    assert {one["what"] for one in values} == {"allow → deny"}
    assert loose.backtest(day(texts)).chart().altair.to_dict()["encoding"]["x"]["field"] == "at"
    assert loose.backtest(day([])).chart() is not None


@pytest.mark.parametrize(
    ("count", "step", "bars", "said"),
    [
        (1, timedelta(0), [timedelta(minutes=1)], "minute"),
        (10, timedelta(hours=2.4), [timedelta(hours=1)] * 10, "hour"),
        (1_000, timedelta(seconds=86), [timedelta(hours=1)] * 24, "hour"),
        (10, timedelta(days=36.5), [timedelta(weeks=1)] * 10, "week"),
        (1_000, timedelta(hours=8.76), [timedelta(weeks=1)] * 53, "week"),
    ],
)
def test_the_chart_has_bars_as_wide_as_the_time_they_count(
    count: int, step: timedelta, bars: list[timedelta], said: str
) -> None:
    pytest.importorskip("altair")
    times = [datetime(2026, 1, 1) + number * step for number in range(count)]
    texts = [call(str(number), "look", "a", None) for number in range(count)]
    done = gn.Gate.loads(GATE).backtest(pl.DataFrame({"proposal": texts, "at": times}))
    spec = done.chart().altair.to_dict()
    shape, values = spec["encoding"], rows_of(spec)
    assert (spec["mark"]["orient"], shape["x"]["bin"], shape["x2"]["field"]) == ("vertical", "binned", "until")
    assert shape["y"]["title"] == f"proposals per {said}"
    ends = [[datetime.fromisoformat(one[name]) for name in ("at", "until")] for one in values]
    assert [until - at for at, until in ends] == bars
    assert sum(one["proposals"] for one in values) == count
    first, last = [datetime.fromtimestamp(each / 1000, UTC) for each in shape["x"]["scale"]["domain"]]
    assert first <= min(at for at, _ in ends)
    assert max(until for _, until in ends) <= last


def test_a_change_has_the_colour_of_the_verdict_that_it_becomes() -> None:
    pytest.importorskip("altair")
    ask = LOOSE.replace('allow: "amount <= 50.00"', 'allow: "amount <= 50.00"\n    escalate: "amount > 40.00"')
    loose, strict = gn.Gate.loads(ask), gn.Gate.loads(ask.replace("50.00", "20.00").replace("> 40.00", "> 10.00"))
    frame = day([call(str(n), "pay", "a", amount) for n, amount in enumerate(["45", "30", "15"])])
    verdicts = loose.backtest(frame).chart().altair.to_dict()["encoding"]["color"]["scale"]
    assert verdicts["domain"] == ["allow", "escalate"]
    changes = strict.backtest(frame, against=loose).chart().altair.to_dict()["encoding"]["color"]["scale"]
    assert changes["domain"] == ["allow → escalate", "allow → deny", "escalate → deny"]
    assert changes["range"][0] == verdicts["range"][1]
    assert len({*changes["range"], verdicts["range"][0]}) == 4


def test_a_back_test_without_changes_has_a_chart_that_says_so() -> None:
    pytest.importorskip("altair")
    gate = gn.Gate.loads(LOOSE)
    spec = gate.backtest(day([call("1", "pay", "a", "5")]), against=gate).chart().altair.to_dict()
    assert spec["title"]["text"] == "0 of 1 proposal has another verdict"
    assert [one["proposals"] for one in rows_of(spec)] == [0]


def test_misuse_is_told() -> None:
    gate = gn.Gate.loads(LOOSE)
    with pytest.raises(gn.FrameError, match="no column `at`"):
        gate.backtest(pl.DataFrame({"proposal": ["{}"]}))
    with pytest.raises(gn.FrameError, match="no column `proposal`") as caught:
        gate.backtest(pl.DataFrame({"x": [1], "at": [datetime(2026, 1, 1)]}))
    assert caught.value.code == "column-missing"
    with pytest.raises(gn.FrameError, match="not times"):
        gate.backtest(pl.DataFrame({"proposal": ["{}"], "at": ["2026"]}))
    with pytest.raises(gn.UsageError, match="no other gate"):
        gate.backtest(day([])).counterexamples()
