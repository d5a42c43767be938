//! One block of rows through every check of the plan.

use super::damage::{Damage, keep, living};
use super::nested::Origin;
use super::tally::{Tally, context, shown};
use crate::cell::{nanoseconds, timestamp_ticks};
use crate::plan::{ClauseInfo, ColumnPath, ColumnTask, ForeignTask, Plan};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Date64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use guard_kernels::check::Scratch;
use guard_kernels::expr::vector::Values as RuleValues;
use guard_verdict::Evidence;

const DAY_NS: i128 = 86_400_000_000_000;

/// Rows `[row, row + rows)` of a batch.
pub struct Block<'b> {
    /// Among the blocks of this push.
    pub position: usize,
    pub batch: &'b RecordBatch,
    pub row: usize,
    pub rows: usize,
    /// Number of the first of them.
    pub record: u64,
    /// Records of the batch that could not be read. `row` is a multiple of 64 then.
    pub damage: Option<&'b Damage>,
}

impl Block<'_> {
    /// Number of the record in `row` of the batch.
    pub(super) fn record_of(&self, row: usize) -> u64 {
        self.record + (row - self.row.min(row)) as u64
    }

    /// A bit for each row in which these columns could be read; none when all are such.
    pub(super) fn readable<'c>(&self, columns: impl Iterator<Item = &'c ColumnPath>) -> Option<Vec<u64>> {
        self.damage.and_then(|damage| damage.readable(self, columns))
    }
}

/// Values `[start, start + len)` of an array.
#[derive(Clone, Copy)]
pub struct Values<'v> {
    pub array: &'v dyn Array,
    pub start: usize,
    pub len: usize,
    /// A bit for each value that exists; none when all do.
    pub alive: Option<&'v [u64]>,
    /// Where they come from.
    pub origin: &'v Origin<'v>,
}

/// What one thread saw. Blocks come to it in ascending order.
pub struct Worker<'p> {
    pub(super) plan: &'p Plan,
    pub(super) source: String,
    pub(super) keep_masks: bool,
    scratch: Scratch,
    pub tallies: Vec<Tally>,
    /// By position of the block: rejected rows.
    pub rejected: Vec<(usize, Vec<u64>)>,
    /// By position of the block and clause: failing rows.
    pub masks: Vec<(usize, usize, Vec<u64>)>,
    /// By position of the block: rows that a deciding clause leaves undecided.
    pub undecided: Vec<(usize, Vec<u64>)>,
    /// By position of the block and clause: the same, clause by clause.
    pub undecided_masks: Vec<(usize, usize, Vec<u64>)>,
    /// Rejected rows of the block at hand.
    current: Option<Vec<u64>>,
    /// By column of the batch: its values are not there, and satisfy every check.
    pub(super) proved: &'p [bool],
    /// Memory for row rules.
    pub(super) values: RuleValues,
}

impl<'p> Worker<'p> {
    pub fn new(plan: &'p Plan, source: &str, keep_masks: bool) -> Self {
        Self {
            plan,
            source: source.to_owned(),
            keep_masks,
            scratch: Scratch::default(),
            tallies: vec![Tally::default(); plan.header.clauses.len()],
            rejected: Vec::new(),
            masks: Vec::new(),
            undecided: Vec::new(),
            undecided_masks: Vec::new(),
            current: None,
            proved: &[],
            values: RuleValues::default(),
        }
    }

    /// Judges a block.
    pub fn run(&mut self, block: &Block<'_>) {
        let plan = self.plan;
        for &clause in &plan.untasked {
            self.count(clause, block.rows as u64);
        }
        for (column, task) in &plan.columns {
            if self.proved.get(*column) == Some(&true) {
                self.passed(task, block.rows as u64);
            } else if let Some(array) = block.batch.columns().get(*column) {
                let origin = &Origin::Root;
                let alive = block.damage.and_then(|damage| damage.alive(block, *column));
                let alive = alive.as_deref();
                let values = Values { array: array.as_ref(), start: block.row, len: block.rows, alive, origin };
                self.task(block, task, &values);
            }
        }
        for foreign in &plan.foreign {
            self.foreign(block, foreign);
        }
        if let Some(rules) = &plan.rules {
            self.rules(block, rules);
        }
        for age in &plan.ages {
            let readable = block.readable([&age.column].into_iter());
            self.count(age.clause, living(readable.as_deref(), block.rows));
            let array = age.column.resolve(block.batch);
            let range = array.and_then(|array| instants(array.slice(block.row, block.rows).as_ref()));
            if let (Some(tally), Some((least, greatest))) = (self.tallies.get_mut(age.clause), range) {
                tally.widen(least, greatest);
            }
        }
        if let (Some(damage), Some(clauses)) = (block.damage, &plan.damage) {
            self.damage(block, damage, clauses);
        }
        if let Some(words) = self.current.take() {
            self.rejected.push((block.position, words));
        }
    }

    /// Counts values that satisfy every check, as [`Self::task`] does.
    fn passed(&mut self, task: &ColumnTask, values: u64) {
        for clauses in task.clauses.chunk_by(|a, b| a == b) {
            clauses.first().into_iter().for_each(|&clause| self.count(clause, values));
        }
        task.counted.iter().for_each(|&clause| self.count(clause, values));
    }

    /// Runs a column's checks, and those of what is nested in it.
    pub fn task(&mut self, block: &Block<'_>, task: &ColumnTask, values: &Values<'_>) {
        let exist = values.alive.map_or(values.len as u64, count_ones);
        let mut out: Vec<Option<Vec<u64>>> = vec![None; task.clauses.len()];
        if let Some(checks) = &task.checks {
            checks.run(values.array, values.start, values.len, &mut self.scratch, &mut out);
        }
        let mut checks = task.clauses.iter().copied().zip(out).peekable();
        while let Some((clause, mut failing)) = checks.next() {
            while let Some((_, more)) = checks.next_if(|(next, _)| *next == clause) {
                failing = or(failing, more);
            }
            self.count(clause, exist);
            self.fail(block, task, values, clause, failing);
        }
        for &clause in &task.counted {
            self.count(clause, exist);
        }
        for &clause in &task.mismatches {
            self.count(clause, exist);
            let words = valid_words(values.array, values.start, values.len).unwrap_or_else(|| ones(values.len));
            self.fail(block, task, values, clause, Some(words));
        }
        for child in &task.children {
            self.child(block, child, values);
        }
    }

    pub(super) fn count(&mut self, clause: usize, values: u64) {
        if let Some(tally) = self.tallies.get_mut(clause) {
            tally.evaluated += values;
        }
    }

    /// Records the failing values of a clause: bit i is value `start + i`.
    fn fail(
        &mut self,
        block: &Block<'_>,
        task: &ColumnTask,
        values: &Values<'_>,
        clause: usize,
        failing: Option<Vec<u64>>,
    ) {
        let Some(mut words) = failing else { return };
        if let Some(alive) = values.alive {
            words.iter_mut().zip(alive).for_each(|(word, alive)| *word &= alive);
        }
        let plan = self.plan;
        let (count, info, tally) =
            match (count_ones(&words), plan.header.clauses.get(clause), self.tallies.get_mut(clause)) {
                (count @ 1.., Some(info), Some(tally)) => (count, info, tally),
                _ => return,
            };
        tally.failing += count;
        for index in set_bits(&words) {
            let (row, path) = values.origin.locate(values.start + index, &task.path);
            if !tally.wants_evidence_of(block.record_of(row)) {
                break;
            }
            let value = shown(values.array, values.start + index, task.masked.as_deref());
            let context = context(plan, info, block.batch, row);
            tally.add_evidence(key_evidence(&self.source, block.record_of(row), path, vec![value], context));
        }
        if info.rejects() || self.keep_masks {
            let rows = values.origin.rows(words, values.start, block);
            self.mark(block, clause, info, rows);
        }
    }

    /// Notes the rows that a clause leaves undecided.
    pub(super) fn mark_undecided(&mut self, block: &Block<'_>, clause: usize, info: &ClauseInfo, rows: Vec<u64>) {
        if self.keep_masks {
            self.undecided_masks.push((block.position, clause, rows.clone()));
        }
        if info.rejects() {
            self.undecided.push((block.position, rows));
        }
    }

    pub(super) fn mark(&mut self, block: &Block<'_>, clause: usize, info: &ClauseInfo, rows: Vec<u64>) {
        if info.rejects() {
            let words = self.current.get_or_insert_with(|| vec![0; block.rows.div_ceil(64)]);
            words.iter_mut().zip(&rows).for_each(|(mine, theirs)| *mine |= theirs);
        }
        if self.keep_masks {
            self.masks.push((block.position, clause, rows));
        }
    }

    fn foreign(&mut self, block: &Block<'_>, task: &ForeignTask) {
        let readable = block.readable(task.columns.iter());
        self.count(task.clause, living(readable.as_deref(), block.rows));
        let columns: Option<Vec<_>> =
            task.columns.iter().map(|path| Some(path.resolve(block.batch)?.slice(block.row, block.rows))).collect();
        // Columns and kinds were settled when the plan was compiled; a kernel that cannot read them marks every record.
        let missing = columns.as_ref().and_then(|columns| task.keys.missing(columns).ok());
        let mut words = missing.map_or_else(|| ones(block.rows), |mask| mask.words().to_vec());
        keep(&mut words, readable.as_deref());
        let plan = self.plan;
        let (count, info, tally) =
            match (count_ones(&words), plan.header.clauses.get(task.clause), self.tallies.get_mut(task.clause)) {
                (count @ 1.., Some(info), Some(tally)) => (count, info, tally),
                _ => return,
            };
        tally.failing += count;
        for index in set_bits(&words) {
            if !tally.wants_evidence() {
                break;
            }
            let values: Vec<_> = columns.iter().flatten().zip(&task.masked).collect();
            let values = values.iter().map(|(array, masked)| shown(array.as_ref(), index, masked.as_deref())).collect();
            let row = block.row + index;
            let context = context(plan, info, block.batch, row);
            let path = info.columns.join(",");
            tally.evidence.push(key_evidence(&self.source, block.record_of(row), path, values, context));
        }
        self.mark(block, task.clause, info, words);
    }
}

/// Evidence on a key: `value` for one column, `values` for several.
pub fn key_evidence(
    source: &str,
    record: u64,
    path: String,
    mut values: Vec<serde_json::Value>,
    context: Vec<guard_verdict::ContextCell>,
) -> Evidence {
    let (value, values) = if values.len() == 1 { (values.pop(), None) } else { (None, Some(values)) };
    Evidence { source: source.to_owned(), record, path, value, values, context }
}

fn count_ones(words: &[u64]) -> u64 {
    words.iter().map(|word| u64::from(word.count_ones())).sum()
}

fn or(mine: Option<Vec<u64>>, theirs: Option<Vec<u64>>) -> Option<Vec<u64>> {
    match (mine, theirs) {
        (Some(mut mine), Some(theirs)) => {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine |= theirs);
            Some(mine)
        }
        (mine, theirs) => mine.or(theirs),
    }
}

/// Positions of the set bits, ascending.
pub fn set_bits(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(position, &word)| {
        std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)))
            .take_while(|rest| *rest != 0)
            .map(move |rest| position * 64 + rest.trailing_zeros() as usize)
    })
}

/// `len` set bits.
pub fn ones(len: usize) -> Vec<u64> {
    let mut words = vec![u64::MAX; len.div_ceil(64)];
    if let (Some(last), rest @ 1..) = (words.last_mut(), len % 64) {
        *last = (1 << rest) - 1;
    }
    words
}

/// A bit for each non-NULL value of `[start, start + len)`; none when all are.
pub fn valid_words(array: &dyn Array, start: usize, len: usize) -> Option<Vec<u64>> {
    let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0)?;
    let slice = nulls.slice(start, len);
    Some(slice.inner().bit_chunks().iter_padded().take(len.div_ceil(64)).collect())
}

/// Least and greatest instant of a date or timestamp array, in nanoseconds since 1970; naive ones are taken as UTC (S4).
fn instants(array: &dyn Array) -> Option<(i128, i128)> {
    let nulls = array.logical_nulls();
    let rows = (0..array.len()).filter(|&row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)));
    let at = |row: usize| match array.data_type() {
        DataType::Date32 => i128::from(array.as_primitive::<Date32Type>().value(row)) * DAY_NS,
        DataType::Date64 => i128::from(array.as_primitive::<Date64Type>().value(row)) * 1_000_000,
        DataType::Timestamp(unit, _) => i128::from(timestamp_ticks(array, row)) * i128::from(nanoseconds(*unit)),
        _ => 0,
    };
    rows.map(at).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((least, greatest)) => Some((value.min(least), value.max(greatest))),
    })
}
