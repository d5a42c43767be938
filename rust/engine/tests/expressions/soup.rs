//! Texts that are mostly no expressions: tokens thrown together, and valid texts damaged.

use super::source::Source;

const TOKENS: &[&str] = &[
    "SELECT", "FROM", "WHERE", "CASE", "WHEN", "THEN", "ELSE", "END", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "ILIKE", "ESCAPE",
    "IS", "NULL", "TRUE", "FALSE", "DISTINCT", "CAST", "TRY_CAST", "AS", "BIGINT", "DECIMAL(3, 1)", "VARCHAR", "INTERVAL", "DATE",
    "TIMESTAMP", "TIME", "ZONE", "AT", "EXTRACT", "YEAR", "POSITION", "SUBSTRING", "FOR", "TRIM", "BOTH", "EXISTS", "ANY", "ALL",
    "ARRAY", "STRUCT", "MAP", "OVER", "PARTITION", "BY", "ORDER", "FILTER", "WITHIN", "GROUP", "UNNEST", "COLLATE", "SIMILAR", "TO",
    "OVERLAPS", "LATERAL", "JOIN", "UNION", "VALUES", "WITH", "LIMIT", "INTO", "count", "sum", "upper", "abs", "round", "coalesce",
    "few", "words", "d9", "plain", "b", "st", "li", "\"few\"", "\"a b\"", "x.y", "st.x", "li[1]", "'a'", "'it''s'", "'2026-01-31'",
    "'1 day'", "12", "1.5", "1e3", "1e999", "0x1F", ".5", "5.", "(", ")", "[", "]", "{", "}", ",", ".", ";", ":", "::", ":seven", ":x",
    "+", "-", "*", "/", "//", "%", "||", "=", "<>", "!=", "<", "<=", ">", ">=", "==", "!", "~", "&", "|", "^", "#", "@", "?", "$1", "$$",
    "->", "->>", "=>", "--", "/*", "*/", "\\", "'", "\"", "`", "\n", "\r\n", "\t", "\u{a0}", "\u{feff}", "\u{202e}", "\0", "é", "日本",
    "👩‍👩‍👧", "E'\\n'", "N'x'", "X'1F'", "B'01'", "U&'\\0041'", "lambda x: x", "x -> x", "GLOB", "REGEXP", "DIV", "XOR", "PRIOR", "CUBE",
    "GROUPING SETS", "MATCH", "AGAINST", "CONVERT", "OVERLAY", "CEIL", "FLOOR", "JSON", "IS JSON", "MEMBER OF", "1 day", "DATETIME",
];

/// Tokens with blanks between most of them.
pub fn tokens(source: &mut Source, most: usize) -> String {
    let mut out = String::new();
    for _ in 0..1 + source.pick(most) {
        let token = *source.one(TOKENS);
        out.push_str(token);
        if !source.chance(5) {
            out.push(' ');
        }
    }
    out
}

/// A text with characters or tokens taken out, put in, doubled or exchanged.
pub fn damaged(source: &mut Source, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..1 + source.pick(4) {
        let at = source.pick(chars.len() + 1);
        let end = (at + 1 + source.pick(6)).min(chars.len());
        match source.pick(6) {
            0 => drop(chars.drain(at.min(end)..end)),
            1 => drop(chars.splice(at..at, format!(" {} ", source.one(TOKENS)).chars())),
            2 => {
                let piece: Vec<char> = chars.get(at..end).unwrap_or_default().to_vec();
                let to = source.pick(chars.len() + 1);
                drop(chars.splice(to..to, piece));
            }
            3 => chars.truncate(at),
            4 => {
                let other = source.pick(chars.len().max(1));
                if at < chars.len() && other < chars.len() {
                    chars.swap(at, other);
                }
            }
            _ => drop(chars.splice(at..at, source.one(TOKENS).chars())),
        }
    }
    chars.into_iter().collect()
}
