//! Writing a model in diglot's int8 layout.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

use super::Precision;
use super::weights::Weights;
use crate::Error;
use crate::model::ModelFiles;

/// The name of the file that is written.
const FILE: &str = "model.safetensors";

/// What `config.json` says of tensors that stand in a file twice. A key that is not there is true, as in
/// transformers.
#[derive(Deserialize)]
struct Ties {
    #[serde(default)]
    model_type: String,
    #[serde(default = "yes")]
    share_encoder_decoder_embeddings: bool,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
    #[serde(default)]
    static_position_embeddings: bool,
}

fn yes() -> bool {
    true
}

impl Ties {
    /// Whether a tensor is made of others, or of nothing, when the model is loaded.
    fn spares(&self, name: &str, weights: &Weights) -> bool {
        let embedding = [
            "model.encoder.embed_tokens.weight",
            "model.decoder.embed_tokens.weight",
        ];
        let positions = [
            "model.encoder.embed_positions.weight",
            "model.decoder.embed_positions.weight",
        ];
        self.model_type == "marian"
            && ((embedding.contains(&name)
                && self.share_encoder_decoder_embeddings
                && weights.has("model.shared.weight"))
                || (name == "lm_head.weight" && self.tie_word_embeddings)
                || (positions.contains(&name) && self.static_position_embeddings))
    }
}

/// A tensor as it is written.
struct Written {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// Makes a new directory with a model in one byte a number: each 2-D weight as `I8` with an `F32` scale a
/// row, all else as `F16`, in one `model.safetensors` whose metadata say what it was made of; tensors that
/// the model makes of others are left out. The other files are copied. The directory appears when it is
/// complete.
///
/// # Errors
///
/// When the directory is there and not empty, the weights cannot be read or are int8 already, or something
/// cannot be written.
pub fn convert(files: &ModelFiles, directory: &Path) -> Result<(), Error> {
    if fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::output(
            directory,
            "expected a new or an empty directory, found files in it",
        ));
    }
    let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let failed = |error| Error::io("create", directory, error);
    fs::create_dir_all(parent).map_err(failed)?;
    let made = tempfile::Builder::new()
        .prefix(".diglot-convert-")
        .tempdir_in(parent)
        .map_err(failed)?;
    // Apart from the name, a directory of the user's own, with what others may do in it.
    let inner = made.path().join("model");
    fs::create_dir(&inner).map_err(failed)?;
    for name in files.names()? {
        if let Some(content) = is_copied(&name).then(|| files.read(&name)).transpose()?.flatten() {
            fs::write(inner.join(&name), content)
                .map_err(|error| Error::io("write", inner.join(&name), error))?;
        }
    }
    write_weights(files, &inner)?;
    // One that is empty may be in the way on some systems.
    let _ = fs::remove_dir(directory);
    fs::rename(&inner, directory).map_err(failed)
}

/// Whether a file is taken over as it is: not weights, in whatever form.
fn is_copied(name: &str) -> bool {
    let weights = [
        ".safetensors",
        ".bin",
        ".index.json",
        ".pt",
        ".ot",
        ".h5",
        ".msgpack",
        ".onnx",
        ".gguf",
    ];
    let ours = ["shortlist.bin", "crf.bin"];
    ours.contains(&name) || !(name.starts_with('.') || weights.iter().any(|ending| name.ends_with(ending)))
}

fn write_weights(files: &ModelFiles, directory: &Path) -> Result<(), Error> {
    let weights = Weights::read(files)?;
    let config = files.require("config.json")?;
    let ties: Ties = serde_json::from_slice(&config)
        .map_err(|error| Error::model(files.name(), format!("`config.json`: {error}")))?;
    let mut written = Vec::new();
    for (name, shape) in weights.floating()? {
        if !ties.spares(&name, &weights) {
            written.extend(quantized(&weights, name, shape)?);
        }
    }
    let info = files.info("convert")?;
    let metadata = HashMap::from([
        ("format".to_owned(), "pt".to_owned()),
        ("converted_from".to_owned(), info.name),
        ("converted_from_sha256".to_owned(), info.sha256),
    ]);
    let path = directory.join(FILE);
    let bytes =
        serialized(&written, metadata).map_err(|error| Error::model(files.name(), error.to_string()))?;
    fs::write(&path, bytes).map_err(|error| Error::io("write", path, error))
}

fn serialized(
    written: &[Written],
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let mut views = Vec::with_capacity(written.len());
    for tensor in written {
        views.push((
            tensor.name.as_str(),
            TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes)?,
        ));
    }
    safetensors::serialize(views, Some(metadata))
}

/// A tensor in one byte a number with its scales, or, where it is no matrix, in two bytes a number.
fn quantized(weights: &Weights, name: String, shape: Vec<usize>) -> Result<Vec<Written>, Error> {
    if let [rows, columns] = shape[..]
        && rows > 1
        && columns > 1
    {
        let matrix = weights.matrix_in(Precision::Int8, &name, [rows, columns])?;
        let (values, scales) = matrix.into_int8();
        let scale = Written {
            name: format!("{name}.scale"),
            dtype: Dtype::F32,
            shape: vec![rows],
            bytes: scales.iter().flat_map(|scale| scale.to_le_bytes()).collect(),
        };
        let values = Written {
            name,
            dtype: Dtype::I8,
            shape,
            bytes: values.iter().map(|value| value.cast_unsigned()).collect(),
        };
        return Ok(vec![values, scale]);
    }
    let values = weights.values(&name, &shape)?;
    let halves: Vec<f16> = values.iter().map(|&value| f16::from_f32(value)).collect();
    // What is too large for 16 bits keeps its 32.
    let (dtype, bytes) = if halves.iter().all(|half| half.is_finite()) {
        (
            Dtype::F16,
            halves.iter().flat_map(|half| half.to_le_bytes()).collect(),
        )
    } else {
        (
            Dtype::F32,
            values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        )
    };
    Ok(vec![Written {
        name,
        dtype,
        shape,
        bytes,
    }])
}
