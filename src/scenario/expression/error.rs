//! What can be wrong with an expression.

/// What is wrong with an expression, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scenario) struct ExprError {
    pub message: String,
    /// First byte and one past the last.
    pub place: (usize, usize),
    pub help: Option<String>,
}

impl ExprError {
    pub(super) fn new(message: impl Into<String>, place: (usize, usize)) -> Self {
        Self {
            message: message.into(),
            place,
            help: None,
        }
    }

    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }
}
