//! What a form cannot hold, told before anything of it is lost.

use crate::failure::Failure;
use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema};
use guard_engine::plan::{UNTYPED, UNTYPED_OBJECT};
use guard_verdict::codes;
use std::collections::HashSet;

/// Refuses two columns, or two fields of a struct, that bear one name.
///
/// # Errors
/// `column-ambiguous`.
pub fn distinct(schema: &Schema) -> Result<(), Failure> {
    among(schema.fields(), "")
}

fn among(fields: &Fields, inside: &str) -> Result<(), Failure> {
    let mut names = HashSet::new();
    for field in fields {
        let path = format!("{inside}{}", field.name());
        if !names.insert(field.name()) {
            let message = format!("two columns are called `{path}`, and no file could tell them apart");
            return Err(Failure::new(codes::plan::COLUMN_AMBIGUOUS.name(), message, "rename one of them"));
        }
        each(field.data_type(), &path, &mut |inner, path| match inner {
            DataType::Struct(fields) => among(fields, &format!("{path}.")),
            _ => Ok(()),
        })?;
    }
    Ok(())
}

/// Refuses columns that text has no form for, or Parquet where that is meant.
///
/// # Errors
/// `layout-not-supported`.
pub fn formed(schema: &Schema, parquet: bool) -> Result<(), Failure> {
    schema.fields().iter().try_for_each(|field| formed_of(field.data_type(), field.name(), parquet))
}

fn formed_of(data_type: &DataType, path: &str, parquet: bool) -> Result<(), Failure> {
    each(data_type, path, &mut |inner, path| {
        let kind = match inner {
            DataType::Struct(fields) => {
                let mut fields = fields.iter();
                return fields.try_for_each(|f| formed_of(f.data_type(), &format!("{path}.{}", f.name()), parquet));
            }
            DataType::Union(..) => "unions",
            DataType::RunEndEncoded(..) if !parquet => "run-end encoded values",
            _ => return Ok(()),
        };
        let form = if parquet { "Parquet" } else { "text" };
        let message = format!("`{path}` holds {kind}, which have no form in {form}");
        let help = "write `.arrow`, or cast the column in the source";
        Err(Failure::new(codes::plan::LAYOUT_NOT_SUPPORTED.name(), message, help))
    })
}

/// The type, and what lists, maps and dictionaries hold of it; not the fields of structs.
fn each(
    data_type: &DataType,
    path: &str,
    look: &mut dyn FnMut(&DataType, &str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match data_type {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => each(item.data_type(), &format!("{path}[]"), look),
        DataType::Dictionary(_, values) => each(values, path, look),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(sides) => sides
                .iter()
                .zip(["key", "value"])
                .try_for_each(|(side, name)| each(side.data_type(), &format!("{path}.{name}"), look)),
            _ => Ok(()),
        },
        other => look(other, path),
    }
}

/// Columns whose texts are JSON objects, at any depth: of other formats than JSON's their contract reads none.
pub fn objects(schema: &Schema) -> Vec<String> {
    let mut out = Vec::new();
    schema.fields().iter().for_each(|field| objects_of(field, field.name().clone(), &mut out));
    out
}

fn objects_of(field: &Field, path: String, out: &mut Vec<String>) {
    match field.data_type() {
        DataType::List(item) => objects_of(item, format!("{path}[]"), out),
        DataType::Struct(fields) => {
            fields.iter().for_each(|inner| objects_of(inner, format!("{path}.{}", inner.name()), out));
        }
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8
            if field.metadata().get(UNTYPED).is_some_and(|kind| kind == UNTYPED_OBJECT) =>
        {
            out.push(path);
        }
        _ => {}
    }
}

/// Refuses maps in which a text is a key more than once: a JSON object has a name once.
///
/// # Errors
/// `json-duplicate-name`.
pub fn one_key_each(batch: &RecordBatch) -> Result<(), Failure> {
    for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if let Some(key) = twice(array.as_ref()) {
            let message = format!("a map in `{}` has the key `{key}` more than once", field.name());
            let help = "write `.arrow` or `.parquet`, or mend the source";
            return Err(Failure::new(codes::ingest::JSON_DUPLICATE_NAME.name(), message, help));
        }
    }
    Ok(())
}

/// A key that one map of the array has twice.
fn twice(array: &dyn Array) -> Option<String> {
    match array.data_type() {
        DataType::Struct(_) => array.as_struct().columns().iter().find_map(|column| twice(column.as_ref())),
        DataType::List(_) => twice(array.as_list::<i32>().values().as_ref()),
        DataType::LargeList(_) => twice(array.as_list::<i64>().values().as_ref()),
        DataType::FixedSizeList(..) => twice(array.as_fixed_size_list().values().as_ref()),
        DataType::Dictionary(..) => twice(array.as_any_dictionary().values().as_ref()),
        DataType::Map(..) => {
            let map = array.as_map();
            let found = super::json::texts(map.keys().as_ref()).and_then(|keys| {
                (0..map.len()).filter(|row| map.is_valid(*row)).find_map(|row| {
                    let ends = map.offsets().get(row..row + 2)?;
                    let (start, end) = (usize::try_from(*ends.first()?).ok()?, usize::try_from(*ends.last()?).ok()?);
                    let mut met = HashSet::new();
                    (start..end).filter_map(&keys).find(|key| !met.insert(*key)).map(str::to_owned)
                })
            });
            found.or_else(|| twice(map.values().as_ref()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
