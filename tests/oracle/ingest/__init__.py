"""Bytes of text sources to records and values, as S9 of docs/spec/ingestion.md says; slow and plain."""

from oracle.ingest.csv_text import Dialect, read_csv
from oracle.ingest.json_lines import read_json, read_ndjson
from oracle.ingest.records import UNDECLARED, Column, Reading, Record, columns_of, decide

__all__ = [
    "UNDECLARED",
    "Column",
    "Dialect",
    "Reading",
    "Record",
    "columns_of",
    "decide",
    "read_csv",
    "read_json",
    "read_ndjson",
]
