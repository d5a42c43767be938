//! logicalTypeOptions against the logical type.

use super::super::findings::{did_you_mean, quote};
use super::super::number::is_whole;
use super::super::reader::{At, Reader};
use super::super::{DecimalType, LogicalType, MOST_DIGITS, Spanned, TypeOption, decimal_type};
use super::bounds;
use guard_verdict::Level;
use guard_verdict::codes::{contract as codes, plan};

const BOUNDS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
const STRING_FORMATS: &[&str] = &["password", "byte", "binary", "email", "uuid", "uri", "hostname", "ipv4", "ipv6"];
const INTEGER_FORMATS: &[&str] = &["i8", "i16", "i32", "i64", "i128", "u8", "u16", "u32", "u64", "u128"];
const NUMBER_FORMATS: &[&str] = &["f32", "f64"];
const VECTOR: &[&str] = &["elementType", "distanceMetric", "normalized", "embeddingModel", "embeddingModelVersion"];

/// Lints the options of a property. `at` is `logicalTypeOptions`.
pub(crate) fn options(at: &At<'_>, logical: Option<LogicalType>, options: &[Spanned<TypeOption>], reader: &mut Reader) {
    let Some(logical) = logical else {
        reader.report(
            codes::OPTIONS_WITHOUT_TYPE,
            Level::Warning,
            at,
            "the options stand without a logical type".to_owned(),
        );
        return;
    };
    misplaced(at, logical, reader);
    for option in options {
        match &option.value {
            TypeOption::Format(format) => known_format(at, logical, format, reader),
            TypeOption::MultipleOf(digits) if logical == LogicalType::Number && !is_whole(digits) => {
                let message =
                    format!("doubles are seldom exact multiples of {}: 0.3 is no multiple of 0.1", quote(digits));
                reader.report_key(codes::MULTIPLE_OF_FRACTION, Level::Info, at, "multipleOf", message);
            }
            _ => {}
        }
    }
    if applies(logical, "minimum") {
        bounds::bounds(at, logical, options, reader);
    }
    counts(at, options, reader);
}

/// Lints the physical type of a property of numbers: which of its digits are kept where texts are read (S9.4).
pub(crate) fn physical(property: &At<'_>, logical: Option<LogicalType>, reader: &mut Reader) {
    let Some(written) = property.text("physicalType").filter(|_| logical == Some(LogicalType::Number)) else { return };
    let message = match decimal_type(&written) {
        DecimalType::Unsized => {
            format!("{} does not say how many digits: files of text are read as doubles", quote(&written))
        }
        DecimalType::Beyond => {
            format!(
                "{} is no decimal of at most {MOST_DIGITS} digits: numbers of files of text are not judged",
                quote(&written)
            )
        }
        DecimalType::Other | DecimalType::Of(..) => return,
    };
    reader.report_key(codes::DECIMAL_INEXACT, Level::Warning, property, "physicalType", message);
}

/// Notes an object that declares no properties: any will do.
pub(crate) fn members(property: &At<'_>, column: &str, logical: Option<LogicalType>, reader: &mut Reader) {
    if logical == Some(LogicalType::Object) && property.items("properties").is_empty() {
        let message = format!("the members of {} are not checked: it declares no `properties`", quote(column));
        reader.report_key(codes::PROPERTIES_UNDECLARED, Level::Info, property, "logicalType", message);
    }
}

fn counts(at: &At<'_>, options: &[Spanned<TypeOption>], reader: &mut Reader) {
    let find = |pick: fn(&TypeOption) -> Option<u64>| options.iter().find_map(|option| pick(&option.value));
    let low = find(|option| if let TypeOption::MinLength(n) = option { Some(*n) } else { None });
    let high = find(|option| if let TypeOption::MaxLength(n) = option { Some(*n) } else { None });
    bounds::counts(at, ("minLength", low), ("maxLength", high), reader);
    let low = find(|option| if let TypeOption::MinItems(n) = option { Some(*n) } else { None });
    let high = find(|option| if let TypeOption::MaxItems(n) = option { Some(*n) } else { None });
    bounds::counts(at, ("minItems", low), ("maxItems", high), reader);
    let low = find(|option| if let TypeOption::MinProperties(n) = option { Some(*n) } else { None });
    let high = find(|option| if let TypeOption::MaxProperties(n) = option { Some(*n) } else { None });
    bounds::counts(at, ("minProperties", low), ("maxProperties", high), reader);
}

fn misplaced(at: &At<'_>, logical: LogicalType, reader: &mut Reader) {
    for entry in at.node.entries() {
        let known = super::super::keys::OPTIONS.iter().any(|key| key.name == entry.key);
        if known && !applies(logical, &entry.key) {
            let message = format!("{} does not apply to {}", quote(&entry.key), quote(logical.name()));
            let place = (entry.span, at.path_of(&entry.key));
            reader.findings.add(plan::OPTION_MISPLACED, Level::Warning, place, message, None);
        }
    }
}

/// Whether the standard defines the option for the type.
fn applies(logical: LogicalType, option: &str) -> bool {
    let bound = BOUNDS.contains(&option);
    match logical {
        LogicalType::String => matches!(option, "minLength" | "maxLength" | "pattern" | "format"),
        LogicalType::Integer | LogicalType::Number => bound || matches!(option, "multipleOf" | "format"),
        LogicalType::Date => bound || option == "format",
        LogicalType::Timestamp | LogicalType::Time => {
            bound || matches!(option, "format" | "timezone" | "defaultTimezone")
        }
        LogicalType::Array => matches!(option, "minItems" | "maxItems" | "uniqueItems"),
        LogicalType::Object => matches!(option, "minProperties" | "maxProperties" | "required"),
        LogicalType::Vector => option == "dimensions" || VECTOR.contains(&option),
        LogicalType::Boolean | LogicalType::Map => false,
    }
}

/// Formats of dates and times are patterns of their own and not looked at.
fn known_format(at: &At<'_>, logical: LogicalType, format: &str, reader: &mut Reader) {
    let known = match logical {
        LogicalType::String => STRING_FORMATS,
        LogicalType::Integer => INTEGER_FORMATS,
        LogicalType::Number => NUMBER_FORMATS,
        _ => return,
    };
    if !known.contains(&format) {
        let help = match did_you_mean(format, known.iter().copied()) {
            Some(meant) => format!("did you mean {}?", quote(meant)),
            None => format!("use a `pattern`, or one of {}", known.join(", ")),
        };
        let message = format!("the format {} is not known for {}", quote(format), quote(logical.name()));
        reader.findings.add(
            plan::FORMAT_UNKNOWN,
            Level::Warning,
            (at.span_of("format"), at.path_of("format")),
            message,
            Some(help),
        );
    }
}
