//! Small fixed sets of words.

/// A set of words, made at compile time.
///
/// Every word of a document is looked up in several of these: the words that begin with the same byte are few, and most of
/// them differ in length.
pub(super) struct WordSet {
    words: &'static [&'static str],
    /// Where the words that begin with each byte start.
    starts: [u16; 257],
}

impl WordSet {
    /// The set of these words, which stand in byte order.
    ///
    /// # Panics
    ///
    /// When a word is empty or stands before one whose first byte is smaller; at compile time.
    pub(super) const fn new(words: &'static [&'static str]) -> Self {
        let mut starts = [0; 257];
        let mut at = 0;
        let mut first = 0;
        while at < words.len() {
            let byte = words[at].as_bytes()[0] as usize;
            assert!(byte + 1 >= first, "expected words in byte order");
            while first <= byte {
                starts[first] = at as u16;
                first += 1;
            }
            at += 1;
        }
        while first < starts.len() {
            starts[first] = at as u16;
            first += 1;
        }
        Self { words, starts }
    }

    /// Whether it holds a word.
    pub(super) fn contains(&self, word: &str) -> bool {
        let Some(&first) = word.as_bytes().first() else {
            return false;
        };
        let range =
            usize::from(self.starts[usize::from(first)])..usize::from(self.starts[usize::from(first) + 1]);
        self.words[range].contains(&word)
    }
}

#[cfg(test)]
impl WordSet {
    /// Its words.
    pub(super) fn words(&self) -> &'static [&'static str] {
        self.words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_its_words_and_no_others() {
        const WORDS: [&str; 6] = ["a", "au", "aux", "to", "à", "été"];
        const SET: WordSet = WordSet::new(&WORDS);
        assert!(WORDS.iter().all(|word| SET.contains(word)));
        for word in ["", "b", "autre", "t", "tous", "è", "zone", "ÿ"] {
            assert!(!SET.contains(word), "{word:?}");
        }
        assert!(!WordSet::new(&[]).contains("a"));
    }
}
