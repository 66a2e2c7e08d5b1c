//! Reading quantities as the scenario language writes them: a number, one optional space, a unit.

/// What kind of quantity a field expects; it decides which units may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// `ns us ms s m h d y`
    Time,
    /// `B kB MB GB TB KiB MiB GiB TiB`
    Bytes,
    /// bytes per second; links also `Gbit/s`, `Tbit/s`
    ByteRate,
    /// `FLOPS`, `OPS` with `G T P E`
    Compute,
    /// memory transfers, `MT/s`
    Transfers,
    /// `Hz kHz MHz GHz`
    Frequency,
    /// `mW W kW MW`
    Power,
    /// `J kJ Wh kWh`
    Energy,
    /// a plain number or a `k M G T` suffix; tokens may say `tok`
    Count,
    /// a share: `60%`, `0.6`, `3/5`
    Share,
    /// requests per second, `req/s`
    RequestRate,
    /// hours per day, `h/day`, as a share of time
    Duty,
    /// an amount in a currency
    Money,
    /// a currency per hour, `USD/h`, in currency per second
    MoneyRate,
    /// a currency per energy, `USD/kWh`, in currency per joule
    MoneyPerEnergy,
    /// a currency per million tokens, `USD/Mtok`, in currency per token
    MoneyPerToken,
    /// `gCO2e kgCO2e`
    Carbon,
    /// `gCO2e/kWh`, in grams per joule
    CarbonPerEnergy,
    /// `35C`, degrees Celsius
    Temperature,
}

/// A quantity as read: the number in base units, and the currency where money is involved.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The number in base units of the dimension.
    pub value: f64,
    /// ISO currency code of monetary dimensions.
    pub currency: Option<String>,
}

/// Why a text is not a quantity of the expected dimension.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuantityError {
    /// The number cannot be read.
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// A bare number stands where a unit is needed.
    #[error("a unit is missing")]
    MissingUnit,
    /// The unit belongs to another dimension or is unknown.
    #[error("`{0}` is not a unit that may stand here")]
    WrongUnit(String),
    /// The number is negative or not finite.
    #[error("{0} is out of range")]
    OutOfRange(String),
}
