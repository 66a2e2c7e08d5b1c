//! Measurement files with wrong units, swapped columns and hostile text: rows are named, and none of them is used.

use serde_json::Value;

use crate::sandbox::Sandbox;

const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes";
const KERNELS: &str =
    "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id";

/// A row of eight requests in flight, 1024 prompt and 256 output tokens each.
fn row(id: &str, metric: &str, value: &str, unit: &str) -> String {
    format!(
        "{id},a,h100-sxm-80gb,,1,llama-3.1-8b,8.03,vllm,0.6,bf16,,,,1,,,,6,8,1024,256,,serving-fixed-concurrency,{metric},{value},{unit},,2024,vendor,src=x"
    )
}

fn file(header: &str, rows: &[String]) -> String {
    format!("{header}\n{}\n", rows.join("\n"))
}

/// Reasons with the details of their rows, and how many rows were compared.
fn validated(text: impl AsRef<[u8]>) -> (Vec<(String, Vec<String>)>, u64) {
    let sandbox = Sandbox::new().with("m.csv", text);
    let output = sandbox
        .command()
        .args(["validate", "m.csv", "--format", "json"])
        .output()
        .expect("the command starts");
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 4)), "{code:?}");
    let document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    let texts = |list: &Value, key: &str| -> Vec<String> {
        let list = list.as_array().expect("a list").iter();
        list.map(|item| item[key].as_str().expect("text").to_owned())
            .collect()
    };
    let skipped = document["skipped"].as_array().expect("a list").iter();
    let skipped = skipped.map(|reason| {
        let name = reason["reason"].as_str().expect("a name").to_owned();
        (name, texts(&reason["details"], "what"))
    });
    (
        skipped.collect(),
        document["compared"].as_u64().expect("a count"),
    )
}

/// The details of one reason.
fn details<'a>(found: &'a [(String, Vec<String>)], reason: &str) -> &'a [String] {
    let found = found.iter().find(|(name, _)| name == reason);
    found.map_or(&[], |(_, details)| details)
}

#[test]
fn units_a_thousand_times_off_are_named_with_their_line() {
    let rows: Vec<String> = (0..8)
        .map(|place| {
            let value = if place == 3 { "9" } else { "9000" };
            row(&format!("r{place}"), "e2e_latency_ms", value, "ms")
                .replace(",6,8,1024", &format!(",{0},{0},1024", place + 1))
        })
        .collect();
    let (found, compared) = validated(file(HEADER, &rows));
    let named = details(&found, "suspect:far-from-neighbours");
    assert_eq!(named, ["m.csv:5: 667 times off every neighbour"]);
    assert_eq!(compared, 7);
}

#[test]
fn rates_as_times_and_swapped_columns_contradict_their_runs() {
    let run = |tpot: &str, total: &str| {
        [
            row("a", "tpot_ms_mean", tpot, "ms"),
            row("b", "e2e_latency_ms_mean", "3160", "ms"),
            row("c", "output_tokens_per_s_total", "640", "tokens/s"),
            row("d", "total_tokens_per_s", total, "tokens/s"),
        ]
    };
    let (found, compared) = validated(file(HEADER, &run("12", "3200")));
    assert!(found.is_empty() && compared == 4, "{found:?}");
    let (found, _) = validated(file(HEADER, &run("640", "3200")));
    let named = details(&found, "suspect:contradicts-its-run");
    assert!(
        named.iter().any(|what| what.starts_with("m.csv:2: ")),
        "{found:?}"
    );
    let swapped = run("12", "3200").map(|row| row.replace(",1024,256,", ",256,1024,"));
    let (found, _) = validated(file(HEADER, &swapped));
    let named = details(&found, "suspect:contradicts-its-run");
    assert!(
        named.iter().any(|what| what.starts_with("m.csv:5: ")),
        "{found:?}"
    );
    let swapped = run("12", "3200").map(|row| row.replace(",6,8,", ",8,6,"));
    let (found, compared) = validated(file(HEADER, &swapped));
    assert_eq!(
        details(&found, "suspect:more-in-batch-than-in-flight").len(),
        4
    );
    assert_eq!(compared, 0);
}

#[test]
fn runs_that_datasheets_rule_out_are_named_and_left_out() {
    // 8 billion weights of two bytes are read in 4.8 ms at best.
    let run = |tpot: &str| {
        [
            row("a", "tpot_ms_mean", tpot, "ms"),
            row("b", "ttft_ms_mean", "90", "ms"),
        ]
    };
    let (found, compared) = validated(file(HEADER, &run("9")));
    assert!(found.is_empty() && compared == 2, "{found:?}");
    let (found, compared) = validated(file(HEADER, &run("2")));
    let named = details(&found, "suspect:faster-than-possible");
    assert_eq!(compared, 0, "{found:?}");
    assert_eq!(named.len(), 2, "the other number of the run too: {found:?}");
    assert!(
        named[0].starts_with("m.csv:2: mean_tpot 2.00 ms, where datasheets allow "),
        "{named:?}"
    );
}

#[test]
fn hostile_text_is_named_and_the_sound_rows_are_used() {
    let sound = |m: u32| format!("h100_sxm,vllm,1,gemm,x,bfloat16,{m},4096,4096,9.5,,k");
    let mut bytes = file(KERNELS, &[sound(64), "h100_sxm,vllm,1,gemm".to_owned()]).into_bytes();
    bytes.extend(b"h100_sxm,\xff\xfe,1,gemm,x,bfloat16,64,64,64,5,,k\n");
    bytes.extend(b"h100_sxm,a\0b,1,gemm,x,bfloat16,64,64,64,5,,k\n");
    bytes.extend(format!("{}\n", ",".repeat(1_000_000)).bytes());
    for wrong in ["NaN", "inf", "-1", "9,5"] {
        bytes.extend(format!("{}\n", sound(8).replace("9.5", wrong)).bytes());
    }
    bytes.extend(format!("{0}\n{0}\n", sound(128)).bytes());
    bytes.extend(b"h100_sxm,\"never closed,1\n");
    bytes.extend((0..50).flat_map(|m| format!("{}\n", sound(200 + m)).into_bytes()));
    let (found, compared) = validated(bytes);
    assert_eq!(compared, 2, "{found:?}");
    let bad = details(&found, "bad-value");
    for what in [
        "m.csv:3: 4 fields instead of 12",
        "m.csv:4: it is not UTF-8",
        "m.csv:5: a NUL byte",
        "m.csv:6: 1000001 fields instead of 12",
        "m.csv:7: latency_us `NaN`",
        "m.csv:8: latency_us `inf`",
        "m.csv:9: latency_us `-1`",
        "m.csv:10: 13 fields instead of 12",
        "m.csv:13: a quoted field is not closed for 51 lines",
    ] {
        assert!(bad.iter().any(|said| said == what), "{what}: {bad:?}");
    }
    assert!(
        found.iter().any(|(reason, _)| reason == "duplicate-row"),
        "{found:?}"
    );
}

#[test]
fn a_header_of_a_million_columns_is_refused() {
    let sandbox = Sandbox::new().with("m.csv", "a,".repeat(1_000_000));
    assert_eq!(sandbox.code(&["validate", "m.csv"]), 2);
}

#[test]
fn a_file_too_large_for_memory_is_refused() {
    let sandbox = Sandbox::new().with("m.csv", KERNELS);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(sandbox.path("m.csv"));
    // A sparse file: it takes no room on the disk.
    file.and_then(|file| file.set_len(10 << 30))
        .expect("a sparse file");
    let said = sandbox.transcript(&["validate", "m.csv"]);
    assert!(
        said.contains("exit 2") && said.contains("more than 512 MiB"),
        "{said}"
    );
}

#[test]
fn a_sweep_whose_times_cannot_hold_is_named() {
    let sweep = |times: [&str; 3]| {
        let loads = ["1", "2", "8"].into_iter().zip(times);
        let rows = loads.flat_map(|(flight, time)| {
            [("tpot_ms", time), ("ttft_ms", "60")].map(|(metric, value)| {
                let row = row(&format!("{metric}{flight}"), metric, value, "ms");
                row.replace(",6,8,1024,", &format!(",,{flight},1024,"))
            })
        });
        validated(file(HEADER, &rows.collect::<Vec<String>>()))
    };
    let (found, compared) = sweep(["8", "42", "44"]);
    let named = details(&found, "suspect:contradicts-its-sweep");
    assert_eq!(named.len(), 2, "{found:?}");
    assert!(
        named[0].contains("m.csv:2: 8 ms at 1 in flight, 42 at 2"),
        "{named:?}"
    );
    assert_eq!(compared, 4);
    let (found, compared) = sweep(["8", "8.5", "11"]);
    assert!(
        details(&found, "suspect:contradicts-its-sweep").is_empty(),
        "{found:?}"
    );
    assert_eq!(compared, 6);
}

#[test]
fn lines_are_named_as_editors_count_them() {
    let text = file(
        HEADER,
        &[
            row("a", "e2e_latency_ms", "9000", "ms"),
            String::new(),
            row("b", "e2e_latency_ms", "NaN", "ms"),
        ],
    );
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        let (found, compared) = validated(text);
        assert_eq!(details(&found, "bad-value"), ["m.csv:4: value `NaN`"]);
        assert_eq!(compared, 1);
    }
}

#[test]
fn numbers_that_nothing_measured_is_leave_the_account_finite() {
    let rows = [("a", "1e-320"), ("b", "1e300"), ("c", "9000")].map(|(id, value)| {
        row(id, "e2e_latency_ms", value, "ms").replace("src=x", &format!("src={id}"))
    });
    let (found, compared) = validated(file(HEADER, &rows));
    let named = details(&found, "bad-value");
    assert_eq!(
        named,
        [
            "m.csv:2: value `1e-320`, which nothing measured is",
            "m.csv:3: value `1e300`, which nothing measured is",
        ]
    );
    assert_eq!(compared, 1);
    let sandbox = Sandbox::new().with("m.csv", file(HEADER, &rows));
    let said = sandbox.transcript(&["validate", "m.csv"]);
    assert!(!said.contains("NaN") && !said.contains("inf "), "{said}");
}

#[test]
fn swapped_columns_of_a_kernel_table_are_no_sizes() {
    let call =
        |m: &str, time: &str| format!("h100_sxm,vllm,1,gemm,x,bfloat16,{m},4096,4096,{time},,k");
    let rows = [
        call("64", "29.78"),
        call("29.78", "64"),
        call("128", "31.5"),
    ];
    let (found, compared) = validated(file(KERNELS, &rows));
    let named = details(&found, "bad-value");
    assert_eq!(named, ["m.csv:3: m `29.78`, which is no count"]);
    assert_eq!(compared, 2);
}

/// Rows of one stream each on devices of several speeds, `factor` times what they are about.
fn in_another_unit(factor: f64) -> Vec<String> {
    let times = [("h100-sxm-80gb", 2500.0), ("l40s-48gb", 7000.0)];
    let rows = times
        .into_iter()
        .enumerate()
        .map(|(place, (hardware, time))| {
            row(
                &format!("r{place}"),
                "e2e_latency_ms",
                &(factor * time).to_string(),
                "ms",
            )
            .replace("h100-sxm-80gb", hardware)
        });
    rows.collect()
}

#[test]
fn runs_in_a_slower_unit_are_named() {
    let (found, compared) = validated(file(HEADER, &in_another_unit(1.0)));
    assert!(found.is_empty() && compared == 2, "{found:?}");
    let slow = in_another_unit(1000.0);
    let (found, compared) = validated(file(HEADER, &slow));
    let named = details(&found, "suspect:slower-than-plausible");
    assert_eq!((named.len(), compared), (2, 0), "{found:?}");
    assert!(
        named[0].starts_with("m.csv:2: mean_e2el ") && named[0].contains("where cited terms say"),
        "{named:?}"
    );
    // Tokens per second, where milliseconds stand.
    let rate = row("a", "output_tokens_per_s_total", "0.9", "tokens/s");
    let (found, _) = validated(file(HEADER, &[rate]));
    assert_eq!(
        details(&found, "suspect:slower-than-plausible").len(),
        1,
        "{found:?}"
    );
    // First tokens may wait in any queue.
    let first = row("a", "ttft_ms", "90000", "ms");
    let (found, compared) = validated(file(HEADER, &[first]));
    assert!(found.is_empty() && compared == 1, "{found:?}");
}

#[test]
fn doubtful_runs_are_compared_where_they_are_asked_for() {
    let sandbox = Sandbox::new().with("m.csv", file(HEADER, &in_another_unit(1000.0)));
    assert_eq!(sandbox.code(&["validate", "m.csv"]), 4);
    assert_eq!(
        sandbox.code(&["validate", "m.csv", "--include", "flagged"]),
        0
    );
}

#[test]
fn kernel_tables_in_another_unit_are_named_as_a_whole() {
    let calls = |factor: f64| -> Vec<String> {
        (1..=8)
            .map(|step| {
                let time = factor * (10.0 + f64::from(step));
                format!(
                    "h100_sxm,vllm,1,gemm,x,bfloat16,{},4096,4096,{time},,k",
                    64 * step
                )
            })
            .collect()
    };
    let (found, compared) = validated(file(KERNELS, &calls(1.0)));
    assert!(found.is_empty() && compared == 8, "{found:?}");
    for (factor, says) in [(1000.0, " times above "), (0.001, " times below ")] {
        let (found, compared) = validated(file(KERNELS, &calls(factor)));
        let named = details(&found, "suspect:implausible-as-a-whole");
        assert_eq!((named.len(), compared), (8, 0), "{found:?}");
        assert!(
            named[0].starts_with("m.csv:2: ") && named[0].contains(says),
            "{named:?}"
        );
    }
}
