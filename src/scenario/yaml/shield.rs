//! Lets `$( … )` and `${ … }` stand in plain scalars, also between braces and brackets.
//!
//! `{n: $(min(a, b))}` is not YAML as meant: the comma would end the scalar. Before parsing, the signs that YAML would
//! read inside such a form are replaced one for one by private characters, and put back in every scalar afterwards.
//! Positions do not move, because characters are counted.

use std::borrow::Cow;

const SIGNS: [char; 6] = ['{', '}', '[', ']', ',', ':'];
const FIRST: u32 = 0xE000;
/// Bytes of one form; longer ones need quotes.
const MAX_FORM: usize = 4096;
/// Forms of one line that may fail to close; with more of them the rest of the line is left alone, so that reading takes
/// time in proportion to the text.
const MAX_UNCLOSED: usize = 64;

/// `text` with the signs inside `$( … )` and `${ … }` replaced. A form that does not close on its line, or that holds a
/// quote, is left alone, and so is a text that uses the private characters itself.
pub(super) fn raise(text: &str) -> Cow<'_, str> {
    if !(text.contains("$(") || text.contains("${")) || text.contains(is_private) {
        return Cow::Borrowed(text);
    }
    let mut shielded = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    let mut unclosed = 0;
    while let Some(start) = rest.find('$') {
        let (before, form) = rest.split_at(start);
        shielded.push_str(before);
        if before.contains('\n') {
            unclosed = 0;
        }
        let length = if unclosed < MAX_UNCLOSED {
            form_length(form)
        } else {
            None
        };
        unclosed += usize::from(length.is_none());
        let length = length.unwrap_or(1);
        shielded.extend(form[..length].chars().map(cover));
        rest = &form[length..];
    }
    shielded.push_str(rest);
    Cow::Owned(shielded)
}

/// `text` with its signs put back.
pub(super) fn lower(text: &str) -> String {
    if text.contains(is_private) {
        text.chars().map(uncover).collect()
    } else {
        text.to_owned()
    }
}

/// Bytes of the form at the start of `text`, up to its closing sign.
fn form_length(text: &str) -> Option<usize> {
    let (open, close) = match text.as_bytes().get(1)? {
        b'(' => ('(', ')'),
        b'{' => ('{', '}'),
        _ => return None,
    };
    let mut depth = 0_usize;
    for (position, character) in text.char_indices() {
        match character {
            '\n' | '\r' | '"' | '\'' => return None,
            _ if position > MAX_FORM => return None,
            _ if character == open => depth += 1,
            _ if character == close && depth == 1 => return Some(position + 1),
            _ if character == close => depth -= 1,
            _ => {}
        }
    }
    None
}

fn cover(character: char) -> char {
    SIGNS
        .iter()
        .position(|sign| *sign == character)
        .and_then(|index| char::from_u32(FIRST + index as u32))
        .unwrap_or(character)
}

fn uncover(character: char) -> char {
    (character as u32)
        .checked_sub(FIRST)
        .and_then(|index| SIGNS.get(index as usize))
        .copied()
        .unwrap_or(character)
}

fn is_private(character: char) -> bool {
    uncover(character) != character
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raising_and_lowering_is_the_identity() {
        for text in [
            "a: {b: $(min(1, 2)), c: ${X:-[1]}}",
            "$(",
            "a$",
            "${a\n}",
            "$('}')",
        ] {
            let raised = raise(text);
            assert_eq!(lower(&raised), text);
            assert_eq!(raised.chars().count(), text.chars().count());
        }
        assert!(!raise("{b: $(min(1, 2))}").contains(','));
    }
}
