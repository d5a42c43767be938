//! A second reading of row rules, straight from docs/spec/expressions.md: only what suggestions use, one record at a time.

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use num_bigint::BigInt;
use std::cmp::Ordering;

/// What a rule says of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    True,
    False,
    Null,
    Fault,
}

#[derive(Debug, Clone, PartialEq)]
enum V {
    Null,
    Bool(bool),
    /// BIGINT.
    Int(i64),
    /// Digits and scale.
    Dec(BigInt, u32),
    /// A decimal that is written: next to a double it is the nearest one.
    Written(String),
    Dbl(f64),
    Text(String),
    /// A moment in nanoseconds, or days, and which kind it is.
    Moment(i128, &'static str),
    Fault,
    /// There, of a type that is not looked into.
    Some,
}

pub fn judge(rule: &str, batch: &RecordBatch, row: usize) -> Verdict {
    let mut reader = Reader { tokens: tokens(rule), at: 0, batch, row };
    let value = reader.or();
    assert_eq!(reader.at, reader.tokens.len(), "text after the end of {rule}");
    match value {
        V::Bool(true) => Verdict::True,
        V::Bool(false) => Verdict::False,
        V::Null => Verdict::Null,
        V::Fault => Verdict::Fault,
        other => panic!("{rule} is no BOOLEAN but {other:?}"),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Quoted(String),
    Text(String),
    Number(String),
    Sign(String),
}

fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let run = |from: usize, keep: &dyn Fn(char) -> bool| -> String {
            chars[from..].iter().take_while(|c| keep(**c)).collect()
        };
        let c = chars[at];
        if c == ' ' {
            at += 1;
        } else if c == '\'' || c == '"' {
            let mut inner = String::new();
            at += 1;
            while chars[at] != c || chars.get(at + 1) == Some(&c) {
                at += usize::from(chars[at] == c);
                inner.push(chars[at]);
                at += 1;
            }
            at += 1;
            out.push(if c == '"' { Token::Quoted(inner) } else { Token::Text(inner) });
        } else if c.is_ascii_digit() {
            let word = run(at, &|c| c.is_ascii_digit() || c == '.');
            at += word.len();
            out.push(Token::Number(word));
        } else if c.is_ascii_alphabetic() || c == '_' {
            let word = run(at, &|c| c.is_ascii_alphanumeric() || c == '_');
            at += word.len();
            out.push(Token::Word(word));
        } else {
            let two: String = chars[at..].iter().take(2).collect();
            let sign = if ["<=", "<>"].contains(&two.as_str()) { two } else { c.to_string() };
            at += sign.len();
            out.push(Token::Sign(sign));
        }
    }
    out
}

struct Reader<'b> {
    tokens: Vec<Token>,
    at: usize,
    batch: &'b RecordBatch,
    row: usize,
}

impl Reader<'_> {
    fn word(&mut self, wanted: &str) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Word(wanted.to_owned()));
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Sign(wanted.to_owned()));
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> V {
        let left = self.comparison();
        if !self.word("OR") {
            return left;
        }
        match (left, self.or()) {
            (V::Bool(true), _) | (_, V::Bool(true)) => V::Bool(true),
            (V::Fault, _) | (_, V::Fault) => V::Fault,
            (V::Null, _) | (_, V::Null) => V::Null,
            _ => V::Bool(false),
        }
    }

    fn comparison(&mut self) -> V {
        let left = self.sum();
        if self.word("IS") {
            let not = self.word("NOT");
            assert!(self.word("NULL"));
            return if left == V::Fault { left } else { V::Bool((left == V::Null) != not) };
        }
        if self.word("NOT") {
            assert!(self.word("IN"));
            return match self.members(&left) {
                V::Bool(found) => V::Bool(!found),
                other => other,
            };
        }
        if self.word("IN") {
            return self.members(&left);
        }
        for (sign, holds) in [
            ("<=", &(|o| o != Ordering::Greater) as &dyn Fn(Ordering) -> bool),
            ("<>", &|o| o != Ordering::Equal),
            ("<", &|o| o == Ordering::Less),
            ("=", &|o| o == Ordering::Equal),
        ] {
            if self.sign(sign) {
                let right = self.sum();
                return compare(&left, &right).map_or_else(|other| other, |order| V::Bool(holds(order)));
            }
        }
        left
    }

    fn members(&mut self, left: &V) -> V {
        assert!(self.sign("("));
        let mut found = false;
        loop {
            let member = self.sum();
            found |= compare(left, &member) == Ok(Ordering::Equal);
            if !self.sign(",") {
                break;
            }
        }
        assert!(self.sign(")"));
        if *left == V::Null { V::Null } else { V::Bool(found) }
    }

    fn sum(&mut self) -> V {
        let mut value = self.product();
        loop {
            let sign = if self.sign("+") {
                '+'
            } else if self.sign("-") {
                '-'
            } else {
                return value;
            };
            let right = self.product();
            value = reckon(value, right, sign);
        }
    }

    fn product(&mut self) -> V {
        let mut value = self.value();
        while self.sign("*") {
            let right = self.value();
            value = reckon(value, right, '*');
        }
        value
    }

    fn value(&mut self) -> V {
        if self.sign("(") {
            let inner = self.or();
            assert!(self.sign(")"));
            return inner;
        }
        if self.sign("-") {
            let inner = self.value();
            return reckon(V::Int(0), inner, '-');
        }
        if self.word("CASE") {
            return self.case();
        }
        let token = self.tokens[self.at].clone();
        self.at += 1;
        match token {
            Token::Word(word) if word == "TRUE" || word == "FALSE" => V::Bool(word == "TRUE"),
            Token::Word(word) if word == "abs" && self.sign("(") => {
                let inner = self.or();
                assert!(self.sign(")"));
                if compare(&inner, &V::Int(0)) == Ok(Ordering::Less) { reckon(V::Int(0), inner, '-') } else { inner }
            }
            Token::Word(name) | Token::Quoted(name) => self.column(&name),
            Token::Text(text) => V::Text(text),
            Token::Number(digits) if digits.contains('.') => V::Written(digits),
            Token::Number(digits) => V::Int(digits.parse().unwrap()),
            Token::Sign(sign) => panic!("`{sign}` where a value should be"),
        }
    }

    fn case(&mut self) -> V {
        let subject = self.sum();
        let mut result = None;
        while self.word("WHEN") {
            let when = self.sum();
            assert!(self.word("THEN"));
            let then = self.or();
            if result.is_none() && compare(&subject, &when) == Ok(Ordering::Equal) {
                result = Some(then);
            }
        }
        assert!(self.word("END"));
        result.unwrap_or(V::Null)
    }

    fn column(&self, name: &str) -> V {
        let same: Vec<_> = self.batch.schema().fields().iter().map(|field| field.name() == name).collect();
        assert_eq!(same.iter().filter(|same| **same).count(), 1, "`{name}` names one column");
        cell(self.batch.column(same.iter().position(|same| *same).unwrap()), self.row)
    }
}

fn cell(array: &ArrayRef, row: usize) -> V {
    if array.logical_nulls().is_some_and(|nulls| nulls.is_null(row)) {
        return V::Null;
    }
    let second = 1_000_000_000;
    match array.data_type() {
        DataType::Boolean => V::Bool(array.as_boolean().value(row)),
        DataType::Int32 => V::Int(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => V::Int(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt64 => V::Dec(array.as_primitive::<UInt64Type>().value(row).into(), 0),
        DataType::Float32 => V::Dbl(array.as_primitive::<Float32Type>().value(row).into()),
        DataType::Float64 => V::Dbl(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            V::Dec(array.as_primitive::<Decimal128Type>().value(row).into(), u32::try_from(*scale).unwrap())
        }
        DataType::Utf8 => V::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::Date32 => V::Moment(array.as_primitive::<Date32Type>().value(row).into(), "date"),
        DataType::Date64 => {
            V::Moment(array.as_primitive::<Date64Type>().value(row).div_euclid(86_400_000).into(), "date")
        }
        DataType::Timestamp(TimeUnit::Second, zone) => {
            let ticks = i128::from(array.as_primitive::<TimestampSecondType>().value(row));
            V::Moment(ticks * second, if zone.is_some() { "instant" } else { "clock" })
        }
        DataType::Timestamp(TimeUnit::Millisecond, None) => {
            let ticks = i128::from(array.as_primitive::<TimestampMillisecondType>().value(row));
            V::Moment(ticks * second / 1000, "clock")
        }
        DataType::Dictionary(..) | DataType::List(_) => V::Some,
        other => panic!("{other}"),
    }
}

/// Digits and scale of an exact number.
fn exact(value: &V) -> Option<(BigInt, u32)> {
    match value {
        V::Int(value) => Some(((*value).into(), 0)),
        V::Dec(digits, scale) => Some((digits.clone(), *scale)),
        V::Written(text) => {
            let (whole, fraction) = text.split_once('.').unwrap();
            Some((format!("{whole}{fraction}").parse().unwrap(), u32::try_from(fraction.len()).unwrap()))
        }
        _ => None,
    }
}

/// A value next to a double; single is the nearest float32 of what is written, where that is meant.
fn double(value: &V) -> f64 {
    match value {
        V::Int(value) => *value as f64,
        V::Written(text) => text.parse().unwrap(),
        V::Dbl(value) => *value,
        other => panic!("{other:?} next to a double"),
    }
}

fn aligned(a: &V, b: &V) -> Option<(BigInt, BigInt, u32)> {
    let ((a, p), (b, q)) = (exact(a)?, exact(b)?);
    let scale = p.max(q);
    Some((a * BigInt::from(10).pow(scale - p), b * BigInt::from(10).pow(scale - q), scale))
}

fn compare(a: &V, b: &V) -> Result<Ordering, V> {
    match (a, b) {
        (V::Fault, _) | (_, V::Fault) => Err(V::Fault),
        (V::Null, _) | (_, V::Null) => Err(V::Null),
        (V::Bool(a), V::Bool(b)) => Ok(a.cmp(b)),
        (V::Text(a), V::Text(b)) => Ok(a.cmp(b)),
        (V::Moment(a, kind), V::Moment(b, other)) if kind == other => Ok(a.cmp(b)),
        (V::Dbl(_), _) | (_, V::Dbl(_)) => {
            let (x, y) = (double(a), double(b));
            if x.is_nan() || y.is_nan() {
                return Err(V::Fault);
            }
            // What is written next to a float32 is one: then both round to the same.
            let written = matches!(a, V::Written(_)) || matches!(b, V::Written(_));
            let single = written && (f64::from(x as f32) == y || f64::from(y as f32) == x);
            Ok(if single { Ordering::Equal } else { x.partial_cmp(&y).unwrap() })
        }
        _ => aligned(a, b).map(|(a, b, _)| a.cmp(&b)).ok_or_else(|| panic!("{a:?} next to {b:?}")),
    }
}

fn reckon(a: V, b: V, sign: char) -> V {
    match (&a, &b) {
        (V::Fault, _) | (_, V::Fault) => V::Fault,
        (V::Null, _) | (_, V::Null) => V::Null,
        (V::Moment(a, "date"), V::Moment(b, "date")) if sign == '-' => V::Int(i64::try_from(a - b).unwrap()),
        (V::Int(a), V::Int(b)) => {
            let exact = match sign {
                '+' => a.checked_add(*b),
                '-' => a.checked_sub(*b),
                _ => a.checked_mul(*b),
            };
            exact.map_or(V::Fault, V::Int)
        }
        (V::Dbl(_), _) | (_, V::Dbl(_)) => {
            let (x, y) = (double(&a), double(&b));
            let value = match sign {
                '+' => x + y,
                '-' => x - y,
                _ => x * y,
            };
            if value.is_finite() { V::Dbl(value) } else { V::Fault }
        }
        _ => {
            let (x, y, scale) = aligned(&a, &b).unwrap_or_else(|| panic!("{a:?} {sign} {b:?}"));
            let (digits, scale) = match sign {
                '+' => (x + y, scale),
                '-' => (x - y, scale),
                _ => (exact(&a).unwrap().0 * exact(&b).unwrap().0, exact(&a).unwrap().1 + exact(&b).unwrap().1),
            };
            if digits.magnitude().to_string().len() > 38 || scale > 38 { V::Fault } else { V::Dec(digits, scale) }
        }
    }
}
