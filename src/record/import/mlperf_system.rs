//! The description that a submitter to `MLPerf` gives of a system.

use super::ImportError;

/// What a system's description says.
pub(super) struct System {
    pub name: String,
    /// Name of the accelerator or processor in lower case.
    pub hardware: String,
    /// The same as the submitter writes it.
    pub words: String,
    pub devices: u64,
    pub nodes: u64,
    pub framework: String,
}

impl System {
    pub fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let broken =
            |what: String| ImportError::NotATable(format!("description of the system: {what}"));
        let json: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| broken(error.to_string()))?;
        let text = |key: &str| json[key].as_str().unwrap_or_default().trim().to_owned();
        let count = |key: &str| -> Option<u64> {
            let written = json[key].as_str().map(|text| text.trim().parse().ok());
            json[key].as_u64().or_else(|| written.flatten())
        };
        let nodes = count("number_of_nodes").unwrap_or(1).max(1);
        let accelerator = text("accelerator_model_name");
        let per_node = count("accelerators_per_node").unwrap_or(0);
        let (words, each) = if per_node > 0 && !accelerator.is_empty() && accelerator != "N/A" {
            (accelerator, per_node)
        } else {
            let sockets = count("host_processors_per_node").unwrap_or(1).max(1);
            (text("host_processor_model_name"), sockets)
        };
        let devices = nodes
            .checked_mul(each)
            .filter(|devices| *devices <= 1_000_000);
        match devices {
            Some(devices) if !words.is_empty() => Ok(Self {
                name: text("system_name"),
                hardware: slug(&words),
                words,
                devices,
                nodes,
                framework: text("framework"),
            }),
            Some(_) | None => Err(broken(
                "it names no accelerator and no processor".to_owned(),
            )),
        }
    }

    /// The software as rows name it; empty where it is none that is known.
    pub fn runtime(&self) -> &'static str {
        const KNOWN: [(&str, &str); 4] = [
            ("vllm", "vllm"),
            ("sglang", "sglang"),
            ("tensorrt", "tensorrt-llm"),
            ("openvino", "openvino"),
        ];
        let words = self.framework.to_ascii_lowercase();
        let known = KNOWN.iter().find(|(name, _)| words.contains(name));
        known.map_or("", |(_, runtime)| *runtime)
    }
}

/// `NVIDIA H200-SXM-141GB` → `h200-sxm-141gb`.
fn slug(words: &str) -> String {
    const MAKERS: [&str; 6] = ["nvidia", "amd", "instinct", "intel", "geforce", "google"];
    let words = words.to_ascii_lowercase();
    let parts = words.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let parts = parts.filter(|part| !part.is_empty() && !MAKERS.contains(part));
    parts.collect::<Vec<_>>().join("-")
}
