//! Bits one after the other.

use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};

/// Bits, lowest first.
#[derive(Debug, Default)]
pub struct Bits {
    bytes: Vec<u8>,
    len: usize,
}

impl Bits {
    pub(super) fn with_capacity(bits: usize) -> Self {
        Self { bytes: Vec::with_capacity(bits / 8 + 1), len: 0 }
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, bit: bool) {
        let place = self.len % 8;
        match self.bytes.last_mut() {
            Some(last) if place != 0 => *last |= u8::from(bit) << place,
            _ => self.bytes.push(u8::from(bit)),
        }
        self.len += 1;
    }

    /// Pushes so many zeros.
    pub(super) fn push_zeros(&mut self, count: usize) {
        // The bits of the last byte beyond the end are zero.
        self.len += count;
        self.reach(0);
    }

    /// Pushes so many ones.
    fn push_ones(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        if !self.len.is_multiple_of(8)
            && let Some(last) = self.bytes.last_mut()
        {
            *last |= 0xFF << (self.len % 8);
        }
        self.len += count;
        self.reach(0xFF);
        // The bits of the last byte beyond the end become zero.
        self.truncate(self.len);
    }

    /// Adds the bytes that the length asks for.
    #[inline(always)]
    fn reach(&mut self, byte: u8) {
        let bytes = self.len.div_ceil(8);
        match bytes - self.bytes.len() {
            0 => {}
            1 => self.bytes.push(byte),
            _ => self.bytes.resize(bytes, byte),
        }
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.bytes.truncate(self.len.div_ceil(8));
        if !self.len.is_multiple_of(8)
            && let Some(last) = self.bytes.last_mut()
        {
            *last &= 0xFF >> (8 - self.len % 8);
        }
    }

    pub(super) fn finish(self) -> BooleanBuffer {
        BooleanBuffer::new(Buffer::from_vec(self.bytes), 0, self.len)
    }
}

/// Where NULLs start and how many there are, ascending and apart.
#[derive(Debug, Default)]
pub(super) struct Nulls(Vec<(usize, usize)>);

impl Nulls {
    /// Adds some, after those before them.
    #[inline(always)]
    pub(super) fn push(&mut self, at: usize, count: usize) {
        match self.0.last_mut() {
            Some((start, some)) if *start + *some == at => *some += count,
            _ => self.0.push((at, count)),
        }
    }

    fn truncate(&mut self, len: usize) {
        while self.0.pop_if(|(start, _)| *start >= len).is_some() {}
        if let Some((start, count)) = self.0.last_mut() {
            *count = (*count).min(len - *start);
        }
    }

    /// Which of `len` values are there; none if all are.
    pub(super) fn finish(self, len: usize) -> Option<NullBuffer> {
        let mut bits = Bits::with_capacity(len);
        for (start, count) in self.0.iter().filter(|(_, count)| *count > 0) {
            bits.push_ones(start - bits.len);
            bits.push_zeros(*count);
        }
        if bits.len == 0 {
            return None;
        }
        bits.push_ones(len - bits.len);
        Some(NullBuffer::new(bits.finish()))
    }
}

/// Which values are there; takes no memory while all are. Values cost nothing but to be counted.
#[derive(Debug, Default)]
pub(super) struct Validity {
    len: usize,
    nulls: Nulls,
}

impl Validity {
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub(super) fn valid(&mut self) {
        self.len += 1;
    }

    #[inline(always)]
    pub(super) fn nulls(&mut self, count: usize) {
        self.nulls.push(self.len, count);
        self.len += count;
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.nulls.truncate(len);
    }

    pub(super) fn finish(self) -> Option<NullBuffer> {
        self.nulls.finish(self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_read_back_after_every_cut() {
        let pattern = |at: usize| at.is_multiple_of(3) || at % 7 == 2;
        for cut in 0..40 {
            let (mut bits, mut validity) = (Bits::with_capacity(3), Validity::default());
            let push = |bits: &mut Bits, validity: &mut Validity, bit| {
                bits.push(bit);
                if bit { validity.valid() } else { validity.nulls(1) }
            };
            for at in 0..40 {
                push(&mut bits, &mut validity, !pattern(at));
            }
            bits.truncate(cut);
            validity.truncate(cut);
            for at in cut..40 {
                push(&mut bits, &mut validity, pattern(at));
            }
            let expected: Vec<bool> = (0..40).map(|at| pattern(at) == (at >= cut)).collect();
            assert_eq!(bits.finish().iter().collect::<Vec<_>>(), expected, "{cut}");
            assert_eq!(validity.len(), 40);
            assert_eq!(validity.finish().map(|nulls| nulls.iter().collect::<Vec<_>>()), Some(expected));
        }
    }

    #[test]
    fn runs_of_zeros_are_as_single_ones() {
        for before in 0..20 {
            for count in 0..20 {
                let (mut bits, mut single) = (Bits::default(), Bits::default());
                for at in 0..before {
                    bits.push(at % 2 == 0);
                    single.push(at % 2 == 0);
                }
                bits.push_zeros(count);
                (0..count).for_each(|_| single.push(false));
                bits.push(true);
                single.push(true);
                assert_eq!(bits.finish(), single.finish(), "{before} {count}");
            }
        }
    }

    #[test]
    fn nothing_is_kept_while_all_are_there() {
        let mut validity = Validity::default();
        (0..9).for_each(|_| validity.valid());
        validity.nulls(1);
        validity.truncate(9);
        assert!(validity.finish().is_none());
    }
}
