//! Batch runs: finding documents in files and directories, reading them one after the other, and
//! making records of them in bounded memory.
//!
//! Bad input never ends a run and never disappears: what cannot be read is handed on as an
//! [`Unreadable`] in the place of its document, and becomes a record with an error.

mod batch;
mod check;
mod compression;
mod encoding;
mod fields;
mod flow;
mod hashed;
mod html;
mod inputs;
mod key;
mod lines;
mod long;
mod long_row;
mod options;
mod plausible;
mod reader;
mod rows;
mod search;
mod text_column;
mod unreadable;

pub use encoding::Encoding;
pub use inputs::{Format, Inputs, Source};
pub use options::ReadOptions;
pub use reader::Reader;
pub use unreadable::Unreadable;
mod redo;
mod store;
mod totals;
mod verify;
pub use batch::{Batch, Learn, Mode, OpenSink, Stop, Watch};
pub use check::{check_record, check_stored};
pub use flow::{Flow, Item, Limits, Made, Step, Supply};
pub use key::Key;
pub use redo::Redo;
pub use store::{FileLine, InputList, MANIFEST_SCHEMA, Manifest, Plan, ShardLimits, ShardLine, Start};
pub use totals::{LanguageTotals, Totals};
pub use verify::{Problem, Verified, remake, verify};
