//! Cases `i_…`, with the answer that I-JSON and the limits give.

use crate::FaultCode::{self, DepthExceeded, EncodingInvalid, JsonLoneSurrogate, JsonSyntax};

pub(super) fn cases() -> Vec<(&'static str, Vec<u8>, Option<FaultCode>)> {
    let mut cases: Vec<_> = CASES.iter().map(|(name, case, code)| (*name, case.to_vec(), *code)).collect();
    cases.push(("structure_500_nested_arrays", [b"[".repeat(500), b"]".repeat(500)].concat(), Some(DepthExceeded)));
    cases
}

const CASES: &[(&str, &[u8], Option<FaultCode>)] = &[
    // A number has any size; whether a column takes it is the column's affair.
    ("number_double_huge_neg_exp", b"[123.456e-789]", None),
    ("number_huge_exp", b"[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006]", None),
    ("number_neg_int_huge_exp", b"[-1e+9999]", None),
    ("number_pos_double_huge_exp", b"[1.5e+9999]", None),
    ("number_real_neg_overflow", b"[-123123e100000]", None),
    ("number_real_pos_overflow", b"[123123e100000]", None),
    ("number_real_underflow", b"[123e-10000000]", None),
    ("number_too_big_neg_int", b"[-123123123123123123123123123123]", None),
    ("number_too_big_pos_int", b"[100000000000000000000]", None),
    ("number_very_big_negative_int", b"[-237462374673276894279832749832423479823246327846]", None),
    ("object_key_lone_2nd_surrogate", b"{\"\\uDFAA\":0}", Some(JsonLoneSurrogate)),
    ("string_1st_surrogate_but_2nd_missing", b"[\"\\uDADA\"]", Some(JsonLoneSurrogate)),
    ("string_1st_valid_surrogate_2nd_invalid", b"[\"\\uD888\\u1234\"]", Some(JsonLoneSurrogate)),
    ("string_UTF-16LE_with_BOM", b"\xFF\xFE[\0\"\0\xE9\0\"\0]\0", Some(EncodingInvalid)),
    ("string_UTF-8_invalid_sequence", b"[\"\xE6\x97\xA5\xD1\x88\xFA\"]", Some(EncodingInvalid)),
    ("string_UTF8_surrogate_U+D800", b"[\"\xED\xA0\x80\"]", Some(EncodingInvalid)),
    ("string_incomplete_surrogate_and_escape_valid", b"[\"\\uD800\\n\"]", Some(JsonLoneSurrogate)),
    ("string_incomplete_surrogate_pair", b"[\"\\uDd1ea\"]", Some(JsonLoneSurrogate)),
    ("string_incomplete_surrogates_escape_valid", b"[\"\\uD800\\uD800\\n\"]", Some(JsonLoneSurrogate)),
    ("string_invalid_lonely_surrogate", b"[\"\\ud800\"]", Some(JsonLoneSurrogate)),
    ("string_invalid_surrogate", b"[\"\\ud800abc\"]", Some(JsonLoneSurrogate)),
    ("string_invalid_utf-8", b"[\"\xFF\"]", Some(EncodingInvalid)),
    ("string_inverted_surrogates_U+1D11E", b"[\"\\uDd1e\\uD834\"]", Some(JsonLoneSurrogate)),
    ("string_iso_latin_1", b"[\"\xE9\"]", Some(EncodingInvalid)),
    ("string_lone_second_surrogate", b"[\"\\uDFAA\"]", Some(JsonLoneSurrogate)),
    ("string_lone_utf8_continuation_byte", b"[\"\x81\"]", Some(EncodingInvalid)),
    ("string_not_in_unicode_range", b"[\"\xF4\xBF\xBF\xBF\"]", Some(EncodingInvalid)),
    ("string_overlong_sequence_2_bytes", b"[\"\xC0\xAF\"]", Some(EncodingInvalid)),
    ("string_overlong_sequence_6_bytes", b"[\"\xFC\x83\xBF\xBF\xBF\xBF\"]", Some(EncodingInvalid)),
    ("string_overlong_sequence_6_bytes_null", b"[\"\xFC\x80\x80\x80\x80\x80\"]", Some(EncodingInvalid)),
    // A byte 0 is no JSON, wherever it stands.
    ("string_utf16BE_no_BOM", b"\0[\0\"\0\xE9\0\"\0]", Some(EncodingInvalid)),
    ("string_utf16LE_no_BOM", b"[\0\"\0\xE9\0\"\0]\0", Some(EncodingInvalid)),
    ("string_truncated-utf-8", b"[\"\xE0\xFF\"]", Some(EncodingInvalid)),
    // A mark is no part of a record; the caller takes it off at a source's start.
    ("structure_UTF-8_BOM_empty_object", b"\xEF\xBB\xBF{}", Some(JsonSyntax)),
];
