//! Diagnostics as a terminal or a program reads them.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::source::{Sources, Span};

/// Draws diagnostics with their lines, rustc's way; at most [`Diagnostics::SHOWN`], the rest is counted.
pub fn human(
    diagnostics: &Diagnostics,
    sources: &Sources,
    colour: super::context::Colour,
) -> String {
    let renderer = match colour {
        super::context::Colour::Yes => Renderer::styled(),
        super::context::Colour::No => Renderer::plain(),
    };
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(Diagnostics::SHOWN) {
        text.push_str(&renderer.render(&[group(diagnostic, sources)]));
        text.push_str("\n\n");
    }
    if let Some(hidden) = diagnostics
        .len()
        .checked_sub(Diagnostics::SHOWN)
        .filter(|hidden| *hidden > 0)
    {
        text.push_str(&format!("… and {hidden} more\n"));
    }
    text
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.name())
        .elements(
            diagnostic
                .span
                .map(|span| snippet(diagnostic, span, sources)),
        );
    for (span, label) in &diagnostic.related {
        if diagnostic
            .span
            .is_none_or(|main| main.source != span.source)
        {
            let annotation = AnnotationKind::Context
                .span(range(*span, sources))
                .label(label.as_str());
            group = group.element(base(*span, sources).annotation(annotation));
        }
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group.elements(
        diagnostic
            .notes
            .iter()
            .map(|note| Level::NOTE.message(note.as_str())),
    )
}

fn snippet<'a>(
    diagnostic: &'a Diagnostic,
    span: Span,
    sources: &'a Sources,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let mut primary = AnnotationKind::Primary.span(range(span, sources));
    if let Some(label) = &diagnostic.label {
        primary = primary.label(label.as_str());
    }
    let here = diagnostic
        .related
        .iter()
        .filter(|(other, _)| other.source == span.source);
    let context = here.map(|(other, label)| {
        AnnotationKind::Context
            .span(range(*other, sources))
            .label(label.as_str())
    });
    base(span, sources)
        .annotation(primary)
        .annotations(context.collect::<Vec<_>>())
}

fn base(span: Span, sources: &Sources) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    Snippet::source(sources.text(span.source))
        .path(
            sources
                .path(span.source)
                .display()
                .to_string()
                .replace('\\', "/"),
        )
        .fold(true)
}

/// The span as byte offsets that lie on characters of its text.
fn range(span: Span, sources: &Sources) -> std::ops::Range<usize> {
    let text = sources.text(span.source);
    let on_character = |offset: u32| {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = on_character(span.start);
    start..on_character(span.end).max(start)
}

/// Diagnostics as JSON values, one each.
pub fn values(diagnostics: &Diagnostics, sources: &Sources) -> Vec<Value> {
    diagnostics
        .iter()
        .map(|diagnostic| {
            json!({
                "code": diagnostic.code,
                "severity": diagnostic.severity,
                "message": diagnostic.message,
                "place": diagnostic.span.map(|span| sources.place(span)),
                "label": diagnostic.label,
                "help": diagnostic.help,
                "notes": diagnostic.notes,
            })
        })
        .collect()
}

/// Diagnostics as GitHub annotations, one line each.
pub fn github(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics.iter() {
        let kind = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = diagnostic.span.map_or_else(String::new, |span| {
            let place = sources.place(span);
            format!(
                "file={},line={},col={},",
                place.file, place.line, place.column
            )
        });
        let message = escape(&diagnostic.message);
        text.push_str(&format!(
            "::{kind} {place}title={}::{message}\n",
            diagnostic.code
        ));
    }
    text
}

fn escape(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn a_diagnostic_shows_its_line_label_and_help() {
        let mut sources = Sources::default();
        let source = sources.add("scenarios/chat.yaml", "name: chat\nhardware: h10\n");
        let span = Span {
            source,
            start: 21,
            end: 24,
        };
        let diagnostic =
            Diagnostic::error(Code::UnknownHardware, "no hardware is named `h10`", span)
                .label("not in the catalogue")
                .help("did you mean `h100`?");
        let drawn = human(
            &Diagnostics::from(diagnostic),
            &sources,
            super::super::context::Colour::No,
        );
        assert!(
            drawn.contains("error[unknown-hardware]: no hardware is named `h10`"),
            "{drawn}"
        );
        assert!(drawn.contains("scenarios/chat.yaml:2:11"), "{drawn}");
        assert!(drawn.contains("^^^ not in the catalogue"), "{drawn}");
        assert!(drawn.contains("help: did you mean `h100`?"), "{drawn}");
    }
}
