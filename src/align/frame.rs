//! Speech frames: the words around what somebody says (`The mayor said: “`, `,” she wrote on Friday`).

use std::sync::LazyLock;

use regex::Regex;

use crate::Span;

/// Where the frames at the two ends of an English sentence stop and begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frames {
    /// Where the words after the frame at the start begin.
    pub head: Option<usize>,
    /// Where the words before the frame at the end stop.
    pub tail: Option<usize>,
    /// Whether the frame at the start leads to reported speech, not to a quote.
    pub reported: bool,
}

/// How a speech frame gives what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speech {
    /// Word for word.
    Quoted,
    /// After `that`, `whether`.
    Reported,
}

/// How a French sentence frames what it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Framing {
    /// A colon or a quotation mark with a verb of speech beside it, or `, dit-elle`.
    pub quoted: bool,
    /// `dit que`.
    pub reported: bool,
}

impl Frames {
    /// The frames of a sentence with these pieces, in order.
    pub(super) fn of(text: &str, pieces: &[Span]) -> Self {
        let [first, second, ..] = *pieces else {
            return Self::default();
        };
        let speaks = |piece: Span| piece.of(text).is_some_and(is_frame);
        let gap = |from: Span, to: Span| text.get(from.end()..to.start()).unwrap_or_default();
        let opened = !text.trim_start().starts_with(MARKS) && !first_mark_closes(text);
        let leads = !gap(first, second).contains(['”', '»']);
        let head = (opened && leads && speaks(first)).then_some(second.start());
        let (before, last) = (pieces[pieces.len() - 2], pieces[pieces.len() - 1]);
        let follows = gap(before, last).contains(['”', '»', '"', '“']);
        let free = pieces.len() > 2 || head.is_none();
        let tail = (free && follows && speaks(last)).then_some(before.end());
        let reported =
            head.is_some() && !gap(first, second).contains(MARKS) && !gap(first, second).contains(':');
        Self { head, tail, reported }
    }

    /// How the frames give what is said, `None` where there is no frame.
    pub(super) fn speech(self) -> Option<Speech> {
        match (self.head, self.tail) {
            (None, None) => None,
            (Some(_), None) if self.reported => Some(Speech::Reported),
            _ => Some(Speech::Quoted),
        }
    }
}

impl Framing {
    pub(super) fn of(french: &str) -> Self {
        Self {
            quoted: FRENCH_QUOTED.is_match(french),
            reported: FRENCH_REPORTED.is_match(french),
        }
    }
}

const MARKS: [char; 6] = ['“', '”', '„', '«', '»', '"'];

/// A frame is short; more words than this tell something of their own.
const LONGEST_FRAME: usize = 14;

static SPEECH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?:said|sa(?:ys?|ying)|told|tells|wr(?:ote|ites|iting)|tweet(?:s|ed)|post(?:s|ed)|according\sto
        |(?:ask|add|answer|announc|explain|declar|stat|warn|insist|claim|recall|shout|admit|not|argu|repeat|conclud
            |remark|complain|confirm|promis|stress|report|whisper|joke)e?(?:s|d|ed)
        |repli(?:es|ed)|cri(?:es|ed)|admitted|put\sit)\b",
    )
    .expect("the pattern is valid")
});

const FRENCH_VERBS: &str = "(?:dit|disait|disent|déclar[a-zé]+|écri[a-zé]+|affirm[a-zé]+|expliqu[a-zé]+|ajout[a-zé]+\
     |racont[a-zé]+|répond[a-zé]*|annonc[a-zé]+|lanc[eé]|cri[eé]|précis[eé]|assur[eé]|confi[eé]|demand[eé]|soulign[eé]|indiqu[a-zé]+\
     |estim[eé]|reconnaît|poursuit|conclut|selon)";

static FRENCH_QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r#"(?ix) ^[^«»“”":]{{0,80}}\b{FRENCH_VERBS}\b[^«»“”":]{{0,40}}[:«“"]
        | [»”"],?\s?[^«»“”":]{{0,30}}\b{FRENCH_VERBS}\b
        | ,\s(?:a|ont)-t-(?:ils?|elles?|on)\s
        | ,\s(?:a\s|ont\s)?{FRENCH_VERBS}(?:-t)?-(?:ils?|elles?|on|je)\b"#
    ))
    .expect("the pattern is valid")
});

static FRENCH_REPORTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)\b{FRENCH_VERBS}\s(?:que\b|qu['’]|si\b)")).expect("the pattern is valid")
});

fn is_frame(piece: &str) -> bool {
    piece.split_whitespace().count() <= LONGEST_FRAME && SPEECH.is_match(piece)
}

/// Whether the first quotation mark of a sentence closes a quote that began before it.
fn first_mark_closes(text: &str) -> bool {
    let Some(at) = text.find(MARKS) else {
        return false;
    };
    match text[at..].chars().next() {
        Some('”' | '»') => true,
        Some('"') => text[..at].ends_with(|c: char| !c.is_whitespace()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::clause;
    use super::*;

    /// What is left of a sentence without its frames.
    fn check(text: &str, expected: &str) {
        let frames = clause::frames(text);
        let kept = &text[frames.head.unwrap_or(0)..frames.tail.unwrap_or(text.len())];
        assert_eq!(kept, expected, "{frames:?}");
    }

    #[test]
    fn frames_are_found_at_both_ends() {
        check("The baker said: “Bread is dear.", "Bread is dear.");
        check("Bread is dear,” the baker wrote on Friday.", "Bread is dear");
        check("“Bread is dear,” a baker shouted.", "“Bread is dear");
        check("The baker said on 3 May that bread is dear.", "bread is dear.");
        check(
            "She asked how bread could be so dear.",
            "how bread could be so dear.",
        );
        check("The mayor says the town will bake.", "the town will bake.");
    }

    #[test]
    fn what_is_said_is_no_frame() {
        check("Bread is dear.", "Bread is dear.");
        check(
            "“He told me that bread is dear.",
            "“He told me that bread is dear.",
        );
        check(
            "He said that bread is dear,” she wrote.",
            "He said that bread is dear",
        );
        check("Nobody bakes: bread is dear.", "Nobody bakes: bread is dear.");
        check("“They told me so,” said Awa Sy.", "“They told me so");
    }

    #[test]
    fn french_frames_are_told_apart() {
        let check = |text: &str, quoted, reported| {
            assert_eq!(Framing::of(text), Framing { quoted, reported }, "{text}");
        };
        check("La boulangère a dit : « Le pain est cher.", true, false);
        check("« Le pain est cher », crie un voisin.", true, false);
        check("Le pain est cher, dit-elle.", true, false);
        check("Le pain est cher, a-t-il indiqué.", true, false);
        check("Personne ne m’a dit que le pain est cher.", false, true);
        check("Le pain est cher : 3 francs.", false, false);
    }
}
