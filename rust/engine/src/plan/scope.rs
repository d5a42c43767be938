//! What row rules can name, and what the contract says of it beforehand (S6.4, S6.7).

use super::column::{ColumnPath, Found};
use super::compile::{Compiler, custom_flag};
use super::types;
use crate::contract::{LogicalType, Property, Scalar, TypeOption};
use crate::expr::{Column, Parameter, Parameters, Scope};
use crate::number::Decimal;
use arrow_schema::{DataType, Field, Schema};
use guard_kernels::expr::facts::{Facts, Range};
use guard_kernels::expr::types::Type;
use guard_verdict::codes;
use std::collections::HashMap;

impl Compiler<'_> {
    /// The columns of the frame under their declared names, then declared columns that are not there.
    pub(super) fn scope(&self) -> Scope {
        let declared: HashMap<usize, &Property> = (self.object.properties.iter())
            .filter_map(|property| match self.columns.find(&property.name, property.physical_name.as_deref()) {
                Found::At(position) => Some((position, property)),
                Found::Missing | Found::Ambiguous => None,
            })
            .collect();
        let fields = self.schema.fields().iter().enumerate();
        let mut columns: Vec<Column> =
            fields.map(|(position, field)| column(position, field, declared.get(&position).copied())).collect();
        for property in &self.object.properties {
            let (code, reason) = match self.columns.find(&property.name, property.physical_name.as_deref()) {
                Found::At(_) => continue,
                Found::Missing => (codes::data::COLUMN_MISSING, format!("the frame has no column `{}`", property.name)),
                Found::Ambiguous => {
                    let reason = format!("the frame has more than one column `{}`", property.name);
                    (codes::plan::COLUMN_AMBIGUOUS, reason)
                }
            };
            let path = ColumnPath { steps: Vec::new(), name: property.name.clone(), data_type: DataType::Null };
            let facts = Facts::of_type(Type::Null);
            let column = Column {
                name: property.name.clone(),
                aliases: property.physical_name.iter().cloned().collect(),
                path,
                wide: facts.clone(),
                facts,
                refused: Some((code, reason)),
            };
            // It stands before a column of the frame that bears its name twice.
            columns.insert(0, column);
        }
        let mut tables = vec![self.object.name.clone(), "input".to_owned()];
        tables.extend(self.object.physical_name.clone());
        let mut parameters = self.options.parameters.clone();
        if let Some(as_of) = self.options.as_of.and_then(Parameter::of_instant) {
            parameters.entry("as_of".to_owned()).or_insert(as_of);
        }
        Scope::new(columns, parameters, tables)
    }
}

/// A frame's columns without a contract.
pub fn frame_scope(schema: &Schema, parameters: Parameters) -> Scope {
    let mut columns: Vec<Column> =
        schema.fields().iter().enumerate().map(|(position, field)| column(position, field, None)).collect();
    for twice in 0..columns.len() {
        let name = columns.get(twice).map(|column| column.name.clone()).unwrap_or_default();
        let count = columns.iter().filter(|column| column.name == name).count();
        if let Some(column) = columns.get_mut(twice).filter(|_| count > 1) {
            let reason = format!("the frame has more than one column `{name}`");
            column.refused = Some((codes::plan::COLUMN_AMBIGUOUS, reason));
        }
    }
    Scope::new(columns, parameters, vec!["input".to_owned()])
}

fn column(position: usize, field: &Field, property: Option<&Property>) -> Column {
    let name = property.map_or(field.name(), |property| &property.name).clone();
    let physical = property.and_then(|property| property.physical_name.as_ref());
    let mut aliases: Vec<String> = std::iter::once(field.name()).chain(physical).cloned().collect();
    aliases.retain(|alias| *alias != name);
    let data_type = field.data_type().clone();
    let path = ColumnPath { steps: vec![position], name: name.clone(), data_type: data_type.clone() };
    let Some(ty) = Type::of_arrow(&data_type) else {
        let reason = format!("`{name}` holds {}, which expressions cannot read", types::holds(&data_type));
        let facts = Facts::of_type(Type::Null);
        let refused = Some((codes::expression::COLUMN_TYPE, reason));
        return Column { name, aliases, path, wide: facts.clone(), facts, refused };
    };
    let wide = Facts { nullable: true, range: arrow_range(&data_type, &ty), ..Facts::of_type(ty) };
    let mut facts = wide.clone();
    let mut refused = None;
    if let Some(property) = property {
        let admitted = |logical| types::admits(logical, &data_type, super::property::has_binary_format(property));
        if let Some(logical) = property.logical_type.as_ref().map(|logical| logical.value)
            && !admitted(logical)
        {
            let reason = format!("`{name}` holds {}, not {}", types::holds(&data_type), logical.name());
            refused = Some((codes::data::TYPE_MISMATCH, reason));
        }
        narrow(&mut facts, property);
    }
    Column { name, aliases, path, wide, facts, refused }
}

/// The values that an Arrow type can hold, read as `ty`.
fn arrow_range(data_type: &DataType, ty: &Type) -> Range {
    let bounds = |least: i64, most: i64| Range::Exact(least.into(), most.into());
    match data_type {
        DataType::Int8 => bounds(i8::MIN.into(), i8::MAX.into()),
        DataType::Int16 => bounds(i16::MIN.into(), i16::MAX.into()),
        DataType::Int32 => bounds(i32::MIN.into(), i32::MAX.into()),
        DataType::UInt8 => bounds(0, u8::MAX.into()),
        DataType::UInt16 => bounds(0, u16::MAX.into()),
        DataType::UInt32 => bounds(0, u32::MAX.into()),
        DataType::UInt64 => Range::Exact(0, u64::MAX.into()),
        // Days of 64-bit milliseconds reach farther than a date32; times may lie beyond a day.
        DataType::Date64 => bounds(i64::MIN / 86_400_000 - 1, i64::MAX / 86_400_000),
        DataType::Time32(_) | DataType::Time64(_) => Range::INTEGER,
        DataType::Dictionary(_, values) => arrow_range(values, ty),
        _ => Range::of_type(ty),
    }
}

/// What the property's own clauses of severity error promise of each record that they do not reject.
fn narrow(facts: &mut Facts, property: &Property) {
    let required = property.required.as_ref().is_some_and(|required| required.value);
    if required || property.primary_key.as_ref().is_some_and(|key| key.value) {
        facts.nullable = false;
    }
    let number = property.logical_type.as_ref().is_some_and(|logical| logical.value == LogicalType::Number);
    if facts.ty == Type::Double && number && !custom_flag(&property.custom, "allowNonFinite") {
        facts.range = Range::FINITE;
    }
    for option in &property.options {
        match &option.value {
            TypeOption::Minimum(Scalar::Number(digits)) | TypeOption::ExclusiveMinimum(Scalar::Number(digits)) => {
                raise(facts, digits);
            }
            TypeOption::Maximum(Scalar::Number(digits)) | TypeOption::ExclusiveMaximum(Scalar::Number(digits)) => {
                lower(facts, digits);
            }
            TypeOption::MinLength(least) => {
                if let (Type::Text, Range::Length(_, most)) = (&facts.ty, facts.range) {
                    facts.range = Range::Length(*least, most.max(*least));
                }
            }
            TypeOption::MaxLength(most) => {
                if let (Type::Text, Range::Length(least, _)) = (&facts.ty, facts.range) {
                    facts.range = Range::Length(least.min(*most), *most);
                }
            }
            _ => {}
        }
    }
}

/// A lower bound; ends are kept, so that an exclusive one is taken as inclusive.
fn raise(facts: &mut Facts, digits: &str) {
    match facts.range {
        Range::Exact(low, high) => {
            if let Some(bound) = scaled(digits, &facts.ty, false) {
                facts.range = Range::Exact(low.max(bound).min(high), high);
            }
        }
        Range::Double { low, high, nan } => {
            if let Some((bound, exact)) = double(digits) {
                let bound = if exact { bound } else { bound.next_down() };
                facts.range = Range::Double { low: low.max(bound).min(high), high, nan };
            }
        }
        _ => {}
    }
}

fn lower(facts: &mut Facts, digits: &str) {
    match facts.range {
        Range::Exact(low, high) => {
            if let Some(bound) = scaled(digits, &facts.ty, true) {
                facts.range = Range::Exact(low, high.min(bound).max(low));
            }
        }
        Range::Double { low, high, nan } => {
            if let Some((bound, exact)) = double(digits) {
                let bound = if exact { bound } else { bound.next_up() };
                facts.range = Range::Double { low, high: high.min(bound).max(low), nan };
            }
        }
        _ => {}
    }
}

/// The nearest double of a bound, and whether it is known to be the bound itself: whole numbers are.
fn double(digits: &str) -> Option<(f64, bool)> {
    let bound: f64 = digits.parse().ok()?;
    let whole = bound.fract() == 0.0 && bound.abs() <= 9_007_199_254_740_992.0;
    let same = || Some(Decimal::parse(digits)?.compare(&Decimal::parse(&format!("{bound:.0}"))?).is_eq());
    Some((bound, whole && same().unwrap_or(false)))
}

/// A bound in the units of an exact type, rounded outwards (`up` for upper bounds).
fn scaled(digits: &str, ty: &Type, up: bool) -> Option<i128> {
    let scale = match ty {
        Type::Integer => 0,
        Type::Decimal { scale, .. } => *scale,
        _ => return None,
    };
    let factor = 10_i64.checked_pow(scale.into())?;
    let near = Decimal::parse(digits)?.scaled(factor)?;
    let fraction = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let exact = !digits.contains(['e', 'E']) && fraction <= usize::from(scale);
    Some(if exact {
        near
    } else if up {
        near + 1
    } else {
        near - 1
    })
}
