//! Entries of `quality`.

use super::super::findings::quote;
use super::super::json::{Inexact, to_json};
use super::super::keys;
use super::super::reader::{At, Reader};
use super::super::{Operator, Quality, QualityKind, Scalar, lint};
use super::{options, small, word};
use guard_verdict::Level as Severity;
use guard_verdict::codes::contract as codes;

/// Where a rule stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Level<'a> {
    /// On the schema object of this name.
    Object(&'a str),
    /// On a property.
    Property,
}

/// Reads the rules of an object or property.
pub(super) fn list(at: &At<'_>, level: Level<'_>, reader: &mut Reader) -> Vec<Quality> {
    let items = at.items("quality");
    reader.distinct(&items, "id");
    items.iter().filter_map(|item| read(item, level, reader)).collect()
}

fn read(at: &At<'_>, level: Level<'_>, reader: &mut Reader) -> Option<Quality> {
    if !reader.mapping(at, keys::QUALITY) {
        return None;
    }
    let kind = kind(at, reader)?;
    let quality = Quality {
        id: at.text("id"),
        name: at.text("name"),
        description: at.text("description"),
        dimension: at.text("dimension"),
        severity: at.text("severity"),
        operators: operators(at, &kind, reader),
        unit: at.text("unit"),
        custom: small::custom(at, reader),
        span: at.node.span,
        kind,
    };
    lint::quality(at, &quality, level, reader);
    Some(quality)
}

fn kind(at: &At<'_>, reader: &mut Reader) -> Option<QualityKind> {
    let written = at.text("type");
    let name = written.clone().unwrap_or_else(|| suggested(at, reader).to_owned());
    match name.as_str() {
        "library" => library(at, reader),
        "sql" => {
            reader.require(at, "query", Severity::Error);
            Some(QualityKind::Sql { query: at.text("query")? })
        }
        "custom" => {
            let complete = reader.require(at, "engine", Severity::Error);
            let complete = reader.require(at, "implementation", Severity::Error) && complete;
            let implementation = to_json(at.node.get("implementation")?, Inexact::Text);
            complete.then(|| QualityKind::Custom { engine: at.text("engine").unwrap_or_default(), implementation })
        }
        "text" => Some(QualityKind::Text),
        other => {
            word(reader, at, "type", other, &["library", "sql", "custom", "text"], Severity::Error);
            None
        }
    }
}

/// The type of a rule that states none: `library` with a metric, else what its keys suggest.
fn suggested(at: &At<'_>, reader: &mut Reader) -> &'static str {
    let has = |key: &str| at.node.get(key).is_some();
    if has("metric") || has("rule") {
        return "library";
    }
    let name = match () {
        () if has("query") => "sql",
        () if has("engine") || has("implementation") => "custom",
        () if keys::OPERATORS.iter().any(|operator| has(operator)) => "library",
        () => "text",
    };
    let message = format!("the rule names neither `type` nor `metric`; it is read as {}", quote(name));
    reader.report(codes::QUALITY_TYPE_MISSING, Severity::Warning, at, message);
    name
}

fn library(at: &At<'_>, reader: &mut Reader) -> Option<QualityKind> {
    let deprecated = at.text("rule");
    if deprecated.is_some() && reader.minor > 0 {
        let message = "`rule` is deprecated; its replacement is `metric`".to_owned();
        reader.report_key(codes::KEY_DEPRECATED, Severity::Warning, at, "rule", message);
    }
    let Some(metric) = at.text("metric").or(deprecated) else {
        reader.require(at, "metric", Severity::Error);
        return None;
    };
    let arguments = at.get("arguments").filter(|arguments| arguments.node.scalar().is_none());
    let arguments = arguments.filter(|arguments| arguments.node.items().is_empty());
    let Some(arguments) = arguments else {
        return Some(QualityKind::Library {
            metric,
            valid_values: None,
            missing_values: None,
            pattern: None,
            properties: None,
        });
    };
    lint::arguments(&arguments, &metric, reader);
    Some(QualityKind::Library {
        valid_values: reader.scalars(&arguments, "validValues"),
        missing_values: reader.scalars(&arguments, "missingValues"),
        pattern: options::pattern(&arguments, "pattern", reader),
        properties: reader.texts(&arguments, "properties"),
        metric,
    })
}

/// The operators written, with operands that fit. Others are reported.
fn operators(at: &At<'_>, kind: &QualityKind, reader: &mut Reader) -> Vec<Operator> {
    let library = matches!(kind, QualityKind::Library { .. });
    let mut out = Vec::new();
    for name in keys::OPERATORS {
        let Some(node) = at.node.get(name) else {
            continue;
        };
        let operand = At { node, path: at.path_of(name) };
        let operands = match name.ends_with("Between") {
            true => pair(&operand, name, reader),
            // A query may answer a boolean or text; a metric counts.
            false => single(&operand, name, library || !matches!(*name, "mustBe" | "mustNotBe"), reader),
        };
        if let Some(operands) = operands {
            out.push(Operator { name: (*name).to_owned(), operands });
        }
    }
    out
}

fn single(at: &At<'_>, name: &str, number: bool, reader: &mut Reader) -> Option<Vec<Scalar>> {
    match at.node.scalar() {
        Some(scalar) if lint::is_number(&scalar) || (!number && scalar != Scalar::Null) => Some(vec![scalar]),
        _ => {
            let noun = if number { "a number" } else { "a number, boolean or text" };
            reader.report(
                codes::OPERAND_KIND,
                Severity::Error,
                at,
                format!("{} must be {noun}, found {}", quote(name), at.node.noun()),
            );
            None
        }
    }
}

fn pair(at: &At<'_>, name: &str, reader: &mut Reader) -> Option<Vec<Scalar>> {
    let operands: Vec<Scalar> =
        at.node.items().iter().filter_map(|item| item.scalar()).filter(lint::is_number).collect();
    if operands.len() == 2 && at.node.items().len() == 2 {
        return Some(operands);
    }
    reader.report(codes::OPERAND_KIND, Severity::Error, at, format!("{} must be a list of two numbers", quote(name)));
    None
}
