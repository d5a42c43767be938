"""Why a goal is missed, and what was tried.

By workload, case ("" = every case of it) and peer ("" = the limit)."""

from __future__ import annotations

_CLAUSES = (
    "the counts are read from the verdict's document: with 500 clauses that writes and parses 150 kB of JSON, with "
    "evidence for each of them 638 kB, which costs as much as the checks or more. Tried and merged: one pass proves "
    "all bounds of a column, and each bound then looks at that pass's outliers only; JSON only when asked for. "
    "Not tried yet: counts handed over without JSON, and a writer of canonical JSON that does not box every property."
)
_TINY = (
    "most of the time goes into canonical JSON and parsing it again; without the document the goal is met. Tried and "
    "merged: asking for the cores once, JSON only when asked for."
)
_MEMORY = (
    "the six rules read 92 bytes a row, 920 MB in all: both engines are at what the memory of the machine gives. "
    "The goal is met against polars expressions as they run by default."
)
_SMALL = "the goal is stated for 10 M rows; 1 M rows fit the caches better, for polars' intermediates too."
_NDJSON = (
    "three quarters of the instructions are the decoder's, a fifth is judging; turning batches into a polars frame is "
    "a quarter of the time on top. Tried and merged: records written like the one before are read in one go; digits, "
    "instants and strings in blocks; blocks that are not cleared first; NULLs as runs; texts handed over as views. "
    "Not tried yet: views built by the decoder."
)
_DAMAGED = (
    "a damaged line costs what three things cost: the slow reader, its line of the quarantine file, and that file's "
    "bytes (79 MB for 302 MB). Of processors a file of 302 MB takes 368 ms clean, 462 ms damaged without a quarantine "
    "file and 560 ms with it. A fifth would leave 74 ms, of which the system's own copy of the 79 MB takes about 50. "
    "Tried and merged: lines are rendered by the threads that judge, the file goes to the disk while reading goes on, "
    "bytes that are no UTF-8 slow down their own line only, texts are quoted in blocks."
)
_NOISE = "within the noise: the same case without bad rows, and both of 10 M rows, meet the goal."
_GATE = (
    "half of the time is Python's call and the answer's object; of the rest half is the judging, a sixth the permit. "
    "Tried and merged: documents and entries of the log are written when somebody asks, sums of pots are kept."
)
_HISTORY = (
    "rules take a third of the time, node by node, reading JSON a quarter, the schema an eighth. Tried and merged: no "
    "copies of texts, one arena a thread, limits in one pass beside the judging, windows looked up once, conditions "
    "that end where they are decided, members read once. The goal is met on a machine that nobody else uses."
)
_DURABLE = (
    "a decision is a commit of rows in five tables (record, reservation, part of the budget, leaf of the log, head), "
    "not of one row; beside the same rows it is compared above."
)

NOTES: dict[tuple[str, str, str], str] = {
    ("frame", "1 M rows, 0.1 % bad in each column", "pandera"): _NOISE,
    ("clauses", "", ""): _CLAUSES,
    ("tiny", "", ""): _TINY,
    ("rules", "1 M rows", ""): _SMALL,
    ("rules", "", "polars, streaming"): _MEMORY,
    ("ingest", "NDJSON", ""): _NDJSON,
    ("gate", "one at a time, from Python", ""): _GATE,
    ("gate", "back-test", ""): _HISTORY,
    ("rust", "a durable decision on SQLite", "SQLite, a row of 2 kB"): _DURABLE,
    ("ingest", "NDJSON, 10 % of lines damaged", ""): _DAMAGED,
}


def note(workload: str, case: str, peer: str) -> str:
    """The note that fits best, or that none was written yet."""
    keys = [(workload, case, peer), (workload, "", peer), (workload, case, ""), (workload, "", "")]
    return next((NOTES[key] for key in keys if key in NOTES), "not looked into yet")
