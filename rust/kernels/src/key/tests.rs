#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]
use super::*;
use arrow_array::builder::{Int64Builder, ListViewBuilder, MapBuilder, StringBuilder, UnionBuilder};
use arrow_array::types::*;
use arrow_array::*;
use arrow_buffer::{IntervalDayTime, IntervalMonthDayNano, NullBuffer, OffsetBuffer, i256};
use arrow_schema::{Field, Fields};
use proptest::prelude::*;
use std::sync::Arc;

/// The encoding of each row of a single column.
fn keys(array: impl Array + 'static) -> Vec<Option<Vec<u8>>> {
    keys_of(&(Arc::new(array) as ArrayRef))
}

fn keys_of(array: &ArrayRef) -> Vec<Option<Vec<u8>>> {
    let encoder = KeyEncoder::new(std::slice::from_ref(array)).unwrap();
    let key = |row| {
        let mut out = vec![];
        encoder.encode(row, &mut out).then_some(out)
    };
    (0..array.len()).map(key).collect()
}

fn key(array: impl Array + 'static) -> Vec<u8> {
    keys(array).swap_remove(0).unwrap()
}

#[test]
fn numbers_compare_by_value() {
    let seven = key(Int8Array::from(vec![7]));
    assert_eq!(seven, key(Int16Array::from(vec![7])));
    assert_eq!(seven, key(Int32Array::from(vec![7])));
    assert_eq!(seven, key(Int64Array::from(vec![7])));
    assert_eq!(seven, key(UInt8Array::from(vec![7])));
    assert_eq!(seven, key(UInt16Array::from(vec![7])));
    assert_eq!(seven, key(UInt32Array::from(vec![7])));
    assert_eq!(seven, key(UInt64Array::from(vec![7])));
    let decimal =
        |mantissa, scale| key(Decimal128Array::from(vec![mantissa]).with_precision_and_scale(38, scale).unwrap());
    assert_eq!(seven, decimal(7, 0));
    assert_eq!(seven, decimal(700, 2));
    assert_eq!(seven, key(Decimal32Array::from(vec![70]).with_precision_and_scale(9, 1).unwrap()));
    assert_eq!(seven, key(Decimal64Array::from(vec![7000]).with_precision_and_scale(18, 3).unwrap()));
    let wide =
        |mantissa, scale| key(Decimal256Array::from(vec![mantissa]).with_precision_and_scale(76, scale).unwrap());
    assert_eq!(seven, wide(i256::from(70), 1));
    assert_eq!(decimal(725, 2), wide(i256::from(7250), 3));
    assert_ne!(decimal(725, 2), decimal(725, 1));
    assert_ne!(seven, key(Float64Array::from(vec![7.0])));
    assert_eq!(key(Int64Array::from(vec![1200])), decimal(12, -2));
    assert_eq!(decimal(0, 5), key(Int8Array::from(vec![0])));
}

#[test]
fn decimals_beyond_128_bits_keep_one_form() {
    let wide =
        |mantissa, scale| key(Decimal256Array::from(vec![mantissa]).with_precision_and_scale(76, scale).unwrap());
    let ten = i256::from(10);
    let power = |n: u32| (0..n).fold(i256::from(1), |p, _| p.checked_mul(ten).unwrap());
    // 10^50 three ways: as it stands, with a fraction of zeros, and raised by a negative scale.
    assert_eq!(wide(power(50), 0), wide(power(70), 20));
    assert_eq!(wide(power(50), 0), wide(power(10), -40));
    assert_eq!(wide(power(50), 60), wide(i256::from(1), 10));
    assert_eq!(wide(i256::MIN, 0).len(), 2 + 32);
    assert_ne!(wide(power(50), 0), wide(power(51), 0));
    let raised = |mantissa| key(Decimal128Array::from(vec![mantissa]).with_precision_and_scale(38, -100).unwrap());
    assert_eq!(raised(10).len(), wide(i256::from(10), -100).len());
    assert_eq!(raised(10), wide(i256::from(10), -100));
}

#[test]
fn floats_have_one_zero_and_one_nan() {
    let float =
        keys(Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, f64::from_bits(0x7ff0_0000_0000_0001), 1.5]));
    assert_eq!(float[0], float[1]);
    assert_eq!(float[2], float[3]);
    assert_eq!(float[2], float[4]);
    assert_ne!(float[0], float[2]);
    assert_eq!(float[5], keys(Float32Array::from(vec![1.5]))[0]);
    assert_ne!(key(Float32Array::from(vec![0.1])), key(Float64Array::from(vec![0.1])));
}

#[test]
fn text_is_one_in_every_layout_and_never_binary() {
    let words = vec![Some("a"), None, Some(""), Some("a long word, beyond the inline size"), Some("é")];
    let plain = keys(StringArray::from(words.clone()));
    assert_eq!(plain[1], None);
    assert_eq!(plain, keys(LargeStringArray::from(words.clone())));
    assert_eq!(plain, keys(StringViewArray::from(words.clone())));
    assert_eq!(plain, keys(words.iter().copied().collect::<DictionaryArray<Int8Type>>()));
    assert_eq!(plain, keys(words.iter().copied().collect::<DictionaryArray<UInt64Type>>()));
    assert_eq!(plain, keys(words.iter().copied().collect::<RunArray<Int32Type>>()));
    let bytes: Vec<_> = words.iter().map(|w| w.map(str::as_bytes)).collect();
    let binary = keys(BinaryArray::from(bytes.clone()));
    assert_ne!(plain, binary);
    assert_eq!(binary, keys(LargeBinaryArray::from(bytes.clone())));
    assert_eq!(binary, keys(BinaryViewArray::from(bytes)));
    let two: [&[u8]; 2] = [b"ab", b"cd"];
    let sized = FixedSizeBinaryArray::try_from_iter(two.iter()).unwrap();
    assert_eq!(keys(sized), keys(BinaryArray::from(two.to_vec())));
}

#[test]
fn a_dictionary_value_of_null_is_null() {
    let values = StringArray::from(vec![Some("x"), None]);
    let array = DictionaryArray::<Int8Type>::new(Int8Array::from(vec![Some(0), Some(1), None]), Arc::new(values));
    assert_eq!(keys(array), vec![Some(key(StringArray::from(vec!["x"]))), None, None]);
}

#[test]
fn time_is_nanoseconds_within_its_kind() {
    let second = key(TimestampSecondArray::from(vec![2]));
    assert_eq!(second, key(TimestampMillisecondArray::from(vec![2_000])));
    assert_eq!(second, key(TimestampMicrosecondArray::from(vec![2_000_000])));
    assert_eq!(second, key(TimestampNanosecondArray::from(vec![2_000_000_000])));
    let zoned = key(TimestampSecondArray::from(vec![2]).with_timezone("+02:00"));
    assert_ne!(second, zoned);
    assert_eq!(zoned, key(TimestampMillisecondArray::from(vec![2_000]).with_timezone("Europe/Berlin")));
    assert_eq!(key(Date32Array::from(vec![-3])), key(Date64Array::from(vec![-3 * 86_400_000])));
    assert_ne!(key(Date32Array::from(vec![0])), key(TimestampSecondArray::from(vec![0])));
    let time = key(Time32SecondArray::from(vec![9]));
    assert_eq!(time, key(Time32MillisecondArray::from(vec![9_000])));
    assert_eq!(time, key(Time64MicrosecondArray::from(vec![9_000_000])));
    assert_eq!(time, key(Time64NanosecondArray::from(vec![9_000_000_000])));
    assert_eq!(key(DurationSecondArray::from(vec![i64::MAX])).len(), 2 + 12);
    assert_ne!(key(DurationSecondArray::from(vec![9])), time);
    let months = key(IntervalYearMonthArray::from(vec![14]));
    assert_eq!(months, key(IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(14, 0, 0)])));
    let days = key(IntervalDayTimeArray::from(vec![IntervalDayTime::new(1, 5)]));
    assert_eq!(days, key(IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(0, 1, 5_000_000)])));
}

#[test]
fn lists_are_one_in_every_layout() {
    let lists = vec![Some(vec![Some(1), None]), None, Some(vec![Some(3), Some(4)])];
    let list = keys(ListArray::from_iter_primitive::<Int32Type, _, _>(lists.clone()));
    assert_eq!(list[1], None);
    assert!(list[0].is_some(), "a NULL inside a list is a value");
    assert_eq!(list, keys(LargeListArray::from_iter_primitive::<Int32Type, _, _>(lists.clone())));
    assert_eq!(list, keys(FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(lists.clone(), 2)));
    let mut views = ListViewBuilder::new(Int64Builder::new());
    lists
        .iter()
        .for_each(|list| views.append_option(list.clone().map(|items| items.into_iter().map(|i| i.map(i64::from)))));
    assert_eq!(list, keys(views.finish()));
    let sliced = ListArray::from_iter_primitive::<Int32Type, _, _>(lists).slice(2, 1);
    assert_eq!(list[2..], keys(sliced)[..]);
    let nested = |lists: Vec<Vec<i32>>| {
        key(ListArray::from_iter_primitive::<Int32Type, _, _>(lists.into_iter().map(|l| Some(l.into_iter().map(Some)))))
    };
    assert_ne!(nested(vec![vec![1, 2]]), nested(vec![vec![1], vec![2]]));
}

#[test]
fn objects_compare_by_name() {
    let a: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
    let b: ArrayRef = Arc::new(StringArray::from(vec!["x", "y"]));
    let field = |name: &str, array: &ArrayRef| Arc::new(Field::new(name, array.data_type().clone(), true));
    let fields = |names: [(&str, &ArrayRef); 2]| Fields::from_iter(names.map(|(name, array)| field(name, array)));
    let ab = StructArray::new(fields([("a", &a), ("b", &b)]), vec![a.clone(), b.clone()], None);
    let ba = StructArray::new(fields([("b", &b), ("a", &a)]), vec![b.clone(), a.clone()], None);
    let named = StructArray::new(fields([("a", &a), ("c", &b)]), vec![a.clone(), b.clone()], None);
    assert_eq!(keys(ab.clone()), keys(ba));
    assert_ne!(keys(ab.clone()), keys(named));
    assert!(keys(ab).iter().all(Option::is_some));
    let null = StructArray::new(fields([("a", &a), ("b", &b)]), vec![a, b], Some(NullBuffer::from(vec![true, false])));
    assert_eq!(keys(null)[1], None);
}

#[test]
fn maps_do_not_depend_on_the_order_of_entries() {
    let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
    for entries in [vec![("k", 1), ("long", 2)], vec![("long", 2), ("k", 1)], vec![("k", 1)]] {
        entries.iter().for_each(|(name, value)| {
            maps.keys().append_value(name);
            maps.values().append_value(*value);
        });
        maps.append(true).unwrap();
    }
    let maps = keys(maps.finish());
    assert_eq!(maps[0], maps[1]);
    assert_ne!(maps[0], maps[2]);
    let k: ArrayRef = Arc::new(Int8Array::from(vec![1]));
    let field = Arc::new(Field::new("k", k.data_type().clone(), true));
    assert_eq!(maps[2], keys(StructArray::new(Fields::from(vec![field]), vec![k], None))[0]);
}

#[test]
fn unions_and_nulls_are_what_they_stand_for() {
    let mut union = UnionBuilder::new_dense();
    union.append::<Int32Type>("i", 5).unwrap();
    union.append::<Float64Type>("f", 2.5).unwrap();
    union.append_null::<Int32Type>("i").unwrap();
    let expected = vec![Some(key(Int64Array::from(vec![5]))), Some(key(Float64Array::from(vec![2.5]))), None];
    assert_eq!(keys(union.build().unwrap()), expected);
    assert_eq!(keys(NullArray::new(2)), vec![None, None]);
}

#[test]
fn depth_and_length_are_checked() {
    let mut array: ArrayRef = Arc::new(Int8Array::from(vec![1]));
    for _ in 0..=MAX_DEPTH {
        let field = Arc::new(Field::new("item", array.data_type().clone(), true));
        array = Arc::new(ListArray::new(field, OffsetBuffer::from_lengths([1]), array, None));
    }
    assert_eq!(KeyEncoder::new(&[array]).unwrap_err(), UnsupportedKey::TooDeep);
    let (a, b): (ArrayRef, ArrayRef) = (Arc::new(Int8Array::from(vec![1])), Arc::new(Int8Array::from(vec![1, 2])));
    assert_eq!(KeyEncoder::new(&[a.clone(), b]).unwrap_err(), UnsupportedKey::Uneven);
    let encoder = KeyEncoder::new(&[a]).unwrap();
    assert!(!encoder.encode(1, &mut vec![]), "a row that is not there has no key");
}

proptest! {
    #[test]
    fn composite_keys_are_equal_exactly_when_their_parts_are(
        rows in prop::collection::vec((prop::option::of(-3i64..300), prop::option::of("[ab\u{0}\u{6}]{0,3}")), 2..30)) {
        let a: ArrayRef = Arc::new(Int64Array::from_iter(rows.iter().map(|r| r.0)));
        let b: ArrayRef = Arc::new(StringArray::from_iter(rows.iter().map(|r| r.1.clone())));
        let encoder = KeyEncoder::new(&[a, b]).unwrap();
        let mut encoded = vec![];
        for (row, (a, b)) in rows.iter().enumerate() {
            let mut out = b"kept".to_vec();
            let keyed = encoder.encode(row, &mut out);
            prop_assert_eq!(keyed, a.is_some() && b.is_some());
            prop_assert_eq!(keyed, out.len() > 4);
            encoded.push(keyed.then_some(out));
        }
        for (i, x) in rows.iter().enumerate() {
            for (j, y) in rows.iter().enumerate() {
                if let (Some(ex), Some(ey)) = (&encoded[i], &encoded[j]) {
                    prop_assert_eq!(ex == ey, x == y);
                    prop_assert!(x == y || !ey.starts_with(ex), "no encoding is a prefix of another");
                }
            }
        }
    }

    #[test]
    fn integers_of_any_size_are_equal_exactly_by_value(a: i128, b: i128, narrow in -70_000i128..70_000, scale in 0i8..6) {
        let decimal = |m: i128, s: i8| {
            let mut out = vec![];
            put::decimal(m, s, &mut out);
            out
        };
        let big = |m: i128, s: i8| {
            let mut out = vec![];
            put::decimal_big(m.into(), s, &mut out);
            out
        };
        prop_assert_eq!(decimal(a, 0) == decimal(b, 0), a == b);
        prop_assert_eq!(decimal(a, scale), big(a, scale));
        prop_assert_eq!(decimal(narrow, -scale), big(narrow, -scale));
        prop_assert_eq!(decimal(narrow, 0), decimal(narrow * 10i128.pow(scale.unsigned_abs().into()), scale));
    }
}
