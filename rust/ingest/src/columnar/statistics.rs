//! What a Parquet file says of its columns without being scanned.

use super::parquet::{Parquet, unread};
use super::region::Region;
use super::{caught, damaged};
use crate::error::IngestError;
use crate::request::Input;
use crate::source::{Body, file};
use arrow_array::{Array, ArrayRef, BooleanArray, UInt64Array, new_empty_array};
use arrow_ord::ord::make_comparator;
use arrow_schema::{DataType, Field, SortOptions};
use arrow_select::concat::concat;
use guard_engine::run::Known;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::basic::ColumnOrder;
use parquet::file::metadata::RowGroupMetaData;
use std::cmp::Ordering;
use std::path::Path;

/// Of a whole file, over all row groups.
#[derive(Debug, Clone)]
pub struct Statistics {
    /// Rows.
    pub rows: u64,
    /// The top-level columns of primitive types that are named once, in their order.
    pub columns: Vec<ColumnStatistics>,
}

/// Of one column. What a single row group does not say is None for the file.
#[derive(Debug, Clone)]
pub struct ColumnStatistics {
    /// Its name.
    pub name: String,
    /// NULLs.
    pub null_count: Option<u64>,
    /// No value is less; None too where all values are NULL. Of floating-point columns NaN is left out, so that a bound does not speak of NaN.
    pub min: Option<Bound>,
    /// No value is greater.
    pub max: Option<Bound>,
}

/// A bound.
#[derive(Debug, Clone)]
pub struct Bound {
    /// One value, of the column's Arrow type.
    pub value: ArrayRef,
    /// A value of the column equals it; long texts are cut, and then it is a bound only.
    pub exact: bool,
}

/// The statistics of a Parquet file, from its footer alone; they are the writer's claims.
///
/// # Errors
/// `file-missing`, `file-is-folder`, `permission-denied`, `file-unreadable`.
pub fn parquet_statistics(input: &Input) -> Result<Statistics, IngestError> {
    let (name, region) = match input {
        Input::File(path) | Input::Copy(_, path) => (input.name(), region_of(path)?),
        Input::Bytes(name, bytes) => (name.clone(), Region::of_memory(bytes.clone())),
        Input::Stdin => {
            let error = IngestError::new("file-unreadable", "standard input has no statistics before it is read");
            return Err(error.help("name a file"));
        }
    };
    let file = Parquet::open(&name, region)?;
    caught(&name, "statistics", || of_file(&file))
}

fn region_of(path: &Path) -> Result<Region, IngestError> {
    match file(path)? {
        Body::File(file, length) => Ok(Region::of_file(file, length)),
        _ => Err(damaged(&path.display().to_string(), "", "it is no regular file, or is empty")),
    }
}

fn of_file(file: &Parquet) -> Result<Statistics, IngestError> {
    let mut columns = Vec::new();
    for field in file.schema().fields() {
        if let Some(found) = by_group(file, field)? {
            columns.push(found.whole(field.name()));
        }
    }
    Ok(Statistics { rows: file.rows()?, columns })
}

/// Of one column, by row group.
pub(super) struct ByGroup {
    nulls: UInt64Array,
    /// All values are NULL.
    blank: Vec<bool>,
    /// Bounds are in the order of the column's type.
    trusted: bool,
    mins: ArrayRef,
    maxes: ArrayRef,
    exact: (BooleanArray, BooleanArray),
}

/// What the footer says of a top-level column; none of nested columns, and of those that are named twice.
pub(super) fn by_group(file: &Parquet, field: &Field) -> Result<Option<ByGroup>, IngestError> {
    let metadata = file.metadata();
    let groups = metadata.metadata().row_groups();
    let twice = metadata.schema().fields().iter().filter(|other| other.name() == field.name()).count() > 1;
    if field.data_type().is_nested() || twice {
        return Ok(None);
    }
    let failed = |error| unread(file.name(), "statistics", &error);
    let converter = StatisticsConverter::try_new(field.name(), metadata.schema(), metadata.parquet_schema())
        .map_err(failed)?
        .with_missing_null_counts_as_zero(false);
    let nulls = converter.row_group_null_counts(groups).map_err(failed)?;
    // A row group of NULLs only has no bounds, and needs none.
    let blank = groups.iter().zip(&nulls);
    let blank = blank.map(|(group, nulls)| nulls.is_some_and(|n| i64::try_from(n) == Ok(group.num_rows()))).collect();
    let order = |leaf: usize| metadata.metadata().file_metadata().column_order(leaf);
    let trusted = |leaf: usize| groups.iter().all(|group| ordered(group, leaf, order(leaf)));
    Ok(Some(ByGroup {
        nulls,
        blank,
        trusted: converter.parquet_column_index().is_some_and(trusted),
        mins: converter.row_group_mins(groups).map_err(failed)?,
        maxes: converter.row_group_maxes(groups).map_err(failed)?,
        exact: (
            converter.row_group_is_min_value_exact(groups).map_err(failed)?,
            converter.row_group_is_max_value_exact(groups).map_err(failed)?,
        ),
    }))
}

impl ByGroup {
    fn whole(&self, name: &str) -> ColumnStatistics {
        let bound = |values: &ArrayRef, exact: &BooleanArray, least: bool| {
            if self.trusted { extreme(values, exact, &self.blank, least) } else { None }
        };
        ColumnStatistics {
            name: name.to_owned(),
            null_count: self.nulls.iter().try_fold(0_u64, |sum, count| sum.checked_add(count?)),
            min: bound(&self.mins, &self.exact.0, true),
            max: bound(&self.maxes, &self.exact.1, false),
        }
    }

    /// What is known of the values of a row group.
    pub(super) fn known(&self, group: usize, data_type: &DataType) -> Known {
        let blank = self.blank.get(group) == Some(&true);
        let nulls = group >= self.nulls.len() || self.nulls.is_null(group) || self.nulls.value(group) > 0;
        if blank {
            return Known { nulls: true, range: Some(new_empty_array(data_type)), constant: true };
        }
        let found = if self.trusted { self.range(group, data_type) } else { None };
        let constant = found.as_ref().is_some_and(|(_, constant)| *constant);
        Known { nulls, range: found.map(|(range, _)| range), constant }
    }

    /// Both bounds, and whether they are one value of the column.
    fn range(&self, group: usize, data_type: &DataType) -> Option<(ArrayRef, bool)> {
        let there = |values: &ArrayRef| {
            let slice = (group < values.len()).then(|| values.slice(group, 1))?;
            (slice.data_type() == data_type && slice.is_valid(0) && !is_nan(&slice)).then_some(slice)
        };
        let (min, max) = (there(&self.mins)?, there(&self.maxes)?);
        let order = make_comparator(&min, &max, SortOptions::default()).ok()?(0, 0);
        let exact = |flags: &BooleanArray| group < flags.len() && flags.is_valid(group) && flags.value(group);
        let constant = order == Ordering::Equal && exact(&self.exact.0) && exact(&self.exact.1);
        // Bounds that cross each other come from a writer that is not to be believed.
        (order != Ordering::Greater).then_some(())?;
        Some((concat(&[min.as_ref(), max.as_ref()]).ok()?, constant))
    }
}

/// Are the bounds of this column chunk in the order of its type? Old writers compared texts and unsigned numbers as signed.
fn ordered(group: &RowGroupMetaData, leaf: usize, order: ColumnOrder) -> bool {
    let statistics = group.columns().get(leaf).and_then(|column| column.statistics());
    let declared = matches!(order, ColumnOrder::TYPE_DEFINED_ORDER(_));
    statistics.is_none_or(|found| match found.is_min_max_deprecated() {
        true => found.is_min_max_backwards_compatible(),
        false => declared,
    })
}

/// The least or greatest of the values; None when one is missing that should be there, or is NaN.
fn extreme(values: &ArrayRef, exact: &BooleanArray, blank: &[bool], least: bool) -> Option<Bound> {
    let compare = make_comparator(values, values, SortOptions::default()).ok()?;
    let mut best: Option<usize> = None;
    for (at, blank) in blank.iter().enumerate().take(values.len()) {
        match (values.is_null(at), blank) {
            (true, true) => continue,
            (true, false) => return None,
            // NaN has no place in bounds: a writer that put it there compared wrongly.
            _ if is_nan(&values.slice(at, 1)) => return None,
            _ => {}
        }
        let wins = if least { Ordering::Less } else { Ordering::Greater };
        if best.is_none_or(|best| compare(at, best) == wins) {
            best = Some(at);
        }
    }
    let best = best?;
    let exact = best < exact.len() && exact.is_valid(best) && exact.value(best);
    Some(Bound { value: values.slice(best, 1), exact })
}

fn is_nan(value: &ArrayRef) -> bool {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float16Type, Float32Type, Float64Type};
    let nan64 = value.as_primitive_opt::<Float64Type>().is_some_and(|found| found.value(0).is_nan());
    let nan32 = value.as_primitive_opt::<Float32Type>().is_some_and(|found| found.value(0).is_nan());
    nan64 || nan32 || value.as_primitive_opt::<Float16Type>().is_some_and(|found| found.value(0).is_nan())
}
