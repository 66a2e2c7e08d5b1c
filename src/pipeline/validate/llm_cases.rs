//! Rows of the LLM family as cases: equal systems and equal runs stand once.

use std::collections::BTreeMap;

use super::energy::{PowerScope, estimated};
use super::rates::{RunRates, placed};
use super::systems::{Systems, workload_key};
use crate::catalog::Catalog;
use crate::perf::Server;
use crate::pipeline::{Asked, estimate, parallel};
use crate::record::rows::{Include, Line, LlmCase, Skip, Table, llm_case, llm_row};
use crate::record::{Better, Calibration, Column, Estimate, Estimated, Metric, NotModelled};
use crate::scenario::Method;
use crate::stats::math;

/// The level asked for under a pack without one, which gives no intervals whatever is asked.
const ANY_LEVEL: f64 = 0.9;

/// Seed of simulated rows.
const SEED: u64 = 1;

/// Percentiles that rows of this family state.
const PERCENTILES: [f64; 3] = [50.0, 90.0, 99.0];

/// How far beyond datasheet rates a number may be, on the logarithmic scale: clocks, prompts shorter than stated, and rounding.
const SLACK: f64 = 0.3;

/// A number that is better than datasheets allow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::pipeline) struct Impossible {
    pub column: Column,
    pub measured: f64,
    /// What datasheets allow.
    pub bound: f64,
}

/// A resolved row.
pub(in crate::pipeline) struct Resolved<'a> {
    pub case: LlmCase,
    scope: PowerScope,
    framework: &'a str,
    /// Where among the runs its prediction stands.
    run: usize,
    /// What its source says of the run: rows that agree in it are numbers of one run.
    published: String,
    /// The rate that the run was given.
    pub is_load: bool,
}

/// A row that is not compared.
pub(in crate::pipeline) struct Unresolved<'a> {
    pub reason: Skip,
    /// What of the row says more.
    pub detail: &'a str,
}

/// Rows with their systems and runs, each once.
pub(in crate::pipeline) struct LlmCases<'a> {
    /// A row for each line, in their order.
    pub rows: Vec<Result<Resolved<'a>, Unresolved<'a>>>,
    systems: Systems,
    /// A system, and the row whose workload it is asked for.
    runs: Vec<(usize, usize)>,
}

impl<'a> LlmCases<'a> {
    /// Resolves the chosen lines of a table.
    pub fn of(catalog: &Catalog, table: &'a Table, lines: &[usize], include: Include) -> Self {
        let rates = RunRates::of(table, lines);
        let mut rows = parallel::map(lines, |line| {
            resolve(catalog, table, &table.lines[*line], (include, &rates))
        });
        let mut systems = Systems::default();
        let mut places: BTreeMap<(usize, String), usize> = BTreeMap::new();
        let mut runs = Vec::new();
        for (row, resolved) in rows.iter_mut().enumerate() {
            if let Ok(resolved) = resolved {
                let system = systems.place(&resolved.case.system);
                let key = (system, workload_key(&resolved.case.workload));
                resolved.run = *places.entry(key).or_insert_with(|| {
                    runs.push((system, row));
                    runs.len() - 1
                });
            }
        }
        Self {
            rows,
            systems,
            runs,
        }
    }

    /// How rows are asked for under a pack.
    pub fn asked(pack: &Calibration, method: Method) -> Asked {
        let level = pack.level.unwrap_or(ANY_LEVEL);
        Asked::new(method, level, &PERCENTILES, SEED)
    }

    /// What datasheet rates allow each run.
    pub(super) fn bounds(&self) -> Vec<Result<Estimate, NotModelled>> {
        let pack = Calibration::none();
        self.estimates(&pack, &Self::asked(&pack, Method::Analytic))
    }

    /// Rows whose runs are better than datasheet rates allow by more than [`SLACK`]: runs that ended early, prompts that were cached
    /// without saying so, or numbers in other units. With each stands the number of the run that cannot be, and what datasheets allow.
    pub(super) fn faster_than(
        &self,
        bounds: &[Result<Estimate, NotModelled>],
    ) -> Vec<Option<Impossible>> {
        let mut runs = BTreeMap::<&str, Impossible>::new();
        // A given rate is in doubt with its run, and tells nothing of it: `validate` does not see it.
        for resolved in self.rows.iter().flatten().filter(|row| !row.is_load) {
            if let Some(impossible) = resolved.impossible(bounds) {
                runs.entry(&resolved.published).or_insert(impossible);
            }
        }
        let rows = self.rows.iter();
        rows.map(|row| runs.get(row.as_ref().ok()?.published.as_str()).copied())
            .collect()
    }

    /// The estimate of each run under a pack.
    pub fn estimates(
        &self,
        pack: &Calibration,
        asked: &Asked,
    ) -> Vec<Result<Estimate, NotModelled>> {
        let all = self.estimates_of(pack, asked, &vec![true; self.rows.len()]);
        all.into_iter().flatten().collect()
    }

    /// The same of the runs that some wanted row is of; `None` for other runs.
    pub fn estimates_of(
        &self,
        pack: &Calibration,
        asked: &Asked,
        wanted: &[bool],
    ) -> Vec<Option<Result<Estimate, NotModelled>>> {
        let systems = self.systems.list();
        let servers = parallel::map(systems, |system| Server::new(system, pack));
        let mut is_wanted = vec![false; self.runs.len()];
        for (row, _) in self.rows.iter().zip(wanted).filter(|(_, wanted)| **wanted) {
            if let Ok(resolved) = row {
                is_wanted[resolved.run] = true;
            }
        }
        let runs: Vec<_> = self.runs.iter().zip(is_wanted).collect();
        parallel::map(&runs, |((system, row), is_wanted)| {
            let Ok(resolved) = &self.rows[*row] else {
                unreachable!("a run is that of a resolved row");
            };
            is_wanted.then(|| {
                let server = servers[*system].as_ref().map_err(Clone::clone)?;
                estimate(server, &systems[*system], &resolved.case.workload, asked)
            })
        })
    }
}

impl<'a> Resolved<'a> {
    /// The server.
    #[cfg(feature = "calibrate")]
    pub const fn system(&self) -> &crate::scenario::System {
        &self.case.system
    }

    /// Software as the row names it; `unstated` where it names none.
    pub const fn framework(&self) -> &'a str {
        if self.framework.is_empty() {
            "unstated"
        } else {
            self.framework
        }
    }

    /// Its estimate among those of all runs.
    pub fn estimate<'e>(
        &self,
        estimates: &'e [Result<Estimate, NotModelled>],
    ) -> &'e Result<Estimate, NotModelled> {
        &estimates[self.run]
    }

    /// Its estimate among those of the runs that were wanted.
    pub fn wanted_estimate<'e>(
        &self,
        estimates: &'e [Option<Result<Estimate, NotModelled>>],
    ) -> Option<&'e Estimate> {
        estimates[self.run].as_ref()?.as_ref().ok()
    }

    /// The number of an estimate that answers what was measured; `None` where there is none above zero.
    pub fn answer(&self, estimate: &Estimate) -> Option<Estimated> {
        estimated(estimate, self.case.measured.column, self.scope)
            .filter(|found| found.value > 0.0 && found.value.is_finite())
    }
}

impl Resolved<'_> {
    /// A measured number that is better than datasheets allow. Where a load exceeds the memory, first tokens wait for room by rules of
    /// software, which no datasheet states.
    fn impossible(&self, bounds: &[Result<Estimate, NotModelled>]) -> Option<Impossible> {
        let estimate = self.estimate(bounds).as_ref().ok()?;
        let measured = &self.case.measured;
        if measured.column.metric == Metric::Ttft && !estimate.memory.fits() {
            return None;
        }
        let bound = self.answer(estimate)?.value;
        let better = match measured.column.metric.better() {
            Better::Lower => bound / measured.value,
            Better::Higher => measured.value / bound,
            Better::Neither => return None,
        };
        (math::ln(better) > SLACK).then_some(Impossible {
            column: measured.column,
            measured: measured.value,
            bound,
        })
    }
}

fn resolve<'a>(
    catalog: &Catalog,
    table: &Table,
    line: &'a Line,
    (include, rates): (Include, &RunRates),
) -> Result<Resolved<'a>, Unresolved<'a>> {
    let text = |column: &str| table.field(line, column);
    let unresolved = |reason: Skip| {
        let detail = text(blamed(&reason));
        Unresolved { reason, detail }
    };
    let row = llm_row(table, line, include).map_err(unresolved)?;
    let case = llm_case(&row, catalog, rates.rate(table, line)).map_err(unresolved)?;
    Ok(Resolved {
        case,
        scope: PowerScope::of(text("power_scope"), text("source_id")),
        framework: row.framework,
        run: 0,
        published: placed(table, line),
        is_load: row.load.is_input(row.measured.column.metric),
    })
}

/// The column that says more about a reason.
const fn blamed(reason: &Skip) -> &'static str {
    match reason {
        Skip::UnknownHardware => "hardware",
        Skip::UnknownModel | Skip::UnsupportedModel => "model",
        Skip::UnknownFramework => "framework",
        Skip::UnknownMetric | Skip::UnitMismatch => "metric",
        Skip::UnsupportedScenario => "scenario",
        Skip::UnknownPrecision => "quant_scheme",
        Skip::UnsupportedFamily
        | Skip::SpeculativeDecoding
        | Skip::LoadInput
        | Skip::MissingField(_)
        | Skip::BadValue
        | Skip::DuplicateRow
        | Skip::Suspect(_)
        | Skip::Derived
        | Skip::FlaggedOutlier
        | Skip::Unverified
        | Skip::NoEstimate => "source_id",
    }
}
