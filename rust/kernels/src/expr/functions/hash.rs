//! Digests and encodings of bytes; of a text its UTF-8.

use super::support::{range, takes, when};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param, RESULT_LIMIT};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bumpalo::Bump;
use sha2::Digest;

const BASE: Function =
    Function { family: Family::Hash, params: &[Param::new("x", Kind::Bytes)], cost: 200, ..Function::BASE };
const TEXT: &[Param] = &[Param::new("text", Kind::Text)];

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "sha256",
        infer: |args| infer_digest(args, 64),
        core: |call, args| digest(call, args, |bytes, arena| lower(&sha2::Sha256::digest(bytes), arena)),
        docs: "The SHA-256 of bytes, or of a text's UTF-8, in 64 lower-case hexadecimal digits.",
        examples: &[
            ("sha256('a')", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
            ("sha256('')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ],
        ..BASE
    },
    Function {
        name: "sha1",
        infer: |args| infer_digest(args, 40),
        core: |call, args| digest(call, args, |bytes, arena| lower(&sha1::Sha1::digest(bytes), arena)),
        docs: "The SHA-1 of bytes, or of a text's UTF-8, in 40 lower-case hexadecimal digits; no protection against forgery.",
        examples: &[
            ("sha1('a')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
            ("sha1('')", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ],
        ..BASE
    },
    Function {
        name: "md5",
        infer: |args| infer_digest(args, 32),
        core: |call, args| digest(call, args, |bytes, arena| lower(&md5::Md5::digest(bytes), arena)),
        docs: "The MD5 of bytes, or of a text's UTF-8, in 32 lower-case hexadecimal digits; no protection against forgery.",
        examples: &[("md5('a')", "0cc175b9c0f1b6a831c399e269772661"), ("md5('')", "d41d8cd98f00b204e9800998ecf8427e")],
        ..BASE
    },
    Function {
        name: "crc32",
        infer: |args| Ok(Facts::strict(args, Type::Integer, Range::Exact(0, u32::MAX.into()), Faults::NONE)),
        core: |_, args| Ok(crc32(args)),
        cost: 30,
        docs: "The CRC-32 (ISO-HDLC, as in zip and gzip) of bytes, or of a text's UTF-8, as a number from 0 to 4294967295.",
        examples: &[("crc32('123456789')", "3421780262"), ("crc32('')", "0")],
        duckdb: "absent",
        ..BASE
    },
    Function {
        name: "hex",
        aliases: &["to_hex"],
        params: &[Param::new("x", Kind::Any)],
        infer: infer_hex,
        core: hex,
        cost: 60,
        docs: "The upper-case hexadecimal digits of bytes, of a text's UTF-8, or of an integer, which is written without \
               leading zeros and, when negative, in two's complement of 64 bits. Fails beyond 1 MiB.",
        examples: &[("hex('Hi')", "4869"), ("hex(255)", "FF"), ("hex(-1)", "FFFFFFFFFFFFFFFF"), ("hex('')", "")],
        ..BASE
    },
    Function {
        name: "unhex",
        aliases: &["from_hex"],
        params: TEXT,
        infer: |args| infer_decode("unhex", args, 1, 2),
        core: unhex,
        cost: 60,
        docs: "The bytes that pairs of hexadecimal digits, in either case, stand for, as a BLOB. Fails on anything else, on an odd \
               number of digits, and beyond 1 MiB.",
        examples: &[
            ("hex(unhex('4a6f'))", "4A6F"),
            ("unhex('4')", "fails: cast-failed"),
            ("unhex('zz')", "fails: cast-failed"),
        ],
        duckdb: "takes an odd number of digits as if a 0 stood before them",
        ..BASE
    },
    Function {
        name: "base64_encode",
        aliases: &["to_base64", "base64"],
        infer: infer_base64,
        core: encode,
        cost: 60,
        docs: "The Base64 text (RFC 4648, padded) of bytes, or of a text's UTF-8. Fails beyond 1 MiB.",
        examples: &[("base64_encode('a')", "YQ=="), ("to_base64('abc')", "YWJj")],
        duckdb: "named base64 and to_base64, and takes a BLOB only",
        ..BASE
    },
    Function {
        name: "base64_decode",
        aliases: &["from_base64"],
        params: TEXT,
        infer: |args| infer_decode("base64_decode", args, 3, 4),
        core: decode,
        cost: 60,
        docs: "The bytes of a Base64 text (RFC 4648, padded), as a BLOB. Fails on anything else, left-over bits included, and \
               beyond 1 MiB.",
        examples: &[("hex(base64_decode('YQ=='))", "61"), ("base64_decode('YQ')", "fails: cast-failed")],
        duckdb: "named from_base64",
        ..BASE
    },
];

fn bytes<'a>(x: Option<&Scalar<'a>>) -> Option<&'a [u8]> {
    match x {
        Some(Scalar::Text(text)) => Some(text.as_bytes()),
        Some(Scalar::Binary(bytes)) => Some(bytes),
        _ => None,
    }
}

/// Least and greatest number of bytes of a text or binary.
fn byte_lengths(x: &Facts) -> (u64, u64) {
    let (least, most) = range(x).length();
    // A scalar value has one to four bytes.
    (least, if x.ty == Type::Text { most.saturating_mul(4) } else { most })
}

/// Facts of a text or binary, whose length may exceed the limit.
fn limited(args: &[Facts], ty: Type, (least, most): (u64, u64), faults: Faults) -> Facts {
    let limit = RESULT_LIMIT as u64;
    let range = Range::Length(least.min(limit), most.min(limit));
    Facts::strict(args, ty, range, faults.and(when(most > limit, Fault::ResultTooLarge)))
}

fn within(length: usize) -> Result<(), Fault> {
    if length > RESULT_LIMIT { Err(Fault::ResultTooLarge) } else { Ok(()) }
}

fn digits<'a>(bytes: &[u8], alphabet: &[u8; 16], arena: &'a Bump) -> &'a str {
    let digit = |nibble: u8| alphabet.get(usize::from(nibble)).copied().map_or('0', char::from);
    let mut out = bumpalo::collections::String::with_capacity_in(bytes.len() * 2, arena);
    out.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
    out.into_bump_str()
}

fn lower<'a>(bytes: &[u8], arena: &'a Bump) -> &'a str {
    digits(bytes, b"0123456789abcdef", arena)
}

fn infer_digest(args: &[Facts], length: u64) -> Result<Facts, String> {
    Ok(Facts::strict(args, Type::Text, Range::Length(length, length), Faults::NONE))
}

fn digest<'a>(call: &Call<'a>, args: &[Scalar<'a>], of: fn(&[u8], &'a Bump) -> &'a str) -> Result<Scalar<'a>, Fault> {
    Ok(bytes(args.first()).map_or(Scalar::Null, |bytes| Scalar::Text(of(bytes, call.arena))))
}

fn crc32<'a>(args: &[Scalar<'a>]) -> Scalar<'a> {
    bytes(args.first()).map_or(Scalar::Null, |bytes| Scalar::Integer(crc32fast::hash(bytes).into()))
}

fn infer_hex(args: &[Facts]) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(takes("hex", "a text, bytes or an integer")) };
    match x.ty {
        Type::Text | Type::Binary => {
            let (least, most) = byte_lengths(x);
            Ok(limited(args, Type::Text, (least.saturating_mul(2), most.saturating_mul(2)), Faults::NONE))
        }
        Type::Integer | Type::Null => Ok(Facts::strict(args, Type::Text, Range::Length(1, 16), Faults::NONE)),
        _ => Err(takes("hex", "a text, bytes or an integer")),
    }
}

fn hex<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    if let Some(Scalar::Integer(x)) = args.first() {
        return Ok(Scalar::Text(call.arena.alloc_str(&format!("{x:X}"))));
    }
    let Some(bytes) = bytes(args.first()) else { return Ok(Scalar::Null) };
    within(bytes.len().saturating_mul(2))?;
    Ok(Scalar::Text(digits(bytes, b"0123456789ABCDEF", call.arena)))
}

/// Facts of a decoder that makes up to `bytes` bytes of `from` characters.
fn infer_decode(name: &str, args: &[Facts], bytes: u64, from: u64) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(takes(name, "a text")) };
    let (least, most) = range(x).length();
    // All that is taken is ASCII, one byte each; padding makes the last group shorter.
    let least = (least / from).saturating_mul(bytes).saturating_sub(bytes - 1);
    let most = (most / from).saturating_mul(bytes);
    let bad = when(range(x).length().1 > 0, Fault::CastFailed);
    Ok(limited(args, Type::Binary, (least, most), bad))
}

fn unhex<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let Some(Scalar::Text(text)) = args.first() else { return Ok(Scalar::Null) };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |digit: u8| char::from(digit).to_digit(16);
    if !rest.is_empty() || text.bytes().any(|byte| digit(byte).is_none()) {
        return Err(Fault::CastFailed);
    }
    within(pairs.len())?;
    let byte = |[high, low]: &[u8; 2]| (digit(*high).unwrap_or(0) * 16 + digit(*low).unwrap_or(0)) as u8;
    Ok(Scalar::Binary(call.arena.alloc_slice_fill_iter(pairs.iter().map(byte))))
}

fn infer_base64(args: &[Facts]) -> Result<Facts, String> {
    let Some(x) = args.first() else { return Err(takes("base64_encode", "a text or bytes")) };
    let (least, most) = byte_lengths(x);
    let padded = |bytes: u64| bytes.div_ceil(3).saturating_mul(4);
    Ok(limited(args, Type::Text, (padded(least), padded(most)), Faults::NONE))
}

fn encode<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let Some(bytes) = bytes(args.first()) else { return Ok(Scalar::Null) };
    within(bytes.len().div_ceil(3).saturating_mul(4))?;
    Ok(Scalar::Text(call.arena.alloc_str(&STANDARD.encode(bytes))))
}

fn decode<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let Some(Scalar::Text(text)) = args.first() else { return Ok(Scalar::Null) };
    let bytes = STANDARD.decode(text).map_err(|_| Fault::CastFailed)?;
    within(bytes.len())?;
    Ok(Scalar::Binary(call.arena.alloc_slice_copy(&bytes)))
}
