//! Number formats as kernel tables name them.

use crate::catalog::{Arithmetic, Format, Precision};

fn over_bf16(weights: Format, compute: Arithmetic) -> Precision {
    Precision {
        weights,
        activations: Format::Bf16,
        kv_cache: Format::Bf16,
        compute,
    }
}

/// The precision of the column `dtype`; `_wo` is weight only, `sq` is `SmoothQuant` (int8 by int8).
pub(super) fn of_dtype(dtype: &str) -> Option<Precision> {
    Some(match dtype {
        "bfloat16" | "bf16" | "default" => Precision::uniform(Format::Bf16),
        "float16" | "fp16" | "half" => Precision::uniform(Format::Fp16),
        "float32" | "fp32" => Precision::uniform(Format::Fp32),
        "int8" => Precision::uniform(Format::Int8),
        "fp8" => over_bf16(Format::Fp8, Arithmetic::Fp8),
        "fp8_block" => over_bf16(Format::Fp8Block, Arithmetic::Fp8),
        "nvfp4" => over_bf16(Format::Nvfp4, Arithmetic::Fp4),
        "int8_wo" => over_bf16(Format::Int8, Arithmetic::Bf16),
        "int4_wo" => over_bf16(Format::Int4, Arithmetic::Bf16),
        "sq" => over_bf16(Format::W8A8Int8, Arithmetic::Int8),
        "w4a16_mxfp4" => over_bf16(Format::Mxfp4, Arithmetic::Bf16),
        "w4a8_mxfp4_mxfp8" => over_bf16(Format::Mxfp4, Arithmetic::Fp8),
        _ => return None,
    })
}

/// The same with the cache of the column `kv_dtype`.
pub(super) fn with_kv(precision: Precision, kv_dtype: &str) -> Option<Precision> {
    let kv_cache = of_dtype(kv_dtype)?.weights;
    Some(Precision {
        kv_cache,
        ..precision
    })
}
