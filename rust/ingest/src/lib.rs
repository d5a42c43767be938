//! Files and streams to judged records (S9 and S10 of `docs/spec/ingestion.md`).
//!
//! Rooms: `request` (what is asked), `format` (names and first bytes of formats), `source` (opening files, globs, standard input; decompression;
//! blocks of whole lines), `columnar` (Parquet and Arrow IPC), `layout` (a contract's object as columns to read), `pipeline` (decode, judge, deliver in order),
//! `account` (where every byte went), `quarantine` (records that were not accepted), `aside` (files that appear whole or not at all).

#![forbid(unsafe_code)]

mod aside;
pub mod columnar;
mod error;
mod format;
mod parquet_writer;
mod request;
pub mod source;

pub use aside::Aside;
pub use columnar::{Columnar, parquet_statistics};
pub use error::IngestError;
pub use format::{Compression, Detection, Format, detect};
pub use parquet_writer::ParquetWriter;
pub use request::{Csv, Input, Request};
pub use source::{Block, Blocks, Cut, Lines, Progress, Reread, Source, expand};
