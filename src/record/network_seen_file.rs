//! The file form of what models of networks were fitted on.

use std::collections::BTreeMap;

use super::network_file::{Words, rounded};
use super::network_models::{GroupName, NetworksSeen};
use super::network_neighbours::LARGEST_ERROR;
use super::operator_text::{Digits, push_count};

/// Each device with the number of its groups, then network and software of each.
pub(super) fn write_seen(seen: &NetworksSeen, words: &Words) -> String {
    let mut devices = BTreeMap::<&str, Vec<[&str; 2]>>::new();
    for (device, network, software) in seen.groups.keys() {
        let groups = devices.entry(device).or_default();
        groups.push([network, software]);
    }
    let mut text = String::new();
    for (device, groups) in devices {
        words.push(&mut text, device);
        push_count(&mut text, groups.len() as u32);
        for word in groups.into_iter().flatten() {
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

fn read_word(digits: &mut Digits<'_>, words: &[&str]) -> Option<String> {
    let word = words.get(digits.count()? as usize)?;
    Some((*word).to_owned())
}

fn groups_by_device(text: &str, words: &[&str]) -> Option<Vec<GroupName>> {
    let mut digits = Digits::new(text);
    let mut groups = Vec::new();
    while !digits.at_end() {
        let device = read_word(&mut digits, words)?;
        for _ in 0..digits.count()? {
            let [network, software] = [(); 2].map(|()| read_word(&mut digits, words));
            groups.push((device.clone(), network?, software?));
        }
    }
    Some(groups)
}

/// Device, network and software of each group, as packs held them before.
fn groups_one_by_one(text: &str, words: &[&str]) -> Option<Vec<GroupName>> {
    let mut digits = Digits::new(text);
    let mut groups = Vec::new();
    while !digits.at_end() {
        let [device, network, software] = [(); 3].map(|()| read_word(&mut digits, words));
        groups.push((device?, network?, software?));
    }
    Some(groups)
}

/// Groups by device, or one by one in packs that hold them so, with their errors.
pub(super) fn read_seen(
    [by_device, one_by_one, missed]: [&str; 3],
    words: &[&str],
) -> Option<NetworksSeen> {
    let groups = if one_by_one.is_empty() {
        groups_by_device(by_device, words)
    } else {
        groups_one_by_one(one_by_one, words)
    };
    let mut errors = Digits::new(missed);
    let mut seen = NetworksSeen::default();
    for group in groups? {
        seen.devices.insert(group.0.clone());
        seen.networks.insert(group.1.clone());
        let steps = errors.count().filter(|steps| *steps <= NO_ERROR)?;
        seen.groups.insert(group, error_of(steps));
    }
    errors.at_end().then_some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_of_before_read_as_those_of_now() {
        let words = ["d", "e", "n", "s"];
        let write = |counts: &[u32]| {
            let mut text = String::new();
            for count in counts {
                push_count(&mut text, *count);
            }
            text
        };
        // Two groups of one device and one of another, and their errors.
        let missed = write(&[50, NO_ERROR, 75]);
        let now = write(&[0, 2, 2, 3, 3, 3, 1, 1, 2, 3]);
        let before = write(&[0, 2, 3, 0, 3, 3, 1, 2, 3]);
        let read = |texts| read_seen(texts, &words).expect("three groups");
        let found = read([&now, "", &missed]);
        assert_eq!(found.groups.len(), 3);
        assert_eq!(found, read(["", &before, &missed]));
        assert_eq!(
            read_seen([&write(&[0, 9, 2, 3]), "", &missed], &words),
            None
        );
    }
}
