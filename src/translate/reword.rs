//! French that a small model misreads, in words that it knows.
//!
//! Number words become digits, centuries in Roman numerals ordinary ordinals; what posts leave out or shorten is written out
//! where leaving it out turns the meaning round: a model takes `on peut plus vivre` for "more".

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::spelled::numbers_in_words;
use super::value::roman_value;
use crate::Span;

/// A stretch of a sentence and what the model reads in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reworded {
    pub span: Span,
    pub text: Cow<'static, str>,
}

/// What is put in other words of a French sentence, in order, without overlap.
pub(super) fn reworded(text: &str) -> Vec<Reworded> {
    let mut found: Vec<Reworded> = numbers_in_words(text)
        .into_iter()
        .map(|(span, value)| Reworded {
            span,
            text: value.to_string().into(),
        })
        .collect();
    found.extend(shortened(text));
    for rule in RULES.iter() {
        for captures in rule.pattern.captures_iter(text) {
            found.extend((rule.reword)(&captures).into_iter().flatten());
        }
    }
    found.sort_by_key(|reworded| (reworded.span.start(), std::cmp::Reverse(reworded.span.end())));
    let mut done = 0;
    found.retain(|reworded| {
        let free = reworded.span.start() >= done && !reworded.span.is_empty();
        done = done.max(if free { reworded.span.end() } else { done });
        free
    });
    found
}

struct Rule {
    pattern: Regex,
    /// What of a match is put how: a word or two of it.
    reword: fn(&Captures<'_>) -> [Option<Reworded>; 2],
}

/// The group `name` of a match in other words.
fn group(captures: &Captures<'_>, name: &str, text: impl Into<Cow<'static, str>>) -> Option<Reworded> {
    let found = captures.name(name)?;
    Some(Reworded {
        span: Span::new(found.start(), found.end()),
        text: text.into(),
    })
}

/// `right` with a capital where what it replaces has one.
fn in_case_of(found: &str, right: &str) -> String {
    let mut letters = right.chars();
    match letters.next().filter(|_| found.starts_with(char::is_uppercase)) {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => right.to_owned(),
    }
}

fn rule(pattern: &str, reword: fn(&Captures<'_>) -> [Option<Reworded>; 2]) -> Rule {
    Rule {
        pattern: Regex::new(pattern).expect("the pattern is valid"),
        reword,
    }
}

/// Subjects that a verb without `ne` follows, and verbs that `plus` or `jamais` follows.
const SUBJECT: &str = r"(?P<subject>\b(?i:on|tu|il|elle|ils|elles|je|ça|nous|vous|qui))";
const MODAL: &str = r"(?:peux|peut|peuvent|pouvons|pouvez|pouvait|pouvaient|veux|veut|veulent|voulons|voulez|voulait|voulaient|sais|sait|savent|dois|doit|doivent|ose|osent|arrive|arrivent|vais|va|vont)";
const AUXILIARY: &str =
    r"(?:ai|as|a|avons|avez|ont|avait|avaient|suis|es|est|sommes|êtes|sont|était|étaient)";

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        // XIXe siècle.
        rule(
            r"\b(?P<ordinal>(?P<numeral>[IVX]+)(?:e|è|ème|ème))(?:\s+et\s+[IVX]+(?:e|è|ème))?\s+siècles?\b",
            |found| {
                let value = roman_value(&found["numeral"]).map(|value| format!("{value}e"));
                [value.and_then(|value| group(found, "ordinal", value)), None]
            },
        ),
        rule(r"\b(?P<first>1er) ministre\b", |found| {
            [group(found, "first", "Premier"), None]
        }),
        rule(r"\b(?P<first>1[èe]re) (?:ministre|dame|fois)\b", |found| {
            [group(found, "first", "première"), None]
        }),
        // To deny, which the model knows as `nier`.
        rule(
            r"\b(?P<present>dément(?P<plural>ent)?)\b|\b(?:a|ont|avait|avaient|aurait|auraient|ayant)\s+(?:aussi |vite |formellement |catégoriquement |fermement )?(?P<participle>démentie?s?)\b",
            |found| {
                let present = if found.name("plural").is_some() {
                    "nient"
                } else {
                    "nie"
                };
                [
                    group(found, "present", present),
                    group(found, "participle", "nié"),
                ]
            },
        ),
        // On peut plus vivre ici; on veut plus d'eux.
        rule(
            &format!(
                r"{SUBJECT} (?P<verb>{MODAL}) plus (?:\p{{L}}+(?:er|ir|[^o]re|oir)\b|d['’](?:eux|elles?)\b|de (?:lui|vous|toi|moi|ça|cela|cette|ces)\b|y |en |se |le |la |les )"
            ),
            |found| [negated(found), None],
        ),
        rule(
            &format!(r"{SUBJECT} (?P<verb>{AUXILIARY}) jamais (?:rien |été |eu )?\p{{L}}"),
            |found| [negated(found), None],
        ),
        rule(
            &format!(r"\b(?P<elided>[Jj]['’](?P<verb>{AUXILIARY})) jamais \p{{L}}"),
            |found| {
                [
                    group(
                        found,
                        "elided",
                        in_case_of(&found["elided"], &format!("je n'{}", &found["verb"])),
                    ),
                    None,
                ]
            },
        ),
        rule(
            r"\b(?P<this>[Cc]['’]est) (?:plus (?:une?|le|la|les|des|du|mon|ma|notre|possible|tenable|vivable|supportable|pareil|normal)|jamais)\b",
            |found| [group(found, "this", in_case_of(&found["this"], "ce n'est")), None],
        ),
        rule(r"\b(?P<going>[Jj]['’]?vais) (?:pas|plus|jamais)\b", |found| {
            [
                group(found, "going", in_case_of(&found["going"], "je ne vais")),
                None,
            ]
        }),
        // Plus d'eau depuis trois jours: without a verb, and not of an amount.
        rule(
            r"(?:^|[.!?:,;«“(]\s*)(?P<no>[Pp]lus) d(?:e |['’])\p{Ll}[^.!?,;]*\bdepuis\b",
            |found| {
                [
                    group(found, "no", in_case_of(&found["no"], "il n'y a plus")),
                    None,
                ]
            },
        ),
        rule(
            r"\b[Dd]epuis [^.!?,;]*, (?P<no>plus) d(?:e |['’])\p{Ll}",
            |found| [group(found, "no", "il n'y a plus"), None],
        ),
    ]
});

/// A subject without `ne` with it: `on ne`, `on n'` before a vowel.
fn negated(found: &Captures<'_>) -> Option<Reworded> {
    let subject = &found["subject"];
    let vowel = found["verb"].starts_with(['a', 'e', 'é', 'ê', 'o']);
    let verb = found.name("verb")?;
    let start = found.name("subject")?.start();
    let ne = if vowel { "n'" } else { "ne " };
    Some(Reworded {
        span: Span::new(start, verb.end()),
        text: format!("{subject} {ne}{}", verb.as_str()).into(),
    })
}

/// What posts shorten, in lower case, and the words.
const SHORTENED: [(&str, &str); 38] = [
    ("ajd", "aujourd'hui"),
    ("auj", "aujourd'hui"),
    ("bcp", "beaucoup"),
    ("bjr", "bonjour"),
    ("bsr", "bonsoir"),
    ("cad", "c'est-à-dire"),
    ("chui", "je suis"),
    ("chuis", "je suis"),
    ("dsl", "désolé"),
    ("grv", "grave"),
    ("jms", "jamais"),
    ("jsp", "je ne sais pas"),
    ("jsuis", "je suis"),
    ("jte", "je te"),
    ("mnt", "maintenant"),
    ("ms", "mais"),
    ("mtn", "maintenant"),
    ("nn", "non"),
    ("pb", "problème"),
    ("pck", "parce que"),
    ("pcq", "parce que"),
    ("pk", "pourquoi"),
    ("pkoi", "pourquoi"),
    ("pq", "pourquoi"),
    ("psk", "parce que"),
    ("qd", "quand"),
    ("qqch", "quelque chose"),
    ("qqn", "quelqu'un"),
    ("qqun", "quelqu'un"),
    ("rdv", "rendez-vous"),
    ("slt", "salut"),
    ("stp", "s'il te plaît"),
    ("svp", "s'il vous plaît"),
    ("tjrs", "toujours"),
    ("tjs", "toujours"),
    ("tkt", "ne t'inquiète pas"),
    ("tt", "tout"),
    ("vrmt", "vraiment"),
];

/// The words of a text that posts shorten.
fn shortened(text: &str) -> impl Iterator<Item = Reworded> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(?:\p{L}\p{Ll}+|SVP|STP|RDV)\b").expect("the pattern is valid"));
    WORD.find_iter(text).filter_map(move |found| {
        let before = text[..found.start()].chars().next_back();
        if before.is_some_and(|c| matches!(c, '@' | '#' | '.' | '/' | '-' | '_' | '\'' | '’')) {
            return None;
        }
        let lower = found.as_str().to_lowercase();
        let index = SHORTENED
            .binary_search_by_key(&lower.as_str(), |(short, _)| short)
            .ok()?;
        let capital =
            found.as_str().starts_with(char::is_uppercase) && !found.as_str().ends_with(char::is_uppercase);
        let words = SHORTENED[index].1;
        Some(Reworded {
            span: Span::new(found.start(), found.end()),
            text: if capital {
                in_case_of(found.as_str(), words).into()
            } else {
                words.into()
            },
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut read = String::new();
        let mut done = 0;
        for Reworded { span, text: new } in reworded(text) {
            read.push_str(&text[done..span.start()]);
            read.push_str(&new);
            done = span.end();
        }
        read.push_str(&text[done..]);
        assert_eq!(read, expected, "`{text}` in other words");
    }

    #[test]
    fn shortened_words_are_in_order() {
        assert!(SHORTENED.is_sorted_by_key(|(short, _)| *short));
    }

    #[test]
    fn numbers_and_centuries() {
        check(
            "Quatre-vingt-dix-sept puits au XIXe siècle",
            "97 puits au 19e siècle",
        );
        check(
            "Louis XIV, le XIVe arrondissement",
            "Louis XIV, le XIVe arrondissement",
        );
        check(
            "le 1er ministre et la 1ère dame",
            "le Premier ministre et la première dame",
        );
        check("le 1er mars", "le 1er mars");
    }

    #[test]
    fn what_is_denied() {
        check("L'armée dément avoir tiré.", "L'armée nie avoir tiré.");
        check("Ils ont démenti, elles démentent.", "Ils ont nié, elles nient.");
        check("un démenti", "un démenti");
    }

    #[test]
    fn negations_without_ne() {
        check("On peut plus vivre ici.", "On ne peut plus vivre ici.");
        check("on veut plus d'eux", "on ne veut plus d'eux");
        check("J'ai jamais dit ça", "Je n'ai jamais dit ça");
        check("on a jamais vu ça", "on n'a jamais vu ça");
        check("C'est plus un pays", "Ce n'est plus un pays");
        check("c'est plus grand", "c'est plus grand");
        check("J'vais pas mentir", "Je ne vais pas mentir");
        check(
            "il ne peut plus partir, il peut plus encore",
            "il ne peut plus partir, il peut plus encore",
        );
        check(
            "Plus d'eau depuis trois jours.",
            "Il n'y a plus d'eau depuis trois jours.",
        );
        check(
            "Depuis mardi, plus de réseau.",
            "Depuis mardi, il n'y a plus de réseau.",
        );
        check("Plus de 30 morts depuis mardi", "Plus de 30 morts depuis mardi");
        check("Plus d'écoles !", "Plus d'écoles !");
    }

    #[test]
    fn shortened_words_are_written_out() {
        check("Bcp de monde svp", "Beaucoup de monde s'il vous plaît");
        check(
            "RDV demain, pk ? jsp",
            "rendez-vous demain, pourquoi ? je ne sais pas",
        );
        check("@bcp #ajd ttt", "@bcp #ajd ttt");
    }
}
