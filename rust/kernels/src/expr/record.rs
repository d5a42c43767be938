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
    for &id in needed {
        let Some(node) = program.node(id) else { continue };
        let value = quick(node, values).unwrap_or_else(|| step(node, inputs, values, arena));
        if let Some(slot) = values.get_mut(id) {
            *slot = value;
        }
    }
    values
}

/// The hot operations on plain numbers, read where they stand: moving whole outcomes costs more than the arithmetic.
#[inline(always)]
fn quick<'a>(node: &Node, values: &[Outcome<'a>]) -> Option<Outcome<'a>> {
    use Scalar::{Boolean, Double, Integer};
    match &node.op {
        Op::Compare(comparison, a, b) => match (values.get(*a)?, values.get(*b)?) {
            (Ok(Double(a)), Ok(Double(b))) => {
                Some(a.partial_cmp(b).map(|order| Boolean(comparison.holds(order))).ok_or(Fault::NotFinite))
            }
            (Ok(Integer(a)), Ok(Integer(b))) => Some(Ok(Boolean(comparison.holds(a.cmp(b))))),
            _ => None,
        },
        Op::Arithmetic(op, a, b) => match (values.get(*a)?, values.get(*b)?) {
            (Ok(Double(a)), Ok(Double(b))) => Some(arithmetic::doubles(*op, *a, *b).map(Double)),
            // Days and ticks must stay in the calendar; that is not settled here.
            (Ok(Integer(a)), Ok(Integer(b))) if node.types.iter().all(|ty| *ty == Type::Integer) => {
                Some(arithmetic::integers(*op, *a, *b).map(Integer))
            }
            _ => None,
        },
        Op::Cast { arg, bounds: None, .. } if *node.ty() == Type::Double => match values.get(*arg)? {
            Ok(Integer(value)) if node.types.first() == Some(&Type::Integer) => Some(Ok(Double(*value as f64))),
            _ => None,
        },
        _ => None,
    }
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
        Op::Case(branches, otherwise) => case(branches, otherwise.as_ref(), get),
        Op::Coalesce(args) => coalesce(args, get),
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
fn member<'a>(value: Scalar<'a>, set: &Set) -> Outcome<'a> {
    Ok(match value {
        Scalar::Null => Scalar::Null,
        Scalar::Double(x) if x.is_nan() => return Err(Fault::NotFinite),
        value if set.contains(value) => Scalar::Boolean(true),
        _ if set.has_null => Scalar::Null,
        _ => Scalar::Boolean(false),
    })
}

/// The value of the first branch whose condition is TRUE; what stands behind it is not looked at, so its faults are none.
fn case<'a>(
    branches: &[(NodeId, NodeId)],
    otherwise: Option<&NodeId>,
    get: impl Fn(&NodeId) -> Outcome<'a>,
) -> Outcome<'a> {
    for (condition, value) in branches {
        if get(condition)? == Scalar::Boolean(true) {
            return get(value);
        }
    }
    otherwise.map_or(Ok(Scalar::Null), get)
}

/// The first value that is not NULL; what stands behind it is not looked at, so its faults are none.
fn coalesce<'a>(args: &[NodeId], get: impl Fn(&NodeId) -> Outcome<'a>) -> Outcome<'a> {
    for arg in args {
        let value = get(arg)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Scalar::Null)
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
