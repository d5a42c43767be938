//! JSON strings, written.

use super::scan::{BLOCK, specials};

/// Bytes that are quoted at once, and room for all of them escaped and a block that is moved beyond.
const PIECE: usize = 8 * BLOCK;
const ROOM: usize = 2 * PIECE + 2 * BLOCK;

/// Appends UTF-8 as a JSON string, with the escapes that JSON demands and no others.
pub fn quote(out: &mut Vec<u8>, text: &[u8]) {
    quoted(out, text);
}

/// As [`quote`], if the bytes are UTF-8; else says false, and appends nothing.
pub fn quote_text(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let start = out.len();
    // Most texts are ASCII, and that shows while they are quoted.
    let is_text = quoted(out, bytes) || simdutf8::basic::from_utf8(bytes).is_ok();
    if !is_text {
        out.truncate(start);
    }
    is_text
}

/// Are the bytes known to be ASCII?
fn quoted(out: &mut Vec<u8>, text: &[u8]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("ssse3") && std::arch::is_x86_feature_detected!("popcnt") {
        // SAFETY: the processor has the features that the function is compiled for.
        return unsafe { ssse3::quote(out, text) };
    }
    out.push(b'"');
    quote_anywhere(out, text);
    out.push(b'"');
    false
}

/// What stands between the quotes.
fn quote_anywhere(out: &mut Vec<u8>, text: &[u8]) {
    for piece in text.chunks(PIECE) {
        let mut room = [0; ROOM];
        match quote_piece(&mut room, piece).and_then(|used| room.get(..used)) {
            Some(quoted) => out.extend_from_slice(quoted),
            None => piece.iter().for_each(|byte| escape(out, *byte)),
        }
    }
}

/// The length of what the piece becomes, if nothing but quotes and backslashes is escaped in it.
#[inline(always)]
fn quote_piece(room: &mut [u8; ROOM], piece: &[u8]) -> Option<usize> {
    let mut used = 0;
    for at in (0..piece.len()).step_by(BLOCK) {
        let rest = piece.get(at..)?;
        let to = room.get_mut(used..)?.first_chunk_mut()?;
        used += match rest.first_chunk() {
            Some(ahead) => quote_block(to, ahead)?,
            None => {
                let mut ahead = [b' '; 2 * BLOCK];
                ahead.get_mut(..rest.len())?.copy_from_slice(rest);
                // Bytes beyond the end are not counted; they were not escaped.
                quote_block(to, &ahead)? - BLOCK.saturating_sub(rest.len())
            }
        };
    }
    Some(used)
}

/// Writes the block that `ahead` starts with: its length with its escapes. None if it has a control.
///
/// In JSON a mark stands in every few bytes. Whatever their distance, each moves a whole block from itself on by one, for its backslash; the next one, or the
/// next block, covers what that was too much.
#[inline(always)]
fn quote_block(to: &mut [u8; 3 * BLOCK], ahead: &[u8; 2 * BLOCK]) -> Option<usize> {
    let block = ahead.first_chunk::<BLOCK>()?;
    let (mut marks, has_controls) = specials(block);
    if has_controls {
        return None;
    }
    *to.first_chunk_mut::<BLOCK>()? = *block;
    let mut more = 0;
    while marks != 0 {
        let place = marks.trailing_zeros() as usize;
        marks &= marks - 1;
        let [backslash, after @ ..] = to.get_mut(place + more..)? else { return None };
        *backslash = b'\\';
        *after.first_chunk_mut::<BLOCK>()? = *ahead.get(place..)?.first_chunk()?;
        more += 1;
    }
    Some(BLOCK + more)
}

#[cold]
fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0C => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x20.. => return out.push(byte),
        _ => {
            let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0xF)]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Eight bytes become up to sixteen by one shuffle, which depends on where the marks among them are.
#[cfg(target_arch = "x86_64")]
mod ssse3 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadu_si128, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8,
        _mm_setzero_si128, _mm_shuffle_epi8, _mm_storeu_si128, _mm_unpackhi_epi64, _mm_unpacklo_epi64,
    };
    use std::mem::MaybeUninit;

    /// Bytes that are looked at in one step, and what they become at most.
    const STEP: usize = 16;
    const GROWN: usize = 2 * STEP;
    /// Bytes that room is made for at once.
    const PIECE: usize = 4 << 10;

    /// By the marks of eight bytes, a bit each: from where the bytes are taken that they become. Behind the eight stand backslashes.
    static PLACES: [u128; 256] = all_places();

    const fn all_places() -> [u128; 256] {
        let mut table = [0; 256];
        let mut left: &mut [u128] = &mut table;
        let mut marks = 0;
        while let [first, rest @ ..] = left {
            *first = places(marks);
            marks += 1;
            left = rest;
        }
        table
    }

    const fn places(marks: u32) -> u128 {
        let (mut out, mut used, mut byte) = (0, 0, 0);
        while byte < 8 {
            if marks >> byte & 1 == 1 {
                out |= 8 << (8 * used);
                used += 1;
            }
            out |= (byte as u128) << (8 * used);
            used += 1;
            byte += 1;
        }
        out
    }

    /// What is known of the bytes so far.
    struct Seen {
        /// All of them, laid over each other.
        any: __m128i,
        /// The least in each place.
        least: __m128i,
    }

    /// As [`super::quoted`].
    #[target_feature(enable = "ssse3,popcnt")]
    pub(super) fn quote(out: &mut Vec<u8>, text: &[u8]) -> bool {
        let mut is_ascii = true;
        out.reserve(text.len().min(PIECE) + GROWN);
        out.push(b'"');
        for piece in text.chunks(PIECE) {
            match quote_piece(out, piece) {
                Some(ascii) => is_ascii &= ascii,
                None => {
                    super::quote_anywhere(out, piece);
                    is_ascii = false;
                }
            }
        }
        out.push(b'"');
        is_ascii
    }

    /// Are the bytes ASCII? None, and nothing is appended, if one of them is a control.
    #[target_feature(enable = "ssse3,popcnt")]
    fn quote_piece(out: &mut Vec<u8>, piece: &[u8]) -> Option<bool> {
        out.reserve(2 * piece.len() + GROWN);
        let room = out.spare_capacity_mut();
        let mut seen = Seen { any: _mm_setzero_si128(), least: _mm_set1_epi8(b' ' as i8) };
        let (steps, rest) = piece.as_chunks::<STEP>();
        let mut used = 0;
        for step in steps {
            used += quote_step(room.get_mut(used..)?.first_chunk_mut()?, step, &mut seen);
        }
        if !rest.is_empty() {
            let mut step = [b' '; STEP];
            step.get_mut(..rest.len())?.copy_from_slice(rest);
            // Bytes beyond the end are not counted; they were not escaped.
            used += quote_step(room.get_mut(used..)?.first_chunk_mut()?, &step, &mut seen) - (STEP - rest.len());
        }
        if _mm_movemask_epi8(_mm_cmpeq_epi8(seen.least, _mm_set1_epi8(b' ' as i8))) != 0xFFFF {
            return None;
        }
        let length = out.len() + used;
        // SAFETY: the steps have written one behind the other, each as many bytes as it said and more, and all of them within the capacity.
        unsafe { out.set_len(length) };
        Some(_mm_movemask_epi8(seen.any) == 0)
    }

    /// Writes what the bytes become: its length.
    #[inline]
    #[target_feature(enable = "ssse3,popcnt")]
    fn quote_step(room: &mut [MaybeUninit<u8>; GROWN], step: &[u8; STEP], seen: &mut Seen) -> usize {
        // SAFETY: the load reads the 16 bytes of `step`, unaligned.
        let bytes = unsafe { _mm_loadu_si128(step.as_ptr().cast()) };
        seen.any = _mm_or_si128(seen.any, bytes);
        seen.least = _mm_min_epu8(seen.least, bytes);
        let backslashes = _mm_set1_epi8(b'\\' as i8);
        let is_mark =
            _mm_or_si128(_mm_cmpeq_epi8(bytes, backslashes), _mm_cmpeq_epi8(bytes, _mm_set1_epi8(b'"' as i8)));
        let marks = _mm_movemask_epi8(is_mark) as u32;
        let low = 8 + (marks as u8).count_ones() as usize;
        grow(room.first_chunk_mut(), _mm_unpacklo_epi64(bytes, backslashes), marks as u8);
        let after = room.get_mut(low..).and_then(|rest| rest.first_chunk_mut());
        grow(after, _mm_unpackhi_epi64(bytes, backslashes), (marks >> 8) as u8);
        STEP + marks.count_ones() as usize
    }

    /// Writes what the eight first bytes become, and something behind it.
    #[inline]
    #[target_feature(enable = "ssse3")]
    fn grow(room: Option<&mut [MaybeUninit<u8>; STEP]>, bytes: __m128i, marks: u8) {
        let (Some(room), Some(places)) = (room, PLACES.get(usize::from(marks))) else { return };
        // SAFETY: the load reads the 16 bytes of `places`.
        let places = unsafe { _mm_loadu_si128(std::ptr::from_ref(places).cast()) };
        // SAFETY: the store writes the 16 bytes of `room`, unaligned.
        unsafe { _mm_storeu_si128(room.as_mut_ptr().cast(), _mm_shuffle_epi8(bytes, places)) };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// As it is quoted here and as it would be elsewhere, which must be the same.
    fn quoted(text: &str) -> String {
        let (mut out, mut anywhere) = (b"before".to_vec(), b"before\"".to_vec());
        quote(&mut out, text.as_bytes());
        quote_anywhere(&mut anywhere, text.as_bytes());
        anywhere.push(b'"');
        assert_eq!(out, anywhere);
        String::from_utf8(out).unwrap()
    }

    fn expected(text: &str) -> String {
        format!("before{}", serde_json::to_string(text).unwrap())
    }

    #[test]
    fn every_character_at_every_place() {
        for character in (0..=0x7F_u8).map(char::from).chain(['\u{80}', 'é', '\u{2028}', '\u{FFFF}', '😀']) {
            for before in 0..3 * BLOCK {
                for after in ["", "\"", "and so on, up to the next block and beyond it", "\\\"\\"] {
                    let text = format!("{}{character}{after}", "x".repeat(before));
                    assert_eq!(quoted(&text), expected(&text));
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_left() {
        for before in 0..70 {
            for wrong in [&b"\xFF"[..], b"\xC3", b"\xC3(", b"\xED\xA0\x80", b"\x80"] {
                for after in ["", "\"", "\u{1}\n", "and what follows it, as long as a few blocks"] {
                    let mut bytes = vec![b'"'; before];
                    bytes.extend_from_slice(wrong);
                    bytes.extend_from_slice(after.as_bytes());
                    let mut out = b"before".to_vec();
                    assert!(!quote_text(&mut out, &bytes));
                    assert_eq!(out, b"before");
                }
            }
        }
    }

    #[test]
    fn texts_longer_than_a_piece() {
        for length in [4095, 4096, 4097, 8192, 10_000] {
            for mark in ["\"", "é", "\u{1}", "\\"] {
                let text = format!("{}{mark}{}", "x\"".repeat(length / 2), "y".repeat(length % 7));
                assert_eq!(quoted(&text), expected(&text));
            }
        }
    }

    #[test]
    fn nothing_but_marks() {
        for length in 0..3 * PIECE {
            let text: String = (0..length).map(|at| if at % 3 == 0 { '\\' } else { '"' }).collect();
            assert_eq!(quoted(&text), expected(&text));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn texts_are_as_serde_json_writes_them(
            text in prop_oneof!["[a\"\\\\]{0,600}", "[\u{0}-\u{30}\"\\\\é]{0,150}", ".{0,150}"]
        ) {
            prop_assert_eq!(quoted(&text), expected(&text));
            let mut out = b"before".to_vec();
            prop_assert!(quote_text(&mut out, text.as_bytes()));
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected(&text));
        }
    }
}
