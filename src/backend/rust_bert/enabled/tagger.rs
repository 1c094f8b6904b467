//! Networks of token classifiers on rust-bert.

use std::sync::Arc;

use rust_bert::bert::{BertConfig, BertForTokenClassification};
use serde_json::Value;
use tch::nn::VarStore;
use tch::{Device, Tensor, no_grad};

use super::copies::{Copies, caught_loading};
use super::marian::{pad, unreadable};
use super::weights::{self, Shared};
use crate::engine::TokenNetwork;
use crate::model::ModelFiles;
use crate::{BackendError, Error};

/// The network of a token classifier, a copy a thread.
pub(super) struct Network(Copies<Copy>);

/// One copy of it.
struct Copy {
    model: BertForTokenClassification,
    padding: i64,
    device: Device,
}

impl Network {
    /// Loads the network of a model.
    ///
    /// # Errors
    ///
    /// When a tensor is missing or of another shape, or libtorch fails.
    pub(super) fn load(files: &ModelFiles, device: Device) -> Result<Self, Error> {
        let config = config(files)?;
        let padding = weights::object(files)?
            .get("pad_token_id")
            .and_then(Value::as_i64)
            .unwrap_or(0);
        let shared = caught_loading(&files.name(), || {
            let (mut store, _) =
                build(&config, device).map_err(|error| Error::model(files.name(), error.to_string()))?;
            Shared::read(files, &mut store)
        })?;
        let (config, shared) = (Arc::new(config), Arc::new(shared));
        Ok(Self(Copies::for_device(device, move || {
            // It could be made before.
            let (mut store, model) = build(&config, device).unwrap_or_else(|error| panic!("{error}"));
            shared.fill(&mut store);
            Copy {
                model,
                padding,
                device,
            }
        })))
    }
}

fn config(files: &ModelFiles) -> Result<BertConfig, Error> {
    let unused = [
        "attention_probs_dropout_prob",
        "hidden_dropout_prob",
        "initializer_range",
    ]
    .map(|key| (key, 0.0.into()));
    let fixed = [
        ("output_attentions", false.into()),
        ("output_hidden_states", false.into()),
        ("is_decoder", false.into()),
    ];
    weights::config(files, &unused, &fixed)
}

fn build(
    config: &BertConfig,
    device: Device,
) -> Result<(VarStore, BertForTokenClassification), rust_bert::RustBertError> {
    let store = VarStore::new(device);
    let model = BertForTokenClassification::new(store.root(), config)?;
    Ok((store, model))
}

impl TokenNetwork for Network {
    fn logits(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, BackendError> {
        let sequences = sequences.to_vec();
        self.0.run(move |copy| no_grad(|| copy.logits(&sequences)))
    }
}

impl Copy {
    fn logits(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, BackendError> {
        let (ids, mask) = pad(sequences, self.padding);
        let (ids, mask) = (ids.to_device(self.device), mask.to_device(self.device));
        let output = self
            .model
            .forward_t(Some(&ids), Some(&mask), None, None, None, false);
        let rows = sequences.iter().enumerate();
        rows.map(|(row, sequence)| {
            let logits: Tensor = output
                .logits
                .select(0, row as i64)
                .narrow(0, 0, sequence.len() as i64);
            Vec::try_from(logits.reshape(-1)).map_err(unreadable)
        })
        .collect()
    }
}
