//! What the formats of parallel text have in common: pairs through a filter into files, of which there
//! is often one a language pair.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use super::filter::Sieve;
use super::{Counts, Files, OutputOptions, Pair, Record, Sink};

/// A format of parallel text.
pub(super) trait PairFormat: Send {
    /// Adds the pairs of one record, at least one; counts in `replaced` the characters that it had to
    /// replace.
    fn pairs(&mut self, pairs: &[Pair<'_>], replaced: &mut u64) -> io::Result<()>;

    /// Writes what belongs at the end and closes the files.
    fn finish(self) -> io::Result<()>;
}

/// The sink of a format of parallel text.
pub(super) struct PairSink<F> {
    format: F,
    sieve: Sieve,
    counts: Counts,
}

impl<F: PairFormat> PairSink<F> {
    pub(super) fn new(format: F, options: &OutputOptions) -> Self {
        Self {
            format,
            sieve: Sieve::new(options),
            counts: Counts::default(),
        }
    }
}

impl<F: PairFormat> Sink for PairSink<F> {
    fn write(&mut self, record: &Record) -> io::Result<()> {
        self.counts.records += 1;
        self.counts.textless += u64::from(record.lacks_text());
        let pairs = self.sieve.pairs(record)?;
        if !pairs.is_empty() {
            self.counts.pairs += pairs.len() as u64;
            self.format.pairs(&pairs, &mut self.counts.replaced)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Counts> {
        self.format.finish()?;
        Ok(Counts {
            filtered: self.sieve.filtered,
            ..self.counts
        })
    }
}

/// A buffered file of a sink.
pub(super) type Out = BufWriter<Box<dyn Write + Send>>;

/// Buffered files by name, each created when it is first asked for.
pub(super) struct Named {
    files: Box<dyn Files>,
    open: BTreeMap<String, Out>,
}

impl Named {
    pub(super) fn new(files: Box<dyn Files>) -> Self {
        Self {
            files,
            open: BTreeMap::new(),
        }
    }

    /// The file of a name. `begin` writes what stands at its head, when it is new.
    pub(super) fn get(
        &mut self,
        name: &str,
        begin: impl FnOnce(&mut Out) -> io::Result<()>,
    ) -> io::Result<&mut Out> {
        // Not `entry`, which would need an owned name for every pair.
        if !self.open.contains_key(name) {
            let mut out = BufWriter::new(self.files.create(name)?);
            begin(&mut out)?;
            self.open.insert(name.to_owned(), out);
        }
        self.open.get_mut(name).ok_or_else(|| io::Error::other("no file"))
    }

    /// Writes what stands at the end of each file, and closes them.
    pub(super) fn finish(self, end: impl Fn(&mut Out) -> io::Result<()>) -> io::Result<()> {
        for mut out in self.open.into_values() {
            end(&mut out)?;
            out.flush()?;
        }
        Ok(())
    }
}
