//! Remembering translations, so that identical sentences are translated once.

use super::{LanguagePair, Translation, Translator};
use crate::BackendError;
use crate::memory::Memory;

/// Translates a sentence that came before from memory, also across batches, documents and threads.
///
/// A translation depends on its sentence alone, so what is remembered or forgotten never shows in
/// the output. Two threads that meet the same new sentence at the same moment may both translate it.
#[derive(Debug)]
pub struct TranslationMemory<T> {
    inner: T,
    memory: Memory<Translation>,
}

impl<T: Translator> TranslationMemory<T> {
    /// A memory of at most `limit` bytes (text, alignment and bookkeeping) around a translator;
    /// the oldest entries leave first. With 0 nothing is remembered between batches.
    pub fn new(inner: T, limit: usize) -> Self {
        Self {
            inner,
            memory: Memory::new(limit, weight),
        }
    }

    /// How many bytes are in use.
    pub fn used(&self) -> usize {
        self.memory.used()
    }
}

/// What a translation takes, in bytes.
fn weight(translation: &Translation) -> usize {
    translation.text.len() + size_of_val(translation.alignment.as_slice()) + translation.flags.len()
}

impl<T: Translator> Translator for TranslationMemory<T> {
    fn pair(&self) -> LanguagePair {
        self.inner.pair()
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        self.memory.of(sentences, |missing| {
            super::one_each(self.inner.translate(missing)?, missing.len())
        })
    }

    fn placeholders(&self) -> &[String] {
        self.inner.placeholders()
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        self.inner.count_tokens(sentence)
    }

    fn max_tokens(&self) -> usize {
        self.inner.max_tokens()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::Fake;
    use super::*;

    fn texts(translations: Vec<Translation>) -> Vec<String> {
        translations
            .into_iter()
            .map(|translation| translation.text)
            .collect()
    }

    #[test]
    fn a_sentence_is_translated_once() {
        let memory = TranslationMemory::new(Fake::upper(), 10_000);
        assert_eq!(
            texts(memory.translate(&["a", "b", "a"]).unwrap()),
            ["A", "B", "A"]
        );
        assert_eq!(
            texts(memory.translate(&["c", "b", "c"]).unwrap()),
            ["C", "B", "C"]
        );
        assert_eq!(memory.inner.seen(), ["a", "b", "c"]);
        assert!(memory.translate(&[]).unwrap().is_empty());
    }

    #[test]
    fn the_limit_holds_and_never_changes_the_output() {
        for limit in [0, 150, 410, 650, 10_000] {
            let memory = TranslationMemory::new(Fake::upper(), limit);
            for batch in [["a", "b"], ["b", "c"], ["c", "a"], ["a", "a"]] {
                let expected: Vec<_> = batch.iter().map(|text| text.to_uppercase()).collect();
                assert_eq!(texts(memory.translate(&batch).unwrap()), expected);
                assert!(memory.used() <= limit, "{} of {limit} bytes", memory.used());
            }
        }
    }

    #[test]
    fn the_oldest_entry_leaves_first() {
        let one = TranslationMemory::new(Fake::upper(), 0)
            .memory
            .size("a", &Fake::upper().output("a"));
        let memory = TranslationMemory::new(Fake::upper(), 2 * one);
        for sentence in ["a", "b", "c", "b", "a"] {
            memory.translate(&[sentence]).unwrap();
        }
        assert_eq!(memory.inner.seen(), ["a", "b", "c", "a"]);
    }

    #[test]
    fn threads_share_it() {
        let memory = TranslationMemory::new(Fake::upper(), 10_000);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..50 {
                        let sentence = format!("mot {}", number % 7);
                        let made = memory.translate(&[&sentence]).unwrap();
                        assert_eq!(made[0].text, sentence.to_uppercase());
                    }
                });
            }
        });
        assert!(memory.inner.seen().len() <= 4 * 7);
    }

    #[test]
    fn an_error_is_passed_on_and_not_remembered() {
        let memory = TranslationMemory::new(Fake::upper().failing_on("x"), 10_000);
        assert!(memory.translate(&["a", "x"]).is_err());
        assert_eq!(texts(memory.translate(&["a"]).unwrap()), ["A"]);
    }
}
