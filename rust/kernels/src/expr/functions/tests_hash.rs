#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::find;
use super::harness::{call, call_within, int, null, txt};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::RESULT_LIMIT;
use crate::expr::scalar::Constant;
use crate::expr::types::Type;
use proptest::prelude::*;

fn bin(bytes: &[u8]) -> (Type, Constant) {
    (Type::Binary, Constant::Binary(bytes.into()))
}

fn text(value: &str) -> Result<Constant, Fault> {
    Ok(Constant::Text(value.into()))
}

fn blob(bytes: &[u8]) -> Result<Constant, Fault> {
    Ok(Constant::Binary(bytes.into()))
}

/// The digests of `abc` in FIPS 180-4 and RFC 1321; the check value of CRC-32.
#[test]
fn digests_are_those_of_their_standards() {
    for x in [txt("abc"), bin(b"abc")] {
        let x = [x];
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(call("sha256", &x), text(sha256));
        assert_eq!(call("sha1", &x), text("a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert_eq!(call("md5", &x), text("900150983cd24fb0d6963f7d28e17f72"));
    }
    assert_eq!(call("crc32", &[txt("123456789")]), Ok(Constant::Integer(0xcbf4_3926)));
    assert_eq!(call("sha256", &[null(Type::Text)]), Ok(Constant::Null));
}

/// The vectors of RFC 4648.
#[test]
fn base64_is_that_of_its_standard() {
    for (plain, encoded) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(call("base64_encode", &[txt(plain)]), text(encoded));
        assert_eq!(call("from_base64", &[txt(encoded)]), blob(plain.as_bytes()));
    }
    for bad in ["Zg", "Zg=", "Zh==", "Zm 8=", "Zm8=\n", "====", "Zm-_", "é"] {
        assert_eq!(call("base64_decode", &[txt(bad)]), Err(Fault::CastFailed), "{bad}");
    }
}

#[test]
fn hexadecimal_digits_of_bytes_and_integers() {
    assert_eq!(call("hex", &[txt("é")]), text("C3A9"));
    assert_eq!(call("to_hex", &[bin(&[0, 255])]), text("00FF"));
    assert_eq!(call("hex", &[int(255)]), text("FF"));
    assert_eq!(call("hex", &[int(0)]), text("0"));
    assert_eq!(call("hex", &[int(i64::MIN)]), text("8000000000000000"));
    assert_eq!(call("hex", &[int(-1)]), text("FFFFFFFFFFFFFFFF"));
    assert!((find("hex").unwrap().infer)(&[Facts::of_type(Type::Double)]).is_err());
    assert_eq!(call("unhex", &[txt("00fF")]), blob(&[0, 255]));
    for bad in ["0", "0x12", "zz", "+1", " 1", "é"] {
        assert_eq!(call("unhex", &[txt(bad)]), Err(Fault::CastFailed), "{bad}");
    }
}

#[test]
fn results_end_at_the_limit() {
    let [fits, exceeds] = [0, 1].map(|more| bin(&vec![7; RESULT_LIMIT / 2 + more]));
    assert!(call("hex", &[fits]).is_ok());
    assert_eq!(call("hex", &[exceeds]), Err(Fault::ResultTooLarge));
    let [fits, exceeds] = [0, 1].map(|more| bin(&vec![7; RESULT_LIMIT / 4 * 3 + more]));
    assert!(call("base64_encode", &[fits]).is_ok());
    assert_eq!(call("base64_encode", &[exceeds]), Err(Fault::ResultTooLarge));
    assert_eq!(call("unhex", &[txt(&"00".repeat(RESULT_LIMIT + 1))]), Err(Fault::ResultTooLarge));
    assert_eq!(call("base64_decode", &[txt(&"AAAA".repeat(RESULT_LIMIT / 3 + 1))]), Err(Fault::ResultTooLarge));
    let short = Facts { range: Range::Length(0, 9), ..Facts::of_type(Type::Text) };
    let facts = (find("hex").unwrap().infer)(std::slice::from_ref(&short)).unwrap();
    assert_eq!((facts.range, facts.faults), (Range::Length(0, 72), Faults::NONE));
    assert_eq!((find("unhex").unwrap().infer)(&[short]).unwrap().faults, Faults::of(&[Fault::CastFailed]));
}

proptest! {
    #[test]
    fn encodings_are_undone(bytes in proptest::collection::vec(any::<u8>(), 0..40), less in 0_u64..5, more in 0_u64..5) {
        for (encode, decode) in [("hex", "unhex"), ("base64_encode", "base64_decode")] {
            let length = bytes.len() as u64;
            let range = Range::Length(length.saturating_sub(less), length + more);
            let encoded = call_within(encode, &[bin(&bytes)], &[range]).unwrap();
            let Constant::Text(letters) = &encoded else { panic!("{encoded:?}") };
            let length = letters.len() as u64;
            let range = Range::Length(length.saturating_sub(less), length + more);
            prop_assert_eq!(call_within(decode, &[(Type::Text, encoded.clone())], &[range]), blob(&bytes));
        }
    }

    #[test]
    fn texts_of_any_letters_keep_the_claims(letters in "\\PC{0,12}|[0-9a-fA-F]{0,12}|[A-Za-z0-9+/]{0,8}={0,2}") {
        for name in ["sha256", "sha1", "md5", "crc32", "hex", "unhex", "base64_encode", "base64_decode"] {
            let _ = call(name, &[txt(&letters)]);
        }
    }
}
