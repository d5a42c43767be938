//! Columns in, columns out.

use super::pass::{self, Passed};
use super::{History, Outcome, Past};
use crate::file::Gate;
use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, LargeStringArray, PrimitiveArray, RecordBatch,
    StringArray, StringViewArray, builder::StringViewBuilder,
};
use std::collections::HashMap;
use std::sync::Arc;

/// A column of texts, however they lie in memory.
enum Texts<'b> {
    Small(&'b StringArray),
    Large(&'b LargeStringArray),
    View(&'b StringViewArray),
}

impl<'b> Texts<'b> {
    fn of(batch: &'b RecordBatch, name: &str) -> Result<Option<Texts<'b>>, String> {
        let Some(column) = batch.column_by_name(name) else { return Ok(None) };
        let any = column.as_any();
        let found = None
            .or_else(|| any.downcast_ref().map(Texts::View))
            .or_else(|| any.downcast_ref().map(Texts::Small))
            .or_else(|| any.downcast_ref().map(Texts::Large));
        found.map(Some).ok_or_else(|| format!("the column `{name}` holds no texts"))
    }

    fn get(&self, row: usize) -> Option<&'b str> {
        match self {
            Texts::Small(array) => array.is_valid(row).then(|| array.value(row)),
            Texts::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Texts::View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}

/// A batch, and the number of its first row.
struct Part<'b> {
    start: usize,
    proposals: Texts<'b>,
    at: &'b PrimitiveArray<TimestampMicrosecondType>,
    actual: Option<Texts<'b>>,
}

impl<'b> Part<'b> {
    fn of(batch: &'b RecordBatch, start: usize) -> Result<Part<'b>, String> {
        let at = batch.column_by_name("at").ok_or("the column `at` is missing")?;
        Ok(Part {
            start,
            proposals: Texts::of(batch, "proposal")?.ok_or("the column `proposal` is missing")?,
            at: at.as_any().downcast_ref().ok_or("the column `at` holds no timestamps in microseconds")?,
            actual: Texts::of(batch, "actual")?,
        })
    }
}

/// Batches as one history, up to a row.
struct Rows<'b> {
    parts: Vec<Part<'b>>,
    len: usize,
}

impl<'b> History<'b> for Rows<'b> {
    fn len(&self) -> usize {
        self.len
    }

    fn row(&self, number: usize) -> Option<Past<'b>> {
        let part = self.parts.partition_point(|part| part.start <= number).checked_sub(1)?;
        let part = self.parts.get(part)?;
        let row = number.checked_sub(part.start).filter(|row| *row < part.at.len())?;
        let at = part.at.is_valid(row).then(|| part.at.value(row));
        Some(Past {
            text: part.proposals.get(row),
            at,
            actual: part.actual.as_ref().and_then(|actual| actual.get(row)),
        })
    }
}

/// Decides the past again (G12). Each batch has the columns `proposal` (text), `at` (timestamp in microseconds) and, if wanted, `actual`
/// (text). The answer has a row for each proposal: `id`, `verdict`, `code`, `limit`, `replayed`, `late` (judged at a later time than its
/// own), and `message` for the rows `explain`; with such rows it ends at the last of them. Cost: linear; the stateless part on every core.
///
/// # Errors
/// The column that is missing or of another type.
pub fn backtest(gate: &Gate, batches: &[RecordBatch], explain: &[usize]) -> Result<RecordBatch, String> {
    let mut rows = Rows { parts: Vec::with_capacity(batches.len()), len: 0 };
    for batch in batches {
        rows.parts.push(Part::of(batch, rows.len)?);
        rows.len = rows.len.saturating_add(batch.num_rows());
    }
    let mut explain = explain.to_vec();
    explain.sort_unstable();
    explain.dedup();
    if let Some(last) = explain.last() {
        rows.len = rows.len.min(last.saturating_add(1));
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let passed = pass::run(gate, &rows, threads, &explain).ok_or("a thread of the back-test failed")?;
    written(gate, passed).map_err(|error| error.to_string())
}

fn written(gate: &Gate, passed: Passed) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let Passed { ids, outcomes, messages } = passed;
    let verdict = words(&outcomes, |one| Some(one.verdict), |verdict| Some(verdict.name()))?;
    let code = words(&outcomes, |one| one.code, |code| Some(code.name()))?;
    let limit = |limit: u32| gate.limits.get(limit as usize).map(|limit| limit.name.as_str());
    let limit = words(&outcomes, |one| one.limit, limit)?;
    let truth = |of: fn(&Outcome) -> bool| Arc::new(BooleanArray::from_iter(outcomes.iter().map(|one| Some(of(one)))));
    let columns: [(&str, ArrayRef); 7] = [
        ("id", Arc::new(ids)),
        ("verdict", verdict),
        ("code", code),
        ("limit", limit),
        ("replayed", truth(|one| one.replayed)),
        ("late", truth(|one| one.late)),
        ("message", Arc::new(told(&messages, outcomes.len()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}

/// Messages, of which most rows have none.
fn told(messages: &[(usize, String)], rows: usize) -> StringViewArray {
    if messages.is_empty() {
        return StringViewArray::new_null(rows);
    }
    let (mut told, mut out) = (messages.iter().peekable(), StringViewBuilder::with_capacity(rows));
    for row in 0..rows {
        out.append_option(told.next_if(|(at, _)| *at == row).map(|(_, text)| text));
    }
    out.finish()
}

/// Few words, many times: a dictionary in the order in which they come.
fn words<'w, K: Copy + PartialEq>(
    outcomes: &[Outcome],
    key: impl Fn(&Outcome) -> Option<K>,
    word: impl Fn(K) -> Option<&'w str>,
) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let (mut known, mut values) = (HashMap::new(), Vec::new());
    let mut last: (Option<K>, Option<i32>) = (None, None);
    let keys: Int32Array = outcomes
        .iter()
        .map(|one| {
            let key = key(one);
            // Most rows say what the row before said.
            if key != last.0 {
                let number = key.and_then(&word).map(|word| {
                    *known.entry(word).or_insert_with(|| {
                        values.push(word);
                        values.len() as i32 - 1
                    })
                });
                last = (key, number);
            }
            last.1
        })
        .collect();
    let values = Arc::new(StringArray::from(values));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?))
}
