//! What a Parquet file says of its columns without being scanned.

use super::parquet::{footer, rows_of, unread};
use super::region::Region;
use super::{caught, damaged};
use crate::error::IngestError;
use crate::request::Input;
use crate::source::{Body, file};
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_ord::ord::make_comparator;
use arrow_schema::SortOptions;
use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
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
        Input::File(path) => (path.display().to_string(), region_of(path)?),
        Input::Bytes(name, bytes) => (name.clone(), Region::of_memory(bytes.clone())),
        Input::Stdin => {
            let error = IngestError::new("file-unreadable", "standard input has no statistics before it is read");
            return Err(error.help("name a file"));
        }
    };
    let metadata = footer(&name, &region)?;
    caught(&name, "statistics", || of_metadata(&name, &metadata))
}

fn region_of(path: &Path) -> Result<Region, IngestError> {
    match file(path)? {
        Body::File(file, length) => Ok(Region::of_file(file, length)),
        _ => Err(damaged(&path.display().to_string(), "", "it is no regular file, or is empty")),
    }
}

fn of_metadata(name: &str, metadata: &ArrowReaderMetadata) -> Result<Statistics, IngestError> {
    let groups = metadata.metadata().row_groups();
    let mut rows = 0_u64;
    for group in 0..groups.len() {
        rows = rows.saturating_add(rows_of(name, metadata, group)?);
    }
    let fields = metadata.schema().fields();
    let mut columns = Vec::new();
    for field in fields {
        let twice = fields.iter().filter(|other| other.name() == field.name()).count() > 1;
        if !field.data_type().is_nested() && !twice {
            columns.push(of_column(name, field.name(), metadata, groups)?);
        }
    }
    Ok(Statistics { rows, columns })
}

fn of_column(
    name: &str,
    column: &str,
    metadata: &ArrowReaderMetadata,
    groups: &[RowGroupMetaData],
) -> Result<ColumnStatistics, IngestError> {
    let failed = |error| unread(name, "statistics", &error);
    let converter = StatisticsConverter::try_new(column, metadata.schema(), metadata.parquet_schema())
        .map_err(failed)?
        .with_missing_null_counts_as_zero(false);
    let nulls = converter.row_group_null_counts(groups).map_err(failed)?;
    let null_count = nulls.iter().try_fold(0_u64, |sum, count| sum.checked_add(count?));
    // A row group of NULLs only has no bounds, and needs none.
    let blank: Vec<bool> = groups
        .iter()
        .zip(&nulls)
        .map(|(group, nulls)| nulls.is_some_and(|n| i64::try_from(n) == Ok(group.num_rows())))
        .collect();
    let trusted = converter.parquet_column_index().is_some_and(|leaf| groups.iter().all(|group| ordered(group, leaf)));
    let bound = |values: ArrayRef, exact: BooleanArray, least: bool| {
        if trusted { extreme(&values, &exact, &blank, least) } else { None }
    };
    let min = bound(
        converter.row_group_mins(groups).map_err(failed)?,
        converter.row_group_is_min_value_exact(groups).map_err(failed)?,
        true,
    );
    let max = bound(
        converter.row_group_maxes(groups).map_err(failed)?,
        converter.row_group_is_max_value_exact(groups).map_err(failed)?,
        false,
    );
    Ok(ColumnStatistics { name: column.to_owned(), null_count, min, max })
}

/// Are the bounds of this column chunk in the order of its type? Old writers compared texts and unsigned numbers as signed.
fn ordered(group: &RowGroupMetaData, leaf: usize) -> bool {
    let statistics = group.columns().get(leaf).and_then(|column| column.statistics());
    statistics.is_none_or(|found| !found.is_min_max_deprecated() || found.is_min_max_backwards_compatible())
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
