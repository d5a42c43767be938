//! A source is named once.

use crate::{check, contract, file};
use guard_ingest::{Input, Request, expand};
use std::fs;

fn refused(inputs: Vec<Input>) -> Option<String> {
    let request = Request::new(contract("- {name: a, logicalType: integer}"), inputs);
    let error = check(request).err()?;
    assert_eq!(error.code, "source-repeated", "{error}");
    assert!(error.help.is_some());
    Some(error.message)
}

#[test]
fn twice_is_refused_before_reading() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a.ndjson"), folder.path().join("b.ndjson"));
    fs::write(&a, "{\"a\": 1}\n").unwrap();
    fs::write(&b, "{\"a\": 2}\n").unwrap();
    let name = a.display();
    assert_eq!(refused(vec![file(&a), file(&b)]), None);
    assert_eq!(refused(vec![file(&a), file(&b), file(&a)]).unwrap(), format!("`{name}` is named twice"));
    // A pattern beside the path, as a caller that does not merge them gives it.
    let mut inputs = expand(&[folder.path().join("*.ndjson").display().to_string()]).unwrap();
    inputs.push(file(&a));
    assert_eq!(refused(inputs).unwrap(), format!("`{name}` is named twice"));
    let other = folder.path().join("./a.ndjson");
    let inputs = vec![
        file(&a),
        Input::File(
            format!("{}/../{}/a.ndjson", folder.path().display(), folder.path().file_name().unwrap().display()).into(),
        ),
    ];
    assert!(refused(inputs).unwrap().ends_with(&format!("is the same file as `{name}`")));
    assert!(refused(vec![file(&other), file(&a)]).is_some());
    let bytes = |name: &str| Input::Bytes(name.to_owned(), b"{\"a\": 1}\n".to_vec().into());
    assert_eq!(refused(vec![bytes("x.ndjson"), bytes("x.ndjson")]).unwrap(), "`x.ndjson` is named twice");
    assert_eq!(refused(vec![bytes("x.ndjson"), bytes("y.ndjson")]), None);
}

#[cfg(unix)]
#[test]
fn a_link_is_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (a, link) = (folder.path().join("a.ndjson"), folder.path().join("b.ndjson"));
    fs::write(&a, "{\"a\": 1}\n").unwrap();
    std::os::unix::fs::symlink(&a, &link).unwrap();
    let message = refused(vec![file(&a), file(&link)]).unwrap();
    assert_eq!(message, format!("`{}` is the same file as `{}`", link.display(), a.display()));
}
