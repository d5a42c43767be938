//! Markdown to cases.

use crate::frame::frame;
use arrow_array::RecordBatch;
use std::collections::BTreeMap;
use std::path::Path;

/// Records of one source, numbered from `start`.
#[derive(Debug, Clone)]
pub struct Part {
    /// Name of the source; empty for a frame.
    pub source: String,
    /// Number of the first record.
    pub start: u64,
    /// The records.
    pub frame: RecordBatch,
}

/// One case.
#[derive(Debug, Clone, Default)]
pub struct Vector {
    /// `file: title`
    pub name: String,
    /// Text of the contract.
    pub contract: String,
    /// What is judged.
    pub parts: Vec<Part>,
    /// What foreign keys refer to.
    pub references: BTreeMap<String, RecordBatch>,
    /// One record: a column for each bound parameter.
    pub params: Option<RecordBatch>,
    /// `as_of` and `object`, where given.
    pub options: BTreeMap<String, String>,
    /// The verdict's lines.
    pub expected: Vec<String>,
}

/// Every case of every file of a folder but its README. Fails with what cannot be read.
pub fn read_all(folder: &Path) -> Result<Vec<Vector>, String> {
    let entries = std::fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "md") && !path.ends_with("README.md"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
        read_file(&path.file_stem().unwrap_or_default().to_string_lossy(), &text)
    };
    paths.iter().map(read).collect::<Result<Vec<_>, _>>().map(|files| files.concat())
}

/// The cases of one file: its second-level headings with their blocks.
pub fn read_file(file: &str, text: &str) -> Result<Vec<Vector>, String> {
    let mut cases: Vec<Vector> = Vec::new();
    let mut block: Option<(&str, String)> = None;
    for line in text.lines() {
        match (&mut block, line.strip_prefix("```"), line.strip_prefix("## ")) {
            (None, Some(info), _) => block = Some((info, String::new())),
            (None, _, Some(title)) => {
                cases.push(Vector { name: format!("{file}: {}", title.trim()), ..Vector::default() });
            }
            (Some((info, body)), Some(_), _) => {
                let case = cases.last_mut().ok_or_else(|| format!("{file}: a block before the first case"))?;
                fill(case, info, body).map_err(|why| format!("{}: {why}", case.name))?;
                block = None;
            }
            (Some((_, body)), None, _) => {
                body.push_str(line);
                body.push('\n');
            }
            (None, None, None) => {}
        }
    }
    Ok(cases)
}

fn fill(case: &mut Vector, info: &str, body: &str) -> Result<(), String> {
    let (settings, words): (Vec<_>, Vec<_>) = info.split_whitespace().partition(|word| word.contains('='));
    let settings: BTreeMap<&str, &str> = settings.into_iter().filter_map(|word| word.split_once('=')).collect();
    match words.as_slice() {
        ["yaml", what] => case.contract = contract(what, settings.get("apiVersion").copied(), body),
        ["data"] => match settings.get("reference") {
            Some(name) => {
                case.references.insert((*name).to_owned(), frame(body)?);
            }
            None => case.parts.push(Part {
                source: settings.get("source").copied().unwrap_or_default().to_owned(),
                start: settings.get("start").map_or(Ok(0), |start| start.parse()).map_err(|_| "no start".to_owned())?,
                frame: frame(body)?,
            }),
        },
        ["params"] => {
            let bound = frame(body)?;
            if bound.num_rows() != 1 {
                return Err(format!("parameters are one record, not {}", bound.num_rows()));
            }
            case.params = Some(bound);
        }
        ["options"] => {
            let pairs = body.lines().filter_map(|line| line.split_once(':'));
            case.options = pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect();
        }
        ["verdict"] => case.expected = body.lines().map(str::to_owned).collect(),
        _ => return Err(format!("unknown block `{info}`")),
    }
    Ok(())
}

/// The whole contract of a `contract`, `object` or `properties` block.
fn contract(what: &str, version: Option<&str>, body: &str) -> String {
    let version = version.unwrap_or("v3.1.0");
    let head = format!(
        "apiVersion: {version}\nkind: DataContract\nid: vector\nversion: 1.0.0\nstatus: active\nschema:\n  - name: t\n"
    );
    match what {
        "contract" => body.to_owned(),
        "object" => head + &indent(body, 4),
        _ => head + "    properties:\n" + &indent(body, 6),
    }
}

fn indent(body: &str, by: usize) -> String {
    let line = |line: &str| match line.trim() {
        "" => format!("{line}\n"),
        _ => format!("{:by$}{line}\n", ""),
    };
    body.lines().map(line).collect()
}
