//! Which block format llama.cpp gives each tensor.

use super::formats::{Role, Stored};
use crate::catalog::{Format, Transformer};

/// The rule of a file type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    base: Format,
}

/// The rule behind a format, when it is one of llama.cpp's.
pub(super) const fn rule(format: Format) -> Option<Rule> {
    let base = match format {
        Format::Q2KS | Format::Q2KM => Format::Q2K,
        Format::Q3KS | Format::Q3KM | Format::Q3KL => Format::Q3K,
        Format::Q4KS | Format::Q4KM => Format::Q4K,
        Format::Q5KS | Format::Q5KM => Format::Q5K,
        Format::Q4_0
        | Format::Q4_1
        | Format::Q5_0
        | Format::Q5_1
        | Format::Q8_0
        | Format::Q2K
        | Format::Q3K
        | Format::Q4K
        | Format::Q5K
        | Format::Q6K
        | Format::Iq1S
        | Format::Iq1M
        | Format::Iq2Xxs
        | Format::Iq2Xs
        | Format::Iq2S
        | Format::Iq3Xxs
        | Format::Iq3S
        | Format::Iq4Nl
        | Format::Iq4Xs => format,
        Format::Fp32
        | Format::Tf32
        | Format::Bf16
        | Format::Fp16
        | Format::Fp8
        | Format::Fp8Block
        | Format::Int8
        | Format::W8A8Int8
        | Format::Int6
        | Format::Int5
        | Format::Int4
        | Format::Int3
        | Format::Int2
        | Format::Nvfp4
        | Format::Mxfp4
        | Format::Ternary
        | Format::Binary => return None,
    };
    Some(Rule { base })
}

/// How the tensors of a role are stored under a rule.
pub(super) fn stored(_model: &Transformer, rule: Rule, role: Role) -> Stored {
    match role {
        Role::Vector | Role::ExpertBias | Role::Router => Stored::uniform(Format::Fp32),
        Role::Head if rule.base != Format::Q8_0 => Stored::uniform(Format::Q6K),
        _ => Stored::uniform(rule.base),
    }
}
