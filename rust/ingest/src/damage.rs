//! What a decoder found, as the plan counts it.

use guard_decode::{Decoded, Fault, FaultCode};
use guard_engine::run::{Damage, FaultKind, RowFault};
use guard_verdict::EVIDENCE_LIMIT;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Characters of a text, or bytes, that evidence shows.
const SHOWN: usize = 200;

/// The damage of a chunk's records, of which no more than `limit` bytes each are looked at.
pub fn damage(decoded: &Decoded, chunk: &[u8], names: &HashMap<String, String>, limit: usize) -> Damage {
    let rows = decoded.batch.num_rows();
    let mut unreadable: Vec<Option<Vec<u64>>> = vec![None; decoded.batch.num_columns()];
    let mut mark = |column: usize, row: usize| {
        if let Some(slot) = unreadable.get_mut(column)
            && let Some(word) = slot.get_or_insert_with(|| vec![0; rows.div_ceil(64)]).get_mut(row / 64)
        {
            *word |= 1 << (row % 64);
        }
    };
    let mut faults = Vec::with_capacity(decoded.faults.len());
    let mut kinds = Kinds::default();
    for fault in &decoded.faults {
        let row = fault.record as usize;
        match fault.column.filter(|_| fault.code == FaultCode::TypeMismatch) {
            Some(column) => mark(column as usize, row),
            None if fault.code.is_malformed() => (0..decoded.batch.num_columns()).for_each(|column| mark(column, row)),
            None => {}
        }
        let kind = kind(decoded, fault, names);
        let value = if kinds.is_evidence(&kind) { value(decoded, fault, chunk, limit) } else { Value::Null };
        faults.push(RowFault { row, kind, value });
    }
    Damage { unreadable, faults }
}

/// Kinds of faults that are remembered.
const KINDS: usize = 32;

/// How often kinds of faults were met, to show values of the first ones only.
#[derive(Default)]
struct Kinds(Vec<(FaultKind, usize)>);

impl Kinds {
    /// May this one be evidence of its clause?
    fn is_evidence(&mut self, kind: &FaultKind) -> bool {
        match self.0.iter_mut().find(|(known, _)| known == kind) {
            Some((_, met)) => {
                *met += 1;
                *met <= EVIDENCE_LIMIT
            }
            None => {
                if self.0.len() < KINDS {
                    self.0.push((kind.clone(), 1));
                }
                true
            }
        }
    }
}

fn kind(decoded: &Decoded, fault: &Fault, names: &HashMap<String, String>) -> FaultKind {
    match (fault.code, fault.column) {
        (FaultCode::TypeMismatch, Some(column)) => {
            let schema = decoded.batch.schema();
            let name = schema.fields().get(column as usize).map(|field| field.name().clone()).unwrap_or_default();
            let inside = fault.path.strip_prefix(name.as_str()).unwrap_or_default();
            let path = format!("{}{inside}", names.get(&name).unwrap_or(&name));
            FaultKind::Unreadable { column: column as usize, path }
        }
        (FaultCode::Undeclared, _) => FaultKind::Undeclared(fault.path.clone()),
        (code, _) => FaultKind::Malformed(code.name()),
    }
}

/// The bytes at fault; of a malformed record all of its bytes.
fn value(decoded: &Decoded, fault: &Fault, chunk: &[u8], limit: usize) -> Value {
    let place = decoded.places.get(fault.record as usize).filter(|_| fault.code.is_malformed());
    let (start, end) = place.map_or(fault.bytes, |place| (place.start, place.end));
    let bytes = chunk.get(start as usize..end as usize).unwrap_or_default();
    shown(capped(bytes, limit))
}

/// The first `most` bytes, or up to three less so that no character of theirs is cut.
pub fn capped(bytes: &[u8], most: usize) -> &[u8] {
    let Some(start) = bytes.get(..most).filter(|start| start.len() < bytes.len()) else { return bytes };
    match std::str::from_utf8(start) {
        Err(why) if why.error_len().is_none() => start.get(..why.valid_up_to()).unwrap_or(start),
        _ => start,
    }
}

/// Bytes as a capped text; as hexadecimal digits when they are none.
fn shown(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => match text.char_indices().nth(SHOWN) {
            None => Value::String(text.to_owned()),
            Some((end, _)) => json!({"text": text.get(..end), "length": text.chars().count()}),
        },
        Err(_) => {
            let hex: String = bytes.iter().take(SHOWN / 2).map(|byte| format!("{byte:02x}")).collect();
            json!({"hex": hex, "length": bytes.len()})
        }
    }
}
