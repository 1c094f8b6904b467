//! Which files of a model hold its weights.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{ModelFile, ModelFiles};
use crate::Error;
use crate::provenance::hexadecimal;

/// The files that weights are looked for in, in the order that transformers has, and what is in them.
const CANDIDATES: [(&str, WeightFormat); 4] = [
    ("model.safetensors", WeightFormat::Safetensors),
    ("model.safetensors.index.json", WeightFormat::Safetensors),
    ("pytorch_model.bin", WeightFormat::Torch),
    ("pytorch_model.bin.index.json", WeightFormat::Torch),
];

/// How tensors are written to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WeightFormat {
    /// A safetensors file.
    Safetensors,
    /// What `torch.save` makes of a state dict.
    Torch,
}

/// The files that hold a model's weights: one, or an index and the shards that it names.
#[derive(Debug)]
pub(crate) struct WeightFiles {
    /// What is in them.
    pub(crate) format: WeightFormat,
    /// The file that holds all tensors, or the shards, sorted.
    pub(crate) files: Vec<String>,
    /// Which shard each tensor is in.
    pub(crate) index: Option<Index>,
}

/// The index of a model in shards.
#[derive(Debug)]
pub(crate) struct Index {
    /// The index file.
    pub(crate) file: &'static str,
    /// The shard of each tensor.
    pub(crate) shards: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct IndexFile {
    weight_map: BTreeMap<String, String>,
}

impl WeightFiles {
    /// Looks for the weights of a model.
    ///
    /// # Errors
    ///
    /// When there are none, or an index cannot be read or names files outside of the model.
    pub(crate) fn find(files: &ModelFiles) -> Result<Self, Error> {
        for (name, format) in CANDIDATES {
            if files.open(name)?.is_none() {
                continue;
            }
            if !name.ends_with(".json") {
                return Ok(Self {
                    format,
                    files: vec![name.to_owned()],
                    index: None,
                });
            }
            let index = Index::read(files, name)?;
            let shards: BTreeSet<String> = index.shards.values().cloned().collect();
            return Ok(Self {
                format,
                files: shards.into_iter().collect(),
                index: Some(index),
            });
        }
        let others = CANDIDATES[1..].iter().map(|(name, _)| format!("`{name}`"));
        let others: Vec<String> = others.collect();
        let message = format!(
            "expected a file `{}`, found none, nor {}",
            CANDIDATES[0].0,
            others.join(", ")
        );
        Err(Error::model(files.name(), message))
    }

    /// The SHA-256 of the weights, in hexadecimal: that of the file, or of what `sha256sum` writes for the index
    /// and the shards in the order of their names.
    ///
    /// # Errors
    ///
    /// When a file is missing or cannot be read.
    pub(crate) fn sha256(&self, files: &ModelFiles) -> Result<String, Error> {
        let Some(index) = &self.index else {
            return require(files, &self.files[0])?.sha256();
        };
        let mut names: Vec<&str> = self.files.iter().map(String::as_str).collect();
        names.push(index.file);
        names.sort_unstable();
        let mut hash = Sha256::new();
        for name in names {
            hash.update(format!("{}  {name}\n", require(files, name)?.sha256()?));
        }
        Ok(hexadecimal(&hash.finalize()))
    }
}

/// A file that the model must have, open.
pub(crate) fn require(files: &ModelFiles, name: &str) -> Result<ModelFile, Error> {
    files
        .open(name)?
        .ok_or_else(|| Error::model(files.name(), format!("expected a file `{name}`, found none")))
}

impl Index {
    fn read(files: &ModelFiles, file: &'static str) -> Result<Self, Error> {
        let invalid = |message: String| Error::model(files.name(), format!("`{file}`: {message}"));
        let IndexFile { weight_map } =
            serde_json::from_slice(&files.require(file)?).map_err(|error| invalid(error.to_string()))?;
        if let Some(name) = weight_map.values().find(|name| !is_file_name(name)) {
            return Err(invalid(format!(
                "expected names of files beside it, found `{name}`"
            )));
        }
        if weight_map.is_empty() {
            return Err(invalid("expected tensors in `weight_map`, found none".to_owned()));
        }
        Ok(Self {
            file,
            shards: weight_map,
        })
    }
}

/// Whether this names a file in the same directory on every system.
fn is_file_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    let single = matches!(
        (components.next(), components.next()),
        (Some(Component::Normal(only)), None) if only == name
    );
    single && !name.contains(['/', '\\', ':', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::sha256;

    fn model(files: &[(&str, &str)]) -> (tempfile::TempDir, ModelFiles) {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(directory.path().join(name), text).unwrap();
        }
        let files = ModelFiles::Directory(directory.path().to_owned());
        (directory, files)
    }

    const INDEX: &str = r#"{"metadata":{"total_size":9},"weight_map":{"x":"b.bin","y":"a.bin","z":"b.bin"}}"#;

    #[test]
    fn safetensors_go_before_pickles() {
        let (_directory, files) = model(&[("pytorch_model.bin", "b"), ("model.safetensors", "a")]);
        let found = WeightFiles::find(&files).unwrap();
        assert_eq!(
            (found.format, &found.files[..]),
            (WeightFormat::Safetensors, &["model.safetensors".to_owned()][..])
        );
        assert_eq!(found.sha256(&files).unwrap(), sha256(b"a"));
    }

    #[test]
    fn shards_are_hashed_with_their_index() {
        let (directory, files) = model(&[
            ("pytorch_model.bin.index.json", INDEX),
            ("a.bin", "1"),
            ("b.bin", "2"),
        ]);
        let found = WeightFiles::find(&files).unwrap();
        assert_eq!(found.files, ["a.bin", "b.bin"]);
        let lines = format!(
            "{}  a.bin\n{}  b.bin\n{}  pytorch_model.bin.index.json\n",
            sha256(b"1"),
            sha256(b"2"),
            sha256(INDEX.as_bytes())
        );
        assert_eq!(found.sha256(&files).unwrap(), sha256(lines.as_bytes()));
        std::fs::remove_file(directory.path().join("a.bin")).unwrap();
        let message = found.sha256(&files).unwrap_err().to_string();
        assert!(
            message.ends_with("expected a file `a.bin`, found none"),
            "{message}"
        );
    }

    #[test]
    fn shards_outside_of_the_model_are_refused() {
        for name in [
            "../a.bin",
            "/etc/passwd",
            "a/b.bin",
            "..",
            ".",
            "",
            "c:\\\\a",
            "a\\\\b",
            "./a",
        ] {
            let index = format!(r#"{{"weight_map":{{"x":"{name}"}}}}"#);
            let (_directory, files) = model(&[("model.safetensors.index.json", &index)]);
            let message = WeightFiles::find(&files).unwrap_err().to_string();
            assert!(
                message.contains("expected names of files beside it, found"),
                "{name}: {message}"
            );
        }
    }

    #[test]
    fn a_model_without_weights_is_told_what_was_looked_for() {
        let (_directory, files) = model(&[]);
        let message = WeightFiles::find(&files).unwrap_err().to_string();
        assert!(
            message.contains("expected a file `model.safetensors`, found none, nor"),
            "{message}"
        );
        assert!(message.contains("`pytorch_model.bin`"), "{message}");
        let (_directory, files) = model(&[("model.safetensors.index.json", "{\"weight_map\":{}}")]);
        let message = WeightFiles::find(&files).unwrap_err().to_string();
        assert!(
            message.contains("expected tensors in `weight_map`, found none"),
            "{message}"
        );
    }
}
