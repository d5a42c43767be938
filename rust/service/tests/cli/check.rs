//! `check`

use crate::support::{CONTRACT, Folder, orders, said};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use guard_verdict::{Status, Verdict};
use std::process::Stdio;
use std::sync::Arc;

#[test]
fn the_status_is_the_verdict() {
    let good = Folder::with_orders(&[1, 9]).call(&["check", "orders.odcs.yaml", "orders.arrow"]);
    assert_eq!((good.status, good.err.as_str()), (0, ""));
    assert!(good.out.starts_with("✓ accept"), "{}", good.out);
    let bad = Folder::with_orders(&[1, 10]).call(&["check", "orders.odcs.yaml", "orders.arrow"]);
    assert_eq!((bad.status, bad.err.as_str()), (1, ""));
    assert!(bad.out.starts_with("✗ reject") && bad.out.contains("orders.odcs.yaml, line 13"), "{}", bad.out);
    let folder = Folder::with_orders(&[1]);
    folder.write(
        "aged.yaml",
        &format!("{CONTRACT}slaProperties:\n  - {{property: freshness, value: 1, unit: d, element: orders.id}}\n"),
    );
    let unknown = folder.call(&["check", "aged.yaml", "orders.arrow"]);
    assert_eq!(unknown.status, 3, "{}", unknown.out);
}

#[test]
fn json_is_the_canonical_document() {
    let folder = Folder::with_orders(&[1, 10, 3]);
    let said = folder.call(&["check", "orders.odcs.yaml", "orders.arrow", "--format", "json"]);
    let text = said.out.strip_suffix('\n').unwrap();
    let verdict = Verdict::from_json(text).unwrap();
    assert_eq!(verdict.to_json().unwrap(), text);
    let counts = (verdict.records.total, verdict.records.accepted, verdict.records.rejected);
    assert_eq!((verdict.status, counts), (Status::Reject, (3, 2, 1)));
    let again = folder.call(&["check", "orders.odcs.yaml", "orders.arrow", "--format", "json", "--threads", "1"]);
    assert_eq!(again.out, said.out);
}

#[test]
fn every_form_of_report() {
    let folder = Folder::with_orders(&[1, 10]);
    for (form, begins) in [
        ("text", "✗ reject"),
        ("table", "✗ reject"),
        ("json", "{\"asOf\""),
        ("html", "<!DOCTYPE html>"),
        ("oors", "{"),
        ("junit", "<?xml"),
    ] {
        let said = folder.call(&["check", "orders.odcs.yaml", "orders.arrow", "--format", form]);
        assert_eq!((said.status, said.err.as_str()), (1, ""), "{form}");
        assert!(said.out.starts_with(begins) && said.out.ends_with('\n'), "{form}: {}", said.out);
    }
    let quiet = folder.call(&["check", "orders.odcs.yaml", "orders.arrow", "--quiet"]);
    assert_eq!((quiet.status, quiet.out.as_str(), quiet.err.as_str()), (1, "", ""));
}

#[test]
fn accepted_records_in_every_form() {
    let folder = Folder::with_orders(&[1, 10, 3]);
    for name in ["good.ndjson", "good.csv", "good.tsv", "good.arrow", "good.parquet"] {
        let said = folder.call(&["check", "orders.odcs.yaml", "orders.arrow", "--accepted", name]);
        assert_eq!((said.status, said.err.as_str()), (1, ""), "{name}");
    }
    assert_eq!(
        folder.read("good.ndjson"),
        "{\"id\":1,\"qty\":1,\"note\":\"=1\"}\n{\"id\":3,\"qty\":3,\"note\":\"=3\"}\n"
    );
    assert_eq!(folder.read("good.csv"), "id,qty,note\n1,1,\"'=1\"\n3,3,\"'=3\"\n");
    assert_eq!(folder.read("good.tsv"), "id\tqty\tnote\n1\t1\t\"'=1\"\n3\t3\t\"'=3\"\n");
    let batches = folder.read_arrow("good.arrow");
    let ids: Vec<i64> =
        batches.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    assert_eq!(ids, [1, 3]);
    let parquet = std::fs::read(folder.path("good.parquet")).unwrap();
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    let again = folder.call(&["check", "orders.odcs.yaml", "good.parquet", "--format", "json"]);
    let arrow = folder.call(&["check", "orders.odcs.yaml", "good.arrow", "--format", "json"]);
    assert_eq!((again.status, &again.out), (0, &arrow.out), "{}", again.err);
    assert_eq!(Verdict::from_json(again.out.trim_end()).unwrap().records.accepted, 2);
    assert_eq!(folder.names().len(), 7, "{:?}", folder.names());
}

#[test]
fn records_on_standard_output_leave_the_report_beside() {
    let folder = Folder::with_orders(&[1, 10]);
    let said = folder.call(&["check", "orders.odcs.yaml", "orders.arrow", "--accepted", "-"]);
    assert_eq!((said.status, said.out.as_str()), (1, "{\"id\":1,\"qty\":1,\"note\":\"=1\"}\n"));
    assert!(said.err.starts_with("✗ reject"), "{}", said.err);
}

#[test]
fn standard_input_and_several_files() {
    let folder = Folder::with_orders(&[1]);
    let mut command = folder.command(&["check", "orders.odcs.yaml", "-", "--input-format", "arrow", "--quiet"]);
    command.stdin(Stdio::from(std::fs::File::open(folder.path("orders.arrow")).unwrap()));
    let piped = said(command);
    assert_eq!((piped.status, piped.err.as_str()), (0, ""));
    folder.arrow("orders-2.arrow", &orders(&[2]));
    let twice = folder.call(&["check", "orders.odcs.yaml", "orders*.arrow", "--format", "json"]);
    assert!(twice.status == 1 && twice.out.contains("value-duplicate"), "{}", twice.out);
}

#[test]
fn references_and_parameters() {
    let folder = Folder::with_orders(&[1, 2]);
    let relation = CONTRACT
        .replace("required: true, unique: true}", "relationships: [{to: customers.id}]}")
        .replace("{name: note, logicalType: string}", "{name: note, logicalType: string}\n    quality:\n      - {name: small, type: sql, query: 'SELECT COUNT(*) FROM orders WHERE qty > :most', mustBe: 0}\n  - name: customers\n    properties:\n      - {name: id, logicalType: integer}");
    folder.write("shop.yaml", &relation);
    let customers = |ids: &[i64]| {
        let column: ArrayRef = Arc::new(Int64Array::from(ids.to_vec()));
        folder.arrow("customers.arrow", &RecordBatch::try_from_iter([("id", column)]).unwrap());
    };
    let check = ["check", "shop.yaml", "orders.arrow", "--reference", "customers=customers.arrow", "--format", "json"];
    let with = |most: &'static str| folder.call(&check.iter().copied().chain(["--param", most]).collect::<Vec<_>>());
    customers(&[1, 2]);
    let known = with("most=2");
    assert_eq!(known.status, 0, "{}{}", known.out, known.err);
    assert!(known.out.contains(r#""params":{"most":2}"#), "{}", known.out);
    assert_eq!(with("most=1").status, 1);
    customers(&[1]);
    let missing = with("most=2");
    assert!(missing.status == 1 && missing.out.contains("reference-unknown"), "{}", missing.out);
    let without = folder.call(&["check", "shop.yaml", "orders.arrow", "--param", "most=2"]);
    assert_eq!(without.status, 3, "{}", without.out);
}

#[test]
fn the_object_is_named_by_the_file_or_the_flag() {
    let folder = Folder::with_orders(&[1]);
    folder.write(
        "two.yaml",
        &format!("{CONTRACT}  - name: items\n    properties:\n      - {{name: id, logicalType: integer}}\n"),
    );
    assert_eq!(folder.call(&["check", "two.yaml", "orders.arrow", "--quiet"]).status, 0);
    std::fs::copy(folder.path("orders.arrow"), folder.path("export.arrow")).unwrap();
    let unclear = folder.call(&["check", "two.yaml", "export.arrow"]);
    assert_eq!((unclear.status, unclear.out.as_str()), (2, ""));
    assert!(unclear.err.contains("several schema objects: `orders`, `items`"), "{}", unclear.err);
    assert_eq!(folder.call(&["check", "two.yaml", "export.arrow", "--object", "items", "--quiet"]).status, 0);
}
