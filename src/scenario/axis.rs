//! Axes: what a name sets, and one combination of values.

use std::borrow::Cow;

use super::Node;

/// What an axis name, or a field of `zip` and `include`, sets in the document of a point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AxisTarget {
    /// Selects an alias of `models`; the point's document keeps only that entry.
    Model,
    /// Selects an alias of `hardware`; the point's document keeps only that entry.
    Hardware,
    /// A field of the point's own entry of `models`.
    ModelField(Vec<String>),
    /// A field of the point's own entry of `hardware`.
    HardwareField(Vec<String>),
    /// A mode of `workload.*.load`, such as `concurrency`; setting one removes the other modes.
    LoadMode(String),
    /// Any other path into the document; `*` stands for the only key at its place, as in `workload.*.load`.
    Path(Vec<String>),
}

impl AxisTarget {
    /// The top-level key that it changes.
    pub fn section(&self) -> &str {
        match self {
            Self::Model | Self::ModelField(_) => "models",
            Self::Hardware | Self::HardwareField(_) => "hardware",
            Self::LoadMode(_) => "workload",
            Self::Path(path) => path.first().map_or("", String::as_str),
        }
    }
}

/// Checks axis names against the schema of scenarios.
pub trait AxisPaths {
    /// What `axis`, an alias or a dotted path, sets.
    ///
    /// # Errors
    ///
    /// The name that was probably meant, where one is near.
    fn resolve(&self, axis: &str) -> Result<AxisTarget, Option<String>>;

    /// The keys of `workload.*.load` of which exactly one may stand there.
    fn load_modes(&self) -> &[&str];
}

/// One value of a combination.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment<'e> {
    /// The name as the matrix writes it.
    pub name: &'e str,
    /// What it sets.
    pub target: &'e AxisTarget,
    /// The value.
    pub node: Cow<'e, Node>,
    /// Names the value among those of the same name: the position in its axis, or of its `include` entry.
    pub level: u64,
}

/// Where a combination comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The product of axes and zip groups.
    Product,
    /// An entry of `include` that fitted no combination.
    Include,
}

/// What one point sets in the base document.
#[derive(Debug, Clone, PartialEq)]
pub struct Combination<'e> {
    /// Values of axes and zip fields in key order; of a point made by `include` only those that it names.
    pub values: Vec<Assignment<'e>>,
    /// Fields that `include` entries add, in the order they were first added.
    pub extra: Vec<Assignment<'e>>,
    /// Where it comes from.
    pub origin: Origin,
}

impl<'e> Combination<'e> {
    /// The combination of a scenario without a matrix.
    pub const fn empty() -> Self {
        Self {
            values: Vec::new(),
            extra: Vec::new(),
            origin: Origin::Product,
        }
    }

    /// Everything it sets, in the order it is set.
    pub fn assignments(&self) -> impl Iterator<Item = &Assignment<'e>> {
        self.values.iter().chain(&self.extra)
    }

    /// The value of an axis or an added field.
    pub fn value(&self, name: &str) -> Option<&Node> {
        self.assignments()
            .find(|assignment| assignment.name == name)
            .map(|assignment| assignment.node.as_ref())
    }
}
