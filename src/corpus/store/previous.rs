//! The records of an earlier run, by their documents.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::shards;
use crate::Error;
use crate::corpus::Key;
use crate::document::Meta;
use crate::format::{ErrorRecord, Record, SourceRecord};
use crate::provenance::hexadecimal;

/// Where the records of an earlier run stand. 32 bytes of memory for a record.
///
/// Records of shards whose files are missing or damaged are not among them.
#[derive(Debug)]
pub(in crate::corpus) struct Previous {
    files: Vec<PathBuf>,
    /// Sorted by key.
    places: Vec<Place>,
    /// Ids and paths of documents that have errors.
    failed: HashSet<String>,
    open: Option<(u32, BufReader<File>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    key: u128,
    offset: u64,
    file: u32,
    failed: bool,
}

/// As much of a record as its key is made of.
#[derive(Deserialize)]
struct Head {
    id: String,
    source: SourceRecord,
    #[serde(default)]
    meta: Option<Meta>,
    errors: Vec<ErrorRecord>,
}

impl Previous {
    /// Reads through the JSON lines of an output directory.
    ///
    /// # Errors
    ///
    /// When a file that is there cannot be read.
    pub(in crate::corpus) fn read(root: &Path) -> Result<Self, Error> {
        let mut previous = Self {
            files: Vec::new(),
            places: Vec::new(),
            failed: HashSet::new(),
            open: None,
        };
        let files = shards(root)?.into_iter().flat_map(|shard| shard.files);
        for file in files.filter(|file| file.name.ends_with(".jsonl") && !file.name.contains('/')) {
            let path = root.join(&file.name);
            let index = u32::try_from(previous.files.len()).unwrap_or(u32::MAX);
            if let Some((places, failed)) = read_file(&path, &file.sha256, index)? {
                previous.places.extend(places);
                previous.failed.extend(failed);
            }
            previous.files.push(path);
        }
        previous.places.sort_unstable();
        Ok(previous)
    }

    /// Whether there is no record at all.
    pub(in crate::corpus) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many records there are that have no errors.
    pub(in crate::corpus) fn good(&self) -> u64 {
        self.places.iter().filter(|place| !place.failed).count() as u64
    }

    /// Whether a document of this id, or of this path, failed.
    pub(in crate::corpus) fn failed(&self, id: &str, path: Option<&str>) -> bool {
        self.failed.contains(id) || path.is_some_and(|path| self.failed.contains(path))
    }

    /// The record of the document with this key; not one that has errors, if only `good` ones count.
    ///
    /// # Errors
    ///
    /// When the record cannot be read any more.
    pub(in crate::corpus) fn find(&mut self, key: Key, good: bool) -> Result<Option<Record>, Error> {
        let short = key.short();
        let at = self.places.partition_point(|place| place.key < short);
        match self.places.get(at) {
            Some(&place) if place.key == short && !(good && place.failed) => self.record(place, key),
            _ => Ok(None),
        }
    }

    fn record(&mut self, place: Place, key: Key) -> Result<Option<Record>, Error> {
        let path = &self.files[place.file as usize];
        let failed = |error| Error::io("read", path, error);
        let mut file = match self.open.take() {
            Some((file, reader)) if file == place.file => reader,
            _ => BufReader::new(File::open(path).map_err(failed)?),
        };
        // Neighbours mostly follow each other: a short way keeps the buffer.
        let from = file.stream_position().map_err(failed)?;
        let way = i64::try_from(place.offset).unwrap_or(i64::MAX) - i64::try_from(from).unwrap_or(0);
        file.seek_relative(way).map_err(failed)?;
        let mut line = Vec::new();
        file.read_until(b'\n', &mut line).map_err(failed)?;
        self.open = Some((place.file, file));
        let record: Record = serde_json::from_slice(&line).map_err(|error| failed(error.into()))?;
        Ok((Key::of_record(&record) == key).then_some(record))
    }
}

/// The places of a file's records and the names of the failed ones; `None` where it is not the file it was.
#[allow(clippy::type_complexity, reason = "it has one caller")]
fn read_file(path: &Path, sha256: &str, index: u32) -> Result<Option<(Vec<Place>, Vec<String>)>, Error> {
    let failed = |error| Error::io("read", path, error);
    let mut reader = match File::open(path) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let (mut places, mut names) = (Vec::new(), Vec::new());
    let (mut hasher, mut offset, mut line) = (Sha256::new(), 0, Vec::new());
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(failed)?;
        if length == 0 {
            break;
        }
        hasher.update(&line);
        let Ok(head) = serde_json::from_slice::<Head>(&line) else {
            return Ok(None);
        };
        let unread = head.errors.iter().find(|error| error.stage == "read");
        let code = unread.map_or("", |error| error.code.as_str());
        places.push(Place {
            key: Key::new(&head.id, &head.source, head.meta.as_ref(), code).short(),
            offset,
            file: index,
            failed: !head.errors.is_empty(),
        });
        if !head.errors.is_empty() {
            names.push(head.id);
            names.extend(head.source.path);
        }
        offset += length as u64;
    }
    Ok((hexadecimal(&hasher.finalize()) == sha256).then_some((places, names)))
}
