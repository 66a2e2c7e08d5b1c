//! Exit codes, documented once.

/// How an invocation ended. With several causes the strongest wins: interrupted, internal, bad input, failed execution,
/// incomplete, nothing selected, findings, done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done; skipped executors are allowed.
    Done,
    /// Findings: golden drift, an objective that does not hold, accuracy drift.
    Findings,
    /// Nothing selected: a filter matched no point, or no row of a measurement file was usable.
    NothingSelected,
    /// Points are unfinished.
    Incomplete,
    /// Execution failed: an executor that must run cannot, or an output cannot be written.
    Failed,
    /// Bad input: usage, text, schema, meaning, unreadable file.
    BadInput,
    /// A panic of ours, caught at the top.
    Internal,
    /// Interrupted by Ctrl-C.
    Interrupted,
    /// Terminated by a signal.
    Terminated,
}

impl Exit {
    /// The number the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::BadInput => 2,
            Self::Failed => 3,
            Self::NothingSelected => 4,
            Self::Incomplete => 5,
            Self::Internal => 70,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The stronger of two.
    pub fn and(self, other: Self) -> Self {
        if other.strength() > self.strength() {
            other
        } else {
            self
        }
    }

    const fn strength(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::NothingSelected => 2,
            Self::Incomplete => 3,
            Self::Failed => 4,
            Self::BadInput => 5,
            Self::Internal => 6,
            Self::Interrupted | Self::Terminated => 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_input_is_stronger_than_findings() {
        assert_eq!(Exit::Findings.and(Exit::BadInput), Exit::BadInput);
        assert_eq!(Exit::Interrupted.and(Exit::Internal).code(), 130);
        assert_eq!(Exit::NothingSelected.and(Exit::Findings).code(), 4);
    }
}
