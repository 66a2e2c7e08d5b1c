//! One option of a program.

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// `true` or `false`.
    Switch,
    /// A whole number; `-1` often means "no limit".
    Integer,
    /// A number.
    Number,
    /// A share between 0 and 1.
    Share,
    /// One of several words.
    Words(&'static [&'static str]),
    /// One of several words, or a whole number.
    WordsOrInteger(&'static [&'static str]),
    /// Text.
    Text,
}

/// One option of a program.
#[derive(Debug, Clone, Copy)]
pub struct RuntimeOption {
    /// The program's own name with `_`.
    pub name: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// True when predictions use it.
    pub modelled: bool,
}

impl RuntimeOption {
    /// What an editor shows.
    pub fn description(&self) -> String {
        let takes = match self.kind {
            OptionKind::Switch => "`true` or `false`".to_owned(),
            OptionKind::Integer => "a whole number".to_owned(),
            OptionKind::Number => "a number".to_owned(),
            OptionKind::Share => "a share".to_owned(),
            OptionKind::Words(words) => words.join(", "),
            OptionKind::WordsOrInteger(words) => format!("{}, or a whole number", words.join(", ")),
            OptionKind::Text => "text".to_owned(),
        };
        let effect = if self.modelled {
            "Changes predictions"
        } else {
            "Accepted; does not change predictions"
        };
        format!("{effect}. Takes {takes}.")
    }
}

/// An option that predictions use.
pub(super) const fn modelled(name: &'static str, kind: OptionKind) -> RuntimeOption {
    RuntimeOption {
        name,
        kind,
        modelled: true,
    }
}

/// An option that is accepted and does not change predictions.
pub(super) const fn accepted(name: &'static str, kind: OptionKind) -> RuntimeOption {
    RuntimeOption {
        name,
        kind,
        modelled: false,
    }
}
