//! What of an operator's sizes a fit looks at: how they fill a device's cores, and in what steps.

use super::operator_exchange::{of_collective, of_dispatch};
use crate::ops::{
    AttentionContext, AttentionEncoder, AttentionGeneration, Elementwise, Gemm, Kernel,
    LinearAttention, MlaContext, MlaCore, MlaGeneration, Moe, Routing,
};
use crate::stats::math::{exp, ln};

/// Sizes in which likeness is measured, and features.
type Described = (Vec<f64>, Vec<f64>);

/// Sizes of a call, and features of them on a device of so many cores.
pub(super) fn described(kernel: &Kernel, cores: f64) -> Described {
    match kernel {
        Kernel::Gemm(gemm) => of_gemm(gemm, cores),
        Kernel::AttentionContext(kernel) => of_attention(&context(kernel), cores),
        Kernel::AttentionGeneration(kernel) => of_attention(&generation(kernel), cores),
        Kernel::AttentionEncoder(kernel) => of_attention(&encoder(kernel), cores),
        Kernel::MlaContext(kernel) => of_latent(&latent_context(kernel), cores),
        Kernel::MlaGeneration(kernel) => of_latent(&latent_generation(kernel), cores),
        Kernel::MlaModule(module) => match &module.core {
            MlaCore::Context(kernel) => of_latent(&latent_context(kernel), cores),
            MlaCore::Generation(kernel) => of_latent(&latent_generation(kernel), cores),
        },
        Kernel::Moe(moe) => of_experts(moe, cores),
        Kernel::Elementwise(kernel) => of_elementwise(kernel, cores),
        Kernel::LinearAttention(kernel) => of_recurrence(kernel, cores),
        Kernel::MoeDispatch(kernel) => of_dispatch(kernel),
        Kernel::Collective(kernel) => of_collective(kernel.bytes, f64::from(kernel.group)),
    }
}

/// Rounds of a device's cores, `⌈n / cores⌉`, over the rounds that would be needed if the last one were full.
fn last_round(blocks: f64, cores: f64) -> f64 {
    ln((blocks / cores).ceil() * cores / blocks)
}

/// The logarithm of the share of cores that have work, 0 when all have.
fn idle_cores(blocks: f64, cores: f64) -> f64 {
    ln((blocks / cores).min(1.0))
}

/// What rounding up to whole tiles adds.
fn tile_waste(size: f64, tile: f64) -> f64 {
    ln((size / tile).ceil() * tile / size)
}

/// Blocks of a matrix product: tiles of 128 by 128, the usual tile of CUTLASS (`media/docs/efficient_gemm.md` of `NVIDIA/cutlass`).
const TILE: f64 = 128.0;

fn of_gemm(gemm: &Gemm, cores: f64) -> Described {
    let (m, n, k) = (gemm.m.max(1.0), gemm.n.max(1.0), gemm.k.max(1.0));
    let blocks = gemm.batch.max(1.0) * (m / TILE).ceil() * (n / TILE).ceil();
    let idle = idle_cores(blocks, cores);
    let traits = vec![
        tile_waste(m, TILE),
        last_round(blocks, cores),
        idle,
        ln(m.min(16.0)),
        ln(m.clamp(16.0, 128.0)),
        ln(m.clamp(128.0, 2048.0)),
        ln(m.max(2048.0)),
        ln(n),
        ln(k),
        tile_waste(n, TILE),
        idle * ln(k),
        idle * idle,
    ];
    (vec![m, n, k], traits)
}

/// Attention of any phase.
struct Attention {
    batch: f64,
    queries: f64,
    keys: f64,
    heads: f64,
    kv_heads: f64,
    width: f64,
    window: Option<f64>,
}

fn context(kernel: &AttentionContext) -> Attention {
    Attention {
        batch: kernel.batch,
        queries: kernel.q_len,
        keys: kernel.prefix_len + kernel.q_len,
        heads: kernel.heads.queries,
        kv_heads: kernel.heads.kv,
        width: kernel.heads.head_dim,
        window: kernel.window,
    }
}

fn generation(kernel: &AttentionGeneration) -> Attention {
    Attention {
        batch: kernel.batch,
        queries: kernel.q_len,
        keys: kernel.kv_len,
        heads: kernel.heads.queries,
        kv_heads: kernel.heads.kv,
        width: kernel.heads.head_dim,
        window: kernel.window,
    }
}

fn encoder(kernel: &AttentionEncoder) -> Attention {
    Attention {
        batch: kernel.batch,
        queries: kernel.q_len,
        keys: kernel.kv_len,
        heads: kernel.heads.queries,
        kv_heads: kernel.heads.kv,
        width: kernel.heads.head_dim,
        window: None,
    }
}

fn of_attention(call: &Attention, cores: f64) -> Described {
    let (batch, heads, kv_heads) = (
        call.batch.max(1.0),
        call.heads.max(1.0),
        call.kv_heads.max(1.0),
    );
    let keys = call.keys.max(1.0);
    let seen = call.window.map_or(keys, |window| window.clamp(1.0, keys));
    let shared = heads / kv_heads;
    // A block holds 128 rows of queries that share a key head.
    let blocks = batch * kv_heads * (call.queries.max(1.0) * shared / TILE).ceil();
    let filled = ln(blocks / cores);
    let length = if call.queries > 1.0 {
        ln(call.queries)
    } else {
        ln(seen)
    };
    let windowed = f64::from(u8::from(call.window.is_some()));
    let is_width = |width: f64| f64::from(u8::from((call.width - width).abs() < 0.5));
    let traits = vec![
        ln(batch),
        length,
        ln(heads),
        ln(kv_heads),
        ln(call.width.max(1.0)),
        ln(shared),
        windowed,
        windowed * ln(seen / keys),
        filled.min(0.0),
        last_round(blocks, cores),
        (length - ln(512.0)).max(0.0),
        (length - ln(4096.0)).max(0.0),
        is_width(64.0),
        is_width(256.0),
        filled.max(0.0),
        f64::from(u8::from(shared <= 1.0)),
        length * ln(call.width.max(1.0)),
        filled.min(0.0) * length,
    ];
    // No window is as likely as the widest one.
    let window = call.window.unwrap_or(1e6);
    let sizes = vec![batch, exp(length), heads, kv_heads, call.width, window];
    (sizes, traits)
}

/// Latent attention of any phase.
struct Latent {
    batch: f64,
    queries: f64,
    keys: f64,
    heads: f64,
}

const fn latent_context(kernel: &MlaContext) -> Latent {
    Latent {
        batch: kernel.batch,
        queries: kernel.q_len,
        keys: kernel.prefix_len + kernel.q_len,
        heads: kernel.heads,
    }
}

const fn latent_generation(kernel: &MlaGeneration) -> Latent {
    Latent {
        batch: kernel.batch,
        queries: kernel.q_len,
        keys: kernel.kv_len,
        heads: kernel.heads,
    }
}

fn of_latent(call: &Latent, cores: f64) -> Described {
    let [batch, queries, keys, heads] =
        [call.batch, call.queries, call.keys, call.heads].map(|size| size.max(1.0));
    let blocks = batch * (queries * heads / TILE).ceil();
    let filled = ln(blocks / cores);
    let traits = vec![
        ln(batch),
        ln(queries),
        ln(keys),
        ln(heads),
        (ln(keys) - ln(1024.0)).max(0.0),
        (ln(keys) - ln(8192.0)).max(0.0),
        filled.min(0.0),
        filled.max(0.0),
        last_round(blocks, cores),
        filled.min(0.0) * ln(keys),
        ln(batch * queries),
        (ln(batch * queries) - ln(128.0)).max(0.0),
    ];
    (vec![batch, queries, keys, heads], traits)
}

fn of_experts(moe: &Moe, cores: f64) -> Described {
    let skew = match moe.routing {
        Routing::Uniform | Routing::Balanced => 0.0,
        Routing::PowerLaw(exponent) => exponent,
    };
    let inner = (moe.inter / moe.tp).max(1.0);
    let (tokens, touched) = (moe.tokens.max(1.0), moe.touched().max(1e-3));
    let rows = (moe.rows() / touched).max(1e-3);
    let blocks = touched * (rows / 64.0).ceil() * (2.0 * inner / TILE).ceil();
    let length = ln(tokens);
    let traits = vec![
        length,
        (length - ln(64.0)).max(0.0),
        (length - ln(1024.0)).max(0.0),
        ln(moe.hidden.max(1.0)),
        ln(inner),
        ln(moe.topk.max(1.0)),
        ln(moe.experts.max(1.0)),
        ln(moe.ep.max(1.0)),
        skew,
        ln(rows.max(1.0)),
        (ln(rows) - ln(64.0)).max(0.0),
        tile_waste(rows.max(1.0), 64.0),
        idle_cores(blocks, cores),
        skew * length,
        skew * ln(moe.ep.max(1.0)),
        ln(touched.max(0.1)),
        ln(moe.tp.max(1.0)),
    ];
    let held = moe.experts / moe.ep;
    let sizes = vec![tokens, moe.hidden, inner, moe.topk, held, exp(skew), moe.ep];
    (sizes, traits)
}

fn of_elementwise(kernel: &Elementwise, cores: f64) -> Described {
    let (tokens, width) = (kernel.tokens.max(1.0), kernel.width.max(1.0));
    let traits = vec![
        ln(tokens),
        ln(width),
        idle_cores(tokens, cores),
        (ln(tokens) - ln(1024.0)).max(0.0),
        ln(tokens) * ln(width),
    ];
    (vec![tokens, width], traits)
}

fn of_recurrence(kernel: &LinearAttention, cores: f64) -> Described {
    let (batch, length) = (kernel.batch.max(1.0), kernel.seq_len.max(1.0));
    let heads = &kernel.heads;
    let [keys, values, key_dim, value_dim] =
        [heads.keys, heads.values, heads.key_dim, heads.value_dim].map(|size| size.max(1.0));
    let blocks = batch * values;
    let filled = ln(blocks / cores);
    let traits = vec![
        ln(batch),
        ln(length),
        ln(keys),
        ln(values),
        ln(key_dim),
        ln(value_dim),
        filled.min(0.0),
        filled.max(0.0),
        (ln(length) - ln(256.0)).max(0.0),
        (ln(length) - ln(4096.0)).max(0.0),
        ln(batch * length),
    ];
    (
        vec![batch, length, keys, values, key_dim, value_dim],
        traits,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_round_that_is_full_wastes_nothing() {
        assert_eq!(last_round(264.0, 132.0), 0.0);
        assert!((last_round(133.0, 132.0) - ln(264.0 / 133.0)).abs() < 1e-12);
    }

    #[test]
    fn cores_are_idle_only_below_one_round() {
        assert_eq!(idle_cores(200.0, 132.0), 0.0);
        assert!((idle_cores(66.0, 132.0) - ln(0.5)).abs() < 1e-12);
    }
}
