//! A strict little reader of the HTML that reports are made of: anything it does not know is an error.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

const VOID: &[&str] = &["br", "meta"];
const KNOWN: &[&str] = &[
    "div", "style", "h3", "strong", "small", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "br", "span",
    "details", "summary", "pre", "mark", "html", "head", "meta", "title", "body", "main",
];

/// What a reader sees and what a browser obeys.
#[derive(Debug, Default, PartialEq)]
pub struct Page {
    /// Text with entities resolved; elements of a row separated by ` | `.
    pub text: String,
    /// `name="value"` of every attribute.
    pub attributes: Vec<(String, String)>,
    /// Names of elements in order of their start tags.
    pub elements: Vec<String>,
    /// Contents of style elements.
    pub style: String,
}

/// Reads `html`; `Err` says what is unknown, unbalanced or unescaped.
pub fn read(html: &str) -> Result<Page, String> {
    let mut page = Page::default();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").unwrap_or(html);
    while let Some(at) = rest.find('<') {
        page.text.push_str(&text(&rest[..at])?);
        let end = at + rest[at..].find('>').ok_or("tag without end")?;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
            if last != name {
                return Err(format!("</{name}> closes <{last}>"));
            }
            if ["td", "th", "p", "summary", "h3", "pre"].contains(&name) {
                page.text.push_str(" | ");
            }
            continue;
        }
        let name = start(tag, &mut page)?;
        if name == "style" {
            let end = rest.find("</style>").ok_or("style without end")?;
            page.style.push_str(&rest[..end]);
            rest = &rest[end..];
        }
        if !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    page.text.push_str(&text(rest)?);
    if open.is_empty() { Ok(page) } else { Err(format!("left open: {open:?}")) }
}

fn start(tag: &str, page: &mut Page) -> Result<String, String> {
    let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect();
    if !KNOWN.contains(&name.as_str()) {
        return Err(format!("unknown element <{tag}>"));
    }
    page.elements.push(name.clone());
    let mut rest = tag[name.len()..].trim_start();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').ok_or("unquoted value")?,
            None => ("", after),
        };
        page.attributes.push((key.into(), value.into()));
        rest = after.trim_start();
    }
    Ok(name)
}

/// Resolves the four entities that the renderer writes and refuses what it must not write.
fn text(raw: &str) -> Result<String, String> {
    if let Some(c) = raw.chars().find(|c| unsafe_character(*c)) {
        return Err(format!("raw {c:?} in {raw:?}"));
    }
    if raw.contains(['>', '"']) {
        return Err(format!("unescaped character in {raw:?}"));
    }
    let text = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    Ok(text.replace("&amp;", "&"))
}

/// Control, bidirectional and invisible characters: listed here once more, from Unicode's tables and not from the code.
pub fn unsafe_character(c: char) -> bool {
    c.is_control()
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{e0000}'..='\u{e007f}').contains(&c)
        || [
            '\u{61c}', '\u{2028}', '\u{2029}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{fffe}', '\u{ffff}', '\u{a0}',
            '\u{3164}',
        ]
        .contains(&c)
}
