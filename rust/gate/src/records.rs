//! Records inside of arguments, judged by a contract as everywhere else (G3.10).

use crate::json::{Value, joined};
use crate::reason::Reason;
use guard_engine::contract::Contract;
use guard_engine::document::quote;
use guard_engine::run::Uncontrolled;
use guard_ingest::{Compression, Format, Ingest, Input, Request};
use guard_verdict::codes::gate as codes;
use guard_verdict::{Clause, Evidence, Status, Verdict};
use std::sync::Arc;

/// Most records of one argument.
pub const MAX_RECORDS: usize = 10_000;
/// Most reasons that are given for one argument.
const MOST: usize = 20;

/// Where records stand, and what they must be.
#[derive(Debug, Clone)]
pub struct Records {
    /// Steps of the pointer.
    pub at: Vec<String>,
    /// The contract, with one schema object.
    pub contract: Arc<Contract>,
}

impl Records {
    /// Why the arguments' records are not accepted; nothing when they are, or when they are absent. Cost: that of ingesting them,
    /// at most [`MAX_RECORDS`]; memory grows with their bytes.
    pub fn reasons(&self, arguments: &Value<'_>) -> Vec<Reason> {
        let path = self.at.iter().fold(String::new(), |path, step| joined(&path, step));
        let (items, is_list) = match arguments.at(&self.at) {
            None => return Vec::new(),
            Some(Value::List(items)) => (items.as_slice(), true),
            Some(one) => (std::slice::from_ref(one), false),
        };
        if items.len() > MAX_RECORDS {
            let message = format!("{} records; at most {MAX_RECORDS} are judged", items.len());
            return vec![Reason::new(codes::RECORDS_LARGE, message).at(path)];
        }
        // Nothing but objects is a record; what else stands in the list would be read as damage of the text.
        if let Some(position) = items.iter().position(|item| !matches!(item, Value::Object(_))) {
            let at = if is_list { joined(&path, &position.to_string()) } else { path };
            return vec![Reason::new(codes::RECORD_REJECTED, "json-not-object: the record is no object").at(at)];
        }
        let text = items.iter().fold(String::new(), |text, item| text + &item.canonical() + "\n");
        match self.judge(text) {
            Ok(verdict) => refused(&verdict, &path, is_list),
            Err(why) => vec![Reason::new(codes::RECORD_REJECTED, format!("nothing was judged: {why}")).at(path)],
        }
    }

    fn judge(&self, text: String) -> Result<Verdict, String> {
        let input = Input::Bytes("arguments".to_owned(), text.into_bytes().into());
        let mut request = Request::new(Arc::clone(&self.contract), vec![input]);
        request.format = Some(Format::Ndjson);
        request.compression = Some(Compression::None);
        request.threads = Some(1);
        let outcome = Ingest::open(request).and_then(|ingest| ingest.finish(&Uncontrolled));
        outcome.map(|outcome| outcome.verdict).map_err(|error| error.message)
    }
}

/// Why the verdict is not that every record is accepted.
fn refused(verdict: &Verdict, path: &str, is_list: bool) -> Vec<Reason> {
    let records = &verdict.records;
    if verdict.status == Status::Accept && records.rejected == 0 && records.unknown == 0 {
        return Vec::new();
    }
    let mut out: Vec<Reason> = Vec::new();
    for clause in verdict.clauses.iter().filter(|clause| clause.severity == guard_verdict::Severity::Error) {
        // Where records are undecided or malformed, the places stand there.
        let placed = clause.evidence.is_empty() && !(clause.undecided.is_empty() && clause.faults.is_empty());
        if let Some(code) = clause.code.as_ref().filter(|_| !placed) {
            let found: Vec<&Evidence> = clause.evidence.iter().collect();
            out.extend(reasons(clause, code, &found, path, is_list));
        }
        for undecided in clause.undecided.iter().chain(&clause.faults) {
            let found: Vec<&Evidence> = undecided.evidence.iter().collect();
            out.extend(reasons(clause, &undecided.code, &found, path, is_list));
        }
    }
    out.dedup();
    out.truncate(MOST);
    if out.is_empty() {
        let message = format!("{} of {} records are not accepted", records.total - records.accepted, records.total);
        out.push(Reason::new(codes::RECORD_REJECTED, message).at(path));
    }
    out
}

fn reasons(clause: &Clause, code: &str, evidence: &[&Evidence], path: &str, is_list: bool) -> Vec<Reason> {
    let message = format!("{code}: {}", quote(&clause.name));
    if evidence.is_empty() {
        return vec![Reason::new(codes::RECORD_REJECTED, message).at(path)];
    }
    let place = |one: &&Evidence| {
        let record = if is_list { joined(path, &one.record.to_string()) } else { path.to_owned() };
        // A path such as `tags[2]`, or the columns of a key.
        let steps = one.path.split(['.', '[', ']']).filter(|step| !step.is_empty() && !one.path.contains(','));
        Reason::new(codes::RECORD_REJECTED, message.clone()).at(steps.fold(record, |path, step| joined(&path, step)))
    };
    evidence.iter().map(place).collect()
}
