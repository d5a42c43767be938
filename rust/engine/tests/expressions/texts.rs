//! Texts of expressions by grammar: well typed most of the time, nasty always.

use super::calls::{Arg, Call};
use super::source::Source;
use guard_kernels::expr::types::Type;

/// Types as the grammar has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    Bool,
    Int,
    Dec,
    Dbl,
    Text,
    Bin,
    Date,
    Time,
    Ts,
    Tz,
    Dur,
    Ints,
    Texts,
    Dbls,
    Decs,
    Bools,
}

const SCALARS: [Ty; 11] =
    [Ty::Int, Ty::Text, Ty::Dec, Ty::Dbl, Ty::Bool, Ty::Date, Ty::Ts, Ty::Tz, Ty::Time, Ty::Dur, Ty::Bin];
pub const ALL: [Ty; 16] = [
    Ty::Bool,
    Ty::Int,
    Ty::Dec,
    Ty::Dbl,
    Ty::Text,
    Ty::Date,
    Ty::Ts,
    Ty::Time,
    Ty::Tz,
    Ty::Dur,
    Ty::Bin,
    Ty::Ints,
    Ty::Texts,
    Ty::Dbls,
    Ty::Decs,
    Ty::Bools,
];

impl Ty {
    pub fn of(ty: &Type) -> Option<Ty> {
        Some(match ty {
            Type::Boolean => Ty::Bool,
            Type::Integer => Ty::Int,
            Type::Decimal { .. } => Ty::Dec,
            Type::Double => Ty::Dbl,
            Type::Text => Ty::Text,
            Type::Binary => Ty::Bin,
            Type::Date => Ty::Date,
            Type::Time => Ty::Time,
            Type::Timestamp { zoned: false, .. } => Ty::Ts,
            Type::Timestamp { zoned: true, .. } => Ty::Tz,
            Type::Duration(_) => Ty::Dur,
            Type::List(item) => match Ty::of(item)? {
                Ty::Int => Ty::Ints,
                Ty::Text => Ty::Texts,
                Ty::Dbl => Ty::Dbls,
                Ty::Dec => Ty::Decs,
                Ty::Bool => Ty::Bools,
                _ => return None,
            },
            Type::Null | Type::Struct(_) => return None,
        })
    }

    fn item(self) -> Option<Ty> {
        Some(match self {
            Ty::Ints => Ty::Int,
            Ty::Texts => Ty::Text,
            Ty::Dbls => Ty::Dbl,
            Ty::Decs => Ty::Dec,
            Ty::Bools => Ty::Bool,
            _ => return None,
        })
    }

    fn list(self) -> Option<Ty> {
        ALL.into_iter().find(|ty| ty.item() == Some(self))
    }

    /// As CAST has it.
    fn sql(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Ty::Bool => &["BOOLEAN"],
            Ty::Int => &["BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UTINYINT"],
            Ty::Dec => {
                &["DECIMAL(18, 2)", "DECIMAL", "DECIMAL(38, 0)", "DECIMAL(5, 5)", "DECIMAL(3, 1)", "DECIMAL(38, 20)"]
            }
            Ty::Dbl => &["DOUBLE"],
            Ty::Text => &["VARCHAR"],
            Ty::Bin => &["BLOB"],
            Ty::Date => &["DATE"],
            Ty::Time => &["TIME"],
            Ty::Ts => &["TIMESTAMP"],
            Ty::Tz => &["TIMESTAMP WITH TIME ZONE"],
            _ => return None,
        })
    }
}

/// Columns and literals of a type, columns first.
pub fn leaf_texts(ty: Ty) -> Vec<String> {
    let texts: &[&str] = match ty {
        Ty::Bool => &["b", "yes", "TRUE", "FALSE", "NULL"],
        Ty::Int => &[
            "few",
            "many",
            "i8",
            "i16",
            "i32",
            "i64",
            "u8",
            "u16",
            "u32",
            "code",
            "st.x",
            "li[1]",
            "0",
            "1",
            "2",
            "7",
            "-1",
            "10",
            "100",
            "9223372036854775807",
            "-9223372036854775807",
            "NULL",
            ":seven",
        ],
        Ty::Dec => &[
            "d9",
            "d18",
            "d38",
            "e38",
            "whole",
            "u64",
            "coded",
            "0.0",
            "1.50",
            "-0.5",
            "0.001",
            "99999999999999999999",
            "0.00000000000000000000000000000000000001",
            "99999999999999999999999999999999999999",
            "123.456",
            "NULL",
            ":price",
        ],
        Ty::Dbl => &[
            "plain", "f64", "f32", "f16", "st.z.w", "lf[2]", "0e0", "1e0", "-1.5e0", "1e308", "5e-324", "0.1", "1e-7",
            "NULL", ":ratio",
        ],
        Ty::Text => &[
            "words",
            "utf8",
            "large",
            "view",
            "dict",
            "st.y",
            "ls[1]",
            "''",
            "'a'",
            "'abc'",
            "'%a_'",
            "'é日本'",
            "'12'",
            "'-3.50'",
            "'2026-01-31'",
            "'x''y'",
            "NULL",
            ":word",
        ],
        Ty::Bin => &["bin", "largebin", "viewbin", "fixbin", "CAST('abc' AS BLOB)"],
        Ty::Date => &[
            "day",
            "date32",
            "date64",
            "le[1]",
            "st.d",
            "list_min(le)",
            "DATE '2026-01-31'",
            "DATE '2024-02-29'",
            "DATE '9999-12-31'",
            "DATE '-9999-01-01'",
        ],
        Ty::Time => &[
            "t64us",
            "t32s",
            "t32ms",
            "t64ns",
            "lt[1]",
            "st.t",
            "list_max(lt)",
            "TIME '13:00:00'",
            "TIME '23:59:59.999999999'",
        ],
        Ty::Ts => &[
            "when",
            "ts_us",
            "ts_s",
            "ts_ms",
            "ts_ns",
            "TIMESTAMP '2026-01-31 13:00:00'",
            "TIMESTAMP '1969-12-31 23:59:59.5'",
            "TIMESTAMP '2026-03-29 02:30:00'",
            "TIMESTAMP '2026-10-25 02:30:00.123456789'",
        ],
        Ty::Tz => &["tz_us", "tz_s", "tz_ms", "tz_ns", "TIMESTAMP '2026-01-31 13:00:00+00:00'", ":as_of"],
        Ty::Dur => &["dur_us", "dur_s", "dur_ms", "dur_ns"],
        Ty::Ints => &["li", "[1, 2, NULL]", "[]", "st.l", "[few, many]"],
        Ty::Texts => &["ls", "['a', 'b']", "[words, 'x', NULL]"],
        Ty::Dbls => &["lf", "[1e0, plain]"],
        Ty::Decs => &["ld", "[1.5, 2.25]", "[d9, 0.01]"],
        Ty::Bools => &["lb", "[TRUE, NULL]", "[b, yes]"],
    };
    texts.iter().map(|text| (*text).to_owned()).collect()
}

const INTERVALS: &[&str] = &[
    "INTERVAL '1 day'",
    "INTERVAL '-3 days'",
    "INTERVAL '1 month'",
    "INTERVAL '-1 year'",
    "INTERVAL '90' MINUTE",
    "INTERVAL '0.5 seconds'",
    "INTERVAL '1 month 2 days'",
    "INTERVAL '400000 days'",
    "INTERVAL '1 nanosecond'",
    "INTERVAL '-2147483648 months'",
];
const ZONES: &[&str] = &["'Europe/Berlin'", "'UTC'", "'America/New_York'", "'Asia/Kathmandu'", "'Pacific/Apia'"];
const PATTERNS: &[&str] =
    &["'%'", "'a%'", "'%b%'", "'%c'", "'_'", "'a_c%'", "'%\\%%' ESCAPE '\\'", "''", "'%a%b%'", "'é%'", "'_%_'"];

/// Writes expressions.
pub struct Grammar<'a> {
    pub source: Source,
    pub calls: &'a [Call],
}

impl Grammar<'_> {
    /// An expression of any type.
    pub fn text(&mut self, depth: usize) -> String {
        let ty = *self.source.one(&ALL);
        self.of(ty, depth)
    }

    pub fn of(&mut self, ty: Ty, depth: usize) -> String {
        if depth == 0 || self.source.chance(5) {
            let leaves = leaf_texts(ty);
            return self.source.one(&leaves).clone();
        }
        match self.source.pick(10) {
            0..=5 => self.operator(ty, depth - 1),
            6 | 7 => self.call(ty, depth - 1),
            _ => self.choice(ty, depth - 1),
        }
    }

    fn call(&mut self, ty: Ty, depth: usize) -> String {
        let calls = self.calls;
        let fit: Vec<&Call> = calls.iter().filter(|call| call.result == ty).collect();
        if fit.is_empty() {
            return self.operator(ty, depth);
        }
        let call: &Call = self.source.one::<&Call>(&fit);
        self.call_of(call, depth)
    }

    /// A call of columns and literals.
    pub fn one_call(&mut self, call: &Call) -> String {
        self.call_of(call, 0)
    }

    fn call_of(&mut self, call: &Call, depth: usize) -> String {
        let args: Vec<String> = call
            .args
            .iter()
            .map(|arg| match arg {
                Arg::Of(ty) => self.of(*ty, depth),
                Arg::Literal(texts) => self.source.one(texts).clone(),
            })
            .collect();
        format!("{}({})", call.name, args.join(", "))
    }

    fn choice(&mut self, ty: Ty, depth: usize) -> String {
        let a = self.of(ty, depth);
        match self.source.pick(8) {
            0 => format!("COALESCE({a}, {})", self.of(ty, depth)),
            1 => format!("NULLIF({a}, {})", self.of(ty, depth)),
            2 => format!("if({}, {a}, {})", self.of(Ty::Bool, depth), self.of(ty, depth)),
            3 => {
                let (x, y) = self.comparable(depth);
                format!("CASE {x} WHEN {y} THEN {a} ELSE {} END", self.of(ty, depth))
            }
            4 => format!("CASE WHEN {} THEN {a} END", self.of(Ty::Bool, depth)),
            5 => {
                let (test, more) = (self.of(Ty::Bool, depth), self.of(Ty::Bool, depth));
                let (b, c) = (self.of(ty, depth), self.of(ty, depth));
                format!("CASE WHEN {test} THEN {a} WHEN {more} THEN {b} ELSE {c} END")
            }
            6 => format!("COALESCE(NULL, {a}, NULL, {})", self.of(ty, depth)),
            _ => match ty.list() {
                Some(list) => format!("({})[{}]", self.of(list, depth), self.source.one(&["1", "-1", "few", "0"])),
                None => format!("({a})"),
            },
        }
    }

    /// Two sides that compare.
    fn comparable(&mut self, depth: usize) -> (String, String) {
        let ty = *self.source.one(&SCALARS);
        let other = match (ty, self.source.pick(6)) {
            (Ty::Int, 4) => Ty::Dec,
            (Ty::Int, 5) | (Ty::Dec, 5) => Ty::Dbl,
            (Ty::Dbl | Ty::Dec, 4) => Ty::Int,
            (Ty::Date, 4) => Ty::Ts,
            (Ty::Ts, 4) => Ty::Date,
            _ => ty,
        };
        if ty == Ty::Dur && self.source.chance(2) {
            return (self.of(ty, depth), (*self.source.one(INTERVALS)).to_owned());
        }
        (self.of(ty, depth), self.of(other, depth))
    }

    fn cast(&mut self, ty: Ty, depth: usize) -> String {
        let Some(names) = ty.sql() else {
            let leaves = leaf_texts(ty);
            return self.source.one(&leaves).clone();
        };
        let name = *self.source.one(names);
        let from = *self.source.one(&SCALARS);
        let value = self.of(from, depth);
        match self.source.pick(4) {
            0 | 1 => format!("CAST({value} AS {name})"),
            2 => format!("TRY_CAST({value} AS {name})"),
            _ => format!("({value})::{name}"),
        }
    }

    fn operator(&mut self, ty: Ty, depth: usize) -> String {
        match ty {
            Ty::Bool => self.boolean(depth),
            Ty::Int => self.integer(depth),
            Ty::Dec | Ty::Dbl => self.number(ty, depth),
            Ty::Text => match self.source.pick(4) {
                0 | 1 => format!("({} || {})", self.of(Ty::Text, depth), self.of(Ty::Text, depth)),
                2 => format!("trim({})", self.of(Ty::Text, depth)),
                _ => self.cast(ty, depth),
            },
            Ty::Bin => self.cast(ty, depth),
            Ty::Date | Ty::Time | Ty::Ts | Ty::Tz | Ty::Dur => self.time(ty, depth),
            Ty::Ints | Ty::Texts | Ty::Dbls | Ty::Decs | Ty::Bools => {
                let item = ty.item().expect("a list");
                let items: Vec<String> = (0..1 + self.source.pick(3)).map(|_| self.of(item, depth)).collect();
                format!("[{}]", items.join(", "))
            }
        }
    }

    fn boolean(&mut self, depth: usize) -> String {
        let not = if self.source.chance(3) { "NOT " } else { "" };
        match self.source.pick(13) {
            0..=2 => {
                let (a, b) = self.comparable(depth);
                format!("({a} {} {b})", self.source.one(&["=", "<>", "<", "<=", ">", ">=", "!="]))
            }
            3 => format!("({} AND {})", self.of(Ty::Bool, depth), self.of(Ty::Bool, depth)),
            4 => format!("({} OR {})", self.of(Ty::Bool, depth), self.of(Ty::Bool, depth)),
            5 => format!("(NOT {})", self.of(Ty::Bool, depth)),
            6 => {
                let ty = *self.source.one(&ALL);
                format!("({} IS {not}NULL)", self.of(ty, depth))
            }
            7 => {
                let (a, b) = self.comparable(depth);
                format!("({a} IS {not}DISTINCT FROM {b})")
            }
            8 => format!("({} IS {not}{})", self.of(Ty::Bool, depth), self.source.one(&["TRUE", "FALSE", "UNKNOWN"])),
            9 => {
                let ty = *self.source.one(&SCALARS);
                let mut members: Vec<String> = (0..1 + self.source.pick(4))
                    .map(|_| if self.source.chance(6) { "NULL".to_owned() } else { self.of(ty, depth.min(1)) })
                    .collect();
                if self.source.chance(4) {
                    members.extend(leaf_texts(ty).into_iter().rev().take(9));
                }
                format!("({} {not}IN ({}))", self.of(ty, depth), members.join(", "))
            }
            10 => {
                let ty = *self.source.one(&SCALARS);
                format!("({} {not}BETWEEN {} AND {})", self.of(ty, depth), self.of(ty, depth), self.of(ty, depth))
            }
            11 => {
                let like = *self.source.one(&["LIKE", "ILIKE"]);
                format!("({} {not}{like} {})", self.of(Ty::Text, depth), self.source.one(PATTERNS))
            }
            _ => self.cast(Ty::Bool, depth),
        }
    }

    fn integer(&mut self, depth: usize) -> String {
        match self.source.pick(10) {
            0..=3 => {
                let op = *self.source.one(&["+", "-", "*", "%", "//"]);
                format!("({} {op} {})", self.of(Ty::Int, depth), self.of(Ty::Int, depth))
            }
            4 => format!("(- {})", self.of(Ty::Int, depth)),
            5 => format!("(+ {})", self.of(Ty::Int, depth)),
            6 => format!("({} - {})", self.of(Ty::Date, depth), self.of(Ty::Date, depth)),
            7 => {
                let part = *self.source.one(&["YEAR", "MONTH", "DAY", "HOUR", "DOW", "WEEK"]);
                let ty = *self.source.one(&[Ty::Date, Ty::Ts]);
                format!("EXTRACT({part} FROM {})", self.of(ty, depth))
            }
            8 => format!("POSITION({} IN {})", self.of(Ty::Text, depth), self.of(Ty::Text, depth)),
            _ => self.cast(Ty::Int, depth),
        }
    }

    fn number(&mut self, ty: Ty, depth: usize) -> String {
        let other = match self.source.pick(4) {
            3 => Ty::Int,
            _ => ty,
        };
        match self.source.pick(8) {
            0..=3 => {
                let op = *self.source.one(&["+", "-", "*", "/", "%"]);
                format!("({} {op} {})", self.of(ty, depth), self.of(other, depth))
            }
            4 => {
                let op = *self.source.one(&["+", "-", "*", "/", "%"]);
                format!("({} {op} {})", self.of(other, depth), self.of(ty, depth))
            }
            5 => format!("(- {})", self.of(ty, depth)),
            6 if ty == Ty::Dbl => format!("({} / {})", self.of(Ty::Int, depth), self.of(Ty::Int, depth)),
            _ => self.cast(ty, depth),
        }
    }

    fn time(&mut self, ty: Ty, depth: usize) -> String {
        let interval = *self.source.one(INTERVALS);
        let sign = *self.source.one(&["+", "-"]);
        match (ty, self.source.pick(5)) {
            (Ty::Date, 0 | 1) => format!("({} {sign} {})", self.of(Ty::Date, depth), self.of(Ty::Int, depth)),
            (Ty::Date | Ty::Ts | Ty::Tz, 2 | 3) => format!("({} {sign} {interval})", self.of(ty, depth)),
            (Ty::Ts | Ty::Tz, 0) => {
                let from = if ty == Ty::Ts { Ty::Tz } else { Ty::Ts };
                format!("({} AT TIME ZONE {})", self.of(from, depth), self.source.one(ZONES))
            }
            (Ty::Ts | Ty::Tz, 1) => format!("({} {sign} {})", self.of(ty, depth), self.of(Ty::Dur, depth)),
            (Ty::Dur, 0 | 1) => {
                let of = *self.source.one(&[Ty::Ts, Ty::Tz]);
                format!("({} - {})", self.of(of, depth), self.of(of, depth))
            }
            (Ty::Dur, 2 | 3) => format!("({} {sign} {})", self.of(Ty::Dur, depth), self.of(Ty::Dur, depth)),
            _ => self.cast(ty, depth),
        }
    }
}
