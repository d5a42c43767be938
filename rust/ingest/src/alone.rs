//! Records of a quarantine file, each read as the one record that it is (S10.5).

use crate::chunk::Block;
use arrow_array::{RecordBatch, RecordBatchOptions, new_null_array};
use guard_decode::{Decoded, Decoder, Fault, FaultCode, Place};

/// The record of a block that is one for itself: one row in any case, damaged where the bytes are no single record, or not all of it.
pub fn decode(decoder: &mut dyn Decoder, block: &Block, limit: usize) -> Decoded {
    let bytes = &block.bytes;
    if block.cut || bytes.len() > limit {
        return damaged(decoder, bytes, FaultCode::RecordTooLarge);
    }
    if bytes.is_empty() {
        return empty(decoder);
    }
    let mut found = decoder.decode(bytes, true);
    let whole = found.consumed == bytes.len() && !found.full;
    match found.places.as_mut_slice() {
        [place] if whole => {
            place.line = 0;
            found
        }
        [] => damaged(decoder, bytes, FaultCode::RecordCutOff),
        _ => damaged(decoder, bytes, FaultCode::CsvFieldsExtra),
    }
}

/// A record of no bytes. Of a single column it is NULL, which its line break tells from nothing (S9.13); any other is cut off.
fn empty(decoder: &mut dyn Decoder) -> Decoded {
    let mut found = decoder.decode(b"\n", true);
    let [place] = found.places.as_mut_slice() else { return damaged(decoder, b"", FaultCode::RecordCutOff) };
    *place = Place { start: 0, end: 0, line: 0 };
    found.faults.iter_mut().for_each(|fault| fault.bytes = (0, 0));
    Decoded { consumed: 0, separators: 0, blank: 0, lines: 0, ..found }
}

/// One record without a reading.
fn damaged(decoder: &mut dyn Decoder, bytes: &[u8], code: FaultCode) -> Decoded {
    let none = decoder.decode(&[], true);
    let schema = none.batch.schema();
    let nulls = schema.fields().iter().map(|field| new_null_array(field.data_type(), 1)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let Ok(batch) = RecordBatch::try_new_with_options(schema, nulls, &options) else { return none };
    let end = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let fault = Fault { record: 0, column: None, path: String::new(), code, bytes: (end, end) };
    let places = vec![Place { start: 0, end, line: 0 }];
    Decoded { batch, places, faults: vec![fault], consumed: bytes.len(), ..none }
}
