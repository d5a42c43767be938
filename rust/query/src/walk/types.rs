//! Types of casts, and fields of dates.

use super::Walker;
use guard_verdict::codes::query as codes;
use sqlparser::ast::{CharacterLength, DataType, DateTimeField, TimezoneInfo};
use sqlparser::tokenizer::Span;

/// What a type is for queries.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Use {
    Plain,
    Text,
    Time,
    Refused,
}

impl Walker<'_> {
    /// The type of a cast or typed literal.
    pub(super) fn cast(&mut self, ty: &DataType, place: Span) -> Use {
        let of = of(ty);
        if of == Use::Refused {
            self.deny(codes::TYPE, format!("queries may not cast to `{ty}`"), place);
        }
        of
    }

    /// A field of EXTRACT or INTERVAL.
    pub(super) fn field(&mut self, field: &DateTimeField, place: Span) {
        let fits = match field {
            DateTimeField::Year | DateTimeField::Years | DateTimeField::Month | DateTimeField::Months => true,
            DateTimeField::Week(None) | DateTimeField::Weeks | DateTimeField::Day | DateTimeField::DayOfWeek => true,
            DateTimeField::DayOfYear | DateTimeField::Days | DateTimeField::Hour | DateTimeField::Hours => true,
            DateTimeField::Minute | DateTimeField::Minutes | DateTimeField::Second | DateTimeField::Seconds => true,
            DateTimeField::Century | DateTimeField::Decade | DateTimeField::Dow | DateTimeField::Doy => true,
            DateTimeField::Epoch | DateTimeField::Isodow | DateTimeField::Isoyear | DateTimeField::IsoWeek => true,
            DateTimeField::Microsecond | DateTimeField::Microseconds | DateTimeField::Millisecond => true,
            DateTimeField::Milliseconds | DateTimeField::Quarter => true,
            DateTimeField::Week(Some(_)) | DateTimeField::Date | DateTimeField::Datetime => false,
            DateTimeField::Julian | DateTimeField::Millenium | DateTimeField::Millennium => false,
            DateTimeField::Nanosecond | DateTimeField::Nanoseconds | DateTimeField::Time => false,
            DateTimeField::Timezone | DateTimeField::TimezoneAbbr | DateTimeField::TimezoneHour => false,
            DateTimeField::TimezoneMinute | DateTimeField::TimezoneRegion | DateTimeField::NoDateTime => false,
            DateTimeField::Custom(_) => false,
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
            None | Some(CharacterLength::IntegerLength { unit: None, .. }) => Use::Text,
            Some(CharacterLength::IntegerLength { unit: Some(_), .. } | CharacterLength::Max) => Use::Refused,
        },
        DataType::Text => Use::Text,
        DataType::Uuid | DataType::Numeric(_) | DataType::Decimal(_) => Use::Plain,
        DataType::Dec(_) | DataType::Float(_) | DataType::Double(_) | DataType::TinyInt(None) => Use::Plain,
        DataType::UTinyInt | DataType::SmallInt(None) | DataType::USmallInt | DataType::Int2(None) => Use::Plain,
        DataType::Int(None) | DataType::Int4(None) | DataType::Int8(None) | DataType::Integer(None) => Use::Plain,
        DataType::BigInt(None) | DataType::UBigInt | DataType::HugeInt | DataType::Float4 => Use::Plain,
        DataType::Float8 | DataType::Real | DataType::DoublePrecision | DataType::Bool => Use::Plain,
        DataType::Boolean => Use::Plain,
        // Its zone's offset would be that of today.
        DataType::Time(_, TimezoneInfo::Tz | TimezoneInfo::WithTimeZone) => Use::Refused,
        DataType::Date | DataType::Time(..) | DataType::Datetime(None) | DataType::Timestamp(..) => Use::Time,
        DataType::Interval { fields: None, precision: None } => Use::Plain,
        DataType::TinyInt(Some(_)) | DataType::SmallInt(Some(_)) | DataType::Int2(Some(_)) => Use::Refused,
        DataType::Int(Some(_)) | DataType::Int4(Some(_)) | DataType::Int8(Some(_)) => Use::Refused,
        DataType::Integer(Some(_)) | DataType::BigInt(Some(_)) | DataType::Datetime(Some(_)) => Use::Refused,
        DataType::Interval { .. } | DataType::Table(_) | DataType::NamedTable { .. } => Use::Refused,
        DataType::Nvarchar(_) | DataType::CharacterLargeObject(_) | DataType::CharLargeObject(_) => Use::Refused,
        DataType::Clob(_) | DataType::Binary(_) | DataType::Varbinary(_) | DataType::Blob(_) => Use::Refused,
        DataType::TinyBlob | DataType::MediumBlob | DataType::LongBlob | DataType::Bytes(_) => Use::Refused,
        DataType::DecimalUnsigned(_) | DataType::BigNumeric(_) | DataType::BigDecimal(_) => Use::Refused,
        DataType::DecUnsigned(_) | DataType::FloatUnsigned(_) | DataType::TinyIntUnsigned(_) => Use::Refused,
        DataType::Int2Unsigned(_) | DataType::SmallIntUnsigned(_) | DataType::MediumInt(_) => Use::Refused,
        DataType::MediumIntUnsigned(_) | DataType::Int16 | DataType::Int32 | DataType::Int64 => Use::Refused,
        DataType::Int128 | DataType::Int256 | DataType::IntUnsigned(_) | DataType::Int4Unsigned(_) => Use::Refused,
        DataType::IntegerUnsigned(_) | DataType::UHugeInt | DataType::UInt8 | DataType::UInt16 => Use::Refused,
        DataType::UInt32 | DataType::UInt64 | DataType::UInt128 | DataType::UInt256 => Use::Refused,
        DataType::BigIntUnsigned(_) | DataType::Int8Unsigned(_) | DataType::Signed => Use::Refused,
        DataType::SignedInteger | DataType::Unsigned | DataType::UnsignedInteger | DataType::Float32 => Use::Refused,
        DataType::Float64 | DataType::RealUnsigned | DataType::DoubleUnsigned(_) => Use::Refused,
        DataType::DoublePrecisionUnsigned | DataType::Date32 | DataType::Datetime64(..) => Use::Refused,
        DataType::TimestampNtz(_) | DataType::JSON | DataType::JSONB | DataType::Regclass => Use::Refused,
        DataType::TinyText | DataType::MediumText | DataType::LongText | DataType::String(_) => Use::Refused,
        DataType::FixedString(_) | DataType::Bytea | DataType::Bit(_) | DataType::BitVarying(_) => Use::Refused,
        DataType::VarBit(_) | DataType::Custom(..) | DataType::Array(_) | DataType::Map(..) => Use::Refused,
        DataType::Tuple(_) | DataType::Nested(_) | DataType::Enum(..) | DataType::Set(_) => Use::Refused,
        DataType::Struct(..) | DataType::Union(_) | DataType::Nullable(_) => Use::Refused,
        DataType::LowCardinality(_) | DataType::Unspecified | DataType::Trigger | DataType::AnyType => Use::Refused,
        DataType::GeometricType(_) | DataType::TsVector | DataType::TsQuery => Use::Refused,
    }
}
