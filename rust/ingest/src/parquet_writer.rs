//! Records into Parquet.

use crate::IngestError;
use arrow_array::RecordBatch;
use arrow_schema::Schema;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// A Parquet file being written, compressed with zstd. Memory: one row group.
pub struct ParquetWriter<W: Write + Send> {
    writer: ArrowWriter<W>,
    name: String,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file; `path` is for messages.
    ///
    /// # Errors
    /// `file-unwritable` for a column of a type that Parquet does not have.
    pub fn open(file: W, schema: &Schema, path: &Path) -> Result<Self, IngestError> {
        let name = path.display().to_string();
        let compression = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(compression).build();
        match ArrowWriter::try_new(file, Arc::new(schema.clone()), Some(properties)) {
            Ok(writer) => Ok(Self { writer, name }),
            Err(why) => Err(unwritable(&name, &why)),
        }
    }

    /// Adds records of the schema.
    ///
    /// # Errors
    /// `file-unwritable`.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), IngestError> {
        self.writer.write(batch).map_err(|why| unwritable(&self.name, &why))
    }

    /// Completes the file, and gives it back.
    ///
    /// # Errors
    /// `file-unwritable`.
    pub fn finish(self) -> Result<W, IngestError> {
        let finished = self.writer.into_inner().and_then(|mut file| {
            file.flush()?;
            Ok(file)
        });
        finished.map_err(|why| unwritable(&self.name, &why))
    }
}

fn unwritable(name: &str, why: &ParquetError) -> IngestError {
    let error = IngestError::new("file-unwritable", format!("`{name}` cannot be written: {why}"));
    error.help("check the columns' types, the folder, its permissions and the space left")
}
