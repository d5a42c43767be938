//! The required tests of JSON Schema 2020-12 (`json-schema-test-suite/`, vendored).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic, missing_docs)]

use guard_gate::json::{Json, Limits};
use guard_gate::schema::Schema;
use std::path::Path;

const LIMITS: Limits = Limits { bytes: 16 << 20, depth: 120 };

fn read(path: &Path) -> Option<Json> {
    Json::parse_within(&std::fs::read(path).ok()?, LIMITS).ok()
}

fn remote(root: &Path, uri: &str) -> Option<Json> {
    if let Some(path) = uri.strip_prefix("http://localhost:1234/") {
        return read(&root.join("remotes").join(path));
    }
    let name = uri.strip_prefix("https://json-schema.org/draft/2020-12/")?;
    read(&root.join("metaschema").join(format!("{name}.json")))
}

#[test]
fn every_required_test_of_the_draft_passes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/json-schema-test-suite");
    let mut failed = Vec::new();
    let mut count = 0;
    let mut files: Vec<_> =
        std::fs::read_dir(root.join("tests/draft2020-12")).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    for file in files {
        let Json::List(groups) = read(&file).unwrap_or_else(|| panic!("{} has no reading", file.display())) else {
            panic!()
        };
        for group in groups {
            let name = format!(
                "{} / {}",
                file.file_name().unwrap().to_string_lossy(),
                group.get("description").unwrap().text().unwrap()
            );
            let schema = match Schema::compile(group.get("schema").unwrap(), "", &|uri| remote(&root, uri)) {
                Ok(schema) => schema,
                Err(error) => {
                    failed.push(format!("{name}: {error:?}"));
                    continue;
                }
            };
            let Some(Json::List(tests)) = group.get("tests") else { panic!() };
            for test in tests {
                count += 1;
                let found = schema.violations(test.get("data").unwrap());
                if Some(&Json::Bool(found.is_empty())) != test.get("valid") {
                    failed.push(format!("{name} / {}: {found:?}", test.get("description").unwrap().text().unwrap()));
                }
            }
        }
    }
    assert!(count > 1_000, "{count} tests found");
    assert!(failed.is_empty(), "{} of {count}\n{}", failed.len(), failed.join("\n"));
}
