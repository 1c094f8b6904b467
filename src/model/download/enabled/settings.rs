//! What the environment says of the hub, in the variables that `huggingface_hub` reads.

use std::env;
use std::fs;
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, parse_pem};

use super::proxy::Proxies;
use super::url::Origin;
use crate::Error;
use crate::model::store::hub_home;

const ENDPOINT: &str = "https://huggingface.co";

/// The time without a byte after which a connection is given up, in seconds, unless said.
const TIMEOUT: u64 = 30;

/// How the hub is reached.
pub(super) struct Settings {
    /// Its address, without a slash at the end.
    pub(super) endpoint: String,
    pub(super) origin: Origin,
    pub(super) token: Option<String>,
    pub(super) offline: bool,
    /// For connections and for answers without a file.
    pub(super) answer_timeout: Duration,
    /// For files.
    pub(super) file_timeout: Duration,
    pub(super) proxies: Proxies,
    pub(super) authorities: RootCerts,
}

impl Settings {
    pub(super) fn from_env() -> Result<Self, Error> {
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let origin = endpoint.parse::<Uri>().ok().as_ref().and_then(Origin::of);
        let origin = origin.ok_or_else(|| {
            let message =
                format!("`HF_ENDPOINT`: expected an address such as `{ENDPOINT}`, found `{endpoint}`");
            Error::Config(message)
        })?;
        Ok(Self {
            endpoint,
            origin,
            token: token()?,
            offline: is_true("HF_HUB_OFFLINE"),
            answer_timeout: seconds("HF_HUB_ETAG_TIMEOUT")?,
            file_timeout: seconds("HF_HUB_DOWNLOAD_TIMEOUT")?,
            proxies: Proxies::from_env()?,
            authorities: authorities()?,
        })
    }
}

/// The value of a variable; one that is empty is not set.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn is_true(name: &str) -> bool {
    variable(name).is_some_and(|value| ["1", "ON", "YES", "TRUE"].contains(&value.to_uppercase().as_str()))
}

fn seconds(name: &str) -> Result<Duration, Error> {
    let Some(value) = variable(name) else {
        return Ok(Duration::from_secs(TIMEOUT));
    };
    let seconds = value.trim().parse().ok().filter(|&seconds: &u64| seconds > 0);
    let message = || format!("`{name}`: expected a number of seconds, found `{value}`");
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| Error::Config(message()))
}

/// `HF_TOKEN`, else what `hf auth login` has left.
fn token() -> Result<Option<String>, Error> {
    let set = variable("HF_TOKEN").or_else(|| variable("HUGGING_FACE_HUB_TOKEN"));
    let token = match set {
        Some(token) => Some(token),
        None => token_file(),
    };
    let Some(token) = token
        .map(|token| token.trim().to_owned())
        .filter(|token| !token.is_empty())
    else {
        return Ok(None);
    };
    if token.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(Some(token));
    }
    // The token itself has no place in a message.
    let message = "`HF_TOKEN`: expected letters, digits and signs, found something else";
    Err(Error::Config(message.to_owned()))
}

fn token_file() -> Option<String> {
    let path = match variable("HF_TOKEN_PATH") {
        Some(path) => path.into(),
        None => hub_home().ok()?.join("token"),
    };
    fs::read_to_string(path).ok()
}

/// Who may vouch for a server: those in the file that a variable names, else those that Mozilla trusts.
fn authorities() -> Result<RootCerts, Error> {
    let variables = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];
    let set = variables.iter().find_map(|name| Some((name, variable(name)?)));
    let Some((name, path)) = set else {
        return Ok(RootCerts::WebPki);
    };
    let pem = fs::read(&path).map_err(|error| Error::io("read", &path, error))?;
    let items = parse_pem(&pem).flatten();
    let certificates: Vec<_> = items
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        let message = format!("`{name}`: expected certificates (PEM) in `{path}`, found none");
        return Err(Error::Config(message));
    }
    Ok(RootCerts::from(certificates))
}
