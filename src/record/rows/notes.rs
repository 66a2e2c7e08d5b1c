//! The items of a row's notes that mean something to phantom.

use crate::units::Bytes;

/// What a row says of tokens guessed ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speculation {
    /// Nothing, or that there was none.
    Off,
    /// The model's own layers guessed ahead.
    Layers,
    /// It was used in another way.
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
            } else if what.trim_start().starts_with("MTP on") {
                Speculation::Layers
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

    /// `N requests` or `N prompts`: how many a run had, all in all; more than a million are not believed.
    pub fn requests(self) -> Option<u64> {
        const MOST: u64 = 1_000_000;
        self.items().find_map(|item| {
            let (count, what) = item.split_once(' ')?;
            let count = ["requests", "prompts"].contains(&what).then_some(count)?;
            count
                .parse()
                .ok()
                .filter(|count| (1..=MOST).contains(count))
        })
    }

    /// `-ub N`: tokens that llama.cpp computes at once.
    pub fn micro_batch(self) -> Option<u32> {
        self.after("-ub ")?
            .split(' ')
            .next()?
            .parse()
            .ok()
            .filter(|tokens| *tokens > 0)
    }

    /// Lengths of requests lie evenly between a share of the stated ones, in percent, and these: of `lengths drawn from 1` one token, as
    /// `sglang.bench_serving --dataset-name random` draws them unless told otherwise (`--random-range-ratio 0`); of `lengths drawn from
    /// 0.8` four fifths.
    pub fn drawn_from(self) -> Option<u8> {
        let item = self.after("lengths drawn from ")?;
        if item == "1" {
            return Some(0);
        }
        let share: f64 = item.parse().ok()?;
        (share > 0.0 && share < 1.0).then(|| (100.0 * share).round() as u8)
    }

    /// `file N GiB`: the size of the model file.
    pub fn file_size(self) -> Option<Bytes> {
        let size: f64 = self.after("file ")?.strip_suffix(" GiB")?.parse().ok()?;
        Bytes::try_new(size * 1024.0 * 1024.0 * 1024.0).ok()
    }

    /// `GGUF labelled F16 but experts are MXFP4`: everything beside the experts has sixteen bits, not the eight of llama.cpp's own files.
    pub fn is_wide_beside_experts(self) -> bool {
        self.after("GGUF labelled F16 but experts").is_some()
    }

    /// llama.cpp divided the rows of each matrix (`--split-mode row`), not the layers.
    pub fn is_row_split(self) -> bool {
        self.0.contains("(row split")
    }

    /// Devices reached each other over PCI Express, whatever links they may have.
    pub fn is_over_pcie(self) -> bool {
        self.0.contains("over PCIe")
    }

    /// The backend a build of llama.cpp computes with, its driver, `-fa` where it attends in one pass and `-hipblaslt` where that library
    /// multiplies: `vulkan_radv-fa` of `build llama.cpp-vulkan_radv; -fa 1`, `rocm` of `backend rocm6_4_4; fa=0`.
    pub fn backend(self) -> Option<String> {
        let build = self
            .after("build llama.cpp-")
            .or_else(|| self.after("backend "))?;
        let end = build
            .find(|c: char| !c.is_ascii_alphabetic() && c != '_')
            .unwrap_or(build.len());
        let in_one_pass = self.items().any(|item| item == "-fa 1" || item == "fa=1");
        let attention = if in_one_pass { "-fa" } else { "" };
        let by_library = self.items().any(|item| item == "hipblaslt");
        let library = if by_library { "-hipblaslt" } else { "" };
        Some(format!("{}{attention}{library}", &build[..end]))
    }

    /// `magnitude matches generated tokens/time`: a rate that the source calls that of generation is generated tokens over the time of
    /// the whole run, the prompt's included.
    pub fn is_of_whole_runs(self) -> bool {
        self.after("magnitude matches generated tokens/time")
            .is_some()
    }

    /// `tutorial of the same site uses w4a16 checkpoints`: the quantisation that a source names elsewhere; empty where it does not.
    pub fn checkpoints(self) -> &'a str {
        let said = self.after("tutorial of the same site uses ");
        let scheme = said.and_then(|said| said.split_once(" checkpoints"));
        scheme.map_or("", |(scheme, _)| scheme)
    }

    /// `src=open/…` or `(open/…`: a run of `MLPerf`'s open division, whose submitters choose models and ways of their own.
    pub fn is_open_division(self) -> bool {
        self.0.contains("src=open/") || self.0.contains("(open/")
    }

    /// `NVIDIA-internal run`: made for `AIConfigurator`, with the servers and the client that it generates.
    pub fn is_aiconfigurator(self) -> bool {
        self.items().any(|item| item == "NVIDIA-internal run")
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
        assert_eq!(notes.checkpoints(), "");
        assert!(!notes.is_of_whole_runs() && !notes.is_open_division());
        assert_eq!(notes.requests(), None);
        let early = Notes("src=a; 2023 llama.cpp multi-GPU (row split over PCIe): slow");
        assert!(early.is_row_split() && early.is_over_pcie());
        assert!(!Notes("src=a; layer split").is_over_pcie());
        assert!(Notes("src=a; GGUF labelled F16 but experts are MXFP4").is_wide_beside_experts());
        assert_eq!(
            Notes("src=a; 500 requests; request rate 16/s").requests(),
            Some(500)
        );
        assert_eq!(Notes("src=a; -fa 1; -ub 2048").micro_batch(), Some(2048));
        assert_eq!(Notes("-ub 512 -b 2048").micro_batch(), Some(512));
        assert_eq!(Notes("-ub 0; -b 2048").micro_batch(), None);
        let drawn = |notes: &str| Notes(notes).drawn_from();
        assert_eq!(drawn("80 prompts; lengths drawn from 1"), Some(0));
        assert_eq!(
            drawn("40 prompts; lengths drawn from 0.8; ROCm 7"),
            Some(80)
        );
        assert_eq!(drawn("lengths drawn from 7"), None);
        assert_eq!(notes.drawn_from(), None);
        assert_eq!(Notes("0 requests; many prompts").requests(), None);
        assert_eq!(Notes("99999999999 requests").requests(), None);
        assert!(Notes("src=a.json#L1 (open/Me/results/x); y").is_open_division());
        let site = Notes("tutorial of the same site uses w4a16 checkpoints, 2048 in / 128 out");
        assert_eq!(site.checkpoints(), "w4a16");
        assert!(Notes("x; magnitude matches generated tokens/time; y").is_of_whole_runs());
        let build = Notes("x; build llama.cpp-vulkan_radv; -fa 1");
        assert_eq!(build.backend().as_deref(), Some("vulkan_radv-fa"));
        let build = Notes("x; build llama.cpp-hip; -fa 0; hipblaslt; y");
        assert_eq!(build.backend().as_deref(), Some("hip-hipblaslt"));
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
        assert_eq!(
            of("SPECULATIVE DECODING: MTP on, inferred from a log"),
            Speculation::Layers
        );
        assert_eq!(of("MTP off, inferred from a log"), Speculation::Off);
        assert_eq!(of(""), Speculation::Off);
    }
}
