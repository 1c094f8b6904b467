//! Files of a model that are read in parts.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use crate::Error;
use crate::provenance::hexadecimal;

/// Bytes that are read at a time.
const BLOCK: usize = 1 << 20;

/// An open file of a model, of which parts are read when they are needed, so that weights never stand in
/// memory twice.
///
/// All readers of a file share its position: finish one before the next is made.
#[derive(Debug)]
pub(crate) struct ModelFile {
    path: PathBuf,
    source: Source,
    size: u64,
}

#[derive(Debug)]
enum Source {
    Memory(&'static [u8]),
    Disk(File),
}

/// A reader that can go back.
pub(crate) trait SeekableRead: Read + Seek {}

impl<T: Read + Seek> SeekableRead for T {}

impl ModelFile {
    /// A file that is part of the program.
    pub(crate) fn in_memory(name: &str, bytes: &'static [u8]) -> Self {
        Self {
            path: PathBuf::from(name),
            source: Source::Memory(bytes),
            size: bytes.len() as u64,
        }
    }

    /// Opens a file, `None` where there is none.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be opened.
    pub(crate) fn open(path: PathBuf) -> Result<Option<Self>, Error> {
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        let size = match file.metadata() {
            Ok(metadata) => metadata.len(),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        Ok(Some(Self {
            path,
            source: Source::Disk(file),
            size,
        }))
    }

    /// The file's size in bytes when it was opened.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Some of the file's bytes.
    ///
    /// # Errors
    ///
    /// When they cannot be read, or the file ends before them.
    pub(crate) fn bytes(&self, range: Range<u64>) -> Result<Cow<'static, [u8]>, Error> {
        if range.start > range.end || range.end > self.size {
            return Err(self.error(std::io::ErrorKind::UnexpectedEof.into()));
        }
        if let Source::Memory(bytes) = self.source {
            // Bytes in memory have addresses, so the offsets fit.
            return Ok(Cow::Borrowed(&bytes[range.start as usize..range.end as usize]));
        }
        let len = usize::try_from(range.end - range.start)
            .map_err(|_| self.error(std::io::ErrorKind::OutOfMemory.into()))?;
        let mut bytes = vec![0; len];
        let mut reader = self.unbuffered();
        reader
            .seek(SeekFrom::Start(range.start))
            .and_then(|_| reader.read_exact(&mut bytes))
            .map_err(|error| self.error(error))?;
        Ok(Cow::Owned(bytes))
    }

    /// Calls `take` with the bytes of a range, in order: all at once where they are in memory, else in parts of
    /// a multiple of `unit` bytes.
    ///
    /// # Errors
    ///
    /// When they cannot be read, or the file ends before them.
    pub(crate) fn parts(
        &self,
        range: Range<u64>,
        unit: usize,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        if matches!(self.source, Source::Memory(_)) {
            take(&self.bytes(range)?);
            return Ok(());
        }
        if range.end > self.size {
            return Err(self.error(std::io::ErrorKind::UnexpectedEof.into()));
        }
        let unit = unit.max(1);
        let step = (BLOCK / unit).max(1) * unit;
        let mut buffer = Vec::new();
        let mut reader = self.unbuffered();
        let mut left = range.end.saturating_sub(range.start);
        reader
            .seek(SeekFrom::Start(range.start))
            .map_err(|error| self.error(error))?;
        while left > 0 {
            let len = left.min(step as u64);
            buffer.resize(len as usize, 0);
            reader
                .read_exact(&mut buffer)
                .map_err(|error| self.error(error))?;
            take(&buffer);
            left -= len;
        }
        Ok(())
    }

    /// A reader from the start of the file.
    ///
    /// # Errors
    ///
    /// When the file cannot be rewound.
    pub(crate) fn reader(&self) -> Result<Box<dyn SeekableRead + '_>, Error> {
        let mut reader = self.unbuffered();
        reader.rewind().map_err(|error| self.error(error))?;
        Ok(match self.source {
            Source::Memory(_) => reader,
            Source::Disk(_) => Box::new(BufReader::new(reader)),
        })
    }

    /// The SHA-256 of the file's bytes, in hexadecimal.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub(crate) fn sha256(&self) -> Result<String, Error> {
        let mut hash = Sha256::new();
        self.parts(0..self.size, 1, |part| hash.update(part))?;
        Ok(hexadecimal(&hash.finalize()))
    }

    /// An error of reading this file.
    pub(crate) fn error(&self, error: std::io::Error) -> Error {
        Error::io("read", &self.path, error)
    }

    fn unbuffered(&self) -> Box<dyn SeekableRead + '_> {
        match &self.source {
            Source::Memory(bytes) => Box::new(Cursor::new(*bytes)),
            Source::Disk(file) => Box::new(file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::sha256;

    fn files() -> (tempfile::TempDir, [ModelFile; 2]) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, b"0123456789").unwrap();
        let files = [
            ModelFile::open(path).unwrap().unwrap(),
            ModelFile::in_memory("file", b"0123456789"),
        ];
        (directory, files)
    }

    #[test]
    fn a_file_reads_the_same_from_disk_and_from_memory() {
        let (_directory, files) = files();
        for file in files {
            assert_eq!(file.size(), 10);
            assert_eq!(&*file.bytes(2..5).unwrap(), b"234");
            let mut all = String::new();
            file.reader().unwrap().read_to_string(&mut all).unwrap();
            assert_eq!(all, "0123456789");
            let mut parts = Vec::new();
            file.parts(1..10, 4, |part| parts.extend_from_slice(part))
                .unwrap();
            assert_eq!(parts, b"123456789");
            assert_eq!(file.sha256().unwrap(), sha256(b"0123456789"));
        }
    }

    #[test]
    fn parts_are_whole_units() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, vec![7; 3 * BLOCK]).unwrap();
        let file = ModelFile::open(path).unwrap().unwrap();
        let mut lengths = Vec::new();
        file.parts(0..3 * BLOCK as u64, 3, |part| lengths.push(part.len()))
            .unwrap();
        let step = BLOCK / 3 * 3;
        assert_eq!(lengths, [step, step, step, 3 * BLOCK - 3 * step]);
    }

    #[test]
    fn what_lies_behind_the_end_is_an_error() {
        let (_directory, files) = files();
        for file in files {
            assert!(file.bytes(8..11).is_err());
            assert!(file.parts(8..11, 1, |_| ()).is_err());
        }
    }
}
