//! What became of each record of a chunk, and why.

use crate::quarantine::Reason;
use guard_engine::plan::{ClauseInfo, Plan};
use guard_engine::run::{Chunk, Damage, FaultKind, RowFault};
use guard_kernels::mask::Mask;

/// Records that keys among all records reject: by clause, over all records of all sources.
pub type Late = Vec<(usize, Mask)>;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It satisfies every deciding clause.
    Accepted,
    /// It violates one.
    Rejected,
    /// It could not be decided.
    Unknown,
}

/// Rows that are not accepted, ascending, each once.
pub type Refused = Vec<(usize, Status)>;

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

    /// The rows that are not accepted; `first` is the number of row 0 among all records of all sources. Costs what they are, as a rule, not what all are.
    pub fn refused(&self, plan: &Plan, chunk: &Chunk, late: &Late, first: usize, rows: usize) -> Refused {
        let rejected = |row| (row, Status::Rejected);
        let unknown = |row| (row, Status::Unknown);
        if plan.whole.iter().any(|clause| self.rejecting.contains(clause)) {
            return (0..rows).map(rejected).collect();
        }
        let mut out: Refused = chunk.rejected.iter().map(rejected).collect();
        let alone = out.len();
        if !late.is_empty() {
            out.extend((0..rows).filter(|row| self.is_late(late, first + row)).map(rejected));
        }
        if self.refused.is_empty() {
            out.extend(chunk.undecided.iter().map(unknown));
        } else {
            out.extend((0..rows).map(unknown));
        }
        if out.len() > alone {
            // Of a row that is both, what stands first counts: that it is rejected.
            out.sort_unstable();
            out.dedup_by_key(|(row, _)| *row);
        }
        out
    }

    /// Do clauses on all records reject this one of all records?
    pub fn is_late(&self, late: &Late, record: usize) -> bool {
        late.iter().any(|(clause, mask)| mask.get(record) && self.rejecting.contains(clause))
    }

    /// Why rows were not accepted, to be asked row by row. The chunk must have been judged with masks.
    pub fn reasons<'c>(
        &'c self,
        plan: &'c Plan,
        chunk: &'c Chunk,
        damage: &'c Damage,
        late: &'c Late,
        first: usize,
    ) -> Reasons<'c> {
        let failing = self.rejecting.iter().filter_map(|&clause| {
            Some(Failing {
                reason: self.reason(plan, clause, true)?,
                mask: met(&chunk.masks, clause),
                whole: plan.whole.contains(&clause),
                late: late.iter().filter(|(key, _)| *key == clause).map(|(_, mask)| mask).collect(),
            })
        });
        let failing = failing.filter(|found| found.mask.is_some() || found.whole || !found.late.is_empty()).collect();
        let open = self.rejecting.iter().filter_map(|&clause| Some((clause, met(&chunk.undecided_masks, clause)?)));
        Reasons { deciding: self, plan, faults: &damage.faults, at: 0, failing, open: open.collect(), first }
    }

    fn reason<'r>(&'r self, plan: &'r Plan, clause: usize, code: bool) -> Option<Reason<'r>> {
        let info = plan.header.clauses.get(clause)?;
        let code = info.code.as_deref().filter(|_| code);
        Some(Reason { code, clause: &info.id, path: self.paths.get(clause)? })
    }
}

/// What a clause says of the rows of a chunk.
struct Failing<'c> {
    reason: Reason<'c>,
    mask: Option<&'c Mask>,
    /// All records violate it.
    whole: bool,
    /// By number among all records of all sources.
    late: Vec<&'c Mask>,
}

/// Why rows of a chunk were not accepted.
pub struct Reasons<'c> {
    deciding: &'c Deciding,
    plan: &'c Plan,
    faults: &'c [RowFault],
    /// The first fault after those of the row that was asked for last.
    at: usize,
    /// Clauses that fail on a row at least.
    failing: Vec<Failing<'c>>,
    /// The same of those that leave one undecided.
    open: Vec<(usize, &'c Mask)>,
    /// Number of row 0 among all records of all sources.
    first: usize,
}

impl<'c> Reasons<'c> {
    /// Those of a row. Rows are best asked for in ascending order.
    pub fn of(&mut self, row: usize) -> Vec<Reason<'c>> {
        let mut out = Vec::new();
        self.add(row, &mut out);
        out
    }

    /// Adds those of a row to an empty list.
    pub fn add(&mut self, row: usize, out: &mut Vec<Reason<'c>>) {
        out.extend(self.take_faults(row).iter().filter_map(|fault| fault_reason(self.plan, fault)));
        let met = out.len();
        for found in &self.failing {
            let late = || found.late.iter().any(|mask| mask.get(self.first + row));
            if found.whole || found.mask.is_some_and(|mask| mask.get(row)) || late() {
                // A clause has one place in memory, as a rule.
                let (new, same) =
                    (&found.reason, |mine: &str, theirs: &str| std::ptr::eq(mine, theirs) || mine == theirs);
                if !out.iter().take(met).any(|old| same(old.clause, new.clause)) {
                    out.push(new.clone());
                }
            }
        }
        let open = self.open.iter().filter(|(_, mask)| mask.get(row));
        out.extend(open.filter_map(|(clause, _)| self.deciding.reason(self.plan, *clause, false)));
        let refused = self.deciding.refused.iter();
        out.extend(refused.filter_map(|&clause| self.deciding.reason(self.plan, clause, true)));
    }

    fn take_faults(&mut self, row: usize) -> &'c [RowFault] {
        let row_of = |at: usize| self.faults.get(at).map(|fault| fault.row);
        let passed = self.at.checked_sub(1).and_then(row_of).is_some_and(|before| before >= row);
        if passed || row_of(self.at).is_some_and(|next| next < row) {
            self.at = self.faults.partition_point(|fault| fault.row < row);
        }
        let rest = self.faults.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|fault| fault.row == row).count();
        self.at += count;
        rest.get(..count).unwrap_or_default()
    }
}

/// The rows of a clause, if there are any.
fn met(masks: &[Option<Mask>], clause: usize) -> Option<&Mask> {
    masks.get(clause)?.as_ref().filter(|mask| !mask.is_zero())
}

fn fault_reason<'c>(plan: &'c Plan, fault: &'c RowFault) -> Option<Reason<'c>> {
    let clauses = plan.damage.as_ref()?;
    let id = |clause: usize| plan.header.clauses.get(clause).map_or("", |info| info.id.as_str());
    match &fault.kind {
        FaultKind::Malformed(code) => Some(Reason { code: Some(code), clause: id(clauses.well_formed), path: "" }),
        FaultKind::Unreadable { path, .. } => {
            let clause = clauses.type_of(path).unwrap_or(clauses.well_formed);
            Some(Reason { code: Some("type-mismatch"), clause: id(clause), path })
        }
        FaultKind::Undeclared(name) => {
            Some(Reason { code: Some("column-undeclared"), clause: id(clauses.undeclared?), path: name })
        }
    }
}
