//! Whether two texts that share most of their words say something else: open and closed, a denial and a claim, a question and
//! a statement.

use std::sync::LazyLock;

use regex::Regex;

use super::words::Token;

/// Whether the words of a French and an English text exclude each other: each has a word of a set of opposites and neither has
/// the other's. A negation may turn a word round, so texts with one are left alone.
pub(super) fn excludes(french: &[Token], english: &[Token], negated: bool) -> bool {
    if negated {
        return false;
    }
    SETS.iter().any(|set| {
        let (mut here, mut there) = (0u32, 0u32);
        for (index, (own, other)) in set.iter().enumerate() {
            here |= u32::from(holds(french, own)) << index;
            there |= u32::from(holds(english, other)) << index;
        }
        here != 0 && there != 0 && here & there == 0
    })
}

/// Whether one text denies what is said and the other one does not, or one asks and the other tells.
pub(super) fn differs(french: &str, english: &str) -> bool {
    denies_alone(french, english) || asks_alone(french, english)
}

/// Whether a text denies: `dément`, `denied that`, `it is false that`.
pub(super) fn denies(english: &str) -> bool {
    DENIES_ENGLISH.is_match(english)
}

fn denies_alone(french: &str, english: &str) -> bool {
    let (here, there) = (DENIES_FRENCH.is_match(french), denies(english));
    here && !there && !NEGATES_ENGLISH.is_match(english) || there && !here && !NEGATES_FRENCH.is_match(french)
}

fn asks_alone(french: &str, english: &str) -> bool {
    let (here, there) = (french.contains('?'), english.contains('?'));
    there && !here && !ASKS_FRENCH.is_match(french) || here && !there && !ASKS_ENGLISH.is_match(english)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is valid")
}

static DENIES_FRENCH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)\b(?:dément(?:ent|ait|aient|i|ie|is|ies|ir)?|ni(?:e|ent|é|és|ait|aient|er)|réfut\w+|contest\w+|faux|fausses?|mensong\w+|rumeurs?
        |intox|infox|rejet\w+)\b",
    )
});
static DENIES_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)\b(?:den(?:y|ies|ied|ying|ial|ials)|refut\w+|disput\w+|debunk\w+|false(?:ly)?|untrue|fake|hoax|rumou?rs?|no\ truth
        |not\ true|reject\w*\s(?:\w+\s){0,3}(?:claims?|allegations?|accusations?|reports?|rumou?rs?|that))\b",
    )
});
/// Words that a denial on the other side may render.
static NEGATES_FRENCH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:ne|non|pas|jamais|rien|aucune?s?|personne|ni|loin|refus\w*|bruits?|fabriqu\w+|truqu\w+|invent\w+)\b|\bn['’]",
    )
});
/// The same in English.
static NEGATES_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:no|not|never|none|nobody|nothing|nor|neither|cannot|reject\w*|refus\w*|contest\w*|lie[sd]?|lying|liars?|wrong\w*|untrue|challeng\w*|protest\w*|dismiss\w*|forged|counterfeit|contradict\w*)\b|n['’]t\b",
    )
});
static ASKS_FRENCH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:où|qui|que|quoi|quand|pourquoi|comment|combien|est-ce|quels?|quelles?|si|pk|pq)\b|\bqu['’]|-(?:il|elle|on|ils|elles|tu|vous|nous)\b",
    )
});
static ASKS_ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:ask\w*|wonder\w*|whether|if|who|what|when|where|why|how|which|question\w*)\b")
});

/// Whether one of the words is in the list: as it is, or with `*` by its beginning. `close to` is no `close`.
fn holds(words: &[Token], list: &str) -> bool {
    let is_near =
        |at: usize| words[at].key == "close" && words.get(at + 1).is_some_and(|next| next.key == "to");
    list.split(' ').any(|entry| {
        words
            .iter()
            .enumerate()
            .any(|(at, word)| match entry.strip_suffix('*') {
                Some(start) => word.key.starts_with(start),
                None => word.key == entry && !is_near(at),
            })
    })
}

type Set = &'static [(&'static str, &'static str)];

/// Sets of words that exclude each other, each in French and in English.
const SETS: &[Set] = &[
    &[
        ("lundi", "monday"),
        ("mardi", "tuesday"),
        ("mercredi", "wednesday"),
        ("jeudi", "thursday"),
        ("vendredi", "friday"),
        ("samedi", "saturday"),
        ("dimanche", "sunday"),
    ],
    &[
        ("ouvr* ouvert* rouvr* rouvert*", "open* reopen*"),
        (
            "fermé fermée fermés fermées fermer* ferment fermeture*",
            "close closed closes closing closure* shut*",
        ),
    ],
    &[
        (
            "mort morte morts mortes mortel* tué* tuer tuent tue décéd* assassin* meurt meurent",
            "dead die died dies dying death* kill* murder* assassinat* slain deadly",
        ),
        (
            "vivant* survécu survi* saufs sauf sauve sauves",
            "alive living surviv* safe",
        ),
        ("naît né née nés nées naître naissance*", "born birth*"),
    ],
    &[
        (
            "augment* hauss* grimp* bondi bondit",
            "rise rises rising risen rose increas* climb* soar* jump* higher surg*",
        ),
        (
            "baiss* chut* dimin* recul* réduit* réduction* effondr*",
            "fall* fell drop* decreas* declin* reduc* lower* plung* collaps*",
        ),
    ],
    &[
        (
            "arrêté arrêtée arrêtés arrêtées arrestation* interpell* détenu* emprisonn*",
            "arrest* detain* jail* imprison*",
        ),
        (
            "libér* relâch* relax* acquitt*",
            "releas* freed free acquit* liberat*",
        ),
        (
            "recherche recherchent recherchait recherché recherchés",
            "search* seek* sought hunt* wanted",
        ),
    ],
    &[
        ("arriv*", "arriv* came come* reach* enter*"),
        ("quitt*", "left leav* quit* depart*"),
    ],
    &[
        (
            "gagn* remport* victoire* vainqueur*",
            "won win* victor* earn* gain*",
        ),
        (
            "perd perdu perdue perdus perdent perdre défaite* battu* battus",
            "lost lose loses losing loss losses defeat* beaten",
        ),
    ],
    &[
        ("accept* approuv* adopt*", "accept* approv* agree* adopt*"),
        ("rejet* refus*", "reject* refus* turned decline*"),
    ],
    &[
        ("acheter achète* achet*", "buy* bought purchas*"),
        ("vendre vend vendu* vendent vente*", "sell* sold sale*"),
    ],
    &[
        ("homme hommes", "man men"),
        ("femme femmes", "woman women wife wives female"),
        ("enfant enfants", "child* kid*"),
    ],
    &[
        ("mère maman mères mamans", "mother* mum mom mums moms"),
        ("père papa pères", "father* dad dads"),
        ("frère frères", "brother*"),
        ("sœur sœurs soeur soeurs", "sister*"),
        ("fils", "son sons"),
        ("fille filles", "daughter* girl*"),
        ("garçon*", "boy boys"),
    ],
    &[
        ("médecin* docteur* docteure*", "doctor* physician* medic*"),
        (
            "enseignant* instituteur* institutrice* professeur*",
            "teacher* professor* lecturer*",
        ),
        ("infirmi*", "nurse*"),
        ("avocat*", "lawyer* attorney* counsel"),
        ("ambulance*", "ambulance*"),
        ("pompier*", "firefighter* firem*"),
    ],
    &[
        ("maire mairesse maires", "mayor*"),
        ("ministre ministres", "minister* secretary"),
        ("gouverneur* gouverneure*", "governor*"),
        ("juge juges", "judge*"),
        ("évêque* archevêque*", "bishop* archbishop*"),
    ],
    &[("nord", "north*"), ("sud", "south*"), ("ouest", "west*")],
    &[
        ("matin matinée", "morning dawn early"),
        ("soir soirée", "evening tonight night"),
        ("nuit", "night overnight tonight midnight"),
    ],
    &[("hier", "yesterday"), ("demain", "tomorrow")],
    &[
        ("vrai vraie vraies vrais", "true real"),
        ("faux fausse fausses", "false fake untrue"),
    ],
    &[("coupable*", "guilty"), ("innocent*", "innocent*")],
    &[("paix", "peace*"), ("guerre guerres", "war wars")],
    &[("ami amie amis amies", "friend*"), ("ennemi*", "enem*")],
    &[
        ("avant", "before until prior ahead"),
        ("après", "after* follow* later since"),
    ],
];

#[cfg(test)]
mod tests {
    use super::super::words::tokens;
    use super::*;

    fn check(french: &str, english: &str, expected: bool) {
        let found = excludes(&tokens(french), &tokens(english), false) || differs(french, english);
        assert_eq!(found, expected, "{french} | {english}");
    }

    #[test]
    fn opposites_exclude_each_other() {
        check("Le bac est fermé lundi.", "The ferry is open on Monday.", true);
        check("Les otages sont vivants.", "The hostages are dead.", true);
        check(
            "Le prix du mil a augmenté.",
            "The price of millet has fallen.",
            true,
        );
        check("Ma fille est morte.", "My daughter was born.", true);
        check("Il est venu mardi.", "He came on Tuesday.", false);
        check("Il est venu mardi.", "He came on Monday.", true);
        check(
            "Trois hommes sont morts, deux vivants.",
            "Two men are alive.",
            false,
        );
        check("La ferme est ouverte.", "The farm is close to it.", false);
        check("Le médecin chante.", "The teacher sings.", true);
        check(
            "Le bac est fermé lundi.",
            "The ferry will be shut this Monday.",
            false,
        );
    }

    #[test]
    fn a_denial_or_question_on_one_side_differs() {
        check("L'armée dément avoir tiré.", "The army said it had fired.", true);
        check("L'armée a tiré.", "The army denied that it had fired.", true);
        check(
            "L'armée n'a pas tiré.",
            "The army denied that it had fired.",
            false,
        );
        check("L'armée nie avoir tiré.", "The army says it did not fire.", false);
        check("C'est faux.", "That is wrong.", false);
        check(
            "Le maire conteste le bilan.",
            "The mayor challenges the count.",
            false,
        );
        check(
            "Le bruit court que le bac est vendu.",
            "There is a rumour that the ferry has been sold.",
            false,
        );
        check("L'armée a pris le bac.", "Who took the ferry?", true);
        check("Qui a pris le bac", "Who took the ferry?", false);
        check("Où est le bac ?", "He asked where the ferry was.", false);
    }
}
