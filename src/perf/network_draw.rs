//! Power of accelerators alone, from how much arithmetic they do.

use crate::record::{NetworkCall, NetworkDraw};
use crate::stats::math::pow;
use crate::units::Watts;

/// How sharply power bends where it meets the limit; as in the roofline of operators.
const SHARPNESS: f64 = 4.0;

/// The share of the limit that a device draws while its arithmetic runs at a share of the peak of its number format.
///
/// `min(1, waiting + busy · u)`, rounded where the two meet: an operation costs energy whatever binds, and clocks fall where the limit
/// is met (Choi et al., "A roofline model of energy", IPDPS 2013).
pub fn drawn_share(draw: NetworkDraw, utilisation: f64) -> f64 {
    let wanted = draw.waiting + draw.busy * utilisation;
    pow(1.0 + pow(wanted, -SHARPNESS), -1.0 / SHARPNESS)
}

/// What a device would draw without a limit, of the limit, where it was seen to draw a share of it; `None` at the limit, which tells
/// nothing.
pub fn unlimited_share(share: f64) -> Option<f64> {
    /// Above this, noise of the share decides.
    const HIGHEST: f64 = 0.95;
    (share > 0.0 && share <= HIGHEST).then(|| pow(pow(share, -SHARPNESS) - 1.0, -1.0 / SHARPNESS))
}

/// How much the logarithm of that share moves with that of the peak's share: one where arithmetic draws all of it, none at the limit.
pub fn elasticity(draw: NetworkDraw, utilisation: f64) -> f64 {
    let busy = draw.busy * utilisation;
    let share = drawn_share(draw, utilisation);
    busy / (draw.waiting + busy) * (1.0 - pow(share, SHARPNESS))
}

/// Most that the devices of a run draw together, watts: the limit that was set on them, or that of their datasheet; `None` where neither
/// is stated.
pub fn power_limit(call: &NetworkCall) -> Option<f64> {
    let each = call.load.power_limit.or(call.device.tdp.map(Watts::get));
    Some(f64::from(call.load.devices.max(1)) * each?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAW: NetworkDraw = NetworkDraw {
        waiting: 0.15,
        busy: 3.0,
        radius: 0.2,
    };

    #[test]
    fn power_rises_with_arithmetic_and_never_passes_the_limit() {
        let mut before = 0.0;
        for utilisation in [0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0] {
            let share = drawn_share(DRAW, utilisation);
            assert!(share > before && share <= 1.0, "{utilisation}");
            before = share;
        }
        assert!((drawn_share(DRAW, 0.0) / DRAW.waiting - 1.0).abs() < 1e-3);
    }

    #[test]
    fn power_moves_with_arithmetic_below_the_limit_alone() {
        for utilisation in [0.01, 0.05, 0.2, 0.28, 0.5] {
            let step = 1e-6;
            let moved = drawn_share(DRAW, utilisation * (1.0 + step));
            let found = (moved / drawn_share(DRAW, utilisation) - 1.0) / step;
            assert!((found - elasticity(DRAW, utilisation)).abs() < 1e-4);
        }
        assert!(elasticity(DRAW, 1.0) < 0.02);
    }

    #[test]
    fn a_seen_share_tells_what_was_wanted() {
        for utilisation in [0.01, 0.1, 0.2] {
            let wanted = DRAW.waiting + DRAW.busy * utilisation;
            let found = unlimited_share(drawn_share(DRAW, utilisation)).expect("below the limit");
            assert!((found / wanted - 1.0).abs() < 1e-9);
        }
        assert_eq!(unlimited_share(0.99), None);
        assert_eq!(unlimited_share(0.0), None);
    }
}
