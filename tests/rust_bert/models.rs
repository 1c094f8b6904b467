//! Models in floating point.

use std::collections::HashMap;
use std::path::Path;

use diglot::model::ModelFiles;
use half::f16;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

/// Writes a model in diglot's int8 layout as `f32` to a directory, as transformers would.
pub fn in_floating_point(model: &str, to: &Path) -> ModelFiles {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(model);
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(&from).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap() != "model.safetensors" {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
    let bytes = std::fs::read(from.join("model.safetensors")).unwrap();
    let tensors: HashMap<String, TensorView<'_>> = SafeTensors::deserialize(&bytes)
        .unwrap()
        .tensors()
        .into_iter()
        .collect();
    let whole: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .filter(|(name, _)| !name.ends_with(".scale"))
        .map(|(name, tensor)| {
            (
                name.clone(),
                tensor.shape().to_vec(),
                values(name, tensor, &tensors),
            )
        })
        .collect();
    let views = whole
        .iter()
        .map(|(name, shape, data)| (name, TensorView::new(Dtype::F32, shape.clone(), data).unwrap()));
    safetensors::serialize_to_file(views, None, &to.join("model.safetensors")).unwrap();
    ModelFiles::Directory(to.to_owned())
}

fn values(name: &str, tensor: &TensorView<'_>, tensors: &HashMap<String, TensorView<'_>>) -> Vec<u8> {
    let values = floats(tensor);
    let scaled: Vec<f32> = match tensor.dtype() {
        Dtype::I8 => {
            let scales = floats(&tensors[&format!("{name}.scale")]);
            let rows = values.chunks(values.len() / scales.len()).zip(scales);
            rows.flat_map(|(row, scale)| row.iter().map(move |value| value * scale))
                .collect()
        }
        _ => values,
    };
    scaled.into_iter().flat_map(f32::to_le_bytes).collect()
}

fn floats(tensor: &TensorView<'_>) -> Vec<f32> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::I8 => data.iter().map(|&byte| f32::from(byte.cast_signed())).collect(),
        Dtype::F16 => data
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| f16::from_le_bytes(bytes).to_f32())
            .collect(),
        Dtype::F32 => data
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect(),
        other => panic!("expected I8, F16 or F32, found {other:?}"),
    }
}
