//! Quotation marks around a sentence: the model does not see them, since small models turn them, lose them and
//! make them up, above all where a quotation runs over several sentences and only one mark is there.

use crate::Span;
use crate::language::Language;

/// What opens a quotation; `"` does at the front.
const OPENING: [char; 4] = ['“', '«', '„', '"'];

/// What closes one; `"` does at the end.
const CLOSING: [char; 3] = ['”', '»', '"'];

/// What may stand behind a closing mark: `"On part", dit-il` is cut there.
const BEHIND: [char; 5] = [',', '.', ';', ':', '…'];

/// `body` without a quotation mark at its front or end or both, what stands behind the closing one, and the white space
/// inside of them. Where there are other marks between, what they enclose is a part of the sentence: all of them stay.
pub(super) fn within(text: &str, body: Span) -> Span {
    let whole = body.of(text).unwrap_or_default();
    let without_opening = whole.strip_prefix(OPENING).unwrap_or(whole);
    let inner = without_opening
        .trim_end_matches(BEHIND)
        .trim_end()
        .strip_suffix(CLOSING)
        .or_else(|| without_opening.strip_suffix(CLOSING))
        .unwrap_or(without_opening);
    if inner.contains(OPENING) || inner.contains(CLOSING) {
        return body;
    }
    let start =
        body.start() + (whole.len() - without_opening.len()) + (inner.len() - inner.trim_start().len());
    Span::new(start, start + inner.trim().len())
}

/// Whether what stands behind a quotation closes it and goes on: `", dit-il`.
pub(super) fn goes_on(after: &str) -> bool {
    after
        .trim_start()
        .strip_prefix(CLOSING)
        .is_some_and(|rest| rest.trim_start().starts_with(BEHIND))
}

/// `kept` with the marks of `target`: English has no guillemets, and no space inside of quotation marks.
pub(super) fn written(kept: &str, target: Language) -> String {
    if target != Language::ENGLISH || !kept.contains(['«', '»']) {
        return kept.to_owned();
    }
    let mut written = String::with_capacity(kept.len());
    let mut opened = false;
    for c in kept.chars() {
        match c {
            '«' => written.push('“'),
            '»' => {
                written.truncate(written.trim_end().len());
                written.push('”');
            }
            c if opened && c.is_whitespace() => continue,
            c => written.push(c),
        }
        opened = c == '«';
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sentence: &str, expected: &str) {
        let inner = within(sentence, Span::new(0, sentence.len()));
        assert_eq!(
            inner.of(sentence),
            Some(expected),
            "what is quoted in `{sentence}`"
        );
    }

    #[test]
    fn marks_at_the_edges_are_left_out() {
        check("« La digue tient ! »", "La digue tient !");
        check("“La digue tient,”", "La digue tient,");
        check("\"La digue tient.\"", "La digue tient.");
        check("«\u{a0}La digue tient.", "La digue tient.");
        check("La digue tient.”", "La digue tient.");
        check("La digue tient.", "La digue tient.");
        check("«", "");
        check("\"La digue tient\",", "La digue tient");
        check("« La digue tient ».", "La digue tient");
        check("La digue tient…", "La digue tient…");
    }

    #[test]
    fn quotations_inside_stay_whole() {
        check("« La digue tient », dit-il.", "« La digue tient », dit-il.");
        check("Il dit : « Elle tient. »", "Il dit : « Elle tient. »");
        check("“Le “mur” tient”", "“Le “mur” tient”");
        check("L'eau “monte”.", "L'eau “monte”.");
    }

    #[test]
    fn english_has_no_guillemets() {
        let english = Language::ENGLISH;
        assert_eq!(written("«\u{a0}", english), "“");
        assert_eq!(written(" » 🙏", english), "” 🙏");
        assert_eq!(written("@awa « ", english), "@awa “");
        assert_eq!(written("« ", Language::FRENCH), "« ");
    }
}
