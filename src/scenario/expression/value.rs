//! What an expression gives.

use crate::scenario::Scalar;
use crate::units::{Dimension, parse_any, quantity_text};

/// The value of an expression or a name.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprValue {
    /// A number without a unit: counts and shares.
    Number(f64),
    /// A quantity.
    Quantity {
        /// In base units.
        value: f64,
        /// Its kind.
        dimension: Dimension,
        /// ISO code of monetary dimensions.
        currency: Option<String>,
    },
    /// A truth value.
    Bool(bool),
    /// Text.
    Text(String),
}

impl ExprValue {
    /// Reads a scalar of the document.
    pub fn of(scalar: &Scalar) -> Self {
        if scalar.quoted {
            return Self::Text(scalar.text.clone());
        }
        if let Some(truth) = scalar.as_bool() {
            return Self::Bool(truth);
        }
        if let Some(number) = scalar.as_number() {
            return Self::Number(number);
        }
        match parse_any(&scalar.text) {
            Some((Dimension::Count | Dimension::Share, parsed)) => Self::Number(parsed.value),
            Some((dimension, parsed)) => Self::Quantity {
                value: parsed.value,
                dimension,
                currency: parsed.currency,
            },
            None => Self::Text(scalar.text.clone()),
        }
    }

    /// As a scalar would write it.
    pub fn text(&self) -> String {
        match self {
            Self::Number(number) => format!("{number}"),
            Self::Quantity {
                value,
                dimension,
                currency,
            } => quantity_text(*value, *dimension, currency.as_deref()),
            Self::Bool(truth) => truth.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// As a scalar of the same type.
    pub(super) fn scalar(&self) -> Scalar {
        let quoted = matches!(self, Self::Text(_));
        Scalar {
            text: self.text(),
            quoted,
            literal: quoted,
        }
    }

    /// In words, for a message.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Number(_) => "a number".to_owned(),
            Self::Quantity { dimension, .. } => {
                format!("a quantity such as {}", dimension.example())
            }
            Self::Bool(_) => "a truth value".to_owned(),
            Self::Text(_) => "text".to_owned(),
        }
    }
}

impl From<f64> for ExprValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for ExprValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
