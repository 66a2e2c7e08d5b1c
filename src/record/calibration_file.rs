//! The file form of a pack, `phantom.calibration/v1`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Basis;
use super::blind::LazyBlind;
use super::calibration::{Calibration, PREDICTOR_VERSION, Term, TermName, TermScope, TermValue};
use super::calibration_error::CalibrationError;
use super::effect_file::{self, EffectsFile, WidthsFile};
use super::evidence_file::LazyEvidence;
use super::network_file::LazyNetworks;
use super::operator_file::LazyOperators;
use super::section::Section;
use super::split::{PackInput, Split};
use super::term_file::{FileTerm, checked};
use super::text_hash::TextHash;

/// The pack that rests on published documents alone.
const DATASHEET: &str = include_str!("../../datasets/calibration/datasheet.json");

/// The pack in which hardware and software are ideal.
const NONE: &str = include_str!("../../datasets/calibration/none.json");

/// The terms of [`DATASHEET`] with shifts and operator models that `phantom calibrate` has fitted.
const DEFAULT: &str = include_str!("../../datasets/calibration/default.json");

/// The only schema this version reads.
pub(super) const SCHEMA: &str = "phantom.calibration/v1";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePack<'a> {
    schema: String,
    name: String,
    predictor_version: u32,
    basis: FileBasis,
    level: Option<f64>,
    terms: Vec<FileTerm>,
    #[serde(default)]
    inputs: Vec<PackInput>,
    split: Option<Split>,
    #[serde(borrow, default)]
    effects: EffectsFile<'a>,
    widths: Option<WidthsFile>,
    #[serde(borrow)]
    operators: Option<&'a RawValue>,
    #[serde(borrow)]
    networks: Option<&'a RawValue>,
    #[serde(borrow)]
    evidence: Option<&'a RawValue>,
    #[serde(borrow)]
    blind: Option<&'a RawValue>,
    /// What a fit says of itself; read by people.
    #[serde(rename = "accuracy")]
    _accuracy: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum FileBasis {
    Datasheet,
    Fitted,
}

impl Calibration {
    /// The pack `datasheet`: every term from a published document, with a wide interval.
    ///
    /// ```
    /// use phantom::record::{Calibration, TermName, TermPlace};
    /// let pack = Calibration::embedded();
    /// let place = TermPlace { class: "datacenter-gpu", runtime: "vllm", ..TermPlace::ANY };
    /// let launch = pack.term(TermName::KernelLaunch, place).expect("a cited term");
    /// assert!(launch.value.value < 1e-5 && launch.source.contains("CUDA Graphs"));
    /// ```
    ///
    /// # Panics
    ///
    /// Never: a test reads the embedded pack.
    pub fn embedded() -> Self {
        Self::read(DATASHEET.as_bytes()).expect("the embedded pack is valid, by its own test")
    }

    /// The pack `none`: datasheet values alone. Every rate is reached, nothing takes extra time or memory, and there are no
    /// intervals. It has no terms of power, of which a datasheet states a limit alone, so power is not known.
    ///
    /// ```
    /// use phantom::record::{Calibration, TermName, TermPlace};
    /// let pack = Calibration::none();
    /// let place = TermPlace { class: "datacenter-gpu", runtime: "vllm", ..TermPlace::ANY };
    /// assert_eq!(pack.term(TermName::GemmCompute, place).map(|term| term.value.value), Some(1.0));
    /// assert_eq!(pack.level, None);
    /// ```
    ///
    /// # Panics
    ///
    /// Never: a test reads the embedded pack.
    pub fn none() -> Self {
        Self::read(NONE.as_bytes()).expect("the embedded pack is valid, by its own test")
    }

    /// The pack `default`: the terms of `datasheet` with shifts fitted on measured runs, and operator models fitted on kernel
    /// timings, which time stand-alone kernel calls.
    ///
    /// # Panics
    ///
    /// Never: a test reads the embedded pack.
    pub fn fitted() -> Self {
        Self::folded(DEFAULT.as_bytes(), (Section::embedded, TextHash::embedded))
            .expect("the embedded pack is valid, by its own test")
    }

    /// The terms of the pack `datasheet` as its file states them: what a fitted pack uses where it has fitted nothing.
    ///
    /// # Panics
    ///
    /// Never: a test reads the embedded pack.
    pub fn datasheet_terms() -> serde_json::Value {
        let pack: serde_json::Value =
            serde_json::from_str(DATASHEET).expect("the embedded pack is valid, by its own test");
        pack["terms"].clone()
    }

    /// Terms that no document states and a fit to runs starts from.
    pub fn starting_terms() -> [Term; 2] {
        let term = |name: TermName, value: f64| Term {
            name,
            scope: TermScope::default(),
            value: TermValue {
                value,
                lower: value,
                upper: value,
            },
            source: "no document states it: where the fit to runs starts".to_owned(),
        };
        [
            term(TermName::SequenceOverhead, 1e-5),
            term(TermName::PowerTop, 1.0),
        ]
    }

    /// Reads and checks a pack.
    ///
    /// # Errors
    ///
    /// All [`CalibrationError`]s of the file; only [`CalibrationError::Shape`] stands alone.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<CalibrationError>> {
        let pack = Self::folded(bytes, (Section::copied, TextHash::of))?;
        let mut errors = Vec::new();
        if let Some(Err(what)) = pack.operators.as_ref().map(|operators| operators.models()) {
            errors.push(CalibrationError::Operators(what.to_owned()));
        }
        let twin = pack.blind.as_ref().map(|blind| blind.read()).transpose();
        let twin = sound(twin.map_err(str::to_owned), &mut errors).flatten();
        let of_blind = twin.iter().flat_map(|twin| &twin.networks);
        for networks in pack.networks.iter().chain(of_blind) {
            if let Err(what) = networks.models() {
                errors.push(CalibrationError::Networks(what.to_owned()));
            }
        }
        if let Some(Err(what)) = pack.evidence.as_ref().map(|evidence| evidence.read()) {
            errors.push(CalibrationError::Evidence(what.to_owned()));
        }
        if errors.is_empty() {
            Ok(pack)
        } else {
            Err(errors)
        }
    }

    /// [`Self::read`] with the twin, evidence, and models of operators and networks left folded until they are asked for, and so
    /// unchecked.
    fn folded<'a>(
        bytes: &'a [u8],
        (section, hash): Keeping<'a>,
    ) -> Result<Self, Vec<CalibrationError>> {
        let pack: FilePack<'_> = serde_json::from_slice(bytes)
            .map_err(|error| vec![CalibrationError::Shape(error.to_string())])?;
        let mut errors = misstated(&pack);
        let operators = pack.operators.map(section).map(LazyOperators::new);
        let networks = pack.networks.map(section).map(LazyNetworks::new);
        let evidence = pack.evidence.map(section).map(LazyEvidence::new);
        let blind = pack.blind.map(section);
        let effects = sound(effect_file::effects(pack.effects), &mut errors);
        let effects = Arc::new(effects.unwrap_or_default());
        let widths = pack.widths.as_ref().map(effect_file::widths).transpose();
        let widths = sound(widths, &mut errors).flatten();
        let mut terms = BTreeMap::<TermName, Vec<Term>>::new();
        for (index, term) in pack.terms.into_iter().enumerate() {
            if let Some(term) = checked(index, term, &mut errors) {
                if pack.level.is_none() && term.value.lower < term.value.upper {
                    let name = term.name.name();
                    errors.push(CalibrationError::NoLevel { index, name });
                }
                let group = terms.entry(term.name).or_default();
                if group.iter().any(|other| other.scope == term.scope) {
                    let name = term.name.name();
                    errors.push(CalibrationError::Duplicate { index, name });
                }
                group.push(term);
            }
        }
        if errors.is_empty() {
            Ok(Self {
                name: pack.name,
                blake3: hash(bytes),
                basis: match pack.basis {
                    FileBasis::Datasheet => Basis::Datasheet,
                    FileBasis::Fitted => Basis::Fitted,
                },
                level: pack.level,
                terms,
                inputs: pack.inputs,
                split: pack.split,
                effects: Arc::clone(&effects),
                widths: widths.map(Arc::new),
                operators: operators.map(Arc::new),
                networks: networks.map(Arc::new),
                evidence: evidence.map(Arc::new),
                blind: blind.map(|blind| Arc::new(LazyBlind::new(blind, effects))),
            })
        } else {
            Err(errors)
        }
    }
}

/// How sections and the hash of a pack's text are kept.
type Keeping<'a> = (fn(&'a RawValue) -> Section, fn(&'a [u8]) -> TextHash);

/// What is wrong with what a pack says of itself.
fn misstated(pack: &FilePack<'_>) -> Vec<CalibrationError> {
    let mut errors = Vec::new();
    if pack.schema != SCHEMA {
        errors.push(CalibrationError::Schema(pack.schema.clone()));
    }
    if pack.predictor_version != PREDICTOR_VERSION {
        errors.push(CalibrationError::PredictorVersion {
            found: pack.predictor_version,
        });
    }
    if let Some(level) = pack.level.filter(|level| !(*level > 0.0 && *level < 1.0)) {
        errors.push(CalibrationError::Level(level));
    }
    if let Some(split) = pack.split.as_ref().filter(|split| !split.is_known()) {
        let holdout = split.holdout;
        errors.push(CalibrationError::Split { holdout });
    }
    errors
}

fn sound<T>(found: Result<T, String>, errors: &mut Vec<CalibrationError>) -> Option<T> {
    found
        .map_err(|what| errors.push(CalibrationError::Effects(what)))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Sample, TermRange};

    fn pack(version: u32, term: &str) -> String {
        format!(
            r#"{{"schema": "phantom.calibration/v1", "name": "t", "predictor_version": {version}, "basis": "fitted", "level": 0.9, "terms": [{term}]}}"#
        )
    }

    /// Terms that equations do without.
    const MAY_BE_ABSENT: [TermName; 3] = [
        TermName::ExpertBandwidth,
        TermName::SequenceOverhead,
        TermName::PowerTop,
    ];

    #[test]
    fn the_embedded_pack_has_every_term_for_every_device() {
        let pack = Calibration::embedded();
        let everywhere = super::super::calibration::TermPlace::ANY;
        let stated = |name: &TermName| !MAY_BE_ABSENT.contains(name);
        for name in TermName::ALL.iter().copied().filter(stated) {
            assert!(pack.term(name, everywhere).is_some(), "{}", name.name());
        }
    }

    #[test]
    fn without_calibration_every_rate_is_reached_and_nothing_is_added() {
        let pack = Calibration::none();
        assert_eq!((pack.level, pack.basis), (None, Basis::Datasheet));
        for term in pack.terms.values().flatten() {
            let ideal = match term.name.range() {
                TermRange::Efficiency => 1.0,
                TermRange::Share | TermRange::Amount => 0.0,
            };
            let ideal = [ideal; 3].map(f64::to_bits);
            let TermValue {
                value,
                lower,
                upper,
            } = term.value;
            let found = [value, lower, upper].map(f64::to_bits);
            assert_eq!(found, ideal, "{}", term.name.name());
        }
        let absent = TermName::ALL
            .iter()
            .filter(|name| !pack.terms.contains_key(name) && !MAY_BE_ABSENT.contains(name));
        assert!(
            absent
                .map(|name| name.name())
                .all(|name| name.contains("power")),
            "power alone is not known"
        );
    }

    #[test]
    fn the_fitted_pack_is_that_of_published_documents_with_models() {
        let (fitted, cited) = (Calibration::fitted(), Calibration::embedded());
        for (name, terms) in &cited.terms {
            assert_eq!(
                &fitted.terms[name], terms,
                "make the pack anew: `phantom calibrate`"
            );
        }
        let operators = fitted.operators.expect("models");
        let models = operators.models().expect("sound");
        for family in ["gemm", "attention_context", "attention_generation", "moe"] {
            assert!(models.families.contains_key(family), "{family}");
        }
        assert!(DEFAULT.len() < 3_000_000 && fitted.split.is_some());
    }

    #[test]
    fn a_fitted_pack_says_what_it_has_seen() {
        let text = |holdout: &str| {
            let seen = format!(
                r#""inputs": [{{"path": "a.csv", "blake3": "00", "sources": ["s"], "rows_used": 3, "skipped": {{"bad-value": 1}}}}],
                "split": {{"seed": 1, "holdout": {holdout}, "group_keys": {{"runs": ["hardware", "model", "framework"], "kernels": ["hardware", "op", "shape"]}}}}, "terms"#
            );
            pack(PREDICTOR_VERSION, "").replace(r#""terms"#, &seen)
        };
        let fitted = Calibration::read(text("0").as_bytes()).expect("a pack");
        let group = crate::record::RowGroup::Kernel {
            hardware: "h",
            op: "gemm",
            shape: &["1", "2"],
        };
        assert_eq!(fitted.sample("s", &group), Sample::InSample);
        assert_eq!(fitted.sample("another", &group), Sample::HeldOut);
        assert_eq!(fitted.inputs[0].skipped["bad-value"], 1);
        assert_eq!(
            Calibration::read(text("1").as_bytes()).expect_err("everything is held out"),
            [CalibrationError::Split { holdout: 1.0 }]
        );
    }

    #[test]
    fn an_interval_needs_a_level() {
        let term = r#"{"name": "host_power", "value": 1, "lower": 1, "upper": 2, "source": "s"}"#;
        let text = pack(PREDICTOR_VERSION, term).replace(r#""level": 0.9, "#, "");
        assert_eq!(
            Calibration::read(text.as_bytes()).expect_err("an interval of no level"),
            [CalibrationError::NoLevel {
                index: 0,
                name: "host_power"
            }]
        );
    }

    #[test]
    fn all_errors_are_reported_with_names() {
        let text = pack(
            99,
            r#"{"name": "warp", "value": 1, "lower": 1, "upper": 1, "source": "s"},
               {"name": "gemm_compute", "value": 1.2, "lower": 0.5, "upper": 1.3, "source": " "}"#,
        );
        let errors = Calibration::read(text.as_bytes()).expect_err("three faults and a version");
        let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said[0].contains("99"));
        assert!(said[1].contains("`warp`"));
        assert!(said[2].contains("`gemm_compute`") && said[2].contains("1.2"));
        assert!(said[3].contains("no source"));
    }

    #[test]
    fn the_same_scope_twice_is_an_error() {
        let term = r#"{"name": "host_power", "value": 1, "lower": 1, "upper": 1, "source": "s"}"#;
        let errors =
            Calibration::read(pack(PREDICTOR_VERSION, &format!("{term},{term}")).as_bytes())
                .expect_err("a duplicate");
        assert_eq!(
            errors,
            [CalibrationError::Duplicate {
                index: 1,
                name: "host_power"
            }]
        );
    }

    #[test]
    fn other_text_is_refused() {
        assert!(matches!(
            Calibration::read(b"{}").expect_err("no fields")[..],
            [CalibrationError::Shape(_)]
        ));
    }
}
