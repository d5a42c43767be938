//! A record for itself.

use super::reader::{Reader, Stop};
use super::rows::{Extent, Rows, Shape, within};
use crate::{Decoded, Decoder, FaultCode, Layout};
use memchr::memchr_iter;
use std::sync::Arc;

/// Decodes each chunk as one record, whatever line breaks are in it: the bytes of an element of an array, or of a line, that were kept.
///
/// A chunk of no bytes has no record. One over [`crate::Limits::record_bytes`] is `record-too-large`; one that ends inside of its value is `record-cut-off`.
#[derive(Debug)]
pub struct JsonRecord {
    shape: Shape,
}

impl JsonRecord {
    /// A decoder.
    pub fn new(layout: Arc<Layout>) -> Self {
        Self { shape: Shape::new(layout) }
    }
}

impl Decoder for JsonRecord {
    fn decode(&mut self, chunk: &[u8], _: bool) -> Decoded {
        let whole = within(chunk);
        let limit = self.shape.layout.limits.record_bytes;
        let mut rows = Rows::new(&mut self.shape, 1, whole.len());
        if whole.is_empty() {
            return rows.finish(0, 0, 0, 0);
        }
        let end = whole.len();
        match record(&mut rows, whole, limit) {
            Ok(()) => rows.place(0, end, 0),
            Err(stop) => rows.damaged(0, end, 0, stop),
        }
        rows.finish(end, 0, 0, u32::try_from(memchr_iter(b'\n', whole).count()).unwrap_or(u32::MAX))
    }
}

fn record(rows: &mut Rows<'_>, bytes: &[u8], limit: usize) -> Result<(), Stop> {
    if bytes.len() > limit {
        return Err(Stop { code: FaultCode::RecordTooLarge, at: limit });
    }
    let wrong = |error: simdutf8::compat::Utf8Error| Stop { code: FaultCode::EncodingInvalid, at: error.valid_up_to() };
    let text = simdutf8::compat::from_utf8(bytes).map_err(wrong)?;
    let read = rows.read(&mut Reader::new("", 0), text, text, 0, Extent::Whole);
    match read {
        Err(stop) if stop.code == FaultCode::JsonSyntax && stop.at == text.len() => {
            Err(Stop { code: FaultCode::RecordCutOff, at: text.len() })
        }
        read => read.map(drop),
    }
}
