//! The translators of a pipeline: which model serves which language pair.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::Error;
use crate::align::Lexicon;
use crate::backend::{self, Backend, Device};
use crate::engine::{EngineOptions, Marian, MarianTranslator};
use crate::language::{Language, LanguageDetector};
use crate::model::ModelFiles;
use crate::provenance::{ModelInfo, sha256};
use crate::translate::{
    CarefulTranslator, Glossary, LanguagePair, NamedPair, PivotTranslator, TranslationMemory, Translator,
};

/// What the memory of translated sentences may take, in bytes.
const MEMORY_BYTES: usize = 32 << 20;

/// Translators of different pairs, each with the index of its model.
#[derive(Default)]
pub(super) struct Translators {
    list: Vec<(Arc<dyn Translator>, usize)>,
    /// What the records say of the models.
    pub(super) infos: Vec<ModelInfo>,
    /// The Marian models among them and where they stand in `infos`.
    loaded: Vec<(Arc<Marian>, usize)>,
    /// The SHA-256 of all glossaries in use.
    glossaries: BTreeSet<String>,
}

/// A model to translate with.
#[derive(Clone, Debug)]
pub(super) struct GivenModel {
    pub(super) files: ModelFiles,
    /// The pair, where it was said and is not to be found out.
    pub(super) pair: Option<NamedPair>,
}

/// Which translators a pipeline needs, and how they are made.
pub(super) struct Wanted<'a> {
    pub(super) target: Language,
    /// The language between, where there is no direct way.
    pub(super) pivot: Option<Language>,
    /// The only language that is read; any if not given.
    pub(super) source: Option<Language>,
    /// Whether models are loaded that do not serve these languages.
    pub(super) all: bool,
    pub(super) engine: &'a EngineOptions,
    pub(super) backend: (Backend, Device),
    pub(super) detector: &'a Arc<dyn LanguageDetector>,
    /// Terms besides those of the models.
    pub(super) glossary: Option<&'a Glossary>,
}

impl Translators {
    /// The translator of a pair and the index of its model, where there is one.
    pub(super) fn of(&self, pair: LanguagePair) -> Option<(&dyn Translator, usize)> {
        let found = self.list.iter().find(|(translator, _)| translator.pair() == pair);
        found.map(|(translator, index)| (translator.as_ref(), *index))
    }

    /// The pairs that there are, each with the index of its model.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (LanguagePair, usize)> + '_ {
        self.list
            .iter()
            .map(|(translator, index)| (translator.pair(), *index))
    }

    /// The SHA-256 of the glossaries in use, as a record says it; `None` where there are none.
    pub(super) fn glossaries(&self) -> Option<String> {
        let all: Vec<&str> = self.glossaries.iter().map(String::as_str).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }

    /// How wide the search is and how it ranks, as a record says it: one value where all models have the
    /// same, else each with its model.
    pub(super) fn search(&self, engine: &EngineOptions) -> (String, Option<String>) {
        let beams = self.each(engine.beam.unwrap_or(1).to_string(), |model| {
            model.beam().to_string()
        });
        let usual = engine.length_penalty.unwrap_or(1.0).to_string();
        let penalties = self.each(usual, |model| model.length_penalty().to_string());
        (beams, Some(penalties).filter(|penalties| penalties != "1"))
    }

    fn each(&self, without: String, value: impl Fn(&Marian) -> String) -> String {
        let mut values = self.loaded.iter().map(|(model, index)| (value(model), *index));
        let Some((first, _)) = values.next() else {
            return without;
        };
        if values.all(|(value, _)| value == first) {
            return first;
        }
        let named = self
            .loaded
            .iter()
            .map(|(model, index)| format!("{}={}", self.infos[*index].name, value(model)));
        named.collect::<Vec<_>>().join(" ")
    }

    /// Takes a translator of the caller's own.
    pub(super) fn add_own(&mut self, translator: Box<dyn Translator>, info: ModelInfo) {
        self.list.push((Arc::from(translator), self.infos.len()));
        self.infos.push(info);
    }

    /// Loads the models that were given, of which no two may serve the same pair, and the bundled one
    /// unless its pair is served.
    pub(super) fn load(
        &mut self,
        given: &[GivenModel],
        bundled: Option<ModelFiles>,
        wanted: &Wanted<'_>,
    ) -> Result<(), Error> {
        let mut served: BTreeMap<LanguagePair, String> = BTreeMap::new();
        let mut useless = Vec::new();
        for model in given {
            let pair = model.pair()?;
            let pairs = match pair {
                Some(pair) if !wanted.serves(pair) => {
                    useless.push(pair.to_string());
                    vec![pair]
                }
                _ => self.load_given(model, wanted)?,
            };
            if pairs.is_empty() {
                useless.push(model.files.name());
            }
            for pair in pairs {
                let name = model.files.name();
                if let Some(other) = served.insert(pair, name.clone()) {
                    return Err(Error::Config(format!(
                        "expected one translation model for each language pair, found two for `{pair}`: \
                         `{other}` and `{name}`"
                    )));
                }
            }
        }
        if !wanted.all && !given.is_empty() && useless.len() == given.len() {
            return Err(Error::Config(wanted.missed(&useless)));
        }
        if let Some(files) = bundled
            && let Some(pair) = Marian::stated_pair(&files)?
            && wanted.serves(pair)
            && !served.contains_key(&pair)
            && self.of(pair).is_none()
        {
            self.load_given(&GivenModel { files, pair: None }, wanted)?;
        }
        self.add_pivots(wanted);
        Ok(())
    }

    /// Loads a model, unless it is loaded already for another pair, and returns the pairs that it serves.
    fn load_given(&mut self, given: &GivenModel, wanted: &Wanted<'_>) -> Result<Vec<LanguagePair>, Error> {
        let files = &given.files;
        let loaded = self
            .loaded
            .iter()
            .find(|(_, index)| self.infos[*index].name == files.name());
        let (model, index) = match loaded {
            Some((model, index)) => (Arc::clone(model), *index),
            None => {
                let (backend, device) = wanted.backend;
                let model = Arc::new(backend::load_marian(backend, device, files, wanted.engine)?);
                let index = self.infos.len();
                self.infos.push(files.info("translate")?);
                self.loaded.push((Arc::clone(&model), index));
                (model, index)
            }
        };
        let translators = match &given.pair {
            Some(pair) => vec![MarianTranslator::new(files, model, pair)?],
            None => {
                let targets: Vec<Language> = [wanted.target].into_iter().chain(wanted.pivot).collect();
                MarianTranslator::of_files(files, &model, &targets)?
            }
        };
        let mut pairs = Vec::new();
        for translator in translators {
            pairs.push(translator.pair());
            let glossary = glossary(files, wanted.glossary)?;
            self.glossaries.extend(
                glossary
                    .iter()
                    .flat_map(|glossary| glossary.sources().iter().cloned()),
            );
            let careful = careful(translator, files, wanted.detector, glossary)?;
            self.list.push((careful, index));
        }
        Ok(pairs)
    }

    /// Adds a way through the pivot for each language that has no direct one.
    fn add_pivots(&mut self, wanted: &Wanted<'_>) {
        let Some(pivot) = wanted.pivot.filter(|&pivot| pivot != wanted.target) else {
            return;
        };
        let onward = LanguagePair {
            source: pivot,
            target: wanted.target,
        };
        let Some(second) = self.position(onward) else {
            return;
        };
        for first in 0..self.list.len() {
            let LanguagePair { source, target } = self.list[first].0.pair();
            let direct = LanguagePair {
                source,
                target: wanted.target,
            };
            if target != pivot || self.of(direct).is_some() {
                continue;
            }
            let [(one, at), (two, then)] = [first, second].map(|index| self.list[index].clone());
            if let Some(translator) = PivotTranslator::new(one, two) {
                let info = through(&self.infos[at], &self.infos[then]);
                self.list.push((Arc::new(translator), self.infos.len()));
                self.infos.push(info);
            }
        }
    }

    fn position(&self, pair: LanguagePair) -> Option<usize> {
        self.list
            .iter()
            .position(|(translator, _)| translator.pair() == pair)
    }
}

impl GivenModel {
    /// The pair, as far as it is known without loading the model.
    fn pair(&self) -> Result<Option<LanguagePair>, Error> {
        match &self.pair {
            Some(named) => Ok(Some(named.pair)),
            None => Marian::stated_pair(&self.files),
        }
    }
}

impl Wanted<'_> {
    /// Whether a model of a pair is of use, directly or as a step.
    fn serves(&self, pair: LanguagePair) -> bool {
        let is_pivot = |language| Some(language) == self.pivot;
        let reads = self
            .source
            .is_none_or(|source| source == pair.source || is_pivot(pair.source));
        self.all || reads && (pair.target == self.target || is_pivot(pair.target))
    }

    /// What to say where none of the models that were given serves.
    fn missed(&self, pairs: &[String]) -> String {
        let from = self
            .source
            .map_or(String::new(), |source| format!(" from `{source}`"));
        format!(
            "expected a model that translates{from} to `{}`, found models for `{}` alone",
            self.target,
            pairs.join("`, `")
        )
    }
}

/// The terms of a model, and those that were given.
fn glossary(files: &ModelFiles, given: Option<&Glossary>) -> Result<Option<Glossary>, Error> {
    let own = Glossary::read(files)?;
    Ok(match given {
        Some(given) => Some(own.unwrap_or_default().with(given)),
        None => own,
    })
}

/// Takes care of a model and remembers what it has translated.
fn careful(
    translator: MarianTranslator,
    files: &ModelFiles,
    detector: &Arc<dyn LanguageDetector>,
    glossary: Option<Glossary>,
) -> Result<Arc<dyn Translator>, Error> {
    let mut careful = CarefulTranslator::new(translator).with_detector(Arc::clone(detector));
    if let Some(lexicon) = Lexicon::read(files)? {
        let lexicon = Arc::new(lexicon);
        let names = Arc::clone(&lexicon);
        let owned = |word: &str| word.to_owned();
        careful = careful
            .with_names(move |word| names.has_other_form(word))
            .with_rare_words(move |word| {
                let (best, all) = lexicon.rare_word(word)?;
                Some((owned(best), all.into_iter().map(owned).collect()))
            });
    }
    if let Some(glossary) = glossary {
        careful = careful.with_glossary(Arc::new(glossary));
    }
    Ok(Arc::new(TranslationMemory::new(careful, MEMORY_BYTES)))
}

/// What the records say of a translation in two steps: both names, and a hash of both hashes.
fn through(first: &ModelInfo, second: &ModelInfo) -> ModelInfo {
    let licences = [first, second].map(|info| info.licence.as_deref());
    ModelInfo {
        role: "pivot",
        name: format!("{} + {}", first.name, second.name),
        sha256: sha256(format!("{}\n{}\n", first.sha256, second.sha256).as_bytes()),
        licence: match licences {
            [Some(one), Some(other)] if one == other => Some(one.to_owned()),
            [Some(one), Some(other)] => Some(format!("{one} + {other}")),
            _ => None,
        },
    }
}
