//! Short runs of bytes, put together without a detour over the heap.

/// Bytes that a line's head has besides its source: names, and four integers of at most 20 digits.
const ROOM: usize = 160;

/// A short run of bytes; what has no room is an error of the caller's, and is left out.
pub(crate) struct Short {
    bytes: [u8; ROOM],
    used: usize,
}

impl Short {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { bytes: [0; ROOM], used: 0 }
    }

    /// Those so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    /// Adds a part.
    #[inline(always)]
    pub(crate) fn text(&mut self, part: &[u8]) {
        if let Some(to) = self.bytes.get_mut(self.used..self.used + part.len()) {
            to.copy_from_slice(part);
            self.used += part.len();
        }
    }

    /// Adds an integer.
    pub(crate) fn number(&mut self, value: u64) {
        let length = value.checked_ilog10().map_or(1, |digits| digits as usize + 1);
        let Some(to) = self.bytes.get_mut(self.used..self.used + length) else { return };
        let mut rest = value;
        for digit in to.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.used += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_rust_writes_them() {
        let powers = (0..20).map(|exponent| 10_u64.pow(exponent));
        for value in powers.flat_map(|power| [power - 1, power, power + 1, power.wrapping_mul(7)]).chain([u64::MAX]) {
            let mut short = Short::new();
            short.text(b"[");
            short.number(value);
            assert_eq!(short.bytes(), format!("[{value}").as_bytes());
        }
    }

    #[test]
    fn the_longest_head_has_room() {
        let mut short = Short::new();
        for name in ["", ",\"line\":", ",\"bytes\":[", ","] {
            short.text(name.as_bytes());
            short.number(u64::MAX);
        }
        short.text(b"]");
        assert!(short.bytes().ends_with(format!("{},{}]", u64::MAX, u64::MAX).as_bytes()));
    }
}
