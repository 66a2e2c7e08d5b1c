//! How the devices of a row are divided, where the row says so or the software leaves no choice.

use super::Skip;
use super::software::Spread;
use crate::ops::Parallel;
use crate::scenario::{Deployment, Router};

/// What a row says of its devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedDevices {
    /// Column `device_count`.
    pub count: u32,
    /// Column `tp`.
    pub tp: Option<u32>,
    /// Column `pp`.
    pub pp: Option<u32>,
    /// Column `ep`.
    pub ep: Option<u32>,
    /// Column `dp`.
    pub dp: Option<u32>,
    /// Nodes, where the notes state them.
    pub nodes: Option<u32>,
}

/// What several data parallel groups are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// Copies of the whole server.
    Replicas,
    /// Attention is data parallel, the experts are shared by all groups.
    SharedExperts,
}

impl StatedDevices {
    /// The deployment of a row.
    ///
    /// - Stated sizes must make up the device count; a rest is further replicas.
    /// - `ep` over all devices with nothing said of attention divides attention too.
    /// - More ranks than devices count the cores of a device; a device is one rank.
    /// - Nothing stated: `tp` is the device count (what `auto` means in a scenario), or `pp` for software that
    ///   divides by layer.
    ///
    /// # Errors
    ///
    /// A missing `tp` where the sizes do not fit the device count.
    pub fn deployment(self, spread: Spread, groups: Groups) -> Result<Deployment, Skip> {
        let sizes = self.sizes(spread)?;
        let ep = self.ep.unwrap_or(1).max(1);
        let (tp, pp, dp) = sizes;
        let left = self.count / (tp * pp * dp);
        let (parallel_dp, replicas) = match groups {
            Groups::Replicas => (1, dp * left),
            Groups::SharedExperts => (dp, left),
        };
        let ranks = tp * parallel_dp;
        if ranks % ep != 0 {
            return Err(Skip::MissingField("ep"));
        }
        Ok(Deployment {
            parallel: Parallel {
                tp,
                pp,
                dp: parallel_dp,
                ep,
                cp: 1,
            },
            dp_attention: parallel_dp > 1,
            replicas,
            router: Router::LeastLoaded,
            zero: 0,
            sequence_parallel: false,
            prefill: None,
        })
    }

    /// True where a row says how its devices are divided.
    pub const fn says_how(self) -> bool {
        self.tp.is_some() || self.pp.is_some() || self.dp.is_some() || self.ep.is_some()
    }

    /// `(tp, pp, dp)`, whose product divides the device count.
    fn sizes(self, spread: Spread) -> Result<(u32, u32, u32), Skip> {
        if self.tp.is_none() && self.pp.is_none() && self.dp.is_none() {
            return Ok(match spread {
                Spread::Tensor => (self.count, 1, 1),
                Spread::Layers => (1, self.count, 1),
            });
        }
        let [tp, pp, dp] = [self.tp, self.pp, self.dp].map(|size| size.unwrap_or(1).max(1));
        let product = u64::from(tp) * u64::from(pp) * u64::from(dp);
        let count = u64::from(self.count);
        if product == 1 && self.ep == Some(self.count) {
            return Ok((self.count, 1, 1));
        }
        if product <= count && count % product == 0 {
            return Ok((tp, pp, dp));
        }
        if product > count && product % count == 0 && pp == 1 && dp == 1 {
            return Ok((self.count, 1, 1));
        }
        Err(Skip::MissingField("tp"))
    }

    /// Devices of a node, and nodes: as the notes say, else one node of up to `in_a_node` devices.
    ///
    /// # Errors
    ///
    /// [`Skip::MissingField`] for more devices without nodes.
    pub fn nodes(self, in_a_node: u32) -> Result<(u32, u32), Skip> {
        match self.nodes {
            Some(nodes) if nodes > 0 && self.count.is_multiple_of(nodes) => {
                Ok((self.count / nodes, nodes))
            }
            None if self.count <= in_a_node => Ok((self.count, 1)),
            Some(_) | None => Err(Skip::MissingField("nodes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EIGHT: StatedDevices = StatedDevices {
        count: 8,
        tp: None,
        pp: None,
        ep: None,
        dp: None,
        nodes: None,
    };

    fn sizes(stated: StatedDevices, groups: Groups) -> (u32, u32, u32, u32) {
        let found = stated.deployment(Spread::Tensor, groups).expect("it fits");
        let Parallel { tp, pp, dp, .. } = found.parallel;
        (tp, pp, dp, found.replicas)
    }

    #[test]
    fn nothing_stated_divides_over_all_devices() {
        assert_eq!(sizes(EIGHT, Groups::Replicas), (8, 1, 1, 1));
        let layers = EIGHT.deployment(Spread::Layers, Groups::Replicas);
        assert_eq!(layers.expect("it fits").parallel.pp, 8);
    }

    #[test]
    fn a_rest_is_replicas() {
        let stated = StatedDevices {
            tp: Some(2),
            ..EIGHT
        };
        assert_eq!(sizes(stated, Groups::Replicas), (2, 1, 1, 4));
        let both = StatedDevices {
            tp: Some(1),
            dp: Some(8),
            ..EIGHT
        };
        assert_eq!(sizes(both, Groups::Replicas), (1, 1, 1, 8));
        assert_eq!(sizes(both, Groups::SharedExperts), (1, 1, 8, 1));
    }

    #[test]
    fn experts_over_all_devices_divide_attention_too() {
        let stated = StatedDevices {
            tp: Some(1),
            dp: Some(1),
            ep: Some(8),
            ..EIGHT
        };
        assert_eq!(sizes(stated, Groups::Replicas), (8, 1, 1, 1));
    }

    #[test]
    fn ranks_finer_than_devices_count_devices() {
        let stated = StatedDevices {
            count: 12,
            tp: Some(24),
            ..EIGHT
        };
        assert_eq!(sizes(stated, Groups::Replicas), (12, 1, 1, 1));
    }

    #[test]
    fn sizes_that_do_not_fit_are_not_guessed() {
        let stated = StatedDevices {
            tp: Some(3),
            ..EIGHT
        };
        let found = stated.deployment(Spread::Tensor, Groups::Replicas);
        assert_eq!(found, Err(Skip::MissingField("tp")));
        assert_eq!(
            StatedDevices { count: 72, ..EIGHT }.nodes(8),
            Err(Skip::MissingField("nodes"))
        );
        assert_eq!(
            StatedDevices {
                count: 72,
                nodes: Some(18),
                ..EIGHT
            }
            .nodes(8),
            Ok((4, 18))
        );
    }
}
