//! What the YAML parser refuses, in words that help.

use crate::diag::{Code, Diagnostic};
use crate::source::{SourceId, Span};

/// The diagnostic of a parser error at byte `position` of `text`, which starts at byte `base` of its source.
pub(super) fn refused(
    info: &str,
    text: &str,
    position: usize,
    (source, base): (SourceId, usize),
) -> Diagnostic {
    let end = text[position..]
        .chars()
        .next()
        .filter(|character| !matches!(character, '\n' | '\r'))
        .map_or(position, |character| position + character.len_utf8());
    let span = Span {
        source,
        start: (base + position) as u32,
        end: (base + end) as u32,
    };
    if info.contains("unknown anchor") || info.contains("anchor or alias") {
        return Diagnostic::error(Code::UnsupportedYaml, "anchors and aliases are not supported", span)
            .label("an alias")
            .help("repeat the value, or share it through `extends`; text that starts with `*` or `&` needs quotes");
    }
    if info.contains("tag") || info.contains("handle") {
        return Diagnostic::error(Code::UnsupportedYaml, "tags are not supported", span)
            .label("a tag")
            .help("types follow from the field; text that starts with `!` needs quotes");
    }
    let diagnostic =
        Diagnostic::error(Code::YamlSyntax, "the text is not YAML", span).label(plain(info));
    match way_out(info, text, position) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// The parser's message without its own context.
fn plain(info: &str) -> String {
    let context = ["while ", "scanning ", "parsing "];
    match info.split_once(", ") {
        Some((head, tail)) if context.iter().any(|word| head.starts_with(word)) => tail.to_owned(),
        Some(_) | None => info.to_owned(),
    }
}

fn way_out(info: &str, text: &str, position: usize) -> Option<&'static str> {
    let line_start = text[..position]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let indent = text[line_start..]
        .split(|character: char| !character.is_whitespace() || character == '\n')
        .next()
        .unwrap_or_default();
    let at = text[position..].chars().next();
    if info.contains("tab") || indent.contains('\t') {
        Some("indent with spaces; a tab is not indentation in YAML")
    } else if matches!(at, Some('@' | '`' | '%')) {
        Some("text that starts with this character needs quotes")
    } else if info.contains("mapping values") {
        Some("quote a value that contains `: `, or give the key a line of its own")
    } else if info.contains("quoted scalar") && !info.contains("escape") {
        Some("a quote is opened and never closed")
    } else if info.contains("escape") {
        Some(
            "double-quoted text reads `\\` as an escape; use single quotes for text with backslashes",
        )
    } else if info.contains("flow") || (position >= text.trim_end().len() && unclosed(text)) {
        Some("a `[` or `{` is not closed, or a comma is missing between two items")
    } else if info.contains("simple key")
        || info.contains("block mapping")
        || info.contains("indentation")
    {
        Some(
            "every line of a map reads `key: value`, and the keys of one map start in the same column",
        )
    } else {
        None
    }
}

fn unclosed(text: &str) -> bool {
    let count = |signs: [char; 2]| text.matches(signs).count();
    count(['[', '{']) > count([']', '}'])
}

/// A key that is none.
pub(super) fn odd_key(key: &str, span: Span) -> Diagnostic {
    if key.is_empty() {
        Diagnostic::error(Code::UnsupportedYaml, "a key must be text", span)
            .label("no key before the colon")
    } else {
        Diagnostic::error(Code::UnsupportedYaml, "merge keys are not supported", span)
            .label("a merge key")
            .help("repeat the fields, or share them through `extends`")
    }
}

/// A key that stands twice.
pub(super) fn duplicate(key: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(
        Code::DuplicateKey,
        format!("`{key}` stands twice in one map"),
        span,
    )
    .label("given again here")
    .help("remove one of the two")
    .related(first, "first given here")
}

/// A key that no field has.
pub(super) fn long_key(most: usize, span: Span) -> Diagnostic {
    let message = format!("a key has at most {most} bytes");
    Diagnostic::error(Code::TooLarge, message, span)
}
