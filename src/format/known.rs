//! Which pairs came before, for corpora of any size.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::temporary::Temporary;

/// The pairs that were seen, so that those that come again can be left out.
///
/// Clones share what they know: the formats of a run, and the shards one after the other. A pair is written
/// where it comes first. What decides is its number among the pairs of the corpus, so that formats
/// agree, in whatever order they ask.
///
/// Memory is bounded, at about 40 MB: older pairs lie sorted in temporary files, 24 bytes each.
#[derive(Clone, Debug)]
pub struct KnownPairs(Arc<Mutex<Known>>);

impl Default for KnownPairs {
    fn default() -> Self {
        Self::with_limit(LIMIT)
    }
}

/// Pairs in memory: as many as a table of half a million places takes before it doubles.
const LIMIT: usize = (1 << 19) / 8 * 7;

/// Files that are looked into before they are made one.
const RUNS: usize = 16;

/// Entries of a file that are read together: about 4 KiB.
const BLOCK: usize = 170;

/// Bytes of an entry: key and number.
const ENTRY: usize = 24;

#[derive(Debug)]
struct Known {
    limit: usize,
    /// The numbers of pairs by key.
    recent: HashMap<u128, u64>,
    runs: Vec<Run>,
    /// How many pairs were asked for, by whoever asked for most.
    count: u64,
}

impl KnownPairs {
    fn with_limit(limit: usize) -> Self {
        Self(Arc::new(Mutex::new(Known {
            limit,
            recent: HashMap::new(),
            runs: Vec::new(),
            count: 0,
        })))
    }

    /// How many pairs of the corpus were looked at.
    pub(super) fn count(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// Whether the pair of this number is the first one with its key.
    pub(super) fn is_first(&self, key: u128, number: u64) -> io::Result<bool> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.count = known.count.max(number + 1);
        Ok(known.first(key, number)? == number)
    }
}

impl Known {
    fn first(&mut self, key: u128, number: u64) -> io::Result<u64> {
        if let Some(first) = self.recent.get(&key) {
            return Ok(*first);
        }
        for run in &mut self.runs {
            if let Some(first) = run.find(key)? {
                return Ok(first);
            }
        }
        if self.recent.len() == self.limit {
            self.put_aside()?;
        }
        self.recent.insert(key, number);
        Ok(number)
    }

    /// Moves what is in memory into a file.
    fn put_aside(&mut self) -> io::Result<()> {
        let mut entries: Vec<(u128, u64)> = self.recent.drain().collect();
        entries.sort_unstable();
        self.runs.push(Run::write(entries.into_iter().map(Ok))?);
        if self.runs.len() == RUNS {
            let mut runs = std::mem::take(&mut self.runs);
            self.runs.push(Run::write(Merge::new(&mut runs)?)?);
        }
        Ok(())
    }
}

/// Entries in a file, by key; no key comes twice.
struct Run {
    file: Temporary,
    /// The first key of each block.
    index: Vec<u128>,
    length: usize,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("length", &self.length).finish()
    }
}

impl Run {
    fn write(entries: impl Iterator<Item = io::Result<(u128, u64)>>) -> io::Result<Self> {
        let file = Temporary::new()?;
        let mut output = BufWriter::new(&file.file);
        let (mut index, mut length) = (Vec::new(), 0);
        for entry in entries {
            let (key, number) = entry?;
            if length % BLOCK == 0 {
                index.push(key);
            }
            length += 1;
            output.write_all(&key.to_le_bytes())?;
            output.write_all(&number.to_le_bytes())?;
        }
        output.flush()?;
        drop(output);
        Ok(Self { file, index, length })
    }

    fn find(&mut self, key: u128) -> io::Result<Option<u64>> {
        let Some(block) = self.index.partition_point(|first| *first <= key).checked_sub(1) else {
            return Ok(None);
        };
        let start = block * BLOCK;
        let length = BLOCK.min(self.length - start);
        let mut bytes = [0; BLOCK * ENTRY];
        let bytes = &mut bytes[..length * ENTRY];
        self.file.file.seek(SeekFrom::Start((start * ENTRY) as u64))?;
        self.file.file.read_exact(bytes)?;
        let entries: Vec<(u128, u64)> = bytes.chunks_exact(ENTRY).map(entry).collect();
        let found = entries.binary_search_by_key(&key, |(key, _)| *key);
        Ok(found
            .ok()
            .and_then(|at| entries.get(at))
            .map(|(_, number)| *number))
    }
}

fn entry(bytes: &[u8]) -> (u128, u64) {
    let (mut key, mut number) = ([0; 16], [0; 8]);
    key.copy_from_slice(&bytes[..16]);
    number.copy_from_slice(&bytes[16..ENTRY]);
    (u128::from_le_bytes(key), u64::from_le_bytes(number))
}

/// The entries of several runs, by key.
struct Merge<'a> {
    inputs: Vec<BufReader<&'a File>>,
    next: BinaryHeap<Reverse<(u128, u64, usize)>>,
}

impl<'a> Merge<'a> {
    fn new(runs: &'a mut [Run]) -> io::Result<Self> {
        let mut merge = Self {
            inputs: Vec::new(),
            next: BinaryHeap::new(),
        };
        for run in runs {
            run.file.file.rewind()?;
            merge.inputs.push(BufReader::new(&run.file.file));
            merge.advance(merge.inputs.len() - 1)?;
        }
        Ok(merge)
    }

    /// Reads the next entry of an input.
    fn advance(&mut self, at: usize) -> io::Result<()> {
        let mut bytes = [0; ENTRY];
        match self.inputs[at].read_exact(&mut bytes) {
            Ok(()) => {
                let (key, number) = entry(&bytes);
                self.next.push(Reverse((key, number, at)));
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Iterator for Merge<'_> {
    type Item = io::Result<(u128, u64)>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((key, number, at)) = self.next.pop()?;
        Some(self.advance(at).map(|()| (key, number)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn pairs_are_known_wherever_they_lie() {
        let known = KnownPairs::with_limit(300);
        let mut seen = HashSet::new();
        let mut draw = 1_u64;
        for number in 0..30_000 {
            // A generator of Knuth's; half of the keys come again.
            draw = draw
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let key = u128::from(draw >> 33) % 20_000;
            let new = seen.insert(key);
            assert_eq!(known.is_first(key, number).unwrap(), new, "pair {number}");
            assert_eq!(
                known.is_first(key, number).unwrap(),
                new,
                "another format asks for pair {number}"
            );
        }
        assert_eq!(known.count(), 30_000);
        assert!(!known.0.lock().unwrap().runs.is_empty());
    }
}
