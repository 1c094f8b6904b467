//! Settings: their defaults, the file that changes them, and the pipeline that they make.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::backend::{Backend, Device};
use crate::engine::EngineOptions;
use crate::format::RecordOptions;
use crate::model::locate;
use crate::pipeline::{Pipeline, PipelineBuilder};
use crate::translate::{Glossary, NamedPair};
use crate::{Error, Language};

/// The settings of a run, as a TOML file holds them. A key that is left out has its default; a key
/// that is not known is refused.
///
/// ```
/// use diglot::config::Config;
///
/// let config: Config = "to = \"en\"\nbatch-size = 8".parse()?;
/// assert_eq!(config.batch_size.get(), 8);
/// assert_eq!(config.to_toml()?.parse::<Config>()?, config);
/// assert!("batch_size = 8".parse::<Config>().is_err(), "keys are written with hyphens");
/// # Ok::<(), diglot::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The language to render foreign text in.
    #[serde(with = "written")]
    pub to: Language,
    /// The language to go through where no model translates directly; none: such text is not translated.
    #[serde(with = "written_if_any", skip_serializing_if = "Option::is_none")]
    pub pivot: Option<Language>,
    /// How many threads work; 0 means what `RAYON_NUM_THREADS` says, else one a core.
    pub threads: usize,
    /// How many documents are worked on together at most. It changes speed and memory, never results.
    pub batch_size: NonZeroUsize,
    /// How many hypotheses the search for a translation keeps, 1 for greedy search; none: as many as each
    /// model asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beam: Option<NonZeroUsize>,
    /// The power of their length that beam search ranks hypotheses by: above 0 favours long ones; none:
    /// what each model asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length_penalty: Option<LengthPenalty>,
    /// A file of terms with their renderings ([`Glossary`]); a relative path is relative to the current directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub glossary: Option<PathBuf>,
    /// What runs the networks of the models: `engine`, or `rust-bert` where it is built in.
    pub backend: Backend,
    /// Where it runs them: `auto`, `cpu` or `cuda`.
    pub device: Device,
    /// Whether foreign text is translated where its document has no rendering of it.
    pub translation: bool,
    /// Whether entities are looked for.
    pub entities: bool,
    /// Whether records carry the text of their document.
    pub text: bool,
    /// Whether translations carry the word alignment that the model attended by.
    pub word_alignment: bool,
    /// Models to use beside or in place of the bundled ones.
    pub models: ModelSettings,
}

/// References to models: directories in the layout that Hugging Face `save_pretrained` writes (relative
/// ones are relative to the current directory, as on the command line), or `ID` or `ID@REVISION` of
/// models that were pulled ([`locate`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelSettings {
    /// Translation models, one a language pair. The bundled one stays beside them unless one is of its
    /// pair.
    pub translate: Vec<TranslationModel>,
    /// The entity model; none: the bundled one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entities: Option<PathBuf>,
}

/// A translation model: a directory, whose files say the language pair, or a table with the pair said
/// outright, `{ pair = "fr-en", model = "DIR" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RawTranslationModel", into = "RawTranslationModel")]
pub struct TranslationModel {
    /// The pair, where it is said.
    pub pair: Option<NamedPair>,
    /// The model.
    pub model: PathBuf,
}

/// The forms of a translation model in a file.
#[derive(Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a directory, or `{ pair = \"fr-en\", model = \"DIR\" }`"
)]
enum RawTranslationModel {
    Model(PathBuf),
    OfPair(ModelOfPair),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelOfPair {
    #[serde(with = "written")]
    pair: NamedPair,
    model: PathBuf,
}

impl From<RawTranslationModel> for TranslationModel {
    fn from(raw: RawTranslationModel) -> Self {
        match raw {
            RawTranslationModel::Model(model) => Self { pair: None, model },
            RawTranslationModel::OfPair(ModelOfPair { pair, model }) => Self {
                pair: Some(pair),
                model,
            },
        }
    }
}

impl From<TranslationModel> for RawTranslationModel {
    fn from(TranslationModel { pair, model }: TranslationModel) -> Self {
        match pair {
            None => Self::Model(model),
            Some(pair) => Self::OfPair(ModelOfPair { pair, model }),
        }
    }
}

/// A power of the length of hypotheses: a number from -10 to 10.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct LengthPenalty(f32);

impl Eq for LengthPenalty {}

impl LengthPenalty {
    /// The number.
    pub fn get(self) -> f32 {
        self.0
    }
}

impl From<LengthPenalty> for f32 {
    fn from(penalty: LengthPenalty) -> Self {
        penalty.0
    }
}

impl TryFrom<f32> for LengthPenalty {
    type Error = LengthPenaltyError;

    fn try_from(power: f32) -> Result<Self, Self::Error> {
        if (-10.0..=10.0).contains(&power) {
            // `-0` would be written otherwise than `0`, which it equals.
            Ok(Self(power + 0.0))
        } else {
            Err(LengthPenaltyError(power.to_string()))
        }
    }
}

impl FromStr for LengthPenalty {
    type Err = LengthPenaltyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let power: f32 = text.parse().map_err(|_| LengthPenaltyError(text.to_owned()))?;
        power.try_into()
    }
}

/// What is no length penalty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from -10 to 10, found `{0}`")]
pub struct LengthPenaltyError(String);

/// Enough documents to fill the threads with sentences of like length, few enough to see progress.
const BATCH_SIZE: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not 0");

impl Default for Config {
    fn default() -> Self {
        Self {
            to: Language::ENGLISH,
            pivot: None,
            threads: 0,
            batch_size: BATCH_SIZE,
            beam: None,
            length_penalty: None,
            glossary: None,
            backend: Backend::default(),
            device: Device::default(),
            translation: true,
            entities: true,
            text: true,
            word_alignment: false,
            models: ModelSettings::default(),
        }
    }
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, and as [`Config::from_str`] does, with the file's name.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
        text.parse().map_err(|error| match error {
            Error::Config(message) => Error::Config(format!("`{}`: {message}", path.display())),
            other => other,
        })
    }

    /// The settings as a TOML file that reads back the same, defaults filled in.
    ///
    /// # Errors
    ///
    /// When the path of a model is not Unicode, which TOML cannot hold.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(|error| Error::Config(error.to_string()))
    }

    /// What records carry.
    pub fn record_options(&self) -> RecordOptions {
        RecordOptions {
            text: self.text,
            word_alignment: self.word_alignment,
        }
    }

    /// A pipeline builder with these settings and models.
    ///
    /// # Errors
    ///
    /// When the settings cannot be met: [`Config::to`] is no language, or a model or the glossary is not there.
    pub fn builder(&self) -> Result<PipelineBuilder, Error> {
        if self.to.is_und() {
            let message = "`to`: expected a language to translate into, found `und`";
            return Err(Error::Config(message.to_owned()));
        }
        if self.pivot.is_some_and(Language::is_und) {
            let message = "`pivot`: expected a language to go through, found `und`";
            return Err(Error::Config(message.to_owned()));
        }
        let engine = EngineOptions {
            beam: self.beam.map(NonZeroUsize::get),
            length_penalty: self.length_penalty.map(LengthPenalty::get),
            ..EngineOptions::default()
        };
        let mut builder = Pipeline::builder()
            .target(self.to)
            .engine(engine)
            .backend(self.backend, self.device);
        if let Some(pivot) = self.pivot {
            builder = builder.pivot(pivot);
        }
        if let Some(path) = &self.glossary {
            builder = builder.glossary(Glossary::read_file(path)?);
        }
        for TranslationModel { pair, model } in &self.models.translate {
            let files = locate(model)?;
            builder = match pair {
                Some(pair) => builder.translation_model_for(pair.clone(), files),
                None => builder.translation_model(files),
            };
        }
        if let Some(model) = &self.models.entities {
            builder = builder.entity_model(locate(model)?);
        }
        if !self.translation {
            builder = builder.without_translation();
        }
        if !self.entities {
            builder = builder.without_entities();
        }
        Ok(builder)
    }
}

impl FromStr for Config {
    type Err = Error;

    /// Reads the text of a configuration file.
    ///
    /// # Errors
    ///
    /// When it is not TOML, a key is not known, or a value is out of its range; the message has the
    /// key and its line.
    fn from_str(text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Error::Config(error.to_string().trim_end().to_owned()))
    }
}

/// A value as people write it.
mod written {
    use std::borrow::Cow;
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The same where there may be none.
mod written_if_any {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::written::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        super::written::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message that a text is refused with.
    fn refusal(text: &str) -> String {
        text.parse::<Config>()
            .expect_err("the text should be refused")
            .to_string()
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        assert_eq!("".parse::<Config>().unwrap(), Config::default());
    }

    #[test]
    fn what_is_dumped_reads_back_the_same() {
        let text = "to = \"fr\"\npivot = \"en\"\nthreads = 3\nbatch-size = 7\nbeam = 4\n\
                     length-penalty = 0.6\nglossary = \"terms.tsv\"\nbackend = \"rust-bert\"\ndevice = \"cuda\"\ntranslation = false\nentities = false\ntext = false\n\
                     word-alignment = true\n[models]\n\
                     translate = [\"a b\", \"c\\\\d\", { pair = \"en-srp_Latn\", model = \"e\" }]\n\
                     entities = \"é\"\n";
        for config in [Config::default(), text.parse().unwrap()] {
            assert_eq!(config.to_toml().unwrap().parse::<Config>().unwrap(), config);
        }
        let dumped = text.parse::<Config>().unwrap().to_toml().unwrap();
        assert!(
            dumped.contains("batch-size = 7"),
            "keys are dumped with hyphens: {dumped}"
        );
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let message = refusal("to = \"en\"\nbeem = 4\n");
        assert!(
            message.contains("`beem`") && message.contains("line 2"),
            "{message}"
        );
        let message = refusal("[models]\n\ntranslation = []\n");
        assert!(
            message.contains("`translation`") && message.contains("line 3"),
            "{message}"
        );
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for text in [
            "beam = 0",
            "batch-size = 0",
            "threads = -1",
            "text = 1",
            "to = 5",
            "length-penalty = nan",
            "length-penalty = 11",
            "pivot = \"english\"",
        ] {
            assert!(refusal(text).contains("line 1"), "{text}");
        }
        assert!(refusal("to = \"english\"").contains("`english`"));
        assert!(refusal("backend = \"torch\"").contains("expected `engine` or `rust-bert`"));
        assert!(refusal("device = \"gpu\"").contains("line 1"));
    }

    #[test]
    fn the_engine_takes_no_other_device_than_the_processor() {
        let config: Config = "device = \"cuda\"".parse().unwrap();
        let message = match config.builder().unwrap().build() {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        assert!(message.contains("`engine` knows `cpu` alone"), "{message}");
    }

    #[test]
    fn a_pair_that_is_none_is_refused() {
        let message = refusal("[models]\ntranslate = [{ pair = \"french\", model = \"m\" }]\n");
        assert!(message.contains("line 2"), "{message}");
        assert!(message.contains("fr-en"), "{message}");
    }

    #[test]
    fn a_model_that_is_not_there_is_named() {
        let config: Config = "[models]\ntranslate = [\"no/such/model\"]".parse().unwrap();
        let message = config.builder().err().map(|error| error.to_string());
        let expected = "model `no/such/model`: expected a directory, or the ID of a pulled model such as \
                        `organisation/name`, found neither";
        assert_eq!(message.as_deref(), Some(expected));
    }

    #[test]
    fn nothing_is_translated_into_no_language() {
        for text in ["to = \"und\"", "pivot = \"und\""] {
            let config: Config = text.parse().unwrap();
            assert!(config.builder().is_err(), "{text}");
        }
    }
}
