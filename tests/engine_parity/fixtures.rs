//! The fixtures, and what transformers makes of them.

use std::path::{Path, PathBuf};

use diglot::engine::{BertTagger, EngineOptions, Marian, Precision};
use diglot::model::ModelFiles;
use serde::Deserialize;
use tempfile::TempDir;

/// What the script gave transformers as the most new tokens.
pub const MAX_NEW_TOKENS: usize = 24;

#[derive(Deserialize)]
pub struct Translated {
    pub text: String,
    pub ids: Vec<u32>,
    pub greedy_text: String,
    pub beam_text: String,
    pub short_text: String,
    pub greedy: Vec<u32>,
    pub greedy_score: f32,
}

#[derive(Deserialize)]
pub struct Tagged {
    pub text: String,
    pub spans: Vec<(usize, usize)>,
    pub words: Vec<usize>,
    pub logits: Vec<Vec<f32>>,
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/engine")
}

pub fn read(path: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(path)).unwrap()
}

/// A directory with a model's files, of which tests can spoil one.
pub struct Model(pub TempDir);

impl Model {
    pub fn marian(weights: &str) -> Self {
        let model = Self(TempDir::new().unwrap());
        for file in ["config.json", "vocab.json", "shortlist.bin"] {
            model.write(file, &read(&format!("marian/{file}")));
        }
        model.write("source.spm", &read("spm/unigram.spm"));
        model.write("target.spm", &read("spm/target.spm"));
        model.write(
            "model.safetensors",
            &read(&format!("marian/{weights}.safetensors")),
        );
        model
    }

    pub fn bert(weights: &str) -> Self {
        let model = Self(TempDir::new().unwrap());
        for file in ["config.json", "tokenizer.json"] {
            model.write(file, &read(&format!("bert/{file}")));
        }
        model.write("model.safetensors", &read(&format!("bert/{weights}.safetensors")));
        model
    }

    pub fn write(&self, file: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(file), bytes).unwrap();
    }

    /// Replaces a part of a text file.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.0.path().join(file)).unwrap();
        assert!(text.contains(from), "`{file}` has no `{from}`");
        self.write(file, text.replace(from, to).as_bytes());
    }

    /// Renames a tensor to a name of the same length.
    pub fn rename_tensor(&self, from: &str, to: &str) {
        assert_eq!(from.len(), to.len());
        let path = self.0.path().join("model.safetensors");
        let mut bytes = std::fs::read(&path).unwrap();
        let found = bytes
            .windows(from.len())
            .position(|window| window == from.as_bytes());
        let start = found.expect("the tensor is there");
        bytes[start..start + from.len()].copy_from_slice(to.as_bytes());
        std::fs::write(path, bytes).unwrap();
    }

    pub fn files(&self) -> ModelFiles {
        ModelFiles::Directory(self.0.path().to_owned())
    }
}

pub fn options(precision: Precision) -> EngineOptions {
    EngineOptions {
        precision,
        max_length_factor: 0.0,
        max_length_extra: MAX_NEW_TOKENS,
        shortlist: false,
        ..EngineOptions::default()
    }
}

pub fn marian(weights: &str, options: &EngineOptions) -> Marian {
    Marian::load(&Model::marian(weights).files(), options).unwrap()
}

pub fn bert(weights: &str, precision: Precision) -> BertTagger {
    BertTagger::load(&Model::bert(weights).files(), &options(precision)).unwrap()
}

pub fn translated(file: &str) -> Vec<Translated> {
    serde_json::from_slice(&read(&format!("marian/{file}.json"))).unwrap()
}

pub fn tagged(file: &str) -> Vec<Tagged> {
    serde_json::from_slice(&read(&format!("bert/{file}.json"))).unwrap()
}

pub fn texts(cases: &[Translated]) -> Vec<&str> {
    cases.iter().map(|case| case.text.as_str()).collect()
}

/// Texts of many lengths for the tests that need no reference.
pub fn sentences() -> Vec<String> {
    let cases = translated("expected");
    let mut sentences: Vec<String> = cases.iter().map(|case| case.text.clone()).collect();
    let cut = cases
        .iter()
        .map(|case| case.text.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    sentences.extend(cut);
    sentences.extend(["".to_owned(), " \u{a0}".to_owned(), "👍🏿".to_owned()]);
    sentences
}

pub fn borrowed(sentences: &[String]) -> Vec<&str> {
    sentences.iter().map(String::as_str).collect()
}
