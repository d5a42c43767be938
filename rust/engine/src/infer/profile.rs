//! What is known of a column's values, or of the values nested in it.

use super::nested;
use super::range::{Ends, Reals, Weights};
use super::text::{Counts, Texts, byte_lengths};
use crate::plan::types;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::i256;
use arrow_schema::{DataType, Field};

/// Values nested deeper are not described: the contract would not be read.
pub const MAX_NESTING: usize = 32;

/// What has been seen.
#[derive(Debug)]
pub struct Profile {
    /// A dictionary counts as its values' type.
    pub data_type: DataType,
    /// Values that exist, NULLs too.
    pub values: u64,
    /// NULLs among them.
    pub nulls: u64,
    /// What the others are like.
    pub shape: Shape,
}

/// What is remembered of values of a type.
#[derive(Debug)]
pub enum Shape {
    /// Integers and decimals.
    Exact(Ends<i256>),
    /// Dates, times and timestamps.
    Moment(Ends<i256>),
    /// Floats.
    Real(Reals),
    /// How many are true.
    Truth(u64),
    /// Texts.
    Text(Box<Texts>),
    /// Lengths of binary values.
    Bytes(Counts),
    /// Lengths of lists, and their items.
    List(Counts, Box<Profile>),
    /// Sizes of maps.
    Map(Counts),
    /// The fields of structs.
    Struct(Vec<(String, Profile)>),
    /// Nested beyond the depth that is described.
    Deep,
    /// Of a type whose values are not looked into.
    Opaque,
    /// Texts as they are, and other values as their bytes.
    Untyped,
}

/// Key in the metadata of a column of text whose values have no type: texts as they are, and other JSON values as their bytes.
const UNTYPED: &str = "guard_nb.untyped";

/// Has the column no type, although it is text?
pub fn is_untyped(field: &Field) -> bool {
    field.metadata().contains_key(UNTYPED)
}

impl Profile {
    /// Nothing seen yet.
    pub fn of(field: &Field) -> Self {
        Self::within(field, 0)
    }

    fn within(field: &Field, depth: usize) -> Self {
        if is_untyped(field) {
            return Self { data_type: field.data_type().clone(), values: 0, nulls: 0, shape: Shape::Untyped };
        }
        Self::at_depth(field.data_type(), depth)
    }

    fn at_depth(data_type: &DataType, depth: usize) -> Self {
        let (data_type, hidden) = match data_type {
            DataType::Dictionary(_, values) => (values.as_ref(), values.is_nested()),
            other => (other, false),
        };
        let shape = match data_type {
            _ if hidden => Shape::Opaque,
            nested if nested.is_nested() && depth >= MAX_NESTING => Shape::Deep,
            DataType::Struct(fields) => {
                let field = |field: &arrow_schema::FieldRef| (field.name().clone(), Self::within(field, depth + 1));
                Shape::Struct(fields.iter().map(field).collect())
            }
            DataType::List(items) => Shape::List(Counts::default(), Box::new(Self::within(items, depth + 1))),
            DataType::Map(..) => Shape::Map(Counts::default()),
            other => match types::item(other) {
                Some(items) => Shape::List(Counts::default(), Box::new(Self::at_depth(items.data_type(), depth + 1))),
                None => scalar(other),
            },
        };
        Self { data_type: data_type.clone(), values: 0, nulls: 0, shape }
    }

    /// Takes in the values of an array, each as often as `weights` says.
    pub fn feed(&mut self, array: &dyn Array, weights: Option<&[u64]>) {
        let weights = Weights(weights);
        if array.data_type() != &self.data_type
            && let Some((values, meant, nulls)) = nested::dictionary(array, weights)
        {
            if matches!(self.shape, Shape::Opaque) {
                return drop(self.count(array, weights));
            }
            self.values += nulls;
            self.nulls += nulls;
            return self.feed(values.as_ref(), Some(&meant));
        }
        let alive = self.count(array, weights);
        self.look(array, Weights(alive.as_deref().or(weights.0)));
    }

    /// Counts values and NULLs. The weights with those of NULLs set to 0, if there are any.
    fn count(&mut self, array: &dyn Array, weights: Weights<'_>) -> Option<Vec<u64>> {
        let total = weights.0.map_or(array.len() as u64, |weights| weights.iter().sum());
        self.values += total;
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0)?;
        let weight = |(row, valid)| if valid { weights.at(row) } else { 0 };
        let alive: Vec<u64> = nulls.iter().enumerate().map(weight).collect();
        self.nulls += total - alive.iter().sum::<u64>();
        Some(alive)
    }

    fn look(&mut self, array: &dyn Array, alive: Weights<'_>) {
        match &mut self.shape {
            Shape::Exact(ends) | Shape::Moment(ends) => ends.feed(array, alive),
            Shape::Real(reals) => reals.feed(array, alive),
            Shape::Truth(truths) => {
                if let Some(array) = array.as_boolean_opt() {
                    *truths += array.values().set_indices().map(|row| alive.at(row)).sum::<u64>();
                }
            }
            Shape::Text(texts) => texts.feed(array, alive),
            Shape::Bytes(lengths) => byte_lengths(lengths, array, alive),
            Shape::Map(sizes) => nested::entries(array, alive, sizes),
            Shape::List(lengths, items) => {
                if let Some(found) = nested::items(array, alive, lengths) {
                    items.feed(found.array.as_ref(), Some(&found.weights));
                }
            }
            Shape::Struct(fields) => {
                let columns = array.as_struct_opt().map(|array| array.columns()).unwrap_or_default();
                for ((_, field), column) in fields.iter_mut().zip(columns) {
                    field.feed(column.as_ref(), alive.0);
                }
            }
            Shape::Deep | Shape::Opaque | Shape::Untyped => {}
        }
    }

    /// Values that are not NULL.
    pub fn present(&self) -> u64 {
        self.values - self.nulls
    }
}

fn scalar(data_type: &DataType) -> Shape {
    use DataType::{Binary, BinaryView, Boolean, FixedSizeBinary, LargeBinary, LargeUtf8, Utf8, Utf8View};
    use DataType::{Date32, Date64, Time32, Time64, Timestamp};
    match data_type {
        Boolean => Shape::Truth(0),
        Utf8 | LargeUtf8 | Utf8View => Shape::Text(Box::default()),
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => Shape::Bytes(Counts::default()),
        Date32 | Date64 | Time32(_) | Time64(_) | Timestamp(..) => Shape::Moment(Ends::default()),
        float if float.is_floating() => Shape::Real(Reals::default()),
        number if number.is_numeric() => Shape::Exact(Ends::default()),
        _ => Shape::Opaque,
    }
}
