//! Evaluation of one record.

use super::arithmetic;
use super::cast::cast;
use super::compare;
use super::fault::Fault;
use super::function::{Call, Nulls};
use super::interval;
use super::program::{Node, NodeId, Op, Program};
use super::scalar::{Constant, Scalar, storable};
use super::set::Set;
use super::types::Type;
use bumpalo::Bump;
use std::hint::black_box;

/// A value or a fault.
pub type Outcome<'a> = Result<Scalar<'a>, Fault>;

/// Evaluates the nodes `needed` (from [`Program::needed`]) for a record; `inputs` are in the program's order. The answer has a
/// value for every node, NULL for those not needed. Cost: the sum of the nodes' costs.
pub fn evaluate<'a>(
    program: &'a Program,
    needed: &[NodeId],
    inputs: &[Scalar<'a>],
    arena: &'a Bump,
) -> &'a [Outcome<'a>] {
    let values = arena.alloc_slice_fill_copy(program.nodes().len(), Ok(Scalar::Null));
    let zero = black_box(0);
    for &id in needed {
        let Some(node) = program.node(id) else { continue };
        // Operands are earlier nodes.
        let Some((before, [slot, ..])) = values.split_at_mut_checked(id) else { continue };
        if !quick(node, inputs, before, slot, (zero, arena)) {
            put(slot, &step(node, inputs, before, arena), zero);
        }
    }
    values
}

/// Copies an outcome part by part. A copy of the whole, wider than the parts that were just written, waits until they have reached
/// the cache. `zero` is a 0 that the compiler does not know: it would join the parts to a copy of the whole.
#[inline(always)]
fn put<'a>(slot: &mut Outcome<'a>, value: &Outcome<'a>, zero: usize) {
    match value {
        Ok(Scalar::Integer(value)) => *slot = Ok(Scalar::Integer(*value ^ zero as i64)),
        Ok(Scalar::Double(value)) => *slot = Ok(Scalar::Double(f64::from_bits(value.to_bits() ^ zero as u64))),
        Ok(Scalar::Text(text)) => *slot = Ok(Scalar::Text(text.get(zero..).unwrap_or_default())),
        other => *slot = *other,
    }
}

/// The hot operations, on values where they stand and straight into their slot: moving whole outcomes costs more than the work.
/// False when it is none of them; nothing is written then.
#[inline(always)]
fn quick<'a>(
    node: &'a Node,
    inputs: &[Scalar<'a>],
    values: &[Outcome<'a>],
    slot: &mut Outcome<'a>,
    (zero, arena): (usize, &'a Bump),
) -> bool {
    use Scalar::{Boolean, Double, Integer};
    let get = |id: &NodeId| values.get(*id).unwrap_or(&Ok(Scalar::Null));
    match &node.op {
        Op::Input(position) => match inputs.get(*position) {
            Some(Double(value)) => *slot = Ok(Double(*value)),
            // Dates may lie beyond a date32.
            Some(Integer(value)) if *node.ty() != Type::Date => *slot = Ok(Integer(*value)),
            Some(Scalar::Text(text)) => *slot = Ok(Scalar::Text(text)),
            _ => return false,
        },
        Op::Constant(_, Constant::Double(value)) => *slot = Ok(Double(*value)),
        Op::Constant(_, Constant::Integer(value)) => *slot = Ok(Integer(*value)),
        Op::Constant(_, Constant::Text(text)) => *slot = Ok(Scalar::Text(text)),
        Op::Compare(comparison, a, b) => match (get(a), get(b)) {
            (Ok(Double(a)), Ok(Double(b))) => match a.partial_cmp(b) {
                Some(order) => *slot = Ok(Boolean(comparison.holds(order))),
                None => *slot = Err(Fault::NotFinite),
            },
            (Ok(Integer(a)), Ok(Integer(b))) => *slot = Ok(Boolean(comparison.holds(a.cmp(b)))),
            (Ok(Scalar::Text(a)), Ok(Scalar::Text(b))) => *slot = Ok(Boolean(comparison.holds(a.cmp(b)))),
            _ => return false,
        },
        Op::Arithmetic(op, a, b) => match (get(a), get(b)) {
            (Ok(Double(a)), Ok(Double(b))) => match arithmetic::doubles(*op, *a, *b) {
                Ok(value) => *slot = Ok(Double(value)),
                Err(fault) => *slot = Err(fault),
            },
            // Days and ticks must stay in the calendar; that is not settled here.
            (Ok(Integer(a)), Ok(Integer(b))) if node.types.iter().all(|ty| *ty == Type::Integer) => {
                match arithmetic::integers(*op, *a, *b) {
                    Ok(value) => *slot = Ok(Integer(value)),
                    Err(fault) => *slot = Err(fault),
                }
            }
            _ => return false,
        },
        Op::Cast { arg, bounds: None, .. } if *node.ty() == Type::Double => match get(arg) {
            Ok(Integer(value)) if node.types.first() == Some(&Type::Integer) => *slot = Ok(Double(*value as f64)),
            _ => return false,
        },
        Op::Case(branches, otherwise) => put(slot, chosen(branches, otherwise.as_ref(), values), zero),
        Op::Coalesce(args) => put(slot, present(args, values), zero),
        Op::Call(_, ids) => called(node, ids, values, slot, (zero, arena)),
        _ => return false,
    }
    true
}

/// A call; the leftmost fault of its arguments stands.
fn called<'a>(
    node: &'a Node,
    ids: &[NodeId],
    values: &[Outcome<'a>],
    slot: &mut Outcome<'a>,
    (zero, arena): (usize, &'a Bump),
) {
    let args = arena.alloc_slice_fill_copy(ids.len(), Scalar::Null);
    for (arg, id) in args.iter_mut().zip(ids) {
        match values.get(*id) {
            Some(Ok(Scalar::Integer(value))) => *arg = Scalar::Integer(*value ^ zero as i64),
            Some(Ok(Scalar::Double(value))) => *arg = Scalar::Double(f64::from_bits(value.to_bits() ^ zero as u64)),
            Some(Ok(Scalar::Text(text))) => *arg = Scalar::Text(text.get(zero..).unwrap_or_default()),
            Some(Ok(other)) => *arg = *other,
            Some(Err(fault)) => {
                *slot = Err(*fault);
                return;
            }
            None => {}
        }
    }
    put(slot, &call(node, args, arena), zero);
}

/// The outcome that CASE takes: of the first branch whose condition is TRUE, or the fault of a condition before it.
fn chosen<'v, 'a>(
    branches: &[(NodeId, NodeId)],
    otherwise: Option<&NodeId>,
    values: &'v [Outcome<'a>],
) -> &'v Outcome<'a> {
    let get = |id: &NodeId| values.get(*id).unwrap_or(&Ok(Scalar::Null));
    for (condition, value) in branches {
        match get(condition) {
            Ok(Scalar::Boolean(true)) => return get(value),
            fault @ Err(_) => return fault,
            Ok(_) => {}
        }
    }
    otherwise.map_or(&Ok(Scalar::Null), get)
}

fn at<'a>(values: &[Outcome<'a>], id: NodeId) -> Outcome<'a> {
    values.get(id).copied().unwrap_or(Ok(Scalar::Null))
}

fn step<'a>(node: &'a Node, inputs: &[Scalar<'a>], values: &[Outcome<'a>], arena: &'a Bump) -> Outcome<'a> {
    let get = |id: &NodeId| at(values, *id);
    match &node.op {
        Op::Input(position) => {
            let value = inputs.get(*position).copied().unwrap_or(Scalar::Null);
            if storable(value, node.ty()) { Ok(value) } else { Err(Fault::TemporalOutOfRange) }
        }
        Op::Constant(_, constant) => Ok(constant.scalar(arena)),
        Op::Not(a) => Ok(match get(a)? {
            Scalar::Boolean(a) => Scalar::Boolean(!a),
            _ => Scalar::Null,
        }),
        Op::And(a, b) => connective(get(a), get(b), false),
        Op::Or(a, b) => connective(get(a), get(b), true),
        Op::IsNull(a) => Ok(Scalar::Boolean(get(a)?.is_null())),
        Op::IsTruth(a, wanted) => Ok(Scalar::Boolean(get(a)? == Scalar::Boolean(*wanted))),
        Op::Compare(comparison, a, b) => {
            strict(get(a), get(b), |a, b| Ok(Scalar::Boolean(comparison.holds(compare::order(a, b, types(node))?))))
        }
        Op::Distinct(a, b) => Ok(Scalar::Boolean(compare::distinct(get(a)?, get(b)?, types(node))?)),
        Op::InSet(a, set) => member(get(a)?, set),
        Op::Negate(a) => arithmetic::negate(get(a)?),
        Op::Arithmetic(op, a, b) => strict(get(a), get(b), |a, b| arithmetic::apply(*op, a, b, types(node))),
        Op::Case(branches, otherwise) => *chosen(branches, otherwise.as_ref(), values),
        Op::Coalesce(args) => *present(args, values),
        Op::Cast { arg, attempt, bounds, .. } => {
            let from = node.types.first().unwrap_or(&Type::Null);
            attempted(bounded(cast(arena, get(arg)?, from, node.ty()), *bounds), *attempt)
        }
        Op::AddInterval(a, interval) => match get(a)? {
            Scalar::Integer(value) => {
                let ty = node.types.first().unwrap_or(&Type::Null);
                interval::add(value, ty, *interval).map(Scalar::Integer)
            }
            other => Ok(other),
        },
        Op::Field(a, position) => Ok(match get(a)? {
            Scalar::Struct(fields) => fields.get(*position).copied().unwrap_or(Scalar::Null),
            _ => Scalar::Null,
        }),
        Op::Call(_, args) => {
            let args = arena.alloc_slice_fill_copy(args.len(), Scalar::Null);
            for (slot, id) in args.iter_mut().zip(node_args(&node.op)) {
                *slot = get(id)?;
            }
            call(node, args, arena)
        }
    }
}

/// IN over constants.
pub(super) fn member<'a>(value: Scalar<'a>, set: &Set) -> Outcome<'a> {
    Ok(match value {
        Scalar::Null => Scalar::Null,
        Scalar::Double(x) if x.is_nan() => return Err(Fault::NotFinite),
        value if set.contains(value) => Scalar::Boolean(true),
        _ if set.has_null => Scalar::Null,
        _ => Scalar::Boolean(false),
    })
}

/// The outcome that COALESCE takes: the first that is not NULL, fault or value.
fn present<'v, 'a>(args: &[NodeId], values: &'v [Outcome<'a>]) -> &'v Outcome<'a> {
    let mut taken = args.iter().filter_map(|id| values.get(*id));
    taken.find(|value| !matches!(value, Ok(Scalar::Null))).unwrap_or(&Ok(Scalar::Null))
}

fn node_args(op: &Op) -> &[NodeId] {
    match op {
        Op::Call(_, args) => args,
        _ => &[],
    }
}

/// Calls a function on values of which none is a fault.
pub fn call<'a>(node: &'a Node, args: &[Scalar<'a>], arena: &'a Bump) -> Outcome<'a> {
    let Op::Call(function, _) = &node.op else { return Ok(Scalar::Null) };
    if function.0.nulls == Nulls::Strict && args.iter().any(|arg| arg.is_null()) {
        return Ok(Scalar::Null);
    }
    let call = Call { arena, types: &node.types, result: node.ty(), prepared: &node.prepared };
    (function.0.core)(&call, args)
}

/// Types of the first two operands.
pub fn types(node: &Node) -> (&Type, &Type) {
    match node.types.as_slice() {
        [a, b, ..] => (a, b),
        _ => (&Type::Null, &Type::Null),
    }
}

fn strict<'a>(a: Outcome<'a>, b: Outcome<'a>, run: impl FnOnce(Scalar<'a>, Scalar<'a>) -> Outcome<'a>) -> Outcome<'a> {
    match (a?, b?) {
        (Scalar::Null, _) | (_, Scalar::Null) => Ok(Scalar::Null),
        (a, b) => run(a, b),
    }
}

/// AND (decided by FALSE) and OR (decided by TRUE): the deciding value wins over NULL and faults on either side.
fn connective<'a>(a: Outcome<'a>, b: Outcome<'a>, decides: bool) -> Outcome<'a> {
    let decisive = Scalar::Boolean(decides);
    match (a, b) {
        (Ok(a), _) if a == decisive => Ok(decisive),
        (_, Ok(b)) if b == decisive => Ok(decisive),
        (Err(fault), _) | (_, Err(fault)) => Err(fault),
        (Ok(Scalar::Null), _) | (_, Ok(Scalar::Null)) => Ok(Scalar::Null),
        _ => Ok(Scalar::Boolean(!decides)),
    }
}

/// A cast to a narrower integer type.
pub fn bounded<'a>(value: Outcome<'a>, bounds: Option<(i64, i64)>) -> Outcome<'a> {
    match (value, bounds) {
        (Ok(Scalar::Integer(value)), Some((least, most))) if value < least || value > most => Err(Fault::CastFailed),
        (value, _) => value,
    }
}

/// TRY_CAST: faults of the cast itself are NULL.
pub fn attempted(value: Outcome<'_>, attempt: bool) -> Outcome<'_> {
    match value {
        Err(_) if attempt => Ok(Scalar::Null),
        value => value,
    }
}

/// The value of an operation over constants; none when it fails.
pub fn fold(node: &Node, operands: &[Constant]) -> Option<Constant> {
    let arena = Bump::new();
    // Operands stand at the positions that the operation names.
    let ids = node.op.operands();
    let most = ids.iter().copied().max().map_or(0, |most| most + 1);
    let values = arena.alloc_slice_fill_copy(most, Ok(Scalar::Null));
    for (id, constant) in ids.iter().zip(operands) {
        if let Some(slot) = values.get_mut(*id) {
            *slot = Ok(constant.scalar(&arena));
        }
    }
    step(node, &[], values, &arena).ok().map(Constant::of)
}

/// A constant in another type; none when it cannot be.
pub fn cast_constant(value: &Constant, from: &Type, to: &Type) -> Option<Constant> {
    let arena = Bump::new();
    cast(&arena, value.scalar(&arena), from, to).ok().map(Constant::of)
}
