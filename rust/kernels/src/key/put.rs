//! Writers of the canonical key encoding, one a kind of value.
//!
//! Every value begins with a tag and states its own length, so no encoding is a prefix of another and the encodings of
//! several columns can stand one after the other.

use num_bigint::BigInt;

pub(crate) const NULL: u8 = 0;
pub(crate) const FALSE: u8 = 1;
pub(crate) const TRUE: u8 = 2;
pub(crate) const INTEGER: u8 = 3;
pub(crate) const DECIMAL: u8 = 4;
pub(crate) const FLOAT: u8 = 5;
pub(crate) const TEXT: u8 = 6;
pub(crate) const BYTES: u8 = 7;
pub(crate) const DATE: u8 = 8;
pub(crate) const TIME: u8 = 9;
pub(crate) const NAIVE: u8 = 10;
pub(crate) const ZONED: u8 = 11;
pub(crate) const DURATION: u8 = 12;
pub(crate) const INTERVAL: u8 = 13;
pub(crate) const LIST: u8 = 14;
pub(crate) const OBJECT: u8 = 15;

/// A number of at most 128 bits under `tag`: byte count, then the fewest two's complement bytes, lowest first.
#[inline]
pub(crate) fn signed(tag: u8, value: i128, out: &mut Vec<u8>) {
    let magnitude_bits = 128 - (value ^ (value >> 127)).leading_zeros();
    let count = (magnitude_bits / 8 + 1) as u8;
    out.push(tag);
    out.push(count);
    out.extend(value.to_le_bytes().iter().take(usize::from(count)));
}

/// A number of any size, in the form of [`signed`].
fn big(tag: u8, value: &BigInt, out: &mut Vec<u8>) {
    let bytes = value.to_signed_bytes_le();
    out.push(tag);
    // At most 256 bits times 10^128, so under 86 bytes.
    out.push(bytes.len() as u8);
    out.extend_from_slice(&bytes);
}

/// `mantissa` · 10^−`scale`, with trailing zeros stripped; a whole number is written as [`INTEGER`].
pub(crate) fn decimal(mut mantissa: i128, mut scale: i8, out: &mut Vec<u8>) {
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale = if mantissa == 0 { 0 } else { scale - 1 };
    }
    if scale > 0 {
        out.extend([DECIMAL, scale.unsigned_abs()]);
        return signed(INTEGER, mantissa, out);
    }
    let raised = 10i128.checked_pow(u32::from(scale.unsigned_abs())).and_then(|power| mantissa.checked_mul(power));
    match raised {
        Some(whole) => signed(INTEGER, whole, out),
        None => decimal_big(BigInt::from(mantissa), scale, out),
    }
}

/// [`decimal`] for mantissas of any size.
pub(crate) fn decimal_big(mut mantissa: BigInt, mut scale: i8, out: &mut Vec<u8>) {
    let zero = BigInt::from(0);
    if mantissa == zero {
        return signed(INTEGER, 0, out);
    }
    while scale > 0 && &mantissa % 10 == zero {
        mantissa /= 10;
        scale -= 1;
    }
    if scale > 0 {
        out.extend([DECIMAL, scale.unsigned_abs()]);
    } else {
        mantissa *= BigInt::from(10).pow(u32::from(scale.unsigned_abs()));
    }
    big(INTEGER, &mantissa, out);
}

/// The bits of a float with one zero and one NaN.
#[inline]
pub(crate) fn float_bits(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits() & !(1 << 63)
    } else {
        // −0.0 + 0.0 is +0.0; every other value is unchanged.
        (value + 0.0).to_bits()
    }
}

pub(crate) fn float(value: f64, out: &mut Vec<u8>) {
    out.push(FLOAT);
    out.extend_from_slice(&float_bits(value).to_le_bytes());
}

/// A length in base 128, lowest group first.
#[inline]
pub(crate) fn length(mut value: usize, out: &mut Vec<u8>) {
    while value >= 128 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

#[inline]
pub(crate) fn bytes(tag: u8, value: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    length(value.len(), out);
    out.extend_from_slice(value);
}
