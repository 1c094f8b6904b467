//! The fixtures, and what transformers makes of them.

use std::path::PathBuf;

use diglot::engine::{EngineOptions, Precision};
use diglot::model::ModelFiles;
use serde::Deserialize;
use tempfile::TempDir;

use crate::files::copy;

pub const NAMES: [&str; 4] = ["multilingual", "separate", "prenorm", "forced"];

#[derive(Deserialize)]
struct Expected {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Case {
    pub text: String,
    pub ids: Vec<u32>,
    pub greedy_text: String,
    pub beam_text: String,
}

/// A directory with a model's files, of which tests can spoil one.
pub struct Model {
    _holder: TempDir,
    path: PathBuf,
    name: &'static str,
}

impl Model {
    pub fn new(name: &'static str) -> Self {
        Self::called(name, name)
    }

    /// A model in a directory of another name.
    pub fn called(name: &'static str, directory: &str) -> Self {
        let holder = TempDir::new().unwrap();
        let path = holder.path().join(directory);
        copy(name, &path);
        Self {
            _holder: holder,
            path,
            name,
        }
    }

    /// The pair that the tests use it for.
    pub fn pair(&self) -> &'static str {
        match self.name {
            "multilingual" => "en-es",
            "separate" => "de-en",
            "prenorm" => "fr-en",
            _ => "es-en",
        }
    }

    pub fn files(&self) -> ModelFiles {
        ModelFiles::Directory(self.path.clone())
    }

    pub fn write(&self, file: &str, bytes: &[u8]) {
        std::fs::write(self.path.join(file), bytes).unwrap();
    }

    pub fn remove(&self, file: &str) {
        std::fs::remove_file(self.path.join(file)).unwrap();
    }

    /// Replaces a part of a text file.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path.join(file)).unwrap();
        assert!(text.contains(from), "`{file}` has no `{from}`");
        self.write(file, text.replace(from, to).as_bytes());
    }
}

pub fn expected(name: &str) -> Vec<Case> {
    let path = format!(
        "{}/tests/fixtures/marian/{name}/expected.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let expected: Expected = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    expected.cases
}

/// Options under which only the models' own limits count.
pub fn options(precision: Precision) -> EngineOptions {
    EngineOptions {
        precision,
        max_length_extra: 100,
        ..EngineOptions::default()
    }
}
