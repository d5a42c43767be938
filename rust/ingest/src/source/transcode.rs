//! Other encodings to UTF-8.

use super::unwrap::Stream;
use crate::error::IngestError;
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::io::{Cursor, Read, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Stands for bytes that the declared encoding does not have. No UTF-8 holds it, so that the decoder reports the record it is in, and only that.
const INVALID: u8 = 0xff;
const STEP: usize = 64 << 10;

/// The encoding of a WHATWG label; None for UTF-8.
///
/// # Errors
/// `encoding-unknown`.
pub(crate) fn encoding_of(label: &str) -> std::result::Result<Option<&'static Encoding>, IngestError> {
    let found = Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
        IngestError::new("encoding-unknown", format!("`{label}` is no encoding that is known"))
            .help("use a label of the WHATWG encoding standard: `utf-8`, `utf-16le`, `windows-1252`, `shift_jis`, …")
    })?;
    Ok((found != UTF_8).then_some(found))
}

/// A reader of UTF-8 over a reader of another encoding. A byte order mark comes out as UTF-8's.
pub(crate) struct Transcoded {
    inner: Stream,
    decoder: Decoder,
    /// Read and not decoded: `source[from..]`.
    source: Vec<u8>,
    from: usize,
    /// Decoded and not handed out.
    ready: Cursor<Vec<u8>>,
    ended: bool,
    finished: bool,
    /// Bytes handed out less those read.
    added: Arc<AtomicI64>,
}

impl Transcoded {
    /// Of UTF-16 a byte order mark wins over the declared order.
    pub(crate) fn new(mut inner: Stream, encoding: &'static Encoding, added: Arc<AtomicI64>) -> Result<Self> {
        let mut source = Vec::new();
        (&mut inner).take(2).read_to_end(&mut source)?;
        let wide = encoding == UTF_16LE || encoding == UTF_16BE;
        let encoding = match source.as_slice() {
            [0xff, 0xfe] if wide => UTF_16LE,
            [0xfe, 0xff] if wide => UTF_16BE,
            _ => encoding,
        };
        let decoder = encoding.new_decoder_without_bom_handling();
        Ok(Self { inner, decoder, source, from: 0, ready: Cursor::default(), ended: false, finished: false, added })
    }

    /// Reads more where nothing is left, and decodes a step.
    fn step(&mut self) -> Result<()> {
        if self.from >= self.source.len() && !self.ended {
            self.source.clear();
            self.from = 0;
            self.ended = (&mut self.inner).take(STEP as u64).read_to_end(&mut self.source)? < STEP;
        }
        let mut out = std::mem::take(&mut self.ready).into_inner();
        out.clear();
        out.resize(STEP, 0);
        let source = self.source.get(self.from..).unwrap_or_default();
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(source, &mut out, self.ended);
        out.truncate(written);
        self.from += read;
        match result {
            DecoderResult::InputEmpty => self.finished = self.ended,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => out.push(INVALID),
        }
        // Steps are of a few KiB.
        self.added.fetch_add(out.len() as i64 - read as i64, Ordering::Relaxed);
        self.ready = Cursor::new(out);
        Ok(())
    }
}

impl Read for Transcoded {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            let got = self.ready.read(buffer)?;
            if got > 0 || self.finished || buffer.is_empty() {
                return Ok(got);
            }
            self.step()?;
        }
    }
}
