//! The models that are compiled in.

use super::ModelFiles;

/// A file of a bundled model by its name.
#[cfg(feature = "bundled-models")]
macro_rules! bundled_files {
    ($directory:literal: $($file:literal),+ $(,)?) => {
        &[$(($file, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/", $directory, "/", $file)) as &[u8])),+]
    };
}

/// The bundled French to English translation model; `None` without the feature `bundled-models`.
pub fn translation() -> Option<ModelFiles> {
    #[cfg(feature = "bundled-models")]
    return Some(ModelFiles::Bundled {
        name: "bundled/fr-en",
        files: bundled_files!("fr-en": "README.md", "config.json", "glossary.tsv", "lexicon.tsv", "model.safetensors", "shortlist.bin",
            "source.spm", "target.spm", "vocab.json"),
    });
    #[cfg(not(feature = "bundled-models"))]
    None
}

/// The bundled entity model for English and French; `None` without the feature `bundled-models`.
pub fn entities() -> Option<ModelFiles> {
    #[cfg(feature = "bundled-models")]
    return Some(ModelFiles::Bundled {
        name: "bundled/ner",
        files: bundled_files!("ner": "README.md", "config.json", "crf.bin", "model.safetensors", "tokenizer.json"),
    });
    #[cfg(not(feature = "bundled-models"))]
    None
}
