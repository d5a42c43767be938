//! Row rules, read at load: what will be refused, and what can never fail or never pass.

use super::super::reader::Reader;
use super::super::{Contract, Quality, QualityKind, SchemaObject};
use crate::expr::{Compiler, Parameters, Problem};
use crate::plan::{Options, Plan, RuleText, rule_text};
use crate::transform::schema_of;
use guard_kernels::expr::facts::Range;
use guard_verdict::codes::{contract as codes, expression};
use guard_verdict::{Code, Level};

/// Lints the row rules of every object. Types are settled only when a frame is there, so that nothing is said of them here.
pub(crate) fn rules(contract: &Contract, reader: &mut Reader) {
    for (i, object) in contract.objects.iter().enumerate() {
        for (j, quality) in object.quality.iter().enumerate() {
            rule(contract, object, quality, "", &format!("schema[{i}].quality[{j}]"), reader);
        }
        for (k, property) in object.properties.iter().enumerate() {
            for (j, quality) in property.quality.iter().enumerate() {
                let path = format!("schema[{i}].properties[{k}].quality[{j}]");
                rule(contract, object, quality, &property.name, &path, reader);
            }
        }
    }
}

fn rule(
    contract: &Contract,
    object: &SchemaObject,
    quality: &Quality,
    property: &str,
    path: &str,
    reader: &mut Reader,
) {
    if !is_rule(quality) {
        return;
    }
    let at = || (quality.span, path.to_owned());
    let text = match rule_text(object, quality, property) {
        Ok(text) => text,
        Err((code, reason)) => {
            let message = format!("the rule will be refused: {reason}");
            reader.findings.add(code, Level::Warning, at(), message, Some(code.0.help.to_owned()));
            return;
        }
    };
    match truth(contract, object, &text) {
        Ok(Some(always)) => {
            let holds = always != text.true_violates;
            let (code, message) = if holds {
                (codes::RULE_NEVER_FAILS, "the rule holds for every record that satisfies the contract's other clauses")
            } else {
                (codes::RULE_NEVER_PASSES, "the rule holds for no record")
            };
            reader.findings.add(code, Level::Warning, at(), message.to_owned(), Some(code.0.help.to_owned()));
        }
        Err(problem) if is_sure(problem.code) => {
            let message = format!("the rule will be refused: {}", problem.message);
            reader.findings.add(problem.code, Level::Warning, at(), message, problem.help);
        }
        Ok(None) | Err(_) => {}
    }
}

fn is_rule(quality: &Quality) -> bool {
    match &quality.kind {
        QualityKind::Sql { .. } => true,
        QualityKind::Custom { engine, .. } => engine == "guard_nb",
        QualityKind::Library { .. } | QualityKind::Text => false,
    }
}

/// Is the condition always TRUE, or always FALSE, and never NULL or failing?
fn truth(contract: &Contract, object: &SchemaObject, text: &RuleText) -> Result<Option<bool>, Problem> {
    let options = Options { parameters: Parameters::new(), ..Options::default() };
    let scope = Plan::scope(contract, object, &schema_of(object), &options);
    let mut compiler = Compiler::new(&scope);
    let (root, _) = compiler.condition(&text.condition)?;
    let facts = compiler.facts(root);
    Ok(match facts.range {
        Range::Truth { yes, no } if yes != no && !facts.nullable && facts.faults.is_empty() => Some(yes),
        _ => None,
    })
}

/// Findings that no frame can change.
fn is_sure(code: Code) -> bool {
    let sure = [
        expression::SYNTAX,
        expression::NOT_SUPPORTED,
        expression::COMMENT,
        expression::TOO_LARGE,
        expression::LITERAL,
        expression::FUNCTION_UNKNOWN,
        expression::ARGUMENT_COUNT,
        expression::CAST_TYPE,
        expression::COLUMN_UNKNOWN,
    ];
    sure.contains(&code)
}
