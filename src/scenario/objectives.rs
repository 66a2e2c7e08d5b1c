//! Reads `slos` and `solve`.

use super::limit;
use super::read::Reader;
use super::search;
use super::{Goal, MustHold, Node, PerRequest, Question, SizeFor, Slo, SloSeverity, Value};
use crate::diag::{Code, Diagnostic, suggest};
use crate::record::{Column, Metric};
use crate::units::Dimension;

/// Metrics that a request has by itself.
const PER_REQUEST: [Metric; 5] = [
    Metric::Ttft,
    Metric::Tpot,
    Metric::Ntpot,
    Metric::E2el,
    Metric::Latency,
];

/// The objectives, in the order written.
pub(super) fn slos(reader: &mut Reader, node: Option<&Node>, currency: &str) -> Vec<Slo> {
    node.map_or(&[][..], Node::entries)
        .iter()
        .map(|entry| {
            let slo = &entry.node;
            let attainment = reader.field(slo, "attainment", Reader::share);
            let severity = reader.field(slo, "severity", |reader, node| {
                reader.choice(
                    node,
                    &[("error", SloSeverity::Error), ("warn", SloSeverity::Warn)],
                )
            });
            Slo {
                name: entry.key.clone(),
                per_request: per_request(reader, slo.get("per_request")),
                attainment: attainment.unwrap_or(0.95),
                aggregate: slo
                    .get("aggregate")
                    .map_or(&[][..], Node::items)
                    .iter()
                    .filter_map(|limit| limit::aggregate(reader, limit, currency))
                    .collect(),
                severity: severity.unwrap_or(SloSeverity::Error),
                must_hold: must_hold(slo.get("must_hold")),
                span: entry.key_span,
            }
        })
        .collect()
}

fn per_request(reader: &mut Reader, node: Option<&Node>) -> Vec<PerRequest> {
    let mut limits = Vec::new();
    for entry in node.map_or(&[][..], Node::entries) {
        let Some(metric) = PER_REQUEST
            .into_iter()
            .find(|metric| metric.name() == entry.key)
        else {
            reader.push(not_per_request(&entry.key, entry.key_span));
            continue;
        };
        if let Some(limit) = reader.positive(&entry.node, Dimension::Time) {
            limits.push(PerRequest { metric, limit });
        }
    }
    limits
}

fn not_per_request(name: &str, span: crate::source::Span) -> Diagnostic {
    let names = PER_REQUEST.map(Metric::name);
    if name.parse::<Column>().is_ok() {
        return Diagnostic::error(
            Code::UnknownMetric,
            format!("`{name}` is not a metric of one request"),
            span,
        )
        .label("not known for each request")
        .help(format!(
            "limit it under `aggregate`, or use one of {}",
            names.join(", ")
        ));
    }
    let label = suggest(name, names).map_or_else(
        || "not a metric of one request".to_owned(),
        |near| format!("not a metric; did you mean `{near}`?"),
    );
    Diagnostic::error(
        Code::UnknownMetric,
        format!("no metric of one request is named `{name}`"),
        span,
    )
    .label(label)
    .help(format!("one of {}", names.join(", ")))
}

fn must_hold(node: Option<&Node>) -> MustHold {
    let Some(node) = node else {
        return MustHold::Any;
    };
    match &node.value {
        Value::Scalar(scalar) if scalar.text == "any" => MustHold::Any,
        Value::Scalar(scalar) if scalar.text == "all" => MustHold::All,
        Value::Scalar(_) | Value::Map(_) | Value::List(_) => {
            let filter = super::Filter::from_node(node);
            MustHold::Points(filter.map_or_else(|_| String::new(), |filter| filter.to_string()))
        }
    }
}

/// What questions may name.
pub(super) struct Known<'a> {
    /// Objectives of the scenario.
    pub slos: &'a [Slo],
    /// Axes of the plan.
    pub axes: &'a [String],
    /// Those of them whose values are words.
    pub words: &'a [String],
    /// True when something has a price.
    pub priced: bool,
    /// True when the workload is measured in tokens.
    pub tokens: bool,
    /// True when the workload is a training job.
    pub training: bool,
}

/// The questions, in the order written; the default one where there are none.
pub(super) fn questions(
    reader: &mut Reader,
    node: Option<&Node>,
    known: &Known<'_>,
) -> Vec<Question> {
    let items = node.map_or(&[][..], Node::items);
    if items.is_empty() {
        return vec![implied(known)];
    }
    let mut questions: Vec<Question> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| question(reader, item, (index + 1).to_string(), known))
        .collect();
    let mut names = std::collections::BTreeSet::new();
    for (item, question) in items.iter().zip(&questions) {
        if !names.insert(question.name.clone()) {
            let place = item.get("name").map_or(item.span, |name| name.span);
            reader.bad_value(
                place,
                format!("two questions are named `{}`", question.name),
                "a second one",
            );
        }
    }
    for (item, question) in items.iter().zip(&questions) {
        no_fleet_is_searched(reader, (item, question), (&questions, known.slos));
        one_fleet_is_meant(reader, (item, question), (&questions, known.slos));
    }
    if !questions.iter().any(|question| question.headline)
        && let Some(first) = questions.first_mut()
    {
        first.headline = true;
    }
    questions
}

fn question(
    reader: &mut Reader,
    node: &Node,
    number: String,
    known: &Known<'_>,
) -> Option<Question> {
    let (goal, sought) = match (node.get("maximize"), node.get("minimize")) {
        (Some(sought), _) => (Goal::Maximize, sought),
        (None, Some(sought)) => (Goal::Minimize, sought),
        (None, None) => return None,
    };
    let objective = reader.text(sought)?;
    let column: Option<Column> = objective.parse().ok();
    let searched = node.get("search");
    if column.is_none() && searched.is_none() && !known.axes.contains(&objective) {
        let unknown = limit::unknown_metric(&objective, sought.span);
        reader
            .push(unknown.with_note(format!("and no axis of the matrix: {}", listed(known.axes))));
    }
    if column.is_none() && known.words.contains(&objective) {
        let message = format!("`{objective}` has words as values and no largest or smallest one");
        reader.bad_value(sought.span, message, "not a numeric axis");
    }
    let subject_to = names(reader, node.get("subject_to"));
    for (name, node) in &subject_to {
        if !known.slos.iter().any(|slo| slo.name == *name) {
            reader.push(unknown_slo(name, node, known.slos));
        }
    }
    let per = names(reader, node.get("per"));
    for (name, node) in &per {
        if !known.axes.contains(name) {
            reader.push(unknown_axis(name, node, known.axes));
        }
    }
    let search = searched.and_then(|search| search::read(reader, search, node, (goal, sought)));
    let name = reader.field(node, "name", Reader::text);
    let headline = reader.field(node, "headline", Reader::boolean);
    Some(Question {
        name: name.unwrap_or(number),
        goal,
        objective,
        column,
        subject_to: subject_to.into_iter().map(|(name, _)| name).collect(),
        per: per.into_iter().map(|(name, _)| name).collect(),
        size_for: node
            .get("size_for")
            .and_then(|demand| size_for(reader, demand)),
        search,
        headline: headline.unwrap_or(false),
        implied: false,
    })
}

/// What a fleet costs falls as each of its engines carries more, so a search that stops at the first load that fails cannot keep a
/// budget for a fleet.
fn no_fleet_is_searched(
    reader: &mut Reader,
    (item, question): (&Node, &Question),
    (all, slos): (&[Question], &[Slo]),
) {
    let Some(search) = item.get("search") else {
        return;
    };
    if let Some(budget) =
        fleet_budget(question, slos).filter(|_| all.iter().any(|one| one.size_for.is_some()))
    {
        reader.bad_value(
            search.span,
            format!("`{}` limits what a fleet costs, which falls as the load of each engine rises", budget.name),
            "a search stops at the first load that fails: leave it out here, and compare loads of an axis instead",
        );
    }
}

/// A column that is about the fleet for a demand.
const fn is_of_fleet(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::CostPerMonth | Metric::CostPerYear | Metric::CarbonPerMonth
    )
}

/// The first objective of a question that limits what a fleet costs.
fn fleet_budget<'a>(question: &Question, slos: &'a [Slo]) -> Option<&'a Slo> {
    let limits = |slo: &&Slo| {
        let mut limits = slo.aggregate.iter();
        limits.any(|limit| is_of_fleet(limit.column.metric))
    };
    let named = |slo: &&Slo| question.subject_to.contains(&slo.name);
    slos.iter().filter(named).find(limits)
}

/// A point has one cost of a month, for one demand: questions that look at it cannot want fleets of different sizes.
fn one_fleet_is_meant(
    reader: &mut Reader,
    (item, question): (&Node, &Question),
    (all, slos): (&[Question], &[Slo]),
) {
    let sought = question
        .column
        .is_some_and(|column| is_of_fleet(column.metric));
    if !sought && fleet_budget(question, slos).is_none() {
        return;
    }
    let headline = all.iter().filter(|one| one.headline);
    let used = headline.chain(all).find_map(|one| one.size_for);
    if question.size_for.is_some() && question.size_for != used {
        reader.bad_value(
            item.span,
            "the cost of a month is that of the headline's demand, and this question states another in `size_for`",
            "ask it in a scenario of its own, or with the same demand",
        );
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "there is none".to_owned()
    } else {
        names.join(", ")
    }
}

fn names<'n>(reader: &mut Reader, node: Option<&'n Node>) -> Vec<(String, &'n Node)> {
    node.map_or(&[][..], Node::items)
        .iter()
        .filter_map(|item| Some((reader.text(item)?, item)))
        .collect()
}

fn unknown_slo(name: &str, node: &Node, slos: &[Slo]) -> Diagnostic {
    let label = suggest(name, slos.iter().map(|slo| slo.name.as_str())).map_or_else(
        || "not under `slos`".to_owned(),
        |near| format!("not under `slos`; did you mean `{near}`?"),
    );
    Diagnostic::error(
        Code::UnknownSlo,
        format!("no objective is named `{name}`"),
        node.span,
    )
    .label(label)
}

/// "No axis of the matrix has that name", with the nearest one.
pub(super) fn unknown_axis(name: &str, node: &Node, axes: &[String]) -> Diagnostic {
    let label = suggest(name, axes.iter().map(String::as_str)).map_or_else(
        || "not an axis of this matrix".to_owned(),
        |near| format!("not an axis of this matrix; did you mean `{near}`?"),
    );
    Diagnostic::error(
        Code::UnknownAxis,
        format!("no axis of the matrix is named `{name}`"),
        node.span,
    )
    .label(label)
    .help(format!("the axes are: {}", listed(axes)))
}

fn size_for(reader: &mut Reader, node: &Node) -> Option<SizeFor> {
    if let Some(count) = node.get("concurrency") {
        return reader.number(count).map(SizeFor::Concurrency);
    }
    let rate = node.get("request_rate")?;
    reader
        .positive(rate, Dimension::RequestRate)
        .map(SizeFor::RequestRate)
}

/// The question that is asked when the scenario asks none: under all objectives of severity `error` the lowest cost,
/// else the highest throughput, else the shortest job.
fn implied(known: &Known<'_>) -> Question {
    let (goal, metric) = match (known.priced, known.tokens, known.training) {
        (true, true, _) => (Goal::Minimize, Metric::CostPerMtokOutput),
        (true, false, _) => (Goal::Minimize, Metric::CostTotal),
        (false, true, _) => (Goal::Maximize, Metric::OutputThroughputPerAccelerator),
        (false, false, true) => (Goal::Minimize, Metric::WallClock),
        (false, false, false) => (Goal::Maximize, Metric::SamplesPerSecond),
    };
    let column = Column::of(metric);
    Question {
        name: "1".to_owned(),
        goal,
        objective: column.to_string(),
        column: Some(column),
        subject_to: known
            .slos
            .iter()
            .filter(|slo| slo.severity == SloSeverity::Error)
            .map(|slo| slo.name.clone())
            .collect(),
        per: Vec::new(),
        size_for: None,
        search: None,
        headline: true,
        implied: true,
    }
}
