//! Which names an expression can use, and what is known of them.

use super::problem::Problem;
use crate::contract::did_you_mean;
use crate::plan::ColumnPath;
use arrow_array::Array;
use bumpalo::Bump;
use guard_kernels::expr::facts::Facts;
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::{Type, Unit};
use guard_kernels::expr::vector::scalar_at;
use guard_verdict::{Code, Span, codes::expression as codes, codes::plan};
use std::collections::BTreeMap;
use std::collections::HashMap;

/// The help where a name is unknown because every name is.
pub const NO_COLUMNS: &str = "there are no columns";

/// A top-level column.
#[derive(Debug, Clone)]
pub struct Column {
    /// As expressions call it.
    pub name: String,
    /// Its other names: the physical one.
    pub aliases: Vec<String>,
    /// Where it is.
    pub path: ColumnPath,
    /// What the contract and the Arrow type say of it.
    pub facts: Facts,
    /// What the Arrow type alone says.
    pub wide: Facts,
    /// Why it cannot be read.
    pub refused: Option<(Code, String)>,
}

impl Column {
    /// Is this one of its names, in any case?
    fn is_called(&self, name: &str) -> bool {
        std::iter::once(&self.name).chain(&self.aliases).any(|own| own.eq_ignore_ascii_case(name))
    }
}

/// A bound value.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its type.
    pub ty: Type,
    /// Its value.
    pub value: Constant,
}

impl Parameter {
    /// The first value of an array; none for types that expressions do not read, and for structs. Decimals get the precision of
    /// their digits, as literals have it.
    pub fn of_array(array: &dyn Array) -> Option<Parameter> {
        let ty = Type::of_arrow(array.data_type()).filter(|ty| !matches!(ty, Type::Struct(_)))?;
        let arena = Bump::new();
        let value = Constant::of(scalar_at(array, 0, &arena));
        let ty = match (&ty, &value) {
            (Type::Decimal { scale, .. }, Constant::Decimal(digits)) => {
                let length = digits.unsigned_abs().checked_ilog10().map_or(1, |log| log as u8 + 1);
                Type::Decimal { precision: length.max(*scale).max(1), scale: *scale }
            }
            _ => ty,
        };
        Some(Parameter { ty, value })
    }

    /// An instant, in microseconds where it is one of them.
    pub fn of_instant(instant: jiff::Timestamp) -> Option<Parameter> {
        let nanoseconds = instant.as_nanosecond();
        let unit = if nanoseconds % 1_000 == 0 { Unit::Microsecond } else { Unit::Nanosecond };
        let ticks = i64::try_from(nanoseconds / i128::from(unit.nanoseconds())).ok()?;
        Some(Parameter { ty: Type::Timestamp { unit, zoned: true }, value: Constant::Integer(ticks) })
    }
}

/// Bound values by name.
pub type Parameters = BTreeMap<String, Parameter>;

/// The names that an expression can use.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// In the order of the frame.
    pub columns: Vec<Column>,
    /// What `:name` stands for.
    pub parameters: Parameters,
    /// Names that may stand before a column, as in `orders.qty`.
    pub tables: Vec<String>,
    /// What `{property}` or `{column}` stands for is already put in by the caller.
    exact: HashMap<String, usize>,
}

impl Scope {
    /// A scope over columns; of two with one name the first is found and bears the refusal.
    pub fn new(columns: Vec<Column>, parameters: Parameters, tables: Vec<String>) -> Scope {
        let mut exact = HashMap::with_capacity(columns.len());
        for (position, column) in columns.iter().enumerate() {
            exact.entry(column.name.clone()).or_insert(position);
        }
        for (position, column) in columns.iter().enumerate() {
            for alias in &column.aliases {
                exact.entry(alias.clone()).or_insert(position);
            }
        }
        Scope { columns, parameters, tables, exact }
    }

    /// The column of a name (S6.4).
    pub fn find(&self, name: &str, quoted: bool, span: Span) -> Result<&Column, Problem> {
        let found = self.exact.get(name).and_then(|position| self.columns.get(*position));
        let found = match found {
            Some(column) => column,
            None if quoted => return Err(self.unknown(name, span)),
            None => {
                let mut alike = self.columns.iter().filter(|column| column.is_called(name));
                match (alike.next(), alike.next()) {
                    (Some(column), None) => column,
                    (None, _) => return Err(self.unknown(name, span)),
                    (Some(a), Some(b)) => {
                        let message = format!("`{name}` may be `{}` or `{}`", a.name, b.name);
                        let help = format!("write it in quotes: `\"{}\"`", a.name);
                        return Err(Problem::new(plan::COLUMN_AMBIGUOUS, message, span).help(help));
                    }
                }
            }
        };
        match &found.refused {
            Some((code, reason)) => Err(Problem::new(*code, reason.clone(), span)),
            None => Ok(found),
        }
    }

    /// Does a column bear this name, in any case?
    pub fn has(&self, name: &str) -> bool {
        self.exact.contains_key(name) || self.columns.iter().any(|column| column.is_called(name))
    }

    fn unknown(&self, name: &str, span: Span) -> Problem {
        let names = || self.columns.iter().map(|column| column.name.as_str());
        let help = match did_you_mean(name, names()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if self.columns.is_empty() => NO_COLUMNS.to_owned(),
            None => {
                let shown: Vec<_> = names().take(8).map(|name| format!("`{name}`")).collect();
                let more = if self.columns.len() > 8 { ", …" } else { "" };
                format!("there are {}{more}", shown.join(", "))
            }
        };
        Problem::new(codes::COLUMN_UNKNOWN, format!("there is no column `{name}`"), span).help(help)
    }
}
