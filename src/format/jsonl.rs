//! Records as JSON lines.

use std::io::{self, Write};

use super::{Counts, Files, LongRecord, Record, Sink};

/// Writes records as JSON lines: one record a line, in one write each, so that a reader at the
/// other end of a pipe sees whole records as they come.
///
/// ```
/// use diglot::Document;
/// use diglot::corpus::Unreadable;
/// use diglot::format::JsonLinesWriter;
/// use diglot::provenance::Run;
///
/// let missing = Unreadable::new("a.txt", None, "unreadable", "no such file");
/// let mut writer = JsonLinesWriter::new(Vec::new());
/// writer.write(&missing.record(&Run::default()))?;
/// assert!(writer.into_inner().ends_with(b"}\n"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct JsonLinesWriter<W> {
    output: W,
    line: Vec<u8>,
}

impl<W: Write> JsonLinesWriter<W> {
    /// A writer to `output`, which needs no buffer of its own.
    pub fn new(output: W) -> Self {
        Self {
            output,
            line: Vec::new(),
        }
    }

    /// Writes one record.
    ///
    /// # Errors
    ///
    /// When the output cannot be written; a closed pipe is [`io::ErrorKind::BrokenPipe`].
    pub fn write(&mut self, record: &Record) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, record)?;
        self.line.push(b'\n');
        self.output.write_all(&self.line)?;
        self.output.flush()
    }

    /// Writes a record that is too long to be in memory, piece by piece.
    ///
    /// # Errors
    ///
    /// As [`Self::write`], and when a part of it cannot be read back.
    pub fn write_long(&mut self, record: &mut LongRecord) -> io::Result<()> {
        let mut output = io::BufWriter::with_capacity(1 << 16, &mut self.output);
        record.write_json(&mut output)?;
        output.write_all(b"\n")?;
        output.flush()
    }

    /// The output.
    pub fn into_inner(self) -> W {
        self.output
    }
}

/// JSON lines as one of several formats: a file `.jsonl`.
pub struct JsonLinesSink {
    writer: JsonLinesWriter<Box<dyn Write + Send>>,
    records: u64,
}

impl JsonLinesSink {
    /// Creates the file.
    ///
    /// # Errors
    ///
    /// When it cannot be created.
    pub fn open(mut files: Box<dyn Files>) -> io::Result<Box<dyn Sink>> {
        Ok(Box::new(Self {
            writer: JsonLinesWriter::new(files.create("jsonl")?),
            records: 0,
        }))
    }
}

impl Sink for JsonLinesSink {
    fn write(&mut self, record: &Record) -> io::Result<()> {
        self.records += 1;
        self.writer.write(record)
    }

    fn write_long(&mut self, record: &mut LongRecord) -> io::Result<()> {
        self.records += 1;
        self.writer.write_long(record)
    }

    fn finish(self: Box<Self>) -> io::Result<Counts> {
        self.writer.into_inner().flush()?;
        Ok(Counts {
            records: self.records,
            ..Counts::default()
        })
    }
}
