//! The records of an earlier run, by their documents.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Seek};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::shards;
use crate::Error;
use crate::corpus::Key;
use crate::corpus::hashed::Hashed;
use crate::document::Meta;
use crate::format::{ErrorRecord, SourceRecord, StoredRecord, stored};

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
    pub(in crate::corpus) fn find(&mut self, key: Key, good: bool) -> Result<Option<StoredRecord>, Error> {
        let short = key.short();
        let at = self.places.partition_point(|place| place.key < short);
        match self.places.get(at) {
            Some(&place) if place.key == short && !(good && place.failed) => self.record(place, key),
            _ => Ok(None),
        }
    }

    fn record(&mut self, place: Place, key: Key) -> Result<Option<StoredRecord>, Error> {
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
        let found = stored(&mut file, &mut 1).map_err(failed)?;
        self.open = Some((place.file, file));
        let record = found
            .transpose()
            .map_err(|message| Error::output(path, message))?;
        Ok(record.filter(|record| Key::of_record(record.head()) == key))
    }
}

/// The places of a file's records and the names of the failed ones; `None` where it is not the file it was.
#[allow(clippy::type_complexity, reason = "it has one caller")]
fn read_file(path: &Path, sha256: &str, index: u32) -> Result<Option<(Vec<Place>, Vec<String>)>, Error> {
    let failed = |error| Error::io("read", path, error);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let (mut places, mut names) = (Vec::new(), Vec::new());
    let mut input = BufReader::with_capacity(1 << 16, Hashed::new(file));
    // One value after the other, without the rest of a long record in memory.
    let mut heads = serde_json::Deserializer::from_reader(&mut input).into_iter::<Head>();
    loop {
        // A value ends before its line does.
        let offset = heads.byte_offset() as u64;
        let head = match heads.next() {
            None => break,
            Some(Ok(head)) => head,
            Some(Err(error)) if error.is_io() => return Err(failed(error.into())),
            Some(Err(_)) => return Ok(None),
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
    }
    io::copy(&mut input, &mut io::sink()).map_err(failed)?;
    let (_, found) = input.into_inner().finish();
    Ok((found == sha256).then_some((places, names)))
}
