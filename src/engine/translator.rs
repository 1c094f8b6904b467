//! A Marian model as a [`Translator`].

use std::sync::Arc;

use super::languages::{TargetToken, target_token};
use super::{EngineOptions, Hypothesis, Marian};
use crate::model::ModelFiles;
use crate::translate::{Flag, LanguagePair, NamedPair, Translation, Translator};
use crate::{BackendError, Error, Language};

/// A [`Marian`] model that translates one language pair. Several may share a model that knows several
/// languages.
#[derive(Clone, Debug)]
pub struct MarianTranslator {
    model: Arc<Marian>,
    pair: LanguagePair,
    token: Option<TargetToken>,
}

impl MarianTranslator {
    /// Loads a model for the pair that is given, or else for the one that its files say:
    /// `source_lang` and `target_lang` in the object `diglot` of `config.json`, or in
    /// `tokenizer_config.json`, or the name, as in `opus-mt-fr-en`.
    ///
    /// # Errors
    ///
    /// When the model cannot be loaded, its languages are not known, or it does not write the target.
    pub fn load(
        files: &ModelFiles,
        options: &EngineOptions,
        pair: Option<LanguagePair>,
    ) -> Result<Self, Error> {
        let model = Arc::new(Marian::load(files, options)?);
        let pair = match pair.or(model.stated().pair()) {
            Some(pair) => pair,
            None => return Err(no_pair(files, &model)),
        };
        Self::new(files, model, &pair.into())
    }

    /// A loaded model as a translator of a pair. Of a multilingual model, the target language chooses the
    /// token (`>>fra<<`) that tells it what to write.
    ///
    /// # Errors
    ///
    /// When the model does not write the target, or in several ways of which the pair names none; the
    /// message lists those that there are.
    pub fn new(files: &ModelFiles, model: Arc<Marian>, pair: &NamedPair) -> Result<Self, Error> {
        let token = target_token(files, model.target_codes(), pair, model.stated())?;
        Ok(Self {
            model,
            pair: pair.pair,
            token,
        })
    }

    /// A loaded model as translators into those of `targets` that it writes, from the language that its
    /// files say it reads. Where they say which one language it writes, that is the one. There are none
    /// where `targets` has no other language than the one that the model reads.
    ///
    /// # Errors
    ///
    /// When the files do not say which language the model reads, or it writes none of `targets`.
    pub fn of_files(
        files: &ModelFiles,
        model: &Arc<Marian>,
        targets: &[Language],
    ) -> Result<Vec<Self>, Error> {
        let stated = model.stated();
        if let Some(pair) = stated.pair() {
            return Ok(vec![Self::new(files, Arc::clone(model), &pair.into())?]);
        }
        let Some(source) = stated.source.filter(|_| !model.target_codes().is_empty()) else {
            return Err(no_pair(files, model));
        };
        let targets = targets.iter().filter(|&&target| target != source);
        let tried: Vec<Result<Self, Error>> = targets
            .map(|&target| Self::new(files, Arc::clone(model), &LanguagePair { source, target }.into()))
            .collect();
        if tried.iter().any(Result::is_ok) {
            return Ok(tried.into_iter().flatten().collect());
        }
        tried.into_iter().collect::<Result<Vec<_>, _>>()
    }

    /// The model.
    pub fn model(&self) -> &Marian {
        &self.model
    }
}

/// An error that says what of the languages is not known.
fn no_pair(files: &ModelFiles, model: &Marian) -> Error {
    let stated = model.stated();
    let side = match (stated.source, stated.target) {
        (None, None) => "which languages it reads and writes",
        (None, Some(_)) => "which language it reads",
        _ => "which language it writes",
    };
    let message = format!(
        "expected `config.json`, `tokenizer_config.json` or the model's name to say {side}, found nothing \
         clear; name the pair beside the model, as in `translate:fr-en=`"
    );
    Error::model(files.name(), message)
}

impl Translator for MarianTranslator {
    fn pair(&self) -> LanguagePair {
        self.pair
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        let hypotheses = self.model.translate_into(sentences, self.token)?;
        Ok(hypotheses.into_iter().map(Translation::from).collect())
    }

    fn placeholders(&self) -> &[String] {
        &self.model.config().diglot.placeholders
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        self.model.count_tokens(sentence) + usize::from(self.token.is_some())
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
