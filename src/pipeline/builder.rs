//! Putting a pipeline together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::translators::{GivenModel, Translators, Wanted};
use super::{Models, Pipeline, Stages};
use crate::Error;
use crate::align::{Aligner, Lexicon, PassageAligner};
use crate::backend::{self, Backend, Device};
use crate::engine::{EngineOptions, Precision};
use crate::entity::{BertRecognizer, CaseRepair, EntityMemory, EntityRecognizer, RandomField};
use crate::language::{ContextDetector, Language, LanguageDetector};
use crate::model::{ModelFiles, bundled};
use crate::provenance::{ModelInfo, Run};
use crate::segment::{ArticleSegmenter, RuleSentenceSplitter, Segmenter, SentenceSplitter};
use crate::translate::{Glossary, NamedPair, Translator};

/// What the memory of sentences in which names were found may take, in bytes.
const MEMORY_BYTES: usize = 16 << 20;

/// An entity recogniser and what the records say of it.
type Recognizer = (Box<dyn EntityRecognizer>, Vec<ModelInfo>);

/// Puts a [`Pipeline`] together. What is not given is the default stage, and the bundled models.
#[derive(Default)]
pub struct PipelineBuilder {
    target: Option<Language>,
    pivot: Option<Language>,
    source: Option<Language>,
    segmenter: Option<Box<dyn Segmenter>>,
    splitter: Option<Box<dyn SentenceSplitter>>,
    detector: Option<Arc<dyn LanguageDetector>>,
    aligner: Option<Box<dyn Aligner>>,
    translators: Vec<(Box<dyn Translator>, ModelInfo)>,
    recognizer: Option<Recognizer>,
    translation_models: Vec<GivenModel>,
    entity_model: Option<ModelFiles>,
    glossary: Option<Glossary>,
    engine: EngineOptions,
    backend: Backend,
    device: Device,
    all_models: bool,
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

    /// The language to go through where no model translates directly; unless this is said, such text is
    /// not translated.
    #[must_use]
    pub fn pivot(mut self, language: Language) -> Self {
        self.pivot = Some(language);
        self
    }

    /// The only language to translate from: models of others are not loaded.
    #[must_use]
    pub fn source(mut self, language: Language) -> Self {
        self.source = Some(language);
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
        self.recognizer = Some((Box::new(recognizer), vec![info]));
        self
    }

    /// A Marian model to translate with, for the language pair that its files say; may be called once a
    /// pair. A multilingual model serves the target (and the pivot), as far as it writes them.
    ///
    /// The bundled model stays beside models of other pairs; a model of its own pair takes its place.
    /// Models that are of no use for the target are not loaded.
    #[must_use]
    pub fn translation_model(mut self, files: ModelFiles) -> Self {
        self.translation_models.push(GivenModel { files, pair: None });
        self
    }

    /// The same for a pair that is said outright. A model that knows several languages may be given for
    /// each of them; it is loaded once.
    #[must_use]
    pub fn translation_model_for(mut self, pair: impl Into<NamedPair>, files: ModelFiles) -> Self {
        let pair = Some(pair.into());
        self.translation_models.push(GivenModel { files, pair });
        self
    }

    /// Terms with their renderings, which go before those that a model brings in its `glossary.tsv`. They count for
    /// all models that have placeholders, as the bundled one; others are left as they are.
    #[must_use]
    pub fn glossary(mut self, glossary: Glossary) -> Self {
        self.glossary = Some(glossary);
        self
    }

    /// Loads all models, also those that are of no use for the target.
    #[must_use]
    pub fn all_models(mut self) -> Self {
        self.all_models = true;
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
        self.device = backend::find_device(self.backend, self.device)?;
        let detector = self
            .detector
            .take()
            .unwrap_or_else(|| Arc::new(ContextDetector::new()));
        let translators = self.load_translators(target, &detector)?;
        let mut run = Run {
            models: translators.infos.clone(),
            settings: self.settings(target, &translators),
        };
        let recognizer = self.load_recognizer()?.map(|(recognizer, infos)| {
            run.models.extend(infos);
            recognizer
        });
        Ok(Pipeline {
            stages: self.stages(detector)?,
            models: Models {
                translators,
                recognizer,
            },
            target,
            run,
        })
    }

    fn settings(&self, target: Language, translators: &Translators) -> BTreeMap<String, String> {
        let precision = match (self.backend, self.engine.precision) {
            (Backend::Engine, Precision::Int8) => "int8",
            (Backend::Engine, Precision::F32) | (Backend::RustBert, _) => "f32",
        };
        let device = (self.backend != Backend::Engine).then(|| self.device.as_str().to_owned());
        let (beam, length_penalty) = translators.search(&self.engine);
        let settings = [
            ("to", Some(target.to_string())),
            ("pivot", self.pivot.map(|pivot| pivot.to_string())),
            ("beam", Some(beam)),
            ("length-penalty", length_penalty),
            ("glossary", translators.glossaries()),
            ("precision", Some(precision.to_owned())),
            ("shortlist", Some(self.engine.shortlist.to_string())),
            ("backend", Some(self.backend.as_str().to_owned())),
            ("device", device),
        ];
        settings
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }

    fn load_translators(
        &mut self,
        target: Language,
        detector: &Arc<dyn LanguageDetector>,
    ) -> Result<Translators, Error> {
        let mut translators = Translators::default();
        for (translator, info) in std::mem::take(&mut self.translators) {
            translators.add_own(translator, info);
        }
        let wanted = Wanted {
            target,
            pivot: self.pivot,
            source: self.source,
            all: self.all_models,
            engine: &self.engine,
            backend: (self.backend, self.device),
            detector,
            glossary: self.glossary.as_ref(),
        };
        if self.without_translation {
            translators.load(&[], None, &wanted)?;
        } else {
            translators.load(&self.translation_models, bundled::translation(), &wanted)?;
        }
        Ok(translators)
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
        let tagger = backend::load_tagger(self.backend, self.device, &files, &self.engine)?;
        let field = RandomField::read(&files)?;
        let mut infos = vec![files.info("entities")?];
        infos.extend(field.as_ref().map(|field| ModelInfo {
            role: "entities-field",
            sha256: field.sha256().to_owned(),
            ..infos[0].clone()
        }));
        let recognizer = CaseRepair::new(BertRecognizer::new(tagger)?.with_field(field));
        Ok(Some((
            Box::new(EntityMemory::new(recognizer, MEMORY_BYTES)),
            infos,
        )))
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
fn lexicon(given: &[GivenModel]) -> Result<Lexicon, Error> {
    let given = given.iter().map(|model| &model.files);
    for files in given.chain(&bundled::translation()) {
        if let Some(lexicon) = Lexicon::read(files)? {
            return Ok(lexicon);
        }
    }
    Ok(Lexicon::default())
}
