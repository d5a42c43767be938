//! Conditions split into cases, and what follows from each.

use super::bounds::Bounds;
use super::formula::Formula;
use super::region::Region;
use std::collections::{BTreeMap, BTreeSet};

/// Most cases of one condition.
pub const MOST: usize = 256;
/// Most steps of one proof.
const STEPS: usize = 200_000;

/// One way for a condition to be TRUE.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// Columns that are not NULL and what they may be.
    pub regions: BTreeMap<String, Region>,
    /// Columns that are NULL.
    pub nulls: BTreeSet<String>,
    /// Expressions that are TRUE.
    pub opaque: BTreeSet<String>,
}

/// Every way for all of the formulas to be TRUE, without those that the bounds exclude. None where there are too many.
pub fn cases(formulas: &[&Formula], bounds: &Bounds) -> Option<Vec<Case>> {
    let mut out = vec![Case::default()];
    let mut steps = 0;
    for formula in formulas {
        out = split(out, formula, bounds, &mut steps)?;
    }
    Some(out)
}

/// Recursion is bounded by the depth of expressions.
fn split(before: Vec<Case>, formula: &Formula, bounds: &Bounds, steps: &mut usize) -> Option<Vec<Case>> {
    *steps += 1;
    if *steps > STEPS || before.len() > MOST {
        return None;
    }
    Some(match formula {
        Formula::Always => before,
        Formula::Never => Vec::new(),
        Formula::All(parts) => {
            let mut out = before;
            for part in parts {
                out = split(out, part, bounds, steps)?;
            }
            out
        }
        Formula::Any(parts) => {
            let mut out = Vec::new();
            for part in parts {
                out.append(&mut split(before.clone(), part, bounds, steps)?);
                if out.len() > MOST {
                    return None;
                }
            }
            out
        }
        other => before.into_iter().filter_map(|case| added(case, other, bounds)).collect(),
    })
}

/// The case with one more thing known; none where that cannot be.
fn added(mut case: Case, formula: &Formula, bounds: &Bounds) -> Option<Case> {
    match formula {
        Formula::In(column, region) => {
            if case.nulls.contains(column) {
                return None;
            }
            let known = case.regions.get(column).cloned().unwrap_or_default().meet(region);
            if known.meet(&bounds.region(column)).is_empty() {
                return None;
            }
            case.regions.insert(column.clone(), known);
        }
        Formula::Present(column) => {
            if case.nulls.contains(column) {
                return None;
            }
            case.regions.entry(column.clone()).or_default();
        }
        Formula::Null(column) => {
            if case.regions.contains_key(column) || bounds.present(column) {
                return None;
            }
            case.nulls.insert(column.clone());
        }
        Formula::Opaque(text) => {
            case.opaque.insert(text.clone());
        }
        Formula::Always | Formula::Never | Formula::All(_) | Formula::Any(_) => {}
    }
    Some(case)
}

impl Case {
    /// Is the column not NULL in it?
    pub fn present(&self, column: &str, bounds: &Bounds) -> bool {
        self.regions.contains_key(column) || bounds.present(column)
    }

    /// What the column may be in it.
    pub fn region(&self, column: &str, bounds: &Bounds) -> Region {
        self.regions.get(column).cloned().unwrap_or_default().meet(&bounds.region(column))
    }

    /// Is the formula TRUE whenever the case is? False where that is not proved.
    pub fn implies(&self, formula: &Formula, bounds: &Bounds) -> bool {
        match formula {
            Formula::Always => true,
            Formula::Never => false,
            Formula::All(parts) => parts.iter().all(|part| self.implies(part, bounds)),
            Formula::Any(parts) => parts.iter().any(|part| self.implies(part, bounds)),
            Formula::In(column, region) => self.present(column, bounds) && self.region(column, bounds).within(region),
            Formula::Present(column) => self.present(column, bounds),
            Formula::Null(column) => self.nulls.contains(column),
            Formula::Opaque(text) => self.opaque.contains(text),
        }
    }
}

/// Is the formula TRUE whenever all of the others are? False where that is not proved.
pub fn follows(formula: &Formula, from: &[&Formula], bounds: &Bounds) -> bool {
    cases(from, bounds).is_some_and(|cases| cases.iter().all(|case| case.implies(formula, bounds)))
}

/// Can all of them never be TRUE together? False where that is not proved.
pub fn excluded(formulas: &[&Formula], bounds: &Bounds) -> bool {
    cases(formulas, bounds).is_some_and(|cases| cases.is_empty())
}
