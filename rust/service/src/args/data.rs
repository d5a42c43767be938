//! Flags about data.

use super::VariableArgs;
use clap::Args;
use guard_ingest::Format;
use std::path::PathBuf;

/// What to read.
#[derive(Debug, Clone, Args)]
pub struct DataArgs {
    /// Files or patterns such as "2026-*.csv.gz", read as one sequence of records; `-` is standard input
    #[arg(required = true, value_name = "DATA")]
    pub data: Vec<PathBuf>,
    /// Format of the data; by name and first bytes unless given
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    pub input_format: Option<Format>,
    /// Threads; all cores unless given. Results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    #[command(flatten)]
    pub dialect: DialectArgs,
}

/// How CSV is written. Flags win over the contract.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "CSV")]
pub struct DialectArgs {
    /// What stands between fields; `tab` is one too
    #[arg(long, value_name = "CHAR", value_parser = ascii)]
    pub delimiter: Option<u8>,
    /// What stands around fields
    #[arg(long, value_name = "CHAR", value_parser = ascii)]
    pub quote: Option<u8>,
    /// The first record is data: columns are the declared ones in order
    #[arg(long)]
    pub no_header: bool,
    /// A text that is NULL when it stands without quotes; may be given several times
    #[arg(long = "null", value_name = "TEXT")]
    pub nulls: Vec<String>,
    /// Encoding of the text, such as windows-1252; UTF-8 unless given
    #[arg(long, value_name = "LABEL")]
    pub encoding: Option<String>,
    /// Find out what is not said, and say what was found and why
    #[arg(long)]
    pub sniff: bool,
}

/// What to judge by, besides the contract.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Judging")]
pub struct JudgeArgs {
    /// Which schema object of the contract; needed when it has several and none bears the file's name
    #[arg(long, value_name = "NAME")]
    pub object: Option<String>,
    /// The instant that service levels are judged against, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// What `:NAME` stands for in row rules: an integer, a decimal, true or false, a date or timestamp in ISO form, else text; in
    /// quotes ('5') it is text in any case
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = crate::params::pair)]
    pub params: Vec<(String, String)>,
    /// The records that foreign keys refer to, by the name of their schema object
    #[arg(long = "reference", value_name = "NAME=FILE", value_parser = crate::params::pair)]
    pub references: Vec<(String, String)>,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// What a call may take. Verdicts do not depend on memory.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Greatest length of a record of text, such as 64MiB (16MiB unless given, 256MiB at most); a longer one is damaged
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub record_bytes: Option<u64>,
    /// Memory for the keys that are compared, such as 2GiB (128MiB unless given); more go to temporary files
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub memory_bytes: Option<u64>,
}

/// Units of sizes, longest names first.
const UNITS: [(&str, u64); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("B", 1),
];

/// A number of bytes, with a unit or without.
fn size(text: &str) -> Result<u64, String> {
    let (digits, factor) =
        UNITS.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor))).unwrap_or((text, 1));
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let bytes = digits.parse::<u64>().ok().filter(|_| is_number).and_then(|number| number.checked_mul(factor));
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "give a whole number above 0, alone or with KiB, MiB, GiB, kB, MB or GB".to_owned())
}

fn format(text: &str) -> Result<Format, String> {
    Format::of_name(text).ok_or_else(|| {
        let names: Vec<_> = Format::NAMES.iter().map(|(name, _)| *name).collect();
        format!("use one of {}", names.join(", "))
    })
}

fn ascii(text: &str) -> Result<u8, String> {
    match (text, text.as_bytes()) {
        ("tab" | "\\t", _) => Ok(b'\t'),
        (_, [byte]) if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => Ok(*byte),
        _ => Err("give one ASCII character, or `tab`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte() {
        assert_eq!(ascii(";"), Ok(b';'));
        assert_eq!(ascii("tab"), Ok(b'\t'));
        assert_eq!(ascii("\\t"), Ok(b'\t'));
        for bad in ["", ";;", "é", "\n", "\0"] {
            assert!(ascii(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in
            [("1", 1), ("7B", 7), ("64KiB", 65_536), ("2MiB", 2_097_152), ("1GiB", 1_073_741_824), ("3kB", 3_000)]
        {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        assert_eq!(size("18446744073709551615"), Ok(u64::MAX));
        for bad in [
            "",
            "0",
            "0MiB",
            "-1",
            "+1",
            "1.5GiB",
            "1 MiB",
            "MiB",
            "1mib",
            "18446744073709551616",
            "18014398509481984KiB",
        ] {
            assert!(size(bad).is_err(), "{bad:?}");
        }
    }
}
