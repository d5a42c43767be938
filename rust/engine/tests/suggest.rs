//! Suggestions: what is proposed for frames built by hand, and that every rule holds by a reading of its text that shares
//! nothing with the code that proposes it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "suggest/reading.rs"]
mod reading;

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array,
    Int32Array, Int64Array, ListArray, NullArray, RecordBatch, StringArray, TimestampMillisecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow_schema::{Field, Schema};
use guard_engine::contract::Contract;
use guard_engine::suggest::{Suggester, Suggestion, Suggestions, to_yaml};
use proptest::prelude::*;
use reading::{Verdict, judge};
use std::sync::Arc;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<_> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

fn suggest(batch: &RecordBatch, size: usize) -> Suggestions {
    let mut suggester = Suggester::new(&batch.schema());
    for start in (0..batch.num_rows()).step_by(size) {
        suggester.push(&batch.slice(start, size.min(batch.num_rows() - start))).unwrap();
    }
    suggester.finish()
}

/// The suggestions, once each is TRUE or NULL on every record, TRUE on as many as it says, and the same for other batches.
fn sound(batch: &RecordBatch) -> Vec<Suggestion> {
    let found = suggest(batch, usize::MAX);
    assert_eq!(found, suggest(batch, 777));
    assert_eq!(found.records, batch.num_rows() as u64);
    for suggestion in &found.suggestions {
        verify(batch, suggestion);
    }
    found.suggestions
}

fn verify(batch: &RecordBatch, suggestion: &Suggestion) {
    assert!(suggestion.support >= 20 && suggestion.records == batch.num_rows() as u64, "{suggestion:?}");
    if suggestion.kind == "dependency" {
        return assert_eq!(suggestion.rule, "");
    }
    let verdicts: Vec<Verdict> = (0..batch.num_rows()).map(|row| judge(&suggestion.rule, batch, row)).collect();
    let count = |wanted: Verdict| verdicts.iter().filter(|verdict| **verdict == wanted).count() as u64;
    assert_eq!((count(Verdict::False), count(Verdict::Fault)), (0, 0), "{suggestion:?}");
    if suggestion.kind == "presence" {
        assert!(count(Verdict::True) >= suggestion.support, "{suggestion:?}");
        assert!(count(Verdict::Null) <= suggestion.nulls, "{suggestion:?}");
    } else {
        assert_eq!(
            (count(Verdict::True), count(Verdict::Null)),
            (suggestion.support, suggestion.nulls),
            "{suggestion:?}"
        );
    }
}

fn rules(batch: &RecordBatch) -> Vec<String> {
    sound(batch).into_iter().map(|suggestion| suggestion.rule).collect()
}

/// Numbers that look like chance and are the same on every run.
fn noise(seed: u64) -> impl FnMut(u64) -> i64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from((state >> 11) % below).unwrap()
    }
}

fn ints(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn maybe(values: impl IntoIterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(Int64Array::from_iter(values))
}

fn texts(values: impl IntoIterator<Item = &'static str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// Quantity, cents, status, when ordered, shipped and delivered, cents of freight.
type Order = (i64, i64, &'static str, i64, i64, i64, i64);

fn orders(len: usize) -> RecordBatch {
    let (mut random, mut rows) = (noise(7), Vec::new());
    for _ in 0..len {
        let (qty, cents, status) = (1 + random(9), 100 + random(20_000), random(4) as usize);
        let ordered = 1_700_000_000 + random(10_000_000);
        let (shipped, delivered) = (ordered + 60 * (1 + random(100)), ordered + 200_000 + random(90_000));
        rows.push((
            qty,
            cents,
            ["new", "paid", "shipped", "delivered"][status],
            ordered,
            shipped,
            delivered,
            random(900),
        ));
    }
    let column = |value: &dyn Fn(&Order) -> f64| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(rows.iter().map(value)))
    };
    let moment = |values: Vec<Option<i64>>| -> ArrayRef { Arc::new(TimestampSecondArray::from(values)) };
    batch(vec![
        ("qty", ints(rows.iter().map(|row| row.0))),
        ("price", column(&|row| row.1 as f64 / 100.0)),
        ("total", column(&|row| (row.0 * row.1) as f64 / 100.0)),
        ("freight", column(&|row| row.6 as f64 / 100.0)),
        ("to pay", column(&|row| (row.0 * row.1 + row.6) as f64 / 100.0)),
        ("status", texts(rows.iter().map(|row| row.2))),
        ("ordered", moment(rows.iter().map(|row| Some(row.3)).collect())),
        ("shipped", moment(rows.iter().map(|row| matches!(row.2, "shipped" | "delivered").then_some(row.4)).collect())),
        ("delivered", moment(rows.iter().map(|row| (row.2 == "delivered").then_some(row.5)).collect())),
        ("signed", texts_where(&rows.iter().map(|row| row.2 == "delivered").collect::<Vec<_>>())),
    ])
}

fn texts_where(there: &[bool]) -> ArrayRef {
    let value = |(row, there): (usize, &bool)| there.then(|| format!("n{row}"));
    Arc::new(StringArray::from_iter(there.iter().enumerate().map(value)))
}

#[test]
fn orders_have_the_rules_that_they_were_made_by() {
    let frame = orders(6000);
    let found = sound(&frame);
    let mut rules: Vec<_> = found.iter().map(|suggestion| (suggestion.kind, suggestion.rule.as_str())).collect();
    rules.sort_unstable();
    assert_eq!(
        rules,
        [
            ("ordering", "ordered < shipped"),
            ("ordering", "shipped < delivered"),
            ("presence", "(delivered IS NULL) = (signed IS NULL)"),
            ("presence", "(status = 'delivered') = (delivered IS NOT NULL)"),
            ("presence", "(status IN ('delivered', 'shipped')) = (shipped IS NOT NULL)"),
            ("presence", "delivered IS NULL OR shipped IS NOT NULL"),
            ("product", "abs(qty * price - total) <= 0.01"),
            ("sum", "abs(total + freight - \"to pay\") <= 0.005"),
        ]
    );
    let shipped = found.iter().find(|suggestion| suggestion.rule == "ordered < shipped").unwrap();
    assert_eq!(shipped.columns, ["ordered", "shipped"]);
    assert!(shipped.note.starts_with(&format!("holds on {},", shipped.support / 1000)), "{}", shipped.note);
    assert!(shipped.note.ends_with("the others have a NULL; the smallest gap is 1 minute"), "{}", shipped.note);
}

#[test]
fn one_counterexample_late_is_enough() {
    let wrong = |row: i64, at: i64| i64::from(row == at);
    let mut random = noise(3);
    let a: Vec<i64> = (0..6000).map(|_| random(500)).collect();
    let b: Vec<i64> = (0..6000).map(|_| 1 + random(500)).collect();
    let at = |values: &[i64], row: i64| values[usize::try_from(row).unwrap()];
    let made = |bad: i64| {
        let all = || 0..6000_i64;
        batch(vec![
            ("a", ints(a.clone())),
            ("b", ints(b.clone())),
            ("a_sum", ints(all().map(|row| at(&a, row) + at(&b, row) + wrong(row, bad)))),
            ("product", ints(all().map(|row| at(&a, row) * at(&b, row) + wrong(row, bad)))),
            ("a_next", ints(all().map(|row| at(&a, row) + 1 + at(&b, row) % 7 - 900 * wrong(row, bad)))),
            ("a_again", ints(all().map(|row| at(&a, row) + wrong(row, bad)))),
            ("b_cents", ints(all().map(|row| at(&b, row) * 100 + wrong(row, bad)))),
            ("null_a", maybe(all().map(|row| (at(&a, row) % 3 == 0).then_some(at(&b, row) % 97)))),
            ("null_b", maybe(all().map(|row| ((at(&a, row) % 3 == 0) != (row == bad)).then_some(at(&b, row) % 89)))),
            ("code", texts(all().map(|row| ["x", "y", "z"][usize::try_from(at(&a, row) % 3).unwrap()]))),
            (
                "word",
                texts(all().map(|row| {
                    ["eins", "zwei", "drei"][usize::try_from((at(&a, row) + wrong(row, bad)) % 3).unwrap()]
                })),
            ),
        ])
    };
    let good = rules(&made(-1));
    let expected = [
        "a + b = a_sum",
        "a * b = product",
        "a < a_next",
        "a = a_again",
        "b * 100 = b_cents",
        "(null_a IS NULL) = (null_b IS NULL)",
        "(code = 'x') = (null_a IS NOT NULL)",
        "CASE code WHEN 'x' THEN word = 'eins' WHEN 'y' THEN word = 'zwei' WHEN 'z' THEN word = 'drei' END",
    ];
    for rule in expected {
        assert!(good.iter().any(|found| found == rule), "{rule} is not among {good:#?}");
    }
    let bad = rules(&made(5000));
    for rule in expected.iter().filter(|rule| !rule.contains("(code")) {
        assert!(!bad.iter().any(|found| found == rule), "{rule}");
    }
    assert!(bad.iter().any(|found| found == "(code = 'x') = (null_a IS NOT NULL)"), "{bad:#?}");
}

#[test]
fn little_support_proposes_nothing() {
    let rising = || ints(0..19);
    let frame = batch(vec![
        ("a", rising()),
        ("a_twice", ints((0..19).map(|row| row * 2))),
        ("same", rising()),
        ("code", texts((0..19).map(|row| if row % 2 == 0 { "even" } else { "odd" }))),
        ("half", maybe((0..19).map(|row| (row % 2 == 0).then_some(row)))),
    ]);
    assert_eq!(sound(&frame), []);
    // Many records, but few of them with both values; and values that never change.
    let there = |row: i64, from: i64| (row >= from && row < from + 200).then_some(row);
    let frame = batch(vec![
        ("x_a", maybe((0..400).map(|row| there(row, 0)))),
        ("x_b", maybe((0..400).map(|row| there(row, 181).map(|value| value + 1)))),
        ("one", ints((0..400).map(|_| 1))),
        ("two", ints((0..400).map(|_| 2))),
        ("text", texts((0..400).map(|_| "t"))),
        ("text_too", texts((0..400).map(|_| "t"))),
    ]);
    assert_eq!(sound(&frame), []);
}

#[test]
fn independent_columns_propose_nothing() {
    let mut random = noise(11);
    let mut some = |below: u64| -> ArrayRef { ints((0..3000).map(|_| random(below)).collect::<Vec<_>>()) };
    let frame = batch(vec![
        ("a", some(2)),
        ("b", some(5)),
        ("c", some(40)),
        ("d", some(1000)),
        ("e", some(1000)),
        ("f", some(1_000_000)),
    ]);
    assert_eq!(sound(&frame), []);
    // Always less, but of another magnitude: no order that anyone meant.
    let frame = batch(vec![("weight", some(10)), ("views", ints((0..3000).map(|row| 9 + row * 7 % 10_000)))]);
    assert_eq!(sound(&frame), []);
}

#[test]
fn exact_numbers_are_reckoned_exactly() {
    let mut random = noise(5);
    let net: Vec<i128> = (0..500).map(|_| i128::from(random(1_000_000))).collect();
    let tax: Vec<i128> = (0..500).map(|_| i128::from(random(200_000))).collect();
    let decimal = |values: Vec<i128>, scale| -> ArrayRef {
        Arc::new(Decimal128Array::from_iter_values(values).with_precision_and_scale(30, scale).unwrap())
    };
    let gross: Vec<i128> = net.iter().zip(&tax).map(|(net, tax)| net + tax).collect();
    let frame = batch(vec![
        ("net", decimal(net.clone(), 2)),
        ("tax", decimal(tax, 2)),
        ("gross", decimal(gross.iter().map(|value| value * 10).collect(), 3)),
        ("off", decimal(gross.iter().map(|value| value * 10 + 1).collect(), 3)),
        ("big", Arc::new(UInt64Array::from_iter_values(net.iter().map(|value| u64::MAX - *value as u64)))),
        ("real", Arc::new(Float64Array::from_iter_values(net.iter().map(|value| *value as f64 / 100.0)))),
    ]);
    let found = rules(&frame);
    assert!(found.contains(&"net + tax = gross".to_owned()), "{found:#?}");
    assert!(!found.iter().any(|rule| rule.contains("tax = off") || rule.contains("real")), "{found:#?}");
    // So is a date outside the calendar (S6.18).
    let days = |first: i32| {
        let start: ArrayRef =
            Arc::new(Date32Array::from_iter_values((0..60).map(|row| if row == 0 { first } else { row })));
        let end: ArrayRef =
            Arc::new(Date32Array::from_iter_values((0..60).map(|row| if row == 0 { first } else { row * 2 })));
        let apart = ints(0..60);
        suggest(&batch(vec![("a", start), ("b", end), ("n", apart)]), 60).suggestions
    };
    let differs = |found: Vec<Suggestion>| found.iter().any(|suggestion| suggestion.rule == "b - a = n");
    assert!(differs(days(2_932_896)) && !differs(days(2_932_897)));
    // A sum beyond 64 bits is a fault, though only where the result is NULL.
    let wide = |spoilt: bool| {
        let a = ints((0..100).map(|row| if row == 99 && spoilt { i64::MAX } else { row * 7 % 50 }));
        let b = ints((0..100).map(|row| row * 3 % 31 + 1));
        let c = maybe((0..100).map(|row| (row != 99).then_some(row * 7 % 50 + row * 3 % 31 + 1)));
        rules(&batch(vec![("a", a), ("b", b), ("c", c)]))
    };
    assert!(wide(false).contains(&"a + b = c".to_owned()));
    assert!(!wide(true).contains(&"a + b = c".to_owned()));
}

#[test]
fn nan_ends_an_order() {
    let made = |last: f64| {
        let low = (0..100).map(|row| f64::from(row * 37 % 100));
        let high = (0..100).map(|row| if row == 99 { last } else { f64::from(row * 37 % 100) + 0.5 });
        let real = |values: Vec<f64>| -> ArrayRef { Arc::new(Float64Array::from(values)) };
        rules(&batch(vec![("low", real(low.collect())), ("high", real(high.collect()))]))
    };
    assert_eq!(made(150.0), ["low < high"]);
    assert_eq!(made(f64::INFINITY), ["low < high"]);
    assert_eq!(made(f64::NAN), [""; 0]);
}

#[test]
fn moments_of_one_kind_are_compared() {
    let day = 86_400_000_i64;
    let frame = batch(vec![
        ("start", Arc::new(Date32Array::from_iter_values((0..60).map(|row| row * 17 % 60)))),
        ("end", Arc::new(Date64Array::from_iter_values((0..60).map(|row| (row * 17 % 60 + row % 5) * day + 7)))),
        ("nights", ints((0..60).map(|row| row % 5))),
        ("seconds", Arc::new(TimestampSecondArray::from_iter_values((0..60).map(|row| row * 17 % 60)))),
        (
            "millis",
            Arc::new(TimestampMillisecondArray::from_iter_values(
                (0..60).map(|row| (row * 17 % 60) * 1000 + 250 + row),
            )),
        ),
        ("zoned", Arc::new(TimestampSecondArray::from_iter_values((0..60).map(|row| 100 + row)).with_timezone("UTC"))),
    ]);
    let found = sound(&frame);
    let rules: Vec<_> = found.iter().map(|suggestion| suggestion.rule.as_str()).collect();
    assert_eq!(rules, ["\"end\" - start = nights", "start <= \"end\"", "seconds < millis"]);
    assert_eq!(found[2].note, "holds on 60 of 60 records; the smallest gap is 250 milliseconds");
    assert_eq!(found[1].note, "holds on 60 of 60 records; equal on 12; the smallest gap is otherwise 1 day");
}

#[test]
fn values_that_give_values() {
    let frame = |values: i64| {
        let key = move |row: i64| row * 31 % 997 % values;
        batch(vec![
            ("region", texts((0..900).map(|row| ["a'b", "b", "c"][usize::try_from(key(row) % 3).unwrap()]))),
            ("shop", ints((0..900).map(key))),
            (
                "rate",
                Arc::new(Float32Array::from_iter_values(
                    (0..900).map(|row| [0.1, 0.25][usize::try_from(key(row) % 2).unwrap()]),
                )),
            ),
        ])
    };
    let found = sound(&frame(6));
    let rules: Vec<_> = found.iter().map(|suggestion| (suggestion.kind, suggestion.rule.as_str())).collect();
    let cases = |column, values: [&str; 6]| {
        let case = |(shop, value)| format!("WHEN {shop} THEN {column} = {value} ");
        format!("CASE shop {}END", values.iter().enumerate().map(case).collect::<String>())
    };
    let region = cases("region", ["'a''b'", "'b'", "'c'", "'a''b'", "'b'", "'c'"]);
    let rate = cases("rate", ["0.1", "0.25", "0.1", "0.25", "0.1", "0.25"]);
    assert_eq!(rules, [("mapping", region.as_str()), ("mapping", rate.as_str())]);
    let found = sound(&frame(30));
    assert_eq!(found[0].kind, "dependency");
    assert_eq!(
        found[0].note,
        "holds on 900 of 900 records; 30 values of shop each go with one of region; not a rule of one record"
    );
}

#[test]
fn every_layout_is_survived() {
    let rows = 64_usize;
    let list =
        ListArray::from_iter_primitive::<Int32Type, _, _>((0..rows).map(|row| (row % 3 == 0).then(|| vec![Some(1)])));
    let words: DictionaryArray<Int8Type> = (0..rows).map(|row| (row % 3 == 0).then_some("x")).collect();
    let empty: DictionaryArray<Int8Type> = (0..rows).map(|_| None::<&str>).collect();
    let frame = batch(vec![
        ("nothing", Arc::new(NullArray::new(rows))),
        ("list", Arc::new(list)),
        ("words", Arc::new(words)),
        ("empty", Arc::new(empty)),
        ("twin", ints(0..64)),
        ("twin", ints(0..64)),
        ("${a}", ints(0..64)),
        ("flag", Arc::new(BooleanArray::from_iter((0..rows).map(|row| Some(row % 3 == 0))))),
    ]);
    let found = rules(&frame);
    assert_eq!(found, ["(list IS NULL) = (words IS NULL)", "(flag = TRUE) = (list IS NOT NULL)"]);
    let none = batch(vec![("a", ints([]))]);
    assert_eq!(sound(&none), []);
    let mut suggester = Suggester::new(&none.schema());
    assert!(suggester.push(&batch(vec![("b", ints([]))])).is_err());
}

#[test]
fn yaml_reads_back() {
    let mut frame = orders(500);
    let text = |found: &Suggestions| {
        let rules = to_yaml(&found.suggestions).replace('\n', "\n    ");
        format!(
            "apiVersion: v3.1.0\nkind: DataContract\nid: t\nversion: 1.0.0\nstatus: draft\nschema:\n  - name: t\n    {rules}\n"
        )
    };
    assert_eq!(to_yaml(&[]), "quality: []\n");
    for name in ["plain", "x: \"y\" # 'z'\u{2028}", "- {a"] {
        let mut columns: Vec<_> = frame.schema().fields().iter().map(|field| field.name().clone()).collect();
        columns[0] = name.to_owned();
        let named = columns.iter().map(String::as_str).zip(frame.columns().iter().cloned()).collect();
        frame = batch(named);
        let found = suggest(&frame, usize::MAX);
        let contract = Contract::load(&text(&found)).unwrap_or_else(|bad| panic!("{bad:?}\n{}", text(&found)));
        let read = format!("{:?}", contract.objects[0].quality);
        assert_eq!(contract.objects[0].quality.len(), found.suggestions.len());
        for suggestion in found.suggestions {
            let written = serde_json::to_string(&suggestion.rule).unwrap();
            assert!(read.contains(&format!("{:?}", suggestion.rule)) || read.contains(&written), "{read}\n{written}");
        }
    }
}

/// A column of some kind with values from few, so that rules hold often by chance.
fn column(rows: usize) -> impl Strategy<Value = ArrayRef> {
    let few = |most: i64| prop::collection::vec(prop::option::weighted(0.9, -2..most), rows);
    prop_oneof![
        few(4).prop_map(|values| Arc::new(Int64Array::from(values)) as ArrayRef),
        few(2).prop_map(|values| Arc::new(Int32Array::from_iter(values.iter().map(|v| v.map(|v| v as i32)))) as ArrayRef),
        few(3).prop_map(|values| {
            Arc::new(Float64Array::from_iter(values.iter().map(|v| v.map(|v| v as f64 * 0.1)))) as ArrayRef
        }),
        few(3).prop_map(|values| {
            Arc::new(Float32Array::from_iter(values.iter().map(|v| v.map(|v| v as f32 * 0.01)))) as ArrayRef
        }),
        few(3).prop_map(|values| {
            let digits = values.iter().map(|v| v.map(i128::from));
            Arc::new(Decimal128Array::from_iter(digits).with_precision_and_scale(9, 1).unwrap()) as ArrayRef
        }),
        few(3).prop_map(|values| Arc::new(Date32Array::from_iter(values.iter().map(|v| v.map(|v| v as i32)))) as ArrayRef),
        few(0).prop_map(|values| Arc::new(BooleanArray::from_iter(values.iter().map(|v| v.map(|v| v < -1)))) as ArrayRef),
        few(2).prop_map(|values| {
            Arc::new(StringArray::from_iter(values.iter().map(|v| v.map(|v| format!("v'{v}"))))) as ArrayRef
        }),
    ]
}

/// A column made from two others: a sum, a product, a copy, the NULLs of one.
fn derived(kind: usize, a: &Int64Array, b: &Int64Array) -> ArrayRef {
    let both = || a.iter().zip(b.iter());
    match kind {
        0 => maybe(both().map(|(a, b)| Some(a? + b?))),
        1 => maybe(both().map(|(a, b)| Some(a? * b?))),
        2 => Arc::new(Float64Array::from_iter(both().map(|(a, b)| Some(a? as f64 * 0.1 + b? as f64)))),
        3 => maybe(both().map(|(a, _)| Some(a? * 60))),
        4 => maybe(both().map(|(a, b)| Some(a? + b?.abs()))),
        5 => texts_where(&both().map(|(a, _)| a.is_some_and(|a| a > 0)).collect::<Vec<_>>()),
        _ => Arc::new(a.clone()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_is_proposed_holds(
        plain in (20..90_usize).prop_flat_map(|rows| prop::collection::vec(column(rows), 1..5)),
        (seed, kinds, spoilt) in (any::<u64>(), prop::collection::vec(0..7_usize, 0..4), any::<bool>()),
    ) {
        let (rows, mut random) = (plain[0].len(), noise(seed));
        let mut some = || Int64Array::from_iter((0..rows).map(|_| (random(9) > 0).then(|| random(30) - 5)));
        let (a, b) = (some(), some());
        let names: Vec<String> = (0..20).map(|place| format!("c{place}")).collect();
        let mut arrays = plain;
        arrays.extend(kinds.iter().map(|kind| derived(*kind, &a, &b)));
        arrays.push(Arc::new(a));
        arrays.push(if spoilt { Arc::new(some()) } else { Arc::new(b) });
        let frame = batch(names.iter().map(String::as_str).zip(arrays).collect());
        sound(&frame);
    }
}
