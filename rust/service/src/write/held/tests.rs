#![allow(clippy::unwrap_used)]
use super::*;
use arrow_array::builder::{Int64Builder, MapBuilder, StringBuilder};
use arrow_schema::{UnionFields, UnionMode};
use std::sync::Arc;

fn schema(data_type: DataType) -> Schema {
    Schema::new(vec![Field::new("a", data_type, true)])
}

fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

fn fields(names: &[&str]) -> DataType {
    DataType::Struct(names.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect())
}

fn said(result: Result<(), Failure>) -> String {
    match result {
        Err(Failure::Trouble { code, message, .. }) => format!("{code}: {message}"),
        Err(other) => format!("{other:?}"),
        Ok(()) => String::new(),
    }
}

#[test]
fn names_stand_once_at_any_depth() {
    assert_eq!(said(distinct(&schema(list(fields(&["x", "y"]))))), "");
    let found = said(distinct(&schema(list(fields(&["x", "y", "x"])))));
    assert!(found.starts_with("column-ambiguous") && found.contains("`a[].x`"), "{found}");
    // One name in two structs is two columns.
    let two = Schema::new(vec![Field::new("a", fields(&["x"]), true), Field::new("b", fields(&["x"]), true)]);
    assert_eq!(said(distinct(&two)), "");
}

#[test]
fn layouts_without_a_text() {
    let ends = Arc::new(Field::new("run_ends", DataType::Int32, false));
    let runs = DataType::RunEndEncoded(ends, Arc::new(Field::new("values", DataType::Utf8, true)));
    let inside = DataType::Struct(vec![Field::new("x", list(runs.clone()), true)].into());
    let union = DataType::Union(UnionFields::empty(), UnionMode::Dense);
    assert!(said(formed(&schema(runs.clone()), false)).contains("`a` holds run-end encoded values"));
    assert!(said(formed(&schema(inside), false)).contains("`a.x[]` holds run-end"));
    assert!(
        said(formed(&schema(list(union.clone())), true)).contains("`a[]` holds unions, which have no form in Parquet")
    );
    assert!(said(formed(&schema(union), false)).contains("no form in text"));
    assert_eq!(said(formed(&schema(runs), true)), "");
    assert_eq!(said(formed(&schema(list(DataType::Utf8)), false)), "");
}

#[test]
fn keys_stand_once_in_each_map() {
    let map = |rows: &[&[&str]]| {
        let mut builder = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
        for row in rows {
            row.iter().for_each(|key| {
                builder.keys().append_value(key);
                builder.values().append_value(1);
            });
            builder.append(true).unwrap();
        }
        RecordBatch::try_from_iter([("m", Arc::new(builder.finish()) as _)]).unwrap()
    };
    assert_eq!(said(one_key_each(&map(&[&["x", "y"], &["x"], &[]]))), "");
    let found = map(&[&["x"], &["y", "y"]]);
    assert!(said(one_key_each(&found)).contains("`m` has the key `y` more than once"));
    // Rows that are not there are not looked at.
    assert_eq!(said(one_key_each(&found.slice(0, 1))), "");
}
