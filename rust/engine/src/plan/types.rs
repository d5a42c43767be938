//! Which Arrow types a logical type admits (S3.2).

use crate::contract::LogicalType;
use arrow_schema::{DataType, Field};

/// Does `data_type` hold values of `logical`? The null type holds only NULLs and has every type.
pub fn admits(logical: LogicalType, data_type: &DataType, binary_text: bool) -> bool {
    if let DataType::Dictionary(_, values) = data_type {
        return admits(logical, values, binary_text);
    }
    if data_type.is_null() {
        return true;
    }
    match logical {
        LogicalType::String => is_text(data_type) || binary_text && is_binary(data_type),
        LogicalType::Integer => is_integer(data_type),
        LogicalType::Number => data_type.is_numeric(),
        LogicalType::Boolean => *data_type == DataType::Boolean,
        LogicalType::Date => matches!(data_type, DataType::Date32 | DataType::Date64),
        LogicalType::Timestamp => matches!(data_type, DataType::Timestamp(..)),
        LogicalType::Time => matches!(data_type, DataType::Time32(_) | DataType::Time64(_)),
        LogicalType::Array => is_list(data_type),
        LogicalType::Object => matches!(data_type, DataType::Struct(_) | DataType::Map(..)),
        LogicalType::Map => matches!(data_type, DataType::Map(..)),
        LogicalType::Vector => is_list(data_type),
    }
}

/// What a column holds, in words.
pub fn holds(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Dictionary(_, values) => holds(values),
        DataType::RunEndEncoded(_, values) => holds(values.data_type()),
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            "decimals"
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "floating-point numbers",
        DataType::Boolean => "booleans",
        DataType::Null => "nothing but NULL",
        DataType::Date32 | DataType::Date64 => "dates",
        DataType::Timestamp(_, Some(_)) => "timestamps with a zone",
        DataType::Timestamp(_, None) => "timestamps without a zone",
        DataType::Time32(_) | DataType::Time64(_) => "times",
        DataType::Duration(_) | DataType::Interval(_) => "durations",
        DataType::Struct(_) => "structs",
        DataType::Map(..) => "maps",
        DataType::Union(..) => "unions",
        other if is_text(other) => "strings",
        other if is_binary(other) => "binary values",
        other if is_list(other) => "lists",
        _ => "integers",
    }
}

/// The kind of a key column; keys of different kinds can never be equal.
pub fn key_kind(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Dictionary(_, values) => key_kind(values),
        other if is_text(other) => "text",
        other if is_binary(other) => "binary",
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "floating-point number",
        other if other.is_numeric() => "exact number",
        DataType::Boolean => "boolean",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(_, Some(_)) => "timestamp with zone",
        DataType::Timestamp(_, None) => "timestamp without zone",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Null => "null",
        _ => "other",
    }
}

/// Scalar types, whose values fit a line.
pub fn is_scalar(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_scalar(values),
        other => !other.is_nested() && !is_binary(other),
    }
}

/// The items of a list layout.
pub fn item(data_type: &DataType) -> Option<&Field> {
    match data_type {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => Some(item),
        _ => None,
    }
}

/// Layouts whose NULLs and values no check reads, in words: none of their clauses could be told from one that passes.
pub fn unread(data_type: &DataType) -> Option<&'static str> {
    match data_type {
        DataType::Dictionary(_, values) => unread(values),
        DataType::Union(..) => Some("unions"),
        DataType::RunEndEncoded(..) => Some("run-end encoded values"),
        _ => None,
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

fn is_binary(data_type: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    matches!(data_type, Binary | LargeBinary | BinaryView | FixedSizeBinary(_))
}

fn is_integer(data_type: &DataType) -> bool {
    use DataType::{Decimal32, Decimal64, Decimal128, Decimal256};
    match data_type {
        Decimal32(_, scale) | Decimal64(_, scale) | Decimal128(_, scale) | Decimal256(_, scale) => *scale <= 0,
        other => other.is_integer(),
    }
}

fn is_list(data_type: &DataType) -> bool {
    item(data_type).is_some()
}
