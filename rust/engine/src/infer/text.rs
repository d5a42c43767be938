//! What is known of texts and of lengths.

use super::range::Weights;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_schema::DataType;
use std::collections::HashMap;

/// Most different values that are remembered.
pub const FEW: usize = 20;
/// Longest value that may be a member of a set, in bytes.
const MEMBER: usize = 100;

/// The least and greatest of some counts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts(Option<(u64, u64)>);

impl Counts {
    pub fn take(&mut self, count: usize) {
        let count = count as u64;
        let (low, high) = self.0.unwrap_or((count, count));
        self.0 = Some((low.min(count), high.max(count)));
    }

    pub fn ends(self) -> Option<(u64, u64)> {
        self.0
    }
}

/// What is known of texts.
#[derive(Debug, Clone)]
pub struct Texts {
    /// In Unicode scalar values.
    pub lengths: Counts,
    /// How many are empty.
    pub empty: u64,
    /// How many start or end with white space.
    pub padded: u64,
    /// How often each was seen; none when there are too many.
    pub few: Option<HashMap<String, u64>>,
    /// All are upper-case ASCII letters.
    pub upper: bool,
    /// All are ASCII digits.
    pub digits: bool,
}

impl Default for Texts {
    fn default() -> Self {
        let few = Some(HashMap::new());
        Self { lengths: Counts::default(), empty: 0, padded: 0, few, upper: true, digits: true }
    }
}

impl Texts {
    /// Takes in the values of an array of text; of others nothing.
    pub fn feed(&mut self, array: &dyn Array, weights: Weights<'_>) {
        if let Some(array) = array.as_string_opt::<i32>() {
            self.values(array.len(), weights, |row| array.value(row));
        } else if let Some(array) = array.as_string_opt::<i64>() {
            self.values(array.len(), weights, |row| array.value(row));
        } else if let Some(array) = array.as_string_view_opt() {
            self.values(array.len(), weights, |row| array.value(row));
        }
    }

    fn values<'a>(&mut self, len: usize, weights: Weights<'_>, value: impl Fn(usize) -> &'a str) {
        for (row, weight) in (0..len).map(|row| (row, weights.at(row))).filter(|(_, weight)| *weight > 0) {
            self.take(value(row), weight);
        }
    }

    fn take(&mut self, value: &str, weight: u64) {
        self.lengths.take(if value.is_ascii() { value.len() } else { value.chars().count() });
        if value.is_empty() {
            self.empty += weight;
        } else if value.starts_with(char::is_whitespace) || value.ends_with(char::is_whitespace) {
            self.padded += weight;
        }
        self.upper = self.upper && value.bytes().all(|byte| byte.is_ascii_uppercase());
        self.digits = self.digits && value.bytes().all(|byte| byte.is_ascii_digit());
        let Some(few) = &mut self.few else { return };
        if let Some(seen) = few.get_mut(value) {
            *seen += weight;
        } else if few.len() < FEW && value.len() <= MEMBER {
            few.insert(value.to_owned(), weight);
        } else {
            self.few = None;
        }
    }
}

/// Takes in the lengths of an array of binary values, in bytes.
pub fn byte_lengths(lengths: &mut Counts, array: &dyn Array, weights: Weights<'_>) {
    let len = |row: usize| match array.data_type() {
        DataType::Binary => array.as_binary::<i32>().value(row).len(),
        DataType::LargeBinary => array.as_binary::<i64>().value(row).len(),
        DataType::BinaryView => array.as_binary_view().value(row).len(),
        DataType::FixedSizeBinary(size) => usize::try_from(*size).unwrap_or(0),
        _ => 0,
    };
    (0..array.len()).filter(|row| weights.at(*row) > 0).for_each(|row| lengths.take(len(row)));
}
