//! Texts of a chunk in whichever layout they came.

use super::compare::short_view;
use arrow_array::{Array, ArrayRef, LargeStringArray, StringArray, StringViewArray};
use std::sync::Arc;

/// Texts, one a record.
#[derive(Clone)]
pub enum Texts {
    /// 32-bit offsets.
    Small(StringArray),
    /// 64-bit offsets.
    Large(LargeStringArray),
    /// Views.
    View(StringViewArray),
    /// A code a record, into distinct values.
    Coded(Arc<[u32]>, Arc<Texts>),
    /// The same for every record.
    One(Arc<str>),
}

impl Texts {
    /// The text of a record that has one.
    #[inline(always)]
    pub fn get(&self, row: usize) -> Option<&str> {
        match self {
            Texts::Small(values) => (row < values.len()).then(|| values.value(row)),
            Texts::Large(values) => (row < values.len()).then(|| values.value(row)),
            Texts::View(values) => (row < values.len()).then(|| values.value(row)),
            Texts::Coded(codes, values) => values.get(*codes.get(row)? as usize),
            Texts::One(text) => Some(text),
        }
    }

    /// The view of a record's text where it is at most 12 bytes long and views are at hand.
    #[inline(always)]
    pub fn short(&self, row: usize) -> Option<u128> {
        match self {
            Texts::View(values) => values.views().get(row).copied().filter(|view| *view as u32 <= 12),
            Texts::One(text) => short_view(text),
            _ => None,
        }
    }

    /// From an Arrow array of strings; none for other types.
    pub fn of(array: &ArrayRef) -> Option<Texts> {
        let any = array.as_any();
        if let Some(values) = any.downcast_ref::<StringArray>() {
            Some(Texts::Small(values.clone()))
        } else if let Some(values) = any.downcast_ref::<LargeStringArray>() {
            Some(Texts::Large(values.clone()))
        } else {
            any.downcast_ref::<StringViewArray>().map(|values| Texts::View(values.clone()))
        }
    }
}
