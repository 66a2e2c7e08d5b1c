//! The vocabulary of the table: what may stand where.

use super::super::{Node, Value};
use crate::units::Dimension;

/// What may stand at a place of the document.
#[derive(Debug)]
pub enum Shape {
    /// A map with known keys.
    Map(&'static Map),
    /// A map whose keys the user names.
    Names(&'static Self),
    /// A list.
    List(&'static Self),
    /// A map whose keys depend on the value of one of them.
    Tagged(&'static Tagged),
    /// The serving software: its options depend on its name.
    Runtime,
    /// Text.
    Text,
    /// A path of a file or folder, relative to the file that names it.
    Path,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
    /// `true` or `false`.
    Bool,
    /// A whole number, at least the given one.
    Count(u64),
    /// A plain number that is not negative.
    Number,
    /// A share between 0 and 1.
    Share,
    /// A quantity with its unit.
    Quantity(Dimension),
    /// One of several words.
    Choice(&'static [&'static str]),
    /// Any scalar; its reader decides.
    Scalar,
    /// Any value; its reader decides.
    Any,
    /// One of several shapes that differ in kind (scalar, map, list), or in what the scalar may be.
    Either(&'static [&'static Self]),
    /// A shape that is used in several places, or in itself; the name is its definition in the JSON Schema.
    Named(&'static str, &'static Self),
}

impl Shape {
    /// True when the node is of the kind (scalar, map, list) that may stand there.
    pub fn fits(&self, node: &Node) -> bool {
        match self {
            Self::Map(_) | Self::Names(_) | Self::Tagged(_) | Self::Runtime => {
                matches!(node.value, Value::Map(_))
            }
            Self::List(_) => matches!(node.value, Value::List(_)),
            Self::Text
            | Self::Path
            | Self::Date
            | Self::Bool
            | Self::Count(_)
            | Self::Number
            | Self::Share
            | Self::Quantity(_)
            | Self::Choice(_)
            | Self::Scalar => matches!(node.value, Value::Scalar(_)),
            Self::Any => true,
            Self::Either(shapes) => shapes.iter().any(|shape| shape.fits(node)),
            Self::Named(_, inner) => inner.fits(node),
        }
    }

    /// True for a map that says something by being there, however empty.
    pub fn may_be_empty(&self) -> bool {
        match self {
            Self::Map(inner) => {
                inner.forms.is_empty() && inner.fields.iter().all(|field| !field.required)
            }
            Self::Names(_)
            | Self::List(_)
            | Self::Tagged(_)
            | Self::Runtime
            | Self::Text
            | Self::Path
            | Self::Date
            | Self::Bool
            | Self::Count(_)
            | Self::Number
            | Self::Share
            | Self::Quantity(_)
            | Self::Choice(_)
            | Self::Scalar
            | Self::Any
            | Self::Either(_)
            | Self::Named(..) => false,
        }
    }

    /// The words of a choice; none of anything else.
    pub const fn words(&self) -> &'static [&'static str] {
        match self {
            Self::Choice(words) => words,
            Self::Map(_)
            | Self::Names(_)
            | Self::List(_)
            | Self::Tagged(_)
            | Self::Runtime
            | Self::Text
            | Self::Path
            | Self::Date
            | Self::Bool
            | Self::Count(_)
            | Self::Number
            | Self::Share
            | Self::Quantity(_)
            | Self::Scalar
            | Self::Any
            | Self::Either(_)
            | Self::Named(..) => &[],
        }
    }
}

/// A map with known keys.
#[derive(Debug)]
pub struct Map {
    /// Its keys.
    pub fields: &'static [Field],
    /// Keys of which exactly one is given; empty when there is no such choice.
    pub forms: &'static [&'static str],
    /// What the forms choose between, for messages: "the source of a model".
    pub form_of: &'static str,
}

/// A map whose keys depend on the value of one of them.
#[derive(Debug)]
pub struct Tagged {
    /// The key that decides.
    pub tag: &'static str,
    /// What the tag says.
    pub doc: &'static str,
    /// Values of the tag with the fields each allows.
    pub cases: &'static [Case],
    /// Fields that every case has.
    pub common: &'static [Field],
}

/// One value of a tag.
#[derive(Debug)]
pub struct Case {
    /// Values that share these fields.
    pub names: &'static [&'static str],
    /// The fields.
    pub fields: &'static [Field],
}

/// One key.
#[derive(Debug)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What may stand there.
    pub shape: &'static Shape,
    /// True when the key must be there.
    pub required: bool,
    /// What holds when it is absent, as one would write it.
    pub default: Option<&'static str>,
    /// What it means.
    pub doc: &'static str,
}

impl Field {
    /// A key that must be there.
    pub const fn required(key: &'static str, shape: &'static Shape, doc: &'static str) -> Self {
        Self {
            key,
            shape,
            required: true,
            default: None,
            doc,
        }
    }

    /// A key that may be absent and then says nothing.
    pub const fn optional(key: &'static str, shape: &'static Shape, doc: &'static str) -> Self {
        Self {
            key,
            shape,
            required: false,
            default: None,
            doc,
        }
    }

    /// The same key with what holds when it is absent.
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}

impl Map {
    /// A map of independent keys.
    pub const fn of(fields: &'static [Field]) -> Self {
        Self {
            fields,
            forms: &[],
            form_of: "",
        }
    }

    /// A map in which exactly one of `forms` is given.
    pub const fn with_forms(
        fields: &'static [Field],
        forms: &'static [&'static str],
        form_of: &'static str,
    ) -> Self {
        Self {
            fields,
            forms,
            form_of,
        }
    }
}

impl Tagged {
    /// The case of a value of the tag.
    pub fn case(&self, name: &str) -> Option<&'static Case> {
        self.cases.iter().find(|case| case.names.contains(&name))
    }

    /// Every value of the tag.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.cases
            .iter()
            .flat_map(|case| case.names.iter().copied())
    }
}
