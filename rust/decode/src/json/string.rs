//! Strings with escapes.

use super::reader::{Piece, Read, Reader};
use super::scan::plain_end;
use crate::FaultCode;

impl Reader<'_> {
    /// The rest of a string that starts at `start` and is plain up to here, unescaped into the scratch.
    #[cold]
    pub(super) fn escaped(&mut self, start: usize) -> Read<Piece> {
        self.scratch.clear();
        let mut from = start;
        loop {
            self.scratch.push_str(self.text.get(from..self.at).unwrap_or_default());
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(Piece::Scratch);
                }
                b'\\' => self.escape()?,
                _ => return self.syntax(),
            }
            from = self.at;
            self.at = plain_end(self.bytes(), from);
        }
    }

    fn escape(&mut self) -> Read<()> {
        let start = self.at;
        self.at += 1;
        let character = match self.peek() {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(start),
            _ => return self.syntax(),
        };
        self.at += 1;
        self.scratch.push(character);
        Ok(())
    }

    /// `\uXXXX`, or two of a surrogate pair; the reader is at the `u`.
    fn unicode(&mut self, start: usize) -> Read<()> {
        let first = self.hex()?;
        let code = match first {
            0xD800..=0xDBFF => match self.low_half()? {
                Some(low) => 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00),
                None => return self.lone(start),
            },
            _ => first,
        };
        match char::from_u32(code) {
            Some(character) => self.scratch.push(character),
            None => return self.lone(start),
        }
        Ok(())
    }

    /// The second half of a pair, if it stands here; the reader is left where it stopped if none does.
    fn low_half(&mut self) -> Read<Option<u32>> {
        let back = self.at;
        for byte in [b'\\', b'u'] {
            if self.at == self.text.len() {
                return self.syntax();
            }
            if self.peek() != byte {
                self.at = back;
                return Ok(None);
            }
            self.at += 1;
        }
        self.at -= 1;
        let low = self.hex()?;
        if (0xDC00..=0xDFFF).contains(&low) {
            return Ok(Some(low));
        }
        self.at = back;
        Ok(None)
    }

    fn lone(&mut self, start: usize) -> Read<()> {
        if self.form_only {
            return Ok(());
        }
        self.at = start;
        self.stop(FaultCode::JsonLoneSurrogate)
    }

    /// Four digits after the `u` that the reader is at.
    fn hex(&mut self) -> Read<u32> {
        let mut value = 0;
        for _ in 0..4 {
            self.at += 1;
            match char::from(self.peek()).to_digit(16) {
                Some(digit) => value = value * 16 + digit,
                None => return self.syntax(),
            }
        }
        self.at += 1;
        Ok(value)
    }
}
