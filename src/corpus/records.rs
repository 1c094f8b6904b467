//! From documents to records, a batch at a time.

use std::collections::VecDeque;

use super::{Reader, Unreadable};
use crate::document::Document;
use crate::format::Record;
use crate::pipeline::Pipeline;

/// How much is worked on together: a batch ends at whichever is reached first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Documents in a batch; 0 counts as 1.
    pub documents: usize,
    /// Bytes of text in a batch; the document that reaches the limit is the last of its batch.
    pub bytes: usize,
}

impl Limits {
    /// Batches of this many documents, and 4 MiB of text: what keeps memory bounded whatever the
    /// documents' lengths.
    pub fn documents(documents: usize) -> Self {
        Self {
            documents,
            bytes: 4 << 20,
        }
    }
}

/// The records of a corpus, in the order of its documents.
///
/// Documents are read and processed in batches as records are asked for, on the current rayon pool.
/// Records do not depend on the limits.
pub struct Records<'a> {
    pipeline: &'a Pipeline,
    reader: Reader,
    limits: Limits,
    ready: VecDeque<Record>,
}

impl<'a> Records<'a> {
    /// The records that `pipeline` makes of what `reader` reads.
    pub fn new(pipeline: &'a Pipeline, reader: Reader, limits: Limits) -> Self {
        Self {
            pipeline,
            reader,
            limits,
            ready: VecDeque::new(),
        }
    }

    /// How many bytes of input have been read for the records handed out, up to the end of their batch.
    pub fn bytes_read(&self) -> u64 {
        self.reader.bytes_read()
    }

    fn fill(&mut self) {
        let (documents, places) = next_batch(&mut self.reader, self.limits);
        let run = self.pipeline.run();
        let mut outcomes = self.pipeline.process_batch(documents).into_iter();
        for place in places {
            match place {
                Place::Document => {
                    self.ready
                        .extend(outcomes.next().map(|outcome| Record::new(&outcome, run)));
                }
                Place::Unreadable(unreadable) => self.ready.push_back(unreadable.record(run)),
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.ready.is_empty() {
            self.fill();
        }
        self.ready.pop_front()
    }
}

/// What stands at a place of a batch.
enum Place {
    Document,
    Unreadable(Unreadable),
}

fn next_batch(
    reader: &mut impl Iterator<Item = Result<Document, Unreadable>>,
    limits: Limits,
) -> (Vec<Document>, Vec<Place>) {
    let (mut documents, mut places) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    while places.len() < limits.documents.max(1) && bytes < limits.bytes.max(1) {
        match reader.next() {
            Some(Ok(document)) => {
                bytes += document.text.len();
                documents.push(document);
                places.push(Place::Document);
            }
            Some(Err(unreadable)) => places.push(Place::Unreadable(unreadable)),
            None => break,
        }
    }
    (documents, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of the batches that documents of these lengths fall into.
    fn batches(lengths: &[usize], limits: Limits) -> Vec<usize> {
        let mut reader = lengths.iter().map(|&length| match length {
            0 => Err(Unreadable::new("x", None, "unreadable", "gone")),
            length => Ok(Document::new("x", "a".repeat(length))),
        });
        std::iter::from_fn(|| {
            let (_, places) = next_batch(&mut reader, limits);
            (!places.is_empty()).then_some(places.len())
        })
        .collect()
    }

    #[test]
    fn a_batch_ends_at_the_first_limit() {
        let limits = Limits {
            documents: 3,
            bytes: 10,
        };
        assert_eq!(batches(&[1, 1, 1, 1], limits), [3, 1]);
        assert_eq!(batches(&[9, 9, 9], limits), [2, 1]);
        assert_eq!(batches(&[50, 50], limits), [1, 1]);
        assert_eq!(batches(&[0, 0, 0, 0, 1], limits), [3, 2]);
        let nothing = Limits {
            documents: 0,
            bytes: 0,
        };
        assert_eq!(
            batches(&[1, 1], nothing),
            [1, 1],
            "a batch is never empty before the end"
        );
    }
}
