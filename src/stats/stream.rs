//! Named, seeded random streams: the same numbers on every platform and for any thread count.

/// A pseudo-random stream: `SplitMix64` (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub struct Stream {
    state: u64,
}

/// The stream called `name` under `seed`; different names are independent, and a new name shifts no other stream.
pub fn stream(seed: u64, name: &str) -> Stream {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(name.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    Stream {
        state: u64::from_le_bytes(bytes),
    }
}

impl Stream {
    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number uniform in [0, 1).
    pub fn next_f64(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_different_names_differ_and_repeat() {
        assert_eq!(
            stream(1, "arrivals").next_u64(),
            stream(1, "arrivals").next_u64()
        );
        assert_ne!(
            stream(1, "arrivals").next_u64(),
            stream(1, "lengths").next_u64()
        );
        assert_ne!(
            stream(1, "arrivals").next_u64(),
            stream(2, "arrivals").next_u64()
        );
    }
}
