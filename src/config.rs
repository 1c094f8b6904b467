//! Settings: their defaults, the file that changes them, and the pipeline that they make.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::engine::EngineOptions;
use crate::format::RecordOptions;
use crate::model::ModelFiles;
use crate::pipeline::{Pipeline, PipelineBuilder};
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
    #[serde(with = "language_code")]
    pub to: Language,
    /// How many threads work; 0 means what `RAYON_NUM_THREADS` says, else one a core.
    pub threads: usize,
    /// How many documents are worked on together at most. It changes speed and memory, never results.
    pub batch_size: NonZeroUsize,
    /// How many hypotheses the search for a translation keeps; 1 is greedy search.
    pub beam: NonZeroUsize,
    /// Whether foreign text is translated where its document has no rendering of it.
    pub translation: bool,
    /// Whether entities are looked for.
    pub entities: bool,
    /// Whether records carry the text of their document.
    pub text: bool,
    /// Whether translations carry the word alignment that the model attended by.
    pub word_alignment: bool,
    /// Models to use in place of the bundled ones.
    pub models: ModelSettings,
}

/// Directories of models, in the layout that Hugging Face `save_pretrained` writes. Relative ones
/// are relative to the current directory, as on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelSettings {
    /// Translation models, one a language pair; none: the bundled ones.
    pub translate: Vec<PathBuf>,
    /// The entity model; none: the bundled one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entities: Option<PathBuf>,
}

/// Enough documents to fill the threads with sentences of like length, few enough to see progress.
const BATCH_SIZE: NonZeroUsize = NonZeroUsize::new(32).expect("32 is not 0");

impl Default for Config {
    fn default() -> Self {
        Self {
            to: Language::ENGLISH,
            threads: 0,
            batch_size: BATCH_SIZE,
            beam: NonZeroUsize::new(EngineOptions::default().beam).unwrap_or(NonZeroUsize::MIN),
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
    /// When the settings cannot be met: [`Config::to`] is no language.
    pub fn builder(&self) -> Result<PipelineBuilder, Error> {
        if self.to.is_und() {
            let message = "`to`: expected a language to translate into, found `und`";
            return Err(Error::Config(message.to_owned()));
        }
        let engine = EngineOptions {
            beam: self.beam.get(),
            ..EngineOptions::default()
        };
        let mut builder = Pipeline::builder().target(self.to).engine(engine);
        for directory in &self.models.translate {
            builder = builder.translation_model(ModelFiles::Directory(directory.clone()));
        }
        if let Some(directory) = &self.models.entities {
            builder = builder.entity_model(ModelFiles::Directory(directory.clone()));
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

/// A language as its code.
mod language_code {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::Language;

    pub(super) fn serialize<S: Serializer>(language: &Language, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(language.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Language, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
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
        let text = "to = \"fr\"\nthreads = 3\nbatch-size = 7\nbeam = 4\ntranslation = false\nentities = false\ntext = false\nword-alignment = true\n\
                    [models]\ntranslate = [\"a b\", \"c\\\\d\"]\nentities = \"é\"\n";
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
        for text in ["beam = 0", "batch-size = 0", "threads = -1", "text = 1", "to = 5"] {
            assert!(refusal(text).contains("line 1"), "{text}");
        }
        assert!(refusal("to = \"english\"").contains("`english`"));
    }

    #[test]
    fn nothing_is_translated_into_no_language() {
        let config: Config = "to = \"und\"".parse().unwrap();
        assert!(config.builder().is_err());
    }
}
