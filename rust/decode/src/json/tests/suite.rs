//! The cases of JSONTestSuite (Nicolas Seriot), transcribed: each is read as the value of a member, and as a document.
//!
//! A record is an object, so that each case stands as `{"v": case}`, in an array (where line breaks are white space) and, without line breaks, as a line. Cases whose
//! document is an object are read as they are too. I-JSON makes two accepted cases faults: names twice.

mod accepted;
mod refused;
mod undecided;

use super::*;
use FaultCode::{JsonDuplicateName, JsonNotObject};

fn wrapped(case: &[u8], before: &str, after: &str) -> Vec<u8> {
    [before.as_bytes(), case, after.as_bytes()].concat()
}

/// Readings of a case: skipped, as raw text, and typed as what it is not.
fn layouts() -> [Layout; 3] {
    [
        layout(vec![], Undeclared::Drop),
        layout(vec![untyped("v")], Undeclared::Drop),
        layout(vec![field("v", list(DataType::Utf8))], Undeclared::Drop),
    ]
}

/// The faults of a case's form, of each reading as a member.
fn faults(case: &[u8]) -> Vec<Vec<FaultCode>> {
    let of_form = |source: Source| -> Vec<FaultCode> {
        source.faults.iter().map(|fault| fault.3).filter(|code| code.is_malformed()).collect()
    };
    let mut all = Vec::new();
    for layout in layouts() {
        all.push(of_form(array(&layout, wrapped(case, "[{\"v\":", "}]"))));
        if !case.contains(&b'\n') {
            all.push(of_form(lines(&layout, wrapped(case, "{\"v\":", "}\n"))));
        }
    }
    all
}

#[test]
fn the_suite_is_whole() {
    let accepted = accepted::CASES.iter().filter(|(name, _)| !name.starts_with("own_")).count();
    assert_eq!((accepted, refused::cases().len(), undecided::cases().len()), (95, 188, 35));
}

#[test]
fn accepted_cases_are_read() {
    for (name, case) in accepted::CASES {
        let expected = if name.contains("duplicated") { vec![JsonDuplicateName] } else { vec![] };
        for faults in faults(case) {
            assert_eq!(faults, expected, "{name}");
        }
    }
}

#[test]
fn accepted_documents_are_records_if_they_are_objects() {
    let mut objects = 0;
    for (name, case) in accepted::CASES {
        let source = lines(
            &layout(vec![], Undeclared::Drop),
            case.iter().copied().filter(|byte| *byte != b'\n').collect::<Vec<_>>(),
        );
        let expected = match case.trim_ascii().first() {
            Some(b'{') if name.contains("duplicated") => vec![(0, JsonDuplicateName)],
            Some(b'{') => vec![],
            _ => vec![(0, JsonNotObject)],
        };
        objects += usize::from(expected.is_empty());
        assert_eq!(source.codes(), expected, "{name}");
    }
    assert!(objects > 10);
}

#[test]
fn refused_cases_are_damaged() {
    for (name, case) in refused::cases() {
        for faults in faults(&case) {
            assert!(!faults.is_empty(), "{name}");
        }
    }
}

#[test]
fn refused_documents_are_damaged() {
    for (name, case) in refused::cases() {
        if case.trim_ascii().is_empty() {
            continue;
        }
        for layout in layouts() {
            for text in [case.clone(), wrapped(&case, "", "\n{}")] {
                let source = lines(&layout, &text);
                assert!(source.faults.iter().any(|fault| fault.3.is_malformed()), "{name}");
                let source = array(&layout, wrapped(&text, "[", "]"));
                assert!(source.faults.iter().any(|fault| fault.3.is_malformed()), "{name} in an array");
            }
        }
    }
}

#[test]
fn undecided_cases_have_these_answers() {
    for (name, case, expected) in undecided::cases() {
        for faults in faults(&case) {
            // A line is looked at as a whole first, an element until reading stops.
            let stopped = name.contains("utf16") && faults.first() == Some(&FaultCode::JsonSyntax);
            assert!(stopped || faults.first().copied() == expected, "{name}: {faults:?}");
        }
    }
}
