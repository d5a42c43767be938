//! A guess at a dialect, and why.

use memchr::memchr;

use super::Dialect;
use super::header::{byte_order_mark, names};
use super::record::Reading;
use crate::Limits;
use crate::lexical::{date, double, timestamp};

/// What a sample looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sniffed {
    /// Between fields.
    pub delimiter: u8,
    /// Around fields.
    pub quote: u8,
    /// Is the first record one of names?
    pub header: bool,
    /// What speaks for the delimiter.
    pub even: String,
    /// What speaks for a header or against it.
    pub named: String,
}

/// Candidates, the likeliest first, with their names.
const DELIMITERS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "vertical bar")];
/// Records looked at.
const RECORDS: usize = 100;

/// Guesses the dialect of a source from its first bytes, at best some dozen lines.
///
/// The delimiter is the one by which most of the first 100 records have one number of fields, more than one; of several, the one with most fields.
/// The quote is `'` only if there is no `"`, and a field stands between two `'`. The first record is a header if its fields are different texts, none of
/// them empty, a number, a date or a timestamp.
///
/// A delimiter or quote that is known is not guessed; the header is told by it.
pub fn sniff(sample: &[u8], delimiter: Option<u8>, quote: Option<u8>) -> Sniffed {
    let quote = quote.unwrap_or_else(|| match memchr(b'"', sample) {
        None if has_apostrophes(sample) => b'\'',
        _ => b'"',
    });
    let known = delimiter.map(|delimiter| (delimiter, "the given delimiter"));
    let candidates = known.into_iter().chain(DELIMITERS.into_iter().filter(|_| known.is_none()));
    let candidates = candidates.map(|(delimiter, name)| {
        let records = records(sample, Dialect { delimiter, quote, nulls: Vec::new() });
        let (fields, agreeing) = usual(&records);
        (delimiter, name, records, fields, agreeing)
    });
    let candidates: Vec<_> = candidates.filter(|(_, _, _, fields, _)| *fields > 1 || known.is_some()).collect();
    let best = candidates
        .into_iter()
        // The first of equals: `max_by_key` takes the last.
        .rev()
        .max_by_key(|(_, _, records, fields, agreeing)| (agreeing * 1000 / records.len().max(1), *fields));
    let (delimiter, records, even) = match best {
        Some((delimiter, name, records, fields, agreeing)) => {
            let seen = format!("{agreeing} of the first {} records have {fields} fields by {name}", records.len());
            (delimiter, records, seen)
        }
        None => {
            let dialect = Dialect { quote, ..Dialect::default() };
            (b',', records(sample, dialect), "no delimiter gives more than one field".to_owned())
        }
    };
    let (header, named) = header(records.first());
    Sniffed { delimiter, quote, header, even, named }
}

fn has_apostrophes(sample: &[u8]) -> bool {
    let ends = |byte: &u8| DELIMITERS.iter().any(|(delimiter, _)| delimiter == byte) || matches!(byte, b'\n' | b'\r');
    let opens = sample.starts_with(b"'") || sample.windows(2).any(|pair| matches!(pair, [end, b'\''] if ends(end)));
    let closes = sample.ends_with(b"'") || sample.windows(2).any(|pair| matches!(pair, [b'\'', end] if ends(end)));
    opens && closes
}

/// The fields of the first well-formed records, as far as these are whole.
fn records(sample: &[u8], dialect: Dialect) -> Vec<Vec<String>> {
    let mut at = byte_order_mark(sample);
    let mut reader = dialect.reader(sample, false, Limits::default().record_bytes, usize::MAX);
    reader.cursor.seek(at);
    let (mut ends, mut records) = (Vec::new(), Vec::new());
    while records.len() < RECORDS {
        ends.clear();
        match reader.read(at, &mut ends) {
            Reading::Whole { end, width, .. } => {
                if end > at {
                    records.push(names(sample, at, &ends, dialect.quote));
                }
                at = end + width;
            }
            // The last record of the sample, whole or not; alone, it is better than nothing.
            Reading::Open if records.is_empty() && at < sample.len() => {
                reader.last = true;
                reader.cursor.seek(at);
            }
            Reading::Open | Reading::Broken { .. } => break,
        }
        if at >= sample.len() {
            break;
        }
    }
    records
}

/// The number of fields that most records have, and how many have it; of several, the greatest number.
fn usual(records: &[Vec<String>]) -> (usize, usize) {
    let agreeing = |fields: usize| records.iter().filter(|record| record.len() == fields).count();
    records
        .iter()
        .map(Vec::len)
        .map(|fields| (fields, agreeing(fields)))
        .max_by_key(|(f, n)| (*n, *f))
        .unwrap_or((0, 0))
}

fn header(first: Option<&Vec<String>>) -> (bool, String) {
    let Some(first) = first else {
        return (true, "there is no record to tell a header by".to_owned());
    };
    if first.iter().any(String::is_empty) {
        return (false, "a field of the first record is empty, so that it is no header".to_owned());
    }
    if let Some(value) = first.iter().find(|text| is_value(text.as_bytes())) {
        return (false, format!("`{value}` in the first record is a value, so that it is no header"));
    }
    let mut sorted: Vec<&String> = first.iter().collect();
    sorted.sort();
    match sorted.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        true => (false, "two fields of the first record are equal, so that it is no header".to_owned()),
        false => (true, "the fields of the first record are different texts and no values, as in a header".to_owned()),
    }
}

fn is_value(text: &[u8]) -> bool {
    double(text).is_some()
        || date(text).is_some()
        || timestamp(text, true).is_some()
        || timestamp(text, false).is_some()
}
