//! The number formats of a row.

use super::Skip;
use super::software::DefaultWeights;
use crate::catalog::{Arithmetic, Format, Precision, normal_name};

/// What a row says of number formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated<'a> {
    /// Column `weight_precision`.
    pub weights: &'a str,
    /// Column `activation_precision`.
    pub activations: &'a str,
    /// Column `kv_precision`.
    pub kv: &'a str,
    /// Column `quant_scheme`.
    pub scheme: &'a str,
}

/// What decides where a row says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Around {
    /// What the software takes by itself.
    pub default: DefaultWeights,
    /// The four-bit format the hardware and model use when a row says `fp4` only.
    pub fp4: Format,
    /// The format the model is published in.
    pub published: Format,
    /// The format of the cache where a row states none.
    pub cache: UnstatedCache,
}

/// Which format keys and values are cached in when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnstatedCache {
    /// That of activations.
    Wide,
    /// What the checkpoint says, and NVIDIA's `fp8` and `nvfp4` checkpoints say fp8 (`kv_cache_quant_algo` of their
    /// `hf_quant_config.json`): TensorRT-LLM, `kv_cache_config.dtype: auto`.
    OfCheckpoint,
    /// fp8 beside all weights narrower than 16 bits.
    Fp8,
    /// fp8 beside fp8 weights: Intel's Neural Compressor quantises all modules it can, caches among them, unless it is told which
    /// (`docs/source/3x/PT_FP8Quant.md`, `allowlist`).
    OfFp8,
}

impl UnstatedCache {
    fn of(self, base: Precision) -> Format {
        let is_fp8 = match self {
            Self::Wide => false,
            Self::OfCheckpoint => matches!(base.weights, Format::Fp8 | Format::Nvfp4),
            Self::Fp8 => !matches!(base.weights, Format::Fp32 | Format::Bf16 | Format::Fp16),
            Self::OfFp8 => base.weights == Format::Fp8,
        };
        if is_fp8 { Format::Fp8 } else { base.kv_cache }
    }
}

/// The formats of a row: `quant_scheme` wins over `weight_precision` for the weights.
///
/// | Stated | Weights | Products |
/// |---|---|---|
/// | `awq…`, `gptq-int4…`, `w4a16…`, other weight-only int4 | int4 | 16 bits |
/// | `gptq-int8`, `…weight-only`, `int8` with 16-bit activations | int8 | 16 bits |
/// | `w8a8`, `int8` alone | int8, a scale per channel | int8 |
/// | `w4a8…`, `w4a4` | int4 | int8, int4 |
/// | `fp8…`, `fp8-block` | fp8 | fp8 |
/// | `nvfp4` | NVFP4 | fp4 |
/// | `mxfp4…` | MXFP4 | bf16: only weights are quantised |
/// | `gguf-…` | that type | fp16 |
///
/// # Errors
///
/// [`Skip::UnknownPrecision`] for names no rule knows; a missing `weight_precision` where the software has no default.
pub fn precision(stated: Stated<'_>, around: Around) -> Result<Precision, Skip> {
    let scheme = normal_name(stated.scheme);
    let weights = normal_name(stated.weights);
    let wide = wide(&normal_name(stated.activations))?;
    let base = if !scheme.is_empty() {
        by_scheme(&scheme, around).ok_or(Skip::UnknownPrecision)?
    } else if !weights.is_empty() {
        by_weights(&weights, wide, around).ok_or(Skip::UnknownPrecision)?
    } else if around.default == DefaultWeights::Published {
        named(around.published)
    } else {
        return Err(Skip::MissingField("weight_precision"));
    };
    let base = match wide {
        Some(format) => Precision {
            activations: format,
            kv_cache: format,
            ..base
        },
        None => base,
    };
    let kv = normal_name(stated.kv);
    let kv_cache = if kv.is_empty() && wide.is_none() {
        around.cache.of(base)
    } else if kv.is_empty() {
        base.kv_cache
    } else {
        Format::from_name(&kv).ok_or(Skip::UnknownPrecision)?
    };
    Ok(Precision { kv_cache, ..base })
}

/// A stated activation format that is wide; narrow ones are how products run, which the weights' rule says.
fn wide(activations: &str) -> Result<Option<Format>, Skip> {
    match activations {
        "fp32" | "bf16" | "fp16" => Ok(Format::from_name(activations)),
        "" | "fp8" | "fp4" | "int4" | "int8" | "int16" => Ok(None),
        _ => Err(Skip::UnknownPrecision),
    }
}

fn over_bf16(weights: Format, compute: Arithmetic) -> Precision {
    Precision {
        weights,
        activations: Format::Bf16,
        kv_cache: Format::Bf16,
        compute,
    }
}

/// What serving software does with a format of weights unless told otherwise.
fn named(weights: Format) -> Precision {
    if matches!(weights, Format::Fp32 | Format::Bf16 | Format::Fp16) {
        Precision::uniform(weights)
    } else if weights == Format::Mxfp4 {
        over_bf16(weights, Arithmetic::Bf16)
    } else {
        over_bf16(weights, weights.feeds())
    }
}

fn by_weights(weights: &str, wide: Option<Format>, around: Around) -> Option<Precision> {
    Some(match weights {
        "fp4" => fp4(around),
        "int8" if wide.is_none() => over_bf16(Format::W8A8Int8, Arithmetic::Int8),
        "int8" => over_bf16(Format::Int8, Arithmetic::Bf16),
        "int6" | "int5" | "int4" | "int3" | "int2" => {
            over_bf16(Format::from_name(weights)?, Arithmetic::Bf16)
        }
        "fp32" | "bf16" | "fp16" | "fp8" | "nvfp4" | "mxfp4" => named(Format::from_name(weights)?),
        _ => return None,
    })
}

/// Four-bit floats without a scheme: MXFP4 where it is the model's own format, else products run in four bits too.
fn fp4(around: Around) -> Precision {
    if around.published == Format::Mxfp4 {
        named(Format::Mxfp4)
    } else {
        over_bf16(around.fp4, Arithmetic::Fp4)
    }
}

fn by_scheme(scheme: &str, around: Around) -> Option<Precision> {
    let int4 = || over_bf16(Format::Int4, Arithmetic::Bf16);
    let int8 = || over_bf16(Format::Int8, Arithmetic::Bf16);
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| scheme.starts_with(prefix));
    if let Some(file) = scheme.strip_prefix("gguf-") {
        return gguf(file);
    }
    if let Some(bits) = scheme.strip_prefix("mlx-q") {
        return by_weights(&format!("int{bits}"), Some(Format::Bf16), around);
    }
    Some(match scheme {
        "fp16" | "bf16" | "fp8" | "nvfp4" => named(Format::from_name(scheme)?),
        "mxfp4" | "mxfp4-moe" => named(Format::Mxfp4),
        "fp8-block" => named(Format::Fp8Block),
        "w8a8" | "ft-int8-v1" | "ft-int8-v2" => over_bf16(Format::W8A8Int8, Arithmetic::Int8),
        "w4a4" => over_bf16(Format::Int4, Arithmetic::Int4),
        "w4" => int4(),
        _ if starts(&["fp8-"]) => named(Format::Fp8),
        _ if starts(&["w4a8"]) => over_bf16(Format::Int4, Arithmetic::Int8),
        _ if starts(&["w4a16", "awq", "gptq-int4", "int4-", "q4f16"]) => int4(),
        _ if starts(&["gptq-int8", "int8-"]) => int8(),
        _ => return None,
    })
}

/// A llama.cpp file type. Unsloth's dynamic mixtures (`…_K_XL`) are read as the plain mixture of the same width; where a row
/// states the size of the file, that size wins over the format's.
fn gguf(file: &str) -> Option<Precision> {
    let file = file.replace('-', "_");
    let file = match file.as_str() {
        "f16" => "fp16",
        "q8_k_xl" => "q8_0",
        "q6_k_xl" => "q6_k",
        "q5_k_xl" => "q5_k_m",
        "q4_k_xl" => "q4_k_m",
        "q3_k_xl" => "q3_k_l",
        "q2_k_xl" => "q2_k_m",
        other => other,
    };
    // llama.cpp knows MXFP4 for mixtures of experts alone, with eight bits beside them unless a file says otherwise.
    let weights = match file {
        "mxfp4" => Format::Mxfp4Moe,
        "mxfp4_f16" => Format::Mxfp4,
        file => Format::from_name(file)?,
    };
    let compute = if matches!(weights, Format::Mxfp4 | Format::Mxfp4Moe) {
        Arithmetic::Fp16
    } else {
        weights.feeds()
    };
    Some(Precision {
        weights,
        // What is left in sixteen bits is stored as activations are.
        activations: if weights == Format::Mxfp4 {
            Format::Fp16
        } else {
            Format::Fp32
        },
        kv_cache: Format::Fp16,
        compute,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const AROUND: Around = Around {
        default: DefaultWeights::Published,
        fp4: Format::Nvfp4,
        published: Format::Bf16,
        cache: UnstatedCache::Wide,
    };

    fn read(weights: &str, activations: &str, kv: &str, scheme: &str) -> Result<Precision, Skip> {
        let stated = Stated {
            weights,
            activations,
            kv,
            scheme,
        };
        precision(stated, AROUND)
    }

    #[test]
    fn the_scheme_wins_for_the_weights() {
        let awq = read("int4", "fp16", "", "awq-gemm").expect("known");
        assert_eq!((awq.weights, awq.activations), (Format::Int4, Format::Fp16));
        let block = read("fp8", "", "fp8", "fp8-block").expect("known");
        assert_eq!(
            (block.weights, block.kv_cache),
            (Format::Fp8Block, Format::Fp8)
        );
        assert_eq!(block.compute, Arithmetic::Fp8);
    }

    #[test]
    fn int8_alone_is_w8a8_and_with_wide_activations_weight_only() {
        assert_eq!(
            read("int8", "", "", "").expect("known").compute,
            Arithmetic::Int8
        );
        assert_eq!(
            read("int8", "bf16", "", "").expect("known").compute,
            Arithmetic::Bf16
        );
    }

    #[test]
    fn a_gguf_type_is_read_from_its_name() {
        assert_eq!(
            read("int4", "", "fp16", "gguf-Q4_K_M")
                .expect("known")
                .weights,
            Format::Q4KM
        );
        assert_eq!(
            read("fp4", "", "fp16", "gguf-MXFP4")
                .expect("known")
                .weights,
            Format::Mxfp4Moe
        );
        let wide = read("fp4", "", "fp16", "gguf-MXFP4-F16").expect("known");
        assert_eq!(
            (wide.weights, wide.activations),
            (Format::Mxfp4, Format::Fp16)
        );
        assert_eq!(
            read("int4", "", "", "gguf-Q9_X"),
            Err(Skip::UnknownPrecision)
        );
    }

    #[test]
    fn nothing_stated_is_the_published_format_where_software_has_a_default() {
        assert_eq!(read("", "", "", "").expect("known").weights, Format::Bf16);
        let stated = Stated {
            weights: "",
            activations: "",
            kv: "",
            scheme: "",
        };
        let unstated = Around {
            default: DefaultWeights::Unstated,
            ..AROUND
        };
        assert_eq!(
            precision(stated, unstated),
            Err(Skip::MissingField("weight_precision"))
        );
    }

    #[test]
    fn an_unstated_cache_follows_the_checkpoint_where_software_reads_it() {
        let around = Around {
            cache: UnstatedCache::OfCheckpoint,
            ..AROUND
        };
        let cache = |weights, activations, kv| {
            let stated = Stated {
                weights,
                activations,
                kv,
                scheme: "",
            };
            precision(stated, around).expect("known").kv_cache
        };
        assert_eq!(cache("fp8", "", ""), Format::Fp8);
        assert_eq!(cache("fp8", "", "bf16"), Format::Bf16);
        assert_eq!(cache("bf16", "", ""), Format::Bf16);
        assert_eq!(cache("fp8", "fp16", ""), Format::Fp16);
    }

    #[test]
    fn four_bit_floats_follow_the_model_or_the_hardware() {
        let stated = Stated {
            weights: "fp4",
            activations: "",
            kv: "",
            scheme: "",
        };
        let published = Around {
            published: Format::Mxfp4,
            ..AROUND
        };
        assert_eq!(
            precision(stated, published).expect("known").compute,
            Arithmetic::Bf16
        );
        let amd = Around {
            fp4: Format::Mxfp4,
            ..AROUND
        };
        let read = precision(stated, amd).expect("known");
        assert_eq!(
            (read.weights, read.compute),
            (Format::Mxfp4, Arithmetic::Fp4)
        );
    }
}
