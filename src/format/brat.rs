//! brat standoff (<https://brat.nlplab.org/standoff.html>).

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::text::{breaks_line, cell, line};
use super::{Counts, EntityRecord, Files, Record, Sink};
use crate::Span;
use crate::format::Offsets;
use crate::provenance::sha256;

/// The sink of `brat`: in a folder `brat`, for each document its text, unchanged, and its entities in
/// code points; for a document with translations the same for these, one a line, as
/// `NAME.translations`; and once the configuration that brat needs to show them.
///
/// Mentions of one thing are joined by `Equiv`, and a note on each says which thing it is, since the
/// ids hold across the two texts.
pub(super) struct Brat {
    files: Box<dyn Files>,
    names: HashSet<String>,
    configured: bool,
    counts: Counts,
}

const CONFIGURATION: &str = "\
[entities]
PER
ORG
LOC
MISC

[relations]
Equiv\tArg1:<ENTITY>, Arg2:<ENTITY>, <REL-TYPE>:symmetric-transitive

[events]

[attributes]
";

impl Brat {
    pub(super) fn new(files: Box<dyn Files>) -> Self {
        Self {
            files,
            names: HashSet::new(),
            configured: false,
            counts: Counts::default(),
        }
    }

    fn file(&mut self, name: &str, content: &str) -> io::Result<()> {
        let mut file = self.files.create(&format!("brat/{name}"))?;
        file.write_all(content.as_bytes())?;
        file.flush()
    }

    fn document(&mut self, name: &str, text: &str, mentions: &[(Span, &EntityRecord)]) -> io::Result<()> {
        self.file(&format!("{name}.txt"), text)?;
        self.file(&format!("{name}.ann"), &annotations(text, mentions))
    }

    fn name(&mut self, id: &str) -> String {
        let name = file_name(id);
        let mut unique = name.clone();
        let mut number = 1;
        while !self.names.insert(unique.to_lowercase()) {
            number += 1;
            unique = format!("{name}-{number}");
        }
        unique
    }
}

impl Sink for Brat {
    fn write(&mut self, record: &Record) -> io::Result<()> {
        self.counts.records += 1;
        self.counts.textless += u64::from(record.lacks_text());
        let Some(text) = &record.text else {
            return Ok(());
        };
        if !self.configured {
            self.file("annotation.conf", CONFIGURATION)?;
            self.configured = true;
        }
        let name = self.name(&record.id);
        self.document(&name, text, &on_text(record))?;
        let (lines, mentions) = translations(record, &mut self.counts.replaced);
        if lines.is_empty() {
            return Ok(());
        }
        self.document(&format!("{name}.translations"), &lines, &mentions)
    }

    fn finish(self: Box<Self>) -> io::Result<Counts> {
        Ok(self.counts)
    }
}

/// Entities that stand in the document: on the source and on renderings that the document holds.
fn on_text(record: &Record) -> Vec<(Span, &EntityRecord)> {
    let made: HashSet<&str> = record
        .translations
        .iter()
        .filter(|translation| translation.span.is_none())
        .map(|translation| translation.id.as_str())
        .collect();
    let mut mentions: Vec<_> = record
        .entities
        .iter()
        .filter(|entity| entity.translation.as_deref().is_none_or(|id| !made.contains(id)))
        .filter_map(|entity| Some((span(entity, 0)?, entity)))
        .collect();
    mentions.sort_by_key(|(span, _)| *span);
    mentions.dedup_by(|b, a| a.0 == b.0 && a.1.label == b.1.label);
    mentions
}

/// The translations that models made, one a line, and the entities on them.
fn translations<'a>(record: &'a Record, replaced: &mut u64) -> (String, Vec<(Span, &'a EntityRecord)>) {
    let mut entities: BTreeMap<&str, Vec<&EntityRecord>> = BTreeMap::new();
    for entity in &record.entities {
        if let Some(id) = &entity.translation {
            entities.entry(id).or_default().push(entity);
        }
    }
    let (mut lines, mut mentions) = (String::new(), Vec::new());
    let made = record.translations.iter().filter(|made| made.span.is_none());
    for translation in made {
        // As long in bytes as before: a line break of several bytes becomes as many blanks.
        let text = flat(&translation.text, replaced);
        let on_it = entities.remove(translation.id.as_str()).unwrap_or_default();
        mentions.extend(
            on_it
                .into_iter()
                .filter_map(|entity| Some((span(entity, lines.len())?, entity))),
        );
        lines.push_str(&text);
        lines.push('\n');
    }
    (lines, mentions)
}

fn flat(text: &str, replaced: &mut u64) -> String {
    let mut flat = String::with_capacity(text.len());
    for c in text.chars() {
        if breaks_line(c) {
            *replaced += 1;
            flat.extend(std::iter::repeat_n(' ', c.len_utf8()));
        } else {
            flat.push(c);
        }
    }
    flat
}

fn span(entity: &EntityRecord, offset: usize) -> Option<Span> {
    let (start, end) = (entity.span.start, entity.span.end);
    (start < end).then(|| Span::new(start, end).shifted(offset))
}

fn annotations(text: &str, mentions: &[(Span, &EntityRecord)]) -> String {
    let offsets = Offsets::new(text);
    let mut written = String::new();
    let mut things: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut number = 0;
    for (span, entity) in mentions {
        let fragments = fragments(text, *span);
        if fragments.is_empty() {
            continue;
        }
        number += 1;
        let place = |part: &Span| format!("{} {}", offsets.chars(part.start()), offsets.chars(part.end()));
        let places: Vec<String> = fragments.iter().map(place).collect();
        let surface: Vec<&str> = fragments.iter().filter_map(|part| part.of(text)).collect();
        let label = line(&entity.label, &mut 0).replace(' ', "_");
        let thing = cell(&entity.entity, &mut 0);
        let _ = writeln!(
            written,
            "T{number}\t{label} {}\t{}\n#{number}\tAnnotatorNotes T{number}\t{thing}",
            places.join(";"),
            surface.join(" ")
        );
        things
            .entry(&entity.entity)
            .or_default()
            .push(format!("T{number}"));
    }
    for mentions in things.values().filter(|mentions| mentions.len() > 1) {
        let _ = writeln!(written, "*\tEquiv {}", mentions.join(" "));
    }
    written
}

/// The parts of a span between line breaks: brat has no span across one, but spans of several parts.
fn fragments(text: &str, span: Span) -> Vec<Span> {
    let Some(surface) = span.of(text) else {
        return Vec::new();
    };
    let parts = surface.split(|c| breaks_line(c) || c == '\t');
    parts
        .filter_map(|part| {
            let kept = part.trim();
            let start = span.start() + (kept.as_ptr().addr() - surface.as_ptr().addr());
            (!kept.is_empty()).then(|| Span::new(start, start + kept.len()))
        })
        .collect()
}

/// A document's id as a file name: with a part of its hash where it holds anything else than letters,
/// digits, `-`, `_` and `.`, so that ids that differ have names that differ.
fn file_name(id: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    /// Most file systems allow 255 bytes; a suffix and the name of a temporary file need room.
    const LONGEST: usize = 120;
    let whole = id.len() <= LONGEST && !id.is_empty() && !id.starts_with('.') && id.chars().all(safe);
    if whole {
        return id.to_owned();
    }
    let kept = id.chars().map(|c| if safe(c) { c } else { '_' }).take(LONGEST);
    let kept: String = kept.collect();
    let hash = sha256(id.as_bytes());
    format!("{}-{}", kept.trim_start_matches('.'), &hash[..8])
}
