//! The hashes by which a hub names its files.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::provenance::hexadecimal;

/// The hash of a file's content, as the hub's `ETag` gives it; it is the name of the blob too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// Of a large file: its SHA-256.
    Sha256(String),
    /// Of a small one: what Git names it by, the SHA-1 of a head with its size and the content.
    Git(String),
}

impl Tag {
    /// Reads the value of an `ETag`.
    pub(super) fn of(value: &str) -> Option<Self> {
        let value = value.trim();
        let value = value.strip_prefix("W/").unwrap_or(value).trim_matches('"');
        let digits = value
            .chars()
            .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
        match value.len() {
            64 if digits => Some(Self::Sha256(value.to_owned())),
            40 if digits => Some(Self::Git(value.to_owned())),
            _ => None,
        }
    }

    pub(super) fn value(&self) -> &str {
        match self {
            Self::Sha256(value) | Self::Git(value) => value,
        }
    }

    /// What kind of hash it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Sha256(_) => "SHA-256",
            Self::Git(_) => "Git's SHA-1",
        }
    }
}

/// The hashes of a file, taken while it is written. Git's needs the size beforehand.
pub(super) struct Hasher {
    sha256: Sha256,
    git: Sha1,
}

impl Hasher {
    /// For a file of so many bytes.
    pub(super) fn new(bytes: u64) -> Self {
        Self {
            sha256: Sha256::new(),
            git: Sha1::new_with_prefix(format!("blob {bytes}\0")),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8], tag: &Tag) {
        self.sha256.update(bytes);
        if matches!(tag, Tag::Git(_)) {
            self.git.update(bytes);
        }
    }

    /// The SHA-256, and the hash of the tag's kind.
    pub(super) fn finish(self, tag: &Tag) -> (String, String) {
        let sha256 = hexadecimal(&self.sha256.finalize());
        let named = match tag {
            Tag::Sha256(_) => sha256.clone(),
            Tag::Git(_) => hexadecimal(&self.git.finalize()),
        };
        (sha256, named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_by_their_length() {
        let long = "a".repeat(64);
        assert_eq!(Tag::of(&format!("\"{long}\"")), Some(Tag::Sha256(long)));
        let short = "0".repeat(40);
        assert_eq!(Tag::of(&format!("W/\"{short}\"")), Some(Tag::Git(short)));
        for value in [
            "",
            "\"\"",
            "\"abc\"",
            &"g".repeat(40),
            &"A".repeat(64),
            "../../../x",
        ] {
            assert_eq!(Tag::of(value), None, "{value}");
        }
    }

    #[test]
    fn git_hashes_the_size_too() {
        // `printf hello | git hash-object --stdin`
        let tag = Tag::Git(String::new());
        let mut hasher = Hasher::new(5);
        hasher.update(b"hel", &tag);
        hasher.update(b"lo", &tag);
        let (sha256, git) = hasher.finish(&tag);
        assert_eq!(git, "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0");
        assert_eq!(sha256, crate::provenance::sha256(b"hello"));
    }
}
