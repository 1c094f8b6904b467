//! Spans that must come out of a translation as they went in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

use super::{link, number};
use crate::Span;

/// What a protected span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProtectedKind {
    /// A link, with or without a scheme: `https://example.org/a`, `pic.twitter.com/x`.
    Link,
    /// An e-mail address.
    Email,
    /// `@name`, also with a server: `@name@example.org`.
    Handle,
    /// `#tag`, with at least one letter.
    Hashtag,
    /// An emoji with all its parts: joined sequences, flags, skin tones, keycaps.
    Emoji,
    /// Letters and digits that are no word: part numbers, identifiers, stock symbols.
    Code,
    /// A name that the model would have to spell. Only [`CarefulTranslator`](super::CarefulTranslator)
    /// knows these, [`protected_spans`] does not find them.
    Name,
    /// A term of a [`Glossary`](super::Glossary) or a rare word, which comes out as that or a dictionary says.
    /// [`protected_spans`] does not find these either.
    Term,
    /// A number with separators or a unit, an amount of money, a time, a range, a date in digits,
    /// or a plain integer that is neither short nor a year.
    Number,
    /// A plain integer of one or two digits, a year or an ordinal: words around it depend on its
    /// value, so a model does better when it sees the number.
    PlainNumber,
}

impl ProtectedKind {
    /// Whether it is a number of some sort, whose form a translation may change.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Number | Self::PlainNumber)
    }

    /// Whether it can stand outside the grammar of a sentence, at its start or end.
    pub fn can_be_edge(self) -> bool {
        matches!(
            self,
            Self::Link | Self::Email | Self::Handle | Self::Hashtag | Self::Emoji
        )
    }

    /// Whether it is a handle or a hashtag, which may also stand for a word.
    pub fn is_tag(self) -> bool {
        matches!(self, Self::Handle | Self::Hashtag)
    }
}

/// A span that must survive translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protected {
    /// Where it stands, in bytes.
    pub span: Span,
    /// What it is.
    pub kind: ProtectedKind,
}

/// The protected spans of a text, ordered by start, not empty, without overlap.
///
/// ```
/// use diglot::translate::{ProtectedKind, protected_spans};
///
/// let text = "Vu par @aline_k : 7 500 € 😀 example.org/a";
/// let found: Vec<_> = protected_spans(text)
///     .iter()
///     .map(|found| (found.span.of(text).unwrap_or_default(), found.kind))
///     .collect();
/// assert_eq!(
///     found,
///     [
///         ("@aline_k", ProtectedKind::Handle),
///         ("7 500 €", ProtectedKind::Number),
///         ("😀", ProtectedKind::Emoji),
///         ("example.org/a", ProtectedKind::Link),
///     ]
/// );
/// ```
pub fn protected_spans(text: &str) -> Vec<Protected> {
    protected_spans_with(text, &[])
}

/// The same, where literal occurrences of `symbols` (a model's placeholders) are codes.
pub(super) fn protected_spans_with(text: &str, symbols: &[String]) -> Vec<Protected> {
    let mut found = Found::default();
    for (span, kind) in link::links(text) {
        found.add(span, kind);
    }
    for span in tags(text, '@', &HANDLE) {
        found.add(span, ProtectedKind::Handle);
    }
    for span in tags(text, '#', &HASHTAG) {
        found.add(span, ProtectedKind::Hashtag);
    }
    for span in emoji(text) {
        found.add(span, ProtectedKind::Emoji);
    }
    // After what can hold a symbol, such as a link, and before the number inside it.
    for symbol in symbols.iter().filter(|symbol| !symbol.is_empty()) {
        for (start, _) in text.match_indices(symbol.as_str()) {
            found.add(Span::new(start, start + symbol.len()), ProtectedKind::Code);
        }
    }
    for (span, kind) in number::codes_and_numbers(text) {
        found.add(span, kind);
    }
    found.0.into_values().collect()
}

/// Spans found so far, by start; the first to take a place keeps it.
#[derive(Default)]
struct Found(BTreeMap<usize, Protected>);

impl Found {
    fn add(&mut self, span: Span, kind: ProtectedKind) {
        let overlaps = self
            .0
            .range(..span.end())
            .next_back()
            .is_some_and(|(_, before)| before.span.overlaps(span));
        if !overlaps && !span.is_empty() {
            self.0.insert(span.start(), Protected { span, kind });
        }
    }
}

/// A handle: Mastodon names and Bluesky names carry a host, which must look like one.
static HANDLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[@＠][A-Za-z0-9_]+(?:[.-]?[A-Za-z0-9_]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}|[@＠][A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9-]+)+\.(?:social|app|com|org|net|fr)\b|[@＠][\p{L}\p{M}\p{Nd}_]+")
        .expect("the pattern is valid")
});

/// A hashtag: letters of any script with their marks, digits and `_`; a digit alone is no tag. The
/// signs that some scripts write inside words are those that Twitter allows
/// (<https://github.com/twitter/twitter-text>, `hashtagSpecialChars`).
static HASHTAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)[\#＃][\p{Nd}_]*[\p{L}\p{M}]
        [\p{L}\p{M}\p{Nd}_·\u{200c}\u{200d}\u{5be}\u{5f3}\u{5f4}\u{f0b}\u{f0c}\u{3003}\u{301c}\u{30fb}\u{ff5e}]*",
    )
    .expect("the pattern is valid")
});

/// Matches of a tag pattern that do not begin inside a word or a character entity (`&#x27;`).
fn tags<'a>(text: &'a str, sign: char, pattern: &'static Regex) -> impl Iterator<Item = Span> + 'a {
    let wide = char::from_u32(sign as u32 + 0xFEE0);
    let present = text.contains(sign) || wide.is_some_and(|wide| text.contains(wide));
    let matches = present.then(|| pattern.find_iter(text));
    matches.into_iter().flatten().filter_map(move |found| {
        let (before, after) = (&text[..found.start()], &text[found.end()..]);
        let inside = before.ends_with(|c: char| c.is_alphanumeric() || "_&@#/".contains(c));
        let is_retweet = before
            .get(before.len().saturating_sub(2)..)
            .is_some_and(|rt| rt.eq_ignore_ascii_case("rt"));
        let is_name = found.as_str().contains(char::is_alphanumeric) && !after.starts_with("://");
        let is_tag = is_name && (!inside || is_retweet);
        is_tag.then(|| Span::new(found.start(), trim_joiners(text, found.start(), found.end())))
    })
}

/// The end of a tag without joiners at its end, which belong to what follows.
fn trim_joiners(text: &str, start: usize, end: usize) -> usize {
    start
        + text[start..end]
            .trim_end_matches(['\u{200c}', '\u{200d}', '·'])
            .len()
}

/// Pictographs, without the signs that count as text: © ® ™ ‼ ⁉ ℹ.
static PICTOGRAPH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\p{Extended_Pictographic}\p{Regional_Indicator}--[©®™‼⁉ℹ]]").expect("the pattern is valid")
});

/// The smallest character that can make an emoji, the keycap mark.
const FIRST_EMOJI_CHAR: char = '\u{20e3}';

/// Emoji of a text: one span a grapheme, so that no sequence is cut.
fn emoji(text: &str) -> impl Iterator<Item = Span> + '_ {
    let present = text.chars().any(|c| c >= FIRST_EMOJI_CHAR) || text.contains('\u{fe0f}');
    let graphemes = present.then(|| text.grapheme_indices(true));
    graphemes
        .into_iter()
        .flatten()
        .filter(|(_, grapheme)| is_emoji(grapheme))
        .map(|(start, grapheme)| Span::new(start, start + grapheme.len()))
}

/// Whether a grapheme is shown as an emoji.
fn is_emoji(grapheme: &str) -> bool {
    if grapheme.is_ascii() {
        return false;
    }
    let keycap = grapheme.ends_with('\u{20e3}') && grapheme.starts_with(|c: char| c.is_ascii());
    keycap
        || PICTOGRAPH.is_match(grapheme)
        || (grapheme.contains('\u{fe0f}') && !grapheme.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::ProtectedKind::*;
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, ProtectedKind)]) {
        let found: Vec<_> = protected_spans(text)
            .iter()
            .map(|found| (found.span.of(text).unwrap(), found.kind))
            .collect();
        assert_eq!(found, expected, "in `{text}`");
    }

    #[test]
    fn handles_end_where_the_name_ends() {
        check("Merci @aline_k.", &[("@aline_k", Handle)]);
        check("(@Bob) dit", &[("@Bob", Handle)]);
        check("l'ami d’@Bob, oui", &[("@Bob", Handle)]);
        check("via @bob@toots.example", &[("@bob@toots.example", Handle)]);
        check("via @bob.bsky.social !", &[("@bob.bsky.social", Handle)]);
        check("@bob.Il arrive", &[("@bob", Handle)]);
        check("un @ seul, @_@", &[]);
        check("RT@bob: oui", &[("@bob", Handle)]);
        check("à @zoé", &[("@zoé", Handle)]);
        check("a＠b ＠c", &[("＠c", Handle)]);
    }

    #[test]
    fn hashtags_need_a_letter() {
        check(
            "#Été2024 et #paix_durable!",
            &[("#Été2024", Hashtag), ("#paix_durable", Hashtag)],
        );
        check("#e\u{301}te\u{301}", &[("#e\u{301}te\u{301}", Hashtag)]);
        check("#2024bilan", &[("#2024bilan", Hashtag)]);
        check("le #1 du classement", &[("1", PlainNumber)]);
        check("l&#x27;eau", &[]);
        check("c#sharp", &[]);
    }

    #[test]
    fn emoji_are_whole_sequences() {
        check("👩‍👩‍👧 ok", &[("👩‍👩‍👧", Emoji)]);
        check("vive 🇲🇱🇫🇷!", &[("🇲🇱", Emoji), ("🇫🇷", Emoji)]);
        check("👍🏽👍🏽", &[("👍🏽", Emoji), ("👍🏽", Emoji)]);
        check("choix 1️⃣", &[("1️⃣", Emoji)]);
        check("❤️ ou ❤", &[("❤️", Emoji), ("❤", Emoji)]);
        check("🏴󠁧󠁢󠁥󠁮󠁧󠁿", &[("🏴󠁧󠁢󠁥󠁮󠁧󠁿", Emoji)]);
        check("© 2024 Titre™", &[("2024", PlainNumber)]);
        check("été → hiver, l’œuvre — « là »", &[]);
    }

    #[test]
    fn the_literal_placeholder_of_a_model_is_protected() {
        let text = "voir ⟦1⟧ ici";
        check(text, &[("1", PlainNumber)]);
        let found = protected_spans_with(text, &["⟦1⟧".to_owned()]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].span.of(text), Some("⟦1⟧"));
    }

    proptest! {
        #![proptest_config(crate::testing::cases(300))]
        #[test]
        fn spans_are_ordered_apart_and_on_character_boundaries(
            text in r"(\PC|[@#.:/0-9a-z€%, h\u{fe0f}\u{200d}\u{20e3}👩🇫🇷é-]){0,60}"
        ) {
            let mut end = 0;
            for found in protected_spans(&text) {
                prop_assert!(found.span.start() >= end);
                prop_assert!(found.span.of(&text).is_some_and(|part| !part.is_empty()));
                end = found.span.end();
            }
        }
    }
}
