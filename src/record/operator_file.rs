//! The file form of operator models, the field `operators` of a pack.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::operator_local_file::FileLocal;
use super::operator_models::{Floors, OperatorFamily, OperatorModels, Scale};
use super::operator_text::{Digits, push_number, push_size};
use super::section::Section;

/// The models as a file holds them; texts are those of [`super::operator_text`].
type OperatorsFile = BTreeMap<String, FileFamily>;

/// Models of operators as a pack holds them, unfolded when they are first asked for: most runs of the command never do.
#[derive(Debug)]
pub struct LazyOperators {
    file: Section,
    models: OnceLock<Result<OperatorModels, String>>,
}

impl PartialEq for LazyOperators {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

impl LazyOperators {
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
    pub fn models(&self) -> Result<&OperatorModels, &str> {
        let models = self.models.get_or_init(|| {
            let file: OperatorsFile = self.file.read("operators")?;
            read(&file)
        });
        models.as_ref().map_err(String::as_str)
    }
}

/// One family.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileFamily {
    /// Mean and deviation of each feature.
    features: Vec<[f64; 2]>,
    /// The same of the device's features.
    machine: Vec<[f64; 2]>,
    /// Coefficients of the efficiency.
    whole: String,
    /// Least and largest standardised feature, of the call and then of the device; none: [`Scale::WIDEST`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    limits: Vec<[f64; 2]>,
    /// Coefficients of the groups of a backend, a kernel, a device, and of the narrowest groups.
    levels: [BTreeMap<String, String>; 4],
    /// Those of groups of a version.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    versions: BTreeMap<String, String>,
    /// Those of groups that own points moved.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    own: BTreeMap<String, String>,
    /// Floors of the narrowest groups, microseconds.
    floors_us: BTreeMap<String, f64>,
    /// Floors of groups that devices share, microseconds.
    wide_floors_us: BTreeMap<String, f64>,
    /// The floor anywhere, microseconds.
    floor_us: f64,
    /// Number of sizes of a shape.
    sizes: usize,
    /// Logarithms of sizes, shape after shape.
    shapes: String,
    /// What near shapes have in common on all devices, by groups of a version.
    common: FileLocal,
    /// The same beside it, by the narrowest groups.
    local: FileLocal,
    /// Least and largest logarithm of each size.
    range: Vec<[f64; 2]>,
    /// Half-widths of the interval: seen group, seen device, neither.
    radii: [f64; 3],
}

fn scales(pairs: &[[f64; 2]], limits: &[[f64; 2]]) -> Vec<Scale> {
    let limits = limits.iter().map(|[least, most]| (*least, *most));
    let limits = limits.chain(std::iter::repeat(Scale::WIDEST));
    let pairs = pairs.iter().zip(limits);
    pairs
        .map(|([mean, deviation], limits)| Scale {
            mean: *mean,
            deviation: *deviation,
            limits,
        })
        .collect()
}

fn limits(family: &OperatorFamily) -> Vec<[f64; 2]> {
    let scales = family.features.iter().chain(&family.machine);
    let limits = scales.map(|scale| [scale.limits.0, scale.limits.1].map(micro_rounded));
    limits.collect()
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    let mut digits = Digits::new(text);
    let mut numbers = Vec::with_capacity(text.len() / 3);
    while !digits.at_end() {
        numbers.push(digits.number()?);
    }
    Some(numbers)
}

fn shapes(text: &str, sizes: usize) -> Option<Vec<Vec<f64>>> {
    if sizes == 0 || !text.len().is_multiple_of(2 * sizes) {
        return None;
    }
    let mut digits = Digits::new(text);
    (0..text.len() / (2 * sizes))
        .map(|_| (0..sizes).map(|_| digits.size()).collect())
        .collect()
}

fn coefficients(
    groups: &BTreeMap<String, String>,
    length: usize,
) -> Option<BTreeMap<String, Vec<f64>>> {
    let read = |(key, text): (&String, &String)| {
        let numbers = numbers(text).filter(|numbers| numbers.len() == length)?;
        Some((key.clone(), numbers))
    };
    groups.iter().map(read).collect()
}

fn seconds(floors: &BTreeMap<String, f64>) -> Option<BTreeMap<String, f64>> {
    let read = |(key, floor): (&String, &f64)| {
        (*floor > 0.0 && floor.is_finite()).then(|| (key.clone(), floor * 1e-6))
    };
    floors.iter().map(read).collect()
}

impl FileFamily {
    /// `None` when texts, lengths and numbers do not belong together.
    fn read(&self) -> Option<OperatorFamily> {
        let of_machine = self.limits.get(self.features.len()..).unwrap_or_default();
        let features = scales(&self.features, &self.limits);
        let machine = scales(&self.machine, of_machine);
        let whole = numbers(&self.whole)?;
        if whole.len() != 1 + features.len() + machine.len() {
            return None;
        }
        let length = 1 + features.len();
        let [backend, kernel, device, narrow] = &self.levels;
        let shapes = shapes(&self.shapes, self.sizes)?;
        let common = self.common.read(shapes.len())?;
        let local = self.local.read(shapes.len())?;
        let positive = |number: f64| number > 0.0 && number.is_finite();
        let radii = self.radii.iter();
        let sound = positive(self.floor_us)
            && self.range.len() == self.sizes
            && radii.copied().all(|radius| (0.0..=50.0).contains(&radius));
        sound.then_some(())?;
        Some(OperatorFamily {
            levels: [
                coefficients(backend, length)?,
                coefficients(kernel, length)?,
                coefficients(&self.versions, length)?,
                coefficients(device, length)?,
                coefficients(narrow, length)?,
            ],
            own: coefficients(&self.own, length)?,
            features,
            machine,
            whole,
            floors: Floors {
                narrow: seconds(&self.floors_us)?,
                shared: seconds(&self.wide_floors_us)?,
                anywhere: self.floor_us * 1e-6,
            },
            shapes,
            common,
            local,
            range: self
                .range
                .iter()
                .map(|[least, most]| (*least, *most))
                .collect(),
            radii: self.radii,
        })
    }

    fn write(family: &OperatorFamily) -> Self {
        let level =
            |level: usize| map_values(&family.levels[level], |numbers| text(numbers.iter()));
        let micro =
            |floors: &BTreeMap<String, f64>| map_values(floors, |floor| rounded(floor * 1e6));
        let mut shapes = String::new();
        for size in family.shapes.iter().flatten() {
            push_size(&mut shapes, *size);
        }
        let pairs = |scales: &[Scale]| -> Vec<[f64; 2]> {
            let pairs = scales.iter();
            pairs
                .map(|scale| [scale.mean, scale.deviation].map(micro_rounded))
                .collect()
        };
        let range = family.range.iter();
        let range = range.map(|(least, most)| [*least, *most].map(micro_rounded));
        Self {
            features: pairs(&family.features),
            machine: pairs(&family.machine),
            whole: text(family.whole.iter()),
            limits: limits(family),
            levels: [level(0), level(1), level(3), level(4)],
            versions: level(2),
            own: map_values(&family.own, |numbers| text(numbers.iter())),
            floors_us: micro(&family.floors.narrow),
            wide_floors_us: micro(&family.floors.shared),
            floor_us: rounded(family.floors.anywhere * 1e6),
            sizes: family.range.len(),
            shapes,
            common: FileLocal::write(&family.common),
            local: FileLocal::write(&family.local),
            range: range.collect(),
            radii: family.radii.map(rounded),
        }
    }
}

fn map_values<T, R>(map: &BTreeMap<String, T>, change: impl Fn(&T) -> R) -> BTreeMap<String, R> {
    map.iter()
        .map(|(key, value)| (key.clone(), change(value)))
        .collect()
}

/// To a thousandth.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round().max(1.0) / 1e3
}

/// To a millionth.
fn micro_rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

fn text<'a>(numbers: impl Iterator<Item = &'a f64>) -> String {
    let mut text = String::new();
    for number in numbers {
        push_number(&mut text, *number);
    }
    text
}

/// The models of a file, or the first family that cannot be read, in words.
fn read(file: &OperatorsFile) -> Result<OperatorModels, String> {
    let read = |(name, family): (&String, &FileFamily)| {
        let family = family.read().ok_or_else(|| {
            format!(
                "the operator model of `{name}` has texts or numbers that do not belong together"
            )
        })?;
        Ok((name.clone(), family))
    };
    let families = file.iter().map(read).collect::<Result<_, String>>()?;
    Ok(OperatorModels { families })
}

impl OperatorModels {
    /// The models as the value of a pack's field `operators`, keys sorted. Numbers are rounded as [`super::operator_text`] says.
    ///
    /// # Panics
    ///
    /// Never: maps of texts and finite numbers are JSON.
    pub fn to_json(&self) -> serde_json::Value {
        let file: OperatorsFile = map_values(&self.families, FileFamily::write);
        serde_json::to_value(file).expect("texts and finite numbers are JSON")
    }

    /// Reads what [`OperatorModels::to_json`] writes.
    ///
    /// # Errors
    ///
    /// What is wrong, in words.
    pub fn of_json(value: serde_json::Value) -> Result<Self, String> {
        let file: OperatorsFile = serde_json::from_value(value)
            .map_err(|error: serde_json::Error| format!("not operator models: {error}"))?;
        read(&file)
    }
}

#[cfg(test)]
mod tests {
    use super::super::operator_models::{Alike, Local, OPERATOR_LEVELS};
    use super::*;

    fn family() -> OperatorFamily {
        let scale = Scale {
            mean: 1.0,
            deviation: 0.5,
            limits: (-1.5, 2.0),
        };
        let level = BTreeMap::from([("a".to_owned(), vec![0.25, -1.0])]);
        let floors = BTreeMap::from([("a".to_owned(), 3e-6)]);
        OperatorFamily {
            features: vec![scale],
            machine: vec![scale],
            whole: vec![0.5, 0.25, 0.125],
            levels: std::array::from_fn::<_, OPERATOR_LEVELS, _>(|_| level.clone()),
            own: level.clone(),
            floors: Floors {
                narrow: floors.clone(),
                shared: floors,
                anywhere: 3e-6,
            },
            shapes: vec![vec![1.0, 2.0], vec![3.0, 4.5]],
            common: Local {
                alike: Alike::smooth(4.0, 0.5),
                noise: 0.3,
                groups: BTreeMap::from([("b".to_owned(), vec![(1, 0.125)])]),
            },
            local: Local {
                alike: Alike {
                    rough: true,
                    across: 0.3,
                    ..Alike::smooth(2.0, 0.0)
                },
                noise: 0.1,
                groups: BTreeMap::from([("a".to_owned(), vec![(0, 0.5), (1, -0.5), (1, 0.25)])]),
            },
            range: vec![(1.0, 3.0), (2.0, 4.5)],
            radii: [0.1, 0.2, 0.5],
        }
    }

    #[test]
    fn models_read_back() {
        let models = OperatorModels {
            families: BTreeMap::from([("gemm".to_owned(), family())]),
        };
        let again = OperatorModels::of_json(models.to_json()).expect("what was written");
        assert_eq!(again.to_json(), models.to_json());
        let (one, other) = (&again.families["gemm"], &models.families["gemm"]);
        assert_eq!(one.levels, other.levels);
        assert_eq!(
            (&one.features, &one.machine),
            (&other.features, &other.machine)
        );
        assert_eq!(one.local, other.local);
        assert_eq!(one.common, other.common);
        assert_eq!(one.own, other.own);
    }

    #[test]
    fn parts_that_do_not_belong_together_are_refused() {
        let models = OperatorModels {
            families: BTreeMap::from([("gemm".to_owned(), family())]),
        };
        for (field, value) in [
            ("whole", serde_json::json!("AAA")),
            ("own", serde_json::json!({"a": "AAA"})),
            ("sizes", serde_json::json!(0)),
            ("floor_us", serde_json::json!(-1)),
            ("radii", serde_json::json!([1, -1, 1])),
        ] {
            let mut changed = models.to_json();
            changed["gemm"][field] = value;
            let why = OperatorModels::of_json(changed).expect_err("broken");
            assert!(why.contains("`gemm`"), "{field}: {why}");
        }
    }
}
