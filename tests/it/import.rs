//! `phantom import` on small made folders of the published layouts.

use std::fs;

use crate::sandbox::Sandbox;

const GEMM: &str = "framework,version,device,op_name,kernel_source,gemm_dtype,m,n,k,latency\nV,1,D,gemm,made_kernel,bfloat16,64,4096,4096,0.0125\nV,1,D,gemm,made_kernel,fp8,64,4096,4096,0.0081\n";
const LAYER: &str = "time_stats.attn_post_proj.median,time_stats.add.median,n_head,n_kv_head,n_embd,n_expanded_embd,use_gated_mlp,num_tokens,num_tensor_parallel_workers\n0.09,0.002,64,64,8192,24576,True,8,2\n";
const SUMMARY: &str =
    "Scenario : Offline\nResult is : VALID\nSamples per second: 12.5\nTokens per second: 3200\n";
const SYSTEM: &str = r#"{"accelerator_model_name": "NVIDIA H100-SXM-80GB", "accelerators_per_node": 8, "number_of_nodes": 1, "framework": "vLLM 0.9", "system_name": "made"}"#;
const RUN: &str =
    "closed/Made/results/S/llama2-70b-99/Offline/performance/run_1/mlperf_log_summary.txt";

fn kernels(from: &str) -> [&str; 7] {
    ["import", "kernels", "--from", from, "there", "-o", "rows"]
}

/// Names of the files in a folder, none where there is no folder.
fn written(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path(folder))
        .into_iter()
        .flatten()
        .flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn kernel_tables_of_both_layouts_are_read_and_validated() {
    let sandbox = Sandbox::new()
        .with(
            "there/systems/data/h100_sxm/gemm/vllm/1.0/gemm_perf.txt",
            GEMM,
        )
        .with("there/systems/data/a100_sxm/vllm/0.9/gemm_perf.txt", GEMM)
        .with(
            "there/systems/data/a100_sxm/vllm/0.9/unheard_perf.txt",
            "a\n1\n",
        );
    let said = sandbox.transcript(&kernels("aiconfigurator"));
    assert!(
        said.contains("exit 0") && said.contains("4 rows of 2 sources"),
        "{said}"
    );
    assert!(
        said.contains("no operator that is predicted: unheard_perf"),
        "{said}"
    );
    assert_eq!(
        written(&sandbox, "rows"),
        ["gemm.csv", "sources-kernels.csv"]
    );
    let text = sandbox.read("rows/gemm.csv");
    assert!(
        text.contains("h100_sxm,vllm,1.0,gemm,made_kernel,fp8,64,4096,4096,8.1,,"),
        "{text}"
    );
    let said = sandbox.transcript(&["validate", "rows"]);
    assert!(said.contains("4 rows of 1 files: 4 compared"), "{said}");
}

#[test]
fn profiles_give_sizes_of_one_rank() {
    let sandbox = Sandbox::new().with("there/profiling/compute/a100/own/made/mlp.csv", LAYER);
    assert_eq!(sandbox.code(&kernels("vidur")), 0);
    assert_eq!(
        written(&sandbox, "rows"),
        ["elementwise.csv", "gemm.csv", "sources-kernels.csv"]
    );
    let text = sandbox.read("rows/gemm.csv");
    assert!(
        text.contains("attn_post_proj,float16,8,8192,4096,90,,"),
        "{text}"
    );
}

#[test]
fn broken_tables_are_named_with_their_place_and_nothing_is_written() {
    let sandbox = Sandbox::new()
        .with("there/data/h100_sxm/gemm/vllm/1.0/gemm_perf.txt", GEMM)
        .with(
            "there/data/h100_sxm/gemm/vllm/2.0/gemm_perf.txt",
            GEMM.replace("0.0081", "soon"),
        )
        .with(
            "there/data/h100_sxm/gemm/vllm/3.0/gemm_perf.parquet",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
        )
        .with(
            "there/data/h100_sxm/gemm/vllm/4.0/gemm_perf.parquet",
            "PAR1 and no more",
        );
    let said = sandbox.transcript(&kernels("aiconfigurator"));
    assert!(said.contains("exit 2"), "{said}");
    for part in [
        "2.0/gemm_perf.txt: line 3, column `latency`: `soon` is not a number",
        "3.0/gemm_perf.parquet: a pointer of Git LFS",
        "4.0/gemm_perf.parquet: not a table",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert_eq!(written(&sandbox, "rows"), Vec::<String>::new());
    assert_eq!(
        Sandbox::new().code(&kernels("vidur")),
        2,
        "there is no such folder"
    );
}

#[test]
fn collectives_without_a_column_of_kernels_are_those_of_their_library() {
    let table =
        "nccl_dtype,num_gpus,message_size,op_name,latency\nhalf,8,1048576,all_reduce,0.031\n";
    let sandbox = Sandbox::new()
        .with("there/data/h100_sxm/gemm/vllm/1.0/gemm_perf.txt", GEMM)
        .with("there/data/h100_sxm/nccl/2.27.3/nccl_perf.txt", table);
    let said = sandbox.transcript(&kernels("aiconfigurator"));
    assert!(
        said.contains("exit 0") && said.contains("3 rows of 2 sources"),
        "{said}"
    );
    let text = sandbox.read("rows/collective.csv");
    assert!(
        text.contains("h100_sxm,nccl,2.27.3,nccl_all_reduce,NCCL,half,graph,8,2097152,31,,"),
        "{text}"
    );
}

#[test]
fn every_table_that_lacks_a_column_is_named_at_once() {
    let without = |column: &str| GEMM.replace(column, "other");
    let sandbox = Sandbox::new()
        .with(
            "there/data/h100_sxm/gemm/vllm/1.0/gemm_perf.txt",
            without("kernel_source"),
        )
        .with(
            "there/data/h100_sxm/gemm/vllm/2.0/gemm_perf.txt",
            without("gemm_dtype"),
        );
    let said = sandbox.transcript(&kernels("aiconfigurator"));
    for part in [
        "exit 2",
        "1.0/gemm_perf.txt: there is no column `kernel_source`",
        "2.0/gemm_perf.txt: there is no column `gemm_dtype`",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert_eq!(written(&sandbox, "rows"), Vec::<String>::new());
}

#[test]
fn results_of_a_round_become_records() {
    let arguments = ["import", "mlperf", "inference_results_v9.9", "-o", "rows"];
    let folder = "inference_results_v9.9";
    let sandbox = Sandbox::new()
        .with(&format!("{folder}/{RUN}"), SUMMARY)
        .with(&format!("{folder}/closed/Made/systems/S.json"), SYSTEM);
    let said = sandbox.transcript(&arguments);
    assert!(
        said.contains("exit 0") && said.contains("2 rows of 1 source"),
        "{said}"
    );
    assert_eq!(written(&sandbox, "rows"), ["llm", "sources-mlperf.csv"]);
    let said = sandbox.transcript(&["validate", "rows"]);
    assert!(said.contains("2 rows of 1 files"), "{said}");
    let broken = Sandbox::new().with(&format!("{folder}/{RUN}"), SUMMARY);
    let said = broken.transcript(&arguments);
    assert!(said.contains("exit 2") && said.contains("S.json"), "{said}");
    assert_eq!(written(&broken, "rows"), Vec::<String>::new());
}

#[test]
fn a_collection_is_narrowed_to_what_may_be_passed_on() {
    let rows = fs::read(crate::sandbox::repository().join("tests/data/measurements/llm.csv"));
    let sandbox = Sandbox::new()
        .with("all/llm/a.csv", rows.expect("the rows ship"))
        .with(
            "all/sources.csv",
            "source_id,title,url,licence,date\ngpt-fast,G,https://g,BSD-3-Clause,2024\n",
        );
    let said = sandbox.transcript(&["import", "measurements", "all", "-o", "some"]);
    assert!(said.contains("5 rows of 1 source"), "{said}");
    assert_eq!(written(&sandbox, "some"), ["llm", "sources.csv"]);
    let none = [
        "import",
        "measurements",
        "all",
        "-o",
        "none",
        "--licence",
        "MIT",
    ];
    assert_eq!(sandbox.code(&none), 4, "no row may be passed on");
    assert_eq!(written(&sandbox, "none"), Vec::<String>::new());
    let bad = [
        "import",
        "measurements",
        "all",
        "-o",
        "none",
        "--where",
        "==",
    ];
    assert_eq!(sandbox.code(&bad), 2);
}
