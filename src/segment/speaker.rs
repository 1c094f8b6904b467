//! Who says a quotation, where the text names them next to a verb of speech.

use super::abbreviation::{self, Abbreviation};
use super::chars::{fold, head, is_accent, is_dash, lists, may_end_sentence, tail};
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
    after(&text[quote.end()..], inside.ends_with('.'))
        .or_else(|| before(&text[..quote.start()]))
        .or_else(|| going_on(&text[..quote.start()]))
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

/// Verbs that take the quotation as what they say of something: `called the plan “late”`. Folded.
const CALLING: &str = "called calls described describes labelled qualifie";

/// Titles written in full, folded; abbreviated ones are known as abbreviations.
const TITLES: &str = "\
    capitaine captain colonel commandant commissaire docteur doctor general governor lieutenant madame maire major mayor \
    minister ministre monsieur president presidente professeur professor senator sir";

/// Lower-case parts of names.
const PARTICLES: &str = "\
    al ben bin da de del der des di du el la le van von";

/// Bytes that are looked at on each side of a quotation.
const MAX_CONTEXT: usize = 260;

/// Words that are looked at behind a quotation, and before it.
const MAX_WORDS: usize = 10;
const MAX_BEFORE: usize = 36;

/// Words of an apposition, or between a verb of speech and the quotation, at most.
const MAX_APPOSITION: usize = 8;

/// The speaker that `text` begins with; where the quotation ended a sentence, a name begins the next.
fn after(text: &str, is_new_sentence: bool) -> Option<String> {
    let text = head(text, MAX_CONTEXT).trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    let words: Vec<&str> = text.split_whitespace().take(MAX_WORDS).collect();
    if let Some(name) = attribution(&words) {
        return Some(name);
    }
    if let Some(verb) = verb_len(&words) {
        let named = name(&words[verb..], 1).map(|(name, _)| name);
        return named.or_else(|| apposed(&words[verb..]));
    }
    // `the director, Awa Sow, said`
    let office = words
        .first()
        .is_some_and(|word| matches!(*word, "the" | "its" | "le" | "la"));
    let start = words
        .iter()
        .position(|word| office && word.ends_with(','))
        .map_or(0, |at| at + 1);
    let (name, used) = name(&words[start..], 2).filter(|_| !is_new_sentence)?;
    let rest = &words[start + used..];
    let speaks = verb_len(rest).is_some() || rest.first() == Some(&"told");
    speaks.then_some(name)
}

/// The name behind an office: `said the mayor, Awa Sow`.
fn apposed(words: &[&str]) -> Option<String> {
    let first = words.first()?;
    let is_office = matches!(
        *first,
        "the" | "its" | "their" | "his" | "her" | "a" | "an" | "le" | "la" | "son" | "sa" | "un" | "une"
    ) || first.starts_with("l’")
        || first.starts_with("l'");
    let end = words
        .iter()
        .take(MAX_APPOSITION)
        .position(|word| word.ends_with(','))?;
    let (name, _) = name(&words[end + 1..], 2).filter(|_| is_office)?;
    Some(name)
}

/// The name behind a dash that is all, or goes on with what the person is: `— Awa Sow, 26, baker`.
fn attribution(words: &[&str]) -> Option<String> {
    let (dash, rest) = words.split_first()?;
    let (name, used) = name(rest, 2).filter(|_| dash.chars().all(is_dash))?;
    (used == rest.len() || rest[used - 1].ends_with(',')).then_some(name)
}

fn before(text: &str) -> Option<String> {
    let text = tail(text, MAX_CONTEXT).trim_end();
    let is_led_in = text.ends_with(':');
    let is_set_off = is_led_in || text.ends_with(',');
    let text = text.trim_end_matches([',', ':']).trim_end();
    let mut words: Vec<&str> = text
        .rsplit(char::is_whitespace)
        .filter(|w| !w.is_empty())
        .take(MAX_BEFORE)
        .collect();
    words.reverse();
    // The longest name whose words of speech end right before the quotation.
    (0..words.len()).find_map(|start| {
        let (name, used) = name(&words[start..], 2)?;
        let rest = &words[start + used..];
        let (ahead, last) = (&words[..start], words[start + used - 1]);
        if !rest.is_empty() && belongs_to_another(ahead) {
            return None;
        }
        let speaks = if rest.is_empty() {
            is_set_off && is_source(ahead)
        } else {
            let rest = behind_apposition(last, rest);
            leads_to_quotation(rest, is_set_off)
                || (is_led_in && is_apposed(ahead, last) && !rest.iter().any(|word| ends_clause(word)))
        };
        speaks.then_some(name)
    })
}

/// Whether the name behind these words only says more of who speaks: `The lawyer for`, `The man accused of killing`, `Police who
/// arrested`.
fn belongs_to_another(ahead: &[&str]) -> bool {
    let Some(last) = ahead.last() else {
        return false;
    };
    let folded = fold(last);
    // A title between is no name's head: `The wife of President …`.
    if is_title(last) {
        return belongs_to_another(&ahead[..ahead.len() - 1]);
    }
    let clause = ahead
        .iter()
        .rev()
        .take_while(|word| !ends_clause(word) && !word.ends_with(','));
    let relative = clause
        .clone()
        .any(|word| matches!(*word, "who" | "which" | "whose" | "qui" | "dont"));
    let by = lists(
        "about against by for of on over to with and behind avec contre de du par pour sur",
        &folded,
    ) && !matches!(ahead, [.., according, "to"] if fold(according) == "according");
    let does = folded.ends_with("ing") && clause.count() > 1;
    by || relative || does
}

/// Whether words end with what names a source: `According to`, `Selon`, `D’après`.
fn is_source(words: &[&str]) -> bool {
    let fold = |word: &str| fold(word).replace('’', "'");
    match words {
        [.., according, to] if *to == "to" => fold(according) == "according",
        [.., source] => matches!(fold(source).as_str(), "selon" | "d'apres"),
        [] => false,
    }
}

/// Whether a name ending with `last` is set off from the office before it: `The mayor, Awa Sow, …`.
fn is_apposed(ahead: &[&str], last: &str) -> bool {
    last.ends_with(',') && ahead.last().is_some_and(|word| word.ends_with(','))
}

/// The words behind an apposition or origin: behind `, the director,`, behind `of the University`.
fn behind_apposition<'w, 't>(last: &str, words: &'w [&'t str]) -> &'w [&'t str] {
    let most = words.len().min(MAX_APPOSITION);
    let end = if last.ends_with(',') {
        words[..most]
            .iter()
            .position(|word| word.ends_with(','))
            .map(|at| at + 1)
    } else if matches!(words[0], "of" | "from" | "de" | "du") {
        (1..most).find(|&at| verb_len(&words[at..]).is_some() || is_calling(words[at]))
    } else {
        None
    };
    if verb_len(words).is_some() {
        words
    } else {
        &words[end.unwrap_or(0)..]
    }
}

/// Whether words of speech fill `words`, up to where the quotation begins.
fn leads_to_quotation(words: &[&str], is_set_off: bool) -> bool {
    let few = words.len() <= MAX_APPOSITION && !words.iter().rev().skip(1).any(|word| ends_clause(word));
    let ends_with_that = words.last().is_some_and(|word| matches!(*word, "that" | "que"));
    match words {
        [] => false,
        [first, ..] if is_calling(first) => few,
        ["told", ..] => few && (is_set_off || ends_with_that),
        _ => verb_len(words).is_some_and(|verb| {
            let medium = words
                .get(verb)
                .is_some_and(|word| matches!(*word, "on" | "in" | "sur" | "dans"));
            is_set_off && (verb == words.len() || medium && few) || ends_with_that && words.len() == verb + 1
        }),
    }
}

fn is_calling(word: &str) -> bool {
    lists(CALLING, word)
}

fn ends_clause(word: &str) -> bool {
    word.ends_with(['.', '!', '?', ';', '…', '”', '»'])
}

/// The speaker of the quotation that ends before, where only the words that name them are between:
/// `“…,” said Awa Ndiaye, “…”`, `“…,” Awa Ndiaye said. “…”`.
fn going_on(text: &str) -> Option<String> {
    let text = tail(text, MAX_CONTEXT);
    let close = text.rfind(['”', '»'])?;
    let between = text[close..].trim_start_matches(['”', '»']);
    let is_new_sentence = text[..close].ends_with('.');
    let is_short = between.split_whitespace().count() <= MAX_WORDS;
    let stops = between.trim_end().matches(['.', '?', '!', ';', ':']).count();
    let is_whole = between.trim_end().ends_with([',', '.', ':', ';']);
    (is_short && is_whole && stops <= 1).then(|| after(between, is_new_sentence))?
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
        if is_initials(word) {
            parts.push(word);
            continue;
        }
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
    let used = titles + parts.len();
    // An office before the name: `Interior Minister Awa Sow`.
    if let Some(title) = parts.iter().rposition(|part| is_title(part)) {
        parts.drain(..=title);
    }
    let (first, last) = (parts.first()?, parts.last()?);
    if last.ends_with("’s") || last.ends_with("'s") {
        return None;
    }
    let is_name = parts.len() >= min && !starter::starts_sentence(first) && !is_calendar_word(first);
    is_name.then(|| (parts.join(" "), used))
}

/// The initials of a compound first name: `J.-P.`.
fn is_initials(word: &str) -> bool {
    let is_initial = |part: &str| {
        let mut letters = part.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.as_str() == "."
    };
    word.contains('-') && word.split('-').all(is_initial)
}

pub(super) fn is_title(word: &str) -> bool {
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
    fn words_of_speech_may_stand_away_from_the_name() {
        let awa = Some("Awa Sow");
        check(
            "Dr. Awa Sow of the University of Thiès called the plan “late but good.”",
            awa,
        );
        check("According to Awa Sow, “it rains.”", awa);
        check("Selon Awa Sow, “il pleut”.", awa);
        check("Awa Sow told reporters that “it rains” in May.", awa);
        check("Awa Sow, the director, wrote on Facebook: “It rains.”", awa);
        check("“It rains,” the director, Awa Sow, said on Monday.", awa);
        check(
            "The mayor of Podor, Awa Sow, thanked the drivers, but she asked for patience: “The road is closed.”",
            awa,
        );
    }

    #[test]
    fn an_office_may_stand_before_the_name() {
        for text in [
            "“It rains,” said the mayor, Awa Sow.",
            "“It rains,” said its director, Dr Awa Sow.",
            "“It rains,” said Mayor Awa Sow.",
            "“It rains,” Interior Minister Awa Sow told reporters.",
            "“Il pleut”, a déclaré la mairesse, Awa Sow.",
        ] {
            check(text, Some("Awa Sow"));
        }
        check("“It rains,” said J.-P. Sow.", Some("J.-P. Sow"));
        check("“It rains,” said the mayor, who left.", None);
    }

    #[test]
    fn a_name_that_belongs_to_another_does_not_speak() {
        for text in [
            "The man accused of killing Awa Sow said: “It rains.”",
            "The lawyer for Awa Sow said: “It rains.”",
            "The mother of Awa Sow said: “It rains.”",
            "The judge who jailed Awa Sow said: “It rains.”",
            "Police who arrested Awa Sow said: “It rains.”",
            "The wife of President Awa Sow told reporters: “It rains.”",
            "The post, shared by Awa Sow, says: “It rains.”",
            "L'avocat de Awa Sow a déclaré : “Il pleut.”",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_speaker_goes_on_speaking() {
        let text = "“The road,” said Awa Sow, “is closed.”";
        let second = text.rfind('“').unwrap();
        assert_eq!(
            speaker(text, Span::new(second, text.len())).as_deref(),
            Some("Awa Sow")
        );
        let text = "“It rains,” said Awa Sow. “The road is closed.”";
        let second = text.rfind('“').unwrap();
        assert_eq!(
            speaker(text, Span::new(second, text.len())).as_deref(),
            Some("Awa Sow")
        );
        let text = "“It rains,” said Awa Sow. The mayor left. A “storm” came.";
        let (start, end) = (
            text.rfind('“').unwrap(),
            text.rfind('”').unwrap() + '”'.len_utf8(),
        );
        assert_eq!(speaker(text, Span::new(start, end)), None);
    }

    #[test]
    fn a_name_behind_a_dash_speaks() {
        check("“It rains.” — Awa Sow, 26, baker", Some("Awa Sow"));
        check("“Il pleut.” – Awa Sow", Some("Awa Sow"));
        check("“It rains” — Awa Sow knew it.", None);
        check("“It rains” — and Awa Sow, the baker, left.", None);
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
        check("Awa Sow left the road “closed.”", None);
        check("Awa Sow and the “closed” road.", None);
        check("The road to Lac Rose, in the north: “closed.”", None);
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
