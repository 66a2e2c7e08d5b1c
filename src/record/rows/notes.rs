//! The items of a row's notes that mean something to phantom.

use crate::units::Bytes;

/// What a row says of tokens guessed ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speculation {
    /// Nothing, or that there was none.
    Off,
    /// It was used.
    On,
    /// Nobody knows.
    Unknown,
}

/// The notes of a row: items separated by `; `.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notes<'a>(pub &'a str);

impl<'a> Notes<'a> {
    fn items(self) -> impl Iterator<Item = &'a str> {
        self.0.split("; ").map(str::trim)
    }

    fn after(self, start: &str) -> Option<&'a str> {
        self.items().find_map(|item| item.strip_prefix(start))
    }

    /// The place in the source; rows of one run agree in it.
    pub fn source(self) -> &'a str {
        self.after("src=").unwrap_or_default()
    }

    /// `outlier-in-source`: the value contradicts its neighbours.
    pub fn is_outlier(self) -> bool {
        self.after("outlier-in-source").is_some()
    }

    /// `derived by the source`: computed from another row.
    pub fn is_derived(self) -> bool {
        self.after("derived by the source").is_some()
    }

    /// What is said of speculative decoding.
    pub fn speculation(self) -> Speculation {
        if self.after("MTP status unknown").is_some() {
            Speculation::Unknown
        } else if let Some(what) = self.after("SPECULATIVE DECODING:") {
            if what.contains("status unknown") {
                Speculation::Unknown
            } else if what.trim_start().starts_with("MTP off") {
                Speculation::Off
            } else {
                Speculation::On
            }
        } else {
            Speculation::Off
        }
    }

    /// `nodes=N`.
    pub fn nodes(self) -> Option<u32> {
        self.after("nodes=")?.parse().ok()
    }

    /// `file N GiB`: the size of the model file.
    pub fn file_size(self) -> Option<Bytes> {
        let size: f64 = self.after("file ")?.strip_suffix(" GiB")?.parse().ok()?;
        Bytes::try_new(size * 1024.0 * 1024.0 * 1024.0).ok()
    }

    /// llama.cpp divided the rows of each matrix (`--split-mode row`), not the layers.
    pub fn is_row_split(self) -> bool {
        self.0.contains("(row split")
    }

    /// The backend a build of llama.cpp computes with, with `-fa` where it attends in one pass: `vulkan-fa` of
    /// `build llama.cpp-vulkan_radv; -fa 1`, `rocm` of `backend rocm6_4_4; fa=0`.
    pub fn backend(self) -> Option<String> {
        let build = self
            .after("build llama.cpp-")
            .or_else(|| self.after("backend "))?;
        let end = build
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(build.len());
        let in_one_pass = self.items().any(|item| item == "-fa 1" || item == "fa=1");
        let attention = if in_one_pass { "-fa" } else { "" };
        Some(format!("{}{attention}", &build[..end]))
    }

    /// `InferenceMAX run`: made by that suite, by its rules.
    pub fn is_inference_max(self) -> bool {
        self.items().any(|item| item == "InferenceMAX run")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_items_are_found_among_others() {
        let notes = Notes(
            "src=a.md#L2; nodes=18; file 87.2 GiB; outlier-in-source (why); InferenceMAX run",
        );
        assert_eq!(notes.source(), "a.md#L2");
        assert_eq!(notes.nodes(), Some(18));
        assert_eq!(notes.backend(), None);
        let build = Notes("x; build llama.cpp-vulkan_radv; -fa 1");
        assert_eq!(build.backend().as_deref(), Some("vulkan-fa"));
        assert_eq!(
            Notes("backend rocm6_4_4; fa=0").backend().as_deref(),
            Some("rocm")
        );
        assert!(notes.is_outlier() && !notes.is_derived() && notes.is_inference_max());
        assert!(
            notes
                .file_size()
                .is_some_and(|size| (size.get() / 93.6e9 - 1.0).abs() < 1e-3)
        );
    }

    #[test]
    fn speculation_is_on_off_or_unknown() {
        let of = |text| Notes(text).speculation();
        assert_eq!(
            of("SPECULATIVE DECODING: EAGLE3 draft model"),
            Speculation::On
        );
        assert_eq!(of("x; MTP status unknown (both ran)"), Speculation::Unknown);
        assert_eq!(of("MTP off, inferred from a log"), Speculation::Off);
        assert_eq!(of(""), Speculation::Off);
    }
}
