//! The most frequent names of a corpus, in bounded memory.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use crate::format::EntityRecord;

/// A name and how often it comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NameCount {
    /// The name, in the form most frequent in each document.
    pub name: String,
    /// Documents that name it.
    pub documents: u64,
    /// Mentions in these.
    pub mentions: u64,
}

/// Counts names, of at most `cap` things at a time.
///
/// When there are more, those in the fewest documents are let go until half are left. A name that
/// comes again later starts anew, so its count may be too low by what it had: at most the sum, over the
/// times this happened, of the largest count that was let go ("lossy counting", Manku and Motwani 2002).
#[derive(Debug)]
pub struct Names {
    cap: usize,
    counts: HashMap<Key, Count>,
    missed: u64,
}

/// The names of one document.
pub type Named = HashSet<Key>;

/// A label and a name.
pub type Key = (String, String);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Count {
    documents: u64,
    mentions: u64,
}

/// Labels that are listed.
const LABELS: usize = 50;

/// Bytes of a name that are kept: longer ones are no names, and would make the cap worthless.
const LONGEST: usize = 200;

impl Names {
    /// Counts of nothing, for at most `cap` things at a time.
    pub fn new(cap: usize) -> Self {
        Self {
            cap: cap.max(2),
            counts: HashMap::new(),
            missed: 0,
        }
    }

    /// Counts the things of one document, or of a part of one, of which `before` has the names of the
    /// parts before.
    pub fn add(&mut self, entities: &[EntityRecord], before: &mut Named) {
        let mut things: BTreeMap<&str, Thing<'_>> = BTreeMap::new();
        for entity in entities {
            things.entry(&entity.entity).or_default().add(entity);
        }
        // Two things of a document may have one name; the document counts once all the same.
        let mut named: BTreeMap<Key, u64> = BTreeMap::new();
        for thing in things.values() {
            *named.entry(thing.key()).or_default() += thing.mentions;
        }
        for (key, mentions) in named {
            let new = before.insert(key.clone());
            let count = self.counts.entry(key).or_default();
            count.documents += u64::from(new);
            count.mentions += mentions;
        }
        if self.counts.len() > self.cap {
            self.let_go();
        }
    }

    /// The most frequent names of each label: by documents, then by mentions, then by name.
    pub fn top(&self, count: usize) -> BTreeMap<String, Vec<NameCount>> {
        let mut top: BTreeMap<String, Vec<NameCount>> = BTreeMap::new();
        for ((label, name), count) in self.ranked() {
            // Labels of records from elsewhere may be many.
            if !top.contains_key(label) && top.len() == LABELS {
                continue;
            }
            let names = top.entry(label.clone()).or_default();
            names.push(NameCount {
                name: name.clone(),
                documents: count.documents,
                mentions: count.mentions,
            });
        }
        top.values_mut().for_each(|names| names.truncate(count));
        top
    }

    /// By how many documents a count may be too low.
    pub fn missed(&self) -> u64 {
        self.missed
    }

    fn ranked(&self) -> Vec<(&Key, &Count)> {
        let mut ranked: Vec<_> = self.counts.iter().collect();
        ranked.sort_unstable_by(|a, b| (Reverse(a.1), a.0).cmp(&(Reverse(b.1), b.0)));
        ranked
    }

    fn let_go(&mut self) {
        let ranked = self.ranked();
        let kept = self.cap / 2;
        let largest_gone = ranked.get(kept).map_or(0, |entry| entry.1.documents);
        let kept = ranked.into_iter().take(kept);
        self.counts = kept.map(|(key, &count)| (key.clone(), count)).collect();
        self.missed += largest_gone;
    }
}

/// A thing of one document.
#[derive(Default)]
struct Thing<'a> {
    mentions: u64,
    /// Its labels and forms, with how often each comes and where it comes first.
    labels: HashMap<&'a str, (u64, Reverse<u64>)>,
    forms: HashMap<&'a str, (u64, Reverse<u64>)>,
}

impl<'a> Thing<'a> {
    fn add(&mut self, entity: &'a EntityRecord) {
        let first = Reverse(self.mentions);
        self.labels.entry(&entity.label).or_insert((0, first)).0 += 1;
        // What a translation calls it counts only where nothing else is known.
        let weight = if entity.translation.is_none() { 1_000 } else { 1 };
        self.forms.entry(&entity.text).or_insert((0, first)).0 += weight;
        self.mentions += 1;
    }

    fn key(&self) -> Key {
        let label = most(&self.labels).chars().take(40).collect();
        let words: Vec<&str> = most(&self.forms).split_whitespace().collect();
        let mut name = words.join(" ");
        name.truncate(name.floor_char_boundary(LONGEST));
        (label, name)
    }
}

/// The most frequent, of equals the first to come.
fn most<'a>(counts: &HashMap<&'a str, (u64, Reverse<u64>)>) -> &'a str {
    counts
        .iter()
        .max_by_key(|entry| entry.1)
        .map_or("", |entry| entry.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::fake;

    fn mention(thing: &str, text: &str, label: &str) -> EntityRecord {
        EntityRecord {
            text: text.to_owned(),
            label: label.to_owned(),
            entity: thing.to_owned(),
            ..fake::plain().entities[0].clone()
        }
    }

    fn names(top: &BTreeMap<String, Vec<NameCount>>, label: &str) -> Vec<(String, u64, u64)> {
        let count = |one: &NameCount| (one.name.clone(), one.documents, one.mentions);
        top.get(label)
            .map(|names| names.iter().map(count).collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_thing_counts_once_a_document_under_its_most_frequent_name() {
        let mut counts = Names::new(100);
        let mentions = [
            mention("x0", "FLK", "ORG"),
            mention("x0", "Fonds  de\nlecture", "ORG"),
            mention("x0", "Fonds  de\nlecture", "LOC"),
            mention("x1", "Ansa", "PER"),
            mention("x2", "Ansa", "PER"),
        ];
        counts.add(&mentions, &mut Named::new());
        counts.add(
            &[mention("x0", "Ansa", "PER"), mention("x1", "Bo", "PER")],
            &mut Named::new(),
        );
        let top = counts.top(10);
        assert_eq!(names(&top, "ORG"), [("Fonds de lecture".to_owned(), 1, 3)]);
        assert_eq!(
            names(&top, "PER"),
            [("Ansa".to_owned(), 2, 3), ("Bo".to_owned(), 1, 1)]
        );
        assert_eq!(counts.missed(), 0);
        assert_eq!(names(&counts.top(1), "PER").len(), 1);
    }

    #[test]
    fn past_the_cap_the_frequent_stay_and_what_may_be_missed_is_said() {
        let mut counts = Names::new(10);
        for document in 0..200 {
            let rare = format!("rare {document}");
            counts.add(
                &[mention("x0", "Often", "PER"), mention("x1", &rare, "PER")],
                &mut Named::new(),
            );
        }
        assert_eq!(names(&counts.top(1), "PER"), [("Often".to_owned(), 200, 200)]);
        assert!(counts.counts.len() <= 10);
        assert!(counts.missed() > 0);
    }

    #[test]
    fn counts_with_a_bound_are_right_within_it() {
        let mut counts = Names::new(8);
        for document in 0..300_u64 {
            let name = format!("n{}", document * document % 13);
            counts.add(&[mention("x0", &name, "LOC")], &mut Named::new());
        }
        for (name, documents, _) in names(&counts.top(100), "LOC") {
            let exact = (0..300_u64)
                .filter(|at| format!("n{}", at * at % 13) == name)
                .count() as u64;
            assert!(
                documents <= exact && exact <= documents + counts.missed(),
                "{name}: {documents} of {exact}"
            );
        }
    }
}
