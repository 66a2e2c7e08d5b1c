//! Events of the YAML parser become a tree.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};

use super::places::Places;
use super::{places, shield, syntax};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::scenario::{Entry, Node, Scalar, Value};
use crate::source::{SourceId, Span};

/// Maps and lists inside each other.
const MAX_DEPTH: usize = 64;
/// Keys, values and items of one text.
const MAX_NODES: usize = 1_000_000;
/// Bytes of one key.
const MAX_KEY: usize = 1024;
/// Problems after which reading stops.
const MAX_PROBLEMS: usize = 100;

/// The tree of `text`, which starts at byte `base` of `source`; `None` when it holds no value.
pub(super) fn tree(text: &str, source: SourceId, base: usize) -> Result<Option<Node>, Diagnostics> {
    let shielded = shield::raise(text);
    let mut parser = Parser::new_from_str(&shielded);
    let mut builder = Builder {
        text,
        source,
        base,
        places: Places::new(text),
        stack: Vec::new(),
        root: None,
        nodes: 0,
        documents: 0,
        problems: Diagnostics::default(),
    };
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, marks)) => {
                if builder.event(event, marks) == Next::Stop {
                    break;
                }
            }
            Err(error) => {
                let position = builder.places.byte(error.marker().index());
                let refused = syntax::refused(error.info(), text, position, (source, base));
                builder
                    .problems
                    .push(builder.with_open_bracket(refused, position));
                break;
            }
        }
    }
    if builder.problems.is_empty() {
        Ok(builder.root)
    } else {
        Err(builder.problems)
    }
}

#[derive(PartialEq, Eq)]
enum Next {
    Read,
    Stop,
}

/// A map or list that is still open.
enum Open {
    Map {
        start: usize,
        entries: Vec<Entry>,
        key: Option<(String, Span)>,
        seen: BTreeMap<String, Span>,
    },
    List {
        start: usize,
        items: Vec<Node>,
    },
}

struct Builder<'t> {
    text: &'t str,
    source: SourceId,
    base: usize,
    places: Places<'t>,
    stack: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
    problems: Diagnostics,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, marks: Marks) -> Next {
        match event {
            Event::Nothing | Event::StreamStart | Event::DocumentEnd => Next::Read,
            Event::StreamEnd => Next::Stop,
            Event::DocumentStart(_) => self.document(marks),
            Event::Alias(_) => {
                self.unsupported(marks, "anchors and aliases are not supported", "an alias");
                self.alias(self.span(marks))
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_properties(marks, anchor, tag.is_some());
                self.scalar(&text, style, marks)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_properties(marks, anchor, tag.is_some());
                let start = self.places.byte(marks.start.index());
                self.open(
                    marks,
                    Open::List {
                        start,
                        items: Vec::new(),
                    },
                )
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_properties(marks, anchor, tag.is_some());
                let start = self.places.byte(marks.start.index());
                let (entries, seen) = (Vec::new(), BTreeMap::new());
                self.open(
                    marks,
                    Open::Map {
                        start,
                        entries,
                        key: None,
                        seen,
                    },
                )
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(marks),
        }
    }

    /// Adds where the innermost open bracket stands, when the error is on a later line.
    fn with_open_bracket(&self, problem: Diagnostic, position: usize) -> Diagnostic {
        let opened = self.stack.last().map(|open| match open {
            Open::Map { start, .. } | Open::List { start, .. } => *start,
        });
        match opened {
            Some(start)
                if self.text[start..].starts_with(['{', '['])
                    && self.text[start..position].contains('\n') =>
            {
                let (start, end) = (self.offset(start), self.offset(start + 1));
                problem.related(
                    Span {
                        source: self.source,
                        start,
                        end,
                    },
                    "opened here",
                )
            }
            Some(_) | None => problem,
        }
    }

    fn document(&mut self, marks: Marks) -> Next {
        self.documents += 1;
        if self.documents == 1 {
            return Next::Read;
        }
        let problem = Diagnostic::error(
            Code::UnsupportedYaml,
            "several documents in one file are not supported",
            self.span(marks),
        );
        self.problems.push(
            problem
                .label("a second document starts here")
                .help("write one file per scenario; `extends` shares what they have in common"),
        );
        Next::Stop
    }

    fn refuse_properties(&mut self, marks: Marks, anchor: usize, tagged: bool) {
        if anchor > 0 {
            self.unsupported(
                marks,
                "anchors and aliases are not supported",
                "this value has an anchor",
            );
        }
        if tagged {
            self.unsupported(marks, "tags are not supported", "this value has a tag");
        }
    }

    fn unsupported(&mut self, marks: Marks, message: &str, label: &str) {
        let problem =
            Diagnostic::error(Code::UnsupportedYaml, message, self.span(marks)).label(label);
        let help = if message.starts_with("tags") {
            "types follow from the field; text that starts with `!` needs quotes"
        } else {
            "repeat the value, or share it through `extends`; text that starts with `*` or `&` needs quotes"
        };
        self.problems.push(problem.help(help));
    }

    /// Goes on after an alias as if nothing had been written.
    fn alias(&mut self, span: Span) -> Next {
        if let Some(Open::Map {
            key: key @ None, ..
        }) = self.stack.last_mut()
        {
            *key = Some((String::new(), span));
            return self.count(span);
        }
        self.add(Node::plain("", span))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, marks: Marks) -> Next {
        let span = self.scalar_span(style, marks);
        let text = shield::lower(text);
        if let Some(Open::Map {
            key: key @ None,
            seen,
            ..
        }) = self.stack.last_mut()
        {
            if text.len() > MAX_KEY {
                self.problems.push(syntax::long_key(MAX_KEY, span));
                return Next::Stop;
            }
            if style == ScalarStyle::Plain && matches!(text.as_str(), "" | "<<") {
                self.problems.push(syntax::odd_key(&text, span));
            }
            if let Some(first) = seen.insert(text.clone(), span) {
                self.problems.push(syntax::duplicate(&text, span, first));
            }
            *key = Some((text, span));
            return self.count(span);
        }
        let quoted = style != ScalarStyle::Plain;
        let literal = !matches!(style, ScalarStyle::Plain | ScalarStyle::DoubleQuoted);
        let value = Value::Scalar(Scalar {
            text,
            quoted,
            literal,
        });
        self.add(Node { value, span })
    }

    fn open(&mut self, marks: Marks, open: Open) -> Next {
        let span = self.span(marks);
        if let Some(Open::Map { key: None, .. }) = self.stack.last() {
            self.problems.push(
                Diagnostic::error(Code::UnsupportedYaml, "a key must be text", span)
                    .label("a map or list stands where a key is expected")
                    .help("quote text that starts with `{` or `[`"),
            );
            return Next::Stop;
        }
        if self.stack.len() >= MAX_DEPTH {
            let message = format!("maps and lists are nested deeper than {MAX_DEPTH} levels");
            self.problems
                .push(Diagnostic::error(Code::TooLarge, message, span));
            return Next::Stop;
        }
        self.stack.push(open);
        self.count(span)
    }

    fn close(&mut self, marks: Marks) -> Next {
        let Some(open) = self.stack.pop() else {
            return Next::Stop;
        };
        let (start, value, last) = match open {
            Open::Map { start, entries, .. } => {
                let last = entries
                    .last()
                    .map(|entry| entry.key_span.end.max(entry.node.span.end));
                (start, Value::Map(entries), last)
            }
            Open::List { start, items } => {
                let last = items.last().map(|item| item.span.end);
                (start, Value::List(items), last)
            }
        };
        // The parser's end of a bracket includes the blanks and comments after it.
        let closing = self.places.byte(marks.start.index());
        let bracketed = self.text[closing..].starts_with(['}', ']'])
            && self.text[start..].starts_with(['{', '[']);
        let end = match last {
            Some(last) if !bracketed => last,
            Some(_) | None => self.offset(closing + usize::from(bracketed)),
        };
        let start = self.offset(start);
        let span = Span {
            source: self.source,
            start,
            end: end.max(start),
        };
        self.attach(Node { value, span });
        Next::Read
    }

    fn add(&mut self, node: Node) -> Next {
        let span = node.span;
        self.attach(node);
        self.count(span)
    }

    fn attach(&mut self, mut node: Node) {
        match self.stack.last_mut() {
            Some(Open::Map { entries, key, .. }) => {
                let (key, key_span) = key.take().expect("a key precedes every value");
                if node.is_null() && node.span.start == node.span.end {
                    // Nothing was written: the key is the place to look at.
                    node.span = key_span;
                }
                entries.push(Entry {
                    key,
                    key_span,
                    node,
                });
            }
            Some(Open::List { items, .. }) => items.push(node),
            None => self.root = Some(node),
        }
    }

    fn count(&mut self, span: Span) -> Next {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("the text has more than {MAX_NODES} keys and values");
            self.problems
                .push(Diagnostic::error(Code::TooLarge, message, span));
            return Next::Stop;
        }
        if self.problems.len() >= MAX_PROBLEMS {
            return Next::Stop;
        }
        Next::Read
    }

    fn offset(&self, byte: usize) -> u32 {
        (self.base + byte) as u32
    }

    fn span(&self, marks: Marks) -> Span {
        let start = self.places.byte(marks.start.index());
        let end = self.places.byte(marks.end.index()).max(start);
        Span {
            source: self.source,
            start: self.offset(start),
            end: self.offset(end),
        }
    }

    /// The place of a scalar without the blanks and comments that follow it.
    fn scalar_span(&self, style: ScalarStyle, marks: Marks) -> Span {
        let start = self.places.byte(marks.start.index());
        let end = self.places.byte(marks.end.index()).max(start);
        let written = match style {
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => {
                self.text[start..end].trim_end().len()
            }
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                places::quoted_length(&self.text[start..end])
            }
        };
        Span {
            source: self.source,
            start: self.offset(start),
            end: self.offset(start + written),
        }
    }
}
