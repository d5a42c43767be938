//! Whatever the bytes are.

use arrow_schema::{DataType, TimeUnit};
use guard_decode::Limits;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::reference::{Record, records};
use crate::support::{decode, joined, layout, show, texts};

/// Mostly what structures CSV.
fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(vec![&b","[..], b"\"", b"\n", b"\r", b"\r\n", b"\"\"", b"a", b",\"", b"\",", b"\"\n"]),
        1 => select(vec![&b"\0"[..], b"\xFF", b"\xC3", "é".as_bytes(), b"1.5", b"some longer text of a field"]),
    ];
    vec(piece, 0..most).prop_map(|pieces| pieces.concat())
}

fn found(source: &[u8], columns: usize, limit: usize) -> Vec<Record> {
    let names = ["a", "b", "c"];
    let fields: Vec<_> = names[..columns].iter().map(|name| (*name, DataType::Utf8)).collect();
    let decoded = decode(source, &layout(&fields, limit));
    let places = decoded.places.iter().zip(show(&decoded));
    places.map(|(place, shown)| Record { start: place.start as usize, end: place.end as usize, shown }).collect()
}

/// Columns of every type there is.
fn typed() -> Vec<(&'static str, DataType)> {
    let zoned = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let local = DataType::Timestamp(TimeUnit::Microsecond, None);
    let types = [
        DataType::Boolean,
        DataType::Int8,
        DataType::Int64,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
        DataType::Decimal128(38, 10),
        DataType::Date32,
        DataType::Time64(TimeUnit::Microsecond),
        zoned,
        local,
        DataType::Utf8,
    ];
    ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"].into_iter().zip(types).collect()
}

/// A field that may stand in a record, quoted or not, and does not close a quote that was left open before it.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec!["", "1", "abc", "é", "\"x,y\"", "\"\"", "\"say \"\"so\"\"\"", "\"a\"\"\""]).prop_map(str::to_owned)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_are_those_of_the_reference(source in bytes(60), columns in 1..4_usize, limit in prop_oneof![0..40_usize, Just(1 << 20)]) {
        prop_assert_eq!(found(&source, columns, limit), records(&source, columns, limit));
    }

    #[test]
    fn any_bytes_have_records(source in vec(any::<u8>(), 0..300), columns in 1..4_usize) {
        prop_assert_eq!(found(&source, columns, 1 << 20), records(&source, columns, 1 << 20));
    }

    #[test]
    fn chunks_may_end_anywhere(source in bytes(60), columns in 1..4_usize, size in 1..80_usize, limit in prop_oneof![0..40_usize, Just(1 << 20)]) {
        let names = ["a", "b", "c"];
        let types = [DataType::Utf8, DataType::Float64, DataType::Int64];
        let fields: Vec<_> = names.into_iter().zip(types).take(columns).collect();
        let layout = layout(&fields, limit);
        prop_assert_eq!(joined(&source, &layout, size), joined(&source, &layout, source.len() + 1));
    }

    #[test]
    fn damage_of_one_record_leaves_the_others_alone(
        lines in vec((vec(field(), 3), select(vec!["\n", "\r\n", "\r"])), 1..8),
        victim in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        removed in 0..4_usize,
        inserted in vec(select(vec![b',', b'"', 0, 0xFF, 0xC3, b'x', b' ']), 0..4),
    ) {
        let line = |(fields, ending): &(Vec<String>, &str)| (fields.join(",").into_bytes(), ending.as_bytes().to_vec());
        let mut lines: Vec<(Vec<u8>, Vec<u8>)> = lines.iter().map(line).collect();
        let source = |lines: &[(Vec<u8>, Vec<u8>)]| lines.iter().flat_map(|(a, b)| [a.clone(), b.clone()]).flatten().collect::<Vec<u8>>();
        let clean = decode(&source(&lines), &texts(3));
        prop_assert_eq!(&clean.faults, &vec![]);
        let victim = victim.index(lines.len());
        let bytes = &mut lines[victim].0;
        let at = at.index(bytes.len() + 1);
        let end = bytes.len().min(at + removed);
        bytes.splice(at..end, inserted);
        prop_assume!(!bytes.is_empty());
        let (mut expected, mut found) = (show(&clean), show(&decode(&source(&lines), &texts(3))));
        prop_assert_eq!(expected.len(), found.len());
        expected.remove(victim);
        found.remove(victim);
        prop_assert_eq!(found, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn long_sources_are_those_of_the_reference(pieces in vec((bytes(40), 1..60_usize), 1..12), columns in 1..4_usize, limit in select(vec![50, 5000, 1 << 20])) {
        let source: Vec<u8> = pieces.into_iter().flat_map(|(piece, times)| piece.repeat(times)).collect();
        prop_assert_eq!(found(&source, columns, limit), records(&source, columns, limit));
    }

    #[test]
    fn a_value_is_read_alike_in_every_place(texts in vec("[-+0-9.eE:TZ ]{0,12}|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,7})?)?(Z|[+-][0-9]{2}(:[0-9]{2})?)?)?|[0-9]{1,20}[.][0-9]{0,20}", 1..6)) {
        let layout = layout(&typed(), Limits::default().record_bytes);
        for text in &texts {
            let plain = show(&decode([text.as_str(); 12].join(",").as_bytes(), &layout));
            let quoted = show(&decode(vec![format!("\"{text}\""); 12].join(",").as_bytes(), &layout));
            if !text.is_empty() {
                prop_assert_eq!(&plain, &quoted);
            }
            // What reads with a blank beside it would have been trimmed.
            let values: Vec<String> = plain[0].split('|').map(str::to_owned).collect();
            if text.starts_with(' ') || text.ends_with(' ') {
                prop_assert!(values[..11].iter().all(|value| value == "?"), "{:?}", values);
            }
            let mixed = format!("{},{}\n", "x,".repeat(10), text) + &[text.as_str(); 12].join(",");
            prop_assert_eq!(&show(&decode(mixed.as_bytes(), &layout))[1], &plain[0]);
        }
    }

    #[test]
    fn any_bytes_are_values_or_faults(fields in vec(vec(any::<u8>(), 0..20), 12 * 20)) {
        let clean = |field: &Vec<u8>| field.iter().copied().filter(|byte| !b",\"\r\n".contains(byte)).collect::<Vec<u8>>();
        let lines: Vec<Vec<u8>> = fields.chunks(12).map(|fields| fields.iter().map(clean).collect::<Vec<_>>().join(&b',')).collect();
        let decoded = decode(&lines.join(&b'\n'), &layout(&typed(), Limits::default().record_bytes));
        prop_assert_eq!(decoded.places.len(), 20);
    }
}
