//! What the same network on other devices says of a device: devices that were wrong together before are wrong together again.

use std::collections::BTreeMap;

use super::network_models::{GroupName, NetworksSeen};
use crate::stats::symmetric::{dot, solve};

/// Rows' errors beyond this, natural logarithms, count as this: some are of another kind, such as operators that fell back to a processor.
pub const LARGEST_ERROR: f64 = 0.5;

// The three numbers below were chosen on errors of groups left out of the fitted rows: of fifteen choices, all of 0 to 20 networks
// and parts of 0.2 to 1 came within 0.2 points of each other in the mean of medians, 19.8 % without.

/// Covariances of devices rest on this many more networks, which had no errors.
const NETWORKS_BEFORE: f64 = 20.0;

/// What is added for the errors of a device that no other shares, of its variance over its own networks.
const OWN_PART: f64 = 0.3;

/// The variance that every error has.
const NOISE: f64 = 1e-3;

/// The most that others are trusted with.
const MOST: f64 = 1.0;

/// Errors of the groups of one software.
#[derive(Debug, Clone, PartialEq, Default)]
struct Program {
    /// Positions of devices in the matrices below.
    devices: BTreeMap<String, usize>,
    /// Devices of each network with the error of the group.
    networks: BTreeMap<String, Vec<(usize, f64)>>,
    /// Sums of products of errors over networks that both devices ran; the lower triangle.
    products: Vec<Vec<f64>>,
    /// Networks of each device.
    counts: Vec<f64>,
}

/// Errors of groups by fits that had not seen them, made ready for [`Self::expected`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NetworkNeighbours {
    programs: BTreeMap<String, Program>,
}

impl NetworkNeighbours {
    /// The errors of what was fitted.
    pub fn of(seen: &NetworksSeen) -> Self {
        let mut programs = BTreeMap::<String, Program>::new();
        let groups = seen.groups.iter();
        let measured = groups.filter_map(|(name, error)| Some((name, (*error)?)));
        for ((device, network, software), error) in measured {
            let program = programs.entry(software.clone()).or_default();
            let next = program.devices.len();
            let device = *program.devices.entry(device.clone()).or_insert(next);
            let of_network = program.networks.entry(network.clone()).or_default();
            of_network.push((device, error));
        }
        programs.values_mut().for_each(Program::multiply);
        Self { programs }
    }

    /// The error to expect of a group, `ln(measured / predicted)`, from the errors of its network in its software on other devices.
    ///
    /// The mean of a Gaussian under what is known of it (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006,
    /// equation 2.25), `k (K + Λ)⁻¹ e`: `e` are the errors on other devices, `k` and `K` their covariances, `Λ` three tenths of each device's
    /// variance, which no other shares. The covariance of two devices is `Σ e_i e_j / sqrt((n_i + 20)(n_j + 20))` over the other networks that both ran,
    /// so that it is positive definite; `n` are the networks of each. The group's own error takes no part.
    pub fn expected(&self, (device, network, software): (&str, &str, &str)) -> f64 {
        let found = self
            .programs
            .get(software)
            .and_then(|program| program.expected(device, network));
        found.unwrap_or(0.0).clamp(-MOST, MOST)
    }

    /// The same for a group by its name.
    pub fn expected_of(&self, group: &GroupName) -> f64 {
        self.expected((&group.0, &group.1, &group.2))
    }
}

impl Program {
    fn multiply(&mut self) {
        let devices = self.devices.len();
        self.products = (0..devices).map(|device| vec![0.0; device + 1]).collect();
        self.counts = vec![0.0; devices];
        for of_network in self.networks.values() {
            for (one, error) in of_network {
                self.counts[*one] += 1.0;
                for (other, beside) in of_network.iter().filter(|(other, _)| other <= one) {
                    self.products[*one][*other] += error * beside;
                }
            }
        }
    }

    fn expected(&self, device: &str, network: &str) -> Option<f64> {
        let device = *self.devices.get(device)?;
        let of_network = self.networks.get(network)?;
        let own = of_network.iter().find(|(other, _)| *other == device);
        let others: Vec<(usize, f64)> = of_network
            .iter()
            .filter(|(other, _)| *other != device)
            .copied()
            .collect();
        let errors: Vec<f64> = others.iter().map(|(_, error)| *error).collect();
        let without = |other: &(usize, f64)| Without {
            device: other.0,
            error: other.1,
            count: self.counts[other.0] - 1.0,
        };
        let asked = Without {
            device,
            error: own.map_or(0.0, |(_, error)| *error),
            count: self.counts[device] - f64::from(u8::from(own.is_some())),
        };
        let others: Vec<Without> = others.iter().map(without).collect();
        let mut matrix: Vec<Vec<f64>> = others
            .iter()
            .enumerate()
            .map(|(place, one)| {
                let before = others[..=place].iter();
                before.map(|other| self.covariance(one, other)).collect()
            })
            .collect();
        for (place, one) in others.iter().enumerate() {
            matrix[place][place] += OWN_PART * self.variance(one) + NOISE;
        }
        let beside: Vec<f64> = others
            .iter()
            .map(|other| self.covariance(&asked, other))
            .collect();
        let weights = solve(&mut matrix, &errors)?;
        Some(dot(&beside, &weights))
    }

    /// The sum of products of two devices without the network that is asked for.
    fn product(&self, one: &Without, other: &Without) -> f64 {
        let (low, high) = (one.device.min(other.device), one.device.max(other.device));
        self.products[high][low] - one.error * other.error
    }

    fn covariance(&self, one: &Without, other: &Without) -> f64 {
        let counts = (one.count + NETWORKS_BEFORE) * (other.count + NETWORKS_BEFORE);
        self.product(one, other) / counts.sqrt()
    }

    /// What the errors of a device vary by. Of a device with no other network all covariances are zero, so its number moves nothing.
    fn variance(&self, one: &Without) -> f64 {
        const UNKNOWN: f64 = 0.04;
        if one.count < 1.0 {
            UNKNOWN
        } else {
            self.product(one, one) / one.count
        }
    }
}

/// A device without the network that is asked for.
struct Without {
    device: usize,
    /// Its error on that network.
    error: f64,
    /// Its other networks.
    count: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors of three devices on forty networks: the first two alike, the third on its own.
    fn seen() -> NetworksSeen {
        let mut seen = NetworksSeen::default();
        for network in 0..40_u32 {
            let shared = 0.2 * f64::from(network % 5) - 0.4;
            let own = 0.2 * f64::from(network / 5 % 5) - 0.4;
            for (device, error) in [("a", shared), ("b", 0.9 * shared), ("c", own)] {
                let name = (device.to_owned(), format!("n{network}"), "s".to_owned());
                seen.groups.insert(name, Some(error));
            }
        }
        seen
    }

    #[test]
    fn a_device_misses_what_devices_like_it_have_missed() {
        let mut seen = seen();
        let neighbours = NetworkNeighbours::of(&seen);
        let group = ("a".to_owned(), "n4".to_owned(), "s".to_owned());
        let expected = neighbours.expected_of(&group);
        assert!((0.2..0.4).contains(&expected), "{expected}");
        let own = ("c".to_owned(), "n4".to_owned(), "s".to_owned());
        assert!(neighbours.expected_of(&own).abs() < 0.1);
        // What is asked for teaches nothing of itself.
        seen.groups.insert(group.clone(), Some(-0.5));
        let other = NetworkNeighbours::of(&seen).expected_of(&group);
        assert!((other - expected).abs() < 1e-12, "{other} {expected}");
        seen.groups.remove(&group);
        let absent = NetworkNeighbours::of(&seen).expected_of(&group);
        assert!((absent - expected).abs() < 1e-12, "{absent} {expected}");
    }

    #[test]
    fn what_no_other_device_ran_is_expected_to_be_right() {
        let neighbours = NetworkNeighbours::of(&seen());
        for group in [("a", "new", "s"), ("new", "n4", "s"), ("a", "n4", "new")] {
            assert!(neighbours.expected(group).abs() < 1e-12, "{group:?}");
        }
    }
}
