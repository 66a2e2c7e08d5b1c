//! Models from elsewhere: inline numbers of a scenario, a Hugging Face `config.json`, the header of a GGUF file.
//!
//! What becomes what: each importer translates foreign names into the columns of `transformers.csv`, and one reader (the
//! one of the catalogue) turns columns into a [`Model`](super::Model). Nothing is guessed: a field that is neither stated
//! nor fixed by the architecture is an error that names it, and so is an architecture the importer does not know.

mod arch;
mod error;
mod gguf;
mod gguf_names;
mod hf;
mod hf_families;
mod hf_older;

pub use arch::arch;
pub use error::ImportError;
pub use gguf::{Gguf, TensorGroup, gguf};
pub use hf::hf_config;
