//! The whole document against the table: unknown keys, missing keys, two forms, wrong shapes, unreadable scalars.

use super::super::read::{Reader, boolean, is_expression, kind, not_one_of, number};
use super::super::{Node, Value};
use super::{Field, Map, Shape, Tagged};
use crate::diag::{Code, Diagnostic, suggest};
use crate::source::Span;

/// Checks a document and keeps everything that is wrong with it. Scalars with an expression are left to the points.
pub fn check(root: &Node, reader: &mut Reader) {
    map(root, &super::DOCUMENT, reader, "a scenario");
}

/// Checks a top-level section, as it stands for one point.
pub fn check_section(key: &str, node: &Node, reader: &mut Reader) {
    if let Some(field) = super::DOCUMENT.fields.iter().find(|field| field.key == key) {
        self::node(node, field.shape, reader);
    }
}

/// Checks one node.
pub fn node(node: &Node, shape: &'static Shape, reader: &mut Reader) {
    if is_expression(node) {
        return;
    }
    match shape {
        Shape::Map(fields) => map(node, fields, reader, "a map"),
        Shape::Names(value) => each_entry(node, value, reader),
        Shape::List(item) => each_item(node, item, reader),
        Shape::Tagged(cases) => tagged(node, cases, reader),
        Shape::Runtime => runtime(node, reader),
        Shape::Either(shapes) => either(node, shapes, reader),
        Shape::Named(_, inner) => self::node(node, inner, reader),
        Shape::Text | Shape::Path => drop(reader.text(node)),
        Shape::Date => drop(reader.date(node)),
        Shape::Bool => drop(reader.boolean(node)),
        Shape::Count(least) => drop(reader.count(node, *least)),
        Shape::Number => drop(reader.number(node)),
        Shape::Share => drop(reader.share(node)),
        Shape::Quantity(dimension) => drop(reader.quantity(node, *dimension)),
        Shape::Choice(words) => choice(node, words, reader),
        Shape::Scalar => scalar(node, reader),
        Shape::Any => {}
    }
}

fn map(node: &Node, shape: &'static Map, reader: &mut Reader, expected: &str) {
    let Value::Map(entries) = &node.value else {
        return no_map(node, shape, reader, expected);
    };
    for entry in entries {
        match shape.fields.iter().find(|field| field.key == entry.key) {
            Some(field) if entry.node.is_null() => null(&entry.node, field, reader),
            Some(field) => self::node(&entry.node, field.shape, reader),
            None => reader.push(unknown_key(&entry.key, entry.key_span, shape.fields)),
        }
    }
    missing(node, shape.fields, reader);
    forms(node, shape, reader);
}

/// A name where a map is expected is probably one of the catalogue.
fn no_map(node: &Node, shape: &'static Map, reader: &mut Reader, expected: &str) {
    match node.scalar() {
        Some(name) if shape.forms.contains(&"catalog") => reader.push(
            Diagnostic::error(
                Code::WrongType,
                format!("expected {expected}, found `{}`", name.text),
                node.span,
            )
            .label(format!("write it as `{{catalog: {}}}`", name.text)),
        ),
        Some(_) | None => reader.wrong_type(node, expected),
    }
}

/// A key with nothing after it says nothing, which only a map may: `predict:` and `predict: {}` are the same.
fn null(node: &Node, field: &'static Field, reader: &mut Reader) {
    if !field.shape.may_be_empty() {
        self::node(node, field.shape, reader);
    }
}

/// "No field of that name", with the nearest one.
pub fn unknown_key(key: &str, span: Span, fields: &[Field]) -> Diagnostic {
    unknown_among(key, span, fields.iter().map(|field| field.key))
}

fn unknown_among<'k>(key: &str, span: Span, known: impl Iterator<Item = &'k str>) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let label = suggest(key, known.iter().copied()).map_or_else(
        || "no such field here".to_owned(),
        |near| format!("no such field here; did you mean `{near}`?"),
    );
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    Diagnostic::error(Code::UnknownKey, format!("unknown key `{key}`"), span)
        .label(label)
        .help(format!("the fields here are {}", listed.join(", ")))
}

fn missing(node: &Node, fields: &'static [Field], reader: &mut Reader) {
    for field in fields.iter().filter(|field| field.required) {
        if node.get(field.key).is_none() {
            reader.push(
                Diagnostic::error(
                    Code::MissingKey,
                    format!("the key `{}` is missing", field.key),
                    node.span,
                )
                .label(format!("needs `{}`", field.key))
                .help(field.doc),
            );
        }
    }
}

fn forms(node: &Node, shape: &'static Map, reader: &mut Reader) {
    if shape.forms.is_empty() {
        return;
    }
    let given: Vec<_> = node
        .entries()
        .iter()
        .filter(|entry| shape.forms.contains(&entry.key.as_str()))
        .collect();
    let listed: Vec<String> = shape.forms.iter().map(|form| format!("`{form}`")).collect();
    match given.as_slice() {
        [] => reader.push(
            Diagnostic::error(
                Code::MissingKey,
                format!("{} is missing", shape.form_of),
                node.span,
            )
            .label("none is given")
            .help(format!("give exactly one of {}", listed.join(", "))),
        ),
        [_] => {}
        [first, rest @ ..] => {
            let mut diagnostic = Diagnostic::error(
                Code::TwoForms,
                format!("{} is given {} times", shape.form_of, given.len()),
                rest[0].key_span,
            )
            .label(format!("`{}` is a second one", rest[0].key))
            .help(format!("give exactly one of {}", listed.join(", ")))
            .related(first.key_span, format!("`{}` is the first one", first.key));
            for more in &rest[1..] {
                diagnostic =
                    diagnostic.related(more.key_span, format!("`{}` is another one", more.key));
            }
            reader.push(diagnostic);
        }
    }
}

fn each_entry(node: &Node, value: &'static Shape, reader: &mut Reader) {
    let Value::Map(entries) = &node.value else {
        reader.wrong_type(node, "a map of names");
        return;
    };
    for entry in entries {
        self::node(&entry.node, value, reader);
    }
}

fn each_item(node: &Node, item: &'static Shape, reader: &mut Reader) {
    for entry in reader.list(node).unwrap_or_default() {
        self::node(entry, item, reader);
    }
}

fn tagged(node: &Node, shape: &'static Tagged, reader: &mut Reader) {
    let Value::Map(entries) = &node.value else {
        reader.wrong_type(node, "a map");
        return;
    };
    let Some(tag) = node.get(shape.tag) else {
        reader.push(
            Diagnostic::error(
                Code::MissingKey,
                format!("the key `{}` is missing", shape.tag),
                node.span,
            )
            .label(format!("needs `{}`", shape.tag))
            .help(format!(
                "one of {}",
                shape.names().collect::<Vec<_>>().join(", ")
            )),
        );
        return;
    };
    if is_expression(tag) {
        return;
    }
    let name = tag.scalar().map_or("", |scalar| scalar.text.as_str());
    let Some(case) = shape.case(name) else {
        reader.push(not_one_of(name, tag.span, shape.names()));
        return;
    };
    let fields = || case.fields.iter().chain(shape.common);
    for entry in entries.iter().filter(|entry| entry.key != shape.tag) {
        match fields().find(|field| field.key == entry.key) {
            Some(field) => self::node(&entry.node, field.shape, reader),
            None => reader.push(unknown_among(
                &entry.key,
                entry.key_span,
                fields().map(|field| field.key).chain([shape.tag]),
            )),
        }
    }
    missing(node, case.fields, reader);
    missing(node, shape.common, reader);
}

/// Name and version; the options are checked for each point, because an axis may choose the software.
fn runtime(node: &Node, reader: &mut Reader) {
    if !matches!(node.value, Value::Map(_)) {
        reader.wrong_type(node, "a map");
        return;
    }
    if let Some(name) = node.get("name").filter(|name| !is_expression(name)) {
        reader.choice(name, super::super::runtime::NAMES);
    }
    if let Some(version) = node
        .get("version")
        .filter(|version| !is_expression(version))
    {
        reader.text(version);
    }
}

fn either(node: &Node, shapes: &'static [&'static Shape], reader: &mut Reader) {
    let fitting: Vec<&'static Shape> = shapes
        .iter()
        .copied()
        .filter(|shape| shape.fits(node))
        .collect();
    match fitting.as_slice() {
        [] => reader.wrong_type(
            node,
            &shapes
                .iter()
                .map(|shape| named(shape))
                .collect::<Vec<_>>()
                .join(" or "),
        ),
        [only] => self::node(node, only, reader),
        several => first_that_reads(node, several, reader),
    }
}

/// Of several scalar shapes the first that reads decides; where none does, the last one says what is wrong.
fn first_that_reads(node: &Node, shapes: &[&'static Shape], reader: &mut Reader) {
    let mut said = Reader::default();
    for shape in shapes {
        said = Reader::default();
        self::node(node, shape, &mut said);
        if said.diagnostics.is_empty() {
            return;
        }
    }
    let words: Vec<&str> = shapes
        .iter()
        .flat_map(|shape| shape.words())
        .copied()
        .collect();
    let plain = node
        .scalar()
        .is_some_and(|scalar| number(&scalar.text).is_none() && boolean(&scalar.text).is_none());
    if plain
        && !words.is_empty()
        && !shapes
            .iter()
            .any(|shape| matches!(shape, Shape::Quantity(_)))
    {
        let text = node.scalar().map_or("", |scalar| scalar.text.as_str());
        let others = shapes
            .iter()
            .filter(|shape| !matches!(shape, Shape::Choice(_)))
            .map(|shape| named(shape));
        let diagnostic = not_one_of(text, node.span, words.into_iter());
        reader.push(diagnostic.with_note(format!(
            "also allowed: {}",
            others.collect::<Vec<_>>().join(", ")
        )));
        return;
    }
    reader.diagnostics.extend(said.diagnostics);
}

fn choice(node: &Node, words: &'static [&'static str], reader: &mut Reader) {
    let Some(scalar) = node.scalar() else {
        reader.wrong_type(node, "a word");
        return;
    };
    if !words.contains(&scalar.text.as_str()) {
        reader.push(not_one_of(&scalar.text, node.span, words.iter().copied()));
    }
}

fn scalar(node: &Node, reader: &mut Reader) {
    if node.scalar().is_none() {
        reader.push(
            Diagnostic::error(
                Code::WrongType,
                format!("expected one value, found {}", kind(node)),
                node.span,
            )
            .label("not one value"),
        );
    }
}

/// What a shape is called in messages.
pub fn named(shape: &Shape) -> String {
    match shape {
        Shape::Map(_) | Shape::Names(_) | Shape::Tagged(_) | Shape::Runtime => "a map".to_owned(),
        Shape::List(_) => "a list".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Path => "a path".to_owned(),
        Shape::Date => "a date".to_owned(),
        Shape::Bool => "`true` or `false`".to_owned(),
        Shape::Count(_) => "a whole number".to_owned(),
        Shape::Number => "a number".to_owned(),
        Shape::Share => "a share".to_owned(),
        Shape::Quantity(dimension) => super::super::read::described(*dimension).0.to_owned(),
        Shape::Choice(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(" or "),
        Shape::Scalar => "one value".to_owned(),
        Shape::Any => "a value".to_owned(),
        Shape::Either(shapes) => shapes
            .iter()
            .map(|shape| named(shape))
            .collect::<Vec<_>>()
            .join(" or "),
        Shape::Named(_, inner) => named(inner),
    }
}
