//! Tags of words: reading the label schemes of models, and turning tag sequences into mentions.

use std::ops::Range;

use super::Label;
use crate::BackendError;

/// What a word is to a mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// Outside every mention.
    Outside,
    /// The first word of a mention.
    Begin(Label),
    /// A later word of a mention.
    Inside(Label),
}

impl Tag {
    /// Reads a tag of any common scheme: IOB1, IOB2, BIOES, BILOU, BMES or bare names; the mark before the
    /// name (`B-PER`) or behind it (`PER-B`).
    ///
    /// `S-` and `U-` (a mention of one word) are read as its beginning, `E-`, `L-` and `M-` as its inside, a
    /// bare name as its inside. A name that is not one of ours and has no counterpart (`DATE`, `LABEL_3`) is
    /// `None`.
    ///
    /// ```
    /// use diglot::entity::{Label, Tag};
    ///
    /// assert_eq!(Tag::parse("B-PERSON"), Some(Tag::Begin(Label::Per)));
    /// assert_eq!(Tag::parse("U-GPE"), Some(Tag::Begin(Label::Loc)));
    /// assert_eq!(Tag::parse("E-ORG"), Some(Tag::Inside(Label::Org)));
    /// assert_eq!(Tag::parse("PER-B"), Some(Tag::Begin(Label::Per)));
    /// assert_eq!(Tag::parse("LABEL_3"), None);
    /// ```
    pub fn parse(tag: &str) -> Option<Self> {
        parse(tag).map(|(_, tag)| tag)
    }

    /// The label, `None` outside.
    pub fn label(self) -> Option<Label> {
        match self {
            Self::Outside => None,
            Self::Begin(label) | Self::Inside(label) => Some(label),
        }
    }

    /// The tag's index among the [`STATES`].
    pub(crate) fn state(self) -> usize {
        match self {
            Self::Outside => 0,
            Self::Begin(label) => 1 + label as usize,
            Self::Inside(label) => 1 + Label::ALL.len() + label as usize,
        }
    }

    /// The tag of a state, the inverse of [`Tag::state`].
    pub(crate) fn of_state(state: usize) -> Self {
        let labels = Label::ALL.len();
        match state {
            0 => Self::Outside,
            state if state <= labels => Self::Begin(Label::ALL[state - 1]),
            state => Self::Inside(Label::ALL[(state - 1 - labels) % labels]),
        }
    }
}

/// Where in a mention a tag says that a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    /// `B`.
    Begin,
    /// `I`, or none at all.
    Inside,
    /// `S` or `U`: the only word.
    Single,
    /// `E`, `L` or `M`: what only schemes have that mark every word's place.
    Rest,
}

impl Mark {
    fn of(mark: &str) -> Option<Self> {
        Some(match mark {
            "B" | "b" => Self::Begin,
            "I" | "i" => Self::Inside,
            "S" | "U" | "s" | "u" => Self::Single,
            "E" | "L" | "M" | "e" | "l" | "m" => Self::Rest,
            _ => return None,
        })
    }
}

/// Reads a tag and its mark.
fn parse(tag: &str) -> Option<(Mark, Tag)> {
    if tag.eq_ignore_ascii_case("O") {
        return Some((Mark::Inside, Tag::Outside));
    }
    let marked = |parts: Option<(&str, &str)>, mark_first: bool| {
        let (first, last) = parts?;
        let (mark, name) = if mark_first { (first, last) } else { (last, first) };
        Some((Mark::of(mark)?, label_of(name)?))
    };
    let (mark, label) = marked(tag.split_once(['-', '_']), true)
        .or_else(|| marked(tag.rsplit_once(['-', '_']), false))
        .or_else(|| Some((Mark::Inside, label_of(tag)?)))?;
    let tag = match mark {
        Mark::Begin | Mark::Single => Tag::Begin(label),
        Mark::Inside | Mark::Rest => Tag::Inside(label),
    };
    Some((mark, tag))
}

/// The number of tags: outside, and two for each label.
pub const STATES: usize = 1 + 2 * Label::ALL.len();

/// The probabilities of a word's tags: outside, then the beginnings, then the insides, by [`Label::ALL`].
pub type TagProbabilities = [f32; STATES];

/// Which sequences of tags a model was trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Every mention starts with its own tag (IOB2, BIOES, BILOU): an inside tag never follows another label.
    Begins,
    /// A beginning is marked only between neighbours of one label (IOB1), or never (IO).
    Loose,
}

/// How the outputs of a model map to our tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMap {
    states: Vec<usize>,
    scheme: Scheme,
    marks_only_b_and_i: bool,
}

impl TagMap {
    /// The map for a model's labels in the order of its outputs (`id2label`).
    ///
    /// The scheme is [`Scheme::Begins`] where a label marks a beginning, else [`Scheme::Loose`]. IOB1 cannot
    /// be told from IOB2 by the labels: use [`TagMap::with_scheme`] for such models. Labels without a
    /// counterpart (dates, amounts, padding) count as outside.
    ///
    /// # Errors
    ///
    /// When no label names one of ours.
    pub fn new(labels: &[impl AsRef<str>]) -> Result<Self, BackendError> {
        let parsed: Vec<_> = labels.iter().map(|label| parse(label.as_ref())).collect();
        let tags: Vec<_> = parsed.iter().map(|parsed| parsed.map(|(_, tag)| tag)).collect();
        if tags.iter().all(|tag| tag.and_then(Tag::label).is_none()) {
            return Err(no_entities(labels));
        }
        let named = |wanted: &[Mark]| {
            let mut found = parsed.iter().flatten();
            found.any(|(mark, tag)| *tag != Tag::Outside && wanted.contains(mark))
        };
        let marked = named(&[Mark::Begin, Mark::Single]);
        Ok(Self {
            states: tags.iter().map(|tag| tag.map_or(0, Tag::state)).collect(),
            scheme: if marked { Scheme::Begins } else { Scheme::Loose },
            marks_only_b_and_i: named(&[Mark::Begin])
                && named(&[Mark::Inside])
                && !named(&[Mark::Single, Mark::Rest]),
        })
    }

    /// Whether the labels are those of IOB1 and IOB2 alike.
    pub(super) fn may_be_iob1(&self) -> bool {
        self.marks_only_b_and_i
    }

    /// The same map with the scheme given.
    #[must_use]
    pub fn with_scheme(self, scheme: Scheme) -> Self {
        Self { scheme, ..self }
    }

    /// The scheme that sequences must follow.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The probabilities of our tags from those of the model's labels: the sum over the labels of each tag.
    ///
    /// # Errors
    ///
    /// When `probabilities` has another length than the labels.
    pub fn collapse(&self, probabilities: &[f32]) -> Result<TagProbabilities, BackendError> {
        if probabilities.len() != self.states.len() {
            let (expected, found) = (self.states.len(), probabilities.len());
            return Err(BackendError::new(format!(
                "expected {expected} label probabilities, found {found}"
            )));
        }
        let mut sums = [0.0; STATES];
        for (&state, &p) in self.states.iter().zip(probabilities) {
            if p.is_finite() {
                sums[state] += p.max(0.0);
            }
        }
        Ok(sums)
    }
}

/// The mentions of a tag sequence, as ranges of words; any sequence is read.
///
/// An inside tag after outside or after another label starts a mention, as `conlleval` reads it; a beginning
/// always does.
///
/// ```
/// use diglot::entity::{Label, Tag, mentions_of_tags};
///
/// let tags = ["B-PER", "I-PER", "O", "I-LOC", "I-ORG"].map(|tag| Tag::parse(tag).unwrap_or(Tag::Outside));
/// let mentions = mentions_of_tags(&tags);
/// assert_eq!(mentions, [(0..2, Label::Per), (3..4, Label::Loc), (4..5, Label::Org)]);
/// ```
pub fn mentions_of_tags(tags: &[Tag]) -> Vec<(Range<usize>, Label)> {
    let mut mentions: Vec<(Range<usize>, Label)> = Vec::new();
    for (at, &tag) in tags.iter().enumerate() {
        let Some(label) = tag.label() else { continue };
        match mentions.last_mut() {
            Some((range, open)) if tag == Tag::Inside(*open) && range.end == at => range.end = at + 1,
            _ => mentions.push((at..at + 1, label)),
        }
    }
    mentions
}

fn no_entities(labels: &[impl AsRef<str>]) -> BackendError {
    let labels: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
    let nameless = labels.iter().all(|label| label.starts_with("LABEL_"));
    let found: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
    let hint = if nameless {
        "; `id2label` in the model's `config.json` should say what they mean"
    } else {
        ""
    };
    BackendError::new(format!(
        "expected entity labels such as `B-PER`, found {}{hint}",
        found.join(", ")
    ))
}

/// Our label for a label's name without its mark, of a kind (`person`) or of a kind and what it is more
/// precisely (`person-actor`, `loc.adm.town`).
fn label_of(name: &str) -> Option<Label> {
    let kind = || name.split_once(['-', '.', '/']).map(|(kind, _)| kind);
    label_of_kind(name).or_else(|| label_of_kind(kind()?))
}

/// Our label for a kind of name in CoNLL, OntoNotes, WNUT, HIPE, GMB, GermEval, Few-NERD, TACRED, KLUE, SUC,
/// NorNE and HAREM data.
fn label_of_kind(name: &str) -> Option<Label> {
    let name: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect();
    Some(match name.as_str() {
        "PER" | "PERS" | "PERSON" | "PERSONNE" | "PERSONA" | "PESSOA" | "PEOPLE" | "PRS" | "PS" => Label::Per,
        "ORG" | "ORGANISATION" | "ORGANIZATION" | "ORGANIZACAO" | "ORGANIZACION" | "CORPORATION"
        | "COMPANY" | "GROUP" | "GOVERNMENT" | "GPEORG" | "OG" => Label::Org,
        "LOC" | "LOCATION" | "GPE" | "GPELOC" | "FAC" | "FACILITY" | "BUILDING" | "GEO" | "GEOLOC"
        | "PLACE" | "LIEU" | "LOCAL" | "LUGAR" | "CITY" | "COUNTRY" | "STATEORPROVINCE" | "LC" => Label::Loc,
        "MISC" | "MISCELLANEOUS" | "CREATIVEWORK" | "WORKOFART" | "ART" | "OBRA" | "WRK" | "PRODUCT"
        | "PROD" | "PRO" | "OBJ" | "HUMANPROD" | "EVENT" | "EVE" | "EVN" | "EVT" | "ACONTECIMENTO"
        | "NORP" | "NATIONALITY" | "RELIGION" | "IDEOLOGY" | "LANGUAGE" | "LAW" | "DRV" | "OTHER" | "OTH" => {
            Label::Misc
        }
        // What is derived from a name, such as `French`.
        derived => label_of_kind(derived.strip_suffix("DERIV")?).map(|_| Label::Misc)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Loc, Misc, Org, Per};

    #[track_caller]
    fn check(tags: &str, expected: &[(Range<usize>, Label)]) {
        let parsed: Vec<_> = tags.split(' ').map(|tag| Tag::parse(tag).unwrap()).collect();
        assert_eq!(mentions_of_tags(&parsed), expected, "the mentions of `{tags}`");
    }

    #[test]
    fn reads_the_names_of_many_schemes() {
        let check = |tag, expected| assert_eq!(Tag::parse(tag), Some(expected), "the tag `{tag}`");
        check("O", Tag::Outside);
        check("B-PER", Tag::Begin(Per));
        check("I-LOCATION", Tag::Inside(Loc));
        check("S-ORG", Tag::Begin(Org));
        check("L-creative-work", Tag::Inside(Misc));
        check("B_PERSON", Tag::Begin(Per));
        check("B-WORK_OF_ART", Tag::Begin(Misc));
        check("corporation", Tag::Inside(Org));
        check("GPE", Tag::Inside(Loc));
        check("geo-loc", Tag::Inside(Loc));
        check("B-pers", Tag::Begin(Per));
        check("b-per", Tag::Begin(Per));
        check("o", Tag::Outside);
        check("PER-B", Tag::Begin(Per));
        check("LOC_I", Tag::Inside(Loc));
        check("S-NORP", Tag::Begin(Misc));
        check("B-GPE_ORG", Tag::Begin(Org));
        check("GPE_LOC", Tag::Inside(Loc));
        check("person-actor", Tag::Inside(Per));
        check("B-building-airport", Tag::Begin(Loc));
        check("B-loc.adm.town", Tag::Begin(Loc));
        check("I-LOCderiv", Tag::Inside(Misc));
        check("OG-I", Tag::Inside(Org));
    }

    #[test]
    fn has_no_tag_for_what_is_no_name() {
        for tag in [
            "",
            "B-",
            "LABEL_3",
            "B-DATE",
            "CARDINAL",
            "[PAD]",
            "-PERX",
            "I-LOCpart",
            "B-X",
            "X-B",
            "S",
        ] {
            assert_eq!(Tag::parse(tag), None, "the tag `{tag}`");
        }
    }

    #[test]
    fn states_and_tags_are_inverse() {
        for state in 0..STATES {
            assert_eq!(Tag::of_state(state).state(), state);
        }
    }

    #[test]
    fn joins_beginning_and_inside() {
        check("B-PER I-PER O B-LOC", &[(0..2, Per), (3..4, Loc)]);
        check("B-PER B-PER", &[(0..1, Per), (1..2, Per)]);
        check("B-ORG L-ORG U-ORG", &[(0..2, Org), (2..3, Org)]);
    }

    #[test]
    fn an_inside_tag_without_its_beginning_starts_a_mention() {
        check("I-PER I-PER", &[(0..2, Per)]);
        check("O I-LOC", &[(1..2, Loc)]);
        check("B-PER I-ORG I-ORG", &[(0..1, Per), (1..3, Org)]);
        check("I-LOC O I-LOC", &[(0..1, Loc), (2..3, Loc)]);
    }

    #[test]
    fn sums_the_labels_of_one_tag_and_counts_strangers_as_outside() {
        let map = TagMap::new(&["O", "B-GPE", "B-LOC", "B-DATE"]).unwrap();
        let sums = map.collapse(&[0.25, 0.25, 0.375, 0.125]).unwrap();
        assert_eq!(sums[Tag::Outside.state()], 0.375);
        assert_eq!(sums[Tag::Begin(Loc).state()], 0.625);
        assert_eq!(
            map.collapse(&[f32::NAN, -1.0, 1.0, 0.0])
                .unwrap()
                .iter()
                .sum::<f32>(),
            1.0
        );
    }

    #[test]
    fn refuses_labels_and_lengths_that_do_not_fit() {
        let error = TagMap::new(&["LABEL_0", "LABEL_1"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected entity labels such as `B-PER`, found `LABEL_0`, `LABEL_1`; `id2label` in the model's \
             `config.json` should say what they mean"
        );
        let error = TagMap::new(&["O", "B-DATE"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected entity labels such as `B-PER`, found `O`, `B-DATE`"
        );
        let error = TagMap::new(&["O", "PER"]).unwrap().collapse(&[1.0]).unwrap_err();
        assert_eq!(error.to_string(), "expected 2 label probabilities, found 1");
    }

    #[test]
    fn tells_the_scheme_by_the_labels() {
        assert_eq!(
            TagMap::new(&["O", "B-PER", "I-PER"]).unwrap().scheme(),
            Scheme::Begins
        );
        assert_eq!(TagMap::new(&["O", "PER"]).unwrap().scheme(), Scheme::Loose);
        assert_eq!(TagMap::new(&["O", "I-PER"]).unwrap().scheme(), Scheme::Loose);
        assert_eq!(
            TagMap::new(&["O", "B-PER", "I-PER", "L-PER", "U-PER"])
                .unwrap()
                .scheme(),
            Scheme::Begins
        );
    }

    #[test]
    fn knows_which_labels_may_be_iob1() {
        let check = |labels: &[&str], expected| {
            assert_eq!(TagMap::new(labels).unwrap().may_be_iob1(), expected, "{labels:?}");
        };
        check(&["O", "B-PER", "I-PER"], true);
        check(&["O", "I-PER"], false);
        check(&["O", "B-PER", "I-PER", "E-PER", "S-PER"], false);
        check(&["O", "B-PER", "I-PER", "L-DATE"], true);
        check(&["O", "PER"], false);
    }
}
