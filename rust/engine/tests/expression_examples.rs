//! Every example of the table of functions is true: folded, and with columns in the place of its literals.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

mod expressions;

use arrow_array::{ArrayRef, Int32Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{Field, Schema};
use bumpalo::Bump;
use expressions::judge::{Compiled, Frame, Judged, Run, judge};
use guard_engine::expr::{Compiler, Parameters, Scope, expression};
use guard_kernels::expr::functions::all;
use guard_kernels::expr::render::render;
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::Type;
use guard_kernels::expr::vector::array_of;
use sqlparser::dialect::DuckDbDialect;
use sqlparser::tokenizer::{Token, Tokenizer};
use std::sync::Arc;

const ROWS: usize = 3;

/// Columns of one value each, `c0`, `c1`, …
fn frame(columns: &[ArrayRef]) -> Frame {
    let fields =
        columns.iter().enumerate().map(|(at, array)| Field::new(format!("c{at}"), array.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let options = RecordBatchOptions::new().with_row_count(Some(ROWS));
    let batch = RecordBatch::try_new_with_options(schema, columns.to_vec(), &options).unwrap();
    Frame::new(batch, &Parameters::new())
}

/// The result as examples write it, both ways of evaluation agreeing.
fn result(text: &str, columns: &[ArrayRef]) -> Result<String, String> {
    let frame = frame(columns);
    match judge(&frame, text)? {
        Judged::Refused(problem) => return Err(format!("refused: {}", problem.sentence())),
        Judged::Ran { .. } => {}
    }
    let tree = expression(text).map_err(|problem| problem.sentence())?;
    let compiled = Compiled::new(&frame, &frame.wide, &tree).map_err(|problem| problem.sentence())?;
    let arena = Bump::new();
    let run = Run::new(&frame, &compiled, &arena)?;
    let outcome = run.root().next().ok_or("no record")?;
    let ty = compiled.compiler.facts(compiled.root).ty.clone();
    Ok(match outcome.and_then(|value| render(&arena, value, &ty)) {
        Ok(text) => text.to_owned(),
        Err(fault) => format!("fails: {}", fault.name()),
    })
}

#[test]
fn examples_are_true() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for function in all() {
        for (text, expected) in function.examples {
            count += 1;
            match result(text, &[]) {
                Ok(found) if found == *expected => {}
                other => wrong.push(format!("{}: {text} is {other:?}, said to be {expected}", function.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 300, "{count} examples");
}

/// The pieces of a text, and for each literal its type and value.
fn pieces(text: &str) -> Vec<(String, Option<(Type, Constant)>)> {
    let tokens = Tokenizer::new(&DuckDbDialect {}, text).with_unescape(false).tokenize().unwrap();
    let mut out: Vec<(String, Option<(Type, Constant)>)> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let mut written = token.to_string();
        let typed = ["DATE", "TIME", "TIMESTAMP"].contains(&written.to_ascii_uppercase().as_str());
        if typed {
            let mut ahead = String::new();
            while let Some(Token::Whitespace(_)) = tokens.peek() {
                ahead.push_str(&tokens.next().unwrap().to_string());
            }
            if let Some(Token::SingleQuotedString(_)) = tokens.peek() {
                written.push_str(&format!("{ahead}{}", tokens.next().unwrap()));
            } else {
                out.push((written, None));
                written = ahead;
            }
        }
        let literal = matches!(token, Token::Number(..) | Token::SingleQuotedString(_))
            || (typed && written.contains('\''))
            || ["TRUE", "FALSE"].contains(&written.to_ascii_uppercase().as_str());
        let value = if literal { value_of(&written) } else { None };
        out.push((written, value));
    }
    out
}

fn value_of(literal: &str) -> Option<(Type, Constant)> {
    let scope = Scope::default();
    let mut compiler = Compiler::new(&scope);
    let (root, _) = compiler.compile(&expression(literal).ok()?).ok()?;
    let facts = compiler.facts(root);
    Some((facts.ty.clone(), facts.constant.clone()?))
}

/// With a column in the place of each literal that may be one, nothing is folded away.
#[test]
fn examples_are_true_of_columns() {
    let mut wrong = Vec::new();
    let (mut replaced, mut without) = (0, 0);
    for function in all() {
        for (text, expected) in function.examples {
            let mut pieces = pieces(text);
            let mut columns: Vec<ArrayRef> = Vec::new();
            for at in 0..pieces.len() {
                let (written, Some((ty, value))) = pieces[at].clone() else { continue };
                let copies = Int32Array::from(vec![0; ROWS]);
                let array = arrow_select::take::take(&array_of(&value, &ty), &copies, None).unwrap();
                columns.push(array);
                pieces[at].0 = format!("c{}", columns.len() - 1);
                let whole: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
                let tried = frame(&columns);
                let compiles = expression(&whole).is_ok_and(|tree| Compiler::new(&tried.wide).compile(&tree).is_ok());
                if !compiles {
                    columns.pop();
                    pieces[at].0 = written;
                }
            }
            without += usize::from(columns.is_empty());
            replaced += columns.len();
            let whole: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
            match result(&whole, &columns) {
                Ok(found) if found == *expected => {}
                other => wrong.push(format!("{text} as {whole} is {other:?}, said to be {expected}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(replaced > 300 && without < 60, "{replaced} literals became columns, {without} examples have none");
}

/// Each fault, and what nearly is one.
#[test]
fn faults_and_their_neighbours() {
    let cases = [
        ("9223372036854775807 + 1", "fails: arithmetic-overflow"),
        ("9223372036854775806 + 1", "9223372036854775807"),
        ("- (-9223372036854775807 - 1)", "fails: arithmetic-overflow"),
        ("99999999999999999999999999999999999999 + 1", "fails: arithmetic-overflow"),
        ("1 / 0", "fails: division-by-zero"),
        ("1.5 / 0.0", "fails: division-by-zero"),
        ("1e0 % 0e0", "fails: division-by-zero"),
        ("1 / NULL", "NULL"),
        ("0 / 1", "0"),
        ("1e308 * 10", "fails: result-not-finite"),
        ("1e307 * 10 > 0", "true"),
        ("CAST(2.5 AS BIGINT)", "fails: cast-failed"),
        ("CAST(2.0 AS BIGINT)", "2"),
        ("TRY_CAST(2.5 AS BIGINT)", "NULL"),
        ("CAST(128 AS TINYINT)", "fails: cast-failed"),
        ("CAST(127 AS TINYINT)", "127"),
        ("CAST(' 1' AS BIGINT)", "fails: cast-failed"),
        ("sqrt(-1e0)", "fails: argument-out-of-range"),
        ("sqrt(0e0)", "0"),
        ("DATE '9999-12-31' + 1", "fails: temporal-out-of-range"),
        ("DATE '9999-12-30' + 1", "9999-12-31"),
        ("DATE '9999-12-31' + INTERVAL '1 day'", "fails: temporal-out-of-range"),
        ("length(repeat('a', 1048577))", "fails: result-too-large"),
        ("length(repeat('a', 1048576))", "1048576"),
        // A fault beats NULL, the leftmost stands; what is not taken does not count.
        ("1 / 0 + NULL", "fails: division-by-zero"),
        ("1 // 0 + CAST('x' AS BIGINT)", "fails: division-by-zero"),
        ("CAST('x' AS BIGINT) + 1 // 0", "fails: cast-failed"),
        ("FALSE AND 1 / 0 = 1", "false"),
        ("1 / 0 = 1 AND FALSE", "false"),
        ("1 / 0 = 1 AND NULL", "fails: division-by-zero"),
        ("1 / 0 = 1 OR TRUE", "true"),
        ("CASE WHEN TRUE THEN 1 ELSE 1 // 0 END", "1"),
        ("CASE WHEN 1 // 0 = 1 THEN 1 ELSE 2 END", "fails: division-by-zero"),
        ("COALESCE(1, 1 // 0)", "1"),
        ("COALESCE(NULL, 1 // 0)", "fails: division-by-zero"),
        ("1 // 0 IS NULL", "fails: division-by-zero"),
        ("1 IN (2, NULL)", "NULL"),
        ("1 IN (1, NULL)", "true"),
        ("1 NOT IN (2, NULL)", "NULL"),
    ];
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = result(text, &[]);

        if found.as_deref() != Ok(expected) {
            wrong.push(format!("{text} is {found:?}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
