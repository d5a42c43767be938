//! The clauses of `logicalTypeOptions`.

use super::ColumnTask;
use super::compile::{Compiler, Draft};
use super::property::Slot;
use crate::contract::{LogicalType, Property, Scalar, Spanned, TypeOption};
use guard_kernels::check::{CheckSpec, Literal, Side};
use guard_verdict::codes;

/// A scalar of the contract as the kernels take it.
pub(super) fn literal(scalar: &Scalar) -> Literal {
    match scalar {
        Scalar::Null => Literal::Null,
        Scalar::Bool(value) => Literal::Bool(*value),
        Scalar::Number(digits) => Literal::Number(digits.clone()),
        Scalar::Text(text) => Literal::Text(text.clone()),
    }
}

/// A scalar as people read it.
pub(super) fn shown(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Null => "null".to_owned(),
        Scalar::Bool(value) => value.to_string(),
        Scalar::Number(text) | Scalar::Text(text) => text.clone(),
    }
}

/// Kind, phrase and check of an option; no check for options that state nothing about a typed value.
fn describe(option: &TypeOption, logical: Option<LogicalType>) -> Option<(&'static str, String, Option<CheckSpec>)> {
    let bound = |kind, sign: &str, side, inclusive, scalar: &Scalar| {
        let spec = CheckSpec::Bound { side, inclusive, literal: literal(scalar) };
        Some((kind, format!("{sign} {}", shown(scalar)), Some(spec)))
    };
    let plain = |kind, name: String, spec| Some((kind, name, Some(spec)));
    match option {
        TypeOption::MinLength(n) => plain("minLength", format!("length ≥ {n}"), CheckSpec::MinLength(*n)),
        TypeOption::MaxLength(n) => plain("maxLength", format!("length ≤ {n}"), CheckSpec::MaxLength(*n)),
        TypeOption::Pattern(text) => plain("pattern", format!("matches {text}"), CheckSpec::Pattern(text.clone())),
        TypeOption::Format(text) => Some(("format", format!("format {text}"), format(text, logical))),
        TypeOption::Minimum(v) => bound("minimum", "≥", Side::Lower, true, v),
        TypeOption::Maximum(v) => bound("maximum", "≤", Side::Upper, true, v),
        TypeOption::ExclusiveMinimum(v) => bound("exclusiveMinimum", ">", Side::Lower, false, v),
        TypeOption::ExclusiveMaximum(v) => bound("exclusiveMaximum", "<", Side::Upper, false, v),
        TypeOption::MultipleOf(text) => {
            plain("multipleOf", format!("multiple of {text}"), CheckSpec::MultipleOf(text.clone()))
        }
        TypeOption::Timezone(zoned) => {
            let name = if *zoned { "has a time zone" } else { "has no time zone" };
            plain("timezone", name.to_owned(), CheckSpec::Timezone(*zoned))
        }
        TypeOption::DefaultTimezone(_) | TypeOption::UniqueItems(false) => None,
        TypeOption::MinItems(n) => plain("minItems", format!("at least {n} items"), CheckSpec::MinItems(*n)),
        TypeOption::MaxItems(n) => plain("maxItems", format!("at most {n} items"), CheckSpec::MaxItems(*n)),
        TypeOption::UniqueItems(true) => plain("uniqueItems", "items are distinct".to_owned(), CheckSpec::UniqueItems),
        TypeOption::MinProperties(n) => {
            plain("minProperties", format!("at least {n} properties"), CheckSpec::MinProperties(*n))
        }
        TypeOption::MaxProperties(n) => {
            plain("maxProperties", format!("at most {n} properties"), CheckSpec::MaxProperties(*n))
        }
        TypeOption::Required(names) => plain(
            "requiredProperties",
            format!("has {}", names.join(", ")),
            CheckSpec::RequiredProperties(names.clone()),
        ),
        TypeOption::Dimensions(n) => plain("dimensions", format!("{n} dimensions"), CheckSpec::Dimensions(*n)),
    }
}

/// Formats of dates and times describe texts, not the typed values of a frame; `password` and `binary` describe use.
fn format(text: &str, logical: Option<LogicalType>) -> Option<CheckSpec> {
    match logical {
        Some(LogicalType::Integer | LogicalType::Number) => Some(CheckSpec::IntegerFormat(text.to_owned())),
        Some(LogicalType::Date | LogicalType::Timestamp | LogicalType::Time) => None,
        _ if matches!(text, "password" | "binary") => None,
        _ => Some(CheckSpec::Format(text.to_owned())),
    }
}

impl Compiler<'_> {
    /// Adds the clause of one option.
    pub fn type_option(
        &mut self,
        property: &Property,
        option: &Spanned<TypeOption>,
        values: &Slot,
        path: &str,
        task: &mut ColumnTask,
    ) {
        let logical = property.logical_type.as_ref().map(|logical| logical.value);
        let Some((kind, name, spec)) = describe(&option.value, logical) else {
            return;
        };
        let draft = Draft::record(self.id(path, kind), kind, name, path, option.span.line);
        match spec {
            None => self.add_informational(draft),
            Some(_) if logical.is_some_and(|logical| !applies(&option.value, logical)) => {
                let reason = format!("`{kind}` does not apply to this logical type");
                self.add_refused(draft, codes::plan::OPTION_MISPLACED, reason);
            }
            Some(spec) => {
                self.value_clause(draft, &[spec], values, task);
            }
        }
    }
}

/// Does the option belong to the logical type (the table of ODCS)?
fn applies(option: &TypeOption, logical: LogicalType) -> bool {
    use LogicalType as L;
    match option {
        TypeOption::MinLength(_) | TypeOption::MaxLength(_) | TypeOption::Pattern(_) => logical == L::String,
        TypeOption::Format(_) => {
            matches!(logical, L::String | L::Integer | L::Number | L::Date | L::Timestamp | L::Time)
        }
        TypeOption::Minimum(_)
        | TypeOption::Maximum(_)
        | TypeOption::ExclusiveMinimum(_)
        | TypeOption::ExclusiveMaximum(_) => {
            matches!(logical, L::Integer | L::Number | L::Date | L::Timestamp | L::Time)
        }
        TypeOption::MultipleOf(_) => matches!(logical, L::Integer | L::Number),
        TypeOption::Timezone(_) | TypeOption::DefaultTimezone(_) => matches!(logical, L::Timestamp | L::Time),
        TypeOption::MinItems(_) | TypeOption::MaxItems(_) | TypeOption::UniqueItems(_) => logical == L::Array,
        TypeOption::MinProperties(_) | TypeOption::MaxProperties(_) | TypeOption::Required(_) => {
            matches!(logical, L::Object | L::Map)
        }
        TypeOption::Dimensions(_) => logical == L::Vector,
    }
}
