//! What a decoder found, as the plan counts it.

use guard_decode::{Decoded, Fault, FaultCode};
use guard_engine::run::{Damage, FaultKind, RowFault};
use guard_verdict::EVIDENCE_LIMIT;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Characters of a text, or bytes, that evidence shows.
const SHOWN: usize = 200;

/// The damage of a chunk's records, of which no more than `limit` bytes each are looked at.
pub fn damage(decoded: &Decoded, chunk: &[u8], names: &HashMap<String, String>, limit: usize) -> Damage {
    let words = decoded.batch.num_rows().div_ceil(64);
    let set = |words: &mut [u64], row: usize| {
        words.iter_mut().skip(row / 64).take(1).for_each(|word| *word |= 1 << (row % 64));
    };
    let mut unreadable: Vec<Option<Vec<u64>>> = vec![None; decoded.batch.num_columns()];
    let mut malformed: Option<Vec<u64>> = None;
    let mut faults = Vec::with_capacity(decoded.faults.len());
    let (mut kinds, mut paths) = (Kinds::default(), Paths::new(decoded, names));
    for fault in &decoded.faults {
        let row = fault.record as usize;
        match fault.column.filter(|_| fault.code == FaultCode::TypeMismatch) {
            Some(column) => unreadable
                .iter_mut()
                .skip(column as usize)
                .take(1)
                .for_each(|slot| set(slot.get_or_insert_with(|| vec![0; words]), row)),
            None if fault.code.is_malformed() => set(malformed.get_or_insert_with(|| vec![0; words]), row),
            None => {}
        }
        let kind = paths.kind(fault);
        let value = if kinds.is_evidence(&kind) { value(decoded, fault, chunk, limit) } else { Value::Null };
        faults.push(RowFault { row, kind, value });
    }
    for slot in unreadable.iter_mut().filter(|_| malformed.is_some()) {
        let slot = slot.get_or_insert_with(|| vec![0; words]);
        slot.iter_mut().zip(malformed.iter().flatten()).for_each(|(mine, theirs)| *mine |= theirs);
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
        match self.0.iter_mut().find(|(known, _)| is_same(known, kind)) {
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

fn is_same(known: &FaultKind, kind: &FaultKind) -> bool {
    match (known, kind) {
        // A code has one place in memory, as a rule.
        (FaultKind::Malformed(known), FaultKind::Malformed(code)) => std::ptr::eq(*known, *code) || known == code,
        _ => known == kind,
    }
}

/// Paths of columns, as contracts call them.
struct Paths<'d> {
    decoded: &'d Decoded,
    names: &'d HashMap<String, String>,
    /// By column, once it was met.
    columns: Vec<Option<Arc<str>>>,
}

impl<'d> Paths<'d> {
    fn new(decoded: &'d Decoded, names: &'d HashMap<String, String>) -> Self {
        Self { decoded, names, columns: vec![None; decoded.batch.num_columns()] }
    }

    fn kind(&mut self, fault: &Fault) -> FaultKind {
        match (fault.code, fault.column) {
            (FaultCode::TypeMismatch, Some(column)) => {
                FaultKind::Unreadable { column: column as usize, path: self.path(column as usize, &fault.path) }
            }
            (FaultCode::Undeclared, _) => FaultKind::Undeclared(fault.path.clone()),
            (code, _) => FaultKind::Malformed(code.name()),
        }
    }

    /// Of a value in a column; nothing stands for the column itself.
    fn path(&mut self, column: usize, inside: &str) -> Arc<str> {
        if let Some(Some(known)) = self.columns.get(column).filter(|_| inside.is_empty()) {
            return Arc::clone(known);
        }
        let schema = self.decoded.batch.schema_ref();
        let name = schema.fields().get(column).map_or("", |field| field.name());
        let inside = inside.strip_prefix(name).unwrap_or_default();
        let path: Arc<str> = format!("{}{inside}", self.names.get(name).map_or(name, String::as_str)).into();
        if let Some(slot) = self.columns.get_mut(column).filter(|_| inside.is_empty()) {
            *slot = Some(Arc::clone(&path));
        }
        path
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
            let digit = |nibble: u8| char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 });
            let hex: String =
                bytes.iter().take(SHOWN / 2).flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)]).collect();
            json!({"hex": hex, "length": bytes.len()})
        }
    }
}
