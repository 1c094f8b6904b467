//! Files that appear whole or not at all, and last.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::Error;

/// Writes a file under the name `unfinished`, in the same directory, and gives it its own name when all of it is on the disk.
pub(crate) fn write(path: &Path, unfinished: &Path, content: &[u8]) -> Result<(), Error> {
    let written = File::create(unfinished).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(unfinished, path))
        .map_err(|error| Error::io("write", path, error))?;
    sync_directory(path.parent().unwrap_or(Path::new(".")))
}

/// Makes names in a directory last.
pub(crate) fn sync_directory(path: &Path) -> Result<(), Error> {
    // Elsewhere a directory cannot be opened as a file, and renames last by themselves.
    if cfg!(unix) {
        let synced = File::open(path).and_then(|directory| directory.sync_all());
        synced.map_err(|error| Error::io("sync", path, error))?;
    }
    Ok(())
}
