//! Verdicts for the tests of renderers: a year of flights out of New York, and a hostile twin.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use guard_verdict::render::Beside;
use guard_verdict::{
    Clause, ContextCell, ContractRef, Coverage, Evidence, FORMAT, Metric, Outcome, Records, Reference, SEMANTICS,
    Scope, Severity, SourceRanges, Status, Undecided, Verdict,
};
use serde_json::{Value, json};

pub const RECORDS: u64 = 336_776;

/// A passing record clause.
pub fn clause(path: &str, kind: &str, name: &str) -> Clause {
    Clause {
        id: format!("flights.{path}.{kind}"),
        kind: kind.into(),
        name: name.into(),
        columns: vec![path.into()],
        scope: Scope::Record,
        severity: Severity::Error,
        coverage: Coverage::Executed,
        outcome: Some(Outcome::Pass),
        code: None,
        reason: None,
        dimension: None,
        evaluated: Some(RECORDS),
        failing: Some(0),
        metric: None,
        evidence: Vec::new(),
        faults: Vec::new(),
        undecided: Vec::new(),
    }
}

pub fn failing(clause: Clause, code: &str, failing: u64, evidence: Vec<Evidence>) -> Clause {
    Clause { outcome: Some(Outcome::Fail), code: Some(code.into()), failing: Some(failing), evidence, ..clause }
}

pub fn refused(clause: Clause, code: &str, reason: &str) -> Clause {
    Clause {
        coverage: Coverage::Refused,
        outcome: Some(Outcome::Unknown),
        code: Some(code.into()),
        reason: Some(reason.into()),
        evaluated: None,
        failing: None,
        ..clause
    }
}

pub fn evidence(record: u64, path: &str, value: Value, context: &[(&str, Value)]) -> Evidence {
    let context = context.iter().map(|(c, v)| ContextCell { column: (*c).into(), value: v.clone() }).collect();
    Evidence { source: String::new(), record, path: path.into(), value: Some(value), values: None, context }
}

fn flight(record: u64, path: &str, value: Value, carrier: &str, flight: u64, origin: &str) -> Evidence {
    evidence(record, path, value, &[("carrier", json!(carrier)), ("flight", json!(flight)), ("origin", json!(origin))])
}

fn tailnum() -> Clause {
    let rows = [
        (6, "N3ALAA", "AA", 301, "LGA"),
        (9, "N542MQ", "MQ", 4650, "LGA"),
        (16, "N730MQ", "MQ", 4401, "JFK"),
        (21, "N3EMAA", "AA", 1895, "EWR"),
        (28, "N3BAAA", "AA", 1837, "LGA"),
    ];
    let rows = rows.iter().map(|(n, t, c, f, o)| flight(*n, "tailnum", json!(t), c, *f, o)).collect();
    let clause = Clause { scope: Scope::Key, ..clause("tailnum", "foreignKey", "plane is known") };
    failing(clause, "reference-unknown", 50_094, rows)
}

fn dep_time() -> Clause {
    let rows = [
        (838, "EV", 4308, "EWR"),
        (839, "AA", 791, "LGA"),
        (840, "AA", 1925, "LGA"),
        (841, "B6", 125, "JFK"),
        (1_777, "EV", 4352, "EWR"),
    ];
    let rows = rows.iter().map(|(n, c, f, o)| flight(*n, "dep_time", Value::Null, c, *f, o)).collect();
    failing(clause("dep_time", "required", "departed"), "value-missing", 8_255, rows)
}

fn dest() -> Clause {
    let rows = [
        (3, "BQN", "B6", 725, "JFK"),
        (28, "SJU", "UA", 1077, "EWR"),
        (65, "SJU", "B6", 701, "JFK"),
        (119, "STT", "UA", 1100, "EWR"),
        (142, "PSE", "B6", 719, "JFK"),
    ];
    let rows = rows.iter().map(|(n, d, c, f, o)| flight(*n, "dest", json!(d), c, *f, o)).collect();
    let clause = Clause { scope: Scope::Key, ..clause("dest", "foreignKey", "destination is known") };
    failing(clause, "reference-unknown", 7_602, rows)
}

/// Ten clauses: five pass, three fail with five examples each, one is refused, one is informational.
pub fn flights() -> Verdict {
    let note = Clause {
        coverage: Coverage::Informational,
        outcome: None,
        evaluated: None,
        failing: None,
        scope: Scope::Table,
        severity: Severity::Info,
        ..clause("carrier", "text", "carriers are IATA designators")
    };
    let fresh = Clause { scope: Scope::Table, ..clause("time_hour", "freshness", "fresh") };
    Verdict {
        format: FORMAT.into(),
        semantics: SEMANTICS,
        contract: ContractRef { id: "nyc".into(), version: "1.0.0".into(), digest: digest(), object: "flights".into() },
        status: Status::Reject,
        bytes: None,
        records: Records { total: RECORDS, accepted: 279_300, rejected: 57_476, unknown: 0 },
        sources: vec![SourceRanges { source: String::new(), ranges: vec![[0, RECORDS]] }],
        as_of: None,
        params: Default::default(),
        references: vec![
            Reference { name: "airports".into(), records: 1_458 },
            Reference { name: "planes".into(), records: 3_322 },
        ],
        undeclared: vec!["air_time".into()],
        undeclared_more: false,
        clauses: vec![
            clause("month", "maximum", "month between 1 and 12"),
            dep_time(),
            clause("carrier", "enum", "carrier in 16 values"),
            note,
            clause("flight", "minimum", "flight ≥ 1"),
            dest(),
            tailnum(),
            clause("origin", "enum", "origin in 3 values"),
            clause("distance", "minimum", "distance ≥ 0"),
            refused(fresh, "as-of-missing", "no `as_of` was given"),
        ],
    }
}

fn digest() -> String {
    format!("sha256:4f2a{}91c0", "0".repeat(56))
}

/// What stands beside [`flights`].
pub fn beside() -> Beside {
    let line = |id: &str, n: usize| (id.to_owned(), n);
    let argument = |id: &str, values: &[&str]| (id.to_owned(), values.iter().map(|v| json!(v)).collect());
    Beside {
        elapsed_us: Some(41_000),
        frame: Some("flights".into()),
        sources: Vec::new(),
        contract_path: Some("nyc.odcs.yaml".into()),
        lines: [
            line("flights.tailnum.foreignKey", 14),
            line("flights.dep_time.required", 9),
            line("flights.dest.foreignKey", 21),
        ]
        .into(),
        arguments: [
            argument("flights.tailnum.foreignKey", &["planes", "tailnum"]),
            argument("flights.dest.foreignKey", &["airports", "faa"]),
        ]
        .into(),
        physical: Default::default(),
        rejects: Some("bad".into()),
        next: None,
        observed_at: Some("2026-11-23T09:30:00Z".into()),
    }
}

/// An accepting verdict over an empty frame.
pub fn empty() -> Verdict {
    let clauses = vec![Clause { evaluated: Some(0), ..clause("month", "maximum", "month between 1 and 12") }];
    let sources = vec![SourceRanges { source: String::new(), ranges: Vec::new() }];
    let (undeclared, references) = (Vec::new(), Vec::new());
    Verdict {
        status: Status::Accept,
        bytes: None,
        records: Records::default(),
        clauses,
        sources,
        undeclared,
        references,
        ..flights()
    }
}

/// Failing clauses of every severity, tolerances, keys of two columns, nested paths, masked and long values, two sources and a hole.
pub fn varied() -> Verdict {
    let mut verdict = flights();
    let mut key = Clause { scope: Scope::Key, ..clause("year", "primaryKey", "one record a flight") };
    key.id = "flights.primaryKey".into();
    key.columns = vec!["carrier".into(), "flight".into()];
    let mut twin = evidence(4, "carrier,flight", Value::Null, &[("dest", json!("IAH"))]);
    (twin.value, twin.values) = (None, Some(vec![json!("UA"), json!(1545)]));
    key = failing(key, "value-duplicate", 2, vec![twin]);
    let metric = |name: &str, value, unit: &str, operator: &str, threshold: &str| {
        Some(Metric {
            name: name.into(),
            value,
            of: RECORDS,
            unit: unit.into(),
            operator: operator.into(),
            threshold: vec![threshold.into()],
        })
    };
    let delay = evidence(17, "arr_delay", Value::Null, &[("passenger", json!({"masked": "pii"}))]);
    let mut nulls =
        failing(clause("arr_delay", "nullValues", "delay mostly known"), "metric-out-of-range", 9_430, vec![delay]);
    (nulls.scope, nulls.metric) = (Scope::Table, metric("nullValues", 9_430, "percent", "mustBeLessThan", "2.5"));
    nulls.severity = Severity::Warning;
    let mut rows = failing(clause("", "rowCount", "enough flights"), "metric-out-of-range", 0, Vec::new());
    (rows.columns, rows.scope) = (Vec::new(), Scope::Table);
    (rows.evaluated, rows.failing) = (None, None);
    rows.metric = metric("rowCount", RECORDS, "rows", "mustBeGreaterThan", "400000");
    let mut old = failing(clause("time_hour", "latency", "loaded daily"), "too-old", 0, Vec::new());
    (old.scope, old.failing) = (Scope::Table, None);
    old.metric = metric("latency", 273_600_000, "d", "mustBeLessOrEqualTo", "1");
    let remark = json!({"text": "delayed by weather, ".repeat(10), "length": 5_000});
    let remarks = vec![evidence(0, "remarks[2]", remark, &[]), evidence(1, "remarks[0]", json!(""), &[])];
    let mut info = failing(clause("remarks[]", "maxLength", "short remarks"), "length-out-of-range", 2, remarks);
    info.severity = Severity::Info;
    verdict.clauses.extend([key, nulls, rows, old, info]);
    for (i, clause) in verdict.clauses.iter_mut().enumerate() {
        clause.evidence.iter_mut().for_each(|e| e.source = format!("part-{}.parquet", i % 2));
    }
    let range = |source: &str, ranges| SourceRanges { source: source.into(), ranges };
    verdict.sources =
        vec![range("part-0.parquet", vec![[0, 1_000], [2_000, 3_000]]), range("part-1.parquet", vec![[1, RECORDS]])];
    verdict.as_of = Some("2026-11-23T00:00:00Z".into());
    verdict
}

fn undecided(code: &str, count: u64, evidence: Vec<Evidence>) -> Undecided {
    Undecided { code: code.into(), count, evidence }
}

/// A row rule of a contract of orders; `path` is its tail of the id.
fn rule(tail: &str, kind: &str, name: &str, columns: &[&str]) -> Clause {
    let columns: Vec<String> = columns.iter().map(|c| (*c).into()).collect();
    Clause { id: format!("orders.quality.{tail}"), columns, evaluated: Some(1_000), ..clause("", kind, name) }
}

/// Row rules: one fails and leaves records undecided for two reasons, one is unknown by a record, one is unknown by its
/// tolerance, one passes within its tolerance, one only warns.
pub fn ruled() -> Verdict {
    let several = |record: u64, values: [Value; 3]| Evidence {
        values: Some(values.to_vec()),
        value: None,
        ..evidence(record, "qty,amount,total", Value::Null, &[])
    };
    let total = rule("total", "rowRule", "total is right", &["qty", "amount", "total"]);
    let mut total = failing(total, "rule-violated", 2, vec![several(1, [json!(2), json!(2.5), json!(4.1)])]);
    total.undecided = vec![
        undecided("arithmetic-overflow", 1, vec![several(7, [json!("9223372036854775807"), json!(2), json!(1)])]),
        undecided("result-not-finite", 4, vec![several(4, [json!(2000), json!(1.5), json!("NaN")])]),
    ];
    let zero = |record| evidence(record, "qty", json!(0), &[("id", json!(record * 10))]);
    let open = |clause: Clause, count| Clause {
        outcome: Some(Outcome::Unknown),
        code: Some("division-by-zero".into()),
        reason: Some(format!("the expression failed on {count} records")),
        undecided: vec![undecided("division-by-zero", count, vec![zero(2), zero(12)])],
        ..clause
    };
    let metric = |value, limit: &str| {
        Some(Metric {
            name: "violations".into(),
            value,
            of: 1_000,
            unit: "rows".into(),
            operator: "mustBeLessThan".into(),
            threshold: vec![limit.into()],
        })
    };
    let ratio = open(rule("ratio", "sql", "sql rule", &["qty"]), 3);
    let mut few = open(rule("few", "rowRule", "few are small", &["qty"]), 3);
    (few.scope, few.metric, few.failing) = (Scope::Table, metric(3, "5"), Some(3));
    let admitted = Clause { outcome: Some(Outcome::Pass), code: None, reason: None, ..few.clone() };
    let admitted = Clause { id: "orders.quality.many".into(), name: "not too many".into(), ..admitted };
    let admitted = Clause { metric: metric(3, "50"), ..admitted };
    let mut warned = failing(rule("warned", "rowRule", "row rule", &["qty"]), "rule-violated", 1, vec![zero(30)]);
    warned.severity = Severity::Warning;
    warned.undecided = vec![undecided("division-by-zero", 2, vec![zero(20), zero(30)])];
    Verdict {
        contract: ContractRef { id: "orders".into(), object: "orders".into(), ..flights().contract },
        bytes: None,
        records: Records { total: 1_000, accepted: 990, rejected: 2, unknown: 8 },
        sources: vec![SourceRanges { source: String::new(), ranges: vec![[0, 1_000]] }],
        params: [("limit".to_owned(), json!(1500))].into(),
        references: Vec::new(),
        undeclared: Vec::new(),
        undeclared_more: false,
        clauses: vec![total, ratio, few, admitted, warned],
        ..flights()
    }
}

/// What stands beside [`ruled`].
pub fn ruled_beside() -> Beside {
    let says =
        |tail: &str, sense: &str, text: &str| (format!("orders.quality.{tail}"), vec![json!(sense), json!(text)]);
    Beside {
        frame: Some("orders".into()),
        contract_path: Some("orders.odcs.yaml".into()),
        lines: [("orders.quality.total".into(), 14), ("orders.quality.ratio".into(), 15)].into(),
        arguments: [
            says("total", "rule", "abs(qty * amount - total)\n  <= 0.01"),
            says("ratio", "violated when", "100 / qty > :limit"),
        ]
        .into(),
        rejects: None,
        ..beside()
    }
}

/// Strings that have broken reports elsewhere.
pub const HOSTILE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</style><style>*{display:none}",
    "</pre></td></table></div>",
    "<!-- --> ]]> <![CDATA[",
    "javascript:alert(1)",
    "&lt;b&gt; &amp; &#60;script&#62;",
    "\u{1b}[2J\u{1b}]8;;http://x\u{7}click",
    "line one\nline two\r\nline three\ttab\0nul",
    "\u{202e}txt.exe\u{202c} \u{2066}x\u{2069}",
    "zero\u{200b}width\u{feff}\u{ad}joiner\u{200d}",
    "\u{9b}31m c1 \u{85} \u{2028} \u{2029} \u{fffe} \u{ffff}",
    "=cmd|' /C calc'!A0",
    "`code` **bold** [link](http://x) {{ moustache }} ${x} %s",
    "東京 🛫 Zürich e\u{301}",
    "",
    " ",
];

/// [`varied`] and the clauses of [`ruled`] with `text` in every string of data and contract, and `beside` likewise.
pub fn hostile(text: &str) -> (Verdict, Beside) {
    let mut verdict = varied();
    verdict.clauses.extend(ruled().clauses);
    let t = || text.to_owned();
    verdict.params = [(t(), json!(text)), ("n".into(), json!({"json": text, "length": 9_000}))].into();
    verdict.contract = ContractRef { id: t(), version: t(), digest: t(), object: t() };
    verdict.undeclared = vec![t(), t()];
    verdict.references = vec![Reference { name: t(), records: 1 }];
    verdict.as_of = Some(t());
    verdict.sources.iter_mut().for_each(|s| s.source = t());
    let mut beside = beside();
    (beside.lines, beside.arguments) = Default::default();
    for (i, clause) in verdict.clauses.iter_mut().enumerate() {
        taint(clause, i, text);
        beside.lines.insert(clause.id.clone(), i);
        let sense = if clause.kind == "rowRule" { "rule" } else { text };
        beside.arguments.insert(clause.id.clone(), vec![json!(sense), json!(text)]);
    }
    (beside.frame, beside.contract_path) = (Some(t()), Some(t()));
    (beside.rejects, beside.observed_at) = (Some(t()), Some(t()));
    (verdict, beside)
}

fn taint(clause: &mut Clause, i: usize, text: &str) {
    let t = || text.to_owned();
    (clause.id, clause.name) = (format!("{text}{i}"), t());
    clause.columns.iter_mut().for_each(|c| *c = t());
    clause.dimension = Some(t());
    if i.is_multiple_of(2) {
        clause.kind = t();
    }
    if clause.code.is_some() && i.is_multiple_of(3) {
        clause.code = Some(t());
    }
    clause.reason = clause.reason.as_ref().map(|_| t());
    if let Some(metric) = &mut clause.metric {
        (metric.name, metric.operator, metric.threshold) = (t(), t(), vec![t(), t(), t()]);
        metric.unit = if i.is_multiple_of(2) { t() } else { "percent".into() };
    }
    if i.is_multiple_of(3) {
        clause.undecided.iter_mut().for_each(|one| one.code = t());
    }
    let undecided = clause.undecided.iter_mut().flat_map(|one| &mut one.evidence);
    for (j, evidence) in clause.evidence.iter_mut().chain(undecided).enumerate() {
        (evidence.source, evidence.path) = (t(), t());
        let forms = [
            json!(text),
            json!({"text": text, "length": 9_000}),
            json!({"masked": text}),
            json!({"hex": text, "length": 7}),
            json!([text]),
        ];
        evidence.value = evidence.value.as_ref().map(|_| forms[j % forms.len()].clone());
        evidence.values = evidence.values.as_ref().map(|_| vec![json!(text), json!({text: text})]);
        evidence.context.push(ContextCell { column: t(), value: json!(text) });
    }
}
