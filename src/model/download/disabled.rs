//! Without the feature `download`.

use super::{Event, PullOptions};
use crate::Error;
use crate::model::{Store, StoredModel};

pub(super) fn pull(
    _: &Store,
    options: &PullOptions,
    _: &mut dyn FnMut(Event<'_>),
) -> Result<StoredModel, Error> {
    let message = "this program was built without the feature `download`, so that it cannot open the network; \
                   `cargo build --features download` makes one that pulls models";
    Err(Error::model(options.reference.to_string(), message))
}
