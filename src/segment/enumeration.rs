//! Numbers and letters that count the items of a list in running text.

/// The number of a list item and the style it is written in: `2.`, `2)`, `2.)`, `b.`, `b)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    is_letter: bool,
    ordinal: u32,
    /// The marks after the number: `.`, `)` or `.)`.
    marks: &'static str,
}

impl Marker {
    /// The marker at the very start of `text`, after a bullet if there is one; a space must follow.
    pub(super) fn at(text: &str) -> Option<Self> {
        let text = text
            .strip_prefix(super::chars::is_bullet)
            .unwrap_or(text)
            .trim_start();
        let len = text.bytes().take(4).take_while(u8::is_ascii_alphanumeric).count();
        let (number, rest) = text.split_at(len);
        let marks = [".)", ".", ")"]
            .into_iter()
            .find(|marks| rest.starts_with(marks))?;
        let spaced = rest[marks.len()..].starts_with(char::is_whitespace);
        let ordinal = ordinal(number).filter(|_| spaced)?;
        let is_letter = number.bytes().all(|b| b.is_ascii_alphabetic());
        Some(Self {
            is_letter,
            ordinal,
            marks,
        })
    }

    /// Whether `word` can number an item.
    pub(super) fn is_number(word: &str) -> bool {
        ordinal(word).is_some() || is_roman(word)
    }

    /// Whether this is the item after `previous`, in the same style.
    pub(super) fn follows(self, previous: Self) -> bool {
        let next = Self {
            ordinal: previous.ordinal + 1,
            ..previous
        };
        self == next
    }
}

/// The ordinal that a number of up to three digits or a single lower-case letter stands for.
fn ordinal(number: &str) -> Option<u32> {
    match number.as_bytes() {
        [letter @ b'a'..=b'z'] => Some(u32::from(letter - b'a') + 1),
        [_, ..] if number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok(),
        _ => None,
    }
}

fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| matches!(b, b'I' | b'V' | b'X'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_number_in_the_same_style_follows() {
        let follows = |a: &str, b: &str| match (Marker::at(a), Marker::at(b)) {
            (Some(a), Some(b)) => b.follows(a),
            _ => false,
        };
        assert!(follows("1. rice", "2. salt"));
        assert!(follows("• a) rice", "b) salt"));
        assert!(follows("9.) rice", "10.) salt"));
        assert!(!follows("1. rice", "3. salt"));
        assert!(!follows("1. rice", "2) salt"));
        assert!(!follows("1. rice", "b. salt"));
    }

    #[test]
    fn a_marker_needs_a_space_and_a_short_number() {
        for text in [
            "1.5 kg",
            "2024. rice",
            "rice. salt",
            "B. rice",
            "1.",
            "",
            ". rice",
        ] {
            assert_eq!(Marker::at(text), None, "{text:?}");
        }
    }
}
