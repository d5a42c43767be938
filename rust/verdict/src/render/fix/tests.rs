#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use crate::{ContractRef, Coverage, Outcome, Records, Scope, Severity, Status};
use serde_json::json;

fn clause(kind: &str, columns: &[&str]) -> Clause {
    Clause {
        id: "c".into(),
        kind: kind.into(),
        name: String::new(),
        columns: columns.iter().map(|c| (*c).into()).collect(),
        scope: Scope::Record,
        severity: Severity::Error,
        coverage: Coverage::Executed,
        outcome: Some(Outcome::Fail),
        code: None,
        reason: None,
        dimension: None,
        evaluated: Some(10),
        failing: Some(1),
        metric: None,
        evidence: vec![crate::Evidence {
            source: String::new(),
            record: 7,
            path: String::new(),
            value: None,
            values: None,
            context: Vec::new(),
        }],
        undecided: Vec::new(),
        faults: Vec::new(),
    }
}

fn verdict() -> Verdict {
    Verdict {
        format: crate::FORMAT.into(),
        semantics: 1,
        contract: ContractRef {
            id: "nyc".into(),
            version: "1".into(),
            digest: String::new(),
            object: "flights".into(),
        },
        status: Status::Reject,
        bytes: None,
        records: Records::default(),
        sources: Vec::new(),
        as_of: None,
        params: Default::default(),
        references: Vec::new(),
        undeclared: vec!["note".into()],
        undeclared_more: false,
        clauses: Vec::new(),
    }
}

fn looked(kind: &str, columns: &[&str], arguments: &[Value]) -> String {
    let mut beside = Beside { frame: Some("flights".into()), ..Beside::default() };
    beside.arguments.insert("c".into(), arguments.to_vec());
    look(&verdict(), &beside, &clause(kind, columns)).unwrap()
}

fn proposes(kind: &str, columns: &[&str], arguments: &[Value], line: &str) {
    assert_eq!(looked(kind, columns, arguments), line, "{kind}");
}

#[test]
fn filters_for_missing_and_repeated_values() {
    proposes("required", &["dep_time"], &[], r#"flights.filter(pl.col("dep_time").is_null())"#);
    let unique = r#"flights.filter(pl.col("id").is_not_null() & pl.col("id").is_duplicated())"#;
    proposes("unique", &["id"], &[], unique);
    let key = r#"flights.filter(pl.col("id").is_null() | pl.col("id").is_duplicated())"#;
    proposes("primaryKey", &["id"], &[], key);
    let keys = r#"flights.filter(pl.any_horizontal(pl.col("a", "b").is_null()) | pl.struct("a", "b").is_duplicated())"#;
    proposes("primaryKey", &["a", "b"], &[], keys);
    proposes("undeclaredColumns", &[], &[], r#"flights.select("note")"#);
    proposes("presence", &["tailnum"], &[], r#""tailnum" in flights.columns"#);
}

#[test]
fn filters_for_bounds_patterns_and_sets() {
    proposes("minimum", &["d"], &[json!("0.5")], r#"flights.filter(pl.col("d") < 0.5)"#);
    proposes("exclusiveMaximum", &["d"], &[json!(9)], r#"flights.filter(pl.col("d") >= 9)"#);
    let day = r#"flights.filter(pl.col("t") > pl.lit("2026-01-31").str.to_date())"#;
    proposes("maximum", &["t"], &[json!("2026-01-31")], day);
    let naive = r#"flights.filter(pl.col("t") < pl.lit("2026-01-31T00:00:00").str.to_datetime())"#;
    proposes("minimum", &["t"], &[json!("2026-01-31T00:00:00")], naive);
    let zoned = r#"flights.filter(pl.col("t") < pl.lit("2026-01-31T00:00:00Z").str.to_datetime(time_zone="UTC"))"#;
    proposes("minimum", &["t"], &[json!("2026-01-31T00:00:00Z")], zoned);
    proposes("pattern", &["s"], &[json!("^\\d+$")], r#"flights.filter(~pl.col("s").str.contains("^\\d+$"))"#);
    let set = r#"flights.filter(~pl.col("o").is_in(["EWR", "LGA"]))"#;
    proposes("enum", &["o"], &[json!("EWR"), json!("LGA")], set);
}

#[test]
fn joins_for_unknown_keys_leave_nulls_out() {
    let same = r#"flights.drop_nulls("tailnum").join(planes, on="tailnum", how="anti")"#;
    proposes("foreignKey", &["tailnum"], &[json!("planes"), json!("tailnum")], same);
    let other = r#"flights.drop_nulls("dest").join(airports, left_on="dest", right_on="faa", how="anti")"#;
    proposes("foreignKey", &["dest"], &[json!("airports"), json!("faa")], other);
    let two = r#"flights.drop_nulls(["a", "b"]).join(t, left_on=["a", "b"], right_on=["x", "y"], how="anti")"#;
    proposes("foreignKey", &["a", "b"], &[json!("t"), json!("x"), json!("y")], two);
}

#[test]
fn what_is_not_known_falls_back_to_record_numbers() {
    assert_eq!(looked("minimum", &["d"], &[]), "flights[[7]]");
    assert_eq!(looked("foreignKey", &["d"], &[json!("import os; os"), json!("x")]), "flights[[7]]");
    assert_eq!(looked("minLength", &["tags[]"], &[json!(2)]), "flights[[7]]");
    assert_eq!(looked("enum", &["o"], &[json!("x".repeat(300))]), "flights[[7]]");
}

#[test]
fn names_cannot_leave_their_literal() {
    assert_eq!(
        looked("required", &["a\") or __import__(\"os\n\u{202e}"], &[]),
        "flights.filter(pl.col(\"a\\\") or __import__(\\\"os\\n\\u202e\").is_null())"
    );
    let beside = Beside { frame: Some("x; import os".into()), ..Beside::default() };
    assert_eq!(look(&verdict(), &beside, &clause("rowCount", &[])).unwrap(), "frame.height");
    let beside = Beside { frame: Some("lambda".into()), ..Beside::default() };
    assert_eq!(look(&verdict(), &beside, &clause("rowCount", &[])).unwrap(), "frame.height");
}

#[test]
fn the_call_is_quoted() {
    let mut beside =
        Beside { frame: Some("flights".into()), contract_path: Some("nyc.odcs.yaml".into()), ..Beside::default() };
    assert_eq!(call(&verdict(), &beside), "gn.Contract.load(\"nyc.odcs.yaml\").check(flights)");
    beside.contract_path = Some("a\"b\n".into());
    assert_eq!(call(&verdict(), &beside), "gn.Contract.load(\"a\\\"b\\n\").check(flights)");
    assert_eq!(call(&verdict(), &Beside::default()), "contract.check(frame)");
}

#[test]
fn the_call_for_files_reads_them() {
    let mut beside = Beside { contract_path: Some("nyc.odcs.yaml".into()), ..Beside::default() };
    let of_text = Verdict { bytes: Some(crate::Bytes::default()), ..verdict() };
    assert_eq!(call(&of_text, &beside), "gn.Contract.load(\"nyc.odcs.yaml\").ingest(path)");
    beside.sources = vec!["a\"b.csv".into()];
    assert_eq!(call(&verdict(), &beside), "gn.Contract.load(\"nyc.odcs.yaml\").ingest(\"a\\\"b.csv\")");
    beside.sources.push("c.csv".into());
    assert!(call(&of_text, &beside).ends_with(".ingest([\"a\\\"b.csv\", \"c.csv\"])"));
    beside.sources.push("d".repeat(120));
    assert!(call(&of_text, &beside).ends_with(".ingest(paths)"));
    beside.frame = Some("flights".into());
    assert!(call(&of_text, &beside).ends_with(".check(flights)"));
}

#[test]
fn the_contract_edit_names_its_line() {
    let mut beside = Beside { contract_path: Some("nyc.odcs.yaml".into()), ..Beside::default() };
    assert_eq!(edit(&beside, &clause("required", &["a"])), None);
    beside.lines.insert("c".into(), 14);
    assert_eq!(edit(&beside, &clause("required", &["a"])).unwrap(), "required: true  # nyc.odcs.yaml, line 14");
    beside.arguments.insert("c".into(), vec![json!("planes"), json!("tailnum")]);
    assert_eq!(
        edit(&beside, &clause("foreignKey", &["tailnum"])).unwrap(),
        "relationships: [{to: planes.tailnum}]  # nyc.odcs.yaml, line 14"
    );
}

#[test]
fn row_rules_are_looked_up_in_what_a_split_sets_beside() {
    let split = "flights).rejected.filter(pl.col(\"guard_clauses\").list.contains(\"c\"))";
    proposes("rowRule", &["a", "b"], &[], &format!("contract.split({split}"));
    let mut judged = verdict();
    judged.references = vec![crate::Reference { name: "planes".into(), records: 1 }];
    judged.as_of = Some("2026-01-31T00:00:00Z".into());
    judged.params = [("limit".to_owned(), json!(5)), ("on".to_owned(), json!(true))].into();
    let mut beside = Beside { frame: Some("flights".into()), ..Beside::default() };
    let line = look(&judged, &beside, &clause("sql", &["a.b"])).unwrap();
    let arguments =
        r#"flights, references={"planes": planes}, as_of="2026-01-31T00:00:00Z", params={"limit": 5, "on": True}"#;
    assert!(line.starts_with(&format!("contract.split({arguments}).rejected.filter(")), "{line}");
    // The document has dates as text: what was bound cannot be told.
    judged.params.insert("day".into(), json!("2026-01-31"));
    assert!(look(&judged, &beside, &clause("sql", &["a"])).unwrap().contains(", params=params).rejected"));
    beside.rejects = Some("bad".into());
    let rejects = r#"bad.filter(pl.col("guard_clauses").list.contains("c"))"#;
    assert_eq!(look(&judged, &beside, &clause("rowRule", &["a"])).unwrap(), rejects);
}

#[test]
fn clauses_that_mark_no_record_are_looked_up_by_number() {
    let warning = Clause { severity: Severity::Warning, ..clause("rowRule", &["a"]) };
    let table = Clause { scope: Scope::Table, ..clause("rowRule", &["a"]) };
    let long = Clause { id: "x".repeat(300), ..clause("rowRule", &["a"]) };
    for clause in [warning, table, long] {
        assert_eq!(look(&verdict(), &Beside::default(), &clause).unwrap(), "frame[[7]]");
    }
    let mut open = Clause { outcome: Some(Outcome::Unknown), scope: Scope::Table, ..clause("rowRule", &["a"]) };
    assert_eq!(look(&verdict(), &Beside::default(), &open), None, "nothing is known to be undecided");
    let second = crate::Evidence { record: 3, ..open.evidence[0].clone() };
    open.undecided = vec![crate::Undecided { code: "cast-failed".into(), count: 1, evidence: vec![second] }];
    assert_eq!(look(&verdict(), &Beside::default(), &open).unwrap(), "frame[[3, 7]]");
}

#[test]
fn ids_cannot_leave_their_literal() {
    let hostile = Clause { id: "a\")) or exit(\"\n".into(), ..clause("rowRule", &["a"]) };
    let line = look(&verdict(), &Beside::default(), &hostile).unwrap();
    assert!(line.ends_with(r#".list.contains("a\")) or exit(\"\n"))"#), "{line}");
}
