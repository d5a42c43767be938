//! What to type next: polars expressions that show the bad records, and the place of the clause in the contract.

mod python;

use super::Beside;
use super::clean::brief;
use super::words::{Standing, standing};
use crate::{Clause, Scope, Severity, Verdict};
use python::{identifier, list, literal, name_or};
use serde_json::Value;

/// Records that are named by their numbers.
const NUMBERS: usize = 20;
/// Longest line that is proposed; a longer one would be a wall, not a help.
const LINE: usize = 240;

/// A Python expression that shows the records that violate `clause` or that it leaves undecided, where there are such and
/// one can be told from the verdict.
pub(super) fn look(verdict: &Verdict, beside: &Beside, clause: &Clause) -> Option<String> {
    if standing(clause) != Standing::Fail && clause.undecided.is_empty()
        || beside.frame.is_none() && from_files(verdict, beside)
        || beside.next.is_some()
    {
        return None;
    }
    let frame = name_or(beside.frame.as_deref(), "frame");
    let arguments = beside.arguments.get(&clause.id).map_or(&[][..], Vec::as_slice);
    let columns = clause.columns.iter().map(|name| beside.physical.get(name).unwrap_or(name).clone());
    let physical = Clause { columns: columns.collect(), evidence: Vec::new(), ..clause.clone() };
    let exact = match clause.kind.as_str() {
        "rowRule" | "sql" => marked(verdict, beside, clause),
        _ => exact(verdict, &frame, &physical, arguments),
    };
    exact.filter(|line| line.chars().count() <= LINE).or_else(|| by_number(&frame, clause))
}

/// Whether the records came from files; frames have no name in a verdict.
pub(super) fn from_files(verdict: &Verdict, beside: &Beside) -> bool {
    !beside.sources.is_empty() || verdict.bytes.is_some() || verdict.sources.iter().any(|s| !s.source.is_empty())
}

/// An expression for all violations.
fn exact(verdict: &Verdict, frame: &str, clause: &Clause, arguments: &[Value]) -> Option<String> {
    // The path of a nested value cannot be told from the name of a column.
    if clause.columns.iter().any(|c| c.contains(['.', '['])) {
        return None;
    }
    match clause.kind.as_str() {
        "undeclaredColumns" if !verdict.undeclared.is_empty() => {
            return Some(format!("{frame}.select({})", list(&verdict.undeclared)));
        }
        "rowCount" => return Some(format!("{frame}.height")),
        "foreignKey" => return anti_join(frame, &clause.columns, arguments),
        _ => {}
    }
    let column = literal(clause.columns.first()?);
    match (clause.kind.as_str(), clause.code.as_deref()) {
        ("presence", _) => return Some(format!("{column} in {frame}.columns")),
        ("logicalType", Some("type-mismatch")) | ("timezone", _) => {
            return Some(format!("{frame}.schema[{column}]"));
        }
        ("freshness" | "latency", _) => {
            return Some(format!("{frame}.select(pl.col({column}).max())"));
        }
        ("retention", _) => return Some(format!("{frame}.select(pl.col({column}).min())")),
        _ => {}
    }
    predicate(clause, &format!("pl.col({column})"), arguments).map(|p| format!("{frame}.filter({p})"))
}

/// A boolean polars expression that is true on violations. NULL makes it NULL, and `filter` leaves such records out.
fn predicate(clause: &Clause, col: &str, arguments: &[Value]) -> Option<String> {
    let bound = || arguments.first().and_then(python::scalar);
    Some(match clause.kind.as_str() {
        "required" | "nullValues" => format!("{col}.is_null()"),
        "unique" | "duplicateValues" => duplicated(&clause.columns),
        "primaryKey" => format!("{} | {}", any_null(&clause.columns), repeats(&clause.columns)),
        "logicalType" => format!("~{col}.is_finite()"),
        "minimum" => format!("{col} < {}", bound()?),
        "exclusiveMinimum" => format!("{col} <= {}", bound()?),
        "maximum" => format!("{col} > {}", bound()?),
        "exclusiveMaximum" => format!("{col} >= {}", bound()?),
        "multipleOf" => format!("{col} % {} != 0", bound()?),
        "minLength" => format!("{col}.str.len_chars() < {}", bound()?),
        "maxLength" => format!("{col}.str.len_chars() > {}", bound()?),
        "minItems" => format!("{col}.list.len() < {}", bound()?),
        "maxItems" => format!("{col}.list.len() > {}", bound()?),
        "uniqueItems" => format!("{col}.list.n_unique() < {col}.list.len()"),
        "pattern" => format!("~{col}.str.contains({})", literal(arguments.first()?.as_str()?)),
        "enum" if !arguments.is_empty() => {
            let members: Option<Vec<_>> = arguments.iter().map(python::scalar).collect();
            format!("~{col}.is_in([{}])", members?.join(", "))
        }
        _ => return None,
    })
}

fn duplicated(columns: &[String]) -> String {
    match columns {
        [one] => format!("pl.col({0}).is_not_null() & pl.col({0}).is_duplicated()", literal(one)),
        several => {
            format!("pl.all_horizontal(pl.col({0}).is_not_null()) & pl.struct({0}).is_duplicated()", list(several))
        }
    }
}

fn any_null(columns: &[String]) -> String {
    match columns {
        [one] => format!("pl.col({}).is_null()", literal(one)),
        several => format!("pl.any_horizontal(pl.col({}).is_null())", list(several)),
    }
}

fn repeats(columns: &[String]) -> String {
    match columns {
        [one] => format!("pl.col({}).is_duplicated()", literal(one)),
        several => format!("pl.struct({}).is_duplicated()", list(several)),
    }
}

/// Keys with a NULL part are no violations (S2.12), but an anti-join keeps them: they are dropped first.
fn anti_join(frame: &str, columns: &[String], arguments: &[Value]) -> Option<String> {
    let mut names = arguments.iter().map(Value::as_str);
    let other = names.next().flatten().filter(|n| identifier(n))?;
    let theirs: Vec<String> = names.map(|n| n.map(str::to_owned)).collect::<Option<_>>()?;
    if columns.is_empty() || theirs.len() != columns.len() {
        return None;
    }
    let on = if theirs == columns {
        format!("on={}", bracketed(columns))
    } else {
        format!("left_on={}, right_on={}", bracketed(columns), bracketed(&theirs))
    };
    Some(format!("{frame}.drop_nulls({}).join({other}, {on}, how=\"anti\")", bracketed(columns)))
}

fn bracketed(columns: &[String]) -> String {
    match columns {
        [one] => literal(one),
        several => format!("[{}]", list(several)),
    }
}

/// The records that a row rule rejects or leaves undecided, by the reasons that a split sets beside them: an expression has
/// no polars counterpart that could be told in general. A clause that does not decide marks none.
fn marked(verdict: &Verdict, beside: &Beside, clause: &Clause) -> Option<String> {
    if clause.severity != Severity::Error || !matches!(clause.scope, Scope::Record | Scope::Key) {
        return None;
    }
    let records = match rejects(beside) {
        Some(name) => name.to_owned(),
        None => format!("{}.split({}).rejected", loaded(beside), given(verdict, beside)),
    };
    Some(format!("{records}.filter(pl.col(\"guard_clauses\").list.contains({}))", literal(&clause.id)))
}

/// The arguments of the call that gave the verdict, as far as the verdict knows them.
fn given(verdict: &Verdict, beside: &Beside) -> String {
    let mut out = vec![name_or(beside.frame.as_deref(), "frame")];
    let names = verdict.references.iter().map(|reference| reference.name.as_str()).filter(|name| identifier(name));
    let references: Vec<_> = names.map(|name| format!("{}: {name}", literal(name))).collect();
    if !references.is_empty() {
        out.push(format!("references={{{}}}", references.join(", ")));
    }
    out.extend(verdict.as_of.as_deref().map(|at| format!("as_of={}", literal(at))));
    // The document has dates and decimals as text, so that texts may be any of them.
    let params = verdict.params.iter().map(|(name, value)| match value {
        Value::Number(_) | Value::Bool(_) => Some(format!("{}: {}", literal(name), python::scalar(value)?)),
        _ => None,
    });
    if !verdict.params.is_empty() {
        let params = params.collect::<Option<Vec<_>>>().map(|params| format!("{{{}}}", params.join(", ")));
        out.push(format!("params={}", params.unwrap_or_else(|| "params".into())));
    }
    out.join(", ")
}

/// The records of the evidence by their numbers: true whatever the clause, for a frame in memory.
fn by_number(frame: &str, clause: &Clause) -> Option<String> {
    let evidence = clause.evidence.iter().chain(clause.undecided.iter().flat_map(|one| &one.evidence));
    let mut numbers: Vec<u64> = evidence.filter(|e| e.source.is_empty()).map(|e| e.record).take(NUMBERS).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let numbers: Vec<_> = numbers.iter().map(u64::to_string).collect();
    (!numbers.is_empty()).then(|| format!("{frame}[[{}]]", numbers.join(", ")))
}

/// The clause as the contract writes it and where: `required: true  # nyc.odcs.yaml, line 12`.
pub(super) fn edit(beside: &Beside, clause: &Clause) -> Option<String> {
    let line = beside.lines.get(&clause.id)?;
    let path = beside.contract_path.as_deref().map(|p| format!("{}, ", brief(p, 80))).unwrap_or_default();
    let arguments = beside.arguments.get(&clause.id).map_or(&[][..], Vec::as_slice);
    Some(format!("{}  # {path}line {line}", written(clause, arguments)))
}

fn written(clause: &Clause, arguments: &[Value]) -> String {
    match clause.kind.as_str() {
        kind @ ("required" | "unique" | "primaryKey" | "uniqueItems") => format!("{kind}: true"),
        "foreignKey" => match arguments {
            [Value::String(object), Value::String(column)] if plain(object) && plain(column) => {
                format!("relationships: [{{to: {object}.{column}}}]")
            }
            _ => "relationships: …".into(),
        },
        "presence" => "name: …".into(),
        "undeclaredColumns" => "customProperties: …".into(),
        kind @ ("logicalType" | "enum" | "requiredProperties" | "dimensions" | "format" | "timezone") => {
            format!("{kind}: …")
        }
        kind if super::words::is_age(kind) => "slaProperties: …".into(),
        "rowRule" => "implementation: …".into(),
        "sql" => "query: …".into(),
        "custom" => "engine: …".into(),
        kind if clause.id.contains(".quality.") => format!("metric: {}  …", brief(kind, 40)),
        kind => match arguments {
            [one] => format!("{}: {}", brief(kind, 40), brief(&one.to_string(), 80)),
            _ => format!("{}: …", brief(kind, 40)),
        },
    }
}

fn plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The call that judges the same contract in production, as Python; a path too long to read is left to a variable.
pub(super) fn call(verdict: &Verdict, beside: &Beside) -> String {
    if beside.frame.is_none() && from_files(verdict, beside) {
        return format!("{}.ingest({})", loaded(beside), files(beside));
    }
    format!("{}.check({})", loaded(beside), name_or(beside.frame.as_deref(), "frame"))
}

/// The files as an argument; what is too long to read is left to a variable.
fn files(beside: &Beside) -> String {
    let written = match beside.sources.as_slice() {
        [] => return "path".into(),
        [one] => literal(one),
        several => format!("[{}]", list(several)),
    };
    if written.chars().count() <= 120 { written } else { "paths".into() }
}

/// The contract as Python.
fn loaded(beside: &Beside) -> String {
    let contract = beside.contract_path.as_deref().filter(|path| path.chars().count() <= 120);
    contract.map_or_else(|| "contract".into(), |path| format!("gn.Contract.load({})", literal(path)))
}

/// The variable that holds rejected records.
pub(super) fn rejects(beside: &Beside) -> Option<&str> {
    beside.rejects.as_deref().filter(|n| identifier(n))
}

#[cfg(test)]
mod tests;
