//! What queries may read.

use crate::dialect::{Dialect, NAME_LIMIT};
use crate::functions::{self, Kind};
use crate::predicate;
use crate::text;
use guard_verdict::{Code, codes::query as codes};
use serde::Deserialize;
use sqlparser::ast::Query;
use std::collections::BTreeMap;

/// How the names begin that stand for guarded relations while a query is written and read back. No name and no text of a query, and
/// no name of a policy, holds it.
pub(crate) const STAND_IN: char = '\u{1}';

/// The `queries` element of a gate file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicySpec {
    /// Whose SQL.
    pub dialect: Dialect,
    /// Relations by name, `schema.relation` or `relation`, exactly as the database has it and as queries must qualify it.
    pub relations: BTreeMap<String, RelationSpec>,
    /// Functions that may be called; EXTRACT, SUBSTRING, TRIM, POSITION, CEIL and FLOOR are functions too.
    #[serde(default)]
    pub functions: Vec<String>,
    /// Most rows of a result.
    pub max_rows: u64,
    /// Limits of the text.
    #[serde(default)]
    pub limits: Limits,
}

/// A relation that may be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RelationSpec {
    /// Columns that queries see, exactly as the database has them.
    pub columns: Vec<String>,
    /// Which rows queries see: a condition over columns of the relation, seen or not, and the gate's parameters. Without it, all.
    #[serde(default, rename = "where")]
    pub filter: Option<String>,
    /// At most so many rows, for the cost.
    #[serde(default)]
    pub rows: Option<u64>,
}

/// Limits of a query's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Limits {
    /// Longest text; at most 65,536.
    pub bytes: usize,
    /// Deepest nesting of parentheses and CASE; at most 48.
    pub depth: usize,
    /// Most operators and keywords, of which chains nest the tree; at most 1,000, words of SQL used as names included.
    pub operators: usize,
    /// Most joins, commas in FROM included.
    pub joins: usize,
    /// Most SELECTs: subqueries, CTEs and parts of set operations.
    pub selects: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { bytes: 16_384, depth: 24, operators: 1_000, joins: 16, selects: 32 }
    }
}

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyProblem {
    /// `query-policy`.
    pub code: Code,
    /// Keys and positions that lead to the element.
    pub path: Vec<String>,
    /// What is wrong.
    pub message: String,
}

impl PolicyProblem {
    fn new(path: &[&str], message: impl Into<String>) -> PolicyProblem {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        PolicyProblem { code: codes::POLICY, path, message: message.into() }
    }
}

/// A policy ready to judge.
#[derive(Debug, Clone)]
pub struct QueryPolicy {
    pub(crate) dialect: Dialect,
    pub(crate) relations: Vec<Relation>,
    pub(crate) functions: Vec<(&'static str, Kind)>,
    pub(crate) max_rows: u64,
    pub(crate) limits: Limits,
}

#[derive(Debug, Clone)]
pub(crate) struct Relation {
    pub name: String,
    pub path: Vec<String>,
    pub columns: Vec<String>,
    /// The number of the first column among all columns of the policy.
    pub first: u32,
    /// What stands for the relation: its columns of the rows that the predicate admits.
    pub guarded: Query,
    /// Its text in parentheses.
    pub text: String,
    /// Is there a predicate?
    pub filtered: bool,
    /// Parameters of the predicate.
    pub parameters: Vec<String>,
    pub rows: Option<u64>,
}

impl QueryPolicy {
    /// Checks a policy.
    ///
    /// # Errors
    /// Every problem, with the path of its element.
    pub fn compile(spec: &PolicySpec) -> Result<QueryPolicy, Vec<PolicyProblem>> {
        let mut problems = Vec::new();
        check_limits(spec, &mut problems);
        let functions = allowed_functions(spec, &mut problems);
        let mut relations: Vec<Relation> = Vec::with_capacity(spec.relations.len());
        let mut first = 0_u32;
        for (name, relation) in &spec.relations {
            match compile_relation(spec, name, relation, first) {
                Ok(compiled) => {
                    let twin = relations.iter().find(|known| same_path(spec.dialect, &known.path, &compiled.path));
                    if let Some(twin) = twin {
                        let message = format!("relations `{}` and `{name}` have one name in this dialect", twin.name);
                        problems.push(PolicyProblem::new(&["relations", name], message));
                    }
                    first += u32::try_from(compiled.columns.len()).unwrap_or(u32::MAX);
                    relations.push(compiled);
                }
                Err(mut found) => problems.append(&mut found),
            }
        }
        if problems.is_empty() {
            let (dialect, max_rows, limits) = (spec.dialect, spec.max_rows, spec.limits);
            return Ok(QueryPolicy { dialect, relations, functions, max_rows, limits });
        }
        Err(problems)
    }

    /// Names of the parameters that predicates need from the gate, each once, sorted.
    pub fn parameters(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.relations.iter().flat_map(|relation| &relation.parameters).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Relations that have a predicate, each with the parameters that it needs.
    pub fn predicates(&self) -> impl Iterator<Item = (&str, &[String])> {
        let having = self.relations.iter().filter(|relation| relation.filtered);
        having.map(|relation| (relation.name.as_str(), relation.parameters.as_slice()))
    }

    /// The parts of each relation's name, and its columns.
    pub fn shown(&self) -> impl Iterator<Item = (&[String], &[String])> {
        self.relations.iter().map(|relation| (relation.path.as_slice(), relation.columns.as_slice()))
    }

    /// Names of the functions that may be called.
    pub fn calls(&self) -> impl Iterator<Item = &'static str> {
        self.functions.iter().map(|(name, _)| *name)
    }

    /// Most rows of a result.
    pub fn max_rows(&self) -> u64 {
        self.max_rows
    }

    /// Whose SQL.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The name that stands for a relation until the text is written.
    pub(crate) fn stand_in(relation: usize) -> String {
        format!("{STAND_IN}{relation}")
    }

    /// A text with the guarded relations in place of their names, and with texts that stood aside.
    pub(crate) fn written(&self, text: &str, texts: &[String]) -> Option<String> {
        let mut out = String::with_capacity(2 * text.len());
        let mut rest = text;
        while let Some(at) = rest.find(STAND_IN) {
            let (before, behind) = (rest.get(..at)?, rest.get(at + STAND_IN.len_utf8()..)?);
            if let Some(before) = before.strip_suffix('"') {
                let (relation, behind) = behind.split_once('"')?;
                out.push_str(before);
                out.push_str(&self.relations.get(relation.parse::<usize>().ok()?)?.text);
                rest = behind;
            } else {
                // Its quotes stand already.
                let (number, behind) = behind.split_once('\'')?;
                out.push_str(before);
                out.push_str(&texts.get(number.parse::<usize>().ok()?)?.replace('\'', "''"));
                out.push('\'');
                rest = behind;
            }
        }
        out.push_str(rest);
        Some(out)
    }

    pub(crate) fn is_parameter(&self, name: &str) -> bool {
        self.relations.iter().any(|relation| relation.parameters.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    /// The relation and column of a number.
    pub(crate) fn column(&self, number: u32) -> Option<(&Relation, &str)> {
        let at = self.relations.partition_point(|relation| relation.first <= number).checked_sub(1)?;
        let relation = self.relations.get(at)?;
        let column = relation.columns.get((number - relation.first) as usize)?;
        Some((relation, column))
    }
}

fn check_limits(spec: &PolicySpec, problems: &mut Vec<PolicyProblem>) {
    let limits = &spec.limits;
    let mut within = |name: &str, value: usize, most: usize| {
        if value == 0 || value > most {
            let message = format!("`limits.{name}` is {value}; it lies from 1 to {most}");
            problems.push(PolicyProblem::new(&["limits", name], message));
        }
    };
    within("bytes", limits.bytes, 65_536);
    within("depth", limits.depth, 48);
    within("operators", limits.operators, 1_000);
    within("joins", limits.joins.max(1), 64);
    within("selects", limits.selects, 64);
    if spec.max_rows == 0 || spec.max_rows > i64::MAX as u64 {
        let message = format!("`maxRows` is {}; it is a whole number above zero", spec.max_rows);
        problems.push(PolicyProblem::new(&["maxRows"], message));
    }
    if spec.relations.is_empty() {
        problems.push(PolicyProblem::new(&["relations"], "there are no `relations`"));
    }
}

fn allowed_functions(spec: &PolicySpec, problems: &mut Vec<PolicyProblem>) -> Vec<(&'static str, Kind)> {
    let mut out = Vec::with_capacity(spec.functions.len());
    for (at, name) in spec.functions.iter().enumerate() {
        let mut deny = |message: String| problems.push(PolicyProblem::new(&["functions", &at.to_string()], message));
        match functions::find(spec.dialect, name) {
            Some(found) if out.contains(&found) => deny(format!("function `{name}` is listed twice")),
            Some(found) => out.push(found),
            None => deny(format!("function `{name}` is none that the gate knows to be pure in this dialect")),
        }
    }
    out
}

fn compile_relation(
    whole: &PolicySpec,
    name: &str,
    spec: &RelationSpec,
    first: u32,
) -> Result<Relation, Vec<PolicyProblem>> {
    let dialect = whole.dialect;
    let mut problems = Vec::new();
    let mut wrong = |under: &[&str], message: String| {
        problems.push(PolicyProblem::new(&[&["relations", name], under].concat(), message));
    };
    let path: Vec<String> = name.split('.').map(str::to_owned).collect();
    for part in &path {
        // A slash or a point would make DuckDB look for a file of that name.
        let plain = |ch: char| ch.is_alphanumeric() || matches!(ch, '_' | '$' | '-' | ' ');
        if part.is_empty() || part.len() > NAME_LIMIT || !part.chars().all(plain) {
            let signs = "letters, digits, `_`, `$`, `-` and blanks";
            wrong(&[], format!("relation `{name}` has a name with other signs than {signs}"));
        }
    }
    if path.len() > 3 {
        wrong(&[], format!("relation `{name}` has more than three parts"));
    }
    if spec.columns.is_empty() {
        wrong(&["columns"], format!("relation `{name}` shows no columns"));
    }
    for (at, why) in wrong_columns(dialect, name, &spec.columns) {
        wrong(&["columns", &at.to_string()], why);
    }
    let filter = match &spec.filter {
        None => None,
        Some(text) => match predicate::compile(text, &path, &spec.columns) {
            Ok(filter) => Some(filter),
            Err(problem) => {
                wrong(&["where"], format!("`where` of `{name}`: {problem}"));
                None
            }
        },
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let filtered = filter.is_some();
    let (condition, parameters) =
        filter.map_or((None, Vec::new()), |filter| (Some(filter.condition), filter.parameters));
    let guarded = predicate::guarded(dialect, &path, &spec.columns, condition);
    let text = guarded.to_string();
    if text::read_back(dialect, whole.limits, &text).is_none_or(|again| again != guarded) {
        let message = format!("`where` of `{name}` cannot be written so that it reads back the same");
        return Err(vec![PolicyProblem::new(&["relations", name, "where"], message)]);
    }
    let text = format!("({text})");
    let (name, columns) = (name.to_owned(), spec.columns.clone());
    Ok(Relation { name, path, columns, first, guarded, text, filtered, parameters, rows: spec.rows })
}

/// What is wrong with the names of columns, and with which.
fn wrong_columns(dialect: Dialect, name: &str, columns: &[String]) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        if column.is_empty() || column.len() > NAME_LIMIT || column.contains(|ch: char| ch.is_control() || ch == '"') {
            out.push((at, format!("column `{column}` of `{name}` is no name")));
        }
        if !dialect.names(column) {
            out.push((at, format!("SQLite takes column `{column}` of `{name}` for a value")));
        }
        if columns.iter().take(at).any(|known| dialect.same(known, column)) {
            out.push((at, format!("relation `{name}` shows column `{column}` twice")));
        }
    }
    out
}

fn same_path(dialect: Dialect, a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| dialect.same(a, b))
}
