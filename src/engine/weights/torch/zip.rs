//! The zip archives that torch writes since 1.6.

use std::collections::HashMap;
use std::io::Read;

use ::zip::{CompressionMethod, ZipArchive};

use super::pickle::Pickle;
use super::{MAX_PICKLE, StateDict};
use crate::Error;
use crate::engine::weights::Source;
use crate::engine::weights::tensor::{Storage, Tensor};
use crate::model::SeekableRead;

/// The pickle, below the archive's folder.
const PICKLE: &str = "/data.pkl";

/// The tensors of an archive, by name.
pub(super) fn tensors(source: &Source) -> Result<Vec<(String, Tensor)>, Error> {
    let archive = ZipArchive::new(source.file.reader()?)
        .map_err(|error| source.error(format!("expected a whole zip archive, found {error}")))?;
    let mut archive = Archive { source, archive };
    let folder = archive.folder()?;
    archive.check_byte_order(&folder)?;
    let pickle = archive.contents(&format!("{folder}{PICKLE}"), MAX_PICKLE)?;
    let state = Pickle::read(&mut &pickle[..])
        .and_then(|pickle| StateDict::new(&pickle))
        .map_err(|message| source.error(format!("`{folder}{PICKLE}`: {message}")))?;
    let mut storages = HashMap::new();
    for (_, tensor) in &state.tensors {
        let key = &tensor.storage.key;
        if !storages.contains_key(key) {
            storages.insert(key.clone(), archive.storage(&format!("{folder}/data/{key}"))?);
        }
    }
    state.place(source, &storages)
}

struct Archive<'a> {
    source: &'a Source,
    archive: ZipArchive<Box<dyn SeekableRead + 'a>>,
}

impl Archive<'_> {
    /// The folder that everything is in, whose name torch makes of the file's.
    fn folder(&self) -> Result<String, Error> {
        let names = self.archive.file_names().filter_map(Result::ok);
        let mut folders = names.filter_map(|name| Some(name.strip_suffix(PICKLE)?.to_owned()));
        folders.find(|folder| !folder.contains('/')).ok_or_else(|| {
            self.source
                .error("expected a file `data.pkl` in the archive, found none".to_owned())
        })
    }

    /// Refuses numbers whose first byte is the highest. Archives of torch before 2.1 do not say.
    fn check_byte_order(&mut self, folder: &str) -> Result<(), Error> {
        let name = format!("{folder}/byteorder");
        if self.archive.index_for_name(&name).is_none() {
            return Ok(());
        }
        let order = self.contents(&name, 64)?;
        let order = String::from_utf8_lossy(&order);
        if order.trim() != "little" {
            return Err(self.source.error(format!(
                "expected numbers in byte order `little`, found `{}`",
                order.trim()
            )));
        }
        Ok(())
    }

    /// The bytes of a small file.
    fn contents(&mut self, name: &str, max: u64) -> Result<Vec<u8>, Error> {
        let wrong = |found: String| {
            self.source
                .error(format!("`{name}`: expected at most {max} bytes, found {found}"))
        };
        let file = self
            .archive
            .by_name(name)
            .map_err(|error| wrong(error.to_string()))?;
        if file.size() > max {
            return Err(wrong(file.size().to_string()));
        }
        let mut bytes = Vec::new();
        file.take(max)
            .read_to_end(&mut bytes)
            .map_err(|error| wrong(error.to_string()))?;
        Ok(bytes)
    }

    /// Where a file's bytes lie.
    fn storage(&mut self, name: &str) -> Result<Storage, Error> {
        let source = self.source;
        let wrong = |found: String| {
            source.error(format!(
                "`{name}`: expected a file without compression, found {found}"
            ))
        };
        let index = self
            .archive
            .index_for_name(name)
            .ok_or_else(|| wrong("none".to_owned()))?;
        let file = self
            .archive
            .by_index_raw(index)
            .map_err(|error| wrong(error.to_string()))?;
        if file.compression() != CompressionMethod::Stored || file.encrypted() {
            return Err(wrong(format!("{}", file.compression())));
        }
        let (len, crc32) = (file.size(), Some(file.crc32()));
        let start = file.data_start().unwrap_or(u64::MAX);
        if start.checked_add(len).is_none_or(|end| end > source.file.size()) {
            return Err(wrong(format!(
                "one of {len} bytes that ends behind the archive's end"
            )));
        }
        Ok(Storage { start, len, crc32 })
    }
}
