//! Number formats: what a stored value costs in bits, and which arithmetic it feeds.

use super::Arithmetic;

/// How a number is stored.
///
/// Block formats count their scales: `Q4_0` stores 32 weights in 18 bytes, which is 4.5 bits a weight. The llama.cpp
/// mixtures (`Q4_K_M` and others) name a rule that gives each tensor one of the block formats; `ops` applies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum Format {
    Fp32,
    Tf32,
    Bf16,
    Fp16,
    Fp8,
    Fp8Block,
    Int8,
    W8A8Int8,
    Int6,
    Int5,
    Int4,
    Int3,
    Int2,
    Nvfp4,
    Mxfp4,
    Ternary,
    Binary,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
    Q2KS,
    Q2KM,
    Q3KS,
    Q3KM,
    Q3KL,
    Q4KS,
    Q4KM,
    Q5KS,
    Q5KM,
    Iq1S,
    Iq2Xxs,
    Iq2Xs,
    Iq2S,
    Iq3Xxs,
    Iq3S,
    Iq4Nl,
    Iq4Xs,
}

/// Which format each kind of tensor has, and the arithmetic of matrix products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Precision {
    /// Stored weights.
    pub weights: Format,
    /// Activations between operators.
    pub activations: Format,
    /// Cached keys and values.
    pub kv_cache: Format,
    /// What the matrix units compute in.
    pub compute: Arithmetic,
}
