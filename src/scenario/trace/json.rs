//! Lines of Mooncake's traces.

use serde::Deserialize;

use super::gather::Line;
use super::times;

/// Prompt tokens that one hash id stands for (`kvcache-ai/Mooncake: FAST25-release/README.md`).
pub(super) const BLOCK: u32 = 512;

#[derive(Deserialize)]
struct Request {
    timestamp: f64,
    input_length: u64,
    output_length: u64,
    #[serde(default)]
    hash_ids: Vec<u64>,
}

/// One line, or what is wrong with it. Fields of other tools are passed over.
pub(super) fn read(line: &str) -> Result<Line<'static>, String> {
    let request: Request = serde_json::from_str(line).map_err(|error| {
        let said = error.to_string();
        // The place inside the line says nothing beside the number of the line.
        let said = said.split(" at line ").next().unwrap_or_default();
        format!("no request of a Mooncake trace: {said}")
    })?;
    let at = times::seconds(request.timestamp * 1e-3)
        .ok_or_else(|| format!("`{}` in `timestamp` is no time", request.timestamp))?;
    Ok(Line {
        at,
        prompt: request.input_length,
        output: request.output_length,
        session: None,
        priority: None,
        blocks: request.hash_ids,
    })
}
