//! Keys: unique, primary, foreign.

use super::column::{ColumnPath, Columns, Found};
use super::compile::{Compiler, Draft};
use super::property::{Slot, field_slot, key_draft};
use super::{ForeignTask, KeyInfo, KeyTask, ReferenceFrame, ReferenceInfo, SelfForeignTask, types};
use crate::contract::{Contract, Property, Relationship};
use arrow_array::{ArrayRef, new_empty_array};
use arrow_schema::{DataType, FieldRef, Schema};
use guard_kernels::key::KeyEncoder;
use guard_kernels::unique::KeySet;
use guard_verdict::{Code, Scope, codes};
use std::collections::HashSet;

/// The columns of a key, or why there is no such key.
type KeyColumns = Result<Vec<ColumnPath>, (Code, String)>;

impl Compiler<'_> {
    /// Adds a uniqueness clause, or refuses it.
    pub fn key_clause(&mut self, draft: Draft, slots: Vec<Slot>, null_violates: bool) {
        match columns(slots) {
            Ok(columns) => {
                let clause = self.add(draft);
                let info = self.key_info(clause, &columns, null_violates);
                self.keys.push((info, KeyTask { columns }));
            }
            Err((code, reason)) => {
                self.add_refused(draft, code, reason);
            }
        }
    }

    /// Is at most one property marked as primary key?
    pub fn single_primary_key(&self) -> bool {
        primary_keys(&self.object.properties).len() == 1
    }

    /// The clause of a primary key of several columns, in the order of their positions.
    pub fn composite_primary_key(&mut self) {
        let keys = primary_keys(&self.object.properties);
        if keys.len() < 2 {
            return;
        }
        let names: Vec<String> = keys.iter().map(|property| property.name.clone()).collect();
        let line = keys.iter().filter_map(|property| property.primary_key.as_ref()).map(|key| key.span.line).min();
        let name = format!("primary key ({})", names.join(", "));
        let mut draft =
            key_draft(self.id("", "primaryKey"), "primaryKey", &name, "", line.unwrap_or(self.object.span.line));
        let slots = names.iter().map(|name| self.slot_of(name)).collect();
        draft.columns = names;
        self.key_clause(draft, slots, true);
    }

    /// The values of a property named by a path of this object, such as `address.street`.
    pub fn slot_of(&self, path: &str) -> Slot {
        let whole = self.object.properties.iter().find(|property| property.name == path);
        let (property, rest) = match (whole, path.split_once('.')) {
            (Some(property), _) => (Some(property), None),
            (None, Some((first, rest))) => {
                (self.object.properties.iter().find(|property| property.name == first), Some(rest))
            }
            (None, None) => (None, None),
        };
        let Some(property) = property else {
            return Slot::Refused(codes::data::COLUMN_MISSING, format!("the contract declares no property `{path}`"));
        };
        let mut slot = self.top_slot(property);
        let (mut parent, mut rest) = (property, rest);
        let mut walked = property.name.clone();
        while let Some(path) = rest {
            let (name, next) = path.split_once('.').map_or((path, None), |(name, next)| (name, Some(next)));
            let Some(child) = parent.properties.iter().find(|child| child.name == name) else {
                return Slot::Refused(
                    codes::data::COLUMN_MISSING,
                    format!("the contract declares no property `{walked}.{name}`"),
                );
            };
            walked = format!("{walked}.{name}");
            slot = checked_type(child, field_slot(&slot, child, &walked).0, &walked);
            (parent, rest) = (child, next);
        }
        slot
    }

    /// Does the object declare a property at this path?
    pub fn declares(&self, path: &str) -> bool {
        let mut properties = &self.object.properties;
        path.split('.').all(|name| {
            let found = properties.iter().find(|property| property.name == name);
            found.inspect(|property| properties = &property.properties).is_some()
        })
    }

    fn top_slot(&self, property: &Property) -> Slot {
        let name = &property.name;
        let slot = match self.columns.find(name, property.physical_name.as_deref()) {
            Found::At(position) => match self.schema.fields().get(position) {
                Some(field) => Slot::At(ColumnPath {
                    steps: vec![position],
                    name: name.clone(),
                    data_type: field.data_type().clone(),
                }),
                None => Slot::Refused(codes::data::COLUMN_MISSING, format!("the frame has no column `{name}`")),
            },
            Found::Missing => Slot::Refused(codes::data::COLUMN_MISSING, format!("the frame has no column `{name}`")),
            Found::Ambiguous => {
                Slot::Refused(codes::plan::COLUMN_AMBIGUOUS, format!("the frame has more than one column `{name}`"))
            }
        };
        checked_type(property, slot, name)
    }

    /// Adds the clauses of the object's relationships.
    pub fn object_relationships(&mut self) {
        for relationship in &self.object.relationships {
            self.relationship(relationship, "");
        }
    }

    /// Adds a foreign key. `path` is the property it is written at, empty for the object.
    pub fn relationship(&mut self, relationship: &Relationship, path: &str) {
        let target = match relationship.to.as_slice() {
            [one] => format!("{}.{one}", relationship.to_object),
            many => format!("{}.({})", relationship.to_object, many.join(", ")),
        };
        let from = if path.is_empty() { relationship.from.clone() } else { vec![path.to_owned()] };
        let draft = Draft {
            columns: from.clone(),
            scope: Scope::Key,
            arguments: [&relationship.to_object]
                .into_iter()
                .chain(&relationship.to)
                .map(|name| name.as_str().into())
                .collect(),
            ..Draft::record(
                self.id(path, "foreignKey"),
                "foreignKey",
                format!("foreign key → {target}"),
                path,
                relationship.span.line,
            )
        };
        if let Err((code, reason)) = self.foreign_key(&draft, relationship, &from) {
            self.add_refused(draft, code, reason);
        }
    }

    /// Adds the clause and its task; the draft is cloned only where it is used.
    fn foreign_key(
        &mut self,
        draft: &Draft,
        relationship: &Relationship,
        from: &[String],
    ) -> Result<(), (Code, String)> {
        let from = columns(from.iter().map(|name| self.slot_of(name)).collect())?;
        if let Some(reference) = self.options.references.get(&relationship.to_object) {
            let (keys, to) = self.reference_keys(reference, relationship, &from)?;
            let clause = self.add(draft.copy());
            let info = self.references.entry(relationship.to_object.clone()).or_insert_with(|| ReferenceInfo {
                records: reference.batches.iter().map(|batch| batch.num_rows() as u64).sum(),
                keys: Default::default(),
            });
            info.keys.insert(clause, to);
            let masked = from.iter().map(|path| self.mask_at(&path.name)).collect();
            self.foreign.push(ForeignTask { clause, columns: from, masked, keys });
            return Ok(());
        }
        if let Some(document) = &relationship.external {
            return Err((codes::plan::REFERENCE_EXTERNAL, format!("`{document}` is another document")));
        }
        if relationship.to_object != self.object.name {
            let reason = format!("no frame `{}` was given", relationship.to_object);
            return Err((codes::plan::REFERENCE_MISSING, reason));
        }
        let to = columns(relationship.to.iter().map(|name| self.slot_of(name)).collect())?;
        same_kinds(&from, &to, &relationship.to_object)?;
        let clause = self.add(draft.copy());
        let info = self.key_info(clause, &from, false);
        self.self_foreign.push((info, SelfForeignTask { from, to }));
        Ok(())
    }

    /// The referenced keys; a column that the contract knows by a physical name is found by it (S3.3).
    fn reference_keys(
        &self,
        reference: &ReferenceFrame,
        relationship: &Relationship,
        from: &[ColumnPath],
    ) -> Result<(KeySet, [u8; 16]), (Code, String)> {
        let declared = self.contract.object(&relationship.to_object);
        let physical = |name: &str| {
            let property = declared?.properties.iter().find(|property| property.name == *name)?;
            property.physical_name.as_deref()
        };
        let column = |name: &String| reference_column(reference, &relationship.to_object, name, physical(name));
        let to: KeyColumns = relationship.to.iter().map(column).collect();
        let to = to?;
        same_kinds(from, &to, &relationship.to_object)?;
        let unsupported = |why: String| (codes::plan::LAYOUT_NOT_SUPPORTED, why);
        let chunks: Option<Vec<Vec<ArrayRef>>> =
            to.iter().map(|path| reference.batches.iter().map(|batch| path.resolve(batch)).collect()).collect();
        let chunks = chunks.ok_or_else(|| unsupported("the referenced frame's batches differ in shape".to_owned()))?;
        let keys = KeySet::build(&chunks).map_err(|why| unsupported(why.to_string()))?;
        let fingerprint = keys.fingerprint();
        Ok((keys, fingerprint))
    }

    fn key_info(&self, clause: usize, columns: &[ColumnPath], null_violates: bool) -> KeyInfo {
        let names: Vec<String> = columns.iter().map(|path| path.name.clone()).collect();
        let masked = names.iter().map(|name| self.mask_at(name)).collect();
        KeyInfo { clause, columns: names, masked, null_violates }
    }
}

impl Draft {
    fn copy(&self) -> Self {
        Self {
            id: self.id.clone(),
            kind: self.kind,
            name: self.name.clone(),
            columns: self.columns.clone(),
            scope: self.scope,
            severity: self.severity,
            dimension: self.dimension.clone(),
            judge: self.judge.clone(),
            line: self.line,
            arguments: self.arguments.clone(),
        }
    }
}

/// The properties of the primary key in the order of their positions, those without a position last.
pub(super) fn primary_keys(properties: &[Property]) -> Vec<&Property> {
    let is_key = |property: &&Property| property.primary_key.as_ref().is_some_and(|key| key.value);
    let mut keys: Vec<&Property> = properties.iter().filter(is_key).collect();
    keys.sort_by_key(|property| property.primary_key_position.unwrap_or(u32::MAX));
    keys
}

/// A column of another type than declared takes no part in keys (S3.2).
fn checked_type(property: &Property, slot: Slot, path: &str) -> Slot {
    match (&property.logical_type, slot.data_type()) {
        (Some(logical), Some(data_type)) if !types::admits(logical.value, data_type, false) => {
            let reason = format!("`{path}` holds {}, not {}", types::holds(data_type), logical.value.name());
            Slot::Refused(codes::data::TYPE_MISMATCH, reason)
        }
        _ => slot,
    }
}

fn is_key(data_type: &DataType) -> bool {
    KeyEncoder::new(&[new_empty_array(data_type)]).is_ok()
}

fn columns(slots: Vec<Slot>) -> KeyColumns {
    let column = |slot| match slot {
        Slot::At(path) if is_key(&path.data_type) => Ok(path),
        Slot::At(path) => {
            let reason = format!("`{}` holds {}, which are no keys", path.name, types::holds(&path.data_type));
            Err((codes::plan::LAYOUT_NOT_SUPPORTED, reason))
        }
        Slot::Inside { .. } => Err((
            codes::plan::LAYOUT_NOT_SUPPORTED,
            "values inside a list or map have no record of their own to be keys of".to_owned(),
        )),
        Slot::Refused(code, reason) => Err((code, reason)),
    };
    slots.into_iter().map(column).collect()
}

fn reference_column(
    reference: &ReferenceFrame,
    object: &str,
    path: &str,
    physical: Option<&str>,
) -> Result<ColumnPath, (Code, String)> {
    let missing = || (codes::plan::REFERENCE_COLUMN_MISSING, format!("the frame `{object}` has no column `{path}`"));
    let columns = Columns::new(&reference.schema);
    let mut names = path.split('.');
    let whole = match columns.find(path, physical) {
        Found::At(position) => Some((position, None)),
        _ => match columns.find(names.next().unwrap_or_default(), None) {
            Found::At(position) => Some((position, Some(names))),
            _ => None,
        },
    };
    let (position, rest) = whole.ok_or_else(missing)?;
    let mut data_type = reference.schema.fields().get(position).ok_or_else(missing)?.data_type().clone();
    let mut steps = vec![position];
    for name in rest.into_iter().flatten() {
        let DataType::Struct(fields) = &data_type else { return Err(missing()) };
        let position = fields.iter().position(|field| field.name() == name).ok_or_else(missing)?;
        let field_type = fields.get(position).ok_or_else(missing)?.data_type().clone();
        steps.push(position);
        data_type = field_type;
    }
    Ok(ColumnPath { steps, name: path.to_owned(), data_type })
}

/// The columns of a frame that any key of a contract refers to, by the name of the frame's object: all that a check needs of it.
pub fn referred_columns(contract: &Contract, object: &str, schema: &Schema) -> Vec<usize> {
    let mut relationships = Vec::new();
    for from in &contract.objects {
        relationships.extend(&from.relationships);
        gather(&from.properties, &mut relationships);
    }
    let declared = contract.object(object).map_or(&[][..], |object| &object.properties);
    let mut names: HashSet<&str> = HashSet::new();
    for path in relationships.into_iter().filter(|one| one.to_object == object).flat_map(|one| &one.to) {
        names.insert(path);
        names.extend(path.split('.').next());
        let property = declared.iter().find(|property| property.name == *path);
        names.extend(property.and_then(|property| property.physical_name.as_deref()));
    }
    let is_named = |field: &FieldRef| names.contains(field.name().as_str());
    schema.fields().iter().enumerate().filter(|(_, field)| is_named(field)).map(|(position, _)| position).collect()
}

/// Relationships of properties and of what is nested in them.
fn gather<'p>(properties: &'p [Property], out: &mut Vec<&'p Relationship>) {
    for property in properties {
        out.extend(&property.relationships);
        gather(&property.properties, out);
        gather(property.items.as_deref().map_or(&[], std::slice::from_ref), out);
        if let Some(map) = &property.map {
            gather(std::slice::from_ref(&map.0), out);
            gather(std::slice::from_ref(&map.1), out);
        }
    }
}

/// Keys of different kinds can never be equal; saying so beats calling every record a violation.
fn same_kinds(from: &[ColumnPath], to: &[ColumnPath], object: &str) -> Result<(), (Code, String)> {
    if from.len() != to.len() {
        let reason = format!("{} columns refer to {} columns", from.len(), to.len());
        return Err((codes::plan::REFERENCE_COLUMN_MISSING, reason));
    }
    for (left, right) in from.iter().zip(to) {
        let (here, there) = (types::key_kind(&left.data_type), types::key_kind(&right.data_type));
        if here != there && here != "null" && there != "null" {
            let reason = format!("`{}` is {here}, `{object}.{}` is {there}", left.name, right.name);
            return Err((codes::data::TYPE_MISMATCH, reason));
        }
    }
    Ok(())
}
