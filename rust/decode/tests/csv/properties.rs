//! Whatever the bytes are.

use arrow_schema::DataType;
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
    fn chunks_may_end_anywhere(source in bytes(60), columns in 1..4_usize, size in 1..80_usize, tight in any::<bool>()) {
        let longest = source.split(|byte| b"\r\n".contains(byte)).map(<[u8]>::len).max().unwrap_or(0);
        let limit = if tight { longest + 1 } else { Limits::default().record_bytes };
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
