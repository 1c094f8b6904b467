//! Who says a quotation, where the text names them next to a verb of speech.

use super::abbreviation::{self, Abbreviation};
use super::chars::{fold, head, is_accent, lists, may_end_sentence, tail};
use super::date::is_calendar_word;
use super::starter;
use crate::Span;

/// The speaker of the quotation that stands at `quote` of `text`, marks included.
///
/// Only names next to a verb of speech count: `…,” said Awa Ndiaye`, `…” Awa Ndiaye said`,
/// `… », a déclaré Awa Ndiaye`, `Awa Ndiaye said: “…`. Titles are left out of the name. Anything
/// less certain gives `None`.
pub(super) fn speaker(text: &str, quote: Span) -> Option<String> {
    let inside =
        text[quote.range()].trim_end_matches(|c: char| c != '.' && may_end_sentence(c) || c.is_whitespace());
    after(&text[quote.end()..], inside.ends_with('.')).or_else(|| before(&text[..quote.start()]))
}

/// Verbs that take a name as their subject on either side. Folded.
const VERBS: &str = "\
    added admitted affirme ajoute annonce announced argued asked assure claimed commente commented \
    concluded conclut confie declare declared dit ecrit estime explained explique indique insisted \
    insiste lance noted posted precise rappelle recalled repond replied said says souligne stated \
    tweeted warned writes wrote";

/// French participles, which stand after `a`. Folded.
const PARTICIPLES: &str = "\
    affirme ajoute annonce assure averti commente conclu confie declare dit ecrit estime explique \
    indique insiste lance martele precise rappele repondu souligne tweete";

/// Titles written in full, folded; abbreviated ones are known as abbreviations.
const TITLES: &str = "\
    capitaine captain colonel commandant commissaire docteur doctor general lieutenant madame major \
    minister ministre monsieur president presidente professeur professor senator sir";

/// Lower-case parts of names.
const PARTICLES: &str = "\
    al ben bin da de del der des di du el la le van von";

/// Bytes that are looked at on each side of a quotation.
const MAX_CONTEXT: usize = 200;

/// Words that are looked at on each side of a quotation.
const MAX_WORDS: usize = 10;

/// The speaker that `text` begins with; where the quotation ended a sentence, a name begins the next.
fn after(text: &str, is_new_sentence: bool) -> Option<String> {
    let text = head(text, MAX_CONTEXT).trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    let words: Vec<&str> = text.split_whitespace().take(MAX_WORDS).collect();
    if let Some(verb) = verb_len(&words) {
        return name(&words[verb..], 1).map(|(name, _)| name);
    }
    let (name, used) = name(&words, 2).filter(|_| !is_new_sentence)?;
    verb_len(&words[used..]).map(|_| name)
}

fn before(text: &str) -> Option<String> {
    let text = tail(text, MAX_CONTEXT).trim_end();
    let text = text.strip_suffix([',', ':'])?.trim_end();
    let mut words: Vec<&str> = text
        .rsplit(char::is_whitespace)
        .filter(|w| !w.is_empty())
        .take(MAX_WORDS)
        .collect();
    words.reverse();
    // The longest name whose verb ends right before the quotation.
    (0..words.len()).find_map(|start| {
        let (name, used) = name(&words[start..], 2)?;
        let rest = &words[start + used..];
        (verb_len(rest)? == rest.len()).then_some(name)
    })
}

/// How many words at the start of `words` are a verb of speech.
fn verb_len(words: &[&str]) -> Option<usize> {
    let is_in = |list: &str, word: &str| {
        lists(
            list,
            &fold(word.trim_end_matches(|c: char| c.is_ascii_punctuation())),
        )
    };
    match words {
        ["a", participle, ..] if is_in(PARTICIPLES, participle) => Some(2),
        [verb, ..] if is_in(VERBS, verb) => Some(1),
        _ => None,
    }
}

/// The name of at least `min` words at the start of `words`, and how many words it takes with its titles.
fn name(words: &[&str], min: usize) -> Option<(String, usize)> {
    let titles = words.iter().take_while(|word| is_title(word)).count();
    let mut parts: Vec<&str> = Vec::new();
    for word in &words[titles..] {
        let part = word.trim_end_matches(|c: char| !c.is_alphanumeric() && !is_accent(c));
        let is_particle = !parts.is_empty() && lists(PARTICLES, part);
        if !is_particle && !is_name_word(part) {
            break;
        }
        parts.push(part);
        if part.len() < word.len() {
            break;
        }
    }
    while parts.last().is_some_and(|part| lists(PARTICLES, part)) {
        parts.pop();
    }
    let (first, last) = (parts.first()?, parts.last()?);
    if last.ends_with("’s") || last.ends_with("'s") {
        return None;
    }
    let is_name = parts.len() >= min && !starter::starts_sentence(first) && !is_calendar_word(first);
    is_name.then(|| (parts.join(" "), titles + parts.len()))
}

fn is_title(word: &str) -> bool {
    let bare = word.trim_end_matches('.');
    lists(TITLES, &fold(bare))
        || (bare.starts_with(char::is_uppercase)
            && abbreviation::abbreviation(bare) == Some(Abbreviation::Introduces))
}

fn is_name_word(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
        && word
            .chars()
            .all(|c| c.is_alphabetic() || is_accent(c) || matches!(c, '-' | '’' | '\''))
}

/// Whether `text` is the name of a person, or several joined by `and` or `et`, and nothing else.
pub(super) fn is_person(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(MAX_WORDS + 1).collect();
    words.len() <= MAX_WORDS
        && words
            .split(|word| matches!(*word, "and" | "et" | "&"))
            .all(|person| name(person, 2).is_some_and(|(_, used)| used == person.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expects the speaker of the only quotation of `text`, which is between `“` and `”`.
    fn check(text: &str, expected: Option<&str>) {
        let (start, end) = (text.find('“').unwrap(), text.rfind('”').unwrap() + '”'.len_utf8());
        assert_eq!(
            speaker(text, Span::new(start, end)).as_deref(),
            expected,
            "{text:?}"
        );
    }

    #[test]
    fn a_name_next_to_a_verb_of_speech_speaks() {
        check("“It rains,” said Awa Sow, the mayor.", Some("Awa Sow"));
        check("“It rains,” said Awa.", Some("Awa"));
        check("“It rains,” Awa Sow said.", Some("Awa Sow"));
        check(
            "“Il pleut”, a déclaré Jean-Pierre de la Tour.",
            Some("Jean-Pierre de la Tour"),
        );
        check("“Il pleut”, explique Élise Ka.", Some("Élise Ka"));
        check("Awa Sow said: “It rains.”", Some("Awa Sow"));
        check("Hier, Awa Sow a affirmé : “Il pleut.”", Some("Awa Sow"));
    }

    #[test]
    fn titles_are_left_out() {
        check("“It rains,” said Dr. Awa Sow.", Some("Awa Sow"));
        check("“Il pleut”, a dit Mme Awa Sow.", Some("Awa Sow"));
        check("Colonel Awa Sow wrote, “It rains.”", Some("Awa Sow"));
    }

    #[test]
    fn anything_less_certain_is_none() {
        check("“It rains,” she said.", None);
        check("“It rains,” said the mayor.", None);
        check("“It rains,” said The Herald.", None);
        check("“It rains.” Officials said nothing.", None);
        check("Officials said: “It rains.”", None);
        check("“It rains,” said Monday’s paper.", None);
        check("Awa Sow called the road “closed.”", None);
        check("“It rains.” Awa Sow wrote a book.", None);
        check("“It rains,” said Awa Sow’s brother.", None);
        check("“It rains”", None);
    }

    #[test]
    fn people_are_told_from_other_words() {
        for name in ["Awa Sow", "Dr. Awa Sow", "Awa Sow and Ali Ka", "Awa N’Diaye"] {
            assert!(is_person(name), "{name:?}");
        }
        for other in [
            "",
            "Awa",
            "the river",
            "The River",
            "Awa Sow and",
            "Awa Sow of Dakar",
        ] {
            assert!(!is_person(other), "{other:?}");
        }
    }
}
