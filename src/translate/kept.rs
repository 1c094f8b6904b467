//! What a translation must not lose though no glossary has it: names of several words, acronyms, hours.

use std::sync::LazyLock;

use regex::Regex;

use super::names::capitalised;
use super::term::Term;
use super::value::roman_value;
use crate::Span;
use crate::entity::lexicon::{is_function_word, is_title};

/// The names of several words, acronyms and hours of a French sentence outside of what is `taken`, each as a term that the
/// output has or that is translated again behind a placeholder. `has_rendering` says which words have an English form.
pub(super) fn kept_terms<'a>(
    text: &'a str,
    taken: impl Fn(Span) -> bool,
    has_rendering: impl Fn(&str) -> bool,
) -> Vec<Term<'a>> {
    let mut terms: Vec<Term<'a>> = hours(text).filter(|term| !taken(term.span)).collect();
    let words = capitalised(text);
    let follows = |left: &Span, right: &Span| &text[left.end()..right.start()] == " ";
    for run in words.chunk_by(follows) {
        let free = run.iter().all(|word| !taken(*word));
        if let Some(span) = name(text, run, &has_rendering).filter(|_| free) {
            terms.push(Term::name(span, &text[span.range()]));
        }
        // Words in capitals beside each other are shouted.
        if let [word] = run
            && !taken(*word)
            && is_acronym(&text[word.range()])
            && !has_rendering(&text[word.range()])
        {
            terms.push(as_it_is(text, *word));
        }
    }
    terms.extend(
        network(text)
            .filter(|span| !taken(*span))
            .map(|span| as_it_is(text, span)),
    );
    terms
}

fn as_it_is(text: &str, span: Span) -> Term<'static> {
    let word = &text[span.range()];
    Term::with_forms(span, word.to_owned(), vec![word.to_lowercase()])
}

/// The name that a run of capitalised words is: two words at least once titles and articles in front are left out, none with an
/// English form.
fn name(text: &str, run: &[Span], has_rendering: &impl Fn(&str) -> bool) -> Option<Span> {
    let word = |span: &Span| &text[span.range()];
    let is_front = |span: &Span| {
        is_title(word(span)) || is_function_word(word(span)) || has_rendering(&word(span).to_lowercase())
    };
    let first = run.iter().position(|span| !is_front(span))?;
    let own = &run[first..];
    let shouted = own.iter().all(|span| !word(span).contains(char::is_lowercase));
    let is_numeral = |span: &Span| is_acronym(word(span)) && roman_value(word(span)).is_some();
    let is_other = |span: &Span| !is_numeral(span) && (is_front(span) || has_rendering(word(span)));
    if own.len() < 2 || shouted || own.iter().any(is_other) {
        return None;
    }
    Some(Span::new(own[0].start(), own[own.len() - 1].end()))
}

/// Letters of an acronym or Roman numeral.
const ACRONYM: std::ops::RangeInclusive<usize> = 2..=6;

fn is_acronym(word: &str) -> bool {
    ACRONYM.contains(&word.len())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The letter X where it is a word: the network, or a person who is not named.
fn network(text: &str) -> impl Iterator<Item = Span> {
    static LETTER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?:^|[\s(«“])(X)(?:$|[\s.,;:!?)»”])").expect("the pattern is valid"));
    LETTER.captures_iter(text).filter_map(|found| {
        let letter = found.get(1)?;
        Some(Span::new(letter.start(), letter.end()))
    })
}

/// Hours of the day written with `heures` behind a preposition of time. A small model takes eight for eight in the evening.
fn hours(text: &str) -> impl Iterator<Item = Term<'_>> {
    static HOUR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i:\b(?:à|vers|dès|avant|après) )(?P<hour>(?P<number>[0-9]{1,2}) heures?)\b(?P<rest>.?.?.?)",
        )
        .expect("the pattern is valid")
    });
    HOUR.captures_iter(text).filter_map(|found| {
        // `à 3 heures de route` is how far, `8 heures 30` has minutes.
        let rest = &found["rest"];
        if rest.starts_with(" de") || rest.starts_with(" d'") || rest.starts_with(" d’") {
            return None;
        }
        if rest.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let number: u32 = found["number"]
            .parse()
            .ok()
            .filter(|number| (1..24).contains(number))?;
        let hour = found.name("hour")?;
        let (rendering, forms) = rendered_hour(number);
        Some(Term::with_forms(
            Span::new(hour.start(), hour.end()),
            rendering,
            forms,
        ))
    })
}

/// An hour of the day in English, and what else says the same, in lower case.
fn rendered_hour(number: u32) -> (String, Vec<String>) {
    if number <= 12 {
        let mut forms: Vec<String> = ["o'clock", "a.m", "am"]
            .map(|half| format!("{number} {half}"))
            .into();
        forms.extend([format!("{number}:00"), format!("{number}.00")]);
        if number == 12 {
            forms.extend(["noon", "midday"].map(str::to_owned));
        }
        return (format!("{number} o'clock"), forms);
    }
    let half = number - 12;
    let mut forms: Vec<String> = ["p.m", "pm"].map(|evening| format!("{half} {evening}")).into();
    for hour in [half, number] {
        forms.extend([format!("{hour}:00"), format!("{hour}.00")]);
    }
    (format!("{half} p.m."), forms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, output: &str, lost: &[(&str, &str)]) {
        let known = |word: &str| ["hier", "Union", "union", "Londres", "UE", "XIV"].contains(&word);
        let terms = kept_terms(text, |_| false, known);
        let found: Vec<_> = terms
            .iter()
            .filter(|term| !term.is_rendered(&output.to_lowercase()))
            .map(|term| (term.span.of(text).unwrap(), term.rendering.as_ref()))
            .collect();
        assert_eq!(found, lost, "of `{text}` in `{output}`");
    }

    #[test]
    fn names_that_lost_a_word() {
        let name = ("Idder Mellal", "Idder Mellal");
        check("Hier Idder Mellal a parlé", "Mellal spoke yesterday", &[name]);
        check("Le général Idder Mellal", "General Idder Mellal", &[]);
        check("Le Colonel Idder Mellal", "Colonel Mellal", &[name]);
        check("à Port Sec", "in the dry harbour", &[]);
        check("Union Mellal", "Mellal Union", &[]);
        check("E\u{301}lodie Mellal", "Elodie Mellal", &[]);
    }

    #[test]
    fn acronyms_numerals_and_the_network() {
        check(
            "l'AFZ et Louis XIV",
            "the AZF and Louis IV",
            &[("AFZ", "AFZ"), ("Louis XIV", "Louis XIV")],
        );
        check("l'UE, NOUS PARTONS", "the EU, we are leaving", &[]);
        check("publié sur X.", "published on .", &[("X", "X")]);
        check("M. X, a nié", "Mr X denied", &[]);
        check("XY et X-1", "XY and", &[]);
    }

    #[test]
    fn hours_of_the_day() {
        check("à 8 heures", "at 8 p.m.", &[("8 heures", "8 o'clock")]);
        check("vers 17 heures.", "at 17 a.m.", &[("17 heures", "5 p.m.")]);
        check("à 8 heures, dès 17 heures", "at 8 a.m., from 17:00", &[]);
        check(
            "à 3 heures de route, à 8 heures 30, pendant 9 heures",
            "nothing",
            &[],
        );
    }
}
