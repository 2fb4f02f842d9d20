//! Made-up names and sentences: some words that many have, and many that few have.

use crate::numbers;

/// Draws by lot, the same for the same seed.
pub(super) struct Lots {
    seed: u64,
    drawn: u64,
}

impl Lots {
    pub(super) fn of(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// Returns a number below `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        let salt = self.drawn.wrapping_mul(0x2545_f491_4f6c_dd1d);
        numbers::lot(self.seed ^ salt, bound)
    }

    /// Returns whether it is among so many of a thousand.
    pub(super) fn is_within(&mut self, of_thousand: u64) -> bool {
        self.below(1_000) < of_thousand
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap_or_default()]
    }
}

pub(super) const FIRST_NAMES: [&str; 24] = [
    "Thandi", "Sipho", "Lerato", "Kagiso", "Naledi", "Bongani", "Zanele", "Themba", "Anna",
    "Pieter", "Maria", "Johan", "Fatima", "Yusuf", "Priya", "Arjun", "Ana", "João", "Chloé", "Zoë",
    "Grace", "David", "Wei", "Olga",
];

pub(super) const LAST_NAMES: [&str; 16] = [
    "Nkosi", "Dlamini", "Botha", "Naidoo", "Mokoena", "van Wyk", "Khumalo", "Pillay", "Smith",
    "Zulu", "Adams", "Santos", "Mbeki", "Jacobs", "Singh", "Fourie",
];

const SYLLABLES: [&str; 32] = [
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su",
    "ta", "ve", "wi", "xo", "yu", "za", "bre", "cli", "dro", "fru", "gla", "kne", "pli", "sto",
    "tru", "spa", "che",
];

/// Returns a word that nothing else is likely to be, three syllables for each number below 32,768.
pub(super) fn rare(number: u64) -> String {
    let syllable = |place: u64| {
        let index = number / 32_u64.pow(u32::try_from(place).unwrap_or_default()) % 32;
        SYLLABLES[usize::try_from(index).unwrap_or_default()]
    };
    format!("{}{}{}", syllable(2), syllable(1), syllable(0))
}

/// The words that come most often, the first of them in every third message.
const COMMON: [&str; 12] = [
    "order", "your", "delivery", "thank", "today", "please", "when", "the", "is", "for", "store",
    "price",
];

/// How many words there are besides the common ones.
const VOCABULARY: u64 = 4_096;

/// Returns a word of a message: the first ones come very often, the last ones hardly ever.
fn word(lots: &mut Lots) -> String {
    if lots.is_within(450) {
        return lots.one_of(&COMMON).to_owned();
    }
    // As many of the first ten as of the next hundred, and of the thousands that follow.
    let bound = lots.one_of(&[10, 100, 1_000, VOCABULARY]);
    rare(lots.below(bound) * 8 + 5)
}

/// Returns what a message says.
pub(super) fn sentence(lots: &mut Lots) -> String {
    let count = 4 + lots.below(9);
    let words: Vec<String> = (0..count).map(|_| word(lots)).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Lots, rare, sentence};
    use std::collections::HashSet;

    #[test]
    fn rare_words_differ() {
        let words: HashSet<String> = (0..32_768).map(rare).collect();
        assert!(words.len() > 32_000, "{}", words.len());
    }

    #[test]
    fn the_same_seed_says_the_same() {
        let said = |seed| sentence(&mut Lots::of(seed));
        assert_eq!(said(7), said(7));
        assert_ne!(said(7), said(8));
        let all: Vec<String> = (0..1_000).map(said).collect();
        let with = all.iter().filter(|it| it.contains("order")).count();
        assert!((150..500).contains(&with), "{with}");
    }
}
