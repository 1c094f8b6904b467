//! How a model of a hub is named: `ID` or `ID@REVISION`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The revision that is meant where none is said.
pub const DEFAULT_REVISION: &str = "main";

/// The longest ID that a hub allows.
const MAX_ID: usize = 96;

/// The ID of a model's repository on a hub: `organisation/name`, or a `name` alone.
///
/// ```
/// use diglot::model::ModelId;
///
/// assert_eq!("Helsinki-NLP/opus-mt-fr-en".parse::<ModelId>()?.as_str(), "Helsinki-NLP/opus-mt-fr-en");
/// assert!("../secrets".parse::<ModelId>().is_err());
/// # Ok::<(), diglot::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelId(String);

impl ModelId {
    /// The ID as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the model's directory in a store.
    pub(super) fn folder(&self) -> String {
        format!("models--{}", self.0.replace('/', "--"))
    }

    fn is_valid(text: &str) -> bool {
        let part = |part: &str| {
            let inside = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            !part.is_empty()
                && part.chars().all(inside)
                && !part.starts_with(['.', '-'])
                && !part.ends_with(['.', '-'])
        };
        // A double hyphen stands for the slash in the names of directories.
        text.len() <= MAX_ID
            && text.split('/').count() <= 2
            && text.split('/').all(part)
            && !text.contains("--")
            && !text.contains("..")
    }
}

impl FromStr for ModelId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if Self::is_valid(text) {
            return Ok(Self(text.to_owned()));
        }
        let message = "expected the ID of a repository, such as `organisation/name`, found something else";
        Err(Error::model(text, message))
    }
}

impl TryFrom<String> for ModelId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ModelId> for String {
    fn from(id: ModelId) -> Self {
        id.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A model and, where said, one state of it: `ID` or `ID@REVISION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The model.
    pub id: ModelId,
    /// A branch, a tag, or a commit (the first seven digits or more).
    pub revision: Option<String>,
}

impl Reference {
    /// The revision, [`DEFAULT_REVISION`] where none is said.
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or(DEFAULT_REVISION)
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (id, revision) = match text.split_once('@') {
            Some((id, revision)) => (id, Some(revision)),
            None => (text, None),
        };
        Ok(Self {
            id: id.parse()?,
            revision: revision
                .map(|revision| check_revision(id, revision))
                .transpose()?,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.revision {
            Some(revision) => write!(f, "{}@{revision}", self.id),
            None => write!(f, "{}", self.id),
        }
    }
}

/// A revision that can be the name of a file: a branch, a tag, a commit, `refs/pr/N`.
pub(super) fn check_revision(id: &str, revision: &str) -> Result<String, Error> {
    let part = |part: &str| {
        let inside = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
        !part.is_empty() && part.chars().all(inside) && !part.starts_with(['.', '-']) && !part.contains("..")
    };
    if revision.split('/').all(part) {
        return Ok(revision.to_owned());
    }
    let message = format!("expected a revision: a branch, a tag or a commit, found `{revision}`");
    Err(Error::model(id, message))
}

/// Whether a revision is a commit, written out.
#[cfg_attr(not(feature = "download"), allow(dead_code))]
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() == 40
        && revision
            .chars()
            .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_a_hub_allows() {
        for id in ["Helsinki-NLP/opus-mt-fr-en", "bert-base-cased", "a/b.c_d-1"] {
            assert_eq!(id.parse::<ModelId>().unwrap().to_string(), id);
        }
        let long = format!("a/{}", "b".repeat(95));
        for text in [
            "", "/", "a/", "/b", "a/b/c", "../b", "a/..", "a--b/c", "a b/c", "a\\b", "é/b", ".a/b", "-a/b",
            &long,
        ] {
            assert!(text.parse::<ModelId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_reference_may_name_a_revision() {
        let reference: Reference = "a/b@refs/pr/3".parse().unwrap();
        assert_eq!(
            (reference.id.as_str(), reference.revision()),
            ("a/b", "refs/pr/3")
        );
        assert_eq!(reference.to_string(), "a/b@refs/pr/3");
        assert_eq!("a/b".parse::<Reference>().unwrap().revision(), "main");
        for text in ["a/b@", "a/b@../x", "a/b@x y", "a/b@/x", "a/b@-x", "a/b@x@y"] {
            assert!(text.parse::<Reference>().is_err(), "{text}");
        }
    }
}
