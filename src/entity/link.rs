//! Which mentions of a document name the same thing.

mod clusters;
mod sides;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::Label;
use super::acronym::is_acronym;
use super::fold::{folded_words, name_words};
use super::lexicon;
use clusters::Clusters;

/// On which side of a rendering a mention stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// On the text that is rendered, or on text that has no rendering.
    #[default]
    Source,
    /// On the rendering, be it a translation or a passage of the document.
    Rendering,
}

/// A mention as [`link_mentions`] needs it; fill what is known, the rest by `..LinkMention::new(text, label)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkMention<'a> {
    /// The mention's text.
    pub text: &'a str,
    /// What it names.
    pub label: Label,
    /// Its side of `rendering`.
    pub side: Side,
    /// The rendering that its sentence has, or that it stands on: an index into the alignments.
    pub rendering: Option<usize>,
    /// The white-space separated tokens that it covers, counted as that alignment counts them
    /// ([`token_range`](super::token_range)); without a rendering it is not looked at.
    pub tokens: Range<usize>,
    /// The name before the brackets that it stands in, where it is that name's acronym
    /// ([`acronym_pairs`](super::acronym_pairs)).
    pub expansion: Option<&'a str>,
    /// The handle of the account, with or without `@`, where it is the author's name of a post.
    pub handle: Option<&'a str>,
}

impl<'a> LinkMention<'a> {
    /// A mention of which only text and label are known.
    pub fn new(text: &'a str, label: Label) -> Self {
        Self {
            text,
            label,
            side: Side::Source,
            rendering: None,
            tokens: 0..0,
            expansion: None,
            handle: None,
        }
    }
}

/// The id of the thing that each mention names: 0 for the first, and up in the order of first mentions.
///
/// `mentions` are all those of a document, on both sides, in document order; `alignments` holds the word
/// alignment of each rendering (pairs of token indexes, source then rendering), empty where there is none.
/// Two mentions share an id if they are connected by any of these, each for mentions of one label:
///
/// - the same name but for case, accents, punctuation, a leading article or a person's title; an organisation
///   and a place of the same name are one;
/// - an acronym and the expansion before its brackets; elsewhere the only expansion with these initials;
/// - a person's last name, or last names, and the only full name that ends so;
/// - the names of a post's author and those that read like the handle: `Rail Ouest` and `@rail_ouest`;
/// - words aligned with each other, or the same order where a rendering has no alignment.
///
/// The last never joins two things that both sides name already, nor a name that has the same name opposite.
///
/// ```
/// use diglot::entity::{Label, LinkMention, Side, link_mentions};
///
/// // « Awa Dionta quitte Londres. » / “Awa Dionta leaves London.” Then: “Dionta said …”
/// let mentions = [
///     LinkMention { rendering: Some(0), tokens: 0..2, ..LinkMention::new("Awa Dionta", Label::Per) },
///     LinkMention { rendering: Some(0), tokens: 3..4, ..LinkMention::new("Londres", Label::Loc) },
///     LinkMention {
///         rendering: Some(0),
///         side: Side::Rendering,
///         tokens: 0..2,
///         ..LinkMention::new("Awa Dionta", Label::Per)
///     },
///     LinkMention {
///         rendering: Some(0),
///         side: Side::Rendering,
///         tokens: 3..4,
///         ..LinkMention::new("London", Label::Loc)
///     },
///     LinkMention::new("Dionta", Label::Per),
/// ];
/// let alignment: &[(usize, usize)] = &[(0, 0), (1, 1), (2, 2), (3, 3)];
/// assert_eq!(link_mentions(&mentions, &[alignment]), [0, 1, 0, 1, 0]);
/// ```
pub fn link_mentions(mentions: &[LinkMention<'_>], alignments: &[&[(usize, usize)]]) -> Vec<usize> {
    let names: Vec<_> = mentions.iter().map(Name::new).collect();
    let mut clusters = Clusters::new(mentions.len());
    join_same_names(mentions, &names, &mut clusters);
    join_bracketed_acronyms(mentions, &names, &mut clusters);
    join_authors(mentions, &names, &mut clusters);
    sides::join_across(mentions, alignments, &mut clusters);
    join_only_match(&names, &mut clusters, is_initials_of);
    join_only_match(&names, &mut clusters, is_last_name_of);
    clusters.ids()
}

/// What a mention's spelling says.
struct Name {
    label: Label,
    words: Vec<String>,
    /// `words` in one, for comparison.
    key: String,
    is_acronym: bool,
    /// The initials of its words, and those of its words that are no function words.
    initials: [String; 2],
}

impl Name {
    fn new(mention: &LinkMention<'_>) -> Self {
        let words = name_words(mention.text, mention.label);
        let first_letters = |skip: bool| {
            let counted = words
                .iter()
                .filter(|word| !(skip && lexicon::is_function_word(word)));
            counted.filter_map(|word| word.chars().next()).collect()
        };
        Self {
            label: mention.label,
            key: words.concat(),
            is_acronym: is_acronym(mention.text),
            initials: [first_letters(false), first_letters(true)],
            words,
        }
    }
}

fn join_same_names(mentions: &[LinkMention<'_>], names: &[Name], clusters: &mut Clusters) {
    let mut first: HashMap<(Label, &str), usize> = HashMap::new();
    for (at, (mention, name)) in mentions.iter().zip(names).enumerate() {
        // A name of symbols alone has no key.
        let key = if name.key.is_empty() {
            mention.text
        } else {
            &name.key
        };
        let label = if name.label == Label::Org {
            Label::Loc
        } else {
            name.label
        };
        clusters.join(at, *first.entry((label, key)).or_insert(at));
    }
}

fn join_bracketed_acronyms(mentions: &[LinkMention<'_>], names: &[Name], clusters: &mut Clusters) {
    for (at, mention) in mentions.iter().enumerate() {
        let Some(expansion) = mention.expansion else {
            continue;
        };
        let key = name_words(expansion, mention.label).concat();
        let found = names
            .iter()
            .position(|name| name.label == mention.label && name.key == key);
        if let Some(found) = found {
            clusters.join(at, found);
        }
    }
}

fn join_authors(mentions: &[LinkMention<'_>], names: &[Name], clusters: &mut Clusters) {
    let mut owners: HashMap<(Label, String), usize> = HashMap::new();
    for (at, mention) in mentions.iter().enumerate() {
        let handle = mention.handle.map(|handle| folded_words(handle).concat());
        if let Some(handle) = handle.filter(|handle| !handle.is_empty()) {
            clusters.join(at, *owners.entry((mention.label, handle)).or_insert(at));
        }
    }
    for (at, name) in names.iter().enumerate() {
        if let Some(&owner) = owners.get(&(name.label, name.key.clone())) {
            clusters.join(at, owner);
        }
    }
}

/// Joins each name with what it is short for, where only one thing fits; longer names first, so that `Dial`
/// finds `Anta Dial` and `Omar Anta Dial` to be one.
fn join_only_match(names: &[Name], clusters: &mut Clusters, is_short_for: fn(&Name, &Name) -> bool) {
    let mut distinct = distinct_names(names);
    distinct.sort_by_key(|&at| Reverse(names[at].words.len()));
    for &at in &distinct {
        let fits = |other: &Name| other.label == names[at].label && is_short_for(&names[at], other);
        let mut full = distinct
            .iter()
            .filter(|&&other| fits(&names[other]))
            .map(|&other| clusters.root(other));
        if let Some(first) = full.next()
            && full.all(|other| other == first)
        {
            clusters.join(at, first);
        }
    }
}

/// The first mention of each name: the others are joined with it already.
fn distinct_names(names: &[Name]) -> Vec<usize> {
    let mut seen = HashSet::new();
    let mut is_new = |name: &'_ Name| seen.insert((name.label, name.is_acronym, name.words.clone()));
    (0..names.len()).filter(|&at| is_new(&names[at])).collect()
}

fn is_initials_of(short: &Name, full: &Name) -> bool {
    let may_be = short.is_acronym && short.label != Label::Per;
    may_be && !full.is_acronym && full.words.len() >= 2 && full.initials.contains(&short.key)
}

fn is_last_name_of(short: &Name, full: &Name) -> bool {
    let shorter = !short.words.is_empty() && short.words.len() < full.words.len();
    let is_name = short.key.chars().count() > 1;
    short.label == Label::Per && shorter && is_name && full.words.ends_with(&short.words)
}

#[cfg(test)]
mod tests;
