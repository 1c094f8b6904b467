//! rust-bert against the engine: the same documents give the same records on both, in 32-bit floating point.
//!
//! Both run the same models: tiny ones with random weights, the bundled ones, and these with their weights written as
//! `f32`. Sums of floating-point numbers depend on their order, which differs between the two and, in libtorch, with
//! the size of a batch. So scores are compared with a tolerance, and everything else exactly. Text could differ only
//! where two tokens are as likely as each other to within that tolerance, which no sentence here comes near.
//!
//! On a machine with a GPU that libtorch can use, rust-bert runs there.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

#[allow(dead_code, reason = "shared with the tests of the engine")]
#[path = "../engine_parity/fixtures.rs"]
mod fixtures;
mod models;
mod texts;

use std::process::Command;

use diglot::backend::{self, Backend, Device};
use diglot::engine::{EngineOptions, Hypothesis, Precision};
use diglot::format::Record;
use diglot::model::{ModelFiles, bundled};
use diglot::{Document, Pipeline};
use serde_json::Value;

use crate::fixtures::{Model, borrowed, fixtures, options, read, sentences};
use crate::models::in_floating_point;

/// How far scores may be apart: mean log probabilities, and probabilities.
const TOLERANCE: f32 = 2e-4;

fn f32_options() -> EngineOptions {
    EngineOptions {
        precision: Precision::F32,
        ..EngineOptions::default()
    }
}

fn pipeline(
    backend: Backend,
    translation: ModelFiles,
    entities: ModelFiles,
    options: EngineOptions,
) -> Pipeline {
    let builder = Pipeline::builder()
        .translation_model(translation)
        .entity_model(entities)
        .engine(options)
        .backend(backend, Device::Auto);
    builder.build().unwrap()
}

/// The records of documents, without what says how they were made.
fn records(pipeline: &Pipeline, documents: &[Document]) -> Vec<Value> {
    let outcomes = pipeline.process_batch(documents.to_vec());
    let records = outcomes.iter().map(|outcome| {
        let mut record = serde_json::to_value(Record::new(outcome, pipeline.run())).unwrap();
        record.as_object_mut().unwrap().remove("run");
        record
    });
    records.collect()
}

/// Compares scores with the tolerance, and all else exactly.
fn assert_same(found: &Value, expected: &Value, path: &str) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            assert!(found.keys().eq(expected.keys()), "{path}: {found:?} {expected:?}");
            for (key, value) in found {
                assert_same(value, &expected[key], &format!("{path}.{key}"));
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{path}: {found:?} {expected:?}");
            for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
                assert_same(found, expected, &format!("{path}[{index}]"));
            }
        }
        (Value::Number(found), Value::Number(expected)) if path.ends_with(".score") => {
            let distance = found.as_f64().unwrap() - expected.as_f64().unwrap();
            assert!(
                distance.abs() <= f64::from(TOLERANCE),
                "{path}: {found} {expected}"
            );
        }
        _ => assert_eq!(found, expected, "{path}"),
    }
}

fn assert_same_records(
    translation: &ModelFiles,
    entities: &ModelFiles,
    options: &EngineOptions,
    documents: &[Document],
) {
    let run = |backend| {
        let pipeline = pipeline(backend, translation.clone(), entities.clone(), options.clone());
        records(&pipeline, documents)
    };
    let (found, expected) = (run(Backend::RustBert), run(Backend::Engine));
    for ((found, expected), document) in found.iter().zip(&expected).zip(documents) {
        assert_same(found, expected, &document.id);
    }
}

fn assert_same_translations(found: &[Hypothesis], expected: &[Hypothesis], sentences: &[&str]) {
    assert_eq!(found.len(), sentences.len());
    for ((found, expected), sentence) in found.iter().zip(expected).zip(sentences) {
        assert_eq!(found.text, expected.text, "{sentence}");
        assert_eq!(found.alignment, expected.alignment, "{sentence}: {}", found.text);
        assert_eq!(found.finished, expected.finished, "{sentence}");
        let distance = (found.score - expected.score).abs();
        assert!(distance < TOLERANCE, "{sentence}: {found:?} {expected:?}");
    }
}

fn translate(
    backend: Backend,
    files: &ModelFiles,
    options: &EngineOptions,
    sentences: &[&str],
) -> Vec<Hypothesis> {
    let model = backend::load_marian(backend, Device::Auto, files, options).unwrap();
    model.translate(sentences).unwrap()
}

/// Compares what both backends say of tokens: where they stand exactly, probabilities with a tolerance.
fn assert_same_tags(files: &ModelFiles, sentences: &[String], tolerance: f32) {
    let run = |backend| {
        let tagger = backend::load_tagger(backend, Device::Auto, files, &f32_options()).unwrap();
        tagger.tag(&borrowed(sentences)).unwrap()
    };
    let (found, expected) = (run(Backend::RustBert), run(Backend::Engine));
    for ((found, expected), sentence) in found.iter().zip(&expected).zip(sentences) {
        assert_eq!(found.len(), expected.len(), "{sentence}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(
                (found.span, found.word),
                (expected.span, expected.word),
                "{sentence}"
            );
            assert!(found.span.of(sentence).is_some());
            let pairs = found.probabilities.iter().zip(&expected.probabilities);
            let distance = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(
                distance < tolerance,
                "{}: {sentence} {found:?} {expected:?}",
                files.name()
            );
        }
    }
}

#[test]
fn bundled_models_give_the_same_records() {
    let (translation, entities) = (bundled::translation().unwrap(), bundled::entities().unwrap());
    assert_same_records(&translation, &entities, &f32_options(), &texts::documents());
}

#[test]
fn bundled_models_in_floating_point_give_the_same_records() {
    let directory = tempfile::TempDir::new().unwrap();
    let translation = in_floating_point("models/fr-en", &directory.path().join("fr-en"));
    let entities = in_floating_point("models/ner", &directory.path().join("ner"));
    let options = EngineOptions {
        shortlist: false,
        ..f32_options()
    };
    assert_same_records(&translation, &entities, &options, &texts::documents());
}

/// What `f32` files hold is what int8 files stand for.
#[test]
fn int8_weights_are_multiplied_out() {
    let directory = tempfile::TempDir::new().unwrap();
    let whole = in_floating_point("models/fr-en", directory.path());
    let sentences = texts::sentences();
    let run = |files| translate(Backend::RustBert, files, &f32_options(), &borrowed(&sentences));
    let (found, expected) = (run(&bundled::translation().unwrap()), run(&whole));
    assert_same_translations(&found, &expected, &borrowed(&sentences));
}

#[test]
fn fixtures_give_the_same_records() {
    let (marian, bert) = (Model::marian("int8"), Model::bert("int8"));
    assert_same_records(
        &marian.files(),
        &bert.files(),
        &options(Precision::F32),
        &texts::documents(),
    );
}

/// Without the care around the model, which would hide differences.
#[test]
fn fixtures_translate_the_same_greedily_with_beams_and_with_a_shortlist() {
    let sentences = sentences();
    for weights in ["model", "int8"] {
        for (beam, shortlist) in [(1, false), (1, true), (4, false), (3, true)] {
            let options = EngineOptions {
                beam: Some(beam),
                shortlist,
                ..options(Precision::F32)
            };
            let model = Model::marian(weights);
            let run = |backend| translate(backend, &model.files(), &options, &borrowed(&sentences));
            let (found, expected) = (run(Backend::RustBert), run(Backend::Engine));
            assert_same_translations(&found, &expected, &borrowed(&sentences));
        }
    }
}

#[test]
fn bundled_model_translates_the_same_with_beams() {
    let sentences = texts::sentences();
    let options = EngineOptions {
        beam: Some(4),
        ..f32_options()
    };
    let run = |backend| {
        translate(
            backend,
            &bundled::translation().unwrap(),
            &options,
            &borrowed(&sentences),
        )
    };
    let (found, expected) = (run(Backend::RustBert), run(Backend::Engine));
    assert_same_translations(&found, &expected, &borrowed(&sentences));
}

#[test]
fn every_layer_can_give_the_word_alignment() {
    let sentences = sentences();
    for (layer, heads) in [("0", "[0, 1]"), ("0", "[1]"), ("1", "[1]")] {
        let model = Model::marian("model");
        model.edit(
            "config.json",
            "\"diglot\":{",
            &format!("\"diglot\":{{\"alignment_layer\": {layer}, \"alignment_heads\": {heads}, "),
        );
        let run = |backend| {
            translate(
                backend,
                &model.files(),
                &options(Precision::F32),
                &borrowed(&sentences),
            )
        };
        let (found, expected) = (run(Backend::RustBert), run(Backend::Engine));
        assert_same_translations(&found, &expected, &borrowed(&sentences));
    }
}

/// One sentence is longer than the models read at once, and has characters of several bytes.
fn sentences_to_tag() -> Vec<String> {
    let mut sentences = sentences();
    sentences.push("Odile parle à la gare 👩‍👩‍👧. ".repeat(40));
    sentences
}

#[test]
fn tokens_get_the_same_probabilities_where_they_stand() {
    let (int8, whole) = (Model::bert("int8"), Model::bert("model"));
    for files in [int8.files(), whole.files(), bundled::entities().unwrap()] {
        assert_same_tags(&files, &sentences_to_tag(), TOLERANCE);
    }
}

/// rust-bert adds 1e-12 to the variance in layer norms where RoBERTa and its kin add 1e-5; the rest is the same.
#[test]
fn the_kin_of_bert_is_tagged_the_same() {
    for (family, tolerance) in [
        ("bert", TOLERANCE),
        ("distilbert", TOLERANCE),
        ("electra", TOLERANCE),
        ("roberta", 5e-3),
        ("xlm-roberta", 5e-3),
        ("camembert", 5e-3),
    ] {
        assert_same_tags(&of_family(family).files(), &sentences_to_tag(), tolerance);
    }
}

/// The fixture of a family, with the SentencePiece model that two of them share with other fixtures.
fn of_family(family: &str) -> Model {
    let model = Model(tempfile::TempDir::new().unwrap());
    for entry in std::fs::read_dir(fixtures().join("families").join(family)).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        model.write(&name, &std::fs::read(&path).unwrap());
    }
    match family {
        "xlm-roberta" => model.write("sentencepiece.bpe.model", &read("spm/unigram.spm")),
        "camembert" => model.write("sentencepiece.bpe.model", &read("spm/target.spm")),
        _ => {}
    }
    model
}

#[test]
fn text_does_not_depend_on_batches_or_threads() {
    let sentences = texts::sentences();
    let files = bundled::translation().unwrap();
    let run = |threads: usize, batch_tokens: usize| {
        let options = EngineOptions {
            batch_tokens,
            ..f32_options()
        };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| translate(Backend::RustBert, &files, &options, &borrowed(&sentences)))
    };
    let expected = run(1, 1);
    for found in [run(1, 4096), run(3, 64)] {
        assert_same_translations(&found, &expected, &borrowed(&sentences));
    }
}

#[test]
fn what_is_missing_is_named() {
    let model = Model::marian("model");
    model.rename_tensor(
        "model.encoder.layers.0.fc1.weight",
        "model.encoder.layers.0.fc9.weight",
    );
    let loaded = backend::load_marian(Backend::RustBert, Device::Cpu, &model.files(), &f32_options());
    let message = loaded.err().unwrap().to_string();
    assert!(
        message.contains("expected a tensor `model.encoder.layers.0.fc1.weight`"),
        "{message}"
    );

    let model = Model::bert("model");
    model.edit("config.json", "\"vocab_size\":", "\"vocab_size\":1");
    let loaded = backend::load_tagger(Backend::RustBert, Device::Cpu, &model.files(), &f32_options());
    let message = loaded.err().unwrap().to_string();
    assert!(
        message.contains("`bert.embeddings.word_embeddings.weight`: expected shape"),
        "{message}"
    );
}

fn diglot(arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_diglot"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[test]
fn the_command_says_which_backend_ran() {
    let (listed, _, code) = diglot(&["models", "--json", "--backend", "rust-bert"]);
    assert_eq!(code, Some(0));
    let rows: Vec<Value> = listed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let backends: Vec<&str> = rows.iter().map(|row| row["backend"].as_str().unwrap()).collect();
    assert_eq!(backends, ["rust-bert", "rust-bert", "engine"], "{listed}");

    let arguments = [
        "run",
        "examples/night-market.txt",
        "-q",
        "--backend",
        "rust-bert",
        "--device",
        "cpu",
        "-j",
        "2",
    ];
    let (made, stderr, code) = diglot(&arguments);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let record: Value = serde_json::from_str(&made).unwrap();
    let settings = &record["run"]["settings"];
    let named = ["backend", "device", "precision"].map(|name| settings[name].as_str().unwrap());
    assert_eq!(named, ["rust-bert", "cpu", "f32"]);
    assert!(!record["translations"].as_array().unwrap().is_empty());
}

#[test]
fn a_gpu_that_is_not_there_is_an_error() {
    if backend::find_device(Backend::RustBert, Device::Auto).unwrap() == Device::Cuda {
        return;
    }
    let (stdout, stderr, code) = diglot(&["models", "--backend", "rust-bert", "--device", "cuda"]);
    assert_eq!((stdout.as_str(), code), ("", Some(2)));
    assert!(stderr.contains("expected a CUDA device"), "{stderr}");
}
