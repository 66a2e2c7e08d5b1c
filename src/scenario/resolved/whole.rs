//! A resolved scenario, and where its facts come from.

use std::collections::BTreeMap;

use super::money::{Energy, Pricing, Terms};
use super::objectives::{Question, SizeFor, Slo};
use super::point::RunPoint;
use super::settings::{ExecutorEntry, GoldenRules, ReportOptions, Statistics};
use super::what_if::Variant;

/// A resolved document: everything that does not vary between points.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Names all outputs.
    pub name: String,
    /// Path as given, `/` between folders, relative to the root where it is below it.
    pub path: String,
    /// The question in one sentence.
    pub description: Option<String>,
    /// Text carried into results.
    pub labels: BTreeMap<String, String>,
    /// Names of the axes in key order: `matrix.axes`, then zip fields.
    pub axes: Vec<String>,
    /// Limits, in the order written.
    pub slos: Vec<Slo>,
    /// Questions, in the order written; never empty (the default question is filled in).
    pub questions: Vec<Question>,
    /// Prices; those of the first point where they vary.
    pub pricing: Option<Pricing>,
    /// Energy, carbon, battery; those of the first point where they vary. `thermal` may differ by point and stands there too.
    pub energy: Energy,
    /// Prices and places by [`RunPoint::terms`], where axes vary them; empty where all points share [`Scenario::pricing`] and
    /// [`Scenario::energy`].
    pub terms: Vec<Terms>,
    /// Variants of the model, held against the points that answer.
    pub what_if: Vec<Variant>,
    /// Executors in order.
    pub run: Vec<ExecutorEntry>,
    /// Confidence, seed, percentiles.
    pub statistics: Statistics,
    /// Rules of the golden comparison.
    pub golden: GoldenRules,
    /// Title, charts, outputs.
    pub report: ReportOptions,
    /// Every default, override and catalogue entry that stands for a fact.
    pub assumptions: Vec<Assumption>,
    /// Every file that was read for it, with its hash.
    pub files: Vec<InputFile>,
}

impl Scenario {
    /// The prices of a point with these [`RunPoint::terms`].
    pub fn pricing_at(&self, terms: u32) -> Option<&Pricing> {
        match self.terms.get(terms as usize) {
            Some(terms) => terms.pricing.as_ref(),
            None => self.pricing.as_ref(),
        }
    }

    /// Energy and place of a point with these [`RunPoint::terms`].
    pub fn energy_at(&self, terms: u32) -> &Energy {
        self.terms
            .get(terms as usize)
            .map_or(&self.energy, |terms| &terms.energy)
    }

    /// The prices of a point.
    pub fn pricing_of(&self, point: &RunPoint) -> Option<&Pricing> {
        self.pricing_at(point.terms)
    }

    /// The demand that costs of a month are for: that of the headline question, else of the first that states one.
    pub fn demand(&self) -> Option<SizeFor> {
        let headline = self.questions.iter().filter(|one| one.headline);
        headline
            .chain(&self.questions)
            .find_map(|question| question.size_for)
    }
}

/// A file that a scenario depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputFile {
    /// Path relative to the root.
    pub path: String,
    /// blake3 of its bytes, hex.
    pub blake3: String,
}

/// A fact that was not stated by the user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumption {
    /// Path in the document, such as `hardware.g` or `pricing.utilization`.
    pub path: String,
    /// What was taken, in words with units.
    pub value: String,
    /// `assumed` for defaults and overrides, `datasheet` for catalogue entries.
    pub basis: crate::record::Basis,
    /// Where it comes from.
    pub source: String,
    /// Its date, where it has one.
    pub as_of: Option<String>,
}
