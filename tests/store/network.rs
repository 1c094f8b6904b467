//! Tokens, proxies, and answers that are no content.

use std::io::{BufRead, BufReader, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::NER;
use crate::place::Place;
use crate::replies::Trouble;

#[test]
fn without_a_token_the_error_says_to_set_one() {
    let here = Place::new();
    here.hub.protect("hf_secret");
    here.refused(
        &[NER],
        &[
            NER,
            "the hub refuses it (401)",
            "set `HF_TOKEN` to a token that may read it",
        ],
    );
}

#[test]
fn a_token_opens_what_is_private_and_is_shown_to_the_hub_alone() {
    let here = Place::new();
    here.hub.protect("hf_secret");
    let ran = here.run_with(&["models", "pull", NER], &[("HF_TOKEN", "hf_secret")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for request in here.hub.requests() {
        let shown = request.header("authorization");
        let expected = (!request.from_storage).then_some("Bearer hf_secret");
        assert_eq!(shown, expected, "{}", request.path);
    }
    assert!(here.hub.requests().iter().any(|request| request.from_storage));
}

#[test]
fn the_token_of_a_login_is_used_too() {
    let here = Place::new();
    here.hub.protect("hf_secret");
    std::fs::write(here.store().with_file_name("token"), "hf_secret\n").unwrap();
    here.pulled(NER);
}

#[test]
fn a_wrong_token_is_named_but_not_shown() {
    let here = Place::new();
    here.hub.protect("hf_secret");
    let ran = here.run_with(&["models", "pull", NER], &[("HF_TOKEN", "hf_wrong")]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("it does not accept the token in `HF_TOKEN`"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("hf_wrong"), "{}", ran.stderr);
}

#[test]
fn conditions_to_accept_are_named() {
    let here = Place::new();
    here.hub.trouble(
        "/api/models/",
        1,
        Trouble::Status(403, "X-Error-Code", "GatedRepo"),
    );
    here.refused(
        &[NER],
        &["(403)", "accept its conditions at http://127.0.0.1", NER],
    );
}

#[test]
fn what_is_not_there_is_told_apart() {
    let here = Place::new();
    here.refused(
        &["newsroom/nothing"],
        &["there is no repository `newsroom/nothing`", "(404)"],
    );
    here.refused(
        &[NER, "--revision", "v9"],
        &[&format!("`{NER}` has no revision `v9`"), "(404)"],
    );
    here.hub.trouble(
        "HEAD /newsroom/tiny-ner/resolve/",
        1,
        Trouble::Status(404, "X-Error-Code", "EntryNotFound"),
    );
    here.refused(&[NER], &["has no file `config.json` at revision `main`", "(404)"]);
    assert!(!here.repository("newsroom/nothing").exists());
}

#[test]
fn too_many_requests_are_waited_out() {
    let here = Place::new();
    here.hub
        .trouble("/api/models/", 1, Trouble::Status(429, "Retry-After", "1"));
    here.hub.trouble(
        "GET /cache/",
        1,
        Trouble::Status(429, "RateLimit", "\"resolvers\";r=0;t=1"),
    );
    let ran = here.pulled(NER);
    assert_eq!(
        ran.stderr
            .matches("takes more in 1 s; trying again in 1.0 s")
            .count(),
        2,
        "{}",
        ran.stderr
    );
}

#[test]
fn a_wait_that_is_too_long_is_told_instead() {
    let here = Place::new();
    here.hub
        .trouble("/api/models/", 9, Trouble::Status(429, "Retry-After", "86400"));
    here.refused(&[NER], &["too many requests (429) and takes more in 86400 s"]);
    assert_eq!(here.hub.requests().len(), 1);
}

#[test]
fn servers_that_fail_for_a_while_are_asked_again() {
    let here = Place::new();
    here.hub
        .trouble("/api/models/", 1, Trouble::Status(503, "Retry-After", "0"));
    here.hub
        .trouble("HEAD /", 1, Trouble::Status(502, "Retry-After", "0"));
    here.hub
        .trouble("GET /blobs/", 1, Trouble::Status(500, "Retry-After", "0"));
    // The permission for the storage has run out; the hub gives a new one.
    here.hub.trouble("GET /blobs/", 1, Trouble::status(403));
    let ran = here.pulled(NER);
    for status in ["503", "502", "500", "403"] {
        let said = format!("answers {status}; trying again");
        assert!(ran.stderr.contains(&said), "expected `{said}` in {}", ran.stderr);
    }
}

#[test]
fn servers_that_go_on_failing_are_given_up() {
    let here = Place::new();
    here.hub
        .trouble("/api/models/", 9, Trouble::Status(503, "Retry-After", "0"));
    here.refused(&[NER, "--retries", "2"], &["`127.0.0.1` answers 503"]);
    assert_eq!(here.hub.requests().len(), 3);
}

#[test]
fn a_hub_that_is_not_there_is_named() {
    let here = Place::new();
    here.hub.close();
    here.refused(&[NER, "--retries", "0"], &["`127.0.0.1` cannot be reached: "]);
    // A port where nobody listens.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let ran = here.run_with(
        &["models", "pull", NER, "--retries", "0"],
        &[("HF_ENDPOINT", &endpoint)],
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("`127.0.0.1` cannot be reached: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_server_without_tls_is_no_secure_one() {
    let here = Place::new();
    let endpoint = format!("https://{}", here.hub.address);
    let ran = here.run_with(
        &["models", "pull", NER, "--retries", "0"],
        &[("HF_ENDPOINT", &endpoint)],
    );
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("`127.0.0.1` cannot be reached: "),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_address_that_is_none_is_refused() {
    let here = Place::new();
    for (name, value) in [
        ("HF_ENDPOINT", "ftp://hub.example"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "soon"),
        ("HTTPS_PROXY", "http://user:pass word@"),
        ("SSL_CERT_FILE", "/nowhere.pem"),
    ] {
        let ran = here.run_with(&["models", "pull", NER], &[(name, value)]);
        assert_eq!(ran.code, 2, "{name}");
        assert!(
            ran.stderr.contains(name) || ran.stderr.contains(value),
            "{name}: {}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("pass word"), "{}", ran.stderr);
    }
    assert!(here.hub.requests().is_empty());
}

#[test]
fn a_server_that_is_no_hub_is_found_out() {
    let here = Place::new();
    here.hub.trouble(
        "/api/models/",
        1,
        Trouble::Body("<html>Sign in to the hotel's network</html>"),
    );
    here.refused(
        &[NER],
        &["does not answer as a hub does: expected a list of files"],
    );
    here.hub.trouble(
        "/api/models/",
        1,
        Trouble::Body(r#"{"sha": "../../../x", "siblings": []}"#),
    );
    here.refused(&[NER], &["expected a commit, found `../../../x`"]);
    here.hub.trouble(
        "/api/models/",
        20,
        Trouble::Status(302, "Location", "/api/models/newsroom/tiny-ner/revision/main"),
    );
    here.refused(&[NER], &["expected at most 10 redirections, found more"]);
    assert!(!here.repository(NER).join("diglot.lock").exists());
}

/// A proxy that makes tunnels, and notes where to.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let targets = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&targets);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let noted = Arc::clone(&noted);
            thread::spawn(move || tunnel(client, &noted));
        }
    });
    (address, targets)
}

fn tunnel(mut client: TcpStream, noted: &Mutex<Vec<String>>) -> Option<()> {
    let mut lines = BufReader::new(client.try_clone().ok()?)
        .lines()
        .map_while(Result::ok);
    let target = lines
        .next()?
        .strip_prefix("CONNECT ")?
        .split(' ')
        .next()?
        .to_owned();
    lines.find(String::is_empty)?;
    noted.lock().unwrap().push(target.clone());
    let mut server = TcpStream::connect(target).ok()?;
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").ok()?;
    let (mut from, mut to) = (client.try_clone().ok()?, server.try_clone().ok()?);
    thread::spawn(move || copy(&mut from, &mut to));
    copy(&mut server, &mut client).ok()?;
    client.shutdown(Shutdown::Both).ok()
}

#[test]
fn the_proxy_of_the_environment_is_used() {
    let here = Place::new();
    let (address, targets) = proxy();
    let ran = here.run_with(&["models", "pull", NER], &[("HTTP_PROXY", &address)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let targets = targets.lock().unwrap();
    for server in [here.hub.address, here.hub.storage] {
        assert!(
            targets.contains(&server.to_string()),
            "{server} should be in {targets:?}"
        );
    }
    assert_eq!(
        targets.len(),
        here.hub.requests().len(),
        "nothing goes around the proxy"
    );
}

#[test]
fn exceptions_from_the_proxy_are_heeded() {
    let here = Place::new();
    let (address, targets) = proxy();
    let environment = [
        ("http_proxy", address.as_str()),
        ("no_proxy", "localhost, 127.0.0.1"),
    ];
    let ran = here.run_with(&["models", "pull", NER], &environment);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(targets.lock().unwrap().is_empty());
}

#[test]
fn a_proxy_for_other_addresses_is_not_used() {
    let here = Place::new();
    let ran = here.run_with(&["models", "pull", NER], &[("HTTPS_PROXY", "http://127.0.0.1:9")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}
