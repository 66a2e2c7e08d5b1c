//! Models of networks, from files to packs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::networks;
use super::{CalibrateRequest, Calibrated, run};
use crate::calibrate::NetworkAccount;
use crate::catalog::Catalog;
use crate::record::rows::Table;
use crate::record::{RowGroup, Sample, Split};
use crate::source::Memory;
use crate::stats::math::{exp, pow};

const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_m,gmacs,mactivations,input_size,task,framework,framework_version,precision,layout,compile_mode,batch_size,threads,scenario,metric,value,unit,power_w_limit,date,quality,notes";

const DEVICES: [(&str, f64); 4] = [
    ("rtx-3090", 1.0),
    ("rtx-4090", 0.55),
    ("t4", 3.1),
    ("a100-sxm-80gb", 0.4),
];

/// Milliseconds of networks of a simple law: a device's speed times a power of the work, with a factor of the network.
fn law(device: f64, network: usize) -> f64 {
    let macs = 0.2 * pow(1.25, network as f64);
    let own = exp(0.2 * f64::from((network % 3) as u32));
    2.0 * device * pow(macs, 0.8) * own
}

fn row(device: usize, network: usize, prefix: &str, value: f64) -> String {
    let macs = 0.2 * pow(1.25, network as f64);
    let name = DEVICES[device].0;
    format!(
        "r{device}-{network}{prefix},s,{name},,1,{prefix}zoo{network}net,{:.3},{macs:.4},{:.3},3x224x224,image-classification,tensorrt,8,fp16,,,1,,singlestream,latency_ms_mean,{value:.6},ms,,2024,community,",
        5.0 * macs,
        4.0 * macs
    )
}

fn rows() -> Vec<String> {
    let each = |device: usize| {
        (0..30).map(move |network| row(device, network, "", law(DEVICES[device].1, network)))
    };
    (0..DEVICES.len()).flat_map(each).collect()
}

fn fit(rows: &[String]) -> Calibrated {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    let world = Memory::default().with("edge/networks.csv", text);
    let request = CalibrateRequest {
        paths: vec![PathBuf::from("edge/networks.csv")],
        filter: None,
        seed: 1,
        holdout: 0.25,
        name: "t".to_owned(),
        base: None,
        account: false,
    };
    run(&world, Catalog::embedded(), &request).expect("a table")
}

fn account(found: &Calibrated) -> &NetworkAccount {
    found.networks.as_ref().expect("rows of networks")
}

#[test]
fn a_simple_law_is_learnt_for_pairs_that_were_not_seen() {
    let found = fit(&rows());
    let source = &account(&found).sources["time edge/networks"];
    let (seen, unseen) = (
        source.in_sample.expect("rows"),
        source.held_out.expect("rows"),
    );
    assert!(seen.median_ape < 0.03, "{seen:?}");
    assert!(unseen.median_ape < 0.06, "{unseen:?}");
    assert!(
        source.coverage.is_some_and(|share| share > 0.8),
        "{source:?}"
    );
    let pack = crate::record::Calibration::read(found.pack.as_bytes()).expect("a pack");
    let networks = pack.networks.as_ref().expect("a section");
    let models = networks.models().expect("sound");
    assert!(!models.time.effects.is_empty() && !models.seen.groups.is_empty());
    assert_eq!(
        fit(&rows()).pack,
        found.pack,
        "the same rows give the same pack"
    );
}

#[test]
fn wrong_units_are_named_and_move_nothing() {
    let sound = fit(&rows());
    let mut rows = rows();
    let place = rows
        .iter()
        .position(|row| row.contains("zoo7net"))
        .expect("a row");
    let mixed = law(DEVICES[0].1, 7) * 1000.0;
    rows.push(row(0, 7, "ncnn-", mixed));
    rows.push(rows[place].clone());
    rows.push(
        rows[place]
            .replace("r0-7", "n")
            .replace("latency_ms_mean,", "latency_ms_mean,-"),
    );
    rows.push(
        rows[place]
            .replace("r0-7", "m")
            .replace("latency_ms_mean,", "latency_ms_mean,1e999"),
    );
    let found = fit(&rows);
    let in_sample = found.rows_used() > sound.rows_used() - 2;
    assert!(in_sample);
    let skipped = &found.inputs[0].skipped;
    assert_eq!(skipped.get("bad-value"), Some(&2));
    assert_eq!(skipped.get("duplicate-row"), Some(&1));
    let far = account(&found).suspects.get("far-from-its-group");
    let group = RowGroup::Run {
        hardware: "rtx-3090-24gb",
        model: "zoo7net",
        framework: "tensorrt",
    };
    let is_fitted = Split::new(1, 0.25).sample(&group) == Sample::InSample;
    assert_eq!(far.is_some(), is_fitted);
}

#[test]
fn a_network_stands_on_one_side_under_all_its_names() {
    let catalog = Catalog::embedded();
    let mut names = 0;
    for network in 0..30 {
        let lines: Vec<String> = ["", "ncnn-", "qaihub-", "hailo-", "tf_"]
            .iter()
            .map(|prefix| row(1, network, prefix, 1.0))
            .collect();
        let text = format!("{HEADER}\n{}\n", lines.join("\n"));
        let table = Table::read(text.as_bytes()).expect("a table");
        let split = Split::new(1, 0.5);
        let samples: BTreeSet<Sample> = table
            .lines
            .iter()
            .map(|line| networks::run_of(catalog, &table, line, &split).map(|run| run.sample))
            .collect::<Result<_, _>>()
            .expect("sound rows");
        assert_eq!(samples.len(), 1);
        names += lines.len();
    }
    assert_eq!(names, 150);
}

#[test]
fn equal_and_single_rows_do_not_blow_up() {
    let same: Vec<String> = (0..40)
        .map(|number| row(0, 3, "", 5.0).replace("r0-3", &format!("same{number}")))
        .collect();
    let found = fit(&same);
    let errors = account(&found).sources["time edge/networks"].in_sample;
    assert!(errors.is_none_or(|errors| errors.mape < 0.1), "{errors:?}");
    assert!(fit(&same[..1]).networks.is_none());
}
