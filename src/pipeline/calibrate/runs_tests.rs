//! Tests of fits to runs.

use std::path::PathBuf;

use super::{CalibrateRequest, Calibrated, run};
use crate::catalog::Catalog;
use crate::pipeline::validate::{Outcome, ValidateRequest, run as validate};
use crate::record::Calibration;
use crate::record::rows::Include;
use crate::source::Memory;
use crate::stats::math;

const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes\n";

/// Times of static batches, in milliseconds, by hardware, model and batch.
fn table(rows: &[(&str, &str, u32, f64)]) -> Memory {
    let line = |(number, (hardware, model, batch, value)): (usize, &(&str, &str, u32, f64))| {
        format!(
            "r-{number},own,{hardware},,1,{model},,vllm,0.6,bf16,,,,1,,,,{batch},,512,256,,static-batch,e2e_latency_ms,{value},ms,,2024,vendor,\n"
        )
    };
    let lines: String = rows.iter().enumerate().map(line).collect();
    Memory::default().with("own.csv", format!("{HEADER}{lines}"))
}

const CASES: [(&str, &str); 5] = [
    ("h100-sxm5-80gb", "llama-3.1-8b"),
    ("h100-sxm5-80gb", "mistral-7b-v0.1"),
    ("l40s-48gb", "llama-3.1-8b"),
    ("a100-sxm4-80gb", "llama-3.1-8b"),
    ("h200-sxm-141gb", "mistral-7b-v0.1"),
];

/// The cases at some batches, measured as `factor` times what is predicted.
fn slower(factor: f64, cases: &[(&'static str, &'static str)]) -> Memory {
    slower_by(|_| factor, cases)
}

/// The cases at some batches, each measured as a factor of its own times what is predicted.
fn slower_by(
    factor: impl Fn((&str, &str)) -> f64,
    cases: &[(&'static str, &'static str)],
) -> Memory {
    let rows: Vec<_> = cases
        .iter()
        .flat_map(|(hardware, model)| {
            [1, 2, 4, 8, 16, 32, 64].map(|batch| (*hardware, *model, batch, 1.0))
        })
        .collect();
    let predicted = errors(&table(&rows), &Calibration::embedded());
    let rows: Vec<_> = rows
        .iter()
        .zip(predicted)
        .map(|(row, (predicted, _))| {
            let factor = factor((row.0, row.1));
            (row.0, row.1, row.2, 1000.0 * predicted * factor)
        })
        .collect();
    table(&rows)
}

/// What is predicted, and the logarithm of measured over that.
fn errors(world: &Memory, pack: &Calibration) -> Vec<(f64, f64)> {
    let request = ValidateRequest {
        paths: vec![PathBuf::from("own.csv")],
        // A millisecond stands for what is to be predicted.
        include: Include {
            flagged: true,
            ..Include::default()
        },
        ..ValidateRequest::default()
    };
    let found = validate(world, Catalog::embedded(), pack, &request).expect("a table");
    found
        .rows
        .iter()
        .map(|row| match &row.outcome {
            Outcome::Compared(row) => (
                row.pair.predicted,
                math::ln(row.pair.measured / row.pair.predicted),
            ),
            Outcome::Skipped { reason, .. } => panic!("{reason}"),
        })
        .collect()
}

fn calibrated(world: &Memory, base: Option<Calibration>) -> Calibrated {
    let request = CalibrateRequest {
        paths: vec![PathBuf::from("own.csv")],
        filter: None,
        seed: 1,
        holdout: 0.0,
        name: "own".to_owned(),
        base,
        account: false,
    };
    run(world, Catalog::embedded(), &request).expect("a table")
}

fn fitted(world: &Memory, base: Option<Calibration>) -> Calibration {
    let found = calibrated(world, base);
    Calibration::read(found.pack.as_bytes()).expect("a pack")
}

#[test]
fn seven_own_runs_on_a_base_move_that_machine_and_others_little() {
    let world = slower(1.6, &CASES[..1]);
    let before = errors(&world, &Calibration::embedded());
    let pack = fitted(&world, Some(Calibration::embedded()));
    let after = errors(&world, &pack);
    for ((_, before), (_, after)) in before.iter().zip(&after) {
        assert!(*before > 0.46 && after.abs() < 0.12, "{before} {after}");
    }
    let other = slower(1.0, &CASES[2..3]);
    for (_, moved) in errors(&other, &pack) {
        assert!(moved.abs() < 0.35, "{moved}");
    }
    let input = &pack.inputs[0];
    assert!(input.whole && input.rows_used == 7);
}

#[test]
fn a_fit_of_runs_knows_what_it_saw() {
    let world = slower(1.5, &CASES);
    let pack = fitted(&world, None);
    let typical = errors(&world, &pack)
        .iter()
        .map(|(_, error)| error.abs())
        .sum::<f64>()
        / 35.0;
    assert!(typical < 0.1, "{typical}");
    assert!(
        pack.widths.is_none(),
        "no row says how far steps may be off"
    );
    assert!(pack.level.is_some(), "terms keep their own intervals");
    let known = pack.effects.by_scope();
    assert!(known.contains_key("device=l40s-48gb program=vllm"));
}

#[test]
fn too_few_runs_fit_nothing_and_units_off_by_a_thousand_do_not_blow_up() {
    let few = slower(1.5, &CASES[..1]);
    assert_eq!(fitted(&few, None).effects.by_scope().len(), 0);
    let wrong = fitted(&slower(1000.0, &CASES), None);
    let shifts = wrong.effects.by_scope().values().flatten();
    assert!(shifts.into_iter().all(|shift| shift.abs() < 40.0));
}

#[test]
fn own_rows_are_counted_apart_from_those_of_the_base() {
    let world = slower(1.2, &CASES[..1]);
    let found = calibrated(&world, Some(Calibration::fitted()));
    assert_eq!(found.rows_used(), 7);
    let pack = Calibration::read(found.pack.as_bytes()).expect("a pack");
    assert!(pack.inputs.len() > 1 && pack.widths.is_some() && pack.networks.is_some());
}

/// The share of groups left out here, and whether a case is one of them.
const HELD_OUT: f64 = 0.3;

fn is_held_out((hardware, model): (&str, &str)) -> bool {
    let framework = "vllm";
    let group = crate::record::RowGroup::Run {
        hardware,
        model,
        framework,
    };
    crate::record::Split::new(1, HELD_OUT).sample(&group) == crate::record::Sample::HeldOut
}

#[test]
fn held_out_groups_are_predicted_by_a_fit_that_has_not_seen_them_and_teach_the_pack() {
    let pack = |factor: f64| {
        let world = slower_by(|case| if is_held_out(case) { factor } else { 1.2 }, &CASES);
        let request = CalibrateRequest {
            paths: vec![PathBuf::from("own.csv")],
            filter: None,
            seed: 1,
            holdout: HELD_OUT,
            name: "own".to_owned(),
            base: None,
            account: false,
        };
        let found = run(&world, Catalog::embedded(), &request).expect("a table");
        let pack = Calibration::read(found.pack.as_bytes()).expect("a pack");
        let held_out = errors(&world, &pack);
        let held_out = held_out.into_iter().zip(rows_of_cases());
        let held_out = held_out.filter(|(_, case)| is_held_out(*case));
        let predicted: Vec<u64> = held_out.map(|((found, _), _)| found.to_bits()).collect();
        (pack, predicted)
    };
    let ((one, predicted), (other, predicted_of_other)) = (pack(1.2), pack(3.0));
    assert!(
        predicted.len() >= 7 && predicted.len() < 35,
        "{predicted:?}"
    );
    assert_eq!(predicted, predicted_of_other);
    assert_eq!(one.blind, other.blind);
    assert_ne!(one.effects, other.effects, "everything is fitted");
}

fn rows_of_cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    CASES.into_iter().flat_map(|case| [case; 7])
}
