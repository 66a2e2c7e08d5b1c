//! What no catalogue may say: facts that contradict each other, names that lead nowhere.

use super::lookup::Catalog;
use super::names::normal;
use super::table::{Entry, Problem};
use super::tables::AliasKind;
use super::{Device, Model, ModelKind, Transformer};
use crate::units::FlopsPerSec;

impl Catalog {
    /// Everything that is wrong with the tables, sorted by place; reads all of them.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.problems_of_form();
        for entry in self.hardware().iter() {
            note(&mut problems, entry, device_problems(&entry.value));
        }
        for entry in self.transformers().iter() {
            note(&mut problems, entry, model_problems(&entry.value));
        }
        self.alias_problems(&mut problems);
        self.price_problems(&mut problems);
        self.reference_problems(&mut problems);
        self.region_problems(&mut problems);
        self.date_problems(&mut problems);
        problems.sort();
        problems
    }

    /// An alias names one entry, which exists, and is no entry itself.
    fn alias_problems(&self, problems: &mut Vec<Problem>) {
        for entry in self.aliases().iter() {
            let alias = &entry.value;
            let is_id = |name: &str| match alias.kind {
                AliasKind::Hardware => self.hardware().first(name).is_some(),
                AliasKind::Model => self.is_model_id(name),
            };
            if !is_id(&alias.id) {
                problems.push(entry.problem(format!(
                    "aliases {}: no entry is named `{}`",
                    alias.name, alias.id
                )));
            }
            if is_id(&normal(&alias.name)) {
                problems.push(entry.problem(format!(
                    "aliases {}: is itself the name of an entry",
                    alias.name
                )));
            }
        }
    }

    fn is_model_id(&self, id: &str) -> bool {
        self.transformers().first(id).is_some()
            || self.networks().first(id).is_some()
            || self.vision().first(id).is_some()
    }

    /// A price is of a known machine and plausible for one of its accelerators.
    fn price_problems(&self, problems: &mut Vec<Problem>) {
        for entry in self.prices().iter() {
            let price = &entry.value;
            let Some(instance) = self.instance(&price.path()) else {
                problems.push(entry.problem(format!(
                    "prices {}: instances.csv lacks this machine",
                    price.path()
                )));
                continue;
            };
            let share = price.usd_per_hour.get() / f64::from(instance.count.max(1));
            if instance.count > 0 && !(0.05..=60.0).contains(&share) {
                problems.push(entry.problem(format!(
                    "prices {}: {share:.3} USD for an hour of one accelerator, outside 0.05 to 60",
                    price.path()
                )));
            }
        }
    }

    /// Tables that name devices name existing ones.
    fn reference_problems(&self, problems: &mut Vec<Problem>) {
        let known = |id: &str| self.hardware().first(id).is_some();
        for entry in self.instances().iter() {
            let instance = &entry.value;
            if let Some(id) = &instance.device
                && !known(id)
            {
                problems.push(entry.problem(format!(
                    "instances {}: no device is named `{id}`",
                    instance.name
                )));
            }
        }
        for entry in self.power_modes().iter() {
            if !known(&entry.value.device) {
                problems.push(entry.problem(format!(
                    "power_modes {}: no device has this name",
                    entry.value.device
                )));
            }
        }
    }

    /// A cloud region stands in a country whose grid is known.
    fn region_problems(&self, problems: &mut Vec<Problem>) {
        for entry in self.regions().iter() {
            let country = &entry.value.country;
            if self.grid().first(country).is_none() {
                problems.push(entry.problem(format!(
                    "regions {}: grid_carbon.csv lacks the country `{country}`",
                    entry.value.region
                )));
            }
        }
    }

    /// Nothing is dated after the month the collection was checked; an overlay may be younger.
    fn date_problems(&self, problems: &mut Vec<Problem>) {
        let month = self.as_of();
        let embedded_prices = self.prices().iter().filter(|entry| entry.is_embedded());
        for entry in embedded_prices {
            let date = entry.value.provenance.as_of.as_str();
            if date.get(..month.len()).unwrap_or(date) > month {
                problems.push(entry.problem(format!(
                    "prices {}: dated {date}, the catalogue is of {month}",
                    entry.value.path()
                )));
            }
        }
    }
}

fn note<T>(problems: &mut Vec<Problem>, entry: &Entry<T>, found: Vec<String>) {
    problems.extend(found.into_iter().map(|message| entry.problem(message)));
}

/// What one device may not say of itself.
pub(super) fn device_problems(device: &Device) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |holds: bool, words: &str| {
        if !holds {
            problems.push(format!("hardware {}: {words}", device.id));
        }
    };
    let peaks = &device.peaks;
    check(
        rises(&[peaks.fp16, peaks.fp8, peaks.fp4]),
        "a dense peak falls from fp16 to fp8 to fp4",
    );
    check(
        rises(&[peaks.fp32, peaks.tf32, peaks.bf16]),
        "a dense peak falls from fp32 to tf32 to bf16",
    );
    check(
        rises(&[peaks.int8, peaks.int4]),
        "the int4 peak is below the int8 peak",
    );
    check(
        rises(&[peaks.fp16, peaks.fp16_acc16]),
        "the peak with fp16 accumulation is below the one with fp32 accumulation",
    );
    let idles_below_tdp = match (device.idle_power, device.tdp) {
        (Some(idle), Some(tdp)) => idle < tdp,
        (None, _) | (_, None) => true,
    };
    check(idles_below_tdp, "the idle power reaches the board power");
    let clocks_in_order = match (device.base_clock, device.boost_clock) {
        (Some(base), Some(boost)) => base <= boost,
        (None, _) | (_, None) => true,
    };
    check(clocks_in_order, "the base clock is above the boost clock");
    problems
}

/// True when the stated ones of a list never fall.
fn rises(peaks: &[Option<FlopsPerSec>]) -> bool {
    let stated: Vec<FlopsPerSec> = peaks.iter().flatten().copied().collect();
    stated.is_sorted()
}

/// What one model may not say of itself.
fn model_problems(model: &Model) -> Vec<String> {
    match &model.kind {
        ModelKind::Network(_) => Vec::new(),
        ModelKind::Transformer(transformer) => transformer_problems(transformer)
            .into_iter()
            .map(|words| format!("transformers {}: {words}", model.id))
            .collect(),
    }
}

/// What the dimensions of a transformer may not say.
pub(super) fn transformer_problems(transformer: &Transformer) -> Vec<&'static str> {
    let mut problems = Vec::new();
    let mut check = |holds: bool, words: &'static str| {
        if !holds {
            problems.push(words);
        }
    };
    let attention = &transformer.attention;
    check(
        attention.heads.is_multiple_of(attention.kv_heads),
        "`heads` is no multiple of `kv_heads`",
    );
    check(
        transformer.mlp.inner > 0 || transformer.experts.is_some(),
        "there is neither a feed-forward network nor experts",
    );
    if let Some(recurrent) = &transformer.recurrent {
        let mixers = recurrent.layers + recurrent.attention_layers;
        check(
            mixers == transformer.layers || recurrent.separate_mlp && mixers < transformer.layers,
            "recurrent and attention layers do not add up",
        );
    }
    if let Some(experts) = &transformer.experts {
        check(
            (experts.shared == 0) == (experts.shared_inner == 0),
            "shared experts need their width, and a width its experts",
        );
    }
    let published = &transformer.published;
    let in_order = match (published.active_params, published.total_params) {
        (Some(active), Some(total)) => active <= total * 1.001,
        (None, _) | (_, None) => true,
    };
    check(in_order, "more parameters are active than there are");
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_has_no_problem() {
        let problems: Vec<String> = Catalog::embedded()
            .problems()
            .into_iter()
            .map(|problem| format!("{}:{}: {}", problem.path, problem.line, problem.message))
            .collect();
        assert_eq!(problems, Vec::<String>::new());
    }
}
