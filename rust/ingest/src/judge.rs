//! What became of each record of a chunk, and why.

use crate::quarantine::Reason;
use guard_engine::plan::{ClauseInfo, Plan};
use guard_engine::run::{Chunk, Damage, FaultKind};
use guard_kernels::mask::Mask;

/// Records that keys among all records reject: by clause, over all records of all sources.
pub type Late = Vec<(usize, Mask)>;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It satisfies every deciding clause.
    Accepted,
    /// It violates one.
    Rejected,
    /// It could not be decided.
    Unknown,
}

/// The clauses of a plan that bear on what becomes of records.
#[derive(Debug)]
pub struct Deciding {
    rejecting: Vec<usize>,
    refused: Vec<usize>,
    /// By clause: the columns that a reason names.
    paths: Vec<String>,
}

impl Deciding {
    /// Of a plan.
    pub fn new(plan: &Plan) -> Self {
        let positions = |wanted: fn(&ClauseInfo) -> bool| {
            let clauses = plan.header.clauses.iter().enumerate();
            clauses.filter(|(_, info)| wanted(info)).map(|(position, _)| position).collect()
        };
        Self {
            rejecting: positions(ClauseInfo::rejects),
            refused: positions(ClauseInfo::leaves_unknown),
            paths: plan.header.clauses.iter().map(|info| info.columns.join(",")).collect(),
        }
    }

    /// The status of each row; `first` is the number of row 0 among all records of all sources.
    pub fn statuses(&self, plan: &Plan, chunk: &Chunk, late: &Late, first: usize, rows: usize) -> Vec<Status> {
        let whole = plan.whole.iter().any(|clause| self.rejecting.contains(clause));
        let status = |row: usize| {
            if whole || chunk.rejected.get(row) || self.is_late(late, first + row) {
                Status::Rejected
            } else if !self.refused.is_empty() || chunk.undecided.get(row) {
                Status::Unknown
            } else {
                Status::Accepted
            }
        };
        (0..rows).map(status).collect()
    }

    /// Do clauses on all records reject this one of all records?
    pub fn is_late(&self, late: &Late, record: usize) -> bool {
        late.iter().any(|(clause, mask)| mask.get(record) && self.rejecting.contains(clause))
    }

    /// Why a row was not accepted. The chunk must have been judged with masks.
    pub fn reasons<'r>(
        &'r self,
        plan: &'r Plan,
        chunk: &Chunk,
        damage: &'r Damage,
        late: &Late,
        first: usize,
        row: usize,
    ) -> Vec<Reason<'r>> {
        let mut out = faults(plan, damage, row);
        let met = out.len();
        let has = |masks: &[Option<Mask>], clause: usize| {
            masks.get(clause).and_then(Option::as_ref).is_some_and(|mask| mask.get(row))
        };
        for &clause in &self.rejecting {
            let late = || late.iter().any(|(key, mask)| *key == clause && mask.get(first + row));
            if has(&chunk.masks, clause) || plan.whole.contains(&clause) || late() {
                let new = self.reason(plan, clause, true);
                out.extend(new.filter(|new| out.iter().take(met).all(|old| old.clause != new.clause)));
            }
        }
        let open = self.rejecting.iter().copied().filter(|&clause| has(&chunk.undecided_masks, clause));
        out.extend(open.filter_map(|clause| self.reason(plan, clause, false)));
        out.extend(self.refused.iter().filter_map(|&clause| self.reason(plan, clause, true)));
        out
    }

    fn reason<'r>(&'r self, plan: &'r Plan, clause: usize, code: bool) -> Option<Reason<'r>> {
        let info = plan.header.clauses.get(clause)?;
        let code = info.code.as_deref().filter(|_| code);
        Some(Reason { code, clause: &info.id, path: self.paths.get(clause)? })
    }
}

fn faults<'r>(plan: &'r Plan, damage: &'r Damage, row: usize) -> Vec<Reason<'r>> {
    let Some(clauses) = &plan.damage else { return Vec::new() };
    let id = |clause: usize| plan.header.clauses.get(clause).map_or("", |info| info.id.as_str());
    let start = damage.faults.partition_point(|fault| fault.row < row);
    let faults = damage.faults.iter().skip(start).take_while(|fault| fault.row == row);
    let reason = |fault: &'r guard_engine::run::RowFault| match &fault.kind {
        FaultKind::Malformed(code) => Some(Reason { code: Some(code), clause: id(clauses.well_formed), path: "" }),
        FaultKind::Unreadable { path, .. } => {
            let clause = clauses.type_of(path).unwrap_or(clauses.well_formed);
            Some(Reason { code: Some("type-mismatch"), clause: id(clause), path })
        }
        FaultKind::Undeclared(name) => {
            Some(Reason { code: Some("column-undeclared"), clause: id(clauses.undeclared?), path: name })
        }
    };
    faults.filter_map(reason).collect()
}
