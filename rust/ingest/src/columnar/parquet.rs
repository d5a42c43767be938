//! Parquet.

use super::ahead::{Job, ahead, inline};
use super::int96::{self, Old};
use super::region::Region;
use super::{BATCH_ROWS, Batches, Columnar, Guarded, Steps, caught, damaged};
use crate::error::IngestError;
use crate::source::failure;
use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
    RowSelector,
};
use parquet::errors::ParquetError;
use std::sync::Arc;

/// A file whose footer was read; cheap to clone.
#[derive(Clone)]
pub(super) struct Parquet {
    name: Arc<str>,
    region: Region,
    metadata: ArrowReaderMetadata,
    /// Of a file with INT96.
    old: Option<Arc<Old>>,
}

impl Parquet {
    /// Reads the footer, or says why there is none.
    pub(super) fn open(name: &str, region: Region) -> Result<Self, IngestError> {
        let magic = region.bytes(0, region.length().min(4)).map_err(|error| failure::unreadable(name, &error))?;
        if magic.as_ref() != b"PAR1" {
            let encrypted = magic.as_ref() == b"PARE";
            let reason = if encrypted { "its footer is encrypted" } else { "it does not start as a Parquet file does" };
            return Err(damaged(name, "", reason));
        }
        let metadata = caught(name, "footer", || {
            ArrowReaderMetadata::load(&region, ArrowReaderOptions::new())
                .map_err(|error| unread(name, "footer", &error))
        })?;
        let old = caught(name, "footer", || int96::old(name, &metadata))?.map(Arc::new);
        let metadata = old.as_ref().map_or(metadata, |old| old.micros.clone());
        Ok(Self { name: name.into(), region, metadata, old })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn region(&self) -> &Region {
        &self.region
    }

    pub(super) fn metadata(&self) -> &ArrowReaderMetadata {
        &self.metadata
    }

    /// Its columns, with the file's own metadata.
    pub(super) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Row groups.
    pub(super) fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// The rows of a row group; a negative number is damage.
    pub(super) fn rows_of(&self, group: usize) -> Result<u64, IngestError> {
        let rows = self.metadata.metadata().row_groups().get(group).map_or(0, |group| group.num_rows());
        let bad = |_| damaged(&self.name, &format!("row group {group}"), "it has a negative number of rows");
        u64::try_from(rows).map_err(bad)
    }

    /// Rows of all row groups.
    pub(super) fn rows(&self) -> Result<u64, IngestError> {
        (0..self.groups()).try_fold(0_u64, |sum, group| Ok(sum.saturating_add(self.rows_of(group)?)))
    }

    /// Top-level columns, by position, of a row group, from a row of it on.
    pub(super) fn group(&self, group: usize, roots: &[usize], skip: u64) -> Batches {
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots.iter().copied());
        let old = self.old.iter().flat_map(|old| &old.roots).copied().filter(|root| roots.contains(root)).collect();
        let steps = Group { file: self.clone(), mask, group, skip, old, state: State::Before };
        Box::new(Guarded { name: self.name.to_string(), inner: Some(steps) })
    }
}

/// Batches of all row groups; `threads` decode ahead when they are several.
pub(super) fn open(
    name: &str,
    region: Region,
    columns: Option<&[String]>,
    threads: usize,
) -> Result<Columnar, IngestError> {
    let file = Parquet::open(name, region)?;
    let rows = file.rows()?;
    let fields = file.schema().fields();
    let wanted = |name: &String| columns.is_none_or(|columns| columns.contains(name));
    let roots: Vec<usize> =
        fields.iter().enumerate().filter(|(_, field)| wanted(field.name())).map(|(root, _)| root).collect();
    let kept: Vec<_> = fields.iter().filter(|field| wanted(field.name())).cloned().collect();
    let job = |group: usize| -> Job {
        let (file, roots) = (file.clone(), roots.clone());
        Box::new(move || file.group(group, &roots, 0))
    };
    let jobs: Vec<Job> = (0..file.groups()).map(job).collect();
    let batches = if threads > 1 { ahead(jobs, threads) } else { inline(jobs) };
    Ok(Columnar { schema: Arc::new(Schema::new(kept)), rows: Some(rows), batches })
}

/// One row group.
struct Group {
    file: Parquet,
    mask: ProjectionMask,
    group: usize,
    /// Rows that are passed over.
    skip: u64,
    /// Columns with INT96 among those that are read.
    old: Vec<usize>,
    state: State,
}

enum State {
    Before,
    /// With the rows that are still to come.
    Reading(Box<ParquetRecordBatchReader>, u64),
}

impl Group {
    fn start(&self, rows: u64) -> Result<ParquetRecordBatchReader, IngestError> {
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.region.clone(), self.file.metadata.clone());
        let mut builder =
            builder.with_row_groups(vec![self.group]).with_projection(self.mask.clone()).with_batch_size(BATCH_ROWS);
        if self.skip > 0 {
            let count = |rows: u64| usize::try_from(rows).unwrap_or(usize::MAX);
            let selectors = vec![RowSelector::skip(count(self.skip)), RowSelector::select(count(rows))];
            builder = builder.with_row_selection(RowSelection::from(selectors));
        }
        builder.build().map_err(|error| unread(&self.file.name, &self.place(), &error))
    }
}

impl Group {
    /// Refuses INT96 values that would come out as others.
    fn old_fit(&self) -> Result<(), IngestError> {
        let Some(old) = self.file.old.as_ref().filter(|_| !self.old.is_empty()) else { return Ok(()) };
        let mask = ProjectionMask::roots(self.file.metadata.parquet_schema(), self.old.iter().copied());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.region.clone(), old.seconds.clone());
        let builder = builder.with_row_groups(vec![self.group]).with_projection(mask).with_batch_size(BATCH_ROWS);
        let reader = builder.build().map_err(|error| unread(&self.file.name, &self.place(), &error))?;
        for batch in reader {
            let failed =
                |error: arrow_schema::ArrowError| damaged(&self.file.name, &self.place(), &plain(&error.to_string()));
            let batch = batch.map_err(failed)?;
            for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
                if !int96::fits(column) {
                    let reason =
                        format!("column `{}` has an INT96 timestamp beyond the years of a timestamp", field.name());
                    return Err(damaged(&self.file.name, &self.place(), &reason));
                }
            }
        }
        Ok(())
    }
}

impl Steps for Group {
    fn place(&self) -> String {
        format!("row group {}", self.group)
    }

    fn step(&mut self) -> Result<Option<RecordBatch>, IngestError> {
        let place = self.place();
        if let State::Before = self.state {
            self.old_fit()?;
            let rows = self.file.rows_of(self.group)?.saturating_sub(self.skip);
            self.state = State::Reading(Box::new(self.start(rows)?), rows);
        }
        let State::Reading(reader, left) = &mut self.state else { return Ok(None) };
        let name = &self.file.name;
        let Some(batch) = reader.next() else {
            // Pages that end before the footer's count would lose rows in silence.
            return match *left {
                0 => Ok(None),
                left => Err(damaged(name, &place, &format!("{left} of its rows are not there"))),
            };
        };
        let batch = batch.map_err(|error| damaged(name, &place, &plain(&error.to_string())))?;
        let rest = left.checked_sub(batch.num_rows() as u64);
        *left = rest.ok_or_else(|| damaged(name, &place, "it has more rows than its footer says"))?;
        Ok(Some(batch))
    }
}

/// An error of the Parquet reader in plain words.
pub(super) fn unread(name: &str, place: &str, error: &ParquetError) -> IngestError {
    match error {
        ParquetError::External(inner) => damaged(name, place, &plain(&inner.to_string())),
        ParquetError::NeedMoreData(_) | ParquetError::NeedMoreDataRange(_) => damaged(name, place, "it ends early"),
        other => damaged(name, place, &plain(&other.to_string())),
    }
}

/// Without the kind of error that the readers put in front.
pub(super) fn plain(text: &str) -> String {
    let mut text = text;
    while let Some((kind, rest)) = text.split_once(": ") {
        let is_kind =
            kind.to_ascii_lowercase().ends_with("error") || matches!(kind, "EOF" | "NYI" | "External" | "Arrow");
        if !is_kind {
            break;
        }
        text = rest;
    }
    text.to_owned()
}
