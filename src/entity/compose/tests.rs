use super::*;
use crate::entity::{Label, Mention};
use proptest::prelude::*;

/// Mentions stand in brackets with the first letter of the label, in lower case where the score is low.
fn parse(marked: &str) -> (String, Vec<Mention>) {
    let (mut sentence, mut mentions) = (String::new(), Vec::new());
    let mut parts = marked.split(['[', ']']);
    sentence.push_str(parts.next().unwrap());
    while let (Some(name), Some(rest)) = (parts.next(), parts.next()) {
        let (kind, name) = name.split_at(1);
        let label = match kind.to_uppercase().as_str() {
            "P" => Label::Per,
            "L" => Label::Loc,
            "M" => Label::Misc,
            _ => Label::Org,
        };
        let span = Span::new(sentence.len(), sentence.len() + name.len());
        let score = if kind.chars().all(char::is_lowercase) {
            0.5
        } else {
            0.9
        };
        mentions.push(Mention { span, label, score });
        sentence.push_str(name);
        sentence.push_str(rest);
    }
    (sentence, mentions)
}

fn marked(sentence: &str, mentions: &[Mention]) -> String {
    let mut text = String::new();
    let mut at = 0;
    for mention in mentions {
        text.push_str(&sentence[at..mention.span.start()]);
        text.push_str(&format!(
            "[{}{}]",
            &mention.label.as_str()[..1],
            mention.span.of(sentence).unwrap()
        ));
        at = mention.span.end();
    }
    text + &sentence[at..]
}

#[track_caller]
fn check(language: Language, given: &str, expected: &str) {
    let (sentence, mut mentions) = parse(given);
    repair_mentions(&sentence, language, &mut mentions);
    assert_eq!(marked(&sentence, &mentions), expected, "the repair of {given:?}");
}

fn english(given: &str, expected: &str) {
    check(Language::ENGLISH, given, expected);
}

fn french(given: &str, expected: &str) {
    check(Language::FRENCH, given, expected);
}

#[test]
fn joins_the_parts_of_a_person() {
    english("met [PSidi] [PKane] there", "met [PSidi Kane] there");
    english(
        "met [PSidi Lamine Kane] III there",
        "met [PSidi Lamine Kane III] there",
    );
    english("met [PSidi] [PKane] Jr. there", "met [PSidi Kane Jr.] there");
    english("with [PAnta] ould [PBah]", "with [PAnta ould Bah]");
    french("avec [PMarie-Anne] d’[lOmbrel]", "avec [PMarie-Anne d’Ombrel]");
    french("avec [PSidi] de [PLa Tour]", "avec [PSidi de La Tour]");
    english("with [PSidi], [PAnta]", "with [PSidi], [PAnta]");
    french("avec [PAnta] de [LBaroda]", "avec [PAnta] de [LBaroda]");
}

#[test]
fn makes_french_organisations_whole() {
    french("le [OPhare] du [OSel SA] ouvre", "le [OPhare du Sel SA] ouvre");
    french(
        "la [OCompagnie des Bacs] de l'[LEst]",
        "la [OCompagnie des Bacs de l'Est]",
    );
    french("à l’[OHôpital] de la Dune", "à l’[OHôpital de la Dune]");
    french(
        "à l’Hôpital général de [LBaroda]",
        "à l’[OHôpital général de Baroda]",
    );
    french("le ministère de la Santé dit", "le [Oministère de la Santé] dit");
    french(
        "le Ministère de la Santé et de l’Hygiène",
        "le [OMinistère de la Santé et de l’Hygiène]",
    );
    french("l’[MInspection] du travail", "l’[OInspection du travail]");
    french(
        "le [LSyndicat] national de l’enseignement dit",
        "le [OSyndicat national de l’enseignement] dit",
    );
    french("dans La [OGazette] du [PBoro]", "dans [OLa Gazette du Boro]");
    french("la [MCoupe] des [OTrois] [OLacs]", "la [MCoupe des Trois Lacs]");
    french("l’ONU du [LMali]", "l’[OONU] du [LMali]");
}

#[test]
fn makes_english_organisations_whole() {
    english(
        "the Ministry of Mines and Energy said",
        "the [OMinistry of Mines and Energy] said",
    );
    english(
        "the [OMalian Ministry of Mines]",
        "the [MMalian] [OMinistry of Mines]",
    );
    english(
        "of [PAnta Kane] [OUniversity], who",
        "of [OAnta Kane University], who",
    );
    english(
        "the [LBaroda City] [OCouncil] met",
        "the [OBaroda City Council] met",
    );
    english(
        "the [LBaroda Traders]’ Association met",
        "the [OBaroda Traders’ Association] met",
    );
    english(
        "the [OLake Network] Against Graft said so",
        "the [OLake Network Against Graft] said so",
    );
    english("the [OUnion nationale] won", "the [OUnion nationale] won");
    english(
        "said Seaside [OResources Inc.] again",
        "said [OSeaside Resources Inc.] again",
    );
    english("at FC [PBaroda] today", "at [OFC Baroda] today");
    english("On Monday [OCouncil] met", "On Monday [OCouncil] met");
    english(
        "Mayor Opens New Bank In [LBaroda] Town",
        "Mayor Opens New Bank In [LBaroda] Town",
    );
}

#[test]
fn cuts_what_is_no_part_of_a_name() {
    french(
        "la [OBanque du Sel (BDS], dit",
        "la [OBanque du Sel] ([OBDS], dit",
    );
    english(
        "the [OUniversity of Baroda confirms] it",
        "the [OUniversity of Baroda] confirms it",
    );
    english("the [LBern Street depot] burnt", "the [LBern Street] depot burnt");
    french("l’[Lassociation Sel & Sable]", "l’association [OSel & Sable]");
    french("les [OForces armées] ici", "les [OForces armées] ici");
}

#[test]
fn drops_titles_and_common_words() {
    english("[PColonel] [PSidi Kane]", "Colonel [PSidi Kane]");
    french("du temps [Padditionnel].", "du temps additionnel.");
    english("his lawyer, [PMe] X", "his lawyer, Me X");
    english("The [Mprovincial] court", "The provincial court");
    english(
        "[lbaroda] is far",
        "[lbaroda] is far".replace("[l", "[L").as_str(),
    );
}

#[test]
fn an_article_stays_with_the_mention_that_it_ends() {
    let sentence = "Sidi of Le Radio Le";
    let words = words(sentence);
    let span = span_of(&words, &(0..3));
    let mut mentions = vec![Mention {
        span,
        label: Label::Per,
        score: 0.7,
    }];
    repair_mentions(sentence, Language::ENGLISH, &mut mentions);
    assert!(
        mentions
            .windows(2)
            .all(|pair| pair[0].span.end() <= pair[1].span.start())
    );
}

proptest! {
    #[test]
    fn mentions_stay_ordered_and_apart(
        sentence in r"(Ministère|Sidi|de|la |l’|du|d’|Radio|University|of|Inc\.|&| |\(|BDS|’|[a-zÉ.])( (Ministère|Banque|Sidi|de|la|l’|du|Le|Radio|Council|of|for|SA|et|and|&|\(|BDS|’|[a-zÉ.]|Jr\.)){0,12}",
        cuts in prop::collection::btree_set(0usize..14, 0..8),
        label in 0usize..4,
    ) {
        let words = words(&sentence);
        let cuts: Vec<usize> = cuts.into_iter().filter(|&at| at < words.len()).collect();
        let mut mentions: Vec<Mention> = cuts
            .chunks_exact(2)
            .map(|pair| span_of(&words, &(pair[0]..pair[1])))
            .enumerate()
            .map(|(at, span)| Mention { span, label: Label::ALL[(label + at) % 4], score: 0.7 })
            .collect();
        for language in [Language::ENGLISH, Language::FRENCH, Language::UND] {
            repair_mentions(&sentence, language, &mut mentions);
            for mention in &mentions {
                prop_assert!(mention.span.of(&sentence).is_some_and(|text| !text.is_empty()));
            }
            prop_assert!(mentions.windows(2).all(|pair| pair[0].span.end() <= pair[1].span.start()), "{sentence:?} {mentions:?}");
        }
    }
}

#[test]
fn a_suffix_goes_to_the_person_before_it() {
    english("[PSidi Kane] Jr. left.", "[PSidi Kane Jr.] left.");
    english("[PSidi Kane] [OJr.] left.", "[PSidi Kane Jr.] left.");
    english("[PSidi Kane] [OJr. Bank] left.", "[PSidi Kane] [OJr. Bank] left.");
}

#[test]
fn an_operation_is_an_event() {
    english(
        "Operation [OSandstorm] is over, and no Operation Dune Blanche began.",
        "[MOperation Sandstorm] is over, and no [MOperation Dune Blanche] began.",
    );
    french("l’Opération [LGrand Vent] dure", "l’[MOpération Grand Vent] dure");
    french("une opération [OGrand Vent]", "une opération [OGrand Vent]");
    english("Operation began", "Operation began");
}
