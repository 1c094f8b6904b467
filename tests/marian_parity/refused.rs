//! Models that are broken or do not fit are refused, with an error that says what was expected and found.

use diglot::engine::{EngineOptions, Marian, MarianTranslator};

use crate::models::Model;

fn check(name: &'static str, spoil: impl Fn(&Model), parts: &[&str]) {
    let model = Model::new(name);
    spoil(&model);
    let message = match Marian::load(&model.files(), &EngineOptions::default()) {
        Ok(_) => panic!("{name}: the model is broken, so it should not load: {parts:?}"),
        Err(error) => error.to_string(),
    };
    for part in parts {
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
}

#[test]
fn positions_of_a_wrong_shape_are_refused() {
    let shorter = |model: &Model| {
        model.edit(
            "config.json",
            "\"max_position_embeddings\":64",
            "\"max_position_embeddings\":32",
        );
    };
    let parts = [
        "embed_positions.weight`",
        "expected shape [32, 16]",
        "found [64, 16]",
    ];
    check("forced", shorter, &parts);
}

#[test]
fn positions_that_cannot_be_computed_must_be_there() {
    let learned = |model: &Model| {
        model.edit(
            "config.json",
            "\"scale_embedding\":true",
            "\"scale_embedding\":true,\"static_position_embeddings\":false",
        );
    };
    check(
        "multilingual",
        learned,
        &["`model.encoder.embed_positions.weight`", "found none"],
    );
    let model = Model::new("forced");
    learned(&model);
    assert!(Marian::load(&model.files(), &EngineOptions::default()).is_ok());
}

#[test]
fn missing_embeddings_and_norms_are_named() {
    let untied = |model: &Model| {
        model.edit(
            "config.json",
            "\"tie_word_embeddings\":true",
            "\"tie_word_embeddings\":false",
        );
    };
    check("multilingual", untied, &["`lm_head.weight`", "found none"]);
    let shared = |model: &Model| {
        model.edit(
            "config.json",
            "\"share_encoder_decoder_embeddings\":true",
            "\"share_encoder_decoder_embeddings\":false",
        );
    };
    check(
        "multilingual",
        shared,
        &["`model.encoder.embed_tokens.weight`", "found none"],
    );
    let normed = |model: &Model| {
        model.edit(
            "config.json",
            "\"scale_embedding\":true",
            "\"scale_embedding\":true,\"add_final_layer_norm\":true",
        );
    };
    check(
        "multilingual",
        normed,
        &["`model.encoder.layer_norm.weight`", "found none"],
    );
}

#[test]
fn vocabularies_that_do_not_fit_are_refused() {
    check(
        "separate",
        |model| model.remove("target_vocab.json"),
        &["a file `target_vocab.json`"],
    );
    let small = |model: &Model| model.write("target_vocab.json", br#"{"</s>":0,"x":999}"#);
    check(
        "separate",
        small,
        &["`target_vocab.json`", "`decoder_vocab_size`", "found 999 for `x`"],
    );
    let unknown = |model: &Model| model.write("vocab.json", br#"{"</s>":0}"#);
    check("separate", unknown, &["`vocab.json`", "`<unk>`"]);
}

#[test]
fn impossible_generation_settings_are_refused() {
    let write =
        |text: &'static str| move |model: &Model| model.write("generation_config.json", text.as_bytes());
    check(
        "forced",
        write(r#"{"bad_words_ids":[[1,5000]]}"#),
        &["`generation_config.json`", "found 5000"],
    );
    check(
        "forced",
        write(r#"{"num_beams":100000}"#),
        &["`num_beams`", "100000"],
    );
    check(
        "forced",
        write(r#"{"num_beams":"four"}"#),
        &["`generation_config.json`", "four"],
    );
    check("forced", write("{"), &["`generation_config.json`"]);
}

#[test]
fn a_pair_that_nothing_tells_is_an_error_that_says_how_to_name_it() {
    let model = Model::called("forced", "weights");
    let message = MarianTranslator::load(&model.files(), &EngineOptions::default(), None)
        .expect_err("nothing says the pair")
        .to_string();
    for part in ["which languages it reads and writes", "`translate:fr-en=`"] {
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
}
