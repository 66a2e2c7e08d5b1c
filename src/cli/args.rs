//! The arguments as given; what they mean is decided in [`super::context`] and in the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::choices::{Also, Doubtful, FailOn, GoldenMode, MethodChoice, Only};
use super::golden_args::Golden;
#[cfg(feature = "parquet")]
use super::history_args::History;
use super::import_args::Import;
#[cfg(feature = "watch")]
use super::watch_args::Watch;

/// Predicts inference performance, cost and energy from one YAML scenario, with honest intervals.
#[derive(Debug, Parser)]
#[command(
    name = "phantom",
    version,
    about,
    max_term_width = 100,
    infer_subcommands = false,
    disable_help_subcommand = true
)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = ColorMode::Auto)]
    pub color: ColorMode,
    /// How progress is shown
    #[arg(long, global = true, value_enum)]
    pub progress: Option<ProgressMode>,
    /// Print results and errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Print notes too
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// A folder of catalogue tables that replaces built-in entries of the same id
    #[arg(long, global = true, value_name = "DIR", env = "PHANTOM_CATALOG")]
    pub catalog: Option<PathBuf>,
    /// The folder that holds scenarios/, golden/ and reports/
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Where simulated estimates are kept between runs (default: the user's cache folder)
    #[arg(long, global = true, value_name = "DIR", env = "PHANTOM_CACHE_DIR")]
    pub cache: Option<PathBuf>,
    /// Let a scenario name files outside its root
    #[arg(long, global = true)]
    pub allow_outside: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// One document
    Json,
    /// One document a line
    Jsonl,
    /// For a summary page
    Markdown,
    /// Annotations of a pull request
    Github,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorMode {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProgressMode {
    /// A bar, on a terminal only
    Auto,
    /// A line every 30 s
    Plain,
    /// Not at all
    None,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Predict, analyse, compare with the golden file, and write reports
    Run(Run),
    /// Read and check scenarios; run nothing
    Check(Check),
    /// Print the points with keys and ids, or the resolved document
    Plan(Plan),
    /// Explain a number of a point, a metric, or a code
    Explain(Explain),
    /// Predict again whenever a file changes, and show a live page
    #[cfg(feature = "watch")]
    Watch(Watch),
    /// Compare predictions with measurement records
    Validate(Validate),
    /// Fit operator models to kernel timings, and write a calibration pack
    #[cfg(feature = "calibrate")]
    Calibrate(Calibrate),
    /// Turn published tables into measurement records
    #[command(subcommand)]
    Import(Import),
    /// Compare two results or goldens
    Diff(Diff),
    /// Check, review and accept golden files
    #[command(subcommand)]
    Golden(Golden),
    /// List kept runs, or show how a number moved over them
    #[cfg(feature = "parquet")]
    History(History),
    /// Render a results document again; compute nothing
    Report(Report),
    /// What is known of models, hardware, prices and grids
    #[command(subcommand)]
    Catalog(Catalog),
    /// Write a new scenario from a template, or copy the report templates
    Init(Init),
    /// Print the JSON Schema of scenarios
    Schema(Schema),
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Which scenario text is meant, and how it is changed.
#[derive(Debug, Clone, Args)]
pub struct Overrides {
    /// Override a field: `workload.llm.isl=2048`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// `phantom run`
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    clippy::struct_field_names,
    reason = "independent switches, named as the user writes them"
)]
pub struct Run {
    /// Scenario files, or folders of them
    #[arg(required = true)]
    pub scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub overrides: Overrides,
    /// Only these points: `model=llama8b,concurrency<=32`
    #[arg(long, value_name = "FILTER")]
    pub points: Option<String>,
    /// Only these kinds of executor; the others are listed as skipped
    #[arg(long, value_enum, value_name = "KINDS", value_delimiter = ',')]
    pub only: Vec<Only>,
    /// How the golden file is used (default: auto; check when CI is set)
    #[arg(long, value_enum, env = "PHANTOM_GOLDEN")]
    pub golden: Option<GoldenMode>,
    /// Take the new results as accepted; the same as `--golden update`
    #[arg(long, conflicts_with = "golden")]
    pub accept: bool,
    /// Which findings end with code 1
    #[arg(
        long,
        value_name = "CLASSES",
        value_delimiter = ',',
        default_value = "golden,slo,regression,validity,accuracy"
    )]
    pub fail_on: Vec<FailOn>,
    /// Report findings and end with code 0
    #[arg(long)]
    pub exit_zero: bool,
    /// Threads for prediction (default: all cores); results do not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Write here instead of reports/<name>/
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write these too, beside the outputs of the scenario: summary.md, junit.xml, findings.sarif
    #[arg(long, value_enum, value_name = "KINDS", value_delimiter = ',')]
    pub also: Vec<Also>,
    /// Everything up to the plan and what would run
    #[arg(long)]
    pub dry_run: bool,
    /// A calibration pack: a name, a file, or `none` for datasheet values alone, without intervals
    #[arg(long, value_name = "NAME|FILE|none")]
    pub calibration: Option<String>,
    /// Predict everything anew and keep nothing
    #[arg(long)]
    pub no_cache: bool,
    /// Keep no copy of the results below reports/_history/
    #[cfg(feature = "parquet")]
    #[arg(long)]
    pub no_history: bool,
    /// Print where the time went
    #[arg(long)]
    pub timings: bool,
    /// Predict again whenever a file changes, and show a live page; `phantom watch` has more options
    #[cfg(feature = "watch")]
    #[arg(long, conflicts_with_all = ["dry_run", "accept", "timings", "exit_zero"])]
    pub watch: bool,
}

/// `phantom check`
#[derive(Debug, Args)]
pub struct Check {
    /// Scenario files, or folders of them
    #[arg(required = true)]
    pub scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub overrides: Overrides,
}

/// `phantom plan`
#[derive(Debug, Args)]
pub struct Plan {
    /// Scenario file
    pub scenario: PathBuf,
    #[command(flatten)]
    pub overrides: Overrides,
    /// Only these points
    #[arg(long, value_name = "FILTER", conflicts_with = "yaml")]
    pub points: Option<String>,
    /// Print the document after each stage, each value with its origin
    #[arg(long, conflicts_with = "count")]
    pub yaml: bool,
    /// Print the number of points
    #[arg(long)]
    pub count: bool,
}

/// `phantom explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// A scenario, or the name of a metric, a column, a code, a device, or a row or source of evidence
    pub subject: String,
    /// Key, id, number or filter of one point
    pub point: Option<String>,
    /// A column such as `mean_tpot`
    pub column: Option<String>,
    /// Write a slice of the simulated run for Chrome or Perfetto: 200 requests after the warm-up, with every step
    #[arg(long, value_name = "FILE.json", requires = "point")]
    pub trace: Option<PathBuf>,
    /// A calibration pack: a name, a file, or `none` for datasheet values alone, without intervals
    #[arg(long, value_name = "NAME|FILE|none")]
    pub calibration: Option<String>,
    #[command(flatten)]
    pub overrides: Overrides,
}

/// `phantom validate`
#[derive(Debug, Args)]
pub struct Validate {
    /// CSV files of measurement records, or folders of them
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// A calibration pack: a name, a file, or `none` for datasheet values alone, without intervals
    #[arg(long, value_name = "NAME|FILE|none")]
    pub calibration: Option<String>,
    /// Cross these columns in one more table, shown whole; many numbers are told in bands
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    pub by: Vec<String>,
    /// Only these rows: `hardware=h100-sxm5-80gb`
    #[arg(long = "where", value_name = "FILTER")]
    pub filter: Option<String>,
    /// Rows that are left out otherwise
    #[arg(long, value_enum, value_name = "KINDS", value_delimiter = ',')]
    pub include: Vec<Doubtful>,
    /// How loads are answered
    #[arg(long, value_enum, default_value_t = MethodChoice::Auto)]
    pub method: MethodChoice,
    /// Write one line for each row with prediction, interval and error
    #[arg(long, value_name = "FILE.csv")]
    pub rows: Option<PathBuf>,
    /// Compare with accepted accuracy
    #[arg(long, value_name = "FILE")]
    pub golden: Option<PathBuf>,
    /// Accept the accuracy found
    #[arg(long, requires = "golden")]
    pub accept: bool,
    /// Threads (default: all cores); results do not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}

/// `phantom calibrate`
#[cfg(feature = "calibrate")]
#[derive(Debug, Args)]
pub struct Calibrate {
    /// CSV files of runs or of kernel timings, or folders of them
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Write the pack here; its name is that of the file
    #[arg(short, long, value_name = "FILE.json")]
    pub output: PathBuf,
    /// A pack to start from, a name or a file: its shifts are kept and moved by the rows, all of which are fitted
    #[arg(long, value_name = "PACK", conflicts_with = "holdout")]
    pub base: Option<String>,
    /// Also take errors of runs part by part, with devices left out, and with few rows given back; takes minutes
    #[arg(long)]
    pub ablation: bool,
    /// Share of groups and layer shapes that measure the error: the twin of the fit has not seen the groups, models of operators not the shapes
    #[arg(long, value_name = "SHARE", default_value = "20%")]
    pub holdout: String,
    /// Seed of that choice
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Only these rows: `hardware=h100-sxm5-80gb`
    #[arg(long = "where", value_name = "FILTER")]
    pub filter: Option<String>,
    /// Threads (default: all cores); results do not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
}

/// `phantom diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// results.json or golden file
    pub a: PathBuf,
    /// results.json or golden file
    pub b: PathBuf,
    /// Only these columns
    #[arg(long, value_name = "GLOB")]
    pub metric: Option<String>,
    /// Join by these axes instead of the whole key
    #[arg(long = "match", value_name = "AXES", value_delimiter = ',')]
    pub match_axes: Vec<String>,
}

/// `phantom report`
#[derive(Debug, Args)]
pub struct Report {
    /// results.json, or the name of a scenario that has run
    pub results: String,
    /// Write HTML here
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write PDF here
    #[arg(long, value_name = "FILE")]
    pub pdf: Option<PathBuf>,
    /// A template, built in or of templates/, without its ending
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// Hold the PDF to these standards, such as pdf/a-2b
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub standard: Vec<String>,
}

/// `phantom catalog`
#[derive(Debug, Subcommand)]
pub enum Catalog {
    /// List entries of a kind
    List {
        /// The kind
        #[arg(value_enum)]
        kind: CatalogKind,
        /// Only entries whose id contains this
        pattern: Option<String>,
    },
    /// Show an entry with sources and dates
    Show {
        /// Id or alias
        name: String,
    },
    /// Check the built-in tables, or an overlay given by --catalog
    Verify,
}

/// Kinds of catalogue entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CatalogKind {
    /// Language models and other networks
    Models,
    /// Accelerators, processors, microcontrollers
    Hardware,
    /// Instance prices
    Prices,
    /// Grid carbon
    Grids,
}

/// `phantom init`
#[derive(Debug, Args)]
pub struct Init {
    /// Name of the new scenario
    pub name: Option<String>,
    /// The template
    #[arg(long, default_value = "hello")]
    pub template: String,
    /// Copy the built-in report templates to templates/
    #[arg(long)]
    pub templates: bool,
    /// List the templates
    #[arg(long, conflicts_with_all = ["templates", "name"])]
    pub list: bool,
}

/// `phantom schema`
#[derive(Debug, Args)]
pub struct Schema {
    /// List the axis names instead
    #[arg(long)]
    pub axes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
