//! The arguments of `phantom import`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `phantom import`
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Read published kernel timings
    Kernels(ImportKernels),
    /// Read results folders of `MLPerf` Inference
    Mlperf(ImportMlperf),
    /// Pass on the records of a collection whose licence allows it
    Measurements(ImportMeasurements),
}

/// `phantom import measurements`
#[derive(Debug, Args)]
pub struct ImportMeasurements {
    /// A folder of records with a file of sources
    pub folder: PathBuf,
    /// Write below this folder
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Licences that are allowed, as the file of sources names them
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "Apache-2.0,MIT,BSD-3-Clause"
    )]
    pub licence: Vec<String>,
    /// Only these rows: `source_id!=some-source`
    #[arg(long = "where", value_name = "FILTER")]
    pub filter: Option<String>,
    /// Rows of each file that are enough; runs stay whole and are spread over hardware, models and software (default: all)
    #[arg(long, value_name = "N")]
    pub rows_per_file: Option<usize>,
}

/// `phantom import kernels`
#[derive(Debug, Args)]
pub struct ImportKernels {
    /// A folder of a copy of that repository
    pub folder: PathBuf,
    /// Whose tables they are
    #[arg(long, value_enum)]
    pub from: KernelTables,
    /// Write one table for each operator, and a file of sources, into this folder
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Rows of each operator and file that are enough, chosen by a hash of their text; 0: all
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub at_most: usize,
}

/// Repositories whose tables are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KernelTables {
    /// ai-dynamo/aiconfigurator
    Aiconfigurator,
    /// microsoft/vidur
    Vidur,
}

/// `phantom import mlperf`
#[derive(Debug, Args)]
pub struct ImportMlperf {
    /// A folder of results: closed/<submitter>/results/…
    pub folder: PathBuf,
    /// Write llm/, vision/ and a file of sources into this folder
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// The round, such as v5.1 (default: as the folder is called)
    #[arg(long, value_name = "NAME")]
    pub round: Option<String>,
}
