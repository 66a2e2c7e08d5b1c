//! Reads `deployment.speculative`.
//!
//! It stands in `deployment` and not among the options of a runtime: every runtime names it differently, and it brings a second
//! model onto the devices, as a deployment does. An alias of `models` that guesses is no model of a point.

use std::collections::BTreeSet;

use super::context::Context;
use super::read::Reader;
use super::{
    Combination, Draft, ExpressionScope, ModelChoice, Node, Speculation, evaluate, models, what_if,
};
use crate::catalog::{Model, ModelKind};
use crate::diag::{Code, Diagnostic};

/// The axis that chooses a draft.
const AXIS: &str = "deployment.speculative.model";

/// Aliases of `models` that serve no point: those that guess for others, as the deployment or an axis names them, and those that
/// only variants name.
pub(super) fn drafts(root: &Node) -> BTreeSet<&str> {
    let named = root.at(AXIS.split('.'));
    let matrix = root.get("matrix");
    let axis = matrix
        .and_then(|matrix| matrix.get("axes"))
        .and_then(|axes| axes.get(AXIS))
        .map_or(&[][..], Node::items);
    let nodes = named.into_iter().chain(axis);
    let guessing = nodes
        .filter_map(Node::scalar)
        .map(|scalar| scalar.text.as_str());
    let chosen = matrix.map_or_else(BTreeSet::new, chosen);
    let varied = what_if::named(root).filter(|alias| !chosen.contains(alias));
    guessing.chain(varied).collect()
}

/// Aliases that a matrix chooses for points.
fn chosen(matrix: &Node) -> BTreeSet<&str> {
    let axes = matrix.get("axes").into_iter();
    let zipped = matrix.get("zip").map_or(&[][..], Node::items).iter();
    let lists = axes.chain(zipped).filter_map(|axes| axes.get("model"));
    let included = matrix.get("include").map_or(&[][..], Node::items).iter();
    let named = included.filter_map(|entry| entry.get("model"));
    lists
        .flat_map(Node::items)
        .chain(named)
        .filter_map(Node::scalar)
        .map(|scalar| scalar.text.as_str())
        .collect()
}

/// What guesses for a point; `None` where it cannot be read.
pub(super) fn read(
    context: &mut Context<'_>,
    (combination, scope): (&Combination<'_>, &ExpressionScope<'_>),
    node: &Node,
    model: &Model,
) -> Option<Speculation> {
    let tokens = context
        .reader
        .field(node, "tokens", |reader, node| reader.count32(node, 1));
    let acceptance = tokens.and_then(|tokens| acceptance(&mut context.reader, node, tokens));
    let draft = match node.get("method")?.scalar()?.text.as_str() {
        "draft" => draft(context, (combination, scope), node, model).map(Draft::Model),
        "ngram" => Some(Draft::LookUp),
        "mtp" => layers(context, node, model, tokens),
        // The table has said that there is no such method.
        _ => None,
    };
    Some(Speculation {
        draft: draft?,
        tokens: tokens?,
        acceptance: acceptance?,
    })
}

/// One chance for all positions, or one for each.
fn acceptance(reader: &mut Reader, node: &Node, tokens: u32) -> Option<Vec<f64>> {
    let given = node.get("acceptance")?;
    if given.scalar().is_some() {
        return Some(vec![reader.share(given)?; tokens as usize]);
    }
    let chances: Option<Vec<f64>> = reader
        .list(given)?
        .iter()
        .map(|chance| reader.share(chance))
        .collect();
    let chances = chances?;
    if chances.len() != tokens as usize {
        reader.bad_value(
            given.span,
            format!("{} chances for {tokens} tokens", chances.len()),
            "one for each guessed token",
        );
        return None;
    }
    Some(chances)
}

fn draft(
    context: &mut Context<'_>,
    (combination, scope): (&Combination<'_>, &ExpressionScope<'_>),
    node: &Node,
    model: &Model,
) -> Option<ModelChoice> {
    let name = node.get("model")?;
    let document = context.document;
    let (alias, entry) = models::named(context, name)?;
    let entry = match evaluate(entry, document, combination, scope) {
        Ok(entry) => entry,
        Err(problems) => {
            context.reader.diagnostics.extend(problems);
            return None;
        }
    };
    let choice = models::read(context, &alias, &entry)?.choice;
    same_words(&mut context.reader, name, (&choice.model, model))?;
    context.assume(
        "deployment.speculative",
        format!(
            "`{alias}` has the number formats and the parallel sizes of the model it guesses for"
        ),
        "vLLM, vllm/config/speculative.py (draft_tensor_parallel_size)",
    );
    Some(choice)
}

/// A draft guesses tokens of the same vocabulary (vLLM, `vllm/config/speculative.py`, `verify_equal_vocab_size_if_draft_model`).
fn same_words(reader: &mut Reader, name: &Node, (draft, model): (&Model, &Model)) -> Option<()> {
    let words = |model: &Model| match &model.kind {
        ModelKind::Transformer(transformer) => Some(transformer.vocab),
        ModelKind::Network(_) => None,
    };
    match (words(draft), words(model)) {
        (Some(guessed), Some(known)) if guessed == known => Some(()),
        (Some(guessed), Some(known)) => {
            let message = format!(
                "{} knows {guessed} tokens and {} knows {known}",
                draft.id, model.id
            );
            reader.bad_value(
                name.span,
                message,
                "a draft has the vocabulary of its model",
            );
            None
        }
        (None, _) | (_, None) => {
            let message = format!("{} is no transformer and cannot guess tokens", draft.id);
            reader.bad_value(name.span, message, "cannot generate text");
            None
        }
    }
}

/// The model's own layers, used one after another and then from the first again: as many tokens as there are layers, or a multiple
/// (vLLM, `vllm/config/speculative.py`: `num_speculative_tokens` divisible by `n_predict`).
fn layers(
    context: &mut Context<'_>,
    node: &Node,
    model: &Model,
    tokens: Option<u32>,
) -> Option<Draft> {
    let layers = match &model.kind {
        ModelKind::Transformer(transformer) => transformer.mtp_layers,
        ModelKind::Network(_) => 0,
    };
    if layers == 0 {
        let message = format!(
            "{} has no layers that predict tokens further ahead",
            model.id
        );
        context.reader.push(
            Diagnostic::error(Code::NotModelledYet, message, node.span)
                .label("none is stated")
                .help(
                    "state `mtp_layers` of an `arch`, read them from a `config.json`, or guess with `method: draft` or `ngram`",
                ),
        );
        return None;
    }
    if tokens.is_some_and(|tokens| tokens > layers && !tokens.is_multiple_of(layers)) {
        let message = format!("{} tokens of {layers} layers", tokens.unwrap_or(0));
        context.reader.bad_value(
            node.span,
            message,
            "as many as there are layers, or a multiple",
        );
        return None;
    }
    context.assume(
        "deployment.speculative",
        "the layers that predict ahead are like the last layer of the model, with its number formats, and share its embedding and output \
         projection",
        "DeepSeek-V3, arXiv 2412.19437, section 2.2; vLLM, vllm/model_executor/models/deepseek_mtp.py",
    );
    Some(Draft::Layers)
}
