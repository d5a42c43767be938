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
pub struct Deciding {
    rejecting: Vec<usize>,
    refused: Vec<usize>,
}

impl Deciding {
    /// Of a plan.
    pub fn new(plan: &Plan) -> Self {
        let positions = |wanted: fn(&ClauseInfo) -> bool| {
            let clauses = plan.header.clauses.iter().enumerate();
            clauses.filter(|(_, info)| wanted(info)).map(|(position, _)| position).collect()
        };
        Self { rejecting: positions(ClauseInfo::rejects), refused: positions(ClauseInfo::leaves_unknown) }
    }

    /// The status of each row; `first` is the number of row 0 among all records of all sources.
    pub fn statuses(&self, plan: &Plan, chunk: &Chunk, late: &Late, first: usize, rows: usize) -> Vec<Status> {
        let whole = plan.whole.iter().any(|clause| self.rejecting.contains(clause));
        let late: Vec<&Mask> =
            late.iter().filter(|(clause, _)| self.rejecting.contains(clause)).map(|(_, mask)| mask).collect();
        let status = |row: usize| {
            if whole || chunk.rejected.get(row) || late.iter().any(|mask| mask.get(first + row)) {
                Status::Rejected
            } else if !self.refused.is_empty() || chunk.undecided.get(row) {
                Status::Unknown
            } else {
                Status::Accepted
            }
        };
        (0..rows).map(status).collect()
    }

    /// Why a row was not accepted. The chunk must have been judged with masks.
    pub fn reasons(
        &self,
        plan: &Plan,
        chunk: &Chunk,
        damage: &Damage,
        late: &Late,
        first: usize,
        row: usize,
    ) -> Vec<Reason> {
        let mut out = faults(plan, damage, row);
        let reason = |clause: usize, code: bool| {
            let info = plan.header.clauses.get(clause)?;
            let path = info.columns.join(",");
            Some(Reason { code: info.code.clone().filter(|_| code), clause: info.id.clone(), path })
        };
        let has = |masks: &[Option<Mask>], clause: usize| {
            masks.get(clause).and_then(Option::as_ref).is_some_and(|mask| mask.get(row))
        };
        let failing = self.rejecting.iter().copied().filter(|&clause| {
            let late = late.iter().any(|(key, mask)| *key == clause && mask.get(first + row));
            late || plan.whole.contains(&clause) || has(&chunk.masks, clause)
        });
        let failing: Vec<Reason> = failing.filter_map(|clause| reason(clause, true)).collect();
        out.extend(
            failing.into_iter().filter(|new| out.iter().all(|old| old.clause != new.clause)).collect::<Vec<_>>(),
        );
        let open = self.rejecting.iter().copied().filter(|&clause| has(&chunk.undecided_masks, clause));
        out.extend(open.filter_map(|clause| reason(clause, false)));
        out.extend(self.refused.iter().filter_map(|&clause| reason(clause, true)));
        out
    }
}

fn faults(plan: &Plan, damage: &Damage, row: usize) -> Vec<Reason> {
    let Some(clauses) = &plan.damage else { return Vec::new() };
    let id = |clause: usize| plan.header.clauses.get(clause).map(|info| info.id.clone()).unwrap_or_default();
    let start = damage.faults.partition_point(|fault| fault.row < row);
    let faults = damage.faults.iter().skip(start).take_while(|fault| fault.row == row);
    let reason = |fault: &guard_engine::run::RowFault| match &fault.kind {
        FaultKind::Malformed(code) => {
            Some(Reason { code: Some((*code).to_owned()), clause: id(clauses.well_formed), path: String::new() })
        }
        FaultKind::Unreadable { path, .. } => {
            let clause = clauses.type_of(path).unwrap_or(clauses.well_formed);
            Some(Reason { code: Some("type-mismatch".to_owned()), clause: id(clause), path: path.clone() })
        }
        FaultKind::Undeclared(name) => {
            let clause = id(clauses.undeclared?);
            Some(Reason { code: Some("column-undeclared".to_owned()), clause, path: name.clone() })
        }
    };
    faults.filter_map(reason).collect()
}
