//! Changing, inserting or deleting one record changes no other (S9.3).

use crate::run::{Fate, Given, run};

const CONTRACT: &str = "
apiVersion: v3.1.0
kind: DataContract
id: contained
version: 1.0.0
status: active
schema:
  - name: t
    customProperties: [{property: undeclaredColumns, value: drop}]
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: t, logicalType: string}
      - {name: n, logicalType: number, physicalType: 'decimal(6, 2)', logicalTypeOptions: {maximum: 100}}
";

/// Records and how they are put together.
struct Form {
    name: &'static str,
    open: &'static [u8],
    between: &'static [u8],
    close: &'static [u8],
    /// Good ones and bad ones.
    records: &'static [&'static [u8]],
    /// Each is one record.
    edits: &'static [&'static [u8]],
}

const NDJSON: Form = Form {
    name: "ndjson",
    open: b"",
    between: b"\n",
    close: b"\n",
    records: &[
        b"{\"id\":1,\"t\":\"a\",\"n\":1.5}",
        b"{\"id\":null}",
        b"{\"t\":\"\\ud83d\\ude00 \xC3\xA9\",\"id\":2}",
        b"{\"id\":3,}",
        b"[1,2]",
        b"{\"id\":\"x\",\"n\":1.234}",
        b"{\"id\":4,\"n\":100.5,\"more\":[{},{}]}",
        b"{\"id\":5,\"t\":\"\xFF\"}",
        b"{\"id\":6}",
    ],
    edits: &[
        b"{",
        b"}",
        b"\"",
        b"{\"id\":7,\"t\":\"open",
        b"{\"id\":7}",
        b"{\"id\":7,\"id\":8}",
        b"[[[[[[[",
        b"\xC3",
        b"\0",
        b"{\"t\":\"\\ud800\"}",
        b"{\"id\":7} \r",
    ],
};

const ARRAY: Form = Form {
    name: "json",
    open: b"[\n",
    between: b",\n",
    close: b"\n]\n",
    records: &[
        b"{\"id\":1,\"t\":\"a, {b}\",\"n\":1.5}",
        b"{\"id\":null}",
        b"{\"t\":\"\\ud83d\\ude00 \xC3\xA9\",\n \"id\":2}",
        b"{\"id\":3,}",
        b"{\"id\":\"x\",\"n\":1.234}",
        b"{\"id\":4,\"n\":100.5,\"more\":[{},{}]}",
        b"{\"id\":5,\"t\":\"\xFF\"}",
        b"{\"id\":6}",
    ],
    edits: &[
        b"{",
        b"{\"id\":7,\"t\":\"open",
        b"{\"id\":7}",
        b"{\"id\":7,\"id\":8}",
        b"{\"t\":[[[[[[[",
        b"{\"id\":7 \xC3",
        b"{\0",
        b"{\"t\":\"\\ud800\"}",
        b"{]",
    ],
};

const CSV: Form = Form {
    name: "csv",
    open: b"id,t,n\n",
    between: b"\n",
    close: b"\n",
    records: &[
        b"1,a,1.5",
        b",b,2",
        b"2,\"two\nlines, \"\"quoted\"\"\",2",
        b"3,c",
        b"4,5\" pipe,1",
        b"x,d,1.234",
        b"5,\xC3\xA9,100.5",
        b"6,\xFF,1",
        b"7,\"\",",
        b"8,e,1,2",
    ],
    edits: &[
        b"\"",
        b"9,\"open,1",
        b"9,f,1",
        b"9",
        b",,,,,,,,",
        b"9,\xC3,1",
        b"9,\0,1",
        b"9,\"a\"b,1",
        b"9,\"one\rtwo\",1",
        b"\"9\",\"f\",\"1\"\r",
    ],
};

fn source(form: &Form, records: &[&[u8]]) -> Vec<u8> {
    [form.open, &records.join(form.between), form.close].concat()
}

fn fates(form: &Form, records: &[&[u8]], chunk_bytes: usize, threads: usize) -> Vec<Fate> {
    let ran = run(&Given::new(CONTRACT, form.name).cut(chunk_bytes, threads), &source(form, records)).unwrap();
    let fates = ran.fates();
    assert_eq!(fates.len(), records.len(), "{} {:?}", form.name, String::from_utf8_lossy(&source(form, records)));
    fates
}

/// Every size from 1 byte to more than the source, on one to three threads: same records, places, accounts, bytes of the verdict.
fn cuts_change_nothing(form: &Form) {
    let source = source(form, form.records);
    let given = Given::new(CONTRACT, form.name);
    let whole = run(&given, &source).unwrap();
    assert_eq!(whole.outcome.verdict.records.total, form.records.len() as u64);
    let verdict = whole.outcome.verdict.to_json().unwrap();
    for chunk_bytes in 1..=source.len() + 1 {
        for threads in 1..=3 {
            let cut = run(&given.cut(chunk_bytes, threads), &source).unwrap();
            let which = format!("{} in chunks of {chunk_bytes} on {threads} threads", form.name);
            assert_eq!(cut.accepted, whole.accepted, "{which}");
            assert_eq!(cut.quarantined, whole.quarantined, "{which}");
            assert_eq!(cut.outcome.verdict.to_json().unwrap(), verdict, "{which}");
        }
    }
}

/// Every edit at every place; sizes of chunks from 1 byte up and counts of threads take turns.
fn edits_change_nothing_else(form: &Form) {
    let before = fates(form, form.records, 1 << 20, 1);
    let longest = source(form, form.records).len();
    let mut turn = 0;
    for at in 0..form.records.len() {
        for edit in form.edits {
            let mut inserted = form.records.to_vec();
            inserted.insert(at, edit);
            let mut changed = form.records.to_vec();
            changed[at] = edit;
            for (records, old, new) in [(inserted, None, Some(at)), (changed, Some(at), Some(at))] {
                turn += 1;
                let found = fates(form, &records, 1 + turn % longest, 1 + turn % 3);
                assert_eq!(without(&found, new), without(&before, old), "{} {at} {edit:?}", form.name);
            }
        }
        if form.name == "json" && at + 1 == form.records.len() {
            // The comma behind a damaged element is its own: the one before would have lost it.
            continue;
        }
        let mut deleted = form.records.to_vec();
        deleted.remove(at);
        for threads in 1..=3 {
            turn += 1;
            let found = fates(form, &deleted, 1 + turn % longest, threads);
            assert_eq!(found, without(&before, Some(at)), "{} without {at}", form.name);
        }
    }
}

fn without(fates: &[Fate], at: Option<usize>) -> Vec<Fate> {
    let kept = fates.iter().enumerate().filter(|(position, _)| Some(*position) != at);
    kept.map(|(_, fate)| fate.clone()).collect()
}

#[test]
fn cuts_of_ndjson() {
    cuts_change_nothing(&NDJSON);
}

#[test]
fn cuts_of_arrays() {
    cuts_change_nothing(&ARRAY);
}

#[test]
fn cuts_of_csv() {
    cuts_change_nothing(&CSV);
}

#[test]
fn edits_of_ndjson() {
    edits_change_nothing_else(&NDJSON);
}

#[test]
fn edits_of_arrays() {
    edits_change_nothing_else(&ARRAY);
}

#[test]
fn edits_of_csv() {
    edits_change_nothing_else(&CSV);
}
