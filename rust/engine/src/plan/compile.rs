//! Walks a schema object in the order of S5 and collects clauses and tasks.

use super::clause::{ClauseInfo, Judge, failure_code};
use super::column::{ColumnPath, Columns, Found};
use super::keys::primary_keys;
use super::property::Slot;
use super::rules::{PendingRule, Rules};
use super::{
    AgeTask, Child, ColumnTask, ContextColumn, ForeignTask, Header, KeyInfo, KeyTask, Options, Plan, ReferenceInfo,
    SelfForeignTask, types,
};
use crate::contract::{Contract, Custom, Property, SchemaObject};
use arrow_schema::Schema;
use guard_kernels::check::ColumnChecks;
use guard_verdict::{Code, ContractRef, Coverage, SEMANTICS, Scope, Severity, codes};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Columns shown beside a violation when the object has no primary key.
const CONTEXT_COLUMNS: usize = 3;

/// What the walk collects.
pub(super) struct Compiler<'a> {
    pub contract: &'a Contract,
    pub object: &'a SchemaObject,
    pub schema: &'a Schema,
    pub columns: Columns<'a>,
    pub options: &'a Options,
    pub clauses: Vec<ClauseInfo>,
    lines: Vec<usize>,
    arguments: Vec<Vec<Value>>,
    ids: HashMap<String, usize>,
    pub whole: Vec<usize>,
    pub untasked: Vec<usize>,
    pub keys: Vec<(KeyInfo, KeyTask)>,
    pub foreign: Vec<ForeignTask>,
    pub self_foreign: Vec<(KeyInfo, SelfForeignTask)>,
    pub ages: Vec<AgeTask>,
    pub references: BTreeMap<String, ReferenceInfo>,
    undeclared: Vec<String>,
    pub(super) rules: Vec<PendingRule>,
}

/// A clause before it has an id; executed unless it is refused or made informational.
pub(super) struct Draft {
    pub id: String,
    pub kind: &'static str,
    pub name: String,
    pub columns: Vec<String>,
    pub scope: Scope,
    pub severity: Severity,
    pub dimension: Option<String>,
    pub judge: Judge,
    pub line: usize,
    /// What the clause demands, for reports that propose a filter.
    pub arguments: Vec<Value>,
}

impl Draft {
    /// A record clause of severity error on one column.
    pub fn record(id: String, kind: &'static str, name: impl Into<String>, column: &str, line: usize) -> Self {
        Self {
            id,
            kind,
            name: name.into(),
            columns: vec![column.to_owned()],
            scope: Scope::Record,
            severity: Severity::Error,
            dimension: None,
            judge: Judge::Count,
            line,
            arguments: Vec::new(),
        }
    }
}

impl Plan {
    /// Compiles `object` of `contract` against a frame's schema. Never fails: what cannot be executed becomes a refused
    /// clause. Cost grows with clauses and columns, plus building the keys of referenced frames.
    pub fn compile(contract: &Contract, object: &SchemaObject, schema: &Schema, options: &Options) -> Self {
        let mut compiler = Compiler::new(contract, object, schema, options);
        compiler.well_formed();
        let columns = compiler.properties();
        compiler.composite_primary_key();
        compiler.object_relationships();
        compiler.object_quality();
        let drop_undeclared = compiler.undeclared_columns();
        compiler.service_levels();
        let rules = compiler.compile_rules();
        compiler.into_plan(columns, drop_undeclared, rules)
    }

    /// What expressions on a frame of this schema can name, and what the contract says of it.
    pub fn scope(contract: &Contract, object: &SchemaObject, schema: &Schema, options: &Options) -> crate::expr::Scope {
        Compiler::new(contract, object, schema, options).scope()
    }
}

impl<'a> Compiler<'a> {
    fn new(contract: &'a Contract, object: &'a SchemaObject, schema: &'a Schema, options: &'a Options) -> Self {
        Self {
            contract,
            object,
            schema,
            columns: Columns::new(schema),
            options,
            clauses: Vec::new(),
            lines: Vec::new(),
            arguments: Vec::new(),
            ids: HashMap::new(),
            whole: Vec::new(),
            untasked: Vec::new(),
            keys: Vec::new(),
            foreign: Vec::new(),
            self_foreign: Vec::new(),
            ages: Vec::new(),
            references: BTreeMap::new(),
            undeclared: undeclared(object, schema),
            rules: Vec::new(),
        }
    }

    /// Adds a clause and gives its position. Ids stay unique (S5).
    pub fn add(&mut self, draft: Draft) -> usize {
        let seen = self.ids.entry(draft.id.clone()).or_insert(0);
        *seen += 1;
        let id = if *seen == 1 { draft.id } else { format!("{}#{seen}", draft.id) };
        self.clauses.push(ClauseInfo {
            id,
            kind: draft.kind.to_owned(),
            name: draft.name,
            columns: draft.columns,
            scope: draft.scope,
            severity: draft.severity,
            coverage: Coverage::Executed,
            code: failure_code(draft.kind).map(|code| code.name().to_owned()),
            reason: None,
            dimension: draft.dimension,
            judge: draft.judge,
        });
        self.lines.push(draft.line);
        self.arguments.push(draft.arguments);
        self.clauses.len() - 1
    }

    /// Adds a clause that cannot be executed.
    pub fn add_refused(&mut self, draft: Draft, code: Code, reason: impl Into<String>) -> usize {
        let clause = self.add(draft);
        self.refuse(clause, code, reason);
        clause
    }

    /// Adds a clause that states nothing that could fail.
    pub fn add_informational(&mut self, draft: Draft) {
        let clause = self.add(draft);
        if let Some(info) = self.clauses.get_mut(clause) {
            info.coverage = Coverage::Informational;
            info.judge = Judge::Nothing;
            info.code = None;
        }
    }

    pub fn refuse(&mut self, clause: usize, code: Code, reason: impl Into<String>) {
        if let Some(info) = self.clauses.get_mut(clause) {
            info.refuse(code, reason);
        }
    }

    pub fn set_code(&mut self, clause: usize, code: Code) {
        if let Some(info) = self.clauses.get_mut(clause) {
            info.code = Some(code.name().to_owned());
        }
    }

    /// The id of a clause on `path` (empty for the object itself).
    pub fn id(&self, path: &str, kind: &str) -> String {
        if path.is_empty() {
            format!("{}.{kind}", self.object.name)
        } else {
            format!("{}.{path}.{kind}", self.object.name)
        }
    }

    /// The clause that malformed records fail (S9.2).
    fn well_formed(&mut self) {
        if self.options.from_bytes {
            let line = self.object.span.line;
            let draft = Draft::record(self.id("", "wellFormed"), "wellFormed", "records are well formed", "", line);
            let clause = self.add(Draft { columns: Vec::new(), ..draft });
            self.untasked.push(clause);
        }
    }

    /// Where damage is counted.
    fn damage_clauses(&self) -> Option<super::DamageClauses> {
        let executed = |kind: &'static str| {
            let of_kind = move |(_, info): &(usize, &ClauseInfo)| info.kind == kind && info.judge != Judge::Nothing;
            self.clauses.iter().enumerate().filter(of_kind)
        };
        let path = |(position, info): (usize, &ClauseInfo)| Some((info.columns.first()?.clone(), position));
        self.options.from_bytes.then(|| super::DamageClauses {
            well_formed: 0,
            types: executed("logicalType").filter_map(path).collect(),
            undeclared: executed("undeclaredColumns").map(|(position, _)| position).next(),
            masked: (self.object.properties.iter())
                .filter_map(|property| Some((property.name.clone(), any_mask(property)?)))
                .collect(),
        })
    }

    fn properties(&mut self) -> Vec<(usize, ColumnTask)> {
        let mut columns = Vec::new();
        for property in &self.object.properties {
            let mut task =
                ColumnTask { path: property.name.clone(), masked: mask_of(property), ..ColumnTask::default() };
            let slot = self.presence(property);
            self.property(property, &slot, &property.name, &mut task);
            if let Some(position) = slot.position().filter(|_| task.has_work()) {
                columns.push((position, task));
            }
        }
        columns
    }

    fn presence(&mut self, property: &Property) -> Slot {
        let draft = Draft::record(
            self.id(&property.name, "presence"),
            "presence",
            "column is there",
            &property.name,
            property.span.line,
        );
        match self.columns.find(&property.name, property.physical_name.as_deref()) {
            Found::At(position) => {
                let clause = self.add(draft);
                self.untasked.push(clause);
                let data_type = self.schema.fields().get(position).map(|field| field.data_type().clone());
                Slot::At(ColumnPath {
                    steps: vec![position],
                    name: property.name.clone(),
                    data_type: data_type.unwrap_or(arrow_schema::DataType::Null),
                })
            }
            Found::Missing => {
                let clause = self.add(Draft { judge: Judge::Always, ..draft });
                self.whole.push(clause);
                Slot::Refused(codes::data::COLUMN_MISSING, format!("the frame has no column `{}`", property.name))
            }
            Found::Ambiguous => {
                let reason = format!("the frame has more than one column `{}`", property.name);
                self.add_refused(draft, codes::plan::COLUMN_AMBIGUOUS, reason.clone());
                Slot::Refused(codes::plan::COLUMN_AMBIGUOUS, reason)
            }
        }
    }

    /// Returns whether undeclared columns are dropped at a split (S3.4).
    fn undeclared_columns(&mut self) -> bool {
        let policy = custom_text(&self.object.custom, "undeclaredColumns").unwrap_or("keep");
        let name = match policy {
            "keep" => "undeclared columns are kept",
            "drop" => "undeclared columns are dropped",
            _ => "no undeclared columns",
        };
        let draft = Draft {
            columns: self.undeclared.clone(),
            ..Draft::record(self.id("", "undeclaredColumns"), "undeclaredColumns", name, "", self.object.span.line)
        };
        match policy {
            "keep" | "drop" => self.add_informational(draft),
            "deny" | "quarantine" if self.undeclared.is_empty() => {
                let clause = self.add(draft);
                self.untasked.push(clause);
            }
            "deny" | "quarantine" => {
                let clause = self.add(Draft { judge: Judge::Always, ..draft });
                self.whole.push(clause);
            }
            other => {
                let reason = format!("`{other}` is not keep, drop, deny or quarantine");
                self.add_refused(draft, codes::plan::BOUND_UNREADABLE, reason);
            }
        }
        policy == "drop"
    }

    /// The primary key in its order, else every scalar column with a cap on how many are shown.
    fn context(&self) -> (Vec<ContextColumn>, usize) {
        let keys = primary_keys(&self.object.properties);
        let columns = |properties: Vec<&Property>| {
            properties.into_iter().filter_map(|property| self.context_column(property)).collect()
        };
        if keys.is_empty() {
            (columns(self.object.properties.iter().collect()), CONTEXT_COLUMNS)
        } else {
            (columns(keys), usize::MAX)
        }
    }

    fn physical_names(&self) -> BTreeMap<String, String> {
        let renamed = |property: &Property| {
            let found = self.columns.find(&property.name, property.physical_name.as_deref());
            let Found::At(position) = found else { return None };
            let name = self.schema.fields().get(position)?.name();
            (*name != property.name).then(|| (property.name.clone(), name.clone()))
        };
        self.object.properties.iter().filter_map(renamed).collect()
    }

    fn context_column(&self, property: &Property) -> Option<ContextColumn> {
        let Found::At(position) = self.columns.find(&property.name, property.physical_name.as_deref()) else {
            return None;
        };
        let field = self.schema.fields().get(position)?;
        types::is_scalar(field.data_type()).then(|| ContextColumn {
            position,
            name: property.name.clone(),
            masked: mask_of(property),
        })
    }

    fn into_plan(self, mut columns: Vec<(usize, ColumnTask)>, drop_undeclared: bool, rules: Rules) -> Plan {
        let (context, context_shown) = self.context();
        let physical = self.physical_names();
        let damage = self.damage_clauses();
        columns.iter_mut().for_each(|(_, task)| task.seal());
        let (keys, key_tasks) = self.keys.into_iter().unzip();
        let (self_foreign, self_tasks) = self.self_foreign.into_iter().unzip();
        let header = Header {
            semantics: SEMANTICS,
            contract: ContractRef {
                id: self.contract.id.clone(),
                version: self.contract.version.clone(),
                digest: self.contract.digest.clone(),
                object: self.object.name.clone(),
            },
            clauses: self.clauses,
            keys,
            self_foreign,
            undeclared: self.undeclared,
            references: self.references,
            as_of: self.options.as_of.map(|instant| instant.to_string()),
            params: rules.params,
        };
        Plan {
            header: Arc::new(header),
            lines: self.lines,
            arguments: self.arguments,
            physical,
            columns,
            whole: self.whole,
            untasked: self.untasked,
            keys: key_tasks,
            foreign: self.foreign,
            self_foreign: self_tasks,
            ages: self.ages,
            rules: rules.task,
            unused_parameters: rules.unused,
            context,
            context_shown,
            drop_undeclared,
            damage,
        }
    }

    /// The classification that hides the column at `path`, if any: its own, or that of an object around it.
    pub fn mask_at(&self, path: &str) -> Option<String> {
        let mut properties = &self.object.properties;
        let mut mask = None;
        for name in path.split('.') {
            let property = properties.iter().find(|property| property.name == name)?;
            mask = mask_of(property).or(mask);
            properties = &property.properties;
        }
        mask
    }
}

impl Plan {
    /// The context columns for a clause on `columns`: the primary key, else the first three others.
    pub fn context_for<'p>(&'p self, columns: &'p [String]) -> impl Iterator<Item = &'p ContextColumn> {
        let others = self.context.iter().filter(move |column| !columns.contains(&column.name));
        others.take(self.context_shown)
    }
}

impl ColumnTask {
    /// Moves the checks bound so far to where they are run.
    fn seal(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.checks = (!pending.is_empty()).then(|| ColumnChecks::new(pending));
        for child in &mut self.children {
            match child {
                Child::Field(_, task) | Child::Items(task) | Child::MapKeys(task) | Child::MapValues(task) => {
                    task.seal()
                }
            }
        }
    }

    /// Is there anything to run?
    pub fn has_work(&self) -> bool {
        !self.clauses.is_empty() || !self.counted.is_empty() || !self.mismatches.is_empty() || !self.children.is_empty()
    }
}

/// The classification that hides a column's values, if any.
pub(super) fn mask_of(property: &Property) -> Option<String> {
    property.classification.clone().filter(|class| !class.eq_ignore_ascii_case("public"))
}

/// The classification that hides a property or something in it.
fn any_mask(property: &Property) -> Option<String> {
    let inside = property.properties.iter().chain(property.items.as_deref());
    let pair = property.map.as_deref().map(|(key, value)| [key, value]);
    mask_of(property).or_else(|| inside.chain(pair.into_iter().flatten()).find_map(any_mask))
}

/// The text of a custom property.
pub(super) fn custom_text<'c>(custom: &'c [Custom], name: &str) -> Option<&'c str> {
    custom.iter().find(|entry| entry.property == name)?.value.as_str()
}

/// Is a custom property `true`?
pub(super) fn custom_flag(custom: &[Custom], name: &str) -> bool {
    custom.iter().any(|entry| entry.property == name && entry.value == true)
}

fn undeclared(object: &SchemaObject, schema: &Schema) -> Vec<String> {
    let columns = Columns::new(schema);
    let name_at = |position: usize| schema.fields().get(position).map(|field| field.name().as_str());
    let matched = |property: &'_ Property| match columns.find(&property.name, property.physical_name.as_deref()) {
        Found::At(position) => name_at(position),
        Found::Ambiguous => {
            schema.fields().iter().map(|field| field.name().as_str()).find(|name| *name == property.name)
        }
        Found::Missing => None,
    };
    let matched: HashSet<&str> = object.properties.iter().filter_map(matched).collect();
    let names = schema.fields().iter().map(|field| field.name());
    names.filter(|name| !matched.contains(name.as_str())).cloned().collect()
}
