//! How many copies of a deployment a month is of, and the share of the time in which one serves: lines of their own.

use super::derived::{Subject, input};
use crate::analyse::{self, Copies};
use crate::perf::{ExplainInput, ExplainLine};
use crate::record::{Column, Metric};
use crate::scenario::SizeFor;
use crate::units::{Seconds, percent, si, significant};

/// The line of a name under a purchase option; that of the reference has the bare name.
fn line_name(name: &str, other: Option<&str>) -> String {
    other.map_or_else(|| name.to_owned(), |other| format!("{name} ({other})"))
}

impl Subject<'_> {
    /// A purchase option that is not the reference, whose entries come first.
    fn other_purchase<'p>(&self, purchase: Option<&'p str>) -> Option<&'p str> {
        let reference = self.result().predicted(Column::of(Metric::CostPerHour));
        let reference = reference.and_then(|entry| entry.purchase);
        purchase.filter(|purchase| Some(*purchase) != reference)
    }

    fn of_copies(&self, purchase: Option<&str>) -> Copies {
        analyse::copies(
            self.context.scenario,
            self.point,
            (self.result(), self.other_purchase(purchase)),
        )
    }

    /// How many of the deployment a month is of, as an input.
    pub(super) fn copies(&self, purchase: Option<&str>) -> ExplainInput {
        let Copies { demand, copies, .. } = self.of_copies(purchase);
        let value = copies.map_or_else(|| "unknown".to_owned(), |(n, ..)| significant(n, 3));
        if demand.is_none() {
            return input("copies", value, "no `size_for` states a demand");
        }
        let name = line_name("copies", self.other_purchase(purchase));
        input("copies", value, format!("line {name}"))
    }

    /// The share of the time in which a deployment serves, as an input.
    pub(super) fn availability(&self, purchase: Option<&str>) -> ExplainInput {
        let copies = self.of_copies(purchase);
        let value = percent(copies.availability, 4);
        if copies.spot.is_none() {
            return input("availability", value, "no machine is taken away");
        }
        let name = line_name("availability", self.other_purchase(purchase));
        input("availability", value, format!("line {name}"))
    }

    /// The lines that these inputs name.
    pub(super) fn fleet_lines(&self) -> Vec<ExplainLine> {
        let month = Column::of(Metric::CostPerMonth);
        let entries = self.result().metrics.get(&month);
        let mut purchases: Vec<Option<&str>> = entries.map_or_else(Vec::new, |entries| {
            entries.iter().map(|entry| entry.purchase).collect()
        });
        if purchases.is_empty() {
            purchases.push(None);
        }
        let mut lines = Vec::new();
        for purchase in purchases {
            let copies = self.of_copies(purchase);
            lines.extend(self.copies_line(&copies, purchase));
            lines.extend(self.availability_line(&copies, purchase));
        }
        lines
    }

    fn copies_line(&self, copies: &Copies, purchase: Option<&str>) -> Option<ExplainLine> {
        let (value, lo, hi) = copies.copies?;
        let demand = copies.demand?;
        let (wanted, what) = match demand {
            SizeFor::Concurrency(wanted) => (wanted, "requests in flight"),
            SizeFor::RequestRate(wanted) => (wanted, "requests per second"),
        };
        let mut inputs = Vec::new();
        if lo < hi {
            let range = format!("{} to {}", significant(lo, 3), significant(hi, 3));
            inputs.push(input("interval", range, "both ends of the capacity"));
        }
        inputs.push(input(
            "demand",
            format!("{} {what}", significant(wanted, 4)),
            "the scenario: size_for of the headline question",
        ));
        let (capacity, made) = self.capacity(demand, copies.held);
        inputs.extend(made);
        inputs.push(self.availability(purchase));
        Some(ExplainLine {
            name: line_name("copies", self.other_purchase(purchase)),
            value,
            unit: "1",
            formula: format!("⌈demand / ({capacity} · availability)⌉"),
            inputs,
        })
    }

    /// What one copy does of a demand while it serves: how it is written, and what it is made of.
    fn capacity(&self, demand: SizeFor, held: Option<f64>) -> (&'static str, Vec<ExplainInput>) {
        let throughput = self.other(Metric::RequestThroughput).into_iter();
        match (demand, held) {
            (SizeFor::RequestRate(_), _) => ("request_throughput", throughput.collect()),
            (SizeFor::Concurrency(_), Some(held)) => {
                let value = format!("{} requests in flight", significant(held, 4));
                let load = input("load", value, "the scenario: workload.llm.load");
                ("load", vec![load])
            }
            // Little's law.
            (SizeFor::Concurrency(_), None) => {
                let latency = self.other(Metric::E2el);
                (
                    "request_throughput · e2el",
                    throughput.chain(latency).collect(),
                )
            }
        }
    }

    fn availability_line(&self, copies: &Copies, purchase: Option<&str>) -> Option<ExplainLine> {
        let spot = copies.spot?;
        let scenario = "the scenario: pricing.spot";
        let restart = spot.restart.map_or(0.0, Seconds::get);
        Some(ExplainLine {
            name: line_name("availability", self.other_purchase(purchase)),
            value: copies.availability,
            unit: "1",
            formula: "1 / (1 + nodes · interruptions · restart)".to_owned(),
            inputs: vec![
                input(
                    "nodes",
                    copies.nodes.to_string(),
                    "of one copy: whichever is taken away stops it",
                ),
                input(
                    "interruptions",
                    format!(
                        "{} a node and day",
                        significant(spot.interruptions_per_node_day, 3)
                    ),
                    scenario,
                ),
                input("restart", si(restart, "s", 3), scenario),
            ],
        })
    }
}
