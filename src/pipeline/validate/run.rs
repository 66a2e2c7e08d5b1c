//! The whole of a validation.

use std::collections::{BTreeMap, HashSet};

use super::account::{ReadFile, Validation, skipped_rows};
use super::doubt::{doubts, explained};
use super::groups::{Outcomes, seen_by_filter, tables};
use super::kernels::{self, Basis};
use super::llm;
use super::networks;
use super::read::read;
use super::request::ValidateRequest;
use super::row::{Outcome, RowOutcome};
use super::seen;
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::record::rows::{Family, Line, Skip, Table};
use crate::record::{Calibration, PREDICTOR_VERSION, Sample};
use crate::scenario::Filter;
use crate::source::World;

/// Predicts every selected row and compares it with what was measured.
///
/// # Errors
///
/// Every file that cannot be read or is named directly and holds no measurements.
pub fn run(
    world: &dyn World,
    catalog: &Catalog,
    pack: &Calibration,
    request: &ValidateRequest,
) -> Result<Validation, Diagnostics> {
    let sources = read(world, &request.paths)?;
    let files = sources.files;
    let blind = pack.without_held_out();
    let basis = Basis { catalog, pack };
    let blind = blind.as_ref().map(|pack| Basis { catalog, pack });
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for (file, read) in files.iter().enumerate() {
        let selected = selected(&read.table, request.filter.as_ref());
        let (fresh, repeated): (Vec<usize>, Vec<usize>) = selected
            .into_iter()
            .partition(|line| is_new(&mut seen, &read.table, &read.table.lines[*line]));
        let mut doubted = if request.include.flagged {
            BTreeMap::new()
        } else {
            doubts(catalog, read)
        };
        let (doubtful, sound): (Vec<usize>, Vec<usize>) = fresh
            .into_iter()
            .partition(|line| doubted.contains_key(line));
        let mut outcomes = outcomes(basis, &read.table, &sound, request);
        if let Some(blind) = blind {
            judge(
                (basis, blind),
                &read.table,
                (&sound, &mut outcomes),
                request,
            );
        }
        let repeats = repeated
            .into_iter()
            .map(|line| (line, Outcome::skipped(Skip::DuplicateRow, None)));
        let doubts = doubtful
            .into_iter()
            .filter_map(|line| Some((line, doubted.remove(&line)?)));
        let found = sound
            .into_iter()
            .zip(outcomes)
            .map(|(line, outcome)| (line, explained(read, line, outcome)))
            .chain(doubts)
            .chain(repeats);
        rows.extend(found.map(|(line, outcome)| RowOutcome {
            file,
            line,
            sample: match &outcome {
                Outcome::Compared(compared) => {
                    seen::sample(pack, &read.table, &read.table.lines[line], compared)
                }
                Outcome::Skipped { .. } => Sample::HeldOut,
            },
            outcome,
        }));
    }
    rows.sort_by_key(|row| (row.file, row.line));
    Ok(account(pack, files, sources.skipped, rows, &request.by))
}

fn account(
    pack: &Calibration,
    files: Vec<ReadFile>,
    skipped_files: Vec<super::SkippedFile>,
    rows: Vec<RowOutcome>,
    by: &[String],
) -> Validation {
    let made_of = Outcomes {
        rows: &rows,
        files: &files,
        level: pack.level,
    };
    let [held_out, in_sample] =
        [Sample::HeldOut, Sample::InSample].map(|sample| tables(made_of, sample, by));
    let mut validation = Validation {
        predictor_version: PREDICTOR_VERSION,
        calibration: format!(
            "{}@{}",
            pack.name,
            pack.blake3.hex().get(..12).unwrap_or_default()
        ),
        level: pack.level,
        files,
        skipped_files,
        rows,
        skipped: Vec::new(),
        held_out,
        in_sample,
    };
    validation.skipped = skipped_rows(&validation.rows, |row| validation.row_name(row));
    validation
}

/// Positions of the lines a filter selects; lines that cannot be read are selected by none but the absent filter.
pub(in crate::pipeline) fn selected(table: &Table, filter: Option<&Filter>) -> Vec<usize> {
    let matches = |line: &Line| match (filter, &line.fields) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(filter), Some(fields)) => {
            let fields: Vec<&str> = fields.iter().collect();
            filter.matches(&seen_by_filter(table.family, &table.header, &fields))
        }
    };
    let lines = table.lines.iter().enumerate();
    lines
        .filter(|(_, line)| matches(line))
        .map(|(place, _)| place)
        .collect()
}

/// True for the first of equal rows: those with one id; of kernel rows, and of lines without an id, those with one text.
/// A line that cannot be read is no repeat of another.
pub(in crate::pipeline) fn is_new(
    seen: &mut HashSet<blake3::Hash>,
    table: &Table,
    line: &Line,
) -> bool {
    let Some(fields) = &line.fields else {
        return true;
    };
    let mut hasher = blake3::Hasher::new();
    match table.field(line, "id") {
        "" => {
            hasher.update(table.family.name().as_bytes());
            for field in fields {
                hasher.update(b"\n").update(field.as_bytes());
            }
        }
        id => {
            hasher.update(b"id\n").update(id.as_bytes());
        }
    }
    seen.insert(hasher.finalize())
}

/// Predicts rows of held-out groups anew, by the fit that has not seen them. Rows that are not compared are asked again with them:
/// they may say at which rate requests of another row arrived.
fn judge(
    (basis, blind): (Basis<'_>, Basis<'_>),
    table: &Table,
    (lines, found): (&[usize], &mut [Outcome]),
    request: &ValidateRequest,
) {
    if matches!(table.family, Family::Kernel(_)) {
        return;
    }
    let is_held_out = |line: usize, outcome: &Outcome| match outcome {
        Outcome::Compared(compared) => {
            let sample = seen::sample(basis.pack, table, &table.lines[line], compared);
            seen::is_for_the_blind(basis.pack, compared, sample)
        }
        Outcome::Skipped { .. } => false,
    };
    let pairs = lines.iter().zip(found.iter());
    let held_out: Vec<bool> = pairs
        .map(|(line, outcome)| is_held_out(*line, outcome))
        .collect();
    let asked =
        |place: &usize| held_out[*place] || matches!(found[*place], Outcome::Skipped { .. });
    let places: Vec<usize> = (0..lines.len()).filter(asked).collect();
    let lines: Vec<usize> = places.iter().map(|place| lines[*place]).collect();
    for (place, outcome) in places
        .into_iter()
        .zip(outcomes(blind, table, &lines, request))
    {
        if held_out[place] {
            found[place] = outcome;
        }
    }
}

fn outcomes(
    basis: Basis<'_>,
    table: &Table,
    lines: &[usize],
    request: &ValidateRequest,
) -> Vec<Outcome> {
    match table.family {
        Family::Llm => llm::outcomes(basis, table, lines, (request.include, request.method)),
        Family::Kernel(family) => kernels::outcomes(basis, table, family, lines),
        Family::Vision => networks::outcomes(basis, table, lines, request.include),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::sample::{validate, validation, world};
    use super::*;

    fn skipped(validation: &Validation, reason: &Skip) -> usize {
        let found = validation
            .skipped
            .iter()
            .find(|skipped| skipped.reason == *reason);
        found.map_or(0, |skipped| skipped.rows)
    }

    #[test]
    fn every_row_is_compared_or_skipped_for_a_reason() {
        let found = validation();
        let lines: usize = found.files.iter().map(|file| file.table.lines.len()).sum();
        assert_eq!(found.rows.len(), lines);
        assert_eq!(found.compared() + found.skipped_rows(), lines);
        assert!(found.compared() > lines / 2, "{:?}", found.skipped);
    }

    #[test]
    fn rows_of_a_later_family_are_recognised_and_skipped() {
        assert_eq!(skipped(&validation(), &Skip::UnsupportedFamily), 4);
    }

    #[test]
    fn known_traps_are_skipped_for_their_own_reasons() {
        let found = validation();
        assert_eq!(skipped(&found, &Skip::Derived), 2);
        assert_eq!(skipped(&found, &Skip::UnsupportedScenario), 2);
        let unknown = Skip::MissingField("speculative_decoding");
        assert_eq!(skipped(&found, &unknown), 1);
    }

    #[test]
    fn the_same_rows_in_another_file_are_duplicates() {
        let world = world();
        let copy = world.files[&PathBuf::from("rows/kernels/gemm.csv")].clone();
        let world = world.with("more/copy.csv", copy);
        let once = validate(&world, &["rows/kernels/gemm.csv"]).expect("readable");
        let twice = validate(&world, &["rows/kernels", "more"]).expect("readable");
        assert_eq!(skipped(&twice, &Skip::DuplicateRow), once.rows.len());
    }

    #[test]
    fn broken_lines_are_bad_values_and_never_a_panic() {
        let header =
            "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id";
        let lines = [
            "h100_sxm,vllm,1,gemm,x,bfloat16,64,64,64,NaN,,k",
            "h100_sxm,vllm,1,gemm,x,bfloat16,64,64,64,-1,,k",
            "h100_sxm,vllm,1,gemm,x,bfloat16,64,64,64,0,,k",
            "h100_sxm,vllm,1,gemm,x,bfloat16,1e308,1e308,1e308,1,,k",
            "ragged",
            "ragged",
            "h100_sxm,vllm,1,gemm,x,bfloat16,64,64,64,5,,k",
        ];
        let text = format!("{header}\n{}\n", lines.join("\n"));
        let world = crate::source::Memory::default().with("gemm.csv", text);
        let found = validate(&world, &["gemm.csv"]).expect("a table");
        assert_eq!(skipped(&found, &Skip::BadValue), 6);
        assert_eq!(found.compared(), 1);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

        #[test]
        fn any_field_is_counted_and_never_panics(field in "\\PC{0,12}|-?[0-9]{1,40}(e[0-9]{1,3})?", column in 0_usize..30) {
            let text = world().files[&PathBuf::from("rows/llm.csv")].clone();
            let mut lines: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(text.as_slice())
                .records()
                .map(|line| line.expect("a fixture is whole"))
                .collect();
            for line in lines.iter_mut().skip(1) {
                let changed = line.iter().enumerate().map(|(place, old)| if place == column { &field } else { old });
                *line = changed.collect();
            }
            let rows = lines.iter().map(|line| line.iter().map(|field| field.to_owned().into()).collect());
            let text = crate::record::rows::csv_text(rows);
            let world = crate::source::Memory::default().with("llm.csv", text);
            let found = validate(&world, &["llm.csv"]).expect("a table");
            proptest::prop_assert_eq!(found.compared() + found.skipped_rows(), lines.len() - 1);
        }
    }

    #[test]
    fn a_filter_selects_rows_by_their_columns() {
        let request = ValidateRequest {
            paths: vec![PathBuf::from("rows")],
            filter: Some(Filter::parse("source_id=gpt-fast").expect("a filter")),
            ..ValidateRequest::default()
        };
        let pack = Calibration::embedded();
        let found = run(&world(), Catalog::embedded(), &pack, &request).expect("readable");
        assert_eq!(found.rows.len(), 5);
        assert_eq!(found.compared(), 5);
    }

    #[test]
    fn rows_of_the_fit_are_told_apart_from_held_out_ones() {
        let mut pack = Calibration::embedded();
        pack.inputs = vec![crate::record::PackInput {
            whole: false,
            path: "rows/llm.csv".to_owned(),
            blake3: String::new(),
            sources: vec!["gpt-fast".to_owned()],
            rows_used: 5,
            skipped: std::collections::BTreeMap::new(),
        }];
        let models = ["mixtral-8x7b", "llama-2-70b", "llama-3.1-8b"];
        let scopes = models.map(|model| {
            let key = format!("device=a100-sxm4-80gb model={model} program=gpt-fast");
            (key, [0.0; crate::record::TermName::ALL.len()])
        });
        pack.effects = std::sync::Arc::new(crate::record::Effects::new(scopes.into()));
        let found = |pack: &Calibration| {
            let request = ValidateRequest {
                paths: vec![PathBuf::from("rows")],
                ..ValidateRequest::default()
            };
            run(&world(), Catalog::embedded(), pack, &request).expect("readable")
        };
        let all = found(&Calibration::embedded());
        assert_eq!(
            (all.held_out.rows(), all.in_sample.rows()),
            (all.compared(), 0)
        );
        let fitted = found(&pack);
        assert_eq!(
            fitted.in_sample.rows(),
            5,
            "every row of the source was fitted"
        );
        assert_eq!(fitted.held_out.rows(), all.compared() - 5);
        let json: serde_json::Value =
            serde_json::from_str(&super::super::json(&fitted)).expect("JSON");
        let groups = json["groups"].as_array().expect("a list");
        let whole = |sample: &str| {
            let whole = |group: &&serde_json::Value| {
                group["sample"] == sample && group["by"] == serde_json::json!({})
            };
            groups.iter().find(whole).expect("both exist")["n"].as_u64()
        };
        assert_eq!(whole("in_sample"), Some(5));
        assert_eq!(whole("held_out"), Some(fitted.held_out.rows() as u64));
        pack.split = Some(crate::record::Split::new(1, 0.9999));
        pack.blind = Some(std::sync::Arc::default());
        assert_eq!(found(&pack).in_sample.rows(), 0, "its groups were left out");
    }

    #[test]
    fn keys_cross_any_columns() {
        let request = ValidateRequest {
            paths: vec![PathBuf::from("rows")],
            by: vec!["hardware".to_owned(), "scenario".to_owned()],
            ..ValidateRequest::default()
        };
        let pack = Calibration::embedded();
        let found = run(&world(), Catalog::embedded(), &pack, &request).expect("readable");
        let asked = found.held_out.asked.as_ref().expect("it is there");
        assert_eq!(asked.keys, request.by);
        let members: usize = asked.groups.iter().map(|group| group.accuracy.n).sum();
        assert_eq!(members, found.compared());
    }
}
