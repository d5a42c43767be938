//! Batch by batch: memory is that of a batch and its output.

use super::compile::{Output, Transform};
use crate::run::{Control, RunError};
use arrow_array::builder::{StringBuilder, UInt64Builder};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow_buffer::{BooleanBuffer, Buffer};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use arrow_select::filter::filter_record_batch;
use guard_kernels::expr::program::NodeId;
use guard_kernels::expr::vector::{self, Values, Vector};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Name of the column with the fault's code.
pub const CODE: &str = "guard_code";
/// Name of the column with the item that failed, or `WHERE`.
pub const ITEM: &str = "guard_item";
/// Records computed together.
const BLOCK_ROWS: usize = 16_384;

/// What became of some records.
#[derive(Default)]
pub struct Transformed {
    /// Output records in order, a batch a block.
    pub output: Vec<RecordBatch>,
    /// Input records on which the condition or an item failed, of [`quarantine_schema`].
    pub quarantined: Vec<RecordBatch>,
    /// For each input record whether it is in the output, an array a block.
    pub kept: Vec<BooleanArray>,
    /// Records seen.
    pub records: u64,
    /// Records that the condition left out.
    pub left_out: u64,
}

/// Transforms batches whose first record has the number `start`. Every record ends in exactly one place: the output, the
/// quarantine, or left out by the condition.
pub fn run(
    transform: &Transform,
    batches: &[RecordBatch],
    start: u64,
    threads: usize,
    control: &dyn Control,
) -> Result<Transformed, RunError> {
    let mut blocks = Vec::new();
    let mut record = start;
    for batch in batches {
        let mut row = 0;
        while row < batch.num_rows() {
            let rows = BLOCK_ROWS.min(batch.num_rows() - row);
            blocks.push((batch, row, rows, record + row as u64));
            row += rows;
        }
        record += batch.num_rows() as u64;
    }
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = |asks: Option<&dyn Control>| -> Result<Vec<(usize, Block)>, RunError> {
        let mut values = Values::default();
        let mut done = Vec::new();
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some((batch, row, rows, record)) = blocks.get(position).filter(|_| !stop.load(Ordering::Relaxed))
            else {
                return Ok(done);
            };
            let out = block(transform, batch, *row, *rows, *record, &mut values);
            done.push((position, out.map_err(|why| RunError::Internal(why.to_string()))?));
            if asks.is_some_and(|control| !control.keep_going(record - start + *rows as u64)) {
                stop.store(true, Ordering::Relaxed);
                return Err(RunError::Interrupted);
            }
        }
    };
    let others = if blocks.len() > 1 { threads.min(blocks.len()) } else { 1 };
    let mut all = std::thread::scope(|scope| {
        let others: Vec<_> = (1..others).map(|_| scope.spawn(|| work(None))).collect();
        let mut all = work(Some(control))?;
        for other in others {
            all.extend(other.join().map_err(|_| RunError::Internal("a worker failed".to_owned()))??);
        }
        Ok(all)
    })?;
    all.sort_by_key(|(position, _)| *position);
    let mut out = Transformed { records: record - start, ..Transformed::default() };
    for (_, block) in all {
        out.left_out += block.left_out;
        out.output.push(block.output);
        out.kept.push(block.kept);
        out.quarantined.extend(block.quarantined);
    }
    Ok(out)
}

/// [`run`] on every core.
pub fn run_all(
    transform: &Transform,
    batches: &[RecordBatch],
    start: u64,
    control: &dyn Control,
) -> Result<Transformed, RunError> {
    run(transform, batches, start, crate::run::cores(), control)
}

struct Block {
    output: RecordBatch,
    quarantined: Option<RecordBatch>,
    kept: BooleanArray,
    left_out: u64,
}

/// Why a record fails: which item, and the code.
type Failure = (usize, &'static str, String);

fn block(
    transform: &Transform,
    batch: &RecordBatch,
    row: usize,
    rows: usize,
    record: u64,
    values: &mut Values,
) -> Result<Block, ArrowError> {
    let missing = || arrow_array::new_null_array(&DataType::Null, batch.num_rows());
    let inputs: Vec<ArrayRef> =
        transform.inputs.iter().map(|input| input.path.resolve(batch).unwrap_or_else(missing)).collect();
    vector::run(&transform.program, &transform.plan, &inputs, row, rows, values);
    let mut keep = vector::all(rows);
    let mut failures: Vec<Failure> = Vec::new();
    let mut left_out = 0;
    if let Some(condition) = transform.condition.as_ref().and_then(|(root, _)| values.get(*root)) {
        note(condition, &keep, "WHERE", &mut failures);
        keep = condition.truths(rows);
        let kept: u64 = keep.iter().map(|word| u64::from(word.count_ones())).sum();
        left_out = rows as u64 - kept - failures.len() as u64;
    }
    let passing = keep.clone();
    for output in &transform.outputs {
        if let Some(vector) = values.get(output.root) {
            note(vector, &passing, &output.name, &mut failures);
        }
    }
    failures.sort_by_key(|(row, ..)| *row);
    failures.dedup_by_key(|(row, ..)| *row);
    for (failed, ..) in &failures {
        if let Some(word) = keep.get_mut(failed / 64) {
            *word &= !(1 << (failed % 64));
        }
    }
    let columns = columns(transform, &inputs, (row, rows), values);
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    let all = RecordBatch::try_new_with_options(Arc::clone(&transform.schema), columns, &options)?;
    let whole = keep == vector::all(rows);
    let kept = mask(keep, rows);
    let output = if whole { all } else { filter_record_batch(&all, &kept)? };
    let quarantined = if failures.is_empty() { None } else { Some(quarantine(batch, row, rows, record, &failures)?) };
    Ok(Block { output, quarantined, kept, left_out })
}

/// The outputs' values, moved out of `values`.
fn columns(
    transform: &Transform,
    inputs: &[ArrayRef],
    (row, rows): (usize, usize),
    values: &mut Values,
) -> Vec<ArrayRef> {
    let mut made: HashMap<NodeId, ArrayRef> = HashMap::new();
    let column = |output: &Output| match output.passes.and_then(|position| inputs.get(position)) {
        Some(array) => array.slice(row, rows),
        // Outputs of equal expressions have one node.
        None => Arc::clone(made.entry(output.root).or_insert_with(|| match values.take(output.root) {
            Some(vector) => vector::into_array(vector, &output.facts.ty, rows),
            None => arrow_array::new_null_array(&output.facts.ty.to_arrow(), rows),
        })),
    };
    transform.outputs.iter().map(column).collect()
}

/// The failures of a vector among the records at hand.
fn note(vector: &Vector, among: &[u64], item: &str, failures: &mut Vec<Failure>) {
    for (row, fault) in vector.faults.iter().flat_map(|faults| &faults.list) {
        let row = *row as usize;
        if among.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1) {
            failures.push((row, fault.name(), item.to_owned()));
        }
    }
}

fn mask(words: Vec<u64>, rows: usize) -> BooleanArray {
    BooleanArray::new(BooleanBuffer::new(Buffer::from_vec(words), 0, rows), None)
}

/// The input records at fault, with their numbers and reasons.
fn quarantine(
    batch: &RecordBatch,
    row: usize,
    rows: usize,
    record: u64,
    failures: &[Failure],
) -> Result<RecordBatch, ArrowError> {
    let mut words = vec![0_u64; rows.div_ceil(64)];
    let (mut records, mut codes, mut items) = (UInt64Builder::new(), StringBuilder::new(), StringBuilder::new());
    for (failed, code, item) in failures {
        if let Some(word) = words.get_mut(failed / 64) {
            *word |= 1 << (failed % 64);
        }
        records.append_value(record + *failed as u64);
        codes.append_value(code);
        items.append_value(item);
    }
    let slice = filter_record_batch(&batch.slice(row, rows), &mask(words, rows))?;
    let mut columns = slice.columns().to_vec();
    let why: [ArrayRef; 3] = [Arc::new(records.finish()), Arc::new(codes.finish()), Arc::new(items.finish())];
    columns.extend(why);
    RecordBatch::try_new(Arc::new(quarantine_schema(batch.schema_ref())), columns)
}

/// The input's columns, then [`crate::run::RECORD`], [`CODE`] and [`ITEM`], each with `_` behind it while the input has such a name.
pub fn quarantine_schema(input: &Schema) -> Schema {
    let mut fields: Vec<Arc<Field>> = input.fields().iter().cloned().collect();
    for (name, ty) in [(crate::run::RECORD, DataType::UInt64), (CODE, DataType::Utf8), (ITEM, DataType::Utf8)] {
        let mut free = name.to_owned();
        while input.column_with_name(&free).is_some() {
            free.push('_');
        }
        fields.push(Arc::new(Field::new(free, ty, false)));
    }
    Schema::new(fields)
}
