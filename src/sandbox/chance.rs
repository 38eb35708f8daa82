//! Chance that is the same each time: every roll is a function of a seed and of what it is rolled for.
//!
//! A generator of random numbers would depend on the order of the calls, and with requests side by side there
//! is no order. The mixing is spelled out here so that fixtures never change with a library's version.

use uuid::Uuid;

use crate::model::OrganisationNumber;

/// A number that looks random and depends on the seed and on each part (splitmix64's finaliser over each).
pub(super) fn roll(seed: u64, parts: &[u64]) -> u64 {
    parts.iter().fold(mix(seed), |state, part| mix(state ^ mix(*part)))
}

/// A roll as a place in a list of `length` (not 0).
pub(super) fn place(seed: u64, parts: &[u64], length: usize) -> usize {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    usize::try_from(roll(seed, parts) % length).unwrap_or(0)
}

/// A roll as a share, from 0 up to and without 1.
pub(super) fn share(seed: u64, parts: &[u64]) -> f64 {
    (roll(seed, parts) >> 11) as f64 / (1u64 << 53) as f64
}

/// A UUID in the form of version 4.
pub(super) fn uuid(seed: u64, parts: &[u64]) -> Uuid {
    let high = u128::from(roll(seed, parts));
    let low = u128::from(roll(seed ^ 1, parts));
    uuid::Builder::from_random_bytes((high << 64 | low).to_be_bytes()).into_uuid()
}

/// A UUID's two halves, as parts of a roll.
pub(super) fn halves(uuid: Uuid) -> [u64; 2] {
    let (high, low) = uuid.as_u64_pair();
    [high, low]
}

/// The first organisation number whose first eight digits are these or come after them.
pub(super) fn number_from(mut first_eight: u32) -> OrganisationNumber {
    loop {
        if let Some(number) = OrganisationNumber::from_first_eight(first_eight) {
            return number;
        }
        first_eight = (first_eight + 1) % 100_000_000;
    }
}

fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
