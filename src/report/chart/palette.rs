//! Colours by name: the same option has the same colour in every chart and in the next run.

use std::collections::BTreeSet;

use super::svg::{DASHES, Ink, SERIES};
use crate::report::choice::Choices;

/// Names in alphabetical order; the place of a name is its colour.
pub struct Palette {
    names: Vec<String>,
}

impl Palette {
    /// The names of all options; groups share them.
    pub fn of(choices: &Choices) -> Self {
        let names: BTreeSet<&String> = choices.options.iter().map(|option| &option.name).collect();
        Self {
            names: names.into_iter().cloned().collect(),
        }
    }

    /// The colour of a name.
    pub fn ink(&self, name: &str) -> Ink {
        SERIES[self.place(name) % SERIES.len()]
    }

    /// The dash pattern of a name, which changes when colours begin again.
    pub fn dash(&self, name: &str) -> &'static str {
        DASHES[self.place(name) / SERIES.len() % DASHES.len()]
    }

    fn place(&self, name: &str) -> usize {
        self.names
            .iter()
            .position(|known| known == name)
            .unwrap_or(0)
    }
}
