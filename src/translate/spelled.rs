//! French numbers in words: `quatre-vingt-dix-sept`, `deux mille cent vingt`.

use crate::Span;

/// The numbers of a text that are written in several words, as one value each, below ten thousand; and `cent` and `mille` alone
/// where a sentence begins. Capitals count at the beginning of the text alone: elsewhere they are names (`Les Deux Mille`).
pub(crate) fn numbers_in_words(text: &str) -> Vec<(Span, u32)> {
    let words = words(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let read = Reader { text, words: &words }.number(at);
        match read {
            Some((value, end)) if value < MOST && is_worth(text, &words, at, end) => {
                let span = Span::new(words[at].0.start(), words[end - 1].0.end());
                found.push((span, value));
                at = end;
            }
            Some((_, end)) => at = end,
            None => at += 1,
        }
    }
    found
}

/// Numbers from here on are left in words: `deux cent mille`.
const MOST: u32 = 10_000;

fn is_worth(text: &str, words: &[(Span, Option<u32>)], at: usize, end: usize) -> bool {
    let is_first = text[..words[at].0.start()].chars().all(|c| !c.is_alphanumeric());
    let in_small = (at..end).all(|index| {
        let word = words[index].0.of(text).unwrap_or_default();
        word.starts_with(char::is_lowercase) || is_first && index == at
    });
    // Not of `mille et une nuits`.
    let next = words.get(end).and_then(|(span, _)| span.of(text));
    let counts = is_first && matches!(words[at].1, Some(100 | 1000)) && next.is_some_and(|next| next != "et");
    in_small && (end > at + 1 || counts)
}

/// The words of a text, hyphens apart, with the values of those that are numbers.
fn words(text: &str) -> Vec<(Span, Option<u32>)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((Span::new(from, at), value(&text[from..at])));
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn value(word: &str) -> Option<u32> {
    const WORDS: [(&str, u32); 29] = [
        ("un", 1),
        ("une", 1),
        ("deux", 2),
        ("trois", 3),
        ("quatre", 4),
        ("cinq", 5),
        ("six", 6),
        ("sept", 7),
        ("huit", 8),
        ("neuf", 9),
        ("dix", 10),
        ("onze", 11),
        ("douze", 12),
        ("treize", 13),
        ("quatorze", 14),
        ("quinze", 15),
        ("seize", 16),
        ("vingt", 20),
        ("vingts", 20),
        ("trente", 30),
        ("quarante", 40),
        ("cinquante", 50),
        ("soixante", 60),
        ("septante", 70),
        ("huitante", 80),
        ("nonante", 90),
        ("cent", 100),
        ("cents", 100),
        ("mille", 1000),
    ];
    // No number word is longer, and most words are none.
    if word.len() > "cinquante".len() + 1 {
        return None;
    }
    let lower = word.to_lowercase();
    WORDS
        .iter()
        .find(|(other, _)| *other == lower)
        .map(|(_, value)| *value)
}

struct Reader<'a> {
    text: &'a str,
    words: &'a [(Span, Option<u32>)],
}

impl Reader<'_> {
    /// The value of a word, where only a blank or hyphen stands before it, or it is the first of a number.
    fn joined(&self, at: usize) -> Option<u32> {
        let value = self.words.get(at)?.1?;
        self.touches(at).then_some(value)
    }

    fn touches(&self, at: usize) -> bool {
        let Some((before, word)) = at
            .checked_sub(1)
            .and_then(|before| Some((self.words.get(before)?, self.words.get(at)?)))
        else {
            return false;
        };
        let between = &self.text[before.0.end()..word.0.start()];
        matches!(between, " " | "-" | "\u{a0}" | "\u{2010}" | "\u{2011}")
    }

    /// The number at a word and the word after it.
    fn number(&self, at: usize) -> Option<(u32, usize)> {
        let first = self.words.get(at)?.1?;
        let (thousands, next) = if first == 1000 {
            (1, at)
        } else {
            let (value, next) = self.below_thousand(at)?;
            if self.joined(next) != Some(1000) || value == 1 {
                return Some((value, next));
            }
            (value, next)
        };
        let rest = next + 1;
        match self.joined(rest).and_then(|_| self.below_thousand(rest)) {
            Some((value, end)) => Some((1000 * thousands + value, end)),
            None => Some((1000 * thousands, rest)),
        }
    }

    fn below_thousand(&self, at: usize) -> Option<(u32, usize)> {
        let first = self.words.get(at)?.1?;
        let (hundreds, next) = if first == 100 {
            (1, at)
        } else if (2..10).contains(&first) && self.joined(at + 1) == Some(100) {
            (first, at + 1)
        } else {
            return self.below_hundred(at);
        };
        let rest = next + 1;
        match self.joined(rest).and_then(|_| self.below_hundred(rest)) {
            Some((value, end)) => Some((100 * hundreds + value, end)),
            None => Some((100 * hundreds, rest)),
        }
    }

    fn below_hundred(&self, at: usize) -> Option<(u32, usize)> {
        let first = self.words.get(at)?.1.filter(|value| *value < 100)?;
        let (tens, next) = if first == 4 && self.joined(at + 1) == Some(20) {
            (80, at + 2)
        } else {
            (first, at + 1)
        };
        match tens {
            20.. => Some(self.units(tens, next)),
            10 => match self.joined(next) {
                Some(unit @ 7..=9) => Some((10 + unit, next + 1)),
                _ => Some((10, next)),
            },
            _ => Some((tens, next)),
        }
    }

    /// Tens with what follows: `vingt et un`, `soixante-dix-sept`.
    fn units(&self, tens: u32, next: usize) -> (u32, usize) {
        let up_to = if tens == 60 || tens == 80 { 20 } else { 10 };
        let and = self.touches(next)
            && self
                .words
                .get(next)
                .is_some_and(|(span, _)| span.of(self.text) == Some("et"));
        let at = next + usize::from(and);
        let unit = self.joined(at).and_then(|_| self.below_hundred(at));
        match unit {
            Some((unit, end)) if unit < up_to && (!and || unit == 1 || unit == 11) => (tens + unit, end),
            _ => (tens, next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, u32)]) {
        let found: Vec<_> = numbers_in_words(text)
            .into_iter()
            .map(|(span, value)| (span.of(text).unwrap(), value))
            .collect();
        assert_eq!(found, expected, "in `{text}`");
    }

    #[test]
    fn compounds_are_one_number() {
        check("quatre-vingt-dix-sept puits", &[("quatre-vingt-dix-sept", 97)]);
        check("Quatre-vingts villages", &[("Quatre-vingts", 80)]);
        check("soixante et onze ans", &[("soixante et onze", 71)]);
        check(
            "soixante quinze ans, vingt et une filles",
            &[("soixante quinze", 75), ("vingt et une", 21)],
        );
        check("dix-huit", &[("dix-huit", 18)]);
        check(
            "septante-deux, nonante et un",
            &[("septante-deux", 72), ("nonante et un", 91)],
        );
        check("cent vingt soldats", &[("cent vingt", 120)]);
        check("deux cent quarante-trois", &[("deux cent quarante-trois", 243)]);
        check("en deux mille vingt-quatre", &[("deux mille vingt-quatre", 2024)]);
        check("mille deux cents pirogues", &[("mille deux cents", 1200)]);
    }

    #[test]
    fn what_is_no_compound_stays() {
        check("trois ou quatre, entre cinq et vingt", &[]);
        check("vingt, trente personnes", &[]);
        check("deux cent mille morts", &[]);
        check("Le pont des Deux Cents", &[]);
        check("mille et une nuits", &[]);
        check("une vingtaine, cent fois", &[]);
        check("Cent soldats ; mille merci", &[("Cent", 100)]);
    }
}
