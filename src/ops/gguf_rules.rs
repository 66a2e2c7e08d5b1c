//! llama.cpp's file types as data: `llama_tensor_get_type` in `src/llama-quant.cpp` of `ggml-org/llama.cpp` (as of 2025-11).

use crate::catalog::Format;

/// A file type of llama.cpp: the format of most tensors, and what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    pub base: Format,
    pub embedding: Format,
    pub output: Format,
    pub query_key: Format,
    pub value: Choice,
    pub attention_out: Choice,
    pub down: Choice,
    /// Attention output of models of eight experts.
    pub out_of_eight: Format,
    /// Keys and values of models of eight experts.
    pub kv_of_eight: Format,
    /// Everything that is no routed expert, where that is all there is to say.
    pub beside_experts: Option<Format>,
}

/// How the format of a tensor depends on its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The same everywhere.
    All(Format),
    /// So many leading tensors, and the rest.
    First(u32, Format, Format),
    /// The leading sixteenth, and the rest.
    Sixteenth(Format, Format),
    /// The leading eighth, and the rest.
    Eighth(Format, Format),
    /// The first and last eighth and every third between, and the rest.
    MoreBits(Format, Format),
    /// Where four or more queries share a key, and elsewhere.
    Grouped(Format, Format),
}

/// The rule behind a format, when it is one of llama.cpp's. A bare `Q3_K`, `Q4_K` or `Q5_K` means the `M` mixture, as
/// `llama-quantize` reads it.
#[expect(clippy::too_many_lines, reason = "one arm for each file type")]
pub(super) const fn rule(format: Format) -> Option<Rule> {
    use Format as F;
    Some(match format {
        F::Q4_0 | F::Q4_1 | F::Q5_0 | F::Q5_1 | F::Q6K => plain(format),
        F::Q8_0 => Rule {
            output: F::Q8_0,
            ..plain(format)
        },
        F::Mxfp4Moe => Rule {
            beside_experts: Some(F::Q8_0),
            ..plain(F::Mxfp4)
        },
        F::Q2K | F::Q2KM => Rule {
            value: Choice::Grouped(F::Q4K, F::Q3K),
            attention_out: Choice::All(F::Q3K),
            down: Choice::All(F::Q3K),
            out_of_eight: F::Q5K,
            ..plain(F::Q2K)
        },
        F::Q2KS => Rule {
            value: Choice::Grouped(F::Q4K, F::Q2K),
            down: Choice::Eighth(F::Q4K, F::Q2K),
            ..plain(F::Q2K)
        },
        F::Q3KS => Rule {
            out_of_eight: F::Q5K,
            ..plain(F::Q3K)
        },
        F::Q3K | F::Q3KM => Rule {
            value: Choice::First(2, F::Q5K, F::Q4K),
            attention_out: Choice::All(F::Q4K),
            down: Choice::Sixteenth(F::Q5K, F::Q4K),
            out_of_eight: F::Q5K,
            ..plain(F::Q3K)
        },
        F::Q3KL => Rule {
            value: Choice::All(F::Q5K),
            attention_out: Choice::All(F::Q5K),
            down: Choice::All(F::Q5K),
            ..plain(F::Q3K)
        },
        F::Q4KS => Rule {
            value: Choice::First(4, F::Q5K, F::Q4K),
            down: Choice::Eighth(F::Q5K, F::Q4K),
            out_of_eight: F::Q5K,
            ..plain(F::Q4K)
        },
        F::Q4K | F::Q4KM => medium(F::Q4K),
        F::Q5KS => plain(F::Q5K),
        F::Q5K | F::Q5KM => medium(F::Q5K),
        F::Iq1S | F::Iq1M => Rule {
            attention_out: Choice::All(F::Iq2Xxs),
            ..two_bits(format)
        },
        F::Iq2Xxs | F::Iq2Xs => two_bits(format),
        F::Iq2S => Rule {
            embedding: F::Iq3S,
            value: Choice::Grouped(F::Q4K, F::Iq3S),
            attention_out: Choice::All(F::Iq3S),
            down: Choice::Eighth(F::Iq3S, F::Iq2Xs),
            ..two_bits(F::Iq2Xs)
        },
        F::Iq3Xxs => Rule {
            embedding: F::Iq3S,
            output: F::Q5K,
            query_key: F::Iq2S,
            value: Choice::Grouped(F::Q4K, format),
            attention_out: Choice::All(F::Iq3S),
            out_of_eight: F::Q5K,
            ..plain(format)
        },
        F::Iq3S => Rule {
            value: Choice::Grouped(F::Q4K, format),
            out_of_eight: F::Q5K,
            ..plain(format)
        },
        F::Iq4Nl | F::Iq4Xs => Rule {
            value: Choice::Grouped(F::Q5K, format),
            out_of_eight: F::Q5K,
            ..plain(format)
        },
        F::Fp32
        | F::Tf32
        | F::Bf16
        | F::Fp16
        | F::Fp8
        | F::Fp8Block
        | F::Int8
        | F::W8A8Int8
        | F::Int6
        | F::Int5
        | F::Int4
        | F::Int3
        | F::Int2
        | F::Nvfp4
        | F::Mxfp4
        | F::Ternary
        | F::Binary => return None,
    })
}

/// Only the output projection differs.
const fn plain(base: Format) -> Rule {
    Rule {
        base,
        embedding: base,
        output: Format::Q6K,
        query_key: base,
        value: Choice::All(base),
        attention_out: Choice::All(base),
        down: Choice::All(base),
        out_of_eight: base,
        kv_of_eight: Format::Q8_0,
        beside_experts: None,
    }
}

/// `Q4_K_M` and `Q5_K_M`.
const fn medium(base: Format) -> Rule {
    Rule {
        value: Choice::MoreBits(Format::Q6K, base),
        down: Choice::MoreBits(Format::Q6K, base),
        out_of_eight: Format::Q5K,
        ..plain(base)
    }
}

/// The smallest file types.
const fn two_bits(base: Format) -> Rule {
    Rule {
        embedding: Format::Q2K,
        output: Format::Q5K,
        value: Choice::Grouped(Format::Q4K, Format::Q2K),
        down: Choice::Eighth(Format::Q2K, base),
        out_of_eight: Format::Q5K,
        kv_of_eight: Format::Q4K,
        ..plain(base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_other_runtimes_have_no_rule() {
        assert_eq!(rule(Format::Bf16), None);
        assert_eq!(rule(Format::Int4), None);
        assert_eq!(rule(Format::Q4K), rule(Format::Q4KM));
    }
}
