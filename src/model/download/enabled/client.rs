//! HTTP: one request with its redirections.

use std::io;
use std::time::Duration;

use ureq::http::{HeaderMap, Response, StatusCode, Uri};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body};

use super::super::DownloadError;
use super::refusal::{Answerer, Subject, refusal, text};
use super::retry::Fault;
use super::settings::Settings;
use super::url::{Origin, join};
use crate::provenance::VERSION;

/// How many redirections in a row are followed.
const MOST_REDIRECTIONS: usize = 10;

/// Speaks HTTP with the hub, and with those that it sends us to.
pub(super) struct Client {
    agent: Agent,
    pub(super) settings: Settings,
}

/// What is wanted of an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// What the hub says of it.
    Head,
    /// Its content, which is short.
    Answer,
    /// Its content from this byte on.
    File(u64),
}

/// An answer, after all redirections.
pub(super) struct Answer {
    pub(super) host: String,
    pub(super) facts: Facts,
    pub(super) response: Response<Body>,
}

/// What the hub itself said on the way.
#[derive(Debug, Default)]
pub(super) struct Facts {
    linked_tag: Option<String>,
    tag: Option<String>,
    linked_size: Option<u64>,
    size: Option<u64>,
    commit: Option<String>,
}

impl Facts {
    fn add(&mut self, status: StatusCode, headers: &HeaderMap) {
        let owned = |name| text(headers, name).map(str::to_owned);
        let number = |name| text(headers, name)?.parse().ok();
        self.linked_tag = owned("x-linked-etag").or_else(|| self.linked_tag.take());
        self.linked_size = number("x-linked-size").or(self.linked_size);
        self.commit = owned("x-repo-commit").or_else(|| self.commit.take());
        // Those of a redirection are about the redirection.
        if status.is_success() {
            self.tag = owned("etag");
            self.size = number("content-length");
        }
    }

    /// The commit that the file is of.
    pub(super) fn commit(&self) -> Option<&str> {
        self.commit.as_deref()
    }

    /// The hash of the file, as the hub writes it.
    pub(super) fn tag(&self) -> Option<&str> {
        self.linked_tag.as_deref().or(self.tag.as_deref())
    }

    /// The size of the file. Of an answer with a part of it, this is the size of the part.
    pub(super) fn size(&self) -> Option<u64> {
        self.linked_size.or(self.size)
    }
}

impl Client {
    pub(super) fn new(settings: Settings) -> Self {
        let tls = TlsConfig::builder().root_certs(settings.authorities.clone());
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .proxy(None)
            // Redirections are followed here: the hub says things on the way, and its token is for it alone.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .accept_encoding("identity")
            .user_agent(format!("diglot/{VERSION}"))
            .timeout_connect(Some(settings.answer_timeout))
            .build();
        Self {
            agent: config.new_agent(),
            settings,
        }
    }

    /// Asks for an address. An answer that the range is none (416) counts as a success.
    pub(super) fn ask(&self, url: &str, want: Want, subject: Subject<'_>) -> Result<Answer, Fault> {
        let mut facts = Facts::default();
        let mut uri: Uri = url.parse().map_err(|_| protocol(url, "expected an address"))?;
        for _ in 0..=MOST_REDIRECTIONS {
            let origin = Origin::of(&uri).ok_or_else(|| protocol(url, "expected an address of HTTP"))?;
            let response = self.exchange(&uri, &origin, want)?;
            let is_hub = origin == self.settings.origin;
            if is_hub {
                facts.add(response.status(), response.headers());
            }
            let status = response.status();
            if !status.is_redirection() {
                if status.is_success() || status.as_u16() == 416 {
                    let host = origin.host;
                    return Ok(Answer {
                        host,
                        facts,
                        response,
                    });
                }
                let by = Answerer {
                    host: &origin.host,
                    is_hub,
                    endpoint: &self.settings.endpoint,
                    has_token: self.settings.token.is_some(),
                };
                return Err(refusal(subject, by, status.as_u16(), response.headers()));
            }
            uri = target(&uri, &origin, response.headers())?;
            if want == Want::Head && Origin::of(&uri).as_ref() != Some(&self.settings.origin) {
                // The hub has said what there is to say, and leaves the content to others.
                let host = origin.host;
                return Ok(Answer {
                    host,
                    facts,
                    response,
                });
            }
        }
        let message = format!("expected at most {MOST_REDIRECTIONS} redirections, found more");
        Err(protocol(&self.settings.origin.host, &message))
    }

    fn exchange(&self, uri: &Uri, origin: &Origin, want: Want) -> Result<Response<Body>, Fault> {
        let timeout = self.timeout(want);
        let mut request = match want {
            Want::Head => self.agent.head(uri),
            Want::Answer | Want::File(_) => self.agent.get(uri),
        };
        if let Want::File(from @ 1..) = want {
            request = request.header("Range", format!("bytes={from}-"));
        }
        if let Some(token) = self
            .settings
            .token
            .as_ref()
            .filter(|_| *origin == self.settings.origin)
        {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let proxy = self.settings.proxies.to(origin).cloned();
        let request = request
            .config()
            .proxy(proxy)
            .timeout_per_read(Some(timeout))
            .build();
        request
            .call()
            .map_err(|error| failure(error, &origin.host, timeout))
    }

    /// How long is waited for something to come.
    pub(super) fn timeout(&self, want: Want) -> Duration {
        match want {
            Want::Head | Want::Answer => self.settings.answer_timeout,
            Want::File(_) => self.settings.file_timeout,
        }
    }
}

/// Where a redirection leads; never from an encrypted connection to an open one.
fn target(uri: &Uri, origin: &Origin, headers: &HeaderMap) -> Result<Uri, Fault> {
    let target = text(headers, "location").and_then(|location| join(uri, location));
    let target =
        target.ok_or_else(|| protocol(&origin.host, "expected a redirection with an address, found none"))?;
    if origin.scheme == "https" && target.scheme_str() != Some("https") {
        return Err(protocol(
            &origin.host,
            "expected a redirection to HTTPS, found one to HTTP",
        ));
    }
    Ok(target)
}

pub(super) fn protocol(host: &str, message: &str) -> Fault {
    Fault::Lasting(DownloadError::Protocol {
        host: host.to_owned(),
        message: message.to_owned(),
    })
}

/// The fault of a request that got no answer.
fn failure(error: ureq::Error, host: &str, timeout: Duration) -> Fault {
    let (passes, source) = match error {
        ureq::Error::Timeout(_) => {
            return Fault::passing(DownloadError::Stalled {
                host: host.to_owned(),
                seconds: timeout.as_secs(),
            });
        }
        // A certificate that is not accepted comes this way, and will be refused again.
        ureq::Error::Io(error) => (error.kind() != io::ErrorKind::InvalidData, error),
        error @ (ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::ConnectProxyFailed(_)) => (true, error.into_io()),
        error => (false, error.into_io()),
    };
    let error = DownloadError::Unreachable {
        host: host.to_owned(),
        source,
    };
    if passes {
        Fault::passing(error)
    } else {
        Fault::Lasting(error)
    }
}

/// The fault of a content that stopped coming.
pub(super) fn interruption(error: io::Error, host: &str, timeout: Duration) -> Fault {
    match ureq::Error::from(error) {
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            failure(ureq::Error::Io(io::Error::other(error)), host, timeout)
        }
        error @ (ureq::Error::Timeout(_) | ureq::Error::Io(_)) => failure(error, host, timeout),
        error => failure(ureq::Error::Io(error.into_io()), host, timeout),
    }
}
