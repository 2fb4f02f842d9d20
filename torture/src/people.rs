//! People: their numbers, and the ways in which these are written.

use domain::MatchKey;

use crate::dice::Dice;

/// A person, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Person(pub(crate) u64);

impl Person {
    /// Returns the digits of the number as it is dialled. None ends in 0, as nobody at all answers
    /// some of those in the simulator.
    pub(crate) fn digits(self) -> String {
        let (count, last) = (self.0 % 1_000_000, 1 + self.0 % 9);
        if self.is_brazilian() {
            format!("554199{count:06}{last}")
        } else {
            format!("2782{count:06}{last}")
        }
    }

    /// Returns the number in one of its spellings.
    pub(crate) fn spelled(self, dice: &mut Dice) -> String {
        let digits = self.digits();
        let digits = match digits.strip_prefix("55419") {
            // As WhatsApp calls it, without the ninth digit.
            Some(rest) if self.is_brazilian() && dice.percent(50) => format!("5541{rest}"),
            _ => digits,
        };
        let plus = if dice.percent(50) { "+" } else { "" };
        format!("{plus}{digits}")
    }

    /// Returns what all spellings have in common.
    pub(crate) fn key(self) -> MatchKey {
        MatchKey::of_digits(&self.digits())
    }

    /// WhatsApp calls some of these otherwise than they are dialled.
    fn is_brazilian(self) -> bool {
        self.0.is_multiple_of(5)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::MatchKey;

    use super::Person;
    use crate::dice::Dice;

    #[test]
    fn a_person_is_one_in_every_spelling_and_nobody_else() {
        let mut dice = Dice::new(1);
        let mut keys = HashSet::new();
        for person in (0..2_000).map(Person) {
            assert!(keys.insert(person.key()));
            for _ in 0..8 {
                let spelled = person.spelled(&mut dice);
                let digits = spelled.trim_start_matches('+');
                assert_eq!(MatchKey::of_digits(digits), person.key());
            }
        }
    }
}
