//! A timed call, ready to be fitted.

use crate::perf::OperatorShape;
use crate::record::{OPERATOR_LEVELS, Sample};

/// The part of single shapes whose errors choose settings.
pub(super) const TOLD: u8 = 1;

/// The part of single shapes whose errors are reported.
pub(super) const ASKED: u8 = 0;

/// A timed kernel call.
#[derive(Debug, Clone, PartialEq)]
pub struct FitPoint {
    /// Names of its groups, wide to narrow.
    pub keys: [String; OPERATOR_LEVELS],
    /// Catalogue id of its device.
    pub device: String,
    /// Its physics and features.
    pub shape: OperatorShape,
    /// Measured time, seconds.
    pub time: f64,
    /// Whether it may be fitted.
    pub sample: Sample,
    /// Whether it may teach or must test the settings that a fit chooses for itself; of fitted points alone.
    pub inner: Sample,
    /// The same, by a choice of layers for all devices alike.
    pub everywhere: Sample,
    /// The part of its single shape, whatever the layer: [`TOLD`] tests the settings that a fit chooses for itself as well,
    /// [`ASKED`] tells how far off unseen shapes of seen layers are.
    pub part: u8,
}
