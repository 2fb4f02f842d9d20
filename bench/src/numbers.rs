//! Valid South African mobile numbers, none ending in 0000.

/// How many numbers a prefix has: the simulator says of those ending in 0000 that they are not
/// on WhatsApp.
const PER_PREFIX: u64 = 1_000 * 9_999;

/// Spreads neighbours over the prefix, so that an index sees them in no order. It has no factor
/// in common with [`PER_PREFIX`], so that no number comes twice.
const STRIDE: u64 = 6_700_417;

/// Returns one of the numbers that were loaded before.
pub(crate) fn known(index: u64) -> String {
    mobile("82", index)
}

/// Returns a number that was not loaded before.
pub(crate) fn new(index: u64) -> String {
    mobile("72", index)
}

/// Returns another number that was not loaded before, and that [`new`] does not return.
pub(crate) fn newer(index: u64) -> String {
    mobile("60", index)
}

/// Returns the number of somebody who comes with a file.
pub(crate) fn imported(index: u64) -> String {
    mobile("83", index)
}

/// Returns the number of somebody who was not loaded before and writes first.
pub(crate) fn writer(index: u64) -> String {
    mobile("71", index)
}

/// Returns a number below `bound` that looks drawn by lot.
pub(crate) fn lot(seed: u64, bound: u64) -> u64 {
    // SplitMix64.
    let mut mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % bound
}

fn mobile(prefix: &str, index: u64) -> String {
    let spread = index % PER_PREFIX * STRIDE % PER_PREFIX;
    format!("+27{prefix}{:03}{:04}", spread / 9_999, spread % 9_999 + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn numbers_differ_and_never_end_in_0000() {
        let numbers: HashSet<String> = (0..200_000).map(super::known).collect();
        assert_eq!(numbers.len(), 200_000);
        assert!(
            numbers
                .iter()
                .all(|number| number.len() == 12 && !number.ends_with("0000"))
        );
    }
}
