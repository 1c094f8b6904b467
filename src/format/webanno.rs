//! Web Annotations of the W3C (<https://www.w3.org/TR/annotation-model/>), in JSON-LD.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::filter::Sieve;
use super::per_pair::Out;
use super::{Counts, EntityRecord, Files, Offsets, OutputOptions, Pair, Record, Sink};

/// The sink of `webanno`: one `AnnotationPage` a document, each a line. Entities are annotations of
/// the text with a class (`PER`) and an identity; renderings are annotations of their sentences, with
/// a body that translates; entities on a model's rendering are annotations of that body.
///
/// Positions are Unicode code points, as the standard wants; a quote with what stands around it is
/// given too.
pub(super) struct WebAnnotations {
    out: Out,
    sieve: Sieve,
    counts: Counts,
}

impl WebAnnotations {
    pub(super) fn create(mut files: Box<dyn Files>, options: &OutputOptions) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::new(files.create("webanno.jsonl")?),
            sieve: Sieve::new(options),
            counts: Counts::default(),
        })
    }
}

impl Sink for WebAnnotations {
    fn write(&mut self, record: &Record) -> io::Result<()> {
        self.counts.records += 1;
        self.counts.textless += u64::from(record.lacks_text());
        let Some(text) = &record.text else {
            return Ok(());
        };
        let pairs = self.sieve.pairs(record)?;
        self.counts.pairs += pairs.len() as u64;
        serde_json::to_writer(&mut self.out, &page(record, text, &pairs))?;
        self.out.write_all(b"\n")
    }

    fn finish(mut self: Box<Self>) -> io::Result<Counts> {
        self.out.flush()?;
        Ok(Counts {
            filtered: self.sieve.filtered,
            ..self.counts
        })
    }
}

/// The terms that the standard's context lacks.
const TERMS: &str = "urn:x-diglot:term:";

fn page(record: &Record, text: &str, pairs: &[Pair<'_>]) -> Value {
    let document = document_iri(record);
    let source = Passages::new(text);
    let by_id: HashMap<&str, &Pair<'_>> = pairs
        .iter()
        .map(|pair| (pair.translation.id.as_str(), pair))
        .collect();
    let mut items = Vec::new();
    for entity in &record.entities {
        items.extend(match &entity.translation {
            None => entity_annotation(&document, &document, entity, &source),
            Some(id) => by_id
                .get(id.as_str())
                .and_then(|pair| on_rendering(&document, pair, entity, &source)),
        });
    }
    items.extend(
        pairs
            .iter()
            .filter_map(|pair| translation(&document, pair, &source)),
    );
    json!({
        "@context": [
            "http://www.w3.org/ns/anno.jsonld",
            {"score": format!("{TERMS}score"), "origin": format!("{TERMS}origin"), "flags": format!("{TERMS}flags")},
        ],
        "id": format!("{document}#annotations"),
        "type": "AnnotationPage",
        "startIndex": 0,
        "items": items,
    })
}

fn on_rendering(
    document: &str,
    pair: &Pair<'_>,
    entity: &EntityRecord,
    source: &Passages<'_>,
) -> Option<Value> {
    if pair.translation.span.is_some() {
        return entity_annotation(document, document, entity, source);
    }
    let body = format!("{document}#{}", pair.translation.id);
    entity_annotation(document, &body, entity, &Passages::new(&pair.translation.text))
}

fn entity_annotation(document: &str, on: &str, entity: &EntityRecord, text: &Passages<'_>) -> Option<Value> {
    Some(json!({
        "id": format!("{document}#{}", percent(&entity.id)),
        "type": "Annotation",
        "motivation": "identifying",
        "body": [
            {"type": "TextualBody", "purpose": "classifying", "value": entity.label},
            {
                "type": "SpecificResource",
                "purpose": "identifying",
                "source": format!("{document}#{}", percent(&entity.entity)),
            },
        ],
        "target": {"source": on, "selector": text.selectors(entity.span.start, entity.span.end)?},
        "score": entity.score,
    }))
}

fn translation(document: &str, pair: &Pair<'_>, text: &Passages<'_>) -> Option<Value> {
    let translation = pair.translation;
    let start = pair.source.as_ptr().addr() - text.text.as_ptr().addr();
    let body = json!({
        "id": format!("{document}#{}", percent(&translation.id)),
        "type": "TextualBody",
        "purpose": "translating",
        "value": translation.text,
        "format": "text/plain",
        "language": pair.target_language,
    });
    let mut annotation = json!({
        "id": format!("{document}#{}-annotation", percent(&translation.id)),
        "type": "Annotation",
        "motivation": "translating",
        "body": body,
        "target": {
            "source": document,
            "language": pair.language,
            "selector": text.selectors(start, start + pair.source.len())?,
        },
        "origin": translation.origin,
        "score": translation.score,
        "flags": translation.flags,
    });
    if let Some(model) = &translation.model {
        annotation["generator"] = json!({"type": "Software", "name": model});
    }
    if let Some(span) = translation.span {
        // Where the rendering stands in the document itself.
        annotation["body"] = json!([body, {
            "type": "SpecificResource",
            "purpose": "linking",
            "source": document,
            "selector": text.selectors(span.start, span.end)?,
        }]);
    }
    Some(annotation)
}

/// A text to select passages of.
struct Passages<'a> {
    text: &'a str,
    offsets: Offsets<'a>,
}

/// Characters before and after a quote.
const CONTEXT: usize = 32;

impl<'a> Passages<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            offsets: Offsets::new(text),
        }
    }

    /// Two ways of selecting the same bytes; `None` where there are no such bytes.
    fn selectors(&self, start: usize, end: usize) -> Option<Value> {
        let exact = self.text.get(start..end)?;
        let (before, after) = (&self.text[..start], &self.text[end..]);
        let prefix = before.char_indices().rev().take(CONTEXT).last();
        let suffix = after
            .char_indices()
            .nth(CONTEXT)
            .map_or(after.len(), |(at, _)| at);
        Some(json!([
            {"type": "TextPositionSelector", "start": self.offsets.chars(start), "end": self.offsets.chars(end)},
            {
                "type": "TextQuoteSelector",
                "exact": exact,
                "prefix": prefix.map_or("", |(at, _)| &before[at..]),
                "suffix": &after[..suffix],
            },
        ]))
    }
}

fn document_iri(record: &Record) -> String {
    format!("urn:x-diglot:document:{}", percent(&record.id))
}

/// A text as part of an IRI.
fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
