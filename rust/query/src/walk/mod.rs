//! The walk over the tree: everything is resolved, rewritten in place, or found fault with. It goes on after a fault, so that an agent
//! learns of several at once.

mod call;
mod clock;
mod expr;
mod from;
mod items;
mod names;
mod query;
mod select;
mod types;

use crate::build;
use crate::dialect::Dialect;
use crate::judge::Parameters;
use crate::policy::QueryPolicy;
use crate::text::Finding;
use guard_verdict::{Code, codes::query as codes};
use sqlparser::ast::Ident;
use sqlparser::tokenizer::Span;
use std::collections::BTreeSet;

/// Most reasons given; what is not listed is counted.
const FINDINGS: usize = 32;

/// A column of a query or a relation, and the columns of the policy that it is computed from.
#[derive(Debug, Clone)]
pub(crate) struct Out {
    pub name: Option<String>,
    /// Does an engine call it so? What the text gives no name, engines name in ways of their own.
    pub sure: bool,
    pub origins: Vec<u32>,
}

/// Something in FROM.
#[derive(Debug)]
struct Source {
    /// How columns are qualified.
    alias: String,
    columns: Vec<Out>,
    /// The relation's own path, where it may qualify columns.
    path: Vec<String>,
    /// It was not resolved, so that nothing is known of its columns.
    open: bool,
}

/// Columns that USING has made one.
#[derive(Debug)]
struct Merged {
    name: String,
    covers: Vec<usize>,
}

/// The names that one SELECT sees.
#[derive(Debug, Default)]
struct Frame {
    sources: Vec<Source>,
    merged: Vec<Merged>,
    /// Names of items that may stand for them.
    aliases: Vec<Out>,
    windows: Vec<Window>,
}

/// A window of WINDOW.
#[derive(Debug, Clone)]
struct Window {
    name: String,
    /// What it partitions and orders by.
    origins: Vec<u32>,
}

/// A query of WITH.
struct Common {
    name: String,
    /// As it is written: another name where its own is a relation's or may be taken for one that the gate gives.
    written: String,
    columns: Vec<Out>,
    open: bool,
}

pub(crate) struct Walker<'p> {
    policy: &'p QueryPolicy,
    bound: &'p Parameters,
    /// The text in lower case: no name that the gate makes up stands in it.
    text: String,
    /// How many subqueries in FROM have been named.
    derived: usize,
    pub findings: Vec<Finding>,
    /// How many more there were.
    pub unlisted: usize,
    /// Every column read, as often as it is named; and `clock::TEXT`.
    pub log: Vec<u32>,
    /// Texts that stand for themselves only when the query is written.
    pub texts: Vec<String>,
    /// Every relation read, as often as it is named.
    pub references: Vec<usize>,
    /// Names of the proposal's parameters.
    pub parameters: BTreeSet<String>,
    /// Does a subquery name a column of the query around it?
    pub correlated: bool,
    frames: Vec<Frame>,
    common: Vec<Common>,
    joins: usize,
    selects: usize,
    /// Is the value that comes next a text whatever it says?
    as_text: bool,
}

impl<'p> Walker<'p> {
    pub fn new(policy: &'p QueryPolicy, bound: &'p Parameters, text: &str) -> Walker<'p> {
        Walker {
            policy,
            bound,
            text: text.to_ascii_lowercase(),
            derived: 0,
            findings: Vec::new(),
            unlisted: 0,
            log: Vec::new(),
            texts: Vec::new(),
            references: Vec::new(),
            parameters: BTreeSet::new(),
            correlated: false,
            frames: Vec::new(),
            common: Vec::new(),
            joins: 0,
            selects: 0,
            as_text: false,
        }
    }

    /// Does a name stand nowhere in the text? Only such a one may be given to what has none.
    fn is_new(&self, name: &str) -> bool {
        !self.text.contains(&name.to_ascii_lowercase())
    }

    fn deny(&mut self, code: Code, message: impl Into<String>, place: Span) {
        self.push(Finding::new(code, message, place));
    }

    fn push(&mut self, finding: Finding) {
        match self.findings.len() < FINDINGS {
            true => self.findings.push(finding),
            false => self.unlisted += 1,
        }
    }

    /// Something that SQLite has no syntax for.
    fn beyond_sqlite(&mut self, code: Code, what: &str, place: Span) {
        if self.policy.dialect == Dialect::Sqlite {
            self.deny(code, format!("{what} cannot be used in this dialect"), place);
        }
    }

    /// Is the name written as every engine reads it? Tokens were judged before; what is left is a name in single quotes.
    fn plain(&mut self, name: &Ident) -> bool {
        let plain = matches!(name.quote_style, None | Some('"')) && !name.value.is_empty();
        if !plain {
            let message = format!("`{name}` is no name: a name stands bare or in double quotes");
            self.deny(guard_verdict::codes::query::NAME, message, name.span);
        }
        plain
    }

    /// The name that an alias gives; it is rewritten in quotes.
    fn alias(&mut self, name: &mut Ident) -> String {
        self.plain(name);
        if name.quote_style.is_none() && reads_otherwise(&name.value) {
            let message = format!("`{}` without quotes is no name in every database", name.value);
            self.deny(codes::EXPRESSION, message, name.span);
        }
        if !self.policy.dialect.names(&name.value) {
            let message = format!("SQLite takes `{}` for a value, and calls such a column otherwise", name.value);
            self.deny(codes::NAME, message, name.span);
        }
        let stored = self.policy.dialect.stored(name);
        let place = name.span;
        *name = build::ident(&stored);
        name.span = place;
        stored
    }
}

/// Behind a value some engines read an operator (`id ISNULL`) or more digits (`1_000`) where others read a name.
fn reads_otherwise(name: &str) -> bool {
    let digits = name.strip_prefix('_').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    digits || name.eq_ignore_ascii_case("isnull") || name.eq_ignore_ascii_case("notnull")
}
