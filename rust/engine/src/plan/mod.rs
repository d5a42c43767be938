//! A contract compiled against a frame's schema: what to run on which column, and one line for every clause.
//!
//! Rooms: `clause` (what a clause is), `compile` (walks the contract in the order of S5), `property` and `options` (clauses of
//! one column), `quality`, `keys` and `sla` (the clauses they are named for), `rules` and `scope` (row rules and what they can name), `types` (which Arrow type is which logical
//! type), `column` (finding a column).

mod clause;
mod column;
mod compile;
mod keys;
mod options;
mod property;
mod quality;
mod rules;
mod scope;
mod sla;
pub(crate) mod types;

pub use clause::{AgeLimit, ClauseInfo, Judge, Threshold};
pub use column::ColumnPath;
pub use keys::referred_columns;
pub use property::{Demand, UNTYPED, UNTYPED_OBJECT};
pub use rules::{RuleText, rule_text};
pub use scope::frame_scope;
pub use sla::parse_as_of;

use guard_kernels::check::{Check, ColumnChecks};
use guard_kernels::expr::program::{NodeId, Program};
use guard_kernels::expr::vector;
use guard_verdict::ContractRef;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A frame's records, for foreign keys that refer to it.
#[derive(Debug, Clone)]
pub struct ReferenceFrame {
    /// Its schema.
    pub schema: arrow_schema::SchemaRef,
    /// Its records.
    pub batches: Vec<arrow_array::RecordBatch>,
}

/// What a check is given besides the frame.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The instant that service levels are judged against.
    pub as_of: Option<jiff::Timestamp>,
    /// Frames that foreign keys refer to, by object name.
    pub references: BTreeMap<String, ReferenceFrame>,
    /// What the `:name`s of row rules stand for.
    pub parameters: crate::expr::Parameters,
    /// The records are read from bytes, and may be damaged (S9.2).
    pub from_bytes: bool,
}

/// The checks of one column and of what is nested in it.
#[derive(Default)]
pub struct ColumnTask {
    /// The path people read, such as `address.street`; without list positions.
    pub path: String,
    /// Evaluated together; filled from `pending` when the walk ends.
    pub checks: Option<ColumnChecks>,
    /// Bound so far.
    pending: Vec<Check>,
    /// The most that a check asks.
    pub demand: Demand,
    /// The clause of each check; checks of one clause are neighbours.
    pub clauses: Vec<usize>,
    /// Clauses that look at every value and have no check: admitted types.
    pub counted: Vec<usize>,
    /// Clauses that every non-NULL value violates.
    pub mismatches: Vec<usize>,
    /// Clauses of nested values.
    pub children: Vec<Child>,
    /// Set when the column is `classification`ed other than public: its values are not shown.
    pub masked: Option<String>,
}

/// Where nested values are found.
pub enum Child {
    /// A struct's field of this position.
    Field(usize, ColumnTask),
    /// A list's items.
    Items(ColumnTask),
    /// A map's keys.
    MapKeys(ColumnTask),
    /// A map's values.
    MapValues(ColumnTask),
}

/// A key among all records.
pub struct KeyTask {
    /// Its columns.
    pub columns: Vec<ColumnPath>,
}

/// A foreign key into another frame.
pub struct ForeignTask {
    /// The clause it decides.
    pub clause: usize,
    /// Its columns.
    pub columns: Vec<ColumnPath>,
    /// See [`ColumnTask::masked`], by column.
    pub masked: Vec<Option<String>>,
    /// The keys there are.
    pub keys: guard_kernels::unique::KeySet,
}

/// A foreign key into the same frame.
pub struct SelfForeignTask {
    /// The referring columns.
    pub from: Vec<ColumnPath>,
    /// The referenced columns.
    pub to: Vec<ColumnPath>,
}

/// A service level on the age of a column's values.
pub struct AgeTask {
    /// The clause it decides.
    pub clause: usize,
    /// Its column.
    pub column: ColumnPath,
}

/// The row rules of a plan, compiled into one program.
pub struct RuleTask {
    /// Their expressions; what they share is computed once.
    pub program: Program,
    /// How the rules' conditions are computed.
    pub plan: vector::Plan,
    /// The columns that the program reads.
    pub inputs: Vec<ColumnPath>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One row rule.
pub struct Rule {
    /// The clause it decides.
    pub clause: usize,
    /// The node of its condition.
    pub root: NodeId,
    /// TRUE violates rather than FALSE (S7.2).
    pub true_violates: bool,
    /// NULL violates too.
    pub null_violates: bool,
    /// Columns shown as evidence: positions among the inputs, and the classification that hides each.
    pub shown: Vec<(usize, Option<String>)>,
}

/// What a verdict needs to know of the plan, whatever the records; parts of one frame agree on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the semantics.
    pub semantics: u32,
    /// Who judges.
    pub contract: ContractRef,
    /// Every clause, in the order of S5.
    pub clauses: Vec<ClauseInfo>,
    /// Keys among all records.
    pub keys: Vec<KeyInfo>,
    /// Foreign keys into the same frame.
    pub self_foreign: Vec<KeyInfo>,
    /// Frame columns that the contract does not declare.
    pub undeclared: Vec<String>,
    /// The referenced frames used.
    pub references: BTreeMap<String, ReferenceInfo>,
    /// RFC 3339.
    pub as_of: Option<String>,
    /// Values of the parameters given, as the verdict shows them.
    #[serde(default)]
    pub params: BTreeMap<String, serde_json::Value>,
}

/// What is known of a key besides its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// The clause it decides.
    pub clause: usize,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Classification that hides a column's values, by column.
    pub masked: Vec<Option<String>>,
    /// A NULL part violates (primary keys).
    pub null_violates: bool,
}

/// A contract compiled against a schema.
pub struct Plan {
    /// Shared with partial verdicts.
    pub header: Arc<Header>,
    /// Line of each clause in the contract.
    pub lines: Vec<usize>,
    /// What each clause demands, as reports want it: a bound, a pattern, members, a referenced object and its columns.
    pub arguments: Vec<Vec<serde_json::Value>>,
    /// Names that columns have in the frame, where the contract calls them otherwise.
    pub physical: BTreeMap<String, String>,
    /// Top-level columns with work to do: position in the frame, and the work.
    pub columns: Vec<(usize, ColumnTask)>,
    /// Clauses that every record violates: missing or denied columns.
    pub whole: Vec<usize>,
    /// Clauses that look at every record and have no check of their own: satisfied presence, row counts.
    pub untasked: Vec<usize>,
    /// Columns of [`Header::keys`].
    pub keys: Vec<KeyTask>,
    /// Foreign keys into other frames.
    pub foreign: Vec<ForeignTask>,
    /// Columns of [`Header::self_foreign`].
    pub self_foreign: Vec<SelfForeignTask>,
    /// Ages.
    pub ages: Vec<AgeTask>,
    /// Row rules, where there are any.
    pub rules: Option<RuleTask>,
    /// Parameters given that no rule uses.
    pub unused_parameters: Vec<String>,
    /// Columns that help people to find a record.
    pub context: Vec<ContextColumn>,
    /// How many of them are shown.
    pub context_shown: usize,
    /// Undeclared columns leave at a split.
    pub drop_undeclared: bool,
    /// Clauses that damage fails, where records are read from bytes.
    pub damage: Option<DamageClauses>,
}

/// The clauses that damage of records and values fails (S9.2).
#[derive(Debug, Clone, Default)]
pub struct DamageClauses {
    /// `wellFormed`.
    pub well_formed: usize,
    /// `logicalType` by path; `[]` stands for positions in lists.
    pub types: BTreeMap<String, usize>,
    /// `undeclaredColumns`, when undeclared members reject.
    pub undeclared: Option<usize>,
    /// Classifications of columns, or of something in them, by name.
    pub masked: BTreeMap<String, String>,
}

impl DamageClauses {
    /// The `logicalType` clause of the value at `path`, such as `tags[2]`.
    pub fn type_of(&self, path: &str) -> Option<usize> {
        match path.contains('[') {
            true => self.types.get(&general(path)).copied(),
            false => self.types.get(path).copied(),
        }
    }

    /// The classification that hides bytes at `path`; of a whole record (an empty path) that of any of its columns.
    pub fn mask(&self, path: &str) -> Option<&str> {
        if path.is_empty() {
            return self.masked.values().next().map(String::as_str);
        }
        path.split(['.', '[']).next().and_then(|column| self.masked.get(column)).map(String::as_str)
    }
}

/// `tags[2].zip` as clauses call it: `tags[].zip`.
fn general(path: &str) -> String {
    let mut pieces = path.split('[');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push('[');
        out.push_str(piece.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

/// A column shown beside violations.
#[derive(Debug, Clone)]
pub struct ContextColumn {
    /// Position in the frame.
    pub position: usize,
    /// Declared name.
    pub name: String,
    /// See [`ColumnTask::masked`].
    pub masked: Option<String>,
}

/// What a partial verdict remembers of a referenced frame, so that parts judged against other frames refuse to merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceInfo {
    /// Its records.
    pub records: u64,
    /// Fingerprint of the keys used, by clause.
    pub keys: BTreeMap<usize, [u8; 16]>,
}
