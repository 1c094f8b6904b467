//! XLIFF 2.1, the exchange format of translation tools.

use std::collections::BTreeMap;
use std::io;

use super::per_pair::{Named, Out, PairFormat};
use super::xml::Xml;
use super::{Files, Mention, Pair};

/// The namespace of XLIFF 2.0 and 2.1.
const CORE: &str = "urn:oasis:names:tc:xliff:document:2.0";
/// The namespace of the metadata module.
const METADATA: &str = "urn:oasis:names:tc:xliff:metadata:2.0";

/// One `file` a document and one `unit` with one `segment` a pair, in a document for each language
/// pair, since XLIFF has one source and one target language.
pub(super) struct Xliff {
    files: Named,
    /// Documents so far in each file, which their ids are made of.
    documents: BTreeMap<String, u64>,
}

impl Xliff {
    pub(super) fn new(files: Box<dyn Files>) -> Self {
        Self {
            files: Named::new(files),
            documents: BTreeMap::new(),
        }
    }

    /// The pairs of one record that are in the languages of the first.
    fn document(&mut self, first: &Pair<'_>, pairs: &[&Pair<'_>], replaced: &mut u64) -> io::Result<()> {
        let languages = first.languages();
        let number = self.documents.entry(languages.clone()).or_default();
        *number += 1;
        let out = self
            .files
            .get(&format!("{languages}.xlf"), |out| head(out, first))?;
        let mut xml = Xml::new(out, replaced);
        let attributes = [
            ("id", &*format!("f{number}")),
            ("original", &first.record.id),
            ("xml:space", "preserve"),
        ];
        xml.open("file", &attributes)?;
        for (at, pair) in pairs.iter().enumerate() {
            unit(&mut xml, pair, at + 1)?;
        }
        xml.close("file")
    }
}

impl PairFormat for Xliff {
    fn pairs(&mut self, pairs: &[Pair<'_>], replaced: &mut u64) -> io::Result<()> {
        let mut by_languages: BTreeMap<(&str, &str), Vec<&Pair<'_>>> = BTreeMap::new();
        for pair in pairs {
            by_languages
                .entry((pair.language, pair.target_language))
                .or_default()
                .push(pair);
        }
        for pairs in by_languages.values() {
            if let Some(first) = pairs.first() {
                self.document(first, pairs, replaced)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        self.files.finish(|out| Xml::new(out, &mut 0).close("xliff"))
    }
}

fn head(out: &mut Out, pair: &Pair<'_>) -> io::Result<()> {
    let mut replaced = 0;
    let mut xml = Xml::new(out, &mut replaced);
    xml.head(None)?;
    let attributes = [
        ("version", "2.1"),
        ("xmlns", CORE),
        ("xmlns:mda", METADATA),
        ("srcLang", pair.language),
        ("trgLang", pair.target_language),
    ];
    xml.open("xliff", &attributes)
}

fn unit(xml: &mut Xml<'_>, pair: &Pair<'_>, number: usize) -> io::Result<()> {
    let flags = &pair.translation.flags;
    xml.open(
        "unit",
        &[("id", &*format!("u{number}")), ("name", &pair.translation.id)],
    )?;
    metadata(xml, pair)?;
    if !flags.is_empty() {
        xml.open("notes", &[])?;
        for flag in flags {
            xml.field("note", &[("category", "flag"), ("appliesTo", "target")], flag)?;
        }
        xml.close("notes")?;
    }
    // A flagged rendering is still to be looked at; no other has been either, but nothing speaks against it.
    let (state, detail) = match (flags.is_empty(), pair.translation.origin.as_str()) {
        (false, _) => ("initial", "diglot:flagged"),
        (true, "aligned") => ("translated", "diglot:aligned"),
        (true, _) => ("translated", "diglot:translated"),
    };
    xml.open("segment", &[("state", state), ("subState", detail)])?;
    let mut number = 0;
    content(xml, "source", pair.source, &pair.source_mentions, &mut number)?;
    content(
        xml,
        "target",
        &pair.translation.text,
        &pair.target_mentions,
        &mut number,
    )?;
    xml.close("segment")?;
    xml.close("unit")
}

fn metadata(xml: &mut Xml<'_>, pair: &Pair<'_>) -> io::Result<()> {
    let translation = pair.translation;
    let fields = [
        ("document", pair.record.id.as_str()),
        ("translation", &translation.id),
        ("sentences", &translation.sentences.join(" ")),
        ("origin", &translation.origin),
        ("score", &translation.score.to_string()),
        ("model", translation.model.as_deref().unwrap_or_default()),
        ("flags", &translation.flags.join(" ")),
        ("author", pair.byline.author.unwrap_or_default()),
        ("handle", pair.byline.handle.unwrap_or_default()),
        ("date", pair.byline.date.unwrap_or_default()),
        ("url", pair.byline.url.unwrap_or_default()),
    ];
    xml.open("mda:metadata", &[])?;
    xml.open("mda:metaGroup", &[("category", "diglot")])?;
    for (name, value) in fields {
        xml.field("mda:meta", &[("type", name)], value)?;
    }
    xml.close("mda:metaGroup")?;
    xml.close("mda:metadata")
}

/// A side, with its entities as markers. Marker ids are unique in the unit; the ids of things, which
/// both sides share, stand in `ref`.
fn content(
    xml: &mut Xml<'_>,
    name: &str,
    text: &str,
    mentions: &[Mention<'_>],
    number: &mut usize,
) -> io::Result<()> {
    xml.start(name, &[])?;
    let mut at = 0;
    for mention in mentions {
        *number += 1;
        let entity = mention.entity;
        xml.text(text.get(at..mention.span.start()).unwrap_or_default())?;
        let attributes = [
            ("id", &*format!("m{number}")),
            ("type", "diglot:entity"),
            ("value", &entity.label),
            ("ref", &entity_iri(&entity.entity)),
        ];
        xml.start("mrk", &attributes)?;
        xml.text(mention.span.of(text).unwrap_or_default())?;
        xml.end("mrk")?;
        at = mention.span.end();
    }
    xml.text(text.get(at..).unwrap_or_default())?;
    xml.close(name)
}

/// What `ref` points to has to be an IRI; entity ids hold within one document.
fn entity_iri(entity: &str) -> String {
    let safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    format!(
        "urn:x-diglot:entity:{}",
        entity.chars().filter(safe).collect::<String>()
    )
}
