//! `MLPerf` Inference: what its benchmarks fix and its rows leave out.
//!
//! Each benchmark sends the prompts of one data set, so their lengths are those of the set. Only means are published, and
//! requests have the mean length; the longest are listed to show the spread. What a row states itself wins.
//!
//! | Benchmark | Data set | Prompt: mean (most) | Answer: mean (most) |
//! |---|---|---|---|
//! | `llama2-70b`, also with Llama 2 7B | `OpenOrca`, 24 576 | 221.3 (1024) [a] | 294.45 (1024) [b] |
//! | `llama3.1-8b` | CNN/`DailyMail`, 13 368 | 778 [c] | 128 (128) [d] |
//! | `llama3.1-405b` | `LongBench`, RULER, `GovReport`…, 8 313 | 9 400 (20 000) [e] | 684.68 (20 000) [b] |
//! | `deepseek-r1` | AIME, MATH, GPQA, MMLU-Pro, `LiveCodeBench`, 4 388 | 800 (3136) [f] | 3 880 (20 000) [f] |
//!
//! Sizes and longest lengths: `mlcommons/inference_policies`, `inference_rules.adoc`, benchmarks and appendix on bandwidth.
//!
//! - [a] Measured with the benchmark's own template and vocabulary: `mannysinghx/chipdesignsoftware`,
//!   `docs/compute-die/C1_PERF_MODEL.md`, which found no published figure. Llama 2 7B has the same vocabulary and is sent the
//!   same prompts (`mlcommons/inference_results_v4.1`, `open/NeuralMagic`, `--model=llama2-70b-99`).
//! - [b] `mlcommons/inference`, `language/llama2-70b/README.md` and `language/llama3.1-405b/README.md`, tokens per sample.
//! - [c] `mlcommons.org/2025/09/small-llm-inference-5-1`. Another reading of that page says 870.73.
//! - [d] `mlcommons/inference`, `language/llama3.1-8b/SUT_VLLM.py`, `max_tokens`. Results have 128 to 129 tokens a request; the
//!   73 of [c] are those of the reference summaries.
//! - [e] `mlcommons.org/2025/04/llm-inference-v5`.
//! - [f] `mlcommons.org/2025/09/deepseek-inference-5-1`.
//!
//! The numbers of [c], [e] and [f] were read where public repositories quote those pages, not on the pages.
//!
//! No mean length of the prompts is known for `mixtral-8x7b` and `gpt-oss-120b`, nor for models of another vocabulary in the
//! open division, such as Llama 3.1 70B. `gptj` searches four beams, which phantom does not predict. Their rows stay without.
//!
//! Where a row of TensorRT-LLM states a batch, it is the most that one replica holds (`max_batch_size`). Where a row states
//! no division, the system is copies of the smallest server that keeps half of its memory for the cache ([`devices`]).

use super::devices::StatedDevices;
use super::load::Counts;
use super::resolve::weights;
use crate::catalog::{AttentionKind, Device, Model, ModelKind, Precision};

/// Models by their names in the catalogue, with the mean tokens of a prompt and of an answer.
const LENGTHS: [(&str, u64, u64); 5] = [
    ("llama-2-70b", 221, 294),
    ("llama-2-7b", 221, 294),
    ("llama-3.1-8b", 778, 128),
    ("llama-3.1-405b", 9400, 685),
    ("deepseek-r1", 800, 3880),
];

/// The most of a server's memory that its weights may fill. A judgement: the rows that state a division keep at least that
/// much room (Llama 2 70B in fp8 on H200 NVL, `tp` 1), and divide no further.
const WEIGHTS_SHARE: f64 = 0.5;

/// Lengths by the data set, where the row states none.
pub(super) fn counts(model: &str, stated: Counts) -> Counts {
    let Some((_, input, output)) = LENGTHS.iter().find(|(name, ..)| *name == model) else {
        return stated;
    };
    Counts {
        input: stated.input.or(Some(*input)),
        output: stated.output.or(Some(*output)),
        ..stated
    }
}

/// Replicas of the smallest server with room for its cache: the least power of two of devices of one node whose memory is at
/// least twice the weights, else as large a power of two as divides them.
///
/// Models with latent attention and experts keep caches apart and share their experts among so many devices: each rank would hold
/// the same cache otherwise (TensorRT-LLM, `docs/source/deployment-guide/quick-start-recipe-for-deepseek-r1-on-trtllm.md`:
/// `enable_attention_dp` for throughput).
///
/// Rows of the open division that state none are left out. Rows that state a division, and models without a published size, stay as they are.
pub(super) fn devices(
    stated: StatedDevices,
    device: &Device,
    model: &Model,
    formats: Precision,
) -> StatedDevices {
    let (Some(weights), Some(memory)) = (weights(model, formats), device.memory) else {
        return stated;
    };
    if stated.says_how() {
        return stated;
    }
    let together = match stated.nodes {
        Some(nodes) if nodes > 0 && stated.count.is_multiple_of(nodes) => stated.count / nodes,
        Some(_) | None => stated.count,
    };
    let most = together.trailing_zeros();
    let holds = |exponent: &u32| {
        let memory = memory * f64::from(1_u32 << exponent);
        weights <= memory * WEIGHTS_SHARE
    };
    let exponent = (0..most).find(holds).unwrap_or(most);
    let group = Some(1 << exponent);
    if shares_experts(model) {
        StatedDevices {
            tp: Some(1),
            dp: group,
            ep: group,
            ..stated
        }
    } else {
        StatedDevices {
            tp: group,
            ..stated
        }
    }
}

fn shares_experts(model: &Model) -> bool {
    match &model.kind {
        ModelKind::Network(_) => false,
        ModelKind::Transformer(model) => {
            let is_latent = matches!(model.attention.kind, AttentionKind::Latent { .. });
            is_latent && model.experts.is_some()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::llm::tests::table;
    use super::super::{Include, LlmCase, Skip, llm_case, llm_row};
    use crate::catalog::Catalog;
    use crate::scenario::{Lengths, LoadMode, OptionValue};

    const OFFLINE: &str = "a-1,mlperf-v4.1,h200-sxm-141gb,,8,llama-2-70b,70,tensorrt-llm,0.12,fp8,,,,,,,,,,,292.2,,mlperf-offline,output_tokens_per_s_total,34000,tokens/s,,2024,audited,src=x#1; nodes=1; closed/datacenter";

    fn case(row: &str) -> Result<LlmCase, Skip> {
        let table = table(&[row]);
        let row = llm_row(&table, &table.lines[0], Include::default())?;
        llm_case(&row, Catalog::embedded(), Some(100.0))
    }

    fn lengths(row: &str) -> Result<(Lengths, Lengths), Skip> {
        case(row).map(|case| (case.workload.isl, case.workload.osl))
    }

    fn sizes(row: &str) -> (u32, u32, u32) {
        let found = case(row).expect("resolved").system.deployment;
        (found.parallel.tp, found.parallel.dp, found.replicas)
    }

    #[test]
    fn prompts_are_as_long_as_those_of_the_data_set_and_answers_as_stated() {
        let fixed = |input, output| Ok((Lengths::Fixed(input), Lengths::Fixed(output)));
        assert_eq!(lengths(OFFLINE), fixed(221, 292));
        let small = OFFLINE
            .replace("llama-2-70b,70", "llama-3.1-8b,8")
            .replace("292.2", "");
        assert_eq!(lengths(&small), fixed(778, 128));
        let stated = OFFLINE.replace(",292.2", "512,292.2");
        assert_eq!(lengths(&stated), fixed(512, 292));
    }

    #[test]
    fn a_server_has_the_rate_of_its_run_and_an_edge_device_one_request() {
        let server = OFFLINE
            .replace(
                "mlperf-offline,output_tokens_per_s_total",
                "mlperf-server,ttft_ms_mean",
            )
            .replace("tokens/s", "ms");
        let found = case(&server).expect("resolved").workload.load.mode;
        assert!(matches!(found, LoadMode::RequestRate { rate: 100.0, .. }));
        let edge = server.replace("mlperf-server", "mlperf-singlestream");
        let found = case(&edge).expect("resolved").workload;
        assert_eq!(found.load.mode, LoadMode::BatchSize(1));
    }

    #[test]
    fn data_sets_of_unknown_length_leave_their_rows_without() {
        for model in [
            "mixtral-8x7b,46.7",
            "gpt-oss-120b,116.8",
            "llama-3.1-70b,70",
        ] {
            let found = lengths(&OFFLINE.replace("llama-2-70b,70", model));
            assert_eq!(found, Err(Skip::MissingField("input_tokens")), "{model}");
        }
        let other = OFFLINE.replace("mlperf-offline", "continuous-batching-max-throughput");
        assert_eq!(lengths(&other), Err(Skip::MissingField("input_tokens")));
    }

    #[test]
    fn whole_systems_are_copies_of_the_smallest_server_with_room() {
        assert_eq!(sizes(OFFLINE), (1, 1, 8));
        assert_eq!(
            sizes(&OFFLINE.replace("h200-sxm-141gb", "h100-sxm-80gb")),
            (2, 1, 4)
        );
        assert_eq!(sizes(&OFFLINE.replace("h200-sxm-141gb", "l40s")), (4, 1, 2));
        let odd = OFFLINE.replace(",,8,llama", ",,10,llama");
        assert_eq!(sizes(&odd.replace("h200-sxm-141gb", "l40s")), (2, 1, 5));
    }

    #[test]
    fn servers_stay_inside_a_node_and_latent_ones_share_their_experts() {
        let many = OFFLINE
            .replace(
                "h200-sxm-141gb,,8,llama-2-70b,70",
                "gb300,,72,deepseek-r1-671b,671",
            )
            .replace("fp8", "fp4")
            .replace("nodes=1", "nodes=18");
        assert_eq!(sizes(&many), (1, 4, 18));
    }

    #[test]
    fn a_stated_division_and_batch_win() {
        let stated = OFFLINE.replace("fp8,,,,,,,,,,,", "fp8,,,,8,1,,1,2048,,,");
        assert_eq!(sizes(&stated), (8, 1, 1));
        let options = case(&stated).expect("resolved").system.runtime.options;
        assert_eq!(options["max_batch_size"], OptionValue::Int(2048));
    }
}
