//! Values made of values: lists, objects, and arrays that point into other arrays.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowDictionaryKeyType, Int16Type, Int32Type, Int64Type, RunEndIndexType};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray, RunArray, UnionArray, downcast_integer};
use arrow_buffer::ArrowNativeType;
use arrow_schema::DataType;
use std::ops::Range;

use super::part::{Encode, Part};
use super::{UnsupportedKey, put};

type Writer = Result<Box<dyn Encode>, UnsupportedKey>;

fn unknown(array: &dyn Array) -> UnsupportedKey {
    UnsupportedKey::Type(Box::new(array.data_type().clone()))
}

/// Where the elements of each row lie in the child array.
enum Bounds {
    Offsets(Box<dyn Fn(usize) -> Range<usize> + Send + Sync>),
    Every(usize),
}

impl Bounds {
    /// Consecutive offsets, one more than rows.
    fn offsets<O: ArrowNativeType>(offsets: arrow_buffer::OffsetBuffer<O>) -> Bounds {
        Bounds::Offsets(Box::new(move |row| {
            let at = |i: usize| offsets.get(i).map_or(0, |offset| offset.as_usize());
            at(row)..at(row + 1)
        }))
    }

    /// An offset and a size for each row.
    fn views<O: ArrowNativeType>(
        starts: arrow_buffer::ScalarBuffer<O>,
        sizes: arrow_buffer::ScalarBuffer<O>,
    ) -> Bounds {
        Bounds::Offsets(Box::new(move |row| {
            let start = starts.get(row).map_or(0, |start| start.as_usize());
            start..start + sizes.get(row).map_or(0, |size| size.as_usize())
        }))
    }

    fn of(&self, row: usize) -> Range<usize> {
        match self {
            Bounds::Offsets(range) => range(row),
            Bounds::Every(size) => row * size..(row + 1) * size,
        }
    }
}

struct List {
    bounds: Bounds,
    items: Part,
}

impl Encode for List {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        let range = self.bounds.of(row);
        out.push(put::LIST);
        put::length(range.len(), out);
        range.for_each(|item| self.items.encode(item, out));
    }
}

pub(super) fn list(array: &ArrayRef, depth: usize) -> Writer {
    let (bounds, values) = if let Some(list) = array.as_list_opt::<i32>() {
        (Bounds::offsets(list.offsets().clone()), list.values())
    } else if let Some(list) = array.as_list_opt::<i64>() {
        (Bounds::offsets(list.offsets().clone()), list.values())
    } else if let Some(list) = array.as_list_view_opt::<i32>() {
        (Bounds::views(list.offsets().clone(), list.sizes().clone()), list.values())
    } else if let Some(list) = array.as_list_view_opt::<i64>() {
        (Bounds::views(list.offsets().clone(), list.sizes().clone()), list.values())
    } else {
        let list = array.as_fixed_size_list_opt().ok_or_else(|| unknown(array))?;
        (Bounds::Every(list.value_length().as_usize()), list.values())
    };
    Ok(Box::new(List { bounds, items: Part::new(values, depth + 1)? }))
}

/// A struct: its fields with their encoded names, in the order of those.
struct Struct {
    fields: Vec<(Vec<u8>, Part)>,
}

impl Encode for Struct {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        out.push(put::OBJECT);
        put::length(self.fields.len(), out);
        for (name, value) in &self.fields {
            out.extend_from_slice(name);
            value.encode(row, out);
        }
    }
}

/// A map: entries are written in the order of their encoding, so that the order they are stored in does not count.
struct Map {
    bounds: Bounds,
    keys: Part,
    values: Part,
}

impl Encode for Map {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        let entry = |item| {
            let mut entry = Vec::new();
            self.keys.encode(item, &mut entry);
            self.values.encode(item, &mut entry);
            entry
        };
        let mut entries: Vec<Vec<u8>> = self.bounds.of(row).map(entry).collect();
        entries.sort_unstable();
        out.push(put::OBJECT);
        put::length(entries.len(), out);
        entries.iter().for_each(|entry| out.extend_from_slice(entry));
    }
}

pub(super) fn object(array: &ArrayRef, depth: usize) -> Writer {
    if let Some(map) = array.as_map_opt() {
        let bounds = Bounds::offsets(map.offsets().clone());
        let (keys, values) = (Part::new(map.keys(), depth + 1)?, Part::new(map.values(), depth + 1)?);
        return Ok(Box::new(Map { bounds, keys, values }));
    }
    let object = array.as_struct_opt().ok_or_else(|| unknown(array))?;
    let mut fields = Vec::new();
    for (field, column) in object.fields().iter().zip(object.columns()) {
        let mut name = Vec::new();
        put::bytes(put::TEXT, field.name().as_bytes(), &mut name);
        fields.push((name, Part::new(column, depth + 1)?));
    }
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Box::new(Struct { fields }))
}

struct Dictionary<K: ArrowPrimitiveType> {
    keys: PrimitiveArray<K>,
    values: Part,
}

impl<K: ArrowPrimitiveType> Encode for Dictionary<K> {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        let key = self.keys.values().get(row).map_or(usize::MAX, |key| key.as_usize());
        self.values.encode(key, out);
    }
}

fn dictionary<K: ArrowDictionaryKeyType>(array: &ArrayRef, depth: usize) -> Writer {
    let array = array.as_dictionary_opt::<K>().ok_or_else(|| unknown(array))?;
    Ok(Box::new(Dictionary { keys: array.keys().clone(), values: Part::new(array.values(), depth + 1)? }))
}

struct Runs<R: RunEndIndexType> {
    array: RunArray<R>,
    values: Part,
}

impl<R: RunEndIndexType> Encode for Runs<R> {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        self.values.encode(self.array.get_physical_index(row), out);
    }
}

fn runs<R: RunEndIndexType>(array: &RunArray<R>, depth: usize) -> Writer {
    Ok(Box::new(Runs { array: array.clone(), values: Part::new(array.values(), depth + 1)? }))
}

struct Union {
    array: UnionArray,
    members: Vec<(i8, Part)>,
}

impl Encode for Union {
    fn put(&self, row: usize, out: &mut Vec<u8>) {
        let id = self.array.type_id(row);
        match self.members.iter().find(|(member, _)| *member == id) {
            Some((_, part)) => part.encode(self.array.value_offset(row), out),
            None => out.push(put::NULL),
        }
    }
}

/// Dictionaries, run-end encoding and unions.
pub(super) fn indirect(array: &ArrayRef, depth: usize) -> Writer {
    macro_rules! by_key {
        ($key:ty) => {
            dictionary::<$key>(array, depth)
        };
    }
    if let DataType::Dictionary(key, _) = array.data_type() {
        let key = key.as_ref();
        return downcast_integer! { key => (by_key), _ => Err(unknown(array)) };
    }
    if let (Some(union), DataType::Union(fields, _)) = (array.as_union_opt(), array.data_type()) {
        let part = |(id, _)| Ok((id, Part::new(union.child(id), depth + 1)?));
        let members = fields.iter().map(part).collect::<Result<_, _>>()?;
        return Ok(Box::new(Union { array: union.clone(), members }));
    }
    if let Some(array) = array.as_run_opt::<Int16Type>() {
        return runs(array, depth);
    }
    if let Some(array) = array.as_run_opt::<Int32Type>() {
        return runs(array, depth);
    }
    runs(array.as_run_opt::<Int64Type>().ok_or_else(|| unknown(array))?, depth)
}
