//! The pipeline: it owns documents and the order of the stages, which know neither.

mod builder;
mod layers;
mod names;
mod render;
mod translators;

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

pub use builder::PipelineBuilder;

use crate::align::Aligner;
use crate::document::{Document, Failure, Outcome};
use crate::entity::EntityRecognizer;
use crate::language::{Language, LanguageDetector};
use crate::provenance::Run;
use crate::segment::{Segmenter, SentenceSplitter, without_marks};
use crate::translate::{LanguagePair, Translator};
use layers::Layers;
use translators::Translators;

/// All stages, ready to run. Shared between threads by reference.
pub struct Pipeline {
    stages: Stages,
    models: Models,
    target: Language,
    run: Run,
}

/// The stages that need no model file of their own.
struct Stages {
    segmenter: Box<dyn Segmenter>,
    splitter: Box<dyn SentenceSplitter>,
    detector: Arc<dyn LanguageDetector>,
    aligner: Box<dyn Aligner>,
}

/// The stages that do.
#[derive(Default)]
struct Models {
    translators: Translators,
    recognizer: Option<Box<dyn EntityRecognizer>>,
}

/// A document on its way.
struct Work {
    document: Document,
    /// The text as the stages read it, where that is another: without the marks of quoted lines.
    /// Offsets are the same.
    plain: Option<String>,
    layers: Layers,
    failures: Vec<Failure>,
}

impl Pipeline {
    /// A builder with the default stages and the bundled models.
    pub fn builder() -> PipelineBuilder {
        PipelineBuilder::default()
    }

    /// Runs all stages on one document.
    pub fn process(&self, document: &Document) -> Outcome {
        self.process_batch(vec![document.clone()]).swap_remove(0)
    }

    /// Runs all stages on documents: one outcome a document, in order. What goes wrong with one
    /// is in its outcome's failures and does not touch the others.
    ///
    /// The work is spread over the current rayon pool, sentence by sentence over all documents;
    /// an outcome depends neither on the pool nor on the other documents.
    pub fn process_batch(&self, documents: Vec<Document>) -> Vec<Outcome> {
        let mut work: Vec<Work> = documents
            .into_par_iter()
            .map(|document| self.read(document))
            .collect();
        let made = render::translate(&mut work, &self.models, self.target);
        let renderings: Vec<_> = work
            .par_iter()
            .zip(made)
            .map(|(item, made)| render::renderings(item, made, &self.stages, self.target))
            .collect();
        names::outcomes(work, renderings, self.models.recognizer.as_deref())
    }

    fn read(&self, document: Document) -> Work {
        let plain = without_marks(&document.text);
        let layers = Layers::of(&document.text, &plain, &self.stages);
        let plain = match plain {
            Cow::Borrowed(_) => None,
            Cow::Owned(plain) => Some(plain),
        };
        Work {
            document,
            plain,
            layers,
            failures: Vec::new(),
        }
    }

    /// The segmenter.
    pub fn segmenter(&self) -> &dyn Segmenter {
        self.stages.segmenter.as_ref()
    }

    /// The sentence splitter.
    pub fn sentence_splitter(&self) -> &dyn SentenceSplitter {
        self.stages.splitter.as_ref()
    }

    /// The language detector.
    pub fn language_detector(&self) -> &dyn LanguageDetector {
        self.stages.detector.as_ref()
    }

    /// The aligner.
    pub fn aligner(&self) -> &dyn Aligner {
        self.stages.aligner.as_ref()
    }

    /// The translator of a language pair, where there is one.
    pub fn translator(&self, pair: LanguagePair) -> Option<&dyn Translator> {
        self.models.translators.of(pair).map(|(translator, _)| translator)
    }

    /// The language pairs that are translated, each with the index of its model in the run's list.
    pub fn pairs(&self) -> impl Iterator<Item = (LanguagePair, usize)> + '_ {
        self.models.translators.pairs()
    }

    /// The entity recogniser, unless it was left out.
    pub fn entity_recognizer(&self) -> Option<&dyn EntityRecognizer> {
        self.models.recognizer.as_deref()
    }

    /// What the records of this pipeline say of models and settings.
    pub fn run(&self) -> &Run {
        &self.run
    }
}
