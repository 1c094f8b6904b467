//! Hashtags, mentions and links at the end of a text.

use super::chars::{is_accent, is_emoji, is_link, may_end_sentence};

/// Where the hashtags, mentions and links begin that follow the last sentence of `text`.
///
/// They follow a sentence where an end mark or an emoji is before them, or where two or more stand
/// in a row and the first is a hashtag: one tag after a bare word may be the sentence's last word.
pub(super) fn trailing(text: &str) -> Option<usize> {
    let mut start = None;
    let mut count = 0;
    let mut rest = text.trim_end();
    while !rest.is_empty() {
        let at = rest
            .rfind(char::is_whitespace)
            .map_or(0, |i| i + rest[i..].chars().next().map_or(0, char::len_utf8));
        let token = &rest[at..];
        if is_tag(token) {
            start = Some(at);
            count += 1;
        } else if !token.chars().all(is_emoji) {
            break;
        }
        rest = rest[..at].trim_end();
    }
    let start = start?;
    let before = text[..start].trim_end().chars().next_back();
    let first_is_hashtag = text[start..].starts_with('#');
    let separate = before.is_none_or(may_end_sentence) || (count > 1 && first_is_hashtag);
    separate.then_some(start)
}

/// Whether `token` is nothing but a hashtag, a mention or a link.
fn is_tag(token: &str) -> bool {
    let name = |name: &str, also: &str| {
        name.ends_with(|c: char| c.is_alphanumeric() || c == '_')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || c == '_' || is_accent(c) || also.contains(c))
    };
    match token.chars().next() {
        Some('#') => name(&token[1..], ""),
        Some('@') => name(&token[1..], ".-@"),
        _ => is_link(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(trailing(text).map(|at| &text[at..]), expected, "{text:?}");
    }

    #[test]
    fn tags_after_an_end_are_found() {
        check("Fini. #Thiès", Some("#Thiès"));
        check("Fini 🎉 @awa_s www.example.org", Some("@awa_s www.example.org"));
        check(
            "Fini. #Thie\u{300}s 🎉 #Kaolack ",
            Some("#Thie\u{300}s 🎉 #Kaolack "),
        );
        check("https://t.co/a", Some("https://t.co/a"));
    }

    #[test]
    fn a_tag_that_is_a_word_of_the_sentence_is_left() {
        check("Vive #Thiès", None);
        check("Merci @awa_s et @ali", None);
        check("Fini. #Thiès!", None);
        check("Fini.", None);
        check("", None);
        check("Fini. #", None);
    }
}
