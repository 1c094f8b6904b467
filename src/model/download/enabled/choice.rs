//! Which files of a repository make up a model that diglot can read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::lock::is_plain;

/// The model's configuration, which says what the model is.
pub(super) const CONFIG: &str = "config.json";

/// Files that are taken where they are.
const WANTED: [&str; 16] = [
    "README.md",
    "added_tokens.json",
    CONFIG,
    "generation_config.json",
    "glossary.tsv",
    "lexicon.tsv",
    "merges.txt",
    "shortlist.bin",
    "special_tokens_map.json",
    "target_vocab.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
    "vocab.txt",
    "LICENSE",
    "LICENSE.txt",
];

/// Files that are taken by how their names end: SentencePiece models.
const ENDINGS: [&str; 2] = [".spm", ".model"];

/// The weights, best first: safetensors cannot hold code, pickles can.
const WEIGHTS: [Weights<'static>; 4] = [
    Weights::Whole("model.safetensors"),
    Weights::Index("model.safetensors.index.json"),
    Weights::Whole("pytorch_model.bin"),
    Weights::Index("pytorch_model.bin.index.json"),
];

/// Where the weights are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weights<'a> {
    /// In one file.
    Whole(&'a str),
    /// In the files that an index names.
    Index(&'a str),
}

/// The files beside the weights, in order.
pub(super) fn small(listed: &[String]) -> Vec<&str> {
    let wanted = |name: &&str| {
        is_plain(name) && (WANTED.contains(name) || ENDINGS.iter().any(|ending| name.ends_with(ending)))
    };
    let names: BTreeSet<&str> = listed.iter().map(String::as_str).filter(wanted).collect();
    names.into_iter().collect()
}

/// The weights to take, or what was found instead.
pub(super) fn weights(listed: &[String]) -> Result<Weights<'static>, String> {
    let is_there = |weights: &&Weights<'_>| {
        let (Weights::Whole(name) | Weights::Index(name)) = weights;
        listed.iter().any(|listed| listed == name)
    };
    WEIGHTS.iter().find(is_there).copied().ok_or_else(|| {
        let large = |name: &&String| {
            [".h5", ".msgpack", ".onnx", ".ot", ".gguf", ".bin", ".safetensors"]
                .iter()
                .any(|ending| name.ends_with(ending))
        };
        let found: Vec<&str> = listed.iter().filter(large).map(String::as_str).collect();
        let found = if found.is_empty() { "none".to_owned() } else { format!("`{}`", found.join("`, `")) };
        format!("expected weights in `model.safetensors` or `pytorch_model.bin`, whole or in shards, found {found}")
    })
}

/// The files that an index of shards names, in order.
pub(super) fn shards(index: &[u8], listed: &[String]) -> Result<Vec<String>, String> {
    let index: Value = serde_json::from_slice(index).map_err(|error| error.to_string())?;
    let map = index["weight_map"].as_object();
    let names = map.into_iter().flatten().filter_map(|(_, name)| name.as_str());
    let names: BTreeSet<&str> = names.collect();
    if names.is_empty() {
        return Err("expected a `weight_map` with files, found none".to_owned());
    }
    match names
        .iter()
        .find(|name| !is_plain(name) || !listed.iter().any(|listed| listed == *name))
    {
        Some(name) => Err(format!("expected files of the repository, found `{name}`")),
        None => Ok(names.into_iter().map(str::to_owned).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn only_what_is_read_is_taken() {
        let listed = listing(&[
            ".gitattributes",
            "vocab.json",
            "README.md",
            "config.json",
            "source.spm",
            "sentencepiece.bpe.model",
            "onnx/model.onnx",
            "onnx/config.json",
            "../x.spm",
            "tf_model.h5",
            "rust_model.ot",
            "pytorch_model.bin",
            "training_args.bin",
        ]);
        let expected = [
            "README.md",
            "config.json",
            "sentencepiece.bpe.model",
            "source.spm",
            "vocab.json",
        ];
        assert_eq!(small(&listed), expected);
        assert_eq!(weights(&listed), Ok(Weights::Whole("pytorch_model.bin")));
    }

    #[test]
    fn safetensors_go_before_pickles() {
        let mut listed = listing(&["pytorch_model.bin", "model.safetensors.index.json"]);
        assert_eq!(
            weights(&listed),
            Ok(Weights::Index("model.safetensors.index.json"))
        );
        listed.push("model.safetensors".to_owned());
        assert_eq!(weights(&listed), Ok(Weights::Whole("model.safetensors")));
        let message = weights(&listing(&["config.json", "tf_model.h5"])).unwrap_err();
        assert!(message.ends_with("found `tf_model.h5`"), "{message}");
    }

    #[test]
    fn shards_are_those_of_the_index() {
        let listed = listing(&[
            "m-1-of-2.safetensors",
            "m-2-of-2.safetensors",
            "m-1-of-3.safetensors",
        ]);
        let index = br#"{"weight_map": {"a": "m-2-of-2.safetensors", "b": "m-1-of-2.safetensors", "c": "m-2-of-2.safetensors"}}"#;
        assert_eq!(
            shards(index, &listed).unwrap(),
            ["m-1-of-2.safetensors", "m-2-of-2.safetensors"]
        );
        for index in [
            r#"{"weight_map": {"a": "../../x"}}"#,
            r#"{"weight_map": {"a": "m-9-of-9.safetensors"}}"#,
            r#"{"weight_map": {}}"#,
            "{}",
            "{",
        ] {
            assert!(shards(index.as_bytes(), &listed).is_err(), "{index}");
        }
    }
}
