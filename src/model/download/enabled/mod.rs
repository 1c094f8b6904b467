//! With the feature `download`.

mod blob;
mod choice;
mod client;
mod hash;
mod hub;
mod proxy;
mod pull;
mod refusal;
mod retry;
mod settings;
mod url;

pub(super) use pull::pull;
