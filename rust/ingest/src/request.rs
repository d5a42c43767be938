//! What is asked of an ingestion.

use crate::aside::apart;
use crate::error::IngestError;
use crate::format::{Compression, Format};
use guard_engine::contract::Contract;
use guard_engine::plan::Options;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file; the text is the path as given, and names it in verdicts of several sources.
    File(PathBuf),
    /// Standard input, named `-`.
    Stdin,
    /// Bytes in memory, with their name.
    Bytes(String, Arc<[u8]>),
    /// A file that is a copy of what has this name.
    Copy(String, PathBuf),
}

impl Input {
    /// The path as given, with `\xff` for a byte that is no UTF-8, and on Unix `\x5c` for a backslash before an `x`; `-`; or the name of the bytes.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => shown(path),
            Self::Stdin => "-".to_owned(),
            Self::Bytes(name, _) | Self::Copy(name, _) => name.clone(),
        }
    }
}

/// Two paths have two names, from which they can be told again. Elsewhere than on Unix a backslash parts folders.
fn shown(path: &Path) -> String {
    let mut out = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        match cfg!(unix) {
            true => out.push_str(&chunk.valid().replace("\\x", "\\x5cx")),
            false => out.push_str(chunk.valid()),
        }
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out
}

/// A CSV dialect (S9.11); what is None comes from the contract, else from the format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Csv {
    /// One ASCII byte.
    pub delimiter: Option<u8>,
    /// One ASCII byte.
    pub quote: Option<u8>,
    /// Whether the first record names the columns.
    pub header: Option<bool>,
    /// Texts that are NULL when unquoted, besides the empty one.
    pub nulls: Option<Vec<String>>,
    /// WHATWG label of the encoding; UTF-8 unless given.
    pub encoding: Option<String>,
    /// Guess what is not said, and say what was guessed and why.
    pub sniff: bool,
}

/// All that an ingestion is given.
#[derive(Debug, Clone)]
pub struct Request {
    /// The contract.
    pub contract: Arc<Contract>,
    /// Its schema object; may be left out when it has one only.
    pub object: Option<String>,
    /// `as_of`, referenced frames, parameters.
    pub options: Options,
    /// What to read, in order. Globs are already expanded.
    pub inputs: Vec<Input>,
    /// The format of all inputs; by name and first bytes unless given.
    pub format: Option<Format>,
    /// The compression of all inputs; by first bytes unless given.
    pub compression: Option<Compression>,
    /// The dialect.
    pub csv: Csv,
    /// Where records that are not accepted go; written aside and renamed when complete.
    pub quarantine: Option<PathBuf>,
    /// Threads; all cores unless given. Results do not depend on it.
    pub threads: Option<usize>,
    /// Bytes of a chunk; results do not depend on it.
    pub chunk_bytes: usize,
    /// Bytes that keys may take in memory before they spill to a temporary directory.
    pub memory_bytes: u64,
    /// Greatest length of a record.
    pub record_bytes: usize,
    /// Whether a check alone, which hands out no record, takes the word of a Parquet file's statistics for clauses that they prove. The verdict is the same
    /// unless they lie; [`crate::Outcome::proved`] says what was not looked at.
    pub statistics: bool,
}

/// What a block, a record and their escaped form in a quarantine file may have, so that places in a block fit into 32 bits.
const CHUNK_BYTES: usize = 1 << 30;
const RECORD_BYTES: usize = 256 << 20;
const THREADS: usize = 256;

impl Request {
    /// Refuses limits that cannot be kept, and a quarantine file that is read.
    ///
    /// # Errors
    /// `limit-out-of-range`, `file-unwritable`.
    pub(crate) fn check(&self) -> Result<(), IngestError> {
        within("threads", self.threads.unwrap_or(1), THREADS)?;
        within("chunk_bytes", self.chunk_bytes, CHUNK_BYTES)?;
        within("record_bytes", self.record_bytes, RECORD_BYTES)?;
        let files = self.inputs.iter().filter_map(|input| match input {
            Input::File(path) => Some(path.clone()),
            Input::Stdin | Input::Bytes(..) | Input::Copy(..) => None,
        });
        let written: Vec<_> = self.quarantine.iter().map(PathBuf::as_path).collect();
        apart(&files.collect::<Vec<_>>(), &written)
    }

    /// A request with the defaults.
    pub fn new(contract: Arc<Contract>, inputs: Vec<Input>) -> Self {
        Self {
            contract,
            object: None,
            options: Options::default(),
            inputs,
            format: None,
            compression: None,
            csv: Csv::default(),
            quarantine: None,
            threads: None,
            chunk_bytes: 1 << 20,
            memory_bytes: 128 << 20,
            record_bytes: 16 << 20,
            statistics: true,
        }
    }
}

fn within(name: &str, given: usize, most: usize) -> Result<(), IngestError> {
    if (1..=most).contains(&given) {
        return Ok(());
    }
    let message = format!("`{name}` must be from 1 to {most}, not {given}");
    Err(IngestError::new("limit-out-of-range", message).help("leave it out for the usual one"))
}
