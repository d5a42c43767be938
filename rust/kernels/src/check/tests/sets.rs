use arrow_array::types::*;
use arrow_array::{BooleanArray, FixedSizeBinaryArray};
use proptest::prelude::*;

use super::lengths::{assert_texts, binaries};
use super::*;

fn one_of(literals: &[Literal]) -> CheckSpec {
    CheckSpec::OneOf(literals.to_vec())
}

fn none_of(literals: &[Literal]) -> CheckSpec {
    CheckSpec::NoneOf { literals: literals.to_vec(), null: false }
}

/// Both directions of a set over one array.
fn assert_set(literals: &[Literal], array: &ArrayRef, held: &[bool], members: &[bool]) {
    let outside: Vec<bool> = held.iter().zip(members).map(|(held, member)| *held && !member).collect();
    let inside: Vec<bool> = held.iter().zip(members).map(|(held, member)| *held && *member).collect();
    let known: Vec<bool> = held.iter().zip(members).map(|(held, member)| !*held || *member).collect();
    let with_null = CheckSpec::NoneOf { literals: literals.to_vec(), null: true };
    assert_all(&[one_of(literals), none_of(literals), with_null], array, &[outside, inside, known]);
}

const WORDS: [&str; 10] = ["", "a", "aa", "EWR", "JFK", "twelve bytes", "thirteen byte", "thirteen bite", "ä", "true"];

#[test]
fn texts() {
    let rows = spread(&WORDS.map(str::to_owned), 150, 7);
    let sets: [&[&str]; 5] = [
        &["EWR", "JFK", ""],
        &["thirteen byte", "a"],
        &["twelve bytes"],
        &["x"],
        &["1", "2", "3", "4", "5", "6", "7", "8", "9", "aa", "thirteen byte"],
    ];
    for set in sets {
        let literals: Vec<Literal> = set.iter().map(|word| text(word)).collect();
        assert_texts(&one_of(&literals), &rows, |value| !set.contains(&value));
        assert_texts(&none_of(&literals), &rows, |value| set.contains(&value));
    }
    assert_texts(&one_of(&[Literal::Bool(true), Literal::Null]), &rows, |value| value != "true");
}

#[test]
fn numbers_compare_with_text_as_written() {
    let rows = spread(&["1", "1.0", "01"].map(str::to_owned), 70, 7);
    assert_texts(&one_of(&[number("1.0")]), &rows, |value| value != "1.0");
}

#[test]
fn binary() {
    let rows = spread(&WORDS.map(|word| word.as_bytes().to_vec()), 150, 7);
    let held: Vec<bool> = rows.iter().map(|(_, valid)| *valid).collect();
    let members: Vec<bool> = rows.iter().map(|(value, _)| value == b"JFK" || value == b"thirteen bite").collect();
    for array in binaries(&rows) {
        assert_set(&[text("JFK"), text("thirteen bite")], &array, &held, &members);
    }
    let fixed =
        FixedSizeBinaryArray::try_from_iter((0..80).map(|row| if row % 2 == 0 { *b"ab" } else { *b"cd" })).unwrap();
    let expected: Vec<bool> = (0..80).map(|row| row % 2 == 1).collect();
    assert_fails(one_of(&[text("ab")]), &(Arc::new(fixed) as ArrayRef), &expected);
}

#[test]
fn integers() {
    let values = [i64::MIN, -1, 0, 1, 2, 100, i64::MAX];
    let rows = spread(&values, 150, 8);
    let array = primitive::<Int64Type>(&rows, &DataType::Int64);
    let held: Vec<bool> = rows.iter().map(|(_, valid)| *valid).collect();
    let members = |set: &[i64]| rows.iter().map(|(value, _)| set.contains(value)).collect::<Vec<_>>();
    assert_set(&[number("1.0"), number("1e2"), number("0.5"), number("1e300")], &array, &held, &members(&[1, 100]));
    assert_set(&[number("9223372036854775807")], &array, &held, &members(&[i64::MAX]));
    let many: Vec<Literal> = (-20..20).map(|value| number(&value.to_string())).collect();
    assert_set(&many, &array, &held, &members(&[-1, 0, 1, 2]));
    let sparse: Vec<Literal> =
        (1..40).map(|value| number(&format!("{}", i128::from(value) * 100_000_000_000 - 99_999_999_999))).collect();
    assert_set(&sparse, &array, &held, &members(&[1]));
    assert!(matches!(refusal(one_of(&[number("1"), text("1")]), &DataType::Int64), Refusal::BoundUnreadable(_)));
}

#[test]
fn small_integers_of_many_members() {
    let values: Vec<i8> = (-128..=127).collect();
    let rows = spread(&values, 300, 8);
    let array = primitive::<Int8Type>(&rows, &DataType::Int8);
    let held: Vec<bool> = rows.iter().map(|(_, valid)| *valid).collect();
    let members: Vec<bool> = rows.iter().map(|(value, _)| value % 3 == 0).collect();
    let literals: Vec<Literal> =
        (-600..600).filter(|value| value % 3 == 0).map(|value| number(&value.to_string())).collect();
    assert_set(&literals, &array, &held, &members);
    let bytes: Vec<(u8, bool)> = rows.iter().map(|(value, valid)| (*value as u8, *valid)).collect();
    let members: Vec<bool> = bytes.iter().map(|(value, _)| value % 3 == 0).collect();
    assert_set(&literals, &primitive::<UInt8Type>(&bytes, &DataType::UInt8), &held, &members);
}

#[test]
fn decimals() {
    let rows = spread(&[150i128, 1500, 15, 0, -150], 90, 8);
    let array = primitive::<Decimal128Type>(&rows, &DataType::Decimal128(38, 2));
    let held: Vec<bool> = rows.iter().map(|(_, valid)| *valid).collect();
    let members: Vec<bool> = rows.iter().map(|(value, _)| [150, -150].contains(value)).collect();
    assert_set(&[number("1.5"), number("-1.50"), number("0.155")], &array, &held, &members);
}

#[test]
fn floats_read_literals_as_their_own_type() {
    let values = [0.1, 0.0, -0.0, f64::NAN, 1e22, f64::INFINITY];
    let rows = spread(&values, 90, 8);
    let array = primitive::<Float64Type>(&rows, &DataType::Float64);
    let held: Vec<bool> = rows.iter().map(|(_, valid)| *valid).collect();
    let members: Vec<bool> = rows.iter().map(|(value, _)| *value == 0.1 || *value == 0.0).collect();
    assert_set(&[number("0.1"), number("-0")], &array, &held, &members);
    let singles: Vec<(f32, bool)> = rows.iter().map(|(value, valid)| (*value as f32, *valid)).collect();
    let members: Vec<bool> = singles.iter().map(|(value, _)| *value == 0.1 || *value == 1e22).collect();
    assert_set(
        &[number("0.1"), number("1e22")],
        &primitive::<Float32Type>(&singles, &DataType::Float32),
        &held,
        &members,
    );
}

#[test]
fn booleans() {
    let rows = spread(&[true, false, false], 150, 7);
    let array: ArrayRef = Arc::new(BooleanArray::new(
        rows.iter().map(|(value, _)| *value).collect(),
        Some(NullBuffer::from_iter(rows.iter().map(|(_, valid)| *valid))),
    ));
    let held: Vec<bool> = rows.iter().map(|(_, valid)| *valid).collect();
    let members: Vec<bool> = rows.iter().map(|(value, _)| *value).collect();
    assert_set(&[Literal::Bool(true)], &array, &held, &members);
    assert_set(&[Literal::Bool(true), Literal::Bool(false)], &array, &held, &[true; 150]);
    assert!(matches!(refusal(one_of(&[number("1")]), &DataType::Boolean), Refusal::BoundUnreadable(_)));
}

#[test]
fn empty_and_unreadable_sets() {
    let rows = spread(&[1i64, 2], 90, 8);
    let array = primitive::<Int64Type>(&rows, &DataType::Int64);
    let held: Vec<bool> = rows.iter().map(|(_, valid)| *valid).collect();
    assert_set(&[], &array, &held, &[false; 90]);
    // S2.13: the default missing values of a column that holds no text.
    let spec = CheckSpec::NoneOf { literals: vec![text("")], null: true };
    let nulls: Vec<bool> = held.iter().map(|held| !held).collect();
    assert_fails(spec, &array, &nulls);
    assert_fails(none_of(&[text("")]), &array, &[false; 90]);
    let list = DataType::new_list(DataType::Int64, true);
    assert!(matches!(refusal(one_of(&[number("1")]), &list), Refusal::NotSupported(_)));
    assert!(Check::bind(&CheckSpec::NoneOf { literals: vec![text("")], null: true }, &list).is_ok());
}

proptest! {
    #[test]
    fn any_words(words in prop::collection::vec("[ab]{0,14}", 1..12), members in prop::collection::vec("[ab]{0,14}", 1..12), take in 0usize..12) {
        let mut members = members;
        members.extend(words.iter().take(take).cloned());
        let rows = spread(&words, 80, 7);
        let literals: Vec<Literal> = members.iter().map(|word| text(word)).collect();
        assert_texts(&one_of(&literals), &rows, |value| !members.iter().any(|member| member == value));
    }
}
