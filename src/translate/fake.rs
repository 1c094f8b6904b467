//! Translators for tests whose output can be worked out in the head.

use std::sync::{Mutex, PoisonError};

use super::{LanguagePair, Translation, Translator};
use crate::{BackendError, Language};

/// Rewrites each white-space token on its own, in order: token `i` of the output comes from token
/// `i` of the source. It remembers what it was given; each white-space token counts as one.
pub(super) struct Fake {
    rewrite: Box<dyn Fn(&str) -> String + Send + Sync>,
    aligns: bool,
    placeholders: Vec<String>,
    max_tokens: usize,
    fails_on: Option<&'static str>,
    seen: Mutex<Vec<String>>,
}

impl Fake {
    /// A model that makes `rewrite` of a sentence.
    pub fn new(rewrite: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self {
            rewrite: Box::new(rewrite),
            aligns: true,
            placeholders: Vec::new(),
            max_tokens: 100,
            fails_on: None,
            seen: Mutex::default(),
        }
    }

    /// The sentence itself.
    pub fn echo() -> Self {
        Self::new(str::to_owned)
    }

    /// The sentence in capitals.
    pub fn upper() -> Self {
        Self::new(str::to_uppercase)
    }

    /// With placeholders `⟦1⟧` to `⟦count⟧`.
    pub fn with_placeholders(mut self, count: usize) -> Self {
        self.placeholders = (1..=count).map(|number| format!("⟦{number}⟧")).collect();
        self
    }

    pub fn with_max_tokens(mut self, max_tokens: usize) -> Self {
        self.max_tokens = max_tokens;
        self
    }

    /// Without word alignment.
    pub fn without_alignment(mut self) -> Self {
        self.aligns = false;
        self
    }

    /// An error where a sentence is `sentence`.
    pub fn failing_on(mut self, sentence: &'static str) -> Self {
        self.fails_on = Some(sentence);
        self
    }

    /// All sentences given so far.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn output(&self, sentence: &str) -> Translation {
        let text = (self.rewrite)(sentence);
        let count = text
            .split_whitespace()
            .count()
            .min(sentence.split_whitespace().count());
        let alignment = if self.aligns {
            (0..count).map(|index| (index, index)).collect()
        } else {
            Vec::new()
        };
        Translation {
            text,
            score: -0.5,
            alignment,
            flags: Vec::new(),
        }
    }
}

impl Translator for Fake {
    fn pair(&self) -> LanguagePair {
        LanguagePair {
            source: Language::FRENCH,
            target: Language::ENGLISH,
        }
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if self.fails_on.is_some_and(|bad| sentences.contains(&bad)) {
            return Err(BackendError::new("this model does not like it"));
        }
        seen.extend(sentences.iter().map(|sentence| (*sentence).to_owned()));
        Ok(sentences.iter().map(|sentence| self.output(sentence)).collect())
    }

    fn placeholders(&self) -> &[String] {
        &self.placeholders
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        sentence.split_whitespace().count()
    }

    fn max_tokens(&self) -> usize {
        self.max_tokens
    }
}
