//! The care around a model: what it reads is prepared, what it writes is checked and repaired.

use std::fmt;
use std::sync::Arc;

use super::join::Joined;
use super::long::split;
use super::mask::{Hiding, Sentence, Words};
use super::plan::Plan;
use super::{Flag, Glossary, LanguagePair, Translation, Translator, check, one_each, quotes};
use crate::language::LanguageDetector;
use crate::{BackendError, Span};

/// Wraps a model so that its output can be trusted, or says what is wrong with it.
///
/// - Links, handles, hashtags, emoji, codes and numbers with their separators come out as they
///   went in: at the edges of a sentence the model does not see them, inside they are hidden
///   behind its [placeholders](Translator::placeholders) if it has any, and what it loses is
///   put back by word alignment.
/// - Quotation marks around a sentence are kept, guillemets as English ones where English is written.
/// - Names that the model would have to spell are carried over ([`CarefulTranslator::with_names`]).
/// - Terms of a glossary come out as it says ([`CarefulTranslator::with_glossary`]), and rare words as a dictionary does
///   ([`CarefulTranslator::with_rare_words`]).
/// - Names of several words, acronyms and hours that lost something are tried again with them hidden, where French becomes
///   English and names are carried over.
/// - French that small models misread is put in other words for the model: numbers in words, negations without `ne`.
/// - Sentences in capitals are lower-cased for the model and its output is raised.
/// - Sentences beyond [`Translator::max_tokens`] are split at clause ends and joined.
/// - Output that loops or loses something is tried again in another way, and the better is kept.
/// - What is still wrong is [flagged](Flag).
///
/// A sentence without words is returned as it is, with score 0. All sentences of a call go to the
/// model in one batch, and what is tried again in a second.
pub struct CarefulTranslator<T> {
    inner: T,
    detector: Option<Arc<dyn LanguageDetector>>,
    has_rendering: Option<Arc<HasRendering>>,
    glossary: Option<Arc<Glossary>>,
    rare: Option<Arc<RareWords>>,
}

/// The best rendering of a word of the source language that the model has hardly met, and all that there are, in lower
/// case; `None` for other words.
pub(super) type RareWords = dyn Fn(&str) -> Option<(String, Vec<String>)> + Send + Sync;

/// Whether a word of the source language has another form in the target language.
type HasRendering = dyn Fn(&str) -> bool + Send + Sync;

impl<T: Translator> CarefulTranslator<T> {
    /// Takes care of a model.
    pub fn new(inner: T) -> Self {
        Self {
            inner,
            detector: None,
            has_rendering: None,
            glossary: None,
            rare: None,
        }
    }

    /// Carries names over unchanged that the model would have to spell from several tokens, where it has
    /// placeholders. `has_rendering` says which capitalised words have another form in the target language
    /// (`Londres`), so that they are left to the model.
    #[must_use]
    pub fn with_names(mut self, has_rendering: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.has_rendering = Some(Arc::new(has_rendering));
        self
    }

    /// Renders terms as a glossary says, where the model has placeholders: what it did not render so is translated
    /// again with the term hidden. The better of the two is kept, so that a term may still be lost.
    #[must_use]
    pub fn with_glossary(mut self, glossary: Arc<Glossary>) -> Self {
        self.glossary = Some(glossary);
        self
    }

    /// Renders rare words as a dictionary says, in the way of a glossary (Arthur, Neubig and Nakamura 2016 on why: what a
    /// small model has seen a few times it confuses or spells). For a word that is rare `rare` gives its best rendering
    /// and all others, in lower case; a word of the output that begins as one of them does counts as rendered.
    #[must_use]
    pub fn with_rare_words(
        mut self,
        rare: impl Fn(&str) -> Option<(String, Vec<String>)> + Send + Sync + 'static,
    ) -> Self {
        self.rare = Some(Arc::new(rare));
        self
    }

    /// With a detector that says when output is in the wrong language.
    #[must_use]
    pub fn with_detector(mut self, detector: Arc<dyn LanguageDetector>) -> Self {
        self.detector = Some(detector);
        self
    }

    /// The model.
    pub fn inner(&self) -> &T {
        &self.inner
    }
}

impl<T: fmt::Debug> fmt::Debug for CarefulTranslator<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarefulTranslator")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<T: Translator> Translator for CarefulTranslator<T> {
    fn pair(&self) -> LanguagePair {
        self.inner.pair()
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        let symbols = self.inner.placeholders();
        let mut plans: Vec<Plan<'_>> = sentences.iter().map(|text| self.plan(text, symbols)).collect();
        self.run(&mut plans)?;
        for plan in &mut plans {
            plan.plan_second_attempts(|sentence, span, hiding| self.fits(sentence, span, hiding));
        }
        self.run(&mut plans)?;
        Ok(plans.into_iter().map(|plan| self.finish(plan)).collect())
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        self.inner.count_tokens(sentence)
    }

    fn max_tokens(&self) -> usize {
        self.inner.max_tokens()
    }
}

impl<T: Translator> CarefulTranslator<T> {
    /// What to give to the model first.
    fn plan<'a>(&'a self, text: &'a str, symbols: &'a [String]) -> Plan<'a> {
        let known = Words {
            is_spelled: &|word| self.is_spelled(word),
            has_rendering: self
                .has_rendering
                .as_deref()
                .map(|has_rendering| has_rendering as &dyn Fn(&str) -> bool),
            pair: self.inner.pair(),
            glossary: self.glossary.as_deref(),
            rare: self.rare.as_deref(),
        };
        let sentence = Sentence::new(text, symbols, known);
        let body = quotes::within(text, sentence.body());
        let ranges = if sentence.has_words(body) {
            let fits = |span| self.fits(&sentence, span, Hiding::FIRST);
            split(text, body, &sentence.protected, fits)
        } else {
            Vec::new()
        };
        Plan::new(sentence, &ranges, |sentence, span, hiding| {
            self.fits(sentence, span, hiding)
        })
    }

    /// Whether the model knows a word neither whole nor by its rendering.
    fn is_spelled(&self, word: &str) -> bool {
        let Some(has_rendering) = &self.has_rendering else {
            return false;
        };
        let end = self.inner.count_tokens("");
        let parts = || word.split('-').filter(|part| !part.is_empty());
        parts().any(|part| self.inner.count_tokens(part) > end + 1)
            && !has_rendering(word)
            && !parts().any(|part| has_rendering(part))
    }

    fn fits(&self, sentence: &Sentence<'_>, span: Span, hiding: Hiding) -> bool {
        sentence.has_symbols_for(span)
            && self.inner.count_tokens(&sentence.mask(span, hiding).text) <= self.inner.max_tokens()
    }

    /// Lets the model translate all that waits for it, in one batch.
    fn run(&self, plans: &mut [Plan<'_>]) -> Result<(), BackendError> {
        let waiting: Vec<&str> = plans.iter().flat_map(|plan| plan.waiting()).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let mut outputs = one_each(self.inner.translate(&waiting)?, waiting.len())?.into_iter();
        for plan in plans {
            plan.accept(&mut outputs, self.inner.pair());
        }
        Ok(())
    }

    /// Joins the best attempts and says what is wrong with the whole.
    fn finish(&self, plan: Plan<'_>) -> Translation {
        let text = plan.sentence.text;
        let mut joined = Joined::new(text, self.inner.pair().target);
        let mut flags = Vec::new();
        for part in &plan.parts {
            for piece in part.best() {
                joined.keep_until(piece.range.start());
                if let Some((masked, done)) = piece.translated() {
                    joined.push(masked, &done.output, &done.restored);
                    flags.extend(&done.output.flags);
                    flags.extend((done.restored.guessed > 0).then_some(Flag::ProtectedLost));
                }
            }
        }
        joined.keep_until(text.len());
        if !plan.parts.is_empty() {
            flags.extend(check(
                text,
                joined.text(),
                self.inner.pair(),
                self.detector.as_deref(),
            ));
        }
        flags.sort_unstable();
        flags.dedup();
        Translation {
            flags,
            ..joined.finish()
        }
    }
}

#[cfg(test)]
mod terms;
#[cfg(test)]
mod tests;
