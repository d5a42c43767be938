//! Facts of an operation from those of its operands: one rule an operation, used by the checker and by tests.

use super::arithmetic;
use super::cast::cast_facts;
use super::compare;
use super::facts::{Facts, Range};
use super::fault::{Fault, Faults};
use super::interval;
use super::program::Op;
use super::scalar::Constant;
use super::types::Type;

/// Facts of `op` over operands with these facts; `ty` is the result's type where the operation leaves a choice (casts, CASE, COALESCE,
/// differences of times). The error says why the operation is not defined, in words for the author.
pub fn infer(op: &Op, args: &[Facts], ty: &Type) -> Result<Facts, String> {
    let none = || Err("an operand is missing".to_owned());
    Ok(match (op, args) {
        (Op::Input(_), _) => return none(),
        (Op::Constant(ty, constant), _) => Facts::of_constant(ty.clone(), constant.clone()),
        (Op::Not(_), [a]) => {
            let range = match a.range {
                Range::Truth { yes, no } => Range::Truth { yes: no, no: yes },
                _ => Range::TRUTH,
            };
            Facts::strict(args, Type::Boolean, range, Faults::NONE)
        }
        (Op::And(..) | Op::Or(..), [a, b]) => connective(matches!(op, Op::Or(..)), a, b),
        (Op::IsNull(_), [a]) => {
            let null = a.ty == Type::Null;
            never_null(Facts::strict(args, Type::Boolean, Range::Truth { yes: a.nullable, no: !null }, Faults::NONE))
        }
        (Op::IsTruth(_, wanted), [a]) => {
            let range = match (a.range, wanted) {
                (Range::Truth { yes, no }, true) => Range::Truth { yes, no: no || a.nullable },
                (Range::Truth { yes, no }, false) => Range::Truth { yes: no, no: yes || a.nullable },
                _ => Range::TRUTH,
            };
            never_null(Facts::strict(args, Type::Boolean, range, Faults::NONE))
        }
        (Op::Compare(comparison, ..), [a, b]) => compare::infer(*comparison, a, b),
        (Op::Distinct(..), _) => never_null(Facts::strict(args, Type::Boolean, Range::TRUTH, Faults::NONE)),
        (Op::InSet(_, set), [a]) => {
            let nan = matches!(a.range, Range::Double { nan: true, .. });
            let faults = if nan { Faults::of(&[Fault::NotFinite]) } else { Faults::NONE };
            let range = Range::Truth { yes: true, no: !set.has_null };
            let mut facts = Facts::strict(args, Type::Boolean, range, faults);
            facts.nullable |= set.has_null;
            facts
        }
        (Op::Negate(_), [a]) => arithmetic::infer_negate(a),
        (Op::Arithmetic(op, ..), [a, b]) => arithmetic::infer(*op, a, b, ty.clone()),
        (Op::Case(branches, otherwise), _) => case(branches.len(), otherwise.is_some(), args, ty),
        (Op::Coalesce(_), _) => {
            let mut facts = joined(args, ty);
            facts.nullable = args.iter().all(|arg| arg.nullable);
            facts
        }
        (Op::Cast { attempt, bounds, .. }, [a]) => cast(a, ty, *attempt, *bounds)?,
        (Op::AddInterval(_, added), [a]) => interval::add_facts(a, *added)?,
        (Op::Field(..), [a]) => {
            let mut facts = Facts::strict(args, ty.clone(), Range::of_nested(ty), a.faults);
            facts.nullable = true;
            facts
        }
        (Op::Call(function, _), _) => (function.0.infer)(args)?,
        _ => return none(),
    })
}

fn never_null(facts: Facts) -> Facts {
    Facts { nullable: false, ..facts }
}

fn connective(or: bool, a: &Facts, b: &Facts) -> Facts {
    let (Range::Truth { yes: ya, no: na }, Range::Truth { yes: yb, no: nb }) = (a.range, b.range) else {
        return Facts::strict(&[a.clone(), b.clone()], Type::Boolean, Range::TRUTH, Faults::NONE);
    };
    let open = |x: &Facts| x.nullable || !x.faults.is_empty();
    // The deciding value occurs when it occurs on either side; the other one needs both sides.
    let range =
        if or { Range::Truth { yes: ya || yb, no: na && nb } } else { Range::Truth { yes: ya && yb, no: na || nb } };
    let mut facts = Facts::strict(&[a.clone(), b.clone()], Type::Boolean, range, Faults::NONE);
    // A side that always decides hides NULL and faults of the other.
    let always = |x: &Facts| match x.range {
        Range::Truth { yes, no } => !open(x) && if or { yes && !no } else { no && !yes },
        _ => false,
    };
    if always(a) || always(b) {
        facts.nullable = false;
        facts.faults = Faults::NONE;
    }
    facts
}

/// The union of the operands' facts, as values of `ty`.
fn joined(args: &[Facts], ty: &Type) -> Facts {
    // NULL, typed or not, adds no value.
    let null = |arg: &&Facts| arg.ty == Type::Null || arg.constant.as_ref().is_some_and(Constant::is_null);
    let values = args.iter().filter(|arg| !null(arg));
    let range = values.map(|arg| arg.range).reduce(Range::union).unwrap_or_else(|| Range::of_type(ty));
    Facts::strict(args, ty.clone(), range, Faults::NONE)
}

fn case(branches: usize, otherwise: bool, args: &[Facts], ty: &Type) -> Facts {
    let conditions = args.iter().take(2 * branches).step_by(2);
    let values = args.iter().take(2 * branches).skip(1).step_by(2).chain(args.get(2 * branches));
    let mut facts = joined(&values.cloned().collect::<Vec<_>>(), ty);
    facts.faults = conditions.fold(facts.faults, |all, condition| all.and(condition.faults));
    facts.nullable |= !otherwise;
    facts
}

fn cast(a: &Facts, ty: &Type, attempt: bool, bounds: Option<(i64, i64)>) -> Result<Facts, String> {
    let plain = Facts { faults: Faults::NONE, ..a.clone() };
    let mut facts = match &a.ty {
        Type::Null => Facts { nullable: true, ..Facts::of_type(ty.clone()) },
        from if from == ty => plain,
        _ => cast_facts(&plain, ty)?,
    };
    facts.constant = None;
    // Exact casts, and the nearest double of an exact number, keep what is not 0 from becoming it.
    facts.nonzero = a.nonzero && matches!(a.ty, Type::Integer | Type::Decimal { .. });
    if let (Some((least, most)), Range::Exact(low, high)) = (bounds, facts.range) {
        let (least, most) = (i128::from(least), i128::from(most));
        if low < least || high > most {
            facts.faults = facts.faults.and(Faults::of(&[Fault::CastFailed]));
        }
        facts.range = Range::Exact(low.clamp(least, most), high.clamp(least, most));
    }
    if attempt {
        facts.nullable |= !facts.faults.is_empty();
        facts.faults = Faults::NONE;
    }
    facts.faults = facts.faults.and(a.faults);
    Ok(facts)
}
