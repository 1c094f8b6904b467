//! A hub on loopback: it speaks the part of the hub's HTTP that a pull needs, and fails as it is told.
//!
//! It listens on two ports, as a hub has two kinds of servers: its own, which knows of repositories, and
//! one that large files come from, by a redirection.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use diglot::provenance::sha256;
use serde_json::json;
use sha1::{Digest, Sha1};

use crate::replies::{Reply, Trouble};
use crate::{MARIAN, NER, WEIGHTS};

/// A hub, which answers as long as the program runs.
pub struct Hub {
    pub address: SocketAddr,
    pub storage: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    storage: String,
    /// The commits of a repository, the last one last.
    repositories: BTreeMap<String, Vec<Commit>>,
    rules: Vec<Rule>,
    requests: Vec<Request>,
    token: Option<String>,
    closed: bool,
}

struct Commit {
    name: String,
    branch: String,
    files: BTreeMap<String, Vec<u8>>,
}

/// What happens to the next requests of a kind.
struct Rule {
    part: String,
    times: usize,
    trouble: Trouble,
}

/// A request that came in, and how much of a body it was sent.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub from_storage: bool,
    pub sent: u64,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

impl Hub {
    /// A hub without repositories.
    pub fn empty() -> Self {
        let own = TcpListener::bind("127.0.0.1:0").unwrap();
        let storage = TcpListener::bind("127.0.0.1:0").unwrap();
        let hub = Self {
            address: own.local_addr().unwrap(),
            storage: storage.local_addr().unwrap(),
            state: Arc::default(),
        };
        hub.state().storage = format!("http://{}", hub.storage);
        for (listener, from_storage) in [(own, false), (storage, true)] {
            let state = Arc::clone(&hub.state);
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let state = Arc::clone(&state);
                    // A client that goes away while it is answered is part of the tests.
                    thread::spawn(move || serve(stream, &state, from_storage));
                }
            });
        }
        hub
    }

    /// A hub with two tiny models of random weights: [`NER`] and [`MARIAN`].
    pub fn new() -> Self {
        let hub = Self::empty();
        hub.commit(NER, "main", ner());
        hub.commit(MARIAN, "main", marian());
        hub
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Makes a commit on a branch; its name.
    pub fn commit(&self, id: &str, branch: &str, files: BTreeMap<String, Vec<u8>>) -> String {
        let mut state = self.state();
        let commits = state.repositories.entry(id.to_owned()).or_default();
        let name = git_hash(format!("{id} {branch} {}", commits.len()).as_bytes());
        commits.push(Commit {
            name: name.clone(),
            branch: branch.to_owned(),
            files,
        });
        name
    }

    /// What the last commit on `main` is called.
    pub fn head(&self, id: &str) -> String {
        self.state().repositories[id].last().unwrap().name.clone()
    }

    /// Lets the next `times` requests go wrong whose first line (`GET /...`) has this part.
    pub fn trouble(&self, part: &str, times: usize, trouble: Trouble) {
        self.state().rules.push(Rule {
            part: part.to_owned(),
            times,
            trouble,
        });
    }

    /// From now on the hub answers those alone who show this token.
    pub fn protect(&self, token: &str) {
        self.state().token = Some(token.to_owned());
    }

    /// From now on every connection is closed at once.
    pub fn close(&self) {
        self.state().closed = true;
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// The requests for contents whose path has this part.
    pub fn gets(&self, part: &str) -> Vec<Request> {
        let requests = self.requests().into_iter();
        requests
            .filter(|request| request.method == "GET" && request.path.contains(part))
            .collect()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        self.state().requests.clear();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Answers one request; the connection is closed after it.
fn serve(stream: TcpStream, state: &Mutex<State>, from_storage: bool) -> Option<()> {
    if lock(state).closed {
        return None;
    }
    let request = read(&stream, from_storage)?;
    let (reply, index) = {
        let mut state = lock(state);
        let reply = state.answer(&request);
        state.requests.push(request.clone());
        (reply, state.requests.len() - 1)
    };
    let head = request.method == "HEAD";
    reply.send(&stream, head, &mut |bytes| {
        // It may have been forgotten in the meantime.
        if let Some(request) = lock(state).requests.get_mut(index) {
            request.sent += bytes;
        }
    });
    Some(())
}

fn read(stream: &TcpStream, from_storage: bool) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let headers = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    });
    Some(Request {
        method,
        path,
        headers: headers.collect(),
        from_storage,
        sent: 0,
    })
}

impl State {
    fn answer(&mut self, request: &Request) -> Reply {
        let mut reply = self.regular(request);
        let line = format!("{} {}", request.method, request.path);
        let mut rules = self.rules.iter_mut();
        let rule = rules.find(|rule| rule.times > 0 && line.contains(&rule.part));
        if let Some(rule) = rule {
            rule.times -= 1;
            rule.trouble.spoil(&mut reply);
        }
        reply
    }

    fn regular(&self, request: &Request) -> Reply {
        let path = request.path.split('?').next().unwrap_or_default();
        if request.from_storage {
            let hash = path.trim_start_matches("/blobs/");
            let found = self.files().find(|content| sha256(content) == hash);
            return found.map_or(Reply::status(404), |content| {
                Reply::content(content, request.header("range")).header("ETag", "\"none-of-yours\"")
            });
        }
        let shown = request.header("authorization");
        if self
            .token
            .as_ref()
            .is_some_and(|token| shown != Some(&format!("Bearer {token}")))
        {
            return Reply::status(401);
        }
        if let Some(path) = path.strip_prefix("/api/models/") {
            return self.listing(path);
        }
        if let Some(path) = path.strip_prefix("/cache/") {
            return self.resolve(path, request, true);
        }
        self.resolve(path.trim_start_matches('/'), request, false)
    }

    fn files(&self) -> impl Iterator<Item = &Vec<u8>> {
        let commits = self.repositories.values().flatten();
        commits.flat_map(|commit| commit.files.values())
    }

    fn commit(&self, id: &str, revision: &str) -> Option<&Commit> {
        let mut commits = self.repositories.get(id)?.iter().rev();
        commits.find(|commit| commit.branch == revision || commit.name == revision)
    }

    fn listing(&self, path: &str) -> Reply {
        let Some((id, revision)) = path.split_once("/revision/") else {
            return Reply::status(404);
        };
        if !self.repositories.contains_key(id) {
            return Reply::status(404).header("X-Error-Code", "RepoNotFound");
        }
        let Some(commit) = self.commit(id, &revision.replace("%2F", "/")) else {
            return Reply::status(404).header("X-Error-Code", "RevisionNotFound");
        };
        let siblings: Vec<_> = commit
            .files
            .keys()
            .map(|name| json!({"rfilename": name}))
            .collect();
        let listing = json!({"id": id, "sha": commit.name, "siblings": siblings});
        Reply::content(listing.to_string().as_bytes(), None)
    }

    /// A file by its commit. Large ones lie elsewhere; small ones are found by a second question.
    fn resolve(&self, path: &str, request: &Request, is_second: bool) -> Reply {
        let found = path.split_once("/resolve/").and_then(|(id, rest)| {
            let (revision, name) = rest.split_once('/')?;
            let commit = self.commit(id, revision)?;
            Some((commit, commit.files.get(name)?))
        });
        let Some((commit, content)) = found else {
            return Reply::status(404).header("X-Error-Code", "EntryNotFound");
        };
        let is_large = content.len() > 50_000;
        let reply = if is_large {
            let hash = sha256(content);
            Reply::redirect(&format!("{}/blobs/{hash}?signature=x", self.storage))
                .header("X-Linked-Etag", &format!("\"{hash}\""))
                .header("X-Linked-Size", &content.len().to_string())
        } else if is_second {
            Reply::content(content, request.header("range"))
                .header("ETag", &format!("W/\"{}\"", git_hash(content)))
        } else {
            Reply::redirect(&format!("/cache/{path}"))
        };
        reply.header("X-Repo-Commit", &commit.name)
    }
}

/// What Git calls a file.
pub fn git_hash(content: &[u8]) -> String {
    let mut hasher = Sha1::new_with_prefix(format!("blob {}\0", content.len()));
    hasher.update(content);
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The files of an entity model, and some that a pull has no use for.
pub fn ner() -> BTreeMap<String, Vec<u8>> {
    let mut files = files("bert", &["config.json", "tokenizer.json", WEIGHTS]);
    files.insert(
        "README.md".to_owned(),
        b"---\nlicense: mit\n---\n# A model for tests\n".to_vec(),
    );
    files.insert(
        ".gitattributes".to_owned(),
        b"*.safetensors filter=lfs\n".to_vec(),
    );
    files.insert("tf_model.h5".to_owned(), vec![7; 60_000]);
    files.insert("onnx/model.onnx".to_owned(), vec![8; 60_000]);
    files
}

/// The files of a translation model.
fn marian() -> BTreeMap<String, Vec<u8>> {
    let mut files = files("marian", &["config.json", "vocab.json", WEIGHTS]);
    for (name, from) in [("source.spm", "unigram.spm"), ("target.spm", "target.spm")] {
        files.insert(name.to_owned(), fixture("spm", from));
    }
    files
}

fn files(directory: &str, names: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let file = |name: &&str| ((*name).to_owned(), fixture(directory, name));
    names.iter().map(file).collect()
}

/// A file of the fixtures.
pub fn fixture(directory: &str, name: &str) -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/engine");
    std::fs::read(fixtures.join(directory).join(name)).unwrap()
}

/// A model whose weights are so many bytes, all different from those of another `seed`.
pub fn large(bytes: usize, seed: u32) -> BTreeMap<String, Vec<u8>> {
    let mut files = ner();
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    files.insert(WEIGHTS.to_owned(), (0..bytes).map(|_| next()).collect());
    files
}
