//! Looking through an output directory: does it hold what it says?

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

use super::check::check_stored;
use super::hashed::Hashed;
use super::key::{Chain, Key};
use super::store::{self, FileLine, Manifest, ShardLine};
use super::totals::Totals;
use crate::Error;
use crate::document::Document;
use crate::format::{Record, RecordOptions, RunRecord, StoredRecord, stored};
use crate::pipeline::Pipeline;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, with the line where there is one: `records-00002.jsonl:17`.
    pub place: String,
    /// What was expected and what was found.
    pub message: String,
}

/// What was looked at.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The manifest.
    pub manifest: Manifest,
    /// Counts over the records that were read.
    pub totals: Totals,
    /// How many shards there are.
    pub shards: u64,
    /// How many problems there are.
    pub problems: u64,
    /// Records to make again, spread over the corpus, with their places; see [`remake`].
    pub samples: Vec<(String, Record)>,
}

/// Looks through the output directory `root`, one record in memory at a time, and of a long
/// one, a part.
///
/// Hashes and sizes of all files, counts, order and sources are made again and compared with journal
/// and manifest; every record is checked by [`super::check_record`]. Each problem goes to `found`
/// as it turns up. `samples` records without errors are kept for [`remake`].
///
/// # Errors
///
/// When manifest or journal cannot be read. A missing or damaged shard is a problem, not an error.
pub fn verify(root: &Path, samples: u64, found: &mut dyn FnMut(Problem)) -> Result<Verified, Error> {
    let manifest = Manifest::read(root)?;
    let shards = store::shards(root)?;
    let documents = shards.iter().map(|shard| shard.totals.documents).sum();
    let mut look = Look {
        root,
        problems: 0,
        found,
        totals: Totals::default(),
        wanted: chosen(documents, samples),
        samples: Vec::new(),
    };
    look.manifest(&manifest, &shards);
    let mut first = 0;
    for shard in &shards {
        if shard.first != first {
            look.say(
                store::JOURNAL,
                format!(
                    "shard {}: expected {first} documents before it, found {}",
                    shard.shard, shard.first
                ),
            );
        }
        first += shard.totals.documents;
        look.shard(shard);
    }
    look.strays(&shards)?;
    Ok(Verified {
        totals: look.totals,
        shards: manifest.shards,
        problems: look.problems,
        samples: look.samples,
        manifest,
    })
}

/// Makes sampled records again, with what `options` say, and compares them byte for byte; what differs
/// goes to `found`.
///
/// Nothing is compared where the pipeline is not the one that made the records: then the result says
/// what differs.
///
/// # Errors
///
/// The differences between the two pipelines, in words.
pub fn remake(
    pipeline: &Pipeline,
    options: RecordOptions,
    samples: &[(String, Record)],
    found: &mut dyn FnMut(Problem),
) -> Result<u64, String> {
    let run = RunRecord::from(pipeline.run());
    let mut compared = 0;
    for (place, record) in samples {
        if record.run != run {
            return Err(differences(&record.run, &run));
        }
        let Some(text) = &record.text else {
            return Err("the records carry no text to make them again from".to_owned());
        };
        let made = pipeline.process(&Document::new(record.id.clone(), text.clone()));
        let mut made = Record::with_options(&made, pipeline.run(), options);
        made.source.clone_from(&record.source);
        made.meta.clone_from(&record.meta);
        compared += 1;
        if serde_json::to_string(&made).ok() != serde_json::to_string(record).ok() {
            found(Problem {
                place: place.clone(),
                message: format!("`{}`: made again, the record is another one", record.id),
            });
        }
    }
    Ok(compared)
}

fn differences(before: &RunRecord, now: &RunRecord) -> String {
    let mut differences = Vec::new();
    if before.version != now.version {
        differences.push(format!(
            "version {} made them, this is {}",
            before.version, now.version
        ));
    }
    if before.models != now.models {
        differences.push("they were made with other models".to_owned());
    }
    if before.settings != now.settings {
        differences.push("they were made with other settings".to_owned());
    }
    differences.join("; ")
}

/// Numbers of documents spread evenly over all of them.
fn chosen(documents: u64, samples: u64) -> Vec<u64> {
    let samples = samples.min(documents);
    (0..samples)
        .map(|at| (2 * at + 1) * documents / (2 * samples))
        .collect()
}

struct Look<'a> {
    root: &'a Path,
    problems: u64,
    found: &'a mut dyn FnMut(Problem),
    totals: Totals,
    /// Numbers of documents to keep.
    wanted: Vec<u64>,
    samples: Vec<(String, Record)>,
}

/// What the records of a shard say.
#[derive(Default)]
struct Seen {
    totals: Totals,
    keys: Chain,
}

impl Look<'_> {
    fn say(&mut self, place: impl Into<String>, message: impl Into<String>) {
        self.problems += 1;
        (self.found)(Problem {
            place: place.into(),
            message: message.into(),
        });
    }

    fn manifest(&mut self, manifest: &Manifest, shards: &[ShardLine]) {
        if !manifest.complete {
            self.say(
                store::MANIFEST,
                "the run is not complete; `diglot run --resume` goes on with it",
            );
        }
        let expected = Manifest::new(&manifest.plan, shards, manifest.complete);
        if manifest.shards != expected.shards {
            let message = format!(
                "expected {} shards as in the journal, found {}",
                expected.shards, manifest.shards
            );
            self.say(store::MANIFEST, message);
        } else if *manifest != expected {
            self.say(store::MANIFEST, "its counts are not the sums of the journal's");
        }
    }

    fn shard(&mut self, shard: &ShardLine) {
        for file in &shard.files {
            let records = file.name == format!("records-{:05}.jsonl", shard.shard);
            let seen = match self.file(file, records, shard.first) {
                Ok(seen) => seen,
                Err(error) => {
                    self.say(&file.name, format!("cannot be read: {error}"));
                    continue;
                }
            };
            if records {
                if seen.totals != shard.totals {
                    self.say(&file.name, differing(&shard.totals, &seen.totals));
                }
                if seen.keys.finish() != shard.keys {
                    self.say(
                        &file.name,
                        "its records are not those of the documents in the journal",
                    );
                }
                self.totals += &seen.totals;
            }
        }
    }

    fn file(&mut self, file: &FileLine, records: bool, first: u64) -> io::Result<Seen> {
        let mut input = Hashed::new(File::open(self.root.join(&file.name))?);
        let mut seen = Seen::default();
        if records {
            self.records(&mut input, &file.name, first, &mut seen)?;
        } else {
            io::copy(&mut input, &mut io::sink())?;
        }
        let (bytes, sha256) = input.finish();
        if bytes != file.bytes {
            self.say(
                &file.name,
                format!("expected {} bytes, found {bytes}", file.bytes),
            );
        } else if sha256 != file.sha256 {
            self.say(
                &file.name,
                format!("expected sha256 {}, found {sha256}", file.sha256),
            );
        }
        Ok(seen)
    }

    fn records(&mut self, input: &mut Hashed, name: &str, first: u64, seen: &mut Seen) -> io::Result<()> {
        let mut input = BufReader::with_capacity(1 << 16, input);
        let (mut line, mut number) = (0, first);
        while let Some(read) = stored(&mut input, &mut line)? {
            let place = format!("{name}:{line}");
            let mut record = match read {
                Ok(record) => record,
                Err(message) => {
                    self.say(place, message);
                    continue;
                }
            };
            for problem in check_stored(&mut record)? {
                self.say(&place, format!("`{}`: {problem}", record.head().id));
            }
            seen.totals.add_stored(&mut record)?;
            seen.keys.add(Key::of_record(record.head()));
            // Longer documents are made in parts, which is not the way of a sample.
            if let StoredRecord::Whole(record) = record {
                self.sample(number, place, *record);
            }
            number += 1;
        }
        Ok(())
    }

    /// Keeps a record that is wanted; in the place of one with errors, the next without.
    fn sample(&mut self, number: u64, place: String, record: Record) {
        let due = self
            .wanted
            .get(self.samples.len())
            .is_some_and(|wanted| *wanted <= number);
        if due && record.errors.is_empty() {
            self.samples.push((place, record));
        }
    }

    /// Files that look like those of a run, and are in no journal.
    fn strays(&mut self, shards: &[ShardLine]) -> Result<(), Error> {
        let known: BTreeMap<&str, ()> = shards
            .iter()
            .flat_map(|shard| &shard.files)
            .map(|file| (file.name.as_str(), ()))
            .collect();
        let entries = fs::read_dir(self.root).map_err(|error| Error::io("read", self.root, error))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| store::shard_number(name).is_some() && !known.contains_key(name.as_str()))
            .collect();
        names.sort();
        for name in names {
            self.say(name, "the journal has no line for it");
        }
        Ok(())
    }
}

fn differing(expected: &Totals, found: &Totals) -> String {
    let pairs = [
        ("documents", expected.documents, found.documents),
        ("bytes", expected.bytes, found.bytes),
        ("segments", expected.segments, found.segments),
        ("sentences", expected.sentences, found.sentences),
        ("translated", expected.translated, found.translated),
        ("aligned", expected.aligned, found.aligned),
        ("flagged", expected.flagged, found.flagged),
        ("entities", expected.entities, found.entities),
        ("failed", expected.failed, found.failed),
    ];
    let pair = pairs.into_iter().find(|(_, expected, found)| expected != found);
    pair.map_or_else(
        || "its counts by language, flag or error are not those of the journal".to_owned(),
        |(name, expected, found)| format!("expected {expected} {name} as in the journal, found {found}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_spread_over_all_documents() {
        assert_eq!(chosen(100, 3), [16, 50, 83]);
        assert_eq!(chosen(2, 3), [0, 1]);
        assert!(chosen(0, 3).is_empty() && chosen(5, 0).is_empty());
    }
}
