//! Measured runs of networks become models of their times and powers.
//!
//! [`NetworkPoint`]s become a [`HeadFit`]: a ridge regression over groups from wide to narrow ([`crate::perf::Effect`]), solved by
//! conjugate gradients, with weights that follow from residuals. Fits of parts of the points ([`Fold`]) give the errors that
//! intervals are made of ([`radii`]).
//!
//! Invariants: a point that is held out moves nothing; points that cannot be what they claim are named and moved aside; sums run
//! in the order of the points; every coefficient has a penalty, so that constant and collinear features are harmless.

mod account;
mod beside;
mod defaults;
mod design;
mod draw;
mod fit;
mod gate;
mod own;
mod point;
mod radii;
mod solve;

pub use account::{NetworkAccount, SourceErrors, networks_readme, networks_text};
pub use beside::errors_of_groups;
pub use defaults::network_defaults;
pub use draw::{DrawPoint, network_draw};
pub use fit::{HeadFit, Weights};
pub use gate::{NetworkSuspect, doubt_by_base, far_points, network_suspects};
pub use own::move_head;
pub use point::NetworkPoint;
pub use radii::{Fold, LeftOut, Missed, missed, radii, without_device};
