"""Orders from a counter: a draw is a splitmix64 output, so that benchmarks/vrl and Rust examples make the same orders.

Draw `field` of order `number` is splitmix64(16 × number + field) modulo a bound; vrl/src/events.rs says the same.
"""

from __future__ import annotations

import numpy as np
import polars as pl

FIELDS = 16
START = 1_704_067_200_000_000
COUNTRIES = ["US", "DE", "FR", "PL", "gb"]
STATUSES = ["open", "paid", "packed", "shipped", "refunded"]
HOUR = 3_600_000_000


def splitmix64(counters: np.ndarray) -> np.ndarray:
    """The generator's outputs number `counters` from seed 0."""
    z = (counters + np.uint64(1)) * np.uint64(0x9E37_79B9_7F4A_7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    return z ^ (z >> np.uint64(31))


def orders(rows: int) -> tuple[pl.DataFrame, dict[str, int]]:
    """Eleven columns of orders, and the records that violate each rule of `benchmarks.rules`."""
    parts = [_part(first, min(first + 1_000_000, rows)) for first in range(0, max(rows, 1), 1_000_000)]
    truth = {rule: sum(part[1][rule] for part in parts) for rule in parts[0][1]}
    return pl.concat([part[0] for part in parts], rechunk=True), truth


def _part(first: int, end: int) -> tuple[pl.DataFrame, dict[str, int]]:
    base = np.arange(first, end, dtype=np.uint64) * np.uint64(FIELDS)

    def draw(field: int, below: int) -> np.ndarray:
        return (splitmix64(base + np.uint64(field)) % np.uint64(below)).astype(np.int64)

    quantity, cents, off = draw(1, 101), draw(2, 100_000) + 1, draw(3, 1_000) == 0
    known, excessive = draw(4, 20) != 0, draw(6, 1_000) == 0
    # A prime denominator: no product of it lies half way between two cents, where libraries round differently.
    share = draw(5, 999_983) / 999_983.0
    discount = np.where(excessive, 1.5 + share, share)
    pickup, fate = START + draw(7, 366 * 86_400_000) * 1_000, draw(9, 1_000)
    ride = np.select([fate == 0, fate == 1], [-60_000_000, 25 * HOUR], (draw(8, 7_200_000) + 60_000) * 1_000)
    country, status, unpaid = draw(0, 5), draw(10, 5), draw(12, 1_000) == 0
    refunded = status == STATUSES.index("refunded")
    refund = np.where(unpaid, 0.0, (draw(11, 10_000) + 1) / 100.0)
    taxed, evaded = draw(13, 312), draw(14, 1_000) == 0
    usual = np.select([country == 0, country == 1], [taxed % 12, 19], taxed % 26)
    wrong = np.select([country == 0, country == 1], [12, 16], -1)
    frame = pl.DataFrame(
        {
            "order_id": np.arange(first, end, dtype=np.int64),
            "country": pl.Series(COUNTRIES).gather(country),
            "qty": quantity.astype(np.int32),
            "amount": cents / 100.0,
            "total": (quantity * cents + 100 * off) / 100.0,
            "discount": _some(discount, known),
            "pickup": pl.Series(pickup).cast(pl.Datetime("us")),
            "dropoff": pl.Series(pickup + ride).cast(pl.Datetime("us")),
            "status": pl.Series(STATUSES).gather(status),
            "refund": _some(refund, refunded),
            "tax": np.where(evaded, wrong, usual) / 100.0,
        }
    )
    bad = {
        "total": off,
        "order": fate == 0,
        "duration": fate == 1,
        "refund": refunded & unpaid,
        "discount": known & excessive,
        "tax": evaded,
    }
    return frame, {rule: int(violated.sum()) for rule, violated in bad.items()}


def _some(values: np.ndarray, known: np.ndarray) -> pl.Series:
    return pl.select(pl.when(pl.lit(pl.Series(known))).then(pl.lit(pl.Series(values)))).to_series()
