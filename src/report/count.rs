//! Counting in bounded memory.

use std::collections::BTreeMap;

use unicode_segmentation::UnicodeSegmentation;

/// Different keys that are counted apart. Languages, kinds, flags and codes are few in what diglot
/// writes; the bound is for records from elsewhere.
const KEYS: usize = 500;

/// Where keys are counted that come after the first [`KEYS`].
const REST: &str = "(others)";

/// Counts by key, with a bounded number of keys.
#[derive(Debug)]
pub struct Capped<T> {
    counts: BTreeMap<String, T>,
}

impl<T> Default for Capped<T> {
    fn default() -> Self {
        Self {
            counts: BTreeMap::new(),
        }
    }
}

impl<T: Default + Clone> Capped<T> {
    /// The count of a key.
    pub fn get(&mut self, key: &str) -> &mut T {
        let known = self.counts.contains_key(key);
        let key = if known || self.counts.len() < KEYS {
            key
        } else {
            REST
        };
        self.counts.entry(key.to_owned()).or_default()
    }

    /// All counts.
    pub fn counts(&self) -> BTreeMap<String, T> {
        self.counts.clone()
    }
}

/// The words of a text, as Unicode counts them.
pub fn words(text: &str) -> u64 {
    text.unicode_words().count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_past_the_cap_are_counted_together() {
        let mut counts = Capped::<u64>::default();
        for key in 0..KEYS + 20 {
            *counts.get(&key.to_string()) += 1;
        }
        *counts.get("3") += 1;
        let counts = counts.counts();
        assert_eq!((counts[REST], counts["3"], counts.len()), (20, 2, KEYS + 1));
    }

    #[test]
    fn words_are_those_of_unicode() {
        for (text, expected) in [("", 0), ("Le pont, c'est fermé !", 4), ("日本", 2), ("… — 👩‍👩‍👧", 0)]
        {
            assert_eq!(words(text), expected, "{text}");
        }
    }
}
