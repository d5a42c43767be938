//! Partial verdicts: merged in any order, carried as bytes (S1.12, S1.13).
//!
//! Layout of the bytes: magic, digest of what follows, length and JSON of the index, then for each part the words of its two masks and
//! its key columns as Arrow IPC streams.

use super::keystore::{Values, read, write};
use super::part::Part;
use super::tally::Tally;
use super::{RunError, finish};
use crate::plan::Header;
use guard_kernels::mask::Mask;
use guard_verdict::{Verdict, digest};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const MAGIC: &[u8] = b"guard-nb/partial/v1\n";
/// `sha256:` and 64 digits.
const DIGEST_LEN: usize = 71;

/// Ranges of records of the same frame, each judged; a commutative monoid under [`Partial::merge`].
#[derive(Debug, Clone)]
pub struct Partial {
    /// Sorted by source and start; they do not overlap.
    parts: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
struct Index {
    header: Header,
    parts: Vec<PartIndex>,
}

#[derive(Serialize, Deserialize)]
struct PartIndex {
    source: String,
    start: u64,
    records: u64,
    clauses: Vec<Tally>,
    /// Bytes of each key column's stream.
    keys: Vec<Vec<usize>>,
}

impl Partial {
    /// One part.
    pub fn new(mut part: Part) -> Self {
        part.masks = vec![None; part.clauses.len()];
        part.undecided_masks = vec![None; part.clauses.len()];
        Self { parts: vec![part] }
    }

    /// What both saw. Cost: the number of parts; keys are compared when a verdict is asked for.
    pub fn merge(mut self, other: Self) -> Result<Self, RunError> {
        if let (Some(mine), Some(theirs)) = (self.parts.first(), other.parts.first()) {
            agree(&mine.header, &theirs.header)?;
        }
        self.parts.extend(other.parts);
        self.parts.sort_by(|a, b| (&a.source, a.start, a.records).cmp(&(&b.source, b.start, b.records)));
        self.drop_empty();
        for pair in self.parts.windows(2) {
            if let [a, b] = pair
                && a.source == b.source
                && a.end() > b.start
            {
                let source = if a.source.is_empty() { "the frame" } else { &a.source };
                let (start, end) = (b.start, a.end().min(b.end()));
                return Err(RunError::PartsOverlap(format!("two parts saw records {start} to {end} of `{source}`")));
            }
        }
        Ok(self)
    }

    /// An empty part says nothing beside another of its source.
    fn drop_empty(&mut self) {
        let full: Vec<String> =
            self.parts.iter().filter(|part| part.records > 0).map(|part| part.source.clone()).collect();
        let mut seen: Vec<String> = Vec::new();
        self.parts.retain(|part| {
            let keep = part.records > 0 || !full.contains(&part.source) && !seen.contains(&part.source);
            if part.records == 0 && keep {
                seen.push(part.source.clone());
            }
            keep
        });
    }

    /// The verdict on all records seen.
    pub fn verdict(&self) -> Result<Verdict, RunError> {
        finish::verdict(&self.parts)
    }

    /// Records seen.
    pub fn records(&self) -> u64 {
        self.parts.iter().map(|part| part.records).sum()
    }

    /// Bytes that another process reads with [`Partial::from_bytes`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, RunError> {
        let internal = |why: String| RunError::Internal(format!("no bytes for a partial verdict: {why}"));
        let header = self.parts.first().map(|part| (*part.header).clone()).ok_or_else(|| internal("no part".into()))?;
        let mut body = Vec::new();
        let mut parts = Vec::new();
        for part in &self.parts {
            body.extend(part.rejected.words().iter().flat_map(|word| word.to_le_bytes()));
            body.extend(part.undecided.words().iter().flat_map(|word| word.to_le_bytes()));
            let mut keys = Vec::new();
            for key in &part.keys {
                let streams = key.iter().map(|chunks| write(chunks.iter().map(Values::load), &mut body));
                keys.push(streams.collect::<Result<_, _>>()?);
            }
            parts.push(PartIndex {
                source: part.source.clone(),
                start: part.start,
                records: part.records,
                clauses: part.clauses.clone(),
                keys,
            });
        }
        let index = serde_json::to_vec(&Index { header, parts }).map_err(|why| internal(why.to_string()))?;
        let mut rest = (index.len() as u64).to_le_bytes().to_vec();
        rest.extend(index);
        rest.extend(body);
        Ok([MAGIC, digest(&rest).as_bytes(), &rest].concat())
    }

    /// Reads bytes of [`Partial::to_bytes`]; anything else is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RunError> {
        let unreadable = |why: &str| RunError::Unreadable(format!("these bytes are no partial verdict: {why}"));
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| unreadable("they do not start like one"))?;
        let (sum, rest) = rest.split_at_checked(DIGEST_LEN).ok_or_else(|| unreadable("they are cut off"))?;
        if sum != digest(rest).as_bytes() {
            return Err(unreadable("they were changed or cut off"));
        }
        let mut reader = Reader { rest };
        let index =
            reader.take(8).and_then(|len| reader.take(u64::from_le_bytes(len.try_into().ok()?).try_into().ok()?));
        let index = index.ok_or_else(|| unreadable("they are cut off"))?;
        let index: Index = serde_json::from_slice(index).map_err(|why| unreadable(&why.to_string()))?;
        if index.header.semantics != guard_verdict::SEMANTICS {
            return Err(unreadable("they are of other semantics"));
        }
        let header = Arc::new(index.header);
        let parts: Option<Vec<Part>> = index.parts.into_iter().map(|part| reader.part(&header, part)).collect();
        let parts = parts.filter(|parts| !parts.is_empty() && reader.rest.is_empty());
        Ok(Self { parts: parts.ok_or_else(|| unreadable("their index does not fit them"))? })
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn part(&mut self, header: &Arc<Header>, index: PartIndex) -> Option<Part> {
        let records = usize::try_from(index.records).ok()?;
        let (rejected, undecided) = (self.mask(records)?, self.mask(records)?);
        let mut keys = Vec::new();
        for key in index.keys {
            let column = |chunks: Vec<_>| chunks.into_iter().map(Values::Held).collect();
            let columns: Option<Vec<_>> = key.into_iter().map(|len| read(self.take(len)?).ok().map(column)).collect();
            keys.push(columns?);
        }
        index.start.checked_add(index.records)?;
        (index.clauses.len() == header.clauses.len()).then_some(())?;
        let masks = vec![None; index.clauses.len()];
        let (source, start, clauses) = (index.source, index.start, index.clauses);
        let undecided_masks = masks.clone();
        let (header, records) = (Arc::clone(header), index.records);
        // Frames are merged as bytes, not files: their keys were read.
        let unreadable_keys = vec![None; keys.len()];
        Some(Part {
            header,
            source,
            start,
            records,
            clauses,
            rejected,
            masks,
            undecided,
            undecided_masks,
            keys,
            unreadable_keys,
        })
    }

    fn mask(&mut self, records: usize) -> Option<Mask> {
        let words = self.take(records.div_ceil(64).checked_mul(8)?)?;
        let words = words.chunks_exact(8).map(|word| word.try_into().map(u64::from_le_bytes));
        Some(Mask::from_words(words.collect::<Result<_, _>>().ok()?, records))
    }
}

fn agree(mine: &Header, theirs: &Header) -> Result<(), RunError> {
    if mine == theirs {
        return Ok(());
    }
    let what = if mine.semantics != theirs.semantics {
        "semantics"
    } else if mine.contract != theirs.contract {
        "contracts or objects"
    } else if mine.as_of != theirs.as_of {
        "`as_of`"
    } else if mine.references != theirs.references {
        "referenced frames"
    } else if mine.params != theirs.params {
        "`params`"
    } else if mine.undeclared != theirs.undeclared {
        "undeclared columns"
    } else {
        "column types"
    };
    Err(RunError::PartsDiffer(format!("the parts have different {what}")))
}
