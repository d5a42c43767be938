//! The loop over nodes.

use super::fused::Fused;
use super::{Column, Data, Texts, Vector, arithmetic, compare, failed, general, load, logic, select};
use crate::expr::cast::cast;
use crate::expr::fault::Fault;
use crate::expr::interval;
use crate::expr::program::{Node, NodeId, Op, Program};
use crate::expr::record::{attempted, bounded, types};
use crate::expr::scalar::{Constant, Scalar, storable};
use crate::expr::types::{Type, has_long_dates};
use arrow_array::ArrayRef;
use std::sync::Arc;

/// Records evaluated together: a column of them fits the first-level cache.
pub const CHUNK_ROWS: usize = 4_096;

/// The values of a program's nodes for a chunk; kept between chunks for its memory.
#[derive(Default)]
pub struct Values {
    nodes: Vec<Option<Vector>>,
    tiles: Vec<f64>,
}

impl Values {
    /// The values of a node that was needed.
    pub fn get(&self, id: NodeId) -> Option<&Vector> {
        self.nodes.get(id)?.as_ref()
    }

    /// Takes the values of a node; they are missing then.
    pub fn take(&mut self, id: NodeId) -> Option<Vector> {
        self.nodes.get_mut(id)?.take()
    }

    fn reset(&mut self, program: &Program) {
        self.nodes.clear();
        self.nodes.resize(program.nodes().len(), None);
    }

    fn set(&mut self, id: NodeId, value: Vector) {
        if let Some(slot) = self.nodes.get_mut(id) {
            *slot = Some(value);
        }
    }
}

/// How the values of some nodes, the roots, are come by: what only a fused comparison reads is not computed of its own.
#[derive(Clone, Debug)]
pub struct Plan {
    order: Vec<(NodeId, Option<Fused>)>,
}

impl Plan {
    /// For these nodes of a program. Costs a look at every node.
    pub fn new(program: &Program, roots: &[NodeId]) -> Plan {
        let mut fused: Vec<Option<Option<Fused>>> = vec![None; program.nodes().len()];
        let mut todo = roots.to_vec();
        while let Some(id) = todo.pop() {
            let (Some(node), Some(slot @ None)) = (program.node(id), fused.get_mut(id)) else { continue };
            let found = Fused::of(program, node);
            match &found {
                Some(found) => {
                    todo.extend(found.leaves().iter().filter(|leaf| leaf.input.is_none()).map(|leaf| leaf.node));
                }
                None => todo.extend(node.operands()),
            }
            *slot = Some(found);
        }
        let order = fused.into_iter().enumerate().filter_map(|(id, wanted)| Some((id, wanted?)));
        Plan { order: order.collect() }
    }
}

/// Evaluates a plan's roots for the records `[start, start + rows)` of the inputs, which are in the program's order. At most
/// [`CHUNK_ROWS`] records a call keep the work in cache; more are correct too.
pub fn run(program: &Program, plan: &Plan, inputs: &[ArrayRef], start: usize, rows: usize, values: &mut Values) {
    values.reset(program);
    let mut tiles = std::mem::take(&mut values.tiles);
    for (id, fused) in &plan.order {
        let Some(node) = program.node(*id) else { continue };
        let whole = fused.as_ref().and_then(|fused| fused.run(inputs, (start, rows), values, &mut tiles));
        let value = whole.unwrap_or_else(|| {
            if fused.is_some() {
                node.operands().iter().for_each(|id| ensure(program, *id, inputs, (start, rows), values));
            }
            step(node, inputs, start, rows, values)
        });
        values.set(*id, value);
    }
    values.tiles = tiles;
}

/// Evaluates a node, and before it what it needs, if that was not done. As deep as the expression nests.
fn ensure(program: &Program, id: NodeId, inputs: &[ArrayRef], (start, rows): (usize, usize), values: &mut Values) {
    let (Some(node), None) = (program.node(id), values.get(id)) else { return };
    node.operands().iter().for_each(|id| ensure(program, *id, inputs, (start, rows), values));
    let value = step(node, inputs, start, rows, values);
    values.set(id, value);
}

/// Evaluates each of the nodes `needed` (from [`Program::needed`]) of its own, as [`run`] does when it is left with one.
pub fn evaluate(
    program: &Program,
    needed: &[NodeId],
    inputs: &[ArrayRef],
    start: usize,
    rows: usize,
    values: &mut Values,
) {
    values.reset(program);
    for &id in needed {
        let Some(node) = program.node(id) else { continue };
        let value = step(node, inputs, start, rows, values);
        values.set(id, value);
    }
}

fn step(node: &Node, inputs: &[ArrayRef], start: usize, rows: usize, values: &Values) -> Vector {
    let nulls = Vector::nulls(rows);
    let get = |id: &NodeId| values.get(*id).unwrap_or(&nulls);
    match &node.op {
        Op::Input(position) => match inputs.get(*position) {
            Some(array) if has_long_dates(array.data_type()) => stored(load(array, start, rows), node.ty(), rows),
            Some(array) => load(array, start, rows),
            None => nulls.clone(),
        },
        Op::Constant(ty, constant) => broadcast(ty, constant, rows),
        Op::Not(a) => logic::not(get(a), rows),
        Op::And(a, b) => logic::connective(get(a), get(b), false, rows),
        Op::Or(a, b) => logic::connective(get(a), get(b), true, rows),
        Op::IsNull(a) => logic::is_null(get(a), rows),
        Op::IsTruth(a, wanted) => logic::is_truth(get(a), *wanted, rows),
        Op::Compare(comparison, a, b) => compare::compare(*comparison, get(a), get(b), types(node), rows),
        Op::Distinct(a, b) => compare::is_distinct(get(a), get(b), types(node), rows),
        Op::InSet(a, set) => compare::in_set(get(a), set, rows),
        Op::Negate(a) => arithmetic::negate(get(a), rows),
        Op::Arithmetic(op, a, b) => arithmetic::arithmetic(*op, get(a), get(b), types(node), node.proved, rows),
        Op::Case(branches, otherwise) => {
            let branches: Vec<_> = branches.iter().map(|(condition, value)| (get(condition), get(value))).collect();
            select::case(&branches, otherwise.as_ref().map(get), node.ty(), rows)
        }
        Op::Coalesce(args) => select::coalesce(&args.iter().map(get).collect::<Vec<_>>(), node.ty(), rows),
        Op::Cast { arg, attempt, bounds, .. } => {
            let from = node.types.first().unwrap_or(&Type::Null);
            if let Some(fast) = widened(get(arg), from, node.ty()) {
                return fast;
            }
            general::unary(get(arg), node.ty(), rows, |value, arena| {
                attempted(bounded(cast(arena, value, from, node.ty()), *bounds), *attempt)
            })
        }
        Op::AddInterval(a, added) => {
            let from = node.types.first().unwrap_or(&Type::Null);
            general::unary(get(a), node.ty(), rows, |value, _| match value {
                Scalar::Integer(value) => interval::add(value, from, *added).map(Scalar::Integer),
                other => Ok(other),
            })
        }
        Op::Field(a, position) => general::unary(get(a), node.ty(), rows, |value, _| {
            Ok(match value {
                Scalar::Struct(fields) => fields.get(*position).copied().unwrap_or(Scalar::Null),
                _ => Scalar::Null,
            })
        }),
        Op::Call(_, args) => general::function(node, &args.iter().map(get).collect::<Vec<_>>(), rows),
    }
}

/// Fails the records with dates beyond those of a date32, which results and lists are kept in.
fn stored(vector: Vector, ty: &Type, rows: usize) -> Vector {
    let arena = bumpalo::Bump::new();
    let beyond = |row: &usize| vector.get(*row, &arena).is_ok_and(|value| !storable(value, ty));
    let found = (0..rows).filter(beyond).map(|row| (row as u32, Fault::TemporalOutOfRange)).collect();
    failed(vector.data.clone(), vector.valid.clone(), vector.faults.clone(), found, rows)
}

/// Integers as doubles, without asking each value for its type.
fn widened(a: &Vector, from: &Type, to: &Type) -> Option<Vector> {
    match (&a.data, from, to) {
        (Data::Integer(Column::One(value)), Type::Integer, Type::Double) => {
            Some(Vector { data: Data::Double(Column::One(*value as f64)), ..a.clone() })
        }
        (Data::Integer(values), Type::Integer, Type::Double) => {
            let data = Data::Double(Column::Own(arithmetic::to_doubles(values.slice().unwrap_or_default())));
            Some(Vector { data, valid: a.valid.clone(), faults: a.faults.clone() })
        }
        _ => None,
    }
}

fn broadcast(ty: &Type, constant: &Constant, rows: usize) -> Vector {
    Vector::of(match constant {
        Constant::Null => return Vector::nulls(rows),
        Constant::Boolean(true) => Data::Boolean(super::all(rows)),
        Constant::Boolean(false) => Data::Boolean(vec![0; crate::bits::words(rows)]),
        Constant::Integer(value) => Data::Integer(Column::One(*value)),
        Constant::Decimal(value) => Data::Decimal(Column::One(*value)),
        Constant::Double(value) => Data::Double(Column::One(*value)),
        Constant::Text(text) => Data::Text(Texts::One(Arc::clone(text))),
        Constant::Binary(_) | Constant::List(_) => {
            let arena = bumpalo::Bump::new();
            let scalars = vec![constant.scalar(&arena); rows];
            Data::Array(super::build::from_scalars(&scalars, ty))
        }
    })
}
