//! Values of the keys of a table: a number that takes many values is told in bands.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::stats::math;

/// A key with more values than this, all of them numbers, is told in bands.
const MANY: usize = 12;

/// Each band begins at so many times the one before.
const FACTOR: f64 = 4.0;

/// What a row says under a key; in the order of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum KeyValue {
    /// As the row states it; empty where it does not.
    Text(String),
    /// A number not above zero.
    NotPositive,
    /// From `FACTOR` to this power on.
    Band(i32),
}

impl KeyValue {
    /// `16 to 64` of a band, which its upper end is no part of.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::NotPositive => "0 and below".to_owned(),
            Self::Band(power) => {
                let end = |power: i32| math::pow(FACTOR, f64::from(power));
                format!("{} to {}", end(*power), end(power + 1))
            }
        }
    }

    fn banded(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::Text(String::new()));
        }
        let number = text
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())?;
        if number <= 0.0 {
            return Some(Self::NotPositive);
        }
        let power = (math::ln(number) / math::ln(FACTOR) + 1e-9).floor();
        Some(Self::Band(power as i32))
    }
}

/// How the values of a key are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    AsStated,
    InBands,
}

impl Told {
    /// In bands where there are many numbers and nothing else.
    pub fn of<'a>(texts: impl Iterator<Item = Cow<'a, str>>) -> Self {
        let distinct: BTreeSet<Cow<'_, str>> = texts.collect();
        let is_banded = |text: &Cow<'_, str>| KeyValue::banded(text).is_some();
        if distinct.len() > MANY && distinct.iter().all(is_banded) {
            Self::InBands
        } else {
            Self::AsStated
        }
    }

    /// What a text says.
    pub fn value(self, text: &str) -> KeyValue {
        let banded = match self {
            Self::InBands => KeyValue::banded(text),
            Self::AsStated => None,
        };
        banded.unwrap_or_else(|| KeyValue::Text(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(texts: &[&str]) -> Vec<KeyValue> {
        let told = Told::of(texts.iter().map(|text| Cow::Borrowed(*text)));
        texts.iter().map(|text| told.value(text)).collect()
    }

    fn told(texts: &[&str]) -> Vec<String> {
        values(texts).iter().map(KeyValue::text).collect()
    }

    #[test]
    fn many_numbers_are_told_in_bands_of_a_factor_of_four() {
        let mut texts: Vec<String> = (1..=64).map(|number| number.to_string()).collect();
        texts.extend(["", "0", "0.3", "1e3"].map(str::to_owned));
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = told(&texts);
        assert_eq!(found[0], "1 to 4");
        assert_eq!(found[3], "4 to 16");
        assert_eq!(found[15], "16 to 64");
        assert_eq!(found[63], "64 to 256");
        assert_eq!(found[64..], ["", "0 and below", "0.25 to 1", "256 to 1024"]);
    }

    #[test]
    fn few_numbers_and_words_are_told_as_they_are() {
        assert_eq!(told(&["8", "16", "8"]), ["8", "16", "8"]);
        let words: Vec<String> = (0..40).map(|number| format!("v{number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(told(&words), words);
    }

    #[test]
    fn bands_stand_in_the_order_of_numbers() {
        let texts: Vec<String> = (1..2000).rev().map(|number| number.to_string()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut values = values(&texts);
        values.sort();
        let mut texts: Vec<String> = values.iter().map(KeyValue::text).collect();
        texts.dedup();
        assert_eq!(
            texts,
            [
                "1 to 4",
                "4 to 16",
                "16 to 64",
                "64 to 256",
                "256 to 1024",
                "1024 to 4096"
            ]
        );
    }
}
