//! Ways to pay for one point, side by side.

use serde::{Deserialize, Serialize};

/// A number with the ends of its range; an end that is absent has no bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spanned {
    /// The number.
    pub value: f64,
    /// Its lower end.
    pub lo: Option<f64>,
    /// Its upper end.
    pub hi: Option<f64>,
}

/// What every purchase option comes to for the point of one headline answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// The point.
    pub key: String,
    /// Currency of all money here.
    pub currency: String,
    /// What a unit of work is, `cost_per_mtok_output`; absent where the point does no counted work.
    pub unit_column: Option<String>,
    /// Purchase options in the order of the language.
    pub ways: Vec<WayToPay>,
    /// Owning held against renting, where both have a price.
    pub owning: Option<Owning>,
}

/// One purchase option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WayToPay {
    /// `on_demand`, `spot`, `reserved_1y`, `reserved_3y`, `owned`.
    pub purchase: String,
    /// Share of the time in which a replica serves.
    pub availability: f64,
    /// Copies of the deployment for the stated demand; one where none is stated, absent where they cannot be told.
    pub replicas: Option<Spanned>,
    /// Money of an hour of use of one deployment.
    pub cost_per_hour: Spanned,
    /// Money of a month of the fleet.
    pub cost_per_month: Option<Spanned>,
    /// Money of a unit of work.
    pub cost_per_unit: Option<Spanned>,
    /// Where the price comes from.
    pub source: String,
    /// Its date, where it has one.
    pub as_of: Option<String>,
}

/// Owning the fleet: what it takes and what it saves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Owning {
    /// Price of all nodes.
    pub capex: f64,
    /// Months of use.
    pub life_months: f64,
    /// Share of a month in which the machines are used; rents are compared for the same hours.
    pub used: f64,
    /// Electricity and upkeep of a month.
    pub running_per_month: Spanned,
    /// Each rent, in the order of the language.
    pub against: Vec<Against>,
}

/// Owning held against one rent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The rent.
    pub purchase: String,
    /// Months until what is saved has paid for the machines; absent where running them costs as much as the rent.
    pub payback_months: Option<Spanned>,
    /// Share of a month above which owning is cheaper over its life; absent where it is not at any use.
    pub break_even_use: Option<Spanned>,
    /// What is saved over the life, as a share of what the machines cost.
    pub roi: Spanned,
}
