//! `phantom calibrate --base`: a few points of one's own move what they are of, and columns in other units are named.

use crate::sandbox::Sandbox;

const RUNS: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes";

const NETWORKS: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_m,gmacs,mactivations,input_size,task,framework,framework_version,precision,layout,compile_mode,batch_size,threads,scenario,metric,value,unit,power_w_limit,date,quality,notes";

/// Times of a token of a model that the pack knows on a device that it knows, milliseconds, at numbers of requests in flight.
fn runs(times: &[(u32, f64)]) -> String {
    let line = |(flight, time): &(u32, f64)| {
        format!(
            "r-{flight},own,h100-sxm5-80gb,,1,llama-3.1-8b,,vllm,0.11.0,bf16,bf16,bf16,,1,,,,,{flight},1024,256,,serving-fixed-concurrency,tpot_ms_mean,{time},ms,,2026-11,community,"
        )
    };
    let lines: Vec<String> = times.iter().map(line).collect();
    format!("{RUNS}\n{}\n", lines.join("\n"))
}

const NAMES: [(&str, f64, f64, f64); 6] = [
    ("resnet50", 25.56, 4.11, 11.11),
    ("resnet18", 11.69, 1.82, 2.48),
    ("vit_base_patch16_224", 86.57, 16.87, 16.49),
    ("convnext_tiny", 28.59, 4.47, 13.44),
    ("efficientnet_b0", 5.29, 0.4, 6.75),
    ("densenet121", 7.98, 2.87, 6.9),
];

/// Samples a second of networks on a device, in four sizes of batches.
fn networks(device: &str, rates: &[f64]) -> String {
    let cases = NAMES
        .iter()
        .flat_map(|name| [16, 64, 128, 256].map(|batch| (name, batch)));
    let lines = cases.zip(rates).enumerate().map(|(id, (((name, params, macs, activations), batch), rate))| {
        format!(
            "n-{device}-{id},own,{device},,1,{name},{params},{macs},{activations},3x224x224,image-classification,pytorch-timm,2.4.0+cu12.4,amp-fp16,nchw,dynamo,{batch},,throughput,samples_per_s,{rate},samples/s,,2026-11,community,"
        )
    });
    let lines: Vec<String> = lines.collect();
    format!("{NETWORKS}\n{}\n", lines.join("\n"))
}

/// What a pack predicts for the rows of a table, in base units.
fn predicted(table: &str, pack: Option<&str>) -> Vec<f64> {
    predicted_with(table, pack, "predicted")
}

/// A column of what a pack predicts for the rows of a table.
fn predicted_with(table: &str, pack: Option<&str>, column: &str) -> Vec<f64> {
    let mut sandbox = Sandbox::new().with("m.csv", table);
    let mut arguments = vec![
        "validate",
        "m.csv",
        "--rows",
        "rows.csv",
        "--include",
        "flagged",
    ];
    if let Some(pack) = pack {
        sandbox = sandbox.with("own.json", pack);
        arguments.extend(["--calibration", "own.json"]);
    }
    let said = sandbox.transcript(&arguments);
    let rows = sandbox.read("rows.csv");
    let mut lines = rows.lines();
    let header = lines.next().expect("a header");
    let place = header.split(',').position(|name| name == column);
    let place = place.expect("a column of predictions");
    let number = |line: &str| {
        line.split(',')
            .nth(place)
            .and_then(|text| text.parse().ok())
    };
    lines
        .map(|line| number(line).unwrap_or_else(|| panic!("{line}: {said}")))
        .collect()
}

/// The pack that comes of rows on the default one.
fn moved(table: &str) -> String {
    let sandbox = Sandbox::new().with("m.csv", table);
    let arguments = ["calibrate", "--base", "default", "m.csv", "-o", "own.json"];
    let said = sandbox.transcript(&arguments);
    assert!(said.contains("exit 0"), "{said}");
    sandbox.read("own.json")
}

/// Part of what a number misses that another has made up for.
fn share(before: f64, after: f64, measured: f64) -> f64 {
    (after / before).ln() / (measured / before).ln()
}

#[test]
fn one_row_alone_moves_little_and_rows_that_agree_much() {
    let flights = [1, 2, 4, 8, 16, 24, 32, 48, 64, 96];
    let plain = flights.map(|flight| (flight, 8.0));
    let before = predicted(&runs(&plain), None);
    let slower: Vec<(u32, f64)> = flights
        .iter()
        .zip(&before)
        .map(|(flight, time)| (*flight, 1.5 * 1e3 * time))
        .collect();
    let alone = moved(&runs(&slower[3..4]));
    let all = moved(&runs(&slower));
    let at = |pack: &str| predicted(&runs(&slower[3..4]), Some(pack))[0];
    let measured = 1e-3 * slower[3].1;
    let one = share(before[3], at(&alone), measured);
    let ten = share(before[3], at(&all), measured);
    assert!((-0.01..0.2).contains(&one), "{one}");
    assert!((0.7..1.1).contains(&ten), "{ten}");
}

#[test]
fn columns_of_one_run_are_no_more_than_one_row() {
    let before = predicted(&runs(&[(8, 8.0)]), None)[0];
    let run = runs(&[(8, 1.5e3 * before)]);
    let tpot = run.lines().last().expect("a row");
    let of = |id: &str, metric: &str, value: f64, unit: &str| {
        tpot.replace("r-8,", id)
            .replace("tpot_ms_mean", metric)
            .replace(&(1.5e3 * before).to_string(), &value.to_string())
            .replace(",ms,", unit)
    };
    let rate = 8.0 / (1.5 * before);
    let columns = [
        of("e,", "e2e_latency_ms", 1.5e3 * before * 256.0, ",ms,"),
        of("o,", "output_tokens_per_s_total", rate, ",tokens/s,"),
    ];
    let table = format!("{run}{}\n", columns.join("\n"));
    let after = predicted(&run, Some(&moved(&table)))[0];
    let share = share(before, after, 1.5 * before);
    assert!((-0.01..0.25).contains(&share), "{share}");
}

#[test]
fn one_row_of_a_new_machine_does_not_make_it_known() {
    let table = runs(&[(8, 30.0)]).replace("h100-sxm5-80gb", "rtx-4080-16gb");
    let table = table.replace("llama-3.1-8b", "qwen2.5-3b");
    let support = |table: &str, pack: Option<&str>| {
        predicted_with(table, pack, "hi")[0] / predicted_with(table, pack, "lo")[0]
    };
    let before = support(&table, None);
    let after = support(&table, Some(&moved(&table)));
    assert!(after > 0.98 * before, "{before} {after}");
}

#[test]
fn no_row_that_taught_is_told_as_held_out() {
    let own = "rtx-4090-24gb";
    let rates = predicted(&networks(own, &[1000.0; 24]), None);
    // A source that the pack has rows of.
    let known = "timm-amp-nchw-pt240-cu124-rtx4090-dynamo";
    let table = networks(own, &rates).replace(",own,", &format!(",{known},"));
    let sandbox = Sandbox::new()
        .with("m.csv", &table)
        .with("own.json", moved(&table));
    let arguments = [
        "validate",
        "m.csv",
        "--calibration",
        "own.json",
        "--rows",
        "rows.csv",
    ];
    let said = sandbox.transcript(&arguments);
    let rows = sandbox.read("rows.csv");
    assert_eq!(rows.matches(",in_sample,").count(), 24, "{said}");
}

#[test]
fn rows_without_ids_are_doubted_one_by_one() {
    let own = "rtx-4090-24gb";
    let rates = predicted(&networks(own, &[1000.0; 24]), None);
    let mut wrong = rates.clone();
    wrong[5] *= 50.0;
    let table = networks(own, &wrong);
    let nameless: Vec<String> = table
        .lines()
        .enumerate()
        .map(|(at, line)| match line.split_once(',') {
            Some((_, rest)) if at > 0 => format!(",{rest}"),
            _ => line.to_owned(),
        })
        .collect();
    let sandbox = Sandbox::new().with("m.csv", nameless.join("\n"));
    let arguments = ["calibrate", "--base", "default", "m.csv", "-o", "own.json"];
    let said = sandbox.transcript(&arguments);
    assert!(said.contains("23 rows fitted"), "{said}");
    assert!(said.contains("m.csv:7"), "{said}");
}

#[test]
fn a_file_that_a_base_was_fitted_on_does_not_count_twice() {
    let flights: Vec<(u32, f64)> = [1, 2, 4, 8].map(|flight| (flight, 8.0)).into();
    let table = runs(&flights);
    let sandbox = Sandbox::new()
        .with("m.csv", &table)
        .with("own.json", moved(&table));
    let said = sandbox.transcript(&[
        "calibrate",
        "--base",
        "own.json",
        "m.csv",
        "-o",
        "again.json",
    ]);
    assert!(
        said.contains("exit 4") && said.contains("the base was fitted on this file"),
        "{said}"
    );
}

#[test]
fn rates_in_a_column_of_times_are_named_and_not_fitted() {
    let flights = [1, 2, 4, 8, 16, 32, 64, 128];
    let before = predicted(&runs(&flights.map(|flight| (flight, 8.0))), None);
    let rates: Vec<(u32, f64)> = flights
        .iter()
        .zip(&before)
        .map(|(flight, time)| (*flight, 1.0 / time))
        .collect();
    let sandbox = Sandbox::new().with("m.csv", runs(&rates));
    let arguments = ["calibrate", "--base", "default", "m.csv", "-o", "own.json"];
    let said = sandbox.transcript(&arguments);
    assert!(
        said.contains("exit 4") && said.contains("far-from-the-base"),
        "{said}"
    );
    assert!(!sandbox.path("own.json").exists());
}

#[test]
fn own_runs_of_networks_move_their_device_and_no_other() {
    let rates = [1000.0; 24];
    let own = "rtx-4090-24gb";
    let before = predicted(&networks(own, &rates), None);
    let slower: Vec<f64> = before.iter().map(|rate| 0.6 * rate).collect();
    let table = networks(own, &slower);
    let pack = moved(&table);
    let after = predicted(&table, Some(&pack));
    for ((before, after), measured) in before.iter().zip(&after).zip(&slower) {
        let share = share(*before, *after, *measured);
        assert!((0.6..1.2).contains(&share), "{share}");
    }
    let other = networks("rtx-3090-24gb", &rates);
    let of_other = predicted(&other, None);
    for (before, after) in of_other.iter().zip(predicted(&other, Some(&pack))) {
        assert!((after / before).ln().abs() < 0.1, "{before} {after}");
    }
}

#[test]
fn networks_in_other_units_are_named_with_and_without_a_base() {
    let before = predicted(&networks("rtx-4090-24gb", &[1000.0; 24]), None);
    let factors: [fn(f64) -> f64; 2] = [|rate| 1000.0 * rate, |rate| 1000.0 / rate];
    for factor in factors {
        let wrong: Vec<f64> = before.iter().map(|rate| factor(*rate)).collect();
        for base in [["--holdout", "0"], ["--base", "default"]] {
            let sandbox = Sandbox::new().with("m.csv", networks("rtx-4090-24gb", &wrong));
            let arguments = [&["calibrate", "m.csv", "-o", "own.json"], &base[..]].concat();
            let said = sandbox.transcript(&arguments);
            assert!(said.contains("exit 4"), "{said}");
            let reasons = ["implausible-as-a-whole", "faster-than-its-device"];
            assert!(reasons.iter().any(|reason| said.contains(reason)), "{said}");
            assert!(!sandbox.path("own.json").exists());
        }
    }
}

#[test]
fn a_fit_without_a_base_says_that_a_column_is_far_from_what_is_known() {
    let flights: Vec<u32> = (1..=24).collect();
    let plain: Vec<(u32, f64)> = flights.iter().map(|flight| (*flight, 8.0)).collect();
    let before = predicted(&runs(&plain), None);
    for is_odd in [true, false] {
        let factor = |time: f64| if is_odd { 1.0 / time } else { 1.1e3 * time };
        let told = flights.iter().zip(&before);
        let told: Vec<(u32, f64)> = told
            .map(|(flight, time)| (*flight, factor(*time)))
            .collect();
        let sandbox = Sandbox::new().with("m.csv", runs(&told));
        let said = sandbox.transcript(&["calibrate", "m.csv", "-o", "own.json"]);
        assert!(said.contains("exit 0"), "{said}");
        assert_eq!(
            said.contains("are unit and column right?"),
            is_odd,
            "{said}"
        );
    }
}

/// Times of products of known shapes, microseconds.
const PRODUCTS: &str =
    "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id";

#[test]
fn a_kernel_table_with_swapped_columns_is_told() {
    let sizes = [64, 128, 256, 512, 1024, 2048, 4096, 8192];
    let widths = [2048, 4096, 8192];
    for swapped in [false, true] {
        let mut lines = vec![PRODUCTS.to_owned()];
        for width in widths {
            for size in sizes {
                // About two thirds of the dense peak of an H100, and a launch.
                let work = 2.0 * f64::from(size) * f64::from(width) * f64::from(width);
                let time = (work / 6.6e8 + 6.0).round();
                let (m, time) = if swapped {
                    (time, f64::from(size))
                } else {
                    (f64::from(size), time)
                };
                lines.push(format!(
                    "h100-sxm5-80gb,vllm,0.14.0,gemm,gemm,bfloat16,{m},{width},{width},{time},,own"
                ));
            }
        }
        let sandbox = Sandbox::new().with("gemm.csv", lines.join("\n"));
        let arguments = ["calibrate", "gemm.csv", "-o", "own.json", "--holdout", "0"];
        let said = sandbox.transcript(&arguments);
        let told = said.contains("are unit and column right?") || said.contains("exit 4");
        assert_eq!(told, swapped, "{said}");
    }
}
