//! The facts that derived numbers are made of, each with its source.

use super::derived::{Subject, input};
use crate::perf::ExplainInput;
use crate::record::{Column, Metric, ValueEntry};
use crate::scenario::{
    Assumption, Embodied, Energy, EnergyScope, OwnedRate, Paid, Pricing, Workload,
};
use crate::units::{count, percent, si, significant};

impl Subject<'_> {
    /// What a device keeps is a count over the model, its number formats, the division and the load.
    pub(super) fn kept(&self) -> Vec<ExplainInput> {
        let system = &self.point.system;
        let parallel = system.deployment.parallel;
        let division = format!("tp {}, pp {}, dp {}", parallel.tp, parallel.pp, parallel.dp);
        vec![
            input(
                "model",
                system.model_alias.clone(),
                "the scenario: models; its tensors are counted",
            ),
            input(
                "formats",
                system.precision_name.clone(),
                "the scenario: precision",
            ),
            input("division", division, "the scenario: deployment"),
        ]
    }

    pub(super) fn device(&self) -> String {
        let device = &self.point.system.hardware.device;
        format!("catalogue {}: {}", device.id, device.provenance.source)
    }

    pub(super) fn pricing(&self) -> Option<&Pricing> {
        self.context.scenario.pricing_of(self.point)
    }

    fn energy(&self) -> &Energy {
        self.context.scenario.energy_at(self.point.terms)
    }

    /// What a number of money was paid under.
    pub(super) fn paid(&self, entry: &ValueEntry) -> Option<Paid<'_>> {
        let pricing = self.pricing()?;
        let rate = pricing.rates.get(&self.point.system.hardware_alias)?;
        let mut options = rate.among(&pricing.purchase);
        let (_, paid) = options.find(|(purchase, _)| Some(purchase.name()) == entry.purchase)?;
        paid
    }

    pub(super) fn price(&self, entry: &ValueEntry) -> Vec<ExplainInput> {
        let (Some(pricing), Some(paid)) = (self.pricing(), self.paid(entry)) else {
            return Vec::new();
        };
        let hardware = &self.point.system.hardware;
        let nodes = self
            .point
            .system
            .deployment
            .nodes(u64::from(hardware.count));
        let nodes = input(
            "nodes",
            count(nodes),
            "the deployment on nodes of this hardware",
        );
        let mut inputs = match paid {
            Paid::Owned(owned) => self.owned(*owned, &pricing.currency),
            Paid::Rented(price) => {
                let date = price
                    .as_of
                    .as_deref()
                    .map_or_else(String::new, |date| format!(" ({date})"));
                let hour = significant(price.per_second.get() * 3600.0, 4);
                let value = format!("{hour} {}/h", pricing.currency);
                let label = entry.purchase.unwrap_or("price");
                vec![input(label, value, format!("{}{date}", price.source))]
            }
        };
        inputs.push(nodes);
        inputs
    }

    pub(super) fn owned(&self, owned: OwnedRate, currency: &str) -> Vec<ExplainInput> {
        let scenario = "the scenario: pricing.rates";
        let years = owned.life.get() / (365.25 * 86_400.0);
        let mut inputs = vec![
            input(
                "capex",
                format!("{} {currency}", significant(owned.capex.get(), 4)),
                scenario,
            ),
            input("life", format!("{} years", significant(years, 3)), scenario),
            input("duty", percent(owned.duty, 3), scenario),
        ];
        if owned.resale.get() > 0.0 {
            let value = format!("{} {currency}", significant(owned.resale.get(), 4));
            inputs.push(input("resale", value, scenario));
        }
        if owned.upkeep.get() > 0.0 {
            let month = owned.upkeep.get() * 365.25 * 86_400.0 / 12.0;
            let value = format!("{} {currency} a month", significant(month, 4));
            inputs.push(input("upkeep", value, scenario));
        }
        inputs.extend(self.other(Metric::Power));
        inputs.push(self.overhead());
        let energy = self.energy();
        let region = self
            .context
            .facts
            .grid
            .as_ref()
            .and_then(|grid| grid.price.as_ref());
        let per_kwh = |price: f64| format!("{} {currency}/kWh", significant(price * 3.6e6, 3));
        match (energy.price, region) {
            (Some(price), _) => {
                inputs.push(input(
                    "electricity",
                    per_kwh(price.get()),
                    self.stated("energy.price", &per_kwh(price.get())),
                ));
            }
            (None, Some((price, source))) => {
                inputs.push(input("electricity", per_kwh(price.get()), source.clone()));
            }
            (None, None) => {}
        }
        inputs
    }

    /// Where a value comes from: the catalogue, where it was filled in as `shown`, else the scenario itself.
    fn stated(&self, path: &str, shown: &str) -> String {
        let filled = |one: &&Assumption| one.path == path && one.value.starts_with(shown);
        let mut assumed = self.context.scenario.assumptions.iter();
        assumed
            .find(filled)
            .map_or_else(|| format!("the scenario: {path}"), |one| one.source.clone())
    }

    pub(super) fn utilization(&self) -> Option<ExplainInput> {
        let share = percent(self.pricing()?.utilization, 3);
        let source = "share of paid time that serves: pricing.utilization, 100 % where the scenario states none";
        Some(input("utilization", share, source))
    }

    pub(super) fn scopes(&self) -> Vec<ExplainInput> {
        let (parts, energy) = (&self.estimate.power, self.energy());
        let mut inputs = Vec::new();
        for scope in &energy.scope {
            let (watts, source) = match scope {
                EnergyScope::Accelerator => (parts.accelerator, "line accelerator power"),
                EnergyScope::Host => (parts.host, "nodes in use: processors, memory, fans, drives"),
                EnergyScope::Network => (parts.network, "network devices"),
                EnergyScope::Board => (parts.board, "the whole board"),
                EnergyScope::Wall => (
                    None,
                    "accelerators, host and network, or the board, over the supply's efficiency",
                ),
            };
            let value = watts.map_or_else(String::new, |(watts, lo, hi)| {
                format!(
                    "{} [{}, {}]",
                    si(watts, "W", 3),
                    significant(lo, 3),
                    significant(hi, 3)
                )
            });
            inputs.push(input(scope.name(), value, source));
        }
        if let Some(efficiency) = energy.psu_efficiency {
            inputs.push(input(
                "efficiency of the supply",
                percent(efficiency, 3),
                "the scenario: energy.psu_efficiency",
            ));
        }
        inputs
    }

    /// The factor for the rest of a data centre.
    pub(super) fn overhead(&self) -> ExplainInput {
        if self.estimate.power.board.is_some() {
            return input("PUE", "1".to_owned(), "a board stands in no data centre");
        }
        let region = self.context.facts.grid.as_ref();
        let region = region.and_then(|grid| grid.pue.as_ref());
        match (self.energy().pue, region) {
            (Some(pue), _) => {
                let shown = significant(pue, 3);
                let source = self.stated("energy.pue", &shown);
                input("PUE", shown, source)
            }
            (None, Some((pue, source))) => input("PUE", significant(*pue, 3), source.clone()),
            (None, None) => input("PUE", "1".to_owned(), "assumed: no region states one"),
        }
    }

    pub(super) fn grid(&self) -> Vec<ExplainInput> {
        let (energy, facts) = (self.energy(), self.context.facts);
        let mut inputs = vec![self.overhead()];
        let region = || facts.grid.as_ref()?.carbon.as_ref();
        if let Some((grams, source)) = energy.carbon.as_ref().or_else(region) {
            let value = format!("{} gCO2e/kWh", significant(grams * 3.6e6, 3));
            inputs.push(input("intensity", value, source.clone()));
        }
        let device = &self.point.system.hardware.device.id;
        match (energy.embodied, facts.embodied.get(device)) {
            (Embodied::Catalog, Some(made)) => {
                let years = made.life.get() / (365.25 * 86_400.0);
                let value = format!(
                    "{} kgCO2e over {} years a device",
                    significant(made.carbon.get() / 1e3, 3),
                    significant(years, 2)
                );
                inputs.push(input("embodied", value, made.source.clone()));
            }
            (Embodied::Catalog, None) | (Embodied::None, _) => {
                inputs.push(input(
                    "embodied",
                    "0".to_owned(),
                    "not asked for: energy.embodied",
                ));
            }
        }
        inputs
    }

    pub(super) fn battery(&self, metric: Metric) -> Vec<ExplainInput> {
        let Some(battery) = self.energy().battery else {
            return Vec::new();
        };
        let duty = match &self.point.workload {
            Workload::Llm(llm) => llm.duty,
            Workload::Unmodelled(_) => None,
        };
        let asked = duty.map(|duty| {
            let rate = format!("{} an hour", significant(duty.requests_per_hour, 3));
            input("asked", rate, "the scenario: workload.llm.duty")
        });
        if metric == Metric::RequestsPerCharge {
            return asked.into_iter().collect();
        }
        let scenario = "the scenario: energy.battery";
        let mut inputs = vec![
            input("capacity", si(battery.capacity.get(), "J", 3), scenario),
            input("usable", percent(battery.usable, 3), scenario),
            input("ageing", percent(battery.ageing, 3), scenario),
            input(
                "converter",
                percent(battery.converter_efficiency, 3),
                scenario,
            ),
            input("base", si(battery.base_load.get(), "W", 3), scenario),
        ];
        inputs.extend(self.other(Metric::Power));
        inputs.extend(self.other(Metric::E2el));
        inputs.extend(asked);
        let rest = match (
            duty.is_some_and(|duty| duty.suspends),
            battery.suspend_power,
            self.estimate.power.idle,
        ) {
            (true, Some(watts), _) => Some((watts.get(), scenario)),
            (false, _, Some((idle, ..))) => Some((idle, "power with nothing running")),
            (true, None, _) | (false, _, None) => None,
        };
        inputs.extend(rest.map(|(watts, source)| input("rest", si(watts, "W", 3), source)));
        let share = "share of the time in which a request is served: asked · e2el, one at most";
        let latency = self.result().predicted(Column::of(Metric::E2el));
        let busy = duty
            .zip(latency)
            .map_or_else(String::new, |(duty, latency)| {
                let share = duty.requests_per_hour / 3600.0 * latency.value;
                percent(share.min(1.0), 3)
            });
        inputs.push(input("u", busy, share));
        inputs
    }

    /// The limits that a share is judged by, and how it was counted.
    pub(super) fn limits(&self) -> Vec<ExplainInput> {
        let slos = &self.context.scenario.slos;
        let Some(slo) = slos.iter().find(|slo| !slo.per_request.is_empty()) else {
            return Vec::new();
        };
        let counted = self.estimate.attained.iter().any(|one| one.slo == slo.name);
        let how = if counted {
            "counted request by request in the simulation"
        } else {
            "read from the spread of latencies over requests"
        };
        let limits = slo.per_request.iter().map(|limit| {
            let metric = limit.metric;
            input(
                metric.name(),
                format!("≤ {}", si(limit.limit, metric.unit(), 3)),
                format!("objective {}; {how}", slo.name),
            )
        });
        limits.collect()
    }
}
