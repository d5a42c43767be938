//! What is refused, with its code and place; what nearly is, is not. No text makes the compiler panic or overflow its stack.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod expressions;

use expressions::batch::batch;
use expressions::judge::{Frame, Judged, judge, placed};
use expressions::soup::{damaged, tokens};
use expressions::source::Source;
use expressions::texts::Grammar;
use expressions::{parameters, scope};
use guard_engine::expr::{Compiler, Problem, Scope, expression, query};
use guard_verdict::{Code, codes::expression as codes, codes::plan};
use proptest::prelude::*;

fn compile(scope: &Scope, text: &str) -> Result<(), Problem> {
    let tree = expression(text)?;
    Compiler::new(scope).compile(&tree).map(|_| ())
}

fn small() -> Scope {
    scope(&[
        "few", "d9", "plain", "words", "b", "day", "when", "tz_us", "li", "st", "bin", "Total", "TOTAL", "über", "a b",
    ])
}

/// A text, its code, its line and column.
fn refused(cases: &[(&str, Code, (usize, usize))]) {
    let scope = small();
    let mut wrong = Vec::new();
    for (text, code, place) in cases {
        match compile(&scope, text) {
            Ok(()) => wrong.push(format!("`{text}` compiles")),
            Err(problem) => {
                let found = (problem.span.line, problem.span.column);
                if problem.code != *code || found != *place {
                    wrong.push(format!(
                        "`{text}`: {} at {found:?}, not {} at {place:?}: {}",
                        problem.code.name(),
                        code.name(),
                        problem.message
                    ));
                }
                if let Err(why) = placed(text, &problem) {
                    wrong.push(format!("`{text}`: {why}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn accepted(texts: &[&str]) {
    let scope = small();
    let wrong: Vec<_> = texts
        .iter()
        .filter_map(|text| Some(format!("`{text}`: {}", compile(&scope, text).err()?.sentence())))
        .collect();
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn syntax() {
    refused(&[
        ("", codes::SYNTAX, (1, 1)),
        ("   ", codes::SYNTAX, (1, 4)),
        ("few >", codes::SYNTAX, (1, 6)),
        ("few > 1;", codes::SYNTAX, (1, 8)),
        ("few > 1; DROP TABLE x", codes::SYNTAX, (1, 8)),
        ("few > 1 few", codes::SYNTAX, (1, 9)),
        ("few\n> 1\n'x'", codes::SYNTAX, (3, 1)),
        ("few > 1)", codes::SYNTAX, (1, 8)),
        ("'open", codes::SYNTAX, (1, 1)),
        ("few = 'a' 'b' )", codes::SYNTAX, (1, 11)),
        ("few IN ()", codes::SYNTAX, (1, 9)),
        ("few > 1 \0", codes::SYNTAX, (1, 9)),
        ("few \u{202e}> 1", codes::SYNTAX, (1, 5)),
        ("few 🙂 1", codes::SYNTAX, (1, 5)),
        ("🙂", codes::SYNTAX, (1, 1)),
    ]);
    accepted(&[
        "few > 1",
        "\n few\n>\t1 ",
        "few\u{a0}> 1",
        "words = '\0'",
        "words = '\u{202e}'",
        "words = '🙂'",
        "words = 'a;b'",
        "words = 'it''s'",
    ]);
}

#[test]
fn comments() {
    refused(&[
        ("few > 0 -- AND few < 9", codes::COMMENT, (1, 9)),
        ("few > 0 /* x */", codes::COMMENT, (1, 9)),
        ("few /* a */ > 0", codes::COMMENT, (1, 5)),
        ("few --1", codes::COMMENT, (1, 5)),
        ("few\n--\n> 0", codes::COMMENT, (2, 1)),
    ]);
    accepted(&["few - -1 > 0", "words = '--'", "words = '/* x */'", "few * (1 / few) > 0"]);
    assert!(compile(&small(), "few > 0 /* open").is_err());
    assert!(compile(&small(), "few > 0 # x").is_err());
}

#[test]
fn more_than_one_record() {
    use codes::NOT_SUPPORTED as NO;
    refused(&[
        ("few > (SELECT 1)", NO, (1, 8)),
        ("EXISTS (SELECT 1)", NO, (1, 9)),
        ("few IN (SELECT few FROM x)", NO, (1, 1)),
        ("few = ANY (SELECT 1)", NO, (1, 1)),
        ("sum(few) > 1", NO, (1, 1)),
        ("1 < count(*)", NO, (1, 5)),
        ("row_number() OVER () = 1", NO, (1, 1)),
        ("abs(few) OVER (ORDER BY few) > 0", NO, (1, 1)),
        ("sum(few) FILTER (WHERE b) > 0", NO, (1, 1)),
        ("abs(DISTINCT few)", NO, (1, 1)),
        ("now() > when", NO, (1, 1)),
        ("CURRENT_DATE > day", NO, (1, 1)),
        ("random() < 0.5", NO, (1, 1)),
        ("few & 1 = 1", NO, (1, 1)),
        ("words ~ 'a'", NO, (1, 1)),
        ("words SIMILAR TO 'a'", NO, (1, 1)),
        ("(few, 1) = (1, 2)", NO, (1, 2)),
        ("words COLLATE \"C\" = 'a'", NO, (1, 1)),
        ("few = $1", NO, (1, 7)),
        ("few = ?", NO, (1, 7)),
        ("words = E'\\n'", codes::SYNTAX, (1, 10)),
        ("words = X'41'", NO, (1, 9)),
        ("li[1:2] IS NULL", NO, (1, 1)),
    ]);
    accepted(&["abs(few) > 1", "list_sum(li) > 1", "greatest(few, 1) > 0", "few IN (1, 2)"]);
}

#[test]
fn names() {
    refused(&[
        ("amuont > 0", codes::COLUMN_UNKNOWN, (1, 1)),
        ("1 < amuont", codes::COLUMN_UNKNOWN, (1, 5)),
        ("\"FEW\" > 0", codes::COLUMN_UNKNOWN, (1, 1)),
        ("total > 0", plan::COLUMN_AMBIGUOUS, (1, 1)),
        ("st.nothing = 1", codes::COLUMN_UNKNOWN, (1, 1)),
        ("few.x = 1", codes::OPERAND_TYPES, (1, 1)),
        ("other.few = 1", codes::COLUMN_UNKNOWN, (1, 1)),
        ("few > :limit", codes::PARAMETER_UNBOUND, (1, 7)),
        ("words = \"a\"", codes::COLUMN_UNKNOWN, (1, 9)),
        ("ÜBER > 0", codes::COLUMN_UNKNOWN, (1, 1)),
    ]);
    accepted(&[
        "FEW > 0",
        "\"few\" > 0",
        "Total > 0",
        "\"TOTAL\" > 0",
        "st.X = 1",
        "\"st\".\"x\" = 1",
        "input.few = 1",
        "few > :seven",
        "über > 0",
        "\"über\" > 0",
        "\"a b\" > 0",
        "\"a b\" IS NULL",
    ]);
    let help = |text: &str| compile(&small(), text).unwrap_err().help.unwrap_or_default();
    assert!(help("wrods = 'a'").contains("`words`"));
    assert!(help("lenght(words) = 1").contains("`length`"));
    assert!(help("total > 0").contains("quotes"));
}

#[test]
fn types() {
    refused(&[
        ("few + 'a'", codes::OPERAND_TYPES, (1, 1)),
        ("few = 'a'", codes::OPERAND_TYPES, (1, 1)),
        ("d9 > plain", codes::OPERAND_TYPES, (1, 1)),
        ("d9 * plain", codes::OPERAND_TYPES, (1, 1)),
        ("when < tz_us", codes::OPERAND_TYPES, (1, 1)),
        ("few AND b", codes::OPERAND_TYPES, (1, 1)),
        ("b AND few", codes::OPERAND_TYPES, (1, 7)),
        ("NOT few", codes::OPERAND_TYPES, (1, 5)),
        ("- words", codes::OPERAND_TYPES, (1, 3)),
        ("CASE WHEN few THEN 1 END", codes::OPERAND_TYPES, (1, 11)),
        ("CASE WHEN b THEN 1 ELSE 'a' END", codes::OPERAND_TYPES, (1, 25)),
        ("COALESCE(few, words)", codes::OPERAND_TYPES, (1, 15)),
        ("day + INTERVAL '1 hour'", codes::OPERAND_TYPES, (1, 1)),
        ("few + INTERVAL '1 day'", codes::OPERAND_TYPES, (1, 1)),
        ("INTERVAL '1 day'", codes::OPERAND_TYPES, (1, 10)),
        ("when - when < INTERVAL '1 month'", codes::OPERAND_TYPES, (1, 24)),
        ("lenght(words)", codes::FUNCTION_UNKNOWN, (1, 1)),
        ("1 + lenght(words)", codes::FUNCTION_UNKNOWN, (1, 5)),
        ("abs(1, 2)", codes::ARGUMENT_COUNT, (1, 1)),
        ("upper()", codes::ARGUMENT_COUNT, (1, 1)),
        ("nullif(1)", codes::ARGUMENT_COUNT, (1, 1)),
        ("upper(few)", codes::ARGUMENT_TYPES, (1, 7)),
        ("sqrt(d9)", codes::ARGUMENT_TYPES, (1, 6)),
        ("regexp_matches(words, words)", codes::ARGUMENT_TYPES, (1, 23)),
        ("regexp_matches(words, '(')", codes::ARGUMENT_TYPES, (1, 1)),
        ("CAST(few AS JSON)", codes::CAST_TYPE, (1, 6)),
        ("CAST(few AS VARCHAR(3))", codes::CAST_TYPE, (1, 6)),
        ("CAST(few AS REAL)", codes::CAST_TYPE, (1, 6)),
        ("CAST(few AS DECIMAL(39, 0))", codes::CAST_TYPE, (1, 6)),
        ("CAST(few AS DECIMAL(3, 4))", codes::CAST_TYPE, (1, 6)),
        ("CAST(li AS BIGINT)", codes::CAST_TYPE, (1, 6)),
        ("CAST(when AS TIMESTAMP WITH TIME ZONE)", codes::CAST_TYPE, (1, 6)),
    ]);
    accepted(&[
        "few + 1.5",
        "words = '1'",
        "d9 > 0.5",
        "CAST(d9 AS DOUBLE) > plain",
        "plain * 0.5",
        "when < tz_us AT TIME ZONE 'UTC'",
        "b AND NULL",
        "NOT NULL",
        "- few",
        "CASE WHEN b THEN 1 ELSE 1.5 END",
        "COALESCE(few, NULL)",
        "day + INTERVAL '1 day'",
        "when + INTERVAL '1 hour'",
        "when - when < INTERVAL '1 day'",
        "length(words)",
        "abs(1)",
        "nullif(1, 2)",
        "upper('a')",
        "sqrt(0.25)",
        "sqrt(few)",
        "regexp_matches(words, '[(]')",
        "CAST(few AS DECIMAL(38, 38))",
        "CAST(few AS VARCHAR)",
        "day = '2026-01-31'",
    ]);
}

#[test]
fn literals() {
    let digits = |count: usize| "9".repeat(count);
    let point = format!("0.{}", digits(38));
    let fine = format!("0.{}", digits(39));
    let mixed = format!("{}.{}", digits(20), digits(19));
    refused(&[
        (&digits(39), codes::LITERAL, (1, 1)),
        (&format!("few < {}", digits(39)), codes::LITERAL, (1, 7)),
        (&fine, codes::LITERAL, (1, 1)),
        (&mixed, codes::LITERAL, (1, 1)),
        ("1e999", codes::LITERAL, (1, 1)),
        ("day > DATE '31.01.2026'", codes::LITERAL, (1, 12)),
        ("day > DATE '2026-02-29'", codes::LITERAL, (1, 12)),
        ("TIME '24:00:00'", codes::LITERAL, (1, 6)),
        ("when + INTERVAL '1 fortnight'", codes::LITERAL, (1, 17)),
        ("when - INTERVAL '-2147483648 months'", codes::LITERAL, (1, 17)),
        ("when + - INTERVAL '-2147483648 months'", codes::LITERAL, (1, 19)),
    ]);
    accepted(&[
        &digits(38),
        &point,
        "00000000000000000000000000000000000000000000000001",
        "1e308",
        "DATE '2024-02-29'",
        "TIME '23:59:59.5'",
    ]);
}

fn repeated(open: &str, core: &str, close: &str, count: usize) -> String {
    format!("{}{core}{}", open.repeat(count), close.repeat(count))
}

/// Runs on the least stack that a thread of a host may have.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn nesting() {
    on_small_stack(|| {
        let scope = small();
        let code = |text: &str| compile(&scope, text).err().map(|problem| problem.code);
        let forms = [
            ("(", "few", ")"),
            ("abs(", "few", ")"),
            ("CASE WHEN b THEN ", "few", " END"),
            ("CASE few WHEN 1 THEN ", "few", " END"),
            ("CASE WHEN b THEN few ELSE ", "few", " END"),
            ("CAST(", "few", " AS BIGINT)"),
            ("if(b, few, ", "few", ")"),
            ("[", "few", "]"),
            ("(few + ", "few", ")"),
        ];
        for (open, core, close) in forms {
            assert_eq!(code(&repeated(open, core, close, 64)), None, "64 × {open}");
            assert_eq!(code(&repeated(open, core, close, 65)), Some(codes::TOO_LARGE), "65 × {open}");
            for count in [1_000, 100_000 / (open.len() + close.len())] {
                assert_eq!(
                    code(&repeated(open, core, close, count.min(60_000 / (open.len() + close.len())))),
                    Some(codes::TOO_LARGE)
                );
            }
        }
        assert_eq!(code(&repeated("(", "few", ")", 100_000)), Some(codes::TOO_LARGE));
        assert_eq!(code(&"(".repeat(60_000)), Some(codes::TOO_LARGE));
        for open in [
            "NOT ",
            "- ",
            "+ ",
            "NOT(",
            "-(",
            "~ ",
            "! ",
            "EXISTS ",
            "INTERVAL ",
            "CAST(",
            "ARRAY[",
            "{",
            "x -> ",
            "a.",
            "a::",
            "PRIOR ",
        ] {
            for count in [10, 60, 100, 130, 150, 1_000, 60_000 / open.len()] {
                let _ = compile(&scope, &format!("{}b", open.repeat(count)));
                let _ = compile(&scope, &open.repeat(count));
                let _ = compile(&scope, &format!("{}b", open.trim_end().repeat(count)));
            }
        }
        assert_eq!(code(&format!("{}b", "NOT ".repeat(60))), None);
        assert_eq!(code(&format!("{}few", "- ".repeat(60))), None);
        assert_eq!(code(&format!("{}b", "NOT ".repeat(3_000))), Some(codes::TOO_LARGE));
        for close in [
            ")",
            "]",
            "[1]",
            ".x",
            "::BIGINT",
            " IS NULL",
            " IS NOT NULL",
            " AT TIME ZONE 'UTC'",
            " COLLATE x",
            " ESCAPE",
            "->1",
            " BETWEEN 1 AND 2",
            " IN (1)",
            " LIKE 'a'",
            " OVERLAPS x",
            " IS DISTINCT FROM 1",
            " = 1",
            " XOR 1",
            " DIV 2",
            " MEMBER OF (x)",
            " REGEXP 'a'",
            " NOTNULL",
            " ISNULL",
            " GLOB 'a'",
            " MATCH 'a'",
            " SIMILAR TO 'a'",
            "!",
            " ^ 2",
            " PRIOR",
            " -> 1",
            " := 1",
        ] {
            for count in [10, 100, 400, 650, 1_000, 1_990, 60_000 / close.len()] {
                let _ = compile(&scope, &format!("few{}", close.repeat(count)));
            }
        }
    });
}

#[test]
fn width() {
    on_small_stack(|| {
        let scope = small();
        let code = |text: &str| compile(&scope, text).err().map(|problem| problem.code);
        for (operand, operator) in
            [("b", " AND "), ("b", " OR "), ("few", " + "), ("words", " || "), ("1", " * "), ("plain", " - ")]
        {
            let chain = |count: usize| vec![operand; count + 1].join(operator);
            assert_eq!(code(&chain(2_000)), None, "2,000 × {operator}");
            assert_eq!(code(&chain(2_001)), Some(codes::TOO_LARGE), "2,001 × {operator}");
        }
        let compared = (0..1_000).map(|at| format!("few <> {at}")).collect::<Vec<_>>().join(" AND ");
        assert_eq!(code(&compared), None);
        let members = |count: usize| (0..count).map(|at| at.to_string()).collect::<Vec<_>>().join(",");
        assert_eq!(code(&format!("few IN ({})", members(10_000))), None);
        assert_eq!(code(&format!("few IN ({})", members(10_001))), Some(codes::TOO_LARGE));
        assert_eq!(code(&format!("few NOT IN ({})", members(10_000))), None);
        let text = |bytes: usize| format!("words = '{}'", "x".repeat(bytes - 10));
        assert_eq!(code(&text(64 * 1024)), None);
        assert_eq!(code(&text(64 * 1024 + 1)), Some(codes::TOO_LARGE));
        let many = (0..300).map(|_| "CASE WHEN b THEN 1 END").collect::<Vec<_>>().join(" + ");
        assert_eq!(code(&many), None);
    });
}

/// Row rules and transforms read SELECTs through the same parser.
#[test]
fn queries_never_panic() {
    for text in [
        "",
        "SELECT",
        "SELECT 1",
        "SELECT * FROM input",
        "SELECT few FROM input WHERE",
        "SELECT few AS a, few b FROM input i",
        "WITH x AS (SELECT 1) SELECT 1",
        "SELECT few FROM input; SELECT 1",
        "SELECT few FROM a, b",
        "SELECT few FROM input -- x",
        "SELECT count(*) FROM input WHERE few > 1",
        "INSERT INTO x VALUES (1)",
        "SELECT * EXCLUDE (a) FROM input",
        "SELECT DISTINCT few FROM input",
        "SELECT few FROM input LIMIT 1",
        "SELECT few FROM input UNION SELECT 1",
        "VALUES (1)",
    ] {
        if let Err(problem) = query(text) {
            assert_eq!(placed(text, &problem), Ok(()), "{text}");
        }
    }
}

fn total(text: &str) -> Result<(), String> {
    let scope = small();
    let check = |outcome: Result<(), Problem>| match outcome {
        Ok(()) => Ok(()),
        Err(problem) => placed(text, &problem),
    };
    check(compile(&scope, text))?;
    check(query(text).map(|_| ()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_characters(text in "\\PC{0,60}|[\\x00-\\x7f]{0,60}|.{0,40}") {
        prop_assert_eq!(total(&text), Ok(()), "{}", text);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert_eq!(total(&text), Ok(()), "{}", text);
    }

    #[test]
    fn any_tokens(words in prop::collection::vec(any::<u32>(), 1..80)) {
        let text = tokens(&mut Source::new(words), 20);
        prop_assert_eq!(total(&text), Ok(()), "{}", text);
        let text = format!("SELECT {text} FROM input WHERE b");
        prop_assert_eq!(total(&text), Ok(()), "{}", text);
    }

    #[test]
    fn damaged_texts(words in prop::collection::vec(any::<u32>(), 1..150)) {
        let mut grammar = Grammar { source: Source::new(words), calls: &[] };
        let text = grammar.text(3);
        let text = damaged(&mut grammar.source, &text);
        prop_assert_eq!(total(&text), Ok(()), "{}", text);
    }
}

#[test]
fn refusals_are_judged_too() {
    let frame = Frame::new(batch(1, 7), &parameters());
    assert!(matches!(judge(&frame, "few > nothing"), Ok(Judged::Refused(_))));
    assert!(matches!(judge(&frame, "few > 1"), Ok(Judged::Ran { .. })));
}
