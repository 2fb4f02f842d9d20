//! What Meta's errors mean, in words for whoever runs the business, and what to do about them.

use std::ops::RangeInclusive;

const WORDS: &[(RangeInclusive<i64>, &str)] = &[
    (
        0..=0,
        "Meta does not accept the access token. Give the channel a new one.",
    ),
    (1..=2, "Meta had trouble of its own. It is tried again."),
    (
        3..=3,
        "The app lacks a capability or permission. Check it in the app dashboard.",
    ),
    (
        4..=4,
        "The app asked Meta too often. It is tried again, more slowly.",
    ),
    (
        10..=10,
        "The app's permission was not granted or was removed. Grant whatsapp_business_messaging.",
    ),
    (
        33..=33,
        "Meta does not know this phone number id any more. Connect the number again.",
    ),
    (
        100..=100,
        "Meta does not understand part of the message; the details say which.",
    ),
    (
        104..=104,
        "The access token is missing. Give the channel one.",
    ),
    (
        190..=190,
        "The access token has expired. Give the channel a new one.",
    ),
    (
        200..=299,
        "The app may not do this. Check its permissions in the app dashboard.",
    ),
    (
        368..=368,
        "Meta blocked the account for a time for policy violations. See WhatsApp Manager.",
    ),
    (
        613..=613,
        "Meta was asked too often. It is tried again, more slowly.",
    ),
    (
        80007..=80008,
        "The business account asked Meta too often. It is tried again, more slowly.",
    ),
    (
        130_403..=130_403,
        "The business has blocked this person. Unblock them first.",
    ),
    (
        130_429..=130_429,
        "The number sent faster than Meta allows. It is tried again, more slowly.",
    ),
    (
        130_472..=130_472,
        "Meta keeps marketing from this person for an experiment. It will not be delivered.",
    ),
    (
        130_497..=130_497,
        "Meta does not let this business write to people in that country.",
    ),
    (
        131_000..=131_000,
        "Meta had trouble of its own. It is tried again a few times.",
    ),
    (
        131_005..=131_005,
        "The access token may not do this. Check its permissions.",
    ),
    (
        131_008..=131_008,
        "Something that is required is missing; the details say what.",
    ),
    (
        131_009..=131_009,
        "A value is not valid; the details say which.",
    ),
    (
        131_016..=131_016,
        "Meta's service was not available. It is tried again.",
    ),
    (
        131_021..=131_021,
        "The message was addressed to the number it comes from.",
    ),
    (
        131_026..=131_026,
        "The person is not on WhatsApp, has an old version, has not accepted its terms, or has \
         blocked the business: Meta does not say which.",
    ),
    (
        131_030..=131_030,
        "A test number may write to numbers on its list only. Add the recipient to the list.",
    ),
    (
        131_031..=131_031,
        "Meta locked the account. See WhatsApp Manager.",
    ),
    (
        131_037..=131_037,
        "The number's display name is not approved yet.",
    ),
    (
        131_042..=131_042,
        "Something is wrong with the payment method. See WhatsApp Manager.",
    ),
    (
        131_045..=131_045,
        "The number's certificate is wrong. Register the number again.",
    ),
    (
        131_047..=131_047,
        "The person last wrote more than 24 hours ago. Only a template may be sent.",
    ),
    (
        131_048..=131_048,
        "Too many people blocked or reported the number. Send less, and see its quality.",
    ),
    (
        131_049..=131_049,
        "Meta chose not to deliver it: the person gets enough marketing. Wait a day at least.",
    ),
    (
        131_050..=131_050,
        "The person wants no marketing from this business.",
    ),
    (
        131_051..=131_051,
        "Meta does not take this kind of message.",
    ),
    (
        131_052..=131_052,
        "A file that came in could not be had. Ask the person to send it again.",
    ),
    (
        131_053..=131_053,
        "The file could not be used: check its address, its type and its size.",
    ),
    (
        131_056..=131_056,
        "The person was written to too often in a short time. It is tried again later.",
    ),
    (
        131_057..=131_057,
        "Meta is working on the number, such as an upgrade. It is tried again.",
    ),
    (
        131_062..=131_062,
        "This kind of message needs a phone number; a user id will not do.",
    ),
    (
        132_000..=132_000,
        "The template has another number of parameters.",
    ),
    (
        132_001..=132_001,
        "There is no approved template of this name in this language.",
    ),
    (
        132_005..=132_005,
        "The template is too long with these parameters.",
    ),
    (
        132_007..=132_007,
        "The template's text goes against Meta's policy.",
    ),
    (
        132_008..=132_012,
        "A parameter of the template has the wrong form; the details say which.",
    ),
    (
        132_015..=132_015,
        "Meta paused the template for its low quality. Wait, or use another.",
    ),
    (
        132_016..=132_016,
        "Meta disabled the template for its low quality. Use another.",
    ),
    (
        132_018..=132_018,
        "A parameter of the template is not valid; the details say which.",
    ),
    (
        132_068..=132_069,
        "The flow is blocked or slowed down. See WhatsApp Manager.",
    ),
    (
        133_010..=133_010,
        "The number is not registered with the Cloud API. Register it.",
    ),
    (
        135_000..=135_000,
        "Meta does not say what is wrong with the message.",
    ),
    (
        137_000..=137_000,
        "The person has another phone by now, and the message was for the old one only.",
    ),
];

/// Returns what an error of Meta's means and what to do about it, where that is known.
#[must_use]
pub fn plain_words(code: i64) -> Option<&'static str> {
    let found = WORDS.iter().find(|(codes, _)| codes.contains(&code));
    found.map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::{WORDS, plain_words};

    #[test]
    fn every_error_is_explained_once() {
        for pair in WORDS.windows(2) {
            assert!(pair[0].0.end() < pair[1].0.start(), "{:?}", pair[1].0);
        }
        assert!(plain_words(131_047).unwrap().contains("24 hours"));
        assert_eq!(plain_words(7), None);
    }
}
