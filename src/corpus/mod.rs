//! Batch runs: finding documents in files and directories, reading them one after the other, and
//! making records of them in bounded memory.
//!
//! Bad input never ends a run and never disappears: what cannot be read is handed on as an
//! [`Unreadable`] in the place of its document, and becomes a record with an error.

mod compression;
mod encoding;
mod fields;
mod html;
mod inputs;
mod lines;
mod options;
mod plausible;
mod reader;
mod records;
mod rows;
mod search;
mod text_column;
mod unreadable;

pub use encoding::Encoding;
pub use inputs::{Format, Inputs, Source};
pub use options::ReadOptions;
pub use reader::Reader;
pub use records::{Limits, Records};
pub use unreadable::Unreadable;
