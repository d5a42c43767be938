//! From text to decision.

use crate::build;
use crate::decision::{
    Allowed, ColumnRead, Cost, CostLabel, Narrowed, OutColumn, Parameter, QueryDecision, Reason, TableRead,
};
use crate::fence;
use crate::policy::QueryPolicy;
use crate::text::{self, Finding};
use crate::walk::{Out, Walker};
use guard_verdict::codes::query as codes;
use serde_json::Value;
use sqlparser::ast::{LimitClause, Query, SetExpr, Values};
use sqlparser::tokenizer::Span;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What is bound. The names decide; of the values only LIMIT and OFFSET take one, and that becomes part of the text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters {
    /// By the proposal.
    pub proposal: BTreeMap<String, Value>,
    /// By the gate, for its predicates: from who asks, never from what was asked.
    pub gate: BTreeMap<String, Value>,
}

/// Judges one query. Total: every text gets a decision, and whatever is not understood is denied. Time and memory are bounded by the
/// policy's limits and by the size of its relations.
pub fn judge(policy: &QueryPolicy, sql: &str, parameters: &Parameters) -> QueryDecision {
    let mut query = match text::read(policy, sql) {
        Ok(query) => query,
        Err(finding) => return QueryDecision::Denied { read: false, reasons: vec![finding.placed(sql)] },
    };
    let mut walker = Walker::new(policy, parameters, sql);
    for name in parameters.proposal.keys().filter(|name| policy.is_parameter(name)) {
        let message = format!("the proposal binds `{name}`, which the gate binds");
        walker.findings.push(Finding::new(codes::PARAMETER_RESERVED, message, Span::empty()));
    }
    unwrap(&mut query);
    let outs = walker.query(&mut query);
    let (limit, lowered) = cap(policy, &mut query);
    let mut decided = if walker.findings.is_empty() {
        finish(policy, &walker, &query, &outs, (sql.len(), limit, lowered))
    } else {
        Err(Vec::new())
    };
    if let Err(reasons) = &mut decided {
        reasons.extend(walker.findings.into_iter().map(|finding| finding.placed(sql)));
        reasons.sort_by_key(|reason: &Reason| (reason.span.start, reason.span.end));
        reasons.dedup();
        if let (Some(last), more @ 1..) = (reasons.last_mut(), walker.unlisted) {
            last.message.push_str(&format!("; {more} more faults are not listed"));
        }
    }
    match decided {
        Ok(allowed) => QueryDecision::Allowed(Box::new(allowed)),
        Err(reasons) => QueryDecision::Denied { read: true, reasons },
    }
}

/// Takes needless parentheses off a query, which SQLite does not read.
pub(crate) fn unwrap(query: &mut Query) {
    let bare = |query: &Query| {
        query.with.is_none()
            && query.order_by.is_none()
            && query.limit_clause.is_none()
            && query.fetch.is_none()
            && query.locks.is_empty()
            && query.for_clause.is_none()
    };
    while bare(query) && matches!(*query.body, SetExpr::Query(_)) {
        let nothing = Values { explicit_row: false, value_keyword: false, rows: Vec::new() };
        if let SetExpr::Query(inner) = std::mem::replace(&mut *query.body, SetExpr::Values(nothing)) {
            *query = *inner;
        }
    }
}

/// The outermost LIMIT, at most the policy's, and whether it is less than what was asked for; the walk has left only digits in it.
pub(crate) fn cap(policy: &QueryPolicy, query: &mut Query) -> (u64, bool) {
    let (asked, offset) = match query.limit_clause.take() {
        Some(LimitClause::LimitOffset { limit, offset, .. }) => {
            (limit.as_ref().and_then(digits), offset.as_ref().and_then(|offset| digits(&offset.value)))
        }
        Some(LimitClause::OffsetCommaLimit { .. }) | None => (None, None),
    };
    let limit = asked.unwrap_or(policy.max_rows).min(policy.max_rows);
    query.limit_clause = build::limit(Some(limit), offset);
    (limit, asked.is_none_or(|asked| asked > limit))
}

fn digits(expr: &sqlparser::ast::Expr) -> Option<u64> {
    expr.to_string().parse().ok()
}

/// Writes the tree, reads it back, compares.
fn finish(
    policy: &QueryPolicy,
    walker: &Walker<'_>,
    query: &Query,
    outs: &[Out],
    (asked, limit, lowered): (usize, u64, bool),
) -> Result<Allowed, Vec<Reason>> {
    let mut sql = String::with_capacity(asked + 256);
    // Writing to a text does not fail; a text that broke off would not read back.
    let _ = write!(sql, "{query}");
    let same = fence::reads_as(policy.dialect, &sql, query)
        || text::read_back(policy.dialect, policy.limits, &sql).is_some_and(|again| again == *query);
    // The relations' own texts were read back when the policy was made.
    let Some(sql) = policy.written(&sql, &walker.texts).filter(|_| same) else {
        let message = "the query, written anew, does not read back as the same query";
        return Err(vec![Finding::new(codes::RENDER, message, Span::empty()).placed("")]);
    };
    let lineage = outs
        .iter()
        .map(|out| OutColumn { name: out.name.clone().unwrap_or_default(), from: columns(policy, &out.origins) });
    Ok(Allowed {
        sql,
        tables: tables(policy, walker),
        columns: columns(policy, &distinct(walker.log.clone())),
        lineage: lineage.collect(),
        parameters: used(policy, walker),
        limit,
        cost: cost(policy, walker),
        narrowed: narrowed(policy, walker, lowered),
        mark: build::mark(policy.dialect),
    })
}

/// Sorted, each once.
pub(crate) fn distinct(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn columns(policy: &QueryPolicy, numbers: &[u32]) -> Vec<ColumnRead> {
    let read = numbers.iter().filter_map(|number| policy.column(*number));
    read.map(|(relation, column)| ColumnRead { table: relation.name.clone(), column: column.to_owned() }).collect()
}

fn tables(policy: &QueryPolicy, walker: &Walker<'_>) -> Vec<TableRead> {
    let counted = policy.relations.iter().enumerate().map(|(at, relation)| TableRead {
        table: relation.name.clone(),
        references: walker.references.iter().filter(|reference| **reference == at).count(),
    });
    counted.filter(|table| table.references > 0).collect()
}

fn used(policy: &QueryPolicy, walker: &Walker<'_>) -> Vec<Parameter> {
    let own = walker.parameters.iter().map(|name| Parameter { name: name.clone(), gate: false });
    let relations = walker.references.iter().filter_map(|at| policy.relations.get(*at));
    let gates =
        relations.flat_map(|relation| &relation.parameters).map(|name| Parameter { name: name.clone(), gate: true });
    let mut all: Vec<Parameter> = own.chain(gates).collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup();
    all
}

fn narrowed(policy: &QueryPolicy, walker: &Walker<'_>, lowered: bool) -> Vec<Narrowed> {
    let read = |at: &usize| policy.relations.get(*at).is_some_and(|relation| relation.filtered);
    let found = [(walker.references.iter().any(read), Narrowed::Predicate), (lowered, Narrowed::Limit)];
    found.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect()
}

fn cost(policy: &QueryPolicy, walker: &Walker<'_>) -> Cost {
    let mut rows = walker.references.iter().map(|at| policy.relations.get(*at).and_then(|relation| relation.rows));
    let scanned = rows.try_fold(0_u64, |sum, rows| rows.and_then(|rows| sum.checked_add(rows)));
    let label = match scanned {
        Some(_) if walker.references.is_empty() => CostLabel::Precise,
        // A correlated subquery may be run once a row.
        Some(_) if !walker.correlated => CostLabel::UpperBound,
        _ => CostLabel::Heuristic,
    };
    Cost { label, scanned }
}
