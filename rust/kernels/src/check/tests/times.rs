use arrow_array::types::*;
use arrow_schema::TimeUnit;

use super::*;

const DAY: i64 = 86_400;

/// 2026-01-31 is 56 years of 365 days, 14 leap days (1972 … 2024) and 30 days after 1970-01-01.
const JAN_31: i64 = 56 * 365 + 14 + 30;

fn stamps(unit: TimeUnit, zone: Option<&str>, values: &[i64]) -> ArrayRef {
    let rows = spread(values, 140, 9);
    let data_type = DataType::Timestamp(unit, zone.map(Into::into));
    match unit {
        TimeUnit::Second => primitive::<TimestampSecondType>(&rows, &data_type),
        TimeUnit::Millisecond => primitive::<TimestampMillisecondType>(&rows, &data_type),
        TimeUnit::Microsecond => primitive::<TimestampMicrosecondType>(&rows, &data_type),
        TimeUnit::Nanosecond => primitive::<TimestampNanosecondType>(&rows, &data_type),
    }
}

fn expect(values: &[i64], fails: impl Fn(i64) -> bool) -> Vec<bool> {
    spread(values, 140, 9).iter().map(|(value, valid)| *valid && fails(*value)).collect()
}

#[test]
fn dates() {
    let days = [JAN_31 as i32 - 1, JAN_31 as i32, JAN_31 as i32 + 1, i32::MIN, i32::MAX];
    let rows = spread(&days, 140, 9);
    let array = primitive::<Date32Type>(&rows, &DataType::Date32);
    let fails =
        |test: fn(i64) -> bool| rows.iter().map(|(day, valid)| *valid && test((*day).into())).collect::<Vec<_>>();
    let literal = || text("2026-01-31");
    assert_fails(bound(Side::Lower, true, literal()), &array, &fails(|day| day < JAN_31));
    assert_fails(bound(Side::Lower, false, literal()), &array, &fails(|day| day <= JAN_31));
    assert_fails(bound(Side::Upper, true, literal()), &array, &fails(|day| day > JAN_31));
    assert_fails(bound(Side::Upper, false, literal()), &array, &fails(|day| day >= JAN_31));
    assert_fails(CheckSpec::OneOf(vec![literal()]), &array, &fails(|day| day != JAN_31));
}

#[test]
fn date64_compares_at_midnight() {
    let midnight = JAN_31 * DAY * 1000;
    let rows = [(midnight - 1, true), (midnight, true), (midnight + 1, true), (0, false)];
    let array = primitive::<Date64Type>(&rows, &DataType::Date64);
    assert_fails(bound(Side::Lower, true, text("2026-01-31")), &array, &[true, false, false, false]);
    assert_fails(bound(Side::Upper, true, text("2026-01-31")), &array, &[false, false, true, false]);
}

#[test]
fn timestamps_of_every_unit() {
    let units = [
        (TimeUnit::Second, 1i64),
        (TimeUnit::Millisecond, 1_000),
        (TimeUnit::Microsecond, 1_000_000),
        (TimeUnit::Nanosecond, 1_000_000_000),
    ];
    for (unit, ticks) in units {
        // 2026-01-31T01:00:00.5+01:00 is half a second after UTC midnight.
        let midnight = JAN_31 * DAY * ticks;
        let values =
            [midnight, midnight + ticks / 2, midnight + ticks / 2 + 1, midnight + ticks, -1, i64::MIN, i64::MAX];
        let array = stamps(unit, Some("Europe/Paris"), &values);
        let twice = |value: i64| i128::from(value) * 2;
        let limit = twice(midnight) + i128::from(ticks);
        let literal = || text("2026-01-31T01:00:00.5+01:00");
        assert_fails(bound(Side::Lower, true, literal()), &array, &expect(&values, |v| twice(v) < limit));
        assert_fails(bound(Side::Lower, false, literal()), &array, &expect(&values, |v| twice(v) <= limit));
        assert_fails(bound(Side::Upper, true, literal()), &array, &expect(&values, |v| twice(v) > limit));
        assert_fails(bound(Side::Upper, false, literal()), &array, &expect(&values, |v| twice(v) >= limit));
        assert_fails(CheckSpec::OneOf(vec![literal()]), &array, &expect(&values, |v| twice(v) != limit));
        let naive = stamps(unit, None, &values);
        assert_fails(bound(Side::Lower, true, text("2026-01-31")), &naive, &expect(&values, |v| v < midnight));
        assert_fails(bound(Side::Upper, false, text("2026-01-31 00:00")), &naive, &expect(&values, |v| v >= midnight));
    }
}

#[test]
fn instants_before_1970_and_finer_than_the_unit() {
    let values = [-2, -1, 0, 1];
    let array = stamps(TimeUnit::Second, None, &values);
    let literal = || text("1969-12-31T23:59:59.0000000001");
    assert_fails(bound(Side::Lower, true, literal()), &array, &expect(&values, |v| v < 0));
    assert_fails(bound(Side::Upper, true, literal()), &array, &expect(&values, |v| v > -1));
}

#[test]
fn instants_beyond_the_column_bound_nothing_or_everything() {
    // Nanoseconds in 64 bits end in 2262.
    let values = [i64::MIN, 0, i64::MAX];
    let array = stamps(TimeUnit::Nanosecond, Some("UTC"), &values);
    assert_fails(bound(Side::Upper, true, text("9999-12-31T23:59:59Z")), &array, &expect(&values, |_| false));
    assert_fails(bound(Side::Lower, true, text("9999-12-31T23:59:59Z")), &array, &expect(&values, |_| true));
    assert_fails(bound(Side::Lower, true, text("0001-01-01T00:00:00Z")), &array, &expect(&values, |_| false));
}

#[test]
fn zones_must_agree() {
    let zoned = DataType::Timestamp(TimeUnit::Second, Some("UTC".into()));
    let naive = DataType::Timestamp(TimeUnit::Second, None);
    for (literal, data_type) in
        [("2026-01-31T00:00:00", &zoned), ("2026-01-31", &zoned), ("2026-01-31T00:00:00Z", &naive)]
    {
        let spec = bound(Side::Lower, true, text(literal));
        assert!(matches!(refusal(spec, data_type), Refusal::ZoneMismatch(_)), "{literal}");
        assert!(matches!(refusal(CheckSpec::OneOf(vec![text(literal)]), data_type), Refusal::ZoneMismatch(_)));
    }
}

#[test]
fn times() {
    let values = [0i64, 46_800_499_999, 46_800_500_000, 86_399_999_999];
    let rows = spread(&values, 140, 9);
    let array = primitive::<Time64MicrosecondType>(&rows, &DataType::Time64(TimeUnit::Microsecond));
    assert_fails(bound(Side::Lower, true, text("13:00:00.5")), &array, &expect(&values, |v| v < 46_800_500_000));
    assert_fails(bound(Side::Upper, false, text("13:00")), &array, &expect(&values, |v| v >= 46_800_000_000));
    let rows = [(46_799, true), (46_800, true), (46_801, true)];
    let array = primitive::<Time32SecondType>(&rows, &DataType::Time32(TimeUnit::Second));
    assert_fails(bound(Side::Lower, true, text("12:59:59.5")), &array, &[true, false, false]);
}

#[test]
fn unreadable_literals() {
    let stamp = DataType::Timestamp(TimeUnit::Second, None);
    let time = DataType::Time32(TimeUnit::Second);
    let cases = [
        (&DataType::Date32, text("2026-02-30")),
        (&DataType::Date32, text("2026-1-31")),
        (&DataType::Date32, text("2026-01-31T00:00:00")),
        (&DataType::Date32, number("20260131")),
        (&stamp, text("2026-01-31T24:00:00")),
        (&stamp, text("2026-01-31T23:59:60")),
        (&stamp, text("2026-01-31T1:00")),
        (&stamp, text("2026-01-31T10:00:00.")),
        (&stamp, text("2026-01-31x10:00:00")),
        (&stamp, number("5")),
        (&time, text("13:00Z")),
        (&time, text("13")),
        (&time, text("25:00")),
        (&stamp, text("2026-01-31T10:00:00+1:00")),
        (&stamp, text("ä026-01-31")),
    ];
    for (data_type, literal) in cases {
        let spec = bound(Side::Lower, true, literal);
        assert!(matches!(refusal(spec.clone(), data_type), Refusal::BoundUnreadable(_)), "{spec:?}");
    }
}

#[test]
fn timezone_is_a_property_of_the_column() {
    let values = [0, 1];
    for (zone, wanted, fails) in
        [(Some("UTC"), true, false), (Some("UTC"), false, true), (None, true, true), (None, false, false)]
    {
        assert_fails(
            CheckSpec::Timezone(wanted),
            &stamps(TimeUnit::Second, zone, &values),
            &expect(&values, |_| fails),
        );
    }
    assert!(matches!(refusal(CheckSpec::Timezone(true), &DataType::Int8), Refusal::Misplaced(_)));
}
