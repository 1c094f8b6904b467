//! The local store of models that were pulled from a hub.
//!
//! It is the cache that Python's `huggingface_hub` keeps, in the same layout, so that a model is on
//! the machine once: `models--ORGANISATION--NAME/{blobs,refs,snapshots}`. diglot adds a lock file,
//! `diglot.lock`, in the directory of each model that it pulled. What has no lock was not checked, and
//! is not used.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::lock::{LockFile, LockedRevision};
use super::reference::{ModelId, Reference};
use super::{LockedFile, Role};
use crate::Error;

/// A directory of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    root: PathBuf,
}

/// One commit of a model, in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredModel {
    /// The model.
    pub id: ModelId,
    /// The commit.
    pub commit: String,
    /// The branches and tags that meant this commit when they were pulled last.
    pub names: Vec<String>,
    /// What it does.
    pub role: Role,
    /// The directory that holds its files.
    pub directory: PathBuf,
    /// Its files; no others are used.
    pub files: Vec<LockedFile>,
}

impl StoredModel {
    /// The exact name, for records: `ID@COMMIT`.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.commit)
    }

    /// The sum of the sizes of its files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// What is wrong with its files, each with its path; nothing when all are what was pulled.
    pub fn problems(&self) -> Vec<(PathBuf, String)> {
        let problem = |file: &LockedFile| {
            let message = LockedRevision::problem(file, &self.directory)?;
            Some((self.directory.join(&file.name), message))
        };
        self.files.iter().filter_map(problem).collect()
    }
}

impl Store {
    /// The store in a directory, which need not exist.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The store of this user: `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else `huggingface/hub` in
    /// `XDG_CACHE_HOME`, else `~/.cache/huggingface/hub`.
    ///
    /// # Errors
    ///
    /// When none of these is set and the user has no home.
    pub fn from_env() -> Result<Self, Error> {
        if let Some(root) = directory("HF_HUB_CACHE").or_else(|| directory("HUGGINGFACE_HUB_CACHE")) {
            return Ok(Self::at(root));
        }
        Ok(Self::at(hub_home()?.join("hub")))
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Everything that was pulled, in order of the names.
    ///
    /// # Errors
    ///
    /// When the directory or a lock file cannot be read.
    pub fn list(&self) -> Result<Vec<StoredModel>, Error> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("read", &self.root, error)),
        };
        let mut models = Vec::new();
        for entry in entries {
            let name = entry
                .map_err(|error| Error::io("read", &self.root, error))?
                .file_name();
            let id = name.to_str().and_then(|name| name.strip_prefix("models--"));
            let id = id.and_then(|id| id.replacen("--", "/", 1).parse().ok());
            if let Some(id) = id {
                models.extend(self.revisions(&id)?);
            }
        }
        models.sort_by_key(StoredModel::name);
        Ok(models)
    }

    /// What was pulled of one model.
    ///
    /// # Errors
    ///
    /// When the lock file cannot be read.
    pub fn revisions(&self, id: &ModelId) -> Result<Vec<StoredModel>, Error> {
        let lock = LockFile::read(&self.repository(id), id)?;
        Ok(lock.revisions.iter().map(|one| self.stored(id, one)).collect())
    }

    /// The pulled model that a reference means.
    ///
    /// # Errors
    ///
    /// When it was not pulled, or its files are not all there in their size. Their content is checked when
    /// they are read.
    pub fn find(&self, reference: &Reference) -> Result<StoredModel, Error> {
        let lock = LockFile::read(&self.repository(&reference.id), &reference.id)?;
        let Some(locked) = lock.find(reference.revision()) else {
            return Err(not_pulled(reference, &lock));
        };
        let model = self.stored(&reference.id, locked);
        for file in &model.files {
            let path = model.directory.join(&file.name);
            if fs::metadata(&path).map(|metadata| metadata.len()).ok() != Some(file.bytes) {
                let message = format!(
                    "`{}`: expected {} bytes, as pulled; `diglot models pull {}` mends it",
                    path.display(),
                    file.bytes,
                    model.name()
                );
                return Err(Error::model(reference.to_string(), message));
            }
        }
        Ok(model)
    }

    /// Removes the commit that a reference names, or, where it names none, all that is there of the
    /// model, whoever put it there; how many bytes that frees.
    ///
    /// # Errors
    ///
    /// When it was not pulled, is being pulled, or something cannot be removed.
    pub fn remove(&self, reference: &Reference) -> Result<u64, Error> {
        let id = &reference.id;
        let repository = self.repository(id);
        let _held = if repository.exists() {
            Some(self.hold_alone(reference)?)
        } else {
            None
        };
        let mut lock = LockFile::read(&repository, id)?;
        let before = disk_use(&repository);
        let Some(named) = &reference.revision else {
            if lock.revisions.is_empty() {
                return Err(not_pulled(reference, &lock));
            }
            fs::remove_dir_all(&repository).map_err(|error| Error::io("remove", &repository, error))?;
            return Ok(before);
        };
        let commit = lock.find(named).map(|one| one.commit.clone());
        let commit = commit.ok_or_else(|| not_pulled(reference, &lock))?;
        lock.revisions.retain(|one| one.commit != commit);
        lock.write(&repository)?;
        remove_commit(&repository, &commit)?;
        if paths(&repository.join("snapshots")).is_empty() {
            fs::remove_dir_all(&repository).map_err(|error| Error::io("remove", &repository, error))?;
        }
        Ok(before.saturating_sub(disk_use(&repository)))
    }

    fn hold_alone(&self, reference: &Reference) -> Result<File, Error> {
        let held = self.try_hold(&reference.id)?;
        let busy = "is being pulled or removed by another process";
        held.ok_or_else(|| Error::model(reference.to_string(), busy))
    }

    /// Where a model is kept.
    pub(super) fn repository(&self, id: &ModelId) -> PathBuf {
        self.root.join(id.folder())
    }

    /// The directory of the files that processes lock, one for each blob, as `huggingface_hub` does.
    pub(super) fn locks(&self, id: &ModelId) -> PathBuf {
        self.root.join(".locks").join(id.folder())
    }

    /// Keeps other processes from changing a model, until the file is dropped; `None` where another does.
    pub(super) fn try_hold(&self, id: &ModelId) -> Result<Option<File>, Error> {
        let (path, file) = self.lock_file(id, "diglot")?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", path, error)),
        }
    }

    /// The same, after waiting for the other process.
    #[cfg_attr(not(feature = "download"), allow(dead_code))]
    pub(super) fn hold(&self, id: &ModelId, what: &str) -> Result<File, Error> {
        let (path, file) = self.lock_file(id, what)?;
        file.lock().map_err(|error| Error::io("lock", path, error))?;
        Ok(file)
    }

    fn lock_file(&self, id: &ModelId, what: &str) -> Result<(PathBuf, File), Error> {
        let locks = self.locks(id);
        fs::create_dir_all(&locks).map_err(|error| Error::io("create", &locks, error))?;
        let path = locks.join(format!("{what}.lock"));
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(|error| Error::io("create", &path, error))?;
        Ok((path, file))
    }

    pub(super) fn stored(&self, id: &ModelId, locked: &LockedRevision) -> StoredModel {
        StoredModel {
            id: id.clone(),
            commit: locked.commit.clone(),
            names: locked.names.clone(),
            role: locked.role,
            directory: snapshot(&self.repository(id), &locked.commit),
            files: locked.files.clone(),
        }
    }
}

/// The home of everything that has to do with the hub: `HF_HOME`, else `huggingface` in the user's cache.
pub(super) fn hub_home() -> Result<PathBuf, Error> {
    if let Some(home) = directory("HF_HOME") {
        return Ok(home);
    }
    let cache = directory("XDG_CACHE_HOME").or_else(|| Some(env::home_dir()?.join(".cache")));
    let message = "expected a place for models: `HF_HOME`, `HF_HUB_CACHE` or a home directory, found none";
    let cache = cache.ok_or_else(|| Error::Config(message.to_owned()))?;
    Ok(cache.join("huggingface"))
}

/// A directory that an environment variable names; `~` at its beginning is the home.
fn directory(variable: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env::var_os(variable).filter(|value| !value.is_empty())?);
    match path.strip_prefix("~") {
        Ok(rest) => Some(env::home_dir()?.join(rest)),
        Err(_) => Some(path),
    }
}

fn not_pulled(reference: &Reference, lock: &LockFile) -> Error {
    let command = match &reference.revision {
        Some(revision) => format!("diglot models pull {} --revision {revision}", reference.id),
        None => format!("diglot models pull {}", reference.id),
    };
    let names = |one: &LockedRevision| match one.names.as_slice() {
        [] => one.commit.clone(),
        names => names.join("`, `"),
    };
    let others: Vec<String> = lock.revisions.iter().map(names).collect();
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!(
            " (of this model, `{}` is there: write `{}@REVISION`)",
            others.join("`, `"),
            reference.id
        ),
    };
    let message = format!("is no directory, and was not pulled{others}; `{command}` fetches it");
    Error::model(reference.to_string(), message)
}

/// The directory of a commit's files.
pub(super) fn snapshot(repository: &Path, commit: &str) -> PathBuf {
    repository.join("snapshots").join(commit)
}

/// What a directory holds; nothing where it cannot be read.
fn paths(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

/// Removes a commit's files, the references to it, and the blobs that no other commit has.
fn remove_commit(repository: &Path, commit: &str) -> Result<(), Error> {
    let directory = snapshot(repository, commit);
    let removed = |path: &Path, result: io::Result<()>| match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", path, error)),
        _ => Ok(()),
    };
    let mut blobs = BTreeSet::new();
    collect_blobs(&directory, &mut blobs);
    removed(&directory, fs::remove_dir_all(&directory))?;
    let mut kept = BTreeSet::new();
    for other in paths(&repository.join("snapshots")) {
        collect_blobs(&other, &mut kept);
    }
    for blob in blobs.difference(&kept) {
        removed(blob, fs::remove_file(blob))?;
    }
    remove_references(&repository.join("refs"), commit)
}

/// The files that the links below a snapshot lead to.
fn collect_blobs(directory: &Path, blobs: &mut BTreeSet<PathBuf>) {
    for path in paths(directory) {
        if path.is_dir() {
            collect_blobs(&path, blobs);
        } else if path.is_symlink() {
            blobs.extend(path.canonicalize());
        }
    }
}

fn remove_references(directory: &Path, commit: &str) -> Result<(), Error> {
    for path in paths(directory) {
        if path.is_dir() {
            remove_references(&path, commit)?;
        } else if fs::read_to_string(&path).is_ok_and(|text| text.trim() == commit) {
            fs::remove_file(&path).map_err(|error| Error::io("remove", &path, error))?;
        }
    }
    Ok(())
}

/// The bytes of all files below a directory; links count nothing.
fn disk_use(directory: &Path) -> u64 {
    let size = |path: &PathBuf| match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => disk_use(path),
        Ok(metadata) if metadata.is_file() => metadata.len(),
        _ => 0,
    };
    paths(directory).iter().map(size).sum()
}
