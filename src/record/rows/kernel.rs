//! A line of a kernel table as one operator.

use super::kernel_precision::{of_dtype, with_kv};
use super::{KernelFamily, Line, Skip, Table, positive, whole};
use crate::catalog::{Precision, RecurrentKind};
use crate::ops::{
    AttentionContext, AttentionEncoder, AttentionGeneration, Collective, CollectiveKind,
    DispatchKind, Elementwise, ElementwiseKind, Gemm, GroupKind, Heads, Kernel, KeySource,
    LatentDims, LinearAttention, MlaContext, MlaCore, MlaGeneration, MlaModule, Moe, MoeDispatch,
    RecurrentHeads, RecurrentPart, RecurrentPhase, Routing,
};
use crate::units::Seconds;

/// One timed operator call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KernelRow<'a> {
    /// Name of the device.
    pub hardware: &'a str,
    /// The operator with its sizes.
    pub kernel: Kernel,
    /// Time of one call.
    pub time: Seconds,
}

/// Reads a line of a kernel table.
///
/// # Errors
///
/// The reason why the line cannot be compared.
pub fn kernel_row<'a>(
    table: &Table,
    line: &'a Line,
    family: KernelFamily,
) -> Result<KernelRow<'a>, Skip> {
    if line.fields.is_none() {
        return Err(Skip::BadValue);
    }
    let fields = Fields { table, line };
    let hardware = fields.table.field(line, "hardware");
    if hardware.is_empty() {
        return Err(Skip::MissingField("hardware"));
    }
    let latency = positive(fields.text("latency_us"))?.ok_or(Skip::MissingField("latency_us"))?;
    Ok(KernelRow {
        hardware,
        kernel: fields.kernel(family)?,
        time: Seconds::new(latency * 1e-6),
    })
}

#[derive(Clone, Copy)]
struct Fields<'t, 'a> {
    table: &'t Table,
    line: &'a Line,
}

impl<'a> Fields<'_, 'a> {
    fn text(&self, column: &str) -> &'a str {
        self.table.field(self.line, column)
    }

    /// A size above zero.
    fn size(&self, column: &'static str) -> Result<f64, Skip> {
        let size = self.amount(column)?;
        if size > 0.0 {
            Ok(size)
        } else {
            Err(Skip::BadValue)
        }
    }

    /// A size that may be zero.
    fn amount(&self, column: &'static str) -> Result<f64, Skip> {
        whole(self.text(column))?.ok_or(Skip::MissingField(column))
    }

    fn group(&self, column: &'static str) -> Result<u32, Skip> {
        let size = self.size(column)?;
        if size <= 1e6 {
            Ok(size as u32)
        } else {
            Err(Skip::BadValue)
        }
    }

    fn precision(&self) -> Result<Precision, Skip> {
        of_dtype(self.text("dtype")).ok_or(Skip::UnknownPrecision)
    }

    fn attention_precision(&self) -> Result<Precision, Skip> {
        with_kv(self.precision()?, self.text("kv_dtype")).ok_or(Skip::UnknownPrecision)
    }

    fn heads(&self) -> Result<Heads, Skip> {
        let (queries, kv) = (self.size("heads")?, self.size("kv_heads")?);
        Ok(Heads::new(queries, kv, self.size("head_dim")?))
    }

    fn window(&self) -> Result<Option<f64>, Skip> {
        Ok(Some(self.amount("window")?).filter(|window| *window > 0.0))
    }

    fn kernel(&self, family: KernelFamily) -> Result<Kernel, Skip> {
        match family {
            KernelFamily::Gemm => self.gemm(),
            KernelFamily::AttentionContext => self.attention_context(),
            KernelFamily::AttentionGeneration => self.attention_generation(),
            KernelFamily::AttentionEncoder => self.attention_encoder(),
            KernelFamily::Mla => self.mla(),
            KernelFamily::Moe => self.moe(),
            KernelFamily::MoeDispatch => self.moe_dispatch(),
            KernelFamily::Collective => self.collective(),
            KernelFamily::LinearAttention => self.linear_attention(),
            KernelFamily::Elementwise => self.elementwise(),
        }
    }

    fn gemm(&self) -> Result<Kernel, Skip> {
        let (m, n, k) = (self.size("m")?, self.size("n")?, self.size("k")?);
        Ok(Kernel::Gemm(Gemm::new(m, n, k, self.precision()?)))
    }

    fn attention_context(&self) -> Result<Kernel, Skip> {
        Ok(Kernel::AttentionContext(AttentionContext {
            batch: self.size("batch")?,
            q_len: self.size("q_len")?,
            prefix_len: self.amount("prefix_len")?,
            heads: self.heads()?,
            window: self.window()?,
            precision: self.attention_precision()?,
        }))
    }

    fn attention_generation(&self) -> Result<Kernel, Skip> {
        Ok(Kernel::AttentionGeneration(AttentionGeneration {
            batch: self.size("batch")?,
            q_len: 1.0,
            kv_len: self.size("kv_len")?,
            heads: self.heads()?,
            window: self.window()?,
            precision: self.attention_precision()?,
        }))
    }

    fn attention_encoder(&self) -> Result<Kernel, Skip> {
        let (heads, length) = (self.size("heads")?, self.size("q_len")?);
        Ok(Kernel::AttentionEncoder(AttentionEncoder {
            batch: self.size("batch")?,
            q_len: length,
            kv_len: length,
            heads: Heads::new(heads, heads, self.size("head_dim")?),
            keys: KeySource::Fresh,
            precision: self.precision()?,
        }))
    }

    fn mla(&self) -> Result<Kernel, Skip> {
        let op = self.text("op");
        let (q_len, kv_len) = (self.size("q_len")?, self.size("kv_len")?);
        let context = MlaContext {
            batch: self.size("batch")?,
            q_len,
            prefix_len: (kv_len - q_len).max(0.0),
            heads: self.size("heads")?,
            dims: LatentDims::DEEPSEEK_V3,
            precision: self.attention_precision()?,
        };
        let generation = MlaGeneration {
            batch: context.batch,
            q_len,
            kv_len,
            heads: context.heads,
            dims: context.dims,
            precision: context.precision,
        };
        let module = |core| -> Result<Kernel, Skip> {
            let gemm = of_dtype(self.text("gemm_dtype")).ok_or(Skip::UnknownPrecision)?;
            Ok(Kernel::MlaModule(MlaModule { core, gemm }))
        };
        match op {
            "mla_context" => Ok(Kernel::MlaContext(context)),
            "mla_generation" => Ok(Kernel::MlaGeneration(generation)),
            "mla_context_module" => module(MlaCore::Context(context)),
            "mla_generation_module" => module(MlaCore::Generation(generation)),
            _ => Err(Skip::UnknownMetric),
        }
    }

    fn moe(&self) -> Result<Kernel, Skip> {
        let precision = self.precision()?;
        let routing = match self.text("distribution") {
            "balanced" => Routing::Balanced,
            "uniform" => Routing::Uniform,
            other => {
                let exponent = other.strip_prefix("power_law_").unwrap_or_default();
                Routing::PowerLaw(positive(exponent)?.ok_or(Skip::BadValue)?)
            }
        };
        let gated = !self.text("kernel").contains("nongated");
        Ok(Kernel::Moe(Moe {
            tokens: self.size("tokens")?,
            hidden: self.size("hidden")?,
            inter: self.size("inter")?,
            topk: self.size("topk")?,
            experts: f64::from(self.group("experts")?),
            tp: self.size("tp")?,
            ep: self.size("ep")?,
            matrices: if gated { 3.0 } else { 2.0 },
            routing,
            precision,
            weight_bits: precision.weights.bits_per_weight(),
        }))
    }

    fn moe_dispatch(&self) -> Result<Kernel, Skip> {
        /// Ranks of a node in the benchmarks of `deepseek-ai/DeepEP`, `--num-processes` of `tests/test_intranode.py`.
        const RANKS: u32 = 8;
        let op = self.text("op");
        let kind = if op.ends_with("_dispatch") {
            DispatchKind::Dispatch
        } else if op.ends_with("_combine") {
            DispatchKind::Combine
        } else {
            return Err(Skip::UnknownMetric);
        };
        let reserved = self.amount("sms")?;
        Ok(Kernel::MoeDispatch(MoeDispatch {
            kind,
            tokens: self.size("tokens")?,
            hidden: self.size("hidden")?,
            topk: self.size("topk")?,
            experts: self.size("experts")?,
            ep: RANKS.saturating_mul(self.group("nodes")?),
            processors: (reserved > 0.0).then_some(reserved as u32),
            precision: self.precision()?,
        }))
    }

    fn collective(&self) -> Result<Kernel, Skip> {
        const KINDS: [(&str, CollectiveKind); 5] = [
            ("all_reduce", CollectiveKind::AllReduce),
            ("all_gather", CollectiveKind::AllGather),
            ("reduce_scatter", CollectiveKind::ReduceScatter),
            ("all_to_all", CollectiveKind::AllToAll),
            ("send_recv", CollectiveKind::SendRecv),
        ];
        let op = self.text("op");
        let kind = KINDS.iter().find(|(name, _)| op.contains(name));
        let (_, kind) = kind.ok_or(Skip::UnknownMetric)?;
        let group = self.group("gpus")?;
        let in_a_node = op
            .strip_suffix("_per_node")
            .and_then(|op| op.rsplit('_').next()?.parse::<u32>().ok());
        if in_a_node.is_some_and(|devices| devices < group) {
            return Err(Skip::UnsupportedScenario);
        }
        Ok(Kernel::Collective(Collective {
            kind: *kind,
            bytes: self.size("bytes")?,
            group,
            dimension: GroupKind::Tensor,
        }))
    }

    fn linear_attention(&self) -> Result<Kernel, Skip> {
        let (kind, key_dim) = match self.text("op") {
            "gdn" => (RecurrentKind::GatedDeltaNet, "kv_head_dim"),
            "mamba2" => (RecurrentKind::Mamba2, "d_state"),
            _ => return Err(Skip::UnknownMetric),
        };
        let phase = match self.text("phase") {
            "context" => RecurrentPhase::Context,
            "generation" => RecurrentPhase::Generation,
            _ => return Err(Skip::BadValue),
        };
        let is_convolution = self.text("kernel").contains("conv1d");
        Ok(Kernel::LinearAttention(LinearAttention {
            part: if is_convolution {
                RecurrentPart::Convolution
            } else {
                RecurrentPart::Core
            },
            phase,
            batch: self.size("batch")?,
            seq_len: self.size("seq_len")?,
            heads: RecurrentHeads {
                kind,
                keys: self.size("kv_heads")?,
                values: self.size("heads")?,
                key_dim: self.size(key_dim)?,
                value_dim: self.size("head_dim")?,
                conv: self.size("d_conv")?,
            },
            precision: self.precision()?,
        }))
    }

    fn elementwise(&self) -> Result<Kernel, Skip> {
        let kind = match self.text("op") {
            "quantize_fp8" => ElementwiseKind::Quantize,
            "attn_rope" => ElementwiseKind::Rotary,
            "mlp_act" => ElementwiseKind::GatedActivation,
            "input_layernorm" | "post_attention_layernorm" => ElementwiseKind::Norm,
            "add" => ElementwiseKind::Add,
            _ => return Err(Skip::UnknownMetric),
        };
        Ok(Kernel::Elementwise(Elementwise {
            kind,
            tokens: self.size("tokens")?,
            width: self.size("width")?,
            precision: self.precision()?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Family;
    use super::*;

    fn read(dimensions: &str, values: &str) -> Result<Kernel, Skip> {
        let text = format!(
            "hardware,backend,backend_version,op,kernel,dtype,{dimensions},latency_us,power_w,source_id\n{values},12.5,,k\n"
        );
        let table = Table::read(text.as_bytes()).expect("a kernel table");
        let Family::Kernel(family) = table.family else {
            panic!("a kernel table");
        };
        kernel_row(&table, &table.lines[0], family).map(|row| row.kernel)
    }

    #[test]
    fn a_matrix_product_keeps_its_sizes() {
        let Ok(Kernel::Gemm(gemm)) = read("m,n,k", "h100_sxm,vllm,1,gemm,x,fp8,1,2,3") else {
            panic!("a product");
        };
        assert_eq!((gemm.m as u8, gemm.n as u8, gemm.k as u8), (1, 2, 3));
    }

    #[test]
    fn a_window_of_zero_is_full_attention() {
        let columns = "kv_dtype,batch,kv_len,heads,kv_heads,head_dim,window";
        let read = |window: &str| {
            let values =
                format!("h100,vllm,1,attention_generation,x,bfloat16,fp8,4,512,32,8,128,{window}");
            match read(columns, &values) {
                Ok(Kernel::AttentionGeneration(kernel)) => kernel.window,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(read("0"), None);
        assert_eq!(read("128"), Some(128.0));
    }

    #[test]
    fn a_collective_over_nodes_is_not_one_of_a_node() {
        let read = |op: &str| {
            read(
                "mode,gpus,bytes",
                &format!("h100,nccl,1,{op},nccl,half,graph,2,1024"),
            )
        };
        assert!(matches!(
            read("all_reduce_2_per_node"),
            Ok(Kernel::Collective(_))
        ));
        assert!(matches!(read("nccl_all_to_all"), Ok(Kernel::Collective(_))));
        assert_eq!(read("send_recv_1_per_node"), Err(Skip::UnsupportedScenario));
    }

    #[test]
    fn sizes_that_are_no_sizes_are_bad_values() {
        let read = |m: &str| read("m,n,k", &format!("h100,vllm,1,gemm,x,bfloat16,{m},2,3"));
        for m in ["0", "-1", "NaN", "x", "29.78", "1e16"] {
            assert_eq!(read(m), Err(Skip::BadValue), "{m}");
        }
        assert_eq!(read(""), Err(Skip::MissingField("m")));
    }

    #[test]
    fn an_unknown_number_format_is_named_so() {
        let found = read("m,n,k", "h100,vllm,1,gemm,x,fp12,1,2,3");
        assert_eq!(found, Err(Skip::UnknownPrecision));
    }
}
