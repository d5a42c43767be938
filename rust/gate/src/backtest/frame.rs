//! Columns in, columns out.

use super::{Outcome, Past, judge, pass};
use crate::file::Gate;
use arrow_array::types::{Int32Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, LargeStringArray, PrimitiveArray, RecordBatch, StringArray,
    StringViewArray, builder::StringViewBuilder,
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
    fn of(array: &'b dyn Array) -> Option<Texts<'b>> {
        let any = array.as_any();
        None.or_else(|| any.downcast_ref().map(Texts::View))
            .or_else(|| any.downcast_ref().map(Texts::Small))
            .or_else(|| any.downcast_ref().map(Texts::Large))
    }

    fn all(&self) -> Vec<Option<&'b str>> {
        match self {
            Texts::Small(array) => array.iter().collect(),
            Texts::Large(array) => array.iter().collect(),
            Texts::View(array) => array.iter().collect(),
        }
    }
}

/// Decides the past again (G12). Each batch has the columns `proposal` (text), `at` (timestamp in microseconds) and, if wanted, `actual`
/// (text). The answer has a row for each proposal: `id`, `verdict`, `code`, `limit`, `replayed`, and `message` for the rows `explain`; with
/// such rows it ends at the last of them. Cost: linear; the stateless part on every core.
///
/// # Errors
/// The column that is missing or of another type.
pub fn backtest(gate: &Gate, batches: &[RecordBatch], explain: &[usize]) -> Result<RecordBatch, String> {
    let mut past = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        read(batch, &mut past)?;
    }
    let mut explain = explain.to_vec();
    explain.sort_unstable();
    explain.dedup();
    if let Some(last) = explain.last() {
        past.truncate(last.saturating_add(1));
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (chunks, parts) = judge::all(gate, &past, threads);
    let (outcomes, messages) = pass::run(gate, &past, &chunks, &parts, &explain);
    let ids = chunks.iter().flat_map(|chunk| chunk.lines.iter().map(|line| line.id.as_deref()));
    written(gate, ids, &outcomes, &messages).map_err(|error| error.to_string())
}

fn read<'b>(batch: &'b RecordBatch, past: &mut Vec<Past<'b>>) -> Result<(), String> {
    let texts = |name: &str| match batch.column_by_name(name) {
        None => Ok(None),
        Some(column) => {
            Texts::of(column).map(|texts| Some(texts.all())).ok_or_else(|| format!("the column `{name}` holds no texts"))
        }
    };
    let proposals = texts("proposal")?.ok_or("the column `proposal` is missing")?;
    let actual = texts("actual")?;
    let at = batch.column_by_name("at").ok_or("the column `at` is missing")?;
    let at: &PrimitiveArray<TimestampMicrosecondType> =
        at.as_any().downcast_ref().ok_or("the column `at` holds no timestamps in microseconds")?;
    let actual = actual.unwrap_or_else(|| vec![None; proposals.len()]);
    let rows = proposals.into_iter().zip(at).zip(actual);
    past.extend(rows.map(|((text, at), actual)| Past { text, at, actual }));
    Ok(())
}

fn written<'l>(
    gate: &Gate,
    ids: impl Iterator<Item = Option<&'l str>>,
    outcomes: &[Outcome],
    messages: &[(usize, String)],
) -> Result<RecordBatch, arrow_schema::ArrowError> {
    let mut id = StringViewBuilder::with_capacity(outcomes.len());
    ids.take(outcomes.len()).for_each(|one| id.append_option(one));
    let verdict = words(outcomes.iter().map(|one| Some(one.verdict.name())))?;
    let code = words(outcomes.iter().map(|one| one.code.map(|code| code.name())))?;
    let limit = |one: &Outcome| gate.limits.get(one.limit?).map(|limit| limit.name.as_str());
    let limit = words(outcomes.iter().map(limit))?;
    let replayed: BooleanArray = outcomes.iter().map(|one| Some(one.replayed)).collect();
    let mut told = messages.iter().peekable();
    let mut message = StringViewBuilder::with_capacity(outcomes.len());
    for number in 0..outcomes.len() {
        message.append_option(told.next_if(|(at, _)| *at == number).map(|(_, text)| text));
    }
    let columns: [(&str, ArrayRef); 6] = [
        ("id", Arc::new(id.finish())),
        ("verdict", verdict),
        ("code", code),
        ("limit", limit),
        ("replayed", Arc::new(replayed)),
        ("message", Arc::new(message.finish())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}

/// Few words, many times.
fn words<'w>(all: impl Iterator<Item = Option<&'w str>>) -> Result<ArrayRef, arrow_schema::ArrowError> {
    let (mut known, mut values) = (HashMap::new(), Vec::new());
    let mut last = (None, None);
    let keys: Int32Array = all
        .map(|word| {
            // Most rows say what the row before said.
            if word != last.0 {
                let key = word.map(|word| {
                    *known.entry(word).or_insert_with(|| {
                        values.push(word);
                        values.len() as i32 - 1
                    })
                });
                last = (word, key);
            }
            last.1
        })
        .collect();
    let values = Arc::new(StringArray::from(values));
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values)?))
}
