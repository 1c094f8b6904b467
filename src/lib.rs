//! diglot turns mixed-language documents into parallel text with named entities.
//!
//! Give it an English article with French posts in it: it finds the pieces, says which language
//! each is in, uses the English rendering that the article already holds where there is one,
//! translates the rest, and marks people, places and organisations on both sides, every one with
//! exact offsets.
//!
//! ```
//! # #[cfg(feature = "bundled-models")] {
//! use diglot::{Document, Pipeline};
//!
//! let pipeline = Pipeline::builder().build()?;
//! let text = "Nobody knows when the bridge will be open again.\n\nLe pont est fermé depuis lundi.";
//! let outcome = pipeline.process(&Document::new("note", text));
//! assert_eq!(outcome.language.as_str(), "en");
//! let rendering = &outcome.renderings[0];
//! let source = &outcome.sentences[rendering.sentences[0]];
//! assert_eq!(source.language.as_str(), "fr");
//! assert_eq!(source.span.of(&outcome.document.text), Some("Le pont est fermé depuis lundi."));
//! # }
//! # Ok::<(), diglot::Error>(())
//! ```
//!
//! # Main types
//!
//! - [`Pipeline`] holds the stages; [`Pipeline::process_batch`] runs them over documents with rayon, one
//!   [`Outcome`](document::Outcome) a document, in order, failures beside the results.
//! - [`Document`] and the layers of [`Span`]s over it: [`document`]. The text never changes; spans are
//!   half-open UTF-8 byte ranges.
//! - [`format::Record`] is what is written: `diglot/1`, with code-point and UTF-16 offsets.
//! - The stages are traits that know nothing of documents, and each can be replaced in the builder:
//!   [`Segmenter`](segment::Segmenter), [`SentenceSplitter`](segment::SentenceSplitter),
//!   [`LanguageDetector`](language::LanguageDetector), [`Translator`](translate::Translator),
//!   [`Aligner`](align::Aligner), [`EntityRecognizer`](entity::EntityRecognizer).
//! - [`engine`] runs Marian and BERT models in int8 or f32, without any other runtime.
//! - [`backend`] names what runs the models: the engine, or rust-bert on libtorch where it is built in.
//! - [`corpus`] reads inputs and keeps what cannot be read as records with errors.
//!
//! The library prints nothing, and opens the network in [`model::download::pull`] alone. A result depends on its input, the models
//! and the settings alone, never on threads or batch sizes.
//!
//! # Features
//!
//! - `bundled-models` (default): the models in `models/` are compiled in. Without it models come from
//!   directories and from the store ([`model::locate`]).
//! - `rust-bert`: models run on libtorch too, on the processor or a GPU
//!   ([`Backend::RustBert`](backend::Backend::RustBert)). Needs libtorch 2.4.0, which `scripts/libtorch` brings.
//! - `download` (default): [`model::download::pull`] fetches models from a hub into the store.

pub mod align;
pub mod backend;
mod bytes;
pub mod config;
pub mod corpus;
pub mod document;
mod durable;
pub mod engine;
pub mod entity;
mod error;
pub mod format;
pub mod language;
mod memory;
pub mod model;
pub mod pipeline;
pub mod provenance;
pub mod report;
pub mod segment;
mod span;
#[cfg(test)]
mod testing;
pub mod translate;

pub use document::Document;
pub use error::{BackendError, Error};
pub use language::{Language, ParseLanguageError};
pub use pipeline::Pipeline;
pub use span::Span;
