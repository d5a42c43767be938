//! Row rules that hold on every record of a frame, proposed for people to keep or discard.
//!
//! A rule is proposed only if it is TRUE or NULL, by the semantics of docs/spec/expressions.md, on every record that was
//! seen: candidates are followed through all batches and dropped on the first record that is FALSE or a fault. What looks
//! like chance is not proposed either (`propose`, `relate`).
//!
//! Rooms: `column` (reading Arrow), `number` (arithmetic), `order` (pairs of columns), `formula` (equations) and `sample`
//! (where they are looked for), `codes` (columns of few values), `presence` (NULLs), `propose` and `relate` (from what holds
//! to what is said), `document` (YAML), `write` (names and literals).
//!
//! Limits, each of which sets [`Suggestions::truncated`] when it is met: the first 64 columns that are ordered, 32 of texts
//! and truth values for equality, 64 for presence, 40 of few (at most 50) values; equations among the first 64 numbers,
//! sums of three among the first 24 of these. Equations are looked for in the first 4,096 records; a column that is constant
//! there takes part in none. Memory is bounded by the schema and these records.

mod codes;
mod column;
mod document;
mod formula;
mod number;
mod order;
mod presence;
mod propose;
mod relate;
mod sample;
mod write;

use crate::run::RunError;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use codes::Codes;
use column::{Column, Run, columns};
use formula::Formula;
use order::Pairs;
use presence::Presence;
use propose::Ranges;
use sample::Sample;

pub use document::to_yaml;

/// Records that are read at once.
const RUN: usize = 4096;
/// Most suggestions that are given.
const MOST: usize = 50;

/// A rule that holds, and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// `ordering`, `equality`, `sum`, `product`, `multiple`, `difference`, `presence`, `mapping` (a value of one column
    /// gives that of another) or `dependency` (the same, with too many values for a rule).
    pub kind: &'static str,
    /// The expression (S6), BOOLEAN and TRUE or NULL on every record seen. Empty for a `dependency`: no rule of one record.
    pub rule: String,
    /// The columns that it reads, in order of appearance.
    pub columns: Vec<String>,
    /// Records on which the rule was tested and is TRUE: those where no column is NULL; for `presence` those that its
    /// premise is about.
    pub support: u64,
    /// Records seen.
    pub records: u64,
    /// Records on which the rule is NULL, or for a `dependency` untested.
    pub nulls: u64,
    /// The evidence in one sentence.
    pub note: String,
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestions {
    /// By support, the greatest first; then by kind and column. At most 50.
    pub suggestions: Vec<Suggestion>,
    /// Records seen.
    pub records: u64,
    /// More was found than is given, or the frame is wider than what is looked at.
    pub truncated: bool,
}

/// Looks for rules in batch after batch. The result does not depend on how records are parted into batches.
#[derive(Debug)]
pub struct Suggester {
    schema: SchemaRef,
    columns: Vec<Column>,
    pairs: Pairs,
    codes: Codes,
    presence: Presence,
    ranges: Ranges,
    /// Until it is full; then the equations found in it.
    sample: Option<Sample>,
    formulas: Vec<Formula>,
    truncated: bool,
}

impl Suggester {
    /// Nothing seen yet. Columns that expressions cannot read, or cannot name because two bear one name, are passed over.
    pub fn new(schema: &SchemaRef) -> Self {
        let columns = columns(schema);
        let (pairs, codes) = (Pairs::new(&columns), Codes::new(&columns));
        let (presence, ranges) = (Presence::new(&columns, &codes), Ranges::new(columns.len()));
        let truncated = pairs.truncated || codes.truncated || presence.truncated;
        let (sample, formulas) = (Some(Sample::default()), Vec::new());
        Self { schema: schema.clone(), columns, pairs, codes, presence, ranges, sample, formulas, truncated }
    }

    /// Looks at the next records. Cost: proportional to the records times what still holds.
    ///
    /// # Errors
    /// [`RunError::SchemaChanged`] for a batch of other columns or types; nothing of it is looked at.
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), RunError> {
        let (mine, others) = (self.schema.fields(), batch.schema_ref().fields());
        let same = mine.iter().zip(others).all(|(a, b)| (a.name(), a.data_type()) == (b.name(), b.data_type()));
        if mine.len() != others.len() || !same {
            return Err(RunError::SchemaChanged("a frame has other columns or types than the first".to_owned()));
        }
        let mut start = 0;
        while start < batch.num_rows() {
            let room = self.sample.as_ref().map_or(RUN, Sample::room).max(1);
            let rows = room.min(RUN).min(batch.num_rows() - start);
            self.feed(&batch.slice(start, rows));
            start += rows;
        }
        Ok(())
    }

    fn feed(&mut self, batch: &RecordBatch) {
        let run = Run::new(&self.columns, batch);
        self.pairs.feed(&run);
        self.ranges.feed(&self.pairs.pairs, &run);
        let values = self.codes.feed(&run);
        self.presence.feed(&run, &self.codes, &values);
        match &mut self.sample {
            Some(sample) => sample.append(&self.columns, &run),
            None => {
                self.formulas.iter_mut().for_each(|formula| formula.feed(&run));
                self.formulas.retain(|formula| formula.alive);
            }
        }
        if self.sample.as_ref().is_some_and(|sample| sample.room() == 0) {
            self.search();
        }
    }

    /// Equations have been tested on the sample when they are found.
    fn search(&mut self) {
        let Some(sample) = self.sample.take() else { return };
        let found = sample.search(&self.columns);
        self.truncated |= found.truncated;
        self.formulas = found.formulas;
    }

    /// What held on every record.
    pub fn finish(mut self) -> Suggestions {
        self.search();
        let mut suggestions = propose::propose(&self);
        suggestions.extend(relate::presence(&self));
        suggestions.extend(relate::dependencies(&self));
        let place = |suggestion: &Suggestion| {
            let at = |name: &String| self.columns.iter().position(|column| &column.name == name);
            suggestion.columns.iter().map(at).collect::<Vec<_>>()
        };
        suggestions.sort_by_cached_key(|suggestion| {
            (std::cmp::Reverse(suggestion.support), rank(suggestion.kind), place(suggestion), suggestion.rule.clone())
        });
        let truncated = self.truncated || suggestions.len() > MOST;
        suggestions.truncate(MOST);
        Suggestions { suggestions, records: self.presence.records, truncated }
    }
}

/// Equations say more than orders, orders more than what is there.
fn rank(kind: &str) -> usize {
    const KINDS: [&str; 9] =
        ["equality", "sum", "product", "multiple", "difference", "ordering", "presence", "mapping", "dependency"];
    KINDS.iter().position(|other| *other == kind).unwrap_or(KINDS.len())
}
