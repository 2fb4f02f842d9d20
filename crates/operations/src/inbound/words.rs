//! The words by which people say that they want no more messages, or want them again.

/// "No more", in the languages of Flowella's list.
const STOP: [&str; 11] = [
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "alto",
    "arrêter",
    "parar",
    "beenden",
    "停止",
];

/// "Again".
const START: [&str; 2] = ["start", "subscribe"];

/// Returns whether a whole message says "no more" (`true`) or "again" (`false`); case, spaces and
/// punctuation mean nothing.
pub(super) fn wish(text: &str) -> Option<bool> {
    let mut word = String::new();
    for character in text.chars().filter(|it| it.is_alphanumeric()) {
        // The longest word has eleven letters; a long message is none of them.
        if word.len() > 40 {
            return None;
        }
        word.extend(character.to_lowercase());
    }
    if STOP.contains(&word.as_str()) {
        Some(true)
    } else if START.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::wish;

    #[test]
    fn a_whole_message_says_no_more_or_again() {
        for text in [
            "STOP",
            " stop. ",
            "Stop!",
            "UN-SUBSCRIBE",
            "Stop all",
            "Arrêter",
            "停止。",
        ] {
            assert_eq!(wish(text), Some(true), "{text}");
        }
        for text in ["start", "START!", "*Subscribe*"] {
            assert_eq!(wish(text), Some(false), "{text}");
        }
        let long = "stop".repeat(100);
        for text in ["", "Stop by tomorrow", "please stop", "…", "restart", &long] {
            assert_eq!(wish(text), None, "{text}");
        }
    }
}
