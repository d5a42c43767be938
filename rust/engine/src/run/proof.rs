//! What is known of a column's values without reading them, and what that proves.

use crate::plan::{ColumnPath, ColumnTask, Demand, Plan};
use arrow_array::{Array, ArrayRef, Float32Array, Float64Array, new_null_array};
use arrow_schema::DataType;
use arrow_select::concat::concat;
use guard_kernels::check::Scratch;
use std::sync::Arc;

/// What somebody who knows says of the values of a column in some rows.
#[derive(Debug, Clone)]
pub struct Known {
    /// One of them may be NULL.
    pub nulls: bool,
    /// A value that none is below and one that none is above, of the column's type; NaN does not count. No values: all are NULL. None: nothing is known.
    pub range: Option<ArrayRef>,
    /// Both ends of the range are values of the column, and are equal.
    pub constant: bool,
}

/// Does more than checks of single values read this column?
pub fn needed(plan: &Plan, position: usize) -> bool {
    let keys = plan.keys.iter().flat_map(|key| &key.columns);
    let keys = keys.chain(plan.self_foreign.iter().flat_map(|key| key.from.iter().chain(&key.to)));
    let foreign = plan.foreign.iter().flat_map(|key| &key.columns);
    let rules = plan.rules.iter().flat_map(|rules| &rules.inputs);
    let mut paths = keys.chain(foreign).chain(rules).chain(plan.ages.iter().map(|age| &age.column));
    paths.any(|path: &ColumnPath| path.steps.first() == Some(&position))
}

/// Do all values of a column, of which this is known, satisfy all checks of its task? False too where that cannot be told.
pub fn proves(task: &ColumnTask, data_type: &DataType, known: &Known) -> bool {
    if !task.children.is_empty() || !task.mismatches.is_empty() {
        return false;
    }
    let Some(checks) = &task.checks else { return true };
    let ends = match (task.demand, &known.range) {
        (Demand::Nulls, _) => None,
        (Demand::Range, Some(range)) => Some(range),
        (Demand::Each, Some(range)) if known.constant || range.is_empty() => Some(range),
        _ => return false,
    };
    let Some(sample) = sample(ends, data_type, known.nulls) else { return false };
    let mut failing = vec![None; task.clauses.len()];
    checks.run(sample.as_ref(), 0, sample.len(), &mut Scratch::default(), &mut failing);
    failing.iter().flatten().flatten().all(|word: &u64| *word == 0)
}

/// Values that stand for all others. None of the file formats' statistics speaks of NaN, so that it may be among them.
fn sample(ends: Option<&ArrayRef>, data_type: &DataType, nulls: bool) -> Option<ArrayRef> {
    let mut pieces: Vec<ArrayRef> = ends.into_iter().cloned().collect();
    let nan: Option<ArrayRef> = match data_type {
        // No half is made here: what is known of halves proves nothing.
        DataType::Float16 if ends.is_some() => return None,
        DataType::Float32 => Some(Arc::new(Float32Array::from(vec![f32::NAN]))),
        DataType::Float64 => Some(Arc::new(Float64Array::from(vec![f64::NAN]))),
        _ => None,
    };
    pieces.extend(nan.filter(|_| ends.is_some_and(|ends| !ends.is_empty())));
    if nulls || pieces.is_empty() {
        pieces.push(new_null_array(data_type, usize::from(nulls)));
    }
    if pieces.iter().any(|piece| piece.data_type() != data_type) {
        return None;
    }
    concat(&pieces.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()).ok()
}
