//! From documents to records: reading, working and writing side by side, with bounded memory and in order.

use std::collections::VecDeque;
use std::ops::Range;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::{Key, Reader, Totals, Unreadable};
use crate::document::{Document, Failure, Outcome};
use crate::format::{Joiner, LongDocument, LongRecord, Record, RecordOptions, StoredRecord, WHOLE};
use crate::language::Language;
use crate::pipeline::Pipeline;
use crate::{BackendError, Error};

/// How much is worked on together: a batch ends at whichever is reached first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Documents in a batch; 0 counts as 1.
    pub documents: usize,
    /// Bytes of text in a batch; the document that reaches the limit is the last of its batch.
    pub bytes: usize,
}

impl Limits {
    /// Batches of this many documents, and 1 MiB of text: what keeps memory bounded whatever the
    /// documents' lengths. Up to five batches are on their way at a time.
    pub fn documents(documents: usize) -> Self {
        Self {
            documents,
            bytes: 1 << 20,
        }
    }
}

/// What a record is made of.
#[derive(Debug)]
pub enum Item {
    /// A document to work on.
    Document(Document),
    /// One whose text is too long to be in memory.
    Long(LongDocument),
    /// What could not be read.
    Unreadable(Unreadable),
    /// The record of an earlier run, taken over as it is.
    Record(StoredRecord),
}

/// Items in their order. [`super::Reader`] is one.
pub trait Supply: Send + 'static {
    /// The next item; `None` at the end.
    ///
    /// # Errors
    ///
    /// What ends the run; an item that cannot be read does not.
    fn supply(&mut self) -> Result<Option<Item>, Error>;

    /// How many bytes of input have been read so far.
    fn bytes_read(&self) -> u64;
}

impl Supply for Reader {
    fn supply(&mut self) -> Result<Option<Item>, Error> {
        Ok(self.item())
    }

    fn bytes_read(&self) -> u64 {
        Reader::bytes_read(self)
    }
}

/// A record with what the run needs to know of its making.
#[derive(Debug)]
pub struct Made {
    /// The record; of a long one, all but its text and layers.
    pub record: Record,
    /// The whole of a record that is too long to be in memory.
    pub long: Option<Box<LongRecord>>,
    /// The key of its document.
    pub key: Key,
    /// Counts over the record.
    pub totals: Totals,
    /// Words of its text, separated by white space; 0 where it was taken over, or told by [`Step::Part`].
    pub words: u64,
    /// Bytes of input read up to the end of its batch.
    pub position: u64,
}

/// What [`Flow::next`] finds.
#[derive(Debug)]
pub enum Step {
    /// The next record.
    Made(Box<Made>),
    /// A part of a long document is done; its record comes when all are.
    Part {
        /// Words of the part.
        words: u64,
        /// Its sentences.
        sentences: u64,
    },
    /// Nothing yet: ask again.
    Waiting,
    /// There are no more.
    End,
}

/// Records of a supply of items, in their order.
///
/// One thread reads, two keep the given rayon pool busy, so that one batch is cut into sentences
/// while another is in the models, and the caller writes. A document of more than
/// 1 MiB of text is worked on in parts of whole paragraphs. Channels between them are bounded: who is
/// ahead waits. Dropping the flow ends the threads when their batch is done.
pub struct Flow {
    batches: Receiver<Pending>,
    current: Option<Pending>,
    ready: VecDeque<(Made, Option<Part>)>,
    joiner: Option<(Joiner, Totals)>,
    options: RecordOptions,
}

/// Records that are ready, and the parts of long documents that they are.
type Ready = Vec<(Made, Option<Part>)>;

/// A batch on its way.
type Pending = Receiver<Result<Ready, Error>>;

/// A part of a long document.
#[derive(Clone, Debug)]
struct Part {
    document: Arc<LongDocument>,
    range: Range<usize>,
    last: bool,
}

/// What a worker makes a record of.
enum Task {
    Item(Item),
    Part(Part),
}

/// A batch to work on, and where its records go.
struct Job {
    tasks: Vec<Task>,
    position: u64,
    records: SyncSender<Result<Ready, Error>>,
}

/// How many threads hand batches to the pool.
const WORKERS: usize = 2;

impl Flow {
    /// Starts reading and working; `options` say what records carry.
    ///
    /// # Errors
    ///
    /// When a thread cannot be started.
    pub fn start(
        pipeline: Arc<Pipeline>,
        pool: Arc<ThreadPool>,
        supply: impl Supply,
        limits: Limits,
        options: RecordOptions,
    ) -> Result<Self, Error> {
        let (announce, batches) = sync_channel(WORKERS);
        let (submit, jobs) = sync_channel::<Job>(0);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..WORKERS {
            let (pipeline, pool, jobs) = (Arc::clone(&pipeline), Arc::clone(&pool), Arc::clone(&jobs));
            spawn("diglot-work", move || work(&pipeline, &pool, &jobs, options))?;
        }
        spawn("diglot-read", move || read(supply, limits, &announce, &submit))?;
        Ok(Self {
            batches,
            current: None,
            ready: VecDeque::new(),
            joiner: None,
            options,
        })
    }

    /// The next record, or [`Step::Waiting`] when there is none for so long.
    ///
    /// # Errors
    ///
    /// What the supply ended with, or that a thread died.
    pub fn next(&mut self, patience: Duration) -> Result<Step, Error> {
        loop {
            match self.ready.pop_front() {
                Some((made, None)) => return Ok(Step::Made(Box::new(made))),
                Some((made, Some(part))) => return self.join(made, &part),
                None => {}
            }
            let Some(current) = &self.current else {
                match self.batches.recv_timeout(patience) {
                    Ok(batch) => self.current = Some(batch),
                    Err(RecvTimeoutError::Timeout) => return Ok(Step::Waiting),
                    Err(RecvTimeoutError::Disconnected) => return Ok(Step::End),
                }
                continue;
            };
            match current.recv_timeout(patience) {
                Ok(batch) => {
                    self.ready.extend(batch?);
                    self.current = None;
                }
                Err(RecvTimeoutError::Timeout) => return Ok(Step::Waiting),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(BackendError::new("a thread that makes records has died").into());
                }
            }
        }
    }

    /// Adds a part to its document.
    fn join(&mut self, made: Made, part: &Part) -> Result<Step, Error> {
        let failed = spool_failed;
        let (mut joiner, mut totals) = match self.joiner.take() {
            Some(joiner) => joiner,
            None => (
                Joiner::new(Arc::clone(&part.document)).map_err(failed)?,
                Totals::default(),
            ),
        };
        totals += &made.totals;
        let text = part.document.part(&part.range).map_err(failed)?;
        let run = part.last.then(|| made.record.run.clone());
        joiner.add(made.record, &text).map_err(failed)?;
        match run {
            None => self.joiner = Some((joiner, totals)),
            Some(run) => {
                let long = joiner.finish(run, self.options.text);
                totals.make_one(long.head());
                let whole = Made {
                    record: long.head().clone(),
                    key: Key::of_record(long.head()),
                    long: Some(Box::new(long)),
                    totals,
                    words: 0,
                    position: made.position,
                };
                self.ready.push_front((whole, None));
            }
        }
        Ok(Step::Part {
            words: made.words,
            sentences: made.totals.sentences,
        })
    }
}

/// What a temporary file failed with.
fn spool_failed(error: std::io::Error) -> Error {
    Error::io("use", std::env::temp_dir(), error)
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started
        .map(|_| ())
        .map_err(|error| BackendError::with_source("cannot start a thread", error).into())
}

/// Reads batches until the end, an error, or until nobody wants more.
fn read(mut supply: impl Supply, limits: Limits, announce: &SyncSender<Pending>, submit: &SyncSender<Job>) {
    let mut waiting = VecDeque::new();
    loop {
        let (tasks, end) = next_batch(&mut supply, &mut waiting, limits);
        let (records, pending) = sync_channel(1);
        if !tasks.is_empty() {
            let position = supply.bytes_read();
            let job = Job {
                tasks,
                position,
                records,
            };
            if announce.send(pending).is_err() || submit.send(job).is_err() {
                return;
            }
        }
        match end {
            None => {}
            Some(Ok(())) => return,
            Some(Err(error)) => {
                let (records, pending) = sync_channel(1);
                // If nobody listens any more, nobody needs to know.
                let _ = records.send(Err(error));
                let _ = announce.send(pending);
                return;
            }
        }
    }
}

/// The next batch, and how the supply ended if it did. `waiting` holds the parts of a long document.
fn next_batch(
    supply: &mut impl Supply,
    waiting: &mut VecDeque<Part>,
    limits: Limits,
) -> (Vec<Task>, Option<Result<(), Error>>) {
    let mut tasks = Vec::new();
    let mut bytes = 0;
    while tasks.len() < limits.documents.max(1) && bytes < limits.bytes.max(1) {
        if let Some(part) = waiting.pop_front() {
            bytes += part.range.len();
            tasks.push(Task::Part(part));
            continue;
        }
        match supply.supply() {
            Ok(Some(Item::Document(document))) if document.text.len() > WHOLE => {
                match LongDocument::new(document) {
                    Ok(document) => waiting.extend(in_parts(document)),
                    Err(error) => return (tasks, Some(Err(spool_failed(error)))),
                }
            }
            Ok(Some(Item::Long(document))) => waiting.extend(in_parts(document)),
            Ok(Some(Item::Document(document))) => {
                bytes += document.text.len();
                tasks.push(Task::Item(Item::Document(document)));
            }
            Ok(Some(item)) => tasks.push(Task::Item(item)),
            Ok(None) => return (tasks, Some(Ok(()))),
            Err(error) => return (tasks, Some(Err(error))),
        }
    }
    (tasks, None)
}

fn in_parts(document: LongDocument) -> impl Iterator<Item = Part> {
    let document = Arc::new(document);
    let ranges = document.parts().to_vec();
    let last = ranges.len().saturating_sub(1);
    ranges.into_iter().enumerate().map(move |(at, range)| Part {
        document: Arc::clone(&document),
        range,
        last: at == last,
    })
}

fn work(pipeline: &Pipeline, pool: &ThreadPool, jobs: &Mutex<Receiver<Job>>, options: RecordOptions) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let made = pool.install(|| records(pipeline, job.tasks, job.position, options));
        // A flow that was dropped wants no records.
        let _ = job.records.send(made);
    }
}

fn records(
    pipeline: &Pipeline,
    tasks: Vec<Task>,
    position: u64,
    options: RecordOptions,
) -> Result<Ready, Error> {
    let mut documents = Vec::new();
    let mut places = Vec::with_capacity(tasks.len());
    for task in tasks {
        places.push(match task {
            Task::Item(Item::Document(document)) => {
                documents.push(document);
                (None, None)
            }
            Task::Part(part) => {
                let text = part.document.part(&part.range).map_err(spool_failed)?;
                documents.push(Document::new(part.document.id(), text));
                (None, Some(part))
            }
            // Those are cut into parts.
            Task::Item(Item::Long(_)) => continue,
            Task::Item(Item::Unreadable(unreadable)) => {
                let record = unreadable.record(pipeline.run());
                (Some(Made::new(record, 0, position)), None)
            }
            Task::Item(Item::Record(record)) => (Some(Made::taken_over(record, position)?), None),
        });
    }
    let outcomes: Vec<Outcome> = isolated(pipeline, documents);
    let mut made = outcomes
        .into_par_iter()
        .map(|outcome| made(&outcome, pipeline, position, options))
        .collect::<Vec<_>>()
        .into_iter();
    let all = places.into_iter().filter_map(|(ready, part)| match ready {
        Some(ready) => Some((ready, part)),
        None => Some((made.next()?, part)),
    });
    Ok(all.collect())
}

fn made(outcome: &Outcome, pipeline: &Pipeline, position: u64, options: RecordOptions) -> Made {
    let words = outcome.document.text.split_whitespace().count() as u64;
    let record = Record::with_options(outcome, pipeline.run(), options);
    Made::new(record, words, position)
}

impl Made {
    fn new(record: Record, words: u64, position: u64) -> Self {
        let mut totals = Totals::default();
        totals.add(&record);
        Self {
            key: Key::of_record(&record),
            record,
            long: None,
            totals,
            words,
            position,
        }
    }

    /// A record of an earlier run.
    fn taken_over(record: StoredRecord, position: u64) -> Result<Self, Error> {
        match record {
            StoredRecord::Whole(record) => Ok(Self::new(*record, 0, position)),
            StoredRecord::Long(mut long) => {
                let failed = spool_failed;
                Ok(Self {
                    record: long.head().clone(),
                    key: Key::of_record(long.head()),
                    totals: Totals::of_long(&mut long).map_err(failed)?,
                    long: Some(long),
                    words: 0,
                    position,
                })
            }
        }
    }

    /// Writes the record to a format, the whole of a long one.
    ///
    /// # Errors
    ///
    /// When the format cannot be written.
    pub fn write_to(&mut self, sink: &mut dyn crate::format::Sink) -> std::io::Result<()> {
        match &mut self.long {
            Some(long) => sink.write_long(long),
            None => sink.write(&self.record),
        }
    }
}

/// The outcomes of documents; one that the pipeline panics on has a failure, and its neighbours none.
fn isolated(pipeline: &Pipeline, documents: Vec<Document>) -> Vec<Outcome> {
    if documents.is_empty() {
        return Vec::new();
    }
    let attempt = |documents: Vec<Document>| {
        panic::catch_unwind(AssertUnwindSafe(|| pipeline.process_batch(documents)))
    };
    if let Ok(outcomes) = attempt(documents.clone()) {
        return outcomes;
    }
    let alone = |document: Document| {
        let outcome = attempt(vec![document.clone()]).ok();
        let outcome = outcome.and_then(|mut outcomes| outcomes.pop());
        outcome.unwrap_or_else(|| panicked(document))
    };
    documents.into_iter().map(alone).collect()
}

fn panicked(document: Document) -> Outcome {
    Outcome {
        document,
        language: Language::UND,
        segments: Vec::new(),
        sentences: Vec::new(),
        renderings: Vec::new(),
        entities: Vec::new(),
        failures: vec![Failure {
            stage: "process",
            code: "panic",
            message: "expected an outcome, found a panic: this is a bug in diglot".to_owned(),
        }],
    }
}

#[cfg(test)]
mod tests;
