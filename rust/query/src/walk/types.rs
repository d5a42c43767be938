//! Types of casts, and fields of dates.

use super::Walker;
use guard_verdict::codes::query as codes;
use sqlparser::ast::{CharacterLength, DataType, DateTimeField, Expr, Value};
use sqlparser::tokenizer::Span;

/// What a type is for queries.
#[derive(PartialEq)]
enum Use {
    Plain,
    Time,
    Refused,
}

impl Walker<'_> {
    /// The type of a cast or typed literal.
    pub(super) fn cast(&mut self, ty: &DataType, operand: Option<&Expr>, place: Span) {
        match of(ty) {
            Use::Plain => {}
            Use::Time => {
                // `'now'` and `'today'` read the clock.
                if let Some(Expr::Value(value)) = operand
                    && let Value::SingleQuotedString(text) = &value.value
                    && !text.trim_start().starts_with(|ch: char| ch.is_ascii_digit())
                {
                    let message = format!("`{text}` is no date or time in digits");
                    self.deny(codes::LITERAL, message, place);
                }
            }
            Use::Refused => self.deny(codes::TYPE, format!("queries may not cast to `{ty}`"), place),
        }
    }

    /// A field of EXTRACT or INTERVAL.
    pub(super) fn field(&mut self, field: &DateTimeField, place: Span) {
        let fits = match field {
            DateTimeField::Year
            | DateTimeField::Years
            | DateTimeField::Month
            | DateTimeField::Months
            | DateTimeField::Week(None)
            | DateTimeField::Weeks
            | DateTimeField::Day
            | DateTimeField::DayOfWeek
            | DateTimeField::DayOfYear
            | DateTimeField::Days
            | DateTimeField::Hour
            | DateTimeField::Hours
            | DateTimeField::Minute
            | DateTimeField::Minutes
            | DateTimeField::Second
            | DateTimeField::Seconds
            | DateTimeField::Century
            | DateTimeField::Decade
            | DateTimeField::Dow
            | DateTimeField::Doy
            | DateTimeField::Epoch
            | DateTimeField::Isodow
            | DateTimeField::Isoyear
            | DateTimeField::IsoWeek
            | DateTimeField::Microsecond
            | DateTimeField::Microseconds
            | DateTimeField::Millisecond
            | DateTimeField::Milliseconds
            | DateTimeField::Quarter => true,
            DateTimeField::Week(Some(_))
            | DateTimeField::Date
            | DateTimeField::Datetime
            | DateTimeField::Julian
            | DateTimeField::Millenium
            | DateTimeField::Millennium
            | DateTimeField::Nanosecond
            | DateTimeField::Nanoseconds
            | DateTimeField::Time
            | DateTimeField::Timezone
            | DateTimeField::TimezoneAbbr
            | DateTimeField::TimezoneHour
            | DateTimeField::TimezoneMinute
            | DateTimeField::TimezoneRegion
            | DateTimeField::NoDateTime
            | DateTimeField::Custom(_) => false,
        };
        if !fits {
            self.deny(codes::EXPRESSION, format!("`{field}` is no part of a date or time here"), place);
        }
    }
}

fn of(ty: &DataType) -> Use {
    match ty {
        DataType::Character(length)
        | DataType::Char(length)
        | DataType::CharacterVarying(length)
        | DataType::CharVarying(length)
        | DataType::Varchar(length) => match length {
            None | Some(CharacterLength::IntegerLength { unit: None, .. }) => Use::Plain,
            Some(CharacterLength::IntegerLength { unit: Some(_), .. } | CharacterLength::Max) => Use::Refused,
        },
        DataType::Text
        | DataType::Uuid
        | DataType::Numeric(_)
        | DataType::Decimal(_)
        | DataType::Dec(_)
        | DataType::Float(_)
        | DataType::Double(_)
        | DataType::TinyInt(None)
        | DataType::UTinyInt
        | DataType::SmallInt(None)
        | DataType::USmallInt
        | DataType::Int2(None)
        | DataType::Int(None)
        | DataType::Int4(None)
        | DataType::Int8(None)
        | DataType::Integer(None)
        | DataType::BigInt(None)
        | DataType::UBigInt
        | DataType::HugeInt
        | DataType::Float4
        | DataType::Float8
        | DataType::Real
        | DataType::DoublePrecision
        | DataType::Bool
        | DataType::Boolean => Use::Plain,
        DataType::Date | DataType::Time(..) | DataType::Datetime(None) | DataType::Timestamp(..) => Use::Time,
        DataType::Interval { fields: None, precision: None } => Use::Plain,
        DataType::TinyInt(Some(_))
        | DataType::SmallInt(Some(_))
        | DataType::Int2(Some(_))
        | DataType::Int(Some(_))
        | DataType::Int4(Some(_))
        | DataType::Int8(Some(_))
        | DataType::Integer(Some(_))
        | DataType::BigInt(Some(_))
        | DataType::Datetime(Some(_))
        | DataType::Interval { .. }
        | DataType::Table(_)
        | DataType::NamedTable { .. }
        | DataType::Nvarchar(_)
        | DataType::CharacterLargeObject(_)
        | DataType::CharLargeObject(_)
        | DataType::Clob(_)
        | DataType::Binary(_)
        | DataType::Varbinary(_)
        | DataType::Blob(_)
        | DataType::TinyBlob
        | DataType::MediumBlob
        | DataType::LongBlob
        | DataType::Bytes(_)
        | DataType::DecimalUnsigned(_)
        | DataType::BigNumeric(_)
        | DataType::BigDecimal(_)
        | DataType::DecUnsigned(_)
        | DataType::FloatUnsigned(_)
        | DataType::TinyIntUnsigned(_)
        | DataType::Int2Unsigned(_)
        | DataType::SmallIntUnsigned(_)
        | DataType::MediumInt(_)
        | DataType::MediumIntUnsigned(_)
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Int128
        | DataType::Int256
        | DataType::IntUnsigned(_)
        | DataType::Int4Unsigned(_)
        | DataType::IntegerUnsigned(_)
        | DataType::UHugeInt
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32
        | DataType::UInt64
        | DataType::UInt128
        | DataType::UInt256
        | DataType::BigIntUnsigned(_)
        | DataType::Int8Unsigned(_)
        | DataType::Signed
        | DataType::SignedInteger
        | DataType::Unsigned
        | DataType::UnsignedInteger
        | DataType::Float32
        | DataType::Float64
        | DataType::RealUnsigned
        | DataType::DoubleUnsigned(_)
        | DataType::DoublePrecisionUnsigned
        | DataType::Date32
        | DataType::Datetime64(..)
        | DataType::TimestampNtz(_)
        | DataType::JSON
        | DataType::JSONB
        | DataType::Regclass
        | DataType::TinyText
        | DataType::MediumText
        | DataType::LongText
        | DataType::String(_)
        | DataType::FixedString(_)
        | DataType::Bytea
        | DataType::Bit(_)
        | DataType::BitVarying(_)
        | DataType::VarBit(_)
        | DataType::Custom(..)
        | DataType::Array(_)
        | DataType::Map(..)
        | DataType::Tuple(_)
        | DataType::Nested(_)
        | DataType::Enum(..)
        | DataType::Set(_)
        | DataType::Struct(..)
        | DataType::Union(_)
        | DataType::Nullable(_)
        | DataType::LowCardinality(_)
        | DataType::Unspecified
        | DataType::Trigger
        | DataType::AnyType
        | DataType::GeometricType(_)
        | DataType::TsVector
        | DataType::TsQuery => Use::Refused,
    }
}
