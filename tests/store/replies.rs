//! Answers of the hub, and how they go wrong.

use std::io::Write;
use std::net::TcpStream;
use std::thread::sleep;
use std::time::Duration;

/// An answer.
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    way: Way,
}

/// How a body is sent.
#[derive(Clone, Copy)]
enum Way {
    Whole,
    /// So many bytes of it; then the connection is closed.
    Cut(usize),
    /// So many bytes of it; then nothing for a time.
    Stalled(usize, Duration),
    /// In pieces of so many bytes, with a pause after each.
    Slow(usize, Duration),
}

/// What goes wrong with an answer.
#[derive(Clone)]
pub enum Trouble {
    /// Another status, with a header.
    Status(u16, &'static str, &'static str),
    /// The connection is closed after so many bytes of the body.
    CutAfter(usize),
    /// Nothing more comes after so many bytes of the body, but the connection stays.
    StallAfter(usize, Duration),
    /// The body comes in small pieces.
    Slow(usize, Duration),
    /// A byte of the body is another.
    Flip(usize),
    /// The body has more bytes than it should, and says so.
    Longer,
    /// A range is asked for, and all is sent.
    All(Vec<u8>),
    /// A part is sent that begins elsewhere.
    WrongRange,
    /// The body is this.
    Body(&'static str),
    /// A header is missing, or another.
    Header(&'static str, Option<String>),
}

impl Trouble {
    pub fn status(status: u16) -> Self {
        Self::Status(status, "X-None", "")
    }

    /// Applies it to an answer that was right.
    pub fn spoil(&self, reply: &mut Reply) {
        match self {
            Self::Status(status, name, value) => *reply = Reply::status(*status).header(name, value),
            Self::CutAfter(bytes) => reply.way = Way::Cut(*bytes),
            Self::StallAfter(bytes, time) => reply.way = Way::Stalled(*bytes, *time),
            Self::Slow(bytes, pause) => reply.way = Way::Slow(*bytes, *pause),
            Self::Flip(index) => reply.body[*index] ^= 1,
            Self::Longer => reply.body.extend([0; 100]),
            Self::All(content) => *reply = Reply::content(content, None),
            Self::WrongRange => reply.set("Content-Range", Some("bytes 1-2/3".to_owned())),
            Self::Body(body) => reply.body = body.as_bytes().to_vec(),
            Self::Header(name, value) => reply.set(name, value.clone()),
        }
    }
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            way: Way::Whole,
        }
    }

    pub fn redirect(to: &str) -> Self {
        Self::status(302).header("Location", to)
    }

    /// A content, or the part of it that a `Range` names.
    pub fn content(content: &[u8], range: Option<&str>) -> Self {
        let from = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
        let mut reply = Self::status(200);
        let from: usize = from.unwrap_or(0);
        if from >= content.len() && from > 0 {
            return Self::status(416);
        }
        if range.is_some() {
            let (last, all) = (content.len() - 1, content.len());
            reply = Self::status(206).header("Content-Range", &format!("bytes {from}-{last}/{all}"));
        }
        reply.body = content[from..].to_vec();
        reply
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.set(name, Some(value.to_owned()));
        self
    }

    fn set(&mut self, name: &str, value: Option<String>) {
        self.headers.retain(|(old, _)| old != name);
        self.headers.extend(value.map(|value| (name.to_owned(), value)));
    }

    /// Sends it, and tells how many bytes of the body went out. What the client makes of it is its affair.
    pub fn send(&self, mut stream: &TcpStream, only_head: bool, sent: &mut dyn FnMut(u64)) {
        let mut head = format!("HTTP/1.1 {} Told\r\nConnection: close\r\n", self.status);
        head += &format!("Content-Length: {}\r\n", self.body.len());
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if stream.write_all((head + "\r\n").as_bytes()).is_err() || only_head {
            return;
        }
        let (end, piece) = match self.way {
            Way::Whole => (self.body.len(), self.body.len()),
            Way::Cut(end) | Way::Stalled(end, _) => (end.min(self.body.len()), end),
            Way::Slow(piece, _) => (self.body.len(), piece),
        };
        for part in self.body[..end].chunks(piece.max(1)) {
            if stream.write_all(part).is_err() {
                return;
            }
            sent(part.len() as u64);
            if let Way::Slow(_, pause) = self.way {
                sleep(pause);
            }
        }
        if let Way::Stalled(_, time) = self.way {
            sleep(time);
        }
    }
}
