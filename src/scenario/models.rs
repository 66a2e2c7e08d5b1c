//! Reads `models.<alias>` of one point.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::context::{Context, ReadFile};
use super::hardware::unknown;
use super::precision::Native;
use super::{ModelChoice, Node};
use crate::catalog::{self, Format, ImportError, Model, Precision};
use crate::diag::{Code, Diagnostic, suggest};
use crate::units::{Bytes, Dimension};

/// A model with what its own file says of number formats.
pub(super) struct Resolved {
    /// The model.
    pub choice: ModelChoice,
    /// Its own number formats.
    pub native: Native,
    /// Bytes of the weights in a GGUF file.
    pub stored: Option<Bytes>,
}

/// What a source yields.
struct Source {
    model: Arc<Model>,
    identity: String,
    native: Native,
    stored: Option<Bytes>,
}

/// The entry of `models` that a key names; an alias that is not there is reported.
pub(super) fn named<'a>(context: &mut Context<'a>, name: &Node) -> Option<(String, &'a Node)> {
    let alias = context.reader.text(name)?;
    let models = context.document.root.get("models")?;
    if let Some(entry) = models.get(&alias) {
        return Some((alias, entry));
    }
    let known = models.entries().iter().map(|entry| entry.key.as_str());
    let label = suggest(&alias, known).map_or_else(
        || "no alias of `models`".to_owned(),
        |near| format!("no alias of `models`; did you mean `{near}`?"),
    );
    let unknown = Diagnostic::error(
        Code::UnknownModel,
        format!("no model is named `{alias}`"),
        name.span,
    );
    context.reader.push(unknown.label(label));
    None
}

/// The model of a point; `None` where its source is wrong.
pub(super) fn read(context: &mut Context<'_>, alias: &str, node: &Node) -> Option<Resolved> {
    let source = source(context, alias, node)?;
    let reader = &mut context.reader;
    let weights_bytes = reader.field(node, "weights_bytes", |reader, node| {
        reader.positive(node, Dimension::Bytes)
    });
    let max_context = reader.field(node, "max_context", |reader, node| reader.count(node, 1));
    Some(Resolved {
        choice: ModelChoice {
            model: source.model,
            identity: source.identity,
            weights_bytes: weights_bytes.map(Bytes::new),
            max_context,
        },
        native: source.native,
        stored: source.stored,
    })
}

fn source(context: &mut Context<'_>, alias: &str, node: &Node) -> Option<Source> {
    if let Some(name) = node.get("catalog") {
        return from_catalog(context, alias, name, node.get("input"));
    }
    if let Some(path) = node.get("hf_config") {
        return from_config(context, alias, path);
    }
    if let Some(path) = node.get("gguf") {
        return from_gguf(context, alias, path);
    }
    node.get("arch")
        .and_then(|arch| from_numbers(context, arch))
}

fn from_catalog(
    context: &mut Context<'_>,
    alias: &str,
    name: &Node,
    input: Option<&Node>,
) -> Option<Source> {
    let text = context.reader.text(name)?;
    let size = input.and_then(|input| context.reader.text(input));
    let found = match &size {
        Some(size) => context.catalog.model_at(&text, size),
        None => context.catalog.model(&text),
    };
    let Some(model) = found.cloned() else {
        let near = context.catalog.suggest_model(&text);
        let what = if context.catalog.model(&text).is_some() {
            "model of that input size"
        } else {
            "model"
        };
        context
            .reader
            .push(unknown(Code::UnknownModel, what, &text, name, near));
        return None;
    };
    context.used(
        format!("models.{alias}"),
        model.id.clone(),
        &model.provenance,
    );
    let input = size.map(|size| format!("@{size}")).unwrap_or_default();
    Some(Source {
        identity: format!("catalog:{}{input}", model.id),
        model,
        native: Native::default(),
        stored: None,
    })
}

/// A model of a file, made once.
fn shared(context: &mut Context<'_>, identity: &str, model: Model) -> Arc<Model> {
    context
        .shared
        .models
        .entry(identity.to_owned())
        .or_insert_with(|| Arc::new(model))
        .clone()
}

fn wrong_file(context: &mut Context<'_>, node: &Node, path: &str, error: &ImportError) {
    context.reader.push(
        Diagnostic::error(Code::ModelFile, format!("{path}: {error}"), node.span)
            .label("this model cannot be understood"),
    );
}

/// A `config.json`, or the folder it lies in.
fn from_config(context: &mut Context<'_>, alias: &str, node: &Node) -> Option<Source> {
    let (path, file) = config_file(context, node)?;
    let text = String::from_utf8_lossy(&file.bytes);
    let mut model = match catalog::hf_config(&text) {
        Ok(model) => model,
        Err(error) => {
            wrong_file(context, node, &file.listed.path, &error);
            return None;
        }
    };
    model.id = named_after(&path);
    let identity = format!("file:{}", file.listed.blake3);
    context.used(
        format!("models.{alias}"),
        file.listed.path.clone(),
        &model.provenance,
    );
    Some(Source {
        model: shared(context, &identity, model),
        identity,
        native: Native {
            published: published_type(&text),
            gguf: None,
        },
        stored: None,
    })
}

fn config_file(context: &mut Context<'_>, node: &Node) -> Option<(PathBuf, ReadFile)> {
    let text = context.reader.text(node)?;
    let path = context.path_of(node, &text);
    if context.world.is_folder(&path) {
        context.file_at(node, path.join("config.json"))
    } else {
        context.file(node)
    }
}

/// A model of a file is called after the folder of its `config.json`, or after the file.
fn named_after(path: &std::path::Path) -> String {
    let is_config = path.file_name().is_some_and(|name| name == "config.json");
    let name = if is_config {
        path.parent().and_then(std::path::Path::file_name)
    } else {
        path.file_stem()
    };
    name.map_or_else(
        || "model".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The type a configuration says its weights are in.
fn published_type(text: &str) -> Option<Format> {
    let config: serde_json::Value = serde_json::from_str(text).ok()?;
    let stated = ["torch_dtype", "dtype"]
        .into_iter()
        .find_map(|key| config.get(key)?.as_str())?;
    match stated {
        "bfloat16" => Some(Format::Bf16),
        "float16" => Some(Format::Fp16),
        "float32" => Some(Format::Fp32),
        _ => None,
    }
}

fn from_gguf(context: &mut Context<'_>, alias: &str, node: &Node) -> Option<Source> {
    let (path, file) = context.header(node)?;
    let read = match catalog::gguf(&file.bytes) {
        Ok(read) => read,
        Err(error) => {
            wrong_file(context, node, &file.listed.path, &error);
            return None;
        }
    };
    let formats = read
        .main_format()
        .and_then(|format| Precision::from_name(&format.name().to_ascii_lowercase()));
    let identity = format!("file:{}", file.listed.blake3);
    let mut model = read.model;
    model.id = named_after(&path);
    context.used(
        format!("models.{alias}"),
        file.listed.path.clone(),
        &model.provenance,
    );
    Some(Source {
        model: shared(context, &identity, model),
        identity,
        native: Native {
            published: None,
            gguf: formats,
        },
        stored: Some(read.weights),
    })
}

fn from_numbers(context: &mut Context<'_>, node: &Node) -> Option<Source> {
    let fields: BTreeMap<String, String> = node
        .entries()
        .iter()
        .filter_map(|entry| Some((entry.key.clone(), entry.node.scalar()?.text.clone())))
        .collect();
    match catalog::arch(&fields) {
        Ok(model) => {
            let text = super::identity::canonical_node(node);
            let identity = format!("arch:{}", blake3::hash(text.as_bytes()).to_hex());
            Some(Source {
                model: shared(context, &identity, model),
                identity,
                native: Native::default(),
                stored: None,
            })
        }
        Err(error) => {
            context.reader.push(
                Diagnostic::error(
                    Code::ModelFile,
                    format!("these numbers are no model: {error}"),
                    node.span,
                )
                .label("not a complete architecture"),
            );
            None
        }
    }
}
