//! Choices: from a list that a test framework shrinks, and from a seed.

/// Choices read one by one; when they run out, every choice is the first, so that generation ends.
pub struct Source {
    words: Vec<u32>,
    at: usize,
}

impl Source {
    pub fn new(words: Vec<u32>) -> Source {
        Source { words, at: 0 }
    }

    pub fn seeded(seed: u64, words: usize) -> Source {
        let mut chance = Chance::new(seed);
        Source::new((0..words).map(|_| chance.next() as u32).collect())
    }

    /// A number below `count`.
    pub fn pick(&mut self, count: usize) -> usize {
        let word = self.words.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        word as usize % count.max(1)
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.pick(of.len())]
    }

    pub fn chance(&mut self, one_in: usize) -> bool {
        self.pick(one_in) == one_in - 1
    }
}

/// SplitMix64.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}
