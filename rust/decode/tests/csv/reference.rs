//! The same records, byte by byte and without any haste: what S9.11 to S9.14 say, for text columns and a whole source.

#[derive(Debug, PartialEq)]
pub struct Record {
    pub start: usize,
    pub end: usize,
    pub shown: String,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote in a quoted field.
    Closed,
}

/// Past the record's last byte with its fields, or why it has no reading.
fn read(bytes: &[u8], start: usize, limit: usize) -> Result<(usize, Vec<String>), &'static str> {
    let (mut state, mut fields, mut field, mut quoted) = (State::FieldStart, vec![], vec![], false);
    let mut at = start;
    loop {
        let byte = bytes.get(at).copied();
        let is_pair = state == State::Closed && byte == Some(b'"');
        if (state == State::Quoted || is_pair) && (byte.is_none() || at >= start + limit) {
            return Err("csv-quote-unclosed");
        }
        if at > start + limit {
            return Err("record-too-large");
        }
        state = match (state, byte) {
            (State::Quoted, Some(b'"')) => State::Closed,
            (State::Quoted, Some(byte)) => {
                field.push(byte);
                State::Quoted
            }
            (State::FieldStart, Some(b'"')) => {
                quoted = true;
                State::Quoted
            }
            (State::Closed, Some(b'"')) => {
                field.push(b'"');
                State::Quoted
            }
            (State::Plain, Some(b'"')) => return Err("csv-quote-stray"),
            (_, None | Some(b',' | b'\n' | b'\r')) => {
                let text = String::from_utf8_lossy(&field).into_owned();
                fields.push(if text.is_empty() && !quoted { "~".to_owned() } else { text });
                if byte != Some(b',') {
                    return Ok((at, fields));
                }
                (field, quoted) = (vec![], false);
                State::FieldStart
            }
            (State::Closed, _) => return Err("csv-quote-stray"),
            (_, Some(byte)) => {
                field.push(byte);
                State::Plain
            }
        };
        at += 1;
    }
}

fn dirt(bytes: &[u8]) -> Option<&'static str> {
    match bytes.contains(&0) {
        true => Some("nul-byte"),
        false => str::from_utf8(bytes).err().map(|_| "encoding-invalid"),
    }
}

/// All records of a source.
pub fn records(bytes: &[u8], columns: usize, limit: usize) -> Vec<Record> {
    let (mut at, mut records) = (0, vec![]);
    while at < bytes.len() {
        let line = at + bytes[at..].iter().take_while(|byte| !b"\r\n".contains(byte)).count();
        let (end, shown) = match read(bytes, at, limit) {
            Ok((end, _)) if end == at && columns != 1 => (end, None),
            Ok((end, fields)) => match dirt(&bytes[at..end]) {
                Some(code) => (line, Some(code.to_owned())),
                None if fields.len() < columns => (line, Some("csv-fields-missing".to_owned())),
                None if fields.len() > columns => (line, Some("csv-fields-extra".to_owned())),
                None => (end, Some(fields.join("|"))),
            },
            Err(code) if line - at > limit => (line, Some(code.to_owned())),
            Err(code) => (line, Some(dirt(&bytes[at..line]).unwrap_or(code).to_owned())),
        };
        records.extend(shown.map(|shown| Record { start: at, end, shown }));
        at = match &bytes[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [] => end,
            _ => end + 1,
        };
    }
    records
}
