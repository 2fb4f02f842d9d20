//! The subjects that have a piece of text: sets of ids, block by block.
//!
//! A block is of 4,096 ids. A set of few is kept as a list of two bytes each, one of many as a bit
//! for each id, so that it never has more than 512 bytes.

/// How many ids a block is of, as a power of two.
const BLOCK_BITS: u32 = 12;
const WORDS: usize = 1 << (BLOCK_BITS - 6);
const BITMAP_BYTES: usize = WORDS * 8;

/// Some of the ids of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ids(Box<[u64; WORDS]>);

/// Returns the block an id is in.
pub(super) fn block_of(id: i64) -> i64 {
    id >> BLOCK_BITS
}

impl Ids {
    pub(super) fn empty() -> Self {
        Self(Box::new([0; WORDS]))
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let mut ids = Self::empty();
        if bytes.len() == BITMAP_BYTES {
            for (word, bytes) in ids.0.iter_mut().zip(bytes.as_chunks::<8>().0) {
                *word = u64::from_le_bytes(*bytes);
            }
        } else {
            for bytes in bytes.as_chunks::<2>().0 {
                ids.set(i64::from(u16::from_le_bytes(*bytes)));
            }
        }
        ids
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let count: u32 = self.0.iter().map(|word| word.count_ones()).sum();
        if 2 * count as usize >= BITMAP_BYTES {
            return self.0.iter().flat_map(|word| word.to_le_bytes()).collect();
        }
        self.places().flat_map(u16::to_le_bytes).collect()
    }

    /// Returns the places of the ids in the block, the smallest first.
    fn places(&self) -> impl Iterator<Item = u16> {
        (0_u16..).zip(self.0.iter()).flat_map(|(word, bits)| {
            let mut left = *bits;
            std::iter::from_fn(move || {
                let bit = u16::try_from(left.trailing_zeros()).ok()?;
                left &= left.checked_sub(1)?;
                Some(word << 6 | bit)
            })
        })
    }

    pub(super) fn set(&mut self, id: i64) {
        let (word, bit) = place(id);
        self.0[word] |= bit;
    }

    pub(super) fn clear(&mut self, id: i64) {
        let (word, bit) = place(id);
        self.0[word] &= !bit;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Keeps those that are in the other set too.
    pub(super) fn intersect(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(other.0.iter()) {
            *word &= other;
        }
    }

    /// Adds the ids to a list, the greatest first.
    pub(super) fn list(&self, block: i64, into: &mut Vec<i64>) {
        let begin = into.len();
        let places = self.places();
        into.extend(places.map(|place| (block << BLOCK_BITS) | i64::from(place)));
        into[begin..].reverse();
    }
}

fn place(id: i64) -> (usize, u64) {
    let place = id & ((1 << BLOCK_BITS) - 1);
    // Both are small and not negative.
    let word = usize::try_from(place >> 6).unwrap_or_default();
    (word, 1 << (place & 63))
}

#[cfg(test)]
mod tests {
    use super::{BITMAP_BYTES, Ids, block_of};

    fn of(ids: impl IntoIterator<Item = i64>) -> Ids {
        let mut set = Ids::empty();
        ids.into_iter().for_each(|id| set.set(id));
        set
    }

    fn listed(set: &Ids, block: i64) -> Vec<i64> {
        let mut list = vec![];
        set.list(block, &mut list);
        list
    }

    #[test]
    fn few_and_many_read_back() {
        for count in [0, 1, 255, 256, 257, 4096] {
            let ids: Vec<i64> = (0..count).map(|it| 3 * 4096 + it * 4096 / count).collect();
            let set = of(ids.iter().copied());
            let bytes = set.to_bytes();
            assert!(bytes.len() <= BITMAP_BYTES, "{count}");
            let read = Ids::from_bytes(&bytes);
            let newest_first: Vec<i64> = ids.iter().rev().copied().collect();
            assert_eq!(listed(&read, 3), newest_first, "{count}");
            assert_eq!(read, set);
        }
    }

    #[test]
    fn what_is_cleared_or_not_in_both_is_gone() {
        let mut set = of([1, 2, 3, 4095]);
        set.clear(2);
        set.intersect(&of([2, 3, 4095]));
        assert_eq!(listed(&set, 0), [4095, 3]);
        assert!(!set.is_empty() && of([]).is_empty());
        assert_eq!(block_of(4095), 0);
        assert_eq!(block_of(4096), 1);
    }
}
