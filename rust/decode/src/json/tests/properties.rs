//! Laws: no answer depends on chunks, no record on another, nothing panics, values are those of an independent reader.

use super::*;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use proptest::prelude::*;

fn name() -> impl Strategy<Value = String> {
    let declared =
        ["id", "name", "amount", "ratio", "ok", "day", "at", "any", "tags", "address", "places", "zip", "no"];
    prop_oneof![
        6 => prop::sample::select(declared.to_vec()).prop_map(|name| format!("\"{name}\"")),
        1 => Just("\"\\u0069d\"".to_owned()),
        2 => "\"[a-c]{0,2}\"",
    ]
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(|value| format!("{value:e}")),
        "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,22})?([eE][+-]?[0-9]{1,2})?",
        "\"[ -!#-\\[\\]-~äß€𝄞]{0,40}\"",
        "\"(\\\\n|\\\\u00e4|\\\\ud834\\\\udd1e|a|\\\\\\\\|\\\\ud800){0,4}\"",
        Just("\"2026-01-31\"".to_owned()),
        Just("\"2026-01-31T12:00:00.123456Z\"".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let member = (name(), inner.clone()).prop_map(|(name, value)| format!("{name}:{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(" , "))),
        ]
    })
}

fn object() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((name(), value()), 0..6).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    })
}

/// A line without its break: whole, damaged at a byte, cut, or anything.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let hurt = (object(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(mut text, at, byte)| {
        let at = at.index(text.len());
        text[at] = byte;
        text
    });
    let cut = (object(), any::<prop::sample::Index>()).prop_map(|(text, at)| text[..at.index(text.len())].to_vec());
    let noise = prop::collection::vec(any::<u8>(), 0..20);
    prop_oneof![6 => object(), 3 => hurt, 1 => cut, 1 => noise].prop_map(|mut line| {
        line.retain(|byte| *byte != b'\n');
        while line.pop_if(|byte| *byte == b'\r').is_some() {}
        line
    })
}

fn policy() -> impl Strategy<Value = Undeclared> {
    prop::sample::select(vec![Undeclared::Keep, Undeclared::Drop, Undeclared::Refuse])
}

fn limited(policy: Undeclared, record_bytes: usize) -> Layout {
    Layout { limits: Limits { record_bytes, depth: 5 }, ..wide(policy) }
}

fn in_steps(layout: &Layout, text: &[u8], steps: &[usize], as_array: bool) -> Source {
    let layout = Arc::new(layout.clone());
    if as_array {
        decode_in(&mut crate::json::JsonArray::new(layout), text, steps)
    } else {
        decode_in(&mut crate::json::Json::new(layout), text, steps)
    }
}

/// A record alone: its row, its faults without their place.
fn alone(layout: &Layout, line: &[u8]) -> Option<(RecordBatch, Vec<Found>)> {
    let mut source = lines(layout, [line, b"\n"].concat());
    let row = source.rows.pop()?;
    Some((row, source.faults))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_line_is_read_as_if_alone(all in prop::collection::vec(line(), 0..8), policy in policy(), limit in 20_usize..400) {
        let layout = limited(policy, limit);
        let source = lines(&layout, all.join(&b'\n').into_iter().chain(*b"\n").collect::<Vec<_>>());
        let (mut start, mut row) = (0, 0);
        for line in &all {
            if let Some((expected, faults)) = alone(&layout, line) {
                prop_assert_eq!(&source.rows[row], &expected);
                let moved: Vec<Found> = source.faults.iter().filter(|fault| fault.0 == row as u32).cloned().map(|mut fault| {
                    fault.0 = 0;
                    fault.4 = (fault.4.0 - start, fault.4.1 - start);
                    fault
                }).collect();
                prop_assert_eq!(moved, faults);
                row += 1;
            }
            start += line.len() as u32 + 1;
        }
        prop_assert_eq!(source.rows.len(), row);
    }

    #[test]
    fn damage_does_not_depend_on_the_columns(line in line()) {
        let of_form = |layout: &Layout| -> Vec<Found> {
            lines(layout, &line).faults.into_iter().filter(|fault| fault.3.is_malformed()).collect()
        };
        let none = of_form(&layout(vec![], Undeclared::Drop));
        prop_assert_eq!(&of_form(&wide(Undeclared::Refuse)), &none);
        prop_assert_eq!(&of_form(&layout(vec![untyped("id"), untyped("address")], Undeclared::Drop)), &none);
    }

    #[test]
    fn cuts_of_lines_do_not_matter(all in prop::collection::vec(line(), 0..8), ending in prop::sample::select(vec!["", "\n", "\r\n", "\r"]), steps in prop::collection::vec(1_usize..60, 1..5), policy in policy(), limit in 20_usize..400) {
        let layout = limited(policy, limit);
        let mut text = all.join(&b"\r\n"[..]);
        text.extend_from_slice(ending.as_bytes());
        prop_assert_eq!(in_steps(&layout, &text, &steps, false), lines(&layout, &text));
    }

    #[test]
    fn cuts_of_arrays_do_not_matter(all in prop::collection::vec(line(), 0..8), comma in prop::sample::select(vec![",", ",\n", "\n , ", "\n"]), ending in prop::sample::select(vec!["", "]", "\n]\n", "]x\n{}"]), steps in prop::collection::vec(1_usize..60, 1..5), policy in policy(), limit in 20_usize..400) {
        let layout = limited(policy, limit);
        let mut text = b"\n [".to_vec();
        text.extend(all.join(comma.as_bytes()));
        text.extend_from_slice(ending.as_bytes());
        prop_assert_eq!(in_steps(&layout, &text, &steps, true), array(&layout, &text));
    }

    #[test]
    fn whole_elements_are_read_as_lines_are(all in prop::collection::vec(object(), 1..6), policy in policy()) {
        let layout = wide(policy);
        let elements = array(&layout, [&b"["[..], &all.join(&b','), b"]"].concat());
        let lines = lines(&layout, all.join(&b'\n'));
        prop_assert_eq!(elements.codes(), lines.codes());
        prop_assert_eq!(elements.rows, lines.rows);
        prop_assert_eq!(elements.undeclared, lines.undeclared);
    }

    #[test]
    fn nothing_panics(text in prop::collection::vec(prop_oneof![prop::sample::select(b"{}[]\",:\\u0e1-+. \n\r\tatrufln".to_vec()), any::<u8>()], 0..200), steps in prop::collection::vec(1_usize..60, 1..3), limit in 0_usize..100) {
        let layout = limited(Undeclared::Keep, limit);
        prop_assert_eq!(in_steps(&layout, &text, &steps, false), lines(&layout, &text));
        let framed = [b"[", &text[..]].concat();
        prop_assert_eq!(in_steps(&layout, &framed, &steps, true), array(&layout, &framed));
    }

    #[test]
    fn values_are_those_of_another_reader(line in prop_oneof![3 => object(), 1 => line()]) {
        let source = lines(&wide(Undeclared::Drop), [&line[..], b"\n"].concat());
        let Some(row) = source.rows.first() else { return Ok(()) };
        let other: Result<serde_json::Value, _> = serde_json::from_slice(&line);
        let Some(fault) = source.faults.iter().find(|fault| fault.3.is_malformed()) else {
            let other = match other {
                Ok(other) => other,
                // The other reader refuses doubles beyond its range.
                Err(error) => {
                    prop_assert!(error.to_string().contains("out of range"), "{} {}", error, String::from_utf8_lossy(&line));
                    return Ok(());
                }
            };
            return compare(row, &source.faults, &other);
        };
        match fault.3 {
            FaultCode::JsonSyntax | FaultCode::EncodingInvalid | FaultCode::JsonLoneSurrogate => prop_assert!(other.is_err()),
            FaultCode::JsonNotObject => prop_assert!(other.is_err() || !other.unwrap().is_object()),
            _ => prop_assert_eq!(fault.3, FaultCode::JsonDuplicateName),
        }
    }
}

/// Columns against the members of the other reader's object; `id`, `name`, `amount`, `ratio`, `ok` in full.
fn compare(row: &RecordBatch, faults: &[Found], other: &serde_json::Value) -> Result<(), TestCaseError> {
    let unreadable = |column: u32| faults.iter().any(|fault| fault.1 == Some(column));
    let member = |name: &str| other.get(name).filter(|value| !value.is_null());
    let id = row.column(0).as_primitive::<Int64Type>().iter().next().flatten();
    match member("id") {
        None => prop_assert!(id.is_none() && !unreadable(0)),
        Some(value) if value.is_i64() => prop_assert_eq!(id, value.as_i64()),
        Some(serde_json::Value::Number(value)) if value.is_f64() => {
            // Integral texts with a point or an exponent: the double is the nearest.
            prop_assert!(id.is_none_or(|id| id as f64 == value.as_f64().unwrap()));
            prop_assert_eq!(id.is_none(), unreadable(0));
        }
        Some(_) => prop_assert!(id.is_none() && unreadable(0)),
    }
    let text = row.column(1).as_string::<i32>().iter().next().flatten();
    prop_assert_eq!(text, member("name").and_then(|value| value.as_str()));
    prop_assert_eq!(unreadable(1), member("name").is_some_and(|value| !value.is_string()));
    let digits = row.column(2).as_primitive::<Decimal128Type>().iter().next().flatten();
    let amount = member("amount").and_then(|value| value.as_f64());
    prop_assert!(
        digits.is_none_or(|digits| (digits as f64 / 100.0 - amount.unwrap()).abs() <= amount.unwrap().abs() * 1e-15)
    );
    prop_assert_eq!(digits.is_none() && member("amount").is_some(), unreadable(2));
    let ratio = row.column(3).as_primitive::<Float64Type>().iter().next().flatten();
    if let Some(value) = member("ratio").and_then(|value| value.as_f64()) {
        // The other reader is off by a unit in the last place at times.
        prop_assert!((ratio.unwrap() - value).abs() <= value.abs() * 3e-16, "{:?} {}", ratio, value);
    }
    prop_assert_eq!(row.column(4).as_boolean().iter().next().flatten(), member("ok").and_then(|value| value.as_bool()));
    let tags = member("tags").and_then(|value| value.as_array());
    prop_assert_eq!(row.column(8).is_valid(0), tags.is_some());
    if let Some(tags) = tags {
        let list = row.column(8).as_list::<i32>().value(0);
        let texts: Vec<_> = list.as_string::<i32>().iter().collect();
        prop_assert_eq!(texts, tags.iter().map(|value| value.as_str()).collect::<Vec<_>>());
    }
    prop_assert_eq!(row.column(9).is_valid(0), member("address").is_some_and(|value| value.is_object()));
    Ok(())
}
