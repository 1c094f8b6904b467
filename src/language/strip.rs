//! What a detector gets to see of a text: its words.

use unicode_normalization::UnicodeNormalization;

/// The words of a text as they are written, joined by single spaces: no links, e-mail addresses,
/// handles, numbers, emoji or punctuation. A hashtag gives its words (`#TrainDeNuit`: `Train De Nuit`).
///
/// Only detectors see the result; offsets never come from it.
pub(super) fn strip(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for token in text.split_whitespace() {
        push_words(token, &mut words);
    }
    words.truncate(words.trim_end().len());
    words
}

/// Adds the words of one white-space separated token, each with a space behind it.
pub(super) fn push_words(token: &str, words: &mut String) {
    let token = before_handle(token);
    if is_address(token) || starts_with_number(token) || token == "RT" {
        return;
    }
    let hashtag = token.trim_start_matches(is_opening).starts_with(['#', '＃']);
    let start = words.len();
    let mut previous = ' ';
    // Compatibility composition also turns the mathematical letters with which posts imitate bold
    // type into plain ones.
    for character in token.nfkc() {
        let character = if is_apostrophe(character) { '\'' } else { character };
        if hashtag && previous.is_lowercase() && character.is_uppercase() {
            words.push(' ');
        }
        previous = character;
        if character.is_alphabetic() || character == '\'' || is_mark(character) {
            words.push(character);
        } else if words.len() > start && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    if !words[start..].contains(char::is_alphabetic) {
        words.truncate(start);
    } else if !words.ends_with(' ') {
        words.push(' ');
    }
}

/// The token up to a handle in it: `merci,@ana` gives `merci,`; an e-mail address stays whole.
fn before_handle(token: &str) -> &str {
    let handle = token.char_indices().find(|&(at, character)| {
        matches!(character, '@' | '＠') && !token[..at].ends_with(|before: char| before.is_alphanumeric())
    });
    handle.map_or(token, |(at, _)| &token[..at])
}

/// Whether a token is a link or an e-mail address.
fn is_address(token: &str) -> bool {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let domain = |name: &str| {
        name.rsplit_once('.').is_some_and(|(host, top)| {
            !host.is_empty() && top.chars().all(|c| c.is_ascii_lowercase()) && top.len() >= 2
        })
    };
    if token.contains("://") || starts_with_ignoring_case(token, "www.") {
        return true;
    }
    if let Some((user, host)) = token.split_once(['@', '＠']) {
        return !user.is_empty() && domain(host);
    }
    match token.split_once('/') {
        Some((host, _)) => domain(host),
        None => TOP_LEVEL
            .iter()
            .any(|top| token.len() > top.len() && token.ends_with(top)),
    }
}

/// Endings by which a bare host name is told from a missing space after a full stop.
const TOP_LEVEL: [&str; 7] = [".com", ".org", ".net", ".info", ".gov", ".edu", ".int"];

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn starts_with_number(token: &str) -> bool {
    token.trim_start_matches(is_opening).starts_with(char::is_numeric)
}

fn is_opening(character: char) -> bool {
    !character.is_alphanumeric() && !matches!(character, '#' | '＃' | '@' | '＠')
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’' | 'ʼ' | '＇')
}

/// Combining marks that no composition removes: Arabic vowels, Indic signs.
fn is_mark(character: char) -> bool {
    unicode_normalization::char::is_combining_mark(character)
        && !matches!(character, '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}')
}

#[cfg(test)]
mod tests {
    use super::strip;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, words: &str) {
        assert_eq!(strip(text), words, "words of {text:?}");
    }

    #[test]
    fn keeps_words_and_their_case() {
        check("Le pont, dit-elle, est «ouvert».", "Le pont dit elle est ouvert");
        check("  l’école\tn'est   pas finie…  ", "l'école n'est pas finie");
        check("e\u{301}cole", "école");
    }

    #[test]
    fn leaves_out_links_addresses_and_handles() {
        check("voir https://exemple.test/a?b=c ici", "voir ici");
        check("pic.twitter.com/aBc12 and t.co/xy (www.test.example)", "and");
        check("écrire à lina@rive.example, merci", "écrire à merci");
        check("@lina_r merci,@bob et .@rive (@rive)", "merci et");
        check("RT @lina: bonjour", "bonjour");
        check("lire rive.com demain", "lire demain");
    }

    #[test]
    fn a_missing_space_is_not_a_host_name() {
        check("fini.Le pont et/ou la route", "fini Le pont et ou la route");
    }

    #[test]
    fn keeps_the_words_of_hashtags() {
        check(
            "#TrainDeNuit #éducation #SOS (#Lac)",
            "Train De Nuit éducation SOS Lac",
        );
        check("#2024Objectif", "Objectif");
    }

    #[test]
    fn leaves_out_numbers_and_symbols() {
        check("7 500 francs, 21h30, 3.5% !", "francs");
        check("🎉🇲🇱 2️⃣ 👩🏽‍🚒 — …", "");
        check("COVID-19 is", "COVID is");
        check("' ’ - @ #", "");
    }

    #[test]
    fn reads_imitated_bold_type() {
        check("𝗕𝗼𝗻𝗷𝗼𝘂𝗿 à tous", "Bonjour à tous");
    }

    #[test]
    fn keeps_other_scripts() {
        check("مرحبا بكم! 你好。", "مرحبا بكم 你好");
    }

    proptest! {
        #[test]
        fn gives_letters_and_single_spaces(text in "\\PC{0,60}") {
            let words = strip(&text);
            prop_assert!(!words.contains("  ") && words.trim() == words, "{words:?}");
            prop_assert!(!words.contains(|c: char| c.is_ascii_digit() || c == '@' || c == '#'));
        }
    }
}
