//! Named entities: recognition, repair, and what links mentions of one thing.
//!
//! [`BertRecognizer`] finds the names of single sentences, [`CaseRepair`] shows it sentences in capitals,
//! [`EntityMemory`] spares it those that came before.
//! [`repair_mentions`] puts those of a sentence together, [`label_acronyms`], [`fill_repeated_names`] and
//! [`settle_labels`] complete the mentions of one document, [`account_name`] finds those in its signatures,
//! [`project_mentions`] carries them to the other side of a translation, and [`link_mentions`] says which
//! mentions of the document name the same thing.

mod account;
mod acronym;
mod bert;
mod casing;
mod compose;
mod composed;
mod consistency;
mod crf;
pub(crate) mod fold;
mod known;
pub(crate) mod lexicon;
mod link;
mod memory;
mod organisations;
mod peoples;
mod portfolio;
mod project;
mod scheme;
mod settle;
mod tags;
mod trim;
mod viterbi;
mod words;

use std::fmt;

pub use account::{account_label, account_name, is_organisation_account};
pub use acronym::{acronym_pairs, label_acronyms};
pub use bert::{BertRecognizer, TokenTagger};
pub use casing::CaseRepair;
pub use compose::repair_mentions;
pub use composed::ComposedText;
pub use consistency::fill_repeated_names;
pub use crf::RandomField;
pub use link::{LinkMention, Side, link_mentions};
pub use memory::EntityMemory;
pub use project::{project_mentions, token_range};
pub use settle::{NameVote, settle_labels};
pub use tags::{STATES, Scheme, Tag, TagMap, TagProbabilities, mentions_of_tags};
pub use trim::trim_mention;
pub use viterbi::best_tags;

use crate::{BackendError, Span};

/// What kind of thing a mention names. Other label schemes are mapped to these four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    /// A person.
    Per,
    /// An organisation.
    Org,
    /// A place.
    Loc,
    /// Another name: event, work, product, nationality.
    Misc,
}

impl Label {
    /// The four labels.
    pub const ALL: [Self; 4] = [Self::Per, Self::Org, Self::Loc, Self::Misc];

    /// The label as records carry it: `PER`, `ORG`, `LOC`, `MISC`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Per => "PER",
            Self::Org => "ORG",
            Self::Loc => "LOC",
            Self::Misc => "MISC",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mention {
    /// Where it stands, in bytes of the sentence.
    pub span: Span,
    /// What it names.
    pub label: Label,
    /// Mean probability of the label over the mention's words, `0.0..=1.0`.
    pub score: f32,
}

/// Finds the names in sentences.
pub trait EntityRecognizer: Send + Sync {
    /// The mentions of each sentence, ordered by start, without overlap; one list a sentence, in order.
    ///
    /// # Errors
    ///
    /// When the model could not run at all.
    fn recognize(&self, sentences: &[&str]) -> Result<Vec<Vec<Mention>>, BackendError>;
}
