//! Patterns searched in text.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::StringViewType;
use arrow_schema::DataType;

use super::bind::misplaced;
use super::rows::{Kernel, Never};
use super::{Refusal, typed};
use crate::pattern::Pattern;

pub(super) fn bind(text: &str, data_type: &DataType) -> Result<Box<dyn Kernel>, Refusal> {
    let pattern = Pattern::compile(text).map_err(|error| {
        let at = error.offset.map_or(String::new(), |offset| format!(" at byte {offset}"));
        Refusal::PatternInvalid(format!("{}{at} of `{text}`", error.message))
    })?;
    match data_type {
        DataType::Null => Ok(Box::new(Never)),
        found if typed::is_text(found) => Ok(Box::new(Search(pattern))),
        _ => Err(misplaced("a pattern", data_type)),
    }
}

/// Text without a match fails.
struct Search(Pattern);

impl Kernel for Search {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        match array.data_type() {
            DataType::Utf8 => self.0.fail_offsets(array.as_string_opt::<i32>()?, start, len, fails),
            DataType::LargeUtf8 => self.0.fail_offsets(array.as_string_opt::<i64>()?, start, len, fails),
            DataType::Utf8View => {
                self.0.fail_view(array.as_byte_view_opt::<StringViewType>()?, start, len, fails);
            }
            _ => return None,
        }
        Some(())
    }
}
