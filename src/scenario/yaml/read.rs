//! Bytes become text, and text becomes a tree.

use std::path::Path;

use super::build;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::scenario::Node;
use crate::source::{SourceId, Sources, Span};

/// Bytes of one text.
const MAX_BYTES: usize = 4 << 20;

/// Reads the bytes of a file as a tree; the text is kept in `sources` under `path`.
///
/// # Errors
///
/// Every problem of the text, with its place.
pub fn parse_text(
    sources: &mut Sources,
    path: &Path,
    bytes: &[u8],
) -> Result<(SourceId, Node), Diagnostics> {
    if bytes.len() > MAX_BYTES {
        let source = sources.add(path, "");
        let message = format!(
            "the file has {} bytes; a scenario has at most {MAX_BYTES}",
            bytes.len()
        );
        return Err(Diagnostic::error(Code::TooLarge, message, start_of(source)).into());
    }
    // A byte order mark is no part of the text, so that places count from the first character an editor shows.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let source = match str::from_utf8(bytes) {
        Ok(text) => sources.add(path, text),
        Err(error) => return Err(not_utf8(sources, path, bytes, error.valid_up_to()).into()),
    };
    if let Some(diagnostic) = control_character(sources.text(source), source) {
        return Err(diagnostic.into());
    }
    let text = sources.text(source);
    match build::tree(text, source, 0)? {
        Some(node) if !node.is_null() => Ok((source, node)),
        Some(_) | None => Err(empty(source).into()),
    }
}

/// Reads the part of a kept text that starts at byte `from`: the value of `--set`. `None` when it holds no value.
pub(in crate::scenario) fn parse_part(
    sources: &Sources,
    source: SourceId,
    from: usize,
) -> Result<Option<Node>, Diagnostics> {
    let text = sources.text(source);
    if let Some(diagnostic) = control_character(text, source) {
        return Err(diagnostic.into());
    }
    build::tree(&text[from..], source, from)
}

const fn start_of(source: SourceId) -> Span {
    Span {
        source,
        start: 0,
        end: 0,
    }
}

fn not_utf8(sources: &mut Sources, path: &Path, bytes: &[u8], valid: usize) -> Diagnostic {
    // The valid part keeps its places; each bad sequence is shown as one replacement character.
    let shown = String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}");
    let source = sources.add(path, shown);
    let start = valid as u32;
    let span = Span {
        source,
        start,
        end: start + '\u{fffd}'.len_utf8() as u32,
    };
    let wide = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    let help = if wide {
        "the file looks like UTF-16; save it as UTF-8"
    } else {
        "save the file as UTF-8"
    };
    Diagnostic::error(Code::NotText, "the file is not UTF-8 text", span)
        .label(format!("byte 0x{:02X} begins no character", bytes[valid]))
        .help(help)
}

fn control_character(text: &str, source: SourceId) -> Option<Diagnostic> {
    let control =
        |byte: &u8| (*byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || *byte == 0x7F;
    let position = text.as_bytes().iter().position(control)?;
    let span = Span {
        source,
        start: position as u32,
        end: position as u32 + 1,
    };
    let byte = text.as_bytes()[position];
    Some(
        Diagnostic::error(Code::NotText, "the text holds a control character", span)
            .label(format!("U+{byte:04X} is no text"))
            .help("a scenario is a plain text file; write the character as `\\x..` in double quotes if it is meant"),
    )
}

fn empty(source: SourceId) -> Diagnostic {
    Diagnostic::error(
        Code::MissingKey,
        "the file holds no scenario",
        start_of(source),
    )
    .label("nothing here")
    .help("a scenario starts with `schema: phantom/v1`; `phantom init` writes a first one")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::{Scalar, Value};

    fn parse(text: &str) -> (Sources, Node) {
        let mut sources = Sources::default();
        let parsed = parse_text(&mut sources, Path::new("x.yaml"), text.as_bytes());
        (sources, parsed.expect("the text is YAML").1)
    }

    fn place(text: &str, path: &[&str]) -> (usize, usize, usize) {
        let (sources, root) = parse(text);
        let node = root.at(path.iter().copied()).expect("the path exists");
        let place = sources.place(node.span);
        (place.line, place.column, place.end_column)
    }

    #[test]
    fn places_are_those_an_editor_shows() {
        assert_eq!(place("a: 1\nb:\n  c: h10 # x\n", &["b", "c"]), (3, 6, 9));
        assert_eq!(place("a: 1\r\nb:\r\n  c: h10\r\n", &["b", "c"]), (3, 6, 9));
        assert_eq!(place("\u{feff}a: h10\nb: 2\n", &["a"]), (1, 4, 7));
        assert_eq!(
            place("é: ☃☃\nü: {ö: 'h10' , x: y}\n", &["ü", "ö"]),
            (2, 8, 13)
        );
        assert_eq!(place("a:\t  h10\t# x\n", &["a"]), (1, 6, 9));
        assert_eq!(place("a: [x, \"y\"  , z]\n", &["a", "2"]), (1, 15, 16));
        assert_eq!(place("a: 'it''é' # 'x'\n", &["a"]), (1, 4, 11));
        assert_eq!(place("a: \"x\\\"y\" # \"x\n", &["a"]), (1, 4, 10));
        assert_eq!(place("a: [x, {b: 1}]\n", &["a"]), (1, 4, 15));
        assert_eq!(place("a: [x, {b: 1}]\n", &["a", "1"]), (1, 8, 14));
        assert_eq!(place("models:\nx: 1\n", &["models"]), (1, 1, 7));
    }

    #[test]
    fn a_map_reaches_from_its_first_key_to_its_last_value() {
        let (sources, root) =
            parse("a:\n  b: 1\n  c: [2,\n      3]   # x\nd: |\n  text\n\n\ne: 4\n");
        let place = sources.place(root.get("a").expect("a").span);
        assert_eq!(
            (place.line, place.column, place.end_line, place.end_column),
            (2, 3, 4, 9)
        );
        let place = sources.place(root.get("d").expect("d").span);
        assert_eq!((place.line, place.end_line, place.end_column), (6, 6, 7));
    }

    #[test]
    fn expressions_and_variables_are_plain_scalars() {
        let (_, root) = parse(
            "a: $(vars.x * 2)\nb: ${X:-a: b}/$(if(p == 1, 2, [3]))\nc: {d: $(min(a, b)), e: [${Y:-{}}, z]}\n",
        );
        let text = |path: &[&str]| {
            let scalar = root
                .at(path.iter().copied())
                .and_then(Node::scalar)
                .cloned();
            scalar.expect("a scalar")
        };
        assert_eq!(text(&["a"]), Scalar::plain("$(vars.x * 2)"));
        assert_eq!(
            text(&["b"]),
            Scalar::plain("${X:-a: b}/$(if(p == 1, 2, [3]))")
        );
        assert_eq!(text(&["c", "d"]), Scalar::plain("$(min(a, b))"));
        assert_eq!(text(&["c", "e", "0"]), Scalar::plain("${Y:-{}}"));
        assert_eq!(text(&["c", "e", "1"]), Scalar::plain("z"));
    }

    #[test]
    fn quotes_decide_what_is_text() {
        let (_, root) = parse("a: 8\nb: \"8\"\nc: '$x'\nd: >\n  a\n  b\ne: yes\nf: ~\n");
        let scalar = |key: &str| {
            root.get(key)
                .and_then(Node::scalar)
                .cloned()
                .expect("a scalar")
        };
        assert_eq!(scalar("a").as_int(), Some(8));
        assert!(scalar("b").quoted && !scalar("b").literal);
        assert!(scalar("c").quoted && scalar("c").literal);
        assert_eq!(scalar("d").text, "a b\n");
        assert_eq!(scalar("e").as_bool(), None);
        assert!(root.get("f").expect("f").is_null());
    }

    /// The same tree without places.
    fn bare(node: &Node) -> String {
        match &node.value {
            Value::Map(entries) => {
                let fields: Vec<String> = entries
                    .iter()
                    .map(|entry| format!("{:?}: {}", entry.key, bare(&entry.node)))
                    .collect();
                format!("{{{}}}", fields.join(", "))
            }
            Value::List(items) => format!(
                "[{}]",
                items.iter().map(bare).collect::<Vec<_>>().join(", ")
            ),
            Value::Scalar(_) if node.is_null() => "null".to_owned(),
            Value::Scalar(scalar) => format!("{:?} {}", scalar.text, scalar.quoted),
        }
    }

    fn tree() -> impl Strategy<Value = Node> {
        let span = start_of(Sources::default().add("x", ""));
        let scalar = ("\\PC{0,12}", any::<bool>()).prop_map(move |(text, quoted)| Node {
            // Plain text is what YAML would read as plain: trimmed and in one piece.
            value: Value::Scalar(Scalar {
                text,
                quoted,
                literal: false,
            }),
            span,
        });
        scalar.prop_recursive(4, 32, 5, move |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List);
            let map = prop::collection::btree_map("[a-zA-Z0-9 _.:-]{1,8}", inner, 0..4).prop_map(
                move |fields| {
                    let entry = |(key, node)| crate::scenario::Entry {
                        key,
                        key_span: span,
                        node,
                    };
                    Value::Map(fields.into_iter().map(entry).collect())
                },
            );
            prop_oneof![list, map].prop_map(move |value| Node { value, span })
        })
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,200}") {
            let _ = parse_text(&mut Sources::default(), Path::new("x.yaml"), text.as_bytes());
        }

        #[test]
        fn parsing_yaml_like_bytes_never_panics(text in "[-:,\\[\\]{}#&*!|>'\"%@ \\t\r\nab?$()é]{0,80}") {
            let mut sources = Sources::default();
            if let Ok((source, root)) = parse_text(&mut sources, Path::new("x.yaml"), text.as_bytes()) {
                let end = sources.text(source).len() as u32;
                prop_assert!(root.span.start <= root.span.end && root.span.end <= end);
            }
        }

        #[test]
        fn what_is_written_reads_back(root in tree()) {
            let written = format!("x: {}\n", root.flow());
            let (_, read) = parse(&written);
            let node = read.get("x").expect("the field");
            // A plain scalar that needed quotes is text afterwards.
            let plain = |text: &str| text.replace("\" true", "\" _").replace("\" false", "\" _");
            prop_assert_eq!(plain(&bare(node)), plain(&bare(&root)), "{}", written);
        }
    }
}
