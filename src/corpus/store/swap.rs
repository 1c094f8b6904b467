//! Putting an update in the place of what it was made from.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::files::{remove, write_whole};
use super::{INPUTS, JOURNAL, MANIFEST, Plan, STAGED, Store, shards};
use crate::Error;
use crate::durable::sync_directory;

/// The note that an update is complete and is taking its place; what it says can be done again.
const SWAP: &str = ".swap.json";

/// What kind of update is staged.
const KIND: &str = "kind";

/// What is to be done, in this order.
#[derive(Debug, Serialize, Deserialize)]
struct Swap {
    remove: Vec<String>,
    place: Vec<String>,
}

impl Store {
    /// Opens the place where an update of `root`, which is locked, is made ready. It goes on with
    /// an interrupted one of the same kind and plan, and throws another away.
    pub(in crate::corpus) fn stage(root: &Path, plan: Plan, kind: &str) -> Result<Self, Error> {
        let staged = root.join(STAGED);
        let same = fs::read_to_string(staged.join(KIND)).is_ok_and(|found| found == kind);
        if same && let Ok(store) = Self::go_on(&staged, plan.clone(), None) {
            return Ok(store);
        }
        if staged.exists() {
            fs::remove_dir_all(&staged).map_err(|error| Error::io("remove", &staged, error))?;
        }
        fs::create_dir(&staged).map_err(|error| Error::io("create", &staged, error))?;
        write_whole(&staged.join(KIND), kind.as_bytes())?;
        Self::go_on(&staged, plan, None)
    }
}

/// Puts the complete staged update in the place of what `root` holds.
pub(in crate::corpus) fn place(root: &Path) -> Result<(), Error> {
    let names = |root: &Path| -> Result<BTreeSet<String>, Error> {
        let files = shards(root)?.into_iter().flat_map(|shard| shard.files);
        Ok(files.map(|file| file.name).collect())
    };
    let (old, new) = (names(root)?, names(&root.join(STAGED))?);
    if let Some(name) = new.difference(&old).find(|name| root.join(name).exists()) {
        return Err(Error::output(
            root.join(name),
            "expected nothing by this name, found a file",
        ));
    }
    let place = new.iter().map(String::as_str).chain([JOURNAL, INPUTS, MANIFEST]);
    let swap = Swap {
        remove: old.difference(&new).cloned().collect(),
        place: place.map(str::to_owned).collect(),
    };
    write_whole(&root.join(SWAP), serde_json::json!(swap).to_string().as_bytes())?;
    finish(root)
}

/// Ends a swap that was begun, if there is one.
pub(super) fn finish(root: &Path) -> Result<(), Error> {
    let note = root.join(SWAP);
    let text = match fs::read(&note) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("read", &note, error)),
    };
    let swap: Swap =
        serde_json::from_slice(&text).map_err(|error| Error::output(&note, error.to_string()))?;
    let staged = root.join(STAGED);
    for name in &swap.remove {
        remove_with_folders(root, name)?;
    }
    for name in &swap.place {
        let (from, to) = (staged.join(name), root.join(name));
        if from.exists() {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder).map_err(|error| Error::io("create", folder, error))?;
            }
            fs::rename(&from, &to).map_err(|error| Error::io("rename", &to, error))?;
        }
    }
    sync_directory(root)?;
    if staged.exists() {
        fs::remove_dir_all(&staged).map_err(|error| Error::io("remove", &staged, error))?;
    }
    remove(&note)?;
    sync_directory(root)
}

/// Removes a file, and the folders between it and `root` that it leaves empty.
pub(super) fn remove_with_folders(root: &Path, name: &str) -> Result<(), Error> {
    let path = root.join(name);
    remove(&path)?;
    let folders = path.ancestors().skip(1).take_while(|folder| *folder != root);
    for folder in folders {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}
