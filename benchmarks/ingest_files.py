"""Files to read: events as NDJSON, clean and damaged, and measurements as CSV. The same bytes from the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.timing import Answer

SEED = 20_261_123
PART = 200_000
EVENT_BYTES, MEASUREMENT_BYTES = 124, 121
"""About the length of a record, to make files of a wanted size."""
CURRENCIES = ["EUR", "USD", "GBP", "CHF", "JPY"]
TAGS = ["new", "gift", "b2b", "retry", "mobile", "café"]
START = np.datetime64("2026-01-01T00:00:00")
READINGS = [f"r{index}" for index in range(10)]


@dataclass
class File:
    """A file and what is in it: `truth` counts records and adds up columns of those that are sound."""

    path: Path
    truth: Answer
    rejected: int = 0

    @property
    def megabytes(self) -> float:
        """Its length in 10⁶ bytes."""
        return self.path.stat().st_size / 1e6


def sums(frame: pl.DataFrame, kind: str) -> Answer:
    """Records, and exact sums that differ as soon as a value does: doubles in their last written digit."""
    column = pl.col
    if kind == "events":
        added = {
            "ids": column("id").sum(),
            "cents": (column("amount") * 100).round().cast(pl.Int64).sum(),
            "minutes": (column("ts").dt.epoch("s") // 60 % 1_000_000).sum(),
            "texts": column("user").str.len_bytes().sum() + column("currency").str.len_bytes().sum(),
            "true": column("ok").sum(),
            "tags": column("tags").list.len().sum(),
        }
    else:
        added = {name: (column(name) * 10_000).round().cast(pl.Int64).sum() for name in READINGS}
        added |= {
            "ids": column("id").sum(),
            "counts": column("count").sum(),
            "days": column("day").to_physical().cast(pl.Int64).sum(),
        }
        added |= {"texts": column("station").str.len_bytes().sum()}
    row = frame.select(**added).row(0, named=True)
    return {"records": frame.height, **{name: int(value) for name, value in row.items()}}


def events(folder: Path, megabytes: float) -> File:
    """NDJSON: an integer, a pattern, a price, one of five, an instant, a boolean, up to three texts."""
    path = folder / "events.ndjson"
    return _written(path, "events", round(megabytes * 1e6 / EVENT_BYTES))


def measurements(folder: Path, megabytes: float) -> File:
    """CSV: two integers, a date, a text and ten doubles."""
    return _written(folder / "measurements.csv", "measurements", round(megabytes * 1e6 / MEASUREMENT_BYTES))


def damaged(clean: File) -> File:
    """Every tenth line of NDJSON harmed, in one of eight ways; lines stay lines."""
    rng = random.Random(SEED)
    path = clean.path.with_name("damaged.ndjson")
    kept: list[bytes] = []
    left, answer = 0, dict.fromkeys(clean.truth, 0)
    with clean.path.open("rb") as source, path.open("wb") as target:
        for line in source:
            if rng.random() < 0.1:
                target.write(rng.choice(HARMS)(line[:-1]) + b"\n")
                left += 1
            else:
                target.write(line)
                kept.append(line)
            if len(kept) == PART:
                answer = _added(answer, kept)
        answer = _added(answer, kept)
    return File(path, answer, left)


HARMS = [
    lambda line: line[:-1],
    lambda line: line[: len(line) // 2],
    lambda line: line + b"}",
    lambda line: line.replace(b'"user"', b'user"', 1),
    lambda line: line.replace(b'"id":', b'"id":0,"id":', 1),
    lambda line: line.replace(b'"u_', b'"\xff_', 1),
    lambda line: line.replace(b'"amount":', b'"amount":"x",":":', 1),
    lambda line: line.replace(b'"currency":"', b'"currency":"x', 1),
]


def _added(answer: Answer, kept: list[bytes]) -> Answer:
    """The sums with those of the lines, which polars reads: they are clean. Takes the lines."""
    if not kept:
        return answer
    frame = pl.read_ndjson(b"".join(kept), schema=EVENT_TEXTS).with_columns(pl.col("ts").str.to_datetime("%+"))
    kept.clear()
    more = sums(frame, "events")
    return {name: answer[name] + more[name] for name in answer}


EVENT_TEXTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "id": pl.Int64,
    "user": pl.String,
    "amount": pl.Float64,
    "currency": pl.String,
    "ts": pl.String,
    "ok": pl.Boolean,
    "tags": pl.List(pl.String),
}


def _written(path: Path, kind: str, records: int) -> File:
    answer: Answer = {}
    with path.open("wb") as target:
        for first in range(0, records, PART):
            part = _part(kind, first, min(first + PART, records))
            more = sums(part, kind)
            answer = {name: answer.get(name, 0) + more[name] for name in more}
            if kind == "events":
                part.with_columns(pl.col("ts").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_ndjson(target)
            else:
                part.write_csv(target, include_header=first == 0)
    return File(path, answer)


def _part(kind: str, first: int, end: int) -> pl.DataFrame:
    rng = np.random.default_rng([SEED, first])
    count, number = end - first, np.arange(first + 1, end + 1)
    if kind == "events":
        tags = pl.Series(TAGS).gather(rng.integers(0, len(TAGS), 3 * count)).reshape((count, 3)).arr.to_list()
        return pl.DataFrame(
            {
                "id": number,
                "user": [f"u_{user:06}" for user in rng.integers(0, 1_000_000, count)],
                "amount": rng.integers(1, 1_000_000, count) / 100,
                "currency": pl.Series(CURRENCIES).gather(rng.integers(0, len(CURRENCIES), count)),
                "ts": (START + rng.integers(0, 300 * 86_400, count)).astype("datetime64[us]"),
                "ok": rng.random(count) < 0.9,
                "tags": pl.select(pl.lit(tags).list.head(pl.lit(pl.Series(rng.integers(0, 4, count))))).to_series(),
            }
        )
    days = (np.datetime64("2020-01-01") + rng.integers(0, 2_000, count)).astype("datetime64[D]")
    readings = {name: rng.integers(-9_999_999, 9_999_999, count) / 10_000 for name in READINGS}
    stations = [f"ST{station:04}" for station in rng.integers(0, 5_000, count)]
    counts = rng.integers(0, 1_000, count)
    return pl.DataFrame({"id": number, "station": stations, "day": days, "count": counts, **readings})
