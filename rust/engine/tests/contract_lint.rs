//! Each lint fires, and nearly fires.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use guard_engine::contract::{Contract, lint};
use guard_verdict::Level;

/// The findings of a text, as `level code`, sorted.
fn findings(text: &str) -> Vec<String> {
    let mut out: Vec<String> = lint(text).iter().map(|found| format!("{:?} {}", found.level, found.code)).collect();
    out.sort();
    out
}

fn document(version: &str, tail: &str) -> String {
    format!("apiVersion: {version}\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: draft\n{tail}\n")
}

/// Findings for one property, as a flow mapping without its name.
fn property(body: &str) -> Vec<String> {
    findings(&document("v3.1.0", &format!("schema: [{{name: t, properties: [{{name: x, {body}}}]}}]")))
}

fn options(logical: &str, body: &str) -> Vec<String> {
    property(&format!("logicalType: {logical}, logicalTypeOptions: {{{body}}}"))
}

/// Findings for one rule on a property.
fn rule(body: &str) -> Vec<String> {
    property(&format!("quality: [{{{body}}}]"))
}

/// Findings for one rule on an object with the properties x and y.
fn object_rule(body: &str) -> Vec<String> {
    findings(&document(
        "v3.1.0",
        &format!("schema: [{{name: t, properties: [{{name: x}}, {{name: y}}], quality: [{{{body}}}]}}]"),
    ))
}

fn sla(body: &str) -> Vec<String> {
    findings(&document(
        "v3.1.0",
        &format!("schema: [{{name: t, properties: [{{name: x}}]}}]\nslaProperties: [{{{body}}}]"),
    ))
}

const NONE: [&str; 0] = [];

#[test]
fn header() {
    assert_eq!(findings(&document("v3.1.0", "")), NONE);
    let bare = findings("apiVersion: v3.1.0\n");
    assert_eq!(bare, ["Error key-missing", "Error key-missing", "Error key-missing", "Warning key-missing"]);
    assert_eq!(findings("apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: '1'\n"), NONE);
    assert_eq!(findings(&document("v3.1.0", "").replace("1.0.0\nstatus", "1.0\nstatus")), ["Warning text-expected"]);
    assert_eq!(findings(&document("v3.1.0", "").replace("DataContract", "Table")), ["Error value-unknown"]);
    assert_eq!(findings(&document("v3.1.0", "x-team: a")), ["Warning key-unknown"]);
    assert_eq!(findings(&document("v3.1.0", "name:")), ["Warning value-empty"]);
    assert_eq!(findings(&document("v3.1.0", "schema: {name: t}")), ["Error kind-mismatch"]);
    assert_eq!(findings(&document("v3.1.0", "schema: [t]")), ["Error kind-mismatch"]);
    assert_eq!(findings(&document("v3.1.0", "context: a")), ["Info key-newer"]);
    assert_eq!(findings(&document("v3.1.0", "schema: [{name: t}, {name: t}]")), ["Error name-duplicate"]);
}

#[test]
fn every_error_is_reported_in_order() {
    let text = document(
        "v3.1.0",
        "schema:\n- name: t\n  properties:\n  - logicalType: decimal\n    required: yes\n  - name: y\n    unique: 1",
    );
    let found = Contract::load(&text).unwrap_err();
    let places: Vec<_> = found.iter().map(|found| (found.code.name(), found.span.line)).collect();
    assert_eq!(places, [("key-missing", 9), ("value-unknown", 9), ("kind-mismatch", 10), ("kind-mismatch", 12)]);
}

#[test]
fn properties() {
    assert_eq!(property("logicalType: integer"), NONE);
    assert_eq!(property("logicalType: int"), ["Error value-unknown"]);
    assert_eq!(property("required: yes"), ["Error kind-mismatch"]);
    assert_eq!(property("requird: true"), ["Warning key-unknown"]);
    assert_eq!(property("logicalTypeOptions: {minLength: 1}"), ["Warning options-without-type"]);
    assert_eq!(property("enum: [{value: a}]"), ["Info key-newer"]);
    let enumeration = |body: &str| {
        findings(&document(
            "v3.2.0",
            &format!("schema: [{{name: t, properties: [{{name: x, logicalType: integer, enum: {body}}}]}}]"),
        ))
    };
    assert_eq!(enumeration("[1, 2]"), NONE);
    assert_eq!(enumeration("[]"), ["Error enum-empty"]);
    assert_eq!(enumeration("[1, {value: 1}]"), ["Warning enum-duplicate"]);
    assert_eq!(enumeration("[1, '1']"), ["Warning enum-type"]);
    let two = |a: &str, b: &str| {
        findings(&document(
            "v3.1.0",
            &format!("schema: [{{name: t, properties: [{{name: x, {a}}}, {{name: y, {b}}}]}}]"),
        ))
    };
    assert_eq!(two("primaryKey: true, primaryKeyPosition: 2", "primaryKey: true, primaryKeyPosition: 1"), NONE);
    assert_eq!(two("primaryKey: true", "primaryKey: true"), NONE);
    assert_eq!(two("primaryKey: true, primaryKeyPosition: 1", "primaryKeyPosition: -1"), NONE);
    assert_eq!(
        two("primaryKey: true, primaryKeyPosition: 1", "primaryKey: true, primaryKeyPosition: 1"),
        ["Warning key-position"]
    );
    assert_eq!(
        two("primaryKey: true, primaryKeyPosition: 1", "primaryKey: true, primaryKeyPosition: 3"),
        ["Warning key-position"]
    );
    assert_eq!(two("primaryKey: true, primaryKeyPosition: 1", "primaryKey: true"), ["Warning key-position"]);
}

#[test]
fn patterns() {
    for good in ["^a$", "^[(?=]$", r"^\(?=$", r"^\\$", r"^[\]]$", "^(?:a|b)$", "^$"] {
        assert_eq!(options("string", &format!("pattern: '{good}'")), NONE, "{good}");
    }
    for broken in
        ["(?=a)", "(?!a)", "(?<=a)", "(?<!a)", r"(a)\1", r"(?<n>a)\k<n>", r"^[\1]$", "[a-z", "(a", "a)", r"a\"]
    {
        assert_eq!(options("string", &format!("pattern: '{broken}'")), ["Error pattern-broken"], "{broken}");
    }
    for loose in ["a", "^a", "a$", r"^a\$"] {
        assert_eq!(options("string", &format!("pattern: '{loose}'")), ["Info pattern-unanchored"], "{loose}");
    }
    assert_eq!(rule("metric: invalidValues, mustBe: 0, arguments: {pattern: '(?=a)'}"), ["Error pattern-broken"]);
}

#[test]
fn bounds() {
    assert_eq!(options("string", "minLength: 1, maxLength: 1"), NONE);
    assert_eq!(options("string", "minLength: 2, maxLength: 1"), ["Error bounds-swapped"]);
    assert_eq!(options("array", "minItems: 2, maxItems: 1"), ["Error bounds-swapped"]);
    let open = ["Error bounds-swapped", "Info properties-undeclared"];
    assert_eq!(options("object", "minProperties: 2, maxProperties: 1"), open);
    assert_eq!(options("string", "minLength: -1"), ["Error number-out-of-range"]);
    assert_eq!(options("string", "minLength: 1.5"), ["Error kind-mismatch"]);
    assert_eq!(options("integer", "minimum: 1, maximum: 1"), NONE);
    assert_eq!(options("integer", "minimum: 10, maximum: 9.99"), ["Error bounds-swapped"]);
    assert_eq!(options("number", "minimum: 1, exclusiveMaximum: 1"), ["Error bounds-swapped"]);
    assert_eq!(options("number", "exclusiveMinimum: 1, maximum: 1.0"), ["Error bounds-swapped"]);
    assert_eq!(options("number", "minimum: 0, exclusiveMinimum: true"), ["Error bound-boolean"]);
    assert_eq!(options("integer", "minimum: '1'"), ["Error bound-unreadable"]);
    assert_eq!(options("integer", "minimum: 1e1000000000"), ["Error bound-unreadable"]);
    assert_eq!(options("integer", "multipleOf: 0"), ["Error number-out-of-range"]);
    assert_eq!(options("integer", "multipleOf: -5"), ["Error number-out-of-range"]);
    assert_eq!(options("number", "multipleOf: 0.1"), ["Info multiple-of-fraction"]);
    assert_eq!(options("number", "multipleOf: 5.0"), NONE);
    assert_eq!(options("date", "minimum: 2026-01-01, maximum: 2026-12-31"), NONE);
    assert_eq!(options("date", "minimum: 2026-02-30"), ["Error bound-unreadable"]);
    assert_eq!(options("date", "minimum: 31/12/2026, format: dd/MM/yyyy"), ["Warning bound-unreadable"]);
    assert_eq!(options("date", "minimum: 2026-12-31, maximum: 2026-01-01"), ["Error bounds-swapped"]);
    assert_eq!(options("timestamp", "minimum: '2026-01-01T01:00:00+01:00', maximum: '2026-01-01T00:00:00Z'"), NONE);
    assert_eq!(
        options("timestamp", "minimum: '2026-01-01T02:00:00+01:00', maximum: '2026-01-01T00:00:00Z'"),
        ["Error bounds-swapped"]
    );
    assert_eq!(options("time", "minimum: '09:00:00', maximum: '08:00:00'"), ["Error bounds-swapped"]);
}

#[test]
fn options_suit_their_type() {
    assert_eq!(options("integer", "minLength: 1"), ["Warning option-misplaced"]);
    assert_eq!(options("boolean", "minimum: 1"), ["Warning option-misplaced"]);
    assert_eq!(options("string", "format: uuid"), NONE);
    assert_eq!(options("string", "format: iban"), ["Warning format-unknown"]);
    assert_eq!(options("integer", "format: f32"), ["Warning format-unknown"]);
    assert_eq!(options("date", "format: dd/MM/yyyy"), NONE);
    assert_eq!(options("string", "minLenght: 1"), ["Warning key-unknown"]);
}

#[test]
fn metrics_stand_where_they_can_count() {
    assert_eq!(object_rule("metric: rowCount, mustBe: 5"), NONE);
    assert_eq!(rule("metric: rowCount, mustBe: 5"), ["Error metric-level"]);
    assert_eq!(rule("metric: nullValues, mustBe: 0"), NONE);
    assert_eq!(object_rule("metric: nullValues, mustBe: 0"), ["Error metric-level"]);
    assert_eq!(object_rule("metric: duplicateValues, mustBe: 0, arguments: {properties: [x, y]}"), NONE);
    assert_eq!(object_rule("metric: duplicateValues, mustBe: 0"), ["Error metric-level"]);
    assert_eq!(
        object_rule("metric: duplicateValues, mustBe: 0, arguments: {properties: [z]}"),
        ["Error reference-dangling"]
    );
    assert_eq!(rule("metric: invalidValues, mustBe: 0, arguments: {validValues: [a]}"), NONE);
    assert_eq!(rule("metric: invalidValues, mustBe: 0"), ["Error argument-missing"]);
    assert_eq!(rule("metric: nullValues, mustBe: 0, arguments: {validValues: [a]}"), ["Warning argument-unknown"]);
    assert_eq!(rule("metric: nullCount, mustBe: 0"), ["Warning metric-unknown"]);
    assert_eq!(rule("rule: nullValues, mustBe: 0"), ["Warning key-deprecated"]);
}

#[test]
fn rules_have_one_operator_that_fits() {
    assert_eq!(rule("metric: nullValues"), ["Warning operator-missing"]);
    assert_eq!(rule("metric: nullValues, mustBe: 0, mustBeLessThan: 5"), ["Warning operator-missing"]);
    assert_eq!(rule("metric: nullValues, mustBe: few"), ["Error operand-kind"]);
    assert_eq!(rule("metric: nullValues, mustBeBetween: [1]"), ["Error operand-kind"]);
    assert_eq!(rule("metric: nullValues, mustBeBetween: [10, 1]"), ["Error bounds-swapped"]);
    assert_eq!(rule("type: sql, query: SELECT 1, mustBe: true"), ["Warning sql-not-a-row-rule"]);
    assert_eq!(rule("type: text, description: no gaps, severity: fatal"), ["Warning severity-unknown"]);
    assert_eq!(rule("type: text, description: no gaps, dimension: validity"), ["Warning value-unknown"]);
    assert_eq!(rule("type: custom, engine: soda, implementation: {a: 1}"), NONE);
    assert_eq!(rule("type: custom, engine: soda"), ["Error key-missing"]);
    assert_eq!(rule("type: text, description: no gaps"), NONE);
    assert_eq!(rule("description: no gaps"), ["Warning quality-type-missing"]);
    assert_eq!(rule("metric: nullValues, mustBe: 0, unit: shares"), ["Warning unit-unknown"]);
    assert_eq!(object_rule("metric: rowCount, mustBe: 1, unit: percent"), ["Warning unit-misplaced"]);
}

#[test]
fn rules_that_never_fail_or_never_pass() {
    let count = |operator: &str| rule(&format!("metric: nullValues, {operator}"));
    let share = |operator: &str| rule(&format!("metric: nullValues, unit: percent, {operator}"));
    let never_fails = ["Warning rule-never-fails"];
    let never_passes = ["Warning rule-never-passes"];
    assert_eq!(count("mustBeLessThan: 0"), never_passes);
    assert_eq!(count("mustBeLessThan: 1"), NONE);
    assert_eq!(count("mustBeLessOrEqualTo: 0"), NONE);
    assert_eq!(count("mustBe: 0.5"), never_passes);
    assert_eq!(share("mustBe: 0.5"), NONE);
    assert_eq!(count("mustBeGreaterOrEqualTo: 0"), never_fails);
    assert_eq!(count("mustBeGreaterThan: -1"), never_fails);
    assert_eq!(count("mustNotBe: -1"), never_fails);
    assert_eq!(count("mustBeBetween: [-2, -1]"), never_passes);
    assert_eq!(count("mustNotBeBetween: [-2, -1]"), never_fails);
    assert_eq!(share("mustBeLessThan: 101"), never_fails);
    assert_eq!(share("mustBeLessThan: 100"), NONE);
    assert_eq!(share("mustBeGreaterThan: 100"), never_passes);
    assert_eq!(share("mustBeBetween: [0, 100]"), never_fails);
    assert_eq!(share("mustNotBeBetween: [0, 100]"), never_passes);
    assert_eq!(count("mustBeBetween: [0, 100]"), NONE);
}

#[test]
fn references() {
    let keys = |body: &str| {
        findings(&document(
            "v3.1.0",
            &format!(
                "schema: [{{name: t, properties: [{{name: x, relationships: [{{{body}}}]}}]}}, {{name: u, properties: [{{name: y}}, {{name: z}}]}}]"
            ),
        ))
    };
    assert_eq!(keys("to: u.y"), NONE);
    assert_eq!(keys("to: u.w"), ["Error reference-dangling"]);
    assert_eq!(keys("to: schema/u/properties/w"), ["Error reference-dangling"]);
    assert_eq!(keys("to: v.w"), ["Warning reference-dangling"]);
    assert_eq!(keys("to: y"), ["Error reference-syntax"]);
    assert_eq!(keys("to: [u.y, u.z]"), ["Error reference-unequal"]);
    assert_eq!(keys("from: t.x, to: u.y"), ["Error reference-from"]);
    assert_eq!(keys("to: other.yaml#/schema/v/properties/w"), ["Info reference-external"]);
    let object = |body: &str| {
        findings(&document(
            "v3.1.0",
            &format!(
                "schema: [{{name: t, properties: [{{name: x}}], relationships: [{{{body}}}]}}, {{name: u, properties: [{{name: y}}, {{name: z}}]}}]"
            ),
        ))
    };
    assert_eq!(object("from: t.x, to: u.y"), NONE);
    assert_eq!(object("from: u.y, to: u.z"), ["Error reference-mixed"]);
    assert_eq!(object("from: [t.x], to: [u.y, u.z]"), ["Error reference-unequal"]);
    assert_eq!(object("to: u.z"), ["Error key-missing"]);
    assert_eq!(object("from: t.w, to: u.z"), ["Error reference-dangling"]);
}

#[test]
fn service_levels() {
    assert_eq!(sla("property: freshness, value: 1, unit: d, element: t.x"), NONE);
    assert_eq!(sla("property: freshness, value: 1, unit: d, element: x"), NONE);
    assert_eq!(sla("property: freshness, value: 1, unit: m, element: t.x"), ["Warning unit-ambiguous"]);
    assert_eq!(sla("property: freshness, value: 1, unit: fortnight, element: t.x"), ["Warning unit-unknown"]);
    assert_eq!(sla("property: freshness, value: 1, element: t.x"), ["Warning unit-unknown"]);
    assert_eq!(sla("property: freshness, value: 1, unit: d"), ["Warning element-unknown"]);
    assert_eq!(sla("property: freshness, value: 1, unit: d, element: t.w"), ["Warning element-unknown"]);
    assert_eq!(sla("property: freshness, value: daily, unit: d, element: t.x"), ["Warning sla-value"]);
    assert_eq!(sla("property: availability, value: 99.9%"), NONE);
    assert_eq!(sla("property: availability"), ["Error key-missing"]);
}

#[test]
fn findings_carry_place_path_and_a_fix() {
    let text = document("v3.1.0", "schema:\n- name: t\n  properties:\n  - name: x\n    logicalType: strin");
    let found = lint(&text).remove(0);
    assert_eq!((found.level, found.span.line, found.span.column), (Level::Error, 10, 18));
    assert_eq!(found.path, "schema[0].properties[0].logicalType");
    assert_eq!(found.message, "`strin` is no value of `logicalType`");
    assert_eq!(found.help.as_deref(), Some("did you mean `string`?"));
    assert_eq!(&text[found.span.start..found.span.end], "strin");
}

#[test]
fn row_rules_are_read_when_a_contract_loads() {
    let row = |text: &str| rule(&format!("type: custom, engine: guard_nb, implementation: {{rule: \"{text}\"}}"));
    assert_eq!(row("1 < 2"), ["Warning rule-never-fails"]);
    assert_eq!(row("1 > 2"), ["Warning rule-never-passes"]);
    assert_eq!(row("1 >"), ["Warning expression-syntax"]);
    assert_eq!(row("nowhere > 1"), ["Warning column-unknown"]);
    assert_eq!(row("lenght('a') = 1"), ["Warning function-unknown"]);
    assert_eq!(row("1 < :limit"), NONE);
    assert_eq!(rule("type: custom, engine: guard_nb, implementation: {sql: x}"), ["Warning rule-malformed"]);
}
