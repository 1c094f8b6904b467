//! Where an output format puts what it makes of records.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::{LongRecord, Record};

/// A format being written: records go in, files come out.
///
/// A sink makes its files through [`Files`], so that it need not know whether they lie in a batch
/// run's shard, a directory, or memory. Nothing is complete before [`Sink::finish`].
pub trait Sink: Send {
    /// Adds one record.
    ///
    /// # Errors
    ///
    /// When a file cannot be created or written.
    fn write(&mut self, record: &Record) -> io::Result<()>;

    /// Adds a record that is too long to be in memory. Formats that cannot write it piece by piece get
    /// its parts, which are records by themselves.
    ///
    /// # Errors
    ///
    /// When a file cannot be created or written, or a part cannot be read back.
    fn write_long(&mut self, record: &mut LongRecord) -> io::Result<()> {
        record.parts(&mut |part| self.write(part))
    }

    /// Writes what belongs at the end and closes the files.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    fn finish(self: Box<Self>) -> io::Result<Counts>;
}

/// Creates the files of one sink.
pub trait Files: Send {
    /// A new file, named by what sets it apart from the other files of the same shard: `jsonl`,
    /// `tmx`, `fr-en.fr`, or with a folder of its own `html/night-market.html`. It need not have a
    /// buffer: sinks write through one of their own, and write all of it before they finish.
    ///
    /// # Errors
    ///
    /// When it cannot be created.
    fn create(&mut self, suffix: &str) -> io::Result<Box<dyn Write + Send>>;
}

/// What a sink did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Records that were written.
    pub records: u64,
    /// Pairs of source and target text that were written, in formats that hold pairs.
    pub pairs: u64,
    /// Pairs that were left out: by a filter, or since they are no parallel text (no model for the
    /// language, nothing on one side).
    pub filtered: u64,
    /// Characters that the format forbids and that were replaced.
    pub replaced: u64,
    /// Records that hold renderings but not their text (`--no-text`), so that nothing that needs the
    /// source side could be written.
    pub textless: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.pairs += other.pairs;
        self.filtered += other.filtered;
        self.replaced += other.replaced;
        self.textless += other.textless;
    }
}
