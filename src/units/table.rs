//! The units of the scenario language, by dimension.

use super::Dimension;

/// A unit: `10^exponent · times / over` base units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// As written; for money, what follows the currency code.
    pub name: &'static str,
    pub exponent: i32,
    pub times: f64,
    pub over: f64,
}

impl Unit {
    /// No unit at all.
    pub const ONE: Self = tens("", 0);

    const fn per(self, over: f64) -> Self {
        Self { over, ..self }
    }
}

const fn tens(name: &'static str, exponent: i32) -> Unit {
    Unit {
        name,
        exponent,
        times: 1.0,
        over: 1.0,
    }
}

const fn times(name: &'static str, times: f64) -> Unit {
    Unit {
        times,
        ..tens(name, 0)
    }
}

const KIB: f64 = 1024.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 24.0 * HOUR;
/// Joules of a kilowatt hour.
const KWH: f64 = 1000.0 * HOUR;

/// A year is 365 days, 8 760 hours, as prices per hour and depreciation count it.
const TIME: &[Unit] = &[
    tens("s", 0),
    tens("ns", -9),
    tens("us", -6),
    tens("ms", -3),
    times("m", 60.0),
    times("h", HOUR),
    times("d", DAY),
    times("y", 365.0 * DAY),
];
const BYTES: &[Unit] = &[
    tens("B", 0),
    tens("kB", 3),
    tens("MB", 6),
    tens("GB", 9),
    tens("TB", 12),
    times("KiB", KIB),
    times("MiB", KIB * KIB),
    times("GiB", KIB * KIB * KIB),
    times("TiB", KIB * KIB * KIB * KIB),
];
const BYTE_RATE: &[Unit] = &[
    tens("B/s", 0),
    tens("kB/s", 3),
    tens("MB/s", 6),
    tens("GB/s", 9),
    tens("TB/s", 12),
    times("KiB/s", KIB),
    times("MiB/s", KIB * KIB),
    times("GiB/s", KIB * KIB * KIB),
    times("TiB/s", KIB * KIB * KIB * KIB),
    tens("Gbit/s", 9).per(8.0),
    tens("Tbit/s", 12).per(8.0),
];
const COMPUTE: &[Unit] = &[
    tens("FLOPS", 0),
    tens("GFLOPS", 9),
    tens("TFLOPS", 12),
    tens("PFLOPS", 15),
    tens("EFLOPS", 18),
    tens("OPS", 0),
    tens("GOPS", 9),
    tens("TOPS", 12),
    tens("POPS", 15),
    tens("EOPS", 18),
];
const TRANSFERS: &[Unit] = &[tens("MT/s", 6)];
const FREQUENCY: &[Unit] = &[
    tens("Hz", 0),
    tens("kHz", 3),
    tens("MHz", 6),
    tens("GHz", 9),
];
const POWER: &[Unit] = &[tens("W", 0), tens("mW", -3), tens("kW", 3), tens("MW", 6)];
const ENERGY: &[Unit] = &[
    tens("J", 0),
    tens("kJ", 3),
    times("Wh", HOUR),
    times("kWh", KWH),
];
const COUNT: &[Unit] = &[
    tens("", 0),
    tens("k", 3),
    tens("M", 6),
    tens("G", 9),
    tens("T", 12),
    tens("tok", 0),
    tens("ktok", 3),
    tens("Mtok", 6),
    tens("Gtok", 9),
    tens("Ttok", 12),
];
const SHARE: &[Unit] = &[tens("", 0), tens("%", -2)];
const REQUEST_RATE: &[Unit] = &[tens("req/s", 0)];
const DUTY: &[Unit] = &[times("h/day", HOUR).per(DAY)];
const CARBON: &[Unit] = &[tens("gCO2e", 0), tens("kgCO2e", 3)];
const CARBON_PER_ENERGY: &[Unit] = &[tens("gCO2e/kWh", 0).per(KWH)];
const TEMPERATURE: &[Unit] = &[tens("C", 0)];
const MONEY: &[Unit] = &[tens("", 0)];
const MONEY_RATE: &[Unit] = &[tens("/h", 0).per(HOUR)];
const MONEY_PER_ENERGY: &[Unit] = &[tens("/kWh", 0).per(KWH)];
const MONEY_PER_TOKEN: &[Unit] = &[tens("/Mtok", -6)];

/// The units of a dimension; `None` for money, whose units begin with a currency code.
pub(super) const fn units(dimension: Dimension) -> Option<&'static [Unit]> {
    Some(match dimension {
        Dimension::Time => TIME,
        Dimension::Bytes => BYTES,
        Dimension::ByteRate => BYTE_RATE,
        Dimension::Compute => COMPUTE,
        Dimension::Transfers => TRANSFERS,
        Dimension::Frequency => FREQUENCY,
        Dimension::Power => POWER,
        Dimension::Energy => ENERGY,
        Dimension::Count => COUNT,
        Dimension::Share => SHARE,
        Dimension::RequestRate => REQUEST_RATE,
        Dimension::Duty => DUTY,
        Dimension::Carbon => CARBON,
        Dimension::CarbonPerEnergy => CARBON_PER_ENERGY,
        Dimension::Temperature => TEMPERATURE,
        Dimension::Money
        | Dimension::MoneyRate
        | Dimension::MoneyPerEnergy
        | Dimension::MoneyPerToken => return None,
    })
}

/// What may follow the currency code of a monetary dimension; nothing for the others.
pub(super) const fn currency_units(dimension: Dimension) -> &'static [Unit] {
    match dimension {
        Dimension::Money => MONEY,
        Dimension::MoneyRate => MONEY_RATE,
        Dimension::MoneyPerEnergy => MONEY_PER_ENERGY,
        Dimension::MoneyPerToken => MONEY_PER_TOKEN,
        Dimension::Time
        | Dimension::Bytes
        | Dimension::ByteRate
        | Dimension::Compute
        | Dimension::Transfers
        | Dimension::Frequency
        | Dimension::Power
        | Dimension::Energy
        | Dimension::Count
        | Dimension::Share
        | Dimension::RequestRate
        | Dimension::Duty
        | Dimension::Carbon
        | Dimension::CarbonPerEnergy
        | Dimension::Temperature => &[],
    }
}

impl Dimension {
    /// All dimensions.
    pub const ALL: [Self; 19] = [
        Self::Count,
        Self::Share,
        Self::Time,
        Self::Bytes,
        Self::ByteRate,
        Self::Compute,
        Self::Transfers,
        Self::Frequency,
        Self::Power,
        Self::Energy,
        Self::RequestRate,
        Self::Duty,
        Self::Money,
        Self::MoneyRate,
        Self::MoneyPerEnergy,
        Self::MoneyPerToken,
        Self::Carbon,
        Self::CarbonPerEnergy,
        Self::Temperature,
    ];

    /// The unit that values are written in: the base unit where the language has it.
    pub(super) fn written(self) -> &'static Unit {
        units(self)
            .unwrap_or(currency_units(self))
            .first()
            .expect("every dimension has a unit")
    }

    /// The units that may be written, for a message: `ns us ms s m h d y`.
    pub fn unit_names(self) -> String {
        let names = |prefix: &str, units: &[Unit]| {
            let named: Vec<String> = units
                .iter()
                .filter(|unit| !prefix.is_empty() || !unit.name.is_empty())
                .map(|unit| format!("{prefix}{}", unit.name))
                .collect();
            named.join(" ")
        };
        match units(self) {
            Some(known) => names("", known),
            None => names("USD", currency_units(self)),
        }
    }

    /// A quantity spelt correctly, for a message.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Time => "12 ms",
            Self::Bytes => "80 GB",
            Self::ByteRate => "3.35 TB/s",
            Self::Compute => "989 TFLOPS",
            Self::Transfers => "5600 MT/s",
            Self::Frequency => "1.98 GHz",
            Self::Power => "700 W",
            Self::Energy => "50 Wh",
            Self::Count => "4k",
            Self::Share => "60%",
            Self::RequestRate => "5 req/s",
            Self::Duty => "4 h/day",
            Self::Money => "3400 USD",
            Self::MoneyRate => "1.86 USD/h",
            Self::MoneyPerEnergy => "0.11 USD/kWh",
            Self::MoneyPerToken => "0.20 USD/Mtok",
            Self::Carbon => "120 gCO2e",
            Self::CarbonPerEnergy => "310 gCO2e/kWh",
            Self::Temperature => "35C",
        }
    }
}
