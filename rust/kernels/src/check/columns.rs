//! The checks of one column, evaluated together.

use std::sync::Arc;

use arrow_array::types::ArrowDictionaryKeyType;
use arrow_array::{Array, ArrayRef, DictionaryArray, downcast_dictionary_array};
use arrow_schema::DataType;

use super::bind::{Check, Work};
use super::bits;
use super::range::Interval;

/// The checks of one column, evaluated together over blocks.
///
/// All bounds of a primitive column are one closed interval, so a block in which every value is inside costs one pass,
/// whatever the number of bounds. The values of a dictionary are judged once and then looked up for each key.
#[derive(Debug)]
pub struct ColumnChecks {
    plan: Arc<Plan>,
}

struct Plan {
    checks: Vec<Check>,
    /// The intersection of all intervals.
    fused: Option<Box<dyn Interval>>,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan").field("checks", &self.checks).finish_non_exhaustive()
    }
}

/// Up to one value in this many, looking at each outlier beats another pass over the block.
const FEW_OUTLIERS: usize = 32;

/// Values of a block outside the intersection of all intervals.
enum Outliers {
    /// There are none, so every interval holds.
    None,
    /// These rows, few of the block.
    At(Vec<u64>),
    /// Many, or there is no intersection.
    Unknown,
}

/// Buffers reused between calls, and the verdicts on the dictionaries last seen (one for each column that shares this
/// scratch, kept with the dictionary itself until another takes its place).
#[derive(Default)]
pub struct Scratch {
    pool: Vec<Vec<u64>>,
    dictionaries: Vec<Judged>,
}

/// The failing values of a dictionary, for each check.
struct Judged {
    plan: Arc<Plan>,
    values: ArrayRef,
    fails: Vec<Option<Vec<u64>>>,
}

impl Scratch {
    /// A zeroed bitmap.
    fn take(&mut self, words: usize) -> Vec<u64> {
        let mut bits = self.pool.pop().unwrap_or_default();
        bits.clear();
        bits.resize(words, 0);
        bits
    }

    fn give(&mut self, bits: Vec<u64>) {
        if self.pool.len() < 64 {
            self.pool.push(bits);
        }
    }
}

impl ColumnChecks {
    /// Takes the checks of one column, all bound to its type.
    pub fn new(checks: Vec<Check>) -> ColumnChecks {
        let mut fused: Option<Box<dyn Interval>> = None;
        let mut same_type = true;
        for check in &checks {
            if let Work::Interval(interval) = &check.work {
                let met = match &fused {
                    None => Some(interval.boxed()),
                    Some(fused) => fused.meet(interval.as_ref()),
                };
                same_type &= met.is_some();
                fused = met.or(fused);
            }
        }
        let fused = fused.filter(|_| same_type);
        ColumnChecks { plan: Arc::new(Plan { checks, fused }) }
    }

    /// Evaluates every check on rows `[start, start + len)` of `array`, which is of the type bound; the slice may be
    /// unaligned. `out` has one slot for each check: `None` when no row fails it, else a bitmap of `ceil(len / 64)` words
    /// in which bit `i` says that row `start + i` fails; bits from `len` on are 0.
    ///
    /// Bitmaps found in `out` are reused. Rows that are not there, or an array of another type, fail.
    pub fn run(
        &self,
        array: &dyn Array,
        start: usize,
        len: usize,
        scratch: &mut Scratch,
        out: &mut [Option<Vec<u64>>],
    ) {
        self.plan.run(array, start, len, scratch, out);
    }
}

impl Plan {
    fn run(
        self: &Arc<Self>,
        array: &dyn Array,
        start: usize,
        len: usize,
        scratch: &mut Scratch,
        out: &mut [Option<Vec<u64>>],
    ) {
        for slot in out.iter_mut() {
            if let Some(bits) = slot.take() {
                scratch.give(bits);
            }
        }
        if start.checked_add(len).is_none_or(|end| end > array.len()) {
            for slot in out.iter_mut().filter(|_| len > 0) {
                let mut bits = scratch.take(bits::words(len));
                bits::set_all(&mut bits, len);
                *slot = Some(bits);
            }
            return;
        }
        downcast_dictionary_array!(
            array => self.run_keys(array, start, len, scratch, out),
            _ => self.run_values(array, start, len, scratch, out)
        );
    }

    fn run_values(
        &self,
        array: &dyn Array,
        start: usize,
        len: usize,
        scratch: &mut Scratch,
        out: &mut [Option<Vec<u64>>],
    ) {
        let mut held = scratch.take(bits::words(len));
        let nulls = may_hold_null(array) && bits::validity(array, start, len, &mut held);
        let held_bits = nulls.then_some(held.as_slice());
        let outliers = self.outliers(array, start, len, held_bits, scratch);
        for (check, slot) in self.checks.iter().zip(out.iter_mut()) {
            let proven = match (&check.work, &outliers) {
                (Work::Interval(_), Outliers::None) => true,
                (Work::Interval(interval), Outliers::Unknown) => interval.holds_all(array, start, len),
                _ => false,
            };
            if proven {
                continue;
            }
            let mut fails = scratch.take(bits::words(len));
            let among = match (&check.work, &outliers) {
                (Work::Interval(interval), Outliers::At(rows)) => interval.fail_among(array, start, rows, &mut fails),
                _ => None,
            };
            if among.unwrap_or_else(|| check.fail(array, start, len, held_bits, &mut fails)) {
                *slot = Some(fails);
            } else {
                scratch.give(fails);
            }
        }
        if let Outliers::At(rows) = outliers {
            scratch.give(rows);
        }
        scratch.give(held);
    }

    /// The values outside the intersection of all intervals: only they can fail one of them.
    fn outliers(
        &self,
        array: &dyn Array,
        start: usize,
        len: usize,
        held: Option<&[u64]>,
        scratch: &mut Scratch,
    ) -> Outliers {
        let Some(fused) = &self.fused else {
            return Outliers::Unknown;
        };
        if fused.holds_all(array, start, len) {
            return Outliers::None;
        }
        let mut rows = scratch.take(bits::words(len));
        if fused.fail(array, start, len, &mut rows).is_none() {
            scratch.give(rows);
            return Outliers::Unknown;
        }
        if let Some(held) = held {
            rows.iter_mut().zip(held).for_each(|(rows, held)| *rows &= held);
        }
        let count: usize = rows.iter().map(|word| word.count_ones() as usize).sum();
        if count > 0 && count <= len / FEW_OUTLIERS {
            return Outliers::At(rows);
        }
        scratch.give(rows);
        if count == 0 { Outliers::None } else { Outliers::Unknown }
    }

    fn run_keys<K: ArrowDictionaryKeyType>(
        self: &Arc<Self>,
        array: &DictionaryArray<K>,
        start: usize,
        len: usize,
        scratch: &mut Scratch,
        out: &mut [Option<Vec<u64>>],
    ) {
        let judged = self.judge(array.values(), scratch);
        let mut held = scratch.take(bits::words(len));
        let nulls = bits::validity(array.keys(), start, len, &mut held);
        let keys = array.keys().values().get(start..start + len).unwrap_or_default();
        for ((check, fails), slot) in self.checks.iter().zip(&judged.fails).zip(out.iter_mut()) {
            let null_fails = nulls && check.nulls_fail;
            if fails.is_none() && !null_fails {
                continue;
            }
            let mut bits = scratch.take(bits::words(len));
            if let Some(fails) = fails {
                bits::pack(keys, &mut bits, |key| bits::get(fails, bits::usize_key(key)));
            }
            if mask(&mut bits, nulls.then_some(held.as_slice()), null_fails, len) {
                *slot = Some(bits);
            } else {
                scratch.give(bits);
            }
        }
        scratch.give(held);
        scratch.dictionaries.push(judged);
    }

    /// The verdict on a dictionary's values, kept from the last block if it is the same dictionary. Holding the values
    /// keeps their address from being taken by another dictionary.
    fn judge(self: &Arc<Self>, values: &ArrayRef, scratch: &mut Scratch) -> Judged {
        let known = scratch.dictionaries.iter().position(|judged| Arc::ptr_eq(&judged.plan, self));
        let mut fails = Vec::new();
        if let Some(index) = known {
            let judged = scratch.dictionaries.swap_remove(index);
            if Arc::ptr_eq(&judged.values, values) {
                return judged;
            }
            fails = judged.fails;
        }
        fails.resize(self.checks.len(), None);
        self.run(values.as_ref(), 0, values.len(), scratch, &mut fails);
        Judged { plan: Arc::clone(self), values: Arc::clone(values), fails }
    }
}

impl Check {
    /// Writes the failing rows and answers whether there are any. `held` says which rows are not NULL; `None`: all.
    fn fail(&self, array: &dyn Array, start: usize, len: usize, held: Option<&[u64]>, fails: &mut [u64]) -> bool {
        let read = match &self.work {
            Work::Interval(interval) => interval.fail(array, start, len, fails),
            Work::Kernel(kernel) => kernel.fail(array, start, len, fails),
        };
        if read.is_none() {
            bits::set_all(fails, len);
            return len > 0;
        }
        mask(fails, held, self.nulls_fail, len)
    }
}

/// Overwrites the bits of NULL rows and answers whether any bit is set.
fn mask(fails: &mut [u64], held: Option<&[u64]>, nulls_fail: bool, len: usize) -> bool {
    if let Some(held) = held {
        for (word, held) in fails.iter_mut().zip(held) {
            *word = *word & held | if nulls_fail { !held } else { 0 };
        }
    }
    bits::clear_tail(fails, len);
    fails.iter().any(|word| *word != 0)
}

fn may_hold_null(array: &dyn Array) -> bool {
    match array.data_type() {
        DataType::Null | DataType::Union(_, _) | DataType::RunEndEncoded(_, _) => true,
        _ => array.null_count() > 0,
    }
}
