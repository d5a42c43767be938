//! What a function is: one table entry with its signature, null rule, faults, result range, docs and examples.

use super::facts::Facts;
use super::fault::Fault;
use super::scalar::{Constant, Scalar};
use super::types::Type;
use bumpalo::Bump;
use std::any::Any;
use std::sync::Arc;

/// Longest text, in bytes, and longest list, in items, that a function makes.
pub const RESULT_LIMIT: usize = 1 << 20;

/// What an argument must be. Integers are taken where decimals or doubles are asked for, decimal literals where doubles
/// are, and NULL everywhere; nothing else is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the types")]
pub enum Kind {
    Boolean,
    Integer,
    /// Integer, decimal or double, as it is.
    Number,
    /// Integer or double, as a double.
    Double,
    Text,
    Binary,
    /// Text or binary.
    Bytes,
    Date,
    Time,
    /// With or without zone.
    Timestamp,
    /// Without zone.
    LocalTimestamp,
    /// Date, or timestamp without zone.
    LocalTemporal,
    /// Date, or timestamp with or without zone.
    Temporal,
    Duration,
    /// Of any items.
    List,
    /// Any type.
    Any,
    /// The type that it shares with the other arguments of this kind; they are brought to one type.
    Common,
    /// The item type of the first argument, a list.
    Item,
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// As the docs call it.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Must be a literal or a bound parameter.
    pub constant: bool,
    /// May be left out, with all after it.
    pub optional: bool,
}

impl Param {
    /// A parameter that must be given.
    pub const fn new(name: &'static str, kind: Kind) -> Param {
        Param { name, kind, constant: false, optional: false }
    }

    /// It must be known before any record is seen.
    #[must_use]
    pub const fn constant(self) -> Param {
        Param { constant: true, ..self }
    }

    /// It may be left out.
    #[must_use]
    pub const fn optional(self) -> Param {
        Param { optional: true, ..self }
    }
}

/// Which chapter of the reference a function is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Family {
    Conditional,
    Numeric,
    Text,
    Pattern,
    Temporal,
    List,
    Hash,
}

/// What a function does with NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// NULL when any argument is NULL; the core never sees one.
    Strict,
    /// The core decides; `docs` say how.
    Own,
}

/// What was worked out from constant arguments before any record: a compiled pattern, a time zone.
pub type Prepared = Option<Arc<dyn Any + Send + Sync>>;

/// What a core is called with besides its arguments.
pub struct Call<'a> {
    /// Where results live until the caller has taken them.
    pub arena: &'a Bump,
    /// Types of the arguments.
    pub types: &'a [Type],
    /// Type of the result.
    pub result: &'a Type,
    /// From [`Function::prepare`].
    pub prepared: &'a Prepared,
}

impl<'a> Call<'a> {
    /// What was prepared, as the type that it was prepared as.
    pub fn prepared<T: 'static>(&self) -> Option<&'a T> {
        self.prepared.as_ref()?.downcast_ref()
    }
}

/// A function of one record's values: total, without state, clock or chance.
pub type Core = for<'a> fn(&Call<'a>, &[Scalar<'a>]) -> Result<Scalar<'a>, Fault>;

/// Works out what depends on constant arguments only.
pub type Prepare = fn(&[Facts]) -> Result<Prepared, String>;

/// One entry of the table.
pub struct Function {
    /// Lower case, as in SQL.
    pub name: &'static str,
    /// Other names that people know it by.
    pub aliases: &'static [&'static str],
    /// Chapter.
    pub family: Family,
    /// Parameters in order.
    pub params: &'static [Param],
    /// The last parameter may be repeated.
    pub variadic: bool,
    /// Null rule.
    pub nulls: Nulls,
    /// Type, nullability, range and faults of the result, from those of the arguments; or why these arguments do not go
    /// together. Faults of the arguments are included ([`Facts::strict`] does so).
    pub infer: fn(&[Facts]) -> Result<Facts, String>,
    /// Works out what depends on constant arguments only; the error is for the author.
    pub prepare: Option<Prepare>,
    /// What it does to a record's values.
    pub core: Core,
    /// About how many nanoseconds a record costs.
    pub cost: u32,
    /// One sentence, then the null rule where it is [`Nulls::Own`], then when it fails.
    pub docs: &'static str,
    /// Expressions over literals and their results: NULL, `fails: <code>`, or the literal as text output shows it (S6.9).
    pub examples: &'static [(&'static str, &'static str)],
    /// How DuckDB's function of this name differs, and why; empty when it does not, `absent` when DuckDB has none.
    pub duckdb: &'static str,
}

impl Function {
    /// What entries have in common.
    pub const BASE: Function = Function {
        name: "",
        aliases: &[],
        family: Family::Numeric,
        params: &[],
        variadic: false,
        nulls: Nulls::Strict,
        infer: |_| Err(String::new()),
        prepare: None,
        core: |_, _| Ok(Scalar::Null),
        cost: 10,
        docs: "",
        examples: &[],
        duckdb: "",
    };

    /// Least and greatest number of arguments.
    pub fn arity(&self) -> (usize, Option<usize>) {
        let least = self.params.iter().filter(|param| !param.optional).count();
        (least, (!self.variadic).then_some(self.params.len()))
    }

    /// The parameter at a position.
    pub fn param(&self, position: usize) -> Option<&Param> {
        self.params.get(position).or_else(|| self.params.last().filter(|_| self.variadic))
    }
}

/// The constant text of an argument.
pub fn constant_text(args: &[Facts], position: usize) -> Option<&str> {
    match args.get(position)?.constant.as_ref()? {
        Constant::Text(text) => Some(text),
        _ => None,
    }
}

/// The constant integer of an argument.
pub fn constant_integer(args: &[Facts], position: usize) -> Option<i64> {
    match args.get(position)?.constant.as_ref()? {
        Constant::Integer(value) => Some(*value),
        _ => None,
    }
}
