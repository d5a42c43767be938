"""A gate's decisions on past proposals (docs/spec/gate.md, G12)."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from guard_nb import _arrow, _texts, charts
from guard_nb._explain_html import _page as page
from guard_nb._explain_html import row as table_row
from guard_nb._explain_html import table, text
from guard_nb._proposal import encoded
from guard_nb._visible import brief
from guard_nb.errors import FrameError, GuardError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from guard_nb.gate import Gate

VERDICTS = ("allow", "escalate", "transform", "deny")
MEMBERS = ("kind", "id", "principal", "task", "tool", "arguments", "sql", "params")
MIME = "application/vnd.guard-nb.backtest.v1+json"
# As in the report of a decision; a change has the colour of what it becomes.
SHADES = {"allow": "#0b8a6a", "escalate": "#a87400", "transform": "#4c9fc7", "deny": "#d9480f"}
CHANGE = " → "
SHOWN = 5
TEXT_CAP = 160
# Widths of a bar, what people call them, how the axis tells the time, and the days below which a history is shown so.
BARS = (
    ("1m", "minute", "%H:%M", 0.05),
    ("1h", "hour", "%d %b %H:%M", 3),
    ("1d", "day", "%d %b", 92),
    ("1w", "week", "%b %Y", 731),
    ("1mo", "month", "%b %Y", 3_700),
    ("1y", "year", "%Y", float("inf")),
)
# A bar is never wider than this share of the chart.
FEWEST = 16
# So many proposals and fewer are ticks one by one.
TICKS = 6
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Microseconds since 1970 of what people and documents can write as a date.
YEARS = (-62_135_596_800_000_000, 253_402_300_799_999_999)


class Backtest:
    """What a gate decides on a history, and with `against` what would have been decided otherwise.

    `frame` has a row for each proposal: `row`, `at` (of UTC), `id`, `verdict`, `code` and `limit` of the first reason,
    `replayed` and `late`; with `against` also `before`, `before_code` and `before_limit`, and `changed`. A row that was
    judged at a later time than its own is `late`: time never goes backwards, and a row before it has that time.
    """

    def __init__(self, gate: Gate, past: pl.DataFrame, against: Gate | None) -> None:
        self._gate = gate
        self._against = against
        self._past = past
        frame = _decided(gate, past).drop("message")
        columns = [past["at"].dt.replace_time_zone("UTC"), *frame.get_columns()]
        if against is not None:
            named = ["verdict", "code", "limit"]
            before = _decided(against, past).select(pl.col(named).name.prefix("before_")).get_columns()
            before[0] = before[0].rename("before")
            columns += [*before, (before[0] != frame["verdict"]).rename("changed")]
        self.frame: pl.DataFrame = pl.DataFrame(columns).with_row_index("row")

    @cached_property
    def summary(self) -> pl.DataFrame:
        """How many proposals have each verdict, first code and limit."""
        counted = self.frame.group_by("verdict", "code", "limit").agg(pl.len().alias("proposals"))
        return counted.sort("proposals", "verdict", "code", "limit", descending=[True, False, False, False])

    @cached_property
    def changes(self) -> pl.DataFrame:
        """A row for each verdict `against` gives, a column for each that the gate gives; counts. Needs `against`."""
        self._compared()
        pairs = self.frame.group_by("before", "verdict").len()
        counts = {(before, after): count for before, after, count in pairs.iter_rows()}
        seen = [name for name in VERDICTS if any(name in pair for pair in counts)]
        rows = [{"before": old} | {new: counts.get((old, new), 0) for new in seen} for old in seen]
        return pl.DataFrame(rows, schema={"before": pl.String} | dict.fromkeys(seen, pl.Int64))

    @property
    def changed(self) -> int:
        """How many proposals have another verdict. Needs `against`."""
        self._compared()
        return int(self.frame["changed"].sum())

    @property
    def late(self) -> int:
        """How many proposals were judged at a later time than their own, which an earlier row of the frame has."""
        return int(self.frame["late"].sum())

    def counterexamples(self, count: int = 10) -> pl.DataFrame:
        """The first proposals whose verdict changed, with what both gates say. Needs `against`.

        Costs a second back-test up to the last of them, by both gates.
        """
        self._compared()
        found = self.frame.filter("changed").head(count)
        rows = found["row"].to_list()
        found = found.with_columns(self._past["proposal"][rows].alias("proposal"))
        for gate, name in ((self._against or self._gate, "before_message"), (self._gate, "message")):
            said = _decided(gate, self._past, rows)["message"][rows] if rows else pl.Series([], dtype=pl.String)
            found = found.with_columns(said.alias(name))
        before = ["before", "before_code", "before_message"]
        return found.select("row", "at", "id", "proposal", *before, "verdict", "code", "message")

    def chart(self) -> charts.ClauseChart:
        """Whose verdict changes, over time; without `against` the verdicts. Raises `UsageError` without Altair.

        A bar is a minute, an hour, a day, a week, a month or a year of UTC, by the length of the history.
        """
        every, name, form = self._width()
        counted = self._counted(every)
        title = self._said()
        alt = charts._altair()
        kinds = [kind for kind in _kinds() if kind in set(counted["what"])]
        first, last = self._shown(every)
        ends = [round(each.timestamp() * 1000) for each in (first, last)]
        most = max(counted.group_by("at").agg(pl.col("proposals").sum())["proposals"].to_list(), default=1)
        times = alt.X("at:T", bin="binned", scale=alt.Scale(type="utc", domain=ends, nice=False))
        few = {} if most > TICKS else {"values": list(range(most + 1))}
        told_as = f"utcFormat(datum.value, '{form}')"
        day = f"{first + (last - first) / 2:%Y-%m-%d}, UTC" if every == "1m" else "time (UTC)"
        per = f"proposals per {name}" if self._against is None else f"changed per {name}"
        # No bar at all would leave no axes either.
        none = [{"at": ends[0], "until": ends[1], "proposals": 0, "what": "", "order": 0, "when": ""}]
        bars = alt.Chart(alt.InlineData(_rows(counted, kinds) or none)).mark_bar(orient="vertical")
        encoded = bars.encode(
            x=times.title(day).axis(alt.Axis(grid=False, tickCount=6, labelExpr=told_as, labelOverlap=True)),
            x2="until",
            y=alt.Y(
                "proposals:Q",
                title=per,
                stack="zero",
                axis=alt.Axis(gridOpacity=0.3, format=",d", **few),
                scale=alt.Scale(domain=[0, most]),
            ),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=kinds, range=_shades(kinds)),
                legend=alt.Legend(title=None, orient="top", columns=4) if kinds else None,
            ),
            order=alt.Order("order:Q"),
            tooltip=[
                alt.Tooltip("when:N", title=f"{name} (UTC)"),
                alt.Tooltip("what:N", title="verdict" if self._against is None else "change"),
                alt.Tooltip("proposals:Q", format=","),
            ],
        )
        head = alt.TitleParams(title, anchor="start", fontWeight="normal", fontSize=12)
        told = counted.pivot("what", index="at", values="proposals").fill_null(0)
        told = told.with_columns(pl.col("at").cast(pl.Date)) if every not in ("1m", "1h") else told
        return charts.ClauseChart(encoded.properties(width=520, height=160, title=head), f"{title}\n{told}")

    def _width(self) -> tuple[str, str, str]:
        """How much time a bar stands for, its name, and how the axis tells the time: by all proposals."""
        times = self.frame["at"].drop_nulls().sort()
        span = 0.0 if times.is_empty() else (times[-1] - times[0]) / timedelta(days=1)
        return next((every, name, form) for every, name, form, days in BARS if span < days)

    def _shown(self, every: str) -> tuple[datetime, datetime]:
        """From the first proposal's bar to the last one's, changed or not; with room beside them where they are few."""
        times = self.frame["at"].drop_nulls().dt.truncate(every)
        times = pl.Series([EPOCH], dtype=times.dtype) if times.is_empty() else times.sort()[[0, -1]]
        first, last, end = times[0], times[-1], times.dt.offset_by(every)[-1]
        room = max(timedelta(0), (FEWEST * (end - last) - (end - first)) / 2)
        return first - room, end + room

    def _counted(self, every: str) -> pl.DataFrame:
        """Proposals by stretch of time and what is said of them."""
        frame = self.frame.drop_nulls("at")
        what = pl.col("verdict").cast(pl.String)
        if self._against is not None:
            frame = frame.filter("changed")
            what = pl.col("before").cast(pl.String) + CHANGE + what
        stretches = frame.select(pl.col("at").dt.truncate(every), what.alias("what")).group_by("at", "what")
        counted = stretches.agg(pl.len().alias("proposals")).sort("at", "what")
        return counted.with_columns(pl.col("at").dt.offset_by(every).alias("until"))

    def _compared(self) -> None:
        if self._against is None:
            help_ = "gate.backtest(frame, against=other)"
            raise UsageError("there is no other gate to compare with", code="nothing-checked", help=help_)

    def _said(self) -> str:
        total = len(self.frame)
        if self._against is not None:
            return f"{self.changed:,} of {_counted(total)} {'has' if total == 1 else 'have'} another verdict"
        counts = self.frame["verdict"].value_counts(sort=True)
        return f"{_counted(total)}: " + ", ".join(f"{count:,} {name}" for name, count in counts.iter_rows())

    def _turned(self) -> str:
        """What is said where the frame goes back in time; nothing where it does not."""
        if not (late := self.late):
            return ""
        whose = "1 row is older than a row" if late == 1 else f"{late:,} rows are older than a row"
        return f"{whose} before, and judged at the time of that one: sort the frame by time, or correct the late one"

    def _html(self) -> str:
        head = f"<h3>Back-test of {text(self._gate.id, 60)} <small>{text(self._gate.digest, 19)}</small></h3>"
        parts = [head, f"<p>{text(self._said(), TEXT_CAP)}</p>"]
        if self.late:
            parts.append(f"<p>{text(self._turned(), TEXT_CAP)}</p>")
        if self._against is None:
            rows = [_cells(row) for row in self.summary.head(20).iter_rows()]
            return page("".join([*parts, table(["verdict", "first reason", "limit", "proposals"], rows)]))
        matrix = self.changes
        parts.append(table(["before ↓ after →", *matrix.columns[1:]], [_cells(row) for row in matrix.iter_rows()]))
        if self.changed:
            examples = self.counterexamples(SHOWN)
            rows = [_cells(_example(row)) for row in examples.iter_rows(named=True)]
            parts.append(table(["row", "at", "id", "proposal", "before", "after"], rows))
        return page("".join(parts))

    def _repr_html_(self) -> str:
        return self._html()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        document: dict[str, Any] = {"gate": self._gate.digest, "proposals": len(self.frame), "late": self.late}
        document["summary"] = self.summary.to_dicts()
        if self._against is not None:
            document |= {"against": self._against.digest, "changed": self.changed, "changes": self.changes.to_dicts()}
        return {"text/plain": repr(self), "text/html": self._html(), MIME: document}

    def __repr__(self) -> str:
        """What it comes to, in one line."""
        turned = f"; {self._turned()}" if self.late else ""
        return f"<Backtest {self._said()}{turned}>"


def backtest(gate: Gate, frame: object, against: Gate | None, at: str, actual: str | None) -> Backtest:
    """See `Gate.backtest`."""
    given = _arrow.to_polars(frame)
    columns = [_proposals(given), _times(given, at)]
    if actual is not None:
        columns.append(_amounts(_column(given, _texts.text("actual", actual))))
    return Backtest(gate, pl.DataFrame(columns).rechunk(), against)


def _decided(gate: Gate, past: pl.DataFrame, explain: list[int] | None = None) -> pl.DataFrame:
    decided = pl.DataFrame(gate._native.backtest(past, explain or []))
    return decided.with_columns(pl.col("verdict").cast(pl.String).cast(pl.Enum(VERDICTS)))


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    if name not in frame.columns:
        message = f"the frame has no column `{brief(name, 60)}`"
        raise FrameError(message, code="column-missing", help=f"it has {', '.join(frame.columns[:20])}")
    return frame[name]


def _proposals(frame: pl.DataFrame) -> pl.Series:
    """JSON texts: a column of them, or made of the members; what is NULL there is absent."""
    if "proposal" in frame.columns and frame["proposal"].dtype in (pl.String, pl.Null):
        return frame["proposal"].cast(pl.String)
    members = [name for name in MEMBERS if name in frame.columns]
    if "proposal" not in frame.columns and not members:
        return _column(frame, "proposal")
    with _arrow.reading("the proposals cannot be read"):
        rows = frame["proposal"].to_list() if "proposal" in frame.columns else frame.select(members).to_dicts()
    return pl.Series("proposal", [None if row is None else _json(row) for row in rows], dtype=pl.String)


def _json(row: Mapping[str, Any]) -> str:
    try:
        return encoded(_present(row)).decode("utf-8", "surrogatepass")
    except (TypeError, UnicodeError) as error:
        help_ = "give arguments as JSON text where they are no texts, numbers, booleans, lists and structs of them"
        raise FrameError(str(error), code="frame-unreadable", help=help_) from error


def _present(value: Any) -> Any:
    """Without members that are NULL."""
    if isinstance(value, dict):
        return {name: _present(member) for name, member in value.items() if member is not None}
    return [_present(item) for item in value] if isinstance(value, list) else value


def _times(frame: pl.DataFrame, at: str) -> pl.Series:
    """Microseconds of UTC; a time without zone is UTC."""
    column = _column(frame, _texts.text("at", at))
    if column.dtype == pl.Null:
        column = column.cast(pl.Datetime("us"))
    if isinstance(column.dtype, pl.Datetime):
        # Of a zone or not, they lie in memory as time since 1970 in UTC.
        unit, instants = column.dtype.time_unit, column.to_physical()
        first, last = (bound // (1_000 if unit == "ms" else 1) for bound in YEARS)
        far = ~instants.is_between(first, last)
        if unit != "ns" and far.any():
            message = f"row {far.arg_true()[0]} of `{brief(at, 60)}` is beyond the years 1 to 9999"
            raise FrameError(message, code="frame-unreadable", help="correct it, or leave the row out")
        return instants.cast(pl.Datetime(unit)).cast(pl.Datetime("us")).rename("at")
    message = f"the column `{brief(at, 60)}` holds {column.dtype}, not times"
    raise FrameError(message, code="frame-unreadable", help="parse it to Datetime, e.g. with `str.to_datetime()`")


def _amounts(column: pl.Series) -> pl.Series:
    """Plain digits; a number's trailing zeros are its type's, not the amount's."""
    kind = column.dtype
    if not (kind.is_numeric() or kind in (pl.String, pl.Categorical, pl.Enum, pl.Null)):
        message = f"the column `{brief(column.name, 60)}` holds {kind}, not amounts"
        raise FrameError(message, code="frame-unreadable", help="give amounts as decimals, or as texts of digits")
    with _arrow.reading(f"the amounts of `{brief(column.name, 60)}` cannot be read"):
        texts = column.cast(pl.String).rename("actual")
    if column.dtype.is_decimal() or column.dtype.is_float():
        texts = texts.str.replace(r"(\.\d*?)0+$", "$1").str.strip_chars_end(".")
    return texts


def _counted(proposals: int) -> str:
    return f"{proposals:,} proposal{'' if proposals == 1 else 's'}"


def _cells(row: tuple[Any, ...]) -> str:
    return table_row([text("" if cell is None else _shown(cell), TEXT_CAP) for cell in row])


def _example(row: dict[str, Any]) -> tuple[Any, ...]:
    """A counterexample in few columns: what was proposed, what either gate says."""
    before = [row["before"], row["before_code"], row["before_message"]]
    after = [row["verdict"], row["code"], row["message"]]
    said = [": ".join(str(each) for each in one if each is not None) for one in (before, after)]
    return f"{row['row']:,}", row["at"], row["id"], _asked(row["proposal"]), *said


def _asked(proposal: str | None) -> str:
    """A proposal without its head, with the digits that were written; as it is where it cannot be read."""
    try:
        read = json.loads(proposal or "", parse_float=Decimal)
        if "sql" in read:
            return str(read["sql"])
        members = [encoded({name: value}).decode()[1:-1] for name, value in read["arguments"].items()]
        return f"{read['tool']} {', '.join(members)}"
    except (ValueError, ArithmeticError, AttributeError, RecursionError, TypeError, LookupError, GuardError):
        return proposal or ""


def _shown(cell: Any) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _kinds() -> list[str]:
    """What can be said of proposals, in the order that it is stacked in: verdicts, then changes by what they become."""
    return [*VERDICTS, *(f"{old}{CHANGE}{new}" for new in VERDICTS for old in VERDICTS if old != new)]


def _rows(counted: pl.DataFrame, kinds: list[str]) -> list[dict[str, Any]]:
    """The bars. A bar's time is told in words too: charts show times of the reader's zone."""
    times = pl.col("at", "until").dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    said = pl.col("at").dt.to_string("%Y-%m-%d %H:%M").str.strip_suffix(" 00:00")
    order = pl.col("what").replace_strict(kinds, range(len(kinds)), default=None, return_dtype=pl.Int64)
    return counted.with_columns(said.alias("when"), order.alias("order")).with_columns(times).to_dicts()


def _shades(kinds: list[str]) -> list[str]:
    """The colour of each verdict, and of what a change becomes; paler where another one becomes the same."""
    seen: Counter[str] = Counter()
    shades = []
    for kind in kinds:
        verdict = kind.rpartition(CHANGE)[2]
        shades.append(_paler(SHADES[verdict], seen[verdict]))
        seen[verdict] += 1
    return shades


def _paler(colour: str, steps: int) -> str:
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - part) * 0.6**steps):02x}" for part in parts)
