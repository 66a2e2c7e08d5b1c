//! The arguments of `phantom golden`.

use std::path::PathBuf;

use clap::Subcommand;

/// `phantom golden`
#[derive(Debug, Subcommand)]
pub enum Golden {
    /// Predict and compare without writing reports
    Check {
        /// Scenario files, or folders of them
        #[arg(required = true)]
        scenarios: Vec<PathBuf>,
    },
    /// Show what differs from the accepted results, change by change
    Review {
        /// Scenario name or file, or `accuracy` for golden/accuracy.json
        scenario: String,
    },
    /// Take reports/<name>/results.json as accepted
    Accept {
        /// Scenario name or file, or `accuracy` for golden/accuracy.json
        scenario: String,
        /// Only these points or columns
        #[arg(long, value_name = "GLOB")]
        only: Option<String>,
    },
    /// Drop the pending results
    Reject {
        /// Scenario name or file, or `accuracy` for golden/accuracy.json
        scenario: String,
    },
    /// List golden files and what is pending
    List,
    /// Remove golden files that no scenario of scenarios/ refers to
    Prune {
        /// Say what would be removed, and remove nothing
        #[arg(long)]
        dry_run: bool,
    },
}
