//! An estimate as text and back, every number to its last bit: what a cache keeps.

use serde::{Deserialize, Serialize};

use super::names::constant;
use super::{
    Attained, Basis, Bound, Estimate, Estimated, LatencyModel, MemoryParts, Metric, PowerParts,
};
use crate::diag::Code;
use crate::units::Bytes;

/// A number by its bits: decimal text would have to be read back exactly, which JSON readers do not promise.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Bits(u64);

impl From<f64> for Bits {
    fn from(number: f64) -> Self {
        Self(number.to_bits())
    }
}

impl From<Bits> for f64 {
    fn from(bits: Bits) -> Self {
        Self::from_bits(bits.0)
    }
}

type Three = (Bits, Bits, Bits);

/// The fields of an [`Estimate`], names as text.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    values: Vec<(String, Three)>,
    level: Bits,
    basis: String,
    method: String,
    bounds: (Option<String>, Option<String>),
    memory: [Bits; 6],
    power: [Option<Three>; 5],
    accelerators: u32,
    latencies: Vec<(String, Vec<[Bits; 4]>)>,
    attained: Vec<(String, Three)>,
    notes: Vec<String>,
}

impl Estimate {
    /// The estimate as one line of JSON that [`Self::from_text`] reads back to the same bits.
    ///
    /// # Panics
    ///
    /// Never: names and whole numbers are always JSON.
    pub fn to_text(&self) -> String {
        serde_json::to_string(&Stored::of(self)).expect("names and whole numbers are JSON")
    }

    /// What [`Self::to_text`] wrote; `None` for anything else, such as the text of another version.
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str::<Stored>(text).ok()?.estimate()
    }
}

fn stored((value, lo, hi): (f64, f64, f64)) -> Three {
    (value.into(), lo.into(), hi.into())
}

fn read((value, lo, hi): Three) -> (f64, f64, f64) {
    (value.into(), lo.into(), hi.into())
}

impl Stored {
    fn of(estimate: &Estimate) -> Self {
        let memory = &estimate.memory;
        let power = &estimate.power;
        let bound = |bound: Option<Bound>| bound.map(|bound| bound.name().to_owned());
        let latency = |model: &LatencyModel| {
            let quantiles = model.quantiles.iter();
            let cells = quantiles.map(|(q, value, lo, hi)| [*q, *value, *lo, *hi].map(Bits::from));
            (model.metric.name().to_owned(), cells.collect())
        };
        Self {
            values: estimate
                .values
                .iter()
                .map(|found| {
                    let numbers = stored((found.value, found.lo, found.hi));
                    (found.column.to_string(), numbers)
                })
                .collect(),
            level: estimate.level.into(),
            basis: estimate.basis.name().to_owned(),
            method: estimate.method.to_owned(),
            bounds: (bound(estimate.bound_prefill), bound(estimate.bound_decode)),
            memory: [
                memory.weights,
                memory.kv,
                memory.activations,
                memory.overhead,
                memory.usable,
                memory.capacity,
            ]
            .map(|bytes| bytes.get().into()),
            power: [
                power.accelerator,
                power.host,
                power.network,
                power.board,
                power.idle,
            ]
            .map(|part| part.map(stored)),
            accelerators: estimate.accelerators,
            latencies: estimate.latencies.iter().map(latency).collect(),
            attained: estimate
                .attained
                .iter()
                .map(|attained| (attained.slo.clone(), stored(attained.share)))
                .collect(),
            notes: estimate
                .notes
                .iter()
                .map(|code| code.name().to_owned())
                .collect(),
        }
    }

    fn estimate(self) -> Option<Estimate> {
        let bound = |name: Option<String>| match name {
            None => Some(None),
            Some(name) => Bound::from_name(&name).map(Some),
        };
        let [weights, kv, activations, overhead, usable, capacity] =
            self.memory.map(|bits| Bytes::new(bits.into()));
        let [accelerator, host, network, board, idle] = self.power.map(|part| part.map(read));
        let notes = self.notes.iter().map(|name| Code::from_name(name));
        Some(Estimate {
            values: self
                .values
                .into_iter()
                .map(estimated)
                .collect::<Option<_>>()?,
            level: self.level.into(),
            basis: Basis::from_name(&self.basis)?,
            method: constant(&self.method)?,
            bound_prefill: bound(self.bounds.0)?,
            bound_decode: bound(self.bounds.1)?,
            memory: MemoryParts {
                weights,
                kv,
                activations,
                overhead,
                usable,
                capacity,
            },
            power: PowerParts {
                accelerator,
                host,
                network,
                board,
                idle,
            },
            accelerators: self.accelerators,
            latencies: self
                .latencies
                .into_iter()
                .map(latency)
                .collect::<Option<_>>()?,
            attained: self
                .attained
                .into_iter()
                .map(|(slo, share)| Attained {
                    slo,
                    share: read(share),
                })
                .collect(),
            notes: notes.collect::<Option<_>>()?,
        })
    }
}

fn estimated((column, numbers): (String, Three)) -> Option<Estimated> {
    let (value, lo, hi) = read(numbers);
    Some(Estimated {
        column: column.parse().ok()?,
        value,
        lo,
        hi,
    })
}

fn latency((metric, quantiles): (String, Vec<[Bits; 4]>)) -> Option<LatencyModel> {
    let quantiles = quantiles.into_iter().map(|cells| {
        let [q, value, lo, hi] = cells.map(f64::from);
        (q, value, lo, hi)
    });
    Some(LatencyModel {
        metric: Metric::from_name(&metric)?,
        quantiles: quantiles.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Column, Stat};

    fn estimate() -> Estimate {
        let number = |column, value: f64| Estimated {
            column,
            value,
            lo: value / 3.0,
            hi: value * 1.1,
        };
        Estimate {
            values: vec![
                number(Column::stat(Stat::P99_9, Metric::Ttft), 0.1 + 0.2),
                number(Column::of(Metric::OutputThroughput), 1e-300),
            ],
            level: 0.95,
            basis: Basis::Datasheet,
            method: "simulate",
            bound_prefill: Some(Bound::Compute),
            bound_decode: None,
            memory: MemoryParts {
                weights: Bytes::new(1.0 / 3.0),
                ..MemoryParts::default()
            },
            power: PowerParts {
                idle: Some((60.0, 50.0, 70.0)),
                ..PowerParts::default()
            },
            accelerators: 8,
            latencies: vec![LatencyModel {
                metric: Metric::Tpot,
                quantiles: vec![(0.5, 0.01, 0.009, 0.02)],
            }],
            attained: vec![Attained {
                slo: "chat \"quoted\"".to_owned(),
                share: (0.9, 0.8, 1.0),
            }],
            notes: vec![Code::Saturated],
        }
    }

    #[test]
    fn what_is_written_reads_back_to_the_last_bit() {
        let estimate = estimate();
        assert_eq!(Estimate::from_text(&estimate.to_text()), Some(estimate));
    }

    #[test]
    fn half_a_text_and_unknown_names_are_nothing() {
        let text = estimate().to_text();
        assert_eq!(Estimate::from_text(&text[..text.len() / 2]), None);
        assert_eq!(
            Estimate::from_text(&text.replace("saturated", "no-code")),
            None
        );
    }
}
