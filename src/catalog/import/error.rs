//! What can be wrong with an imported model.

/// Why a description is no model.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The text is not JSON.
    #[error("this is not JSON")]
    Json(#[source] serde_json::Error),
    /// The JSON is not a configuration.
    #[error("no `model_type` names the architecture")]
    NoArchitecture,
    /// The architecture is not known to the importer.
    #[error("the architecture `{0}` is not known; known are {1}")]
    UnknownArchitecture(String, String),
    /// Fields that are neither stated nor fixed by the architecture.
    #[error("missing: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// Fields whose values make no sense.
    #[error("{}", .0.join("; "))]
    Fields(Vec<String>),
    /// The bytes are not GGUF.
    #[error("this is no GGUF file: it does not begin with `GGUF`")]
    NotGguf,
    /// The GGUF version has another layout.
    #[error("GGUF version {0} is not known; known are 2 and 3")]
    GgufVersion(u32),
    /// A tensor has a type of a number the importer does not know.
    #[error("a tensor has the unknown type {0}")]
    GgufType(u32),
    /// The header ends early.
    #[error("the GGUF header is cut off or damaged at byte {0}")]
    Truncated(usize),
}
