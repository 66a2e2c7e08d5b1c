//! Profiles of `microsoft/vidur`: one file for each model and device, one column for each operator.
//!
//! Layouts: `data/profiling/compute/<device>/<owner>/<model>/{mlp,attention}.csv` and
//! `data/profiling/network/<machine>/{all_reduce,send_recv}.csv`. The median of repeated calls in ms, fp16 throughout;
//! sizes are those of one rank of `num_tensor_parallel_workers`.

use std::borrow::Cow;
use std::path::Path;

use super::kernel_text::{KernelFields, KernelPlace, microseconds};
use super::{Frame, ImportError};
use crate::record::rows::KernelFamily;

/// The repository states no versions: its profiles were made in 2024.
const VERSION: &str = "vidur-2024";

/// Machines whose devices have a shorter name; the others keep theirs.
const DEVICES: [(&str, &str); 4] = [
    ("a100", "a100_sxm"),
    ("h100", "h100_sxm"),
    ("a100_dgx", "a100_sxm"),
    ("h100_dgx", "h100_sxm"),
];

/// What the path of a profile says; `None` where it is no profile.
pub fn vidur_place(path: &Path) -> Option<KernelPlace> {
    let table = path.file_stem()?.to_str()?;
    let parts: Vec<&str> = path
        .iter()
        .rev()
        .skip(1)
        .filter_map(|part| part.to_str())
        .collect();
    let (machine, backend, name) = match table {
        "mlp" | "attention" => {
            let (model, owner) = (parts.first()?, parts.get(1)?);
            (
                *parts.get(2)?,
                "pytorch",
                format!("{owner}-{model}-{table}"),
            )
        }
        "all_reduce" | "send_recv" => (*parts.first()?, "pytorch_nccl", table.to_owned()),
        _ => return None,
    };
    let device = DEVICES.iter().find(|(name, _)| *name == machine);
    Some(KernelPlace {
        hardware: device.map_or(machine, |(_, device)| device).to_owned(),
        backend: backend.to_owned(),
        version: VERSION.to_owned(),
        source: format!("vidur-{machine}-{name}"),
    })
}

/// Converts the rows of a profile, one after the other.
///
/// # Errors
///
/// The first column that is missing or cell that cannot be read; rows may have been handed on before.
pub fn vidur_rows(
    path: &Path,
    frame: &Frame,
    each: &mut dyn FnMut(KernelFields<'_>),
) -> Result<(), ImportError> {
    let table = path.file_stem().unwrap_or_default().to_string_lossy();
    for row in 0..frame.rows() {
        match &*table {
            "mlp" => layer(frame, row, each)?,
            "attention" => attention(frame, row, each)?,
            collective => message(collective, frame, row, each)?,
        }
    }
    Ok(())
}

/// What of a model and its division decides the sizes of one rank.
struct Rank {
    embedding: u64,
    inner: u64,
    gate: u64,
    query_heads: u64,
    kv_heads: u64,
    head: u64,
    ranks: u64,
}

impl Rank {
    fn of(frame: &Frame, row: usize) -> Result<Self, ImportError> {
        let count = |column| match frame.count(column, row)? {
            0 => Err(frame.bad(column, row, "a count above zero")),
            count => Ok(count),
        };
        let (heads, embedding) = (count("n_head")?, count("n_embd")?);
        let gated = frame
            .word("use_gated_mlp", row)?
            .eq_ignore_ascii_case("true");
        Ok(Self {
            embedding,
            inner: count("n_expanded_embd")?,
            gate: if gated { 2 } else { 1 },
            query_heads: heads,
            kv_heads: count("n_kv_head")?,
            head: embedding / heads,
            ranks: count("num_tensor_parallel_workers")?,
        })
    }
}

/// Columns of one profile and the family and sizes they stand for.
fn layer(
    frame: &Frame,
    row: usize,
    each: &mut dyn FnMut(KernelFields<'_>),
) -> Result<(), ImportError> {
    let rank = Rank::of(frame, row)?;
    let share = |size: u64| size / rank.ranks;
    let (queries, keys) = (rank.query_heads * rank.head, rank.kv_heads * rank.head);
    let wide = share(rank.inner);
    let products: [(&'static str, u64, u64); 4] = [
        (
            "time_stats.attn_pre_proj.median",
            share(queries + 2 * keys),
            rank.embedding,
        ),
        (
            "time_stats.attn_post_proj.median",
            rank.embedding,
            share(queries),
        ),
        (
            "time_stats.mlp_up_proj.median",
            wide * rank.gate,
            rank.embedding,
        ),
        ("time_stats.mlp_down_proj.median", rank.embedding, wide),
    ];
    let widths: [(&'static str, u64); 5] = [
        ("time_stats.add.median", rank.embedding),
        ("time_stats.attn_rope.median", share(queries + keys)),
        ("time_stats.input_layernorm.median", rank.embedding),
        ("time_stats.mlp_act.median", wide),
        ("time_stats.post_attention_layernorm.median", rank.embedding),
    ];
    let tokens = frame.count("num_tokens", row)?;
    for (column, n, k) in products {
        if let Some(time) = time(frame, column, row)? {
            let call = Call::new(KernelFamily::Gemm, ["gemm", named(column)], time);
            each(call.sized([tokens, n, k]));
        }
    }
    for (column, width) in widths {
        if let Some(time) = time(frame, column, row)? {
            let name = named(column);
            each(Call::new(KernelFamily::Elementwise, [name, name], time).sized([tokens, width]));
        }
    }
    Ok(())
}

/// A prompt part after cached tokens, or one new token of each sequence.
fn attention(
    frame: &Frame,
    row: usize,
    each: &mut dyn FnMut(KernelFields<'_>),
) -> Result<(), ImportError> {
    let count = |column| frame.count(column, row);
    let ranks = count("num_tensor_parallel_workers")?.max(1);
    let heads = count("n_q_head")?.max(1);
    let head = count("n_embd")? / heads;
    let heads_of_rank = [heads / ranks, count("n_kv_head")? / ranks, head, 0];
    let (batch, chunk, cached) = (
        count("batch_size")?,
        count("prefill_chunk_size")?,
        count("kv_cache_size")?,
    );
    let (column, family, lengths): (&'static str, KernelFamily, Vec<u64>) = if chunk > 0 {
        (
            "time_stats.attn_prefill.median",
            KernelFamily::AttentionContext,
            vec![batch, chunk, cached],
        )
    } else {
        (
            "time_stats.attn_decode.median",
            KernelFamily::AttentionGeneration,
            vec![batch, cached],
        )
    };
    if let Some(time) = time(frame, column, row)? {
        let call = Call::new(family, [family.name(), named(column)], time);
        let mut fields = call.sized(lengths.into_iter().chain(heads_of_rank));
        fields.sizes.insert(0, Cow::Borrowed("float16"));
        each(fields);
    }
    Ok(())
}

fn message(
    collective: &str,
    frame: &Frame,
    row: usize,
    each: &mut dyn FnMut(KernelFields<'_>),
) -> Result<(), ImportError> {
    let column = match collective {
        "all_reduce" => "time_stats.all_reduce.median",
        _ => "time_stats.send_recv.median",
    };
    let devices = frame.count("devices_per_node", row)?;
    let op = format!("{collective}_{devices}_per_node");
    if let Some(time) = time(frame, column, row)? {
        let call = Call::new(KernelFamily::Collective, [&op, "nccl"], time);
        let mut fields = call.sized([frame.count("num_workers", row)?, frame.count("size", row)?]);
        fields.sizes.insert(0, Cow::Borrowed("graph"));
        each(fields);
    }
    Ok(())
}

/// A timed call without its sizes.
struct Call<'a>(KernelFields<'a>);

impl<'a> Call<'a> {
    fn new(family: KernelFamily, [op, kernel]: [&'a str; 2], time: f64) -> Self {
        Self(KernelFields {
            family,
            operator: [op, kernel, "float16"].map(Cow::Borrowed),
            sizes: Vec::new(),
            latency: microseconds(time * 1e3),
            power: String::new(),
        })
    }

    fn sized(mut self, sizes: impl IntoIterator<Item = u64>) -> KernelFields<'a> {
        let sizes = sizes.into_iter().map(|size| Cow::Owned(size.to_string()));
        self.0.sizes = sizes.collect();
        self.0
    }
}

/// A time in ms; `None` where the model has no such operator, or the call took less than the clock resolves.
fn time(frame: &Frame, column: &'static str, row: usize) -> Result<Option<f64>, ImportError> {
    if !frame.has(column) || frame.is_empty(column, row) {
        return Ok(None);
    }
    let time = frame.number(column, row)?;
    if time < 0.0 {
        return Err(frame.bad(column, row, "a time"));
    }
    Ok(Some(time).filter(|time| *time > 0.0))
}

/// `time_stats.attn_rope.median` → `attn_rope`.
fn named(column: &'static str) -> &'static str {
    column
        .strip_prefix("time_stats.")
        .and_then(|rest| rest.strip_suffix(".median"))
        .unwrap_or(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::import::kernel_line;

    fn lines(path: &str, text: &str) -> Result<Vec<String>, ImportError> {
        let path = Path::new(path);
        let place = vidur_place(path).expect("a profile");
        let frame = Frame::of_csv(text.as_bytes())?;
        let mut lines = Vec::new();
        vidur_rows(path, &frame, &mut |fields| {
            lines.push(kernel_line(&place, fields));
        })?;
        Ok(lines)
    }

    #[test]
    fn products_have_the_sizes_of_one_rank() {
        let found = lines(
            "data/profiling/compute/a100/own/made/mlp.csv",
            "time_stats.attn_pre_proj.median,time_stats.mlp_up_proj.median,time_stats.mlp_act.median,n_head,n_kv_head,n_embd,n_expanded_embd,use_gated_mlp,num_tokens,num_tensor_parallel_workers\n0.072,0.1,,64,8,8192,24576,True,40,4\n",
        )
        .expect("rows");
        assert_eq!(
            found,
            [
                "a100_sxm,pytorch,vidur-2024,gemm,attn_pre_proj,float16,40,2560,8192,72,,vidur-a100-own-made-mlp\n",
                "a100_sxm,pytorch,vidur-2024,gemm,mlp_up_proj,float16,40,12288,8192,100,,vidur-a100-own-made-mlp\n",
            ]
        );
    }

    #[test]
    fn prompts_and_single_tokens_are_different_operators() {
        let found = lines(
            "compute/h100/own/made/attention.csv",
            "time_stats.attn_prefill.median,time_stats.attn_decode.median,n_embd,n_q_head,n_kv_head,num_tensor_parallel_workers,batch_size,prefill_chunk_size,kv_cache_size\n0.5,,4096,32,8,2,1,512,1024\n,0.02,4096,32,8,2,16,0,2048\n",
        )
        .expect("rows");
        assert!(found[0].starts_with(
            "h100_sxm,pytorch,vidur-2024,attention_context,attn_prefill,float16,float16,1,512,1024,16,4,128,0,500,"
        ));
        assert!(found[1].starts_with(
            "h100_sxm,pytorch,vidur-2024,attention_generation,attn_decode,float16,float16,16,2048,16,4,128,0,20,"
        ));
    }

    /// The columns of published profiles: five statistics of each operator, then what was timed.
    fn header(operators: &[&str], rest: &str) -> String {
        let statistics = ["min", "max", "mean", "median", "std"];
        let columns = operators
            .iter()
            .flat_map(|name| statistics.map(|statistic| format!("time_stats.{name}.{statistic},")));
        format!("{}{rest}\n", columns.collect::<String>())
    }

    /// Statistics of as many operators, whose medians are 1, 2, 3 … µs.
    fn statistics(operators: usize) -> String {
        let cells = (1..=operators).map(|place| format!("9,9,9,{},9,", place as f64 * 1e-3));
        cells.collect()
    }

    #[test]
    fn the_published_layers_give_four_products_and_five_others_by_their_medians() {
        let operators = [
            "emb",
            "input_layernorm",
            "attn_pre_proj",
            "attn_rope",
            "attn_post_proj",
            "post_attention_layernorm",
            "mlp_up_proj",
            "mlp_act",
            "mlp_down_proj",
            "add",
        ];
        let header = header(
            &operators,
            "n_head,n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,num_tensor_parallel_workers",
        );
        let text = format!(
            "{header}{}32,8,4096,14336,128256,True,96,4\n",
            statistics(10)
        );
        let found = lines("data/profiling/compute/h100/own/made/mlp.csv", &text).expect("rows");
        let call = |line: &String| {
            line.split(',')
                .skip(4)
                .take(6)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let found: Vec<String> = found.iter().map(call).collect();
        let expected = [
            "attn_pre_proj float16 96 1536 4096 3",
            "attn_post_proj float16 96 4096 1024 5",
            "mlp_up_proj float16 96 7168 4096 7",
            "mlp_down_proj float16 96 4096 3584 9",
            "add float16 96 4096 10 ",
            "attn_rope float16 96 1280 4 ",
            "input_layernorm float16 96 4096 2 ",
            "mlp_act float16 96 3584 8 ",
            "post_attention_layernorm float16 96 4096 6 ",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_published_attention_is_told_by_its_chunk() {
        let operators = [
            "attn_input_reshape",
            "attn_kv_cache_save",
            "attn_prefill",
            "attn_decode",
            "attn_output_reshape",
        ];
        let header = header(
            &operators,
            "n_embd,n_q_head,n_kv_head,block_size,num_tensor_parallel_workers,max_model_len,batch_size,prefill_chunk_size,kv_cache_size,is_prefill,attention_backend",
        );
        let row = |rest: &str| format!("{}{rest}\n", statistics(5));
        let prompt = row("4096,32,8,16,2,4096,1,256,512,True,AttentionBackend.FLASHINFER");
        let token = row("4096,32,8,16,2,4096,8,0,1024,False,AttentionBackend.FLASHINFER");
        let text = format!("{header}{prompt}{token}");
        let found = lines("compute/a40/own/made/attention.csv", &text).expect("rows");
        assert!(found[0].contains("attn_prefill,float16,float16,1,256,512,16,4,128,0,3,"));
        assert!(found[1].contains("attn_decode,float16,float16,8,1024,16,4,128,0,4,"));
    }

    #[test]
    fn the_published_network_profiles_have_a_column_without_a_name() {
        let header = header(
            &["send_recv"],
            "rank,num_workers,size,collective,devices_per_node,max_devices_per_node",
        );
        let text = format!(",{header}0,{}0,2,2048,send_recv,2,4\n", statistics(1));
        let found = lines("network/h100_pairwise_nvlink/send_recv.csv", &text).expect("rows");
        assert!(found[0].starts_with(
            "h100_pairwise_nvlink,pytorch_nccl,vidur-2024,send_recv_2_per_node,nccl,float16,graph,2,2048,1,"
        ));
    }

    #[test]
    fn collectives_say_how_many_devices_share_a_node() {
        let found = lines(
            "network/a100_dgx/all_reduce.csv",
            "time_stats.all_reduce.median,rank,num_workers,size,collective,devices_per_node\n0.084,0,2,108544,all_reduce,1\n",
        );
        let expected = "a100_sxm,pytorch_nccl,vidur-2024,all_reduce_1_per_node,nccl,float16,graph,2,108544,84,,vidur-a100_dgx-all_reduce\n";
        assert_eq!(found, Ok(vec![expected.to_owned()]));
    }

    #[test]
    fn zero_heads_are_an_error_and_never_a_division() {
        let text = "n_head,n_kv_head,n_embd,n_expanded_embd,use_gated_mlp,num_tokens,num_tensor_parallel_workers\n0,1,1,1,True,1,1\n";
        assert!(lines("compute/a100/own/made/mlp.csv", text).is_err());
        assert_eq!(
            vidur_place(Path::new("compute/a100/own/made/other.csv")),
            None
        );
    }
}
