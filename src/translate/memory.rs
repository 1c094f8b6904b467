//! Remembering translations, so that identical sentences are translated once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{LanguagePair, Translation, Translator};
use crate::BackendError;

/// Translates a sentence that came before from memory, also across batches, documents and threads.
///
/// A translation depends on its sentence alone, so what is remembered or forgotten never shows in
/// the output. Two threads that meet the same new sentence at the same moment may both translate
/// it: waiting for each other could stop a thread pool for good.
#[derive(Debug)]
pub struct TranslationMemory<T> {
    inner: T,
    limit: usize,
    entries: Mutex<Entries>,
}

impl<T: Translator> TranslationMemory<T> {
    /// A memory of at most `limit` bytes (text, alignment and bookkeeping) around a translator;
    /// the oldest entries leave first. With 0 nothing is remembered between batches.
    pub fn new(inner: T, limit: usize) -> Self {
        Self {
            inner,
            limit,
            entries: Mutex::default(),
        }
    }

    /// How many bytes are in use.
    pub fn used(&self) -> usize {
        self.lock().bytes
    }

    /// A panic in another thread leaves the entries whole: each change is made after what can panic.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Translator> Translator for TranslationMemory<T> {
    fn pair(&self) -> LanguagePair {
        self.inner.pair()
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        let mut known = self.lock().look_up(sentences);
        let mut missing: Vec<&str> = Vec::new();
        let mut index_of = HashMap::new();
        for (sentence, known) in sentences.iter().zip(&known) {
            if known.is_none() {
                index_of.entry(*sentence).or_insert_with(|| {
                    missing.push(sentence);
                    missing.len() - 1
                });
            }
        }
        let made = if missing.is_empty() {
            Vec::new()
        } else {
            self.inner.translate(&missing)?
        };
        let made = super::one_each(made, missing.len())?;
        let made: Vec<Arc<Translation>> = made.into_iter().map(Arc::new).collect();
        self.lock().add(missing.iter().copied().zip(&made), self.limit);
        for (sentence, known) in sentences.iter().zip(&mut known) {
            if let (None, Some(index)) = (&known, index_of.get(sentence)) {
                *known = Some(Arc::clone(&made[*index]));
            }
        }
        Ok(known.into_iter().flatten().map(Arc::unwrap_or_clone).collect())
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

#[derive(Debug, Default)]
struct Entries {
    translations: HashMap<Arc<str>, Arc<Translation>>,
    /// Keys by age, the oldest first.
    order: VecDeque<Arc<str>>,
    bytes: usize,
}

impl Entries {
    fn look_up(&self, sentences: &[&str]) -> Vec<Option<Arc<Translation>>> {
        sentences
            .iter()
            .map(|sentence| self.translations.get(*sentence).cloned())
            .collect()
    }

    fn add<'a>(&mut self, made: impl Iterator<Item = (&'a str, &'a Arc<Translation>)>, limit: usize) {
        for (sentence, translation) in made {
            let size = size(sentence, translation);
            if size > limit || self.translations.contains_key(sentence) {
                continue;
            }
            while self.bytes + size > limit {
                self.forget_oldest();
            }
            let key: Arc<str> = sentence.into();
            self.order.push_back(Arc::clone(&key));
            self.translations.insert(key, Arc::clone(translation));
            self.bytes += size;
        }
    }

    fn forget_oldest(&mut self) {
        match self
            .order
            .pop_front()
            .and_then(|key| self.translations.remove_entry(&key))
        {
            Some((key, translation)) => self.bytes -= size(&key, &translation),
            None => self.bytes = 0,
        }
    }
}

/// What an entry costs: its text and alignment, and about 200 bytes for the two tables, counts
/// and allocations.
fn size(sentence: &str, translation: &Translation) -> usize {
    sentence.len()
        + translation.text.len()
        + size_of_val(translation.alignment.as_slice())
        + translation.flags.len()
        + 200
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
        let memory = TranslationMemory::new(Fake::upper(), 2 * size("a", &Fake::upper().output("a")));
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
