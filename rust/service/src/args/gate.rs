//! Flags about gates and ledgers.

use super::{ReportKind, gate_text as text};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `decide`
#[derive(Debug, Args)]
pub struct DecideArgs {
    /// The gate file
    pub gate: PathBuf,
    /// A file with one proposal, or with one a line if it is named .ndjson or .jsonl; standard input, one a line, unless given
    #[arg(default_value = "-", hide_default_value = true)]
    pub proposal: PathBuf,
    /// Where limits, holds and the log are kept: a file, made if it is not there, or a URL. Without it limits begin empty, and nothing is held
    #[arg(long, value_name = "FILE|URL")]
    pub ledger: Option<String>,
    /// What the gate's `queries.context` asks of the principal; never taken from a proposal. Types are seen as of `check --param`
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::params::pair)]
    pub context: Vec<(String, String)>,
    #[command(flatten)]
    pub show: ShowArgs,
}

/// How decisions are shown.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
    /// Form of a decision
    #[arg(long, value_enum, default_value_t = ReportKind::Text)]
    pub format: ReportKind,
    /// Hand out permits too, each of which runs one call: text has a last line `permit …`, JSON is {"decision": …, "permit": …}
    #[arg(long)]
    pub permit: bool,
}

/// `approve`
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The gate file, as it was when it escalated
    pub gate: PathBuf,
    /// The proposal's id
    pub id: String,
    /// Who approves; the log keeps it
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// The ledger that escalated it
    #[arg(long, value_name = "FILE|URL")]
    pub ledger: String,
    /// What the gate's `queries.context` asks of the principal; never taken from a proposal. Types are seen as of `check --param`
    #[arg(long, value_name = "NAME=VALUE", value_parser = crate::params::pair)]
    pub context: Vec<(String, String)>,
    #[command(flatten)]
    pub show: ShowArgs,
}

/// `ledger`
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// List what is held: calls that were allowed and are not settled
    #[command(after_help = text::HOLDS)]
    Holds {
        /// The ledger
        ledger: String,
        /// A JSON array in place of lines
        #[arg(long)]
        json: bool,
    },
    /// List what waits for a human: proposals that were escalated, with all that they propose
    #[command(after_help = text::WAITING)]
    Waiting {
        /// The ledger
        ledger: String,
        /// A JSON array in place of lines
        #[arg(long)]
        json: bool,
    },
    /// Redeem a permit, once: prints the call that may run now, as JSON
    #[command(after_help = text::REDEEM)]
    Redeem(PermitArgs),
    /// Say that a call ran, and what it spent
    #[command(after_help = text::COMMIT)]
    Commit {
        #[command(flatten)]
        permit: PermitArgs,
        /// What it spent, in plain digits, if that is less than what is held
        #[arg(long, value_name = "AMOUNT")]
        actual: Option<String>,
    },
    /// Say that a call did not run, or was undone
    #[command(after_help = text::RELEASE)]
    Release(PermitArgs),
    /// Remove calls that ended before a time and that no limit of a gate can count any more
    #[command(after_help = text::FORGET)]
    Forget {
        /// The ledger
        ledger: String,
        /// The gate file whose limits say what still counts
        gate: PathBuf,
        /// An instant, such as 2026-01-31T00:00:00Z
        #[arg(long, value_name = "INSTANT")]
        before: String,
    },
}

/// Which hold.
#[derive(Debug, Args)]
pub struct PermitArgs {
    /// The ledger
    pub ledger: String,
    /// The proposal's id, for a hold whose permit is lost; else the permit is read from standard input, and never from the line, where others see it
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
}

/// `audit`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check that the log and the ledger's tables agree; against checkpoints also that nothing before them was edited or cut off
    #[command(after_help = text::VERIFY)]
    Verify {
        /// The ledger
        ledger: String,
        /// A checkpoint that was kept elsewhere; may be given several times
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
    },
    /// List entries of the log
    #[command(after_help = text::SHOW)]
    Show {
        #[command(flatten)]
        which: WhichArgs,
        /// Lines for people, a JSON array, or the entries byte for byte
        #[arg(long, value_enum, default_value_t = LogFormat::Text)]
        format: LogFormat,
        /// With all that was proposed, below each decision
        #[arg(long)]
        content: bool,
    },
    /// Print size and root of the log, with a MAC, to be kept elsewhere
    #[command(after_help = text::CHECKPOINT)]
    Checkpoint {
        /// The ledger
        ledger: String,
    },
    /// Prove, as JSON, that an entry stands in the log, or that a shorter log is the start of a longer one
    #[command(after_help = text::PROVE, group = ArgGroup::new("what").required(true))]
    Prove {
        /// The ledger
        ledger: String,
        /// Prove the entry with this sequence
        #[arg(long, value_name = "N", group = "what")]
        leaf: Option<u64>,
        /// Of the log of the first N entries, such as a checkpoint saw; all of them unless given
        #[arg(long, value_name = "N", requires = "leaf")]
        size: Option<u64>,
        /// Prove that the first OLD entries are the start of the first NEW
        #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], group = "what")]
        consistency: Option<Vec<u64>>,
    },
    /// Check a proof without the ledger
    #[command(after_help = text::CHECK_PROOF)]
    CheckProof {
        /// What `audit prove` printed; `-` is standard input
        proof: PathBuf,
        /// A checkpoint that vouches for a root in the proof; may be given several times
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
    },
    /// Write what happened for other tools: OpenTelemetry spans, or W3C provenance
    #[command(after_help = text::EXPORT)]
    Export {
        #[command(flatten)]
        which: WhichArgs,
        /// OTLP's JSON, a line for each proposal, or one PROV-JSON document
        #[arg(long, value_enum)]
        format: ExportFormat,
        /// With arguments, and messages that quote them
        #[arg(long)]
        content: bool,
    },
}

/// Which part of a log.
#[derive(Debug, Args)]
pub struct WhichArgs {
    /// The ledger
    pub ledger: String,
    /// Of one proposal
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// From an instant on, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "INSTANT")]
    pub since: Option<String>,
}

/// Forms of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// A JSON array
    Json,
    /// The entries, byte for byte, one a line
    Ndjson,
}

/// Forms for other tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// OpenTelemetry: `execute_tool` spans, OTLP's JSON, one a line
    Otel,
    /// W3C PROV-JSON
    Prov,
}
