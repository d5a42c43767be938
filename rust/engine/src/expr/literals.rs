//! Literals and parameters (S6.5).

use super::lower::{Compiler, Operand};
use super::problem::Problem;
use guard_kernels::expr::interval::Interval;
use guard_kernels::expr::parse::{parse_date, parse_interval, parse_time, parse_timestamp};
use guard_kernels::expr::program::{NodeId, Op};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::{MAX_PRECISION, Type, Unit};
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{self, DataType, Expr, TimezoneInfo, Value};

impl Compiler<'_> {
    pub(super) fn constant(&mut self, ty: Type, value: Constant, span: Span) -> Result<NodeId, Problem> {
        self.add(Op::Constant(ty.clone(), value), ty, span)
    }

    pub(super) fn literal(&mut self, value: &ast::ValueWithSpan, span: Span) -> Result<NodeId, Problem> {
        let (ty, constant) = match &value.value {
            Value::Number(digits, false) => number(digits).ok_or_else(|| {
                let message = match digits.contains(['e', 'E']) {
                    true => format!("`{digits}` is beyond every DOUBLE"),
                    false => format!("`{digits}` has more than {MAX_PRECISION} digits"),
                };
                Problem::new(codes::LITERAL, message, span)
            })?,
            Value::SingleQuotedString(text) => (Type::Text, Constant::Text(text.as_str().into())),
            Value::Boolean(value) => (Type::Boolean, Constant::Boolean(*value)),
            Value::Null => (Type::Null, Constant::Null),
            Value::Placeholder(name) => return self.parameter(name, span),
            Value::DoubleQuotedString(text) => {
                let message = format!("`\"{text}\"` names a column; a text stands in single quotes");
                return Err(Problem::new(codes::LITERAL, message, span).help(format!("write `'{text}'`")));
            }
            Value::Number(..)
            | Value::DollarQuotedString(_)
            | Value::TripleSingleQuotedString(_)
            | Value::TripleDoubleQuotedString(_)
            | Value::EscapedStringLiteral(_)
            | Value::UnicodeStringLiteral(_)
            | Value::SingleQuotedByteStringLiteral(_)
            | Value::DoubleQuotedByteStringLiteral(_)
            | Value::TripleSingleQuotedByteStringLiteral(_)
            | Value::TripleDoubleQuotedByteStringLiteral(_)
            | Value::SingleQuotedRawStringLiteral(_)
            | Value::DoubleQuotedRawStringLiteral(_)
            | Value::TripleSingleQuotedRawStringLiteral(_)
            | Value::TripleDoubleQuotedRawStringLiteral(_)
            | Value::NationalStringLiteral(_)
            | Value::QuoteDelimitedStringLiteral(_)
            | Value::NationalQuoteDelimitedStringLiteral(_)
            | Value::HexStringLiteral(_) => {
                let message = "this kind of literal cannot be used in an expression";
                let help = "write texts in single quotes, numbers as digits";
                return Err(Problem::new(codes::NOT_SUPPORTED, message, span).help(help));
            }
        };
        self.constant(ty, constant, span)
    }

    fn parameter(&mut self, written: &str, span: Span) -> Result<NodeId, Problem> {
        let Some(name) = written.strip_prefix(':').filter(|name| !name.is_empty()) else {
            let message = format!("`{written}` is no parameter");
            return Err(Problem::new(codes::NOT_SUPPORTED, message, span).help("parameters have names: `:limit`"));
        };
        self.parameters.insert(name.to_owned());
        match self.scope.parameters.get(name) {
            Some(parameter) => self.constant(parameter.ty.clone(), parameter.value.clone(), span),
            None => {
                let message = format!("the parameter `:{name}` has no value");
                let help = format!("bind it: `params={{\"{name}\": …}}`");
                Err(Problem::new(codes::PARAMETER_UNBOUND, message, span).help(help))
            }
        }
    }

    pub(super) fn typed(&mut self, typed: &ast::TypedString, span: Span) -> Result<NodeId, Problem> {
        let Value::SingleQuotedString(text) = &typed.value.value else {
            return Err(Problem::new(codes::LITERAL, "the literal's text stands in single quotes", span));
        };
        let found = match &typed.data_type {
            DataType::Date => parse_date(text).map(|days| (Type::Date, days)),
            DataType::Time(None, TimezoneInfo::None) => parse_time(text).map(|time| (Type::Time, time)),
            DataType::Timestamp(None, zone) => timestamp(text, *zone),
            DataType::Datetime(None) => timestamp(text, TimezoneInfo::None),
            other => {
                let message = format!("a literal of type {other} cannot be used in an expression");
                let help = "DATE, TIME, TIMESTAMP and INTERVAL have such literals; say CAST otherwise";
                return Err(Problem::new(codes::NOT_SUPPORTED, message, span).help(help));
            }
        };
        let Some((ty, value)) = found else {
            let message = format!("`{text}` is no {}", typed.data_type);
            let help = "write `DATE '2026-01-31'`, `TIME '13:00:00'`, `TIMESTAMP '2026-01-31 13:00:00'`";
            return Err(Problem::new(codes::LITERAL, message, span).help(help));
        };
        self.constant(ty, Constant::Integer(value), span)
    }

    pub(super) fn interval(&mut self, interval: &ast::Interval, span: Span) -> Result<Operand, Problem> {
        let wrong = |what: &str| {
            let message = format!("{what} is no INTERVAL");
            let help = "write `INTERVAL '1 day'`, `INTERVAL '3 months'`, `INTERVAL '90' MINUTE`";
            Problem::new(codes::LITERAL, message, span).help(help)
        };
        let text = match interval.value.as_ref() {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) => text.clone(),
                Value::Number(digits, false) => digits.clone(),
                _ => return Err(wrong("this")),
            },
            _ => return Err(wrong("this")),
        };
        let precise = interval.leading_precision.is_some() || interval.fractional_seconds_precision.is_some();
        if precise || interval.last_field.is_some() {
            return Err(wrong("a range of fields"));
        }
        let text = match &interval.leading_field {
            Some(field) => format!("{text} {}", field.to_string().to_ascii_lowercase()),
            None => text,
        };
        let (months, nanoseconds) = parse_interval(text.trim()).ok_or_else(|| wrong(&format!("`{text}`")))?;
        Ok(Operand::Interval(Interval { months, nanoseconds }, span))
    }
}

/// Digits with a fraction or without are exact, those with an exponent a double.
fn number(digits: &str) -> Option<(Type, Constant)> {
    if digits.contains(['e', 'E']) {
        let value: f64 = digits.parse().ok().filter(|value: &f64| value.is_finite())?;
        return Some((Type::Double, Constant::Double(value)));
    }
    let Some((whole, fraction)) = digits.split_once('.') else {
        if let Ok(value) = digits.parse::<i64>() {
            return Some((Type::Integer, Constant::Integer(value)));
        }
        let value = digits.parse::<i128>().ok().filter(|_| digits.trim_start_matches('0').len() <= 38)?;
        return Some((Type::Decimal { precision: MAX_PRECISION, scale: 0 }, Constant::Decimal(value)));
    };
    let scale = u8::try_from(fraction.len()).ok().filter(|scale| *scale <= MAX_PRECISION)?;
    let joined = format!("{whole}{fraction}");
    let significant = joined.trim_start_matches('0').len();
    if significant > usize::from(MAX_PRECISION) {
        return None;
    }
    let value = if joined.is_empty() { 0 } else { joined.parse::<i128>().ok()? };
    let precision = u8::try_from(significant).ok()?.max(scale).max(1);
    Some((Type::Decimal { precision, scale }, Constant::Decimal(value)))
}

fn timestamp(text: &str, zone: TimezoneInfo) -> Option<(Type, i64)> {
    let fine = text.rsplit_once('.').is_some_and(|(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count() > 6);
    let unit = if fine { Unit::Nanosecond } else { Unit::Microsecond };
    let (ticks, zoned) = parse_timestamp(text, unit)?;
    let wanted = match zone {
        TimezoneInfo::None => None,
        TimezoneInfo::WithTimeZone | TimezoneInfo::Tz => Some(true),
        TimezoneInfo::WithoutTimeZone => Some(false),
    };
    wanted.is_none_or(|wanted| wanted == zoned).then_some((Type::Timestamp { unit, zoned }, ticks))
}
