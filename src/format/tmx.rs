//! TMX 1.4b, the exchange format of translation memories.

use std::io::{self, BufWriter, Write};

use super::per_pair::{Out, PairFormat};
use super::xml::Xml;
use super::{Files, Pair, SCHEMA};
use crate::provenance::VERSION;

/// One translation unit a pair, of all language pairs in one file. No unit has a date of change: the
/// file depends on the records alone.
pub(super) struct Tmx {
    out: Out,
}

impl Tmx {
    pub(super) fn create(mut files: Box<dyn Files>) -> io::Result<Self> {
        let mut out = BufWriter::new(files.create("tmx")?);
        let mut replaced = 0;
        let mut xml = Xml::new(&mut out, &mut replaced);
        xml.head(Some("tmx SYSTEM \"tmx14.dtd\""))?;
        xml.open("tmx", &[("version", "1.4")])?;
        let header = [
            ("creationtool", "diglot"),
            ("creationtoolversion", VERSION),
            ("segtype", "sentence"),
            ("o-tmf", SCHEMA),
            ("adminlang", "en"),
            ("srclang", "*all*"),
            ("datatype", "plaintext"),
        ];
        xml.empty("header", &header)?;
        xml.open("body", &[])?;
        Ok(Self { out })
    }
}

impl PairFormat for Tmx {
    fn pairs(&mut self, pairs: &[Pair<'_>], replaced: &mut u64) -> io::Result<()> {
        let mut xml = Xml::new(&mut self.out, replaced);
        pairs.iter().try_for_each(|pair| unit(&mut xml, pair))
    }

    fn finish(mut self) -> io::Result<()> {
        let mut replaced = 0;
        let mut xml = Xml::new(&mut self.out, &mut replaced);
        xml.close("body")?;
        xml.close("tmx")?;
        self.out.flush()
    }
}

fn unit(xml: &mut Xml<'_>, pair: &Pair<'_>) -> io::Result<()> {
    let translation = pair.translation;
    xml.open("tu", &[("tuid", &pair.id()), ("srclang", pair.language)])?;
    let properties = [
        ("x-document", pair.record.id.as_str()),
        ("x-sentences", &translation.sentences.join(" ")),
        ("x-origin", &translation.origin),
        ("x-score", &translation.score.to_string()),
        ("x-model", translation.model.as_deref().unwrap_or_default()),
        ("x-flags", &translation.flags.join(" ")),
        ("x-author", pair.byline.author.unwrap_or_default()),
        ("x-handle", pair.byline.handle.unwrap_or_default()),
        ("x-date", pair.byline.date.unwrap_or_default()),
        ("x-url", pair.byline.url.unwrap_or_default()),
    ];
    for (name, value) in properties {
        xml.field("prop", &[("type", name)], value)?;
    }
    variant(xml, pair.language, pair.source)?;
    variant(xml, pair.target_language, &translation.text)?;
    xml.close("tu")
}

fn variant(xml: &mut Xml<'_>, language: &str, text: &str) -> io::Result<()> {
    xml.start("tuv", &[("xml:lang", language)])?;
    xml.field("seg", &[], text)?;
    xml.close("tuv")
}
