//! Comparisons of doubles that are computed from columns by `+ - *`, unary minus and abs(): some hundred records at a time, in
//! memory that stays in the first-level cache, so that no step costs a column. Where a record fails, the whole chunk is left to the
//! operations one by one, which know why.

use super::evaluate::Values;
use super::words::{self, Operand, Side};
use super::{Bits, Column, Data, Vector, both};
use crate::bits;
use crate::expr::arithmetic::Arithmetic;
use crate::expr::compare::Comparison;
use crate::expr::program::{Node, NodeId, Op, Program};
use crate::expr::scalar::Constant;
use crate::expr::types::Type;
use arrow_array::types::{ArrowPrimitiveType, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use multiversion::multiversion;

/// Records at a time.
const TILE: usize = 512;
/// Most steps; their tiles fill half of the first-level cache.
const MOST_STEPS: usize = 4;

/// A comparison and the steps to its operands.
#[derive(Clone, Debug)]
pub struct Fused {
    comparison: Comparison,
    sides: [Source; 2],
    leaves: Vec<Leaf>,
    /// Operands of a step are earlier ones.
    steps: Vec<(NodeId, Step)>,
}

/// What is read: a node, and its column where it is one.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The node.
    pub node: NodeId,
    /// The input's position.
    pub input: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    Leaf(usize),
    Step(usize),
    Constant(f64),
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Arithmetic(Arithmetic, Source, Source),
    Absolute(Source),
    Negate(Source),
    /// A leaf of integers as doubles.
    Widen(usize),
}

/// A leaf's values for a chunk.
#[derive(Clone, Copy)]
enum Slice<'v> {
    Doubles(&'v [f64]),
    One(f64),
    Small(&'v [i32]),
    Integers(&'v [i64]),
}

impl Fused {
    /// The comparison `node` with all that can be computed along with it; none when that is nothing.
    pub fn of(program: &Program, node: &Node) -> Option<Fused> {
        let Op::Compare(comparison, a, b) = node.op else { return None };
        if node.types != [Type::Double, Type::Double] {
            return None;
        }
        let start = Source::Constant(0.0);
        let mut fused = Fused { comparison, sides: [start; 2], leaves: Vec::new(), steps: Vec::new() };
        fused.sides = [fused.source(program, a)?, fused.source(program, b)?];
        (!fused.steps.is_empty()).then_some(fused)
    }

    /// The nodes and columns it reads.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    fn source(&mut self, program: &Program, id: NodeId) -> Option<Source> {
        if let Some(position) = self.steps.iter().position(|(known, _)| *known == id) {
            return Some(Source::Step(position));
        }
        let node = program.node(id)?;
        let doubles = node.types.iter().all(|ty| *ty == Type::Double);
        let step = match &node.op {
            Op::Constant(_, Constant::Double(value)) if value.is_finite() => return Some(Source::Constant(*value)),
            Op::Arithmetic(op @ (Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply), a, b) if doubles => {
                Step::Arithmetic(*op, self.source(program, *a)?, self.source(program, *b)?)
            }
            Op::Negate(a) if doubles => Step::Negate(self.source(program, *a)?),
            Op::Call(function, args) if doubles && function.0.name == "abs" => {
                Step::Absolute(self.source(program, *args.first()?)?)
            }
            Op::Cast { arg, to: Type::Double, bounds: None, .. } if node.types == [Type::Integer] => {
                Step::Widen(self.leaf(program, *arg))
            }
            _ => return Some(Source::Leaf(self.leaf(program, id))),
        };
        self.steps.push((id, step));
        (self.steps.len() <= MOST_STEPS).then_some(Source::Step(self.steps.len() - 1))
    }

    fn leaf(&mut self, program: &Program, node: NodeId) -> usize {
        let known = self.leaves.iter().position(|leaf| leaf.node == node);
        known.unwrap_or_else(|| {
            let input = match program.node(node).map(|node| &node.op) {
                Some(Op::Input(position)) => Some(*position),
                _ => None,
            };
            self.leaves.push(Leaf { node, input });
            self.leaves.len() - 1
        })
    }

    /// The comparison for a chunk; none when a record fails, or a leaf is laid out otherwise. `tiles` is memory to work in.
    pub fn run(
        &self,
        inputs: &[ArrayRef],
        (start, rows): (usize, usize),
        values: &Values,
        tiles: &mut Vec<f64>,
    ) -> Option<Vector> {
        let mut slices = Vec::with_capacity(self.leaves.len());
        let mut valid = None;
        for leaf in &self.leaves {
            let (slice, mine) = leaf.read(inputs, (start, rows), values)?;
            slices.push(slice);
            valid = both(valid.as_ref(), mine.as_ref());
        }
        tiles.resize(self.steps.len() * TILE, 0.0);
        let mut out = vec![0; bits::words(rows)];
        let mut bad = vec![0; bits::words(rows)];
        let words = out.chunks_mut(TILE / 64).zip(bad.chunks_mut(TILE / 64));
        for (position, (out, bad)) in words.enumerate() {
            let tile = (position * TILE, TILE.min(rows - position * TILE));
            self.tile(&slices, tile, tiles, out, bad)?;
        }
        bits::clear_tail(&mut out, rows);
        bits::clear_tail(&mut bad, rows);
        if let Some(valid) = &valid {
            out.iter_mut().zip(valid).for_each(|(out, valid)| *out &= valid);
        }
        // Where one operand is NULL the other one may have failed, and a fault is stronger than NULL. That what stands in place of a
        // NULL looks bad is rare, and the operations one by one know.
        let failed = bad.iter().any(|word| *word != 0);
        (!failed).then_some(Vector { data: Data::Boolean(out), valid, faults: None })
    }

    fn tile(
        &self,
        slices: &[Slice<'_>],
        (start, rows): (usize, usize),
        tiles: &mut [f64],
        out: &mut [u64],
        bad: &mut [u64],
    ) -> Option<()> {
        for (position, (_, step)) in self.steps.iter().enumerate() {
            let (done, rest) = tiles.split_at_mut_checked(position * TILE)?;
            let into = rest.get_mut(..rows)?;
            let side = |source: &Source| source.side(slices, (start, rows), done);
            match step {
                Step::Arithmetic(op, a, b) => arithmetic(*op, side(a)?, side(b)?, into),
                Step::Absolute(a) => absolute(side(a)?, into),
                Step::Negate(a) => negate(side(a)?, into),
                Step::Widen(leaf) => match slices.get(*leaf)? {
                    Slice::Small(values) => widen_small(values.get(start..start + rows)?, into),
                    Slice::Integers(values) => widen(values.get(start..start + rows)?, into),
                    Slice::Doubles(_) | Slice::One(_) => return None,
                },
            }
        }
        let [a, b] = self.sides.map(|source| (source, source.side(slices, (start, rows), tiles)));
        let ((a, x), (b, y)) = ((a.0, a.1?), (b.0, b.1?));
        // What is not finite makes every step on it not finite: results tell for all that went before. Infinities that stand in a
        // column compare.
        let operand = |source, values| Operand { values, computed: matches!(source, Source::Step(_)) };
        words::doubles(self.comparison, operand(a, x), operand(b, y), out, bad);
        Some(())
    }
}

impl Source {
    fn side<'v>(self, slices: &[Slice<'v>], (start, rows): (usize, usize), tiles: &'v [f64]) -> Option<Side<'v, f64>> {
        match self {
            Source::Constant(value) => Some(Side::One(value)),
            Source::Step(position) => tiles.get(position * TILE..position * TILE + rows).map(Side::Many),
            Source::Leaf(position) => match slices.get(position)? {
                Slice::Doubles(values) => values.get(start..start + rows).map(Side::Many),
                Slice::One(value) => Some(Side::One(*value)),
                Slice::Small(_) | Slice::Integers(_) => None,
            },
        }
    }
}

impl Leaf {
    /// Its values and which records have one; none for layouts that are not read here, and where records failed.
    fn read<'v>(
        &self,
        inputs: &'v [ArrayRef],
        (start, rows): (usize, usize),
        values: &'v Values,
    ) -> Option<(Slice<'v>, Option<Bits>)> {
        if let Some(position) = self.input {
            let array = inputs.get(position)?;
            let slice = None
                .or_else(|| native::<Float64Type>(array, start, rows).map(Slice::Doubles))
                .or_else(|| native::<Int32Type>(array, start, rows).map(Slice::Small))
                .or_else(|| native::<Int64Type>(array, start, rows).map(Slice::Integers))?;
            let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
            let valid = nulls.map(|nulls| {
                let mut out = vec![0; bits::words(rows)];
                bits::copy(nulls.inner(), start, rows, &mut out);
                out
            });
            return Some((slice, valid));
        }
        let vector = values.get(self.node).filter(|vector| vector.faults.is_none())?;
        let slice = match &vector.data {
            Data::Double(Column::One(value)) => Slice::One(*value),
            Data::Double(column) => Slice::Doubles(column.slice()?),
            Data::Integer(column) => Slice::Integers(column.slice()?),
            _ => return None,
        };
        Some((slice, vector.valid.clone()))
    }
}

fn native<T: ArrowPrimitiveType>(array: &ArrayRef, start: usize, rows: usize) -> Option<&[T::Native]> {
    array.as_any().downcast_ref::<PrimitiveArray<T>>()?.values().get(start..start + rows)
}

/// Writes `f` of every pair.
#[inline(always)]
fn each(a: Side<'_, f64>, b: Side<'_, f64>, out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    match (a, b) {
        (Side::Many(a), Side::Many(b)) => {
            out.iter_mut().zip(a.iter().zip(b)).for_each(|(out, (a, b))| *out = f(*a, *b));
        }
        (Side::Many(a), Side::One(b)) => out.iter_mut().zip(a).for_each(|(out, a)| *out = f(*a, b)),
        (Side::One(a), Side::Many(b)) => out.iter_mut().zip(b).for_each(|(out, b)| *out = f(a, *b)),
        (Side::One(a), Side::One(b)) => out.fill(f(a, b)),
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn arithmetic(op: Arithmetic, a: Side<'_, f64>, b: Side<'_, f64>, out: &mut [f64]) {
    match op {
        Arithmetic::Add => each(a, b, out, |a, b| a + b),
        Arithmetic::Subtract => each(a, b, out, |a, b| a - b),
        Arithmetic::Multiply => each(a, b, out, |a, b| a * b),
        // Quotients hide what is not finite; they are no steps.
        Arithmetic::Divide | Arithmetic::Remainder => out.fill(f64::NAN),
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn absolute(a: Side<'_, f64>, out: &mut [f64]) {
    each(a, Side::One(0.0), out, |a, _| a.abs());
}

#[multiversion(targets("x86_64+avx2"))]
fn negate(a: Side<'_, f64>, out: &mut [f64]) {
    each(a, Side::One(0.0), out, |a, _| -a);
}

#[multiversion(targets("x86_64+avx2"))]
fn widen_small(values: &[i32], out: &mut [f64]) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = f64::from(*value));
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512dq", "x86_64+avx2"))]
fn widen(values: &[i64], out: &mut [f64]) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = *value as f64);
}
