//! Tables of `ai-dynamo/aiconfigurator`: one file for each operator, system, backend and version.
//!
//! Layouts: `systems/data/<system>/<group>/<backend>/<version>/<table>_perf.parquet`, and the older
//! `systems/data/<system>/<backend>/<version>/<table>_perf.txt`, which is CSV. Times are in ms, or in µs where the column
//! says so; messages are counted in elements and become bytes.

use std::borrow::Cow;
use std::path::Path;

use super::aiconfigurator_recipes::{LIBRARIES, Origin, RECIPES, Recipe};
use super::kernel_text::{KernelFields, KernelPlace, microseconds, watts};
use super::{Frame, ImportError};

/// Folders between system and backend in the newer layout.
const GROUPS: [&str; 14] = [
    "attention",
    "comm",
    "encoder_attention",
    "gemm",
    "kda",
    "linear_attention",
    "mhc",
    "mla",
    "mla_bmm",
    "mlp",
    "moe",
    "msa",
    "quantize",
    "sparse_attention",
];

/// The column that names the kernel.
const KERNEL: &str = "kernel_source";

/// What the path of a table says; `None` where it is no table of this repository, or of an operator that no recipe knows.
pub fn aiconfigurator_place(path: &Path) -> Option<KernelPlace> {
    let table = path.file_stem()?.to_str()?;
    if !RECIPES.iter().any(|recipe| recipe.table == table) {
        return None;
    }
    let parts: Vec<&str> = path
        .iter()
        .rev()
        .skip(1)
        .filter_map(|part| part.to_str())
        .collect();
    let (version, backend) = (parts.first()?, parts.get(1)?);
    let group = parts.get(2)?;
    let system = if GROUPS.contains(group) {
        parts.get(3)?
    } else {
        group
    };
    Some(KernelPlace {
        hardware: (*system).to_owned(),
        backend: (*backend).to_owned(),
        version: (*version).to_owned(),
        source: format!("aiconfigurator-{system}-{backend}-{version}-{table}"),
    })
}

/// Converts the rows of a table, one after the other.
///
/// # Errors
///
/// The first column that is missing or cell that cannot be read; rows may have been handed on before.
pub fn aiconfigurator_rows(
    path: &Path,
    frame: &Frame,
    each: &mut dyn FnMut(KernelFields<'_>),
) -> Result<(), ImportError> {
    let table = path.file_stem().unwrap_or_default();
    for recipe in RECIPES.iter().filter(|recipe| table == recipe.table) {
        for row in 0..frame.rows() {
            each(converted(recipe, frame, row)?);
        }
    }
    Ok(())
}

fn converted<'a>(
    recipe: &Recipe,
    frame: &'a Frame,
    row: usize,
) -> Result<KernelFields<'a>, ImportError> {
    let sizes = recipe.sizes.iter().map(|from| field(*from, frame, row));
    let mut time = frame.positive(recipe.time[0], row)?;
    for further in &recipe.time[1..] {
        if frame.has(further) {
            time += frame.number(further, row)?.max(0.0);
        }
    }
    let power = if frame.has("power") && !frame.is_empty("power", row) {
        frame.number("power", row)?
    } else {
        0.0
    };
    Ok(KernelFields {
        family: recipe.family,
        operator: [
            field(recipe.op, frame, row)?,
            kernel(recipe, frame, row)?,
            field(recipe.dtype, frame, row)?,
        ],
        sizes: sizes.collect::<Result<_, _>>()?,
        latency: microseconds(time * recipe.scale),
        power: watts(power),
    })
}

/// The kernel of a row; where the table states none, the library that it is of.
fn kernel<'a>(recipe: &Recipe, frame: &'a Frame, row: usize) -> Result<Cow<'a, str>, ImportError> {
    let library = LIBRARIES.iter().find(|(table, _)| *table == recipe.table);
    match library {
        Some((_, name)) if !frame.has(KERNEL) => Ok(Cow::Borrowed(name)),
        Some(_) | None => frame.word(KERNEL, row),
    }
}

fn field(from: Origin, frame: &Frame, row: usize) -> Result<Cow<'_, str>, ImportError> {
    let counted = |count: u64| Cow::Owned(count.to_string());
    Ok(match from {
        Origin::Fixed(text) => Cow::Borrowed(text),
        Origin::Word(column) => frame.word(column, row)?,
        Origin::Count(column) => counted(frame.count(column, row)?),
        Origin::OrZero(column) if frame.has(column) => counted(frame.count(column, row)?),
        Origin::OrZero(_) => Cow::Borrowed("0"),
        Origin::Sum(a, b) => counted(frame.count(a, row)? + frame.count(b, row)?),
        Origin::Bytes(elements, format) => {
            let size = match frame.word(format, row)?.as_ref() {
                "half" | "float16" | "bfloat16" => 2,
                "int8" | "fp8" => 1,
                "float" | "float32" => 4,
                _ => return Err(frame.bad(format, row, "a format of known size")),
            };
            counted(frame.count(elements, row)? * size)
        }
        Origin::Launch if !frame.has(KERNEL) => Cow::Borrowed("graph"),
        Origin::Launch => Cow::Borrowed(if frame.word(KERNEL, row)?.ends_with("_eager") {
            "eager"
        } else {
            "graph"
        }),
        Origin::Collective(prefix) => {
            let name = frame.word("op_name", row)?;
            let name = if name == "alltoall" {
                "all_to_all"
            } else {
                &*name
            };
            Cow::Owned(format!("{prefix}{name}"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::import::kernel_line;

    fn lines(path: &str, text: &str) -> Result<Vec<String>, ImportError> {
        let path = Path::new(path);
        let place = aiconfigurator_place(path).expect("a known table");
        let frame = Frame::of_csv(text.as_bytes())?;
        let mut lines = Vec::new();
        aiconfigurator_rows(path, &frame, &mut |fields| {
            lines.push(kernel_line(&place, fields));
        })?;
        Ok(lines)
    }

    #[test]
    fn both_layouts_name_system_backend_and_version() {
        for path in [
            "systems/data/b9/gemm/vllm/1.2/gemm_perf.parquet",
            "systems/data/b9/vllm/1.2/gemm_perf.txt",
        ] {
            let place = aiconfigurator_place(Path::new(path)).expect("a table");
            assert_eq!(place.hardware, "b9");
            assert_eq!((&*place.backend, &*place.version), ("vllm", "1.2"));
        }
        for path in [
            "b9/vllm/1.2/unheard_perf.parquet",
            "gemm_perf.parquet",
            "README.md",
        ] {
            assert_eq!(aiconfigurator_place(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn milliseconds_become_microseconds_and_elements_bytes() {
        let found = lines(
            "b9/nccl/2.27/nccl_perf.txt",
            "op_name,kernel_source,nccl_dtype,num_gpus,message_size,latency\nalltoall,NCCL,half,4,256,0.00898\n",
        );
        let expected = "b9,nccl,2.27,nccl_all_to_all,NCCL,half,graph,4,512,8.98,,aiconfigurator-b9-nccl-2.27-nccl_perf\n";
        assert_eq!(found, Ok(vec![expected.to_owned()]));
    }

    #[test]
    fn a_table_of_a_library_needs_no_column_of_kernels() {
        let found = lines(
            "b9/nccl/2.27/nccl_perf.txt",
            "nccl_dtype,num_gpus,message_size,op_name,latency\nhalf,4,256,alltoall,0.00898\n",
        );
        let expected = "b9,nccl,2.27,nccl_all_to_all,NCCL,half,graph,4,512,8.98,,aiconfigurator-b9-nccl-2.27-nccl_perf\n";
        assert_eq!(found, Ok(vec![expected.to_owned()]));
        let other = lines(
            "b9/vllm/1/custom_allreduce_perf.txt",
            "allreduce_dtype,num_gpus,message_size,latency\nhalf,4,256,0.00898\n",
        );
        assert_eq!(other, Err(ImportError::MissingColumn("kernel_source")));
    }

    #[test]
    fn decode_reads_the_cache_and_the_new_token() {
        let found = lines(
            "b9/sglang/0.5/generation_attention_perf.txt",
            "kernel_source,batch_size,isl,num_heads,num_key_value_heads,head_dim,attn_dtype,kv_cache_dtype,step,latency,power\nfa,2,1,8,4,128,bfloat16,fp8,1023,0.0141,310.25\n",
        )
        .expect("rows");
        assert!(found[0].starts_with(
            "b9,sglang,0.5,attention_generation,fa,bfloat16,fp8,2,1024,8,4,128,0,14.1,310.2,"
        ));
    }

    #[test]
    fn a_table_that_times_two_operators_gives_both() {
        let found = lines(
            "b9/comm/sglang/0.5/wideep_deepep_ll_perf.txt",
            "kernel_source,node_num,hidden_size,num_token,num_topk,num_experts,combine_avg_t_us,dispatch_avg_t_us\ndeepep,1,2048,1,8,128,16.836,16.485\n",
        )
        .expect("rows");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn what_is_missing_or_broken_is_named() {
        let path = "b9/vllm/1/gemm_perf.txt";
        let said = |text: &str| lines(path, text).expect_err("broken").to_string();
        assert_eq!(
            said("kernel_source,m,n,k,latency\nx,1,2,3,1\n"),
            "there is no column `gemm_dtype`"
        );
        assert_eq!(
            said("kernel_source,gemm_dtype,m,n,k,latency\nx,fp8,1,2,3,NaN\n"),
            "line 2, column `latency`: `NaN` is not a number"
        );
        assert_eq!(
            said("kernel_source,gemm_dtype,m,n,k,latency\nx,fp8,1.5,2,3,1\n"),
            "line 2, column `m`: `1.5` is not a count"
        );
    }
}
