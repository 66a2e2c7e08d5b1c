//! Sizes of loads and deployments, the ranges that rows span, and what lies outside of them.

use crate::stats::math;

/// A size of a load or a deployment, of which rows span a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceAxis {
    /// Requests in flight, or sequences of a batch.
    Sequences,
    /// Mean prompt tokens.
    Input,
    /// Mean generated tokens.
    Output,
    /// Accelerators of the deployment.
    Accelerators,
    /// Parameters of the model, millions.
    Parameters,
}

impl EvidenceAxis {
    /// All, in the order of [`Sizes`].
    pub const ALL: [Self; 5] = [
        Self::Sequences,
        Self::Input,
        Self::Output,
        Self::Accelerators,
        Self::Parameters,
    ];

    /// The name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sequences => "sequences",
            Self::Input => "input_tokens",
            Self::Output => "output_tokens",
            Self::Accelerators => "accelerators",
            Self::Parameters => "parameters_m",
        }
    }

    /// So many of what it counts, in words: `4 096 sequences at once`.
    pub fn words(self, size: f64) -> String {
        let (one, several) = match self {
            Self::Sequences => ("sequence at once", "sequences at once"),
            Self::Input => ("prompt token", "prompt tokens"),
            Self::Output => ("output token", "output tokens"),
            Self::Accelerators => ("accelerator", "accelerators"),
            Self::Parameters => ("million parameters", "million parameters"),
        };
        let number = shown(size);
        let words = if number == "1" { one } else { several };
        format!("{number} {words}")
    }
}

/// Sizes by [`EvidenceAxis::ALL`]; `None` is not stated.
pub type Sizes = [Option<f64>; EvidenceAxis::ALL.len()];

/// Least and most of each size among rows, by [`EvidenceAxis::ALL`]; `None` where no row states it.
pub type Ranges = [Option<[f64; 2]>; EvidenceAxis::ALL.len()];

/// A size outside of what rows span.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beyond {
    /// Which.
    pub axis: EvidenceAxis,
    /// What is asked.
    pub asked: f64,
    /// The end it is beyond.
    pub end: f64,
}

impl Beyond {
    /// How far, as a natural logarithm of the ratio.
    pub fn distance(&self) -> f64 {
        math::ln(self.asked / self.end).abs()
    }

    /// In words, with the direction: `4096 sequences at once, beyond 512 fitted`.
    pub fn text(&self) -> String {
        let side = if self.asked > self.end {
            "beyond"
        } else {
            "below"
        };
        format!(
            "{}, {side} {} fitted",
            self.axis.words(self.asked),
            shown(self.end)
        )
    }
}

pub(super) fn shown(size: f64) -> String {
    crate::units::count(size.round().max(0.0) as u64)
}

/// By what an asked size is outside of a range; `None` inside, or where one of them is not stated.
pub fn beyond(ranges: &Ranges, sizes: &Sizes, axis: EvidenceAxis) -> Option<Beyond> {
    let asked = sizes[axis as usize].filter(|asked| *asked > 0.0)?;
    let [least, most] = ranges[axis as usize]?;
    let end = if asked > most {
        most
    } else if asked < least {
        least
    } else {
        return None;
    };
    (end > 0.0).then_some(Beyond { axis, asked, end })
}

/// The range that holds both.
pub fn joined(one: &Ranges, other: &Ranges) -> Ranges {
    let mut both = *one;
    for (range, other) in both.iter_mut().zip(other) {
        *range = match (*range, *other) {
            (Some([a, b]), Some([c, d])) => Some([a.min(c), b.max(d)]),
            (range, other) => range.or(other),
        };
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_outside_say_how_far_and_which_way() {
        let range = |least: f64, most: f64| Some([least, most]);
        let ranges = [
            range(1.0, 512.0),
            range(128.0, 1024.0),
            range(1.0, 1024.0),
            range(1.0, 8.0),
            None,
        ];
        let sizes = [Some(4096.0), Some(64.0), Some(9.0), Some(8.0), None];
        let found: Vec<String> = EvidenceAxis::ALL
            .iter()
            .filter_map(|axis| beyond(&ranges, &sizes, *axis))
            .map(|beyond| beyond.text())
            .collect();
        assert_eq!(
            found,
            [
                "4 096 sequences at once, beyond 512 fitted",
                "64 prompt tokens, below 128 fitted"
            ]
        );
    }
}
