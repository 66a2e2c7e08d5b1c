//! Tests of fits to kernel tables.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::operators::models_of;
use super::{CalibrateRequest, Calibrated, run};
use crate::analyse::Pair;
use crate::catalog::Catalog;
use crate::pipeline::validate::{self, Outcome, ValidateRequest};
use crate::record::Calibration;
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
fn a_table_in_other_units_teaches_nothing() {
    let scaled = |factor: f64| -> Vec<String> {
        let scale = |row: &String| {
            let mut fields: Vec<String> = row.split(',').map(str::to_owned).collect();
            let time: f64 = fields[9].parse().expect("a time");
            fields[9] = (time * factor).to_string();
            fields.join(",")
        };
        rows().iter().map(scale).collect()
    };
    assert!(of(&scaled(3.0)).skipped.is_empty());
    for (factor, reason) in [
        (1000.0, "144 implausible-as-a-whole"),
        (0.001, "144 faster-than-possible"),
    ] {
        let found = of(&scaled(factor));
        assert!(found.accounts.is_empty(), "{factor}");
        assert!(found.skipped[0].1.contains(reason), "{:?}", found.skipped);
    }
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

/// The rows of the first device in another version that is half as slow again.
fn slower() -> Vec<String> {
    let slow = |row: &String| {
        let mut fields: Vec<String> = row.split(',').map(str::to_owned).collect();
        let time: f64 = fields[9].parse().expect("a time");
        fields[2] = "9".to_owned();
        fields[9] = (1.5 * time).to_string();
        fields.join(",")
    };
    rows()[..72].iter().map(slow).collect()
}

/// What comes of a base and rows of one's own.
fn with_base(base: Calibration, rows: &[String]) -> Calibrated {
    let text = format!("{HEADER}{}\n", rows.join("\n"));
    let world = Memory::default().with("gemm.csv", text);
    let request = CalibrateRequest {
        paths: vec![PathBuf::from("gemm.csv")],
        filter: None,
        seed: 1,
        holdout: 0.2,
        name: "own".to_owned(),
        base: Some(base),
        account: false,
    };
    run(&world, Catalog::embedded(), &request).expect("a table")
}

/// A pack of the rows, moved by some timings of one's own.
fn moved_by(own: &[String]) -> Calibration {
    let base = Calibration::read(of(&rows()).pack.as_bytes()).expect("a pack");
    if own.is_empty() {
        return base;
    }
    let own: Vec<String> = own.iter().map(|row| row.replace(",k1", ",own")).collect();
    let found = with_base(base, &own);
    assert_eq!(found.rows_used(), own.len() as u64);
    assert!(found.inputs.iter().all(|input| input.whole));
    Calibration::read(found.pack.as_bytes()).expect("a pack")
}

/// Predictions of rows, with the factor from each to the upper end of its interval.
fn predictions(pack: &Calibration, rows: &[String]) -> Vec<(Pair, f64)> {
    let text = format!("{HEADER}{}\n", rows.join("\n"));
    let world = Memory::default().with("rows.csv", text);
    let request = ValidateRequest {
        paths: vec![PathBuf::from("rows.csv")],
        ..ValidateRequest::default()
    };
    let found = validate::run(&world, Catalog::embedded(), pack, &request).expect("rows");
    let compared = found.rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Compared(compared) => Some(compared.pair),
        Outcome::Skipped { .. } => None,
    });
    compared
        .map(|pair| (pair, pair.hi / pair.predicted))
        .collect()
}

/// The mean error on the slower rows, with some of them given to the base.
fn error_with(own: usize) -> f64 {
    let slower = slower();
    let given: Vec<String> = (0..own).map(|row| slower[(7 * row) % 72].clone()).collect();
    let others: Vec<String> = slower
        .iter()
        .filter(|row| !given.contains(row))
        .cloned()
        .collect();
    let found = predictions(&moved_by(&given), &others);
    let errors = found.iter();
    let errors = errors.map(|(pair, _)| (pair.predicted / pair.measured - 1.0).abs());
    errors.sum::<f64>() / found.len() as f64
}

#[test]
fn own_timings_move_a_base_a_few_at_a_time() {
    let [none, one, ten, thirty] = [0, 1, 10, 30].map(error_with);
    assert!((0.25..0.4).contains(&none), "{none}");
    assert!(one > 0.4 * none && one < none, "{one} of {none}");
    assert!(ten < 0.4 * none, "{ten} of {none}");
    assert!(thirty < 0.2 * none, "{thirty} of {none}");
}

#[test]
fn own_timings_move_no_other_group_and_make_nothing_surer() {
    let slower = slower();
    let moved = moved_by(&slower[..10]);
    let base = moved_by(&[]);
    let others = &rows()[..72];
    let of = |pack| -> Vec<u64> {
        let found = predictions(pack, others);
        found
            .iter()
            .map(|(pair, _)| pair.predicted.to_bits())
            .collect()
    };
    assert_eq!(of(&base).len(), others.len());
    assert_eq!(of(&base), of(&moved));
    let widths = |pack| {
        let found = predictions(pack, &slower[20..]);
        found.iter().map(|(_, width)| *width).fold(0.0, f64::max)
    };
    let (before, after) = (widths(&base), widths(&moved));
    assert!((before / after - 1.0).abs() < 1e-6, "{before} {after}");
}

#[test]
fn own_timings_of_an_operator_that_the_base_does_not_know_are_told() {
    let found = with_base(Calibration::embedded(), &rows());
    assert_eq!(found.rows_used(), 0);
    assert!(
        found
            .skipped
            .iter()
            .any(|(name, why)| name == "gemm" && why.contains("no model"))
    );
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
