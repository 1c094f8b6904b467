//! A file that is hashed while it is read.

use std::fs::File;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::provenance::hexadecimal;

/// A file whose content is hashed and counted as it is read.
pub(super) struct Hashed {
    file: File,
    hasher: Sha256,
    bytes: u64,
}

impl Hashed {
    pub(super) fn new(file: File) -> Self {
        Self {
            file,
            hasher: Sha256::new(),
            bytes: 0,
        }
    }

    /// How many bytes were read, and their SHA-256, hexadecimal.
    pub(super) fn finish(self) -> (u64, String) {
        (self.bytes, hexadecimal(&self.hasher.finalize()))
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
