//! A verdict as JUnit XML, for build servers: one test case a clause.

use super::Beside;
use super::clean::visible;
use super::faults;
use super::text::{example, sentence};
use super::undecided;
use super::view::View;
use super::words::{self, Standing, severity_word, standing, status_word};
use crate::{Clause, Severity, Status, Verdict};
use quick_xml::escape::escape;
use std::fmt::Write;

/// How a test case ends.
enum Ending {
    Passed,
    Failure,
    Error,
    Skipped,
}

struct Case {
    name: String,
    ending: Ending,
    kind: String,
    message: String,
    body: String,
}

/// The verdict as JUnit XML: `failure` for a clause that fails, `error` for one that is unknown, `skipped` for one that is
/// informational. An unknown by undecided records is an `error` like one by a refused clause. A clause that fails or is unknown without deciding (S1.4) is `skipped` and says so, so a suite is green
/// exactly when the verdict accepts. Characters that XML does not allow are spelled out.
pub fn junit(verdict: &Verdict, beside: &Beside) -> String {
    let view = View::new(verdict, beside);
    let mut cases: Vec<Case> = verdict.clauses.iter().map(|clause| case(beside, clause)).collect();
    cases.extend(view.gaps.iter().map(|gap| error("records", "records-missing", &format!("records missing: {gap}"))));
    let red = cases.iter().any(|c| matches!(c.ending, Ending::Failure | Ending::Error));
    if verdict.status != Status::Accept && !red {
        cases.push(error(
            "verdict",
            status_word(verdict.status),
            &format!("the verdict is {}", status_word(verdict.status)),
        ));
    }
    document(&view, &cases)
}

fn case(beside: &Beside, clause: &Clause) -> Case {
    let decides = clause.severity == Severity::Error;
    let ending = match standing(clause) {
        Standing::Pass => Ending::Passed,
        Standing::Fail if decides => Ending::Failure,
        Standing::Unknown if decides => Ending::Error,
        _ => Ending::Skipped,
    };
    let message = match standing(clause) {
        Standing::Pass => String::new(),
        Standing::Informational => "states nothing that could fail".into(),
        _ if decides => sentence(clause),
        _ => format!("{}, does not decide: {}", severity_word(clause.severity), sentence(clause)),
    };
    let silent = standing(clause) == Standing::Pass && clause.undecided.is_empty();
    let rule = words::rule(beside, clause).map(|(sense, text)| format!("{sense}: {text}"));
    let examples = clause.evidence.iter().take(3).map(|evidence| example(clause, evidence));
    let help =
        words::advice(clause).filter(|_| standing(clause) != Standing::Pass).map(|help| format!("to do: {help}"));
    let body =
        rule.into_iter().chain(examples).chain(faults::lines(clause)).chain(undecided::lines(clause)).chain(help);
    Case {
        name: visible(&clause.id),
        ending,
        kind: visible(clause.code.as_deref().unwrap_or(words::standing_word(clause))),
        message,
        body: if silent { String::new() } else { body.collect::<Vec<_>>().join("\n") },
    }
}

fn error(name: &str, kind: &str, message: &str) -> Case {
    Case { name: name.into(), ending: Ending::Error, kind: kind.into(), message: message.into(), body: String::new() }
}

fn document(view: &View, cases: &[Case]) -> String {
    let count = |wanted: fn(&Ending) -> bool| cases.iter().filter(|c| wanted(&c.ending)).count();
    let mut totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        cases.len(),
        count(|e| matches!(e, Ending::Failure)),
        count(|e| matches!(e, Ending::Error)),
        count(|e| matches!(e, Ending::Skipped)),
    );
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail, here and below.
    if let Some(us) = view.beside.elapsed_us {
        let _ = write!(totals, " time=\"{}.{:06}\"", us / 1_000_000, us % 1_000_000);
    }
    let _ = writeln!(out, "<testsuites name=\"guard-nb\" {totals}>");
    let suite = format!("{} · {}", view.contract(), view.title());
    let _ = write!(out, "  <testsuite name=\"{}\" {totals}", escape(&suite));
    if let Some(at) = &view.beside.observed_at {
        let _ = write!(out, " timestamp=\"{}\"", escape(visible(at)));
    }
    out.push_str(">\n");
    properties(&mut out, view.verdict);
    for one in cases {
        test_case(&mut out, view, one);
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

fn properties(out: &mut String, verdict: &Verdict) {
    let r = &verdict.records;
    let counts = [("total", r.total), ("accepted", r.accepted), ("rejected", r.rejected), ("unknown", r.unknown)];
    out.push_str("    <properties>\n");
    let mut property = |name: &str, value: &str| {
        let _ = writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", escape(visible(value)));
    };
    property("status", status_word(verdict.status));
    property("contract.digest", &verdict.contract.digest);
    property("semantics", &verdict.semantics.to_string());
    for (name, count) in counts {
        property(&format!("records.{name}"), &count.to_string());
    }
    out.push_str("    </properties>\n");
}

fn test_case(out: &mut String, view: &View, case: &Case) {
    let class = format!("{}.{}", visible(&view.verdict.contract.id), visible(&view.verdict.contract.object));
    let _ = write!(out, "    <testcase classname=\"{}\" name=\"{}\"", escape(&class), escape(&case.name));
    let (message, body) = (escape(&case.message), escape(&case.body));
    let _ = match case.ending {
        Ending::Passed if case.body.is_empty() => writeln!(out, "/>"),
        Ending::Passed => writeln!(out, "><system-out>{body}</system-out></testcase>"),
        Ending::Skipped => writeln!(out, "><skipped message=\"{message}\"/></testcase>"),
        Ending::Failure => {
            writeln!(out, "><failure type=\"{}\" message=\"{message}\">{body}</failure></testcase>", escape(&case.kind))
        }
        Ending::Error => {
            writeln!(out, "><error type=\"{}\" message=\"{message}\">{body}</error></testcase>", escape(&case.kind))
        }
    };
}
