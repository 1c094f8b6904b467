//! diglot turns mixed-language documents into parallel text with named entities.

pub mod align;
pub mod config;
pub mod corpus;
pub mod document;
pub mod engine;
pub mod entity;
mod error;
pub mod format;
pub mod language;
pub mod model;
pub mod pipeline;
pub mod provenance;
pub mod segment;
mod span;
pub mod translate;

pub use document::Document;
pub use error::{BackendError, Error};
pub use language::{Language, ParseLanguageError};
pub use pipeline::Pipeline;
pub use span::Span;
