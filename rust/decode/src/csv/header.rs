//! The header: names of the file's columns, and which columns of the layout they are (S9.12).

use std::collections::{BTreeSet, HashMap};

use memchr::{memchr, memchr2};

use super::Dialect;
use super::record::Reading;
use crate::{Fault, FaultCode, Layout, Limits};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The columns of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvHeader {
    /// Their names, in the order of the file.
    pub names: Vec<String>,
    /// For each, the column of the layout that it is, if any. Their number is the number of fields that records must have.
    pub columns: Vec<Option<usize>>,
}

/// What is wrong with a header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeaderProblems {
    /// Columns of the layout that the file does not name, in the layout's order.
    pub missing: Vec<String>,
    /// Columns of the layout that it names more than once, in the layout's order; the first is read.
    pub ambiguous: Vec<String>,
    /// Names that the layout does not have, in the file's order.
    pub undeclared: Vec<String>,
}

impl CsvHeader {
    /// The columns of the layout in their order: those of a file without a header.
    pub fn positional(layout: &Layout) -> Self {
        let names: Vec<String> = layout.schema.fields().iter().map(|field| field.name().clone()).collect();
        let columns = (0..names.len()).map(Some).collect();
        Self { names, columns }
    }

    /// The columns of a file by their names, which must be equal byte for byte.
    pub fn matched(names: Vec<String>, layout: &Layout) -> (Self, HeaderProblems) {
        let fields = layout.schema.fields();
        let declared: HashMap<&str, usize> =
            fields.iter().enumerate().map(|(index, field)| (field.name().as_str(), index)).collect();
        let (mut once, mut twice, mut unknown) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut problems = HeaderProblems::default();
        let mut columns = Vec::with_capacity(names.len());
        for name in &names {
            let column = declared.get(name.as_str()).copied();
            match column {
                Some(index) if !once.insert(index) => {
                    twice.insert(index);
                    columns.push(None);
                }
                Some(index) => columns.push(Some(index)),
                None => {
                    if unknown.insert(name.as_str()) {
                        problems.undeclared.push(name.clone());
                    }
                    columns.push(None);
                }
            }
        }
        for (index, field) in fields.iter().enumerate() {
            if !once.contains(&index) {
                problems.missing.push(field.name().clone());
            }
            if twice.contains(&index) {
                problems.ambiguous.push(field.name().clone());
            }
        }
        (Self { names, columns }, problems)
    }
}

/// The bytes before the first record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderRecord {
    /// Names, without quotes; none if the source has no record at all, or the header is malformed.
    pub names: Vec<String>,
    /// Bytes taken: byte order mark, blank lines, the record, its line break.
    pub consumed: usize,
    /// Line breaks among them.
    pub lines: u32,
    /// Why the header is malformed, if it is. It is of record 0, in these bytes.
    pub fault: Option<Fault>,
}

/// The length of the byte order mark that the source starts with.
pub fn byte_order_mark(bytes: &[u8]) -> usize {
    if bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

/// Reads the header from the first bytes of a source; `last`: they are all of it. None if it goes on beyond them.
///
/// A malformed header ends as a malformed record does, at the first line break after its start, or with the bytes when there is none.
pub fn read_header(bytes: &[u8], dialect: &Dialect, limits: Limits, last: bool) -> Option<HeaderRecord> {
    let mut at = byte_order_mark(bytes);
    if !last && at == 0 && BYTE_ORDER_MARK.starts_with(bytes) {
        return None;
    }
    let mut reader = dialect.reader(bytes, last, limits.record_bytes, usize::MAX);
    reader.cursor.seek(at);
    let (mut ends, mut lines) = (Vec::new(), 0);
    loop {
        if at >= bytes.len() {
            return last.then(|| HeaderRecord { names: Vec::new(), consumed: at, lines, fault: None });
        }
        ends.clear();
        match reader.read(at, &mut ends) {
            Reading::Open => return None,
            Reading::Whole { end, width, .. } if end == at => {
                at = end + width;
                lines += 1;
            }
            Reading::Whole { end, width, .. } => {
                let record = bytes.get(at..end).unwrap_or(&[]);
                if let Some((code, offset)) = dirt(record) {
                    return malformed(bytes, at, lines, (code, at + offset), last, limits);
                }
                lines += reader.inner_lines + u32::from(width > 0);
                let names = names(bytes, at, &ends, dialect.quote);
                return Some(HeaderRecord { names, consumed: end + width, lines, fault: None });
            }
            Reading::Broken { code, at: stop } => return malformed(bytes, at, lines, (code, stop), last, limits),
        }
    }
}

fn dirt(record: &[u8]) -> Option<(FaultCode, usize)> {
    if let Some(at) = memchr(0, record) {
        return Some((FaultCode::NulByte, at));
    }
    let error = simdutf8::compat::from_utf8(record).err()?;
    Some((FaultCode::EncodingInvalid, error.valid_up_to()))
}

fn malformed(
    bytes: &[u8],
    start: usize,
    lines: u32,
    (mut code, mut at): (FaultCode, usize),
    last: bool,
    limits: Limits,
) -> Option<HeaderRecord> {
    let rest = bytes.get(start..)?;
    let (end, width) = match memchr2(b'\n', b'\r', rest).map(|offset| start + offset) {
        Some(end) if bytes.get(end) == Some(&b'\n') => (end, 1),
        Some(end) => match bytes.get(end + 1) {
            Some(b'\n') => (end, 2),
            None if !last => return None,
            _ => (end, 1),
        },
        None if last || rest.len() > limits.record_bytes => (bytes.len(), 0),
        None => return None,
    };
    if let Some((found, offset)) = bytes.get(start..end).and_then(dirt) {
        (code, at) = (found, start + offset);
    }
    let fault = Fault { record: 0, column: None, path: String::new(), code, bytes: (at.min(end) as u32, end as u32) };
    let lines = lines + u32::from(width > 0);
    Some(HeaderRecord { names: Vec::new(), consumed: end + width, lines, fault: Some(fault) })
}

/// The fields of a well-formed record as texts.
pub(super) fn names(bytes: &[u8], start: usize, ends: &[u32], quote: u8) -> Vec<String> {
    let mut at = start;
    let mut names = Vec::with_capacity(ends.len());
    for end in ends {
        let field = bytes.get(at..*end as usize).unwrap_or(&[]);
        let text = match field {
            [first, content @ .., _] if *first == quote => {
                let quote = char::from(quote).to_string();
                String::from_utf8_lossy(content).replace(&quote.repeat(2), &quote)
            }
            _ => String::from_utf8_lossy(field).into_owned(),
        };
        names.push(text);
        at = *end as usize + 1;
    }
    names
}
