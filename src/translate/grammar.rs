//! What a placeholder hides from the model of a word's grammar, put right in English output.

use crate::Span;

/// Words that an adjective may follow in English, and those that are no noun. In lower case.
const NO_NOUNS: &str = "a all also always an and any are as at be been being both but by every few for from had half has have he \
her his i in is isn it its less like many more most my neither never no nor not now of on only or other our she so some still than \
that the their them these they this those to too us very was we were who with without you your";

/// Where an adjective of nationality at `at` belongs: before the noun that it follows, as in the French. `None` where
/// it stands right, before its noun or behind a verb.
pub(super) fn place_of_adjective(output: &str, at: Span) -> Option<usize> {
    let before = output[..at.start()].strip_suffix(' ')?;
    let mut start = word_start(before);
    let noun = &before[start..];
    let is_noun = |word: &str| {
        let lower = word.to_lowercase();
        word.chars().all(|c| c.is_alphabetic() || c == '-')
            && word.chars().count() > 2
            && !lower.ends_with("ly")
            && !NO_NOUNS.split_ascii_whitespace().any(|other| other == lower)
            && !NUMERALS.split_ascii_whitespace().any(|other| other == lower)
    };
    if !is_noun(noun) {
        return None;
    }
    // A title of several words: `Prime Minister`.
    while noun.starts_with(char::is_uppercase)
        && let Some(rest) = output[..start].strip_suffix(' ')
        && let first = word_start(rest)
        && rest[first..].starts_with(char::is_uppercase)
        && is_noun(&rest[first..])
    {
        start = first;
    }
    Some(start)
}

/// Numerals, which stand before an adjective.
const NUMERALS: &str = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million several many few dozen other";

/// Where an adjective of nationality at `at` belongs that stands before a numeral: behind it.
pub(super) fn place_behind_numerals(output: &str, at: Span) -> Option<usize> {
    let mut end = at.end();
    loop {
        let rest = output[end..].strip_prefix(' ')?;
        let length = rest.find(' ').unwrap_or(rest.len());
        let word = &rest[..length];
        let is_numeral = word.starts_with(|c: char| c.is_ascii_digit())
            || NUMERALS.split_ascii_whitespace().any(|numeral| numeral == word);
        if !is_numeral {
            // Only before a word, which is what it goes with.
            let goes_with_it = word.starts_with(char::is_alphabetic);
            return (end > at.end() && goes_with_it).then_some(end + 1);
        }
        end += 1 + length;
    }
}

/// The verb behind a plural at `at` that is in the singular, where the source has a plural verb behind it too, and what
/// it should be. The model cannot see that a placeholder is a plural.
pub(super) fn plural_verb(output: &str, at: Span, source_after: &str) -> Option<(Span, &'static str)> {
    let plural_source = ["ont", "sont", "étaient", "avaient", "furent", "eurent"];
    let next = source_after.split_whitespace().next()?;
    if !plural_source.contains(&next) {
        return None;
    }
    let rest = output[at.end()..].strip_prefix(' ')?;
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let verb = match &rest[..end] {
        "has" => "have",
        "is" => "are",
        "was" => "were",
        _ => return None,
    };
    let start = at.end() + 1;
    Some((Span::new(start, start + end), verb))
}

/// The preposition before a time of day at `at` that renders what stands before the time in the source, `source_before`,
/// where another stands there, and what it should be. Behind `à` the model cannot tell a placeholder that hides a time from a
/// place.
pub(super) fn time_preposition(output: &str, at: Span, source_before: &str) -> Option<(Span, &'static str)> {
    let before = output[..at.start()].strip_suffix(' ')?;
    let start = word_start(before);
    let (lower, capitalised, wrong) = rendered_preposition(source_before)?;
    let found = &before[start..];
    if !wrong
        .split_ascii_whitespace()
        .any(|word| word.eq_ignore_ascii_case(found))
    {
        return None;
    }
    let is_capitalised = found.starts_with(char::is_uppercase);
    let right = if is_capitalised { capitalised } else { lower };
    Some((Span::new(start, before.len()), right))
}

/// The English of the preposition that ends `source_before`, in lower case and capitalised, and what the model may have put
/// in its place.
fn rendered_preposition(source_before: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let source_before = source_before.trim_end();
    let start = source_before
        .rfind(|c: char| c.is_whitespace() || matches!(c, '\'' | '’' | '('))
        .map_or(0, |at| {
            at + source_before[at..].chars().next().map_or(0, char::len_utf8)
        });
    let rest = source_before[..start].trim_end();
    match source_before[start..].to_lowercase().as_str() {
        "à" | "a" if rest.ends_with(['\'', '’']) => {
            Some(("until", "Until", "in to of on with by for at towards toward"))
        }
        // The end of a range: `de 8h à 12h`.
        "à" | "a" if rest.ends_with(|c: char| c.is_ascii_digit()) || is_hour(rest) => None,
        "à" | "a" => Some(("at", "At", "in to of on with by for into towards toward")),
        "vers" => Some(("around", "Around", "in to of on with by for at towards toward")),
        "dès" => Some(("from", "From", "in to of on with by for at")),
        _ => None,
    }
}

/// Whether a text ends with an hour: `8h`.
fn is_hour(text: &str) -> bool {
    text.strip_suffix(['h', 'H'])
        .is_some_and(|number| number.trim_end().ends_with(|c: char| c.is_ascii_digit()))
}

fn word_start(text: &str) -> usize {
    text.rfind(char::is_whitespace).map_or(0, |space| {
        space + text[space..].chars().next().map_or(0, char::len_utf8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(output: &str) -> Span {
        let start = output.find("⟦1⟧").unwrap();
        Span::new(start, start + "⟦1⟧".len())
    }

    #[track_caller]
    fn adjective(output: &str, noun: Option<&str>) {
        let place = place_of_adjective(output, at(output));
        assert_eq!(
            place.map(|place| &output[place..at(output).start()]),
            noun,
            "in `{output}`"
        );
    }

    #[test]
    fn an_adjective_goes_before_its_noun() {
        adjective("The ambassador ⟦1⟧ left.", Some("ambassador "));
        adjective("President ⟦1⟧ left.", Some("President "));
        adjective("the Prime Minister ⟦1⟧ left.", Some("Prime Minister "));
        adjective("The ⟦1⟧ army", None);
        adjective("They are ⟦1⟧.", None);
        adjective("twelve ⟦1⟧ soldiers", None);
        adjective("a newly ⟦1⟧ town", None);
        adjective("⟦1⟧ attacked", None);
        adjective("soldiers, ⟦1⟧ and others", None);
    }

    #[test]
    fn an_adjective_goes_behind_numerals() {
        let behind =
            |output: &str| place_behind_numerals(output, at(output)).map(|place| output[place..].to_owned());
        assert_eq!(
            behind("At least ⟦1⟧ twelve soldiers left"),
            Some("soldiers left".to_owned())
        );
        assert_eq!(behind("⟦1⟧ 12 other men"), Some("men".to_owned()));
        for none in [
            "The ⟦1⟧ army",
            "⟦1⟧ 12",
            "⟦1⟧ 12 ⟦2⟧",
            "twelve ⟦1⟧",
            "⟦1⟧, two men",
        ] {
            assert_eq!(behind(none), None, "{none}");
        }
    }

    #[test]
    fn a_time_has_the_preposition_of_times() {
        let check = |before: &str, output: &str| {
            time_preposition(output, at(output), before)
                .map(|(span, right)| (span.of(output).unwrap().to_owned(), right))
        };
        let found = |wrong: &str, right: &'static str| Some((wrong.to_owned(), right));
        assert_eq!(check("prévu à ", "planned in ⟦1⟧."), found("in", "at"));
        assert_eq!(check("À ", "In ⟦1⟧, they left"), found("In", "At"));
        assert_eq!(check("Vers ", "Towards ⟦1⟧"), found("Towards", "Around"));
        assert_eq!(check("dès\u{a0}", "starts to ⟦1⟧"), found("to", "from"));
        assert_eq!(check("bloquée jusqu’à ", "blocked to ⟦1⟧"), found("to", "until"));
        for (before, output) in [
            ("prévu à ", "planned at ⟦1⟧"),
            ("de 8h à ", "from ⟦2⟧ to ⟦1⟧"),
            ("de 8 h 30 à ", "from ⟦2⟧ to ⟦1⟧"),
            ("jusqu'à ", "blocked until ⟦1⟧"),
            ("avant ", "before ⟦1⟧"),
            ("à ", "⟦1⟧"),
        ] {
            assert_eq!(check(before, output), None, "`{output}` for `{before}`");
        }
    }

    #[test]
    fn a_plural_has_a_plural_verb() {
        let check = |output: &str, after: &str| {
            plural_verb(output, at(output), after)
                .map(|(span, verb)| (span.of(output).unwrap().to_owned(), verb))
        };
        let found = |verb: &str, right: &'static str| Some((verb.to_owned(), right));
        assert_eq!(check("The ⟦1⟧ has left", " ont pris"), found("has", "have"));
        assert_eq!(check("The ⟦1⟧ was", " étaient là"), found("was", "were"));
        assert_eq!(check("The ⟦1⟧ has left", " a pris"), None);
        assert_eq!(check("The ⟦1⟧ hastily", " ont"), None);
        assert_eq!(check("⟦1⟧", " ont"), None);
    }
}
