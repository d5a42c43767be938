//! What can be typed.

mod data;
mod gate;
mod gate_text;
mod text;

pub use data::{DataArgs, DialectArgs, JudgeArgs};
pub use gate::{
    ApproveArgs, AuditCommand, DecideArgs, ExportFormat, LedgerCommand, LogFormat, PermitArgs, ShowArgs, WhichArgs,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The whole line.
#[derive(Debug, Parser)]
#[command(name = "guard-nb", bin_name = "guard-nb", version = text::VERSION, about = text::ABOUT, long_about = text::LONG_ABOUT, after_help = text::AFTER)]
#[command(styles = text::STYLES, propagate_version = false, subcommand_required = true, arg_required_else_help = true, max_term_width = 120)]
pub struct Cli {
    /// When to use colours; NO_COLOR is heeded
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Colour {
    /// Whatever the streams are.
    pub fn choice(self) -> Option<bool> {
        match self {
            Self::Auto => None,
            Self::Always => Some(true),
            Self::Never => Some(false),
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(about = text::CHECK.0, long_about = text::CHECK.1, after_help = text::CHECK.2)]
    Check(Box<CheckArgs>),
    #[command(about = text::LINT.0, long_about = text::LINT.1, after_help = text::LINT.2)]
    Lint(LintArgs),
    #[command(about = text::INFER.0, long_about = text::INFER.1, after_help = text::INFER.2)]
    Infer(InferArgs),
    #[command(about = text::DIFF.0, long_about = text::DIFF.1, after_help = text::DIFF.2)]
    Diff(DiffArgs),
    #[command(about = text::TRANSFORM.0, long_about = text::TRANSFORM.1, after_help = text::TRANSFORM.2)]
    Transform(Box<TransformArgs>),
    #[command(about = gate_text::DECIDE.0, long_about = gate_text::DECIDE.1, after_help = gate_text::DECIDE.2)]
    Decide(DecideArgs),
    #[command(about = gate_text::APPROVE.0, long_about = gate_text::APPROVE.1, after_help = gate_text::APPROVE.2)]
    Approve(ApproveArgs),
    #[command(subcommand, about = gate_text::LEDGER.0, long_about = gate_text::LEDGER.1, after_help = gate_text::LEDGER.2)]
    Ledger(LedgerCommand),
    #[command(subcommand, about = gate_text::AUDIT.0, long_about = gate_text::AUDIT.1, after_help = gate_text::AUDIT.2)]
    Audit(AuditCommand),
    #[command(about = text::RUN.0, long_about = text::RUN.1, after_help = text::RUN.2)]
    Run(RunArgs),
    #[command(about = text::CODES.0, long_about = text::CODES.1, after_help = text::CODES.2)]
    Codes(CodesArgs),
    #[command(about = text::COMPLETIONS.0, long_about = text::COMPLETIONS.1, after_help = text::COMPLETIONS.2)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// What fails, why and what to do
    Text,
    /// One line for each clause
    Table,
    /// The canonical verdict, the same bytes as everywhere
    Json,
    /// A page without scripts
    Html,
    /// Open Observability Results Standard, without a value of the data
    Oors,
    /// JUnit XML, a test case for each clause
    Junit,
}

/// Forms of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportKind {
    /// What had to hold, what did not and what to do; a line each where several are decided
    Text,
    /// The canonical decision, one a line
    Json,
    /// A page without scripts, of one decision
    Html,
}

/// `check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The contract: ODCS, YAML or JSON
    pub contract: PathBuf,
    /// Form of the report
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub format: ReportFormat,
    /// Where accepted records go, in the form that the name ends in (.ndjson, .csv, .tsv, .parquet, .arrow); `-` for NDJSON on
    /// standard output, and the report on standard error
    #[arg(long, value_name = "FILE")]
    pub accepted: Option<PathBuf>,
    /// Where all other records go, with reasons and their own bytes; the file can be repaired and checked again
    #[arg(long, value_name = "FILE")]
    pub quarantine: Option<PathBuf>,
    /// Look at every value of a Parquet file, also where its statistics prove a clause
    #[arg(long)]
    pub no_statistics: bool,
    /// No report, no notices, no progress: the exit status says it all
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub judge: JudgeArgs,
}

/// `lint`
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Contracts and gates; `-` is standard input
    #[arg(required = true, value_name = "CONTRACT")]
    pub contracts: Vec<PathBuf>,
    /// Warnings count as errors
    #[arg(long)]
    pub strict: bool,
    /// A JSON array in place of lines
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub variables: VariableArgs,
}

/// `infer`
#[derive(Debug, Args)]
pub struct InferArgs {
    /// Name of the schema object; the file's name unless given
    #[arg(long, value_name = "NAME")]
    pub object: Option<String>,
    /// The contract's id; the object's name unless given
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Look at the first N records only; 1,000,000 of text files and all of others unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    #[command(flatten)]
    pub data: DataArgs,
}

/// `diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The contract as it was
    pub old: PathBuf,
    /// The contract as it will be
    pub new: PathBuf,
    /// A JSON array in place of lines
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub variables: VariableArgs,
}

/// `transform`
#[derive(Debug, Args)]
pub struct TransformArgs {
    /// A file that `Transform.save` wrote, a file of SQL text, or the text itself: "SELECT … FROM input [WHERE …]"
    pub transform: String,
    /// What the input must satisfy; records that it does not accept are left out
    #[arg(long, value_name = "CONTRACT")]
    pub contract: Option<PathBuf>,
    /// What the output must satisfy; an output file appears only if it is accepted
    #[arg(long, value_name = "CONTRACT")]
    pub output_contract: Option<PathBuf>,
    /// Which schema object of the output contract
    #[arg(long, value_name = "NAME")]
    pub output_object: Option<String>,
    /// Where output records go, in the form that the name ends in; NDJSON on standard output unless given
    #[arg(long, short, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
    /// Where input records go on which the transform fails
    #[arg(long, value_name = "FILE")]
    pub quarantine: Option<PathBuf>,
    /// No summary, no notices, no progress
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    pub data: DataArgs,
    #[command(flatten)]
    pub judge: JudgeArgs,
}

/// `run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The notebook
    pub notebook: PathBuf,
    /// Where the executed notebook goes
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Seconds that a cell may take
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u64>,
}

/// `codes`
#[derive(Debug, Args)]
pub struct CodesArgs {
    /// One code
    pub code: Option<String>,
    /// A JSON array in place of lines
    #[arg(long)]
    pub json: bool,
}

/// What contracts may leave open.
#[derive(Debug, Clone, Default, Args)]
pub struct VariableArgs {
    /// What `${NAME}` stands for in the contract (ODCS 3.2)
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = crate::params::pair)]
    pub variables: Vec<(String, String)>,
}
