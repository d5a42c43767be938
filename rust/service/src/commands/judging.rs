//! What `check` and `transform` ask of an ingestion.

use crate::args::{DataArgs, JudgeArgs};
use crate::data::{Frame, Reading};
use crate::failure::Failure;
use crate::progress::Watch;
use crate::{inputs, load};
use guard_engine::contract::Contract;
use guard_engine::expr::Parameters;
use guard_engine::plan::{Options, ReferenceFrame, parse_as_of, referred_columns};
use guard_ingest::{Input, Request, expand};
use guard_verdict::codes;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The request that the flags make.
pub fn request(
    contract: Contract,
    data: &DataArgs,
    judge: &JudgeArgs,
    parameters: Parameters,
    watch: &Watch,
) -> Result<Request, Failure> {
    let inputs = inputs::inputs(&data.data)?;
    let object = load::object(&contract, judge.object.as_deref(), inputs::name_of(&inputs).as_deref())?.name.clone();
    let as_of = instant(judge)?;
    let references = references(&contract, data, judge, watch)?;
    let mut request = Request::new(Arc::new(contract), inputs);
    request.object = Some(object);
    request.options = Options { as_of, references, parameters, ..Options::default() };
    request.format = data.input_format;
    request.csv = inputs::csv(&data.dialect);
    request.threads = data.threads.map(usize::from);
    let limits = &judge.limits;
    // What no address can count is beyond every limit, which is said when the data are opened.
    request.record_bytes =
        limits.record_bytes.map_or(request.record_bytes, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    request.memory_bytes = limits.memory_bytes.unwrap_or(request.memory_bytes);
    Ok(request)
}

/// `--as-of`
pub fn instant(judge: &JudgeArgs) -> Result<Option<jiff::Timestamp>, Failure> {
    let Some(text) = &judge.as_of else { return Ok(None) };
    let help = "give an instant with its zone, such as `2026-01-31T00:00:00Z`";
    let unreadable = || Failure::new(codes::usage::AS_OF_UNREADABLE.name(), format!("`{text}` is no instant"), help);
    parse_as_of(text).map(Some).ok_or_else(unreadable)
}

fn references(
    contract: &Contract,
    data: &DataArgs,
    judge: &JudgeArgs,
    watch: &Watch,
) -> Result<std::collections::BTreeMap<String, ReferenceFrame>, Failure> {
    let mut out = std::collections::BTreeMap::new();
    for (name, file) in &judge.references {
        let layout = load::object(contract, Some(name), None)?.clone();
        let inputs = inputs::inputs(&[PathBuf::from(file)])?;
        let threads = data.threads.map(usize::from);
        let reading = Reading { inputs, threads, layout: Some(layout), ..Reading::default() };
        let mut frame = Frame::open(reading)?;
        // Keys are all that is kept of it.
        let kept = referred_columns(contract, name, &frame.schema());
        let unkept = |why: arrow_schema::ArrowError| Failure::coded(codes::usage::INTERNAL, why.to_string());
        let schema = Arc::new(frame.schema().project(&kept).map_err(unkept)?);
        let mut batches = Vec::new();
        while let Some(batch) = frame.next_batch(watch)? {
            batches.push(batch.project(&kept).map_err(unkept)?);
        }
        if out.insert(name.clone(), ReferenceFrame { schema, batches }).is_some() {
            return Err(Failure::new(
                "",
                format!("the reference `{name}` is given twice"),
                "leave one out, or name a pattern",
            ));
        }
    }
    Ok(out)
}

/// Refuses to read two things from standard input.
pub fn one_stdin(contract: Option<&PathBuf>, data: &DataArgs, judge: &JudgeArgs) -> Result<(), Failure> {
    let is = |path: &Path| path == Path::new("-");
    let contract = contract.is_some_and(|path| is(path));
    let reads = usize::from(contract)
        + data.data.iter().filter(|path| is(path)).count()
        + judge.references.iter().filter(|(_, file)| file == "-").count();
    if reads > 1 {
        return Err(Failure::new("", "standard input is named more than once", "name files for the others"));
    }
    Ok(())
}

/// The files that a call reads.
pub fn read(contract: Option<&PathBuf>, data: &DataArgs, judge: &JudgeArgs) -> Vec<PathBuf> {
    let references = judge.references.iter().map(|(_, file)| PathBuf::from(file));
    let named = contract.into_iter().chain(&data.data).cloned().chain(references);
    named.flat_map(|path| files(&path).unwrap_or_else(|| vec![path])).collect()
}

/// The files that a pattern stands for; none if it cannot be told, which is said when they are opened.
fn files(path: &Path) -> Option<Vec<PathBuf>> {
    let inputs = expand(&[path.to_str()?.to_owned()]).ok()?;
    let files = inputs.into_iter().filter_map(|input| match input {
        Input::File(file) => Some(file),
        Input::Stdin => Some(PathBuf::from("-")),
        _ => None,
    });
    Some(files.collect())
}
