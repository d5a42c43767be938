//! Whether a pattern compiles.

/// Refuses look-around, back references and unbalanced brackets, with the byte offset of the fault.
pub(crate) fn check_pattern(text: &str) -> Result<(), (String, Option<usize>)> {
    let mut open: Vec<usize> = Vec::new();
    let mut class: Option<usize> = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        let rest = text.get(at..).unwrap_or("");
        match (c, class) {
            ('\\', _) => match chars.next() {
                None => return Err(("a backslash ends the pattern".to_owned(), Some(at))),
                Some((_, '1'..='9')) if class.is_none() => return Err((BACK.to_owned(), Some(at))),
                Some((_, 'k')) if class.is_none() && rest.starts_with("\\k<") => {
                    return Err((BACK.to_owned(), Some(at)));
                }
                Some(_) => {}
            },
            (']', Some(_)) => class = None,
            (_, Some(_)) => {}
            ('[', None) => class = Some(at),
            ('(', None) => {
                if ["(?=", "(?!", "(?<=", "(?<!"]
                    .iter()
                    .any(|look| rest.starts_with(look))
                {
                    return Err(("look-around is not available".to_owned(), Some(at)));
                }
                open.push(at);
            }
            (')', None) if open.pop().is_none() => {
                return Err((
                    "a parenthesis is closed that was not opened".to_owned(),
                    Some(at),
                ));
            }
            _ => {}
        }
    }
    match class.or(open.pop()) {
        Some(at) => Err(("a bracket is not closed".to_owned(), Some(at))),
        None => Ok(()),
    }
}

const BACK: &str = "back references are not available";
