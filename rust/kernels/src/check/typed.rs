//! Literals read as a column's type.

use arrow_schema::{DataType, TimeUnit};
use num_bigint::BigInt;

use super::exact::{Exact, Place};
use super::instant;
use super::{Literal, Refusal};

/// Runs one of three expressions by how the type is stored: `$whole` with the integer type in `$n`, `$real` with the float
/// type in `$n`, or `$other`.
macro_rules! by_storage {
    ($data_type:expr, $n:ident, whole => $whole:expr, real => $real:expr, other => $other:expr) => {
        match $data_type {
            DataType::Int8 => {
                type $n = i8;
                $whole
            }
            DataType::Int16 => {
                type $n = i16;
                $whole
            }
            DataType::Int32 | DataType::Date32 | DataType::Time32(_) | DataType::Decimal32(_, _) => {
                type $n = i32;
                $whole
            }
            DataType::Int64
            | DataType::Date64
            | DataType::Time64(_)
            | DataType::Timestamp(_, _)
            | DataType::Decimal64(_, _) => {
                type $n = i64;
                $whole
            }
            DataType::Decimal128(_, _) => {
                type $n = i128;
                $whole
            }
            DataType::Decimal256(_, _) => {
                type $n = arrow_buffer::i256;
                $whole
            }
            DataType::UInt8 => {
                type $n = u8;
                $whole
            }
            DataType::UInt16 => {
                type $n = u16;
                $whole
            }
            DataType::UInt32 => {
                type $n = u32;
                $whole
            }
            DataType::UInt64 => {
                type $n = u64;
                $whole
            }
            DataType::Float16 => {
                type $n = $crate::check::native::Half;
                $real
            }
            DataType::Float32 => {
                type $n = f32;
                $real
            }
            DataType::Float64 => {
                type $n = f64;
                $real
            }
            _ => $other,
        }
    };
}
pub(super) use by_storage;

/// The type's name for people.
pub(super) fn name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Boolean => "a boolean column",
        DataType::Date32 | DataType::Date64 => "a date column",
        DataType::Time32(_) | DataType::Time64(_) => "a time column",
        DataType::Timestamp(_, Some(_)) => "a timestamp column with a zone",
        DataType::Timestamp(_, None) => "a timestamp column without a zone",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "a string column",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "a binary column"
        }
        DataType::Struct(_) | DataType::Map(_, _) => "an object column",
        list if is_list(list) => "an array column",
        whole if is_whole(whole) => "an integer column",
        number if is_number(number) => "a number column",
        DataType::Duration(_) | DataType::Interval(_) => "a duration column",
        _ => "a column of this layout",
    }
}

/// Integers of every width.
pub(super) fn is_whole(data_type: &DataType) -> bool {
    data_type.is_integer()
}

/// Integers, floats, decimals.
pub(super) fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

/// The five list layouts.
pub(super) fn is_list(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::List(_)
            | DataType::LargeList(_)
            | DataType::FixedSizeList(_, _)
            | DataType::ListView(_)
            | DataType::LargeListView(_)
    )
}

/// The three layouts of text.
pub(super) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The four layouts of bytes.
pub(super) fn is_binary(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_))
}

/// Layouts that no check but those on NULL reads.
pub(super) fn is_exotic(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Duration(_) | DataType::Interval(_) | DataType::Union(_, _) | DataType::RunEndEncoded(_, _)
    )
}

/// Where the literal lies among the physical values of a column stored as integers.
pub(super) fn place(literal: &Literal, data_type: &DataType) -> Result<Place, Refusal> {
    match data_type {
        DataType::Date32 => date_place(literal, data_type, 1),
        DataType::Date64 => date_place(literal, data_type, 86_400_000),
        DataType::Timestamp(unit, zone) => stamp_place(literal, data_type, unit_nanos(*unit), zone.is_some()),
        DataType::Time32(unit) | DataType::Time64(unit) => time_place(literal, data_type, unit_nanos(*unit)),
        _ => Ok(number(literal, data_type)?.place(scale(data_type))),
    }
}

/// The physical value of a decimal is its value times ten to the scale; other types have none.
pub(super) fn scale(data_type: &DataType) -> i64 {
    match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => i64::from(*scale),
        _ => 0,
    }
}

/// The exact number.
pub(super) fn number(literal: &Literal, data_type: &DataType) -> Result<Exact, Refusal> {
    match literal {
        Literal::Number(text) => Exact::parse(text),
        _ => None,
    }
    .ok_or_else(|| unreadable(literal, data_type))
}

fn date_place(literal: &Literal, data_type: &DataType, per_day: i64) -> Result<Place, Refusal> {
    let days = match literal {
        Literal::Text(text) => instant::date(text),
        _ => None,
    };
    let days = days.ok_or_else(|| unreadable(literal, data_type))?;
    let floor = BigInt::from(days) * per_day;
    Ok(Place { floor, between: false })
}

fn stamp_place(literal: &Literal, data_type: &DataType, unit: i128, zoned: bool) -> Result<Place, Refusal> {
    let Literal::Text(text) = literal else {
        return Err(unreadable(literal, data_type));
    };
    let stamp = instant::stamp(text).ok_or_else(|| unreadable(literal, data_type))?;
    if stamp.zoned != zoned {
        let has = if stamp.zoned { "an offset" } else { "no offset" };
        let reason = format!("`{text}` has {has} but is compared with {}", name(data_type));
        return Err(Refusal::ZoneMismatch(reason));
    }
    Ok(instant::place(stamp.nanos, stamp.finer, unit))
}

fn time_place(literal: &Literal, data_type: &DataType, unit: i128) -> Result<Place, Refusal> {
    let clock = match literal {
        Literal::Text(text) => instant::clock(text),
        _ => None,
    };
    let readable = clock.filter(|clock| clock.offset.is_none() && !clock.leap);
    let clock = readable.ok_or_else(|| unreadable(literal, data_type))?;
    Ok(instant::place(clock.nanos, clock.finer, unit))
}

fn unit_nanos(unit: TimeUnit) -> i128 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// The refusal of a literal that the type cannot read.
pub(super) fn unreadable(literal: &Literal, data_type: &DataType) -> Refusal {
    Refusal::BoundUnreadable(format!("{} is no value of {}", written(literal), name(data_type)))
}

/// The literal as the contract writes it.
pub(super) fn written(literal: &Literal) -> String {
    match literal {
        Literal::Null => "`null`".to_owned(),
        Literal::Bool(value) => format!("`{value}`"),
        Literal::Number(text) | Literal::Text(text) => format!("`{text}`"),
    }
}
