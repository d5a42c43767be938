//! The clauses of one property, nested ones included.

use super::clause::Judge;
use super::column::ColumnPath;
use super::compile::{Compiler, Draft, custom_flag, mask_of};
use super::options::literal;
use super::{Child, ColumnTask, types};
use crate::contract::{DecimalType, LogicalType, Property, TypeOption, decimal_type};
use arrow_schema::{DataType, Field};
use guard_kernels::check::{Check, CheckSpec, Literal, Refusal};
use guard_verdict::{Code, Scope, Severity, codes};

/// Key in the metadata of a text column whose texts are JSON values that have no type of their own (S9.4).
pub const UNTYPED: &str = "guard_nb.untyped";
/// Its value where they are objects.
pub const UNTYPED_OBJECT: &str = "object";

/// What must be known of values to know that they pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// Whether one is NULL.
    #[default]
    Nulls,
    /// The least and the greatest of them too, and whether one is NaN.
    Range,
    /// Each of them.
    Each,
}

impl Demand {
    fn of(spec: &CheckSpec) -> Self {
        match spec {
            CheckSpec::NotNull => Self::Nulls,
            CheckSpec::Bound { .. } | CheckSpec::IntegerFormat(_) | CheckSpec::Finite | CheckSpec::Calendar => {
                Self::Range
            }
            // All values of a type fail, or none.
            CheckSpec::Timezone(_) => Self::Range,
            _ => Self::Each,
        }
    }
}

/// Where a property's values are.
#[derive(Clone)]
pub(super) enum Slot {
    /// A column or field that keys can be built of.
    At(ColumnPath),
    /// Inside a list or map: values without a record of their own.
    Inside {
        data_type: DataType,
        /// Texts that are JSON objects.
        json_object: bool,
    },
    /// Nowhere; clauses are refused with this.
    Refused(Code, String),
}

impl Slot {
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::At(path) => path.steps.first().copied(),
            _ => None,
        }
    }

    pub fn data_type(&self) -> Option<&DataType> {
        match self {
            Self::At(path) => Some(&path.data_type),
            Self::Inside { data_type, .. } => Some(data_type),
            Self::Refused(..) => None,
        }
    }

    /// Of the field of a struct, list or map.
    fn inside(field: &Field) -> Self {
        Self::Inside { data_type: field.data_type().clone(), json_object: takes_objects(field) }
    }

    /// Of what holds nothing but NULL.
    fn nothing() -> Self {
        Self::Inside { data_type: DataType::Null, json_object: false }
    }
}

/// Is it a text column that takes JSON objects alone?
fn takes_objects(field: &Field) -> bool {
    field.metadata().get(UNTYPED).is_some_and(|kind| kind == UNTYPED_OBJECT)
}

/// Code of a refusal by the kernels.
pub(super) fn refusal(refusal: Refusal) -> (Code, String) {
    match refusal {
        Refusal::BoundUnreadable(why) => (codes::plan::BOUND_UNREADABLE, why),
        Refusal::ZoneMismatch(why) => (codes::plan::BOUND_ZONE_MISMATCH, why),
        Refusal::FormatUnknown(why) => (codes::plan::FORMAT_UNKNOWN, why),
        Refusal::PatternInvalid(why) => (codes::plan::BOUND_UNREADABLE, why),
        Refusal::NotSupported(why) => (codes::plan::LAYOUT_NOT_SUPPORTED, why),
        Refusal::Misplaced(why) => (codes::plan::OPTION_MISPLACED, why),
    }
}

impl Compiler<'_> {
    /// Adds the clauses of `property`, whose values are in `slot`, and puts their checks into `task`.
    pub fn property(&mut self, property: &Property, slot: &Slot, path: &str, task: &mut ColumnTask) {
        let unread =
            slot.data_type().and_then(types::unread).map(|kind| refused_layout(format!("`{path}` holds {kind}")));
        let slot = unread.as_ref().unwrap_or(slot);
        let values = self.logical_type(property, slot, path, task);
        for option in &property.options {
            self.type_option(property, option, &values, path, task);
        }
        if property.required.as_ref().is_some_and(|required| required.value) {
            let line = property.required.as_ref().map_or(property.span.line, |required| required.span.line);
            let draft = Draft::record(self.id(path, "required"), "required", "required", path, line);
            self.value_clause(draft, &[CheckSpec::NotNull], &values, task);
        }
        self.property_keys(property, &values, path);
        if let Some(allowed) = &property.enum_values {
            let name = format!("one of {} values", allowed.len());
            let draft = Draft::record(self.id(path, "enum"), "enum", name, path, allowed.span.line);
            let spec = CheckSpec::OneOf(allowed.iter().map(literal).collect());
            self.value_clause(draft, &[spec], &values, task);
        }
        for relationship in &property.relationships {
            self.relationship(relationship, path);
        }
        for (index, quality) in property.quality.iter().enumerate() {
            self.property_quality(quality, index, &values, path, task);
        }
        self.nested(property, &values, path, task);
    }

    /// Adds a clause whose checks run on the values in `slot`, or refuses it.
    pub fn value_clause(
        &mut self,
        draft: Draft,
        specs: &[CheckSpec],
        slot: &Slot,
        task: &mut ColumnTask,
    ) -> Option<usize> {
        let data_type = match slot {
            Slot::Refused(code, reason) => {
                self.add_refused(draft, *code, reason.clone());
                return None;
            }
            _ => slot.data_type().cloned().unwrap_or(DataType::Null),
        };
        let bound: Result<Vec<Check>, Refusal> = specs.iter().map(|spec| Check::bind(spec, &data_type)).collect();
        match bound {
            Ok(checks) => {
                task.demand = specs.iter().map(Demand::of).fold(task.demand, Demand::max);
                let arguments = specs.iter().flat_map(arguments).collect();
                let clause = self.add(Draft { arguments, ..draft });
                if checks.is_empty() {
                    task.counted.push(clause);
                }
                for check in checks {
                    task.pending.push(check);
                    task.clauses.push(clause);
                }
                Some(clause)
            }
            Err(why) => {
                let (code, reason) = refusal(why);
                self.add_refused(draft, code, reason);
                None
            }
        }
    }

    /// Judges the type and gives the slot that the clauses on values see: refused where the type is another (S3.2).
    fn logical_type(&mut self, property: &Property, slot: &Slot, path: &str, task: &mut ColumnTask) -> Slot {
        let Some(logical) = &property.logical_type else {
            return slot.clone();
        };
        let name = format!("is {}", logical.value.name());
        let draft = Draft::record(self.id(path, "logicalType"), "logicalType", name, path, logical.span.line);
        let Some(data_type) = slot.data_type() else {
            self.value_clause(draft, &[], slot, task);
            return slot.clone();
        };
        if let Some(reason) = self.loses_digits(property, data_type, path) {
            self.add_refused(draft, codes::contract::DECIMAL_INEXACT, reason);
            return slot.clone();
        }
        let json_object = matches!(logical.value, LogicalType::Object | LogicalType::Map) && self.is_json_object(slot);
        if !json_object && !types::admits(logical.value, data_type, has_binary_format(property)) {
            let reason = format!("`{path}` holds {}, not {}", types::holds(data_type), logical.value.name());
            let clause = self.add(draft);
            task.mismatches.push(clause);
            return Slot::Refused(codes::data::TYPE_MISMATCH, reason);
        }
        let finite = logical.value == LogicalType::Number && !custom_flag(&property.custom, "allowNonFinite");
        if finite && is_float(data_type) {
            if let Some(clause) = self.value_clause(draft, &[CheckSpec::Finite], slot, task) {
                self.set_code(clause, codes::data::VALUE_NOT_FINITE);
            }
        } else if matches!(logical.value, LogicalType::Date | LogicalType::Time | LogicalType::Timestamp) {
            self.value_clause(draft, &[CheckSpec::Calendar], slot, task);
        } else {
            self.value_clause(draft, &[], slot, task);
        }
        slot.clone()
    }

    /// Why a double does not hold what a text says, where the contract asks for exact digits.
    fn loses_digits(&self, property: &Property, data_type: &DataType, path: &str) -> Option<String> {
        let written = property.physical_type.as_deref()?;
        let lost = self.options.from_bytes && is_float(data_type) && decimal_type(written) == DecimalType::Beyond;
        lost.then(|| format!("`{path}` is `{written}`, and its digits are kept of decimals of at most 38 digits only"))
    }

    /// See [`takes_objects`].
    fn is_json_object(&self, slot: &Slot) -> bool {
        let path = match slot {
            Slot::At(path) if self.options.from_bytes => path,
            Slot::Inside { json_object, .. } => return *json_object && self.options.from_bytes,
            _ => return false,
        };
        let (mut fields, mut found) = (self.schema.fields(), None);
        for step in &path.steps {
            let Some(field) = fields.get(*step) else { return false };
            if let DataType::Struct(inner) = field.data_type() {
                fields = inner;
            }
            found = Some(field);
        }
        found.is_some_and(|field| takes_objects(field))
    }

    fn nested(&mut self, property: &Property, slot: &Slot, path: &str, task: &mut ColumnTask) {
        for child in &property.properties {
            self.field(child, slot, path, task);
        }
        if let Some(items) = &property.items {
            let inside = inner(slot, path, "a list", types::item);
            self.inside(items, inside, format!("{path}[]"), task, Child::Items);
        }
        if let Some(pair) = &property.map {
            let (key, value) = pair.as_ref();
            let keys = inner(slot, path, "a map", |data_type| entry(data_type, 0));
            self.inside(key, keys, format!("{path}.key"), task, Child::MapKeys);
            let values = inner(slot, path, "a map", |data_type| entry(data_type, 1));
            self.inside(value, values, format!("{path}.value"), task, Child::MapValues);
        }
    }

    fn field(&mut self, child: &Property, parent: &Slot, path: &str, task: &mut ColumnTask) {
        let child_path = format!("{path}.{}", child.name);
        let (slot, position) = field_slot(parent, child, &child_path);
        let mut nested = ColumnTask { path: child_path.clone(), masked: mask_of(child), ..ColumnTask::default() };
        nested.masked = nested.masked.or_else(|| task.masked.clone());
        self.property(child, &slot, &child_path, &mut nested);
        if let Some(position) = position.filter(|_| nested.has_work()) {
            task.children.push(Child::Field(position, nested));
        }
    }

    fn inside(
        &mut self,
        items: &Property,
        slot: Slot,
        path: String,
        task: &mut ColumnTask,
        wrap: fn(ColumnTask) -> Child,
    ) {
        let mut nested = ColumnTask { path: path.clone(), masked: mask_of(items), ..ColumnTask::default() };
        nested.masked = nested.masked.or_else(|| task.masked.clone());
        self.property(items, &slot, &path, &mut nested);
        if nested.has_work() && slot.data_type().is_some() {
            task.children.push(wrap(nested));
        }
    }

    fn property_keys(&mut self, property: &Property, slot: &Slot, path: &str) {
        if let Some(unique) = property.unique.as_ref().filter(|unique| unique.value) {
            let draft = key_draft(self.id(path, "unique"), "unique", "unique", path, unique.span.line);
            self.key_clause(draft, vec![slot.clone()], false);
        }
        if let Some(key) = property.primary_key.as_ref().filter(|key| key.value && self.single_primary_key()) {
            let draft = key_draft(self.id(path, "primaryKey"), "primaryKey", "primary key", path, key.span.line);
            self.key_clause(draft, vec![slot.clone()], true);
        }
    }
}

/// What a check demands, as reports want it.
fn arguments(spec: &CheckSpec) -> Vec<serde_json::Value> {
    let value = |literal: &Literal| match literal {
        Literal::Null => serde_json::Value::Null,
        Literal::Bool(value) => (*value).into(),
        Literal::Number(digits) => digits.parse().map_or_else(|_| digits.as_str().into(), serde_json::Value::Number),
        Literal::Text(text) => text.as_str().into(),
    };
    match spec {
        CheckSpec::Bound { literal, .. } => vec![value(literal)],
        CheckSpec::MultipleOf(text) | CheckSpec::Pattern(text) | CheckSpec::Format(text) => vec![text.as_str().into()],
        CheckSpec::MinLength(n) | CheckSpec::MaxLength(n) | CheckSpec::MinItems(n) | CheckSpec::MaxItems(n) => {
            vec![(*n).into()]
        }
        CheckSpec::OneOf(literals) => literals.iter().map(value).collect(),
        _ => Vec::new(),
    }
}

/// A key clause of severity error on one column.
pub(super) fn key_draft(id: String, kind: &'static str, name: &str, path: &str, line: usize) -> Draft {
    Draft {
        scope: Scope::Key,
        severity: Severity::Error,
        judge: Judge::Count,
        ..Draft::record(id, kind, name, path, line)
    }
}

/// The field of a struct that a nested property names; where a struct lacks it, its values are refused.
pub(super) fn field_slot(parent: &Slot, child: &Property, child_path: &str) -> (Slot, Option<usize>) {
    let fields = match parent {
        Slot::Refused(code, reason) => return (Slot::Refused(*code, reason.clone()), None),
        other => match other.data_type() {
            Some(DataType::Struct(fields)) => fields.clone(),
            Some(DataType::Null) => return (Slot::nothing(), None),
            _ => return (refused_layout(format!("`{child_path}` is not a field of a struct")), None),
        },
    };
    let named = |name: &str| fields.iter().position(|field| field.name() == name);
    let position = named(&child.name).or_else(|| child.physical_name.as_deref().and_then(named));
    let name = position.and_then(|position| fields.get(position)).map(|field| field.name());
    if name.is_some_and(|name| fields.iter().filter(|field| field.name() == name).count() > 1) {
        let reason = format!("the struct has more than one field `{child_path}`");
        return (Slot::Refused(codes::plan::COLUMN_AMBIGUOUS, reason), None);
    }
    let Some((position, field)) = position.and_then(|position| Some((position, fields.get(position)?))) else {
        let reason = format!("the struct has no field `{child_path}`");
        return (Slot::Refused(codes::data::COLUMN_MISSING, reason), None);
    };
    let slot = match parent {
        Slot::At(path) => Slot::At(ColumnPath {
            steps: path.steps.iter().copied().chain([position]).collect(),
            name: child_path.to_owned(),
            data_type: field.data_type().clone(),
        }),
        _ => Slot::inside(field),
    };
    (slot, Some(position))
}

fn refused_layout(reason: String) -> Slot {
    Slot::Refused(codes::plan::LAYOUT_NOT_SUPPORTED, reason)
}

fn inner(slot: &Slot, path: &str, kind: &str, of: impl Fn(&DataType) -> Option<&Field>) -> Slot {
    match slot {
        Slot::Refused(code, reason) => Slot::Refused(*code, reason.clone()),
        other => match other.data_type() {
            Some(DataType::Null) => Slot::nothing(),
            data_type => match data_type.and_then(of) {
                Some(field) => Slot::inside(field),
                None => refused_layout(format!("`{path}` is not {kind}")),
            },
        },
    }
}

fn entry(data_type: &DataType, position: usize) -> Option<&Field> {
    match data_type {
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => fields.get(position).map(AsRef::as_ref),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn has_binary_format(property: &Property) -> bool {
    property.options.iter().any(|option| matches!(&option.value, TypeOption::Format(format) if format == "binary"))
}

fn is_float(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_float(values),
        other => other.is_floating(),
    }
}
