//! What a contract holds once it is loaded.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use guard_engine::contract::{Contract, LoadOptions, LogicalType, QualityKind, Relationship, Scalar, TypeOption};
use guard_verdict::{Level, Span};
use std::collections::BTreeMap;

const FLIGHTS: &str = r#"# Delays of flights.
apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.2.0
status: active
name: Flights
schema:
  - id: flights_tbl
    name: flights
    physicalName: flights_v1
    properties:
      - name: flight_date
        logicalType: date
        required: true
        primaryKey: true
        primaryKeyPosition: 1
        logicalTypeOptions:
          maximum: 2026-12-31
          minimum: 2013-01-01
      - name: tailnum
        id: tail
        logicalType: string
        classification: public
        logicalTypeOptions: {pattern: '^N[0-9A-Z]+$', maxLength: 6}
        relationships:
          - to: planes.tailnum
          - to: schema/planes_tbl/properties/plane_tail
          - to: fleet.odcs.yaml#/schema/fleet/properties/tail
      - name: route
        logicalType: object
        properties:
          - name: origin
            logicalType: string
            relationships:
              - to: airports.place.code
      - name: legs
        logicalType: array
        items:
          logicalType: integer
          logicalTypeOptions: {minimum: 0.5}
    quality:
      - metric: rowCount
        mustBeGreaterThan: 0
      - metric: duplicateValues
        arguments: {properties: [flight_date, tailnum]}
        mustBe: 0
        severity: warning
    relationships:
      - from: [flights.flight_date, flights.tailnum]
        to: [planes.built, planes.tailnum]
  - id: planes_tbl
    name: planes
    properties:
      - {name: tailnum, id: plane_tail, logicalType: string}
      - {name: built, logicalType: date}
  - name: airports
    properties:
      - name: place
        logicalType: object
        properties: [{name: code, logicalType: string}]
slaDefaultElement: flights.flight_date
slaProperties:
  - {property: freshness, value: 1, unit: d, element: "flights.flight_date, planes.built"}
  - {property: retention, value: 3, unit: y}
"#;

fn key(from: &[&str], object: &str, to: &[&str]) -> (Vec<String>, String, Vec<String>) {
    let own = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
    (own(from), object.to_owned(), own(to))
}

fn parts(relationship: &Relationship) -> (Vec<String>, String, Vec<String>) {
    (relationship.from.clone(), relationship.to_object.clone(), relationship.to.clone())
}

fn minimal(version: &str, tail: &str) -> String {
    format!("apiVersion: {version}\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: draft\n{tail}")
}

#[test]
fn reads_the_header_and_keeps_the_text() {
    let contract = Contract::load(FLIGHTS).unwrap();
    assert_eq!(
        (contract.id.as_str(), contract.version.as_str(), contract.api_version.as_str()),
        ("flights", "1.2.0", "v3.1.0")
    );
    assert_eq!(contract.name.as_deref(), Some("Flights"));
    assert_eq!(contract.text, FLIGHTS);
    assert_eq!(contract.object("flights").unwrap().physical_name.as_deref(), Some("flights_v1"));
    let loud: Vec<_> = contract.diagnostics.iter().filter(|finding| finding.level == Level::Warning).collect();
    assert!(loud.is_empty(), "{loud:?}");
}

#[test]
fn reads_properties_in_order_with_their_places() {
    let contract = Contract::load(FLIGHTS).unwrap();
    let flights = contract.object("flights").unwrap();
    let names: Vec<_> = flights.properties.iter().map(|property| property.name.as_str()).collect();
    assert_eq!(names, ["flight_date", "tailnum", "route", "legs"]);
    let date = &flights.properties[0];
    assert_eq!(date.logical_type.as_ref().unwrap().value, LogicalType::Date);
    assert_eq!((date.required.as_ref().unwrap().value, date.primary_key_position), (true, Some(1)));
    // Options come in the order of the variants, not as written; dates stay text.
    let options: Vec<_> = date.options.iter().map(|option| option.value.clone()).collect();
    let text = |text: &str| Scalar::Text(text.to_owned());
    assert_eq!(options, [TypeOption::Minimum(text("2013-01-01")), TypeOption::Maximum(text("2026-12-31"))]);
    let at = FLIGHTS.find("2013-01-01").unwrap();
    assert_eq!(date.options[0].span, Span { line: 20, column: 20, start: at, end: at + 10 });
    let legs = flights.properties[3].items.as_ref().unwrap();
    assert_eq!(legs.options[0].value, TypeOption::Minimum(Scalar::Number("0.5".into())));
}

#[test]
fn resolves_references_by_name_path_and_file() {
    let contract = Contract::load(FLIGHTS).unwrap();
    let flights = contract.object("flights").unwrap();
    let tail: Vec<_> = flights.properties[1].relationships.iter().map(parts).collect();
    let by_name = key(&["tailnum"], "planes", &["tailnum"]);
    assert_eq!(tail, [by_name.clone(), by_name, key(&["tailnum"], "fleet", &["tail"])]);
    let external = flights.properties[1].relationships[2].external.as_deref();
    assert_eq!(external, Some("fleet.odcs.yaml#/schema/fleet/properties/tail"));
    let nested = &flights.properties[2].properties[0].relationships[0];
    assert_eq!(parts(nested), key(&["route.origin"], "airports", &["place.code"]));
    let composite = &flights.relationships[0];
    assert_eq!(parts(composite), key(&["flight_date", "tailnum"], "planes", &["built", "tailnum"]));
}

#[test]
fn reads_rules_and_service_levels() {
    let contract = Contract::load(FLIGHTS).unwrap();
    let rules = &contract.object("flights").unwrap().quality;
    let QualityKind::Library { metric, properties, .. } = &rules[1].kind else { panic!("{rules:?}") };
    assert_eq!((metric.as_str(), properties.as_ref().unwrap().len()), ("duplicateValues", 2));
    assert_eq!(rules[1].operators[0].operands, [Scalar::Number("0".into())]);
    assert_eq!(contract.sla[0].elements, ["flights.flight_date", "planes.built"]);
    assert_eq!(contract.sla[1].elements, ["flights.flight_date"]);
    assert_eq!(contract.sla[1].value, Scalar::Number("3".into()));
}

#[test]
fn reads_json() {
    let text = r#"{"apiVersion": "v3.1.0", "kind": "DataContract", "id": "a", "version": "1", "status": "draft",
	"schema": [{"name": "t", "properties": [{"name": "x", "logicalType": "integer", "required": true}]}]}"#;
    let contract = Contract::load(text).unwrap();
    assert!(contract.objects[0].properties[0].required.as_ref().unwrap().value);
}

#[test]
fn types_scalars_by_the_core_schema() {
    let text = minimal(
        "v3.2.0",
        "schema:\n- name: t\n  properties:\n  - name: x\n    enum: [yes, on, 2026-01-01, 1_0, 0x1F, 0o17, +5, .5, 5., 1250.00, 1e3, '7', ~, null, True, .inf, {value: 3}]\n",
    );
    let contract = Contract::load(&text).unwrap();
    let values = contract.objects[0].properties[0].enum_values.as_ref().unwrap().value.clone();
    let text = |text: &str| Scalar::Text(text.to_owned());
    let number = |digits: &str| Scalar::Number(digits.to_owned());
    let expected = [
        text("yes"),
        text("on"),
        text("2026-01-01"),
        text("1_0"),
        number("31"),
        number("15"),
        number("5"),
        number("0.5"),
        number("5"),
        number("1250.00"),
        number("1e3"),
        text("7"),
        Scalar::Null,
        Scalar::Null,
        Scalar::Bool(true),
        text(".inf"),
        number("3"),
    ];
    assert_eq!(values, expected);
}

#[test]
fn reads_maps_and_vectors_of_3_2() {
    let text = minimal(
        "v3.2.0",
        "schema:\n- name: t\n  properties:\n  - name: scores\n    logicalType: map\n    map: {key: {logicalType: string}, value: {logicalType: number}}\n  - name: embedding\n    logicalType: vector\n    logicalTypeOptions: {dimensions: 3}\n",
    );
    let contract = Contract::load(&text).unwrap();
    assert!(contract.diagnostics.is_empty(), "{:?}", contract.diagnostics);
    let properties = &contract.objects[0].properties;
    let map = properties[0].map.as_ref().unwrap();
    assert_eq!(map.1.logical_type.as_ref().unwrap().value, LogicalType::Number);
    assert_eq!(properties[1].options[0].value, TypeOption::Dimensions(3));
}

#[test]
fn variables_have_values_defaults_or_errors() {
    let tail = "name: ${NAME}\nschema:\n- name: ${TABLE:-t}\n  properties:\n  - name: x\n    logicalType: integer\n    logicalTypeOptions:\n      maximum: ${MAX:-9}\n";
    let text = minimal("v3.2.0", tail);
    let variables = BTreeMap::from([("NAME".to_owned(), "Ada".to_owned())]);
    let contract = Contract::load_with(&text, &LoadOptions { variables }).unwrap();
    assert_eq!((contract.name.as_deref(), contract.objects[0].name.as_str()), (Some("Ada"), "t"));
    let maximum = &contract.objects[0].properties[0].options[0].value;
    assert_eq!(maximum, &TypeOption::Maximum(Scalar::Number("9".into())));
    assert_eq!(contract.text, text);
    let errors = Contract::load(&text).unwrap_err();
    assert_eq!(errors[0].code.name(), "variable-unresolved");
    // 3.1 has no variables: older documents use `${table}` inside queries.
    let older = minimal("v3.1.0", "name: ${NAME}\n");
    assert_eq!(Contract::load(&older).unwrap().name.as_deref(), Some("${NAME}"));
}

#[test]
fn what_is_no_variable_stays() {
    let name = |text: &str| {
        let text = minimal("v3.2.0", &format!("name: '{text}'\n"));
        Contract::load(&text).unwrap().name.unwrap()
    };
    assert_eq!(name("$A ${} ${1A} ${a-b} ${A"), "$A ${} ${1A} ${a-b} ${A");
    assert_eq!(name("<${A:-}${B:-b c}>"), "<b c>");
    // What a default holds is not searched again.
    assert_eq!(name("${A:-${B:-c}}"), "${B:-c}");
    let open = "${A:-".repeat(200_000);
    assert_eq!(name(&open), open);
}

#[test]
fn aliases_are_written_out() {
    let text = minimal(
        "v3.1.0",
        "schema:\n- name: t\n  properties:\n  - {name: x, logicalType: integer, logicalTypeOptions: &limits {minimum: 0}}\n  - {name: y, logicalType: integer, logicalTypeOptions: *limits}\n",
    );
    let properties = &Contract::load(&text).unwrap().objects[0].properties;
    assert_eq!(properties[0].options, properties[1].options);
}

#[test]
fn the_digest_sees_meaning_and_not_form() {
    let digest = |text: &str| Contract::load(text).unwrap().digest;
    let block = minimal("v3.1.0", "description: {purpose: a}\nprice:\n  priceAmount: 1250.00\n  rate: 0.10\n");
    let flow = "# the same\nprice: {rate: 1e-1, priceAmount: 1.25e3}\n'status': \"draft\"\nversion: '1.0.0'\nid: a\nkind: DataContract\n\napiVersion: v3.1.0\ndescription:\n    purpose: 'a'\n";
    assert_eq!(digest(&block), digest(flow));
    let quoted = block.replace("1250.00", "'1250.00'");
    assert_ne!(digest(&block), digest(&quoted));
    let canonical = Contract::load(&block).unwrap();
    assert_eq!(
        canonical.canonical_json(),
        r#"{"apiVersion":"v3.1.0","description":{"purpose":"a"},"id":"a","kind":"DataContract","price":{"priceAmount":1250,"rate":{"$decimal":"0.1"}},"status":"draft","version":"1.0.0"}"#
    );
    assert_eq!(canonical.digest, guard_verdict::digest(canonical.canonical_json().as_bytes()));
}

#[test]
fn large_integers_keep_their_digits() {
    let text = minimal("v3.1.0", "price: {a: 9007199254740993, b: 9007199254740992, c: 1e400, d: -0}\n");
    let canonical = Contract::load(&text).unwrap().canonical;
    assert!(
        canonical.contains(
            r#""price":{"a":{"$decimal":"9007199254740993"},"b":9007199254740992,"c":{"$decimal":"1e400"},"d":0}"#
        ),
        "{canonical}"
    );
}
