//! Batch runs: finding documents in files and directories, reading them one after the other, and
//! making records of them in bounded memory.
//!
//! Bad input never ends a run and never disappears: what cannot be read is handed on as an
//! [`Unreadable`] in the place of its document, and becomes a record with an error.

mod inputs;
mod lines;
mod reader;
mod records;

pub use inputs::{Format, Inputs, Source};
pub use reader::{Reader, Unreadable};
pub use records::{Limits, Records};
