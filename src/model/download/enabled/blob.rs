//! One file of a model: fetched, checked while it is written, and only then given its name.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ureq::http::HeaderMap;

use super::super::{DownloadError, Event};
use super::hash::{Hasher, Tag};
use super::hub::{Hub, RemoteFile};
use super::refusal::text;
use super::retry::{Fault, Retries};
use crate::Error;
use crate::durable::sync_directory;
use crate::model::LockedFile;

/// What the name of a file that is not whole ends with.
pub(super) const INCOMPLETE: &str = ".diglot.incomplete";

/// How much is read at once.
const PIECE: usize = 1 << 17;

/// A try that brought so much was worth it, and those that failed before it do not count.
const PROGRESS: u64 = 1 << 20;

/// Puts a file into `blobs`, unless it is there and what its name says.
pub(super) fn fetch(
    hub: &Hub<'_>,
    file: &RemoteFile,
    blobs: &Path,
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<LockedFile, Fault> {
    observe(Event::File { name: &file.name });
    let path = blobs.join(file.tag.value());
    let locked = |sha256| LockedFile {
        name: file.name.clone(),
        bytes: file.bytes,
        sha256,
        blob: file.tag.value().to_owned(),
    };
    match check(&path, &file.tag) {
        Ok(Ok(sha256)) => {
            observe(Event::Kept(file.bytes));
            return Ok(locked(sha256));
        }
        Ok(Err(_)) => observe(Event::Damaged { name: &file.name }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::io("read", path, error).into()),
    }
    let mut partial = Partial::open(blobs, file)?;
    observe(Event::Kept(partial.len));
    let sha256 = complete(hub, file, &mut partial, observe)?;
    partial.publish(&path)?;
    Ok(locked(sha256))
}

/// The SHA-256 of a blob that is what its name says; else the hash that was found instead.
fn check(path: &Path, tag: &Tag) -> io::Result<Result<String, String>> {
    let mut file = File::open(path)?;
    let mut hasher = Hasher::new(file.metadata()?.len());
    let mut buffer = vec![0; PIECE];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read], tag),
        }
    }
    let (sha256, found) = hasher.finish(tag);
    Ok(if found == tag.value() {
        Ok(sha256)
    } else {
        Err(found)
    })
}

/// Fetches what is missing, as often as it takes.
fn complete(
    hub: &Hub<'_>,
    file: &RemoteFile,
    partial: &mut Partial,
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<String, Fault> {
    let mut retries = Retries::new(hub.retries());
    let mut in_one_piece = partial.len == 0;
    let mut is_second = false;
    loop {
        let before = partial.len;
        if let Err(fault) = receive(hub, file, partial, observe) {
            if partial.len >= before + PROGRESS {
                retries.progressed();
            }
            in_one_piece = partial.len == 0;
            retries.after(fault, observe)?;
            continue;
        }
        let error = match partial.finish(&file.tag) {
            Ok(sha256) => return Ok(sha256),
            Err(found) => wrong_hash(file, found),
        };
        partial.clear(observe)?;
        if in_one_piece || is_second {
            partial.remove();
            return Err(error.into());
        }
        // What an earlier try left may be to blame: it is fetched once more from the beginning.
        in_one_piece = true;
        is_second = true;
        retries.after(Fault::passing(error), observe)?;
    }
}

fn wrong_hash(file: &RemoteFile, found: String) -> DownloadError {
    DownloadError::WrongHash {
        file: file.name.clone(),
        kind: file.tag.kind(),
        expected: file.tag.value().to_owned(),
        found,
    }
}

/// Fetches what is missing, in one request.
fn receive(
    hub: &Hub<'_>,
    file: &RemoteFile,
    partial: &mut Partial,
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<(), Fault> {
    if partial.len == file.bytes && file.bytes > 0 {
        return Ok(());
    }
    let answer = hub.open(file, partial.len)?;
    let status = answer.response.status().as_u16();
    let begins = match status {
        206 => begin(answer.response.headers()),
        416 => None,
        _ => Some(0),
    };
    if begins != Some(partial.len) {
        partial.clear(observe)?;
    }
    // A server that does not know of ranges sends everything, which will do.
    if begins != Some(partial.len) {
        return Err(Fault::passing(DownloadError::Status {
            host: answer.host,
            status,
        }));
    }
    let mut body = answer.response.into_body().into_reader();
    let mut buffer = vec![0; PIECE];
    loop {
        let read = match body.read(&mut buffer) {
            Ok(read) => read,
            // It can be another thing than an end that comes too early, and is said as what it is.
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                return Err(hub.interrupted(error, &answer.host));
            }
            Err(_) => 0,
        };
        if read == 0 {
            break;
        }
        if partial.len + read as u64 > file.bytes {
            partial.clear(observe)?;
            partial.remove();
            let (file, expected) = (file.name.clone(), file.bytes);
            return Err(DownloadError::TooLong { file, expected }.into());
        }
        partial.write(&buffer[..read], &file.tag)?;
        observe(Event::Received(read as u64));
    }
    if partial.len < file.bytes {
        return Err(Fault::passing(DownloadError::CutOff {
            file: file.name.clone(),
            expected: file.bytes,
            found: partial.len,
        }));
    }
    Ok(())
}

/// Where the part of a file begins that an answer holds.
fn begin(headers: &HeaderMap) -> Option<u64> {
    let range = text(headers, "content-range")?.strip_prefix("bytes ")?;
    range.split_once('-')?.0.trim().parse().ok()
}

/// A file that is not whole yet. It stays when a pull ends early, and the next one goes on with it.
struct Partial {
    path: PathBuf,
    file: File,
    hasher: Hasher,
    len: u64,
    bytes: u64,
}

impl Partial {
    /// Opens what an earlier pull left, or a new file.
    fn open(blobs: &Path, file: &RemoteFile) -> Result<Self, Error> {
        let path = blobs.join(file.tag.value().to_owned() + INCOMPLETE);
        let opened = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| Error::io("create", &path, error))?;
        let mut partial = Self {
            path,
            file: opened,
            hasher: Hasher::new(file.bytes),
            len: 0,
            bytes: file.bytes,
        };
        partial.take_over(&file.tag)?;
        Ok(partial)
    }

    /// Hashes what is there.
    fn take_over(&mut self, tag: &Tag) -> Result<(), Error> {
        let mut buffer = vec![0; PIECE];
        loop {
            let read = self
                .file
                .read(&mut buffer)
                .map_err(|error| Error::io("read", &self.path, error))?;
            if read == 0 {
                break;
            }
            self.hasher.update(&buffer[..read], tag);
            self.len += read as u64;
        }
        if self.len > self.bytes {
            self.clear(&mut |_| {})?;
        }
        Ok(())
    }

    fn write(&mut self, piece: &[u8], tag: &Tag) -> Result<(), Error> {
        self.file
            .write_all(piece)
            .map_err(|error| Error::io("write", &self.path, error))?;
        self.hasher.update(piece, tag);
        self.len += piece.len() as u64;
        Ok(())
    }

    /// Begins again.
    fn clear(&mut self, observe: &mut dyn FnMut(Event<'_>)) -> Result<(), Error> {
        let cleared = self
            .file
            .set_len(0)
            .and_then(|()| io::Seek::rewind(&mut self.file));
        cleared.map_err(|error| Error::io("write", &self.path, error))?;
        observe(Event::Discarded(self.len));
        self.len = 0;
        self.hasher = Hasher::new(self.bytes);
        Ok(())
    }

    /// The SHA-256 of the whole, if it is what the tag says; else the hash that was found.
    fn finish(&mut self, tag: &Tag) -> Result<String, String> {
        let hasher = std::mem::replace(&mut self.hasher, Hasher::new(self.bytes));
        let (sha256, found) = hasher.finish(tag);
        if found == tag.value() {
            Ok(sha256)
        } else {
            Err(found)
        }
    }

    /// Gives the file its name, and makes that last.
    fn publish(self, path: &Path) -> Result<(), Error> {
        let synced = self.file.sync_all();
        synced.map_err(|error| Error::io("write", &self.path, error))?;
        fs::rename(&self.path, path).map_err(|error| Error::io("rename", path, error))?;
        sync_directory(path.parent().unwrap_or(Path::new(".")))
    }

    /// Removes the file. That it stays does no harm: it is empty.
    fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }
}
