//! `phantom calibrate` on files with wrong units, swapped columns and hostile text: what is not used is named, and a pack that is written
//! holds finite numbers.

use serde_json::Value;

use crate::sandbox::Sandbox;

const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes";

const CASES: [(&str, &str, f64); 5] = [
    ("h100-sxm5-80gb", "llama-3.1-8b", 2500.0),
    ("h100-sxm5-80gb", "mistral-7b-v0.1", 2600.0),
    ("l40s-48gb", "llama-3.1-8b", 7000.0),
    ("a100-sxm4-80gb", "llama-3.1-8b", 3600.0),
    ("h200-sxm-141gb", "mistral-7b-v0.1", 2000.0),
];

/// A static batch of 512 prompt and 256 output tokens.
fn row(id: usize, (hardware, model): (&str, &str), batch: u32, value: &str) -> String {
    format!(
        "r-{id},own,{hardware},,1,{model},,vllm,0.6,bf16,,,,1,,,,{batch},,512,256,,static-batch,e2e_latency_ms,{value},ms,,2024,vendor,"
    )
}

/// Thirty-five rows whose times are `factor` times what they are about.
fn rows(factor: f64) -> Vec<String> {
    let mut rows = Vec::new();
    for (hardware, model, time) in CASES {
        for batch in [1, 2, 4, 8, 16, 32, 64] {
            let value = time * (1.0 + f64::from(batch) / 64.0) * factor;
            rows.push(row(
                rows.len(),
                (hardware, model),
                batch,
                &value.to_string(),
            ));
        }
    }
    rows
}

fn file(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// What came of a fit: exit code, everything that was said, and the pack where one was written.
struct Fit {
    code: i32,
    said: String,
    pack: Option<Value>,
}

fn fit(text: impl AsRef<[u8]>, more: &[&str]) -> Fit {
    let sandbox = Sandbox::new().with("m.csv", text);
    let arguments = [&["calibrate", "m.csv", "-o", "own.json"], more].concat();
    let output = sandbox.command().args(&arguments).output();
    let output = output.expect("the command starts");
    let said = [output.stdout, output.stderr].concat();
    let pack = sandbox.path("own.json");
    Fit {
        code: output.status.code().expect("it ends by itself"),
        said: String::from_utf8_lossy(&said).into_owned(),
        pack: pack
            .exists()
            .then(|| serde_json::from_str(&sandbox.read("own.json")).expect("JSON")),
    }
}

/// Every shift of a pack, none of them wild.
fn shifts(fit: &Fit) -> Vec<f64> {
    let pack = fit.pack.as_ref().expect("a pack");
    let scopes = pack["effects"]["scopes"].as_object().expect("a map");
    let lines = scopes.values().map(|line| line.as_str().expect("a line"));
    // Zeros in a row stand as `*` and their number.
    let numbers = lines
        .flat_map(str::split_whitespace)
        .filter(|word| !word.starts_with('*'));
    let shifts: Vec<f64> = numbers
        .map(|number| 1e-3 * number.parse::<f64>().expect("thousandths"))
        .collect();
    assert!(shifts.iter().all(|shift| shift.abs() < 5.0), "{}", fit.said);
    shifts
}

#[test]
fn files_in_other_units_teach_nothing_and_say_why() {
    for (factor, reason) in [
        (1000.0, "35 slower-than-plausible"),
        (0.001, "35 faster-than-possible"),
    ] {
        for base in [&[][..], &["--base", "datasheet"]] {
            let found = fit(file(&rows(factor)), base);
            assert_eq!(found.code, 4, "{}", found.said);
            assert!(found.said.contains(reason), "{}", found.said);
            assert!(found.pack.is_none());
        }
    }
}

#[test]
fn single_rows_in_other_units_are_left_out() {
    let mut mixed = rows(1.0);
    mixed[3] = row(3, (CASES[0].0, CASES[0].1), 8, "2.8");
    mixed[10] = row(10, (CASES[1].0, CASES[1].1), 8, "2900000");
    let found = fit(file(&mixed), &[]);
    assert_eq!(found.code, 0, "{}", found.said);
    assert!(
        found
            .said
            .contains("2 rows skipped, suspect:far-from-neighbours"),
        "{}",
        found.said
    );
    assert!(!shifts(&found).is_empty());
}

#[test]
fn swapped_lengths_cannot_be() {
    let swapped: Vec<String> = rows(1.0)
        .iter()
        .map(|row| row.replace(",512,256,", ",256,100000,"))
        .collect();
    let found = fit(file(&swapped), &[]);
    assert_eq!(found.code, 4, "{}", found.said);
    assert!(
        found.said.contains("faster-than-possible"),
        "{}",
        found.said
    );
}

#[test]
fn repeats_and_numbers_that_are_none_move_nothing() {
    let seen = |fit: &Fit| fit.pack.as_ref().expect("a pack")["effects"].clone();
    let all = ["--holdout", "0"];
    let clean = fit(file(&rows(1.0)), &all);
    let mut more = [rows(1.0), rows(1.0)].concat();
    for (place, value) in ["NaN", "inf", "-5", "1e400", "", "9,5"].iter().enumerate() {
        more.push(row(100 + place, (CASES[0].0, CASES[0].1), 3, value));
    }
    let found = fit(file(&more), &all);
    assert!(found.said.contains("35 rows fitted"), "{}", found.said);
    assert!(
        found.said.contains("35 rows skipped, duplicate-row"),
        "{}",
        found.said
    );
    assert!(found.said.contains("bad-value"), "{}", found.said);
    assert_eq!(seen(&found), seen(&clean));
}

#[test]
fn hostile_text_is_refused_or_named() {
    let sound = rows(1.0);
    let nul: Vec<String> = sound.iter().map(|row| row.replace("own", "o\0n")).collect();
    let open = format!("{HEADER}\n\"{}", sound.join("\n"));
    let binary: Vec<u8> = (0..100_000_u32).map(|byte| byte as u8).collect();
    for (text, code, says) in [
        (file(&nul).into_bytes(), 4, "35 bad-value"),
        (open.into_bytes(), 4, "bad-value"),
        (binary, 2, "is of no family"),
        ("a,".repeat(1_000_000).into_bytes(), 2, "not a header"),
        (Vec::new(), 2, "empty"),
    ] {
        let found = fit(text, &[]);
        assert_eq!(found.code, code, "{}", found.said);
        assert!(found.said.contains(says), "{says}: {}", found.said);
    }
}

#[test]
fn a_file_too_large_for_memory_is_refused() {
    let sandbox = Sandbox::new().with("m.csv", HEADER);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(sandbox.path("m.csv"));
    // A sparse file: it takes no room on the disk.
    file.and_then(|file| file.set_len(10 << 30))
        .expect("a sparse file");
    let said = sandbox.transcript(&["calibrate", "m.csv", "-o", "own.json"]);
    assert!(
        said.contains("exit 2") && said.contains("more than 512 MiB"),
        "{said}"
    );
}

#[test]
fn one_row_equal_rows_and_sizes_in_proportion_stay_finite() {
    let one = fit(file(&rows(1.0)[..1]), &[]);
    assert_eq!(one.code, 4, "{}", one.said);
    assert!(
        one.said
            .contains("1 rows of runs can be fitted, fewer than 20"),
        "{}",
        one.said
    );
    let one = fit(file(&rows(1.0)[..1]), &["--base", "datasheet"]);
    assert_eq!(one.code, 0, "{}", one.said);
    shifts(&one);
    let case = (CASES[0].0, CASES[0].1);
    let equal: Vec<String> = (0..40).map(|id| row(id, case, 4, "2500")).collect();
    let proportional: Vec<String> = (1..41_u32)
        .map(|size| {
            let lengths = format!(",{},{},,static", 64 * size, 16 * size);
            row(size as usize, case, size, &(150 * size).to_string())
                .replace(",512,256,,static", &lengths)
        })
        .collect();
    for rows in [equal, proportional] {
        for base in [&[][..], &["--base", "datasheet"]] {
            let found = fit(file(&rows), base);
            assert_eq!(found.code, 0, "{}", found.said);
            assert!(!shifts(&found).is_empty());
        }
    }
}

#[test]
fn a_pack_says_what_it_was_fitted_on() {
    let sandbox = Sandbox::new()
        .with("m.csv", file(&rows(1.0)))
        .with_shipped("llm-serving");
    assert_eq!(
        sandbox.code(&["calibrate", "m.csv", "-o", "own.json", "--holdout", "0"]),
        0
    );
    // A path in a scenario is relative to its file, one of a flag to where the command runs.
    let run = "run=[{predict: {calibration: ../own.json}}]";
    let said = sandbox.transcript(&[
        "explain",
        "scenarios/llm-serving.yaml",
        "model=llama8b,hardware=h100x1,precision=bf16,concurrency=256",
        "mean_tpot",
        "--calibration",
        "own.json",
    ]);
    for what in [
        "basis fitted: ",
        "support pair: fitted on this device under this software",
        "256 sequences at once, beyond 64 fitted",
        "either way",
        "llama-3.1-8b bf16 on h100-sxm5-80gb under vllm: 7 rows, 1 to 64 sequences at once",
        "mean_e2el; own, such as r-0, 2024",
        "fitted on 14 rows of 2 models",
        "step with prompts: ",
        "term weight_bandwidth",
    ] {
        assert!(said.contains(what), "{what}: {said}");
    }
    assert_eq!(
        sandbox.code(&["run", "scenarios/llm-serving.yaml", "--set", run]) & 1,
        0
    );
    let page = sandbox.read("reports/llm-serving/report.html");
    assert!(page.contains("Measured rows nearest to the recommended options"));
    let row = sandbox.transcript(&["explain", "r-0", "--calibration", "own.json"]);
    assert!(row.contains("that the pack own was fitted on"), "{row}");
    let results: Value =
        serde_json::from_str(&sandbox.read("reports/llm-serving/results.json")).expect("JSON");
    let groups = results["evidence"].as_array().expect("a list").len();
    for point in results["points"].as_array().expect("a list") {
        let known = &point["evidence"];
        assert_eq!(known["nearest"].as_array().expect("a list").len(), 3);
        for near in known["nearest"].as_array().expect("a list") {
            assert!(
                near[0]
                    .as_u64()
                    .is_some_and(|place| (place as usize) < groups),
                "{near}"
            );
        }
    }
}

#[test]
fn rows_that_are_left_out_are_named() {
    let mut mixed = rows(1.0);
    mixed[3] = row(3, (CASES[0].0, CASES[0].1), 8, "2.8");
    let found = fit(file(&mixed), &[]);
    assert_eq!(found.code, 0, "{}", found.said);
    let named = "m.csv: 1 rows skipped, suspect:far-from-neighbours\n  m.csv:5 r-3: ";
    assert!(found.said.contains(named), "{}", found.said);
    assert!(
        found.said.contains("times off every neighbour"),
        "{}",
        found.said
    );
}

#[test]
fn a_fit_of_nothing_names_the_first_rows_and_with_more_words_all() {
    let slow = file(&rows(1000.0));
    let found = fit(&slow, &[]);
    assert_eq!(found.code, 4, "{}", found.said);
    for what in [
        "m.csv: 35 rows skipped, slower-than-plausible\n  m.csv:2 r-0: e2e_latency_ms 2539062.5 ms\n",
        "\n  … and 30 more\n",
        "no row was fitted",
    ] {
        assert!(found.said.contains(what), "{what}: {}", found.said);
    }
    assert!(!found.said.contains("m.csv:8 "), "{}", found.said);
    let all = fit(&slow, &["-v"]);
    assert!(all.said.contains("m.csv:36 r-34: "), "{}", all.said);
}

#[test]
fn programs_get_every_row_with_its_reason() {
    let mut mixed = rows(1.0);
    mixed.push(mixed[0].clone());
    mixed.push(row(100, (CASES[0].0, CASES[0].1), 3, "NaN"));
    let sandbox = Sandbox::new().with("m.csv", file(&mixed));
    let arguments = [
        "calibrate",
        "m.csv",
        "-o",
        "own.json",
        "--holdout",
        "0",
        "--format",
        "json",
    ];
    let output = sandbox.command().args(arguments).output();
    let output = output.expect("the command starts");
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(document["rows_fitted"], 35);
    assert!(document["accounts"].as_array().is_some_and(Vec::is_empty));
    assert_eq!(document["inputs"][0]["skipped"]["bad-value"], 1);
    let left_out = &document["left_out"]["m.csv"];
    assert_eq!(left_out["duplicate-row"][0]["line"], 37);
    assert_eq!(left_out["bad-value"][0]["id"], "r-100");
    assert_eq!(left_out["bad-value"][0]["detail"], "value `NaN`");
}

#[test]
fn no_fit_ends_without_a_word() {
    const VISION: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_m,gmacs,mactivations,input_size,task,framework,framework_version,precision,layout,compile_mode,batch_size,threads,scenario,metric,value,unit,power_w_limit,date,quality,notes";
    const KERNELS: &str =
        "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id";
    let call = |m: u32| {
        format!(
            "h100_sxm,vllm,1,gemm,x,bfloat16,{m},4096,4096,{}000,,k\n",
            20 + m
        )
    };
    let slow: String = (1..40).map(call).collect();
    let network = "t-1,own,no-such-device,,1,resnet50,25.56,4.11,11.11,3x224x224,image-classification,pytorch-timm,2.4,amp-fp16,nchw,eager,256,,throughput,samples_per_s,3000,samples/s,,2024,community,\n";
    for text in [
        format!("{VISION}\n{network}"),
        format!("{VISION}\n"),
        format!("{KERNELS}\n{slow}"),
        format!("{KERNELS}\n"),
        format!("{HEADER}\n"),
    ] {
        for base in [&[][..], &["--base", "default"]] {
            let found = fit(&text, base);
            assert_eq!(found.code, 4, "{}", found.said);
            assert!(found.said.contains("m.csv: "), "{base:?}: {}", found.said);
        }
    }
    let found = fit(format!("{KERNELS}\n{slow}"), &["--base", "default"]);
    let named = "m.csv: 39 rows skipped, implausible-as-a-whole\n  m.csv:2: latency_us 21000\n";
    assert!(found.said.contains(named), "{}", found.said);
}
