//! The fast engine: patterns without unbounded groups, over short ASCII values, many positions at a time.
//!
//! A value of `n <= 63` bytes has the positions `0..=n`, one bit each. A *marker* is the set of positions that the part
//! of the pattern read so far can end at; a class is the set of positions whose byte belongs to it. A pattern is then
//! a short straight-line program over such words: a class moves the marker up by one (`(m & c) << 1`), a starred class
//! lets a carry run through the class (`((m & c) + c) ^ c | m`), an assertion keeps some positions. The program runs
//! over a block of values at once, so that its control flow costs little.
//!
//! Other values, other patterns and other processors go to the automaton, which gives the same answers and, without
//! byte shuffles, gives them faster.

mod lanes;
mod masks;

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

pub(super) use lanes::judge;

/// The longest value that the engine reads, in bytes.
pub(super) const MAX_VALUE: usize = 63;
/// Distinct classes; each costs a handful of instructions per value.
const MAX_CLASSES: usize = 16;
/// Longer programs gain nothing over the automaton.
const MAX_OPS: usize = 48;
/// Groups within groups, as far as they need a saved marker.
const MAX_FORKS: usize = 4;

/// One step of a program. Classes and forks are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    /// One byte of the class.
    Step(u8),
    /// So many bytes of the class, 2 to 63.
    Exactly(u8, u8),
    /// At most so many bytes of the class, 2 to 62.
    UpTo(u8, u8),
    /// One byte of the class, or none.
    Maybe(u8),
    /// Any number of bytes of the class.
    Star(u8),
    Start,
    End,
    /// A word boundary; the class is `\w`.
    Boundary(u8),
    /// No word boundary.
    NoBoundary(u8),
    /// Saves the marker: branches follow.
    Fork(u8),
    /// Ends a branch: adds its marker to the fork's results and takes the saved one up again.
    Branch(u8),
    /// Ends the last branch: the marker becomes the union of the branches' markers.
    Join(u8),
}

/// A set of ASCII bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AsciiSet(u128);

impl AsciiSet {
    fn of(class: &Class) -> Option<AsciiSet> {
        let Class::Unicode(class) = class else {
            return None;
        };
        let mut bits = 0;
        for range in class.ranges().iter().filter(|range| range.start().is_ascii()) {
            for byte in u32::from(range.start())..=u32::from(range.end()).min(0x7f) {
                bits |= 1 << byte;
            }
        }
        Some(AsciiSet(bits))
    }

    /// The set of one byte; of none when it is not ASCII.
    fn byte(byte: u8) -> AsciiSet {
        AsciiSet(if byte.is_ascii() { 1 << byte } else { 0 })
    }

    fn word() -> AsciiSet {
        AsciiSet((0..128u8).filter(|b| b.is_ascii_alphanumeric() || *b == b'_').fold(0, |bits, b| bits | 1 << b))
    }

    fn contains(self, byte: u8) -> bool {
        byte.is_ascii() && self.0 >> byte & 1 == 1
    }
}

/// A pattern as a straight-line program.
#[derive(Debug)]
pub(super) struct Program {
    ops: Vec<Op>,
    tables: masks::Tables,
    processor: masks::Avx2,
}

impl Program {
    /// The program of `hir`; none when it has a shape that the engine does not know, or when the
    /// processor lacks the instructions.
    pub(super) fn build(hir: &Hir) -> Option<Program> {
        let processor = masks::Avx2::detect()?;
        let mut builder = Builder::default();
        builder.emit(hir)?;
        Some(Program { ops: builder.ops, tables: masks::Tables::new(&builder.classes), processor })
    }
}

#[derive(Default)]
struct Builder {
    ops: Vec<Op>,
    classes: Vec<AsciiSet>,
    forks: u8,
}

impl Builder {
    fn push(&mut self, op: Op) -> Option<()> {
        self.ops.push(op);
        (self.ops.len() <= MAX_OPS).then_some(())
    }

    fn class(&mut self, set: AsciiSet) -> Option<u8> {
        let known = self.classes.iter().position(|class| *class == set);
        let index = known.unwrap_or(self.classes.len());
        if known.is_none() {
            self.classes.push(set);
        }
        u8::try_from(index).ok().filter(|_| index < MAX_CLASSES)
    }

    fn emit(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty => Some(()),
            HirKind::Literal(literal) => {
                for byte in &literal.0 {
                    let class = self.class(AsciiSet::byte(*byte))?;
                    self.push(Op::Step(class))?;
                }
                Some(())
            }
            HirKind::Class(class) => {
                let class = self.class(AsciiSet::of(class)?)?;
                self.push(Op::Step(class))
            }
            HirKind::Look(look) => self.emit_look(*look),
            HirKind::Repetition(rep) => self.emit_repetition(rep),
            HirKind::Capture(capture) => self.emit(&capture.sub),
            HirKind::Concat(subs) => subs.iter().try_for_each(|sub| self.emit(sub)),
            HirKind::Alternation(subs) => self.emit_branches(subs),
        }
    }

    fn emit_look(&mut self, look: Look) -> Option<()> {
        match look {
            Look::Start => self.push(Op::Start),
            Look::End => self.push(Op::End),
            Look::WordAscii => {
                let word = self.class(AsciiSet::word())?;
                self.push(Op::Boundary(word))
            }
            Look::WordAsciiNegate => {
                let word = self.class(AsciiSet::word())?;
                self.push(Op::NoBoundary(word))
            }
            _ => None,
        }
    }

    fn emit_branches(&mut self, branches: &[Hir]) -> Option<()> {
        let fork = self.forks;
        if usize::from(fork) == MAX_FORKS {
            return None;
        }
        self.forks += 1;
        self.push(Op::Fork(fork))?;
        for (index, branch) in branches.iter().enumerate() {
            if index > 0 {
                self.push(Op::Branch(fork))?;
            }
            self.emit(branch)?;
        }
        self.forks -= 1;
        self.push(Op::Join(fork))
    }

    fn emit_repetition(&mut self, rep: &Repetition) -> Option<()> {
        if let Some(set) = single(&rep.sub) {
            let class = self.class(set)?;
            return self.emit_run(class, rep.min, rep.max);
        }
        for _ in 0..rep.min {
            self.emit(&rep.sub)?;
        }
        for _ in rep.min..rep.max? {
            self.emit_branches(&[Hir::empty(), (*rep.sub).clone()])?;
        }
        Some(())
    }

    /// Between `min` and `max` bytes of one class.
    fn emit_run(&mut self, class: u8, min: u32, max: Option<u32>) -> Option<()> {
        match u8::try_from(min).ok().filter(|min| usize::from(*min) <= MAX_VALUE)? {
            0 => {}
            1 => self.push(Op::Step(class))?,
            min => self.push(Op::Exactly(class, min))?,
        }
        // As many as the longest value has, or more, is any number.
        let optional = max.map(|max| max - min).and_then(|n| u8::try_from(n).ok());
        match optional.filter(|n| usize::from(*n) < MAX_VALUE) {
            None => self.push(Op::Star(class)),
            Some(0) => Some(()),
            Some(1) => self.push(Op::Maybe(class)),
            Some(n) => self.push(Op::UpTo(class, n)),
        }
    }
}

/// The set of an expression that reads exactly one character.
fn single(hir: &Hir) -> Option<AsciiSet> {
    match hir.kind() {
        HirKind::Class(class) => AsciiSet::of(class),
        HirKind::Literal(literal) => match *literal.0 {
            [byte] => Some(AsciiSet::byte(byte)),
            _ => None,
        },
        _ => None,
    }
}
