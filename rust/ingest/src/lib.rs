//! Files and streams to judged records (S9 and S10 of `docs/spec/ingestion.md`).
//!
//! Rooms: `request` (what is asked), `format` (names and first bytes of formats), `source` (opening files, globs, standard input;
//! decompression; blocks of whole lines), `columnar` (Parquet and Arrow IPC), `layout` (a contract's object as columns to read), `dialect` (CSV),
//! `open` (from a request to a plan and sources), `chunk` and `damage` (one block decoded and judged), `parallel` (blocks on several threads, in order),
//! `frame` (sources that are read and not judged), `handed` (batches for frame libraries), `discover` (drafts of contracts from files), `text` (chunks of one source), `judge` (what became of each record, and why), `kept` (those that were accepted),
//! `tally` (where its bytes go), `quarantine` (records that were not accepted), `replay` (and those again, each read by `alone`,
//! in CSV under a header of its own by `headed`), `ingest` (all of it),
//! `streams` (those of the process, which may be closed), `room` (a temporary file for keys that do not fit into memory), `aside` (files that appear whole or not at all) and `flusher` (their way to the disk).
#![forbid(unsafe_code)]

mod alone;
mod aside;
mod chunk;
pub mod columnar;
mod damage;
mod dialect;
mod discover;
mod error;
mod flusher;
mod format;
mod frame;
mod handed;
mod headed;
mod ingest;
mod judge;
mod kept;
mod layout;
mod open;
mod parallel;
mod parquet_writer;
mod quarantine;
mod replay;
mod request;
mod room;
mod short;
pub mod source;
mod streams;
mod tally;
mod text;

pub use aside::{Aside, apart, remove_incomplete, unwritable};
pub use columnar::{Columnar, Proved, parquet_statistics};
pub use discover::{Drafted, SAMPLE, draft};
pub use error::IngestError;
pub use format::{Compression, Detection, Format, detect};
pub use frame::{Frame, Reading};
pub use handed::for_frames;
pub use ingest::{Ingest, Outcome};
pub use layout::MEMBERS;
pub use parquet_writer::ParquetWriter;
pub use request::{Csv, Input, Request};
pub use source::{Block, Blocks, Cut, Lines, Progress, Reread, Source, expand};
pub use streams::{closed_streams, stdin, stdout};
