//! Records in their usual form, which are read in blocks, against the same records with tabs between all tokens, which are read byte by byte.

use super::*;
use proptest::prelude::*;

const NAMES: [&str; 10] =
    ["id", "name", "amount", "ratio", "ok", "day", "at", "any", "tags", "no_such_member_is_declared"];

/// Scalars that are whole, odd, or none.
const ODD: &[&str] = &[
    "null",
    "nul",
    "nullx",
    "true",
    "false",
    "tru",
    "truex",
    "falsey",
    "0",
    "-0",
    "00",
    "01",
    "-",
    "-01",
    ".5",
    "1.",
    "1.e1",
    "1e5",
    "1E-2",
    "--1",
    "1.5",
    "-1.50",
    "12345678",
    "123456789012345",
    "1234567890123456",
    "12345678.12345678",
    "1234567.12345678",
    "0.1",
    "99999999.99",
    "9223372036854775807",
    "0.000001",
    "\"\"",
    "\"a",
    "\"a\\\"b\"",
    "\"\\u00e9\"",
    "\"caf\u{e9}\"",
    "\"\u{1}\"",
    "\"2026-01-31\"",
    "\"2026-02-29\"",
    "\"2024-02-29\"",
    "\"2026-01-31T12:00:00Z\"",
    "\"2026-12-31T23:59:59Z\"",
    "\"2026-01-31 12:00:60Z\"",
    "\"2026-01-31T12:00:00\"",
    "\"2026-01-31T12:00:00.5Z\"",
    "\"2026-01-31T12:00Z\"",
    "\"2026-01-31T12:00:00+01:00\"",
    "\"0000-01-31T12:00:00Z\"",
    "\"2026-13-31T12:00:00Z\"",
    "\"2026-01-31T1a:00:00Z\"",
    "\"2026/01-31T12:00:00Z\"",
    "{}",
    "{\"zip\":1}",
    "[]",
    "",
];

/// A scalar: whole, odd, of any type, or none at all.
fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::sample::select(ODD.to_vec()).prop_map(str::to_owned),
        2 => "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,17})?",
        2 => "\"[ -!#-\\[\\]-~]{0,70}\"",
        1 => "\"[äß€𝄞a]{0,20}\"",
    ]
}

/// A value as tokens: a scalar, or a list of them.
fn value() -> impl Strategy<Value = Vec<String>> {
    let list = prop::collection::vec(scalar(), 0..4).prop_map(|elements| {
        let mut tokens = vec!["[".to_owned()];
        for (place, element) in elements.into_iter().enumerate() {
            tokens.extend((place > 0).then(|| ",".to_owned()));
            tokens.push(element);
        }
        tokens.push("]".to_owned());
        tokens
    });
    prop_oneof![4 => scalar().prop_map(|scalar| vec![scalar]), 1 => list]
}

/// A value that its column takes.
fn fitting(name: &str) -> BoxedStrategy<Vec<String>> {
    let one = |text: &'static str| text.prop_map(|text| vec![text]).boxed();
    match name {
        "id" => one("-?[1-9][0-9]{0,9}"),
        "amount" => one("-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,2})?"),
        "ratio" => one("-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?"),
        "ok" => one("true|false"),
        "day" => one("\"20[0-9][0-9]-0[1-9]-[12][0-8]\""),
        "at" => one("\"20[0-9][0-9]-0[1-9]-[12][0-8]T1[0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z\""),
        "tags" => prop::collection::vec("\"[a-zé]{0,9}\"", 0..3)
            .prop_map(|tags| {
                let commas = tags.iter().flat_map(|tag| [",", tag.as_str()]).skip(1);
                ["["].into_iter().chain(commas).chain(["]"]).map(str::to_owned).collect()
            })
            .boxed(),
        _ => one("\"[a-z ]{0,40}\""),
    }
}

/// Records of some members in one order, as tokens.
fn records() -> impl Strategy<Value = Vec<Vec<String>>> {
    let members = prop::sample::subsequence(NAMES.to_vec(), 1..=NAMES.len()).prop_shuffle();
    members.prop_flat_map(|names| {
        let member = |name: &'static str| {
            // A column of any value keeps lists as they were written, tabs and all.
            let odd = if name == "any" { scalar().prop_map(|scalar| vec![scalar]).boxed() } else { value().boxed() };
            let value = prop_oneof![12 => fitting(name), 1 => odd];
            value.prop_map(move |value| {
                [format!("\"{name}\""), ":".to_owned()].into_iter().chain(value).collect::<Vec<_>>()
            })
        };
        let members = names.into_iter().map(member).collect::<Vec<_>>();
        let record = members.prop_map(|members| {
            let mut tokens = vec!["{".to_owned()];
            for (place, member) in members.into_iter().enumerate() {
                tokens.extend((place > 0).then(|| ",".to_owned()));
                tokens.extend(member);
            }
            tokens.push("}".to_owned());
            tokens
        });
        prop::collection::vec(record, 1..7)
    })
}

fn written(records: &[Vec<String>], spaces: &[&str], line_break: &str) -> String {
    let mut text = String::new();
    for record in records {
        for token in record {
            text.push_str(token);
            text.push_str(if spaces.contains(&token.as_str()) { " " } else { "" });
        }
        text.push_str(line_break);
    }
    // A blank line, so that there are bytes ahead of the last record's end.
    text + &" ".repeat(80) + "\n"
}

fn without_places(source: &Source) -> Vec<(u32, Option<u32>, String, FaultCode)> {
    source.faults.iter().cloned().map(|(record, column, path, code, _)| (record, column, path, code)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_are_read_as_bytes_are(
        records in records(),
        spaces in prop::sample::select(vec![vec![], vec![",", ":"], vec![","], vec![":"]]),
        line_break in prop::sample::select(vec!["\n", "\r\n"]),
        policy in prop::sample::select(vec![Undeclared::Keep, Undeclared::Drop, Undeclared::Refuse]),
    ) {
        let layout = wide(policy);
        let source = lines(&layout, written(&records, &spaces, line_break));
        let tabbed: String = records.iter().map(|record| record.join("\t") + "\n").collect();
        let expected = lines(&layout, tabbed);
        prop_assert_eq!(without_places(&source), without_places(&expected));
        let keep = usize::from(policy == Undeclared::Keep);
        for (row, expected) in source.rows.iter().zip(&expected.rows) {
            // Undeclared members are kept as they were written.
            let columns: Vec<usize> = (0..row.num_columns() - keep).collect();
            prop_assert_eq!(row.project(&columns).unwrap(), expected.project(&columns).unwrap());
        }
        prop_assert_eq!(source.rows.len(), expected.rows.len());
        prop_assert_eq!(source.undeclared, expected.undeclared);
        let mut start = 0;
        for (line, (place, record)) in source.places.iter().zip(&records).enumerate() {
            let length = written(std::slice::from_ref(record), &spaces, "").len() - 81;
            prop_assert_eq!(*place, (start, start + length, line as u32));
            start += length + line_break.len();
        }
    }
}

/// What is put into a line.
const HARMS: &[&[u8]] = &[
    b"",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\t",
    b"\r",
    b"\0",
    b"\xFF",
    b"\xC3",
    "é".as_bytes(),
    b"null",
    b"1e5",
    b"-",
    b"\\ud800",
    b"\"id\":1,",
    b",\"x\":{\"a\":1,\"a\":2}",
    b"\"tags\":[1,\"a\",null,[2]],",
    b"\"tags\":[\"a\",",
];

/// Where, which way, how far, and with what a line is harmed.
type Harm = (prop::sample::Index, u8, usize, &'static [u8]);

fn harms() -> impl Strategy<Value = Vec<Harm>> {
    let harm = (any::<prop::sample::Index>(), 0..4_u8, 0..6_usize, prop::sample::select(HARMS.to_vec()));
    prop::collection::vec(harm, 0..3)
}

fn harm(line: &mut Vec<u8>, (at, way, length, what): &Harm) {
    let at = at.index(line.len() + 1);
    let end = (at + length).min(line.len());
    match way {
        0 | 1 => drop(line.splice(at..end, what.iter().copied())),
        2 => line.truncate(at),
        _ => {
            let again = line[at..end].to_vec();
            line.splice(at..at, again);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A line for itself has no line before it that it could be like, and is read by one reader from its start.
    #[test]
    fn harmed_lines_are_read_as_if_from_their_start(
        records in records(),
        harms in prop::collection::vec(harms(), 7),
        spaces in prop::sample::select(vec![vec![], vec![",", ":"], vec![","], vec![":"]]),
        policy in prop::sample::select(vec![Undeclared::Keep, Undeclared::Drop, Undeclared::Refuse]),
        steps in prop_oneof![Just(vec![usize::MAX >> 1]), prop::collection::vec(1..400_usize, 1..5)],
    ) {
        let layout = wide(policy);
        let after = " ".repeat(80) + "\n";
        let mut all: Vec<Vec<u8>> = Vec::new();
        for (record, harms) in records.iter().zip(&harms) {
            let line = written(std::slice::from_ref(record), &spaces, "").trim_end().as_bytes().to_vec();
            let mut harmed = line.clone();
            harms.iter().for_each(|how| harm(&mut harmed, how));
            all.extend([line, harmed]);
        }
        let mut text = all.join(&b'\n');
        text.push(b'\n');
        text.extend_from_slice(after.as_bytes());
        let source = decode_in(&mut super::super::Json::new(Arc::new(layout.clone())), &text, &steps);
        let (mut rows, mut faults, mut undeclared, mut start) = (Vec::new(), Vec::new(), BTreeSet::new(), 0);
        for line in &all {
            let alone = lines(&layout, [line.as_slice(), b"\n", after.as_bytes()].concat());
            let of = rows.len() as u32;
            faults.extend(alone.faults.into_iter().map(|(record, column, path, code, bytes)| {
                (of + record, column, path, code, (bytes.0 + start, bytes.1 + start))
            }));
            rows.extend(alone.rows);
            undeclared.extend(alone.undeclared);
            start += line.len() as u32 + 1;
        }
        prop_assert_eq!(source.faults, faults);
        prop_assert_eq!(source.rows, rows);
        prop_assert_eq!(source.undeclared, undeclared);
    }
}

#[test]
fn a_line_over_the_limit_is_none_however_usual() {
    let all = Layout {
        limits: Limits { record_bytes: 20, depth: 9 },
        ..layout(vec![field("a", DataType::Utf8)], Undeclared::Drop)
    };
    let text = format!("{{\"a\":\"b\"}}\n{{\"a\":\"c\"}}\n{{\"a\":\"{}\"}}\n{{\"a\":\"d\"}}\n", "x".repeat(20))
        + &"\n".repeat(80);
    let source = lines(&all, text);
    assert_eq!(source.codes(), [(2, FaultCode::RecordTooLarge)]);
    assert_eq!(source.places.iter().map(|place| place.1 - place.0).collect::<Vec<_>>(), [9, 9, 28, 9]);
}

#[test]
fn a_name_twice_is_found_in_records_that_are_like_the_ones_before() {
    let two = layout(vec![field("a", DataType::Int64), field("b", DataType::Int64)], Undeclared::Drop);
    let usual = "{\"a\":1,\"b\":2}\n".repeat(5);
    let text = usual.clone() + "{\"a\":1,\"b\":2,\"a\":1}\n{\"a\":1,\"a\":2}\n{\"b\":1}\n" + &usual + &"\n".repeat(80);
    let source = lines(&two, text);
    assert_eq!(source.codes(), [(5, FaultCode::JsonDuplicateName), (6, FaultCode::JsonDuplicateName)]);
    assert_eq!(source.rows.len(), 13);
}
