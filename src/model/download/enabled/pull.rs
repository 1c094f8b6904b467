//! A pull, from the question which commit it is to the lock file.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::{DownloadError, Event, PullOptions};
use super::blob;
use super::choice::{self, CONFIG, Weights};
use super::client::Client;
use super::hub::{Hub, Listing, RemoteFile};
use super::retry::Fault;
use super::settings::Settings;
use crate::Error;
use crate::model::lock::{LockFile, LockedRevision, replace, unfinished};
use crate::model::reference::is_commit;
use crate::model::store::snapshot;
use crate::model::{LockedFile, ModelId, Role, Store, StoredModel};

/// Carries out [`super::super::pull`].
pub(in super::super) fn pull(
    store: &Store,
    options: &PullOptions,
    observe: &mut dyn FnMut(Event<'_>),
) -> Result<StoredModel, Error> {
    let id = &options.reference.id;
    let _held = match store.try_hold(id)? {
        Some(held) => held,
        None => {
            observe(Event::Waiting);
            store.hold(id, "diglot")?
        }
    };
    let client = Client::new(Settings::from_env()?);
    let pull = Pull {
        store,
        options,
        repository: store.repository(id),
        hub: Hub::new(client, &options.reference, options.retries),
    };
    let locked = pull
        .run(observe)
        .map_err(|fault| fault.into_error(&options.reference.to_string()))?;
    Ok(store.stored(id, &locked))
}

struct Pull<'a> {
    store: &'a Store,
    options: &'a PullOptions,
    repository: PathBuf,
    hub: Hub<'a>,
}

impl Pull<'_> {
    fn id(&self) -> &ModelId {
        &self.options.reference.id
    }

    fn revision(&self) -> &str {
        self.options.reference.revision()
    }

    fn run(&self, observe: &mut dyn FnMut(Event<'_>)) -> Result<LockedRevision, Fault> {
        let mut lock = LockFile::read(&self.repository, self.id())?;
        let intact = lock
            .find(self.revision())
            .filter(|one| self.is_intact(one))
            .cloned();
        if let Some(intact) = intact.as_ref().filter(|one| one.commit == self.revision()) {
            return self.suited(intact.clone());
        }
        if self.hub.is_offline() {
            return self.suited(intact.ok_or(DownloadError::Offline)?);
        }
        let retries = if intact.is_some() { 0 } else { self.hub.retries() };
        let listing = match (self.hub.listing(retries, observe), intact) {
            (Err(Fault::Passing { error, .. } | Fault::Lasting(error)), Some(intact))
                if error.is_outage() =>
            {
                observe(Event::Offline { error: &error });
                return self.suited(intact);
            }
            (listing, _) => listing?,
        };
        let found = lock.revisions.iter().find(|one| one.commit == listing.commit);
        let locked = match found.filter(|one| self.is_intact(one)) {
            Some(intact) => self.suited(intact.clone())?,
            None => self.fetch(&listing, observe)?,
        };
        let name = Some(self.revision()).filter(|revision| !is_commit(revision));
        lock.insert(locked.clone(), name);
        lock.write(&self.repository)?;
        self.refer(name, &listing.commit)?;
        self.sweep();
        Ok(lock.find(&listing.commit).cloned().unwrap_or(locked))
    }

    fn is_intact(&self, locked: &LockedRevision) -> bool {
        locked.is_intact(&snapshot(&self.repository, &locked.commit))
    }

    /// What is there, if it does what is wanted.
    fn suited(&self, locked: LockedRevision) -> Result<LockedRevision, Fault> {
        self.check_role(Some(locked.role), "another")?;
        Ok(locked)
    }

    fn check_role(&self, found: Option<Role>, otherwise: &str) -> Result<Role, Error> {
        match (self.options.role, found) {
            (None, Some(found)) => Ok(found),
            (Some(wanted), Some(found)) if wanted == found => Ok(found),
            (wanted, found) => {
                let wanted = match wanted {
                    Some(Role::Translate) => "a translation model (`MarianMTModel`)",
                    Some(Role::Entities) => "an entity model (`...ForTokenClassification`)",
                    None => "`MarianMTModel` or `...ForTokenClassification`",
                };
                let found = found.map_or(otherwise.to_owned(), |role| format!("one for `{role}`"));
                let message = format!("`{CONFIG}`: expected {wanted}, found {found}");
                Err(Error::model(self.options.reference.to_string(), message))
            }
        }
    }

    /// Fetches the files of a commit.
    fn fetch(&self, listing: &Listing, observe: &mut dyn FnMut(Event<'_>)) -> Result<LockedRevision, Fault> {
        let refuse = |message| Error::model(self.options.reference.to_string(), message);
        let mut names: Vec<String> = choice::small(&listing.files)
            .into_iter()
            .map(str::to_owned)
            .collect();
        if !names.iter().any(|name| name == CONFIG) {
            return Err(refuse(format!("expected a file `{CONFIG}`, found none")).into());
        }
        let weights = choice::weights(&listing.files).map_err(refuse)?;
        self.make_directories(&listing.commit)?;
        let mut files = Vec::new();
        // What the model is comes first: nothing large is fetched for nothing.
        let config = self.describe(listing, CONFIG, observe)?;
        files.push(self.file(listing, &config, observe)?);
        let role = self.role(listing)?;
        match weights {
            Weights::Whole(name) => names.push(name.to_owned()),
            Weights::Index(name) => {
                let index = self.describe(listing, name, observe)?;
                files.push(self.file(listing, &index, observe)?);
                let content = self.read(listing, name)?;
                let shards = choice::shards(&content, &listing.files);
                names.extend(shards.map_err(|message| refuse(format!("`{name}`: {message}")))?);
            }
        }
        names.retain(|name| name != CONFIG);
        let described: Result<Vec<RemoteFile>, Fault> = names
            .iter()
            .map(|name| self.describe(listing, name, observe))
            .collect();
        let described = described?;
        observe(Event::Planned {
            files: files.len() + described.len(),
            bytes: files.iter().map(|file| file.bytes).sum::<u64>()
                + described.iter().map(|file| file.bytes).sum::<u64>(),
        });
        for file in &described {
            files.push(self.file(listing, file, observe)?);
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(LockedRevision {
            commit: listing.commit.clone(),
            names: Vec::new(),
            role,
            files,
        })
    }

    fn role(&self, listing: &Listing) -> Result<Role, Fault> {
        let content = self.read(listing, CONFIG)?;
        let refuse = |message| Error::model(self.options.reference.to_string(), message);
        let config: Value =
            serde_json::from_slice(&content).map_err(|error| refuse(format!("`{CONFIG}`: {error}")))?;
        // One that names no architecture is taken for what the user says it is.
        let found = Role::of(&config).or(self.options.role.filter(|_| config["architectures"].is_null()));
        Ok(self.check_role(found, &format!("{}", config["architectures"]))?)
    }

    fn describe(
        &self,
        listing: &Listing,
        name: &str,
        observe: &mut dyn FnMut(Event<'_>),
    ) -> Result<RemoteFile, Fault> {
        self.hub.describe(&listing.commit, name, observe)
    }

    /// Fetches one file and puts it into the commit's directory.
    fn file(
        &self,
        listing: &Listing,
        file: &RemoteFile,
        observe: &mut dyn FnMut(Event<'_>),
    ) -> Result<LockedFile, Fault> {
        let _held = self.store.hold(self.id(), file.tag.value())?;
        let locked = blob::fetch(&self.hub, file, &self.repository.join("blobs"), observe)?;
        let path = snapshot(&self.repository, &listing.commit).join(&file.name);
        link(&self.repository, &locked.blob, &path)?;
        Ok(locked)
    }

    fn read(&self, listing: &Listing, name: &str) -> Result<Vec<u8>, Error> {
        let path = snapshot(&self.repository, &listing.commit).join(name);
        fs::read(&path).map_err(|error| Error::io("read", path, error))
    }

    fn make_directories(&self, commit: &str) -> Result<(), Error> {
        for directory in [self.repository.join("blobs"), snapshot(&self.repository, commit)] {
            fs::create_dir_all(&directory).map_err(|error| Error::io("create", directory, error))?;
        }
        Ok(())
    }

    /// Removes what earlier pulls left unfinished, of files that this commit has not.
    fn sweep(&self) {
        let blobs = fs::read_dir(self.repository.join("blobs")).into_iter().flatten();
        for blob in blobs.flatten() {
            if blob.file_name().to_string_lossy().ends_with(blob::INCOMPLETE) {
                let _ = fs::remove_file(blob.path());
            }
        }
    }

    /// Says which commit a branch or a tag is, for `huggingface_hub`.
    fn refer(&self, name: Option<&str>, commit: &str) -> Result<(), Error> {
        let Some(name) = name else { return Ok(()) };
        let path = self.repository.join("refs").join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
        }
        replace(&path, commit.as_bytes())
    }
}

/// Puts a blob into a commit's directory under the file's name: a link, where there are links.
fn link(repository: &Path, blob: &str, path: &Path) -> Result<(), Error> {
    let new = unfinished(path);
    let _ = fs::remove_file(&new);
    #[cfg(unix)]
    let linked = {
        debug_assert!(repository.join("blobs").join(blob).exists());
        std::os::unix::fs::symlink(Path::new("../../blobs").join(blob), &new)
    };
    #[cfg(not(unix))]
    let linked = {
        let blob = repository.join("blobs").join(blob);
        fs::hard_link(&blob, &new).or_else(|_| fs::copy(&blob, &new).map(|_| ()))
    };
    linked
        .and_then(|()| fs::rename(&new, path))
        .map_err(|error| Error::io("create", path, error))
}
