//! NOT, AND, OR, IS NULL, IS TRUE: 64 records an operation.

use super::{Bits, Data, FaultMask, Vector, all};

/// TRUE and FALSE records.
fn sides(a: &Vector, rows: usize) -> (Bits, Bits) {
    let yes = a.truths(rows);
    let mut no = a.valid_bits(rows);
    if matches!(a.data, Data::Boolean(_)) {
        no.iter_mut().zip(&yes).for_each(|(no, yes)| *no &= !yes);
    } else {
        no.fill(0);
    }
    (yes, no)
}

fn vector(yes: Bits, no: &[u64], faults: Option<FaultMask>, rows: usize) -> Vector {
    let valid: Bits = yes.iter().zip(no).map(|(yes, no)| yes | no).collect();
    let complete = valid.iter().map(|word| word.count_ones() as usize).sum::<usize>() == rows;
    Vector { data: Data::Boolean(yes), valid: (!complete).then_some(valid), faults }
}

/// Three-valued NOT.
pub fn not(a: &Vector, rows: usize) -> Vector {
    let (_, no) = sides(a, rows);
    Vector { data: Data::Boolean(no), valid: a.valid.clone(), faults: a.faults.clone() }
}

/// AND: FALSE on either side decides. OR: TRUE does.
pub fn connective(a: &Vector, b: &Vector, decides: bool, rows: usize) -> Vector {
    if let (Data::Boolean(x), Data::Boolean(y), None, None, None, None) =
        (&a.data, &b.data, &a.valid, &b.valid, &a.faults, &b.faults)
    {
        let join = |(x, y): (&u64, &u64)| if decides { x | y } else { x & y };
        return Vector::of(Data::Boolean(x.iter().zip(y).map(join).collect()));
    }
    let ((yes_a, no_a), (yes_b, no_b)) = (sides(a, rows), sides(b, rows));
    let or = |x: &Bits, y: &Bits| x.iter().zip(y).map(|(x, y)| x | y).collect::<Bits>();
    let and = |x: &Bits, y: &Bits| x.iter().zip(y).map(|(x, y)| x & y).collect::<Bits>();
    let (yes, no) =
        if decides { (or(&yes_a, &yes_b), and(&no_a, &no_b)) } else { (and(&yes_a, &yes_b), or(&no_a, &no_b)) };
    let decided = if decides { &yes } else { &no };
    let open: Bits = all(rows).iter().zip(decided).map(|(all, decided)| all & !decided).collect();
    let faults = FaultMask::or(a.faults.clone(), b.faults.clone(), rows).and_then(|faults| faults.among(&open, rows));
    vector(yes, &no, faults, rows)
}

/// Never NULL; failures stay.
pub fn is_null(a: &Vector, rows: usize) -> Vector {
    let mut out = all(rows);
    match &a.valid {
        Some(valid) => out.iter_mut().zip(valid).for_each(|(out, valid)| *out &= !valid),
        None => out.fill(0),
    }
    without_failed(out, a, rows)
}

/// IS TRUE, IS FALSE.
pub fn is_truth(a: &Vector, wanted: bool, rows: usize) -> Vector {
    let (yes, no) = sides(a, rows);
    without_failed(if wanted { yes } else { no }, a, rows)
}

/// A two-valued answer for all records that did not fail.
pub fn without_failed(mut out: Bits, a: &Vector, rows: usize) -> Vector {
    let Some(faults) = &a.faults else { return Vector::of(Data::Boolean(out)) };
    let mut valid = all(rows);
    valid.iter_mut().zip(&faults.bits).for_each(|(valid, bad)| *valid &= !bad);
    out.iter_mut().zip(&valid).for_each(|(out, valid)| *out &= valid);
    Vector { data: Data::Boolean(out), valid: Some(valid), faults: Some(faults.clone()) }
}
