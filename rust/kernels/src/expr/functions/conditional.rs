//! Functions that choose among their arguments, or count those that are NULL.

use super::support::{range, takes, when};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Family, Function, Kind, Nulls, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use std::cmp::Ordering;

const BASE: Function =
    Function { family: Family::Conditional, variadic: true, nulls: Nulls::Own, cost: 5, ..Function::BASE };

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "greatest",
        params: &[Param::new("x", Kind::Common)],
        infer: |args| infer_extreme("greatest", args, Ordering::Greater),
        core: |_, args| extreme(args, Ordering::Greater),
        docs: "The greatest of the arguments. NULLs are skipped: it is NULL when all are. Fails on NaN.",
        examples: &[
            ("greatest(1, 3, 2)", "3"),
            ("greatest(1, NULL, 2.5)", "2.5"),
            ("greatest('a', 'b')", "b"),
            ("greatest(NULL, NULL)", "NULL"),
        ],
        duckdb: "takes NaN as the greatest number",
        ..BASE
    },
    Function {
        name: "least",
        params: &[Param::new("x", Kind::Common)],
        infer: |args| infer_extreme("least", args, Ordering::Less),
        core: |_, args| extreme(args, Ordering::Less),
        docs: "The least of the arguments. NULLs are skipped: it is NULL when all are. Fails on NaN.",
        examples: &[
            ("least(3, 1, 2)", "1"),
            ("least(1, NULL, 2.5)", "1.0"),
            ("least(DATE '2026-02-01', DATE '2026-01-31')", "2026-01-31"),
        ],
        duckdb: "takes NaN as the greatest number",
        ..BASE
    },
    Function {
        name: "num_nulls",
        params: &[Param::new("x", Kind::Any)],
        infer: |args| Ok(infer_count(args, true)),
        core: |_, args| Ok(count(args, true)),
        docs: "How many of the arguments are NULL. Never NULL itself.",
        examples: &[("num_nulls(1, NULL, 'a')", "1"), ("num_nulls(1)", "0")],
        duckdb: "absent",
        ..BASE
    },
    Function {
        name: "num_nonnulls",
        params: &[Param::new("x", Kind::Any)],
        infer: |args| Ok(infer_count(args, false)),
        core: |_, args| Ok(count(args, false)),
        docs: "How many of the arguments are not NULL. Never NULL itself.",
        examples: &[("num_nonnulls(1, NULL, 'a')", "2"), ("num_nonnulls(NULL)", "0")],
        duckdb: "absent",
        ..BASE
    },
];

fn is_null(arg: &Facts) -> bool {
    arg.ty == Type::Null || arg.constant.as_ref().is_some_and(|constant| constant.is_null())
}

fn infer_extreme(name: &str, args: &[Facts], wanted: Ordering) -> Result<Facts, String> {
    let ty = args.iter().map(|arg| &arg.ty).find(|ty| **ty != Type::Null).cloned().unwrap_or(Type::Null);
    if !ty.is_scalar() {
        return Err(takes(name, "neither lists nor structs"));
    }
    let range = extreme_range(args, wanted);
    let nan = matches!(range, Range::Double { .. }) && args.iter().any(has_nan);
    let faults = args.iter().fold(when(nan, Fault::NotFinite), |all, arg| all.and(arg.faults));
    Ok(Facts {
        ty,
        nullable: args.iter().all(|arg| arg.nullable || is_null(arg)),
        range,
        nonzero: false,
        faults,
        constant: None,
    })
}

fn has_nan(arg: &Facts) -> bool {
    !is_null(arg) && matches!(range(arg), Range::Double { nan: true, .. })
}

/// The range of all of them, cut at what an argument that is never NULL puts in the way.
fn extreme_range(args: &[Facts], wanted: Ordering) -> Range {
    let ranges = |sure: bool| args.iter().filter(move |arg| !(is_null(arg) || sure && arg.nullable)).map(range);
    let Some(all) = ranges(false).reduce(Range::union) else { return Range::Any };
    let up = wanted == Ordering::Greater;
    ranges(true).fold(all, |all, sure| match (all, sure) {
        (Range::Exact(low, high), Range::Exact(least, _)) if up => Range::Exact(low.max(least), high),
        (Range::Exact(low, high), Range::Exact(_, most)) => Range::Exact(low, high.min(most)),
        // NaN is a fault, hence no result.
        (Range::Double { low, high, .. }, Range::Double { low: least, .. }) if up => {
            Range::Double { low: low.max(least), high, nan: false }
        }
        (Range::Double { low, high, .. }, Range::Double { high: most, .. }) => {
            Range::Double { low, high: high.min(most), nan: false }
        }
        (Range::Truth { yes, no }, Range::Truth { no: never, .. }) if up => Range::Truth { yes, no: no && never },
        (Range::Truth { yes, no }, Range::Truth { yes: always, .. }) => Range::Truth { yes: yes && always, no },
        (all, _) => all,
    })
}

fn extreme<'a>(args: &[Scalar<'a>], wanted: Ordering) -> Result<Scalar<'a>, Fault> {
    let mut best = Scalar::Null;
    for arg in args.iter().copied().filter(|arg| !arg.is_null()) {
        if best.is_null() {
            best = arg;
        }
        // The first too: NaN compares with nothing, itself included.
        if order(arg, best)? == wanted {
            best = arg;
        }
    }
    Ok(best)
}

fn order(a: Scalar<'_>, b: Scalar<'_>) -> Result<Ordering, Fault> {
    Ok(match (a, b) {
        (Scalar::Double(a), Scalar::Double(b)) => a.partial_cmp(&b).ok_or(Fault::NotFinite)?,
        (Scalar::Integer(a), Scalar::Integer(b)) => a.cmp(&b),
        (Scalar::Decimal(a), Scalar::Decimal(b)) => a.cmp(&b),
        (Scalar::Boolean(a), Scalar::Boolean(b)) => a.cmp(&b),
        // The order of bytes in UTF-8 is that of scalar values.
        (Scalar::Text(a), Scalar::Text(b)) => a.cmp(b),
        (Scalar::Binary(a), Scalar::Binary(b)) => a.cmp(b),
        _ => Ordering::Equal,
    })
}

fn infer_count(args: &[Facts], nulls: bool) -> Facts {
    let count = |counted: &dyn Fn(&Facts) -> bool| args.iter().filter(|arg| counted(arg)).count() as i128;
    let (least, most) = (count(&is_null), count(&|arg| arg.nullable || is_null(arg)));
    let all = args.len() as i128;
    let range = if nulls { Range::Exact(least, most) } else { Range::Exact(all - most, all - least) };
    let faults = args.iter().fold(Faults::NONE, |all, arg| all.and(arg.faults));
    Facts { ty: Type::Integer, nullable: false, range, nonzero: false, faults, constant: None }
}

fn count<'a>(args: &[Scalar<'a>], nulls: bool) -> Scalar<'a> {
    Scalar::Integer(args.iter().filter(|arg| arg.is_null() == nulls).count() as i64)
}
