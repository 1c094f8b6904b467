//! Terms with a settled rendering: countries, cities, organisations.
//!
//! A small model has read most names of the world a few times at best, and puts `Seegal` for `Sénégal` with the
//! same ease as `Senegal`. A glossary says what they are called; what the model gets wrong is translated again
//! with the term hidden.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::LanguagePair;
use super::mask::FRENCH_TO_ENGLISH;
use super::term::{Accepted, Term};
use crate::model::ModelFiles;
use crate::provenance::sha256;
use crate::{Error, Span};

/// Terms of one language and how they are rendered in another.
///
/// A glossary is written as lines of `term TAB rendering`, after which further renderings may stand that
/// are as good where the model chose them (`Pays-Bas TAB the Netherlands TAB Dutch`). Empty lines and those that
/// begin with `#` say nothing. An article in front of the first rendering is part of it.
///
/// ```
/// use diglot::translate::Glossary;
///
/// let glossary = Glossary::parse("Le Caire\tCairo\nTchad\tChad\n").unwrap();
/// assert_eq!(glossary.len(), 2);
/// assert!(Glossary::parse("Tchad").is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Glossary {
    entries: Vec<Entry>,
    /// Entries by the first word of their term, those of more words first.
    by_first_word: HashMap<String, Vec<usize>>,
    /// The SHA-256 of the texts that it was read from, in order, hexadecimal.
    sources: Vec<String>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// Words and what stands between them, as [`parts`] has them.
    term: Vec<String>,
    rendering: String,
    /// What the output may hold in its place, in lower case and without article; the rendering too.
    accepted: Vec<String>,
}

impl Glossary {
    /// The file of a model's directory that holds its glossary.
    pub const FILE: &'static str = "glossary.tsv";

    /// Reads a glossary.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where a line has no rendering; it says which.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_lines(text).map_err(|message| Error::Config(format!("glossary, {message}")))
    }

    fn parse_lines(text: &str) -> Result<Self, String> {
        let mut glossary = Self::default();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = Entry::parse(line).ok_or_else(|| {
                let number = number + 1;
                format!("line {number}: expected a term, a tab and its rendering, found `{line}`")
            })?;
            glossary.add(entry);
        }
        glossary.sources.push(sha256(text.as_bytes()));
        Ok(glossary)
    }

    /// Reads the glossary in a file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, and as [`Glossary::parse`], with the file's name.
    pub fn read_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
        let named = |message| Error::Config(format!("glossary `{}`, {message}", path.display()));
        Self::parse_lines(&text).map_err(named)
    }

    /// This glossary with the terms of another, which go before its own.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        for entry in &other.entries {
            self.add(entry.clone());
        }
        self.sources.extend_from_slice(&other.sources);
        self
    }

    /// The SHA-256 of the texts that it was read from, in order, hexadecimal.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The glossary of a model, where it has one.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is none.
    pub(crate) fn read(files: &ModelFiles) -> Result<Option<Self>, Error> {
        let Some(bytes) = files.read(Self::FILE)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).map_err(|error| error.to_string());
        let glossary = text.and_then(Self::parse_lines);
        let named = |message| Error::model(files.name(), format!("`{}`: {message}", Self::FILE));
        glossary.map(Some).map_err(named)
    }

    /// How many terms it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an entry; a later one goes before an earlier one of the same term.
    fn add(&mut self, entry: Entry) {
        let first = entry.term[0].clone();
        let index = self.entries.len();
        let same_start = self.by_first_word.entry(first).or_default();
        let length = entry.term.len();
        let at = same_start.partition_point(|&other| self.entries[other].term.len() > length);
        same_start.insert(at, index);
        self.entries.push(entry);
    }

    /// The terms of a sentence, in order, the longest where several begin at a word. Articles are taken into account
    /// where French becomes English.
    pub(super) fn find(&self, sentence: &str, pair: LanguagePair) -> Vec<Term<'_>> {
        let parts = parts(sentence);
        let mut terms = Vec::new();
        let mut at = 0;
        while at < parts.len() {
            let found = (parts[at].is_word).then(|| self.match_at(&parts, at)).flatten();
            if let Some(entry) = found {
                let end = at + self.entries[entry].term.len();
                let span = Span::new(parts[at].span.start(), parts[end - 1].span.end());
                let mut term = self.term(sentence, span, entry);
                term.is_name &= pair == FRENCH_TO_ENGLISH;
                if term.is_name {
                    take_french_article(sentence, &parts[..at], &mut term);
                }
                terms.push(term);
                at = end;
            } else {
                at += 1;
            }
        }
        terms
    }

    fn match_at(&self, parts: &[Part<'_>], at: usize) -> Option<usize> {
        let joined =
            |part: Option<&Part<'_>>| part.is_some_and(|part| matches!(part.text.as_ref(), "-" | "_"));
        if joined(at.checked_sub(1).and_then(|before| parts.get(before))) {
            return None;
        }
        let candidates = self.by_first_word.get(parts[at].text.as_ref())?;
        candidates.iter().copied().find(|&index| {
            let term = &self.entries[index].term;
            let matched = parts
                .get(at..at + term.len())
                .is_some_and(|own| own.iter().zip(term).all(|(part, wanted)| part.text == *wanted));
            matched && !joined(parts.get(at + term.len()))
        })
    }

    fn term(&self, sentence: &str, span: Span, entry: usize) -> Term<'_> {
        let Entry {
            rendering, accepted, ..
        } = &self.entries[entry];
        Term {
            span,
            lead: None,
            rendering: Cow::Borrowed(rendering),
            is_name: sentence[span.range()].starts_with(char::is_uppercase),
            accepted: Accepted::Forms(Cow::Borrowed(accepted)),
        }
    }
}

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let mut columns = line
            .split('\t')
            .map(str::trim)
            .filter(|column| !column.is_empty());
        let (term, rendering) = (columns.next()?, columns.next()?);
        let term: Vec<String> = parts(term)
            .into_iter()
            .map(|part| part.text.into_owned())
            .collect();
        let accepted = std::iter::once(rendering).chain(columns);
        Some(Self {
            rendering: rendering.to_owned(),
            accepted: accepted
                .map(|form| form.strip_prefix("the ").unwrap_or(form).to_lowercase())
                .collect(),
            term: (!term.is_empty()).then_some(term)?,
        })
    }
}

/// A word, or what stands between two words.
#[derive(Debug)]
struct Part<'a> {
    /// Composed; apostrophes straight, hyphens short, white space one blank.
    text: Cow<'a, str>,
    span: Span,
    is_word: bool,
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(first) = text[start..].chars().next() {
        let word = is_word(first);
        let end = text[start..]
            .find(|c| is_word(c) != word)
            .map_or(text.len(), |length| start + length);
        let piece = &text[start..end];
        parts.push(Part {
            text: if word { composed(piece) } else { separator(piece) },
            span: Span::new(start, end),
            is_word: word,
        });
        start = end;
    }
    parts
}

fn composed(word: &str) -> Cow<'_, str> {
    if word.chars().any(is_combining_mark) {
        Cow::Owned(word.nfc().collect())
    } else {
        Cow::Borrowed(word)
    }
}

fn separator(piece: &str) -> Cow<'_, str> {
    if piece.chars().all(char::is_whitespace) {
        return Cow::Borrowed(" ");
    }
    match piece {
        "’" => Cow::Borrowed("'"),
        "‐" | "‑" => Cow::Borrowed("-"),
        _ => Cow::Borrowed(piece),
    }
}

/// Takes the French article before a name into it. English has none before most names, so that the model must not
/// see it: `la Guinée` is hidden whole, and of `du Sénégal` it reads `de` and a placeholder. A plural whose rendering
/// has no article is a people, which keeps its own: `les Maliens`, `des Maliens`.
fn take_french_article(sentence: &str, before: &[Part<'_>], term: &mut Term<'_>) {
    let [.., word, between] = before else {
        return;
    };
    let lead = Span::new(word.span.start(), term.span.start());
    let capital = sentence[lead.range()].starts_with(char::is_uppercase);
    let people = !term.rendering.starts_with("the ");
    match (word.text.to_lowercase().as_str(), between.text.as_ref()) {
        ("les" | "des" | "aux", " ") if people => term.is_name = false,
        ("le" | "la" | "les", " ") | ("l", "'") => term.span = Span::new(lead.start(), term.span.end()),
        ("du" | "des", " ") | ("d", "'") => term.lead = Some((lead, if capital { "De " } else { "de " })),
        ("au" | "aux", " ") => term.lead = Some((lead, if capital { "À " } else { "à " })),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn glossary() -> Glossary {
        Glossary::parse(
            "# countries\n\nGuinée\tGuinea\tGuinean\nGuinée-Bissau\tGuinea-Bissau\nCôte d'Ivoire\tIvory Coast\tCôte d'Ivoire\n\
             Pays-Bas\tthe Netherlands\tDutch\nLe Caire\tCairo\nOTAN\tNATO\nMaliens\tMalians\nmalienne\tMalian\n",
        )
        .unwrap()
    }

    /// Terms as `lead|term`, with what the model reads for the lead.
    #[track_caller]
    fn check(sentence: &str, expected: &[&str]) {
        let found: Vec<String> = glossary()
            .find(sentence, FRENCH_TO_ENGLISH)
            .iter()
            .map(|term| {
                format!(
                    "{}|{}",
                    term.lead.map_or("", |lead| lead.1),
                    term.span.of(sentence).unwrap()
                )
            })
            .collect();
        assert_eq!(found, expected, "in `{sentence}`");
    }

    #[test]
    fn terms_are_found_with_their_articles() {
        check("La Guinée et l’OTAN", &["|La Guinée", "|l’OTAN"]);
        check("au sud de la Guinée, en Guinée", &["|la Guinée", "|Guinée"]);
        check("venu des Pays-Bas aux Pays‑Bas", &["de |Pays-Bas", "à |Pays‑Bas"]);
        check("le port d’OTAN", &["de |OTAN"]);
        check("vers Le Caire", &["|Le Caire"]);
    }

    #[test]
    fn articles_are_known_of_french_and_english_alone() {
        let pair = LanguagePair {
            target: "de".parse().unwrap(),
            ..FRENCH_TO_ENGLISH
        };
        let sentence = "du Caire, la Guinée";
        let glossary = glossary();
        let found: Vec<_> = (glossary.find(sentence, pair).iter())
            .map(|term| {
                (
                    term.span.of(sentence).unwrap().to_owned(),
                    term.lead,
                    term.is_name,
                )
            })
            .collect();
        assert_eq!(found, [("Guinée".to_owned(), None, false)]);
    }

    #[test]
    fn the_longest_term_is_found_and_whole_words_alone() {
        check("la Guinée-Bissau", &["|la Guinée-Bissau"]);
        check("la Papouasie-Nouvelle-Guinée", &[]);
        check("Guinéen, otan, Pays bas", &[]);
        check("en Côte\u{a0}d’Ivoire", &["|Côte\u{a0}d’Ivoire"]);
        check("Guine\u{301}e", &["|Guine\u{301}e"]);
    }

    #[test]
    fn a_rendering_is_a_word_of_the_output() {
        let glossary = glossary();
        let term = |sentence| glossary.find(sentence, FRENCH_TO_ENGLISH).remove(0);
        assert!(term("Guinée").is_rendered("in guinea."));
        assert!(term("Guinée").is_rendered("the guinean army"));
        assert!(!term("Guinée").is_rendered("guineas, guinated"));
        assert!(term("Pays-Bas").is_rendered("netherlands"));
        assert_eq!(term("Pays-Bas").rendering, "the Netherlands");
    }

    #[test]
    fn a_rare_word_may_be_rendered_in_any_form() {
        let forms = vec!["ambush".to_owned(), "ambuscade".to_owned()];
        let term = Term::rare(Span::new(0, 9), "embuscade", "ambush".to_owned(), forms);
        for output in ["an ambush", "they were ambushed", "an embuscado", "ambuscade"] {
            assert!(term.is_rendered(output), "{output}");
        }
        for output in ["a babade", "amber", ""] {
            assert!(!term.is_rendered(output), "{output}");
        }
    }

    #[test]
    fn peoples_and_common_words_keep_their_articles() {
        check("Les Maliens, des Maliens", &["|Maliens", "|Maliens"]);
        check("la malienne et l’armée malienne", &["|malienne", "|malienne"]);
    }

    #[test]
    fn lines_without_a_rendering_are_refused() {
        let error = Glossary::parse("Tchad\tChad\n\nMali\t\n").unwrap_err();
        let expected =
            "configuration: glossary, line 3: expected a term, a tab and its rendering, found `Mali\t`";
        assert_eq!(error.to_string(), expected);
        assert_eq!(Glossary::parse("# nothing\n").unwrap().len(), 0);
    }

    #[test]
    fn a_later_line_goes_first_and_so_do_added_terms() {
        let glossary = Glossary::parse("Birmanie\tBurma\nBirmanie\tMyanmar\n").unwrap();
        let term = &glossary.find("en Birmanie", FRENCH_TO_ENGLISH)[0];
        assert_eq!(term.rendering, "Myanmar");
        let glossary = glossary.with(&Glossary::parse("Birmanie\tBirma\n").unwrap());
        let term = &glossary.find("en Birmanie", FRENCH_TO_ENGLISH)[0];
        assert_eq!((term.rendering.as_ref(), glossary.sources().len()), ("Birma", 2));
    }

    proptest! {
        #![proptest_config(crate::testing::cases(300))]
        #[test]
        fn terms_are_ordered_apart_and_on_character_boundaries(
            sentence in r"(\PC|Guinée|Le Caire|Pays-Bas|du |l’|OTAN| ){0,20}"
        ) {
            let mut end = 0;
            let glossary = glossary();
            for term in glossary.find(&sentence, FRENCH_TO_ENGLISH) {
                let start = term.lead.map_or(term.span.start(), |(lead, _)| lead.start());
                prop_assert!(start >= end && term.span.of(&sentence).is_some());
                prop_assert!(term.lead.is_none_or(|(lead, _)| lead.end() == term.span.start()));
                end = term.span.end();
            }
        }
    }
}
