//! `phantom explain`: what a name means, or how a number came about.

use std::path::{Path, PathBuf};

use super::predict::Ended;
use super::{calibration, explain_answers, explain_evidence, outputs, scenarios};
use crate::catalog::Catalog;
use crate::cli::Exit;
use crate::cli::args::Explain;
use crate::cli::context::Context;
use crate::cli::files::Batch;
use crate::diag::Code;
use crate::perf::{ExplainLine, Server};
use crate::pipeline::{self, Asked};
use crate::record::{Better, Calibration, Column, Kind, Metric, NotModelled};
use crate::scenario::{LlmWorkload, Loaded, RunPoint, SearchedLoad, Workload};
use crate::simulate;
use crate::source::{Sources, World};
use crate::units::{count, si, significant};

/// Explains a metric, a column, a code, a device, rows of evidence, or a number of a point.
pub fn explain(context: &Context, arguments: &Explain) -> Exit {
    let explained = match &arguments.point {
        None => meaning(context, arguments),
        Some(point) => number(context, arguments, point),
    };
    explained.err().unwrap_or(Exit::Done)
}

fn meaning(context: &Context, arguments: &Explain) -> Result<(), Exit> {
    let name = arguments.subject.as_str();
    if let Some(code) = Code::from_name(name) {
        context.print(&format!("{code}\n  {}\n", code.meaning()));
        return Ok(());
    }
    if let Ok(column) = name.parse::<Column>() {
        context.print(&describe(column));
        return Ok(());
    }
    if name == "codes" || name == "metrics" {
        context.print(&listing(name));
        return Ok(());
    }
    let pack = calibration::named(context, arguments.calibration.as_deref())?;
    let known = explain_evidence::of_device(&pack, name);
    if let Some(text) = known.or_else(|| explain_evidence::of_rows(&pack, name)) {
        context.print(&text);
        return Ok(());
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
        "error: no metric, column, code, device or row of evidence is named `{name}`; {hint}"
    ));
    Err(Exit::BadInput)
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
    let (sources, loaded) = scenarios::load(context, &catalog, &path, &arguments.overrides.set)?;
    if explain_answers::NAMES.contains(&wanted) {
        return answers(context, arguments, (&loaded, &sources), &catalog);
    }
    let column = column(context, arguments)?;
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
    let pack = pack(context, arguments, &loaded)?;
    let asked = Asked::by(&loaded.scenario);
    let not_modelled = |reason: NotModelled| {
        context.complain(&format!("error[not-modelled-yet]: {reason}"));
        Exit::BadInput
    };
    let server = Server::new(&point.system, &pack).map_err(not_modelled)?;
    let lines = lines(&loaded, &catalog, (&server, &point, workload), &asked);
    let lines = lines.map_err(not_modelled)?;
    let currency = loaded.scenario.pricing.as_ref();
    let currency = currency.map_or("", |pricing| pricing.currency.as_str());
    let mut chosen = chosen(context, &lines, column)?;
    let terms = explain_evidence::terms(&pack, &point.system, &chosen);
    let known = explain_evidence::known(&pack, (&point.system, workload), &chosen);
    chosen.extend(&terms);
    let mut text = format!(
        "{}  {}\n{}\n",
        point.id(),
        point.key,
        how(asked.path(&point.system, workload))
    );
    for line in chosen {
        let is_of_step = line.name.contains(": ") && column.is_some();
        text.push_str(&if is_of_step {
            brief(line)
        } else {
            explained(line, currency)
        });
    }
    text.push_str(&known);
    if let Some(file) = &arguments.trace {
        let about = [
            ("phantom", env!("CARGO_PKG_VERSION")),
            ("point", point.key.as_str()),
            ("scenario", loaded.scenario.name.as_str()),
        ];
        let trace = pipeline::trace(&server, (&point.system, workload), &asked, &about);
        write_trace(context, file, trace.map_err(not_modelled)?)?;
    }
    context.print(&text);
    Ok(())
}

/// The pack of the flag, else that of the scenario.
fn pack(context: &Context, arguments: &Explain, loaded: &Loaded) -> Result<Calibration, Exit> {
    let flag = arguments.calibration.as_deref();
    calibration::choose(context, flag, &loaded.scenario)
}

/// The column that is asked for, if one is.
fn column(context: &Context, arguments: &Explain) -> Result<Option<Column>, Exit> {
    let parsed = arguments.column.as_ref().map(|name| name.parse::<Column>());
    parsed.transpose().map_err(|error| {
        context.complain(&format!("error: {error}"));
        Exit::BadInput
    })
}

/// The answers instead of a point.
fn answers(
    context: &Context,
    arguments: &Explain,
    scenario: (&Loaded, &Sources),
    catalog: &Catalog,
) -> Result<(), Exit> {
    let pack = pack(context, arguments, scenario.0)?;
    let question = arguments.column.as_deref();
    let text = explain_answers::answers(context, scenario, (catalog, &pack), question);
    context.print(&text.map_err(|ended| match ended {
        Ended::Refused(exit) => exit,
        Ended::Stopped { .. } => Exit::Incomplete,
    })?);
    Ok(())
}

/// A line for every number of a point, those that follow from the estimate too.
fn lines(
    loaded: &Loaded,
    catalog: &Catalog,
    (server, point, workload): (&Server, &RunPoint, &LlmWorkload),
    asked: &Asked,
) -> Result<Vec<ExplainLine>, NotModelled> {
    let mut lines = pipeline::explain(server, &point.system, workload, asked)?;
    let estimate = pipeline::estimate(server, &point.system, workload, asked)?;
    pipeline::explain_derived((loaded, catalog), point, &estimate, &mut lines);
    Ok(lines)
}

fn how(path: pipeline::Path) -> String {
    match path {
        pipeline::Path::ClosedForm(why) => format!("closed form: {why}"),
        pipeline::Path::Simulated(why) => format!("simulated request by request: {why}"),
    }
}

/// All lines, or that of a column with the run, the steps and the operators behind it.
fn chosen<'l>(
    context: &Context,
    lines: &'l [ExplainLine],
    column: Option<Column>,
) -> Result<Vec<&'l ExplainLine>, Exit> {
    const BEHIND: [&str; 5] = [
        "simulated requests",
        "simulated steps",
        "step with prompts",
        "generation step",
        "calibration",
    ];
    let Some(column) = column.map(|column| column.to_string()) else {
        return Ok(lines.iter().collect());
    };
    let Some(place) = lines.iter().position(|line| line.name == column) else {
        let names: Vec<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        context.complain(&format!(
            "this point has no such number; it has {}",
            names.join(", ")
        ));
        return Err(Exit::NothingSelected);
    };
    let behind = |line: &&ExplainLine| {
        let step = line
            .name
            .split_once(": ")
            .map_or(line.name.as_str(), |(step, _)| step);
        BEHIND.contains(&step)
    };
    // The lines that its inputs name come after it, each once, then those behind all of them.
    let mut chosen = vec![&lines[place]];
    let mut next = 0;
    while let Some(line) = chosen.get(next) {
        let named = line.inputs.iter();
        let named = named.filter_map(|input| input.source.strip_prefix("line "));
        let found: Vec<&ExplainLine> = named
            .filter_map(|name| lines.iter().find(|line| line.name == name))
            .collect();
        for line in found {
            if !chosen.iter().any(|one| one.name == line.name) {
                chosen.push(line);
            }
        }
        next += 1;
    }
    chosen.extend(lines.iter().filter(behind));
    Ok(chosen)
}

/// Writes a trace under a temporary name and renames it.
fn write_trace(context: &Context, file: &Path, trace: Option<String>) -> Result<(), Exit> {
    let Some(text) = trace else {
        context.complain(
            "error: nothing is simulated at this point, so there is no run to trace; `--set 'run=[{predict: {method: simulate}}]'` simulates loads that have a simulation",
        );
        return Err(Exit::BadInput);
    };
    let mut batch = Batch::default();
    let written = batch.add(file, text.as_bytes());
    written
        .and_then(|()| batch.commit())
        .map_err(|error| outputs::failed(context, &error))?;
    context.say(&format!(
        "{}: {} requests and their steps; chrome://tracing and ui.perfetto.dev open it",
        file.display(),
        simulate::SLICE
    ));
    Ok(())
}

/// A number, its equation, and one input on a line.
fn explained(line: &ExplainLine, currency: &str) -> String {
    let mut text = format!(
        "\n{}  {}\n  = {}\n",
        line.name,
        match line.unit {
            "1" | "bool" if line.value.fract() == 0.0 => count(line.value as u64),
            "1" | "bool" | "" => significant(line.value, 3),
            "currency" => format!("{} {currency}", significant(line.value, 3)),
            "gCO2e" => format!("{} gCO2e", significant(line.value, 3)),
            unit => si(line.value, unit, 3),
        },
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

/// An operator of a step on one line: its time, what bounds it, and its terms, which follow with their sources.
fn brief(line: &ExplainLine) -> String {
    let mut inputs = line.inputs.iter();
    let bound = inputs.find(|input| input.label == "bound");
    let mut text = format!("  {:56} {:9}", line.name, si(line.value, line.unit, 3));
    if let Some(bound) = bound {
        text.push_str(&format!(" {:17}", bound.value));
    }
    let sources = line.inputs.iter().map(|input| input.source.as_str());
    let terms = sources.filter_map(|source| source.strip_prefix("term ")?.split(':').next());
    let terms: Vec<&str> = terms.collect();
    format!("{} {}\n", text, terms.join(", "))
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

/// The point with that key, id, or number (from one); also one that a search tries.
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
        .or_else(|| tried(loaded, wanted))
}

/// The point that a search tried under that key: one of the plan under another load.
fn tried(loaded: &Loaded, wanted: &str) -> Option<RunPoint> {
    let loads = [SearchedLoad::RequestRate, SearchedLoad::Concurrency];
    loads.into_iter().find_map(|load| {
        let (_, after) = wanted.rsplit_once(&format!("{}=", load.axis()))?;
        let value: f64 = after.split(',').next()?.parse().ok()?;
        let other = |point: RunPoint| point.under(load, value).filter(|point| point.key == wanted);
        (value > 0.0).then(|| loaded.plan.iter().find_map(other))?
    })
}
