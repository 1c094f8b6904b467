//! The lock file of a model in a store: which commits were pulled, and the SHA-256 of every file.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ModelId, Role};
use crate::Error;
use crate::durable;
use crate::provenance::hexadecimal;

/// Its name, in the directory of the model.
pub(super) const FILE: &str = "diglot.lock";

const HEAD: &str = "# Written by `diglot models pull`: what was pulled, to the byte.\n";

/// The version of the layout.
const VERSION: u32 = 1;

/// The content of a lock file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockFile {
    version: u32,
    pub(super) id: ModelId,
    #[serde(default, rename = "revision")]
    pub(super) revisions: Vec<LockedRevision>,
}

/// One commit of a model, as it was pulled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockedRevision {
    pub(super) commit: String,
    /// The branches and tags that meant this commit when they were pulled last.
    #[serde(default)]
    pub(super) names: Vec<String>,
    pub(super) role: Role,
    #[serde(rename = "file")]
    pub(super) files: Vec<LockedFile>,
}

/// One file of a pulled model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFile {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// The hexadecimal SHA-256 of its content.
    pub sha256: String,
    /// The name of the blob that holds it: the hash that the hub gives.
    pub(super) blob: String,
}

#[cfg(test)]
impl LockedFile {
    /// A file with this content.
    pub(super) fn new(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            bytes: content.len() as u64,
            sha256: crate::provenance::sha256(content),
            blob: "ab".to_owned(),
        }
    }
}

impl LockFile {
    fn new(id: &ModelId) -> Self {
        Self {
            version: VERSION,
            id: id.clone(),
            revisions: Vec::new(),
        }
    }

    /// Reads the lock file in a model's directory; an empty one where there is none.
    pub(super) fn read(directory: &Path, id: &ModelId) -> Result<Self, Error> {
        let path = directory.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::new(id)),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        let refuse = |message: &str| {
            let place = path.display();
            Error::model(
                id.as_str(),
                format!("`{place}`: {message}; remove the file and pull the model again"),
            )
        };
        let lock: Self = toml::from_str(&text).map_err(|error| refuse(error.message()))?;
        if lock.version != VERSION {
            return Err(refuse(&format!(
                "expected version {VERSION}, found {}",
                lock.version
            )));
        }
        if lock.id != *id {
            return Err(refuse(&format!(
                "expected the lock of `{id}`, found that of `{}`",
                lock.id
            )));
        }
        let plain = |file: &LockedFile| is_plain(&file.name) && is_plain(&file.blob);
        if !lock
            .revisions
            .iter()
            .all(|one| is_plain(&one.commit) && one.files.iter().all(plain))
        {
            return Err(refuse("expected names of files, found paths"));
        }
        Ok(lock)
    }

    /// Writes it into a model's directory, whole or not at all.
    pub(super) fn write(&self, directory: &Path) -> Result<(), Error> {
        let text = toml::to_string(self).map_err(|error| Error::Config(error.to_string()))?;
        replace(&directory.join(FILE), (HEAD.to_owned() + "\n" + &text).as_bytes())
    }

    /// The commit that a revision means: a name, a commit, or the beginning of one.
    pub(super) fn find(&self, revision: &str) -> Option<&LockedRevision> {
        let named = |one: &&LockedRevision| one.names.iter().any(|name| name == revision);
        let begins = |one: &&LockedRevision| revision.len() >= 7 && one.commit.starts_with(revision);
        self.revisions.iter().find(named).or_else(|| {
            let mut found = self.revisions.iter().filter(begins);
            found.next().filter(|_| found.next().is_none())
        })
    }

    /// Puts a commit in, and gives it a name that may have meant another before.
    #[cfg_attr(not(feature = "download"), allow(dead_code))]
    pub(super) fn insert(&mut self, mut new: LockedRevision, name: Option<&str>) {
        for one in &mut self.revisions {
            one.names.retain(|old| Some(old.as_str()) != name);
        }
        if let Some(index) = self.revisions.iter().position(|one| one.commit == new.commit) {
            new.names = self.revisions.remove(index).names;
        }
        new.names.extend(name.map(str::to_owned));
        self.revisions.push(new);
    }
}

impl LockedRevision {
    /// What is wrong with a file of this commit below `snapshot`: missing, cut off or changed.
    pub(super) fn problem(file: &LockedFile, snapshot: &Path) -> Option<String> {
        let path = snapshot.join(&file.name);
        let found = match fs::metadata(&path) {
            Ok(metadata) if metadata.len() != file.bytes => format!("{} bytes", metadata.len()),
            Ok(_) => match hash_file(&path) {
                Ok(found) if found == file.sha256 => return None,
                Ok(found) => format!("SHA-256 {found}"),
                Err(error) => format!("what cannot be read: {error}"),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => "no file".to_owned(),
            Err(error) => format!("what cannot be read: {error}"),
        };
        Some(format!(
            "expected {} bytes with SHA-256 {}, found {found}",
            file.bytes, file.sha256
        ))
    }

    /// Whether every file is there, to the byte.
    #[cfg_attr(not(feature = "download"), allow(dead_code))]
    pub(super) fn is_intact(&self, snapshot: &Path) -> bool {
        self.files
            .iter()
            .all(|file| Self::problem(file, snapshot).is_none())
    }
}

/// Whether a name stays in the directory that it is put into.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0'])
}

/// The SHA-256 of a file, read piece by piece.
pub(super) fn hash_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Writes a small file that appears whole or not at all, and lasts.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    durable::write(path, &unfinished(path), content)
}

/// The name that a file has until it is whole.
pub(super) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".diglot-tmp");
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revision(commit: &str) -> LockedRevision {
        LockedRevision {
            commit: commit.to_owned(),
            names: Vec::new(),
            role: Role::Entities,
            files: vec![LockedFile::new("config.json", b"{}")],
        }
    }

    #[test]
    fn a_lock_reads_back_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let id: ModelId = "a/b".parse().unwrap();
        let mut lock = LockFile::read(directory.path(), &id).unwrap();
        assert!(lock.revisions.is_empty());
        lock.insert(revision("0123456789"), Some("main"));
        lock.write(directory.path()).unwrap();
        assert_eq!(LockFile::read(directory.path(), &id).unwrap(), lock);
        let other: ModelId = "a/c".parse().unwrap();
        let message = LockFile::read(directory.path(), &other).unwrap_err().to_string();
        assert!(
            message.contains("expected the lock of `a/c`, found that of `a/b`"),
            "{message}"
        );
    }

    #[test]
    fn a_name_moves_to_the_commit_pulled_last() {
        let mut lock = LockFile::new(&"a/b".parse().unwrap());
        lock.insert(revision("0123456789"), Some("main"));
        lock.insert(revision("fedcba9876"), Some("main"));
        let commit = |text: &str| lock.find(text).map(|one| one.commit.as_str());
        assert_eq!(commit("main"), Some("fedcba9876"));
        assert_eq!(commit("0123456"), Some("0123456789"));
        assert_eq!(commit("012345"), None, "six digits are too few");
        assert_eq!(commit("v1"), None);
    }

    #[test]
    fn paths_in_a_lock_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let id: ModelId = "a/b".parse().unwrap();
        let mut lock = LockFile::new(&id);
        let mut evil = revision("0123456789");
        evil.files[0].name = "../../x".to_owned();
        lock.insert(evil, None);
        lock.write(directory.path()).unwrap();
        assert!(LockFile::read(directory.path(), &id).is_err());
    }

    #[test]
    fn what_is_missing_cut_off_or_changed_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.json");
        let locked = revision("0123456789");
        let found = || LockedRevision::problem(&locked.files[0], directory.path());
        assert!(found().unwrap().ends_with("found no file"));
        fs::write(&path, "{").unwrap();
        assert!(found().unwrap().ends_with("found 1 bytes"));
        fs::write(&path, "[]").unwrap();
        assert!(found().unwrap().contains("found SHA-256 4f53cda18c2b"));
        assert!(!locked.is_intact(directory.path()));
        fs::write(&path, "{}").unwrap();
        assert!(found().is_none() && locked.is_intact(directory.path()));
    }
}
