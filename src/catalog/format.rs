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
    Mxfp4Moe,
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
    Iq1M,
    Iq2Xxs,
    Iq2Xs,
    Iq2S,
    Iq3Xxs,
    Iq3S,
    Iq4Nl,
    Iq4Xs,
}

/// A block of `weights` values in `bytes` bytes, as bits per value.
const fn block(bytes: u32, weights: u32) -> f64 {
    (bytes * 8) as f64 / weights as f64
}

/// Integers of `bits` in groups of 128 with an fp16 scale and a zero point of the same width.
const fn grouped(bits: u32) -> f64 {
    bits as f64 + (16 + bits) as f64 / 128.0
}

impl Format {
    /// Every format with its name.
    pub const ALL: [(Self, &'static str); 46] = [
        (Self::Fp32, "fp32"),
        (Self::Tf32, "tf32"),
        (Self::Bf16, "bf16"),
        (Self::Fp16, "fp16"),
        (Self::Fp8, "fp8"),
        (Self::Fp8Block, "fp8_block"),
        (Self::Int8, "int8"),
        (Self::W8A8Int8, "w8a8_int8"),
        (Self::Int6, "int6"),
        (Self::Int5, "int5"),
        (Self::Int4, "int4"),
        (Self::Int3, "int3"),
        (Self::Int2, "int2"),
        (Self::Nvfp4, "nvfp4"),
        (Self::Mxfp4, "mxfp4"),
        (Self::Mxfp4Moe, "mxfp4_moe"),
        (Self::Ternary, "ternary"),
        (Self::Binary, "binary"),
        (Self::Q4_0, "q4_0"),
        (Self::Q4_1, "q4_1"),
        (Self::Q5_0, "q5_0"),
        (Self::Q5_1, "q5_1"),
        (Self::Q8_0, "q8_0"),
        (Self::Q2K, "q2_k"),
        (Self::Q3K, "q3_k"),
        (Self::Q4K, "q4_k"),
        (Self::Q5K, "q5_k"),
        (Self::Q6K, "q6_k"),
        (Self::Q2KS, "q2_k_s"),
        (Self::Q2KM, "q2_k_m"),
        (Self::Q3KS, "q3_k_s"),
        (Self::Q3KM, "q3_k_m"),
        (Self::Q3KL, "q3_k_l"),
        (Self::Q4KS, "q4_k_s"),
        (Self::Q4KM, "q4_k_m"),
        (Self::Q5KS, "q5_k_s"),
        (Self::Q5KM, "q5_k_m"),
        (Self::Iq1S, "iq1_s"),
        (Self::Iq1M, "iq1_m"),
        (Self::Iq2Xxs, "iq2_xxs"),
        (Self::Iq2Xs, "iq2_xs"),
        (Self::Iq2S, "iq2_s"),
        (Self::Iq3Xxs, "iq3_xxs"),
        (Self::Iq3S, "iq3_s"),
        (Self::Iq4Nl, "iq4_nl"),
        (Self::Iq4Xs, "iq4_xs"),
    ];

    /// The name, `snake_case`.
    ///
    /// # Panics
    ///
    /// Never: every format is in the list of names, which a test proves.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(format, _)| *format == self)
            .expect("every format has a name")
            .1
    }

    /// The format of a name; case and `-` for `_` do not matter, and `f16`, `f32`, `half` and the long names of
    /// frameworks are understood.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace('-', "_");
        let name = match name.as_str() {
            "f32" | "float32" => "fp32",
            "f16" | "float16" | "half" => "fp16",
            "bfloat16" => "bf16",
            "fp4" => "nvfp4",
            "fp8_e4m3" | "fp8_e5m2" | "float8" => "fp8",
            "w8a8" => "w8a8_int8",
            other => other,
        };
        Self::ALL
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(format, _)| *format)
    }

    /// Bits a stored value takes, its share of scales and zero points included.
    ///
    /// The llama.cpp block formats are the `block_*` structures of `ggml/src/ggml-common.h` (`ggml-org/llama.cpp`), whose
    /// sizes that file asserts: `QK4_0 = 32` values in 18 bytes, `QK_K = 256` values in 144 bytes for `Q4_K`. For a
    /// mixture (`Q4_K_M`) this is the block format most of its tensors have, a lower bound; `ops` knows the rest.
    ///
    /// | Format | Layout |
    /// |---|---|
    /// | `Fp8Block` | fp8 and one fp32 scale for 128 × 128 weights (DeepSeek-V3, arXiv 2412.19437, section 3.3) |
    /// | `Mxfp4`, and experts of `Mxfp4Moe` | 4-bit values, an 8-bit exponent for 32 (OCP Microscaling Formats 1.0) |
    /// | `Nvfp4` | 4-bit values, an fp8 scale for 16 (NVIDIA, "Introducing NVFP4") |
    /// | `Int2` … `Int6` | groups of 128, an fp16 scale and a zero point of the same width (AWQ, GPTQ with `g128`) |
    /// | `Ternary` | two bits a weight, as `I2_S` of `microsoft/BitNet` stores them |
    ///
    /// ```
    /// use phantom::catalog::Format;
    /// assert_eq!(Format::Q4_0.bits_per_weight(), 4.5);
    /// assert_eq!(Format::Int4.bits_per_weight(), 4.156_25);
    /// ```
    pub const fn bits_per_weight(self) -> f64 {
        match self {
            Self::Fp32 | Self::Tf32 => 32.0,
            Self::Bf16 | Self::Fp16 => 16.0,
            Self::Fp8 | Self::Int8 | Self::W8A8Int8 => 8.0,
            Self::Fp8Block => 8.0 + 32.0 / (128.0 * 128.0),
            Self::Int6 => grouped(6),
            Self::Int5 => grouped(5),
            Self::Int4 => grouped(4),
            Self::Int3 => grouped(3),
            Self::Int2 => grouped(2),
            Self::Nvfp4 => 4.0 + 8.0 / 16.0,
            Self::Mxfp4 | Self::Mxfp4Moe => 4.0 + 8.0 / 32.0,
            Self::Ternary => 2.0,
            Self::Binary => 1.0,
            Self::Q4_0 | Self::Iq4Nl => block(18, 32),
            Self::Q4_1 => block(20, 32),
            Self::Q5_0 => block(22, 32),
            Self::Q5_1 => block(24, 32),
            Self::Q8_0 => block(34, 32),
            Self::Q2K | Self::Q2KS | Self::Q2KM => block(84, 256),
            Self::Q3K | Self::Q3KS | Self::Q3KM | Self::Q3KL | Self::Iq3S => block(110, 256),
            Self::Q4K | Self::Q4KS | Self::Q4KM => block(144, 256),
            Self::Q5K | Self::Q5KS | Self::Q5KM => block(176, 256),
            Self::Q6K => block(210, 256),
            Self::Iq1S => block(50, 256),
            Self::Iq1M => block(56, 256),
            Self::Iq2Xxs => block(66, 256),
            Self::Iq2Xs => block(74, 256),
            Self::Iq2S => block(82, 256),
            Self::Iq3Xxs => block(98, 256),
            Self::Iq4Xs => block(136, 256),
        }
    }

    /// The arithmetic of a product whose operands both have this format. Formats that no matrix unit multiplies are
    /// expanded first and feed fp16.
    pub const fn feeds(self) -> Arithmetic {
        match self {
            Self::Fp32 => Arithmetic::Fp32,
            Self::Tf32 => Arithmetic::Tf32,
            Self::Bf16 => Arithmetic::Bf16,
            Self::Fp8 | Self::Fp8Block => Arithmetic::Fp8,
            Self::Int8 | Self::W8A8Int8 => Arithmetic::Int8,
            Self::Nvfp4 | Self::Mxfp4 | Self::Mxfp4Moe => Arithmetic::Fp4,
            Self::Fp16
            | Self::Int6
            | Self::Int5
            | Self::Int4
            | Self::Int3
            | Self::Int2
            | Self::Ternary
            | Self::Binary
            | Self::Q4_0
            | Self::Q4_1
            | Self::Q5_0
            | Self::Q5_1
            | Self::Q8_0
            | Self::Q2K
            | Self::Q3K
            | Self::Q4K
            | Self::Q5K
            | Self::Q6K
            | Self::Q2KS
            | Self::Q2KM
            | Self::Q3KS
            | Self::Q3KM
            | Self::Q3KL
            | Self::Q4KS
            | Self::Q4KM
            | Self::Q5KS
            | Self::Q5KM
            | Self::Iq1S
            | Self::Iq1M
            | Self::Iq2Xxs
            | Self::Iq2Xs
            | Self::Iq2S
            | Self::Iq3Xxs
            | Self::Iq3S
            | Self::Iq4Nl
            | Self::Iq4Xs => Arithmetic::Fp16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_one_name_that_reads_back() {
        for (format, name) in Format::ALL {
            assert_eq!(format.name(), name);
            assert_eq!(Format::from_name(&name.to_uppercase()), Some(format));
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the sizes are exact binary fractions")]
    fn block_formats_count_their_scales() {
        let expected = [
            (Format::Q4_0, 4.5),
            (Format::Q4_1, 5.0),
            (Format::Q8_0, 8.5),
            (Format::Q2K, 2.625),
            (Format::Q3K, 3.4375),
            (Format::Q4KM, 4.5),
            (Format::Q5K, 5.5),
            (Format::Q6K, 6.5625),
            (Format::Iq4Xs, 4.25),
            (Format::Iq3Xxs, 3.0625),
            (Format::Iq2Xxs, 2.0625),
            (Format::Iq1S, 1.5625),
            (Format::Mxfp4, 4.25),
            (Format::Nvfp4, 4.5),
        ];
        for (format, bits) in expected {
            assert_eq!(format.bits_per_weight(), bits, "{}", format.name());
        }
    }
}
