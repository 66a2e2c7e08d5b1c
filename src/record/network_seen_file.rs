//! The file form of what models of networks were fitted on.

use super::network_file::{Words, rounded};
use super::network_models::NetworksSeen;
use super::network_neighbours::LARGEST_ERROR;
use super::operator_text::{Digits, push_count};

pub(super) fn write_seen(seen: &NetworksSeen, words: &Words) -> String {
    let mut text = String::new();
    for (device, network, software) in seen.groups.keys() {
        for word in [device, network, software] {
            words.push(&mut text, word);
        }
    }
    text
}

/// Steps of an error that is kept.
const ERROR_STEPS: f64 = 100.0;

/// Stands for a group whose time was not measured.
const NO_ERROR: u32 = 101;

pub(super) fn write_missed(seen: &NetworksSeen) -> String {
    let mut text = String::new();
    for error in seen.groups.values() {
        let steps = error.map_or(NO_ERROR, |error| {
            let above = error.clamp(-LARGEST_ERROR, LARGEST_ERROR) + LARGEST_ERROR;
            (ERROR_STEPS * above).round() as u32
        });
        push_count(&mut text, steps);
    }
    text
}

/// An error of so many steps.
fn error_of(steps: u32) -> Option<f64> {
    let error = f64::from(steps) / ERROR_STEPS - LARGEST_ERROR;
    (steps < NO_ERROR).then(|| rounded(error))
}

pub(super) fn read_seen([text, missed]: [&str; 2], words: &[&str]) -> Option<NetworksSeen> {
    let mut digits = Digits::new(text);
    let mut errors = Digits::new(missed);
    let mut seen = NetworksSeen::default();
    while !digits.at_end() {
        let mut word = || Some((*words.get(digits.count()? as usize)?).to_owned());
        let group = (word()?, word()?, word()?);
        seen.devices.insert(group.0.clone());
        seen.networks.insert(group.1.clone());
        let steps = errors.count().filter(|steps| *steps <= NO_ERROR)?;
        seen.groups.insert(group, error_of(steps));
    }
    errors.at_end().then_some(seen)
}
