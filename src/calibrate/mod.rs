//! Measurements become fitted models.
//!
//! [`effects`] moves the terms of a pack by measured runs, [`networks`] fits networks of one pass; timed kernel calls become operator models here.
//!
//! [`fit_family`] takes [`FitPoint`]s and returns a [`crate::record::OperatorFamily`]: floors, an efficiency that all calls
//! share, corrections by group from wide to narrow, and what near shapes have in common. [`judge`] measures a model on points
//! it has not seen, part by part, and with devices left out.
//!
//! Invariants: a point that is held out moves nothing; sums run in the order of the points, so that the same points give the
//! same model on one machine; every system of equations has a ridge, so that constant and collinear features are harmless;
//! datasheet values are never changed.

mod account;
pub mod effects;
mod efficiency;
mod family;
mod few;
mod gate;
mod groups;
mod judge;
mod local;
mod local_choice;
mod near;
mod networks;
pub mod own_points;
mod penalties;
mod point;
mod ridge;

pub use account::{FamilyAccount, Stage, StageErrors, accounts_text, readme};
pub use efficiency::fit_efficiency;
pub use family::{Settings, fit_family};
pub use few::{far_from, move_by};
pub use gate::{Suspect, suspects};
pub use judge::{Judged, judge};
pub use networks::{
    DrawPoint, Fold, HeadFit, LeftOut, Missed, NetworkAccount, NetworkPoint, NetworkSuspect,
    SourceErrors, Weights, doubt_by_base, errors_of_groups, far_points, missed, move_head,
    network_defaults, network_draw, network_suspects, networks_readme, networks_text, radii,
    without_device,
};
pub use penalties::Penalties;
pub use point::FitPoint;
pub use ridge::{FittedRidge, RidgeError, WeightedRidge};
