//! Row rules (S7): from the contract's text to expressions over one program.

use super::clause::Judge;
use super::column::ColumnPath;
use super::compile::{Compiler, Draft};
use super::quality::{Refusable, threshold};
use super::{Rule, RuleTask};
use crate::cell::cell;
use crate::contract::{Quality, QualityKind, SchemaObject};
use crate::expr::{self, Parameter, Problem};
use guard_kernels::expr::types::Type;
use guard_kernels::expr::vector::{Plan, array_of};
use guard_verdict::{Code, Scope, codes::expression as codes, codes::plan};
use serde_json::Value;
use sqlparser::ast::Expr;
use std::collections::BTreeMap;

/// A rule whose clause is there; compiled when the walk ends.
pub(super) struct PendingRule {
    clause: usize,
    condition: Expr,
    true_violates: bool,
    null_violates: bool,
}

/// What compiling the rules gives.
pub(super) struct Rules {
    pub task: Option<RuleTask>,
    /// Parameters given that no rule uses.
    pub unused: Vec<String>,
    /// Values of the parameters used.
    pub params: BTreeMap<String, Value>,
}

/// A condition and what it means.
pub struct RuleText {
    /// As people read it.
    pub text: String,
    /// The condition.
    pub condition: Expr,
    /// TRUE violates rather than FALSE.
    pub true_violates: bool,
    /// NULL violates too.
    pub null_violates: bool,
}

/// The condition of a row rule of an object, or of one of its properties; why there is none, otherwise.
pub fn rule_text(object: &SchemaObject, quality: &Quality, property: &str) -> Result<RuleText, (Code, String)> {
    match &quality.kind {
        QualityKind::Custom { implementation, .. } => implementation_of(implementation),
        QualityKind::Sql { query } => {
            let names: Vec<&str> =
                std::iter::once(object.name.as_str()).chain(object.physical_name.as_deref()).collect();
            counted(query, property, &names)
        }
        QualityKind::Library { .. } | QualityKind::Text => Err(malformed("this is no row rule")),
    }
}

impl Compiler<'_> {
    /// `type: custom, engine: guard_nb` (S7.1).
    pub(super) fn row_rule(&mut self, draft: Draft, quality: &Quality) {
        let parsed = rule_text(self.object, quality, "");
        self.rule(draft, quality, parsed);
    }

    /// `type: sql` (S7.2).
    pub(super) fn sql_rule(&mut self, draft: Draft, quality: &Quality, path: &str) {
        if quality.operators.is_empty() {
            let reason = "a query needs an operator: `mustBe: 0`";
            self.add_refused(draft, plan::OPERATOR_MISSING, reason);
            return;
        }
        let parsed = rule_text(self.object, quality, path);
        self.rule(draft, quality, parsed);
    }

    fn rule(&mut self, mut draft: Draft, quality: &Quality, parsed: Refusable<RuleText>) {
        draft.columns.clear();
        if !quality.operators.is_empty() {
            match threshold(quality, "violations") {
                Ok(threshold) if threshold.has_no_tolerance() => {}
                Ok(threshold) => {
                    draft.scope = Scope::Table;
                    draft.judge = Judge::Threshold(threshold);
                }
                Err((code, reason)) => {
                    self.add_refused(draft, code, reason);
                    return;
                }
            }
        }
        match parsed {
            Ok(RuleText { text, condition, true_violates, null_violates }) => {
                let sense = if true_violates { "violated when" } else { "rule" };
                draft.arguments = vec![Value::from(sense), Value::from(text)];
                let clause = self.add(draft);
                self.rules.push(PendingRule { clause, condition, true_violates, null_violates });
            }
            Err((code, reason)) => {
                self.add_refused(draft, code, reason);
            }
        }
    }

    /// Compiles the rules met on the walk into one program. Their columns are known only then.
    pub(super) fn compile_rules(&mut self) -> Rules {
        let pending = std::mem::take(&mut self.rules);
        if pending.is_empty() {
            let unused = self.options.parameters.keys().cloned().collect();
            return Rules { task: None, unused, params: BTreeMap::new() };
        }
        let scope = self.scope();
        let mut compiler = expr::Compiler::new(&scope);
        let mut compiled = Vec::new();
        for rule in pending {
            match compiler.condition(&rule.condition) {
                Ok((root, columns)) => {
                    if let Some(info) = self.clauses.get_mut(rule.clause) {
                        info.columns.clone_from(&columns);
                    }
                    compiled.push((rule, root, columns));
                }
                Err(problem) => self.refuse(rule.clause, problem.code, problem.sentence()),
            }
        }
        let position = |name: &String| compiler.inputs.iter().position(|input| input.path.name == *name);
        let rules: Vec<Rule> = (compiled.iter())
            .map(|(rule, root, columns)| Rule {
                clause: rule.clause,
                root: *root,
                true_violates: rule.true_violates,
                null_violates: rule.null_violates,
                shown: columns.iter().filter_map(|name| Some((position(name)?, self.mask_at(name)))).collect(),
            })
            .collect();
        let plan = Plan::new(&compiler.program, &rules.iter().map(|rule| rule.root).collect::<Vec<_>>());
        let inputs: Vec<ColumnPath> = compiler.inputs.iter().map(|input| input.path.clone()).collect();
        let used = compiler.parameters;
        let given = self.options.parameters.iter();
        let params = given.filter(|(name, _)| used.contains(*name));
        Rules {
            params: params.map(|(name, parameter)| (name.clone(), shown(parameter))).collect(),
            unused: self.options.parameters.keys().filter(|name| !used.contains(*name)).cloned().collect(),
            task: (!rules.is_empty()).then_some(RuleTask { program: compiler.program, plan, inputs, rules }),
        }
    }
}

/// A bound value as the verdict shows it.
fn shown(parameter: &Parameter) -> Value {
    match parameter.ty {
        Type::Null => Value::Null,
        _ => cell(array_of(&parameter.value, &parameter.ty).as_ref(), 0),
    }
}

fn malformed(reason: impl Into<String>) -> (Code, String) {
    (codes::RULE_MALFORMED, reason.into())
}

fn refusal(problem: &Problem) -> (Code, String) {
    (problem.code, problem.sentence())
}

fn implementation_of(implementation: &Value) -> Refusable<RuleText> {
    let (text, null_violates) = match implementation {
        Value::String(text) => (text.as_str(), false),
        Value::Object(map) => {
            if let Some(key) = map.keys().find(|key| !matches!(key.as_str(), "rule" | "onNull" | "scope")) {
                return Err(malformed(format!("`{key}` is no key of a row rule; `rule` and `onNull` are")));
            }
            let text = map.get("rule").and_then(Value::as_str);
            let text = text.ok_or_else(|| malformed("`rule` is missing, or is no text"))?;
            let null = match map.get("onNull").map(Value::as_str) {
                None | Some(Some("pass")) => false,
                Some(Some("fail")) => true,
                Some(_) => return Err(malformed("`onNull` is neither `pass` nor `fail`")),
            };
            if map.get("scope").is_some_and(|scope| scope.as_str() != Some("record")) {
                return Err(malformed("`scope` of a row rule is `record`"));
            }
            (text, null)
        }
        _ => return Err(malformed("`implementation` is neither an expression nor a mapping with `rule`")),
    };
    let condition = expr::expression(text).map_err(|problem| refusal(&problem))?;
    Ok(RuleText { text: text.trim().to_owned(), condition, true_violates: false, null_violates })
}

/// The condition of `SELECT COUNT(*) FROM {object} WHERE p`.
fn counted(query: &str, path: &str, tables: &[&str]) -> Refusable<RuleText> {
    let text = filled(query.trim(), path);
    let parsed = expr::query(&text).map_err(|problem| match problem.code {
        codes::NOT_SUPPORTED => (codes::SQL_NOT_A_ROW_RULE, problem.sentence()),
        code => (code, problem.sentence()),
    })?;
    let other = |reason: &str| Err((codes::SQL_NOT_A_ROW_RULE, reason.to_owned()));
    if parsed.counts.is_none() {
        return other("the query is not `SELECT COUNT(*) FROM {object} WHERE …`");
    }
    if parsed.table != OBJECT && !tables.iter().any(|name| name.eq_ignore_ascii_case(&parsed.table)) {
        return Err((codes::SQL_NOT_A_ROW_RULE, format!("the query reads `{}`, not this object", parsed.table)));
    }
    let Some(condition) = parsed.condition else {
        return other("the query has no WHERE: it counts all records; use the metric `rowCount`");
    };
    let written = text.to_ascii_lowercase().find("where").and_then(|at| text.get(at + 5..));
    let written = written.unwrap_or(&text).trim().replace(&format!("\"{OBJECT}\""), "{object}");
    Ok(RuleText { text: written, condition, true_violates: true, null_violates: false })
}

/// Stands for the object's name in a query.
const OBJECT: &str = "input";

/// Puts names in for the standard's placeholders.
fn filled(query: &str, path: &str) -> String {
    let quoted = |name: &str| {
        let parts: Vec<String> = name.split('.').map(|part| format!("\"{}\"", part.replace('"', "\"\""))).collect();
        parts.join(".")
    };
    let mut text = query.to_owned();
    for name in ["object", "table", "model"] {
        for written in [format!("${{{name}}}"), format!("{{{name}}}")] {
            text = text.replace(&written, OBJECT);
        }
    }
    for name in ["property", "column", "field"].into_iter().filter(|_| !path.is_empty()) {
        for written in [format!("${{{name}}}"), format!("{{{name}}}")] {
            text = text.replace(&written, &quoted(path));
        }
    }
    text
}
