//! Phone numbers: what was given, its digits, and the key by which one person is recognised.
//!
//! Nothing is refused for being invalid: the vendors' own example `+15551234567` is. Validity is a
//! property; see [`Phone::plausibility`].

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};
use serde::{Deserialize, Serialize};

/// The most digits a phone number here may have (Flowella takes 32 characters).
pub const MAX_DIGITS: usize = 32;

/// A phone number: 1 to [`MAX_DIGITS`] digits with the country code, and the text it was given as.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone {
    digits: String,
    given: Option<String>,
}

/// Why a text is not a phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// There is no digit in it.
    #[error("has no digits")]
    NoDigits,
    /// There are more than [`MAX_DIGITS`] digits in it.
    #[error("has more than {MAX_DIGITS} digits")]
    TooManyDigits,
    /// There is a character that no phone number is written with.
    #[error("may hold only digits, +, -, ., /, spaces and parentheses")]
    StrangeCharacter,
}

/// How much the numbering plans say for a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plausibility {
    /// A numbering plan hands such numbers out.
    Valid,
    /// The length fits, no more.
    Possible,
    /// No numbering plan has numbers of this length, or there is no such country code.
    Impossible,
}

impl Phone {
    /// Reads a number as people write it; one that begins with a single 0 is national, of `home`.
    pub fn parse(text: &str, home: Country) -> Result<Self, PhoneError> {
        let strange = |c: char| !(c.is_ascii_digit() || c.is_whitespace() || "+-()./".contains(c));
        if text.chars().any(strange) {
            return Err(PhoneError::StrangeCharacter);
        }
        Self::parse_loosely(text, Some(home))
    }

    /// Reads the digits of any text. With a `home`, a number that begins with a single 0 is
    /// national; without one it is kept as it is.
    pub fn parse_loosely(text: &str, home: Option<Country>) -> Result<Self, PhoneError> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_international = text.trim_start().starts_with('+');
        let digits = match (digits.strip_prefix("00"), home) {
            (Some(rest), _) if !is_international => rest.into(),
            (None, Some(home)) if !is_international && digits.starts_with('0') => {
                home.international(&digits)
            }
            _ => digits,
        };
        match digits.len() {
            0 => Err(PhoneError::NoDigits),
            1..=MAX_DIGITS => {
                let given = text.trim();
                let is_plain = given.strip_prefix('+') == Some(digits.as_str());
                Ok(Self {
                    digits,
                    given: (!is_plain).then(|| given.into()),
                })
            }
            _ => Err(PhoneError::TooManyDigits),
        }
    }

    /// Rebuilds a number from what a database kept.
    #[must_use]
    pub fn from_stored(digits: String, given: Option<String>) -> Self {
        Self { digits, given }
    }

    /// Returns the digits, country code first.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Returns `+` and the digits.
    #[must_use]
    pub fn e164(&self) -> String {
        format!("+{}", self.digits)
    }

    /// Returns the number as it was written.
    #[must_use]
    pub fn as_given(&self) -> String {
        self.given.clone().unwrap_or_else(|| self.e164())
    }

    /// Returns the text it was given as, where that is not just `+` and the digits.
    #[must_use]
    pub fn given(&self) -> Option<&str> {
        self.given.as_deref()
    }

    /// Returns the key that all spellings of this person's number share.
    #[must_use]
    pub fn match_key(&self) -> MatchKey {
        MatchKey::of_digits(&self.digits)
    }

    /// Returns what the numbering plans say of it.
    #[must_use]
    pub fn plausibility(&self) -> Plausibility {
        match PHONE_NUMBER_UTIL.parse(self.e164(), None) {
            Ok(number) if number.is_valid() => Plausibility::Valid,
            Ok(number) if PHONE_NUMBER_UTIL.is_possible_number(&number) => Plausibility::Possible,
            Ok(_) | Err(_) => Plausibility::Impossible,
        }
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}", self.digits)
    }
}

/// What one person's number is recognised by, however it is written or answered.
///
/// Brazil with and without the ninth digit, Mexico with and without the 1, Argentina with and
/// without the 9 (or the 15) are one key; for every other number it is the digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatchKey(String);

impl MatchKey {
    /// Returns the key of a number's digits, country code first.
    #[must_use]
    pub fn of_digits(digits: &str) -> Self {
        let key = match digits.get(..2) {
            Some("55") => brazil(digits),
            Some("52") => mexico(digits),
            Some("54") => argentina(digits),
            _ => None,
        };
        Self(key.unwrap_or_else(|| digits.into()))
    }

    /// Returns the key as a database keeps it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// 55, two digits of area, 9, eight digits that begin with 6 to 9: the 9 goes. Landlines begin
/// with 2 to 5 and never had one.
fn brazil(digits: &str) -> Option<String> {
    let (area, number) = (digits.get(2..4)?, digits.get(4..)?);
    let last_eight = number.strip_prefix('9').filter(|rest| rest.len() == 8)?;
    last_eight
        .starts_with(['6', '7', '8', '9'])
        .then(|| format!("55{area}{last_eight}"))
}

/// 52, 1, ten digits: the 1, abolished in 2019, goes.
fn mexico(digits: &str) -> Option<String> {
    let national = digits.strip_prefix("521").filter(|rest| rest.len() == 10)?;
    Some(format!("52{national}"))
}

/// 54, 9, ten digits: the 9 goes. 54, area, 15, the rest, twelve digits in all: the 15 goes.
fn argentina(digits: &str) -> Option<String> {
    if let Some(national) = digits.strip_prefix("549") {
        return (national.len() == 10).then(|| format!("54{national}"));
    }
    if digits.len() != 14 {
        return None;
    }
    // Where the area code ends only the numbering plan knows; it writes the mobile with a 9.
    let number = PHONE_NUMBER_UTIL.parse(format!("+{digits}"), None).ok()?;
    let e164 = number.format_as(PhoneNumberFormat::E164);
    let national = e164.strip_prefix("+549").filter(|rest| rest.len() == 10)?;
    Some(format!("54{national}"))
}

/// A country by its two letters, as far as numbering plans know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(Region);

impl Country {
    /// Returns South Africa, the default as in FlowIQ's documents.
    #[must_use]
    pub fn south_africa() -> Self {
        Self(Region::ZA)
    }

    /// Reads two letters, such as `ZA`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let region: Region = text.to_ascii_uppercase().parse().ok()?;
        PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .map(|_| Self(region))
    }

    /// Returns the two letters.
    #[must_use]
    pub fn code(self) -> String {
        self.0.to_string()
    }

    /// Returns national digits, which begin with 0, as international ones.
    fn international(self, national: &str) -> String {
        let parsed: Option<PhoneNumber> = PHONE_NUMBER_UTIL.parse(national, Some(self.0)).ok();
        match parsed {
            Some(number) => number
                .format_as(PhoneNumberFormat::E164)
                .trim_start_matches('+')
                .into(),
            None => national.into(),
        }
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code()
    }
}

impl TryFrom<String> for Country {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no country's two letters"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Country, Phone, PhoneError, Plausibility};
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn phone(text: &str) -> Phone {
        Phone::parse(text, Country::south_africa()).unwrap()
    }

    #[test]
    fn one_person_has_one_key_however_spelled() {
        let people: &[&[&str]] = &[
            &[
                "+27 82 111 2233",
                "27821112233",
                "082 111 2233",
                "0027821112233",
                "+27(82)111-2233",
            ],
            &["+5541996910256", "554196910256"],
            &["+5511987654321", "551187654321"],
            &["+526693280415", "5216693280415"],
            &["+5491123456789", "541123456789", "+54 11 15 2345 6789"],
            &["+5492214567890", "542214567890", "54 221 15 456 7890"],
        ];
        for spellings in people {
            let key = phone(spellings[0]).match_key();
            for spelling in *spellings {
                assert_eq!(phone(spelling).match_key(), key, "{spelling}");
            }
        }
    }

    #[test]
    fn different_people_have_different_keys() {
        for (one, other) in [
            ("+551133334444", "+5511933334444"), // a landline never had the ninth digit
            ("+5541996910256", "+5521996910256"), // another area
            ("+5213312345", "+523312345"),       // too short for the Mexican rule
            ("+551234567890123", "+55134567890123"),
        ] {
            assert_ne!(
                phone(one).match_key(),
                phone(other).match_key(),
                "{one} {other}"
            );
        }
    }

    #[test]
    fn what_was_given_is_kept() {
        let spelled = phone(" +27 82 111 2233 ");
        assert_eq!(spelled.as_given(), "+27 82 111 2233");
        assert_eq!(spelled.e164(), "+27821112233");
        assert_eq!(phone("+27821112233").given(), None);
        assert_eq!(phone("27821112233").as_given(), "27821112233");
    }

    #[test]
    fn national_numbers_take_the_home_country() {
        assert_eq!(phone("082 111 2233").digits(), "27821112233");
        let italy = Country::parse("it").unwrap();
        assert_eq!(
            Phone::parse("06 1234 5678", italy).unwrap().digits(),
            "390612345678"
        );
        assert_eq!(
            Phone::parse_loosely("0821112233", None).unwrap().digits(),
            "0821112233"
        );
    }

    #[test]
    fn what_is_no_number_says_why() {
        let read = |text| Phone::parse(text, Country::south_africa()).unwrap_err();
        assert_eq!(read("abc"), PhoneError::StrangeCharacter);
        assert_eq!(read("+27x82"), PhoneError::StrangeCharacter);
        assert_eq!(read(" +- "), PhoneError::NoDigits);
        assert_eq!(read(&"1".repeat(33)), PhoneError::TooManyDigits);
    }

    #[test]
    fn plausibility_is_a_property() {
        assert_eq!(phone("+27821112233").plausibility(), Plausibility::Valid);
        assert_eq!(phone("+15551234567").plausibility(), Plausibility::Possible);
        assert_eq!(phone("+2712").plausibility(), Plausibility::Impossible);
    }

    #[test]
    fn a_country_is_two_letters_that_exist() {
        assert_eq!(Country::parse("br").unwrap().code(), "BR");
        assert_eq!(Country::parse("XX"), None);
        assert_eq!(Country::parse("Brazil"), None);
        assert_eq!(Country::parse("ß"), None);
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_keys_are_digits(text in "\\PC*") {
            if let Ok(phone) = Phone::parse_loosely(&text, Some(Country::south_africa())) {
                let key = phone.match_key();
                prop_assert!(key.as_str().bytes().all(|byte| byte.is_ascii_digit()));
            }
        }

        #[test]
        fn a_key_is_its_own_key(digits in "(52|54|55)[0-9]{8,13}") {
            let key = Phone::parse_loosely(&digits, None).unwrap().match_key();
            let again = Phone::parse_loosely(key.as_str(), None).unwrap().match_key();
            prop_assert_eq!(again, key);
        }
    }
}
