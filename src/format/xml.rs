//! Writing XML: elements on lines of their own, and texts with nothing that XML forbids.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesStart, BytesText, Event};

use super::per_pair::Out;
use super::text;

/// An attribute: name and value.
pub(super) type Attribute<'a> = (&'a str, &'a str);

/// An XML document being written; counts the characters that had to be replaced.
pub(super) struct Xml<'o> {
    writer: Writer<&'o mut Out>,
    replaced: &'o mut u64,
}

impl<'o> Xml<'o> {
    pub(super) fn new(out: &'o mut Out, replaced: &'o mut u64) -> Self {
        Self {
            writer: Writer::new(out),
            replaced,
        }
    }

    /// The declaration, and the document type where there is one.
    pub(super) fn head(&mut self, doctype: Option<&str>) -> io::Result<()> {
        self.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        self.end_line()?;
        if let Some(doctype) = doctype {
            self.event(Event::DocType(BytesText::from_escaped(doctype)))?;
            self.end_line()?;
        }
        Ok(())
    }

    /// A start tag, on the line where it stands.
    pub(super) fn start(&mut self, name: &str, attributes: &[Attribute<'_>]) -> io::Result<()> {
        let start = self.tag(name, attributes);
        self.event(Event::Start(start))
    }

    /// A start tag that ends a line: only where white space means nothing.
    pub(super) fn open(&mut self, name: &str, attributes: &[Attribute<'_>]) -> io::Result<()> {
        self.start(name, attributes)?;
        self.end_line()
    }

    /// An empty element on a line.
    pub(super) fn empty(&mut self, name: &str, attributes: &[Attribute<'_>]) -> io::Result<()> {
        let tag = self.tag(name, attributes);
        self.event(Event::Empty(tag))?;
        self.end_line()
    }

    /// An end tag.
    pub(super) fn end(&mut self, name: &str) -> io::Result<()> {
        self.event(Event::End(BytesStart::new(name).to_end()))
    }

    /// An end tag that ends a line.
    pub(super) fn close(&mut self, name: &str) -> io::Result<()> {
        self.end(name)?;
        self.end_line()
    }

    /// Text inside an element.
    pub(super) fn text(&mut self, content: &str) -> io::Result<()> {
        let content = text::xml(content, self.replaced);
        self.event(Event::Text(BytesText::new(&content)))
    }

    /// An element with text, on a line; nothing for empty text.
    pub(super) fn field(
        &mut self,
        name: &str,
        attributes: &[Attribute<'_>],
        content: &str,
    ) -> io::Result<()> {
        if content.is_empty() {
            return Ok(());
        }
        self.start(name, attributes)?;
        self.text(content)?;
        self.close(name)
    }

    fn tag(&mut self, name: &str, attributes: &[Attribute<'_>]) -> BytesStart<'static> {
        let mut tag = BytesStart::new(name.to_owned());
        for (key, value) in attributes {
            tag.push_attribute((*key, text::attribute(value, self.replaced)));
        }
        tag
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.event(Event::Text(BytesText::from_escaped("\n")))
    }

    fn event(&mut self, event: Event<'_>) -> io::Result<()> {
        self.writer.write_event(event)
    }
}
