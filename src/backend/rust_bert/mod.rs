//! Marian and BERT models on rust-bert: `enabled` with the feature `rust-bert`, else `disabled`, which has the same
//! functions and says how to get it.

#[cfg(feature = "rust-bert")]
#[path = "enabled.rs"]
mod backend;
#[cfg(not(feature = "rust-bert"))]
#[path = "disabled.rs"]
mod backend;

pub(crate) use backend::{find_device, load_marian, load_tagger};
