//! The signs of an expression.

use super::{ExprError, ExprValue};
use crate::scenario::Scalar;
use crate::units::parse_any;

/// One sign with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub place: (usize, usize),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A number, a quantity, or quoted text.
    Value(ExprValue),
    /// `vars.peak`, `min`, `and`.
    Word(String),
    /// `+`, `<=`, `(`, `,`.
    Sign(&'static str),
    End,
}

/// Longest first, so that `**` is not `*` twice.
const SIGNS: [&str; 17] = [
    "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "<", ">", "(", ")", ",", "=",
];

/// Splits an expression.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExprError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = token(&text[at..], at)?;
        tokens.push(Token {
            kind,
            place: (at, at + length),
        });
        at += length;
    }
    tokens.push(Token {
        kind: TokenKind::End,
        place: (at, at),
    });
    Ok(tokens)
}

fn token(text: &str, at: usize) -> Result<(TokenKind, usize), ExprError> {
    let first = text.chars().next().expect("the caller saw a character");
    if first.is_ascii_digit()
        || (first == '.' && text[1..].starts_with(|next: char| next.is_ascii_digit()))
    {
        return number(text, at);
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = run(text, |sign| {
            sign.is_ascii_alphanumeric() || matches!(sign, '_' | '.')
        });
        return Ok((TokenKind::Word(text[..length].to_owned()), length));
    }
    if matches!(first, '"' | '\'') {
        let Some(end) = text[1..].find(first) else {
            return Err(ExprError::new("the quote is never closed", (at, at + 1)));
        };
        return Ok((
            TokenKind::Value(ExprValue::Text(text[1..=end].to_owned())),
            end + 2,
        ));
    }
    match SIGNS.into_iter().find(|sign| text.starts_with(sign)) {
        Some("=") => Err(ExprError::new("`=` compares nothing", (at, at + 1)).help("write `==`")),
        Some(sign) => Ok((TokenKind::Sign(sign), sign.len())),
        None => {
            let message = format!("`{first}` has no meaning in an expression");
            Err(ExprError::new(message, (at, at + first.len_utf8())))
        }
    }
}

/// Bytes of the characters at the start that satisfy `belongs`.
fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|sign| !belongs(sign)).unwrap_or(text.len())
}

fn number(text: &str, at: usize) -> Result<(TokenKind, usize), ExprError> {
    let length = number_length(text);
    for unit in unit_lengths(&text[length..]) {
        let written = &text[..length + unit];
        if parse_any(written).is_some() {
            return Ok((
                TokenKind::Value(ExprValue::of(&Scalar::plain(written))),
                length + unit,
            ));
        }
    }
    match ExprValue::of(&Scalar::plain(&text[..length])) {
        value @ ExprValue::Number(_) => Ok((TokenKind::Value(value), length)),
        ExprValue::Quantity { .. } | ExprValue::Bool(_) | ExprValue::Text(_) => {
            let message = format!("`{}` is no number", &text[..length]);
            Err(ExprError::new(message, (at, at + length)))
        }
    }
}

/// Digits, a point, digits, and an exponent.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| from + run(&text[from..], |sign| sign.is_ascii_digit());
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = end + 1 + usize::from(text[end + 1..].starts_with(['-', '+']));
        let stop = digits(sign);
        if stop > sign {
            return stop;
        }
    }
    end
}

/// How far a unit may reach, longest first: ` USD/h`, ` USD`; nothing where none follows.
fn unit_lengths(rest: &str) -> impl Iterator<Item = usize> {
    let space = usize::from(rest.starts_with(' '));
    let after = &rest[space..];
    let word = run(after, |sign| sign.is_ascii_alphanumeric());
    let per = after[word..]
        .strip_prefix('/')
        .map_or(0, |tail| run(tail, |sign| sign.is_ascii_alphabetic()));
    let percent = after.starts_with('%') && space == 0 && ends_operand(&after[1..]);
    let long = (word > 0 && per > 0).then_some(space + word + 1 + per);
    let short = (word > 0).then_some(space + word);
    long.into_iter().chain(short).chain(percent.then_some(1))
}

/// True when what follows a `%` cannot be the right side of a remainder.
fn ends_operand(rest: &str) -> bool {
    let next = rest.trim_start().chars().next();
    next.is_none_or(|sign| {
        matches!(
            sign,
            ')' | ',' | '*' | '/' | '<' | '>' | '=' | '!' | '%' | '+'
        )
    })
}
