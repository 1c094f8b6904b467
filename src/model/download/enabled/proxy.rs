//! The proxies that the environment names.

use ureq::Proxy;

use super::settings::variable;
use super::url::Origin;
use crate::Error;

/// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in small or capital letters.
pub(super) struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    except: Vec<String>,
}

impl Proxies {
    pub(super) fn from_env() -> Result<Self, Error> {
        let except = either("no_proxy").map_or(String::new(), |(_, value)| value);
        Ok(Self {
            https: proxy("https_proxy")?,
            http: proxy("http_proxy")?,
            except: exceptions(&except),
        })
    }

    /// The proxy on the way to a server, if there is one.
    pub(super) fn to(&self, origin: &Origin) -> Option<&Proxy> {
        if self.except.iter().any(|pattern| is_excepted(pattern, origin)) {
            return None;
        }
        if origin.scheme == "https" {
            self.https.as_ref()
        } else {
            self.http.as_ref()
        }
    }
}

/// A variable in small letters, else in capitals, with the name it was found under.
fn either(name: &str) -> Option<(String, String)> {
    [name.to_owned(), name.to_uppercase()]
        .into_iter()
        .find_map(|name| variable(&name).map(|value| (name, value)))
}

fn proxy(name: &str) -> Result<Option<Proxy>, Error> {
    let Some((name, value)) = either(name).or_else(|| either("all_proxy")) else {
        return Ok(None);
    };
    // A proxy that is not understood must not be gone around. It may hold a password.
    let message = format!("`{name}`: expected an address such as `http://proxy:3128`, found something else");
    Proxy::new(value.trim())
        .map(Some)
        .map_err(|_| Error::Config(message))
}

fn exceptions(list: &str) -> Vec<String> {
    let patterns = list.split(',').map(|pattern| pattern.trim().to_lowercase());
    patterns.filter(|pattern| !pattern.is_empty()).collect()
}

/// A pattern is `*`, a host, or a domain with all below it (`.example.org` and `*.example.org` too), with
/// or without a port.
fn is_excepted(pattern: &str, origin: &Origin) -> bool {
    let port = format!(":{}", origin.port);
    let pattern = pattern.strip_suffix(&port).unwrap_or(pattern);
    let domain = pattern.trim_start_matches('*').trim_start_matches('.');
    pattern == "*"
        || origin.host == domain
        || (!domain.is_empty() && origin.host.ends_with(&format!(".{domain}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_name_hosts_domains_and_ports() {
        let origin = Origin::of(&"https://hub.example.org/x".parse().unwrap()).unwrap();
        let excepted = |list: &str| {
            exceptions(list)
                .iter()
                .any(|pattern| is_excepted(pattern, &origin))
        };
        for list in [
            "*",
            "hub.example.org",
            " a , Example.org ",
            ".example.org",
            "*.example.org",
            "example.org:443",
        ] {
            assert!(excepted(list), "{list}");
        }
        for list in [
            "",
            "ample.org",
            "example.org:80",
            "x.hub.example.org",
            "example",
            "*.",
        ] {
            assert!(!excepted(list), "{list}");
        }
    }
}
