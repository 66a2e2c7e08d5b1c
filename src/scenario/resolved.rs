//! What a scenario means: names bound, defaults filled, units read. No text is left to interpret.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Device, Model, Precision};
use crate::ops::Parallel;
use crate::record::{Column, Metric};
use crate::source::Span;
use crate::units::{Bytes, BytesPerSec, Joules, Money, Seconds, Watts};

/// A resolved document: everything that does not vary between points.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Names all outputs.
    pub name: String,
    /// Path as given, `/` between folders, relative to the root where it is below it.
    pub path: String,
    /// The question in one sentence.
    pub description: Option<String>,
    /// Text carried into results.
    pub labels: BTreeMap<String, String>,
    /// Names of the axes in key order: `matrix.axes`, then zip fields.
    pub axes: Vec<String>,
    /// Limits, in the order written.
    pub slos: Vec<Slo>,
    /// Questions, in the order written; never empty (the default question is filled in).
    pub questions: Vec<Question>,
    /// Prices.
    pub pricing: Option<Pricing>,
    /// Energy, carbon, battery; `thermal` may differ by point and stands there too.
    pub energy: Energy,
    /// Executors in order.
    pub run: Vec<ExecutorEntry>,
    /// Confidence, seed, percentiles.
    pub statistics: Statistics,
    /// Rules of the golden comparison.
    pub golden: GoldenRules,
    /// Title, charts, outputs.
    pub report: ReportOptions,
    /// Every default, override and catalogue entry that stands for a fact.
    pub assumptions: Vec<Assumption>,
    /// Every file that was read for it, with its hash.
    pub files: Vec<InputFile>,
}

/// A file that a scenario depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputFile {
    /// Path relative to the root.
    pub path: String,
    /// blake3 of its bytes, hex.
    pub blake3: String,
}

/// A fact that was not stated by the user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumption {
    /// Path in the document, such as `hardware.g` or `pricing.utilization`.
    pub path: String,
    /// What was taken, in words with units.
    pub value: String,
    /// `assumed` for defaults and overrides, `datasheet` for catalogue entries.
    pub basis: crate::record::Basis,
    /// Where it comes from.
    pub source: String,
    /// Its date, where it has one.
    pub as_of: Option<String>,
}

/// One combination with everything needed to predict it.
#[derive(Debug, Clone)]
pub struct RunPoint {
    /// Position in the plan.
    pub index: u64,
    /// Readable name, unique in the scenario; `point` where there are no axes.
    pub key: String,
    /// Axis values in key order, by axis name; points made by `include` may have further names.
    pub axes: Vec<(String, AxisValue)>,
    /// The part that many points share.
    pub system: Arc<System>,
    /// What is asked of it.
    pub workload: Workload,
}

/// A value of an axis as results and filters see it.
#[derive(Debug, Clone, PartialEq)]
pub enum AxisValue {
    /// `true` or `false`.
    Bool(bool),
    /// A count.
    Int(i64),
    /// A number that is no count.
    Float(f64),
    /// Anything else, as written.
    Text(String),
}

/// Model, hardware, precision, software and parallelism: what a server is. Equal systems of a plan are one allocation.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Alias of the model in the scenario.
    pub model_alias: String,
    /// The model.
    pub model: ModelChoice,
    /// Alias of the hardware in the scenario.
    pub hardware_alias: String,
    /// The hardware.
    pub hardware: Hardware,
    /// Number formats.
    pub precision: Precision,
    /// The precision's name as written (`fp8`), or a summary of its parts.
    pub precision_name: String,
    /// The serving software as modelled.
    pub runtime: Runtime,
    /// Parallelism and replicas.
    pub deployment: Deployment,
    /// Ambient temperature and sustained load.
    pub thermal: Option<Thermal>,
}

/// A model with the options of the scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelChoice {
    /// Its description.
    pub model: Arc<Model>,
    /// Identity for hashing: `catalog:llama-3.1-8b`, `file:<blake3>`, `arch:<blake3>`.
    pub identity: String,
    /// Stored weight bytes where stated; they win over the computed ones.
    pub weights_bytes: Option<Bytes>,
    /// A shorter context than the architecture's.
    pub max_context: Option<u64>,
}

/// Hardware with the options of the scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Hardware {
    /// One accelerator (or processor), overrides and power mode applied.
    pub device: Arc<Device>,
    /// Identity for hashing.
    pub identity: String,
    /// Accelerators in a node.
    pub count: u32,
    /// Nodes.
    pub nodes: u32,
    /// Links as stated; absent ones come from the device.
    pub interconnect: Interconnect,
    /// The host, where stated.
    pub host: Option<Host>,
    /// Power limit of one device, where stated.
    pub power_limit: Option<Watts>,
    /// Name of the power mode, where stated.
    pub power_mode: Option<String>,
}

/// Links between devices.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Interconnect {
    /// Inside a node.
    pub intra: Option<Link>,
    /// Between nodes.
    pub inter: Option<Link>,
    /// Links of one node to the network, used together.
    pub rails: u32,
}

/// One link, one direction.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Name as written, `nvlink4`, `ib-ndr-400`.
    pub name: String,
    /// Bandwidth of one direction.
    pub bandwidth: BytesPerSec,
}

/// The machine around the accelerators.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Host {
    /// Processor.
    pub cpu: Option<Arc<Device>>,
    /// Threads used.
    pub threads: Option<u32>,
    /// Memory size.
    pub memory_size: Option<Bytes>,
    /// Memory rate, from channels and speed.
    pub memory_bandwidth: Option<BytesPerSec>,
    /// Rate to the accelerator, from `PCIe` generation and lanes.
    pub link: Option<BytesPerSec>,
    /// Storage.
    pub storage: Option<Storage>,
}

/// A disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// `nvme`, `sata`, `hdd`, as written.
    pub kind: String,
    /// Sequential read rate.
    pub read: Option<BytesPerSec>,
    /// Size.
    pub size: Option<Bytes>,
}

/// Serving software the language knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the programs")]
pub enum RuntimeName {
    Generic,
    Vllm,
    Sglang,
    TensorrtLlm,
    LlamaCpp,
    Onnxruntime,
    Tensorrt,
    Pytorch,
    Openvino,
    Ncnn,
}

/// The serving software and its options.
#[derive(Debug, Clone, PartialEq)]
pub struct Runtime {
    /// Which.
    pub name: RuntimeName,
    /// Version, as written.
    pub version: Option<String>,
    /// Options by the software's own names, checked against its closed list.
    pub options: BTreeMap<String, OptionValue>,
}

/// The value of a runtime option.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    /// A switch.
    Bool(bool),
    /// A count.
    Int(i64),
    /// A share or another number.
    Float(f64),
    /// A name.
    Text(String),
}

/// Parallelism with `auto` resolved, and replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Deployment {
    /// Sizes; `tp · pp · dp` is the accelerators of one replica.
    pub parallel: Parallel,
    /// Attention is data parallel while experts are expert parallel.
    pub dp_attention: bool,
    /// Independent copies behind one load balancer.
    pub replicas: u32,
    /// `ZeRO` stage of training.
    pub zero: u8,
    /// Sequence parallelism of training.
    pub sequence_parallel: bool,
}

/// Heat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thermal {
    /// Degrees Celsius around the device.
    pub ambient_celsius: f64,
    /// True when the load lasts long enough to heat through.
    pub sustained: bool,
}

/// What is asked of a system.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every workload is the large one"
)]
pub enum Workload {
    /// Text generation.
    Llm(LlmWorkload),
    /// A workload whose place is kept and which this version cannot predict.
    Unmodelled(Unmodelled),
}

/// A workload this version reads and checks and does not predict.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unmodelled {
    /// `embedding`, `vision`, `training`, `kernel`.
    pub kind: &'static str,
    /// Canonical JSON of the workload as written, for ids.
    pub canonical: String,
}

/// Text generation.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmWorkload {
    /// Prompt tokens.
    pub isl: Lengths,
    /// Generated tokens.
    pub osl: Lengths,
    /// Prompt tokens that groups of requests share.
    pub shared_prefix: Option<SharedPrefix>,
    /// Tokens are sent one by one.
    pub streaming: bool,
    /// Generation goes on to `osl`.
    pub ignore_eos: bool,
    /// How requests arrive.
    pub load: Load,
    /// How often a device is used in a day.
    pub duty: Option<Duty>,
}

/// Shared prompt tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SharedPrefix {
    /// Tokens in common.
    pub tokens: u64,
    /// Different prefixes.
    pub groups: u64,
}

/// A length in tokens: fixed or drawn.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the names are those of the language, design of section 4"
)]
pub enum Lengths {
    Fixed(u64),
    Normal {
        mean: f64,
        std: f64,
        min: Option<u64>,
        max: Option<u64>,
    },
    Lognormal {
        mean: f64,
        std: f64,
        min: Option<u64>,
        max: Option<u64>,
    },
    Uniform {
        min: u64,
        max: u64,
    },
    /// Values with weights that add up to one, sorted by value.
    Empirical(Arc<[(u64, f64)]>),
    /// Parts with weights that add up to one.
    Mixture(Arc<[(f64, Self)]>),
}

/// How requests arrive, and minima of a measured run.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// The mode.
    pub mode: LoadMode,
    /// At least so many requests.
    pub requests: Option<u64>,
    /// At least so long.
    pub duration: Option<Seconds>,
    /// Excluded at the start.
    pub warmup: Option<Seconds>,
}

/// How requests arrive.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadMode {
    /// Closed loop, so many in flight.
    Concurrency(u64),
    /// Open loop, requests per second.
    RequestRate {
        /// Requests per second.
        rate: f64,
        /// Spread of the gaps.
        arrival: Arrival,
        /// Client-side cap.
        max_in_flight: Option<u64>,
    },
    /// So many start together, the next batch when all have ended.
    BatchSize(u64),
    /// One at a time.
    SingleStream,
    /// Queries of so many samples, one at a time.
    MultiStream(u64),
    /// All at once.
    Offline,
    /// Arrival times and lengths of a file: its path, `@`, and the first digits of its hash.
    Trace(String),
}

/// Gaps between arrivals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrival {
    /// Exponential gaps.
    Poisson,
    /// Equal gaps.
    Constant,
    /// Gamma gaps; 1 is Poisson, smaller is burstier.
    Gamma {
        /// Shape of the gamma distribution.
        burstiness: f64,
    },
}

/// Use of a device in a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duty {
    /// Requests in an hour.
    pub requests_per_hour: f64,
    /// True when the device suspends between requests, false when it idles.
    pub suspends: bool,
    /// Hours of use in a day, as time.
    pub day: Option<Seconds>,
}

/// A named objective.
#[derive(Debug, Clone)]
pub struct Slo {
    /// Name.
    pub name: String,
    /// Limits each request must meet.
    pub per_request: Vec<PerRequest>,
    /// Share of requests that must meet all of them.
    pub attainment: f64,
    /// Limits on columns.
    pub aggregate: Vec<Aggregate>,
    /// Whether a failure is a finding.
    pub severity: SloSeverity,
    /// Where it must hold.
    pub must_hold: MustHold,
    /// Where it is written.
    pub span: Span,
}

/// A limit on each request: at most `limit` base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerRequest {
    /// `ttft tpot ntpot e2el latency`.
    pub metric: Metric,
    /// In base units.
    pub limit: f64,
}

/// A limit on a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// The column.
    pub column: Column,
    /// How it is compared.
    pub comparison: Comparison,
    /// In base units; booleans are 0 and 1.
    pub limit: f64,
    /// As written.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A comparison of a value with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
}

/// Whether a failing objective is a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SloSeverity {
    /// It is.
    Error,
    /// It is shown.
    Warn,
}

/// Where an objective must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum MustHold {
    /// At some point.
    Any,
    /// At every point.
    All,
    /// At every point a filter selects.
    Points(String),
}

/// A question asked of the points.
#[derive(Debug, Clone)]
pub struct Question {
    /// Name; `1`, `2`, … where none is given.
    pub name: String,
    /// What is sought.
    pub goal: Goal,
    /// Column or numeric axis; a column where the name is one.
    pub objective: String,
    /// The column, when the objective is one.
    pub column: Option<Column>,
    /// Objectives that must hold.
    pub subject_to: Vec<String>,
    /// One answer for each value of these axes.
    pub per: Vec<String>,
    /// A demand to size a fleet for.
    pub size_for: Option<SizeFor>,
    /// Shown first.
    pub headline: bool,
    /// True for the question that is asked when the scenario asks none.
    pub implied: bool,
}

/// What is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// The largest.
    Maximize,
    /// The smallest.
    Minimize,
}

/// A demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SizeFor {
    /// Requests in flight.
    Concurrency(f64),
    /// Requests per second.
    RequestRate(f64),
}

/// Prices.
#[derive(Debug, Clone, PartialEq)]
pub struct Pricing {
    /// ISO code.
    pub currency: String,
    /// Date of the question, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Purchase options; the first is the reference.
    pub purchase: Vec<Purchase>,
    /// Share of paid time that serves.
    pub utilization: f64,
    /// Interruptions of a spot node in a day.
    pub spot_interruptions_per_node_day: Option<f64>,
    /// Price of one node, by hardware alias.
    pub rates: BTreeMap<String, Rate>,
    /// Hosted prices to compare with.
    pub compare_api: Vec<ApiPrice>,
}

/// How accelerators are bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum Purchase {
    OnDemand,
    Spot,
    Reserved1y,
    Reserved3y,
}

/// The price of one node of an alias.
#[derive(Debug, Clone, PartialEq)]
pub enum Rate {
    /// Rented.
    Rented {
        /// Price of a second of one node, by purchase option; a missing option has no price.
        prices: BTreeMap<Purchase, RateSource>,
    },
    /// Bought.
    Owned(OwnedRate),
}

/// One price with its source.
#[derive(Debug, Clone, PartialEq)]
pub struct RateSource {
    /// Money of one second of one node.
    pub per_second: Money,
    /// Catalogue instance or the scenario's own words.
    pub source: String,
    /// Its date.
    pub as_of: Option<String>,
}

/// A machine that was bought; electricity is added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnedRate {
    /// Price of one node.
    pub capex: Money,
    /// Years of use, as time.
    pub life: Seconds,
    /// Share of the time it is used.
    pub duty: f64,
}

/// A hosted price.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiPrice {
    /// Name.
    pub name: String,
    /// Money of one prompt token.
    pub input: Money,
    /// Money of one generated token.
    pub output: Money,
    /// Where it was read.
    pub source: String,
}

/// What energy is counted and what it costs and emits.
#[derive(Debug, Clone, PartialEq)]
pub struct Energy {
    /// Scopes that are counted together.
    pub scope: Vec<EnergyScope>,
    /// Catalogue region.
    pub region: Option<String>,
    /// Money of one joule.
    pub price: Option<Money>,
    /// Power usage effectiveness.
    pub pue: Option<f64>,
    /// Efficiency of the power supply.
    pub psu_efficiency: Option<f64>,
    /// Grams of `CO2e` of one joule, with its source.
    pub carbon: Option<(f64, String)>,
    /// Embodied carbon.
    pub embodied: Embodied,
    /// A battery.
    pub battery: Option<Battery>,
}

/// What electrical power is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum EnergyScope {
    Accelerator,
    Host,
    Network,
    Board,
    Wall,
}

/// Whether making the device counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embodied {
    /// No.
    None,
    /// As the catalogue states, spread over the device's life.
    Catalog,
}

/// A battery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Battery {
    /// Energy when new.
    pub capacity: Joules,
    /// Share that may be drawn.
    pub usable: f64,
    /// Efficiency of the converter.
    pub converter_efficiency: f64,
    /// Share of the capacity left at the age that is judged.
    pub ageing: f64,
    /// Everything but inference.
    pub base_load: Watts,
    /// While suspended.
    pub suspend_power: Option<Watts>,
}

/// One entry of `run`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecutorEntry {
    /// What it does.
    pub kind: ExecutorKind,
    /// Which points, as a filter.
    pub points: Option<String>,
    /// When.
    pub when: When,
    /// Where it is written.
    pub span: Option<Span>,
}

/// What an executor does.
#[derive(Debug, Clone, PartialEq)]
pub enum ExecutorKind {
    /// Estimates.
    Predict {
        /// How.
        method: Method,
        /// Pack by name or path; `None` is the default pack.
        calibration: Option<String>,
    },
    /// A measured executor; this version skips it visibly.
    Measured {
        /// `native`, `openai`, `spawn`, `import`.
        name: &'static str,
        /// What it would have used: a URL, a program, a glob.
        target: String,
    },
}

/// How an estimate is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Whatever fits the question.
    Auto,
    /// Closed form.
    Analytic,
    /// Discrete events.
    Simulate,
}

/// When an executor runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It must.
    Always,
    /// If it can.
    Available,
    /// It does not.
    Never,
}

/// How results are judged and drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Level of intervals.
    pub confidence: f64,
    /// Seed of every stream.
    pub seed: u64,
    /// Effort of measured runs.
    pub rigor: Rigor,
    /// Percentiles that are reported.
    pub percentiles: Vec<f64>,
    /// Largest share of failed requests.
    pub max_error_rate: f64,
}

/// Effort of measured runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum Rigor {
    Quick,
    Standard,
    Mlperf,
}

/// Rules of the golden comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct GoldenRules {
    /// Path of the file, relative to the root.
    pub file: String,
    /// Tolerances in the order written: column or glob.
    pub tolerance: Vec<(String, Tolerance)>,
    /// Significance level of measured changes.
    pub alpha: f64,
    /// Smallest measured change that counts.
    pub min_effect: f64,
    /// Points the golden lacks.
    pub on_new: OnNew,
    /// Accepted points that are gone.
    pub on_missing: OnMissing,
    /// Output files whose hash is accepted too.
    pub files: Vec<String>,
}

/// When two values agree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tolerance {
    /// `|new − old| ≤ max(abs, rel · |old|)`
    Within {
        /// Relative.
        rel: f64,
        /// Absolute, base units.
        abs: f64,
    },
    /// Equal.
    Exact,
    /// Never compared.
    Ignore,
}

/// Points the golden lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum OnNew {
    Auto,
    Fail,
    Warn,
}

/// Accepted points that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum OnMissing {
    Fail,
    Warn,
}

/// Title, charts and outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportOptions {
    /// Title; the name where none is given.
    pub title: String,
    /// The "do nothing" option: axis values.
    pub baseline: Vec<(String, AxisValue)>,
    /// Charts asked for; `None`: by workload.
    pub charts: Option<Vec<Chart>>,
    /// Globs over the results document.
    pub redact: Vec<String>,
    /// Files to write.
    pub outputs: Vec<Output>,
}

/// A chart by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the ids of the report's charts")]
pub enum Chart {
    Pareto,
    ParetoLatency,
    LatencyLoad,
    Cost,
    Memory,
    Roofline,
    PredictedVsMeasured,
    Tornado,
    Energy,
    FleetSize,
    BatchSweep,
    Battery,
    Offload,
    StepBreakdown,
    Scaling,
    CostDeadline,
}

/// One file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its kind.
    pub kind: OutputKind,
    /// File name inside the output folder.
    pub file: String,
    /// Template, where another than the built-in one is named.
    pub template: Option<String>,
}

/// Kinds of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum OutputKind {
    Html,
    Pdf,
    Json,
    Csv,
    Parquet,
    Markdown,
    Junit,
    Sarif,
}
