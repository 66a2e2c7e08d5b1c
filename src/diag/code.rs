//! The stable names of everything phantom can say about an input.

use std::fmt;

/// The group of a code, as `phantom explain` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The text is not a scenario.
    Text,
    /// A value cannot be read.
    Values,
    /// A name is unknown or means several things.
    Names,
    /// The text reads well and makes no sense.
    Meaning,
    /// Worth knowing.
    Notes,
    /// Measurements and hardware.
    Data,
    /// What a run found.
    Findings,
}

macro_rules! codes {
    ($($group:ident { $($variant:ident $name:literal $meaning:literal,)+ })+) => {
        /// A stable, documented name of one kind of diagnostic or finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[doc = $meaning] $variant,)+)+
        }

        impl Code {
            /// All codes, by group.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];

            /// The code as printed, `kebab-case`.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)+)+ }
            }

            /// The group it is listed under.
            pub const fn group(self) -> Group {
                match self { $($(Self::$variant => Group::$group,)+)+ }
            }

            /// What it means and what to do, for `phantom explain <code>`.
            pub const fn meaning(self) -> &'static str {
                match self { $($(Self::$variant => $meaning,)+)+ }
            }
        }
    };
}

codes! {
    Text {
        YamlSyntax "yaml-syntax" "The text is not YAML: the parser stopped at the marked place.",
        NotText "not-text" "The file is not UTF-8 text.",
        TooLarge "too-large" "The text is larger, deeper or longer than a scenario may be.",
        DuplicateKey "duplicate-key" "A key stands twice in one map; only one value can be meant.",
        UnsupportedYaml "unsupported-yaml" "Anchors, aliases, merge keys, tags and several documents are not part of the scenario language.",
        UnknownKey "unknown-key" "No field of that name exists at that place.",
        MissingKey "missing-key" "A required field is absent.",
        WrongType "wrong-type" "A map, list, text, number or boolean stands where another is expected.",
        NeedsQuotes "needs-quotes" "A text field was given a bare number or boolean; quotes make it text.",
        TwoForms "two-forms" "Exactly one of several forms may be given; the form is the key.",
    } Values {
        MissingUnit "missing-unit" "A quantity needs its unit.",
        WrongUnit "wrong-unit" "The unit does not belong to the kind of quantity expected.",
        ForeignCurrency "foreign-currency" "All prices of a scenario use `pricing.currency`; nothing is converted silently.",
        BadValue "bad-value" "The value is of the right type and not one of those allowed.",
        BadRange "bad-range" "A range must go upwards by a positive step (or a factor above one) and stay within its limits.",
        BadExpression "bad-expression" "The expression cannot be read or evaluated.",
        UnsetVariable "unset-variable" "An environment variable without a default is not set.",
        ExtendsCycle "extends-cycle" "A scenario extends itself, directly or through others.",
        OutsideRoot "outside-root" "A path leads outside the scenario's root; `--allow-outside` permits it.",
        FileMissing "file-missing" "A file that the scenario names cannot be read.",
    } Names {
        UnknownAxis "unknown-axis" "No scenario field or axis alias has that name.",
        UnknownModel "unknown-model" "The catalogue or the scenario knows no such model.",
        UnknownHardware "unknown-hardware" "The catalogue or the scenario knows no such hardware.",
        UnknownPrice "unknown-price" "The catalogue knows no such instance price.",
        UnknownRegion "unknown-region" "The catalogue knows no such region.",
        UnknownRuntimeOption "unknown-runtime-option" "The runtime has no such option.",
        UnknownMetric "unknown-metric" "No metric or column has that name.",
        UnknownSlo "unknown-slo" "No objective of the scenario has that name.",
        UnknownChart "unknown-chart" "No chart has that id.",
        AmbiguousModel "ambiguous-model" "Several models are named and nothing says which one a point uses.",
        AmbiguousHardware "ambiguous-hardware" "Several hardware entries are named and nothing says which one a point uses.",
    } Meaning {
        TooManyPoints "too-many-points" "The matrix expands to more points than `matrix.max_points`.",
        TooManyMeasuredPoints "too-many-measured-points" "More points than `matrix.max_measured` would be run for real; `--yes-measure` permits it.",
        DuplicatePoint "duplicate-point" "Two points have equal inputs; they count as one.",
        NoPoints "no-points" "No point is left after excludes and filters.",
        NoPriceDate "no-price-date" "`pricing.as_of` is required when a price is used.",
        BadParallelism "bad-parallelism" "The parallel sizes do not divide the accelerators or the model's heads.",
        ImportNoFile "import-no-file" "An import that must run matches no file.",
        ImportMissingFields "import-missing-fields" "The imported file does not say what the point needs; state it under `as`.",
        ImportShape "import-shape" "The imported file does not have the shape of its format.",
        BadTrace "bad-trace" "A trace cannot be replayed: its layout is not known, or the line that is named cannot be read or is out of order.",
        ModelFile "model-file" "The model file cannot be understood.",
        NotModelledYet "not-modelled-yet" "This version has no model for what the scenario asks.",
        CatalogInvalid "catalog-invalid" "A catalogue entry is malformed or contradicts itself.",
        CalibrationInvalid "calibration-invalid" "A calibration pack is malformed or made for another predictor version.",
        BadResults "bad-results" "The file is not a results or golden document of this version.",
    } Notes {
        AssumedDefault "assumed-default" "A default that stands for a fact was used; the report lists it as an assumption.",
        PriceMissing "price-missing" "No price is known for this hardware and purchase option; its cost is absent.",
        PowerUnknown "power-unknown" "The power of a counted scope is not known; power, energy and carbon are absent.",
        EmbodiedUnknown "embodied-unknown" "`energy.embodied` asks for what making the device emitted, and the catalogue has no figure for it; carbon is absent.",
        PriceOld "price-old" "A catalogue price is older than 90 days at `pricing.as_of`.",
        OptionNotModelled "option-not-modelled" "The runtime option is known and does not change predictions.",
        Extrapolated "extrapolated" "The point lies outside what the calibration has seen; intervals are wider.",
        Saturated "saturated" "Requests arrive faster than the server can answer; latencies grow without bound and are absent. `offered_rate` is what arrives, `request_throughput` what is answered, `backlog_growth` the difference.",
        EventBound "event-bound" "A simulation was given up after as many events as a run may have; its numbers are those of the part that was simulated.",
        RequestTooLong "request-too-long" "Some requests need more cache than an engine has, a longer prompt than a step may have, or more than the model's context; they are turned away, `requests_rejected` counts them, and latencies are those of the others.",
        BacklogGrows "backlog-grows" "When the last request of a load that ends (a trace or a ramp) had arrived, more than 3 % of all still waited to be taken up; its latencies are those of a growing queue and depend on how long it lasts. `backlog_growth` says how fast it grew.",
        ZeroLength "zero-length" "A trace has prompts or outputs of zero tokens; each counts as one token, as a prompt has a token and its end makes the first output.",
        DoesNotFit "does-not-fit" "The predicted memory exceeds the usable capacity of the device.",
        MeasurementDisagrees "measurement-disagrees" "Prediction and measurement give different verdicts.",
        PdfNotBuilt "pdf-not-built" "This build of phantom has no PDF support; the entry is skipped.",
    } Data {
        HardwareMismatch "hardware-mismatch" "The point's hardware is not this machine.",
        UnreadableData "unreadable-data" "A measurement file cannot be read.",
        AccuracyDrift "accuracy-drift" "The accuracy of a group has become worse than accepted.",
    } Findings {
        GoldenDrift "golden-drift" "A value differs from the accepted one by more than its tolerance.",
        GoldenNewPoint "golden-new-point" "A point is not in the accepted results.",
        GoldenMissingPoint "golden-missing-point" "An accepted point is gone.",
        GoldenAnswerChanged "golden-answer-changed" "Another point answers a question than accepted.",
        GoldenFileChanged "golden-file-changed" "An output file has another hash than accepted.",
        SloFailed "slo-failed" "An objective of severity `error` does not hold where it must.",
        SloInconclusive "slo-inconclusive" "An objective rests on an interval that straddles its limit.",
        MeasuredRegression "measured-regression" "A measurement is significantly worse than the accepted baseline.",
        SearchNotMonotone "search-not-monotone" "A search tried a load that stands better towards the objectives than a lower one; it assumes that more load is never better.",
        ExecutorSkipped "executor-skipped" "An executor was not available and was skipped.",
    }
}

impl Code {
    /// The code with that printed name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_names_are_unique() {
        let names: std::collections::BTreeSet<_> =
            Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
