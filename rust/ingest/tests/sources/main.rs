//! Opening sources: what is read, what is refused and why.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

mod aside;
mod columnar;
mod compressed;
mod formats;
mod lines;
mod opening;

use guard_ingest::{Block, Blocks, Cut, IngestError, Input, Lines, Source};
use std::sync::Arc;

pub fn bytes(name: &str, bytes: &[u8]) -> Input {
    Input::Bytes(name.to_owned(), Arc::from(bytes))
}

pub fn blocks(chunk_bytes: usize, record_bytes: usize, cut: Cut) -> Blocks {
    Blocks { chunk_bytes, record_bytes, cut }
}

/// All blocks.
pub fn all(lines: &mut Lines) -> Result<Vec<Block>, IngestError> {
    let mut found = Vec::new();
    while let Some(block) = lines.next()? {
        found.push(block);
    }
    Ok(found)
}

/// The text of a source, whole.
pub fn text(source: Source, encoding: Option<&str>) -> Result<Vec<u8>, IngestError> {
    let mut lines = source.lines(blocks(1 << 16, 1 << 20, Cut::Lf), encoding)?;
    Ok(all(&mut lines)?.into_iter().flat_map(|block| block.bytes).collect())
}

/// An error has its code, words and a next step.
pub fn assert_error(error: &IngestError, code: &str, words: &str) {
    assert_eq!(error.code, code, "{error}");
    assert!(error.message.contains(words), "`{words}` is not in: {error}");
    assert!(error.help.as_ref().is_some_and(|help| !help.is_empty()), "no help: {error}");
    assert!(error.message.starts_with(|first: char| !first.is_uppercase()), "{error}");
}
