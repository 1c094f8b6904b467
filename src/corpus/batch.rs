//! Batch runs: a corpus into an output directory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rayon::ThreadPool;

use super::flow::{Flow, Item, Limits, Made, Step, Supply};
use super::key::{Chain, Key};
use super::redo::{Redo, Redoing};
use super::store::{self, Manifest, Plan, Shard, ShardLine, Start, Store};
use super::totals::Totals;
use crate::Error;
use crate::format::{Files, Index, Record, RecordOptions, Sink, stored};
use crate::pipeline::Pipeline;

/// Opens an output format on the files of a shard; the number says how many records the shards before it
/// have in this format.
pub type OpenSink = Box<dyn Fn(Box<dyn Files>, u64) -> io::Result<Box<dyn Sink>> + Send + Sync>;

/// Takes in a record of a finished shard, or a part of a long one.
pub type Learn = Box<dyn Fn(&Record) -> io::Result<()> + Send + Sync>;

/// A run of a corpus into an output directory.
///
/// The directory holds shards (`records-00000.jsonl` ...), `journal.jsonl` with a line for each of
/// them, `manifest.json` and `inputs.jsonl`. Where there are pages, their index is made of all shards in
/// the end; it has a line in the journal as if it were a shard without documents. What is there after an interruption, of whatever kind,
/// is whole, and [`Start::Resume`](super::Start::Resume) makes of it what an uninterrupted run makes, byte for byte.
pub struct Batch {
    /// The stages.
    pub pipeline: Arc<Pipeline>,
    /// The threads that work.
    pub pool: Arc<ThreadPool>,
    /// All that the output depends on.
    pub plan: Plan,
    /// The formats to write, by the names that the plan has.
    pub formats: Vec<(String, OpenSink)>,
    /// Told of the records of the shards that an earlier run finished, in their order, before the first is
    /// made: for formats whose content depends on what came before.
    pub learn: Option<Learn>,
    /// How much is worked on together.
    pub limits: Limits,
    /// What records carry.
    pub record: RecordOptions,
}

/// What to do with what is in the output directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// See [`Start`].
    Start(Start),
    /// Make the directory again for the present input, and take over records of the earlier run.
    /// The earlier output stays in place until the new one is complete.
    Redo(Redo),
}

/// How soon to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Not at all.
    No,
    /// When the shard in hand is finished.
    AfterShard,
    /// At once; the shard in hand is dropped.
    Now,
}

/// Follows a run, and may stop it. Methods are called on the thread that called [`Batch::run`].
pub trait Watch {
    /// Whether to stop. Asked for each document, and several times a second while none comes.
    fn stop(&mut self) -> Stop {
        Stop::No
    }

    /// A document that an earlier run finished was passed over; `position` bytes of input are read.
    fn skipped(&mut self, position: u64) {
        let _ = position;
    }

    /// A record was made and written.
    fn made(&mut self, made: &Made) {
        let _ = made;
    }

    /// A part of a long document was made.
    fn part(&mut self, words: u64, sentences: u64) {
        let _ = (words, sentences);
    }

    /// There is nothing new.
    fn waiting(&mut self) {}

    /// A shard is finished, and lasts.
    fn finished(&mut self, shard: &ShardLine) {
        let _ = shard;
    }
}

/// A run that nobody follows.
impl Watch for () {}

impl Batch {
    /// Runs all that `supply` gives into the directory `root`. The manifest says whether the run came
    /// to the end of the input, or was stopped by `watch`.
    ///
    /// # Errors
    ///
    /// When the directory cannot be used (see [`Error::Output`]) or written, when the input is not
    /// what an earlier run has read, and when `supply` fails. What was finished lasts.
    pub fn run(
        self,
        root: &Path,
        supply: impl Supply,
        mode: Mode,
        watch: &mut dyn Watch,
    ) -> Result<Manifest, Error> {
        match mode {
            Mode::Start(start) => {
                let store = Store::open(root, self.plan.clone(), start)?;
                self.fill(root, store, supply, watch)
            }
            Mode::Redo(redo) => {
                let _lock = Store::lock_to_redo(root)?;
                let supply = Redoing::new(root, &self.plan, supply, redo)?;
                let counts = supply.counts();
                let store = Store::stage(root, self.plan.clone(), redo.name())?;
                let manifest = self.fill(root, store, supply, watch)?;
                if manifest.complete {
                    counts.check(root)?;
                    store::place(root)?;
                }
                Ok(manifest)
            }
        }
    }

    fn fill(
        self,
        root: &Path,
        mut store: Store,
        mut supply: impl Supply,
        watch: &mut dyn Watch,
    ) -> Result<Manifest, Error> {
        for shard in store.shards() {
            if !skip(root, shard, &mut supply, watch)? {
                return Ok(store.manifest());
            }
        }
        if store.is_complete() {
            return match supply.supply()? {
                None => Ok(store.manifest()),
                Some(_) => Err(changed(root, store.documents())),
            };
        }
        if let Some(learn) = &self.learn {
            for shard in store.shards() {
                learn_shard(&store, shard, learn, watch)?;
            }
        }
        let mut flow = Flow::start(
            Arc::clone(&self.pipeline),
            Arc::clone(&self.pool),
            supply,
            self.limits,
            self.record,
        )?;
        let mut open: Option<OpenShard> = None;
        loop {
            match (watch.stop(), &open) {
                (Stop::Now, _) | (Stop::AfterShard, None) => return Ok(store.manifest()),
                _ => {}
            }
            match flow.next(PATIENCE)? {
                Step::Made(mut made) => {
                    let shard = match &mut open {
                        Some(shard) => shard,
                        None => open.insert(OpenShard::new(&store, &self.formats)?),
                    };
                    shard
                        .write(&mut made)
                        .map_err(|error| Error::io("write", root, error))?;
                    watch.made(&made);
                    if shard.is_full(&self.plan)
                        && let Some(shard) = open.take()
                    {
                        watch.finished(shard.finish(root, &mut store)?);
                    }
                }
                Step::Part { words, sentences } => watch.part(words, sentences),
                Step::Waiting => watch.waiting(),
                Step::End => {
                    if let Some(shard) = open.take() {
                        watch.finished(shard.finish(root, &mut store)?);
                    }
                    index(&mut store)?;
                    return store.complete();
                }
            }
        }
    }
}

/// How long to wait for a record before asking whether to stop.
const PATIENCE: Duration = Duration::from_millis(100);

/// Reads the records of a finished shard again.
fn learn_shard(store: &Store, shard: &ShardLine, learn: &Learn, watch: &mut dyn Watch) -> Result<(), Error> {
    for path in store.record_files(shard) {
        let failed = |error| Error::io("read", &path, error);
        let mut input = BufReader::new(File::open(&path).map_err(failed)?);
        while let Some(read) = stored(&mut input, &mut 0).map_err(failed)? {
            let mut record = read.map_err(|message| Error::output(&path, message))?;
            record.parts(&mut |part| learn(part)).map_err(failed)?;
            watch.waiting();
        }
    }
    Ok(())
}

/// Makes the index of all pages, where there are pages.
fn index(store: &mut Store) -> Result<(), Error> {
    let lists = store.page_lists();
    if lists.is_empty() {
        return Ok(());
    }
    let shard = store.begin_for_all();
    let mut files = shard.files();
    let mut index = Index::new();
    for (folder, path) in lists {
        let added =
            File::open(&path).and_then(|list| index.add_list(BufReader::new(list), &folder, files.as_mut()));
        added.map_err(|error| Error::io("read", path, error))?;
    }
    let written = index.finish(files.as_mut());
    written.map_err(|error| Error::io("write", store.root(), error))?;
    drop(files);
    store.commit(
        &shard,
        Chain::default().finish(),
        BTreeMap::new(),
        Totals::default(),
    )?;
    Ok(())
}

/// Reads the documents of a finished shard, which must be what they were; `false` when stopped.
fn skip(
    root: &Path,
    shard: &ShardLine,
    supply: &mut impl Supply,
    watch: &mut dyn Watch,
) -> Result<bool, Error> {
    let mut keys = Chain::default();
    for _ in 0..shard.totals.documents {
        if watch.stop() > Stop::No {
            return Ok(false);
        }
        keys.add(match supply.supply()? {
            Some(Item::Document(document)) => Key::of_document(&document),
            Some(Item::Long(document)) => Key::of_long(&document),
            Some(Item::Unreadable(unreadable)) => Key::of_unreadable(&unreadable),
            Some(Item::Record(record)) => Key::of_record(record.head()),
            None => return Err(changed(root, shard.first)),
        });
        watch.skipped(supply.bytes_read());
    }
    if keys.finish() == shard.keys {
        Ok(true)
    } else {
        Err(changed(root, shard.first))
    }
}

fn changed(root: &Path, document: u64) -> Error {
    let message = format!(
        "the input has changed since it was read, after document {document}; `--update` redoes what has \
         changed, `--fresh` starts over"
    );
    Error::output(root, message)
}

/// A shard being written, with what its journal line will say.
struct OpenShard {
    // Before the shard itself: dropped, they close their files before these are removed.
    sinks: Vec<(String, Box<dyn Sink>)>,
    shard: Shard,
    keys: Chain,
    totals: Totals,
}

impl OpenShard {
    fn new(store: &Store, formats: &[(String, OpenSink)]) -> Result<Self, Error> {
        let shard = store.begin();
        let mut sinks = Vec::with_capacity(formats.len());
        for (name, open) in formats {
            let sink =
                open(shard.files(), store.records(name)).map_err(|error| Error::io("create", name, error))?;
            sinks.push((name.clone(), sink));
        }
        Ok(Self {
            sinks,
            shard,
            keys: Chain::default(),
            totals: Totals::default(),
        })
    }

    fn write(&mut self, made: &mut Made) -> io::Result<()> {
        for (_, sink) in &mut self.sinks {
            made.write_to(sink.as_mut())?;
        }
        self.keys.add(made.key);
        self.totals += &made.totals;
        Ok(())
    }

    fn is_full(&self, plan: &Plan) -> bool {
        let limits = plan.shard_limits;
        self.totals.documents >= limits.documents || self.totals.bytes >= limits.bytes
    }

    fn finish<'a>(mut self, root: &Path, store: &'a mut Store) -> Result<&'a ShardLine, Error> {
        let mut written = BTreeMap::new();
        for (name, sink) in self.sinks.drain(..) {
            let counts = sink.finish().map_err(|error| Error::io("write", root, error))?;
            written.insert(name, counts);
        }
        store.commit(&self.shard, self.keys.finish(), written, self.totals)
    }
}
