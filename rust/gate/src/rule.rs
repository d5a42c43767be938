//! `allow` and `escalate`: one record's arguments as typed values, and expressions over them (G3.5 to G3.7).

use crate::json::{Value, joined};
use crate::logic::formula::{Formula, Names, formula};
use crate::name::Name;
use crate::schema::{Kind, Schema};
use arrow_schema::DataType;
use bumpalo::Bump;
use guard_engine::expr::{Column, Compiler, Parameters, Problem, Scope, expression};
use guard_engine::plan::ColumnPath;
use guard_kernels::expr::condition::{Condition, Truth};
use guard_kernels::expr::decimal;
use guard_kernels::expr::facts::{Facts, Range};
use guard_kernels::expr::program::Program;
use guard_kernels::expr::scalar::Scalar;
use guard_kernels::expr::types::Type;
use sqlparser::ast::{self, Expr};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Digits behind the point of numbers in rules.
pub const SCALE: u8 = 9;
/// Numbers in rules.
pub const NUMBER: Type = Type::Decimal { precision: 38, scale: SCALE };
/// The struct of the proposal's own members.
pub const PROPOSAL: &str = "proposal";
/// Its fields.
pub const OWN: [&str; 4] = ["id", "principal", "task", "tool"];
/// More arguments than this are looked up in a map.
const FEW: usize = 16;
/// Deepest nesting of arguments that rules read.
const DEPTH: usize = 8;
/// Most members of a list parameter.
pub const MAX_MEMBERS: usize = 10_000;

/// A rule of more conditions is named as a whole where it is FALSE.
const PARTS: usize = 64;

/// A parameter's values: one, or those of a list.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its own name for each member of a list; its name alone for one value.
    pub members: Option<Vec<String>>,
}

/// What rules of a tool can read.
#[derive(Debug, Clone)]
pub struct Record {
    /// Arguments by name, then the proposal.
    columns: Vec<(String, Option<Type>)>,
    /// The column that is the amount of money.
    money: Option<usize>,
}

impl Record {
    /// The columns that a schema declares; `money` is the top-level argument that holds an amount.
    pub fn of(schema: &Schema, money: Option<&str>) -> Record {
        let mut columns: Vec<(String, Option<Type>)> = schema
            .properties()
            .into_iter()
            .map(|(name, node)| {
                let ty = if Some(name) == money { Some(NUMBER) } else { type_of(schema, node, 0) };
                (name.to_owned(), ty)
            })
            .collect();
        let fields: Vec<(String, Type)> = OWN.iter().map(|name| ((*name).to_owned(), Type::Text)).collect();
        columns.push((PROPOSAL.to_owned(), Some(Type::Struct(Arc::from(fields)))));
        let money = money.and_then(|money| columns.iter().position(|(name, _)| name == money));
        Record { columns, money }
    }

    /// The column or field of a struct that an expression names, as a pointer, and its type (S6.4).
    pub(crate) fn column(&self, expr: &Expr) -> Option<(String, Type)> {
        let names = match expr {
            Expr::Nested(inner) => return self.column(inner),
            Expr::Identifier(name) => std::slice::from_ref(name),
            Expr::CompoundIdentifier(names) => names.as_slice(),
            _ => return None,
        };
        let (first, rest) = names.split_first()?;
        let (name, ty) = meant(first, self.columns.iter().map(|(name, ty)| (name.as_str(), ty)))?;
        let mut found = (joined("", name), ty.clone()?);
        for step in rest {
            let Type::Struct(fields) = &found.1 else { return None };
            let (name, ty) = meant(step, fields.iter().map(|(name, ty)| (name.as_str(), ty)))?;
            found = (joined(&found.0, name), ty.clone());
        }
        Some(found)
    }

    /// The type of a top-level column; none where there is no such column.
    pub(crate) fn typed(&self, name: &str) -> Option<&Option<Type>> {
        self.columns.iter().find(|(own, _)| own == name).map(|(_, ty)| ty)
    }

    /// The top-level columns that rules read.
    pub(crate) fn readable(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|(_, ty)| ty.is_some()).map(|(name, _)| name.as_str())
    }

    /// The top-level columns without a type that rules can read.
    pub(crate) fn untyped(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|(_, ty)| ty.is_none()).map(|(name, _)| name.as_str())
    }

    /// The names that a rule can use.
    fn scope(&self, parameters: Parameters) -> Scope {
        let columns = self.columns.iter().enumerate().map(|(position, (name, ty))| {
            let facts = Facts { nullable: true, ..Facts::of_type(ty.clone().unwrap_or(Type::Null)) };
            let data_type = ty.as_ref().map_or(DataType::Null, Type::to_arrow);
            let reason = || format!("`{name}` has no one type in the tool's schema");
            Column {
                name: name.clone(),
                aliases: Vec::new(),
                path: ColumnPath { steps: vec![position], name: name.clone(), data_type },
                wide: facts.clone(),
                facts,
                refused: ty.is_none().then(|| (guard_verdict::codes::expression::COLUMN_TYPE, reason())),
            }
        });
        Scope::new(columns.collect(), parameters, Vec::new())
    }

    /// The record of a proposal. The error names the argument that its type does not hold.
    pub fn read<'a>(
        &self,
        arguments: &'a Value<'a>,
        own: [Option<&'a str>; 4],
        money: Option<i128>,
        arena: &'a Bump,
    ) -> Result<&'a [Scalar<'a>], String> {
        let out = arena.alloc_slice_fill_copy(self.columns.len(), Scalar::Null);
        let Some((last, read)) = out.split_last_mut() else { return Ok(&[]) };
        let own = own.into_iter().map(|text| text.map_or(Scalar::Null, Scalar::Text));
        *last = Scalar::Struct(arena.alloc_slice_fill_iter(own));
        let mut given = Given::new(arguments.members());
        for (position, (slot, (name, ty))) in read.iter_mut().zip(&self.columns).enumerate() {
            match (ty, given.get(name)) {
                _ if self.money == Some(position) => *slot = money.map_or(Scalar::Null, Scalar::Decimal),
                (None, _) | (_, None) => {}
                (Some(Type::Text), Some(Value::Text(text))) => *slot = Scalar::Text(text),
                (Some(ty), Some(value)) => *slot = scalar(value, ty, arena).ok_or_else(|| name.clone())?,
            }
        }
        Ok(out)
    }
}

/// Members by name, which mostly come in the order in which they are asked for.
struct Given<'v, 't> {
    members: &'v [(Cow<'t, str>, Value<'t>)],
    /// Where the next one is expected.
    next: usize,
    /// Of many members.
    by_name: Option<HashMap<&'v str, &'v Value<'t>>>,
}

impl<'v, 't> Given<'v, 't> {
    fn new(members: &'v [(Cow<'t, str>, Value<'t>)]) -> Given<'v, 't> {
        let by_name = || members.iter().map(|(name, value)| (&**name, value)).collect();
        Given { members, next: 0, by_name: (members.len() > FEW).then(by_name) }
    }

    fn get(&mut self, name: &str) -> Option<&'v Value<'t>> {
        if let Some((_, value)) = self.members.get(self.next).filter(|(own, _)| own == name) {
            self.next = self.next.saturating_add(1);
            return Some(value);
        }
        if let Some(by_name) = &self.by_name {
            return by_name.get(name).copied();
        }
        let found = self.members.iter().position(|(own, _)| own == name)?;
        self.next = found.saturating_add(1);
        self.members.get(found).map(|(_, value)| value)
    }
}

/// The one entry that a name stands for: exactly, else but for ASCII case where it has no quotes.
fn meant<'n, T>(name: &ast::Ident, all: impl Iterator<Item = (&'n str, T)> + Clone) -> Option<(&'n str, T)> {
    if let Some(found) = all.clone().find(|(own, _)| *own == name.value) {
        return Some(found);
    }
    let mut alike = all.filter(|(own, _)| name.quote_style.is_none() && own.eq_ignore_ascii_case(&name.value));
    alike.next().filter(|_| alike.next().is_none())
}

/// The type that a schema gives a value; recursion is bounded by [`DEPTH`].
fn type_of(schema: &Schema, node: usize, depth: usize) -> Option<Type> {
    if depth >= DEPTH {
        return None;
    }
    match schema.kind(node)? {
        Kind::Boolean => Some(Type::Boolean),
        Kind::Integer => Some(Type::Integer),
        Kind::Number => Some(NUMBER),
        Kind::String => Some(Type::Text),
        Kind::Array => Some(Type::List(Arc::new(type_of(schema, schema.item(node)?, depth + 1)?))),
        Kind::Object => {
            let fields = schema.fields(node);
            let typed =
                fields.into_iter().map(|(name, node)| Some((name.to_owned(), type_of(schema, node, depth + 1)?)));
            let typed: Vec<(String, Type)> = typed.collect::<Option<_>>()?;
            (!typed.is_empty()).then(|| Type::Struct(Arc::from(typed)))
        }
        Kind::Null => None,
    }
}

/// A value in its type; none where the type does not hold it.
fn scalar<'a>(value: &'a Value<'a>, ty: &Type, arena: &'a Bump) -> Option<Scalar<'a>> {
    Some(match (value, ty) {
        (Value::Null, _) => Scalar::Null,
        (Value::Bool(value), Type::Boolean) => Scalar::Boolean(*value),
        (Value::Text(text), Type::Text) => Scalar::Text(text),
        (Value::Number(number), Type::Integer) => Scalar::Integer(i64::try_from(number.at_scale(0)?).ok()?),
        (Value::Number(number), Type::Decimal { precision, scale }) => {
            let digits = number.at_scale(u32::from(*scale))?;
            Scalar::Decimal(Some(digits).filter(|digits| decimal::fits(*digits, *precision))?)
        }
        (Value::List(items), Type::List(item)) => {
            let values: Vec<Scalar<'a>> =
                items.iter().map(|value| scalar(value, item, arena)).collect::<Option<_>>()?;
            Scalar::List(arena.alloc_slice_copy(&values))
        }
        (Value::Object(_), Type::Struct(fields)) => {
            let values = fields
                .iter()
                .map(|(name, ty)| value.get(name).map_or(Some(Scalar::Null), |value| scalar(value, ty, arena)));
            let values: Vec<Scalar<'a>> = values.collect::<Option<_>>()?;
            Scalar::Struct(arena.alloc_slice_copy(&values))
        }
        _ => return None,
    })
}

/// A compiled condition.
#[derive(Clone)]
pub struct Rule {
    /// As written.
    pub text: Name,
    /// When it is TRUE, for what is proved of it.
    pub(crate) holds_when: Formula,
    /// What its meaning depends on beside the text: types of columns and values of parameters, sorted.
    pub(crate) stamp: Vec<String>,
    program: Program,
    condition: Condition,
    inputs: Vec<Vec<usize>>,
    /// What it joins by AND, each a rule of its own; empty where that is one condition.
    parts: Vec<Rule>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Rule {
    /// Compiles a condition over a record.
    ///
    /// # Errors
    /// The first problem of the text.
    pub fn compile(
        text: &str,
        record: &Record,
        params: &BTreeMap<String, Param>,
        values: &Parameters,
    ) -> Result<Rule, Problem> {
        let written = expression(text)?;
        let mut tree = written.clone();
        expand(&mut tree, params);
        let whole = Rule::of(text, &tree, record, values)?;
        let [written, read] = [&written, &tree].map(|tree| conjuncts(tree));
        if read.len() < 2 || read.len() > PARTS {
            return Ok(whole);
        }
        let parts = written.iter().zip(read).map(|(text, tree)| Rule::of(&text.to_string(), tree, record, values));
        Ok(Rule { parts: parts.collect::<Result<_, _>>()?, ..whole })
    }

    fn of(text: &str, tree: &Expr, record: &Record, values: &Parameters) -> Result<Rule, Problem> {
        let scope = record.scope(values.clone());
        let mut compiler = Compiler::new(&scope);
        let (root, _) = compiler.condition(tree)?;
        let stamp = stamp(&compiler, values);
        let names = Names { record, values, scope: &scope };
        let range = compiler.facts(root).range;
        let holds_when = match range {
            Range::Truth { yes: false, .. } => Formula::Never,
            _ => formula(tree, false, &names),
        };
        let inputs = compiler.inputs.iter().map(|input| input.path.steps.clone()).collect();
        let program = compiler.program;
        let condition = Condition::new(&program, root);
        let (text, parts) = (text.to_owned().into(), Vec::new());
        Ok(Rule { text, holds_when, stamp, condition, inputs, program, parts })
    }

    /// Does whatever the other rule depends on mean the same here?
    pub(crate) fn covers(&self, other: &Rule) -> bool {
        other.stamp.iter().all(|one| self.stamp.contains(one))
    }

    /// The first of the conditions that it joins by AND which is FALSE for a record, else its whole text.
    pub(crate) fn refuses<'a>(&'a self, record: &[Scalar<'a>], arena: &'a Bump) -> &'a str {
        let refuses = |part: &&Rule| part.holds(record, arena) == Ok(Some(false));
        self.parts.iter().find(refuses).map_or(&self.text, |part| &part.text)
    }

    /// Its value for a record: NULL is none.
    ///
    /// # Errors
    /// The fault that it ends in.
    pub fn holds<'a>(&'a self, record: &[Scalar<'a>], arena: &'a Bump) -> Truth {
        let inputs = arena.alloc_slice_fill_copy(self.inputs.len(), Scalar::Null);
        for (slot, steps) in inputs.iter_mut().zip(&self.inputs) {
            *slot = *input(record, steps);
        }
        self.condition.holds(&self.program, inputs, arena)
    }
}

/// What conditions a condition joins by AND, in the order of the text.
fn conjuncts(tree: &Expr) -> Vec<&Expr> {
    let (mut out, mut open) = (Vec::new(), vec![tree]);
    while let Some(next) = open.pop() {
        match next {
            Expr::BinaryOp { left, op: ast::BinaryOperator::And, right } => open.extend([&**right, &**left]),
            Expr::Nested(inner) if matches!(**inner, Expr::BinaryOp { op: ast::BinaryOperator::And, .. }) => {
                open.push(inner);
            }
            other => out.push(other),
        }
    }
    out
}

/// What a rule's meaning depends on beside its text: types of columns, values of parameters.
pub(crate) fn stamp(compiler: &Compiler<'_>, values: &Parameters) -> Vec<String> {
    let mut columns: Vec<String> =
        compiler.inputs.iter().map(|one| format!("{} {} {}", one.column, one.path.name, one.path.data_type)).collect();
    columns.sort();
    let bound =
        compiler.parameters.iter().map(|name| format!(":{name} {:?}", values.get(name).map(|found| &found.value)));
    columns.extend(bound);
    columns.sort();
    columns
}

/// The value of a column, or of a field of structs below it.
#[inline]
fn input<'r, 'a>(record: &'r [Scalar<'a>], steps: &[usize]) -> &'r Scalar<'a> {
    let [first, rest @ ..] = steps else { return &Scalar::Null };
    let column = record.get(*first).unwrap_or(&Scalar::Null);
    rest.iter().fold(column, |value, step| match value {
        Scalar::Struct(fields) => fields.get(*step).unwrap_or(&Scalar::Null),
        _ => &Scalar::Null,
    })
}

/// `x IN (:list)` becomes `x IN (its members)` (G3.7). Elsewhere a list keeps its one name, and its type decides.
fn expand(tree: &mut Expr, params: &BTreeMap<String, Param>) {
    match tree {
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } | Expr::IsTrue(inner) | Expr::IsNotTrue(inner) => {
            expand(inner, params);
        }
        Expr::IsFalse(inner) | Expr::IsNotFalse(inner) | Expr::IsNull(inner) | Expr::IsNotNull(inner) => {
            expand(inner, params);
        }
        Expr::BinaryOp { left, right, .. } => {
            expand(left, params);
            expand(right, params);
        }
        Expr::InList { expr, list, .. } => {
            expand(expr, params);
            let members = std::mem::take(list);
            for member in members {
                match named(&member).and_then(|(name, value)| Some((params.get(name)?.members.as_ref()?, value))) {
                    Some((names, value)) => list.extend(names.iter().map(|name| {
                        let placeholder = ast::Value::Placeholder(format!(":{name}"));
                        Expr::Value(ast::ValueWithSpan { value: placeholder, span: value.span })
                    })),
                    None => list.push(member),
                }
            }
        }
        _ => {}
    }
}

/// The name of a parameter.
fn named(expr: &Expr) -> Option<(&str, &ast::ValueWithSpan)> {
    match expr {
        Expr::Value(value) => match &value.value {
            ast::Value::Placeholder(name) => Some((name.strip_prefix(':')?, value)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In whatever order they stand and are asked for, few or many.
    #[test]
    fn members_are_found_by_name() {
        let mut chance = guard_testkit::Chance::new(3);
        for round in 0..2_000 {
            let mut members: Vec<(Cow<'_, str>, Value<'_>)> = (0..chance.below(24))
                .map(|number| (Cow::Owned(format!("m{number}")), Value::Text(Cow::Owned(number.to_string()))))
                .collect();
            if round % 2 == 1 {
                let by = chance.below(members.len().max(1));
                members.rotate_left(by);
                members.retain(|_| chance.below(5) > 0);
            }
            let mut given = Given::new(&members);
            for number in (0..26).filter(|number| round % 4 < 2 || number % 3 != 1) {
                let name = format!("m{number}");
                let wanted = members.iter().find(|(own, _)| *own == name).map(|(_, value)| value);
                assert_eq!(given.get(&name), wanted, "{name} of {members:?}");
            }
        }
    }
}
