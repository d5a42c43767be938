"""The workloads of ingestion: clean NDJSON, NDJSON with every tenth line damaged, CSV of numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import ingest, ingest_files
from benchmarks.ingest_files import File
from benchmarks.timing import GUARD, AnswersDiffer, Case, Times, measure


def files(quick: bool, megabytes: float | None = None) -> Iterator[Case]:
    """Files of about 300 MB (30 when quick), warm in the system's cache."""
    size = megabytes or (30.0 if quick else 300.0)
    rounds = 3 if quick else 5
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        clean = ingest_files.events(folder, size)
        yield _case(clean, "events", "NDJSON", rounds, {"polars": 3.0, "duckdb": 3.0})
        yield _damaged(clean, folder, rounds)
        clean.path.unlink()
        yield _case(
            ingest_files.measurements(folder, size), "measurements", "CSV", rounds, {"polars": 1.0, "duckdb": 1.5}
        )


def _case(file: File, kind: str, name: str, rounds: int, goals: dict[str, float]) -> Case:
    times = measure(ingest.contenders(file, kind), ingest.EXACT, rounds, 30.0)
    return Case("ingest", name, f"{_records(file)}; {_speeds(file, times)}", times, goals)


def _damaged(clean: File, folder: Path, rounds: int) -> Case:
    """The damaged file, its quarantine written, beside the clean one."""
    harmed, quarantine = ingest_files.damaged(clean), folder / "quarantine.ndjson"
    mine = ingest.counted(GUARD, ingest.guard(harmed, "events", quarantine), harmed, "events")
    lines = quarantine.read_bytes().count(b"\n") - 1
    if lines != harmed.rejected:
        raise AnswersDiffer(f"{lines} records in quarantine, not {harmed.rejected}")
    whole = ingest.counted(ingest.CLEAN, ingest.guard(clean, "events"), clean, "events")
    times = measure([mine, whole], ingest.EXACT, rounds, 30.0)
    about = f"{_records(harmed)}, {harmed.rejected:,} of them to quarantine; {_speeds(harmed, times)}"
    # A cost of less than a fifth.
    return Case("ingest", "NDJSON, 10 % of lines damaged", about, times, {ingest.CLEAN: 0.83})


def _records(file: File) -> str:
    return f"{file.megabytes:,.0f} MB, {file.truth['records'] + file.rejected:,} records"


def _speeds(file: File, times: list[Times]) -> str:
    return ", ".join(f"{mine.name} {file.megabytes / mine.least:,.0f} MB/s" for mine in times)


ALL = {"ingest": files}
