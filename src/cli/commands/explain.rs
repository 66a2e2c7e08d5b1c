//! `phantom explain`: what a name means, or how a number came about.

use std::path::{Path, PathBuf};

use super::{calibration, scenarios};
use crate::cli::Exit;
use crate::cli::args::Explain;
use crate::cli::context::Context;
use crate::diag::Code;
use crate::perf::{ExplainLine, Server};
use crate::record::{Better, Column, Kind, Metric};
use crate::scenario::{Loaded, RunPoint, Workload};
use crate::simulate;
use crate::source::World;
use crate::units::si;

/// Explains a metric, a column, a code, or a number of a point.
pub fn explain(context: &Context, arguments: &Explain) -> Exit {
    let Some(point) = &arguments.point else {
        return meaning(context, &arguments.subject);
    };
    match number(context, arguments, point) {
        Ok(()) => Exit::Done,
        Err(exit) => exit,
    }
}

fn meaning(context: &Context, name: &str) -> Exit {
    if let Some(code) = Code::from_name(name) {
        context.print(&format!("{code}\n  {}\n", code.meaning()));
        return Exit::Done;
    }
    if let Ok(column) = name.parse::<Column>() {
        context.print(&describe(column));
        return Exit::Done;
    }
    if name == "codes" || name == "metrics" {
        context.print(&listing(name));
        return Exit::Done;
    }
    let known = Metric::ALL
        .iter()
        .map(|metric| metric.name())
        .chain(Code::ALL.iter().map(|code| code.name()));
    let near = known
        .min_by_key(|known| strsim::damerau_levenshtein(known, name))
        .filter(|known| strsim::damerau_levenshtein(known, name) <= 3);
    let hint = near.map_or_else(
        || "`phantom explain metrics` and `phantom explain codes` list them".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    context.complain(&format!(
        "error: no metric, column or code is named `{name}`; {hint}"
    ));
    Exit::BadInput
}

fn describe(column: Column) -> String {
    let metric = column.metric;
    let better = match metric.better() {
        Better::Lower => "lower is better",
        Better::Higher => "higher is better",
        Better::Neither => "neither direction is better",
    };
    let kind = match metric.kind() {
        Kind::Distribution => "one value for each request",
        Kind::Scalar => "one number for a point",
    };
    format!(
        "{column}\n  {}\n  unit {}; {kind}; {better}\n",
        metric.definition(),
        metric.unit()
    )
}

fn listing(what: &str) -> String {
    if what == "codes" {
        return Code::ALL
            .iter()
            .map(|code| format!("{:28} {}\n", code.name(), code.meaning()))
            .collect();
    }
    Metric::ALL
        .iter()
        .map(|metric| {
            format!(
                "{:34} {:9} {}\n",
                metric.name(),
                metric.unit(),
                metric.definition()
            )
        })
        .collect()
}

fn number(context: &Context, arguments: &Explain, wanted: &str) -> Result<(), Exit> {
    let catalog = scenarios::catalog(context)?;
    let path = scenario_path(context, &arguments.subject);
    let (_, loaded) = scenarios::load(context, &catalog, &path, &arguments.overrides.set)?;
    let column = match &arguments.column {
        Some(name) => Some(name.parse::<Column>().map_err(|error| {
            context.complain(&format!("error: {error}"));
            Exit::BadInput
        })?),
        None => None,
    };
    let point = find(&loaded, wanted).ok_or_else(|| {
        context.complain(&format!(
            "no point of `{}` has the key or id `{wanted}`; `phantom plan` lists them",
            loaded.scenario.name
        ));
        Exit::NothingSelected
    })?;
    let Workload::Llm(workload) = &point.workload else {
        context.complain("error[not-modelled-yet]: this workload is not modelled yet");
        return Err(Exit::BadInput);
    };
    let pack = calibration::choose(context, None, &loaded.scenario)?;
    // A load that only a simulation answers is explained by its requests, one after another.
    let alone = simulate::stand_in(workload, loaded.scenario.statistics.seed);
    let lines = Server::new(&point.system, &pack).and_then(|server| server.explain(&alone));
    let lines = lines.map_err(|reason| {
        context.complain(&format!("error[not-modelled-yet]: {reason}"));
        Exit::BadInput
    })?;
    let wanted = |line: &&ExplainLine| column.is_none_or(|column| line.name == column.to_string());
    let chosen: Vec<&ExplainLine> = lines.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        context.complain(&format!(
            "this point has no such number; it has {}",
            names.join(", ")
        ));
        return Err(Exit::NothingSelected);
    }
    let mut text = format!("{}  {}\n", point.id(), point.key);
    for line in chosen {
        text.push_str(&explained(line));
    }
    context.print(&text);
    Ok(())
}

/// A number, its equation, and one input on a line.
fn explained(line: &ExplainLine) -> String {
    let mut text = format!(
        "\n{}  {}\n  = {}\n",
        line.name,
        si(line.value, line.unit, 3),
        line.formula
    );
    for input in &line.inputs {
        text.push_str(&format!(
            "    {:24} {:16} {}\n",
            input.label, input.value, input.source
        ));
    }
    text
}

/// A path, or the name of a scenario below the root.
fn scenario_path(context: &Context, subject: &str) -> PathBuf {
    let by_name = context
        .root()
        .join("scenarios")
        .join(format!("{subject}.yaml"));
    if !context.world.exists(Path::new(subject)) && context.world.exists(&by_name) {
        by_name
    } else {
        PathBuf::from(subject)
    }
}

/// The point with that key, id, or number (from one).
fn find(loaded: &Loaded, wanted: &str) -> Option<RunPoint> {
    let points = loaded.plan.len();
    if let Some(number) = wanted
        .parse::<u64>()
        .ok()
        .filter(|number| (1..=points).contains(number))
    {
        return Some(loaded.plan.point(number - 1));
    }
    loaded
        .plan
        .points(0..points)
        .find(|point| point.key == wanted || point.id() == wanted)
}
