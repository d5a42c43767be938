//! Names, literals and counts as text.

use crate::infer::yaml::count;

/// Words that some reader of SQL takes for something else than a column, where an expression may start or go on.
const RESERVED: &str = " \
    ALL ANALYSE ANALYZE AND ANY ARRAY AS ASC ASYMMETRIC AT BETWEEN BINARY BOTH BOX BY CASE CAST CEIL CHECK CIRCLE \
    COLLATE COLUMN CONNECT CONSTRAINT CONVERT CREATE CROSS CURRENT CURRENT_CATALOG CURRENT_DATE CURRENT_ROLE \
    CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DATE DATETIME DEFAULT DEFERRABLE DELETE DESC \
    DESCRIBE DISTINCT DIV DO DROP ELSE END ESCAPE EXCEPT EXISTS EXTRACT FALSE FETCH FILTER FLOOR FOR FOREIGN FROM \
    FULL GLOB GRANT GROUP HAVING ILIKE IN INITIALLY INNER INSERT INTERSECT INTERVAL INTO IS ISNULL JOIN LAMBDA \
    LATERAL LEADING LEFT LIKE LIMIT LINE LOCALTIME LOCALTIMESTAMP LSEG MAP MATCH NATURAL NOT NOTNULL NULL OF \
    OFFSET ON ONLY OR ORDER OUTER OVER OVERLAPS OVERLAY PATH PIVOT POINT POLYGON POSITION PRIMARY PRIOR QUALIFY \
    REFERENCES REGEXP RETURNING RIGHT RLIKE ROW SAFE_CAST SELECT SESSION_USER SET SIMILAR SOME STRUCT SUBSTR \
    SUBSTRING SYMMETRIC SYSTEM_USER TABLE THEN TIME TIMESTAMP TO TRAILING TRIM TRUE TRY_CAST TRY_CONVERT UNION \
    UNIQUE UNPIVOT UPDATE USER USING VALUES WHEN WHERE WINDOW WITH WITHIN XOR ";

/// Longest text that is written as a literal, in bytes.
const MEMBER: usize = 100;

/// A column's name as expressions write it (S6.4): plain where it is a word of ASCII that is no keyword.
pub fn name(text: &str) -> String {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let word = starts && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    let keyword = RESERVED.split(' ').any(|reserved| reserved.eq_ignore_ascii_case(text));
    if word && !keyword { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// Can the text stand as a literal in a contract? Not when it is long, hides control characters, or has what a contract's
/// variables would change.
pub fn is_literal(text: &str) -> bool {
    text.len() <= MEMBER && !text.contains(char::is_control) && !text.contains("${")
}

/// A text as a literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Digits with a point before the last `scale`.
pub fn decimal(digits: i128, scale: u8) -> String {
    let sign = if digits < 0 { "-" } else { "" };
    let scale = usize::from(scale);
    let text = format!("{:0>width$}", digits.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// `1 record`, `12,000 records`.
pub fn records(number: u64) -> String {
    format!("{} record{}", count(number), if number == 1 { "" } else { "s" })
}

/// `holds on 12 of 15 records, the others have a NULL`.
pub fn holds(support: u64, all: u64) -> String {
    let others = match all - support.min(all) {
        0 => String::new(),
        1 => ", the other one has a NULL".to_owned(),
        _ => ", the others have a NULL".to_owned(),
    };
    format!("holds on {} of {}{others}", count(support), records(all))
}

/// A length of time, unit by unit from days down.
pub fn elapsed(nanoseconds: i128) -> String {
    const UNITS: [(i128, &str); 7] = [
        (86_400_000_000_000, "day"),
        (3_600_000_000_000, "hour"),
        (60_000_000_000, "minute"),
        (1_000_000_000, "second"),
        (1_000_000, "millisecond"),
        (1_000, "microsecond"),
        (1, "nanosecond"),
    ];
    let (mut rest, mut parts) = (nanoseconds, Vec::new());
    for (length, word) in UNITS {
        let number = rest / length;
        rest %= length;
        if number != 0 {
            parts.push(format!("{number} {word}{}", if number == 1 { "" } else { "s" }));
        }
    }
    parts.join(" ")
}

/// A double for people: six decimals are enough.
pub fn about(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-6 {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_needed() {
        assert_eq!(name("unit_price"), "unit_price");
        for (text, quoted) in [
            ("order", "\"order\""),
            ("a b", "\"a b\""),
            ("x\"y", "\"x\"\"y\""),
            ("1a", "\"1a\""),
            ("größe", "\"größe\""),
        ] {
            assert_eq!(name(text), quoted);
        }
        assert_eq!(literal("it's"), "'it''s'");
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(1234, 2), "12.34");
        assert_eq!(elapsed(60_000_000_000), "1 minute");
        assert_eq!(elapsed(90_000_000_000), "1 minute 30 seconds");
        assert_eq!(about(0.010000000000000231), "0.01");
        assert_eq!(holds(1, 2), "holds on 1 of 2 records, the other one has a NULL");
    }
}
