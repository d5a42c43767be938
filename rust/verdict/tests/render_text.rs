//! The narrated text, the table and the traceback.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

#[path = "support/markup.rs"]
mod markup;
mod support;

use guard_verdict::render::{Beside, table, text, traceback};
use guard_verdict::{Coverage, Outcome, Records, Status};
use markup::unsafe_character;
use proptest::prelude::*;
use serde_json::json;
use support::{HOSTILE, beside, clause, empty, flights, hostile, refused, ruled, ruled_beside, varied};

#[test]
fn text_of_a_rejected_frame() {
    let expected = r#"✗ reject · flights · 336,776 records · 279,300 accepted · 57,476 rejected · 41 ms
  contract nyc 1.0.0 · sha256 4f2a…91c0 · semantics 1 · 10 clauses: 5 pass, 3 fail, 1 not executed, 1 informational
✗ tailnum: plane is known [key] fails on 50,094 of 336,776 (14.9 %)
    for example record 6 (tailnum N3ALAA, carrier AA, flight 301, origin LGA); record 9 (tailnum N542MQ, carrier MQ, flight 4650, origin LGA); record 16 (tailnum N730MQ, carrier MQ, flight 4401, origin JFK)
    look at them: flights.drop_nulls("tailnum").join(planes, on="tailnum", how="anti")
    to do: add the missing row to the referenced frame, or correct the key (nyc.odcs.yaml, line 14)
✗ dep_time: departed [record] fails on 8,255 of 336,776 (2.5 %)
    for example record 838 (dep_time null, carrier EV, flight 4308, origin EWR); record 839 (dep_time null, carrier AA, flight 791, origin LGA); record 840 (dep_time null, carrier AA, flight 1925, origin LGA)
    look at them: flights.filter(pl.col("dep_time").is_null())
    to do: fill or remove the record, or drop `required` if the value may be absent (nyc.odcs.yaml, line 9)
✗ dest: destination is known [key] fails on 7,602 of 336,776 (2.3 %)
    for example record 3 (dest BQN, carrier B6, flight 725, origin JFK); record 28 (dest SJU, carrier UA, flight 1077, origin EWR); record 65 (dest SJU, carrier B6, flight 701, origin JFK)
    look at them: flights.drop_nulls("dest").join(airports, left_on="dest", right_on="faa", how="anti")
    to do: add the missing row to the referenced frame, or correct the key (nyc.odcs.yaml, line 21)
? time_hour: fresh [table] not executed: no `as_of` was given
    to do: pass `as_of=`, an instant; guard_nb never reads the clock
✓ 5 clauses pass: month between 1 and 12 · carrier in 16 values · flight ≥ 1 · origin in 3 values · distance ≥ 0
· 1 clause states nothing that could fail: carriers are IATA designators
Next: %guard explain · rejected records in bad · in production: gn.Contract.load("nyc.odcs.yaml").check(flights)
"#;
    assert_eq!(text(&flights(), &beside()), expected);
}

#[test]
fn text_of_an_accepted_empty_frame() {
    let expected = "✓ accept · flights · 0 records · 0 accepted · 0 rejected · 41 ms\n  \
        contract nyc 1.0.0 · sha256 4f2a…91c0 · semantics 1 · 1 clause: 1 pass\n\
        ✓ 1 clause passes: month between 1 and 12\n\
        Next: in production: gn.Contract.load(\"nyc.odcs.yaml\").check(flights)\n";
    assert_eq!(text(&empty(), &beside()), expected);
}

#[test]
fn outside_of_python_nothing_is_said_in_python() {
    let beside = Beside { next: Some("--quarantine FILE\u{1b}".into()), ..beside() };
    let text = text(&flights(), &beside);
    assert!(text.ends_with("\nNext: --quarantine FILE␛\n"), "{text}");
    assert!(!text.contains("look at them") && !text.contains("gn."), "{text}");
    assert!(guard_verdict::render::html(&flights(), &beside).contains("--quarantine FILE"));
}

#[test]
fn text_of_an_undecided_frame_says_how_to_decide() {
    let mut verdict = empty();
    verdict.status = Status::Unknown;
    verdict.records = Records { total: 7, accepted: 0, rejected: 0, unknown: 7 };
    verdict.clauses.push(refused(
        clause("tailnum", "foreignKey", "plane is known"),
        "reference-missing",
        "`planes` was not given",
    ));
    let text = text(&verdict, &Beside::default());
    assert!(text.starts_with("? unknown · flights · 7 records · 0 accepted · 0 rejected · 7 unknown\n"), "{text}");
    assert!(text.contains("\n? tailnum: plane is known [record] not executed: `planes` was not given\n"), "{text}");
    let next =
        "Next: pass it: `references={\"planes\": planes}` · %guard explain · in production: contract.check(frame)\n";
    assert!(text.ends_with(next), "{text}");
}

#[test]
fn text_of_row_rules() {
    // Of 1,000 records: 1 + 4 = 5 are 0.50 %, 3 are 0.30 %, 2 are 0.20 %.
    let expected = r#"✗ reject · orders · 1,000 records · 990 accepted · 2 rejected · 8 unknown · 41 ms
  contract orders 1.0.0 · sha256 4f2a…91c0 · semantics 1 · with limit 1500 · 5 clauses: 1 pass, 2 fail, 2 unknown
✗ qty, amount, total: total is right [record] fails on 2 of 1,000 (0.20 %), could not be decided on 5
    rule: abs(qty * amount - total) <= 0.01
    for example record 1 (qty 2, amount 2.5, total 4.1)
    undecided, arithmetic-overflow (a result needs more than 64 bits or 38 digits): 1 record, for example record 7 (qty 9223372036854775807, amount 2, total 1)
    to decide: cast an operand to DECIMAL or DOUBLE, or bound the columns in the contract
    undecided, result-not-finite (NaN was compared or computed with, or a DOUBLE overflowed): 4 records, for example record 4 (qty 2000, amount 1.5, total NaN)
    to decide: test with `is_finite(x)` in a CASE first
    look at them: gn.Contract.load("orders.odcs.yaml").split(orders, params={"limit": 1500}).rejected.filter(pl.col("guard_clauses").list.contains("orders.quality.total"))
    to do: correct the record, or change the rule (orders.odcs.yaml, line 14)
? qty: few are small [table] unknown: 3, must be < 5; could not be decided on 3 of 1,000 (0.30 %)
    undecided, division-by-zero (a divisor is zero): 3 records, for example record 2 (qty 0, id 20); record 12 (qty 0, id 120)
    to decide: write `a / NULLIF(b, 0)`
    look at them: orders[[2, 12]]
? qty: sql rule [record] unknown: could not be decided on 3 of 1,000 (0.30 %)
    violated when: 100 / qty > :limit
    undecided, division-by-zero (a divisor is zero): 3 records, for example record 2 (qty 0, id 20); record 12 (qty 0, id 120)
    to decide: write `a / NULLIF(b, 0)`
    look at them: gn.Contract.load("orders.odcs.yaml").split(orders, params={"limit": 1500}).rejected.filter(pl.col("guard_clauses").list.contains("orders.quality.ratio"))
    see orders.odcs.yaml, line 15
! qty: row rule [record, warning] fails on 1 of 1,000 (0.10 %), could not be decided on 2
    for example record 30 (qty 0, id 300)
    undecided, division-by-zero (a divisor is zero): 2 records, for example record 20 (qty 0, id 200); record 30 (qty 0, id 300)
    to decide: write `a / NULLIF(b, 0)`
    look at them: orders[[20, 30]]
    to do: correct the record, or change the rule
✓ 1 clause passes: not too many (not decided on 3)
Next: %guard explain · in production: gn.Contract.load("orders.odcs.yaml").check(orders)
"#;
    assert_eq!(text(&ruled(), &ruled_beside()), expected);
}

#[test]
fn table_and_traceback_count_undecided_records() {
    let (verdict, beside) = (ruled(), ruled_beside());
    let table = table(&verdict, &beside);
    let row = |name: &str| -> Vec<String> {
        let line = table.lines().find(|line| line.contains(name)).unwrap();
        line.split('│').map(|cell| cell.trim().to_owned()).collect()
    };
    assert_eq!(row("total is right")[7..], ["2", "0.20 %", "5"]);
    assert_eq!(row("sql rule")[5..], ["executed", "1,000", "unknown", "division-by-zero", "3"]);
    assert_eq!(row("not too many")[7..], ["3", "", "3"]);
    let lines = traceback(&verdict, &beside);
    assert!(lines[2].ends_with("fails on 2 of 1,000 (0.20 %), could not be decided on 5"), "{lines:#?}");
    assert!(lines[4].ends_with("unknown: could not be decided on 3 of 1,000 (0.30 %)"), "{lines:#?}");
    assert_eq!(lines[6], "    for example record 1 (qty 2, amount 2.5, total 4.1)");
    assert_eq!(lines[7], "    undecided, division-by-zero: record 2 (qty 0, id 20)");
}

#[test]
fn help_is_not_said_twice() {
    let mut verdict = empty();
    let reason = "comments are not part of an expression (column 7); take it out; a reader could take the text behind it for part of the rule";
    verdict.clauses.push(refused(clause("qty", "rowRule", "row rule"), "expression-comment", reason));
    let beside = Beside { lines: [("flights.qty.rowRule".to_owned(), 9)].into(), ..beside() };
    let told = text(&verdict, &beside);
    assert_eq!(told.matches("take it out").count(), 1, "{told}");
    assert!(told.contains("\n    see nyc.odcs.yaml, line 9\n"), "{told}");
    verdict.clauses[1].reason = Some("comments are not part of an expression (column 7)".into());
    assert!(text(&verdict, &beside).contains("\n    to do: take it out: "));
}

#[test]
fn parameters_are_said_and_bounded() {
    let mut verdict = ruled();
    verdict.params = (0..6).map(|i| (format!("p{i}"), json!(i))).collect();
    assert!(text(&verdict, &beside()).contains(" · with p0 0, p1 1, p2 2, p3 3, … and 2 more · "));
}

#[test]
fn files_are_not_offered_frames() {
    let text = text(&varied(), &Beside { frame: None, ..beside() });
    assert!(!text.contains("look at them") && !text.contains("%guard"), "{text}");
    assert!(text.contains("for example part-0.parquet record 6 (tailnum N3ALAA"), "{text}");
    assert!(text.ends_with("in production: gn.Contract.load(\"nyc.odcs.yaml\").ingest(path)\n"), "{text}");
}

#[test]
fn table_is_aligned_and_complete() {
    let table = table(&flights(), &beside());
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 3 + flights().clauses.len(), "status, head, rule and a line each");
    let bars = |line: &str| -> Vec<usize> {
        line.chars().enumerate().filter(|(_, c)| "│┼".contains(*c)).map(|(i, _)| i).collect()
    };
    assert!(lines[1..].iter().all(|line| bars(line) == bars(lines[2])), "{table}");
    let cells: Vec<_> = lines[3].split('│').map(str::trim).collect();
    assert_eq!(
        cells,
        ["✗", "plane is known", "tailnum", "key", "error", "executed", "336,776", "50,094", "14.9 %", ""]
    );
    let cells: Vec<_> = lines[6].split('│').map(str::trim).collect();
    assert_eq!(
        cells,
        ["?", "fresh", "time_hour", "table", "error", "refused", "", "not executed", "as-of-missing", ""]
    );
}

#[test]
fn wide_characters_keep_the_table_aligned() {
    let mut verdict = empty();
    verdict.clauses[0].name = "到着 delay".into();
    verdict.clauses.push(clause("carrier", "enum", "carrier in 16 values"));
    let table = table(&verdict, &beside());
    let line = table.lines().find(|l| l.contains("到着")).unwrap();
    // `carrier in 16 values` is 20 wide, `到着 delay` 10.
    assert!(line.starts_with(&format!("✓ │ 到着 delay{} │ month", " ".repeat(10))), "{table}");
}

#[test]
fn traceback_is_short_and_whole() {
    let expected = r#"✗ reject: flights under contract nyc 1.0.0
  336,776 records · 279,300 accepted · 57,476 rejected · 41 ms · 10 clauses: 5 pass, 3 fail, 1 not executed, 1 informational
  ✗ tailnum: plane is known [key] fails on 50,094 of 336,776 (14.9 %)
  ✗ dep_time: departed [record] fails on 8,255 of 336,776 (2.5 %)
  ✗ dest: destination is known [key] fails on 7,602 of 336,776 (2.3 %)
  ? time_hour: fresh [table] not executed: no `as_of` was given
    for example record 6 (tailnum N3ALAA, carrier AA, flight 301, origin LGA)
    for example record 838 (dep_time null, carrier EV, flight 4308, origin EWR)
    for example record 3 (dest BQN, carrier B6, flight 725, origin JFK)
Next: %guard explain · rejected records in bad · in production: gn.Contract.load("nyc.odcs.yaml").check(flights)"#;
    assert_eq!(traceback(&flights(), &beside()).join("\n"), expected);
}

#[test]
fn traceback_never_exceeds_twelve_lines() {
    let mut verdict = varied();
    let many: Vec<_> = (0..50).flat_map(|_| verdict.clauses.clone()).collect();
    verdict.clauses = many;
    let lines = traceback(&verdict, &beside());
    assert_eq!(lines.len(), 12, "{lines:#?}");
    assert!(lines[2].contains("records missing"));
    assert_eq!(lines[7], "  … and 446 more that fail or are unknown");
    assert!(lines[11].starts_with("Next: "));
}

#[test]
fn nothing_undecided_is_counted_as_a_pass() {
    let mut verdict = empty();
    for (outcome, coverage) in [
        (None, Coverage::Executed),
        (Some(Outcome::Pass), Coverage::Refused),
        (Some(Outcome::Unknown), Coverage::Delegated),
    ] {
        (verdict.clauses[0].outcome, verdict.clauses[0].coverage) = (outcome, coverage);
        let told = text(&verdict, &beside());
        assert!(!told.contains('✓') || told.matches('✓').count() == 1 && told.starts_with('✓'), "{told}");
        assert!(told.contains("\n? month: month between 1 and 12"), "{told}");
    }
}

/// How many lines there are, without those that depend on whether a name is an identifier.
fn lines_told(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with("    look at them: ")).count()
}

fn check_hostile(given: &str) {
    let (verdict, beside) = hostile(given);
    let lines = traceback(&verdict, &beside);
    assert!(lines.len() <= 12);
    assert!(lines.iter().all(|line| line.chars().count() <= 161), "{lines:#?}");
    let told = text(&verdict, &beside);
    let calm = hostile("calm");
    assert_eq!(lines_told(&told), lines_told(&text(&calm.0, &calm.1)), "{told}");
    let rows = table(&verdict, &beside);
    assert_eq!(rows.lines().count(), 5 + verdict.clauses.len(), "{rows}");
    for c in lines.concat().chars().chain(told.replace('\n', "").chars()).chain(rows.replace('\n', "").chars()) {
        assert!(!unsafe_character(c), "{c:?} from {given:?}");
    }
}

#[test]
fn known_attacks_stay_on_their_line() {
    HOSTILE.iter().filter(|text| !text.trim().is_empty()).for_each(|text| check_hostile(text));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_string_stays_on_its_line(given in "\\PC{1,60}|(?s).{1,60}|[a-z \\n\\r\\x00-\\x1f\\x7f-\u{a0}\u{202a}-\u{202e}\u{2066}-\u{2069}]{1,60}") {
        prop_assume!(!given.trim().is_empty() && !guard_verdict::codes::all().any(|c| c.name() == given));
        check_hostile(&given);
    }
}

#[test]
fn long_strings_are_cut_and_said() {
    let (verdict, beside) = hostile(&"x".repeat(10_000));
    let told = text(&verdict, &beside);
    assert!(told.len() < 20_000, "{} bytes", told.len());
    assert!(told.contains("… (10,000 characters)"));
    assert!(table(&verdict, &beside).lines().all(|line| line.chars().count() < 400));
}
