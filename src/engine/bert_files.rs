//! Reads the configuration and the layers of the BERT family.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::config;
use super::encoder::{Attention, Encoder, EncoderLayer, FeedForward, LayerReader};
use super::key_values::Heads;
use super::ops::Activation;
use super::weights::Weights;
use crate::Error;
use crate::model::ModelFiles;

/// A kind of model with the layers of BERT, which differ in names, embeddings and tokenizers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Bert,
    DistilBert,
    Roberta,
    XlmRoberta,
    Camembert,
    Electra,
}

/// The families, by what `config.json` calls them in `architectures` and, where that says nothing, in
/// `model_type`.
const FAMILIES: [(&str, &str, Family); 6] = [
    ("BertForTokenClassification", "bert", Family::Bert),
    (
        "DistilBertForTokenClassification",
        "distilbert",
        Family::DistilBert,
    ),
    ("RobertaForTokenClassification", "roberta", Family::Roberta),
    (
        "XLMRobertaForTokenClassification",
        "xlm-roberta",
        Family::XlmRoberta,
    ),
    ("CamembertForTokenClassification", "camembert", Family::Camembert),
    ("ElectraForTokenClassification", "electra", Family::Electra),
];

/// What tensors' names may begin with: some models were saved under the name of another family, or of none.
const PREFIXES: [&str; 6] = ["bert.", "roberta.", "distilbert.", "electra.", "camembert.", ""];

/// What transformers adds to the variance in the layer norms of DistilBERT, whose configuration does not say.
const EPSILON: f32 = 1e-12;

impl Family {
    fn of(files: &ModelFiles) -> Result<Self, Error> {
        let kind = config::kind(files)?;
        let named = |architecture: &str, model_type: &str| {
            if kind.names_any() {
                kind.names(architecture)
            } else {
                kind.model_type.as_deref() == Some(model_type)
            }
        };
        let found = FAMILIES
            .into_iter()
            .find(|&(architecture, model_type, _)| named(architecture, model_type));
        found.map(|(.., family)| family).ok_or_else(|| {
            let known = FAMILIES.map(|(architecture, ..)| architecture);
            config::unknown_architecture(files, &known, &kind)
        })
    }

    /// What the names of the model's tensors begin with.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Bert => "bert.",
            Self::DistilBert => "distilbert.",
            Self::Roberta | Self::XlmRoberta | Self::Camembert => "roberta.",
            Self::Electra => "electra.",
        }
    }

    /// What they begin with in a file: what is usual for the family, else what another family or a bare model has.
    pub(super) fn prefix_in(self, weights: &Weights) -> &'static str {
        let usual = self.prefix();
        let holds =
            |prefix: &&'static str| weights.has(&format!("{prefix}embeddings.word_embeddings.weight"));
        std::iter::once(usual)
            .chain(PREFIXES)
            .find(holds)
            .unwrap_or(usual)
    }

    /// Whether positions are counted from behind the padding token's id, as fairseq does.
    pub(super) fn has_padding_offset(self) -> bool {
        matches!(self, Self::Roberta | Self::XlmRoberta | Self::Camembert)
    }

    fn layer_names(self) -> &'static LayerNames {
        match self {
            Self::DistilBert => &DISTILBERT_LAYER,
            _ => &BERT_LAYER,
        }
    }

    /// What the configuration calls a size.
    fn field(self, name: &'static str) -> &'static str {
        match (self, name) {
            (Self::DistilBert, "hidden_size") => "dim",
            (Self::DistilBert, "intermediate_size") => "hidden_dim",
            (Self::DistilBert, "num_hidden_layers") => "n_layers",
            (Self::DistilBert, "num_attention_heads") => "n_heads",
            _ => name,
        }
    }
}

/// What transformers calls the parts of a layer.
struct LayerNames {
    /// The layers, behind the model's prefix.
    layers: &'static str,
    projections: [&'static str; 3],
    attention_output: &'static str,
    attention_norm: &'static str,
    input: &'static str,
    output: &'static str,
    norm: &'static str,
}

const BERT_LAYER: LayerNames = LayerNames {
    layers: "encoder.layer",
    projections: [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
    ],
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    input: "intermediate.dense",
    output: "output.dense",
    norm: "output.LayerNorm",
};

const DISTILBERT_LAYER: LayerNames = LayerNames {
    layers: "transformer.layer",
    projections: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
    attention_output: "attention.out_lin",
    attention_norm: "sa_layer_norm",
    input: "ffn.lin1",
    output: "ffn.lin2",
    norm: "output_layer_norm",
};

/// The configuration of a token classifier.
pub(super) struct Config {
    pub(super) family: Family,
    pub(super) fields: Fields,
}

/// The part of `config.json` that matters here. What may be missing has the default of transformers.
#[derive(Deserialize)]
pub(super) struct Fields {
    pub(super) vocab_size: usize,
    #[serde(alias = "dim")]
    pub(super) hidden_size: usize,
    #[serde(alias = "n_layers")]
    num_hidden_layers: usize,
    #[serde(alias = "n_heads")]
    num_attention_heads: usize,
    #[serde(alias = "hidden_dim")]
    intermediate_size: usize,
    #[serde(alias = "activation", default = "gelu")]
    hidden_act: Activation,
    pub(super) max_position_embeddings: usize,
    #[serde(default = "two")]
    type_vocab_size: usize,
    #[serde(default = "epsilon")]
    pub(super) layer_norm_eps: f32,
    #[serde(default = "two_labels")]
    pub(super) id2label: BTreeMap<u32, String>,
    embedding_size: Option<usize>,
    pub(super) pad_token_id: Option<u32>,
    position_embedding_type: Option<String>,
}

fn gelu() -> Activation {
    Activation::Gelu
}

fn two() -> usize {
    2
}

fn epsilon() -> f32 {
    EPSILON
}

fn two_labels() -> BTreeMap<u32, String> {
    [(0, "LABEL_0".to_owned()), (1, "LABEL_1".to_owned())].into()
}

impl Config {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    ///
    /// When it is missing, of an unknown architecture, lacks a field, or has impossible numbers.
    pub(super) fn read(files: &ModelFiles) -> Result<Self, Error> {
        let family = Family::of(files)?;
        let config = Self {
            family,
            fields: config::fields(files)?,
        };
        let model = files.name();
        config::check_sizes(&model, &config.sizes())?;
        let (size, heads) = (config.fields.hidden_size, config.fields.num_attention_heads);
        let (size_name, heads_name) = (family.field("hidden_size"), family.field("num_attention_heads"));
        config::check_heads(&model, size_name, size, heads_name, heads)?;
        config
            .check()
            .map_err(|message| Error::model(model, format!("`config.json`: {message}")))?;
        Ok(config)
    }

    /// Every size, with its name and the largest that is accepted.
    fn sizes(&self) -> [(&'static str, usize, usize); 7] {
        let fields = &self.fields;
        let name = |name| self.family.field(name);
        let positions = config::MAX_POSITION_VALUES / self.embedding_width().max(1);
        [
            ("vocab_size", fields.vocab_size, config::MAX_VOCABULARY),
            (name("hidden_size"), fields.hidden_size, config::MAX_WIDTH),
            ("embedding_size", self.embedding_width(), config::MAX_WIDTH),
            (
                name("intermediate_size"),
                fields.intermediate_size,
                config::MAX_WIDTH,
            ),
            (
                name("num_hidden_layers"),
                fields.num_hidden_layers,
                config::MAX_LAYERS,
            ),
            (
                "max_position_embeddings",
                fields.max_position_embeddings,
                positions,
            ),
            ("type_vocab_size", fields.type_vocab_size, config::MAX_WIDTH),
        ]
    }

    fn check(&self) -> Result<(), String> {
        let fields = &self.fields;
        let labels = &fields.id2label;
        if labels.is_empty() || !labels.keys().copied().eq(0..labels.len() as u32) {
            let found: Vec<_> = labels.keys().collect();
            return Err(format!(
                "expected `id2label` to name labels 0, 1 and so on, found {found:?}"
            ));
        }
        if let Some(found) = fields
            .position_embedding_type
            .as_deref()
            .filter(|&found| found != "absolute")
        {
            return Err(format!(
                "expected `position_embedding_type` to be `absolute`, found `{found}`"
            ));
        }
        if self.embedding_width() == 0 {
            return Err("expected `embedding_size` to be at least 1, found 0".to_owned());
        }
        Ok(())
    }

    /// The width of a token's vector, which ELECTRA widens before the first layer.
    pub(super) fn embedding_width(&self) -> usize {
        match (self.family, self.fields.embedding_size) {
            (Family::Electra, Some(size)) => size,
            _ => self.fields.hidden_size,
        }
    }

    /// How many vectors of token types the model has.
    pub(super) fn token_types(&self) -> usize {
        match self.family {
            Family::DistilBert => 0,
            _ => self.fields.type_vocab_size,
        }
    }

    /// The padding token, where positions are counted from behind its id.
    pub(super) fn padding(&self) -> Option<u32> {
        let padding = self.fields.pad_token_id.unwrap_or(1);
        self.family.has_padding_offset().then_some(padding)
    }

    /// The most tokens that the model reads at once.
    pub(super) fn max_tokens(&self) -> usize {
        let skipped = self.padding().map_or(0, |padding| padding as usize + 1);
        self.fields.max_position_embeddings.saturating_sub(skipped)
    }

    /// What the names of the tensors in this file begin with.
    pub(super) fn prefix(&self, weights: &Weights) -> &'static str {
        self.family.prefix_in(weights)
    }

    /// Reads the layers.
    ///
    /// # Errors
    ///
    /// When a tensor is missing or of another shape.
    pub(super) fn read_encoder(&self, reader: &LayerReader<'_>, prefix: &str) -> Result<Encoder, Error> {
        let fields = &self.fields;
        let (width, inner) = (fields.hidden_size, fields.intermediate_size);
        let names = self.family.layer_names();
        let layers = (0..fields.num_hidden_layers).map(|index| {
            let name = |part: &str| format!("{prefix}{}.{index}.{part}", names.layers);
            let projections = names.projections.map(name);
            Ok(EncoderLayer {
                attention: Attention {
                    projection: reader.stacked(&projections.each_ref().map(String::as_str), width, width)?,
                    output: reader.linear(&name(names.attention_output), width, width)?,
                    norm: reader.norm(&name(names.attention_norm))?,
                },
                feed_forward: FeedForward {
                    input: reader.linear(&name(names.input), inner, width)?,
                    output: reader.linear(&name(names.output), width, inner)?,
                    activation: fields.hidden_act,
                    norm: reader.norm(&name(names.norm))?,
                },
            })
        });
        Ok(Encoder {
            heads: Heads {
                count: fields.num_attention_heads,
                width: width / fields.num_attention_heads,
            },
            layers: layers.collect::<Result<_, Error>>()?,
        })
    }
}
