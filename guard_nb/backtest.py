"""A gate's decisions on past proposals (docs/spec/gate.md, G12)."""

from __future__ import annotations

import json
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
SHADES = ["#0072b2", "#e69f00", "#009e73", "#d55e00", "#9a6fb0", "#56b4e9", "#cc79a7", "#a87400", "#666666"]
SHOWN = 5
TEXT_CAP = 160
# Microseconds since 1970 of what people and documents can write as a date.
YEARS = (-62_135_596_800_000_000, 253_402_300_799_999_999)
# Widths of a bar, and the longest span that is shown with it.
BARS = (("1h", 3), ("1d", 120), ("1w", 1_200), ("1mo", 12_000), ("1y", 10**9))


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
        """Whose verdict changes, over time; without `against` the verdicts. Raises `UsageError` without Altair."""
        counted = self._counted()
        title = self._said()
        alt = charts._altair()
        kinds = counted["what"].unique(maintain_order=True).sort().to_list()
        bars = alt.Chart(alt.InlineData(_rows(counted))).mark_bar()
        encoded = bars.encode(
            x=alt.X("at:T", title=None, axis=alt.Axis(grid=False)),
            x2="until:T",
            y=alt.Y("proposals:Q", title="proposals", stack="zero", axis=alt.Axis(gridOpacity=0.3)),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=kinds, range=_shades(kinds)),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[alt.Tooltip("at:T"), alt.Tooltip("what:N"), alt.Tooltip("proposals:Q", format=",")],
        )
        head = alt.TitleParams(title, anchor="start", fontWeight="normal", fontSize=12)
        told = counted.pivot("what", index="at", values="proposals").fill_null(0)
        told = told if len(told) and any(told["at"].dt.hour()) else told.with_columns(pl.col("at").cast(pl.Date))
        return charts.ClauseChart(encoded.properties(width=520, height=160, title=head), f"{title}\n{told}")

    def _counted(self) -> pl.DataFrame:
        """Proposals by stretch of time and what is said of them."""
        frame = self.frame.drop_nulls("at")
        what = pl.col("verdict").cast(pl.String)
        if self._against is not None:
            frame = frame.filter("changed")
            what = pl.col("before").cast(pl.String) + " → " + what
        span = self.frame["at"].max() - self.frame["at"].min() if len(frame) else None  # type: ignore[operator]
        every = next(name for name, days in BARS if span is None or span.days < days)  # type: ignore[union-attr]
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
            return f"{self.changed:,} of {total:,} proposals have another verdict"
        counts = self.frame["verdict"].value_counts(sort=True)
        return f"{total:,} proposals: " + ", ".join(f"{count:,} {name}" for name, count in counts.iter_rows())

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


def _rows(counted: pl.DataFrame) -> list[dict[str, Any]]:
    texts = counted.with_columns(pl.col("at", "until").dt.to_string("%Y-%m-%dT%H:%M:%SZ"))
    return texts.to_dicts()


def _shades(kinds: list[str]) -> list[str]:
    """A colour for each; the verdicts have theirs."""
    own = dict(zip(VERDICTS, SHADES, strict=False))
    return [own.get(kind, SHADES[(at + 3) % len(SHADES)]) for at, kind in enumerate(kinds)]
