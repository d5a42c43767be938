//! The elements of a top-level array (S9.8, S9.10).

mod form;
mod run;

use super::lines::Json;
use super::rows::{Rows, Shape, within};
use crate::{Decoded, Decoder, Layout};
use run::Run;
use std::sync::Arc;

/// Decodes a text whose first byte that is no white space is `[` as the elements of that array, any other text as NDJSON.
///
/// All that is not in an element is separators. An element whose form is right ends with itself, whatever else is wrong with it; any other by S9.10. An element over
/// [`crate::Limits::record_bytes`] takes all up to the `{` that S9.10 resumes at, or to the source's end. What stands where a comma or nothing should
/// stand is damaged as an element of its own. An array that the source leaves open ends with a damaged record of no bytes (`record-cut-off`), unless its last element is damaged anyway.
#[derive(Debug)]
pub struct JsonArray {
    shape: Shape,
    lines: Json,
    state: State,
}

/// Where in the text a chunk starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before all.
    Start,
    /// In a text that is NDJSON.
    Lines,
    /// After the opening bracket.
    First,
    /// After an element.
    Element,
    /// After a comma.
    Comma,
    /// After a damaged element: a comma may follow, or not.
    Damaged,
    /// After the closing bracket, or where nothing is expected any more.
    Closed,
    /// Inside of an element over the limit.
    Skipping(Resume),
}

/// What was seen of a place to resume at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resume {
    Nothing,
    Break,
    Comma,
}

impl Resume {
    /// The state after a byte; none if it is the `{` to resume at.
    #[inline]
    fn after(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (_, b'\n') if self != Self::Comma => Some(Self::Break),
            (Self::Comma, b'\n') => Some(Self::Comma),
            (Self::Break | Self::Comma, b' ' | b'\t' | b'\r') => Some(self),
            (Self::Break, b',') => Some(Self::Comma),
            (Self::Break | Self::Comma, b'{') => None,
            _ => Some(Self::Nothing),
        }
    }
}

impl JsonArray {
    /// A decoder at the start of a source.
    pub fn new(layout: Arc<Layout>) -> Self {
        Self { shape: Shape::new(layout.clone()), lines: Json::new(layout), state: State::Start }
    }

    /// Is the text an array, NDJSON, or is that not known yet?
    fn begin(&mut self, chunk: &[u8], last: bool) {
        let limit = self.shape.layout.limits.record_bytes;
        let first = chunk.iter().take(limit).find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        match first {
            Some(b'[') => self.state = State::First,
            Some(_) => self.state = State::Lines,
            None if last || chunk.len() >= limit => self.state = State::Lines,
            None => {}
        }
    }
}

impl Decoder for JsonArray {
    fn decode(&mut self, chunk: &[u8], last: bool) -> Decoded {
        let whole = within(chunk);
        let last = last && whole.len() == chunk.len();
        let starts = self.state == State::Start;
        if starts {
            self.begin(whole, last);
        }
        match self.state {
            State::Start => Rows::new(&mut self.shape, 0, 0).finish(0, 0, 0, 0),
            State::Lines => self.lines.decode(whole, last),
            _ => {
                let mut run = Run::new(&mut self.shape, whole, last, self.state);
                if starts {
                    run.bracket();
                }
                run.run();
                self.state = run.state;
                run.finish()
            }
        }
    }
}
