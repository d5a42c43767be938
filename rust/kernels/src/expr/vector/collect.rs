//! New columns from old ones. The loops are inlined into their callers, whose instructions they use, and write into memory that
//! was not cleared before.

use std::mem::MaybeUninit;

/// `f` of every value.
#[inline(always)]
pub fn mapped<T: Copy, U: Copy>(values: &[T], mut f: impl FnMut(T) -> U) -> Vec<U> {
    filled(values.len(), |out| {
        for (slot, value) in out.iter_mut().zip(values) {
            slot.write(f(*value));
        }
    })
}

/// `f` of every pair, and its flags joined; they are kept in a local, so that the loop vectorises.
#[inline(always)]
pub fn zipped<T: Copy, U: Copy>(a: &[T], b: &[T], f: impl Fn(T, T) -> (U, u64)) -> (Vec<U>, u64) {
    let rows = a.len().min(b.len());
    let mut flags = 0;
    let out = filled(rows, |out| {
        let mut local = 0;
        for ((slot, a), b) in out.iter_mut().zip(a).zip(b) {
            let (value, flag) = f(*a, *b);
            local |= flag;
            slot.write(value);
        }
        flags = local;
    });
    (out, flags)
}

/// `f` of every value, and its flags joined.
#[inline(always)]
pub fn flagged<T: Copy, U: Copy>(values: &[T], f: impl Fn(T) -> (U, u64)) -> (Vec<U>, u64) {
    let mut flags = 0;
    let out = filled(values.len(), |out| {
        let mut local = 0;
        for (slot, value) in out.iter_mut().zip(values) {
            let (value, flag) = f(*value);
            local |= flag;
            slot.write(value);
        }
        flags = local;
    });
    (out, flags)
}

/// A column of `rows` values; `write` sets every one of the slots it is given.
#[inline(always)]
fn filled<U: Copy>(rows: usize, write: impl FnOnce(&mut [MaybeUninit<U>])) -> Vec<U> {
    let mut out = Vec::with_capacity(rows);
    if let Some(slots) = out.spare_capacity_mut().get_mut(..rows) {
        write(slots);
        // SAFETY: the capacity holds `rows` values, and each of the three callers above has written all of them: their inputs are
        // as long as the slots, and a panic on the way leaves the length at 0.
        unsafe { out.set_len(rows) };
    }
    out
}
