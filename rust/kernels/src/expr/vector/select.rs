//! CASE and COALESCE: which record takes which operand is settled a word at a time, then values are copied.

use super::build::texts_from;
use super::compare::short_view;
use super::sink::short_array;
use super::{Bits, Column, Data, FaultMask, Texts, Vector, all, both, set_bits};
use crate::bits;
use crate::expr::types::Type;
use arrow_buffer::ArrowNativeType;
use bumpalo::Bump;

/// The first branch whose condition is TRUE. Failures of conditions that are reached count, those of branches not taken do not.
pub fn case(branches: &[(&Vector, &Vector)], otherwise: Option<&Vector>, ty: &Type, rows: usize) -> Vector {
    let mut left = all(rows);
    let mut faults = None;
    let mut taken: Vec<(&Vector, Bits)> = Vec::new();
    for (condition, value) in branches {
        let mine: Bits = condition.truths(rows).iter().zip(&left).map(|(yes, left)| yes & left).collect();
        left.iter_mut().zip(&mine).for_each(|(left, mine)| *left &= !mine);
        taken.push((value, mine));
        faults = reach(faults, condition, &mut left, rows);
    }
    if let Some(value) = otherwise {
        taken.push((value, left));
    }
    merge(&taken, faults, ty, rows)
}

/// The first operand that is not NULL.
pub fn coalesce(args: &[&Vector], ty: &Type, rows: usize) -> Vector {
    let mut left = all(rows);
    let mut faults = None;
    let mut taken: Vec<(&Vector, Bits)> = Vec::new();
    for value in args {
        let mine = both(value.valid.as_ref(), Some(&left)).unwrap_or_default();
        left.iter_mut().zip(&mine).for_each(|(left, mine)| *left &= !mine);
        taken.push((value, mine));
        faults = reach(faults, value, &mut left, rows);
    }
    merge(&taken, faults, ty, rows)
}

/// Adds the failures of `value` among the records still open, which are then settled.
fn reach(faults: Option<FaultMask>, value: &Vector, left: &mut Bits, rows: usize) -> Option<FaultMask> {
    let Some(more) = value.faults.as_ref().and_then(|faults| faults.among(left, rows)) else { return faults };
    left.iter_mut().zip(&more.bits).for_each(|(left, bad)| *left &= !bad);
    FaultMask::or(faults, Some(more), rows)
}

/// Each value for the records that take it; the others are NULL, or failed.
fn merge(taken: &[(&Vector, Bits)], mut faults: Option<FaultMask>, ty: &Type, rows: usize) -> Vector {
    let mut valid = vec![0; bits::words(rows)];
    for (value, mine) in taken {
        let has = both(value.valid.as_ref(), Some(mine)).unwrap_or_default();
        valid.iter_mut().zip(&has).for_each(|(valid, has)| *valid |= has);
        let more = value.faults.as_ref().and_then(|faults| faults.among(mine, rows));
        faults = FaultMask::or(faults, more, rows);
    }
    let data = match ty {
        Type::Null => Data::Null,
        Type::Boolean => booleans(taken, rows),
        Type::Integer | Type::Date | Type::Time | Type::Timestamp { .. } | Type::Duration(_) => {
            Data::Integer(Column::Own(fixed(taken, rows, |data| match data {
                Data::Integer(values) => Some(values),
                _ => None,
            })))
        }
        Type::Decimal { .. } => Data::Decimal(Column::Own(fixed(taken, rows, |data| match data {
            Data::Decimal(values) => Some(values),
            _ => None,
        }))),
        Type::Double => Data::Double(Column::Own(fixed(taken, rows, |data| match data {
            Data::Double(values) => Some(values),
            _ => None,
        }))),
        Type::Text => Data::Text(match short_texts(taken, rows) {
            Some(texts) => texts,
            None => texts_from(rows, |row| taker(taken, row)?.text(row)),
        }),
        Type::Binary | Type::List(_) | Type::Struct(_) => {
            let arena = Bump::new();
            let value = |row| taker(taken, row).and_then(|value| value.get(row, &arena).ok());
            let scalars: Vec<_> =
                (0..rows).map(|row| value(row).unwrap_or(crate::expr::scalar::Scalar::Null)).collect();
            Data::Array(super::build::from_scalars(&scalars, ty))
        }
    };
    let complete = valid.iter().map(|word| word.count_ones() as usize).sum::<usize>() == rows;
    Vector { data, valid: (!complete).then_some(valid), faults }
}

/// Texts that all stand in their views are copied like numbers.
fn short_texts(taken: &[(&Vector, Bits)], rows: usize) -> Option<Texts> {
    let views = taken.iter().map(|(value, mine)| {
        let column = match &value.data {
            Data::Null => Column::One(0),
            Data::Text(Texts::One(text)) => Column::One(short_view(text)?.cast_signed()),
            Data::Text(Texts::View(array)) if array.data_buffers().is_empty() => {
                Column::Own(array.views().iter().map(|view| view.cast_signed()).collect())
            }
            _ => return None,
        };
        Some((Vector::of(Data::Decimal(column)), mine.clone()))
    });
    let views: Vec<(Vector, Bits)> = views.collect::<Option<_>>()?;
    let borrowed: Vec<(&Vector, Bits)> = views.iter().map(|(value, mine)| (value, mine.clone())).collect();
    let out = fixed(&borrowed, rows, |data| match data {
        Data::Decimal(values) => Some(values),
        _ => None,
    });
    Some(Texts::View(short_array(out.into_iter().map(i128::cast_unsigned).collect())))
}

fn taker<'v>(taken: &[(&'v Vector, Bits)], row: usize) -> Option<&'v Vector> {
    taken.iter().find(|(_, mine)| bits::get(mine, row)).map(|(value, _)| *value)
}

fn booleans(taken: &[(&Vector, Bits)], rows: usize) -> Data {
    let mut out = vec![0; bits::words(rows)];
    for (value, mine) in taken {
        let yes = value.truths(rows);
        out.iter_mut().zip(yes.iter().zip(mine)).for_each(|(out, (yes, mine))| *out |= yes & mine);
    }
    Data::Boolean(out)
}

fn fixed<'v, T: Copy + Default + ArrowNativeType>(
    taken: &[(&'v Vector, Bits)],
    rows: usize,
    column: impl Fn(&'v Data) -> Option<&'v Column<T>>,
) -> Vec<T> {
    let mut out = vec![T::default(); rows];
    for (value, mine) in taken {
        let Some(values) = column(&value.data) else { continue };
        for (position, word) in mine.iter().enumerate() {
            let start = position * 64;
            let end = (start + 64).min(rows);
            match (*word, out.get_mut(start..end), values) {
                (0, ..) => {}
                (u64::MAX, Some(out), Column::One(value)) => out.fill(*value),
                (u64::MAX, Some(out), values) => {
                    if let Some(values) = values.slice().and_then(|values| values.get(start..end)) {
                        out.copy_from_slice(values);
                    }
                }
                (_, Some(out), values) => {
                    for bit in set_bits(&[*word]) {
                        if let (Some(slot), Some(value)) = (out.get_mut(bit), values.get(start + bit)) {
                            *slot = value;
                        }
                    }
                }
                _ => {}
            }
        }
    }
    out
}

impl Vector {
    /// The text of a record that has one.
    pub(super) fn text(&self, row: usize) -> Option<&str> {
        match &self.data {
            Data::Text(texts) if self.is_valid(row) => texts.get(row),
            _ => None,
        }
    }
}
