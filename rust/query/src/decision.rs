//! What the gate answers.

use guard_verdict::{Code, Span};
use serde::Serialize;

/// The answer to one query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum QueryDecision {
    /// This text, and no other, may run.
    Allowed(Box<Allowed>),
    /// Nothing may run.
    Denied {
        /// Was the text read as one query, so that its names were judged too?
        read: bool,
        /// In the order in which they stand in the text, at least one.
        reasons: Vec<Reason>,
    },
}

/// Why a query, or a policy, was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What kind.
    pub code: Code,
    /// What is wrong, with the query's own text in backticks.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Where in the query; for a policy the start of the text of its predicate.
    pub span: Span,
}

/// A query that may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Allowed {
    /// The text to run: every relation behind its columns and its predicate, and at most `limit` rows.
    pub sql: String,
    /// Relations read, in the policy's order.
    pub tables: Vec<TableRead>,
    /// Columns that the query names, through whatever aliases and subqueries, in the policy's order. Those of the predicates are
    /// not among them.
    pub columns: Vec<ColumnRead>,
    /// Columns of the result, in order.
    pub lineage: Vec<OutColumn>,
    /// Parameters in the text, each once, sorted by name.
    pub parameters: Vec<Parameter>,
    /// Most rows of the result.
    pub limit: u64,
    /// What is known of the work before running.
    pub cost: Cost,
    /// In what the text is narrower than what was asked for; empty if it yields the same rows.
    pub narrowed: Vec<Narrowed>,
    #[serde(skip)]
    pub(crate) mark: char,
}

/// In what an approved text is narrower than what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Narrowed {
    /// A predicate of the policy was put in.
    Predicate,
    /// A LIMIT was put in or lowered.
    Limit,
}

/// A relation, and how often the query refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRead {
    /// As the policy calls it.
    pub table: String,
    /// Number of references.
    pub references: usize,
}

/// A column of a relation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ColumnRead {
    /// As the policy calls it.
    pub table: String,
    /// As the policy calls it.
    pub column: String,
}

/// A column of the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutColumn {
    /// Its name in the result.
    pub name: String,
    /// The columns that its item is computed from, subqueries within the item included. WHERE, joins and grouping of the query
    /// itself are not.
    pub from: Vec<ColumnRead>,
}

/// A parameter of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Without the sign before it.
    pub name: String,
    /// Must its value come from the gate, never from the proposal?
    pub gate: bool,
}

/// How far a cost can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CostLabel {
    /// Exactly this.
    Precise,
    /// At most this, if the policy's row counts are right.
    UpperBound,
    /// A guess.
    Heuristic,
}

/// What is known of the work before running.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// How far to trust `scanned`.
    pub label: CostLabel,
    /// Rows read from relations: the sum of their stated rows over all references; none if one is not stated.
    pub scanned: Option<u64>,
}

impl Allowed {
    /// The text with `$1`, `$2` … in place of named parameters, and their names in that order, as PostgreSQL's protocol wants it.
    pub fn numbered(&self) -> (String, Vec<String>) {
        let mut out = String::with_capacity(self.sql.len());
        let mut names: Vec<String> = Vec::new();
        let (mut quote, mut last) = (None, ' ');
        let mut rest = self.sql.chars().peekable();
        while let Some(ch) = rest.next() {
            match quote {
                Some(open) if ch == open => quote = None,
                Some(_) => {}
                None if ch == '\'' || ch == '"' => quote = Some(ch),
                None => {
                    let starts = rest.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '_');
                    if ch == self.mark && last != ':' && starts {
                        let mut name = String::new();
                        while let Some(next) = rest.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                            name.push(next);
                        }
                        let at = names.iter().position(|known| *known == name).unwrap_or(names.len());
                        if at == names.len() {
                            names.push(name);
                        }
                        out.push_str(&format!("${}", at + 1));
                        last = '0';
                        continue;
                    }
                }
            }
            out.push(ch);
            last = ch;
        }
        (out, names)
    }
}
