//! Reads `runtime` of one point.

use std::collections::BTreeMap;

use super::super::read::Reader;
use super::super::{Node, OptionValue, Runtime, RuntimeName};
use super::option::{OptionKind, RuntimeOption};
use super::programs::{NAMES, all, options};
use crate::catalog::Format;
use crate::diag::{Code, Diagnostic, suggest};

/// The software of a point; `None` where its name cannot be read.
pub fn read(node: &Node, reader: &mut Reader) -> Option<Runtime> {
    let name = match node.get("name") {
        Some(name) => reader.choice(name, NAMES)?,
        None => RuntimeName::Generic,
    };
    let version = reader.field(node, "version", Reader::text);
    let mut chosen = BTreeMap::new();
    for entry in node.entries() {
        if matches!(entry.key.as_str(), "name" | "version") {
            continue;
        }
        let known = options(name).iter().find(|option| option.name == entry.key);
        let Some(option) = known else {
            reader.push(unknown(name, &entry.key, entry.key_span));
            continue;
        };
        if let Some(value) = value(&entry.node, option, reader) {
            let is_modelled = option.modelled
                && !is_unknown_order(&entry.key, &value)
                && !is_other_split(&entry.key, &value);
            if !is_modelled {
                reader.push(not_modelled(name, &entry.key, entry.key_span));
            }
            chosen.insert(entry.key.clone(), value);
        }
    }
    Some(Runtime {
        name,
        program: String::new(),
        version,
        options: chosen,
    })
}

/// Policies of SGLang that are taken as the first to arrive.
fn is_unknown_order(key: &str, value: &OptionValue) -> bool {
    let unknown = |text: &str| matches!(text, "random" | "dfs-weight" | "routing-key");
    key == "schedule_policy" && matches!(value, OptionValue::Text(text) if unknown(text))
}

/// Ways of llama.cpp to divide a model, but by rows: `deployment` says whether it divides layers or heads.
fn is_other_split(key: &str, value: &OptionValue) -> bool {
    key == "split_mode" && !matches!(value, OptionValue::Text(mode) if mode == "row")
}

fn written(name: RuntimeName) -> &'static str {
    NAMES
        .iter()
        .find(|(_, runtime)| *runtime == name)
        .map_or("", |(written, _)| written)
}

fn unknown(name: RuntimeName, key: &str, span: crate::source::Span) -> Diagnostic {
    let near = suggest(key, options(name).iter().map(|option| option.name));
    let elsewhere: Vec<&str> = all()
        .filter(|(_, options)| options.iter().any(|option| option.name == key))
        .map(|(program, _)| program)
        .collect();
    let label = near.map_or_else(
        || "no such option".to_owned(),
        |near| format!("no such option; did you mean `{near}`?"),
    );
    let message = format!("{} has no option `{key}`", written(name));
    let diagnostic = Diagnostic::error(Code::UnknownRuntimeOption, message, span).label(label);
    if elsewhere.is_empty() {
        diagnostic
    } else {
        diagnostic.help(format!("it is an option of {}", elsewhere.join(", ")))
    }
}

fn not_modelled(name: RuntimeName, key: &str, span: crate::source::Span) -> Diagnostic {
    Diagnostic::note(
        Code::OptionNotModelled,
        format!("`{key}` of {} does not change predictions", written(name)),
        span,
    )
    .label("accepted and not modelled")
}

fn value(node: &Node, option: &RuntimeOption, reader: &mut Reader) -> Option<OptionValue> {
    match option.kind {
        OptionKind::Switch => reader.boolean(node).map(OptionValue::Bool),
        OptionKind::Integer => integer(node, reader).map(OptionValue::Int),
        OptionKind::Number => reader.number(node).map(OptionValue::Float),
        OptionKind::Share => reader.positive_share(node).map(OptionValue::Float),
        OptionKind::Words(words) => word(node, words, reader),
        OptionKind::WordsOrInteger(words) => {
            match node.scalar().map(|scalar| scalar.text.parse::<i64>()) {
                Some(Ok(number)) => Some(OptionValue::Int(number)),
                Some(Err(_)) | None => word(node, words, reader),
            }
        }
        OptionKind::Text => match node.scalar() {
            Some(scalar) => Some(OptionValue::Text(scalar.text.clone())),
            None => Some(OptionValue::Text(super::super::identity::canonical_node(
                node,
            ))),
        },
    }
}

fn word(node: &Node, words: &'static [&'static str], reader: &mut Reader) -> Option<OptionValue> {
    let pairs: Vec<(&'static str, &'static str)> =
        words.iter().map(|word| (*word, *word)).collect();
    reader
        .choice(node, &pairs)
        .map(|word| OptionValue::Text(word.to_owned()))
}

/// A whole number that may be negative, as `-1` for "no limit".
fn integer(node: &Node, reader: &mut Reader) -> Option<i64> {
    if let Some(number) = node
        .scalar()
        .and_then(|scalar| scalar.text.parse::<i64>().ok())
    {
        return Some(number);
    }
    reader
        .count(node, 0)
        .and_then(|count| i64::try_from(count).ok())
}

/// The formats of cached keys and values that an option names, with the option's name; none for `auto`.
pub fn kv_formats(runtime: &Runtime) -> Vec<(&'static str, Format)> {
    ["kv_cache_dtype", "cache_type_k", "cache_type_v"]
        .into_iter()
        .filter_map(|option| match runtime.options.get(option)? {
            OptionValue::Text(text) => Some((option, kv_format(text)?)),
            OptionValue::Bool(_) | OptionValue::Int(_) | OptionValue::Float(_) => None,
        })
        .collect()
}

fn kv_format(text: &str) -> Option<Format> {
    match text {
        "auto" => None,
        "f32" => Some(Format::Fp32),
        "f16" => Some(Format::Fp16),
        "bf16" | "bfloat16" => Some(Format::Bf16),
        "fp8" | "fp8_e4m3" | "fp8_e5m2" | "fp8_inc" => Some(Format::Fp8),
        "fp4_e2m1" => Some(Format::Mxfp4),
        "iq4_nl" => Some(Format::Iq4Nl),
        other => Format::from_name(other),
    }
}

/// The option that divides a model of `layers` layers between accelerator and host, where there is one.
pub fn divides(runtime: &Runtime, layers: u32) -> Option<&'static str> {
    let asked = |option: &'static str, divides: &dyn Fn(&OptionValue) -> bool| {
        let value = runtime.options.get(option)?;
        divides(value).then_some(option)
    };
    // The output layer counts as one more: `n_gpu_layers` of layers + 1 keeps everything on the accelerator.
    let some_layers = |value: &OptionValue| match value {
        OptionValue::Int(kept) => (0..=i64::from(layers)).contains(kept),
        OptionValue::Text(word) => word == "auto",
        OptionValue::Bool(_) | OptionValue::Float(_) => false,
    };
    let some_experts = |value: &OptionValue| matches!(value, OptionValue::Int(count) if *count > 0);
    asked("n_gpu_layers", &some_layers).or_else(|| asked("n_cpu_moe", &some_experts))
}

/// The option that leaves a part of a model outside the accelerator in a way that is not predicted, where there is one.
pub fn offload(runtime: &Runtime) -> Option<&'static str> {
    let number = |option: &str| match runtime.options.get(option)? {
        OptionValue::Int(number) => Some(*number as f64),
        OptionValue::Float(number) => Some(*number),
        OptionValue::Bool(_) | OptionValue::Text(_) => None,
    };
    let switch =
        |option: &str, off: bool| runtime.options.get(option) == Some(&OptionValue::Bool(off));
    if switch("cpu_moe", true) {
        return Some("cpu_moe");
    }
    if switch("kv_offload", false) {
        return Some("kv_offload");
    }
    if switch("no_kv_offload", true) {
        return Some("no_kv_offload");
    }
    number("cpu_offload_gb")
        .filter(|amount| *amount > 0.0)
        .map(|_| "cpu_offload_gb")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn llama(options: &[(&str, OptionValue)]) -> Runtime {
        Runtime {
            name: RuntimeName::LlamaCpp,
            program: String::new(),
            version: None,
            options: options
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        }
    }

    #[test]
    fn all_layers_and_the_output_on_the_accelerator_divide_nothing() {
        let divides = |option, value| divides(&llama(&[(option, value)]), 80);
        let layers = "n_gpu_layers";
        assert_eq!(divides(layers, OptionValue::Int(80)), Some(layers));
        assert_eq!(divides(layers, OptionValue::Int(81)), None);
        assert_eq!(divides(layers, OptionValue::Int(-1)), None);
        assert_eq!(divides(layers, OptionValue::Text("all".into())), None);
        assert_eq!(
            divides(layers, OptionValue::Text("auto".into())),
            Some(layers)
        );
        assert_eq!(divides("n_cpu_moe", OptionValue::Int(0)), None);
        assert_eq!(divides("n_cpu_moe", OptionValue::Int(4)), Some("n_cpu_moe"));
    }

    #[test]
    fn orders_that_are_taken_as_first_come_are_said_so() {
        let of = |word: &str| is_unknown_order("schedule_policy", &OptionValue::Text(word.into()));
        assert!(["random", "dfs-weight", "routing-key"].into_iter().all(of));
        assert!(!["lpm", "lof", "fcfs", "priority"].into_iter().any(of));
    }

    #[test]
    fn only_rows_are_a_way_to_split_that_predictions_know() {
        let of = |word: &str| is_other_split("split_mode", &OptionValue::Text(word.into()));
        assert!(["none", "layer", "tensor"].into_iter().all(of));
        assert!(!of("row"));
        let other = is_other_split("main_gpu", &OptionValue::Int(1));
        assert!(!other);
    }

    #[test]
    fn a_cache_on_the_host_is_not_predicted() {
        let of = |option, value| offload(&llama(&[(option, value)]));
        let off = OptionValue::Bool(false);
        assert_eq!(of("kv_offload", off), Some("kv_offload"));
        assert_eq!(
            of("cpu_offload_gb", OptionValue::Float(4.0)),
            Some("cpu_offload_gb")
        );
        assert_eq!(of("n_gpu_layers", OptionValue::Int(8)), None);
    }

    #[test]
    fn every_cache_type_is_a_format() {
        for (_, options) in all() {
            for option in options
                .iter()
                .filter(|option| matches!(option.name, "kv_cache_dtype" | "cache_type_k"))
            {
                let OptionKind::Words(words) = option.kind else {
                    panic!("cache types are words")
                };
                for word in words.iter().filter(|word| **word != "auto") {
                    assert!(kv_format(word).is_some(), "{word}");
                }
            }
        }
    }

    #[test]
    fn no_program_lists_an_option_twice() {
        for (program, options) in all() {
            let names: std::collections::BTreeSet<_> =
                options.iter().map(|option| option.name).collect();
            assert_eq!(names.len(), options.len(), "{program}");
        }
    }
}
