//! JSON strings, written.

use super::scan::{BLOCK, specials};

/// Bytes that are quoted at once, and room for all of them escaped and a block that is moved beyond.
const PIECE: usize = 8 * BLOCK;
const ROOM: usize = 2 * PIECE + 2 * BLOCK;

/// Appends UTF-8 as a JSON string, with the escapes that JSON demands and no others.
pub fn quote(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for piece in text.chunks(PIECE) {
        let mut room = [0; ROOM];
        match quote_piece(&mut room, piece).and_then(|used| room.get(..used)) {
            Some(quoted) => out.extend_from_slice(quoted),
            None => piece.iter().for_each(|byte| escape(out, *byte)),
        }
    }
    out.push(b'"');
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn quoted(text: &str) -> String {
        let mut out = b"before".to_vec();
        quote(&mut out, text.as_bytes());
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
        }
    }
}
