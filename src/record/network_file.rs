//! The file form of models of networks, the field `networks` of a pack.
//!
//! Names are written once, the most frequent first; a group is the positions of the parts of its name, then which coefficients are
//! not zero, then those. Digits are those of [`super::operator_text`].

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::network_call::Engine;
use super::network_models::{
    EffectGroups, MACHINE_FACTS, NetworkDefaults, NetworkDraw, NetworkHead, NetworkModels,
};
use super::network_neighbours::NetworkNeighbours;
use super::network_seen_file::{read_seen, write_missed, write_seen};
use super::operator_text::{Digits, push_count, push_number};
use super::section::Section;

/// Models of networks as a pack holds them, unfolded when they are first asked for: most runs of the command never do.
#[derive(Debug, Clone)]
pub struct LazyNetworks {
    file: Section,
    models: OnceLock<Result<Arc<NetworkModels>, String>>,
}

impl PartialEq for LazyNetworks {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

impl LazyNetworks {
    /// Keeps a section without unfolding it.
    pub(super) const fn new(file: Section) -> Self {
        Self {
            file,
            models: OnceLock::new(),
        }
    }

    /// The models.
    ///
    /// # Errors
    ///
    /// What is wrong with the section, in words.
    pub fn models(&self) -> Result<&Arc<NetworkModels>, &str> {
        let read = || {
            let file: NetworksFile = self.file.read("networks")?;
            file.read().map(Arc::new)
        };
        let models = self.models.get_or_init(read).as_ref();
        models.map_err(String::as_str)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworksFile {
    /// One a line.
    words: String,
    defaults: FileDefaults,
    time: FileHead,
    bounded: FileHead,
    power: FileHead,
    /// Drawn waiting, drawn at the peak beyond that, and the half-width; packs that were written before 27 November 2026 have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    draw: Option<[f64; 3]>,
    /// Positions of devices, each with the number of its fitted groups and positions of their networks and software.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    seen_by_device: String,
    /// Positions of device, network and software of fitted groups, in packs of before.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    seen: String,
    /// Their errors, in hundredths above the least that is kept; 101 where there is none.
    missed: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileDefaults {
    engines: BTreeMap<String, [f64; MACHINE_FACTS]>,
    anywhere: [f64; MACHINE_FACTS],
    params: f64,
    macs_of_params: [f64; 2],
    activations_of_macs: [f64; 2],
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileHead {
    effects: BTreeMap<String, FileEffect>,
    radii: BTreeMap<String, f64>,
    range: BTreeMap<String, [f64; 2]>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEffect {
    /// Parts of a group's name.
    parts: usize,
    /// Coefficients of a group.
    features: usize,
    /// Groups.
    groups: String,
}

const MASK: usize = 5;

/// Positions of words, most frequent first, then by name.
pub(super) struct Words {
    list: Vec<String>,
    places: BTreeMap<String, u32>,
}

impl Words {
    fn of(models: &NetworkModels) -> Self {
        let mut counts = BTreeMap::<&str, usize>::new();
        let heads = [&models.time, &models.bounded, &models.power];
        let groups = heads.iter().flat_map(|head| head.effects.values());
        let keys = groups.flat_map(BTreeMap::keys);
        let seen = models.seen.groups.iter();
        let of_seen = seen.flat_map(|((device, network, software), _)| [device, network, software]);
        for word in keys
            .flat_map(|key| key.split('|'))
            .chain(of_seen.map(String::as_str))
        {
            *counts.entry(word).or_default() += 1;
        }
        let mut list: Vec<(&str, usize)> = counts.into_iter().collect();
        list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let list: Vec<String> = list.into_iter().map(|(word, _)| word.to_owned()).collect();
        let places = list.iter().cloned().zip(0..).collect();
        Self { list, places }
    }

    pub fn push(&self, text: &mut String, word: &str) {
        push_count(text, self.places[word]);
    }
}

fn write_effect(groups: &EffectGroups, words: &Words) -> Option<FileEffect> {
    let (first, coefficients) = groups.iter().next()?;
    let features = coefficients.len();
    let mut text = String::new();
    for (key, numbers) in groups {
        for word in key.split('|') {
            words.push(&mut text, word);
        }
        for chunk in numbers.chunks(MASK) {
            let bits = chunk.iter().enumerate();
            let mask = bits.map(|(bit, number)| u32::from(*number != 0.0) << bit);
            push_count(&mut text, mask.sum());
        }
        let kept = numbers.iter().filter(|number| **number != 0.0);
        kept.for_each(|number| push_number(&mut text, *number));
    }
    Some(FileEffect {
        parts: first.split('|').count(),
        features,
        groups: text,
    })
}

fn read_effect(file: &FileEffect, words: &[&str]) -> Option<EffectGroups> {
    let mut digits = Digits::new(&file.groups);
    let mut groups = EffectGroups::new();
    if file.parts == 0 || file.features == 0 || file.features > 1000 {
        return None;
    }
    while !digits.at_end() {
        let mut key = String::new();
        for part in 0..file.parts {
            if part > 0 {
                key.push('|');
            }
            key.push_str(words.get(digits.count()? as usize)?);
        }
        let mut kept = Vec::with_capacity(file.features);
        for _ in 0..file.features.div_ceil(MASK) {
            let mask = digits.count()?;
            kept.extend((0..MASK).map(|bit| mask >> bit & 1 == 1));
        }
        kept.truncate(file.features);
        let numbers = kept.into_iter();
        let numbers: Option<Vec<f64>> = numbers
            .map(|kept| if kept { digits.number() } else { Some(0.0) })
            .collect();
        groups.insert(key, numbers?);
    }
    Some(groups)
}

impl FileHead {
    fn write(head: &NetworkHead, words: &Words) -> Self {
        let effects = head
            .effects
            .iter()
            .filter_map(|(name, groups)| Some((name.clone(), write_effect(groups, words)?)));
        let radii = head.radii.iter();
        Self {
            effects: effects.collect(),
            radii: radii
                .map(|(key, radius)| (key.clone(), (radius * 1e3).ceil() / 1e3))
                .collect(),
            range: head
                .range
                .iter()
                .map(|(key, range)| (key.clone(), range.map(rounded)))
                .collect(),
        }
    }

    fn read(&self, words: &[&str]) -> Option<NetworkHead> {
        let effects = self.effects.iter();
        let effects = effects.map(|(name, file)| Some((name.clone(), read_effect(file, words)?)));
        let radii = &self.radii;
        let sound = radii.values().all(|radius| (0.0..=50.0).contains(radius))
            && self.range.values().all(|[least, most]| least <= most);
        sound.then_some(())?;
        Some(NetworkHead {
            effects: effects.collect::<Option<_>>()?,
            radii: radii.clone(),
            range: self.range.clone(),
        })
    }
}

/// To a ten-thousandth.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

impl FileDefaults {
    fn write(defaults: &NetworkDefaults) -> Self {
        let engines = defaults.engines.iter();
        Self {
            engines: engines
                .map(|(engine, facts)| (engine.name().to_owned(), facts.map(rounded)))
                .collect(),
            anywhere: defaults.anywhere.map(rounded),
            params: rounded(defaults.params),
            macs_of_params: defaults.macs_of_params.map(rounded),
            activations_of_macs: defaults.activations_of_macs.map(rounded),
        }
    }

    fn read(&self) -> Option<NetworkDefaults> {
        let engines = self.engines.iter();
        let engines = engines.map(|(name, facts)| Some((Engine::from_name(name)?, *facts)));
        Some(NetworkDefaults {
            engines: engines.collect::<Option<_>>()?,
            anywhere: self.anywhere,
            params: self.params,
            macs_of_params: self.macs_of_params,
            activations_of_macs: self.activations_of_macs,
        })
    }
}

impl NetworkDefaults {
    /// The defaults as they will be read from a pack.
    ///
    /// # Panics
    ///
    /// Never: every engine has a name.
    pub fn kept(&self) -> Self {
        FileDefaults::write(self)
            .read()
            .expect("engines have names")
    }
}

impl NetworkModels {
    /// The models as the value of a pack's field `networks`; numbers are rounded as [`super::operator_text`] says.
    ///
    /// # Panics
    ///
    /// Never: maps of texts and finite numbers are JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let words = Words::of(self);
        let head = |head: &NetworkHead| FileHead::write(head, &words);
        let file = NetworksFile {
            defaults: FileDefaults::write(&self.defaults),
            time: head(&self.time),
            bounded: head(&self.bounded),
            power: head(&self.power),
            draw: self
                .draw
                .map(|draw| [draw.waiting, draw.busy, draw.radius].map(rounded)),
            seen_by_device: write_seen(&self.seen, &words),
            seen: String::new(),
            missed: write_missed(&self.seen),
            words: words.list.join("\n"),
        };
        serde_json::to_value(file).expect("texts and finite numbers are JSON")
    }
}

fn read_draw([waiting, busy, radius]: [f64; 3]) -> Result<NetworkDraw, String> {
    let numbers = [waiting, busy, radius];
    let sound = numbers.iter().all(|number| (0.0..=50.0).contains(number)) && waiting + busy > 0.0;
    sound
        .then_some(NetworkDraw {
            waiting,
            busy,
            radius,
        })
        .ok_or_else(|| "the draw of networks cannot be read".to_owned())
}

impl NetworksFile {
    fn read(&self) -> Result<NetworkModels, String> {
        let words: Vec<&str> = self.words.split('\n').collect();
        let broken = |part: &str| format!("the {part} of networks cannot be read");
        let head = |head: &FileHead, part: &str| head.read(&words).ok_or_else(|| broken(part));
        let seen = read_seen([&self.seen_by_device, &self.seen, &self.missed], &words)
            .ok_or_else(|| broken("groups"))?;
        Ok(NetworkModels {
            defaults: self.defaults.read().ok_or_else(|| broken("defaults"))?,
            time: head(&self.time, "times")?,
            bounded: head(&self.bounded, "bounded latencies")?,
            power: head(&self.power, "powers")?,
            draw: self.draw.map(read_draw).transpose()?,
            neighbours: NetworkNeighbours::of(&seen),
            seen,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::network_models::NetworksSeen;
    use super::*;

    fn models() -> NetworkModels {
        let groups = BTreeMap::from([
            ("a|x".to_owned(), vec![0.5, 0.0, -1.25, 0.0, 0.0, 2.0]),
            ("b|x".to_owned(), vec![0.0; 6]),
        ]);
        let head = NetworkHead {
            effects: BTreeMap::from([("device".to_owned(), groups)]),
            radii: BTreeMap::from([("group".to_owned(), 0.25)]),
            range: BTreeMap::from([("cpu".to_owned(), [-1.0, 2.5])]),
        };
        let group = ("a".to_owned(), "net".to_owned(), "ncnn".to_owned());
        let other = ("a".to_owned(), "net".to_owned(), "mnn".to_owned());
        let seen = NetworksSeen {
            devices: [group.0.clone()].into(),
            networks: [group.1.clone()].into(),
            groups: [(other, None), (group, Some(0.25))].into(),
        };
        NetworkModels {
            defaults: NetworkDefaults {
                engines: BTreeMap::from([(Engine::Cpu, [1.0, 2.0, 3.0, 4.0, 2020.0])]),
                ..NetworkDefaults::default()
            },
            time: head.clone(),
            bounded: NetworkHead::default(),
            power: head,
            draw: Some(NetworkDraw {
                waiting: 0.15,
                busy: 3.0,
                radius: 0.2,
            }),
            neighbours: NetworkNeighbours::of(&seen),
            seen,
        }
    }

    fn lazy(value: &serde_json::Value) -> LazyNetworks {
        LazyNetworks::new(Section::of(value))
    }

    #[test]
    fn models_read_back() {
        let lazy = lazy(&models().to_json());
        assert_eq!(**lazy.models().expect("what was written"), models());
    }

    #[test]
    fn what_does_not_belong_together_is_refused_in_words() {
        for (path, value) in [
            ("/seen_by_device", serde_json::json!("~")),
            ("/missed", serde_json::json!("")),
            ("/missed", serde_json::json!("ABCA")),
            // 102 and 75.
            ("/missed", serde_json::json!("mDrC")),
            ("/words", serde_json::json!("")),
            ("/time/effects/device/parts", serde_json::json!(0)),
            ("/time/effects/device/features", serde_json::json!(50)),
            ("/time/effects/device/groups", serde_json::json!("AB")),
            ("/time/radii/group", serde_json::json!(-1)),
            ("/time/range/cpu", serde_json::json!([2, 1])),
            ("/draw", serde_json::json!([-0.1, 3.0, 0.2])),
            ("/draw", serde_json::json!([0.0, 0.0, 0.2])),
            (
                "/defaults/engines",
                serde_json::json!({"warp": [1, 2, 3, 4, 5]}),
            ),
        ] {
            let mut changed = models().to_json();
            *changed.pointer_mut(path).expect("a field") = value;
            assert!(lazy(&changed).models().is_err(), "{path}");
        }
    }
}
