//! Models that are broken are refused, with an error that says what was expected and what was found.

use diglot::Error;
use diglot::engine::{BertTagger, EngineOptions, Marian};
use diglot::model::ModelFiles;

use crate::fixtures::{Model, read};

fn check_refused(model: &Model, parts: &[&str]) {
    let load = |files: &ModelFiles| -> Result<(), Error> {
        let options = EngineOptions::default();
        if model.0.path().join("tokenizer.json").exists() {
            BertTagger::load(files, &options).map(drop)
        } else {
            Marian::load(files, &options).map(drop)
        }
    };
    let message = load(&model.files()).expect_err("the model is broken").to_string();
    for part in parts {
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
}

#[test]
fn a_missing_tensor_is_named() {
    let model = Model::marian("model");
    model.rename_tensor(
        "model.decoder.layers.1.fc2.weight",
        "model.decoder.layers.1.fc2.height",
    );
    check_refused(
        &model,
        &[
            "`model.safetensors`",
            "`model.decoder.layers.1.fc2.weight`",
            "[32, 48]",
            "found none",
        ],
    );
    let model = Model::bert("int8");
    model.rename_tensor("classifier.weight.scale", "classifier.weight.skale");
    check_refused(&model, &["`classifier.weight.scale`", "[9]", "found none"]);
}

#[test]
fn a_tensor_of_a_wrong_shape_is_named() {
    let model = Model::marian("model");
    model.edit("config.json", "\"decoder_ffn_dim\":48", "\"decoder_ffn_dim\":47");
    check_refused(
        &model,
        &[
            "`model.decoder.layers.0.fc1.weight`",
            "expected shape [47, 32]",
            "found [48, 32]",
        ],
    );
    let model = Model::bert("model");
    model.edit("config.json", "\"type_vocab_size\":2", "\"type_vocab_size\":3");
    check_refused(
        &model,
        &[
            "token_type_embeddings.weight`",
            "expected shape [3, 32]",
            "found [2, 32]",
        ],
    );
}

#[test]
fn a_truncated_file_is_named() {
    for len in [0, 7, 500, 20_000] {
        let model = Model::marian("model");
        model.write("model.safetensors", &read("marian/model.safetensors")[..len]);
        check_refused(&model, &["`model.safetensors`", "expected", "found", "bytes"]);
    }
    for file in ["source.spm", "shortlist.bin"] {
        let model = Model::marian("model");
        let whole = std::fs::read(model.0.path().join(file)).unwrap();
        model.write(file, &whole[..whole.len() - 1]);
        check_refused(&model, &[&format!("`{file}`"), "is the file whole?"]);
    }
}

#[test]
fn a_wrong_architecture_is_named() {
    let model = Model::marian("model");
    model.edit("config.json", "MarianMTModel", "BartForConditionalGeneration");
    check_refused(
        &model,
        &[
            "`config.json`",
            "expected the architecture `MarianMTModel`",
            "BartForConditionalGeneration",
        ],
    );
    let model = Model::bert("model");
    model.edit("config.json", "BertForTokenClassification", "BertModel");
    check_refused(
        &model,
        &[
            "expected the architecture `BertForTokenClassification`",
            "BertModel",
        ],
    );
}

#[test]
fn impossible_configurations_are_refused() {
    let check = |from: &str, to: &str, parts: &[&str]| {
        let model = Model::marian("model");
        model.edit("config.json", from, to);
        check_refused(&model, parts);
    };
    check(
        "\"encoder_attention_heads\":4",
        "\"encoder_attention_heads\":0",
        &["`encoder_attention_heads`", "32 and 0"],
    );
    check(
        "\"encoder_attention_heads\":4",
        "\"encoder_attention_heads\":5",
        &["`d_model`", "32 and 5"],
    );
    check("\"swish\"", "\"tanh\"", &["`config.json`", "tanh"]);
    check(
        "\"eos_token_id\":0",
        "\"eos_token_id\":999",
        &["special tokens", "999"],
    );
    check(
        "\"source_lang\"",
        "\"alignment_layer\":2,\"source_lang\"",
        &["`alignment_layer` below 2, found 2"],
    );
    check(
        "\"source_lang\"",
        "\"alignment_heads\":[4],\"source_lang\"",
        &["`alignment_heads` below 4, found 4"],
    );
}

/// The sizes in the configuration of the Marian fixture.
const MARIAN_SIZES: [(&str, usize); 7] = [
    ("vocab_size", 223),
    ("d_model", 32),
    ("encoder_ffn_dim", 64),
    ("decoder_ffn_dim", 48),
    ("encoder_layers", 2),
    ("decoder_layers", 2),
    ("max_position_embeddings", 64),
];

/// The sizes in the configuration of the BERT fixture.
const BERT_SIZES: [(&str, usize); 5] = [
    ("vocab_size", 238),
    ("hidden_size", 32),
    ("intermediate_size", 64),
    ("num_hidden_layers", 2),
    ("max_position_embeddings", 96),
];

#[test]
fn absurd_sizes_are_refused_before_memory_is_asked_for() {
    let check = |model: Model, name: &str, size: usize| {
        let to = format!("\"{name}\":9000000000000");
        model.edit("config.json", &format!("\"{name}\":{size}"), &to);
        let expected = format!("expected `{name}` to be at most");
        check_refused(&model, &["`config.json`", &expected, "found 9000000000000"]);
    };
    for (name, size) in MARIAN_SIZES {
        check(Model::marian("model"), name, size);
    }
    for (name, size) in BERT_SIZES {
        check(Model::bert("model"), name, size);
    }
}

#[test]
fn a_missing_file_is_named() {
    for file in [
        "config.json",
        "model.safetensors",
        "vocab.json",
        "source.spm",
        "target.spm",
    ] {
        let model = Model::marian("model");
        std::fs::remove_file(model.0.path().join(file)).unwrap();
        check_refused(&model, &[&format!("expected a file `{file}`, found none")]);
    }
}
