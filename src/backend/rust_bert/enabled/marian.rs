//! Marian's network on rust-bert.

use std::sync::Arc;

use rust_bert::bart::{BartConfig, LayerState};
use rust_bert::marian::MarianForConditionalGeneration;
use serde_json::Value;
use tch::nn::VarStore;
use tch::{Device, Tensor, no_grad};

use super::copies::{Copies, caught_loading};
use super::observer::{Observer, Seen};
use super::weights::{self, Shared};
use crate::engine::outside::{Batch, FloatWeights, Outputs, Shape, Steps, TranslationNetwork};
use crate::model::ModelFiles;
use crate::{BackendError, Error};

/// A Marian network, a copy a thread.
pub(super) struct Network(Copies<Copy>);

impl Network {
    /// Loads the network of a model.
    ///
    /// # Errors
    ///
    /// When a tensor is missing or of another shape, or libtorch fails.
    pub(super) fn load(files: &ModelFiles, shape: Shape, device: Device) -> Result<Self, Error> {
        let config = config(files)?;
        let shared = caught_loading(&files.name(), || {
            let (mut store, _) = build(&config, device);
            Shared::read(&FloatWeights::marian(files)?, &mut store)
        })?;
        let (config, shared) = (Arc::new(config), Arc::new(shared));
        Ok(Self(Copies::for_device(device, move || {
            let (mut store, model) = build(&config, device);
            shared.fill(&mut store);
            Copy {
                observer: Observer::of(&store, &config, &shape),
                device,
                model,
                state: None,
            }
        })))
    }
}

impl TranslationNetwork for Network {
    fn translate(&self, batch: Batch) -> Result<Outputs, BackendError> {
        self.0.run(|copy| no_grad(|| batch.run(copy)))
    }
}

/// What rust-bert needs to know. It asks for more than Marian's configurations say: none of it matters for inference.
fn config(files: &ModelFiles) -> Result<BartConfig, Error> {
    let unused: Vec<(&str, Value)> = [
        "activation_dropout",
        "attention_dropout",
        "decoder_layerdrop",
        "dropout",
        "encoder_layerdrop",
        "init_std",
    ]
    .map(|key| (key, 0.0.into()))
    .into();
    let defaults = [
        unused,
        vec![("num_hidden_layers", 0.into()), ("scale_embedding", false.into())],
    ]
    .concat();
    // rust-bert takes Marian for a kind of BART, whose defaults are others.
    let fixed = [
        ("normalize_embedding", false.into()),
        ("static_position_embeddings", true.into()),
        ("output_attentions", false.into()),
        ("output_hidden_states", true.into()),
        ("output_past", true.into()),
        ("id2label", Value::Null),
    ];
    weights::config(files, &defaults, &fixed)
}

fn build(config: &BartConfig, device: Device) -> (VarStore, MarianForConditionalGeneration) {
    let store = VarStore::new(device);
    let model = MarianForConditionalGeneration::new(store.root(), config);
    (store, model)
}

/// One copy of a Marian network.
struct Copy {
    model: MarianForConditionalGeneration,
    observer: Observer,
    device: Device,
    state: Option<State>,
}

/// A batch that is being decoded.
struct State {
    /// What the encoder made of the sources: rows, positions, width.
    encoded: Tensor,
    /// 1 for tokens, 0 for padding: rows, positions.
    mask: Tensor,
    /// Keys and values of each layer, of the past and of the source.
    cache: Option<Vec<(Option<LayerState>, Option<LayerState>)>>,
    /// How many tokens each row has.
    position: i64,
}

impl Steps for Copy {
    fn begin(&mut self, sources: &[Vec<u32>]) -> Result<(), BackendError> {
        let (ids, mask) = pad(sources, 0);
        let (ids, mask) = (ids.to_device(self.device), mask.to_device(self.device));
        self.state = Some(State {
            encoded: self.model.encode(&ids, Some(&mask)),
            mask,
            cache: None,
            position: 0,
        });
        Ok(())
    }

    fn step(
        &mut self,
        tokens: &[u32],
        scores: &mut Vec<f32>,
        aligned: &mut Vec<u32>,
    ) -> Result<(), BackendError> {
        let state = self.state.as_mut().ok_or_else(not_begun)?;
        let tokens: Vec<i64> = tokens.iter().map(|&token| i64::from(token)).collect();
        let tokens = Tensor::from_slice(&tokens).view((-1, 1)).to_device(self.device);
        let output = self.model.forward_t(
            None,
            Some(&state.mask),
            Some(&state.encoded),
            Some(&tokens),
            None,
            state.cache.take(),
            false,
        );
        let cache = output
            .cache
            .ok_or_else(|| BackendError::new("expected rust-bert to keep its past, found none"))?;
        let seen = Seen {
            tokens: &tokens,
            position: state.position,
            layers: output.all_decoder_hidden_states.as_deref().unwrap_or_default(),
            cache: &cache,
            mask: &state.mask,
        };
        let positions: Vec<i64> =
            Vec::try_from(self.observer.aligned(&seen)?.reshape(-1)).map_err(unreadable)?;
        aligned.clear();
        aligned.extend(positions.into_iter().map(|position| position as u32));
        *scores = Vec::try_from(output.decoder_output.reshape(-1)).map_err(unreadable)?;
        state.cache = Some(cache);
        state.position += 1;
        Ok(())
    }

    fn keep(&mut self, rows: &[usize]) -> Result<(), BackendError> {
        let state = self.state.as_mut().ok_or_else(not_begun)?;
        let before = state.mask.size()[0].unsigned_abs() as usize;
        if rows.iter().copied().eq(0..before) {
            return Ok(());
        }
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        state.select(&Tensor::from_slice(&rows).to_device(self.device));
        Ok(())
    }
}

impl State {
    fn select(&mut self, rows: &Tensor) {
        let select = |tensor: &mut Tensor| *tensor = tensor.index_select(0, rows);
        select(&mut self.encoded);
        select(&mut self.mask);
        for (past, source) in self.cache.iter_mut().flatten() {
            for state in past.iter_mut().chain(source) {
                select(&mut state.prev_key);
                select(&mut state.prev_value);
            }
        }
    }
}

fn not_begun() -> BackendError {
    BackendError::new("expected a batch to be begun, found none")
}

/// Sequences as a table of equal rows, and which of its cells are theirs.
pub(super) fn pad(sequences: &[Vec<u32>], padding: i64) -> (Tensor, Tensor) {
    let longest = sequences.iter().map(Vec::len).max().unwrap_or(0);
    let mut ids = vec![padding; sequences.len() * longest];
    let mut mask = vec![0i64; ids.len()];
    for (index, sequence) in sequences.iter().enumerate() {
        let start = index * longest;
        for (offset, &token) in sequence.iter().enumerate() {
            ids[start + offset] = i64::from(token);
            mask[start + offset] = 1;
        }
    }
    let table = |cells: &[i64]| Tensor::from_slice(cells).view((sequences.len() as i64, longest as i64));
    (table(&ids), table(&mask))
}

/// A tensor of another type or shape than expected.
pub(super) fn unreadable(error: tch::TchError) -> BackendError {
    BackendError::with_source("cannot read what rust-bert returned", error)
}
