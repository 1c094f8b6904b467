//! Networks of token classifiers on rust-bert.

use rust_bert::RustBertError;
use rust_bert::bert::{BertConfig, BertForTokenClassification};
use rust_bert::distilbert::{DistilBertConfig, DistilBertForTokenClassification};
use rust_bert::electra::{ElectraConfig, ElectraForTokenClassification};
use rust_bert::roberta::RobertaForTokenClassification;
use serde_json::Value;
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor, no_grad};

use super::copies::{Copies, caught_loading};
use super::marian::{pad, unreadable};
use super::weights::{self, Shared};
use crate::engine::outside::{Family, FloatWeights, TokenNetwork, TokenShape};
use crate::model::ModelFiles;
use crate::{BackendError, Error};

/// The padding token of RoBERTa and its kin, whose positions rust-bert counts from behind this id.
const ROBERTA_PADDING: u32 = 1;

/// The network of a token classifier, a copy a thread.
pub(super) struct Network {
    copies: Copies<Copy>,
    labels: usize,
}

/// One copy of it.
struct Copy {
    model: Classifier,
    padding: i64,
    device: Device,
}

/// A token classifier of rust-bert.
enum Classifier {
    Bert(BertForTokenClassification),
    Roberta(RobertaForTokenClassification),
    DistilBert(DistilBertForTokenClassification),
    Electra(ElectraForTokenClassification),
}

/// What rust-bert makes one of.
enum Config {
    Bert(BertConfig),
    Roberta(BertConfig),
    DistilBert(DistilBertConfig),
    Electra(ElectraConfig),
}

impl Network {
    /// Loads the network of a model.
    ///
    /// # Errors
    ///
    /// When a tensor is missing or of another shape, or libtorch fails.
    pub(super) fn load(files: &ModelFiles, shape: &TokenShape, device: Device) -> Result<Self, Error> {
        let config = Config::read(files, shape)?;
        let name = files.name();
        let shared = caught_loading(&name, || {
            let (mut store, _) = config
                .build(device)
                .map_err(|error| Error::model(&name, error.to_string()))?;
            Shared::read(&FloatWeights::token_classifier(files, shape.family)?, &mut store)
        })?;
        let padding = i64::from(shape.padding);
        let copies = Copies::for_device(device, move || {
            // One was made already, so this is no fault of the configuration.
            let (mut store, model) = config.build(device).unwrap_or_else(|error| panic!("{error}"));
            shared.fill(&mut store);
            Copy {
                model,
                padding,
                device,
            }
        });
        Ok(Self {
            copies,
            labels: shape.labels,
        })
    }
}

impl Config {
    fn read(files: &ModelFiles, shape: &TokenShape) -> Result<Self, Error> {
        // rust-bert asks for more than configurations say, of which nothing matters for inference.
        let unused = [
            "attention_dropout",
            "attention_probs_dropout_prob",
            "dropout",
            "hidden_dropout_prob",
            "initializer_range",
            "qa_dropout",
            "seq_classif_dropout",
        ]
        .map(|key| (key, Value::from(0.0)));
        let usual = [
            ("activation", "gelu".into()),
            ("hidden_act", "gelu".into()),
            ("type_vocab_size", 2.into()),
            ("pad_token_id", shape.padding.into()),
        ];
        let defaults = [&unused[..], &usual].concat();
        let fixed = [
            ("output_attentions", false.into()),
            ("output_hidden_states", false.into()),
            ("is_decoder", false.into()),
            ("sinusoidal_pos_embds", false.into()),
            ("tie_weights_", true.into()),
        ];
        if is_roberta(shape.family) && shape.padding != ROBERTA_PADDING {
            let message = format!(
                "`config.json`: the backend `rust-bert` expects `pad_token_id` to be {ROBERTA_PADDING}, found {}",
                shape.padding
            );
            return Err(Error::model(files.name(), message));
        }
        Ok(match shape.family {
            Family::Bert => Self::Bert(weights::config(files, &defaults, &fixed)?),
            Family::Roberta | Family::XlmRoberta | Family::Camembert => {
                Self::Roberta(weights::config(files, &defaults, &fixed)?)
            }
            Family::DistilBert => Self::DistilBert(weights::config(files, &defaults, &fixed)?),
            Family::Electra => Self::Electra(weights::config(files, &defaults, &fixed)?),
        })
    }

    fn build(&self, device: Device) -> Result<(VarStore, Classifier), RustBertError> {
        let store = VarStore::new(device);
        let root = store.root();
        let model = match self {
            Self::Bert(config) => Classifier::Bert(BertForTokenClassification::new(root, config)?),
            Self::Roberta(config) => Classifier::Roberta(RobertaForTokenClassification::new(root, config)?),
            Self::DistilBert(config) => {
                Classifier::DistilBert(DistilBertForTokenClassification::new(root, config)?)
            }
            Self::Electra(config) => Classifier::Electra(ElectraForTokenClassification::new(root, config)?),
        };
        Ok((store, model))
    }
}

fn is_roberta(family: Family) -> bool {
    matches!(family, Family::Roberta | Family::XlmRoberta | Family::Camembert)
}

impl TokenNetwork for Network {
    fn logits(&self, sequences: &[Vec<u32>]) -> Result<Vec<Vec<f32>>, BackendError> {
        let (sequences, labels) = (sequences.to_vec(), self.labels as i64);
        self.copies
            .run(move |copy| no_grad(|| copy.logits(&sequences, labels)))
    }
}

impl Copy {
    fn logits(&self, sequences: &[Vec<u32>], labels: i64) -> Result<Vec<Vec<f32>>, BackendError> {
        let (ids, mask) = pad(sequences, self.padding);
        let (ids, mask) = (ids.to_device(self.device), mask.to_device(self.device));
        let logits = self.model.forward(&ids, &mask)?;
        let expected = [ids.size()[0], ids.size()[1], labels];
        if logits.size() != expected {
            let message = format!("expected logits of shape {expected:?}, found {:?}", logits.size());
            return Err(BackendError::new(message));
        }
        let rows = sequences.iter().enumerate();
        rows.map(|(row, sequence)| {
            let logits = logits.select(0, row as i64).narrow(0, 0, sequence.len() as i64);
            Vec::try_from(logits.reshape(-1)).map_err(unreadable)
        })
        .collect()
    }
}

impl Classifier {
    fn forward(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor, BackendError> {
        // rust-bert adds ELECTRA's mask to the attention scores as it is, where it makes that of the others into this.
        let penalties = (mask.to_kind(Kind::Float) - 1.0) * 10_000.0;
        let (ids, mask) = (Some(ids), Some(mask));
        Ok(match self {
            Self::Bert(model) => model.forward_t(ids, mask, None, None, None, false).logits,
            Self::Roberta(model) => model.forward_t(ids, mask, None, None, None, false).logits,
            Self::DistilBert(model) => {
                let output = model.forward_t(ids, mask, None, false);
                output
                    .map_err(|error| BackendError::with_source("rust-bert failed", error))?
                    .logits
            }
            Self::Electra(model) => {
                model
                    .forward_t(ids, Some(&penalties), None, None, None, false)
                    .logits
            }
        })
    }
}
