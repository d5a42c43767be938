//! Where values end by their form alone.

use super::super::reader::{Read, Reader};

/// Levels that are followed to find where a damaged element ends.
const LEVELS: usize = 128;

/// The end of the value that the text starts with, whatever is wrong with it but its form.
#[cold]
pub(super) fn end<'a>(reader: &mut Reader<'a>, text: &'a str) -> Read<usize> {
    reader.restart(text, LEVELS);
    reader.form_only = true;
    let form = reader.skip();
    reader.form_only = false;
    form.map(|()| reader.at)
}
