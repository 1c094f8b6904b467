//! What an answer that is no success means, and what the user can do.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use ureq::http::HeaderMap;

use super::super::DownloadError;
use super::retry::Fault;
use crate::model::Reference;

/// What was asked for.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) reference: &'a Reference,
    /// A file; `None`: which files there are.
    pub(super) file: Option<&'a str>,
}

/// Who answered.
#[derive(Clone, Copy)]
pub(super) struct Answerer<'a> {
    pub(super) host: &'a str,
    /// Whether it is the hub itself, and not a server that it sent us to.
    pub(super) is_hub: bool,
    /// The hub's address.
    pub(super) endpoint: &'a str,
    /// Whether it was shown a token.
    pub(super) has_token: bool,
}

/// The fault that a status means.
pub(super) fn refusal(subject: Subject<'_>, by: Answerer<'_>, status: u16, headers: &HeaderMap) -> Fault {
    let plain = || DownloadError::Status {
        host: by.host.to_owned(),
        status,
    };
    let wait = asked_wait(headers);
    match status {
        429 => Fault::Passing {
            error: too_many(wait),
            wait,
        },
        408 | 500 | 502 | 503 | 504 => Fault::Passing { error: plain(), wait },
        // The permission that the hub gave us for another server has run out: it gives a new one.
        401 | 403 if !by.is_hub => Fault::passing(plain()),
        401 | 403 => DownloadError::Denied {
            status,
            advice: advice(subject, by, status, code(headers)),
        }
        .into(),
        404 if by.is_hub => DownloadError::NotFound {
            what: missing(subject, code(headers)),
        }
        .into(),
        _ => plain().into(),
    }
}

/// The hub's own name for what is wrong.
fn code(headers: &HeaderMap) -> &str {
    text(headers, "x-error-code").unwrap_or_default()
}

fn too_many(wait: Option<Duration>) -> DownloadError {
    let advice = match wait {
        Some(wait) => format!(" and takes more in {} s", wait.as_secs()),
        None => String::new(),
    };
    DownloadError::TooManyRequests { advice }
}

fn advice(subject: Subject<'_>, by: Answerer<'_>, status: u16, code: &str) -> String {
    let id = &subject.reference.id;
    let page = format!("{}/{id}", by.endpoint);
    match (by.has_token, status) {
        (false, _) if code == "GatedRepo" => {
            format!("accept its conditions at {page}, and set `HF_TOKEN` to a token of that account")
        }
        (false, _) => format!(
            "`{id}` does not exist, or is private or gated; check the ID, or set `HF_TOKEN` to a token that may read it"
        ),
        (true, 401) if code != "GatedRepo" => {
            "it does not accept the token in `HF_TOKEN` (or the token file in `HF_HOME`)".to_owned()
        }
        (true, _) => {
            format!(
                "the token may not read `{id}`; see {page} for its conditions, and whether the token covers it"
            )
        }
    }
}

fn missing(subject: Subject<'_>, code: &str) -> String {
    let Subject { reference, file } = subject;
    let (id, revision) = (&reference.id, reference.revision());
    match (code, file) {
        ("RepoNotFound", _) => format!("there is no repository `{id}`"),
        ("RevisionNotFound", _) => format!("`{id}` has no revision `{revision}`"),
        (_, Some(file)) => format!("`{id}` has no file `{file}` at revision `{revision}`"),
        (_, None) => format!("there is no repository `{id}`, or it has no revision `{revision}`"),
    }
}

/// How long a server wants us to wait: `Retry-After` in seconds or as a date, or the `t` of `RateLimit`.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let after = text(headers, "retry-after").and_then(|text| {
        let date = || {
            let date = DateTimeParser::new().parse_timestamp(text).ok()?;
            Some(
                date.as_second()
                    .saturating_sub(Timestamp::now().as_second())
                    .max(0)
                    .unsigned_abs(),
            )
        };
        text.trim().parse().ok().or_else(date)
    });
    let limit = || {
        let fields = text(headers, "ratelimit")?.split(';');
        fields
            .filter_map(|field| field.trim().strip_prefix("t="))
            .find_map(|time| time.parse().ok())
    };
    after.or_else(limit).map(Duration::from_secs)
}

/// A header's value, where it is text.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(name: &'static str, value: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        asked_wait(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn servers_ask_for_time_in_three_ways() {
        assert_eq!(wait("retry-after", "7"), Some(7));
        assert_eq!(wait("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(0));
        let later = Timestamp::now().as_second() + 3600;
        let later = Timestamp::from_second(later)
            .unwrap()
            .strftime("%a, %d %b %Y %H:%M:%S GMT");
        assert!((3590..=3600).contains(&wait("retry-after", &later.to_string()).unwrap()));
        assert_eq!(wait("ratelimit", "\"api\";r=0;t=55"), Some(55));
        for value in ["-1", "soon", ""] {
            assert_eq!(wait("retry-after", value), None, "{value}");
        }
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let reference: Reference = "a/b@v2".parse().unwrap();
        let said = |status, code: &str, has_token, file| {
            let mut headers = HeaderMap::new();
            headers.insert("x-error-code", code.parse().unwrap());
            let by = Answerer {
                host: "hub.example",
                is_hub: true,
                endpoint: "https://hub.example",
                has_token,
            };
            let subject = Subject {
                reference: &reference,
                file,
            };
            match refusal(subject, by, status, &headers) {
                Fault::Lasting(error) => error.to_string(),
                fault => panic!("expected a lasting fault, found {fault:?}"),
            }
        };
        for (said, expected) in [
            (
                said(401, "", false, None),
                "set `HF_TOKEN` to a token that may read it",
            ),
            (
                said(401, "GatedRepo", false, None),
                "accept its conditions at https://hub.example/a/b",
            ),
            (
                said(401, "", true, None),
                "does not accept the token in `HF_TOKEN`",
            ),
            (said(403, "GatedRepo", true, None), "the token may not read `a/b`"),
            (
                said(404, "RepoNotFound", false, None),
                "there is no repository `a/b`, says the hub (404)",
            ),
            (
                said(404, "RevisionNotFound", false, None),
                "`a/b` has no revision `v2`",
            ),
            (
                said(404, "EntryNotFound", false, Some("x.json")),
                "has no file `x.json` at revision `v2`",
            ),
            (
                said(404, "", false, None),
                "there is no repository `a/b`, or it has no revision `v2`",
            ),
            (said(418, "", false, None), "`hub.example` answers 418"),
        ] {
            assert!(said.contains(expected), "expected `{expected}` in `{said}`");
        }
    }
}
