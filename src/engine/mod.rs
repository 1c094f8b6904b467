//! Transformer inference in pure Rust: Marian translation models and the BERT family for tagging.
//!
//! Models are read as they are on the Hugging Face hub, or in diglot's int8 layout: a safetensors file in
//! which each 2-D weight `NAME` is an `I8` tensor with an `F32` tensor `NAME.scale` beside it, one scale a
//! row (see `weights/mod.rs`).
//!
//! Sentences of a batch lie one behind the other without padding, and int8 activations are quantised
//! row by row, so what a sentence gives never depends on its neighbours.

mod attention;
mod batch;
mod bert;
mod bert_files;
mod bert_tokenizer;
mod config;
mod convert;
mod decoder;
mod encoder;
mod frame;
mod generation;
mod key_values;
mod languages;
mod linear;
mod marian;
mod marian_files;
mod marian_input;
mod ops;
mod options;
#[cfg(feature = "rust-bert")]
pub(crate) mod outside;
mod scorer;
mod search;
mod shortlist;
mod spm;
mod tokens;
mod translator;
#[cfg(target_arch = "x86_64")]
mod vnni;
mod weights;
mod words;
mod workers;

pub use bert::{BertTagger, TokenPrediction};
pub use convert::convert;
pub use marian::{Hypothesis, Marian};
pub use options::{EngineOptions, Precision};
pub use translator::MarianTranslator;
