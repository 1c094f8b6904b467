use proptest::prelude::*;

use super::*;
use crate::Span;

/// Invented words of one village: enough for the texts below.
const LEXICON: &str = "# diglot lexicon 1\n[english]\na\t6\nand\t5\nis\t6\nof\t5\non\t7\nthat\t7\nthe\t4\nto\t6\n\
    [french]\nboulangerie\t15\tbakery 90 80\nbrioches\t17\tbuns 60 50\tbrioches 30 90\n\
    ce\t7\tthis 50 50\nchaudes\t15\thot 80 30\nde\t4\tof 70 60\ndimanche\t13\tsunday 95 95\n\
    et\t5\tand 95 95\nferme\t13\tfarm 40 60\tcloses 20 40\nfour\t15\toven 80 85\n\
    la\t4\tthe 90 40\nle\t4\tthe 90 40\nles\t5\tthe 80 20\nlivrer\t14\tdeliver 70 60\n\
    matin\t12\tmorning 90 90\nmerci\t12\tthanks 50 60\tthank 40 50\nneuf\t12\tnew 50 20\tnine 40 80\n\
    ouvre\t13\topens 70 80\npain\t13\tbread 90 90\nrue\t12\tstreet 90 90\n\
    vendons\t16\tsell 90 30\nvoisins\t14\tneighbours 90 80\n";

/// One document: French posts, English paragraphs as lists of sentences.
struct Village {
    posts: Vec<Vec<&'static str>>,
    paragraphs: Vec<Vec<&'static str>>,
}

fn aligner() -> PassageAligner {
    PassageAligner::new(Lexicon::from_bytes("village", LEXICON.as_bytes()).unwrap())
}

impl Village {
    /// The links as joined source texts and the text at the link's span.
    fn links(&self) -> Vec<(String, String)> {
        let text: String = self
            .paragraphs
            .iter()
            .map(|sentences| sentences.join(" ") + "\n")
            .collect();
        let source: Vec<SourceSentence<'_>> = (0..)
            .zip(&self.posts)
            .flat_map(|(passage, sentences)| {
                sentences.iter().map(move |text| SourceSentence {
                    text,
                    translation: None,
                    passage,
                    author: Some("Odile Fournier"),
                })
            })
            .collect();
        let target: Vec<TargetSentence<'_>> = (0..)
            .zip(&self.paragraphs)
            .flat_map(|(passage, sentences)| {
                let text = &text;
                sentences.iter().map(move |sentence| {
                    let start = text.find(sentence).unwrap();
                    TargetSentence {
                        text: sentence,
                        span: Span::new(start, start + sentence.len()),
                        passage,
                        surroundings: sentence,
                    }
                })
            })
            .collect();
        let found = aligner().align(&source, &target).into_iter().map(|link| {
            let texts: Vec<&str> = source[link.source].iter().map(|sentence| sentence.text).collect();
            (texts.join(" "), link.span.of(&text).unwrap().to_owned())
        });
        found.collect()
    }
}

#[track_caller]
fn check(posts: &[&[&'static str]], paragraphs: &[&[&'static str]], expected: &[(&str, &str)]) {
    let owned = |texts: &[&[&'static str]]| texts.iter().map(|sentences| sentences.to_vec()).collect();
    let village = Village {
        posts: owned(posts),
        paragraphs: owned(paragraphs),
    };
    let found = village.links();
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(one, other)| (one.as_str(), other.as_str()))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_quoted_sentence_is_found_and_its_marks_left_out() {
    check(
        &[&["La boulangerie ouvre dimanche matin.", "Merci les voisins !"]],
        &[
            &["The village is quiet.", "The old bakery was famous."],
            &["Odile Fournier, who bakes, wrote: “The bakery opens on Sunday morning.”"],
            &["Rain is expected on the coast."],
        ],
        &[(
            "La boulangerie ouvre dimanche matin.",
            "The bakery opens on Sunday morning.",
        )],
    );
}

#[test]
fn reported_speech_gives_each_sentence_its_part() {
    check(
        &[&[
            "La boulangerie ouvre à 18 h 30.",
            "Les brioches chaudes à 1 200 francs…",
        ]],
        &[
            &["She wrote that the bakery opens at 6:30 p.m., and that hot buns cost 1,200 francs."],
            &["Nothing else is known."],
        ],
        &[
            ("La boulangerie ouvre à 18 h 30.", "the bakery opens at 6:30 p.m."),
            (
                "Les brioches chaudes à 1 200 francs…",
                "hot buns cost 1,200 francs",
            ),
        ],
    );
}

#[test]
fn a_quote_of_two_sentences_loses_its_frame() {
    let post: &[&str] = &["Le four est neuf, et les voisins aiment le pain chaud de dimanche matin."];
    let expected = "The oven is new. The neighbours like the warm bread of Sunday morning";
    let quotes: [&[&str]; 2] = [
        &[
            "“The oven is new.",
            "The neighbours like the warm bread of Sunday morning,” Odile Fournier wrote on Friday.",
        ],
        &[
            "She said: “The oven is new.",
            "The neighbours like the warm bread of Sunday morning",
        ],
    ];
    for quote in quotes {
        check(&[post], &[quote, &["A storm is coming."]], &[(post[0], expected)]);
    }
}

#[test]
fn a_frame_that_the_source_lacks_is_cut_off() {
    let post = "La boulangerie ouvre dimanche matin.";
    let said = "the bakery opens on Sunday morning";
    for around in [
        format!("The mayor says {said}."),
        format!("The mayor of the village said on 3 May that {said}."),
        format!("Neighbours say that {said}, which the mayor denies."),
        format!("“{said},” a neighbour shouted."),
    ] {
        let around: &'static str = around.leak();
        check(&[&[post]], &[&[around], &["A storm is coming."]], &[(post, said)]);
    }
}

#[test]
fn other_figures_and_denials_are_no_renderings() {
    let matches = |post: &'static str, target: &'static str, expected: bool| {
        let links = [(post, target)];
        let paragraphs: &[&[&str]] = &[&[target], &["A storm is coming."]];
        check(&[&[post]], paragraphs, if expected { &links } else { &[] });
    };
    let buns = "Nous vendons cinq brioches chaudes dimanche.";
    matches(buns, "We sell five hot buns on Sunday.", true);
    matches(buns, "We sell 5 hot buns on Sunday.", true);
    matches(buns, "We sell three hot buns on Sunday.", false);
    let opens = "La boulangerie ouvre dimanche à 19 heures.";
    matches(opens, "The bakery opens on Sunday at 7 p.m.", true);
    matches(opens, "The bakery opens on Sunday at 8 p.m.", false);
    let closed = "La boulangerie n’ouvre pas dimanche matin.";
    matches(closed, "The bakery opens on Sunday morning.", false);
    matches(closed, "The bakery never opens on Sunday morning.", true);
}

#[test]
fn a_topical_echo_is_not_a_rendering() {
    check(
        &[&["La boulangerie de la rue Ndiaye a un four neuf."]],
        &[
            &[
                "The bakery sold bread to three schools.",
                "A bakery closed in May.",
            ],
            &["The street is long.", "Bread is dear."],
        ],
        &[],
    );
}

#[test]
fn two_sentences_are_joined_for_one() {
    check(
        &[&["Le four est neuf.", "Les voisins aiment le pain de dimanche."]],
        &[
            &["The oven is new and the neighbours like the bread of Sunday."],
            &["A storm is coming.", "Schools remain closed."],
        ],
        &[(
            "Le four est neuf. Les voisins aiment le pain de dimanche.",
            "The oven is new and the neighbours like the bread of Sunday.",
        )],
    );
}

#[test]
fn one_sentence_is_linked_with_two() {
    check(
        &[&["Le four est neuf, et les voisins aiment le pain chaud de dimanche matin."]],
        &[
            &[
                "The oven is new.",
                "And the neighbours like the warm bread of Sunday morning.",
                "Goats graze.",
            ],
            &["A storm is coming."],
        ],
        &[(
            "Le four est neuf, et les voisins aiment le pain chaud de dimanche matin.",
            "The oven is new. And the neighbours like the warm bread of Sunday morning.",
        )],
    );
}

#[test]
fn a_post_in_both_languages_is_aligned_down_to_its_short_sentences() {
    check(
        &[&["Nous vendons 300 brioches chaudes dimanche.", "Merci voisins !"]],
        &[
            &["We sell 300 hot buns on Sunday.", "Thanks neighbours!"],
            &["A storm is coming."],
        ],
        &[
            (
                "Nous vendons 300 brioches chaudes dimanche.",
                "We sell 300 hot buns on Sunday.",
            ),
            ("Merci voisins !", "Thanks neighbours!"),
        ],
    );
}

#[test]
fn a_translation_finds_what_the_lexicon_cannot() {
    let target = [
        "The hedgehog crossed the meadow quickly.",
        "Owls sleep by day.",
        "Foxes dig.",
    ];
    let spans = [0, 50, 80];
    let target: Vec<TargetSentence<'_>> = target
        .iter()
        .zip(spans)
        .map(|(text, start)| TargetSentence {
            text,
            span: Span::new(start, start + text.len()),
            passage: start,
            surroundings: "",
        })
        .collect();
    let with = |translation| SourceSentence {
        text: "Le hérisson a vite traversé le pré : « the hedgehog meadow ».",
        translation,
        passage: 0,
        author: None,
    };
    let score = |translation| {
        aligner()
            .align(&[with(translation)], &target)
            .first()
            .map(|link| link.score)
    };
    let (without, with) = (
        score(None),
        score(Some("The hedgehog quickly crossed the meadow.")),
    );
    assert!(with > without, "{with:?} should be more than {without:?}");
}

#[test]
fn nothing_is_aligned_with_nothing() {
    check(&[], &[], &[]);
    check(&[&["La boulangerie ouvre."]], &[], &[]);
    check(&[&["", "…"]], &[&["", "“”"]], &[]);
}

proptest! {
    #![proptest_config(crate::testing::cases(48))]
    #[test]
    fn links_are_in_range_apart_and_the_same_each_time(
        source in prop::collection::vec(("(pain|four|rue|neuf|[0-9]{1,4}|\\PC| ){0,8}", 0usize..2), 0..6),
        target in prop::collection::vec(("(bread|oven|street|new|[0-9]{1,4}|“|\\PC| ){0,8}", 0usize..2), 0..6),
    ) {
        let sentences: Vec<SourceSentence<'_>> = source
            .iter()
            .map(|(text, passage)| SourceSentence { text, translation: None, passage: *passage, author: None })
            .collect();
        let mut start = 0;
        let mut targets = Vec::new();
        for (text, passage) in &target {
            let span = Span::new(start, start + text.len());
            targets.push(TargetSentence { text, span, passage: *passage, surroundings: "" });
            start += text.len() + 1;
        }
        let links = aligner().align(&sentences, &targets);
        prop_assert_eq!(&links, &aligner().align(&sentences, &targets));
        for (index, link) in links.iter().enumerate() {
            prop_assert!(link.source.end <= sentences.len() && link.target.end <= targets.len());
            prop_assert!((0.0..=1.0).contains(&link.score) && link.span.end() < start);
            for other in &links[..index] {
                prop_assert!(other.source.end <= link.source.start && !other.span.overlaps(link.span));
            }
        }
    }
}
