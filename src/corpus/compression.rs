//! Byte streams: counted, decompressed, and looked into before they are read.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

/// A stream of bytes that can be handed to another thread.
pub(super) type Stream = Box<dyn Read + Send>;

/// Bytes of a buffer in front of files and decoders.
const BUFFER: usize = 1 << 16;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    /// What the first bytes say: RFC 1952 (with deflate, the only method) and RFC 8878 (a frame, or
    /// one of the skippable frames that may come before it).
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// The stream that `input` holds, and how it was compressed. All members of a gzip file and all
/// frames of a zstd file are read. Errors of the compressed data are of the kind
/// [`io::ErrorKind::InvalidData`].
pub(super) fn decompressed(input: Stream) -> io::Result<(Stream, Option<Compression>)> {
    let (head, input) = peek(input, 4)?;
    let Some(compression) = Compression::of(&head) else {
        return Ok((input, None));
    };
    let input = BufReader::with_capacity(BUFFER, input);
    let decoder: Stream = match compression {
        Compression::Gzip => Box::new(MultiGzDecoder::new(input)),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input)?),
    };
    let checked = Checked { decoder, compression };
    Ok((Box::new(checked), Some(compression)))
}

/// The first bytes of a stream, `length` of them where there are so many, and the stream from its
/// beginning.
pub(super) fn peek(mut input: Stream, length: usize) -> io::Result<(Vec<u8>, Stream)> {
    let mut head = Vec::new();
    // A stream that fails in its first bytes is looked at for as far as it goes; who reads on meets
    // the error again.
    let read = input.by_ref().take(length as u64).read_to_end(&mut head);
    if head.is_empty() {
        read?;
    }
    Ok((head.clone(), Box::new(Cursor::new(head).chain(input))))
}

/// A stream with a buffer for reading lines.
pub(super) fn buffered(input: Stream) -> Box<dyn BufRead + Send> {
    Box::new(BufReader::with_capacity(BUFFER, input))
}

/// Counts the bytes that are read through it.
pub(super) struct Counted<R> {
    pub(super) input: R,
    pub(super) count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.count.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// Tells errors of compressed data from those of the system.
struct Checked {
    decoder: Stream,
    compression: Compression,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer).map_err(|error| {
            if error.raw_os_error().is_some() || error.kind() == io::ErrorKind::Interrupted {
                return error;
            }
            let name = self.compression.name();
            let message = match error.kind() {
                io::ErrorKind::UnexpectedEof => format!("the {name} data is cut off"),
                _ => format!("the {name} data is damaged: {error}"),
            };
            io::Error::new(io::ErrorKind::InvalidData, message)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).unwrap()
    }

    /// What is read before the end or an error, and the error.
    fn read(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
        let (mut stream, _) = decompressed(Box::new(Cursor::new(bytes.to_vec()))).unwrap();
        let mut out = Vec::new();
        let mut buffer = [0; 64];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => return (out, None),
                Ok(length) => out.extend_from_slice(&buffer[..length]),
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
                    return (out, Some(error.to_string()));
                }
            }
        }
    }

    #[test]
    fn all_members_and_frames_are_read() {
        assert_eq!(read(b"plain"), (b"plain".to_vec(), None));
        assert_eq!(read(b""), (Vec::new(), None));
        assert_eq!(read(b"\x1f"), (b"\x1f".to_vec(), None));
        assert_eq!(
            read(&[gzip(b"one "), gzip(b"two")].concat()),
            (b"one two".to_vec(), None)
        );
        assert_eq!(
            read(&[zstd(b"one "), zstd(b"two")].concat()),
            (b"one two".to_vec(), None)
        );
        let skippable = b"\x50\x2a\x4d\x18\x02\0\0\0xx".to_vec();
        assert_eq!(read(&[skippable, zstd(b"one")].concat()), (b"one".to_vec(), None));
        assert_eq!(read(&gzip(b"")), (Vec::new(), None));
    }

    #[test]
    fn what_comes_before_damage_is_read() {
        let text: Vec<u8> = (0..400_000u32)
            .flat_map(|n| n.wrapping_mul(n).to_le_bytes())
            .collect();
        for compressed in [gzip(&text), zstd(&text)] {
            let (read, error) = read(&compressed[..compressed.len() - 10]);
            assert!(text.starts_with(&read) && read.len() > text.len() / 2);
            assert!(error.unwrap().ends_with("is cut off"));
        }
        let (_, error) = read(b"\x28\xb5\x2f\xfdnonsense");
        assert!(error.unwrap().starts_with("the zstd data is damaged: "));
        let (one, error) = read(&[gzip(b"one"), b"nonsense, and more of it".to_vec()].concat());
        assert_eq!(one, b"one");
        assert!(error.unwrap().starts_with("the gzip data is damaged: "));
    }

    #[test]
    fn a_look_at_the_beginning_takes_nothing_away() {
        let (head, mut rest) = peek(Box::new(&b"abcdef"[..]), 4).unwrap();
        let mut all = String::new();
        rest.read_to_string(&mut all).unwrap();
        assert_eq!((head.as_slice(), all.as_str()), (&b"abcd"[..], "abcdef"));
        assert_eq!(peek(Box::new(&b"ab"[..]), 4).unwrap().0, b"ab");
    }
}
