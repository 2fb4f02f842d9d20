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

/// Returns whether a message says "no more" (`true`) or "again" (`false`), by all of it or by its
/// first word, as Flowella has it; case, spaces and punctuation mean nothing.
pub(super) fn wish(text: &str) -> Option<bool> {
    let first = text.split_whitespace().next().unwrap_or_default();
    of_word(text).or_else(|| of_word(first))
}

fn of_word(text: &str) -> Option<bool> {
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
    fn a_message_says_no_more_or_again_by_all_of_it_or_its_first_word() {
        for text in [
            "STOP",
            " stop. ",
            "Stop!",
            "UN-SUBSCRIBE",
            "Stop all",
            "STOP, please",
            "Cancel\nmy messages",
            "Arrêter",
            "停止。",
        ] {
            assert_eq!(wish(text), Some(true), "{text}");
        }
        for text in ["start", "START!", "*Subscribe*", "Start again"] {
            assert_eq!(wish(text), Some(false), "{text}");
        }
        let long = "stop".repeat(100);
        for text in ["", "please stop", "…", "restart", "stopping by", &long] {
            assert_eq!(wish(text), None, "{text}");
        }
    }
}
