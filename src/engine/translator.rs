//! A Marian model as a [`Translator`].

use super::marian_files::Config;
use super::{EngineOptions, Hypothesis, Marian};
use crate::model::ModelFiles;
use crate::translate::{Flag, LanguagePair, Translation, Translator};
use crate::{BackendError, Error, Language};

/// A [`Marian`] model that knows its languages.
#[derive(Debug)]
pub struct MarianTranslator {
    model: Marian,
    pair: LanguagePair,
}

impl MarianTranslator {
    /// Loads a model. Without a `pair`, the languages are those that its `config.json` names, as
    /// `source_lang` and `target_lang` in an object `diglot`.
    ///
    /// # Errors
    ///
    /// When the model cannot be loaded, or its languages are not known.
    pub fn load(
        files: &ModelFiles,
        options: &EngineOptions,
        pair: Option<LanguagePair>,
    ) -> Result<Self, Error> {
        let model = Marian::load(files, options)?;
        let pair = pair_of(files, model.config(), pair)?;
        Ok(Self { model, pair })
    }

    /// The model.
    pub fn model(&self) -> &Marian {
        &self.model
    }
}

impl Translator for MarianTranslator {
    fn pair(&self) -> LanguagePair {
        self.pair
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        Ok(self
            .model
            .translate(sentences)?
            .into_iter()
            .map(Translation::from)
            .collect())
    }

    fn placeholders(&self) -> &[String] {
        &self.model.config().diglot.placeholders
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        self.model.count_tokens(sentence)
    }

    fn max_tokens(&self) -> usize {
        self.model.max_tokens()
    }
}

impl From<Hypothesis> for Translation {
    fn from(hypothesis: Hypothesis) -> Self {
        Self {
            text: hypothesis.text,
            score: hypothesis.score,
            alignment: hypothesis.alignment,
            flags: if hypothesis.finished {
                Vec::new()
            } else {
                vec![Flag::Truncated]
            },
        }
    }
}

/// The languages of a model: those given, else those that its configuration names.
///
/// # Errors
///
/// When it names none.
pub(super) fn pair_of(
    files: &ModelFiles,
    config: &Config,
    given: Option<LanguagePair>,
) -> Result<LanguagePair, Error> {
    let named = &config.diglot;
    match given {
        Some(pair) => Ok(pair),
        None => Ok(LanguagePair {
            source: parse_language(files, "source_lang", named.source_lang.as_deref())?,
            target: parse_language(files, "target_lang", named.target_lang.as_deref())?,
        }),
    }
}

fn parse_language(files: &ModelFiles, field: &str, code: Option<&str>) -> Result<Language, Error> {
    let invalid = |found: String| {
        let message = format!("`config.json`: expected a language code in `diglot.{field}`, found {found}");
        Error::model(files.name(), message)
    };
    let code = code.ok_or_else(|| invalid("none".to_owned()))?;
    code.parse().map_err(|_| invalid(format!("`{code}`")))
}
