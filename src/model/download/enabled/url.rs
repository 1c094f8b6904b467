//! Addresses: escaping, where a redirection leads, and who is asked.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::Uri;

/// What is escaped in a part of a path.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A part of a path, escaped; a slash too.
pub(super) fn escape(part: &str) -> String {
    utf8_percent_encode(part, ESCAPED).to_string()
}

/// Who answers to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) scheme: &'static str,
    pub(super) host: String,
    pub(super) port: u16,
}

impl Origin {
    /// Of an absolute address of HTTP or HTTPS.
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let (scheme, port) = match uri.scheme_str()? {
            "http" => ("http", 80),
            "https" => ("https", 443),
            _ => return None,
        };
        Some(Self {
            scheme,
            host: uri.host().filter(|host| !host.is_empty())?.to_lowercase(),
            port: uri.port_u16().unwrap_or(port),
        })
    }
}

/// Where `location` leads from `base`.
pub(super) fn join(base: &Uri, location: &str) -> Option<Uri> {
    let scheme = base.scheme_str()?;
    let authority = base.authority()?;
    let location = location.split('#').next()?;
    let absolute = if location.starts_with("http://") || location.starts_with("https://") {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        let (directory, _) = base.path().rsplit_once('/')?;
        format!("{scheme}://{authority}{directory}/{location}")
    };
    absolute.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_is_escaped() {
        assert_eq!(escape("refs/pr/1"), "refs%2Fpr%2F1");
        assert_eq!(escape("a b?é.spm"), "a%20b%3F%C3%A9.spm");
    }

    #[test]
    fn redirections_lead_where_browsers_would_go() {
        let base: Uri = "https://hub.example:8443/a/resolve/main/x.json".parse().unwrap();
        for (location, expected) in [
            ("/b/x.json?c=1", "https://hub.example:8443/b/x.json?c=1"),
            ("y.json", "https://hub.example:8443/a/resolve/main/y.json"),
            ("//cdn.example/x", "https://cdn.example/x"),
            ("http://cdn.example/x?y#z", "http://cdn.example/x?y"),
        ] {
            assert_eq!(join(&base, location).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn ports_that_are_not_written_count() {
        let origin = |text: &str| Origin::of(&text.parse().unwrap());
        assert_eq!(
            origin("https://Hub.example/a"),
            origin("https://hub.example:443/b")
        );
        assert_ne!(origin("https://hub.example"), origin("http://hub.example"));
        assert_ne!(origin("http://127.0.0.1:1"), origin("http://127.0.0.1:2"));
        assert_eq!(origin("ftp://hub.example"), None);
        assert_eq!(origin("/a"), None);
    }
}
