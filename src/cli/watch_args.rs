//! The arguments of `phantom watch`.

use std::path::PathBuf;

use clap::Args;

use super::args::{Overrides, Run};
use super::choices::GoldenMode;

/// `phantom watch`
#[derive(Debug, Args)]
pub struct Watch {
    /// Scenario file
    pub scenario: PathBuf,
    #[command(flatten)]
    pub live: Live,
    #[command(flatten)]
    pub overrides: Overrides,
    /// Only these points: `model=llama8b,concurrency<=32`
    #[arg(long, value_name = "FILTER")]
    pub points: Option<String>,
    /// How the golden file is used (default: auto; check when CI is set)
    #[arg(long, value_enum, env = "PHANTOM_GOLDEN")]
    pub golden: Option<GoldenMode>,
    /// Threads for prediction (default: all cores); results do not depend on it
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Write here instead of reports/<name>/
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// A calibration pack: a name, a file, or `none` for datasheet values alone, without intervals
    #[arg(long, value_name = "NAME|FILE|none")]
    pub calibration: Option<String>,
    /// Keep estimates for as long as the command runs and no longer
    #[arg(long)]
    pub no_cache: bool,
}

/// How the live page is shown.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Live {
    /// Open the page in a browser
    #[arg(long)]
    pub open: bool,
    /// Serve on this port of 127.0.0.1; 0 takes a free one (default: the first free one of 3000 to 3005)
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
}

impl Watch {
    /// What one evaluation is asked to do.
    pub fn as_run(&self) -> Run {
        Run {
            scenarios: vec![self.scenario.clone()],
            overrides: self.overrides.clone(),
            points: self.points.clone(),
            only: Vec::new(),
            golden: self.golden,
            accept: false,
            fail_on: Vec::new(),
            exit_zero: true,
            jobs: self.jobs,
            out: self.out.clone(),
            also: Vec::new(),
            dry_run: false,
            calibration: self.calibration.clone(),
            no_cache: self.no_cache,
            #[cfg(feature = "parquet")]
            no_history: true,
            timings: false,
            watch: true,
        }
    }
}
