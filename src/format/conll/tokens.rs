//! Tokens with IOB2 tags.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use crate::format::Mention;

/// A token and its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// `O`, `B-PER`, `I-PER` ...
    pub(super) tag: Cow<'static, str>,
}

/// The tokens of a text: words and marks by the rules of Unicode (UAX #29), cut after French elisions
/// (`l’`) and at the borders of entities. All of the text but white space is in one.
pub(super) fn tokens<'a>(text: &'a str, language: &str, mentions: &[Mention<'_>]) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    let mut mentions = mentions.iter().peekable();
    let mut begun = None;
    // White space first: UAX #29 counts the narrow no-break space as part of a number.
    let words = text
        .split_whitespace()
        .flat_map(UnicodeSegmentation::split_word_bounds)
        .flat_map(|word| parts(word, language));
    for word in words {
        let mut start = word.as_ptr().addr() - text.as_ptr().addr();
        let end = start + word.len();
        while start < end {
            while mentions.next_if(|mention| mention.span.end() <= start).is_some() {}
            let (border, tag) = match mentions.peek() {
                Some(mention) if mention.span.start() <= start => {
                    let place = Some(mention.span.start());
                    let position = if begun == place { "I" } else { "B" };
                    begun = place;
                    let tag = Cow::Owned(format!("{position}-{}", mention.entity.label));
                    (mention.span.end(), tag)
                }
                Some(mention) => (mention.span.start(), Cow::Borrowed("O")),
                None => (end, Cow::Borrowed("O")),
            };
            let next = border.min(end);
            found.push(Token {
                text: &text[start..next],
                tag,
            });
            start = next;
        }
    }
    found
}

/// A word, or in French its elided head and what follows: `l’`, `école`.
fn parts<'a>(word: &'a str, language: &str) -> impl Iterator<Item = &'a str> {
    let elided = (language == "fr")
        .then(|| word.find(['\'', '’']))
        .flatten()
        .filter(|&at| at > 0 && !whole(word));
    let cut = elided.map_or(word.len(), |at| {
        at + word[at..].chars().next().map_or(0, char::len_utf8)
    });
    let (head, tail) = word.split_at(cut);
    [head, tail].into_iter().filter(|part| !part.is_empty())
}

/// French words that have an apostrophe of their own.
fn whole(word: &str) -> bool {
    let plain = word.replace('’', "'").to_lowercase();
    ["aujourd'hui", "prud'homme", "presqu'île"]
        .iter()
        .any(|stem| plain.starts_with(stem))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Span;
    use crate::format::testing::entity;

    /// The tokens of a text in which entities stand in brackets: `[PER Awa Diongue] parle`.
    fn check(marked: &str, language: &str, expected: &[&str]) {
        let (mut text, mut spans) = (String::new(), Vec::new());
        for (at, piece) in marked.split(['[', ']']).enumerate() {
            if at % 2 == 0 {
                text.push_str(piece);
            } else {
                let (label, surface) = piece.split_once(' ').unwrap();
                spans.push((label, text.len(), text.len() + surface.len()));
                text.push_str(surface);
            }
        }
        let entities: Vec<_> = spans
            .iter()
            .map(|(label, start, end)| entity("e0", label, &text, *start, *end))
            .collect();
        let mentions: Vec<_> = entities
            .iter()
            .map(|entity| Mention {
                span: Span::new(entity.span.start, entity.span.end),
                entity,
            })
            .collect();
        let found: Vec<String> = tokens(&text, language, &mentions)
            .iter()
            .map(|token| format!("{}/{}", token.text, token.tag))
            .collect();
        assert_eq!(found, expected, "{marked}");
    }

    #[test]
    fn borders_of_entities_are_borders_of_tokens() {
        check(
            "[PER Awa Diongue]'s boat",
            "en",
            &["Awa/B-PER", "Diongue/I-PER", "'s/O", "boat/O"],
        );
        check(
            "l’[ORG OMR-3]bis",
            "fr",
            &["l’/O", "OMR/B-ORG", "-/I-ORG", "3/I-ORG", "bis/O"],
        );
        check("[LOC Oran][PER Ada]", "en", &["Oran/B-LOC", "Ada/B-PER"]);
        check("a[LOC  Oran ]b", "en", &["a/O", "Oran/B-LOC", "b/O"]);
    }

    #[test]
    fn no_token_holds_white_space() {
        check("86\u{202f}500 €\u{a0}!", "fr", &["86/O", "500/O", "€/O", "!/O"]);
        check("a\u{2028}b\tc\u{85}d", "en", &["a/O", "b/O", "c/O", "d/O"]);
    }

    #[test]
    fn elisions_are_tokens_in_french_alone() {
        check("l'école aujourd'hui", "fr", &["l'/O", "école/O", "aujourd'hui/O"]);
        check("I don't", "en", &["I/O", "don't/O"]);
    }

    proptest! {
        #[test]
        fn tokens_join_to_the_text_without_white_space(text in "\\PC{0,40}|[a-z'’ \u{a0}\u{202f}\u{301}\t\n#🎉]{0,40}") {
            for language in ["fr", "en"] {
                let joined: String = tokens(&text, language, &[]).iter().map(|token| token.text).collect();
                let expected: String = text.split_whitespace().collect();
                prop_assert_eq!(joined, expected);
            }
        }
    }
}
