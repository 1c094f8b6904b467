use serde::Deserialize;
use tempfile::TempDir;

use super::*;
use crate::engine::Precision;

/// What transformers makes of a sentence; `scripts/fixtures` writes it.
#[derive(Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
    greedy: Vec<u32>,
    attended: Vec<u32>,
    #[serde(default)]
    logits: Vec<Vec<f32>>,
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/engine/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn model(precision: Precision) -> Marian {
    let directory = TempDir::new().unwrap();
    for (file, source) in [
        ("config.json", "marian/config.json"),
        ("vocab.json", "marian/vocab.json"),
        ("model.safetensors", "marian/model.safetensors"),
        ("source.spm", "spm/unigram.spm"),
        ("target.spm", "spm/target.spm"),
    ] {
        std::fs::write(directory.path().join(file), fixture(source)).unwrap();
    }
    let options = EngineOptions {
        precision,
        max_length_factor: 0.0,
        max_length_extra: 24,
        ..EngineOptions::default()
    };
    Marian::load(&ModelFiles::Directory(directory.path().to_owned()), &options).unwrap()
}

fn cases() -> Vec<Case> {
    serde_json::from_slice(&fixture("marian/expected.json")).unwrap()
}

/// The scores of every token after each of `target`.
fn logits<T: Stored>(model: &Marian, source: &[u32], target: &[u32]) -> Vec<Vec<f32>> {
    let mut scratch = Scratch::default();
    let layers = layers(model);
    let (states, starts) = layers.encode(&[source], &mut scratch).unwrap();
    let memories = layers
        .decoder
        .memories::<T>(&states, &starts, &mut scratch)
        .unwrap();
    let mut rows = vec![layers.decoder.row(0)];
    let projection = layers
        .inputs
        .output
        .projection(None, &layers.projection_bias, model.options.precision);
    let step = |(position, &token): (usize, &u32)| {
        let (mut states, mut logits) = (Vec::new(), Vec::new());
        layers.inputs.decoder.push(token, position, &mut states).unwrap();
        layers
            .decoder
            .step(&mut states, &mut rows, &memories, &mut Vec::new(), &mut scratch)
            .unwrap();
        projection
            .apply(&states, None, &mut logits, &mut scratch.linear)
            .unwrap();
        logits
    };
    target.iter().enumerate().map(step).collect()
}

fn layers(model: &Marian) -> &Layers {
    match &model.network {
        Network::Layers(layers) => layers,
        #[cfg(feature = "rust-bert")]
        Network::Outside(_) => unreachable!("the engine loads its own"),
    }
}

fn with_start(model: &Marian, target: &[u32]) -> Vec<u32> {
    [&[model.generation.start], target].concat()
}

#[test]
fn tokens_equal_those_of_transformers() {
    let model = model(Precision::F32);
    for case in cases() {
        assert_eq!(
            model.tokens.encode(&case.text, None).ids,
            case.ids,
            "{}",
            case.text
        );
    }
}

#[test]
fn f32_logits_equal_those_of_transformers() {
    let model = model(Precision::F32);
    for case in cases().iter().filter(|case| !case.logits.is_empty()) {
        let found = logits::<f32>(&model, &case.ids, &with_start(&model, &case.greedy));
        for (found, expected) in found.iter().zip(&case.logits) {
            let distances = found
                .iter()
                .zip(expected)
                .map(|(found, expected)| (found - expected).abs());
            let distance = distances.fold(0.0, f32::max);
            assert!(distance < 1e-4, "{distance} in {}", case.text);
        }
    }
}

#[test]
fn int8_logits_point_where_f32_logits_point() {
    let model = model(Precision::Int8);
    for case in cases().iter().filter(|case| !case.logits.is_empty()) {
        let found = logits::<f16>(&model, &case.ids, &with_start(&model, &case.greedy));
        for (found, expected) in found.iter().zip(&case.logits) {
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            let cosine = dot(found, expected) / (dot(found, found) * dot(expected, expected)).sqrt();
            assert!(cosine > 0.99, "{cosine} in {}", case.text);
        }
    }
}

#[test]
fn outputs_attend_where_transformers_says() {
    let model = model(Precision::F32);
    for case in cases() {
        let output = model
            .decode::<f32>(layers(&model), &[&model.tokens.encode(&case.text, None).ids])
            .unwrap()
            .remove(0);
        assert_eq!(output.tokens, case.greedy, "{}", case.text);
        assert_eq!(output.aligned, case.attended, "{}", case.text);
    }
}

mod hub;
