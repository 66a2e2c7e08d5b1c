//! The text form of a filter, read and written.

use std::fmt;

use super::choose::{Filter, Sign, Term};
use crate::scenario::Scalar;
use crate::scenario::expression::ExprValue;

/// Longest first.
const SIGNS: [(&str, Sign); 7] = [
    ("!=", Sign::NotEqual),
    ("<=", Sign::AtMost),
    (">=", Sign::AtLeast),
    ("==", Sign::Equal),
    ("=", Sign::Equal),
    ("<", Sign::Less),
    (">", Sign::Greater),
];

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    /// What is wrong.
    pub message: String,
    /// First byte and one past the last.
    pub place: (usize, usize),
}

/// The terms of a text: any of the lists, all of its terms.
pub(super) fn alternatives(text: &str) -> Result<Vec<Vec<Term>>, FilterError> {
    let mut done: Vec<Vec<Term>> = Vec::new();
    let mut current: Vec<Term> = Vec::new();
    let mut at = 0;
    for piece in pieces(text)? {
        let place = (at, at + piece.text.len());
        at = place.1 + 1;
        let found = comparison(piece.text);
        match (found, piece.after, current.last_mut()) {
            (None, After::Or, Some(term)) => term.values.push(read_value(piece.text, place)?),
            (None, _, _) => {
                let message = format!("`{}` compares nothing", piece.text.trim());
                return Err(FilterError { message, place });
            }
            (Some(found), After::Or, Some(_)) => {
                done.push(std::mem::take(&mut current));
                current.push(term(piece.text, &found, place)?);
            }
            (Some(found), _, _) => current.push(term(piece.text, &found, place)?),
        }
    }
    done.push(current);
    Ok(done)
}

/// What stands before a piece.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Start,
    And,
    Or,
}

struct Piece<'t> {
    text: &'t str,
    after: After,
}

/// Splits at `,` and `|` outside quotes.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, FilterError> {
    let mut pieces = Vec::new();
    let (mut start, mut after, mut quote) = (0, After::Start, None);
    for (position, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some((open, _)), _) if open == byte => quote = None,
            (None, b'"' | b'\'') => quote = Some((byte, position)),
            (None, b',' | b'|') => {
                pieces.push(Piece {
                    text: &text[start..position],
                    after,
                });
                after = if byte == b',' { After::And } else { After::Or };
                start = position + 1;
            }
            (Some(_) | None, _) => {}
        }
    }
    if let Some((_, opened)) = quote {
        let message = "the quote is never closed".to_owned();
        return Err(FilterError {
            message,
            place: (opened, opened + 1),
        });
    }
    pieces.push(Piece {
        text: &text[start..],
        after,
    });
    Ok(pieces)
}

/// The first comparison outside quotes: where it stands, how long it is, and what it means.
fn comparison(text: &str) -> Option<(usize, usize, Sign)> {
    let position = text.find(['!', '<', '>', '=', '"', '\''])?;
    let (sign, meaning) = SIGNS
        .iter()
        .find(|(sign, _)| text[position..].starts_with(sign))?;
    Some((position, sign.len(), *meaning))
}

fn term(
    text: &str,
    found: &(usize, usize, Sign),
    place: (usize, usize),
) -> Result<Term, FilterError> {
    let (position, length, sign) = *found;
    let axis = text[..position].trim().to_owned();
    if axis.is_empty() {
        let message = "a name is missing before the comparison".to_owned();
        return Err(FilterError { message, place });
    }
    let start = place.0 + position + length;
    let values = vec![read_value(&text[position + length..], (start, place.1))?];
    Ok(Term {
        axis,
        sign,
        values,
        span: None,
    })
}

fn read_value(text: &str, place: (usize, usize)) -> Result<(String, ExprValue), FilterError> {
    let text = text.trim();
    let refused = |message: &str| FilterError {
        message: message.to_owned(),
        place,
    };
    let plain = match text.chars().next() {
        None => return Err(refused("a value is missing")),
        Some(quote @ ('"' | '\'')) => {
            let inner = text[1..]
                .strip_suffix(quote)
                .ok_or_else(|| refused("text follows the quoted value"))?;
            let doubled = format!("{quote}{quote}");
            if inner.replace(&doubled, "").contains(quote) {
                return Err(refused("text follows the quoted value"));
            }
            inner.replace(&doubled, &quote.to_string())
        }
        Some(_) if text.contains(['"', '\'']) => {
            return Err(refused("a value with a quote in it is quoted"));
        }
        Some(_) => text.to_owned(),
    };
    let value = ExprValue::of(&Scalar::plain(plain.as_str()));
    Ok((plain, value))
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, terms) in self.alternatives.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "|" })?;
            for (index, term) in terms.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { "," })?;
                write!(f, "{term}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = SIGNS.iter().rev().find(|(_, sign)| *sign == self.sign);
        write!(f, "{}{}", self.axis, sign.map_or("=", |(text, _)| text))?;
        for (index, (text, _)) in self.values.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "|" })?;
            let signs = [',', '|', '=', '<', '>', '!', '"', '\''];
            if text.is_empty() || text.contains(signs) || text.trim() != text {
                write!(f, "\"{}\"", text.replace('"', "\"\""))?;
            } else {
                f.write_str(text)?;
            }
        }
        Ok(())
    }
}
