//! The CSV dialect of a request (S9.11).

use crate::error::IngestError;
use crate::format::Format;
use crate::request::Csv;
use guard_decode::csv::{self, sniff};
use guard_engine::contract::SchemaObject;
use serde_json::{Value, json};

/// How a CSV source is written.
#[derive(Debug, Clone)]
pub struct Dialect {
    inner: csv::Dialect,
    /// Whether the first record names the columns.
    pub header: bool,
}

impl Dialect {
    /// That of the records of a quarantine file.
    pub fn replayed(input: &crate::replay::InputFormat) -> Result<Self, IngestError> {
        let byte = |text: &Option<String>, default: u8| match text.as_deref().map(str::as_bytes) {
            None => Ok(default),
            Some([byte]) => Ok(*byte),
            Some(_) => {
                let message = "`delimiter` and `quote` of a quarantine file's first line are one ASCII character each";
                Err(IngestError::new("dialect-unreadable", message)
                    .help("put those there that the records were written with"))
            }
        };
        let nulls = input.nulls.iter().flatten().map(|text| text.clone().into_bytes()).collect();
        let (delimiter, quote) = (byte(&input.delimiter, b',')?, byte(&input.quote, b'"')?);
        let inner = csv::Dialect { delimiter, quote, nulls };
        if !inner.is_valid() {
            return Err(IngestError::new("dialect-unreadable", "the quarantine file's dialect makes no sense"));
        }
        Ok(Self { inner, header: true })
    }

    /// For decoders.
    pub fn decoded(&self) -> csv::Dialect {
        self.inner.clone()
    }

    /// As a caller would say it.
    pub fn csv(&self) -> Csv {
        let text = |text: &Vec<u8>| String::from_utf8_lossy(text).into_owned();
        Csv {
            delimiter: Some(self.inner.delimiter),
            quote: Some(self.inner.quote),
            header: Some(self.header),
            nulls: Some(self.inner.nulls.iter().map(text).collect()),
            ..Csv::default()
        }
    }

    /// As a contract would say it: the object's customProperties (S9.11), of what is not usual.
    pub fn custom(&self) -> Vec<(&'static str, Value)> {
        let text = |byte: u8| Value::from(char::from(byte).to_string());
        let nulls: Value = self.inner.nulls.iter().map(|text| String::from_utf8_lossy(text)).collect();
        [
            (self.inner.delimiter != b',').then(|| ("csvDelimiter", text(self.inner.delimiter))),
            (self.inner.quote != b'"').then(|| ("csvQuote", text(self.inner.quote))),
            (!self.header).then_some(("csvHeader", Value::Bool(false))),
            (!self.inner.nulls.is_empty()).then_some(("csvNulls", nulls)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// For the header of a quarantine file.
    pub fn described(&self) -> Value {
        let nulls: Vec<_> = self.inner.nulls.iter().map(|text| String::from_utf8_lossy(text)).collect();
        let text = |byte: u8| char::from(byte).to_string();
        json!({"format": "csv", "delimiter": text(self.inner.delimiter), "quote": text(self.inner.quote), "nulls": nulls})
    }
}

/// What flags say, else the contract, else what was sniffed where that is asked for, else the format.
pub fn dialect(
    format: Format,
    head: &[u8],
    asked: &Csv,
    object: &SchemaObject,
    notices: &mut Vec<String>,
) -> Result<Dialect, IngestError> {
    let custom = |name: &str| object.custom.iter().find(|entry| entry.property == name).map(|entry| &entry.value);
    let byte = |flag: Option<u8>, name: &str| match (flag, custom(name)) {
        (None, Some(value)) => one_byte(name, value).map(Some),
        (flag, _) => Ok(flag),
    };
    let (delimiter, quote) = (byte(asked.delimiter, "csvDelimiter")?, byte(asked.quote, "csvQuote")?);
    let header = asked.header.or_else(|| custom("csvHeader").and_then(Value::as_bool));
    let sniffed = asked.sniff.then(|| sniff(head, delimiter, quote));
    if let Some(sniffed) = &sniffed {
        let told = [(delimiter.is_none(), &sniffed.even), (header.is_none(), &sniffed.named)];
        let told: Vec<_> = told.into_iter().filter(|(guessed, _)| *guessed).map(|(_, why)| why.as_str()).collect();
        if !told.is_empty() {
            notices.push(format!("the dialect was guessed: {}", told.join("; ")));
        }
    }
    let usual = if format == Format::Tsv { b'\t' } else { b',' };
    let delimiter = delimiter.unwrap_or_else(|| sniffed.as_ref().map_or(usual, |sniffed| sniffed.delimiter));
    let quote = quote.unwrap_or_else(|| sniffed.as_ref().map_or(b'"', |sniffed| sniffed.quote));
    let header = header.unwrap_or_else(|| sniffed.as_ref().is_none_or(|sniffed| sniffed.header));
    let nulls = match (&asked.nulls, custom("csvNulls")) {
        (Some(nulls), _) => nulls.clone(),
        (None, Some(value)) => texts("csvNulls", value)?,
        (None, None) => Vec::new(),
    };
    let nulls = nulls.into_iter().map(String::into_bytes).collect();
    let inner = csv::Dialect { delimiter, quote, nulls };
    if !inner.is_valid() {
        let message = "delimiter and quote must be two different ASCII characters that end no line";
        return Err(IngestError::new("dialect-unreadable", message).help("such as `;` and `\"`"));
    }
    Ok(Dialect { inner, header })
}

fn one_byte(name: &str, value: &Value) -> Result<u8, IngestError> {
    let byte = value.as_str().filter(|text| text.len() == 1).and_then(|text| text.bytes().next());
    byte.ok_or_else(|| {
        IngestError::new("dialect-unreadable", format!("the contract's `{name}` is no single ASCII character"))
            .help("such as `;`")
    })
}

fn texts(name: &str, value: &Value) -> Result<Vec<String>, IngestError> {
    let one = |value: &Value| value.as_str().map(str::to_owned);
    let found = value.as_array().and_then(|all| all.iter().map(one).collect()).or_else(|| Some(vec![one(value)?]));
    found.ok_or_else(|| {
        IngestError::new("dialect-unreadable", format!("the contract's `{name}` is no list of texts"))
            .help("such as `[NA, \"-\"]`")
    })
}
