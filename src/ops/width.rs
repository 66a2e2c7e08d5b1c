//! How wide the numbers of a precision are where operators touch them.

use crate::catalog::{Arithmetic, Format, Precision};

/// Bytes of one number of a format, scales included.
pub(super) fn bytes(format: Format) -> f64 {
    bits(format) / 8.0
}

/// Bits of one number of a format, scales included.
pub(super) const fn bits(format: Format) -> f64 {
    match format {
        Format::Fp32 | Format::Tf32 => 32.0,
        Format::Bf16 | Format::Fp16 => 16.0,
        Format::Q8_0 => 8.5,
        Format::Fp8 | Format::Fp8Block | Format::Int8 | Format::W8A8Int8 => 8.0,
        Format::Q6K => 6.5625,
        Format::Q5_1 => 6.0,
        Format::Int6 => 6.0,
        Format::Q5_0 | Format::Q5K | Format::Q5KS | Format::Q5KM => 5.5,
        Format::Q4_1 | Format::Int5 => 5.0,
        Format::Q4_0
        | Format::Q4K
        | Format::Q4KS
        | Format::Q4KM
        | Format::Iq4Nl
        | Format::Nvfp4 => 4.5,
        Format::Mxfp4 | Format::Int4 | Format::Iq4Xs => 4.25,
        Format::Q3K | Format::Q3KS | Format::Q3KM | Format::Q3KL | Format::Iq3S => 3.4375,
        Format::Int3 => 3.25,
        Format::Iq3Xxs => 3.0625,
        Format::Q2K | Format::Q2KS | Format::Q2KM => 2.625,
        Format::Iq2S => 2.5625,
        Format::Iq2Xs => 2.3125,
        Format::Int2 => 2.25,
        Format::Iq2Xxs => 2.0625,
        Format::Ternary => 2.0,
        Format::Iq1S => 1.5625,
        Format::Binary => 1.0,
    }
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

/// What the stream itself is computed in, where no matrix product quantises it (attention, router, element-wise).
pub(super) const fn stream_arithmetic(precision: Precision) -> Arithmetic {
    match precision.activations {
        Format::Fp32 => Arithmetic::Fp32,
        Format::Tf32 => Arithmetic::Tf32,
        Format::Fp16 => Arithmetic::Fp16,
        _ => wide_arithmetic(precision.compute),
    }
}

const fn wide_arithmetic(compute: Arithmetic) -> Arithmetic {
    match compute {
        Arithmetic::Fp64 | Arithmetic::Fp32 | Arithmetic::Tf32 | Arithmetic::Fp16 => compute,
        Arithmetic::Bf16
        | Arithmetic::Fp8
        | Arithmetic::Fp4
        | Arithmetic::Int8
        | Arithmetic::Int4 => Arithmetic::Bf16,
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
