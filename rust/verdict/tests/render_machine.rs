//! The forms that machines read: OORS, JUnit and the verdict document itself.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod support;

use guard_verdict::render::{Beside, OorsError, junit, oors};
use guard_verdict::{Status, Verdict};
use proptest::prelude::*;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Value, json};
use support::{HOSTILE, beside, clause, empty, evidence, failing, flights, hostile, ruled, ruled_beside, varied};

fn results(verdict: &Verdict) -> (Value, Vec<Value>) {
    let document: Value = serde_json::from_str(&oors(verdict, &beside()).unwrap()).unwrap();
    let results = document["results"].as_array().unwrap().clone();
    (document, results)
}

fn result(results: &[Value], id: &str) -> Value {
    results.iter().find(|r| r["id"] == id).unwrap_or_else(|| panic!("no {id}")).clone()
}

#[test]
fn oors_envelope() {
    let (document, results) = results(&flights());
    assert_eq!(document["apiVersion"], "v1.0.0");
    assert_eq!(document["kind"], "ObservabilityResults");
    assert_eq!(document["observedAt"], "2026-11-23T09:30:00Z");
    assert_eq!(document["source"], json!({"process": "guard-nb", "vendor": "guard_nb"}));
    assert_eq!(document["contract"], json!({"contractID": "nyc", "standard": "ODCS", "version": "1.0.0"}));
    let id = document["id"].as_str().unwrap();
    let shape: String = id.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
    assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    assert_eq!((&id[14..15], &id[19..20]), ("8", "a"), "RFC 9562 version 8, variant 10");
    let statuses: Vec<_> = results.iter().map(|r| r["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["pass", "fail", "pass", "skip", "pass", "fail", "fail", "pass", "pass", "error"]);
}

#[test]
fn oors_results() {
    let (_, results) = results(&varied());
    let required = json!({
        "id": "flights.dep_time.required", "type": "check", "name": "departed", "status": "fail", "severity": "error",
        "target": {"resourceType": "column", "resourceIdentifier": "flights.dep_time"},
        "measure": {"metric": "nullValues", "value": 8255, "threshold": {"mustBe": 0}, "unit": "rows"},
        "message": "fails on 8,255 of 336,776 (2.5 %)",
    });
    assert_eq!(result(&results, "flights.dep_time.required"), required);
    let key = result(&results, "flights.primaryKey");
    assert_eq!(key["target"]["resourceIdentifier"], json!(["flights.carrier", "flights.flight"]));
    let nulls = result(&results, "flights.arr_delay.nullValues");
    assert_eq!(
        (&nulls["status"], &nulls["type"], &nulls["severity"]),
        (&json!("warn"), &json!("metric"), &json!("warning"))
    );
    assert!((nulls["measure"]["value"].as_f64().unwrap() - 2.8).abs() < 0.001);
    assert_eq!(nulls["measure"]["threshold"], json!({"mustBeLessThan": 2.5}));
    assert_eq!(nulls["measure"]["unit"], "percent");
    // 3 d 4 h = 76 h = 273,600,000 ms; 1 d = 86,400,000 ms
    let age = json!({"metric": "latency", "value": 273_600_000, "threshold": {"mustBeLessOrEqualTo": 86_400_000}, "unit": "ms"});
    assert_eq!(result(&results, "flights.time_hour.latency")["measure"], age);
    let gap = result(&results, "records");
    assert_eq!(gap["status"], "error");
}

#[test]
fn oors_of_undecided_records_is_an_error_without_measure() {
    let (_, results) = results(&ruled());
    let statuses: Vec<_> = results.iter().map(|r| r["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["fail", "error", "error", "pass", "warn"]);
    assert_eq!(results[0]["message"], "fails on 2 of 1,000 (0.20 %), could not be decided on 5");
    assert_eq!(results[1]["message"], "could not be decided on 3 of 1,000 (0.30 %)");
    assert_eq!((results[1].get("measure"), results[2].get("measure")), (None, None));
    assert_eq!(results[3]["message"], "holds, could not be decided on 3");
}

#[test]
fn oors_has_no_data() {
    let text = oors(&varied(), &beside()).unwrap();
    for value in ["N3ALAA", "BQN", "delayed by weather", "\"EV\"", "1545", "masked"] {
        assert!(!text.contains(value), "{value}");
    }
}

#[test]
fn oors_needs_the_instant() {
    let error = oors(&flights(), &Beside::default()).unwrap_err();
    assert!(matches!(error, OorsError::ObservedAtMissing));
    assert_eq!(error.to_string(), "an OORS document needs the instant of the run: give `observed_at`, RFC 3339");
}

#[test]
fn oors_ids_follow_verdict_and_instant() {
    let id = |verdict: &Verdict, at: &str| {
        let beside = Beside { observed_at: Some(at.into()), ..beside() };
        let document: Value = serde_json::from_str(&oors(verdict, &beside).unwrap()).unwrap();
        document["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(id(&flights(), "2026-01-01T00:00:00Z"), id(&flights(), "2026-01-01T00:00:00Z"));
    assert_ne!(id(&flights(), "2026-01-01T00:00:00Z"), id(&flights(), "2026-01-02T00:00:00Z"));
    assert_ne!(id(&flights(), "2026-01-01T00:00:00Z"), id(&empty(), "2026-01-01T00:00:00Z"));
}

#[test]
fn oors_has_at_least_one_result() {
    let mut verdict = empty();
    verdict.clauses.clear();
    let (_, results) = results(&verdict);
    assert_eq!((results.len(), &results[0]["status"]), (1, &json!("pass")));
}

/// One element of the JUnit document: name, attributes, text.
#[derive(Debug, Default, Clone)]
struct Element {
    path: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    fn get(&self, key: &str) -> &str {
        self.attributes.iter().find(|(k, _)| k == key).map_or("", |(_, v)| v.as_str())
    }
}

fn element(start: &BytesStart, path: &[String]) -> Element {
    let attributes = start.attributes().map(|a| {
        let a = a.unwrap();
        let value = quick_xml::escape::unescape(a.value.as_ref()).unwrap().into_owned();
        (a.key.as_ref().to_owned(), value)
    });
    Element { path: path.join("/"), attributes: attributes.collect(), text: String::new() }
}

fn parse(xml: &str) -> Vec<Element> {
    let allowed = |c: char| matches!(c, '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    assert!(xml.chars().all(allowed), "characters that XML 1.0 does not allow");
    let mut reader = quick_xml::Reader::from_str(xml);
    let (mut path, mut out) = (Vec::<String>::new(), Vec::<Element>::new());
    let mut open = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                open.push(out.len());
                out.push(element(&start, &path));
            }
            Event::Empty(start) => {
                path.push(start.name().as_ref().to_owned());
                out.push(element(&start, &path));
                path.pop();
            }
            Event::Text(text) => {
                if let Some(at) = open.last() {
                    out[*at].text.push_str(text.as_ref());
                }
            }
            Event::GeneralRef(entity) => {
                let name: &str = entity.as_ref();
                let text = quick_xml::escape::unescape(&format!("&{name};")).unwrap().into_owned();
                out[*open.last().unwrap()].text.push_str(&text);
            }
            Event::End(_) => {
                path.pop();
                open.pop();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
    out
}

fn named<'a>(elements: &'a [Element], path: &str) -> Vec<&'a Element> {
    elements.iter().filter(|e| e.path == path).collect()
}

const CASE: &str = "testsuites/testsuite/testcase";

#[test]
fn junit_of_a_rejected_frame() {
    let elements = parse(&junit(&flights(), &beside()));
    let suite = named(&elements, "testsuites/testsuite")[0];
    let totals: Vec<_> =
        ["tests", "failures", "errors", "skipped", "time", "timestamp", "name"].iter().map(|k| suite.get(k)).collect();
    assert_eq!(totals, ["10", "3", "1", "1", "0.041000", "2026-11-23T09:30:00Z", "nyc 1.0.0 · flights"]);
    let cases = named(&elements, CASE);
    assert_eq!(cases.len(), 10);
    assert!(cases.iter().all(|c| c.get("classname") == "nyc.flights"));
    assert_eq!(cases[1].get("name"), "flights.dep_time.required");
    let failures = named(&elements, &format!("{CASE}/failure"));
    let kinds: Vec<_> = failures.iter().map(|f| f.get("type")).collect();
    assert_eq!(kinds, ["value-missing", "reference-unknown", "reference-unknown"]);
    assert_eq!(failures[2].get("message"), "✗ tailnum: plane is known [key] fails on 50,094 of 336,776 (14.9 %)");
    assert!(
        failures[2].text.starts_with("record 6 (tailnum N3ALAA, carrier AA, flight 301, origin LGA)\n"),
        "{}",
        failures[2].text
    );
    assert_eq!(named(&elements, &format!("{CASE}/error"))[0].get("type"), "as-of-missing");
    assert_eq!(named(&elements, &format!("{CASE}/skipped"))[0].get("message"), "states nothing that could fail");
    let status = named(&elements, "testsuites/testsuite/properties/property")[0];
    assert_eq!((status.get("name"), status.get("value")), ("status", "reject"));
}

#[test]
fn junit_of_undecided_records() {
    let elements = parse(&junit(&ruled(), &ruled_beside()));
    let suite = named(&elements, "testsuites/testsuite")[0];
    let totals: Vec<_> = ["tests", "failures", "errors", "skipped"].iter().map(|k| suite.get(k)).collect();
    assert_eq!(totals, ["5", "1", "2", "1"]);
    let failure = named(&elements, &format!("{CASE}/failure"))[0];
    assert!(failure.get("message").ends_with("fails on 2 of 1,000 (0.20 %), could not be decided on 5"));
    assert!(
        failure.text.starts_with("rule: abs(qty * amount - total) <= 0.01\nrecord 1 (qty 2, amount 2.5, total 4.1)\n")
    );
    let error = named(&elements, &format!("{CASE}/error"))[0];
    assert_eq!(error.get("type"), "division-by-zero");
    assert!(error.text.contains("\nto decide: write `a / NULLIF(b, 0)`"), "{}", error.text);
    let admitted = named(&elements, &format!("{CASE}/system-out"));
    assert!(admitted.len() == 1 && admitted[0].text.starts_with("undecided, division-by-zero"), "{admitted:?}");
}

#[test]
fn junit_is_green_exactly_when_the_verdict_accepts() {
    let red = |verdict: &Verdict| {
        let suite = parse(&junit(verdict, &beside()))[0].clone();
        suite.get("failures") != "0" || suite.get("errors") != "0"
    };
    assert!(red(&flights()) && red(&varied()) && !red(&empty()));
    let mut verdict = empty();
    let mut warning = failing(clause("day", "minimum", "day ≥ 1"), "value-out-of-range", 3, Vec::new());
    warning.severity = guard_verdict::Severity::Warning;
    verdict.clauses.push(warning);
    assert!(!red(&verdict), "a warning does not decide");
    assert_eq!(parse(&junit(&verdict, &beside()))[0].get("skipped"), "1", "and is not silent");
    verdict.status = Status::Unknown;
    assert!(red(&verdict), "an unknown verdict is never green");
}

fn check_hostile(text: &str) {
    let (verdict, mut beside) = hostile(text);
    let elements = parse(&junit(&verdict, &beside));
    assert_eq!(named(&elements, CASE).len(), verdict.clauses.len() + 2, "two holes");
    beside.observed_at = Some("2026-11-23T09:30:00Z".into());
    let document = oors(&verdict, &beside).unwrap();
    let parsed: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(parsed["results"].as_array().unwrap().len(), verdict.clauses.len() + 1);
    assert!(!document.chars().any(|c| c.is_control() && c != '\n'));
}

#[test]
fn known_attacks_stay_text() {
    HOSTILE.iter().for_each(|text| check_hostile(text));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_string_stays_text(text in "\\PC{0,60}|(?s).{0,60}|[<>\"'&\\]a-z \\n\\x00-\\x1f\u{fffe}\u{ffff}]{0,60}") {
        check_hostile(&text);
    }

    #[test]
    fn documents_read_back_as_written(text in "(?s).{0,40}", whole in -9_007_199_254_740_991_i64..=9_007_199_254_740_991, real in any::<f64>()) {
        let (mut verdict, _) = hostile(&text);
        let real = if real.is_finite() && real.fract() != 0.0 { json!(real) } else { json!(0.5) };
        verdict.clauses[0].evidence = vec![evidence(0, "x", json!(whole), &[("r", real), ("n", Value::Null)]), evidence(1, "x", Value::Null, &[])];
        let document = verdict.to_json().unwrap();
        let read = Verdict::from_json(&document).unwrap();
        prop_assert_eq!(&read, &verdict);
        prop_assert_eq!(read.to_json().unwrap(), document);
    }
}

#[test]
fn documents_keep_nulls_apart_from_absent_values() {
    for verdict in [flights(), varied(), empty(), ruled()] {
        let document = verdict.to_json().unwrap();
        assert_eq!(Verdict::from_json(&document).unwrap(), verdict);
    }
    let document = flights().to_json().unwrap();
    assert!(document.contains(r#"{"context":[{"column":"carrier","value":"EV"},{"column":"flight","value":4308},{"column":"origin","value":"EWR"}],"path":"dep_time","record":838,"source":"","value":null}"#));
}

#[test]
fn documents_are_canonical_once_read_back() {
    // A double without a fraction is written as an integer (RFC 8785), so only the bytes come back, not the type.
    let mut verdict = flights();
    verdict.clauses[0].evidence = vec![evidence(0, "x", json!(3.0), &[("big", json!(1e300)), ("zero", json!(-0.0))])];
    let document = verdict.to_json().unwrap();
    assert!(document.contains(r#""value":3"#) && document.contains("1e+300"));
    assert_eq!(Verdict::from_json(&document).unwrap().to_json().unwrap(), document);
}
