//! Short runs of bytes, put together without a detour over the heap.

/// Bytes that a line's head has besides its source: names, four integers of at most 20 digits, and a word that is moved beyond.
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

    /// Begins again.
    pub(crate) fn clear(&mut self) {
        self.used = 0;
    }

    /// Those so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.used).unwrap_or_default()
    }

    /// Adds a part.
    #[inline(always)]
    pub(crate) fn text<const LENGTH: usize>(&mut self, part: &[u8; LENGTH]) {
        if let Some(to) = self.bytes.get_mut(self.used..).and_then(|rest| rest.first_chunk_mut()) {
            *to = *part;
            self.used += LENGTH;
        }
    }

    /// Adds an integer.
    #[inline]
    pub(crate) fn number(&mut self, value: u64) {
        let (high, low) = (value / EIGHT, value % EIGHT);
        if high > 0 {
            self.number_above(high);
            return self.digits(low, 0);
        }
        let zeros = digits(low).trailing_zeros() as usize / 8;
        self.digits(low, zeros.min(7));
    }

    #[cold]
    fn number_above(&mut self, high: u64) {
        self.number(high);
    }

    /// Adds the last eight digits but so many first ones.
    #[inline(always)]
    fn digits(&mut self, value: u64, less: usize) {
        let word = (digits(value) | u64::from_le_bytes([b'0'; 8])) >> (8 * less);
        if let Some(to) = self.bytes.get_mut(self.used..).and_then(|rest| rest.first_chunk_mut()) {
            *to = word.to_le_bytes();
            self.used += 8 - less;
        }
    }
}

/// Eight digits.
const EIGHT: u64 = 100_000_000;

/// The eight digits of a smaller integer, a byte each, the first one lowest: halves are cut in two at once, as often as it takes.
#[inline(always)]
fn digits(value: u64) -> u64 {
    let fours = (value / 10_000) | ((value % 10_000) << 32);
    // 10486 / 2^20 is close enough to 1 / 100 below 10,000, and 103 / 2^10 to 1 / 10 below 100.
    let hundreds = ((fours * 10_486) >> 20) & 0x7F_0000_007F;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | ((twos - 10 * tens) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_rust_writes_them() {
        let powers = (0..20).map(|exponent| 10_u64.pow(exponent));
        let near = |power: u64| [power - 1, power, power + 1, power.wrapping_mul(7), power / 9];
        for value in powers.flat_map(near).chain(0..12_000).chain([u64::MAX]) {
            let mut short = Short::new();
            short.text(b"[");
            short.number(value);
            assert_eq!(short.bytes(), format!("[{value}").as_bytes());
        }
    }

    #[test]
    fn each_four_digits_in_each_half() {
        for four in 0..10_000_u64 {
            for (value, text) in [(four, format!("0000{four:04}")), (four * 10_000, format!("{four:04}0000"))] {
                let bytes = digits(value).to_le_bytes().map(|digit| digit + b'0');
                assert_eq!(bytes, text.as_bytes());
            }
        }
    }

    #[test]
    fn the_longest_head_has_room() {
        let mut short = Short::new();
        short.number(u64::MAX);
        short.text(b",\"line\":");
        short.number(u64::MAX);
        short.text(b",\"bytes\":[");
        short.number(u64::MAX);
        short.text(b",");
        short.number(u64::MAX);
        short.text(b"]");
        assert!(short.bytes().ends_with(format!("{},{}]", u64::MAX, u64::MAX).as_bytes()));
    }
}
