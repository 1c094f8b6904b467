//! Weights and configurations as rust-bert wants them, made in memory of what diglot reads.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tch::Tensor;
use tch::nn::VarStore;

use crate::Error;
use crate::engine::outside::FloatWeights;
use crate::model::ModelFiles;

/// Tensors by the names that rust-bert has for them, which are those of transformers. All copies of a model use them.
pub(super) struct Shared(Mutex<HashMap<String, Tensor>>);

impl Shared {
    /// Reads the weights of all variables of a model and puts them in place.
    ///
    /// # Errors
    ///
    /// When one is missing or of another shape.
    pub(super) fn read(weights: &FloatWeights, store: &mut VarStore) -> Result<Self, Error> {
        let mut tensors = HashMap::new();
        for (name, variable) in store.variables() {
            let size = variable.size();
            let shape: Vec<usize> = size
                .iter()
                .map(|&length| length.unsigned_abs() as usize)
                .collect();
            let values = weights.values(&name, &shape)?;
            tensors.insert(
                name,
                Tensor::from_slice(&values)
                    .view(size.as_slice())
                    .to_device(store.device()),
            );
        }
        let shared = Self(Mutex::new(tensors));
        shared.fill(store);
        Ok(shared)
    }

    /// Puts the weights in place in another copy of the model.
    pub(super) fn fill(&self, store: &mut VarStore) {
        let tensors = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, mut variable) in store.variables() {
            if let Some(tensor) = tensors.get(&name) {
                tch::no_grad(|| variable.set_data(tensor));
            }
        }
        store.freeze();
    }
}

/// A configuration as rust-bert reads it: that of the model, with what rust-bert insists on and the model does not say,
/// and with what it must be.
///
/// # Errors
///
/// When `config.json` is missing or has other types.
pub(super) fn config<T: DeserializeOwned>(
    files: &ModelFiles,
    defaults: &[(&str, Value)],
    fixed: &[(&str, Value)],
) -> Result<T, Error> {
    let invalid = |error: serde_json::Error| Error::model(files.name(), format!("`config.json`: {error}"));
    let mut config: Map<String, Value> =
        serde_json::from_slice(&files.require("config.json")?).map_err(invalid)?;
    config.retain(|_, value| !value.is_null());
    for (key, value) in defaults {
        config.entry(*key).or_insert_with(|| value.clone());
    }
    for (key, value) in fixed {
        config.insert((*key).to_owned(), value.clone());
    }
    for key in ["activation", "activation_function", "hidden_act"] {
        let name = config.get(key).and_then(Value::as_str).and_then(rust_bert_name);
        if let Some(name) = name {
            config.insert(key.to_owned(), name.into());
        }
    }
    // Not used, and not always what rust-bert takes it for.
    config.remove("label2id");
    let text = serde_json::to_vec(&config).map_err(invalid)?;
    serde_json::from_slice(&text).map_err(invalid)
}

/// What rust-bert calls a function that transformers has other names for too.
fn rust_bert_name(activation: &str) -> Option<&'static str> {
    match activation {
        "silu" => Some("swish"),
        "gelu_python" => Some("gelu"),
        "gelu_fast" | "gelu_pytorch_tanh" => Some("gelu_new"),
        _ => None,
    }
}
