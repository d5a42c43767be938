//! Parquet.

use super::region::Region;
use super::{BATCH_ROWS, Columnar, Guarded, Steps, caught, damaged};
use crate::error::IngestError;
use crate::source::failure;
use arrow_array::RecordBatch;
use arrow_schema::Schema;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use std::sync::Arc;

/// The file's footer, or why there is none.
pub(super) fn footer(name: &str, region: &Region) -> Result<ArrowReaderMetadata, IngestError> {
    let magic = region.bytes(0, region.length().min(4)).map_err(|error| failure::unreadable(name, &error))?;
    if magic.as_ref() != b"PAR1" {
        let encrypted = magic.as_ref() == b"PARE";
        let reason = if encrypted { "its footer is encrypted" } else { "it does not start as a Parquet file does" };
        return Err(damaged(name, "", reason));
    }
    caught(name, "footer", || {
        ArrowReaderMetadata::load(region, ArrowReaderOptions::new()).map_err(|error| unread(name, "footer", &error))
    })
}

/// The rows of a row group; a negative number is damage.
pub(super) fn rows_of(name: &str, metadata: &ArrowReaderMetadata, group: usize) -> Result<u64, IngestError> {
    let rows = metadata.metadata().row_groups().get(group).map_or(0, |group| group.num_rows());
    u64::try_from(rows).map_err(|_| damaged(name, &format!("row group {group}"), "it has a negative number of rows"))
}

pub(super) fn open(name: &str, region: Region, columns: Option<&[String]>) -> Result<Columnar, IngestError> {
    let metadata = footer(name, &region)?;
    let groups = metadata.metadata().num_row_groups();
    let mut rows = 0_u64;
    for group in 0..groups {
        rows = rows.saturating_add(rows_of(name, &metadata, group)?);
    }
    let fields = metadata.schema().fields();
    let wanted = |name: &String| columns.is_none_or(|columns| columns.contains(name));
    let roots: Vec<usize> =
        fields.iter().enumerate().filter(|(_, field)| wanted(field.name())).map(|(root, _)| root).collect();
    let kept: Vec<_> = fields.iter().filter(|field| wanted(field.name())).cloned().collect();
    let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
    let steps = Groups { name: name.to_owned(), region, metadata, mask, group: 0, groups, reader: None, left: 0 };
    let batches = Box::new(Guarded { name: name.to_owned(), inner: Some(steps) });
    Ok(Columnar { schema: Arc::new(Schema::new(kept)), rows: Some(rows), batches })
}

/// Row groups, one after the other.
struct Groups {
    name: String,
    region: Region,
    metadata: ArrowReaderMetadata,
    mask: ProjectionMask,
    /// The one being read, or the next one.
    group: usize,
    groups: usize,
    reader: Option<ParquetRecordBatchReader>,
    /// Rows of the row group that are still to come.
    left: u64,
}

impl Groups {
    fn start(&self) -> Result<ParquetRecordBatchReader, IngestError> {
        ParquetRecordBatchReaderBuilder::new_with_metadata(self.region.clone(), self.metadata.clone())
            .with_row_groups(vec![self.group])
            .with_projection(self.mask.clone())
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(|error| unread(&self.name, &self.place(), &error))
    }
}

impl Steps for Groups {
    fn place(&self) -> String {
        format!("row group {}", self.group)
    }

    fn step(&mut self) -> Result<Option<RecordBatch>, IngestError> {
        loop {
            let Some(reader) = self.reader.as_mut() else {
                if self.group >= self.groups {
                    return Ok(None);
                }
                self.left = rows_of(&self.name, &self.metadata, self.group)?;
                self.reader = Some(self.start()?);
                continue;
            };
            let place = format!("row group {}", self.group);
            let Some(batch) = reader.next() else {
                // Pages that end before the footer's count would lose rows in silence.
                if self.left > 0 {
                    return Err(damaged(&self.name, &place, &format!("{} of its rows are not there", self.left)));
                }
                self.reader = None;
                self.group += 1;
                continue;
            };
            let batch = batch.map_err(|error| damaged(&self.name, &place, &plain(&error.to_string())))?;
            let rows = batch.num_rows() as u64;
            self.left = self
                .left
                .checked_sub(rows)
                .ok_or_else(|| damaged(&self.name, &place, "it has more rows than its footer says"))?;
            return Ok(Some(batch));
        }
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
