"""A transform of twelve columns, as SQL for guard_nb and DuckDB, and as polars expressions."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import polars as pl

import guard_nb as gn
from benchmarks import rules
from benchmarks.timing import GUARD, Answer, AnswersDiffer, Contender

Made = Callable[[], pl.DataFrame]

SQL = """SELECT order_id, upper(country) AS country, qty, amount,
  round(qty * amount, 2) AS gross,
  round(qty * amount * (1 - coalesce(discount, 0)), 2) AS net,
  CASE WHEN total >= 1000 THEN 'large' WHEN total >= 100 THEN 'medium' ELSE 'small' END AS size,
  year(pickup) AS year, month(pickup) AS month,
  date_diff('minute', pickup, dropoff) AS minutes,
  status || '/' || country AS tag,
  coalesce(refund, 0) AS refund
FROM input WHERE qty > 0"""


def guard(frame: pl.DataFrame) -> Made:
    """`Transform.run` to a polars frame."""
    prepared = gn.Transform(SQL, input=gn.Contract.loads(rules.contract({})))
    return lambda: prepared.run(frame).output


def polars(frame: pl.DataFrame, engine: rules.Engine) -> Made:
    """One filter and one select, lazily."""
    column = pl.col
    gross = column("qty") * column("amount")
    size = pl.when(column("total") >= 1000).then(pl.lit("large"))
    size = size.when(column("total") >= 100).then(pl.lit("medium")).otherwise(pl.lit("small"))
    minutes = [column(name).dt.epoch("s").floordiv(60) for name in ("pickup", "dropoff")]
    chosen = [
        column("order_id"),
        column("country").str.to_uppercase(),
        column("qty"),
        column("amount"),
        gross.round(2).alias("gross"),
        (gross * (1.0 - column("discount").fill_null(0.0))).round(2).alias("net"),
        size.alias("size"),
        column("pickup").dt.year().alias("year"),
        column("pickup").dt.month().alias("month"),
        (minutes[1] - minutes[0]).alias("minutes"),
        pl.concat_str("status", pl.lit("/"), "country").alias("tag"),
        column("refund").fill_null(0.0),
    ]
    return lambda: frame.lazy().filter(column("qty") > 0).select(chosen).collect(engine=engine)


def sql(frame: pl.DataFrame) -> Callable[[], object]:
    """DuckDB over its own table, to an Arrow table."""
    connection = duckdb.connect()
    connection.register("arrow", frame.to_arrow())
    connection.execute("CREATE TABLE input AS FROM arrow")
    connection.unregister("arrow")
    return lambda: connection.sql(SQL).to_arrow_table()


def agree(frame: pl.DataFrame) -> None:
    """Raises if one of the transforms gives another value than DuckDB, types aside."""
    wanted = alike(pl.from_arrow(sql(frame)()))
    made = {"polars": polars(frame, "in-memory"), "polars, streaming": polars(frame, "streaming")}
    made[GUARD] = guard(frame)
    for name, run in made.items():
        got = alike(run())
        if got.columns != wanted.columns or got.height != wanted.height:
            raise AnswersDiffer(f"{name}: {got.shape} {got.columns}, not {wanted.shape} {wanted.columns}")
        wrong = [column for column in wanted.columns if not got[column].equals(wanted[column])]
        if wrong:
            raise AnswersDiffer(f"{name}: other values than DuckDB in {wrong}")


def alike(frame: pl.DataFrame) -> pl.DataFrame:
    """Integers of one width, texts of one type, in order of `order_id`."""
    kinds = [pl.selectors.integer().cast(pl.Int64), pl.selectors.categorical().cast(pl.String)]
    return frame.with_columns(kinds).sort("order_id")


def contenders(frame: pl.DataFrame) -> list[Contender]:
    """All of them; each answers with its result's shape."""

    def shape(run: Callable[[], object]) -> Callable[[], Answer]:
        def answer() -> Answer:
            made = run()
            rows, columns = made.shape
            return {"rows": rows, "columns": columns}

        return answer

    found = [
        Contender("polars", shape(polars(frame, "in-memory"))),
        Contender("polars, streaming", shape(polars(frame, "streaming"))),
        Contender("duckdb", shape(sql(frame)), 3),
    ]
    return [Contender(GUARD, shape(guard(frame))), *found]
