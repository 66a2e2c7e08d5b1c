//! Keys of `hardware.<alias>`.

use super::shape::{Field, Map, Shape};
use crate::units::Dimension;

const N: Shape = Shape::Count(1);
const RATE: Shape = Shape::Quantity(Dimension::ByteRate);
const BYTES: Shape = Shape::Quantity(Dimension::Bytes);
const COMPUTE: Shape = Shape::Quantity(Dimension::Compute);
const WATTS: Shape = Shape::Quantity(Dimension::Power);
const CLOCK: Shape = Shape::Quantity(Dimension::Frequency);

/// One kind of node.
pub static HARDWARE: Shape = Shape::Named(
    "hardware",
    &Shape::Map(&Map::with_forms(
        &[
            Field::optional("catalog", &Shape::Text, "Id or alias of a catalogue entry."),
            Field::optional(
                "file",
                &Shape::Path,
                "A YAML file with the columns of the catalogue.",
            ),
            Field::optional("probe", &Shape::Choice(&["local"]), "This machine."),
            Field::optional("count", &N, "Accelerators in a node.").or("1"),
            Field::optional("nodes", &N, "Nodes.").or("1"),
            Field::optional(
                "interconnect",
                &Shape::Map(&INTERCONNECT),
                "Links between devices.",
            )
            .or("the link of the device"),
            Field::optional(
                "host",
                &Shape::Map(&HOST),
                "The machine around the accelerators.",
            ),
            Field::optional(
                "power_mode",
                &Shape::Text,
                "Name of a power mode of the device, `15W`.",
            ),
            Field::optional("power_limit", &WATTS, "Power limit of one device."),
            Field::optional(
                "overrides",
                &Shape::Map(&OVERRIDES),
                "Facts of the device that differ; each is listed as an assumption.",
            ),
        ],
        &["catalog", "file", "probe"],
        "the source of a hardware entry",
    )),
);

static LINK: Shape = Shape::Either(&[&Shape::Text, &RATE]);

static INTERCONNECT: Map = Map::of(&[
    Field::optional(
        "intra",
        &LINK,
        "Inside a node: a link of the catalogue, or a bandwidth of one direction.",
    ),
    Field::optional(
        "inter",
        &LINK,
        "Between nodes: a link of the catalogue, or a bandwidth of one direction.",
    ),
    Field::optional(
        "rails",
        &N,
        "Links of one node to the network, used together.",
    )
    .or("1"),
]);

static HOST_LINK: Map = Map::of(&[
    Field::required(
        "pcie",
        &Shape::Choice(&["gen1", "gen2", "gen3", "gen4", "gen5", "gen6"]),
        "PCI Express generation.",
    ),
    Field::optional("lanes", &N, "Lanes.").or("16"),
]);

static HOST: Map = Map::of(&[
    Field::optional(
        "cpu",
        &Shape::Map(&Map::of(&[
            Field::optional("catalog", &Shape::Text, "Id or alias of a catalogue entry."),
            Field::optional("threads", &N, "Threads used."),
        ])),
        "Processor.",
    ),
    Field::optional(
        "memory",
        &Shape::Map(&Map::of(&[
            Field::optional("size", &BYTES, "Size."),
            Field::optional("channels", &N, "Channels of 64 bits."),
            Field::optional(
                "speed",
                &Shape::Quantity(Dimension::Transfers),
                "Transfers of one channel, `5600MT/s`.",
            ),
        ])),
        "Memory.",
    ),
    Field::optional(
        "link",
        &Shape::Either(&[&Shape::Map(&HOST_LINK), &Shape::Text, &RATE]),
        "Link to the accelerator: PCI Express, a link of the catalogue, or a bandwidth of one direction.",
    ),
    Field::optional(
        "storage",
        &Shape::Map(&Map::of(&[
            Field::required(
                "kind",
                &Shape::Choice(&["nvme", "sata", "hdd"]),
                "Kind of disk.",
            ),
            Field::optional("read", &RATE, "Sequential read rate."),
            Field::optional("size", &BYTES, "Size."),
        ])),
        "Storage.",
    ),
]);

/// Facts of a device that a scenario may replace.
static OVERRIDES: Map = Map::of(&[
    Field::optional("memory", &BYTES, "Device memory."),
    Field::optional("memory_bandwidth", &RATE, "Peak memory rate."),
    Field::optional("fp64", &COMPUTE, "Dense fp64 peak."),
    Field::optional("fp32", &COMPUTE, "Dense fp32 peak."),
    Field::optional("tf32", &COMPUTE, "Dense tf32 peak."),
    Field::optional("bf16", &COMPUTE, "Dense bf16 peak."),
    Field::optional("fp16", &COMPUTE, "Dense fp16 peak, fp32 accumulation."),
    Field::optional(
        "fp16_acc16",
        &COMPUTE,
        "Dense fp16 peak, fp16 accumulation.",
    ),
    Field::optional("fp8", &COMPUTE, "Dense fp8 peak."),
    Field::optional("fp4", &COMPUTE, "Dense fp4 peak."),
    Field::optional("int8", &COMPUTE, "Dense int8 peak."),
    Field::optional("int4", &COMPUTE, "Dense int4 peak."),
    Field::optional(
        "cores",
        &N,
        "Streaming multiprocessors, compute units or cores.",
    ),
    Field::optional("boost_clock", &CLOCK, "Boost clock."),
    Field::optional("base_clock", &CLOCK, "Base clock."),
    Field::optional("l2", &BYTES, "Last-level cache on the accelerator."),
    Field::optional("l1_per_core", &BYTES, "First-level cache of one core."),
    Field::optional("tdp", &WATTS, "Board power."),
    Field::optional("idle_power", &WATTS, "Power with nothing running."),
]);
