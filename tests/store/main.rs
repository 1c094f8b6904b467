//! The store of models and the pull that fills it: the real binary against a hub on loopback.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod convert;
mod faults;
mod hub;
mod integrity;
mod local;
mod network;
mod place;
mod pulls;
mod replies;

/// The ID of the entity model that most tests pull.
const NER: &str = "newsroom/tiny-ner";

/// The ID of the translation model.
const MARIAN: &str = "newsroom/tiny-marian";

/// The weights of most models here.
const WEIGHTS: &str = "model.safetensors";
