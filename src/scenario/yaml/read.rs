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
    let position = text.as_bytes().iter().position(|byte| control(byte))?;
    let span = Span {
        source,
        start: position as u32,
        end: position as u32 + 1,
    };
    let byte = text.as_bytes()[position];
    Some(
        Diagnostic::error(Code::NotText, "the file holds a control character", span)
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
