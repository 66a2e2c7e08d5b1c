//! Reads `precision` of one point.

use super::context::Context;
use super::read::not_one_of;
use super::runtime;
use super::schema::PRECISION_NAMES;
use super::{Node, Runtime, RuntimeName};
use crate::catalog::{Arithmetic, Format, Precision};
use crate::diag::{Code, Diagnostic};

/// A precision with its name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named {
    /// Formats of each kind of tensor.
    pub precision: Precision,
    /// As written, or a summary of the parts.
    pub name: String,
}

/// What a model file says of its own number formats.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Native {
    /// The type the weights were published in.
    pub published: Option<Format>,
    /// The types in a GGUF file.
    pub gguf: Option<Precision>,
}

/// Names of single formats that a map of parts may use.
const PARTS: [(&str, Format); 21] = [
    ("fp32", Format::Fp32),
    ("tf32", Format::Tf32),
    ("bf16", Format::Bf16),
    ("fp16", Format::Fp16),
    ("fp8", Format::Fp8),
    ("fp8_block", Format::Fp8Block),
    ("int8", Format::Int8),
    ("w8a8", Format::W8A8Int8),
    ("int6", Format::Int6),
    ("int5", Format::Int5),
    ("int4", Format::Int4),
    ("int3", Format::Int3),
    ("int2", Format::Int2),
    ("mxfp4", Format::Mxfp4),
    ("nvfp4", Format::Nvfp4),
    ("q4_0", Format::Q4_0),
    ("q4_k_m", Format::Q4KM),
    ("q5_k_m", Format::Q5KM),
    ("q6_k", Format::Q6K),
    ("q8_0", Format::Q8_0),
    ("q5_0", Format::Q5_0),
];

const ARITHMETICS: [(&str, Arithmetic); 9] = [
    ("fp64", Arithmetic::Fp64),
    ("fp32", Arithmetic::Fp32),
    ("tf32", Arithmetic::Tf32),
    ("bf16", Arithmetic::Bf16),
    ("fp16", Arithmetic::Fp16),
    ("fp8", Arithmetic::Fp8),
    ("fp4", Arithmetic::Fp4),
    ("int8", Arithmetic::Int8),
    ("int4", Arithmetic::Int4),
];

/// The name of an arithmetic, as scenarios write it.
pub(super) fn arithmetic_name(arithmetic: Arithmetic) -> &'static str {
    ARITHMETICS
        .iter()
        .find(|(_, known)| *known == arithmetic)
        .map_or("", |(name, _)| name)
}

/// The number formats of a point: the scenario's, else the model's own; then what the software says of its cache.
pub(super) fn read(
    context: &mut Context<'_>,
    node: Option<&Node>,
    native: Native,
    software: &Runtime,
) -> Option<Named> {
    let stated = match node {
        None => {
            let named = default(context, native);
            of_files(context, software, named)
        }
        Some(node) if node.scalar().is_some() => {
            let named = by_name(context, node, native)?;
            of_files(context, software, named)
        }
        Some(node) => by_parts(context, node, native),
    };
    let states_cache = node.and_then(|node| node.get("kv_cache"));
    Some(with_cache(context, stated, states_cache, software))
}

/// llama.cpp's files in MXFP4 hold eight bits beside the experts, where published checkpoints hold bf16: what is named `mxfp4` is such a
/// file there.
fn of_files(context: &mut Context<'_>, software: &Runtime, named: Named) -> Named {
    let is_published = software.name == RuntimeName::LlamaCpp && named.name == "mxfp4";
    let Some(precision) = Precision::from_name("mxfp4_moe").filter(|_| is_published) else {
        return named;
    };
    context.assume(
        "precision",
        "mxfp4_moe",
        "llama.cpp's files in MXFP4 hold eight bits beside the experts",
    );
    Named { precision, ..named }
}

/// The type the weights were published in; bf16 where nothing states it.
fn default(context: &mut Context<'_>, native: Native) -> Named {
    if let Some(precision) = native.gguf {
        return Named {
            precision,
            name: "gguf".to_owned(),
        };
    }
    let (format, why) = match native.published {
        Some(format) => (format, "the type the model's own file states"),
        None => (
            Format::Bf16,
            "default: the model's native type is not stated",
        ),
    };
    let name = format.name().to_ascii_lowercase();
    let precision = Precision::from_name(&name).unwrap_or_else(|| Precision::uniform(format));
    context.assume("precision", name.clone(), why);
    Named { precision, name }
}

fn by_name(context: &mut Context<'_>, node: &Node, native: Native) -> Option<Named> {
    let name = node.scalar()?.text.clone();
    if name == "gguf" {
        if native.gguf.is_none() {
            context.reader.push(
                Diagnostic::error(
                    Code::BadValue,
                    "`gguf` needs a model read from a GGUF file",
                    node.span,
                )
                .label("the model of this point is no GGUF file"),
            );
        }
        return native.gguf.map(|precision| Named { precision, name });
    }
    let precision = Precision::from_name(&name);
    if precision.is_none() {
        let known = PRECISION_NAMES.into_iter();
        context.reader.push(not_one_of(&name, node.span, known));
    }
    precision.map(|precision| Named { precision, name })
}

fn by_parts(context: &mut Context<'_>, node: &Node, native: Native) -> Named {
    let part = |context: &mut Context<'_>, key: &str| {
        context
            .reader
            .field(node, key, |reader, node| reader.choice(node, &PARTS))
    };
    let weights = part(context, "weights");
    let base = weights.map_or_else(
        || default(context, native).precision,
        |weights| {
            Precision::from_name(&weights.name().to_ascii_lowercase())
                .unwrap_or_else(|| Precision::uniform(weights))
        },
    );
    let precision = Precision {
        weights: base.weights,
        activations: part(context, "activations").unwrap_or(base.activations),
        kv_cache: part(context, "kv_cache").unwrap_or(base.kv_cache),
        compute: context
            .reader
            .field(node, "compute", |reader, node| {
                reader.choice(node, &ARITHMETICS)
            })
            .unwrap_or(base.compute),
    };
    let lower = |format: Format| format.name().to_ascii_lowercase();
    let name = format!(
        "w-{}.a-{}.kv-{}",
        lower(precision.weights),
        lower(precision.activations),
        lower(precision.kv_cache)
    );
    Named { precision, name }
}

/// The cache format that an option of the software names wins over the one a precision implies.
fn with_cache(
    context: &mut Context<'_>,
    mut named: Named,
    stated: Option<&Node>,
    software: &Runtime,
) -> Named {
    let formats = runtime::kv_formats(software);
    let Some((option, format)) = formats.iter().copied().reduce(|wider, other| {
        if other.1.bits_per_weight() > wider.1.bits_per_weight() {
            other
        } else {
            wider
        }
    }) else {
        return named;
    };
    if let Some(stated) = stated.filter(|_| format != named.precision.kv_cache) {
        let message = format!("the cache format is stated twice: here and by `runtime.{option}`");
        context.reader.push(
            Diagnostic::error(Code::TwoForms, message, stated.span)
                .label("another format than the software's"),
        );
    }
    if formats.iter().any(|(_, other)| *other != format) {
        context.assume(
            "runtime.cache_type_k",
            format!(
                "keys and values are both counted as {}, the wider of two formats",
                format.name()
            ),
            "one cache format is modelled",
        );
    }
    named.precision.kv_cache = format;
    named
}
