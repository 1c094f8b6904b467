//! Quotations in another language than the words around them: `The crowd shouted “Dégage !” at him.`

use super::{descendants, is_latin, trimmed};
use crate::Span;
use crate::document::SegmentKind;
use crate::language::Detection;
use crate::segment::Piece;

/// From this confidence on a quotation is believed to be in another language than its paragraph.
const SURE: f32 = 0.85;

/// The quotations right inside a paragraph that are in another language than its prose, with their languages.
pub(super) fn foreign(
    text: &str,
    pieces: &[Piece],
    languages: &[Detection],
    paragraph: usize,
    prose: Detection,
) -> Vec<(Span, Detection)> {
    descendants(pieces, paragraph)
        .filter(|&child| pieces[child].kind == SegmentKind::Quote && pieces[child].parent == Some(paragraph))
        .map(|child| (pieces[child].span, languages[child]))
        .filter(|(span, own)| {
            let words = span.of(text).unwrap_or_default();
            let other = !own.language.is_und() && own.language != prose.language;
            other && own.confidence >= SURE && is_latin(words) && is_said(words)
        })
        .map(|(span, own)| (with_marks(text, span), own))
        .collect()
}

/// A quotation with the marks around it.
fn with_marks(text: &str, quotation: Span) -> Span {
    let (opens, closes) = (['“', '„', '«', '"'], ['”', '“', '»', '"']);
    let (before, after) = (&text[..quotation.start()], &text[quotation.end()..]);
    let opening = before
        .trim_end()
        .strip_suffix(opens)
        .map_or(quotation.start(), str::len);
    let closing = after
        .trim_start()
        .strip_prefix(closes)
        .map_or(quotation.end(), |rest| text.len() - rest.len());
    Span::new(opening, closing)
}

/// Whether what stands between marks is said, and no name or title: it has a word in small letters beside another, or is a shout.
fn is_said(quotation: &str) -> bool {
    let words = quotation
        .split_whitespace()
        .filter(|word| word.contains(char::is_alphabetic));
    let small = words.clone().filter(|word| {
        let letters = word.trim_start_matches(|c: char| !c.is_alphabetic());
        letters.starts_with(char::is_lowercase)
    });
    small.count() > 0 && words.count() > 1 || quotation.contains('!')
}

/// A sentence cut where foreign quotations begin and end; what is outside of them is in the language of the prose. `None` where
/// none of them takes part in it.
pub(super) fn parted(
    text: &str,
    sentence: Span,
    prose: Detection,
    quotations: &[(Span, Detection)],
) -> Option<Vec<(Span, Detection)>> {
    let mut parts: Vec<(Span, Detection)> = Vec::new();
    let mut at = sentence.start();
    let first = quotations.partition_point(|(quotation, _)| quotation.end() <= sentence.start());
    let inside = quotations[first..]
        .iter()
        .take_while(|(quotation, _)| quotation.start() < sentence.end());
    for (quotation, own) in inside {
        let (start, end) = (quotation.start().max(at), quotation.end().min(sentence.end()));
        if start < end && has_letters(text, Span::new(start, end)) {
            add(text, &mut parts, Span::new(at, start), prose);
            add(text, &mut parts, Span::new(start, end), *own);
            at = end;
        }
    }
    if parts.is_empty() {
        return None;
    }
    add(text, &mut parts, Span::new(at, sentence.end()), prose);
    // Marks before the first words, such as a dash, stay with them.
    if let Some((first, _)) = parts.first_mut() {
        let start = trimmed(text, sentence).map_or(first.start(), |whole| whole.start());
        *first = Span::new(start.min(first.start()), first.end());
    }
    Some(parts)
}

/// Adds a part. What it has of punctuation at its front goes with the part before it, and so does one without letters.
fn add(text: &str, parts: &mut Vec<(Span, Detection)>, span: Span, language: Detection) {
    let Some(mut span) = trimmed(text, span) else {
        return;
    };
    if let Some((before, _)) = parts.last_mut()
        && before.end() == span.start()
    {
        let words = span.of(text).unwrap_or_default();
        let marks = words.len()
            - words
                .trim_start_matches([',', '.', ';', ':', '!', '?', '…'])
                .len();
        *before = Span::new(before.start(), span.start() + marks);
        span = trimmed(text, Span::new(span.start() + marks, span.end())).unwrap_or(span);
    }
    if has_letters(text, span) {
        parts.push((span, language));
    } else if let Some((before, _)) = parts.last_mut() {
        *before = Span::new(before.start(), span.end());
    }
}

fn has_letters(text: &str, span: Span) -> bool {
    span.of(text)
        .is_some_and(|words| words.contains(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn check(text: &str, quotations: &[&str], expected: &[(&str, &str)]) {
        let found = |language, confidence| Detection { language, confidence };
        let quotations: Vec<_> = quotations
            .iter()
            .map(|quotation| {
                let start = text.find(quotation).unwrap();
                (
                    Span::new(start, start + quotation.len()),
                    found(Language::FRENCH, 0.9),
                )
            })
            .collect();
        let parts = parted(
            text,
            Span::new(0, text.len()),
            found(Language::ENGLISH, 0.9),
            &quotations,
        );
        let parts: Vec<_> = parts
            .into_iter()
            .flatten()
            .map(|(span, detection)| (span.of(text).unwrap(), detection.language.to_string()))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(part, language)| (*part, (*language).to_owned()))
            .collect();
        assert_eq!(parts, expected);
    }

    #[test]
    fn a_sentence_is_cut_at_its_quotations() {
        check(
            "The crowd shouted “Dehors !” at him.",
            &["“Dehors !”"],
            &[
                ("The crowd shouted", "en"),
                ("“Dehors !”", "fr"),
                ("at him.", "en"),
            ],
        );
        check("“On part”.", &["“On part”"], &[("“On part”.", "fr")]);
        check(
            "- “On part,” she said, “et vite.”",
            &["“On part,”", "“et vite.”"],
            &[("- “On part,”", "fr"), ("she said,", "en"), ("“et vite.”", "fr")],
        );
        check(
            "\"On part\", she said.",
            &["\"On part\""],
            &[("\"On part\",", "fr"), ("she said.", "en")],
        );
        check("Nothing here.", &[], &[]);
    }

    #[test]
    fn marks_belong_to_the_quotation() {
        let text = "He said: «\u{a0}On part\u{a0}», then “on rit” left";
        let marked = |words: &str| {
            let start = text.find(words).unwrap();
            with_marks(text, Span::new(start, start + words.len()))
                .of(text)
                .unwrap()
        };
        assert_eq!(marked("On part"), "«\u{a0}On part\u{a0}»");
        assert_eq!(marked("on rit"), "“on rit”");
        assert_eq!(marked("left"), "left");
    }

    #[test]
    fn names_and_titles_are_not_said() {
        for said in ["“Dehors !”", "“le pont est fermé”", "“Mon frère est là”"] {
            assert!(is_said(said), "{said}");
        }
        for name in ["“Le Fleuve”", "“Bouba”", "“trahison”", "“Kafon 7”"] {
            assert!(!is_said(name), "{name}");
        }
    }
}
