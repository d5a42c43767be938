//! Formats by name and by first bytes.

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

/// What a name and the first bytes say of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detection {
    /// None when neither names a format.
    pub format: Option<Format>,
    /// The wrapping of the bytes; of the name only where there are no bytes.
    pub compression: Compression,
    /// Says so when the bytes contradict the name; the bytes have won.
    pub notice: Option<String>,
}

/// Endings besides [`Format::NAMES`].
const ENDINGS: [(&str, Format); 4] =
    [("pq", Format::Parquet), ("parq", Format::Parquet), ("arrows", Format::Arrow), ("tab", Format::Tsv)];
const WRAPPINGS: [(&str, Compression); 4] =
    [("gz", Compression::Gzip), ("gzip", Compression::Gzip), ("zst", Compression::Zstd), ("zstd", Compression::Zstd)];
const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The first tokens of a quarantine file's first line (S10.4); writers of JSON differ in the spaces between.
const QUARANTINE: [&[u8]; 4] = [b"{", br#""format""#, b":", br#""guard-nb/quarantine/v1""#];
/// UTF-8's byte order mark.
pub(crate) const BOM: &[u8] = &[0xef, 0xbb, 0xbf];

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

    /// Format and compression by name (`x.csv.gz`) and first bytes; see [`detect`] for the notice.
    pub fn detect(name: &str, first: &[u8]) -> Option<(Self, Compression)> {
        let found = detect(name, first);
        found.format.map(|format| (format, found.compression))
    }
}

impl Compression {
    /// Names that people type, the first one shown.
    pub const NAMES: [(&'static str, Compression); 4] =
        [("none", Self::None), ("gzip", Self::Gzip), ("zstd", Self::Zstd), ("gz", Self::Gzip)];

    /// The compression of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, compression)| compression)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, compression)| *compression == self).map_or("", |(name, _)| name)
    }
}

/// Format and compression by name and first bytes, 64 of them at least where there are as many.
///
/// Conclusive bytes win over the name: the magics of gzip, zstd, Parquet and Arrow, and a quarantine file's header. `{` and `[` only decide where the name
/// says nothing, or names a columnar format: a CSV header may start with either. Of wrapped bytes the inner format is the name's; unwrap them and
/// call again with the name.
pub fn detect(name: &str, first: &[u8]) -> Detection {
    let (named, wrapping) = by_name(name);
    let compression = wrapping_of(first).unwrap_or(if first.is_empty() { wrapping } else { Compression::None });
    let mut notice = None;
    if wrapping != compression && wrapping != Compression::None {
        notice = Some(match compression {
            Compression::None => format!("`{name}` is named as {} but is not compressed", wrapping.name()),
            found => format!("`{name}` is named as {} but is {}", wrapping.name(), found.name()),
        });
    }
    if compression != Compression::None {
        return Detection { format: named, compression, notice };
    }
    let (format, lied) = by_bytes(named, first);
    if let (true, Some(named), Some(found)) = (lied, named, format) {
        notice = Some(format!("`{name}` is named as {} but is {}", named.name(), found.name()));
    }
    Detection { format, compression, notice }
}

/// The name without the ending of a compression.
pub(crate) fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, last)) if WRAPPINGS.into_iter().any(|(known, _)| last.eq_ignore_ascii_case(known)) => stem,
        _ => name,
    }
}

/// The name's format, and its wrapping.
fn by_name(name: &str) -> (Option<Format>, Compression) {
    let lower = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let ending = |text: &str| text.rsplit_once('.').map(|(stem, ending)| (stem.to_owned(), ending.to_owned()));
    let Some((stem, last)) = ending(&lower) else { return (None, Compression::None) };
    let wrapping = WRAPPINGS.into_iter().find(|(known, _)| *known == last).map(|(_, compression)| compression);
    let last = if wrapping.is_some() { ending(&stem).map_or(String::new(), |(_, inner)| inner) } else { last };
    let alias = ENDINGS.into_iter().find(|(known, _)| *known == last).map(|(_, format)| format);
    (Format::of_name(&last).or(alias), wrapping.unwrap_or(Compression::None))
}

fn wrapping_of(first: &[u8]) -> Option<Compression> {
    // A skippable frame may come before a Zstandard frame.
    let skippable = matches!(first, [low, 0x2a, 0x4d, 0x18, ..] if low & 0xf0 == 0x50);
    match first {
        _ if first.starts_with(GZIP) => Some(Compression::Gzip),
        _ if first.starts_with(ZSTD) || skippable => Some(Compression::Zstd),
        _ => None,
    }
}

/// The format of bytes that are not wrapped, and whether they contradict the name.
fn by_bytes(named: Option<Format>, first: &[u8]) -> (Option<Format>, bool) {
    let text = first.strip_prefix(BOM).unwrap_or(first);
    if let Some(found) = magic(first) {
        return (Some(found), named.is_some_and(|named| named != found));
    }
    if is_quarantine(text) {
        let fitting = matches!(named, None | Some(Format::Ndjson | Format::Json | Format::Quarantine));
        return (Some(Format::Quarantine), !fitting);
    }
    if named.is_some_and(Format::is_text) {
        return (named, false);
    }
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'[') => (Some(Format::Json), named.is_some()),
        Some(b'{') => (Some(Format::Ndjson), named.is_some()),
        _ => (named, false),
    }
}

fn is_quarantine(text: &[u8]) -> bool {
    QUARANTINE.iter().try_fold(text, |rest, token| rest.trim_ascii_start().strip_prefix(*token)).is_some()
}

/// Magics of columnar formats; what follows them tells `PAR1,b` as a CSV header from Parquet.
fn magic(first: &[u8]) -> Option<Format> {
    match first {
        [b'P', b'A', b'R', b'1' | b'E'] => Some(Format::Parquet),
        [b'P', b'A', b'R', b'1' | b'E', next, ..] if !(0x20..0x7f).contains(next) && !next.is_ascii_whitespace() => {
            Some(Format::Parquet)
        }
        [b'A', b'R', b'R', b'O', b'W', b'1', 0, ..] | [0xff, 0xff, 0xff, 0xff, ..] => Some(Format::Arrow),
        _ => None,
    }
}
