//! Models of the hub that are good at what diglot does, for those who look for one.
//!
//! Sizes are rounded, and licences are those that the model cards state as of this version;
//! `diglot models pull` shows what is true of the commit that it pulls. Any other model of the same
//! architectures can be pulled as well.

use super::Role;

/// A model of the hub.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its ID.
    pub id: &'static str,
    /// What it does.
    pub role: Role,
    /// The languages that it reads, as ISO 639 codes.
    pub languages: &'static [&'static str],
    /// The language that it writes, if it translates.
    pub to: Option<&'static str>,
    /// What has to be fetched, in megabytes, rounded.
    pub megabytes: u32,
    /// Its licence, as the hub writes it.
    pub licence: &'static str,
}

const fn translation(
    id: &'static str,
    languages: &'static [&'static str],
    to: &'static str,
    licence: &'static str,
) -> Entry {
    Entry {
        id,
        role: Role::Translate,
        languages,
        to: Some(to),
        // Marian models of this series have one shape, and differ by their vocabularies alone.
        megabytes: 300,
        licence,
    }
}

const fn entities(
    id: &'static str,
    languages: &'static [&'static str],
    megabytes: u32,
    licence: &'static str,
) -> Entry {
    Entry {
        id,
        role: Role::Entities,
        languages,
        to: None,
        megabytes,
        licence,
    }
}

const APACHE: &str = "apache-2.0";
const CC_BY: &str = "cc-by-4.0";

/// The languages of the models of the series `ner-hrl`.
const HRL: &[&str] = &["ar", "de", "en", "es", "fr", "it", "lv", "nl", "pt", "zh"];

/// The catalogue: translation by language, then entities, the small models first.
pub const MODELS: &[Entry] = &[
    translation("Helsinki-NLP/opus-mt-fr-en", &["fr"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-es-en", &["es"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-de-en", &["de"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-it-en", &["it"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-nl-en", &["nl"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-sv-en", &["sv"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-pl-en", &["pl"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-uk-en", &["uk"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-ru-en", &["ru"], "en", CC_BY),
    translation("Helsinki-NLP/opus-mt-tr-en", &["tr"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-ar-en", &["ar"], "en", APACHE),
    translation("Helsinki-NLP/opus-mt-zh-en", &["zh"], "en", CC_BY),
    translation(
        "Helsinki-NLP/opus-mt-ROMANCE-en",
        &["fr", "es", "pt", "it", "ro", "ca"],
        "en",
        APACHE,
    ),
    translation("Helsinki-NLP/opus-mt-en-fr", &["en"], "fr", APACHE),
    translation("Helsinki-NLP/opus-mt-en-es", &["en"], "es", APACHE),
    translation("Helsinki-NLP/opus-mt-en-de", &["en"], "de", CC_BY),
    entities("dslim/distilbert-NER", &["en"], 260, APACHE),
    entities("dslim/bert-base-NER", &["en"], 430, "mit"),
    entities("Jean-Baptiste/roberta-large-ner-english", &["en"], 1420, "mit"),
    entities("Jean-Baptiste/camembert-ner", &["fr"], 440, "mit"),
    entities(
        "Davlan/distilbert-base-multilingual-cased-ner-hrl",
        HRL,
        540,
        "afl-3.0",
    ),
    entities("Davlan/bert-base-multilingual-cased-ner-hrl", HRL, 710, "afl-3.0"),
    entities("Davlan/xlm-roberta-base-ner-hrl", HRL, 1110, "afl-3.0"),
    entities(
        "Babelscape/wikineural-multilingual-ner",
        &["de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru"],
        710,
        "cc-by-nc-sa-4.0",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::model::ModelId;

    #[test]
    fn ids_and_languages_are_well_formed() {
        for entry in MODELS {
            assert!(entry.id.parse::<ModelId>().is_ok(), "{}", entry.id);
            assert_eq!(entry.to.is_some(), entry.role == Role::Translate, "{}", entry.id);
            for code in entry.languages.iter().chain(&entry.to) {
                assert!(code.parse::<Language>().is_ok(), "{}: {code}", entry.id);
            }
        }
    }

    #[test]
    fn no_model_stands_twice() {
        let mut ids: Vec<&str> = MODELS.iter().map(|entry| entry.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), MODELS.len());
    }
}
