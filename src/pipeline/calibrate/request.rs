//! What to fit, and what came of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::unused::UnusedRows;
use crate::calibrate::effects::RunsAccount;
use crate::calibrate::{FamilyAccount, NetworkAccount};
use crate::record::{Calibration, PackInput};
use crate::scenario::Filter;

/// What to fit.
#[derive(Debug, Clone)]
pub struct CalibrateRequest {
    /// Files and folders, as given.
    pub paths: Vec<PathBuf>,
    /// Which rows.
    pub filter: Option<Filter>,
    /// Seed of the split.
    pub seed: u64,
    /// Share of groups that the fit does not see, from 0 to below 1.
    pub holdout: f64,
    /// Name of the pack.
    pub name: String,
    /// A pack whose shifts are kept and moved by the rows; `None`: the fit starts from cited terms.
    pub base: Option<Calibration>,
    /// Whether errors of runs are taken part by part, which takes minutes.
    pub account: bool,
}

/// What came of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// The pack as JSON text.
    pub pack: String,
    /// Errors of runs, where they were asked for.
    pub runs: Option<RunsAccount>,
    /// Errors by family.
    pub accounts: Vec<FamilyAccount>,
    /// Errors of networks, where rows of them were fitted.
    pub networks: Option<NetworkAccount>,
    /// Files that were used; those of a base are in the pack alone.
    pub inputs: Vec<PackInput>,
    /// Files and families that were not, with the reason.
    pub skipped: Vec<(String, String)>,
    /// Rows that were left out, by the path of their file.
    pub left_out: BTreeMap<String, UnusedRows>,
    /// What is odd about rows that were fitted.
    pub notes: Vec<String>,
}

impl Calibrated {
    /// Rows that were fitted.
    pub fn rows_used(&self) -> u64 {
        self.inputs.iter().map(|input| input.rows_used).sum()
    }
}
