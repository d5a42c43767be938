//! Choices: from a list that a test framework shrinks, and from a seed.

pub use guard_testkit::Chance;

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
