//! Matches of regular expressions counted, extracted and replaced.

use super::lengths::within;
use crate::expr::fault::Fault;
use crate::pattern::Finder;
use bumpalo::{Bump, collections};

/// How `regexp_replace` goes about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    /// Every match, not the first alone.
    pub all: bool,
}

impl Flags {
    pub(super) fn parse(text: &str) -> Result<Flags, String> {
        match text {
            "" => Ok(Flags { all: false }),
            "g" => Ok(Flags { all: true }),
            other => Err(format!("`{other}` is no flag: there is `g` only")),
        }
    }
}

/// A replacement: texts, and what groups took.
#[derive(Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
    groups: Vec<u32>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Group(u32),
}

impl Template {
    /// Reads `\0` to `\9` and `\\`; another backslash is an error for the author.
    pub(super) fn parse(text: &str) -> Result<Template, String> {
        let mut template = Template { parts: Vec::new(), groups: Vec::new() };
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '\\' {
                template.push(c);
                continue;
            }
            match chars.next() {
                Some('\\') => template.push('\\'),
                Some(c) if c.is_ascii_digit() => {
                    let group = c.to_digit(10).unwrap_or(0);
                    template.parts.push(Part::Group(group));
                    template.groups.push(group);
                }
                _ => {
                    return Err(format!(
                        "a backslash in the replacement `{text}` needs a digit or a backslash after it"
                    ));
                }
            }
        }
        Ok(template)
    }

    fn push(&mut self, c: char) {
        match self.parts.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => self.parts.push(Part::Text(c.to_string())),
        }
    }

    /// The number of each reference.
    pub(super) fn groups(&self) -> &[u32] {
        &self.groups
    }

    /// Scalar values of the texts.
    pub(super) fn chars(&self) -> u64 {
        let chars = |part: &Part| match part {
            Part::Text(text) => text.chars().count() as u64,
            Part::Group(_) => 0,
        };
        self.parts.iter().map(chars).sum()
    }
}

/// Where to look for the next match: after an empty one a character further, as ECMA-262 does.
fn after(x: &str, (start, end): (usize, usize)) -> Option<usize> {
    if end > start {
        return Some(end);
    }
    x.get(end..)?.chars().next().map(|c| end + c.len_utf8())
}

/// What the first match, or a group of it, took.
pub(super) fn extract<'x>(finder: &Finder, x: &'x str, group: u32) -> Option<&'x str> {
    let (start, end) = if group == 0 { finder.find_at(x, 0)? } else { finder.groups_at(x, 0)?.group(group)? };
    x.get(start..end)
}

/// How many matches there are.
pub(super) fn count_matches(finder: &Finder, x: &str) -> usize {
    let mut count = 0;
    let mut at = Some(0);
    while let Some(found) = at.and_then(|at| finder.find_at(x, at)) {
        count += 1;
        at = after(x, found);
    }
    count
}

/// The text with the template in place of matches.
pub(super) fn replace<'a>(
    arena: &'a Bump,
    finder: &Finder,
    template: &Template,
    flags: Flags,
    x: &str,
) -> Result<&'a str, Fault> {
    let mut out = collections::String::new_in(arena);
    let mut put = |text: &str| {
        within(out.len() + text.len())?;
        out.push_str(text);
        Ok(())
    };
    let (mut copied, mut at) = (0, Some(0));
    while let Some(from) = at {
        let Some(taken) = finder.groups_at(x, from) else { break };
        let Some(found) = taken.group(0) else { break };
        put(x.get(copied..found.0).unwrap_or(""))?;
        for part in &template.parts {
            match part {
                Part::Text(text) => put(text)?,
                Part::Group(number) => put(taken.group(*number).and_then(|(a, b)| x.get(a..b)).unwrap_or(""))?,
            }
        }
        copied = found.1;
        at = after(x, found).filter(|_| flags.all);
    }
    put(x.get(copied..).unwrap_or(""))?;
    Ok(out.into_bump_str())
}
