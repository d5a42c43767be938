//! Functions and casts, record by record through the very code that single records use.

use super::build::from_scalars;
use super::compare::values_vector;
use super::{Bits, Column, Data, Texts, Vector, failed, fast};
use crate::bits;
use crate::expr::fault::Fault;
use crate::expr::function::Nulls;
use crate::expr::program::{Node, Op};
use crate::expr::record::{Outcome, call};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use arrow_array::builder::StringViewBuilder;
use bumpalo::Bump;

/// Records whose values share the arena before it is emptied: texts of 1 MiB must not pile up.
const BETWEEN_RESETS: usize = 64;

/// A call of a function. Dictionary-coded texts are judged once a distinct value when nothing else varies.
pub fn function(node: &Node, args: &[&Vector], rows: usize) -> Vector {
    if let Op::Call(function, _) = &node.op
        && let Some(fast) = fast::call(function.0.name, node, args, rows)
    {
        return fast;
    }
    if let Some((position, codes, values)) = only_coded(args)
        && strict(node)
        && let (distinct, held) = values_vector(values, codes)
        && held < rows
    {
        let replaced: Vec<&Vector> =
            args.iter().enumerate().map(|(place, arg)| if place == position { &distinct } else { *arg }).collect();
        let judged = each(node, &replaced, held);
        let arena = Bump::new();
        let source = args.get(position).copied().unwrap_or(&distinct);
        let of = |row: usize| match source.get(row, &arena) {
            Ok(Scalar::Null) => Ok(Scalar::Null),
            Ok(_) => judged.get(codes.get(row).map_or(usize::MAX, |code| *code as usize), &arena),
            Err(fault) => Err(fault),
        };
        return collect((0..rows).map(of), node.ty(), rows);
    }
    each(node, args, rows)
}

fn strict(node: &Node) -> bool {
    matches!(&node.op, Op::Call(function, _) if function.0.nulls == Nulls::Strict)
}

type Coded<'v> = (usize, &'v [u32], &'v Texts);

/// The only argument that varies, when it is coded.
fn only_coded<'v>(args: &[&'v Vector]) -> Option<Coded<'v>> {
    let mut found = None;
    for (position, arg) in args.iter().enumerate() {
        match &arg.data {
            Data::Text(Texts::Coded(codes, values)) if found.is_none() => found = Some((position, &**codes, &**values)),
            Data::Text(Texts::One(_)) | Data::Integer(Column::One(_)) | Data::Double(Column::One(_)) => {}
            Data::Decimal(Column::One(_)) => {}
            _ => return None,
        }
    }
    found
}

fn each(node: &Node, args: &[&Vector], rows: usize) -> Vector {
    let mut arena = Bump::new();
    let mut out = Collector::new(node.ty(), rows);
    let mut start = 0;
    while start < rows {
        let end = (start + BETWEEN_RESETS).min(rows);
        {
            let mut values: Vec<Scalar<'_>> = vec![Scalar::Null; args.len()];
            for row in start..end {
                let mut fault = None;
                for (slot, arg) in values.iter_mut().zip(args) {
                    match arg.get(row, &arena) {
                        Ok(value) => *slot = value,
                        Err(why) => {
                            fault = Some(why);
                            break;
                        }
                    }
                }
                let out_value = fault.map_or_else(|| call(node, &values, &arena), Err);
                out.push(row, out_value);
            }
        }
        arena.reset();
        start = end;
    }
    out.finish(rows)
}

/// One operand through a function of single values.
pub fn unary(a: &Vector, ty: &Type, rows: usize, run: impl for<'a> Fn(Scalar<'a>, &'a Bump) -> Outcome<'a>) -> Vector {
    let mut arena = Bump::new();
    let mut out = Collector::new(ty, rows);
    for row in 0..rows {
        out.push(row, a.get(row, &arena).and_then(|value| run(value, &arena)));
        arena.reset();
    }
    out.finish(rows)
}

/// A vector of outcomes.
pub fn collect<'a>(outcomes: impl Iterator<Item = Outcome<'a>>, ty: &Type, rows: usize) -> Vector {
    let mut out = Collector::new(ty, rows);
    outcomes.enumerate().for_each(|(row, outcome)| out.push(row, outcome));
    out.finish(rows)
}

/// Takes outcomes in the order of records.
struct Collector {
    kind: Kind,
    valid: Bits,
    missing: bool,
    faults: Vec<(u32, Fault)>,
    ty: Type,
}

enum Kind {
    Null,
    Boolean(Bits),
    Integer(Vec<i64>),
    Decimal(Vec<i128>),
    Double(Vec<f64>),
    Text(StringViewBuilder),
    /// Lists, structs and binaries, as constants or arrays of one.
    Other(Vec<arrow_array::ArrayRef>),
}

impl Collector {
    fn new(ty: &Type, rows: usize) -> Collector {
        let kind = match ty {
            Type::Null => Kind::Null,
            Type::Boolean => Kind::Boolean(vec![0; bits::words(rows)]),
            Type::Integer | Type::Date | Type::Time | Type::Timestamp { .. } | Type::Duration(_) => {
                Kind::Integer(Vec::with_capacity(rows))
            }
            Type::Decimal { .. } => Kind::Decimal(Vec::with_capacity(rows)),
            Type::Double => Kind::Double(Vec::with_capacity(rows)),
            Type::Text => Kind::Text(StringViewBuilder::with_capacity(rows)),
            Type::Binary | Type::List(_) | Type::Struct(_) => Kind::Other(Vec::with_capacity(rows)),
        };
        Collector { kind, valid: vec![0; bits::words(rows)], missing: false, faults: Vec::new(), ty: ty.clone() }
    }

    fn push(&mut self, row: usize, outcome: Outcome<'_>) {
        let value = outcome.unwrap_or_else(|fault| {
            self.faults.push((row as u32, fault));
            Scalar::Null
        });
        if value.is_null() {
            self.missing = true
        } else {
            bits::set(&mut self.valid, row)
        }
        match (&mut self.kind, value) {
            (Kind::Null, _) => {}
            (Kind::Boolean(values), value) => {
                if value == Scalar::Boolean(true) {
                    bits::set(values, row);
                }
            }
            (Kind::Integer(values), value) => values.push(if let Scalar::Integer(value) = value { value } else { 0 }),
            (Kind::Decimal(values), value) => values.push(if let Scalar::Decimal(value) = value { value } else { 0 }),
            (Kind::Double(values), value) => values.push(if let Scalar::Double(value) = value { value } else { 0.0 }),
            (Kind::Text(values), value) => values.append_value(if let Scalar::Text(text) = value { text } else { "" }),
            (Kind::Other(values), value) => values.push(from_scalars(&[value], &self.ty)),
        }
    }

    fn finish(self, rows: usize) -> Vector {
        let data = match self.kind {
            Kind::Null => Data::Null,
            Kind::Boolean(values) => Data::Boolean(values),
            Kind::Integer(values) => Data::Integer(Column::Own(values)),
            Kind::Decimal(values) => Data::Decimal(Column::Own(values)),
            Kind::Double(values) => Data::Double(Column::Own(values)),
            Kind::Text(mut values) => Data::Text(Texts::View(values.finish())),
            Kind::Other(values) => {
                let arena = Bump::new();
                let scalars: Vec<_> = values.iter().map(|array| super::scalar_at(array.as_ref(), 0, &arena)).collect();
                Data::Array(from_scalars(&scalars, &self.ty))
            }
        };
        let valid = self.missing.then_some(self.valid);
        // Failed records are already without value.
        failed(data, valid, None, self.faults, rows)
    }
}
