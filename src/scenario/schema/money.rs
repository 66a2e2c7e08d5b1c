//! Keys of `pricing` and `energy`.

use super::shape::{Field, Map, Shape};
use crate::units::Dimension;

const PER_HOUR: Shape = Shape::Quantity(Dimension::MoneyRate);
const WATTS: Shape = Shape::Quantity(Dimension::Power);

/// Purchase options by name.
pub const PURCHASES: &[&str] = &["on_demand", "spot", "reserved_1y", "reserved_3y", "owned"];

/// Prices.
pub static PRICING: Shape = Shape::Map(&Map::of(&[
    Field::optional(
        "currency",
        &Shape::Text,
        "ISO code of every price of the scenario.",
    )
    .or("USD"),
    Field::optional(
        "as_of",
        &Shape::Date,
        "Date of the question; required when a price is used.",
    ),
    Field::optional(
        "purchase",
        &Shape::Either(&[
            &Shape::Choice(PURCHASES),
            &Shape::List(&Shape::Choice(PURCHASES)),
        ]),
        "Purchase options; the first is the reference. As an axis (`purchase`) each value is one option.",
    )
    .or("[on_demand]"),
    Field::optional(
        "utilization",
        &Shape::Share,
        "Share of paid time that serves.",
    )
    .or("100%"),
    Field::optional(
        "spot",
        &Shape::Map(&Map::of(&[
            Field::required(
                "interruptions_per_node_day",
                &Shape::Number,
                "Interruptions of a node in a day in which it runs.",
            ),
            Field::optional(
                "restart",
                &Shape::Quantity(Dimension::Time),
                "Time from an interruption until another node serves.",
            ),
        ])),
        "How spot nodes are taken away: less of the time serves, so more replicas are needed.",
    ),
    Field::optional(
        "rates",
        &Shape::Names(&RATE),
        "Price of one node, by hardware alias.",
    ),
    Field::optional(
        "compare_api",
        &Shape::List(&Shape::Map(&Map::of(&[
            Field::required("name", &Shape::Text, "Name."),
            Field::required(
                "input",
                &Shape::Quantity(Dimension::MoneyPerToken),
                "Price of prompt tokens.",
            ),
            Field::required(
                "output",
                &Shape::Quantity(Dimension::MoneyPerToken),
                "Price of generated tokens.",
            ),
            Field::required("source", &Shape::Text, "Where it was read."),
        ]))),
        "Hosted prices to compare with.",
    ),
]));

static RATE: Shape = Shape::Named(
    "rate",
    &Shape::Map(&Map::of(&[
        Field::optional(
            "catalog",
            &Shape::Text,
            "An instance of the catalogue, `provider/region/instance`.",
        ),
        Field::optional(
            "share",
            &Shape::Share,
            "Share of the instance that a node is.",
        )
        .or("1"),
        Field::optional("on_demand", &PER_HOUR, "Price on demand."),
        Field::optional("spot", &PER_HOUR, "Spot price."),
        Field::optional("reserved_1y", &PER_HOUR, "Price reserved for a year."),
        Field::optional("reserved_3y", &PER_HOUR, "Price reserved for three years."),
        Field::optional("source", &Shape::Text, "Where explicit prices come from."),
        Field::optional(
            "owned",
            &Shape::Map(&Map::of(&[
                Field::required(
                    "capex",
                    &Shape::Quantity(Dimension::Money),
                    "Price of one node.",
                ),
                Field::required("life", &Shape::Quantity(Dimension::Time), "Years of use."),
                Field::optional(
                    "upkeep",
                    &PER_HOUR,
                    "Place, staff and repairs of one node, used or not.",
                ),
                Field::optional(
                    "resale",
                    &Shape::Quantity(Dimension::Money),
                    "What a node is sold for at the end of its life.",
                ),
                Field::optional(
                    "duty",
                    &Shape::Quantity(Dimension::Duty),
                    "Time of use, `4h/day`.",
                )
                .or("24h/day"),
            ])),
            "A machine that was bought.",
        ),
    ])),
);

/// Energy, carbon, battery, heat.
pub static ENERGY: Shape = Shape::Map(&Map::of(&[
    Field::optional(
        "scope",
        &Shape::List(&Shape::Choice(&[
            "accelerator",
            "host",
            "network",
            "board",
            "wall",
        ])),
        "Power that is counted together.",
    )
    .or("[accelerator]"),
    Field::optional(
        "region",
        &Shape::Text,
        "A region of the catalogue: grid carbon, PUE and price.",
    ),
    Field::optional(
        "price",
        &Shape::Quantity(Dimension::MoneyPerEnergy),
        "Price of electricity.",
    ),
    Field::optional(
        "pue",
        &Shape::Number,
        "Power usage effectiveness, at least 1.",
    ),
    Field::optional(
        "psu_efficiency",
        &Shape::Share,
        "Efficiency of the power supply.",
    ),
    Field::optional(
        "carbon",
        &Shape::Map(&Map::of(&[
            Field::required(
                "intensity",
                &Shape::Quantity(Dimension::CarbonPerEnergy),
                "Grid carbon.",
            ),
            Field::required("source", &Shape::Text, "Where it was read."),
        ])),
        "Carbon of electricity.",
    ),
    Field::optional(
        "embodied",
        &Shape::Choice(&["none", "catalog"]),
        "Carbon of making the device.",
    )
    .or("none"),
    Field::optional(
        "battery",
        &Shape::Map(&Map::of(&[
            Field::required(
                "capacity",
                &Shape::Quantity(Dimension::Energy),
                "Energy when new.",
            ),
            Field::optional("usable", &Shape::Share, "Share that may be drawn.").or("100%"),
            Field::optional(
                "converter_efficiency",
                &Shape::Share,
                "Efficiency of the converter.",
            )
            .or("100%"),
            Field::optional(
                "ageing",
                &Shape::Share,
                "Share of the capacity left at the age that is judged.",
            )
            .or("100%"),
            Field::optional("base_load", &WATTS, "Everything but inference.").or("0W"),
            Field::optional("suspend_power", &WATTS, "While suspended."),
        ])),
        "A battery.",
    ),
    Field::optional(
        "thermal",
        &Shape::Map(&Map::of(&[
            Field::required(
                "ambient",
                &Shape::Quantity(Dimension::Temperature),
                "Temperature around the device.",
            ),
            Field::optional(
                "sustained",
                &Shape::Bool,
                "The load lasts long enough to heat through.",
            )
            .or("false"),
        ])),
        "Heat.",
    ),
]));
