//! New columns from old ones. The loops stand in functions that are inlined into their callers, whose instructions they may use (a
//! closure around them would be compiled without), and write into memory that was not cleared before.

/// `f` of every value.
#[inline(always)]
pub fn mapped<T: Copy, U: Copy>(values: &[T], mut f: impl FnMut(T) -> U) -> Vec<U> {
    let rows = values.len();
    let mut out = Vec::with_capacity(rows);
    for (slot, value) in out.spare_capacity_mut().iter_mut().zip(values) {
        slot.write(f(*value));
    }
    // SAFETY: the capacity is at least `rows`, so that the loop has written the first `rows` values.
    unsafe { out.set_len(rows) };
    out
}

/// `f` of every value, and its flags joined; they are kept in a local, so that the loop vectorises.
#[inline(always)]
pub fn flagged<T: Copy, U: Copy>(values: &[T], f: impl Fn(T) -> (U, u64)) -> (Vec<U>, u64) {
    let rows = values.len();
    let (mut out, mut flags) = (Vec::with_capacity(rows), 0);
    for (slot, value) in out.spare_capacity_mut().iter_mut().zip(values) {
        let (value, flag) = f(*value);
        flags |= flag;
        slot.write(value);
    }
    // SAFETY: the capacity is at least `rows`, so that the loop has written the first `rows` values.
    unsafe { out.set_len(rows) };
    (out, flags)
}

/// `f` of every pair, and its flags joined.
#[inline(always)]
pub fn zipped<T: Copy, U: Copy>(a: &[T], b: &[T], f: impl Fn(T, T) -> (U, u64)) -> (Vec<U>, u64) {
    let rows = a.len().min(b.len());
    let (mut out, mut flags) = (Vec::with_capacity(rows), 0);
    for ((slot, a), b) in out.spare_capacity_mut().iter_mut().zip(a).zip(b) {
        let (value, flag) = f(*a, *b);
        flags |= flag;
        slot.write(value);
    }
    // SAFETY: the capacity is at least `rows`, and `a` and `b` hold as many: the loop has written the first `rows` values.
    unsafe { out.set_len(rows) };
    (out, flags)
}
