//! `logicalTypeOptions`.

use super::super::findings::quote;
use super::super::keys;
use super::super::number::Decimal;
use super::super::reader::{At, Reader};
use super::super::tree::Kind;
use super::super::{LogicalType, Scalar, Spanned, TypeOption, lint};
use guard_verdict::Level;
use guard_verdict::codes::contract as codes;

/// Reads the options of a property, in the order of [`TypeOption`], and lints them against its type.
pub(super) fn read(property: &At<'_>, logical: Option<LogicalType>, reader: &mut Reader) -> Vec<Spanned<TypeOption>> {
    let Some(at) = property.get("logicalTypeOptions").filter(|at| matches!(at.node.kind, Kind::Map(_))) else {
        return Vec::new();
    };
    reader.mapping(&at, keys::OPTIONS);
    let mut out = Vec::new();
    // The table lists the options in the order of their variants.
    for key in keys::OPTIONS {
        if let Some(value) = option(&at, key.name, reader) {
            out.push(Spanned { value, span: at.span_of(key.name) });
        }
    }
    lint::options(&at, logical, &out, reader);
    out
}

fn option(at: &At<'_>, key: &str, reader: &mut Reader) -> Option<TypeOption> {
    at.get(key)?;
    Some(match key {
        "minLength" => TypeOption::MinLength(reader.count(at, key)?.value),
        "maxLength" => TypeOption::MaxLength(reader.count(at, key)?.value),
        "pattern" => TypeOption::Pattern(pattern(at, key, reader)?),
        "format" => TypeOption::Format(at.text(key)?),
        "minimum" => TypeOption::Minimum(bound(at, key, reader)?),
        "maximum" => TypeOption::Maximum(bound(at, key, reader)?),
        "exclusiveMinimum" => TypeOption::ExclusiveMinimum(bound(at, key, reader)?),
        "exclusiveMaximum" => TypeOption::ExclusiveMaximum(bound(at, key, reader)?),
        "multipleOf" => TypeOption::MultipleOf(multiple_of(at, key, reader)?),
        "timezone" => TypeOption::Timezone(at.flag(key)?.value),
        "defaultTimezone" => TypeOption::DefaultTimezone(at.text(key)?),
        "minItems" => TypeOption::MinItems(reader.count(at, key)?.value),
        "maxItems" => TypeOption::MaxItems(reader.count(at, key)?.value),
        "uniqueItems" => TypeOption::UniqueItems(at.flag(key)?.value),
        "minProperties" => TypeOption::MinProperties(reader.count(at, key)?.value),
        "maxProperties" => TypeOption::MaxProperties(reader.count(at, key)?.value),
        "required" => TypeOption::Required(reader.texts(at, key)?),
        "dimensions" => TypeOption::Dimensions(reader.count(at, key)?.value),
        _ => return None,
    })
}

/// A pattern that compiles; reports others.
pub(super) fn pattern(at: &At<'_>, key: &str, reader: &mut Reader) -> Option<String> {
    let text = at.text(key)?;
    lint::pattern(at, key, &text, reader).then_some(text)
}

fn bound(at: &At<'_>, key: &str, reader: &mut Reader) -> Option<Scalar> {
    let scalar = at.scalar(key)?.value;
    if let Scalar::Bool(_) = scalar {
        let code = if key.starts_with("exclusive") { codes::BOUND_BOOLEAN } else { codes::KIND_MISMATCH };
        let message = format!("{} is a boolean; it must be the bound itself", quote(key));
        reader.report_key(code, Level::Error, at, key, message);
        return None;
    }
    Some(scalar)
}

fn multiple_of(at: &At<'_>, key: &str, reader: &mut Reader) -> Option<String> {
    let Scalar::Number(digits) = at.scalar(key)?.value else {
        reader.report_key(codes::KIND_MISMATCH, Level::Error, at, key, "`multipleOf` must be a number".to_owned());
        return None;
    };
    if Decimal::parse(&digits).is_none_or(|number| number <= Decimal::whole(0)) {
        let message = format!("`multipleOf` must lie above 0, found {}", quote(&digits));
        reader.report_key(codes::NUMBER_OUT_OF_RANGE, Level::Error, at, key, message);
        return None;
    }
    Some(digits)
}
