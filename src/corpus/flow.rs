//! From documents to records: reading, working and writing side by side, with bounded memory and in order.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::{Key, Reader, Unreadable};
use crate::document::{Document, Failure, Outcome};
use crate::format::Record;
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
#[derive(Clone, Debug)]
pub enum Item {
    /// A document to work on.
    Document(Document),
    /// What could not be read.
    Unreadable(Unreadable),
    /// The record of an earlier run, taken over as it is.
    Record(Box<Record>),
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
        Ok(self.next().map(|read| match read {
            Ok(document) => Item::Document(document),
            Err(unreadable) => Item::Unreadable(unreadable),
        }))
    }

    fn bytes_read(&self) -> u64 {
        Reader::bytes_read(self)
    }
}

/// A record with what the run needs to know of its making.
#[derive(Clone, Debug)]
pub struct Made {
    /// The record.
    pub record: Record,
    /// The key of its document.
    pub key: Key,
    /// Words of its text, separated by white space; 0 where it was taken over.
    pub words: u64,
    /// Bytes of input read up to the end of its batch.
    pub position: u64,
}

/// What [`Flow::next`] finds.
#[derive(Debug)]
pub enum Step {
    /// The next record.
    Made(Box<Made>),
    /// Nothing yet: ask again.
    Waiting,
    /// There are no more.
    End,
}

/// Records of a supply of items, in their order.
///
/// One thread reads, two keep the given rayon pool busy, so that one batch is cut into sentences
/// while another is in the models, and the caller writes. Channels between them are bounded: who is
/// ahead waits. Dropping the flow ends the threads when their batch is done.
pub struct Flow {
    batches: Receiver<Pending>,
    current: Option<Pending>,
    ready: VecDeque<Made>,
}

/// A batch on its way.
type Pending = Receiver<Result<Vec<Made>, Error>>;

/// A batch to work on, and where its records go.
struct Job {
    items: Vec<Item>,
    position: u64,
    records: SyncSender<Result<Vec<Made>, Error>>,
}

/// How many threads hand batches to the pool.
const WORKERS: usize = 2;

impl Flow {
    /// Starts reading and working. With `text` off, records come without their text.
    ///
    /// # Errors
    ///
    /// When a thread cannot be started.
    pub fn start(
        pipeline: Arc<Pipeline>,
        pool: Arc<ThreadPool>,
        supply: impl Supply,
        limits: Limits,
        text: bool,
    ) -> Result<Self, Error> {
        let (announce, batches) = sync_channel(WORKERS);
        let (submit, jobs) = sync_channel::<Job>(0);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..WORKERS {
            let (pipeline, pool, jobs) = (Arc::clone(&pipeline), Arc::clone(&pool), Arc::clone(&jobs));
            spawn("diglot-work", move || work(&pipeline, &pool, &jobs, text))?;
        }
        spawn("diglot-read", move || read(supply, limits, &announce, &submit))?;
        Ok(Self {
            batches,
            current: None,
            ready: VecDeque::new(),
        })
    }

    /// The next record, or [`Step::Waiting`] when there is none for so long.
    ///
    /// # Errors
    ///
    /// What the supply ended with, or that a thread died.
    pub fn next(&mut self, patience: Duration) -> Result<Step, Error> {
        loop {
            if let Some(made) = self.ready.pop_front() {
                return Ok(Step::Made(Box::new(made)));
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
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started
        .map(|_| ())
        .map_err(|error| BackendError::with_source("cannot start a thread", error).into())
}

/// Reads batches until the end, an error, or until nobody wants more.
fn read(mut supply: impl Supply, limits: Limits, announce: &SyncSender<Pending>, submit: &SyncSender<Job>) {
    loop {
        let (items, end) = next_batch(&mut supply, limits);
        let (records, pending) = sync_channel(1);
        if !items.is_empty() {
            let position = supply.bytes_read();
            let job = Job {
                items,
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

/// The next batch, and how the supply ended if it did.
fn next_batch(supply: &mut impl Supply, limits: Limits) -> (Vec<Item>, Option<Result<(), Error>>) {
    let mut items = Vec::new();
    let mut bytes = 0;
    while items.len() < limits.documents.max(1) && bytes < limits.bytes.max(1) {
        match supply.supply() {
            Ok(Some(item)) => {
                if let Item::Document(document) = &item {
                    bytes += document.text.len();
                }
                items.push(item);
            }
            Ok(None) => return (items, Some(Ok(()))),
            Err(error) => return (items, Some(Err(error))),
        }
    }
    (items, None)
}

fn work(pipeline: &Pipeline, pool: &ThreadPool, jobs: &Mutex<Receiver<Job>>, text: bool) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let made = pool.install(|| records(pipeline, job.items, job.position, text));
        // A flow that was dropped wants no records.
        let _ = job.records.send(Ok(made));
    }
}

fn records(pipeline: &Pipeline, items: Vec<Item>, position: u64, text: bool) -> Vec<Made> {
    let mut documents = Vec::new();
    let mut places = Vec::with_capacity(items.len());
    for item in items {
        places.push(match item {
            Item::Document(document) => {
                documents.push(document);
                None
            }
            Item::Unreadable(unreadable) => Some(unreadable.record(pipeline.run())),
            Item::Record(record) => Some(*record),
        });
    }
    let outcomes: Vec<Outcome> = isolated(pipeline, documents);
    let mut made = outcomes
        .into_par_iter()
        .map(|outcome| {
            let words = outcome.document.text.split_whitespace().count() as u64;
            (Record::new(&outcome, pipeline.run()), words)
        })
        .collect::<Vec<_>>()
        .into_iter();
    let all = places.into_iter().filter_map(|place| match place {
        Some(record) => Some((record, 0)),
        None => made.next(),
    });
    all.map(|(mut record, words)| {
        if !text {
            record.text = None;
        }
        Made {
            key: Key::of_record(&record),
            record,
            words,
            position,
        }
    })
    .collect()
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
