//! What changes between two versions mean.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use guard_engine::contract::Impact::{Breaking, Loosening, Neutral, Tightening};
use guard_engine::contract::{Contract, Impact, diff};

type Row = (String, String, Impact, Impact);

fn contract(properties: &str, tail: &str) -> Contract {
    let text = format!(
        "apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0.0\nschema:\n- name: t\n  properties: [{properties}]\n{tail}"
    );
    Contract::load(&text).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn rows(old: &Contract, new: &Contract) -> Vec<Row> {
    diff(old, new).into_iter().map(|change| (change.path, change.kind, change.producer, change.consumer)).collect()
}

fn row(path: &str, kind: &str, producer: Impact, consumer: Impact) -> Row {
    (path.to_owned(), kind.to_owned(), producer, consumer)
}

/// The only change between two bodies of the property x: its kind and what it means.
fn change(old: &str, new: &str) -> (String, Impact, Impact) {
    let body = |body: &str| contract(&format!("{{name: x, {body}}}"), "");
    let found = rows(&body(old), &body(new));
    assert_eq!(found.len(), 1, "{found:?}");
    (found[0].1.clone(), found[0].2, found[0].3)
}

fn means(kind: &str, producer: Impact, consumer: Impact) -> (String, Impact, Impact) {
    (kind.to_owned(), producer, consumer)
}

#[test]
fn properties_come_and_go() {
    let (one, two) = (contract("{name: x}", ""), contract("{name: x}, {name: y, required: true}", ""));
    assert_eq!(rows(&one, &two), [row("schema[t].properties[y]", "property-added", Breaking, Neutral)]);
    assert_eq!(rows(&two, &one), [row("schema[t].properties[y]", "property-removed", Loosening, Breaking)]);
    let renamed = contract("{name: z}", "");
    let expected = [
        row("schema[t].properties[x]", "property-removed", Loosening, Breaking),
        row("schema[t].properties[z]", "property-added", Breaking, Neutral),
    ];
    assert_eq!(rows(&one, &renamed), expected);
    let more = contract("{name: x}", "- name: u\n");
    assert_eq!(rows(&one, &more), [row("schema[u]", "object-added", Tightening, Neutral)]);
    assert_eq!(rows(&more, &one), [row("schema[u]", "object-removed", Loosening, Breaking)]);
}

#[test]
fn types_and_presence() {
    assert_eq!(change("logicalType: string", "logicalType: integer"), means("type-changed", Breaking, Breaking));
    assert_eq!(change("physicalName: a", "physicalName: b"), means("name-changed", Breaking, Breaking));
    assert_eq!(change("required: false", "required: true"), means("required-changed", Tightening, Loosening));
    assert_eq!(change("required: true", "required: false"), means("required-changed", Loosening, Breaking));
    assert_eq!(change("required: true", "unique: false, required: true"), means("key-added", Neutral, Neutral));
    assert_eq!(change("unique: true", "unique: false"), means("key-changed", Loosening, Tightening));
    assert_eq!(change("description: a", "description: b"), means("changed", Neutral, Neutral));
}

#[test]
fn bounds() {
    let options = |old: &str, new: &str| {
        let body = |options: &str| format!("logicalType: integer, logicalTypeOptions: {{{options}}}");
        change(&body(old), &body(new))
    };
    assert_eq!(options("minimum: 0", "minimum: 1"), means("bound-changed", Tightening, Loosening));
    assert_eq!(options("minimum: 0", "minimum: -0.5"), means("bound-changed", Loosening, Tightening));
    assert_eq!(options("maximum: 9", "maximum: 10"), means("bound-changed", Loosening, Tightening));
    assert_eq!(
        options("maximum: 9007199254740993", "maximum: 9007199254740992"),
        means("bound-changed", Tightening, Loosening)
    );
    assert_eq!(options("minimum: 0", ""), means("bound-removed", Loosening, Tightening));
    let whole = change("logicalType: integer", "logicalType: integer, logicalTypeOptions: {minimum: 0}");
    assert_eq!(whole, means("bound-added", Tightening, Loosening));
    let dates = |day: &str| format!("logicalType: date, logicalTypeOptions: {{minimum: {day}}}");
    assert_eq!(change(&dates("2026-01-01"), &dates("2026-01-02")), means("bound-changed", Tightening, Loosening));
}

#[test]
fn digits_of_decimals() {
    let physical = |old: &str, new: &str| {
        let body = |ty: &str| format!("logicalType: number, physicalType: \"{ty}\"");
        change(&body(old), &body(new))
    };
    let same = means("changed", Neutral, Neutral);
    assert_eq!(physical("decimal(9, 2)", "decimal(9, 1)"), means("type-changed", Breaking, Breaking));
    assert_eq!(physical("decimal(9, 2)", "decimal(8, 1)"), means("type-changed", Breaking, Loosening));
    assert_eq!(physical("decimal(9, 2)", "decimal(8, 2)"), means("type-changed", Breaking, Loosening));
    assert_eq!(physical("decimal(9, 2)", "numeric(11, 4)"), means("type-changed", Loosening, Breaking));
    assert_eq!(physical("decimal(9, 2)", "decimal(10, 2)"), means("type-changed", Loosening, Breaking));
    assert_eq!(physical("decimal(9, 2)", "double"), means("type-changed", Breaking, Breaking));
    assert_eq!(physical("decimal(9, 2)", "decimal(39, 2)"), means("type-changed", Breaking, Breaking));
    assert_eq!(physical("decimal(9, 2)", "NUMERIC(9,2)"), same);
    assert_eq!(physical("float", "double"), same);
    // Of a text nothing is read.
    assert_eq!(
        change("logicalType: string, physicalType: varchar(9)", "logicalType: string, physicalType: text"),
        same
    );
    let gone = change("logicalType: number, physicalType: \"decimal(9, 2)\"", "logicalType: number");
    assert_eq!(gone, means("type-removed", Breaking, Breaking));
    // Without a logical type it is the type.
    assert_eq!(change("physicalType: int", "physicalType: varchar"), means("type-changed", Breaking, Breaking));
    assert_eq!(change("physicalType: int", "physicalType: bigint"), same);
    assert_eq!(change("description: a", "physicalType: date, description: a"), means("type-added", Breaking, Breaking));
    let items = |ty: &str| format!("logicalType: array, items: {{logicalType: number, physicalType: \"{ty}\"}}");
    assert_eq!(change(&items("decimal(9, 2)"), &items("decimal(9, 3)")), means("type-changed", Breaking, Breaking));
}

#[test]
fn how_bytes_are_read() {
    let csv = |body: &str| contract("{name: x}", &format!("  customProperties: [{body}]\n"));
    let change = |old: &str, new: &str| {
        let found = rows(&csv(old), &csv(new));
        assert_eq!(found.len(), 1, "{old} {new}: {found:?}");
        (found[0].1.clone(), found[0].2, found[0].3)
    };
    let one = |name: &str, value: &str| format!("{{property: {name}, value: {value}}}");
    let other = "{property: other, value: 1}";
    for (name, old, new) in [
        ("csvDelimiter", "';'", "'|'"),
        ("csvQuote", "'\"'", "\"'\""),
        ("csvHeader", "true", "false"),
        ("csvNulls", "[NA]", "[]"),
    ] {
        assert_eq!(change(&one(name, old), &one(name, new)), means("custom-changed", Breaking, Breaking), "{name}");
    }
    let added = |name: &str, value: &str| change(other, &format!("{other}, {}", one(name, value)));
    assert_eq!(added("csvDelimiter", "';'"), means("custom-added", Breaking, Breaking));
    assert_eq!(added("csvDelimiter", "','"), means("custom-added", Tightening, Tightening));
    assert_eq!(added("csvHeader", "false"), means("custom-added", Breaking, Breaking));
    // What is so without being said.
    assert_eq!(added("csvHeader", "true"), means("custom-added", Neutral, Neutral));
    assert_eq!(added("csvQuote", "'\"'"), means("custom-added", Neutral, Neutral));
    assert_eq!(
        change(&one("csvNulls", "[a, b]"), &one("csvNulls", "[b, a]")),
        means("custom-changed", Neutral, Neutral)
    );
    assert_eq!(change(&one("csvNulls", "NA"), &one("csvNulls", "[NA]")), means("custom-changed", Neutral, Neutral));
    assert_eq!(change(&one("other", "1"), &one("other", "2")), means("custom-changed", Neutral, Neutral));
    let server =
        |body: &str| contract("{name: x}", &format!("servers: [{{server: s, type: local, path: a, {body}}}]\n"));
    let found = rows(&server("format: csv"), &server("format: json"));
    assert_eq!(found, [row("servers[s].format", "format-changed", Breaking, Breaking)]);
    let found = rows(&server("delimiter: ';'"), &server("description: b"));
    let expected = [
        row("servers[s].delimiter", "format-removed", Breaking, Breaking),
        row("servers[s].description", "added", Neutral, Neutral),
    ];
    assert_eq!(found, expected);
}

#[test]
fn enums() {
    assert_eq!(change("enum: [a]", "enum: [{value: b}, a]"), means("enum-value-added", Loosening, Breaking));
    assert_eq!(change("enum: [a, b]", "enum: [a]"), means("enum-value-removed", Breaking, Loosening));
    assert_eq!(change("description: a", "description: a, enum: [a]"), means("enum-added", Tightening, Loosening));
    assert_eq!(change("enum: [a]", "enum: [{value: a, label: A}]"), means("enum-value-changed", Neutral, Neutral));
}

#[test]
fn rules() {
    let rule = |body: &str| format!("quality: [{{metric: nullValues, {body}}}]");
    let plain = rule("mustBeLessThan: 5");
    assert_eq!(change(&plain, &rule("mustBeLessThan: 4")), means("threshold-changed", Tightening, Loosening));
    assert_eq!(change(&plain, &rule("mustBeLessThan: 6")), means("threshold-changed", Loosening, Tightening));
    assert_eq!(
        change("description: a", &format!("description: a, {plain}")),
        means("rule-added", Tightening, Loosening)
    );
    let soft = rule("mustBeLessThan: 5, severity: info");
    assert_eq!(change("description: a", &format!("description: a, {soft}")), means("rule-added", Neutral, Neutral));
    assert_eq!(change(&plain, &rule("mustBeLessThan: 5, description: a")), means("added", Neutral, Neutral));
    let two = "quality: [{metric: nullValues, mustBe: 0}, {metric: nullValues, mustBeLessThan: 9}]";
    let swapped = "quality: [{metric: nullValues, mustBeLessThan: 9}, {metric: nullValues, mustBe: 0}]";
    assert_eq!(change(two, &format!("{swapped}, description: a")).0, "added");
}

#[test]
fn the_rest() {
    let sla = |value: u32| {
        contract(
            "{name: x}",
            &format!("slaProperties:\n- {{property: freshness, value: {value}, unit: d, element: t.x}}\n"),
        )
    };
    let path = "slaProperties[freshness].value";
    assert_eq!(rows(&sla(2), &sla(1)), [row(path, "service-level-changed", Tightening, Loosening)]);
    let tags = |tags: &str| contract("{name: x}", &format!("tags: [{tags}]\n"));
    assert_eq!(rows(&tags("a"), &tags("b")), [row("tags", "changed", Neutral, Neutral)]);
    let policy = |value: &str| {
        contract("{name: x}", &format!("  customProperties: [{{property: undeclaredColumns, value: {value}}}]\n"))
    };
    let path = "schema[t].customProperties[undeclaredColumns]";
    assert_eq!(rows(&policy("keep"), &policy("deny")), [row(path, "custom-changed", Tightening, Tightening)]);
}

#[test]
fn values_are_shown_and_order_does_not_count() {
    let old = contract("{name: x}, {name: y, logicalType: number, logicalTypeOptions: {minimum: 0.10}}", "");
    let new = contract("{name: y, logicalType: number, logicalTypeOptions: {minimum: 0.2}}, {name: x}", "");
    let found = diff(&old, &new);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].old.as_deref(), found[0].new.as_deref()), (Some("0.1"), Some("0.2")));
    assert!(diff(&old, &old).is_empty());
}
