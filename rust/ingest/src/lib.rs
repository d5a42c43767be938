//! Files and streams to judged records (S9 and S10 of `docs/spec/ingestion.md`).
//!
//! Rooms: `request` (what is asked), `format` (names and first bytes of formats), `source` (opening files, globs, standard input; decompression;
//! blocks of whole lines), `columnar` (Parquet and Arrow IPC), `layout` (a contract's object as columns to read), `pipeline` (decode, judge, deliver in order),
//! `account` (where every byte went), `quarantine` (records that were not accepted), `aside` (files that appear whole or not at all).

mod error;
mod format;
mod parquet_writer;
mod request;

pub use error::IngestError;
pub use format::{Compression, Format};
pub use parquet_writer::ParquetWriter;
pub use request::{Csv, Input, Request};
