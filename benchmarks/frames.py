"""Seeded frames whose violations are known by construction."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import polars as pl

SEED = 20261123
STATUSES = ["open", "paid", "packed", "shipped", "returned"]
EMAIL = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$"
FIRST, LAST = datetime(2020, 1, 1), datetime(2025, 12, 31, 23, 59, 59)
HOSTS = ["example.org", "mail.com", "shop.example", "post.de", "corp.example"]
NAMES = ["anna", "bo.lind", "c_meyer", "dan+news", "e.fischer", "fay", "g-okafor", "hana.sato", "ivo", "j.doe99"]
BAD_EMAILS = ["anna.example.org", "bo@localhost", "c meyer@example.org", "@example.org", "dan@example.o"]


def orders(rows: int, bad_share: float) -> tuple[pl.DataFrame, dict[str, int]]:
    """Seven columns of orders, and the failing values of each check.

    Bad rows are drawn for each column on its own. Duplicated ids come in pairs: members = 2 × surplus (n − distinct).
    """
    rng = np.random.default_rng(SEED)
    bad = int(rows * bad_share)

    def spoilt() -> np.ndarray:
        return rng.choice(rows, size=bad, replace=False)

    ids = rng.permutation(rows).astype(np.int64) + 10_000
    pairs = rng.choice(rows, size=2 * (bad // 2), replace=False)
    ids[pairs[: bad // 2]] = ids[pairs[bad // 2 :]]
    quantity = rng.integers(1, 101, rows, dtype=np.int32)
    quantity[spoilt()] = rng.integers(101, 1_000, bad, dtype=np.int32)
    price = rng.random(rows) * 9_999.0
    price[spoilt()] = -1.0 - rng.random(bad)
    span = int((LAST - FIRST).total_seconds())
    at = (rng.integers(0, span, rows) + int(datetime.timestamp(FIRST.replace(tzinfo=UTC)))) * 1_000_000
    at[spoilt()] += (span + 86_400) * 1_000_000
    customer = pl.Series("customer", rng.integers(1, 5_000_000, rows)).scatter(spoilt(), None) if bad else None
    status = rng.integers(0, len(STATUSES), rows)
    status[spoilt()] = len(STATUSES)
    email = _emails(rng, rows)
    if bad:
        email = email.scatter(spoilt(), pl.Series(BAD_EMAILS).gather(rng.integers(0, len(BAD_EMAILS), bad)))
    frame = pl.DataFrame(
        {
            "id": ids,
            "customer": customer if customer is not None else rng.integers(1, 5_000_000, rows),
            "quantity": quantity,
            "price": price,
            "status": pl.Series([*STATUSES, "lost"]).gather(status),
            "email": email,
            "at": pl.Series(at).cast(pl.Datetime("us")),
        }
    ).rechunk()
    truth = dict.fromkeys(["customer", "quantity", "price", "status", "email", "at"], bad)
    return frame, {"id": bad // 2, **truth}


def _emails(rng: np.random.Generator, rows: int) -> pl.Series:
    parts = pl.DataFrame(
        {
            "name": pl.Series(NAMES).gather(rng.integers(0, len(NAMES), rows)),
            "number": rng.integers(0, 10_000, rows),
            "host": pl.Series(HOSTS).gather(rng.integers(0, len(HOSTS), rows)),
        }
    )
    return parts.select(pl.format("{}{}@{}", "name", "number", "host").alias("email")).to_series().rechunk()


def floats(rows: int, columns: int, bad: int) -> tuple[pl.DataFrame, dict[str, int]]:
    """Columns `c0`… of float64 in (0, 1); in each, `bad` values too low, `bad` too high and `bad` NULL."""
    rng = np.random.default_rng(SEED)
    series, truth = [], {}
    for index in range(columns):
        values = rng.random(rows) * 0.999 + 0.0005
        places = rng.choice(rows, size=3 * bad, replace=False)
        values[places[:bad]] = -1.0
        values[places[bad : 2 * bad]] = 2.0
        column = pl.Series(f"c{index}", values)
        series.append(column.scatter(places[2 * bad :], None) if bad else column)
        counts = {"minimum": bad, "exclusiveMinimum": bad, "maximum": bad, "exclusiveMaximum": bad, "required": bad}
        truth.update({f"c{index}.{check}": count for check, count in counts.items()})
    return pl.DataFrame(series), truth


def tiny(rows: int = 1_000) -> tuple[pl.DataFrame, dict[str, int]]:
    """The orders and three more columns, all good."""
    frame, truth = orders(rows, 0.0)
    rng = np.random.default_rng(SEED + 1)
    frame = frame.with_columns(
        discount=pl.Series(rng.random(rows)),
        parcels=pl.Series(rng.integers(0, 9, rows, dtype=np.int16)),
        country=pl.Series(["DE", "FR", "PL"]).gather(rng.integers(0, 3, rows)),
    )
    return frame, {**truth, "discount": 0, "parcels": 0, "country": 0}


LADDER = ["sorted int64", "dense shuffled int64", "random 64-bit", "strings", "3 columns"]


def keys(kind: str, rows: int, pairs: int = 0) -> tuple[pl.DataFrame, dict[str, int]]:
    """Keys of one rung of the uniqueness ladder: distinct but for `pairs` pairs, and the surplus."""
    rng = np.random.default_rng(SEED)
    numbers = np.arange(rows) if kind == LADDER[0] else rng.permutation(rows)
    if pairs:
        first = rng.choice(rows // 2, size=pairs, replace=False) * 2
        numbers[first + 1] = numbers[first]
    return _key_columns(kind, numbers.astype(np.int64)), {"surplus": pairs}


def _key_columns(kind: str, numbers: np.ndarray) -> pl.DataFrame:
    if kind in LADDER[:2]:
        return pl.DataFrame({"k": numbers})
    # An odd multiplier permutes the 64-bit residues: distinct stays distinct.
    scattered = numbers.astype(np.uint64) * np.uint64(0x9E37_79B9_7F4A_7C15)
    if kind == LADDER[2]:
        return pl.DataFrame({"k": scattered.view(np.int64)})
    if kind == LADDER[3]:
        tails = pl.DataFrame({"tail": scattered % np.uint64(100_000), "number": numbers})
        text = pl.format(
            "k{}-{}", pl.col("number").cast(pl.String).str.zfill(8), pl.col("tail").cast(pl.String).str.zfill(6)
        )
        return tails.select(text.alias("k"))
    country = pl.Series(["DE", "FR", "PL", "ES", "IT", "NL", "AT", "CZ"]).gather(numbers % 8)
    return pl.DataFrame({"a": numbers // 400, "b": (numbers // 8 % 50).astype(np.int32), "c": country})
