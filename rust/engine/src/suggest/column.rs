//! The columns that rules can name, and their values in a run of records.

use super::number::Num;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, RecordBatch};
use arrow_schema::{DataType, Schema, TimeUnit};
use guard_kernels::expr::types::{Type, Unit};
use std::cell::OnceCell;

const DAY_MS: i64 = 86_400_000;

/// What rules can do with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Decimal,
    /// `short` of float16 and float32.
    Double {
        short: bool,
    },
    Date,
    Time(Unit),
    Timestamp(Unit, bool),
    Boolean,
    Text,
    /// Only whether it is NULL.
    Opaque,
}

impl Kind {
    /// Numbers.
    pub fn is_numeric(self) -> bool {
        matches!(self, Kind::Integer | Kind::Decimal | Kind::Double { .. })
    }

    /// Doubles of either width.
    pub fn is_double(self) -> bool {
        matches!(self, Kind::Double { .. })
    }

    /// The factors that bring both to the same ticks, when `<` is defined between the two.
    pub fn comparable(self, other: Kind) -> Option<(i64, i64)> {
        let (mine, others) = match (self, other) {
            (Kind::Date, Kind::Date) => return Some((1, 1)),
            (Kind::Time(a), Kind::Time(b)) => (a, b),
            (Kind::Timestamp(a, zoned), Kind::Timestamp(b, other)) if zoned == other => (a, b),
            (a, b) if a.is_numeric() && b.is_numeric() => {
                let refused = a.is_double() && b == Kind::Decimal || b.is_double() && a == Kind::Decimal;
                return (!refused).then_some((1, 1));
            }
            _ => return None,
        };
        let finer = mine.nanoseconds().min(others.nanoseconds());
        Some((mine.nanoseconds() / finer, others.nanoseconds() / finer))
    }
}

/// A column that rules can name.
#[derive(Debug)]
pub struct Column {
    /// Its position in the frame.
    pub position: usize,
    pub name: String,
    pub kind: Kind,
}

/// The columns of a frame that rules can name: not those that share a name, that expressions cannot read, or whose name
/// would be changed by a contract's variables.
pub fn columns(schema: &Schema) -> Vec<Column> {
    let fields = schema.fields();
    let named = |name: &String| fields.iter().filter(|field| field.name() == name).count() == 1;
    let usable = |name: &String| !name.is_empty() && !name.contains("${") && !name.contains(char::is_control);
    let column = |(position, field): (usize, &arrow_schema::FieldRef)| {
        let kind = kind(field.data_type())?;
        (named(field.name()) && usable(field.name())).then(|| Column { position, name: field.name().clone(), kind })
    };
    fields.iter().enumerate().filter_map(column).collect()
}

fn kind(data_type: &DataType) -> Option<Kind> {
    let read = Type::of_arrow(data_type)?;
    let plain = match data_type {
        DataType::Dictionary(_, values) => values.as_ref(),
        other => other,
    };
    Some(match read {
        _ if matches!(plain, DataType::Dictionary(..)) => Kind::Opaque,
        Type::Null => return None,
        Type::Boolean => Kind::Boolean,
        Type::Integer => Kind::Integer,
        Type::Decimal { .. } => Kind::Decimal,
        Type::Double => Kind::Double { short: plain != &DataType::Float64 },
        Type::Text => Kind::Text,
        Type::Date => Kind::Date,
        Type::Time => match plain {
            DataType::Time32(unit) | DataType::Time64(unit) => Kind::Time(Unit::from_arrow(*unit)),
            _ => Kind::Opaque,
        },
        Type::Timestamp { unit, zoned } => Kind::Timestamp(unit, zoned),
        Type::Binary | Type::Duration(_) | Type::List(_) | Type::Struct(_) => Kind::Opaque,
    })
}

/// Which records have a value: a bit each, in words of 64.
pub type Mask = Vec<u64>;

/// How many bits are set in both, `flip` turning the second around. Bits beyond the records are never set in the first.
pub fn shared(a: &[u64], b: &[u64], flip: bool) -> u64 {
    let turn = if flip { u64::MAX } else { 0 };
    a.iter().zip(b).map(|(a, b)| u64::from((a & (b ^ turn)).count_ones())).sum()
}

/// How many bits are set.
pub fn ones(mask: &[u64]) -> u64 {
    mask.iter().map(|word| u64::from(word.count_ones())).sum()
}

fn mask(bits: impl Iterator<Item = bool>) -> Mask {
    let mut words = Vec::new();
    for (row, bit) in bits.enumerate() {
        if row.is_multiple_of(64) {
            words.push(0);
        }
        if let Some(word) = words.last_mut() {
            *word |= u64::from(bit) << (row % 64);
        }
    }
    words
}

/// Values of one column in a run of records. Where there is no value the entry is arbitrary.
#[derive(Debug, Clone)]
pub enum Values<'a> {
    /// Integers; days; ticks.
    Int(Vec<i64>),
    Dec(Vec<i128>, u8),
    Dbl(Vec<f64>),
    Text(Vec<&'a str>),
    Bool(Vec<bool>),
    /// Not read.
    None,
}

/// One column in a run of records.
#[derive(Debug, Clone)]
pub struct Lane<'a> {
    pub rows: usize,
    pub valid: Mask,
    pub values: Values<'a>,
}

impl<'a> Lane<'a> {
    fn read(column: &Column, batch: &'a RecordBatch, valid: Mask) -> Lane<'a> {
        let rows = batch.num_rows();
        let Some(array) = batch.columns().get(column.position) else {
            return Lane { rows, valid, values: Values::None };
        };
        let values = match array.as_any_dictionary_opt() {
            _ if column.kind == Kind::Opaque => Values::None,
            Some(dictionary) if dictionary.values().is_empty() => Values::None,
            Some(dictionary) => values(dictionary.values(), &dictionary.normalized_keys()),
            None => values(array, &(0..rows).collect::<Vec<_>>()),
        };
        Lane { rows, valid, values }
    }

    /// Does the record have a value?
    pub fn is_valid(&self, row: usize) -> bool {
        self.valid.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The number, or the ticks, of a record.
    pub fn number(&self, row: usize) -> Option<Num> {
        if !self.is_valid(row) {
            return None;
        }
        match &self.values {
            Values::Int(values) => values.get(row).copied().map(Num::Int),
            Values::Dec(values, scale) => values.get(row).map(|digits| Num::Dec(*digits, *scale)),
            Values::Dbl(values) => values.get(row).copied().map(Num::Dbl),
            Values::Text(_) | Values::Bool(_) | Values::None => None,
        }
    }

    /// The text of a record.
    pub fn text(&self, row: usize) -> Option<&'a str> {
        match &self.values {
            Values::Text(values) if self.is_valid(row) => values.get(row).copied(),
            _ => None,
        }
    }

    /// The truth value of a record.
    pub fn truth(&self, row: usize) -> Option<bool> {
        match &self.values {
            Values::Bool(values) if self.is_valid(row) => values.get(row).copied(),
            _ => None,
        }
    }
}

/// A run of records. Columns are read when they are asked for.
pub struct Run<'a> {
    batch: &'a RecordBatch,
    columns: &'a [Column],
    /// Which records have a value, column by column.
    pub valid: Vec<Mask>,
    lanes: Vec<OnceCell<Lane<'a>>>,
}

impl<'a> Run<'a> {
    /// The records of a batch.
    pub fn new(columns: &'a [Column], batch: &'a RecordBatch) -> Self {
        let rows = batch.num_rows();
        let valid = |column: &Column| match batch.columns().get(column.position).map(|array| array.logical_nulls()) {
            Some(Some(nulls)) => mask(nulls.iter()),
            Some(None) => mask(std::iter::repeat_n(true, rows)),
            None => mask(std::iter::repeat_n(false, rows)),
        };
        let valid = columns.iter().map(valid).collect();
        Self { batch, columns, valid, lanes: columns.iter().map(|_| OnceCell::new()).collect() }
    }

    /// How many records.
    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// A column, by its place among those that rules can name.
    pub fn lane(&self, column: usize) -> Option<&Lane<'a>> {
        let (cell, valid) = (self.lanes.get(column)?, self.valid.get(column)?);
        let column = self.columns.get(column)?;
        Some(cell.get_or_init(|| Lane::read(column, self.batch, valid.clone())))
    }
}

/// The values at some places; a place beyond the end gives what is never looked at.
fn values<'a>(array: &'a ArrayRef, places: &[usize]) -> Values<'a> {
    macro_rules! integers {
        ($($pattern:pat => $arrow:ty),+; $($rest:tt)*) => {
            match array.data_type() {
                $($pattern => Values::Int(native::<$arrow, i64>(array, places, i64::from)),)+
                $($rest)*
            }
        };
    }
    integers!(
        DataType::Int8 => Int8Type, DataType::Int16 => Int16Type, DataType::Int32 => Int32Type, DataType::Int64 => Int64Type,
        DataType::UInt8 => UInt8Type, DataType::UInt16 => UInt16Type, DataType::UInt32 => UInt32Type,
        DataType::Date32 => Date32Type,
        DataType::Time32(TimeUnit::Second) => Time32SecondType,
        DataType::Time32(TimeUnit::Millisecond) => Time32MillisecondType,
        DataType::Time64(TimeUnit::Microsecond) => Time64MicrosecondType,
        DataType::Time64(TimeUnit::Nanosecond) => Time64NanosecondType,
        DataType::Timestamp(TimeUnit::Second, _) => TimestampSecondType,
        DataType::Timestamp(TimeUnit::Millisecond, _) => TimestampMillisecondType,
        DataType::Timestamp(TimeUnit::Microsecond, _) => TimestampMicrosecondType,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => TimestampNanosecondType;
        DataType::Date64 => Values::Int(native::<Date64Type, _>(array, places, |ms| ms.div_euclid(DAY_MS))),
        DataType::UInt64 => Values::Dec(native::<UInt64Type, _>(array, places, i128::from), 0),
        DataType::Decimal32(_, scale) => Values::Dec(native::<Decimal32Type, _>(array, places, i128::from), unsigned(*scale)),
        DataType::Decimal64(_, scale) => Values::Dec(native::<Decimal64Type, _>(array, places, i128::from), unsigned(*scale)),
        DataType::Decimal128(_, scale) => Values::Dec(native::<Decimal128Type, _>(array, places, |v| v), unsigned(*scale)),
        DataType::Float16 => Values::Dbl(native::<Float16Type, _>(array, places, |value| value.to_f64())),
        DataType::Float32 => Values::Dbl(native::<Float32Type, _>(array, places, f64::from)),
        DataType::Float64 => Values::Dbl(native::<Float64Type, _>(array, places, |value| value)),
        _ => words(array, places),
    )
}

/// Columns of negative scale are not among those that rules can name.
fn unsigned(scale: i8) -> u8 {
    u8::try_from(scale).unwrap_or(0)
}

fn native<T: ArrowPrimitiveType, N: Default>(
    array: &ArrayRef,
    places: &[usize],
    convert: impl Fn(T::Native) -> N,
) -> Vec<N> {
    let typed = array.as_primitive_opt::<T>().map(|array| array.values().as_ref()).unwrap_or_default();
    places.iter().map(|place| typed.get(*place).copied().map(&convert).unwrap_or_default()).collect()
}

fn words<'a>(array: &'a ArrayRef, places: &[usize]) -> Values<'a> {
    // What stands behind a NULL is not looked at: nothing says that it is text.
    let there = |place: usize| place < array.len() && array.is_valid(place);
    let read = |value: &dyn Fn(usize) -> &'a str| {
        Values::Text(places.iter().map(|place| if there(*place) { value(*place) } else { "" }).collect())
    };
    if let Some(array) = array.as_string_opt::<i32>() {
        read(&|place| array.value(place))
    } else if let Some(array) = array.as_string_opt::<i64>() {
        read(&|place| array.value(place))
    } else if let Some(array) = array.as_string_view_opt() {
        read(&|place| array.value(place))
    } else if let Some(array) = array.as_boolean_opt() {
        Values::Bool(places.iter().map(|place| there(*place) && array.value(*place)).collect())
    } else {
        Values::None
    }
}
