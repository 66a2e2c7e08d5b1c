//! Kernel tables become models of operators.

use std::collections::{BTreeMap, HashSet};

use super::CalibrateRequest;
use super::doubt::far_note;
use super::evidence::{EvidenceGroups, EvidenceRow, sizes};
use super::points::{Gathered, points};
use super::run::{FEWEST_ROWS, LEVEL};
use super::unused::Unused;
use crate::calibrate::own_points::{FEWEST, is_doubtful};
use crate::calibrate::{
    FamilyAccount, FitPoint, Judged, Suspect, far_from, judge, move_by, suspects,
};
use crate::catalog::Catalog;
use crate::perf::class_name;
use crate::pipeline::parallel;
use crate::pipeline::validate::{ReadFile, selected};
use crate::record::rows::Family;
use crate::record::{
    Calibration, Column, EvidenceKind, Metric, OperatorFamily, OperatorModels, PackInput, Sample,
    Split, TermPlace,
};

/// Rows of one family, from one file.
struct FamilyRows<'a> {
    file: &'a ReadFile,
    rows: Gathered,
}

/// Models of operators with what they were fitted on.
#[derive(Default)]
pub(super) struct Operators {
    pub models: OperatorModels,
    pub accounts: Vec<FamilyAccount>,
    pub inputs: Vec<PackInput>,
    pub evidence: EvidenceGroups,
}

impl Operators {
    /// Those of a pack, moved by kernel timings among some files, all of which count.
    pub fn moved(
        base: &Calibration,
        (catalog, files): (&Catalog, &[ReadFile]),
        request: &CalibrateRequest,
        skipped: &mut Unused,
    ) -> Self {
        let mut found = Self {
            models: models_of(base).unwrap_or_default(),
            ..Self::default()
        };
        let everything = Split::new(request.seed, 0.0);
        for (name, files) in families(catalog, files, (request, &everything), skipped) {
            let Some(family) = found.models.families.get_mut(name) else {
                skipped.push((name.to_owned(), "the base has no model of it".to_owned()));
                continue;
            };
            let points = points_of(&files);
            let mut suspects = suspects(&points);
            doubt_by_base(&files, &far_from(family, &points), &mut suspects);
            named(&files, &suspects, skipped);
            if suspects.iter().all(Option::is_some) {
                skipped.push((name.to_owned(), too_few(1, &suspects)));
                continue;
            }
            let sound = points.iter().zip(&suspects);
            let sound = sound.filter(|(_, suspect)| suspect.is_none());
            move_by(family, &sound.map(|(point, _)| point).collect::<Vec<_>>());
            found.inputs.extend(whole(used(&files, &suspects)));
            found.evidence.extend(evidence(catalog, &files, &suspects));
        }
        found
    }
}

/// Inputs of a pack with a base: all of their rows count, so that none is taken for one that was held out.
pub(super) fn whole(inputs: Vec<PackInput>) -> impl Iterator<Item = PackInput> {
    inputs.into_iter().map(|input| PackInput {
        whole: true,
        ..input
    })
}

/// The models of operators that a pack has.
pub(super) fn models_of(pack: &Calibration) -> Option<OperatorModels> {
    pack.operators.as_ref()?.models().ok().cloned()
}

/// Models fitted to the kernel tables among some files; what was not used is added to `skipped`.
pub(super) fn fitted(
    catalog: &Catalog,
    files: &[ReadFile],
    (request, split): (&CalibrateRequest, &Split),
    skipped: &mut Unused,
) -> Operators {
    let families = families(catalog, files, (request, split), skipped);
    let fitted = parallel::map(&families, |(name, files)| judged(name, files));
    let known = Calibration::fitted();
    let models = known.operators.as_ref();
    let models = models.and_then(|operators| operators.models().ok());
    let mut found = Operators::default();
    for ((name, files), outcome) in families.iter().zip(fitted) {
        let (judged, suspects) = outcome;
        named(files, &suspects, skipped);
        let judged = match judged {
            Ok(judged) => judged,
            Err(reason) => {
                skipped.push(((*name).to_owned(), reason));
                continue;
            }
        };
        let model = models.and_then(|models| models.families.get(*name));
        let notes = model.map(|model| far_tables((&known.name, model), files, &suspects));
        skipped.notes.extend(notes.into_iter().flatten());
        found.inputs.extend(used(files, &suspects));
        found.evidence.extend(evidence(catalog, files, &suspects));
        found
            .models
            .families
            .insert((*name).to_owned(), judged.family);
        found.accounts.push(judged.account);
    }
    found
}

/// Rows of kernel tables by family.
fn families<'a>(
    catalog: &Catalog,
    files: &'a [ReadFile],
    (request, split): (&CalibrateRequest, &Split),
    skipped: &mut Unused,
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
            skipped.of_file(&file.path, rows.skipped);
            continue;
        }
        let members = families.entry(family.name()).or_default();
        members.push(FamilyRows { file, rows });
    }
    families.into_iter().collect()
}

/// The model of a family, and what is wrong with its points; the reason where too few can be fitted.
fn judged(name: &str, files: &[FamilyRows<'_>]) -> (Result<Judged, String>, Vec<Option<Suspect>>) {
    let points = points_of(files);
    let suspects = suspects(&points);
    let sound = points.iter().zip(&suspects);
    let usable = sound
        .filter(|(point, suspect)| suspect.is_none() && point.sample == Sample::InSample)
        .count();
    if usable < FEWEST_ROWS {
        return (Err(too_few(FEWEST_ROWS, &suspects)), suspects);
    }
    (Ok(judge(name, &points, &suspects, LEVEL)), suspects)
}

/// The points of all files, in order.
fn points_of(files: &[FamilyRows<'_>]) -> Vec<FitPoint> {
    let files = files.iter();
    files
        .flat_map(|file| file.rows.points.iter().cloned())
        .collect()
}

/// Adds points that are far from a base, and all others of their source in a file where half of it are doubted.
fn doubt_by_base(files: &[FamilyRows<'_>], far: &[bool], suspects: &mut [Option<Suspect>]) {
    let sources = files.iter().enumerate();
    let sources = sources.flat_map(|(file, rows)| {
        let sources = rows.rows.sources.iter();
        sources.map(move |source| (file, source))
    });
    let mut tables = BTreeMap::<(usize, &String), Vec<usize>>::new();
    for (place, table) in sources.enumerate() {
        tables.entry(table).or_default().push(place);
    }
    for places in tables.into_values() {
        let is_doubted = |place: &&usize| far[**place] || suspects[**place].is_some();
        let count = places.iter().filter(is_doubted).count();
        let whole = is_doubtful(count, places.len()).then_some(Suspect::Implausible);
        for place in places {
            let own = far[place].then_some(Suspect::FarFromTheBase);
            suspects[place] = suspects[place].or(own).or(whole);
        }
    }
}

/// What is said of tables that are fitted although a tenth of their rows or more are far from what a pack predicts, as where columns
/// were swapped: without a base nothing fitted decides what may be fitted.
fn far_tables(
    (pack, model): (&str, &OperatorFamily),
    files: &[FamilyRows<'_>],
    suspects: &[Option<Suspect>],
) -> Vec<String> {
    let mut rest = suspects;
    let mut notes = Vec::new();
    for FamilyRows { file, rows } in files {
        let (own, others) = rest.split_at(rows.points.len());
        rest = others;
        let fitted = || own.iter().filter(|suspect| suspect.is_none()).count();
        let far = far_from(model, &rows.points).into_iter().zip(own);
        let count = far
            .filter(|(far, suspect)| *far && suspect.is_none())
            .count();
        if count >= FEWEST && 10 * count >= fitted() {
            let of = format!("`{}`", Metric::KernelLatency.name());
            notes.push(far_note(&file.path, (count, fitted()), &of, pack));
        }
    }
    notes
}

/// Why a family has too few rows, with what is wrong with those it has.
fn too_few(fewest: usize, suspects: &[Option<Suspect>]) -> String {
    let mut counts = BTreeMap::<&str, usize>::new();
    for suspect in suspects.iter().flatten() {
        *counts.entry(suspect.name()).or_default() += 1;
    }
    let counts = counts
        .into_iter()
        .map(|(reason, rows)| format!(", {rows} {reason}"));
    format!(
        "fewer than {fewest} rows to fit{}",
        counts.collect::<String>()
    )
}

/// What calls that a fit used are about.
fn evidence(
    catalog: &Catalog,
    files: &[FamilyRows<'_>],
    suspects: &[Option<Suspect>],
) -> EvidenceGroups {
    let mut gathered = EvidenceGroups::default();
    let rows = files
        .iter()
        .flat_map(|file| file.rows.points.iter().zip(&file.rows.sources));
    for ((point, source), suspect) in rows.zip(suspects) {
        if suspect.is_some() || point.sample != Sample::InSample {
            continue;
        }
        let mut names = point.keys[0].split('|');
        let [op, format, backend] = [names.next(), names.next(), names.next()];
        let device = catalog.device(&point.device);
        let place = TermPlace {
            device: &point.device,
            class: device.map_or("", |device| class_name(device.class)),
            architecture: device.map_or("", |device| &device.architecture),
            program: backend.unwrap_or_default(),
            precision: format.unwrap_or_default(),
            model: op.unwrap_or_default(),
            ..TermPlace::ANY
        };
        gathered.add(&EvidenceRow {
            kind: EvidenceKind::Operator,
            place,
            source,
            stated: ["", ""],
            column: Some(Column::of(Metric::KernelLatency)),
            sizes: sizes(None, None, None),
        });
    }
    gathered
}

/// Names the rows of each file that were left out; `suspects` are those of all files in order.
fn named(files: &[FamilyRows<'_>], suspects: &[Option<Suspect>], skipped: &mut Unused) {
    let mut suspects = suspects.iter();
    for FamilyRows { file, rows } in files {
        let mut left_out = rows.skipped.clone();
        for (place, suspect) in rows.places.iter().zip(suspects.by_ref()) {
            if let Some(suspect) = suspect {
                left_out.doubt((&file.table, *place), suspect.name());
            }
        }
        skipped.of_file(&file.path, left_out);
    }
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
        let mut skipped = rows.skipped.counts();
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
