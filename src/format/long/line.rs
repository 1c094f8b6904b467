//! A line that is read as a stream.

use std::io::{self, BufRead, Read};

use sha2::{Digest, Sha256};

/// What is left of a line, of which some was read already. At its end there is nothing more to read.
///
/// An error of the input ends the line and is kept: a reader of JSON would make a message of it.
pub(crate) struct Line<'a> {
    start: &'a [u8],
    input: &'a mut dyn BufRead,
    /// Whether the line feed, the end of the input or an error was met.
    ended: bool,
    failed: Option<io::Error>,
    /// How many bytes there were, without the line feed, and how many there may be.
    bytes: usize,
    limit: usize,
    hasher: Sha256,
}

/// How a line was, seen from its end.
pub(crate) struct LineEnd {
    pub(crate) bytes: usize,
    /// Whether it was longer than it may be; its bytes are then not all counted.
    pub(crate) too_long: bool,
    /// Of all its bytes.
    pub(crate) hasher: Sha256,
}

impl<'a> Line<'a> {
    /// The line that begins with `start` and goes on in `input`, of at most `limit` bytes.
    pub(crate) fn new(start: &'a [u8], input: &'a mut dyn BufRead, limit: usize) -> Self {
        Self {
            start,
            input,
            ended: false,
            failed: None,
            bytes: 0,
            limit,
            hasher: Sha256::new(),
        }
    }

    /// Passes over what was not read of the line.
    ///
    /// # Errors
    ///
    /// When the input could not be read.
    pub(crate) fn end(mut self) -> io::Result<LineEnd> {
        let mut buffer = [0; 1 << 13];
        while self.read(&mut buffer)? > 0 {}
        if let Some(error) = self.failed {
            return Err(error);
        }
        let too_long = self.bytes > self.limit;
        if !self.ended {
            self.input.skip_until(b'\n')?;
        }
        Ok(LineEnd {
            bytes: self.bytes,
            too_long,
            hasher: self.hasher,
        })
    }

    fn count(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.hasher.update(bytes);
    }
}

impl Read for Line<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || self.bytes > self.limit || buffer.is_empty() {
            return Ok(0);
        }
        if !self.start.is_empty() {
            let read = self.start.read(buffer)?;
            self.count(&buffer[..read]);
            return Ok(read);
        }
        let filled = match self.input.fill_buf() {
            Ok(filled) => filled,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                self.failed = Some(error);
                self.ended = true;
                return Ok(0);
            }
        };
        let length = filled.len().min(buffer.len());
        let end = filled[..length].iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(length);
        buffer[..taken].copy_from_slice(&filled[..taken]);
        self.ended = end.is_some() || filled.is_empty();
        self.input.consume(taken + usize::from(end.is_some()));
        self.count(&buffer[..taken]);
        Ok(taken)
    }
}
