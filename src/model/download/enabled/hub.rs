//! What a hub is asked.

use std::io::Read;

use serde::Deserialize;

use super::super::{DownloadError, Event};
use super::client::{Answer, Client, Want, interruption, protocol};
use super::hash::Tag;
use super::refusal::Subject;
use super::retry::{Fault, retry};
use super::url::escape;
use crate::model::Reference;
use crate::model::reference::is_commit;

/// The longest list of files that is read.
const LONGEST_LISTING: u64 = 16 << 20;

/// A hub, of which one model is wanted.
pub(super) struct Hub<'a> {
    client: Client,
    reference: &'a Reference,
    retries: u32,
}

/// What a revision holds.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) commit: String,
    pub(super) files: Vec<String>,
}

/// A file, before it is fetched.
#[derive(Debug)]
pub(super) struct RemoteFile {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) tag: Tag,
    pub(super) bytes: u64,
}

#[derive(Deserialize)]
struct Revision {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
}

impl<'a> Hub<'a> {
    pub(super) fn new(client: Client, reference: &'a Reference, retries: u32) -> Self {
        Self {
            client,
            reference,
            retries,
        }
    }

    pub(super) fn retries(&self) -> u32 {
        self.retries
    }

    pub(super) fn is_offline(&self) -> bool {
        self.client.settings.offline
    }

    /// The commit and the files of the revision.
    pub(super) fn listing(&self, retries: u32, observe: &mut dyn FnMut(Event<'_>)) -> Result<Listing, Fault> {
        let url = format!(
            "{}/api/models/{}/revision/{}",
            self.client.settings.endpoint,
            self.reference.id,
            escape(self.reference.revision())
        );
        retry(retries, observe, || self.read_listing(&url))
    }

    fn read_listing(&self, url: &str) -> Result<Listing, Fault> {
        let Answer { host, response, .. } = self.client.ask(url, Want::Answer, self.subject(None))?;
        let mut text = Vec::new();
        let mut body = response.into_body().into_reader().take(LONGEST_LISTING);
        body.read_to_end(&mut text)
            .map_err(|error| interruption(error, &host, self.client.timeout(Want::Answer)))?;
        let revision: Revision = serde_json::from_slice(&text)
            .map_err(|error| protocol(&host, &format!("expected a list of files: {error}")))?;
        if !is_commit(&revision.sha) {
            return Err(protocol(
                &host,
                &format!("expected a commit, found `{}`", revision.sha.escape_debug()),
            ));
        }
        Ok(Listing {
            commit: revision.sha,
            files: revision.siblings.into_iter().map(|file| file.rfilename).collect(),
        })
    }

    /// The hash and the size of a file.
    pub(super) fn describe(
        &self,
        commit: &str,
        name: &str,
        observe: &mut dyn FnMut(Event<'_>),
    ) -> Result<RemoteFile, Fault> {
        let endpoint = &self.client.settings.endpoint;
        let url = format!(
            "{endpoint}/{}/resolve/{commit}/{}",
            self.reference.id,
            escape(name)
        );
        let Answer { host, facts, .. } = retry(self.retries, observe, || {
            self.client.ask(&url, Want::Head, self.subject(Some(name)))
        })?;
        let expected = |what: &str, found: &str| {
            let message = format!("`{name}`: expected {what}, found {found}");
            protocol(&host, &message)
        };
        if let Some(found) = facts.commit().filter(|&found| found != commit) {
            return Err(expected(
                &format!("a file of commit {commit}"),
                &format!("one of {}", found.escape_debug()),
            ));
        }
        let found = facts
            .tag()
            .map_or("none".to_owned(), |tag| format!("`{}`", tag.escape_debug()));
        let tag = facts.tag().and_then(Tag::of);
        let tag = tag.ok_or_else(|| expected("an `ETag` with a hash to check the file against", &found))?;
        let bytes = facts
            .size()
            .ok_or_else(|| expected("the size of the file", "none"))?;
        Ok(RemoteFile {
            name: name.to_owned(),
            url,
            tag,
            bytes,
        })
    }

    /// The content of a file from a byte on; the answer's status says whether it really begins there.
    pub(super) fn open(&self, file: &RemoteFile, from: u64) -> Result<Answer, Fault> {
        let answer = self
            .client
            .ask(&file.url, Want::File(from), self.subject(Some(&file.name)))?;
        let known = answer.facts.tag().and_then(Tag::of);
        if known.is_some_and(|tag| tag != file.tag) {
            return Err(DownloadError::Changed {
                file: file.name.clone(),
            }
            .into());
        }
        Ok(answer)
    }

    /// The fault of a file that stopped coming from a host.
    pub(super) fn interrupted(&self, error: std::io::Error, host: &str) -> Fault {
        interruption(error, host, self.client.timeout(Want::File(0)))
    }

    fn subject<'s>(&'s self, file: Option<&'s str>) -> Subject<'s> {
        Subject {
            reference: self.reference,
            file,
        }
    }
}
