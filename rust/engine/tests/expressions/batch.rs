//! A frame with a column of every Arrow layout that expressions read, filled with nasty values.

use super::source::Chance;
use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use std::sync::Arc;

type F16 = <Float16Type as ArrowPrimitiveType>::Native;

/// `rows` records; every column is a slice with an offset of its own.
pub fn batch(seed: u64, rows: usize) -> RecordBatch {
    let mut chance = Chance::new(seed);
    let columns: Vec<(&str, ArrayRef)> = names()
        .into_iter()
        .map(|name| {
            let offset = chance.below(70);
            (name, column(name, offset + rows + 3, &mut chance).slice(offset, rows))
        })
        .collect();
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).unwrap()
}

pub fn names() -> Vec<&'static str> {
    "i8 i16 i32 i64 u8 u16 u32 u64 few many f16 f32 f64 plain d9 d18 d38 e38 whole b yes utf8 large view words dict code coded \
     date32 date64 day t32s t32ms t64us t64ns ts_s ts_ms ts_us ts_ns tz_s tz_ms tz_us tz_ns when dur_s dur_ms dur_us dur_ns \
     bin largebin viewbin fixbin li ls lf lb ll ld lt le st nn"
        .split_whitespace()
        .collect()
}

fn nullable<T>(rows: usize, chance: &mut Chance, mut one: impl FnMut(&mut Chance) -> T) -> Vec<Option<T>> {
    // Some columns have no NULL, some many.
    let share = chance.below(4);
    (0..rows).map(|_| if share > 0 && chance.below(10) < share { None } else { Some(one(chance)) }).collect()
}

fn integer(chance: &mut Chance, low: i128, high: i128) -> i128 {
    let near = [
        0,
        1,
        -1,
        2,
        3,
        7,
        10,
        -8,
        60,
        100,
        127,
        -128,
        255,
        32_767,
        65_535,
        i128::from(i32::MAX),
        i128::from(i32::MIN),
    ];
    match chance.below(8) {
        0 => low,
        1 => high,
        2 => (low + 1).min(high),
        3 => i128::from(chance.next() as i64).clamp(low, high),
        4 => i128::from(chance.next() as i64 >> 40).clamp(low, high),
        _ => chance.one(&near).clamp(low, high),
    }
}

fn primitive<T: ArrowPrimitiveType>(rows: usize, chance: &mut Chance, low: i128, high: i128) -> ArrayRef
where
    T::Native: TryFrom<i128>,
{
    let one = |chance: &mut Chance| T::Native::try_from(integer(chance, low, high)).ok().unwrap();
    Arc::new(nullable(rows, chance, one).into_iter().collect::<PrimitiveArray<T>>())
}

fn double(chance: &mut Chance) -> f64 {
    let near = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        1.5,
        2.5,
        -2.5,
        0.1,
        0.30000000000000004,
        1e-7,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        1e300,
        9_007_199_254_740_993.0,
        9_223_372_036_854_775_808.0,
        -9_223_372_036_854_775_808.0,
        9_223_372_036_854_774_784.0,
        170.0,
        1e19,
        1e38,
        2_932_896.0,
    ];
    match chance.below(6) {
        0 => f64::from_bits(chance.next()),
        1 => (chance.next() as i64 >> 48) as f64 / 8.0,
        _ => chance.one(&near),
    }
}

pub const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "abc",
    "ABC",
    " a b ",
    "é",
    "ß",
    "İ",
    "日本語",
    "👩‍👩‍👧",
    "e\u{301}",
    "a,b,c",
    "%",
    "_",
    "\\",
    "12",
    "-3.5",
    "1e3",
    "+7",
    " 7",
    "true",
    "FALSE",
    "2026-01-31",
    "2026-01-31 13:00:00",
    "2026-01-31 13:00:00.5+02:00",
    "13:00:00",
    "\0",
    "x'y",
    "\u{202e}a",
    "NaN",
    "99999999999999999999999999999999999999",
    "aaa\nbbb",
    "[a-z]+",
    "ǅ",
    "ﬁ",
    "9223372036854775808",
    "00001",
    "this is longer than the twelve bytes that a view holds inline",
    "this is longer, and shares the first bytes",
];

fn text(chance: &mut Chance) -> String {
    match chance.below(12) {
        0 => chance.one(TEXTS).repeat(1 + chance.below(9)),
        1 => (0..chance.below(6)).map(|_| chance.one(TEXTS)).collect(),
        2 => (0..chance.below(8)).filter_map(|_| char::from_u32(chance.below(0x11_0000) as u32)).collect(),
        _ => chance.one(TEXTS).to_owned(),
    }
}

fn bytes(chance: &mut Chance) -> Vec<u8> {
    match chance.below(3) {
        0 => text(chance).into_bytes(),
        _ => (0..chance.below(5)).map(|_| chance.next() as u8).collect(),
    }
}

fn day(chance: &mut Chance) -> i64 {
    // Ends of years, leap days, the calendar's ends.
    let near = [0, -1, 1, 58, 59, 60, 364, 365, 11_016, 20_484, 20_512, -719_468, -719_528, 2_932_896, -4_371_587];
    match chance.below(3) {
        0 => (chance.next() as i64) >> 48,
        _ => chance.one(&near),
    }
}

fn moment(chance: &mut Chance, per_second: i64, nasty: bool) -> i64 {
    match chance.below(if nasty { 6 } else { 3 }) {
        0 | 1 => {
            let seconds = day(chance)
                .saturating_mul(86_400)
                .saturating_add(chance.one(&[0, 1, 3_600, 7_199, 46_800, 86_399, 86_400]));
            seconds.saturating_mul(per_second).saturating_add(chance.below(per_second.max(1) as usize) as i64)
        }
        2 => chance
            .one(&[0, -1, 1, 1_774_746_000, 1_792_890_000, 951_782_400, 4_102_444_800_i64])
            .saturating_mul(per_second),
        3 => chance.one(&[i64::MIN, i64::MAX, i64::MIN + 1]),
        4 => chance.next() as i64,
        _ => (chance.next() as i64) >> 20,
    }
}

fn ticks<T: ArrowPrimitiveType<Native = i64>>(rows: usize, chance: &mut Chance, nasty: bool) -> PrimitiveArray<T> {
    let per_second = match T::DATA_TYPE {
        DataType::Timestamp(unit, _) | DataType::Duration(unit) => match unit {
            TimeUnit::Second => 1,
            TimeUnit::Millisecond => 1_000,
            TimeUnit::Microsecond => 1_000_000,
            TimeUnit::Nanosecond => 1_000_000_000,
        },
        _ => 1,
    };
    nullable(rows, chance, |chance| moment(chance, per_second, nasty)).into_iter().collect()
}

fn zoned<T: ArrowTimestampType>(rows: usize, chance: &mut Chance) -> ArrayRef {
    let zone = chance.one(&["UTC", "Europe/Berlin", "+05:30"]);
    Arc::new(ticks::<T>(rows, chance, true).with_timezone(zone))
}

fn decimal<T: DecimalType>(rows: usize, chance: &mut Chance, precision: u8, scale: i8) -> ArrayRef
where
    T::Native: TryFrom<i128>,
{
    let end = 10_i128.pow(u32::from(precision)) - 1;
    let wide = |chance: &mut Chance| match chance.below(3) {
        0 => (i128::from(chance.next() as i64) << 60).clamp(-end, end),
        _ => integer(chance, -end, end),
    };
    let one = |chance: &mut Chance| T::Native::try_from(wide(chance)).ok().unwrap();
    let array: PrimitiveArray<T> = nullable(rows, chance, one).into_iter().collect();
    Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
}

fn column(name: &str, rows: usize, chance: &mut Chance) -> ArrayRef {
    match name {
        "i8" => primitive::<Int8Type>(rows, chance, i8::MIN.into(), i8::MAX.into()),
        "i16" => primitive::<Int16Type>(rows, chance, i16::MIN.into(), i16::MAX.into()),
        "i32" => primitive::<Int32Type>(rows, chance, i32::MIN.into(), i32::MAX.into()),
        "i64" => primitive::<Int64Type>(rows, chance, i64::MIN.into(), i64::MAX.into()),
        "u8" => primitive::<UInt8Type>(rows, chance, 0, u8::MAX.into()),
        "u16" => primitive::<UInt16Type>(rows, chance, 0, u16::MAX.into()),
        "u32" => primitive::<UInt32Type>(rows, chance, 0, u32::MAX.into()),
        "u64" => primitive::<UInt64Type>(rows, chance, 0, u64::MAX.into()),
        "few" => primitive::<Int64Type>(rows, chance, -3, 12),
        "many" => Arc::new((0..rows).map(|_| chance.below(40) as i64 - 5).collect::<Int64Array>()),
        "f16" => Arc::new(
            nullable(rows, chance, |chance| F16::from_f64(double(chance)))
                .into_iter()
                .collect::<PrimitiveArray<Float16Type>>(),
        ),
        "f32" => Arc::new(nullable(rows, chance, |chance| double(chance) as f32).into_iter().collect::<Float32Array>()),
        "f64" => Arc::new(nullable(rows, chance, double).into_iter().collect::<Float64Array>()),
        "plain" => {
            let one = |chance: &mut Chance| chance.below(2_000) as f64 / 16.0 - 50.0;
            Arc::new(nullable(rows, chance, one).into_iter().collect::<Float64Array>())
        }
        "d9" => decimal::<Decimal32Type>(rows, chance, 9, 2),
        "d18" => decimal::<Decimal64Type>(rows, chance, 18, 4),
        "d38" => decimal::<Decimal128Type>(rows, chance, 38, 10),
        "e38" => decimal::<Decimal128Type>(rows, chance, 38, 38),
        "whole" => decimal::<Decimal128Type>(rows, chance, 20, 0),
        "b" => Arc::new(nullable(rows, chance, |chance| chance.below(2) == 0).into_iter().collect::<BooleanArray>()),
        "yes" => Arc::new(BooleanArray::from((0..rows).map(|_| chance.below(9) > 0).collect::<Vec<_>>())),
        "nn" => Arc::new(NullArray::new(rows)),
        _ => texts(name, rows, chance),
    }
}

fn texts(name: &str, rows: usize, chance: &mut Chance) -> ArrayRef {
    match name {
        "utf8" => Arc::new(nullable(rows, chance, text).into_iter().collect::<StringArray>()),
        "large" => Arc::new(nullable(rows, chance, text).into_iter().collect::<LargeStringArray>()),
        "view" => Arc::new(nullable(rows, chance, text).into_iter().collect::<StringViewArray>()),
        "words" => Arc::new((0..rows).map(|_| Some(chance.one(TEXTS))).collect::<StringArray>()),
        "dict" => {
            let values: StringArray = nullable(9, chance, text).into_iter().collect();
            let keys: Int8Array = nullable(rows, chance, |chance| chance.below(9) as i8).into_iter().collect();
            Arc::new(DictionaryArray::new(keys, Arc::new(values)))
        }
        "code" => {
            let values = primitive::<Int32Type>(9, chance, i32::MIN.into(), i32::MAX.into());
            let keys: UInt16Array = nullable(rows, chance, |chance| chance.below(9) as u16).into_iter().collect();
            Arc::new(DictionaryArray::new(keys, values))
        }
        "coded" => {
            let values = decimal::<Decimal128Type>(9, chance, 12, 2);
            let keys: Int64Array = nullable(rows, chance, |chance| chance.below(9) as i64).into_iter().collect();
            Arc::new(DictionaryArray::new(keys, values))
        }
        "bin" => Arc::new(nullable(rows, chance, bytes).iter().map(Option::as_deref).collect::<BinaryArray>()),
        "largebin" => {
            Arc::new(nullable(rows, chance, bytes).iter().map(Option::as_deref).collect::<LargeBinaryArray>())
        }
        "viewbin" => Arc::new(nullable(rows, chance, bytes).iter().map(Option::as_deref).collect::<BinaryViewArray>()),
        "fixbin" => {
            let values = nullable(rows, chance, |chance| [b'a', chance.next() as u8, 0]);
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(values.iter().copied(), 3).unwrap())
        }
        _ => times(name, rows, chance),
    }
}

fn times(name: &str, rows: usize, chance: &mut Chance) -> ArrayRef {
    match name {
        "date32" => Arc::new(
            nullable(rows, chance, |chance| match chance.below(8) {
                0 => chance.one(&[i32::MIN, i32::MAX]),
                _ => day(chance) as i32,
            })
            .into_iter()
            .collect::<Date32Array>(),
        ),
        "date64" => Arc::new(
            nullable(rows, chance, |chance| match chance.below(8) {
                0 => chance.one(&[i64::MIN, i64::MAX, -1]),
                _ => day(chance) * 86_400_000 + chance.below(86_400_000) as i64,
            })
            .into_iter()
            .collect::<Date64Array>(),
        ),
        "day" => Arc::new(Date32Array::from_iter_values((0..rows).map(|_| 20_000 + chance.below(900) as i32))),
        "t32s" => primitive::<Time32SecondType>(rows, chance, -1, 86_400),
        "t32ms" => primitive::<Time32MillisecondType>(rows, chance, i32::MIN.into(), i32::MAX.into()),
        "t64us" => primitive::<Time64MicrosecondType>(rows, chance, 0, 86_399_999_999),
        "t64ns" => primitive::<Time64NanosecondType>(rows, chance, 0, 86_400_000_000_000),
        "ts_s" => Arc::new(ticks::<TimestampSecondType>(rows, chance, true)),
        "ts_ms" => Arc::new(ticks::<TimestampMillisecondType>(rows, chance, true)),
        "ts_us" => Arc::new(ticks::<TimestampMicrosecondType>(rows, chance, true)),
        "ts_ns" => Arc::new(ticks::<TimestampNanosecondType>(rows, chance, true)),
        "when" => Arc::new(ticks::<TimestampMicrosecondType>(rows, chance, false)),
        "tz_s" => zoned::<TimestampSecondType>(rows, chance),
        "tz_ms" => zoned::<TimestampMillisecondType>(rows, chance),
        "tz_us" => zoned::<TimestampMicrosecondType>(rows, chance),
        "tz_ns" => zoned::<TimestampNanosecondType>(rows, chance),
        "dur_s" => Arc::new(ticks::<DurationSecondType>(rows, chance, true)),
        "dur_ms" => Arc::new(ticks::<DurationMillisecondType>(rows, chance, true)),
        "dur_us" => Arc::new(ticks::<DurationMicrosecondType>(rows, chance, true)),
        "dur_ns" => Arc::new(ticks::<DurationNanosecondType>(rows, chance, true)),
        _ => nested(name, rows, chance),
    }
}

fn lengths(rows: usize, chance: &mut Chance) -> Vec<usize> {
    (0..rows).map(|_| chance.below(5)).collect()
}

fn nulls(rows: usize, chance: &mut Chance) -> Option<NullBuffer> {
    (chance.below(3) > 0).then(|| (0..rows).map(|_| chance.below(6) > 0).collect::<Vec<_>>().into())
}

fn list(rows: usize, chance: &mut Chance, items: impl Fn(usize, &mut Chance) -> ArrayRef) -> ArrayRef {
    let lengths = lengths(rows, chance);
    let items = items(lengths.iter().sum(), chance);
    let field = Arc::new(Field::new("item", items.data_type().clone(), true));
    Arc::new(ListArray::new(field, OffsetBuffer::from_lengths(lengths), items, nulls(rows, chance)))
}

fn nested(name: &str, rows: usize, chance: &mut Chance) -> ArrayRef {
    match name {
        "li" => list(rows, chance, |count, chance| column(chance.one(&["i64", "few"]), count, chance)),
        "lb" => list(rows, chance, |count, chance| column("b", count, chance)),
        "ll" => list(rows, chance, |count, chance| list(count, chance, |count, chance| column("i32", count, chance))),
        "lt" => list(rows, chance, |count, chance| column("t32ms", count, chance)),
        "le" => list(rows, chance, |count, chance| column("date64", count, chance)),
        "ld" => list(rows, chance, |count, chance| column("d9", count, chance)),
        "ls" => {
            let lengths = lengths(rows, chance);
            let items = column("utf8", lengths.iter().sum(), chance);
            let field = Arc::new(Field::new("item", DataType::Utf8, true));
            Arc::new(LargeListArray::new(field, OffsetBuffer::from_lengths(lengths), items, nulls(rows, chance)))
        }
        "lf" => {
            let items = column("f64", 2 * rows, chance);
            let field = Arc::new(Field::new("item", DataType::Float64, true));
            Arc::new(FixedSizeListArray::new(field, 2, items, nulls(rows, chance)))
        }
        _ => {
            let inner = StructArray::new(
                Fields::from(vec![Field::new("w", DataType::Float64, true)]),
                vec![column("f64", rows, chance)],
                nulls(rows, chance),
            );
            let children: Vec<ArrayRef> = vec![
                column("i32", rows, chance),
                column("utf8", rows, chance),
                Arc::new(inner),
                column("li", rows, chance),
                column("t32s", rows, chance),
                column("date64", rows, chance),
            ];
            let fields: Fields = ["x", "y", "z", "l", "t", "d"]
                .iter()
                .zip(&children)
                .map(|(name, child)| Field::new(*name, child.data_type().clone(), true))
                .collect();
            Arc::new(StructArray::new(fields, children, nulls(rows, chance)))
        }
    }
}
