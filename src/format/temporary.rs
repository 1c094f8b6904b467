//! Temporary files.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// A temporary file, removed when it is dropped.
pub(in crate::format) struct Temporary {
    pub(in crate::format) file: File,
    /// Removed when dropped, where that could not be done at once.
    path: Option<PathBuf>,
}

impl Temporary {
    pub(in crate::format) fn new() -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("diglot-{}-{number}.tmp", std::process::id()));
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)?;
        // Where an open file can be removed, nothing is left whatever happens.
        let removed = cfg!(unix) && std::fs::remove_file(&path).is_ok();
        Ok(Self {
            file,
            path: (!removed).then_some(path),
        })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}
