//! `diglot models convert`: against what the reference script made of the same weights.

use std::fs;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::hub::fixture;
use crate::place::{Place, names};
use crate::{MARIAN, NER};

/// Tensors that a Marian model makes of others.
const SPARED: [&str; 3] = ["model.encoder.embed_", "model.decoder.embed_", "lm_head.weight"];

fn floats(tensor: &TensorView<'_>) -> Vec<f32> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::I8 => data.iter().map(|&byte| f32::from(byte.cast_signed())).collect(),
        Dtype::F16 => {
            let halves = data.as_chunks().0.iter();
            halves
                .map(|&bytes| half::f16::from_le_bytes(bytes).to_f32())
                .collect()
        }
        Dtype::BF16 => {
            let halves = data.as_chunks().0.iter();
            halves
                .map(|&bytes| half::bf16::from_le_bytes(bytes).to_f32())
                .collect()
        }
        Dtype::F32 => data
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect(),
        other => panic!("{other:?} has no place in an int8 file"),
    }
}

/// Compares tensor by tensor; a number that lies between two integers may be rounded to either.
#[track_caller]
fn assert_same(found: &[u8], expected: &[u8]) {
    let (found, expected) = (
        SafeTensors::deserialize(found).unwrap(),
        SafeTensors::deserialize(expected).unwrap(),
    );
    for (name, expected) in expected.tensors() {
        let Ok(found) = found.tensor(&name) else {
            assert!(
                SPARED.iter().any(|spared| name.starts_with(spared)),
                "`{name}` is missing"
            );
            continue;
        };
        assert_eq!(found.shape(), expected.shape(), "{name}");
        let quantized = |tensor: &TensorView<'_>| tensor.dtype() == Dtype::I8;
        assert_eq!(quantized(&found), quantized(&expected), "{name}");
        // The script keeps what is not int8 in the 16 bits of bfloat16, whose step is 1/256 of a number.
        let tolerance = |number: f32| {
            if quantized(&found) {
                1.0
            } else {
                1e-6 + number.abs() / 256.0
            }
        };
        for (one, other) in floats(&found).iter().zip(floats(&expected)) {
            assert!(
                (one - other).abs() <= tolerance(other),
                "{name}: {one} against {other}"
            );
        }
    }
    for name in found.names() {
        assert!(expected.tensor(name).is_ok(), "`{name}` is not in the reference");
    }
}

#[test]
fn converted_weights_are_those_of_the_reference() {
    for (id, directory) in [(NER, "bert"), (MARIAN, "marian")] {
        let here = Place::new();
        here.pulled(id);
        let output = here.store().with_file_name("small");
        let ran = here.run(&["models", "convert", id, "-o", output.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let found = fs::read(output.join("model.safetensors")).unwrap();
        assert_same(&found, &fixture(directory, "int8.safetensors"));
        let (_, metadata) = SafeTensors::read_metadata(&found).unwrap();
        let metadata = metadata.metadata().clone().unwrap();
        assert_eq!(metadata["converted_from"], format!("{id}@{}", here.hub.head(id)));
    }
}

#[test]
fn a_converted_model_is_used_like_any_other() {
    let here = Place::new();
    here.pulled(NER);
    let ran = here.run(&["models", "convert", NER, "-o", "new/small"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let directory = here.store().with_file_name("new").join("small");
    assert_eq!(
        names(&directory),
        ["README.md", "config.json", "model.safetensors", "tokenizer.json"]
    );
    assert_eq!(
        names(directory.parent().unwrap()),
        ["small"],
        "nothing unfinished is left"
    );
    let used = here.run(&["entities", "--model", "entities=new/small"]);
    assert_eq!(used.code, 0, "{}", used.stderr);
    for (model, expected) in [
        (NER, "expected a new or an empty directory, found files in it"),
        ("new/small", "expected a new or an empty directory"),
    ] {
        let ran = here.run(&["models", "convert", model, "-o", "new/small"]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
    let again = here.run(&["models", "convert", "new/small", "-o", "new/smaller"]);
    assert_eq!(again.code, 2);
    assert!(
        again.stderr.contains("the weights are int8 already"),
        "{}",
        again.stderr
    );
    assert_eq!(
        names(directory.parent().unwrap()),
        ["small"],
        "what failed leaves nothing"
    );
}
