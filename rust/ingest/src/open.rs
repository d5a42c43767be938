//! From a request to a plan and to sources that can be read.

use crate::chunk::{Block, MakeDecoder, Reading};
use crate::columnar::{self, Columnar, Proving};
use crate::dialect::{Dialect, dialect};
use crate::error::IngestError;
use crate::format::{BOM, Format};
use crate::headed::{self, Headed, header, next, written};
use crate::judge::Deciding;
use crate::layout::{csv_schema, json_schema, undeclared};
use crate::parallel;
use crate::request::{Input, Request};
use crate::source::{Blocks, Cut, Lines, Progress, Reread, Source, once_each};
use crate::text::TextSource;
use arrow_schema::{Schema, SchemaRef};
use guard_decode::csv::{CsvHeader, HeaderRecord, read_header};
use guard_decode::json::{Json, JsonArray, JsonRecord};
use guard_decode::{Decoder, Layout, Limits};
use guard_engine::contract::{QualityKind, SchemaObject};
use guard_engine::plan::{Options, Plan};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};

/// Columns that a file may have (S10.3).
pub(crate) const MOST_COLUMNS: usize = 16_384;

/// What all sources of a request share.
pub struct Prepared {
    /// The contract, compiled.
    pub plan: Arc<Plan>,
    /// The columns of batches.
    pub schema: SchemaRef,
    /// Records are runs of bytes.
    pub is_text: bool,
    /// How the records are written, for the header of a quarantine file.
    pub described: Value,
    /// See [`crate::Outcome::notices`].
    pub notices: Vec<String>,
    kind: Kind,
    replayed: Replayed,
    sources: Vec<Held>,
    /// Whether each source is, or may be, one JSON array.
    arrays: Vec<bool>,
    layout: Arc<Layout>,
    /// Columns that the first source names, and which of these twice: what is judged by them is refused.
    names: Vec<String>,
    ambiguous: Vec<String>,
    /// The first source, opened to see its header.
    first: Mutex<Option<Begun>>,
    progress: Mutex<Vec<Progress>>,
    /// What was noticed while sources were read.
    noticed: Noticed,
    size: Option<u64>,
}

/// Notices of reading threads.
type Noticed = Arc<Mutex<BTreeSet<String>>>;

/// How records are decoded.
enum Kind {
    Json,
    Csv(Dialect),
    Columnar,
}

/// A quarantine file's header, where it is one (S10.5).
type Replayed = Option<crate::replay::Header>;

/// A source that is read once or any number of times.
enum Held {
    Once(Mutex<Option<Source>>),
    Again(Reread),
}

/// A text source whose header was read.
struct Begun {
    lines: Lines,
    block: Block,
    header: Option<HeaderRecord>,
    header_bytes: u64,
}

/// A source to read.
pub enum Opened {
    /// Text.
    Text {
        /// The source.
        source: Box<TextSource>,
        /// Bytes before the first record.
        header_bytes: u64,
        /// Bytes that the change to UTF-8 has added, once all is read.
        converted: Arc<AtomicI64>,
    },
    /// Batches.
    Columnar(Columnar),
    /// Batches of what statistics leave open.
    Proving(Box<Proving>),
}

/// What is read besides the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A verdict only.
    Verdict,
    /// Each record with its values.
    Records,
    /// These, and which clauses fail on each.
    Masks,
}

/// Opens the first source and compiles the contract against what it holds.
pub fn prepare(request: &Request) -> Result<Prepared, IngestError> {
    request.check()?;
    let object = object(request)?;
    once_each(&request.inputs)?;
    let mut notices = Vec::new();
    let (mut sources, mut formats, mut arrays, mut size) = (Vec::new(), Vec::new(), Vec::new(), Some(0));
    let mut head = None;
    for input in &request.inputs {
        let source = Source::open(input, request.format, request.compression)?;
        notices.extend(source.notices().iter().cloned());
        formats.push((source.format(), source.name().to_owned()));
        let bytes = source.head();
        arrays.push(source.format() == Format::Json && may_be_array(&bytes, request));
        head.get_or_insert(bytes);
        size = size.zip(source.length()).map(|(sum, length)| sum + length);
        let streams = source.length().is_none() && source.format().is_text();
        let once = streams && !may_need_all(object) && source.format() != Format::Quarantine;
        sources.push(match once {
            true => Held::Once(Mutex::new(Some(source))),
            false => Held::Again(source.reread()?.the_same(may_need_all(object))),
        });
    }
    let (format, head) = (same(&formats)?, head.unwrap_or_default());
    let replayed = replayed(format, &sources, request, object, &mut notices)?;
    let kind = kind(format, &head, request, object, replayed.as_ref(), &mut notices)?;
    let mut out = Prepared {
        plan: Arc::new(Plan::compile(&request.contract, object, &Schema::empty(), &request.options)),
        schema: Arc::new(Schema::empty()),
        is_text: format.is_text(),
        described: match &replayed {
            // What is quarantined again can be read again.
            Some(header) => json!(header.input),
            None => json!({"format": format.name()}),
        },
        notices,
        kind,
        replayed,
        sources,
        arrays,
        layout: Arc::new(layout(request, object, json_schema(object, undeclared(object)))),
        names: Vec::new(),
        ambiguous: Vec::new(),
        first: Mutex::new(None),
        progress: Mutex::new(Vec::new()),
        noticed: Noticed::default(),
        size,
    };
    out.schema = out.first_schema(request, object)?;
    out.ambiguous = CsvHeader::matched(out.names.clone(), &out.layout).1.ambiguous;
    out.notices.extend(out.ambiguous.iter().filter(|name| !is_declared(object, name)).map(|name| kept_once(name)));
    let options = Options { from_bytes: out.is_text, ..request.options.clone() };
    out.plan = Arc::new(Plan::compile(&request.contract, object, &out.named(), &options));
    if let Some(name) = out.plan.unused_parameters.first() {
        return Err(IngestError::new("params-unused", format!("no row rule uses the parameter `{name}`"))
            .help("correct its name, or leave it out"));
    }
    Ok(out)
}

/// The schema object that is meant.
pub fn object(request: &Request) -> Result<&SchemaObject, IngestError> {
    let objects = &request.contract.objects;
    let found = match (&request.object, objects.as_slice()) {
        (Some(name), _) => request.contract.object(name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    found.ok_or_else(|| {
        let names: Vec<_> = objects.iter().map(|object| format!("`{}`", object.name)).collect();
        let message = match &request.object {
            Some(name) => format!("the contract has no schema object `{name}`; it has {}", names.join(", ")),
            None if names.is_empty() => "the contract has no schema object".to_owned(),
            None => format!("the contract has several schema objects: {}", names.join(", ")),
        };
        IngestError::new("object-unknown", message).help("name one of the contract's schema objects")
    })
}

/// May the contract have clauses on all records together (S10.7)?
fn may_need_all(object: &SchemaObject) -> bool {
    let is = |flag: &Option<guard_engine::contract::Spanned<bool>>| flag.as_ref().is_some_and(|flag| flag.value);
    let duplicates = |quality: &guard_engine::contract::Quality| match &quality.kind {
        QualityKind::Library { metric, .. } => metric.contains("uplicate"),
        _ => false,
    };
    let properties = object.properties.iter();
    let of_property = |property: &guard_engine::contract::Property| {
        is(&property.unique)
            || is(&property.primary_key)
            || !property.relationships.is_empty()
            || property.quality.iter().any(duplicates)
    };
    properties.clone().any(of_property) || !object.relationships.is_empty() || object.quality.iter().any(duplicates)
}

fn same(formats: &[(Format, String)]) -> Result<Format, IngestError> {
    let Some((first, name)) = formats.first() else {
        return Err(IngestError::new("file-missing", "no source was given").help("name a file, a pattern, or `-`"));
    };
    match formats.iter().find(|(format, _)| format != first) {
        None => Ok(*first),
        Some((format, other)) => {
            let message = format!(
                "`{name}` is {} and `{other}` is {}; sources of one check have one format",
                first.name(),
                format.name()
            );
            Err(IngestError::new("file-format-unknown", message).help("check them one format at a time"))
        }
    }
}

fn kind(
    format: Format,
    head: &[u8],
    request: &Request,
    object: &SchemaObject,
    replayed: Option<&crate::replay::Header>,
    notices: &mut Vec<String>,
) -> Result<Kind, IngestError> {
    Ok(match format {
        Format::Ndjson | Format::Json => Kind::Json,
        Format::Csv | Format::Tsv => Kind::Csv(dialect(format, head, &request.csv, object, notices)?),
        Format::Parquet | Format::Arrow => Kind::Columnar,
        Format::Quarantine => match replayed.map(|header| (header.input.format.as_str(), header)) {
            Some(("csv" | "tsv", header)) => Kind::Csv(Dialect::replayed(&header.input)?),
            Some(("ndjson" | "json", _)) => Kind::Json,
            _ => {
                let message = "the records of this quarantine file have no bytes: they came from a columnar file";
                return Err(IngestError::new("quarantine-unreadable", message).help("check that file again"));
            }
        },
    })
}

/// Whether the text is an array is not known where its start is blank or of another encoding; then its decoder tells.
fn may_be_array(head: &[u8], request: &Request) -> bool {
    let text = head.strip_prefix(BOM).unwrap_or(head);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    request.csv.encoding.is_some() || first.is_none_or(|byte| *byte == b'[')
}

/// The first lines of quarantine files, of which the first one says how all are read.
fn replayed(
    format: Format,
    sources: &[Held],
    request: &Request,
    object: &SchemaObject,
    notices: &mut Vec<String>,
) -> Result<Replayed, IngestError> {
    let mut headers = Vec::new();
    for held in sources.iter().filter(|_| format == Format::Quarantine) {
        let Held::Again(again) = held else { continue };
        let source = again.open()?;
        let name = source.name().to_owned();
        let blocks = blocks(request, true, Cut::Lf);
        let block = next(&mut source.lines(blocks, None)?)?;
        let line = block.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let header = crate::replay::header(&name, line)?;
        headers.push((name, header));
    }
    crate::replay::alike(&headers)?;
    for (name, header) in &headers {
        notices.extend(header.fits(name, request, object)?);
    }
    Ok(headers.into_iter().next().map(|(_, header)| header))
}

fn layout(request: &Request, object: &SchemaObject, schema: SchemaRef) -> Layout {
    let limits = Limits { record_bytes: request.record_bytes, ..Limits::default() };
    Layout { schema, undeclared: undeclared(object), limits }
}

/// The lines of a quarantine file hold a record each, whose bytes may be escaped.
fn blocks(request: &Request, replayed: bool, cut: Cut) -> Blocks {
    let record_bytes = match replayed {
        true => request.record_bytes.saturating_mul(6).saturating_add(1 << 20),
        false => request.record_bytes,
    };
    Blocks { chunk_bytes: request.chunk_bytes, record_bytes, cut }
}

impl Prepared {
    /// Bytes read so far, before decompression, and of how many where that is known.
    pub fn progress(&self) -> (u64, Option<u64>) {
        let seen = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        (seen.iter().map(Progress::bytes).sum(), self.size)
    }

    /// The name of a source as it was given.
    pub fn name(&self, request: &Request, position: usize) -> String {
        request.inputs.get(position).map_or_else(|| "-".to_owned(), Input::name)
    }

    /// The same in verdicts: a single source has no name (S10.6).
    pub fn name_in_verdict(&self, request: &Request, position: usize) -> String {
        if request.inputs.len() == 1 { String::new() } else { self.name(request, position) }
    }

    /// The dialect of CSV sources.
    pub fn csv(&self) -> Option<&Dialect> {
        match &self.kind {
            Kind::Csv(dialect) => Some(dialect),
            _ => None,
        }
    }

    /// The fields of the first record of a CSV source that was not read from yet: the names of its columns where it has a header.
    pub fn first_fields(&self) -> Option<Vec<String>> {
        let dialect = self.csv()?;
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = first.as_ref()?;
        match &begun.header {
            Some(header) => Some(header.names.clone()),
            None => read_header(&begun.block.bytes, &dialect.decoded(), Limits::default(), begun.block.last)
                .map(|found| found.names),
        }
    }

    /// What was noticed while sources were read: files that grew.
    pub fn noticed(&self) -> Vec<String> {
        self.noticed.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn columnar(&self, request: &Request, position: usize, held: &Held, wanted: Wanted) -> Result<Opened, IngestError> {
        let source = self.source(held)?;
        // Statistics say nothing of clauses that all records violate, whose evidence needs values.
        let proving = wanted == Wanted::Verdict
            && request.statistics
            && source.format() == Format::Parquet
            && self.plan.whole.is_empty();
        let threads = threads(request);
        let opened = match proving {
            true => Opened::Proving(Box::new(columnar::proving(source, &self.plan, threads)?)),
            false => Opened::Columnar(columnar::open(source, None, threads)?),
        };
        let schema = match &opened {
            Opened::Proving(batches) => batches.schema(),
            Opened::Columnar(batches) => batches.schema(),
            Opened::Text { .. } => &self.schema,
        };
        if schema.fields() != self.schema.fields() {
            let name = self.name(request, position);
            let message = format!("`{name}` has other columns or types than the first source");
            return Err(IngestError::new("file-unreadable", message).help("check it by itself"));
        }
        Ok(opened)
    }

    /// Starts reading a source; none when there are no more.
    pub fn open(&self, request: &Request, position: usize, wanted: Wanted) -> Result<Option<Opened>, IngestError> {
        let Some(held) = self.sources.get(position) else { return Ok(None) };
        if matches!(self.kind, Kind::Columnar) {
            return self.columnar(request, position, held, wanted).map(Some);
        }
        let waiting = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        let begun = match waiting.filter(|_| position == 0) {
            Some(begun) => begun,
            None => self.begin(held, request, position)?,
        };
        let Begun { lines, mut block, header, header_bytes } = begun;
        let taken = header.as_ref().map_or(0, |header| header.consumed);
        let line = 1 + header.as_ref().map_or(0, |header| u64::from(header.lines));
        let other = header.as_ref().filter(|header| header.names != self.names);
        let other = other.and_then(|_| written(header.as_ref(), &block)).map(Arc::from);
        block.bytes.drain(..taken.min(block.bytes.len()));
        block.offset += taken as u64;
        let reading = Reading {
            plan: Arc::clone(&self.plan),
            decoder: self.decoder(request, position, header.as_ref())?,
            names: Arc::new(self.plan.physical.iter().map(|(name, known)| (known.clone(), name.clone())).collect()),
            masks: wanted == Wanted::Masks,
            in_order: self.is_array(position),
            record_bytes: request.record_bytes,
            header: other,
            deciding: (wanted == Wanted::Masks).then(|| Arc::new(Deciding::new(&self.plan))),
        };
        let converted = lines.converted();
        let blocks: Box<dyn parallel::Blocks> = if self.replayed.is_some() {
            Box::new(crate::replay::Replay::new(self.name(request, position), lines, &block, self.headed()))
        } else {
            Box::new(Whole { first: Some(block), lines, noticed: Arc::clone(&self.noticed) })
        };
        let source = Box::new(TextSource::start(blocks, reading, threads(request), line)?);
        Ok(Some(Opened::Text { source, header_bytes: header_bytes + taken as u64, converted }))
    }

    fn source(&self, held: &Held) -> Result<Source, IngestError> {
        let source = match held {
            Held::Again(again) => again.open()?,
            Held::Once(once) => {
                let source = once.lock().unwrap_or_else(PoisonError::into_inner).take();
                source.ok_or_else(|| IngestError::new("internal-error", "standard input was read twice"))?
            }
        };
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).push(source.progress());
        Ok(source)
    }

    /// Opens a text source and reads its header.
    fn begin(&self, held: &Held, request: &Request, position: usize) -> Result<Begun, IngestError> {
        let source = self.source(held)?;
        let name = source.name().to_owned();
        let replayed = self.replayed.is_some();
        let cut = match self.kind {
            _ if self.is_array(position) => Cut::Anywhere,
            Kind::Csv(_) if !replayed => Cut::LfOrCr,
            _ => Cut::Lf,
        };
        // A quarantine file is UTF-8 whatever its records once were.
        let encoding = request.csv.encoding.as_deref().filter(|_| !replayed);
        let mut lines = source.lines(blocks(request, replayed, cut), encoding)?;
        let mut block = next(&mut lines)?;
        let header = match &self.kind {
            Kind::Csv(_) if replayed => None,
            Kind::Csv(dialect) if dialect.header => Some(header(&name, &mut lines, &mut block, dialect, request)?),
            _ => None,
        };
        // Blank lines before the header were dropped.
        let header_bytes = if replayed { 0 } else { block.offset.max(lines.header_bytes()) };
        Ok(Begun { lines, block, header, header_bytes })
    }

    fn first_schema(&mut self, request: &Request, object: &SchemaObject) -> Result<SchemaRef, IngestError> {
        let Some(held) = self.sources.first() else { return Ok(Arc::new(Schema::empty())) };
        match &self.kind {
            Kind::Columnar => Ok(Arc::clone(self.source(held)?.columnar(None)?.schema())),
            Kind::Json => Ok(json_schema(object, undeclared(object))),
            Kind::Csv(dialect) => {
                let begun = self.begin(held, request, 0)?;
                let replayed = self.replayed_names(dialect)?;
                let named = begun.header.as_ref().map(|header| header.names.clone()).or(replayed);
                let names: Vec<String> = match &named {
                    Some(names) => names.clone(),
                    None => object.properties.iter().map(|property| property.name.clone()).collect(),
                };
                let schema = csv_schema(object, &names, undeclared(object));
                let mut described = dialect.described();
                if let Some(described) = described.as_object_mut() {
                    match written(begun.header.as_ref(), &begun.block) {
                        Some(header) => described.insert("header".into(), json!(header)),
                        None => described.insert("columns".into(), json!(names)),
                    };
                }
                if self.replayed.is_none() {
                    self.described = described;
                }
                self.names = named.unwrap_or_default();
                self.layout = Arc::new(layout(request, object, Arc::clone(&schema)));
                *self.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(begun);
                Ok(schema)
            }
        }
    }

    /// The columns with those once more that the header names twice (S9.12): what is judged by them is refused, and none is looked at.
    fn named(&self) -> Schema {
        let twice = self.ambiguous.iter().filter_map(|name| self.schema.field_with_name(name).ok().cloned());
        let once = self.schema.fields().iter().map(|field| field.as_ref().clone());
        Schema::new(once.chain(twice).collect::<Vec<_>>())
    }

    /// The names of the file that quarantined records came from.
    fn replayed_names(&self, dialect: &Dialect) -> Result<Option<Vec<String>>, IngestError> {
        let header = self.replayed.as_ref().and_then(|replayed| replayed.input.header.as_ref());
        header.map(|header| headed::names(header, &dialect.decoded())).transpose().map_err(|why| {
            IngestError::new(
                "quarantine-unreadable",
                format!("the CSV header in the quarantine file's first line {why}"),
            )
            .help("put it as it stood in the file that the records came from")
        })
    }

    /// Is this source, as far as is known, one JSON array?
    fn is_array(&self, position: usize) -> bool {
        matches!(self.kind, Kind::Json) && self.arrays.get(position).is_some_and(|array| *array)
    }

    /// Decoders of CSV records.
    fn headed(&self) -> Option<Headed> {
        let (dialect, layout) = (self.csv()?.decoded(), Arc::clone(&self.layout));
        Some(Headed { layout, dialect, ambiguous: self.ambiguous.clone() })
    }

    fn decoder(
        &self,
        request: &Request,
        position: usize,
        header: Option<&HeaderRecord>,
    ) -> Result<MakeDecoder, IngestError> {
        let layout = Arc::clone(&self.layout);
        let Some(headed) = self.headed() else {
            return Ok(match self.replayed.is_some() {
                true => Arc::new(move || Box::new(JsonRecord::new(Arc::clone(&layout))) as Box<dyn Decoder>),
                false if self.is_array(position) => {
                    Arc::new(move || Box::new(JsonArray::new(Arc::clone(&layout))) as Box<dyn Decoder>)
                }
                false => Arc::new(move || Box::new(Json::new(Arc::clone(&layout))) as Box<dyn Decoder>),
            });
        };
        let replayed = self.replayed.as_ref().and_then(|replayed| replayed.input.header.as_ref()).map(|_| &self.names);
        let Some(names) = header.map(|header| &header.names).or(replayed) else { return Ok(headed.positional()) };
        headed.named(names).map_err(|why| {
            let source = self.name(request, position);
            IngestError::new("header-unreadable", format!("`{source}` {why}")).help("check it by itself")
        })
    }

    /// Refuses a file that was written to while it was read, other than at its end: a verdict on it would be on no file that there ever was.
    pub fn unchanged(&self) -> Result<(), IngestError> {
        self.sources.iter().try_for_each(|held| match held {
            Held::Again(again) => again.unchanged(),
            Held::Once(_) => Ok(()),
        })
    }
}

fn is_declared(object: &SchemaObject, name: &str) -> bool {
    object.properties.iter().any(|property| property.name == name || property.physical_name.as_deref() == Some(name))
}

fn kept_once(name: &str) -> String {
    format!(
        "the header names `{name}` more than once, which the contract does not declare: the first column alone is kept"
    )
}

fn threads(request: &Request) -> usize {
    request.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).max(1)
}

/// Blocks of lines after the first, which was looked at.
struct Whole {
    first: Option<Block>,
    lines: Lines,
    noticed: Noticed,
}

impl parallel::Blocks for Whole {
    fn next(&mut self, memory: Vec<u8>) -> Result<Option<Block>, IngestError> {
        self.lines.give_back(memory);
        let block = match self.first.take() {
            Some(block) => Some(block),
            None => self.lines.next()?.map(Into::into),
        };
        if block.as_ref().is_none_or(|block| block.last)
            && let Some(notice) = self.lines.notice()
        {
            self.noticed.lock().unwrap_or_else(PoisonError::into_inner).insert(notice);
        }
        Ok(block)
    }
}
