//! Records into files: NDJSON, CSV, TSV, Arrow IPC, Parquet.

mod aside;
mod csv;
mod json;

pub use aside::remove_incomplete;

use crate::Surface;
use crate::failure::Failure;
use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, Schema};
use aside::{Aside, unwritable};
use guard_ingest::ParquetWriter;
use guard_verdict::codes;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Ndjson,
    /// With its delimiter.
    Csv(u8),
    Arrow,
    Parquet,
}

/// A file and the form that its name ends in; `-` is NDJSON on standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
    form: Form,
}

impl Place {
    /// What a name says.
    ///
    /// # Errors
    /// For names whose end says nothing, compressed ones among them.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        let form = match ending.as_str() {
            _ if path == Path::new("-") => Form::Ndjson,
            "ndjson" | "jsonl" => Form::Ndjson,
            "csv" => Form::Csv(b','),
            "tsv" => Form::Csv(b'\t'),
            "arrow" | "ipc" | "feather" => Form::Arrow,
            "parquet" => Form::Parquet,
            _ => {
                let message = format!("the name `{}` does not say how to write records", path.display());
                return Err(Failure::new(
                    "file-format-unknown",
                    message,
                    "end it in .ndjson, .csv, .tsv, .parquet or .arrow",
                ));
            }
        };
        Ok(Self { path: path.to_owned(), form })
    }

    fn is_stdout(&self) -> bool {
        self.path == Path::new("-")
    }
}

/// Text that is gathered before it is written.
type Buffered = BufWriter<File>;

enum Sink {
    /// Standard output of the call.
    Stdout,
    Text(Buffered),
    Arrow(Box<FileWriter<Buffered>>),
    Parquet(Box<ParquetWriter<Buffered>>),
}

/// Records on their way.
pub struct Records {
    place: Place,
    aside: Option<Aside>,
    sink: Sink,
    text: Vec<u8>,
}

impl Records {
    /// Begins a file. Nothing of it can be seen before [`Records::finish`].
    ///
    /// # Errors
    /// If it cannot be made, or two columns bear one name.
    pub fn open(place: Place, schema: &Schema) -> Result<Self, Failure> {
        let mut names: Vec<_> = schema.fields().iter().map(|field| field.name()).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find_map(|pair| pair.first().filter(|first| pair.last() == Some(first))) {
            let message = format!("two columns are called `{twice}`, and no file could tell them apart");
            return Err(Failure::new(codes::plan::COLUMN_AMBIGUOUS.name(), message, "rename one of them"));
        }
        if place.is_stdout() {
            return Ok(Self { place, aside: None, sink: Sink::Stdout, text: Vec::new() });
        }
        let (aside, file) = Aside::create(&place.path)?;
        let file = BufWriter::new(file);
        let mut text = Vec::new();
        let sink = match place.form {
            Form::Arrow => Sink::Arrow(Box::new(FileWriter::try_new(file, schema).map_err(|why| place.failure(&why))?)),
            Form::Parquet => Sink::Parquet(Box::new(ParquetWriter::open(file, schema, &place.path)?)),
            Form::Csv(delimiter) => {
                csv::header(schema, delimiter, &mut text);
                Sink::Text(file)
            }
            Form::Ndjson => Sink::Text(file),
        };
        Ok(Self { place, aside: Some(aside), sink, text })
    }

    /// Adds records.
    pub fn write(&mut self, batch: &RecordBatch, surface: &mut Surface<'_>) -> Result<(), Failure> {
        if surface.stop.asked() {
            return Err(Failure::Interrupted);
        }
        match (&mut self.sink, self.place.form) {
            (Sink::Arrow(file), _) => return file.write(batch).map_err(|why| self.place.failure(&why)),
            (Sink::Parquet(file), _) => return Ok(file.write(batch)?),
            (_, Form::Csv(delimiter)) => csv::records(batch, delimiter, &mut self.text),
            _ => json::records(batch, &mut self.text),
        }
        self.flush(surface)
    }

    fn flush(&mut self, surface: &mut Surface<'_>) -> Result<(), Failure> {
        let text = std::mem::take(&mut self.text);
        match &mut self.sink {
            Sink::Stdout => {
                surface.out.write_all(&text).and_then(|()| surface.out.flush()).map_err(|why| match why.kind() {
                    ErrorKind::BrokenPipe => Failure::Pipe,
                    _ => Failure::output(&why),
                })?
            }
            Sink::Text(file) => file.write_all(&text).map_err(|why| unwritable(&self.place.path, &why))?,
            _ => {}
        }
        self.text = text;
        self.text.clear();
        Ok(())
    }

    /// Completes the file and puts it in its place.
    pub fn finish(mut self, surface: &mut Surface<'_>) -> Result<(), Failure> {
        self.flush(surface)?;
        match self.sink {
            Sink::Stdout => {}
            Sink::Text(mut file) => file.flush().map_err(|why| unwritable(&self.place.path, &why))?,
            Sink::Arrow(mut file) => {
                file.finish().and_then(|()| file.flush()).map_err(|why| self.place.failure(&why))?;
            }
            Sink::Parquet(file) => file.finish()?,
        }
        self.aside.map_or(Ok(()), Aside::commit)
    }

    /// Gives a file up; what went to standard output is gone.
    pub fn discard(mut self, surface: &mut Surface<'_>) -> Result<(), Failure> {
        match self.sink {
            Sink::Stdout => self.flush(surface),
            _ => Ok(()),
        }
    }
}

impl Place {
    fn failure(&self, why: &ArrowError) -> Failure {
        let message = format!("`{}` cannot be written: {why}", self.path.display());
        Failure::new(
            codes::usage::FILE_UNWRITABLE.name(),
            message,
            "check the folder, its permissions and the space left",
        )
    }
}
