//! The types of expressions (S6.2) and how Arrow columns are read as them.

use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use std::fmt;
use std::sync::Arc;

/// Most digits of a decimal.
pub const MAX_PRECISION: u8 = 38;

/// What a sub-expression yields. Every integer width is one type; its width lives in the range.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    /// Of the literal NULL alone; takes any type.
    Null,
    /// Three-valued.
    Boolean,
    /// 64-bit, every operation checked.
    Integer,
    /// Exact: at most `precision` digits, `scale` of them after the point.
    Decimal {
        /// 1 to 38.
        precision: u8,
        /// 0 to `precision`, or less than it by casts.
        scale: u8,
    },
    /// IEEE 754 binary64.
    Double,
    /// UTF-8.
    Text,
    /// Bytes.
    Binary,
    /// Days since 1970-01-01.
    Date,
    /// Nanoseconds since midnight.
    Time,
    /// Ticks since 1970-01-01T00:00:00; an instant when `zoned`.
    Timestamp {
        /// Length of a tick.
        unit: Unit,
        /// An instant (in UTC) rather than a reading of a wall clock.
        zoned: bool,
    },
    /// Elapsed ticks.
    Duration(Unit),
    /// Values of one type.
    List(Arc<Type>),
    /// Named values.
    Struct(Arc<[(String, Type)]>),
}

/// The length of a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Unit {
    /// Nanoseconds in a tick.
    pub fn nanoseconds(self) -> i64 {
        match self {
            Unit::Second => 1_000_000_000,
            Unit::Millisecond => 1_000_000,
            Unit::Microsecond => 1_000,
            Unit::Nanosecond => 1,
        }
    }

    /// Arrow's word.
    pub fn arrow(self) -> TimeUnit {
        match self {
            Unit::Second => TimeUnit::Second,
            Unit::Millisecond => TimeUnit::Millisecond,
            Unit::Microsecond => TimeUnit::Microsecond,
            Unit::Nanosecond => TimeUnit::Nanosecond,
        }
    }

    /// From Arrow's word.
    pub fn from_arrow(unit: TimeUnit) -> Unit {
        match unit {
            TimeUnit::Second => Unit::Second,
            TimeUnit::Millisecond => Unit::Millisecond,
            TimeUnit::Microsecond => Unit::Microsecond,
            TimeUnit::Nanosecond => Unit::Nanosecond,
        }
    }
}

/// Has an Arrow type days of 64-bit milliseconds, which reach beyond those of a date32?
pub fn has_long_dates(data_type: &DataType) -> bool {
    match data_type {
        DataType::Date64 => true,
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            has_long_dates(item.data_type())
        }
        DataType::Struct(fields) => fields.iter().any(|field| has_long_dates(field.data_type())),
        DataType::Dictionary(_, values) => has_long_dates(values),
        _ => false,
    }
}

impl Type {
    /// How a column of an Arrow type is read (S6.3); none for layouts that expressions do not read.
    pub fn of_arrow(data_type: &DataType) -> Option<Type> {
        use DataType as D;
        Some(match data_type {
            D::Null => Type::Null,
            D::Boolean => Type::Boolean,
            D::Int8 | D::Int16 | D::Int32 | D::Int64 | D::UInt8 | D::UInt16 | D::UInt32 => Type::Integer,
            D::UInt64 => Type::Decimal { precision: 20, scale: 0 },
            D::Float16 | D::Float32 | D::Float64 => Type::Double,
            D::Decimal32(precision, scale) | D::Decimal64(precision, scale) | D::Decimal128(precision, scale) => {
                Type::Decimal { precision: *precision, scale: u8::try_from(*scale).ok()? }
            }
            D::Utf8 | D::LargeUtf8 | D::Utf8View => Type::Text,
            D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => Type::Binary,
            D::Date32 | D::Date64 => Type::Date,
            D::Time32(_) | D::Time64(_) => Type::Time,
            D::Timestamp(unit, zone) => Type::Timestamp { unit: Unit::from_arrow(*unit), zoned: zone.is_some() },
            D::Duration(unit) => Type::Duration(Unit::from_arrow(*unit)),
            D::List(item) | D::LargeList(item) | D::FixedSizeList(item, _) => {
                Type::List(Arc::new(Type::of_arrow(item.data_type())?))
            }
            D::Struct(fields) => {
                let field =
                    |field: &Arc<arrow_schema::Field>| Some((field.name().clone(), Type::of_arrow(field.data_type())?));
                Type::Struct(fields.iter().map(field).collect::<Option<Vec<_>>>()?.into())
            }
            D::Dictionary(_, values) => Type::of_arrow(values).filter(Type::is_scalar)?,
            D::ListView(_) | D::LargeListView(_) | D::Decimal256(..) | D::Map(..) | D::Union(..) => return None,
            D::RunEndEncoded(..) => return None,
            D::Interval(IntervalUnit::YearMonth | IntervalUnit::DayTime | IntervalUnit::MonthDayNano) => return None,
        })
    }

    /// The Arrow type of results.
    pub fn to_arrow(&self) -> DataType {
        match self {
            Type::Null => DataType::Null,
            Type::Boolean => DataType::Boolean,
            Type::Integer => DataType::Int64,
            Type::Decimal { precision, scale } => DataType::Decimal128(*precision, *scale as i8),
            Type::Double => DataType::Float64,
            Type::Text => DataType::Utf8View,
            Type::Binary => DataType::BinaryView,
            Type::Date => DataType::Date32,
            Type::Time => DataType::Time64(TimeUnit::Nanosecond),
            Type::Timestamp { unit, zoned } => DataType::Timestamp(unit.arrow(), zoned.then(|| Arc::from("UTC"))),
            Type::Duration(unit) => DataType::Duration(unit.arrow()),
            Type::List(item) => DataType::LargeList(Arc::new(arrow_schema::Field::new("item", item.to_arrow(), true))),
            Type::Struct(fields) => DataType::Struct(
                fields.iter().map(|(name, ty)| arrow_schema::Field::new(name, ty.to_arrow(), true)).collect(),
            ),
        }
    }

    /// Integer, decimal or double.
    pub fn is_numeric(&self) -> bool {
        matches!(self, Type::Integer | Type::Decimal { .. } | Type::Double)
    }

    /// Neither list nor struct.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Type::List(_) | Type::Struct(_))
    }
}

/// As it is written in CAST.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Null => f.write_str("NULL"),
            Type::Boolean => f.write_str("BOOLEAN"),
            Type::Integer => f.write_str("BIGINT"),
            Type::Decimal { precision, scale } => write!(f, "DECIMAL({precision}, {scale})"),
            Type::Double => f.write_str("DOUBLE"),
            Type::Text => f.write_str("VARCHAR"),
            Type::Binary => f.write_str("BLOB"),
            Type::Date => f.write_str("DATE"),
            Type::Time => f.write_str("TIME"),
            Type::Timestamp { zoned: false, .. } => f.write_str("TIMESTAMP"),
            Type::Timestamp { zoned: true, .. } => f.write_str("TIMESTAMP WITH TIME ZONE"),
            Type::Duration(_) => f.write_str("INTERVAL"),
            Type::List(item) => write!(f, "{item}[]"),
            Type::Struct(fields) => {
                f.write_str("STRUCT(")?;
                for (position, (name, ty)) in fields.iter().enumerate() {
                    write!(f, "{}{name} {ty}", if position == 0 { "" } else { ", " })?;
                }
                f.write_str(")")
            }
        }
    }
}
