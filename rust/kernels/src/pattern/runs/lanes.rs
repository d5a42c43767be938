//! Runs a program over blocks of values.

use super::{MAX_CLASSES, MAX_FORKS, Op, Program};
use crate::pattern::automaton::Automaton;
use crate::pattern::cells::Cells;

/// Values per block.
pub(super) const LANES: usize = 8;

/// One word for each value of a block.
pub(super) type Lanes = [u64; LANES];

/// The values of a block, as positions. Lanes that hold no classified value are arbitrary.
pub(super) struct Block {
    /// For each class, the positions whose byte belongs to it.
    pub(super) classes: [Lanes; MAX_CLASSES],
    /// The position after the last byte.
    pub(super) ends: Lanes,
}

/// Judges `len` rows: bit `i % 64` of `words[i / 64]` becomes 1 when row `i` does not match. Values that the program
/// cannot judge go to `automaton`.
pub(in crate::pattern) fn judge(
    program: &Program,
    automaton: &Automaton,
    cells: &impl Cells,
    len: usize,
    words: &mut [u64],
) {
    // SAFETY: a program holds an `Avx2`, which exists only where the processor has the features enabled there.
    unsafe { judge_blocks(program, automaton, cells, len, words) };
}

#[target_feature(enable = "avx2,bmi2")]
fn judge_blocks(program: &Program, automaton: &Automaton, cells: &impl Cells, len: usize, words: &mut [u64]) {
    let mut block = Block { classes: [[0; LANES]; MAX_CLASSES], ends: [1; LANES] };
    for (word, first) in words.iter_mut().zip((0..len).step_by(64)) {
        let last = len.min(first + 64);
        let mut fails = 0;
        for base in (first..last).step_by(LANES) {
            let rows = LANES.min(last - base);
            let others = classify(program, cells, base, rows, &mut block);
            let mut failing = failing(program, &block);
            if others != 0 {
                failing = failing & !others | judge_others(automaton, cells, base, others);
            }
            fails |= (failing & (u64::MAX >> (64 - rows))) << (base - first);
        }
        *word = fails;
    }
}

/// Fills the block from `base` on; returns the lanes whose values the program cannot judge.
#[inline(always)]
fn classify(program: &Program, cells: &impl Cells, base: usize, rows: usize, block: &mut Block) -> u64 {
    let mut others = 0;
    for lane in 0..rows.min(LANES) {
        let classified = match cells.cell(base + lane) {
            Some(cell) => program.processor.classify(&program.tables, cell, lane, block),
            None => false,
        };
        others |= u64::from(!classified) << lane;
    }
    others
}

#[cold]
fn judge_others(automaton: &Automaton, cells: &impl Cells, base: usize, mut others: u64) -> u64 {
    let mut failing = 0;
    while others != 0 {
        let lane = others.trailing_zeros();
        let cell = cells.cell(base + lane as usize);
        let matches = cell.is_some_and(|cell| cell.with_bytes(|value| automaton.is_match(value)));
        failing |= u64::from(!matches) << lane;
        others &= others - 1;
    }
    failing
}

/// Runs the program; returns the lanes whose values do not match.
#[inline(always)]
fn failing(program: &Program, block: &Block) -> u64 {
    // A match may begin at each position up to the end.
    let all = map(&block.ends, |end| end | (end - 1));
    let mut marker = all;
    let mut saved = [[0; LANES]; MAX_FORKS];
    let mut joined = [[0; LANES]; MAX_FORKS];
    for op in &program.ops {
        match *op {
            Op::Start => marker = map(&marker, |m| m & 1),
            Op::End => marker = zip(&marker, &block.ends, |m, end| m & end),
            Op::Fork(fork) => {
                put(&mut saved, fork, marker);
                put(&mut joined, fork, [0; LANES]);
            }
            Op::Branch(fork) => {
                let union = zip(&marker, get(&joined, fork), |m, j| m | j);
                put(&mut joined, fork, union);
                marker = *get(&saved, fork);
            }
            Op::Join(fork) => marker = zip(&marker, get(&joined, fork), |m, j| m | j),
            Op::Step(class) => marker = zip(&marker, get(&block.classes, class), |m, c| (m & c) << 1),
            Op::Maybe(class) => marker = zip(&marker, get(&block.classes, class), |m, c| m | (m & c) << 1),
            Op::Star(class) => {
                marker = zip(&marker, get(&block.classes, class), |m, c| ((m & c).wrapping_add(c) ^ c) | m);
            }
            Op::Exactly(class, n) => marker = exactly(&marker, get(&block.classes, class), n),
            Op::UpTo(class, n) => marker = up_to(&marker, get(&block.classes, class), n),
            Op::Boundary(word) => marker = zip(&marker, get(&block.classes, word), |m, w| m & (w ^ w << 1)),
            Op::NoBoundary(word) => marker = zip(&marker, get(&block.classes, word), |m, w| m & !(w ^ w << 1)),
        }
    }
    zeros(&marker)
}

const NONE: &Lanes = &[0; LANES];

#[inline(always)]
fn get(registers: &[Lanes], index: u8) -> &Lanes {
    registers.get(usize::from(index)).unwrap_or(NONE)
}

#[inline(always)]
fn put(registers: &mut [Lanes], index: u8, value: Lanes) {
    if let Some(register) = registers.get_mut(usize::from(index)) {
        *register = value;
    }
}

// The arrays are taken apart by hand: adapters of the standard library would not be inlined into code with other
// processor features, and a call for each word costs more than the word.
#[inline(always)]
fn zip(a: &Lanes, b: &Lanes, f: impl Fn(u64, u64) -> u64) -> Lanes {
    let [a0, a1, a2, a3, a4, a5, a6, a7] = *a;
    let [b0, b1, b2, b3, b4, b5, b6, b7] = *b;
    [f(a0, b0), f(a1, b1), f(a2, b2), f(a3, b3), f(a4, b4), f(a5, b5), f(a6, b6), f(a7, b7)]
}

#[inline(always)]
fn map(a: &Lanes, f: impl Fn(u64) -> u64) -> Lanes {
    zip(a, a, |a, _| f(a))
}

/// The lanes whose word is 0.
#[inline(always)]
fn zeros(a: &Lanes) -> u64 {
    let bit = |word: u64, lane: u32| u64::from(word == 0) << lane;
    let [a0, a1, a2, a3, a4, a5, a6, a7] = *a;
    bit(a0, 0) | bit(a1, 1) | bit(a2, 2) | bit(a3, 3) | bit(a4, 4) | bit(a5, 5) | bit(a6, 6) | bit(a7, 7)
}

/// From the positions at which `have` bytes of a class follow to those at which `have + more` do; `more <= have`.
#[inline(always)]
fn longer(runs: &Lanes, more: u32) -> Lanes {
    map(runs, |r| r & (r >> more))
}

/// Moves the marker over `n` bytes of the class, in about log2(n) steps; `1 <= n <= 63`.
#[inline(always)]
fn exactly(marker: &Lanes, class: &Lanes, n: u8) -> Lanes {
    let n = u32::from(n);
    zip(marker, &runs_of(class, n), |m, r| (m & r) << n)
}

/// The positions at which `n` bytes of the class follow.
#[inline(always)]
fn runs_of(class: &Lanes, n: u32) -> Lanes {
    let mut runs = *class;
    let mut have = 1;
    while have < n {
        let more = have.min(n - have);
        runs = longer(&runs, more);
        have += more;
    }
    runs
}

/// Lets the marker move over 0 to `n` bytes of the class, in about log2(n) steps; `1 <= n <= 62`.
#[inline(always)]
fn up_to(marker: &Lanes, class: &Lanes, n: u8) -> Lanes {
    let n = u32::from(n);
    let mut marker = zip(marker, class, |m, c| m | (m & c) << 1);
    let mut runs = *class;
    let mut have = 1;
    while have < n {
        // The marker has moved over 0 to `have` bytes and `runs` knows where `have` bytes follow.
        let more = have.min(n - have);
        let step = if more == have { runs } else { runs_of(class, more) };
        marker = zip(&marker, &step, |m, r| m | (m & r) << more);
        runs = longer(&runs, more);
        have += more;
    }
    marker
}
