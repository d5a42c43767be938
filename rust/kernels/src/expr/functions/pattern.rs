//! Patterns: LIKE and regular expressions.
//!
//! Prepared are: a [`LikeMatcher`] for `like` and `ilike`, a [`Pattern`] for `regexp_matches` and `regexp_full_match`.

use super::lengths::{WIDEST, counts, length, made, part, strict, truth};
use super::like::LikeMatcher;
use super::regexp::{Flags, Template, count_matches, extract, replace};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param, Prepared, constant_integer, constant_text};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use crate::pattern::{Finder, Pattern, PatternError};
use std::sync::Arc;

const BASE: Function = Function { family: Family::Pattern, ..Function::BASE };
const X: Param = Param::new("x", Kind::Text);
const PATTERN: Param = Param::new("pattern", Kind::Text).constant();
const LIKE: &[Param] = &[X, PATTERN, Param::new("escape", Kind::Text).constant().optional()];

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "like",
        params: LIKE,
        infer: truth,
        prepare: Some(|args| prepare_like(args, false)),
        core: like,
        cost: 20,
        docs: "Whether a text matches a pattern as a whole, in which `%` is any run of characters and `_` any one: the \
               operator LIKE. No character escapes unless ESCAPE names one.",
        examples: &[
            ("'abc' LIKE 'a%'", "true"),
            ("'abc' LIKE '_b'", "false"),
            ("'50%' LIKE '%!%' ESCAPE '!'", "true"),
            ("NULL LIKE 'a'", "NULL"),
        ],
        duckdb: "`like_escape` is the one with an escape; the empty escape is none there",
        ..BASE
    },
    Function {
        name: "ilike",
        params: LIKE,
        infer: truth,
        prepare: Some(|args| prepare_like(args, true)),
        core: like,
        cost: 40,
        docs: "As `like`, on the lower-case forms of text and pattern, character by character: the operator ILIKE.",
        examples: &[("'ABC' ILIKE 'a%'", "true"), ("'ÑU' ILIKE 'ñ_'", "true"), ("'ABC' ILIKE 'b%'", "false")],
        duckdb: "the lower case of 'İ' is 'i' there",
        ..BASE
    },
    Function {
        name: "regexp_matches",
        aliases: &["regexp_like"],
        params: &[X, PATTERN],
        infer: truth,
        prepare: Some(|args| prepare_regex(args, Pattern::compile)),
        core: matches,
        cost: 60,
        docs: "Whether a text holds a match of a regular expression of ECMA-262.",
        examples: &[("regexp_matches('abc', 'b')", "true"), ("regexp_matches('abc', '^b')", "false")],
        duckdb: DIALECT,
        ..BASE
    },
    Function {
        name: "regexp_full_match",
        params: &[X, PATTERN],
        infer: truth,
        prepare: Some(|args| prepare_regex(args, Pattern::compile_whole)),
        core: matches,
        cost: 60,
        docs: "Whether a text as a whole is a match of a regular expression of ECMA-262.",
        examples: &[("regexp_full_match('abc', 'a|abc')", "true"), ("regexp_full_match('abc', 'b')", "false")],
        duckdb: DIALECT,
        ..BASE
    },
    Function {
        name: "regexp_extract",
        params: &[X, PATTERN, Param::new("group", Kind::Integer).constant().optional()],
        infer: |args| Ok(Facts { nullable: true, ..part(args, 0, length(args, 0).1, Faults::NONE)? }),
        prepare: Some(prepare_extract),
        core: |call, args| match (call.prepared::<Extract>(), args) {
            (Some(Extract { finder, group }), [Scalar::Text(x), ..]) => {
                Ok(extract(finder, x, *group).map_or(Scalar::Null, Scalar::Text))
            }
            _ => Err(Fault::ArgumentOutOfRange),
        },
        cost: 150,
        docs: "What the first match of a regular expression of ECMA-262 takes, or one of its groups; NULL when there is \
               no match, or the match leaves the group out.",
        examples: &[
            ("regexp_extract('a-12', '[0-9]+')", "12"),
            ("regexp_extract('a-12', '([a-z])-([0-9])', 2)", "1"),
            ("regexp_extract('abc', 'x')", "NULL"),
        ],
        duckdb: "'' when there is no match; RE2's dialect",
        ..BASE
    },
    Function {
        name: "regexp_replace",
        params: &[
            X,
            PATTERN,
            Param::new("replacement", Kind::Text).constant(),
            Param::new("flags", Kind::Text).constant().optional(),
        ],
        infer: infer_replace,
        prepare: Some(prepare_replace),
        core: |call, args| match (call.prepared::<Replace>(), args) {
            (Some(Replace { finder, template, flags }), [Scalar::Text(x), ..]) => {
                replace(call.arena, finder, template, *flags, x).map(Scalar::Text)
            }
            _ => Err(Fault::ArgumentOutOfRange),
        },
        cost: 250,
        docs: "A text with a replacement in place of the first match of a regular expression of ECMA-262, of all matches \
               with the flag 'g'. In the replacement `\\1` to `\\9` are what groups took, `\\0` the match, `\\\\` a \
               backslash. Fails when the result exceeds 1 MiB.",
        examples: &[
            ("regexp_replace('a1b2', '[0-9]', '#')", "a#b2"),
            ("regexp_replace('a1b2', '[0-9]', '<\\0>', 'g')", "a<1>b<2>"),
            ("regexp_replace('31.01.', '([0-9]+).([0-9]+).', '\\2-\\1')", "01-31"),
        ],
        duckdb: "RE2's dialect; no empty match next to another; knows more flags",
        ..BASE
    },
    Function {
        name: "regexp_count",
        params: &[X, PATTERN],
        infer: |args| {
            let high = length(args, 0).1.saturating_add(1);
            Ok(strict(args, Type::Integer, counts(0, high), Faults::NONE))
        },
        prepare: Some(|args| prepare_regex(args, |text| Finder::compile(text, &[]))),
        core: |call, args| match (call.prepared::<Finder>(), args) {
            (Some(finder), [Scalar::Text(x), ..]) => Ok(super::lengths::count(count_matches(finder, x))),
            _ => Err(Fault::ArgumentOutOfRange),
        },
        cost: 200,
        docs: "The number of matches of a regular expression of ECMA-262 in a text, each from where the one before ends.",
        examples: &[("regexp_count('banana', 'an')", "2"), ("regexp_count('abc', 'x')", "0")],
        duckdb: "absent",
        ..BASE
    },
];

const DIALECT: &str = "RE2's dialect";

/// What `regexp_extract` prepares.
struct Extract {
    finder: Finder,
    group: u32,
}

/// What `regexp_replace` prepares.
struct Replace {
    finder: Finder,
    template: Template,
    flags: Flags,
}

fn prepared<T: Send + Sync + 'static>(value: T) -> Prepared {
    Some(Arc::new(value))
}

fn author(text: &str, error: &PatternError) -> String {
    format!("the pattern `{text}` cannot be used: {error}")
}

/// Prepares a [`LikeMatcher`].
fn prepare_like(args: &[Facts], ilike: bool) -> Result<Prepared, String> {
    match constant_text(args, 1) {
        Some(pattern) => LikeMatcher::compile(pattern, constant_text(args, 2), ilike).map(prepared),
        None => Ok(None),
    }
}

fn like<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (call.prepared::<LikeMatcher>(), args) {
        (Some(matcher), [Scalar::Text(x), ..]) => Ok(Scalar::Boolean(matcher.is_match(x))),
        _ => Err(Fault::ArgumentOutOfRange),
    }
}

/// Prepares what a pattern compiles to: a [`Pattern`] or a [`Finder`].
fn prepare_regex<T: Send + Sync + 'static>(
    args: &[Facts],
    compile: fn(&str) -> Result<T, PatternError>,
) -> Result<Prepared, String> {
    match constant_text(args, 1) {
        Some(text) => compile(text).map(prepared).map_err(|error| author(text, &error)),
        None => Ok(None),
    }
}

fn matches<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    match (call.prepared::<Pattern>(), args) {
        (Some(pattern), [Scalar::Text(x), ..]) => Ok(Scalar::Boolean(pattern.is_match(x.as_bytes()))),
        _ => Err(Fault::ArgumentOutOfRange),
    }
}

fn prepare_extract(args: &[Facts]) -> Result<Prepared, String> {
    let Some(text) = constant_text(args, 1) else { return Ok(None) };
    let group = constant_integer(args, 2).unwrap_or(0);
    let group = u32::try_from(group).map_err(|_| format!("{group} is no number of a group"))?;
    let finder = Finder::compile(text, &[group]).map_err(|error| author(text, &error))?;
    Ok(prepared(Extract { finder, group }))
}

fn prepare_replace(args: &[Facts]) -> Result<Prepared, String> {
    let Some((text, replacement)) = constant_text(args, 1).zip(constant_text(args, 2)) else { return Ok(None) };
    let flags = Flags::parse(constant_text(args, 3).unwrap_or(""))?;
    let template = Template::parse(replacement)?;
    let finder = Finder::compile(text, template.groups()).map_err(|error| author(text, &error))?;
    Ok(prepared(Replace { finder, template, flags }))
}

/// Groups take disjoint parts of the text in disjoint matches: each reference adds the text once at most.
fn infer_replace(args: &[Facts]) -> Result<Facts, String> {
    let (_, most) = length(args, 0);
    let template = Template::parse(constant_text(args, 2).unwrap_or(""))?;
    let flags = Flags::parse(constant_text(args, 3).unwrap_or(""))?;
    let matches = if flags.all { most.saturating_add(1) } else { 1 };
    let copies = most.saturating_mul(template.groups().len() as u64 + 1);
    let (range, faults) = made(0, copies.saturating_add(matches.saturating_mul(template.chars())), WIDEST);
    let range = Range::Length(0, range.length().1);
    Ok(strict(args, Type::Text, range, faults))
}
