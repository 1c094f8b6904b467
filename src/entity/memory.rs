//! Remembering names, so that they are looked for once in identical sentences.

use super::{EntityRecognizer, Mention};
use crate::BackendError;
use crate::memory::Memory;

/// Gives the names of a sentence that came before from memory, also across batches, documents and threads: corpora
/// are full of bylines, notices and headlines that come again.
#[derive(Debug)]
pub struct EntityMemory<R> {
    inner: R,
    memory: Memory<Vec<Mention>>,
}

impl<R: EntityRecognizer> EntityMemory<R> {
    /// A memory of at most `limit` bytes (text, mentions and bookkeeping) around a recogniser, whose mentions depend
    /// on the sentence alone; the oldest entries leave first. With 0 nothing is remembered between batches.
    pub fn new(inner: R, limit: usize) -> Self {
        Self {
            inner,
            memory: Memory::new(limit, |mentions| size_of_val(mentions.as_slice())),
        }
    }
}

impl<R: EntityRecognizer> EntityRecognizer for EntityMemory<R> {
    fn recognize(&self, sentences: &[&str]) -> Result<Vec<Vec<Mention>>, BackendError> {
        self.memory.of(sentences, |missing| {
            let found = self.inner.recognize(missing)?;
            if found.len() == missing.len() {
                return Ok(found);
            }
            let (expected, found) = (missing.len(), found.len());
            Err(BackendError::new(format!(
                "expected mentions of {expected} sentences, found {found}"
            )))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::Span;
    use crate::entity::Label;

    /// Takes every sentence for a name, and writes down what it was shown.
    #[derive(Default)]
    struct Fake(Mutex<Vec<String>>);

    impl EntityRecognizer for Fake {
        fn recognize(&self, sentences: &[&str]) -> Result<Vec<Vec<Mention>>, BackendError> {
            self.0
                .lock()
                .unwrap()
                .extend(sentences.iter().map(|&s| s.to_owned()));
            let found = sentences
                .iter()
                .filter(|sentence| **sentence != "lost")
                .map(|sentence| {
                    vec![Mention {
                        span: Span::new(0, sentence.len()),
                        label: Label::Per,
                        score: 1.0,
                    }]
                });
            Ok(found.collect())
        }
    }

    fn lengths(memory: &EntityMemory<Fake>, sentences: &[&str]) -> Vec<usize> {
        let found = memory.recognize(sentences).unwrap();
        found.iter().map(|mentions| mentions[0].span.end()).collect()
    }

    #[test]
    fn a_sentence_is_looked_at_once() {
        let memory = EntityMemory::new(Fake::default(), 10_000);
        assert_eq!(lengths(&memory, &["a", "bb", "a"]), [1, 2, 1]);
        assert_eq!(lengths(&memory, &["ccc", "bb"]), [3, 2]);
        assert_eq!(*memory.inner.0.lock().unwrap(), ["a", "bb", "ccc"]);
    }

    #[test]
    fn nothing_shows_of_what_is_forgotten() {
        for limit in [0, 300, 500, 10_000] {
            let memory = EntityMemory::new(Fake::default(), limit);
            for sentences in [["a", "bb"], ["bb", "ccc"], ["ccc", "a"]] {
                let expected: Vec<usize> = sentences.iter().map(|sentence| sentence.len()).collect();
                assert_eq!(lengths(&memory, &sentences), expected);
                assert!(memory.memory.used() <= limit);
            }
        }
    }

    #[test]
    fn a_recogniser_that_loses_sentences_is_found_out() {
        let memory = EntityMemory::new(Fake::default(), 10_000);
        let error = memory.recognize(&["a", "lost"]).unwrap_err();
        assert_eq!(error.to_string(), "expected mentions of 2 sentences, found 1");
        assert_eq!(lengths(&memory, &["a"]), [1]);
    }
}
