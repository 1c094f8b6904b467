//! Putting a pipeline together.

use std::sync::Arc;

use super::{Models, Pipeline, Stages};
use crate::Error;
use crate::align::{Aligner, Lexicon, PassageAligner};
use crate::backend::{self, Backend, Device};
use crate::engine::{EngineOptions, Precision};
use crate::entity::{BertRecognizer, CaseRepair, EntityRecognizer};
use crate::language::{ContextDetector, Language, LanguageDetector};
use crate::model::{ModelFiles, bundled};
use crate::provenance::{ModelInfo, Run};
use crate::segment::{ArticleSegmenter, RuleSentenceSplitter, Segmenter, SentenceSplitter};
use crate::translate::{CarefulTranslator, TranslationMemory, Translator};

/// An entity recogniser and what the records say of it.
type Recognizer = (Box<dyn EntityRecognizer>, ModelInfo);

/// What the memory of translated sentences may take, in bytes.
const MEMORY_BYTES: usize = 32 << 20;

/// Puts a [`Pipeline`] together. What is not given is the default stage, and the bundled models.
#[derive(Default)]
pub struct PipelineBuilder {
    target: Option<Language>,
    segmenter: Option<Box<dyn Segmenter>>,
    splitter: Option<Box<dyn SentenceSplitter>>,
    detector: Option<Arc<dyn LanguageDetector>>,
    aligner: Option<Box<dyn Aligner>>,
    translators: Vec<(Box<dyn Translator>, ModelInfo)>,
    recognizer: Option<Recognizer>,
    translation_models: Vec<ModelFiles>,
    entity_model: Option<ModelFiles>,
    engine: EngineOptions,
    backend: Backend,
    device: Device,
    without_translation: bool,
    without_entities: bool,
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
    pub fn segmenter(mut self, segmenter: impl Segmenter + 'static) -> Self {
        self.segmenter = Some(Box::new(segmenter));
        self
    }

    /// Another sentence splitter.
    #[must_use]
    pub fn sentence_splitter(mut self, splitter: impl SentenceSplitter + 'static) -> Self {
        self.splitter = Some(Box::new(splitter));
        self
    }

    /// Another language detector.
    #[must_use]
    pub fn language_detector(mut self, detector: impl LanguageDetector + 'static) -> Self {
        self.detector = Some(Arc::new(detector));
        self
    }

    /// Another aligner.
    #[must_use]
    pub fn aligner(mut self, aligner: impl Aligner + 'static) -> Self {
        self.aligner = Some(Box::new(aligner));
        self
    }

    /// A translator of the caller's own, used as it is; may be called once a language pair. It
    /// goes before models of the same pair.
    #[must_use]
    pub fn translator(mut self, translator: impl Translator + 'static, info: ModelInfo) -> Self {
        self.translators.push((Box::new(translator), info));
        self
    }

    /// An entity recogniser of the caller's own, used as it is.
    #[must_use]
    pub fn entity_recognizer(mut self, recognizer: impl EntityRecognizer + 'static, info: ModelInfo) -> Self {
        self.recognizer = Some((Box::new(recognizer), info));
        self
    }

    /// A Marian model to translate with; may be called once a language pair. The first call puts
    /// the bundled model aside.
    #[must_use]
    pub fn translation_model(mut self, files: ModelFiles) -> Self {
        self.translation_models.push(files);
        self
    }

    /// The BERT model to find names with, in place of the bundled one.
    #[must_use]
    pub fn entity_model(mut self, files: ModelFiles) -> Self {
        self.entity_model = Some(files);
        self
    }

    /// How the models are run.
    #[must_use]
    pub fn engine(mut self, options: EngineOptions) -> Self {
        self.engine = options;
        self
    }

    /// What runs the networks of the models, and where. Of the engine's options, another backend than the engine
    /// heeds all but the precision.
    #[must_use]
    pub fn backend(mut self, backend: Backend, device: Device) -> Self {
        self.backend = backend;
        self.device = device;
        self
    }

    /// Leaves translation models out: a foreign sentence that is not aligned keeps its text, flagged `no-model`.
    #[must_use]
    pub fn without_translation(mut self) -> Self {
        self.without_translation = true;
        self
    }

    /// Leaves entities out.
    #[must_use]
    pub fn without_entities(mut self) -> Self {
        self.without_entities = true;
        self
    }

    /// Loads the models and makes the pipeline.
    ///
    /// # Errors
    ///
    /// When a model cannot be loaded, or the backend is not part of this build or does not know the device.
    pub fn build(mut self) -> Result<Pipeline, Error> {
        let target = self.target.unwrap_or(Language::ENGLISH);
        let mut run = Run {
            models: Vec::new(),
            settings: self.settings(target)?,
        };
        let detector = self
            .detector
            .take()
            .unwrap_or_else(|| Arc::new(ContextDetector::new()));
        let mut models = Models::default();
        for (translator, info) in std::mem::take(&mut self.translators) {
            models.translators.push((translator, run.models.len()));
            run.models.push(info);
        }
        for files in self.chosen_translation_models() {
            models
                .translators
                .push((self.load_translator(&files, &detector)?, run.models.len()));
            run.models.push(files.info("translate")?);
        }
        if let Some((recognizer, info)) = self.load_recognizer()? {
            models.recognizer = Some(recognizer);
            run.models.push(info);
        }
        Ok(Pipeline {
            stages: self.stages(detector)?,
            models,
            target,
            run,
        })
    }

    fn settings(&self, target: Language) -> Result<std::collections::BTreeMap<String, String>, Error> {
        let precision = match (self.backend, self.engine.precision) {
            (Backend::Engine, Precision::Int8) => "int8",
            (Backend::Engine, Precision::F32) | (Backend::RustBert, _) => "f32",
        };
        let mut settings = vec![
            ("to", target.to_string()),
            ("beam", self.engine.beam.to_string()),
            ("precision", precision.to_owned()),
            ("shortlist", self.engine.shortlist.to_string()),
            ("backend", self.backend.as_str().to_owned()),
        ];
        let device = backend::find_device(self.backend, self.device)?;
        if self.backend != Backend::Engine {
            settings.push(("device", device.as_str().to_owned()));
        }
        let named = settings.into_iter().map(|(name, value)| (name.to_owned(), value));
        Ok(named.collect())
    }

    fn chosen_translation_models(&self) -> Vec<ModelFiles> {
        if self.without_translation {
            Vec::new()
        } else if self.translation_models.is_empty() {
            bundled::translation().into_iter().collect()
        } else {
            self.translation_models.clone()
        }
    }

    fn load_translator(
        &self,
        files: &ModelFiles,
        detector: &Arc<dyn LanguageDetector>,
    ) -> Result<Box<dyn Translator>, Error> {
        let model = backend::translator(self.backend, self.device, files, &self.engine)?;
        let mut careful = CarefulTranslator::new(model).with_detector(Arc::clone(detector));
        if let Some(lexicon) = Lexicon::read(files)? {
            careful = careful.with_names(move |word| lexicon.has_other_form(word));
        }
        Ok(Box::new(TranslationMemory::new(careful, MEMORY_BYTES)))
    }

    fn load_recognizer(&mut self) -> Result<Option<Recognizer>, Error> {
        if self.without_entities {
            return Ok(None);
        }
        if let Some(given) = self.recognizer.take() {
            return Ok(Some(given));
        }
        let Some(files) = self.entity_model.take().or_else(bundled::entities) else {
            return Ok(None);
        };
        let tagger = backend::tagger(self.backend, self.device, &files, &self.engine)?;
        let recognizer = CaseRepair::new(BertRecognizer::new(tagger)?);
        Ok(Some((Box::new(recognizer), files.info("entities")?)))
    }

    fn stages(self, detector: Arc<dyn LanguageDetector>) -> Result<Stages, Error> {
        let aligner = match self.aligner {
            Some(aligner) => aligner,
            None => Box::new(PassageAligner::new(lexicon(&self.translation_models)?)),
        };
        Ok(Stages {
            segmenter: self.segmenter.unwrap_or_else(|| Box::new(ArticleSegmenter)),
            splitter: self.splitter.unwrap_or_else(|| Box::new(RuleSentenceSplitter)),
            detector,
            aligner,
        })
    }
}

/// The lexicon of the first given model that has one, else the bundled one, else an empty one.
fn lexicon(given: &[ModelFiles]) -> Result<Lexicon, Error> {
    for files in given.iter().chain(&bundled::translation()) {
        if let Some(lexicon) = Lexicon::read(files)? {
            return Ok(lexicon);
        }
    }
    Ok(Lexicon::default())
}
