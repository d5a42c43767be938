//! NDJSON records and elements of JSON arrays.
