//! Writing HTML so that no text of a record can become markup.
//!
//! Names of elements and attributes are `&'static str`, written by us; everything else goes through
//! [`escape`]. There is no way to write a record's text past it.

/// HTML being written.
#[derive(Debug, Default)]
pub struct Html {
    written: String,
    replaced: u64,
}

/// A start tag being written; nothing may come between it and [`Tag::open`].
#[derive(Debug)]
#[must_use = "a tag is complete when it is opened"]
pub struct Tag<'a>(&'a mut Html);

impl Html {
    /// Begins a start tag.
    pub fn tag(&mut self, name: &'static str) -> Tag<'_> {
        self.written.push('<');
        self.written.push_str(name);
        Tag(self)
    }

    /// A start tag with a class, or without attributes where the class is empty.
    pub fn open(&mut self, name: &'static str, class: &'static str) {
        let tag = self.tag(name);
        if class.is_empty() {
            tag
        } else {
            tag.with("class", class)
        }
        .open();
    }

    /// An end tag.
    pub fn close(&mut self, name: &'static str) {
        self.written.push_str("</");
        self.written.push_str(name);
        self.written.push('>');
    }

    /// Text, as text.
    pub fn text(&mut self, text: &str) {
        self.replaced += escape(text, &mut self.written);
    }

    /// An element that holds nothing but text.
    pub fn element(&mut self, name: &'static str, class: &'static str, text: &str) {
        self.open(name, class);
        self.text(text);
        self.close(name);
    }

    /// Text of a record in a line of ours, isolated so that its direction cannot disturb the line.
    pub fn isolated(&mut self, text: &str) {
        self.element("bdi", "", text);
    }

    /// Markup of ours, as it is.
    pub fn raw(&mut self, markup: &'static str) {
        self.written.push_str(markup);
    }

    /// How many characters HTML forbids were replaced.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// What was written.
    pub fn into_string(self) -> String {
        self.written
    }
}

impl Tag<'_> {
    /// An attribute. Values of links go through [`link`] first.
    pub fn with(self, name: &'static str, value: &str) -> Self {
        let html = &mut *self.0;
        html.written.push(' ');
        html.written.push_str(name);
        html.written.push_str("=\"");
        html.replaced += escape(value, &mut html.written);
        html.written.push('"');
        self
    }

    /// An attribute, where there is a value.
    pub fn with_some(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The `lang` attribute: empty, which means unknown, for `und` and for what is no language tag.
    pub fn lang(self, language: &str) -> Self {
        self.with("lang", if is_language_tag(language) { language } else { "" })
    }

    /// Ends the start tag.
    pub fn open(self) {
        self.0.written.push('>');
    }
}

/// Adds `text` to `html` such that it is text in an element or an attribute in quotes. Control
/// characters, which HTML forbids, become U+FFFD; returns how many these were.
pub fn escape(text: &str, html: &mut String) -> u64 {
    let mut replaced = 0;
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\t' | '\n' | '\r' => html.push(character),
            _ if character.is_control() => {
                html.push(char::REPLACEMENT_CHARACTER);
                replaced += 1;
            }
            _ => html.push(character),
        }
    }
    replaced
}

/// The address that a text of a record may lead to: only `http` and `https`, which cannot run anything,
/// also where the text leaves the scheme out, as posts do (`pic.twitter.com/x`).
pub fn link(url: &str) -> Option<String> {
    let lower = url.to_ascii_lowercase();
    if url
        .chars()
        .any(|character| character.is_whitespace() || character.is_control())
    {
        return None;
    }
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Some(url.to_owned());
    }
    let host = url.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host = host.contains('.')
        && host
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-'));
    is_host.then(|| format!("https://{url}"))
}

fn is_language_tag(language: &str) -> bool {
    language != "und"
        && (2..=35).contains(&language.len())
        && language.starts_with(|first: char| first.is_ascii_alphabetic())
        && language
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut html = String::new();
        escape(text, &mut html);
        assert_eq!(html, expected);
    }

    #[test]
    fn what_means_something_in_html_is_escaped() {
        check("plain text, é 日本 👩‍👩‍👧", "plain text, é 日本 👩‍👩‍👧");
        check("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;");
        check("\"'>", "&quot;&#39;&gt;");
        check("a\u{0}b\u{1b}c\u{85}\t\n", "a\u{fffd}b\u{fffd}c\u{fffd}\t\n");
    }

    #[test]
    fn languages_that_are_none_are_left_empty() {
        for (language, expected) in [
            ("fr", "fr"),
            ("pt-BR", "pt-BR"),
            ("und", ""),
            ("fr\" onload=\"x", ""),
            ("", ""),
        ] {
            let mut html = Html::default();
            html.tag("p").lang(language).open();
            assert_eq!(html.into_string(), format!("<p lang=\"{expected}\">"));
        }
    }

    #[test]
    fn links_lead_to_web_pages_only() {
        for (url, expected) in [
            ("https://a.example/b?c=d#e", Some("https://a.example/b?c=d#e")),
            ("HTTP://A.example", Some("HTTP://A.example")),
            ("pic.twitter.com/x", Some("https://pic.twitter.com/x")),
            ("javascript:alert(1)", None),
            ("java\nscript:alert(1)", None),
            (" https://a.example", None),
            ("data:text/html,x", None),
            ("file:///etc/passwd", None),
            ("//evil.example", None),
            ("vbscript.x:y", None),
            ("plain", None),
            ("", None),
        ] {
            assert_eq!(link(url).as_deref(), expected, "{url:?}");
        }
    }

    proptest! {
        #[test]
        fn text_never_becomes_markup_and_comes_back(text in any::<String>()) {
            let mut html = String::new();
            escape(&text, &mut html);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
            let back = html
                .replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"")
                .replace("&#39;", "'").replace("&amp;", "&");
            let expected: String = text.chars()
                .map(|c| if c.is_control() && !matches!(c, '\t' | '\n' | '\r') { '\u{fffd}' } else { c })
                .collect();
            prop_assert_eq!(back, expected);
        }
    }
}
