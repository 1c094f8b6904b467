//! What of a sentence has a settled rendering.

use std::borrow::Cow;

use crate::Span;
use crate::entity::fold::folded_words;

/// A word or several of a sentence that have a settled rendering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term<'a> {
    /// Where it stands; of a name with its French article: `la Guinée`.
    pub span: Span,
    /// What stands before a name and holds an article or elides, up to the term, and what the model reads in its
    /// place: `du` for `de`.
    pub lead: Option<(Span, &'static str)>,
    /// What stands for it in the output.
    pub rendering: Cow<'a, str>,
    /// Whether an article of the output in front of it is its own or none of it: names alone.
    pub is_name: bool,
    pub accepted: Accepted<'a>,
}

/// What says that an output has the term; all in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Accepted<'a> {
    /// One of these, without article.
    Forms(Cow<'a, [String]>),
    /// A word that begins as one of these does.
    Stems(Vec<String>),
    /// All of these words without accents, or none of them: then it is a name that has another form.
    Words(Vec<String>),
}

/// Words with the same first letters are taken for forms of one word, from this many letters on.
const STEM: usize = 5;

/// Shorter words are compared as a whole with nothing.
const MIN_STEM: usize = 4;

impl<'a> Term<'a> {
    /// A rare word of the source at `span`, which any of `forms` may render, and `rendering` does best. A word of the
    /// output that begins as it does itself is taken for its rendering too.
    pub(super) fn rare(span: Span, word: &str, rendering: String, forms: Vec<String>) -> Self {
        let own = std::iter::once(word.to_lowercase());
        Self {
            span,
            lead: None,
            rendering: Cow::Owned(rendering),
            is_name: false,
            accepted: Accepted::Stems(forms.into_iter().chain(own).collect()),
        }
    }

    /// What is carried over as it is, unless the output has one of `forms`.
    pub(super) fn with_forms(span: Span, rendering: String, forms: Vec<String>) -> Self {
        Self {
            span,
            lead: None,
            rendering: Cow::Owned(rendering),
            is_name: false,
            accepted: Accepted::Forms(Cow::Owned(forms)),
        }
    }

    /// The name `text` at `span`, of several words, which is lost where some of them are.
    pub(super) fn name(span: Span, text: &'a str) -> Self {
        Self {
            span,
            lead: None,
            rendering: Cow::Borrowed(text),
            is_name: false,
            accepted: Accepted::Words(folded_words(text)),
        }
    }

    /// Whether it is an adjective of nationality: in lower case in French, with a capital in English.
    pub(super) fn is_nationality(&self, sentence: &str) -> bool {
        sentence[self.span.range()].starts_with(char::is_lowercase)
            && self.rendering.starts_with(char::is_uppercase)
    }

    /// Whether its rendering is a plural noun.
    pub(super) fn is_plural(&self, sentence: &str) -> bool {
        let ends = |text: &str| text.ends_with('s') && !text.ends_with("ss");
        !self.is_name
            && ends(&sentence[self.span.range()])
            && (ends(&self.rendering) || self.rendering.ends_with("people"))
    }

    /// Whether an output in lower case has a rendering of the term.
    pub(super) fn is_rendered(&self, output: &str) -> bool {
        match &self.accepted {
            Accepted::Forms(forms) => forms.iter().any(|form| has_words(output, form)),
            Accepted::Stems(stems) => output
                .split(|c: char| !(c.is_alphabetic() || c == '-'))
                .any(|word| stems.iter().any(|stem| word == stem || share_stem(word, stem))),
            Accepted::Words(words) => {
                let written = folded_words(output);
                let found = words.iter().filter(|word| written.contains(word)).count();
                found == 0 || found == words.len()
            }
        }
    }
}

fn has_words(output: &str, form: &str) -> bool {
    output.match_indices(form).any(|(at, _)| {
        let before = output[..at].chars().next_back();
        let after = output[at + form.len()..].chars().next();
        ![before, after].iter().flatten().any(|c| c.is_alphanumeric())
    })
}

fn share_stem(one: &str, other: &str) -> bool {
    let long = |word: &str| word.chars().nth(MIN_STEM - 1).is_some();
    long(one) && long(other) && one.chars().take(STEM).eq(other.chars().take(STEM))
}
