//! Reads `search`, and puts a load that is tried in the place of a point's own.

use super::read::Reader;
use super::schema::LOAD_MODES;
use super::{
    Arrival, AxisValue, Goal, Load, LoadMode, Node, RunPoint, Search, SearchedLoad, Workload, key,
};
use crate::units::{Dimension, Seconds};

/// The tolerance where none is given.
const TOLERANCE: f64 = 0.02;

/// Loads are tried to four digits, so that a bracket can be no narrower.
const FINEST: f64 = 0.001;

/// The search of a question; `None` where it cannot be read.
pub(super) fn read(
    reader: &mut Reader,
    node: &Node,
    question: &Node,
    (goal, sought): (Goal, &Node),
) -> Option<Search> {
    if goal == Goal::Minimize {
        reader.bad_value(
            sought.span,
            "a search finds the highest load, and this question asks for the lowest",
            "write `maximize`",
        );
    }
    if question.get("subject_to").is_none() {
        reader.bad_value(
            node.span,
            "a search without objectives has nothing to stop at",
            "name them under `subject_to`",
        );
    }
    let load = reader.choice(
        sought,
        &[
            ("request_rate", SearchedLoad::RequestRate),
            ("concurrency", SearchedLoad::Concurrency),
        ],
    );
    let tolerance = reader.field(node, "tolerance", Reader::positive_share);
    let tolerance = tolerance.unwrap_or(TOLERANCE);
    if let (true, Some(written)) = (tolerance < FINEST, node.get("tolerance")) {
        reader.bad_value(
            written.span,
            "loads are tried to four digits",
            "at least 0.1%",
        );
    }
    let load = load?;
    let (from, to) = (node.get("from")?, node.get("to")?);
    let mut end = |node: &Node| match load {
        SearchedLoad::RequestRate => reader.positive(node, Dimension::RequestRate),
        SearchedLoad::Concurrency => reader.count(node, 1).map(|count| count as f64),
    };
    let (low, high) = (end(from), end(to));
    let (low, high) = (low?, high?);
    if high <= low {
        reader.bad_value(
            to.span,
            "the highest load tried is not above the lowest",
            "must be more than `from`",
        );
        return None;
    }
    Some(Search {
        load,
        from: low,
        to: high,
        tolerance,
    })
}

impl SearchedLoad {
    /// The axis that sets it.
    pub const fn axis(self) -> &'static str {
        match self {
            Self::RequestRate => "request_rate",
            Self::Concurrency => "concurrency",
        }
    }

    /// The unit of its values.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::RequestRate => "req/s",
            Self::Concurrency => "1",
        }
    }
}

impl RunPoint {
    /// The same point under another load: its axes of the load give way to the one that is tried. `None` where the workload
    /// generates no text.
    ///
    /// An open loop keeps its spread of gaps and its cap; any other load becomes one of Poisson arrivals without a cap. The
    /// position in the plan stays that of the point it was made from.
    #[must_use]
    pub fn under(&self, load: SearchedLoad, value: f64) -> Option<Self> {
        let Workload::Llm(llm) = &self.workload else {
            return None;
        };
        let mut llm = llm.clone();
        put(&mut llm.load, load, value);
        let number = match load {
            SearchedLoad::RequestRate => AxisValue::Float(value),
            SearchedLoad::Concurrency => AxisValue::Int(value as i64),
        };
        let mut axes = self.axes.clone();
        let place = axes.iter().position(|(name, _)| sets_the_load(name));
        axes.retain(|(name, _)| !sets_the_load(name));
        let place = place.unwrap_or(axes.len()).min(axes.len());
        axes.insert(place, (load.axis().to_owned(), number));
        Some(Self {
            index: self.index,
            key: key::key(&axes),
            axes,
            system: self.system.clone(),
            workload: Workload::Llm(llm),
            terms: self.terms,
        })
    }
}

fn put(load: &mut Load, searched: SearchedLoad, value: f64) {
    match searched {
        SearchedLoad::Concurrency => load.mode = LoadMode::Concurrency(value as u64),
        SearchedLoad::RequestRate => {
            let (arrival, max_in_flight) = match load.mode {
                LoadMode::RequestRate {
                    arrival,
                    max_in_flight,
                    ..
                }
                | LoadMode::Ramp {
                    arrival,
                    max_in_flight,
                    ..
                } => (arrival, max_in_flight),
                LoadMode::Concurrency(_)
                | LoadMode::BatchSize(_)
                | LoadMode::SingleStream
                | LoadMode::MultiStream(_)
                | LoadMode::Offline
                | LoadMode::Trace(_) => (Arrival::Poisson, None),
            };
            load.mode = LoadMode::RequestRate {
                rate: value,
                arrival,
                max_in_flight,
            };
            // Users who pause belong to a closed loop.
            load.think_time = Seconds::ZERO;
        }
    }
}

/// An alias or a path of one of the modes of a load.
fn sets_the_load(axis: &str) -> bool {
    let (path, name) = axis.rsplit_once('.').unwrap_or(("", axis));
    let in_load = path.is_empty() || path.rsplit('.').next() == Some("load");
    in_load && LOAD_MODES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_loop_keeps_its_gaps_and_users_who_pause_are_gone() {
        let ramp = LoadMode::Ramp {
            from: 1.0,
            to: 4.0,
            over: Seconds::new(60.0),
            arrival: Arrival::Constant,
            max_in_flight: Some(8),
        };
        let users = Load {
            think_time: Seconds::new(2.0),
            ..Load::of(LoadMode::Concurrency(3))
        };
        for (mut load, arrival, max_in_flight) in [
            (Load::of(ramp), Arrival::Constant, Some(8)),
            (users, Arrival::Poisson, None),
        ] {
            put(&mut load, SearchedLoad::RequestRate, 2.5);
            let mode = LoadMode::RequestRate {
                rate: 2.5,
                arrival,
                max_in_flight,
            };
            assert_eq!(load, Load::of(mode));
        }
    }

    #[test]
    fn only_the_modes_of_a_load_set_it() {
        for axis in [
            "request_rate",
            "concurrency",
            "workload.llm.load.batch_size",
        ] {
            assert!(sets_the_load(axis), "{axis}");
        }
        for axis in ["workload.llm.load.arrival", "hardware", "vars.concurrency"] {
            assert!(!sets_the_load(axis), "{axis}");
        }
    }
}
