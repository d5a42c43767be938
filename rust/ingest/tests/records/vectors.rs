//! The vectors of tests/vectors/ingest; its README says how they are written.

use crate::run::{Given, Ran, run};
use guard_ingest::Csv;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Chunks and threads that every vector is read in.
const CUTS: [(usize, usize); 8] = [(1 << 20, 1), (1, 1), (1, 3), (2, 2), (3, 3), (5, 1), (7, 2), (16, 1)];

const HEAD: &str =
    "apiVersion: v3.1.0\nkind: DataContract\nid: vector\nversion: 1.0.0\nstatus: active\nschema:\n  - name: t\n";

#[derive(Debug, Clone, Default)]
struct Vector {
    name: String,
    contract: String,
    format: String,
    source: Vec<u8>,
    options: BTreeMap<String, String>,
    records: Option<Vec<Expected>>,
    bytes: Option<String>,
    verdict: Vec<String>,
}

#[derive(Debug, Clone)]
struct Expected {
    line: u64,
    place: [u64; 2],
    fate: String,
    said: String,
}

fn indented(body: &str, by: usize) -> String {
    body.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

/// The bytes that a notation stands for.
fn bytes_of(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let (b'\\', [escape, tail @ ..]) = (*first, tail) else {
            out.push(*first);
            continue;
        };
        rest = tail;
        out.push(match escape {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'0' => 0,
            b'\\' => b'\\',
            b'x' => {
                let digits = std::str::from_utf8(&rest[..2]).unwrap();
                rest = &rest[2..];
                u8::from_str_radix(digits, 16).unwrap()
            }
            other => panic!("no escape: {other}"),
        });
    }
    out
}

/// Where each line starts.
fn line_starts(source: &[u8]) -> Vec<usize> {
    let ends = |at: &usize| match (source[*at], source.get(at + 1)) {
        (b'\n', _) => true,
        (b'\r', next) => next != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(0).chain((0..source.len()).filter(ends).map(|at| at + 1)).collect()
}

fn expected(line: &str, source: &[u8], cursor: usize) -> Expected {
    let mut parts = line.splitn(3, " | ");
    let number: u64 = parts.next().unwrap().parse().unwrap();
    let raw = bytes_of(parts.next().unwrap());
    let (fate, said) = parts.next().unwrap().split_once(": ").unwrap();
    let from = cursor.max(line_starts(source)[number as usize - 1]);
    let found = |at: &usize| source[*at..].starts_with(&raw);
    let start = (from..=source.len()).find(found).unwrap_or_else(|| panic!("`{line}` is not in the source"));
    let place = [start as u64, (start + raw.len()) as u64];
    Expected { line: number, place, fate: fate.to_owned(), said: said.to_owned() }
}

impl Vector {
    fn fill(&mut self, info: &str, body: &str) {
        match info.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["yaml", "properties"] => self.contract = format!("{HEAD}    properties:\n{}", indented(body, 6)),
            ["yaml", "object"] => self.contract = format!("{HEAD}{}", indented(body, 4)),
            ["yaml", "contract"] => body.clone_into(&mut self.contract),
            ["source", format] => {
                self.format = format.strip_prefix("format=").unwrap().to_owned();
                self.source = body.lines().flat_map(bytes_of).collect();
            }
            ["options"] => {
                let pairs = body.lines().map(|line| line.split_once(": ").unwrap());
                self.options = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            }
            ["records"] => {
                let mut cursor = 0;
                let mut all = Vec::new();
                for line in body.lines() {
                    let record = expected(line, &self.source, cursor);
                    cursor = record.place[1] as usize;
                    all.push(record);
                }
                self.records = Some(all);
            }
            ["bytes"] => self.bytes = Some(body.trim().to_owned()),
            ["verdict"] => self.verdict = body.lines().map(str::to_owned).collect(),
            _ => panic!("{}: unknown block `{info}`", self.name),
        }
    }

    fn given(&self) -> Given {
        let option = |name: &str| self.options.get(name);
        let byte = |name: &str| option(name).map(|text| text.as_bytes()[0]);
        let csv = Csv {
            delimiter: byte("delimiter"),
            quote: byte("quote"),
            header: option("header").map(|text| text == "true"),
            nulls: option("nulls").map(|texts| texts.split(", ").map(str::to_owned).collect()),
            encoding: option("encoding").cloned(),
            sniff: option("sniff").is_some(),
        };
        let default = Given::new(&self.contract, &self.format);
        let record_bytes = option("record_bytes").map_or(default.record_bytes, |text| text.parse().unwrap());
        Given { csv, record_bytes, ..default }
    }
}

/// Blocks of a text in order, as their info and body.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.split_inclusive('\n') {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => all.extend(open.take()),
            (Some((_, body)), None) => body.push_str(line),
            (None, None) => {}
        }
    }
    all
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/ingest");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "md") && !path.ends_with("README.md"));
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut sections = text.split("\n## ");
        let shared = blocks(sections.next().unwrap());
        for section in sections {
            let (title, body) = section.split_once('\n').unwrap();
            let name = format!("{}: {}", path.file_stem().unwrap().to_str().unwrap(), title.trim());
            let mut vector = Vector { name, ..Vector::default() };
            for (info, text) in shared.iter().cloned().chain(blocks(&format!("{body}\n"))) {
                vector.fill(&info, &text);
            }
            all.push(vector);
        }
    }
    all
}

/// Is `found`, as evidence has it, what the vector writes? Evidence has integers beyond 2^53 as texts, fractions of seconds without zeros at their
/// end, and nested values as JSON texts.
fn same(written: &Value, found: &Value) -> bool {
    let short = |text: &str| match text.split_once('.') {
        Some(_) if text.contains(':') => text.trim_end_matches('0').to_owned(),
        _ => text.to_owned(),
    };
    match (written, found) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Number(a), Value::String(b)) => {
            a.to_string() == *b && !(-(1 << 53)..1 << 53).contains(&a.as_i64().unwrap())
        }
        (Value::String(a), Value::String(b)) => short(a) == short(b),
        (Value::Array(_) | Value::Object(_), Value::Object(b)) => {
            serde_json::from_str::<Value>(b["json"].as_str().unwrap()).unwrap() == *written
        }
        _ => written == found,
    }
}

fn account(ran: &Ran) -> String {
    let bytes = ran.outcome.verdict.bytes.unwrap();
    let parts = [
        (bytes.header, "header"),
        (bytes.accepted, "accepted"),
        (bytes.rejected, "rejected"),
        (bytes.unknown, "unknown"),
        (bytes.separators, "separators"),
        (bytes.blank, "blank"),
    ];
    let said = parts.iter().filter(|(size, _)| *size > 0).map(|(size, name)| format!("{size} {name}"));
    format!("{} = {}", bytes.total, said.collect::<Vec<_>>().join(" + "))
}

/// How what came out differs from what is expected.
fn differences(vector: &Vector, ran: &Ran) -> Vec<String> {
    let mut out = guard_testkit::faults(&vector.verdict, &ran.outcome.verdict);
    if vector.verdict.is_empty() {
        out.clear();
    }
    if let Some(wanted) = vector.bytes.as_ref().filter(|wanted| **wanted != account(ran)) {
        out.push(format!("bytes: expected `{wanted}`, found `{}`", account(ran)));
    }
    let Some(records) = &vector.records else { return out };
    let accepted: Vec<Vec<Value>> =
        ran.accepted.iter().map(|row| row.as_object().unwrap().values().cloned().collect()).collect();
    let wanted: Vec<Vec<Value>> = records
        .iter()
        .filter(|record| record.fate == "accepted")
        .map(|record| serde_json::from_str(&format!("[{}]", record.said)).unwrap())
        .collect();
    let alike = |(mine, theirs): (&Vec<Value>, &Vec<Value>)| {
        mine.len() == theirs.len() && mine.iter().zip(theirs).all(|(mine, theirs)| same(mine, theirs))
    };
    if accepted.len() != wanted.len() || !wanted.iter().zip(&accepted).all(alike) {
        out.push(format!("accepted: expected {wanted:?}, found {accepted:?}"));
    }
    let wanted: Vec<String> = records
        .iter()
        .enumerate()
        .filter(|(_, record)| record.fate != "accepted")
        .map(|(number, record)| format!("{number} {} {:?} {}: {}", record.line, record.place, record.fate, record.said))
        .collect();
    let found: Vec<String> = ran.quarantined.iter().map(shown).collect();
    if wanted != found {
        out.push(format!("others: expected {wanted:#?}, found {found:#?}"));
    }
    out
}

/// A line of the quarantine file as `number line [start, end] status: codes`.
fn shown(line: &Value) -> String {
    let mut codes: Vec<String> = Vec::new();
    for reason in line["reasons"].as_array().unwrap() {
        let path = reason.get("path").and_then(Value::as_str).unwrap_or_default();
        let code = format!("{} {path}", reason["code"].as_str().unwrap()).trim().to_owned();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    let place: Vec<u64> = line["bytes"].as_array().unwrap().iter().map(|at| at.as_u64().unwrap()).collect();
    let status = line["status"].as_str().unwrap();
    format!("{} {} {place:?} {status}: {}", line["record"], line["line"], codes.join(", "))
}

#[test]
fn every_vector_in_chunks_of_any_size_on_any_threads() {
    let mut found = Vec::new();
    let all = vectors();
    assert!(all.len() > 80, "{}", all.len());
    for vector in &all {
        for (chunk_bytes, threads) in CUTS {
            let ran = run(&vector.given().cut(chunk_bytes, threads), &vector.source);
            let differences = match (ran, vector.verdict.first().and_then(|line| line.strip_prefix("error: "))) {
                (Err(error), Some(code)) if error.code == code => vec![],
                (Err(error), _) => vec![format!("{}: {error}", error.code)],
                (Ok(_), Some(code)) => vec![format!("a verdict in place of {code}")],
                (Ok(ran), None) => differences(vector, &ran),
            };
            found.extend(
                differences.into_iter().map(|why| format!("{} ({chunk_bytes}, {threads}): {why}", vector.name)),
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
