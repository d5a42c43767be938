//! The HTML report: what it says, how large it is, and that no string gets out of its place.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

#[path = "support/markup.rs"]
mod markup;
mod support;

use guard_verdict::render::{Beside, html, html_page};
use guard_verdict::{Severity, Status};
use markup::{Page, read};
use proptest::prelude::*;
use support::{HOSTILE, beside, clause, empty, failing, flights, hostile, ruled, ruled_beside, varied};

fn page(verdict: &guard_verdict::Verdict, beside: &Beside) -> Page {
    read(&html(verdict, beside)).unwrap()
}

fn position(page: &Page, text: &str) -> usize {
    page.text.find(text).unwrap_or_else(|| panic!("no {text:?} in {}", page.text))
}

/// Attributes that a report may have, each with the values that it may take; none of them comes from data.
fn allowed(key: &str, value: &str) -> bool {
    match key {
        "class" => ["gnb", "no", "ok", "un", "n", "w", "d", "bar no", "bar ok", "bar un"].contains(&value),
        "colspan" => value.parse::<u8>().is_ok(),
        "open" => value.is_empty(),
        "style" if value == "text-align:left" => true,
        "style" => value
            .strip_prefix("width:")
            .and_then(|v| v.strip_suffix('%'))
            .is_some_and(|v| (0.0..=100.0).contains(&v.parse().unwrap_or(-1.0))),
        _ => false,
    }
}

#[test]
fn says_the_verdict_first() {
    let page = page(&flights(), &beside());
    let text = page.text.trim_start();
    assert!(
        text.starts_with("✗ reject flights 336,776 records · 279,300 accepted · 57,476 rejected · 41 ms | "),
        "{text}"
    );
    assert!(text.contains("contract nyc 1.0.0 · sha256 4f2a…91c0 · semantics 1 · 10 clauses: 5 pass, 3 fail, 1 not executed, 1 informational"));
}

#[test]
fn orders_by_what_to_look_at_first() {
    let page = page(&varied(), &beside());
    let order = [
        "plane is known",
        "departed",
        "destination is known",
        "one record a flight",
        "fresh",
        "delay mostly known",
        "short remarks",
        "5 clauses pass",
    ];
    let positions: Vec<_> = order.iter().map(|name| position(&page, name)).collect();
    assert!(positions.is_sorted(), "{positions:?}");
}

#[test]
fn a_failing_clause_shows_examples_and_the_fix() {
    let page = page(&flights(), &beside());
    for text in [
        "✗ | plane is known foreignKey · key | tailnum | 50,094 | 14.9 % |",
        "first 5 of 50,094",
        "6 | AA | 301 | LGA | N3ALAA |",
        "838 | EV | 4308 | EWR | null |",
        "flights.drop_nulls(\"tailnum\").join(planes, on=\"tailnum\", how=\"anti\")",
        "relationships: [{to: planes.tailnum}]  # nyc.odcs.yaml, line 14",
        "flights.filter(pl.col(\"dep_time\").is_null())",
        "required: true  # nyc.odcs.yaml, line 9",
        "flights.drop_nulls(\"dest\").join(airports, left_on=\"dest\", right_on=\"faa\", how=\"anti\")",
    ] {
        position(&page, text);
    }
    assert_eq!(page.attributes.iter().filter(|(key, _)| key == "open").count(), 1, "only the first is open");
    // 8,255 / 50,094 = 16.479 %, 7,602 / 50,094 = 15.175 %
    let bars: Vec<_> = page
        .attributes
        .iter()
        .filter(|(k, v)| k == "style" && v.starts_with("width"))
        .map(|(_, v)| v.as_str())
        .collect();
    assert_eq!(bars, ["width:100.0%", "width:16.5%", "width:15.2%"]);
}

#[test]
fn unknown_is_as_loud_as_failure() {
    let page = page(&flights(), &beside());
    position(
        &page,
        "? | fresh freshness · tableno `as_of` was givento do: pass `as_of=`, an instant; guard_nb never reads the clock | time_hour | not executed |",
    );
}

#[test]
fn undecided_records_are_as_loud_as_failing_ones() {
    let page = page(&ruled(), &ruled_beside());
    for text in [
        "✗ | total is right rowRule · recordrule: abs(qty * amount - total) <= 0.01? could not be decided on 5 of 1,000 (0.50 %) | qty, amount, total | 2 | 0.20 % |",
        "first 1 of 2 · first 2 of 5 undecided |",
        "record | qty | amount | total | 1 | 2 | 2.5 | 4.1 |",
        "? undecided, result-not-finite (NaN was compared or computed with, or a DOUBLE overflowed): 4 records | record | qty | amount | total | 4 | 2000 | 1.5 | NaN | to decide: test with `is_finite(x)` in a CASE first |",
        "implementation: …  # orders.odcs.yaml, line 14",
        "? | sql rule sql · recordviolated when: 100 / qty > :limitcould not be decided on 3 of 1,000 (0.30 %) | qty | unknown |",
        "query: …  # orders.odcs.yaml, line 15",
        "3, must be < 5; could not be decided on 3 of 1,000 (0.30 %)",
        "table: not too many (not decided on 3) |",
    ] {
        position(&page, text);
    }
    assert!(!page.text.contains("not executed"), "it was executed");
    assert_eq!(page.text.matches("to decide: write `a / NULLIF(b, 0)`").count(), 3, "once for each clause");
    for (key, value) in &page.attributes {
        assert!(allowed(key, value), "{key}={value}");
    }
    let report = html(&ruled(), &ruled_beside());
    assert!(report.len() <= 8_000, "{} bytes", report.len());
}

#[test]
fn reasons_of_one_clause_are_bounded() {
    let mut verdict = ruled();
    let one = verdict.clauses[1].undecided[0].clone();
    verdict.clauses[1].undecided = vec![one; 5_000];
    let report = html(&verdict, &ruled_beside());
    assert!(report.len() < 20_000, "{} bytes", report.len());
    assert!(read(&report).unwrap().text.contains("undecided for 4,992 more reasons"));
}

#[test]
fn holes_in_the_records_are_said() {
    let page = page(&varied(), &beside());
    position(&page, "? records missing: records 1,000 to 1,999 of part-0.parquet were not seen");
    position(&page, "? records missing: record 0 of part-1.parquet was not seen");
}

#[test]
fn passes_are_folded_and_scopes_named() {
    let page = page(&flights(), &beside());
    position(
        &page,
        "✓ | 5 clauses pass | record: month between 1 and 12 · carrier in 16 values · flight ≥ 1 · origin in 3 values · distance ≥ 0 |",
    );
    position(&page, "1 clause states nothing that could fail | table: carriers are IATA designators |");
    position(&page, "not declared by the contract: air_time");
}

#[test]
fn ends_with_the_next_step() {
    let page = page(&flights(), &beside());
    let end = "Next: %guard explain · rejected records in bad · in production: gn.Contract.load(\"nyc.odcs.yaml\").check(flights) | ";
    assert!(page.text.trim_end().ends_with(end.trim_end()), "{}", page.text);
    let accepted = read(&html(&empty(), &beside())).unwrap().text;
    assert!(accepted.contains("✓ accept flights 0 records") && !accepted.contains("explain"), "{accepted}");
}

#[test]
fn tolerances_keys_and_long_values() {
    let page = page(&varied(), &beside());
    for text in [
        "delay mostly known nullValues · table · warning | arr_delay | 9,430 | 2.8 %, must be < 2.5 % |",
        "336,776 | must be > 400000 |",
        "3 d 4 h | must be ≤ 1 d |",
        "part-0.parquet | 4 | IAH | UA | 1545 |",
        "masked (pii)",
        "remarks[2] delayed by weather",
        "… (5,000 characters)",
        "remarks[0] \"\"",
    ] {
        position(&page, text);
    }
}

#[test]
fn reads_well_with_nothing_beside_it() {
    let page = page(&flights(), &Beside::default());
    position(&page, "✗ reject flights 336,776 records");
    position(&page, "frame.filter(pl.col(\"dep_time\").is_null())");
    position(&page, "frame[[6, 9, 16, 21, 28]]");
}

#[test]
fn stays_small() {
    let report = html(&flights(), &beside());
    assert!(report.len() <= 8_000, "{} bytes", report.len());
    let mut large = flights();
    let template = large.clauses[1].clone();
    large
        .clauses
        .extend((0..3_000).map(|i| guard_verdict::Clause { id: format!("flights.c{i}.required"), ..template.clone() }));
    large.clauses.extend((0..3_000).map(|i| clause(&format!("p{i}"), "required", &format!("p{i}"))));
    let report = html(&large, &beside());
    assert!(report.len() < 100_000, "{} bytes", report.len());
    let text = read(&report).unwrap().text;
    assert!(text.contains("2,904 more clauses fail or are unknown"), "what is left off is counted");
    assert!(text.contains("… and 2,805 more"), "so are passes");
}

#[test]
fn is_inert() {
    let report = html_page(&flights(), &beside());
    for word in ["<script", "javascript:", "http:", "https:", "@import", "url(", "@font-face", " id=", " href", " src"]
    {
        assert!(!report.contains(word), "{word}");
    }
    for verdict in [flights(), varied(), empty()] {
        for (key, value) in page(&verdict, &beside()).attributes {
            assert!(allowed(&key, &value), "{key}={value}");
        }
    }
}

#[test]
fn style_is_scoped_and_one() {
    let page = page(&flights(), &beside());
    assert_eq!(page.elements.iter().filter(|e| *e == "style").count(), 1);
    let flat = page.style.replace("@media print{", "").replace("}}", "}");
    for rule in flat.split('}').filter(|r| !r.trim().is_empty()) {
        let selectors = rule.split('{').next().unwrap();
        assert!(selectors.split(',').all(|s| s.trim().starts_with(".gnb")), "{selectors}");
    }
}

#[test]
fn is_the_same_every_time() {
    assert_eq!(html(&varied(), &beside()), html(&varied(), &beside()));
}

#[test]
fn status_words_never_mix() {
    for (status, word) in [(Status::Accept, "✓ accept"), (Status::Reject, "✗ reject"), (Status::Unknown, "? unknown")]
    {
        let mut verdict = flights();
        verdict.status = status;
        let text = page(&verdict, &beside()).text;
        assert!(text.trim_start().starts_with(word), "{text}");
    }
}

#[test]
fn a_clause_without_outcome_is_unknown() {
    let mut verdict = empty();
    verdict.clauses[0].outcome = None;
    let page = page(&verdict, &beside());
    position(&page, "1 clause: 1 unknown");
    position(&page, "? | month between 1 and 12");
}

/// WCAG 2.2 contrast of two colours.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let light = |c: [f64; 3]| {
        let linear = c.map(|v| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05
    };
    let (a, b) = (light(a), light(b));
    if a > b { a / b } else { b / a }
}

#[test]
fn colours_stand_out_in_light_and_dark() {
    let style = page(&flights(), &beside()).style;
    // White and JupyterLab's two dark grounds, with the text colours that go with them.
    let grounds = [([1.0; 3], [0.0; 3]), ([0.067; 3], [1.0; 3]), ([0.12; 3], [0.87; 3])];
    for name in ["--no:", "--ok:", "--un:"] {
        let rule = style.split(name).nth(1).unwrap().strip_prefix("color-mix(in srgb,#").unwrap();
        let part = |i: usize| f64::from(u8::from_str_radix(&rule[i..i + 2], 16).unwrap()) / 255.0;
        let colour = [part(0), part(2), part(4)];
        let share: f64 = rule[7..9].parse::<f64>().unwrap() / 100.0;
        for (ground, text) in grounds {
            let mixed = [0, 1, 2].map(|i| colour[i] * share + text[i] * (1.0 - share));
            assert!(contrast(mixed, ground) >= 4.5, "{name} on {ground:?}: {}", contrast(mixed, ground));
        }
    }
    let dim: f64 = style.split("opacity:").nth(1).unwrap().split('}').next().unwrap().parse().unwrap();
    for (ground, text) in grounds {
        let mixed = [0, 1, 2].map(|i| text[i] * dim + ground[i] * (1.0 - dim));
        assert!(contrast(mixed, ground) >= 4.5);
    }
}

fn check_hostile(text: &str) {
    let (verdict, beside) = hostile(text);
    let page = page(&verdict, &beside);
    for (key, value) in &page.attributes {
        assert!(allowed(key, value), "{key}={value} from {text:?}");
    }
    let calm = self::page(&hostile("calm").0, &hostile("calm").1);
    let kinds = |page: &Page| -> std::collections::BTreeSet<String> { page.elements.iter().cloned().collect() };
    assert!(kinds(&page).is_subset(&kinds(&calm)), "new elements from {text:?}");
    assert_eq!(page.style, calm.style);
    read(&html_page(&verdict, &beside)).unwrap();
}

#[test]
fn known_attacks_stay_text() {
    HOSTILE.iter().for_each(|text| check_hostile(text));
}

#[test]
fn long_strings_are_cut_and_said() {
    let (verdict, beside) = hostile(&"x".repeat(10_000));
    let report = html(&verdict, &beside);
    assert!(report.len() < 40_000, "{} bytes", report.len());
    assert!(report.contains("… (10,000 characters)"));
    let bidi = html(&hostile(&"\u{202e}".repeat(10_000)).0, &beside);
    assert!(bidi.len() < 40_000, "{} bytes", bidi.len());
}

#[test]
fn warnings_do_not_look_like_errors() {
    let mut verdict = empty();
    let mut warning = failing(clause("day", "minimum", "day ≥ 1"), "value-out-of-range", 3, Vec::new());
    warning.severity = Severity::Warning;
    verdict.clauses.push(warning);
    let page = page(&verdict, &beside());
    position(&page, "! | day ≥ 1 minimum · record · warning | day | 3 |");
    assert!(!page.text.contains('✗'));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_string_stays_text(text in "\\PC{0,60}|(?s).{0,60}|[<>\"'&/=a-z \\n\\x00-\\x1f\u{202a}-\u{202e}\u{2066}-\u{2069}]{0,60}") {
        check_hostile(&text);
    }
}
