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
    "most of the time is in the decoder, value by value, and in handing text to columns. Tried and merged: names "
    "expected in their order, digits eight at a time, UTF-8 checked by SIMD. Not tried yet: one SIMD pass over the "
    "structure of a block before values are read, and reading and decompression on a thread of their own."
)
_DAMAGED = (
    "most of the cost is writing the lines of the quarantine file, in order, on one thread. Not tried "
    "yet: lines written by the thread that decoded the block, and joined in order."
)
_NOISE = "within the noise: the same case without bad rows, and both of 10 M rows, meet the goal."
_GATE = (
    "of the time in Rust a fifth is the judging; a third is the log's entry, built as JSON values and digested, a "
    "sixth the maps of the ledger in memory. Tried and merged: proposals read without copies, the decision's document "
    "and the permit written without values in between. Not tried yet: the log's entry written the same way, and "
    "numbers in place of texts as keys of the pots."
)
_HISTORY = (
    "rules take a third of the time, node by node, reading JSON a quarter, the schema an eighth. Tried and merged: no "
    "copies of texts, one arena a thread, limits in one pass beside the judging, windows looked up once. Not tried "
    "yet: rules over a column of proposals at once."
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
    ("ingest", "NDJSON, 10 % of lines damaged", ""): _DAMAGED,
}


def note(workload: str, case: str, peer: str) -> str:
    """The note that fits best, or that none was written yet."""
    keys = [(workload, case, peer), (workload, "", peer), (workload, case, ""), (workload, "", "")]
    return next((NOTES[key] for key in keys if key in NOTES), "not looked into yet")
