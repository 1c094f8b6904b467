//! Translation: the trait, and what surrounds a model so that its output can be trusted.

mod careful;
mod check;
#[cfg(test)]
mod fake;
mod glossary;
mod grammar;
mod join;
mod kept;
mod link;
mod long;
mod mask;
mod memory;
mod names;
mod number;
mod pair;
mod pivot;
mod plan;
mod protect;
mod quotes;
mod restore;
mod reword;
mod shape;
mod spelled;
mod term;
mod tokens;
pub(crate) mod value;

use std::sync::Arc;

pub use careful::CarefulTranslator;
pub use check::{Flag, check};
pub use glossary::Glossary;
pub use memory::TranslationMemory;
pub use pair::{LanguagePair, NamedPair, ParsePairError};
pub use pivot::PivotTranslator;
pub use protect::{Protected, ProtectedKind, protected_spans};

use crate::BackendError;

/// What a model made of one sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Translation {
    /// The output.
    pub text: String,
    /// Mean log probability of the output's tokens, natural logarithm; `<= 0`.
    pub score: f32,
    /// Word alignment: indexes of white-space separated tokens, source then output, sorted.
    pub alignment: Vec<(usize, usize)>,
    /// What is wrong with it, sorted, without repetition.
    pub flags: Vec<Flag>,
}

/// Translates sentences of one language pair.
pub trait Translator: Send + Sync {
    /// The pair that this model translates.
    fn pair(&self) -> LanguagePair;

    /// Translates each sentence; one result a sentence, in order. A sentence's result does not
    /// depend on its neighbours.
    ///
    /// # Errors
    ///
    /// When the model could not run at all. A poor output is no error: it is flagged.
    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError>;

    /// Symbols that the model was trained to carry over unchanged, for spans that must survive;
    /// empty where the model knows none.
    fn placeholders(&self) -> &[String] {
        &[]
    }

    /// How many tokens of the model a sentence takes.
    fn count_tokens(&self, sentence: &str) -> usize;

    /// The most tokens of one sentence that the model can read.
    fn max_tokens(&self) -> usize;
}

/// Makes a pointer to a translator a translator.
macro_rules! translate_through {
    ($($pointer:ty),*) => {$(
        impl<T: Translator + ?Sized> Translator for $pointer {
            fn pair(&self) -> LanguagePair {
                (**self).pair()
            }

            fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
                (**self).translate(sentences)
            }

            fn placeholders(&self) -> &[String] {
                (**self).placeholders()
            }

            fn count_tokens(&self, sentence: &str) -> usize {
                (**self).count_tokens(sentence)
            }

            fn max_tokens(&self) -> usize {
                (**self).max_tokens()
            }
        }
    )*};
}

translate_through!(&T, Box<T>, Arc<T>);

/// The translations, if a translator gave one for each of `expected` sentences as it must.
fn one_each(translations: Vec<Translation>, expected: usize) -> Result<Vec<Translation>, BackendError> {
    if translations.len() == expected {
        return Ok(translations);
    }
    let found = translations.len();
    Err(BackendError::new(format!(
        "expected {expected} translations of the translator, found {found}"
    )))
}
