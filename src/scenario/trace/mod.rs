//! Traces: the requests of a real or made-up day, with their arrival times and lengths.
//!
//! | Layout | Known by | Time | Prompt, output | What prompts share |
//! |---|---|---|---|---|
//! | phantom's own CSV | a column `arrival_s` | seconds | `isl`, `osl` | `session`: the last prompt and output of the same name; `priority`: smaller goes first where the runtime orders so |
//! | Azure LLM inference trace, 2023 and 2024 | a column `TIMESTAMP` | date and time | `ContextTokens`, `GeneratedTokens` | nothing (`Azure/AzurePublicDataset: AzureLLMInferenceDataset2023.md`, `AzureLLMInferenceDataset2024.md`) |
//! | Mooncake JSON lines | a first line that is an object | `timestamp`, milliseconds | `input_length`, `output_length` | `hash_ids`: blocks of 512 tokens, equal ids after equal prefixes (`kvcache-ai/Mooncake: FAST25-release/README.md`) |
//!
//! A file is read once, line by line, in bounded memory: sixteen bytes for each request, eight more for sessions, four for
//! priorities, and eight for each stretch of a prompt that has a name. Times count from the first request. What cannot be replayed is said with its line.
//! A length of zero counts as one token, which is a warning: a prompt has a token, and its end makes the first output.
//!
//! Start reading at [`read::TraceReader`].

mod columns;
mod gather;
mod json;
mod read;
mod replay;
mod resolve;
mod spans;
mod times;

pub use replay::{Shared, Trace, TracePrefix, TraceRequest};
pub(super) use resolve::Found;
