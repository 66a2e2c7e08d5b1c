//! The whole of a calibration.

use std::collections::{BTreeMap, HashSet};

use super::networks::{self, NetworkRows};
use super::pack::{self, Parts};
use super::points::{Gathered, points};
use super::{CalibrateRequest, Calibrated};
use crate::calibrate::{FamilyAccount, Judged, Suspect, judge, suspects};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::pipeline::parallel;
use crate::pipeline::validate::{ReadFile, read, selected};
use crate::record::rows::Family;
use crate::record::{Calibration, NetworkModels, OperatorModels, PackInput, Sample, Split};
use crate::source::World;

/// The level of the intervals, that of the terms of `datasheet`.
pub(super) const LEVEL: f64 = 0.9;

/// Fewer rows of a family than this are not fitted: they could not be told from chance.
const FEWEST_ROWS: usize = 20;

/// Rows of one family, from one file.
struct FamilyRows<'a> {
    file: &'a ReadFile,
    rows: Gathered,
}

/// Fits operator models to the kernel tables of a request.
///
/// # Errors
///
/// Every file that cannot be read or is named directly and holds no measurements; a share of held-out groups outside 0 to 1.
pub fn run(
    world: &dyn World,
    catalog: &Catalog,
    request: &CalibrateRequest,
) -> Result<Calibrated, Diagnostics> {
    let split = split(request)?;
    let sources = read(world, &request.paths)?;
    let mut skipped: Vec<(String, String)> = sources
        .skipped
        .iter()
        .map(|file| (file.path.clone(), file.reason.clone()))
        .collect();
    let operators = match &request.base {
        Some(base) => Operators::of(base),
        None => operators(catalog, &sources.files, (request, &split), &mut skipped),
    };
    let networks = if request.base.is_some() {
        None
    } else {
        let rows = networks(catalog, &sources.files, (request, &split));
        networks::fitted(&rows, (LEVEL, FEWEST_ROWS))
    };
    let runs = super::runs::runs(catalog, &sources.files, (request, &split));
    let of_runs = runs.iter().flat_map(|runs| runs.inputs.iter().cloned());
    let of_networks = networks
        .iter()
        .flat_map(|fitted| fitted.inputs.iter().cloned());
    let of_operators = operators.inputs.iter().cloned();
    let inputs: Vec<PackInput> = of_operators.chain(of_runs).chain(of_networks).collect();
    let kept = request.base.as_ref().and_then(networks_of);
    let base = match (&request.base, &runs) {
        (Some(base), _) => base.clone(),
        (None, Some(_)) => super::runs::start(),
        (None, None) => Calibration::embedded(),
    };
    let pack = pack::text(&Parts {
        name: &request.name,
        models: &operators.models,
        accounts: &operators.accounts,
        inputs: &inputs,
        split: &split,
        networks: kept.or_else(|| networks.as_ref().map(|fitted| &fitted.models)),
        runs: runs.as_ref(),
        pack: &base,
    });
    Ok(Calibrated {
        pack,
        runs: runs.and_then(|runs| runs.account),
        accounts: operators.accounts,
        networks: networks.map(|fitted| fitted.account),
        inputs,
        skipped,
    })
}

fn split(request: &CalibrateRequest) -> Result<Split, Diagnostics> {
    if let Some(split) = request.base.as_ref().and_then(|base| base.split.clone()) {
        return Ok(split);
    }
    let split = Split::new(request.seed, request.holdout);
    if !split.is_known() {
        let message = format!(
            "the held-out share {} is not from 0 to below 1",
            request.holdout
        );
        return Err(Diagnostic::error(Code::BadValue, message, None).into());
    }
    Ok(split)
}

/// Models of operators with what they were fitted on.
#[derive(Default)]
struct Operators {
    models: OperatorModels,
    accounts: Vec<FamilyAccount>,
    inputs: Vec<PackInput>,
}

impl Operators {
    /// Those of a pack, as they are.
    fn of(base: &Calibration) -> Self {
        Self {
            models: models_of(base).unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// The models of operators that a pack has.
fn models_of(pack: &Calibration) -> Option<OperatorModels> {
    pack.operators.as_ref()?.models().ok().cloned()
}

/// The models of networks that a pack has.
fn networks_of(pack: &Calibration) -> Option<&NetworkModels> {
    let networks = pack.networks.as_ref()?;
    networks.models().ok().map(AsRef::as_ref)
}

fn operators(
    catalog: &Catalog,
    files: &[ReadFile],
    (request, split): (&CalibrateRequest, &Split),
    skipped: &mut Vec<(String, String)>,
) -> Operators {
    let families = families(catalog, files, (request, split), skipped);
    let fitted = parallel::map(&families, |(name, files)| fitted(name, files));
    let mut found = Operators::default();
    for ((name, files), outcome) in families.iter().zip(fitted) {
        let Some((judged, suspects)) = outcome else {
            let reason = format!("fewer than {FEWEST_ROWS} rows to fit");
            skipped.push(((*name).to_owned(), reason));
            continue;
        };
        found.inputs.extend(used(files, &suspects));
        found
            .models
            .families
            .insert((*name).to_owned(), judged.family);
        found.accounts.push(judged.account);
    }
    found
}

/// Rows of networks by file.
fn networks<'a>(
    catalog: &Catalog,
    files: &'a [ReadFile],
    (request, split): (&CalibrateRequest, &Split),
) -> Vec<NetworkRows<'a>> {
    let mut seen = HashSet::new();
    let files = files.iter();
    let files = files.filter(|file| file.table.family == Family::Vision);
    files
        .map(|file| {
            let lines = selected(&file.table, request.filter.as_ref());
            networks::runs(catalog, file, &lines, (split, &mut seen))
        })
        .collect()
}

/// Rows of kernel tables by family.
fn families<'a>(
    catalog: &Catalog,
    files: &'a [ReadFile],
    (request, split): (&CalibrateRequest, &Split),
    skipped: &mut Vec<(String, String)>,
) -> Vec<(&'static str, Vec<FamilyRows<'a>>)> {
    let mut seen = HashSet::new();
    let mut families = BTreeMap::<&'static str, Vec<FamilyRows<'_>>>::new();
    for file in files {
        let family = match file.table.family {
            Family::Kernel(family) => family,
            Family::Llm | Family::Vision => continue,
        };
        let lines = selected(&file.table, request.filter.as_ref());
        let rows = points(catalog, &file.table, family, &lines, (split, &mut seen));
        if rows.points.is_empty() {
            let counts = rows.skipped.iter();
            let reasons: Vec<String> = counts
                .map(|(reason, rows)| format!("{rows} {reason}"))
                .collect();
            let reason = format!("no row can be fitted: {}", reasons.join(", "));
            skipped.push((file.path.clone(), reason));
            continue;
        }
        let members = families.entry(family.name()).or_default();
        members.push(FamilyRows { file, rows });
    }
    families.into_iter().collect()
}

/// The model of a family, and what is wrong with its points; `None` where too few can be fitted.
fn fitted(name: &str, files: &[FamilyRows<'_>]) -> Option<(Judged, Vec<Option<Suspect>>)> {
    let points: Vec<_> = files
        .iter()
        .flat_map(|file| file.rows.points.iter().cloned())
        .collect();
    let suspects = suspects(&points);
    let sound = points.iter().zip(&suspects);
    let usable = sound
        .filter(|(point, suspect)| suspect.is_none() && point.sample == Sample::InSample)
        .count();
    (usable >= FEWEST_ROWS).then(|| (judge(name, &points, &suspects, LEVEL), suspects))
}

/// What each file gave; `suspects` are those of all files in order.
fn used(files: &[FamilyRows<'_>], suspects: &[Option<Suspect>]) -> Vec<PackInput> {
    let mut start = 0;
    let mut inputs = Vec::with_capacity(files.len());
    for FamilyRows { file, rows } in files {
        let own = &suspects[start..start + rows.points.len()];
        start += rows.points.len();
        let is_fitted =
            |place: usize| own[place].is_none() && rows.points[place].sample == Sample::InSample;
        let mut skipped = rows.skipped.clone();
        for suspect in own.iter().flatten() {
            *skipped.entry(suspect.name().to_owned()).or_default() += 1;
        }
        inputs.push(PackInput {
            path: file.path.clone(),
            blake3: file.blake3.clone(),
            sources: rows.sources_where(is_fitted),
            rows_used: (0..own.len()).filter(|place| is_fitted(*place)).count() as u64,
            skipped,
            whole: false,
        });
    }
    inputs
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::source::Memory;
    use crate::stats::math::pow;

    const HEADER: &str =
        "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id\n";

    /// Products on two devices at 60 % of the peak, after 3 µs.
    fn rows() -> Vec<String> {
        let mut rows = Vec::new();
        for (hardware, peak, rate) in [
            ("h100_sxm", 989.5e12, 3.35e12),
            ("a100_sxm", 312e12, 2.039e12),
        ] {
            for (n, k) in [
                (1024, 1024),
                (2048, 1024),
                (4096, 4096),
                (8192, 2048),
                (1024, 8192),
                (4096, 14336),
            ] {
                for power in 0..12 {
                    let m = pow(2.0, f64::from(power));
                    let (n, k) = (f64::from(n), f64::from(k));
                    let compute = 2.0 * m * n * k / peak;
                    let memory = 2.0 * (m * n + n * k + m * k) / rate;
                    let time = 3.0 + 1e6 * compute.max(memory) / 0.6;
                    rows.push(format!(
                        "{hardware},vllm,1,gemm,x,bfloat16,{m},{n},{k},{time:.3},,k1"
                    ));
                }
            }
        }
        rows
    }

    fn fit(text: String) -> Calibrated {
        let world = Memory::default().with("gemm.csv", text);
        let request = CalibrateRequest {
            paths: vec![PathBuf::from("gemm.csv")],
            filter: None,
            seed: 7,
            holdout: 0.25,
            name: "t".to_owned(),
            base: None,
            account: false,
        };
        run(&world, Catalog::embedded(), &request).expect("a table")
    }

    fn of(rows: &[String]) -> Calibrated {
        fit(format!("{HEADER}{}\n", rows.join("\n")))
    }

    fn skipped(found: &Calibrated, reason: &str) -> u64 {
        let counts = found
            .inputs
            .iter()
            .filter_map(|input| input.skipped.get(reason));
        counts.sum()
    }

    #[test]
    fn a_simple_law_is_learnt_and_held_out_rows_stay_unseen() {
        let rows = rows();
        let found = of(&rows);
        let account = &found.accounts[0];
        let last = |stages: &BTreeMap<_, crate::calibrate::StageErrors>| {
            stages[&crate::calibrate::Stage::Local]
        };
        assert!(last(&account.held_out).median_ape < 0.1, "{account:?}");
        assert!(last(&account.in_sample).median_ape < 0.02, "{account:?}");
        let seen = last(&account.in_sample).n;
        assert_eq!(seen + last(&account.held_out).n, rows.len());
        assert_eq!(found.rows_used(), seen as u64);
        assert_eq!(account.left_out.len(), 2);
    }

    #[test]
    fn the_pack_reads_back_and_is_the_same_twice() {
        let found = of(&rows());
        assert_eq!(found.pack, of(&rows()).pack);
        let pack = Calibration::read(found.pack.as_bytes()).expect("a pack");
        assert!(
            models_of(&pack)
                .expect("models")
                .families
                .contains_key("gemm")
        );
        assert_eq!(pack.terms, Calibration::embedded().terms);
        assert_eq!(pack.inputs, found.inputs);
    }

    #[test]
    fn broken_rows_are_named_and_move_nothing() {
        let mut rows = rows();
        let clean = of(&rows);
        let count = rows.len();
        rows.push(rows[0].clone());
        rows.push(
            rows[5]
                .replace(",,k1", ",1,k1")
                .replace("bfloat16,32,", "bfloat16,NaN,"),
        );
        rows.push("h100_sxm,vllm,1,gemm,x,bfloat16,4096,4096,4096,0.001,,k1".to_owned());
        rows.push("h100_sxm,vllm,1,gemm,x,bfloat16,4096,4096,4096,900000,,k1".to_owned());
        let found = of(&rows);
        assert_eq!(skipped(&found, "duplicate-row"), 1);
        assert_eq!(skipped(&found, "bad-value"), 1);
        assert_eq!(skipped(&found, "faster-than-possible"), 1);
        assert_eq!(skipped(&found, "far-from-its-group"), 1);
        assert_eq!(found.rows_used(), clean.rows_used());
        assert!(count > 100);
        let models = |found: &Calibrated| {
            let pack = Calibration::read(found.pack.as_bytes()).expect("a pack");
            models_of(&pack).expect("models")
        };
        assert_eq!(models(&found), models(&clean));
    }

    #[test]
    fn a_group_in_other_units_is_named() {
        let mut rows = rows();
        for version in ["2", "3"] {
            let other: Vec<String> = rows[..20]
                .iter()
                .map(|row| row.replace("vllm,1,", &format!("vllm,{version},")))
                .collect();
            rows.extend(other);
        }
        let wrong: Vec<String> = rows[..20]
            .iter()
            .map(|row| {
                let mut fields: Vec<String> = row.split(',').map(str::to_owned).collect();
                let time: f64 = fields[9].parse().expect("a time");
                fields[2] = "4".to_owned();
                fields[9] = (time * 1000.0).to_string();
                fields.join(",")
            })
            .collect();
        rows.extend(wrong);
        assert_eq!(skipped(&of(&rows), "group-far-from-others"), 20);
    }

    #[test]
    fn one_row_constant_features_and_collinear_sizes_do_not_blow_up() {
        let one = of(&rows()[..1]);
        assert!(one.accounts.is_empty() && one.skipped[0].1.contains("fewer"));
        let constant: Vec<String> = (0..60)
            .map(|n| {
                format!(
                    "h100_sxm,vllm,{n},gemm,x,bfloat16,64,1024,1024,{},,k1",
                    5 + n % 3
                )
            })
            .collect();
        let cubes: Vec<String> = (5..60)
            .map(|n| {
                let size = 32 * n;
                let time = 4.0 + 2e6 * pow(f64::from(size), 3.0) / 5e14;
                format!("h100_sxm,vllm,1,gemm,x,bfloat16,{size},{size},{size},{time},,k1")
            })
            .collect();
        for rows in [constant, cubes] {
            let found = of(&rows);
            let pack = Calibration::read(found.pack.as_bytes()).expect("finite numbers");
            assert_eq!(models_of(&pack).expect("models").families.len(), 1);
        }
    }

    #[test]
    fn a_share_that_is_none_is_refused() {
        let request = CalibrateRequest {
            paths: Vec::new(),
            filter: None,
            seed: 1,
            holdout: 1.0,
            name: "t".to_owned(),
            base: None,
            account: false,
        };
        assert!(run(&Memory::default(), Catalog::embedded(), &request).is_err());
    }
}
