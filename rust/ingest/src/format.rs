//! Formats by name.

/// How records lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A JSON object a line.
    Ndjson,
    /// An array of JSON objects, or NDJSON (S9.8).
    Json,
    /// Comma-separated, or as the dialect says.
    Csv,
    /// Tab-separated.
    Tsv,
    /// Parquet.
    Parquet,
    /// Arrow IPC, file or stream.
    Arrow,
    /// A quarantine file (S10.5).
    Quarantine,
}

/// How the bytes are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, several members too.
    Gzip,
    /// Zstandard, several frames too.
    Zstd,
}

impl Format {
    /// Names that people type, the first one shown.
    pub const NAMES: [(&'static str, Format); 10] = [
        ("ndjson", Self::Ndjson),
        ("jsonl", Self::Ndjson),
        ("json", Self::Json),
        ("csv", Self::Csv),
        ("tsv", Self::Tsv),
        ("parquet", Self::Parquet),
        ("arrow", Self::Arrow),
        ("ipc", Self::Arrow),
        ("feather", Self::Arrow),
        ("quarantine", Self::Quarantine),
    ];

    /// The format of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, format)| format)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, format)| *format == self).map_or("", |(name, _)| name)
    }

    /// Is a record a run of bytes (S10.1)?
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Parquet | Self::Arrow)
    }
}
