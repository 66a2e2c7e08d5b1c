//! The arguments of `phantom history`.

use clap::Args;

/// `phantom history`
#[derive(Debug, Args)]
pub struct History {
    /// A scenario that has run; without it all that have
    pub name: Option<String>,
    /// Show how this column moved: `mean_tpot`
    #[arg(long, value_name = "COLUMN", requires = "name")]
    pub metric: Option<String>,
    /// Only points whose key matches
    #[arg(long, value_name = "GLOB", requires = "metric")]
    pub only: Option<String>,
    /// Only the last runs
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,
}
