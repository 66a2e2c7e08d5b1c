//! Precision names of scenarios: which format each kind of tensor gets.

use super::{Arithmetic, Format};

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

impl Precision {
    /// The names a scenario may write, in the order help lists them.
    pub const NAMES: [&'static str; 23] = [
        "fp32",
        "tf32",
        "bf16",
        "fp16",
        "fp8",
        "int8",
        "w8a8",
        "w4a16",
        "mxfp4",
        "mxfp4_moe",
        "nvfp4",
        "q4_0",
        "q4_1",
        "q5_0",
        "q5_1",
        "q8_0",
        "q2_k",
        "q3_k_m",
        "q4_k_s",
        "q4_k_m",
        "q5_k_m",
        "q6_k",
        "iq4_xs",
    ];

    /// The same format everywhere.
    pub const fn uniform(format: Format) -> Self {
        Self {
            weights: format,
            activations: format,
            kv_cache: format,
            compute: format.feeds(),
        }
    }

    /// The precision of a name.
    ///
    /// Only the weights (and what the products run in) follow a quantised name; the rest is what serving software does
    /// unless told otherwise:
    ///
    /// | Name | Weights | Activations | KV cache | Products |
    /// |---|---|---|---|---|
    /// | `fp32`, `bf16`, `fp16` | same | same | same | same |
    /// | `tf32` | fp32 | fp32 | fp32 | tf32 |
    /// | `fp8` | fp8 | bf16 | bf16 (vLLM `kv_cache_dtype=auto`) | fp8 |
    /// | `int8` | int8 | int8 | fp16 | int8: a network quantised as a whole |
    /// | `w8a8` | int8, one scale per channel | bf16, quantised on the fly | bf16 | int8 |
    /// | `w4a16` | int4 in groups of 128 | fp16 | fp16 | fp16 |
    /// | `mxfp4` | MXFP4 | bf16 | bf16 | bf16: only weights are quantised, as gpt-oss is published |
    /// | `nvfp4` | NVFP4 | bf16, quantised on the fly | bf16 | fp4 |
    /// | llama.cpp types, `mxfp4_moe` among them | that type | fp16, the operands of its products | fp16 (`cache_type_k = f16`) | fp16 |
    ///
    /// `gguf` and maps are not names: they need a file or the parts.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace('-', "_");
        let over_bf16 = |weights, compute| Self {
            weights,
            activations: Format::Bf16,
            kv_cache: Format::Bf16,
            compute,
        };
        Some(match name.as_str() {
            "fp32" => Self::uniform(Format::Fp32),
            "bf16" => Self::uniform(Format::Bf16),
            "fp16" => Self::uniform(Format::Fp16),
            "tf32" => Self {
                compute: Arithmetic::Tf32,
                ..Self::uniform(Format::Fp32)
            },
            "fp8" => over_bf16(Format::Fp8, Arithmetic::Fp8),
            "int8" => Self {
                kv_cache: Format::Fp16,
                ..Self::uniform(Format::Int8)
            },
            "w8a8" => over_bf16(Format::W8A8Int8, Arithmetic::Int8),
            "w4a16" => Self {
                weights: Format::Int4,
                ..Self::uniform(Format::Fp16)
            },
            "mxfp4" => over_bf16(Format::Mxfp4, Arithmetic::Bf16),
            "nvfp4" => over_bf16(Format::Nvfp4, Arithmetic::Fp4),
            other => return Self::ggml(Format::from_name(other)?, other),
        })
    }

    /// A llama.cpp type by name; formats that are not one are `None`.
    fn ggml(weights: Format, name: &str) -> Option<Self> {
        let is_ggml = name.starts_with('q') || name.starts_with("iq") || name == "mxfp4_moe";
        is_ggml.then_some(Self {
            weights,
            ..Self::uniform(Format::Fp16)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_name_is_a_precision() {
        for name in Precision::NAMES {
            assert!(Precision::from_name(name).is_some(), "{name}");
        }
        assert_eq!(Precision::from_name("fp12"), None);
        assert_eq!(Precision::from_name("gguf"), None);
    }

    #[test]
    fn a_quantised_name_leaves_the_kv_cache_alone() {
        let fp8 = Precision::from_name("fp8").expect("a name");
        assert_eq!((fp8.kv_cache, fp8.compute), (Format::Bf16, Arithmetic::Fp8));
        let awq = Precision::from_name("W4A16").expect("a name");
        assert_eq!((awq.weights, awq.compute), (Format::Int4, Arithmetic::Fp16));
    }
}
