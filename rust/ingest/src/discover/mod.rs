//! Drafts of contracts from files. Columnar files have types; those of text are found by reading it twice: first as texts, from which the
//! narrowest types are told that read every value (`kind`), then by these.

mod kind;

use crate::aside::Temporary;
use crate::error::IngestError;
use crate::frame::{Frame, Reading};
use crate::request::{Csv, Input};
use crate::source::{failure, spool};
use crate::streams::stdin;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use guard_engine::contract::{Contract, SchemaObject};
use guard_engine::infer::{InferError, Inference, Origin};
use guard_engine::run::{Control, RunError};
use kind::{Kind, Members};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;

/// Records of text that are looked at unless a caller says otherwise.
pub const SAMPLE: u64 = 1_000_000;

/// A draft of a contract, before it has a name.
pub struct Drafted {
    /// What was seen.
    pub inference: Inference,
    /// What the reader of the draft should know.
    pub notices: Vec<String>,
}

/// Reads the first `limit` records ([`SAMPLE`] of text, all of a columnar file unless given) and drafts a contract that holds on
/// them: checking the same sources by it accepts, apart from records that have no reading, which are left out and told of.
///
/// Text is read twice; standard input is copied to a temporary file first. Memory: as [`Inference`].
pub fn draft(mut reading: Reading, limit: Option<u64>, control: &dyn Control) -> Result<Drafted, IngestError> {
    // Held until the end, so that the file is there.
    let _held = spooled(&mut reading)?;
    reading.skip_damaged = true;
    let mut frame = Frame::untyped(reading.clone())?;
    let mut notices = frame.notices().to_vec();
    if !frame.is_text() {
        let inference = seen(&mut frame, &reading, limit, Origin::default(), control)?;
        return Ok(Drafted { inference, notices });
    }
    let first = frame.first_fields();
    let headed = frame.dialect().is_some_and(|dialect| dialect.header);
    let mut names = HashSet::new();
    if let Some(name) = first.iter().find(|name| headed && !names.insert(*name)) {
        let message = format!("two columns of the header are called `{name}`");
        return Err(IngestError::new("column-ambiguous", message).help("rename one of them"));
    }
    let sentence = |note: &String| format!("{}.", note.trim_end_matches('.'));
    let mut origin = Origin { notes: notices.iter().map(sentence).collect(), ..Origin::default() };
    if let Some(dialect) = frame.dialect() {
        origin.custom = dialect.custom();
        reading.csv = Csv { encoding: reading.csv.encoding.take(), ..dialect.csv() };
    }
    if let Some(encoding) = &reading.csv.encoding {
        origin.notes.push(format!("Read as {encoding}: checking needs to be told so, too."));
    }
    if frame.dialect().is_some() && !headed {
        let names = (1..=first.len()).map(|number| json!({"name": format!("column_{number}")})).collect();
        frame = Frame::open(Reading { layout: Some(object(names)?), ..reading.clone() })?;
    }
    let limit = limit.unwrap_or(SAMPLE);
    let members = kinds(&mut frame, limit, control)?;
    drop(frame);
    let layout = object(members.properties())?;
    let mut frame = Frame::open(Reading { layout: Some(layout), ..reading.clone() })?;
    let inference = seen(&mut frame, &reading, Some(limit), origin, control)?;
    let left_out = frame.left_out();
    if left_out.is_empty() {
        return Ok(Drafted { inference, notices });
    }
    let total: u64 = left_out.iter().map(|(_, count)| count).sum();
    let codes: Vec<_> = left_out.iter().map(|(code, count)| format!("{code} ({count})")).collect();
    let (records, have) = if total == 1 { ("record", "has") } else { ("records", "have") };
    let note = format!("{total} {records} that {have} no reading left out: {}", codes.join(", "));
    notices.push(note.clone());
    let mut origin = inference.origin().clone();
    origin.notes.push(sentence(&note));
    Ok(Drafted { inference: inference.with_origin(origin), notices })
}

/// Feeds records to a draft.
fn seen(
    frame: &mut Frame,
    reading: &Reading,
    limit: Option<u64>,
    mut origin: Origin,
    control: &dyn Control,
) -> Result<Inference, IngestError> {
    let mut inference = Inference::new(&frame.schema()).map_err(failure)?;
    if let Some(threads) = reading.threads {
        inference = inference.with_threads(threads);
    }
    frame.first(limit);
    while let Some(batch) = frame.next_batch(control)? {
        inference.push(&[batch], control).map_err(failure)?;
    }
    origin.part = frame.is_cut();
    Ok(inference.with_origin(origin))
}

/// What the columns of text hold, or the members of JSON records.
fn kinds(frame: &mut Frame, limit: u64, control: &dyn Control) -> Result<Members, IngestError> {
    let (csv, mut members) = (frame.dialect().is_some(), Members::default());
    if csv {
        frame.schema().fields().iter().for_each(|field| members.add(field.name(), Kind::Nothing));
    }
    frame.first(Some(limit));
    while let Some(batch) = frame.next_batch(control)? {
        if csv {
            fields(&batch, &mut members);
        } else {
            objects(&batch, &mut members);
            many(&members)?;
        }
    }
    Ok(if csv { members.texts() } else { members })
}

fn fields(batch: &RecordBatch, members: &mut Members) {
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let Some(texts) = column.as_string_opt::<i32>() else { continue };
        let known = members.kind(field.name());
        if !matches!(known, Some(Kind::Text | Kind::Mixed)) {
            let kind = texts.iter().flatten().map(Kind::of_field).fold(Kind::Nothing, Kind::join);
            members.add(field.name(), kind);
        }
    }
}

/// JSON records, each a text. One that this reader refuses, such as one with the number 1e400, is left out when records are read by type.
fn objects(batch: &RecordBatch, members: &mut Members) {
    let texts = batch.columns().first().and_then(|column| column.as_string_opt::<i32>());
    for text in texts.into_iter().flatten().flatten() {
        if let Ok(Value::Object(record)) = serde_json::from_str(text) {
            record.iter().for_each(|(name, value)| members.add(name, Kind::of_json(value, 0)));
        }
    }
}

fn many(members: &Members) -> Result<(), IngestError> {
    if members.count() <= crate::open::MOST_COLUMNS {
        return Ok(());
    }
    let message = format!("the records have more than {} different members", crate::open::MOST_COLUMNS);
    Err(IngestError::new("columns-exceeded", message).help("write what varies as a list of names and values"))
}

/// A schema object with these properties and nothing else.
fn object(properties: Value) -> Result<SchemaObject, IngestError> {
    let document = json!({
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": "x", "version": "1.0.0", "status": "draft",
        "schema": [{"name": "records", "properties": properties,
            "customProperties": [{"property": "undeclaredColumns", "value": "drop"}]}],
    });
    let refused = |found: Vec<guard_verdict::Diagnostic>| {
        let why = found.first().map(|one| one.message.clone()).unwrap_or_default();
        IngestError::new("header-unreadable", format!("the names of columns make no contract: {why}"))
            .help("rename the column")
    };
    let contract = Contract::load(&document.to_string()).map_err(refused)?;
    let missing = || IngestError::new("internal-error", "a contract without objects");
    contract.objects.into_iter().next().ok_or_else(missing)
}

/// Copies standard input to a file, since it is read twice.
fn spooled(reading: &mut Reading) -> Result<Vec<Temporary>, IngestError> {
    let mut held = Vec::new();
    for input in reading.inputs.iter_mut().filter(|input| **input == Input::Stdin) {
        let name = input.name();
        let given = stdin().map_err(|why| failure::unreadable(&name, &why))?;
        let copy = spool(&name, &[], given)?;
        let path = copy.path().map(Path::to_path_buf).unwrap_or_default();
        *input = Input::Copy(name, path);
        held.push(copy);
    }
    Ok(held)
}

fn failure(error: InferError) -> IngestError {
    let message = error.to_string();
    match error {
        InferError::ColumnAmbiguous(_) => IngestError::new("column-ambiguous", message).help("rename one of them"),
        InferError::Run(RunError::Interrupted) => IngestError::new("interrupted", message),
        InferError::Run(_) => IngestError::new("internal-error", message),
    }
}
