//! Records into files: NDJSON, CSV, TSV, Arrow IPC, Parquet.

mod csv;
mod held;
mod json;

use crate::Surface;
use crate::failure::Failure;
use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, Schema};
use guard_ingest::{Aside, Format, Ingest, ParquetWriter, unwritable};
use guard_verdict::codes;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// How records are written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    Ndjson,
    Csv(csv::Style),
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
            "csv" => Form::Csv(csv::Style::usual(b',')),
            "tsv" => Form::Csv(csv::Style::usual(b'\t')),
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

    /// In the dialect of CSV that the contract of these records reads, so that they can be read again.
    ///
    /// # Errors
    /// Where it has no header, and the columns are not the declared ones in their order.
    pub fn read_by(mut self, ingest: &Ingest) -> Result<Self, Failure> {
        let Form::Csv(style) = &mut self.form else { return Ok(self) };
        let format = if style.delimiter == b'\t' { Format::Tsv } else { Format::Csv };
        let (asked, declared) = ingest.written(format)?;
        let usual = csv::Style::usual(style.delimiter);
        *style = csv::Style {
            delimiter: asked.delimiter.unwrap_or(usual.delimiter),
            quote: asked.quote.unwrap_or(usual.quote),
            header: asked.header.unwrap_or(usual.header),
            nulls: asked.nulls.unwrap_or_default(),
        };
        let schema = ingest.schema();
        if !style.header && !schema.fields().iter().map(|field| field.name()).eq(&declared) {
            let message = "the contract's CSV has no header, and the records have other columns than it declares, or in another order";
            let help = "write another format, or declare the columns and `undeclaredColumns: drop`";
            return Err(Failure::new(codes::ingest::DIALECT_UNREADABLE.name(), message.to_owned(), help));
        }
        Ok(self)
    }

    fn is_stdout(&self) -> bool {
        self.path == Path::new("-")
    }
}

enum Sink {
    /// Standard output of the call.
    Stdout,
    Text(Aside),
    Arrow(Box<FileWriter<Aside>>),
    Parquet(Box<ParquetWriter<Aside>>),
}

/// Records on their way.
pub struct Records {
    place: Place,
    sink: Sink,
    text: Vec<u8>,
    notices: Vec<String>,
}

/// JSON objects have a place in JSON alone.
fn as_text(path: &str, place: &Place) -> String {
    format!(
        "`{path}` holds JSON objects of no declared properties: `{}` has them as texts, which the contract does not read there",
        place.path.display()
    )
}

impl Records {
    /// Begins a file. Nothing of it can be seen before [`Records::finish`].
    ///
    /// # Errors
    /// If it cannot be made, or two columns bear one name.
    pub fn open(place: Place, schema: &Schema) -> Result<Self, Failure> {
        held::distinct(schema)?;
        let mut notices = Vec::new();
        match place.form {
            Form::Ndjson | Form::Csv(_) => held::formed(schema, false)?,
            Form::Parquet => held::formed(schema, true)?,
            Form::Arrow => {}
        }
        if place.form != Form::Ndjson {
            notices.extend(held::objects(schema).iter().map(|path| as_text(path, &place)));
        }
        if place.is_stdout() {
            return Ok(Self { place, sink: Sink::Stdout, text: Vec::new(), notices });
        }
        let file = Aside::create(&place.path)?;
        let mut text = Vec::new();
        let sink = match &place.form {
            Form::Arrow => Sink::Arrow(Box::new(FileWriter::try_new(file, schema).map_err(|why| place.failure(&why))?)),
            Form::Parquet => Sink::Parquet(Box::new(ParquetWriter::open(file, schema, &place.path)?)),
            Form::Csv(style) => {
                if style.header {
                    csv::header(schema, style, &mut text);
                }
                Sink::Text(file)
            }
            Form::Ndjson => Sink::Text(file),
        };
        Ok(Self { place, sink, text, notices })
    }

    /// What the form does not hold as it was.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// Adds records.
    pub fn write(&mut self, batch: &RecordBatch, surface: &mut Surface<'_>) -> Result<(), Failure> {
        if surface.stop.asked() {
            return Err(Failure::Interrupted);
        }
        match (&mut self.sink, &self.place.form) {
            (Sink::Arrow(file), _) => return file.write(batch).map_err(|why| self.place.failure(&why)),
            (Sink::Parquet(file), _) => return Ok(file.write(batch)?),
            (_, Form::Csv(style)) => {
                held::one_key_each(batch)?;
                csv::records(batch, style, &mut self.text);
            }
            _ => {
                held::one_key_each(batch)?;
                json::records(batch, &mut self.text);
            }
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
            Sink::Text(file) => file.append(&text)?,
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
            Sink::Stdout => Ok(()),
            Sink::Text(file) => Ok(file.commit()?),
            Sink::Arrow(mut file) => {
                let file = file.finish().and_then(|()| file.into_inner()).map_err(|why| self.place.failure(&why))?;
                Ok(file.commit()?)
            }
            Sink::Parquet(file) => Ok(file.finish()?.commit()?),
        }
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
        if let ArrowError::IoError(_, why) = why {
            return unwritable(&self.path, why).into();
        }
        let message = format!("`{}` cannot be written: {why}", self.path.display());
        Failure::new(
            codes::usage::FILE_UNWRITABLE.name(),
            message,
            "check the folder, its permissions and the space left",
        )
    }
}
