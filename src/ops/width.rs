//! How wide the numbers of a precision are where operators touch them.

use crate::catalog::{Arithmetic, Format, Precision};

/// Bytes of one number of a format, scales included.
pub(super) fn bytes(format: Format) -> f64 {
    format.bits_per_weight() / 8.0
}

/// Bytes of one number of the residual stream: at least 16 bits, since no runtime keeps the stream narrower; matrix
/// products alone read a quantised copy.
pub(super) fn stream(precision: Precision) -> f64 {
    bytes(precision.activations).max(2.0)
}

/// Bytes of one number that a matrix product reads: the stream's, or those of its arithmetic when that is narrower.
pub(super) fn input(precision: Precision) -> f64 {
    stream(precision).min(arithmetic_bytes(precision.compute))
}

/// What runs beside quantised matrix products (attention, unquantised projections): the arithmetic of the products when it
/// is wide itself, else that of the stream.
pub(super) const fn stream_arithmetic(precision: Precision) -> Arithmetic {
    match precision.compute {
        Arithmetic::Fp64
        | Arithmetic::Fp32
        | Arithmetic::Tf32
        | Arithmetic::Bf16
        | Arithmetic::Fp16 => precision.compute,
        Arithmetic::Fp8 | Arithmetic::Fp4 | Arithmetic::Int8 | Arithmetic::Int4 => {
            match precision.activations.feeds() {
                Arithmetic::Fp16 => Arithmetic::Fp16,
                Arithmetic::Fp64 | Arithmetic::Fp32 | Arithmetic::Tf32 => Arithmetic::Fp32,
                Arithmetic::Bf16
                | Arithmetic::Fp8
                | Arithmetic::Fp4
                | Arithmetic::Int8
                | Arithmetic::Int4 => Arithmetic::Bf16,
            }
        }
    }
}

const fn arithmetic_bytes(arithmetic: Arithmetic) -> f64 {
    match arithmetic {
        Arithmetic::Fp64 => 8.0,
        Arithmetic::Fp32 | Arithmetic::Tf32 => 4.0,
        Arithmetic::Bf16 | Arithmetic::Fp16 => 2.0,
        Arithmetic::Fp8 | Arithmetic::Int8 => 1.0,
        Arithmetic::Fp4 | Arithmetic::Int4 => 0.5,
    }
}
