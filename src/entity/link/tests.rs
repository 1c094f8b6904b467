use super::*;
use Label::{Loc, Misc, Org, Per};
use proptest::prelude::*;

fn source(text: &str, label: Label, rendering: usize, tokens: Range<usize>) -> LinkMention<'_> {
    LinkMention {
        rendering: Some(rendering),
        tokens,
        ..LinkMention::new(text, label)
    }
}

fn rendered(text: &str, label: Label, rendering: usize, tokens: Range<usize>) -> LinkMention<'_> {
    LinkMention {
        side: Side::Rendering,
        ..source(text, label, rendering, tokens)
    }
}

/// Mentions that stand on plain text.
#[track_caller]
fn check(mentions: &[(&str, Label)], expected: &[usize]) {
    let linked: Vec<_> = mentions
        .iter()
        .map(|&(text, label)| LinkMention::new(text, label))
        .collect();
    assert_eq!(link_mentions(&linked, &[]), expected, "the ids of {mentions:?}");
}

#[track_caller]
fn check_sides(mentions: &[LinkMention<'_>], alignment: &[(usize, usize)], expected: &[usize]) {
    assert_eq!(
        link_mentions(mentions, &[alignment]),
        expected,
        "the ids of {mentions:?}"
    );
}

#[test]
fn the_same_name_is_one_thing() {
    check(
        &[
            ("Ségou", Loc),
            ("SEGOU", Loc),
            ("Se\u{301}gou", Loc),
            ("Gao", Loc),
        ],
        &[0, 0, 0, 1],
    );
    check(
        &[
            ("U.S.", Loc),
            ("US", Loc),
            ("Côte d’Ivoire", Loc),
            ("Cote d'Ivoire", Loc),
        ],
        &[0, 0, 1, 1],
    );
    check(&[("Capitaine Sidi KANÉ", Per), ("Sidi Kane", Per)], &[0, 0]);
    check(&[("The Sahel", Loc), ("Sahel", Loc)], &[0, 0]);
    check(&[("→", Misc), ("★", Misc), ("→", Misc)], &[0, 1, 0]);
}

#[test]
fn labels_are_kept_apart_but_organisations_and_places_of_one_name() {
    check(&[("Mali", Loc), ("Mali", Org), ("MALI", Loc)], &[0, 0, 0]);
    check(&[("Jordan", Loc), ("Jordan", Per), ("Jordan", Misc)], &[0, 1, 2]);
}

#[test]
fn last_names_go_with_the_only_full_name() {
    check(&[("Awa Dionta", Per), ("Dionta", Per), ("Awa", Per)], &[0, 0, 1]);
    check(
        &[("Traoré", Per), ("Sidi Traore", Per), ("Mr Traoré", Per)],
        &[0, 0, 0],
    );
    check(
        &[("Awa Traoré", Per), ("Sidi Traoré", Per), ("Traoré", Per)],
        &[0, 1, 2],
    );
    check(
        &[("Omar Anta Dial", Per), ("Anta Dial", Per), ("Dial", Per)],
        &[0, 0, 0],
    );
    check(&[("Grand Gao", Loc), ("Gao", Loc)], &[0, 1]);
}

#[test]
fn acronyms_go_with_the_only_name_of_these_initials() {
    check(
        &[("Banque du Grand Fleuve", Org), ("BGF", Org), ("B.G.F.", Org)],
        &[0, 0, 0],
    );
    check(
        &[("Union of River Towns", Org), ("URT", Org), ("UoRT", Org)],
        &[0, 0, 0],
    );
    check(
        &[
            ("Banque Grand Fleuve", Org),
            ("Bureau Gao Forage", Org),
            ("BGF", Org),
        ],
        &[0, 1, 2],
    );
    check(&[("Banque Grand Fleuve", Org), ("BGF", Loc)], &[0, 1]);
    check(&[("Awa Ba", Per), ("AB", Per)], &[0, 1]);
}

#[test]
fn an_acronym_in_brackets_goes_with_the_name_before_them() {
    let fama = |expansion| LinkMention {
        expansion,
        ..LinkMention::new("FAMA", Org)
    };
    let mentions = [
        LinkMention::new("Malian Armed Forces", Org),
        fama(Some("Malian Armed Forces")),
        LinkMention::new("Forces armées maliennes", Org),
        LinkMention {
            expansion: Some("Forces armées maliennes"),
            ..LinkMention::new("FAMa", Org)
        },
        fama(None),
        LinkMention {
            expansion: Some("nothing known"),
            ..LinkMention::new("XYZ", Org)
        },
    ];
    assert_eq!(link_mentions(&mentions, &[]), [0, 0, 0, 0, 0, 1]);
}

#[test]
fn authors_go_by_their_handle() {
    let author = |text, handle| LinkMention {
        handle: Some(handle),
        ..LinkMention::new(text, Org)
    };
    let mentions = [
        LinkMention::new("Rail Ouest", Org),
        author("Rail-Ouest officiel", "@rail_ouest"),
        author("RO", "Rail_Ouest"),
        author("Est", ""),
        author("Nord", "@"),
        LinkMention::new("Rail Ouest", Per),
    ];
    assert_eq!(link_mentions(&mentions, &[]), [0, 0, 0, 1, 2, 3]);
}

#[test]
fn aligned_words_join_names_of_two_languages() {
    let mentions = [
        source("Londres", Loc, 0, 1..2),
        source("Vienne", Loc, 0, 3..4),
        rendered("Vienna", Loc, 0, 0..1),
        rendered("London", Loc, 0, 2..3),
        LinkMention::new("London", Loc),
    ];
    check_sides(&mentions, &[(1, 2), (3, 0)], &[0, 1, 1, 0, 0]);
    let mentions = [source("Londres", Loc, 0, 0..1), rendered("London", Org, 0, 0..1)];
    check_sides(&mentions, &[(0, 0)], &[0, 1]);
}

#[test]
fn a_wrong_alignment_does_not_join_names_that_have_partners() {
    let mentions = [
        source("Mali", Loc, 0, 0..1),
        source("Niger", Loc, 0, 1..2),
        rendered("Mali", Loc, 0, 0..1),
        rendered("Niger", Loc, 0, 1..2),
    ];
    check_sides(&mentions, &[(0, 1), (1, 0)], &[0, 1, 0, 1]);
    let mentions = [
        LinkMention::new("Mali", Loc),
        LinkMention::new("Niger", Loc),
        source("Mali", Loc, 0, 0..1),
        rendered("Niger", Loc, 0, 0..1),
        source("Niger", Loc, 1, 0..1),
    ];
    check_sides(&mentions, &[(0, 0)], &[0, 1, 0, 1, 1]);
}

#[test]
fn order_joins_where_no_words_are_aligned() {
    let mentions = [
        source("Londres", Loc, 0, 0..1),
        source("Mali", Loc, 0, 1..2),
        source("Vienne", Loc, 0, 2..3),
        rendered("Mali", Loc, 0, 0..1),
        rendered("London", Loc, 0, 1..2),
        rendered("Vienna", Loc, 0, 2..3),
    ];
    check_sides(&mentions, &[], &[0, 1, 2, 1, 0, 2]);
    check_sides(&mentions, &[(9, 9)], &[0, 1, 2, 1, 3, 4]);
    check_sides(&mentions[..5], &[], &[0, 1, 2, 1, 3]);
}

#[test]
fn order_joins_persons_only_where_their_names_begin_alike() {
    check_sides(
        &[source("Poutine", Per, 0, 0..1), rendered("Putin", Per, 0, 0..1)],
        &[],
        &[0, 0],
    );
    check_sides(
        &[
            source("Awa Sow", Per, 0, 0..2),
            rendered("Ben Kane", Per, 0, 0..2),
        ],
        &[],
        &[0, 1],
    );
}

#[test]
fn a_rendering_without_its_alignment_does_not_matter() {
    assert_eq!(
        link_mentions(&[source("Gao", Loc, 7, 0..1), rendered("Gao", Loc, 7, 0..1)], &[]),
        [0, 0]
    );
    assert_eq!(link_mentions(&[], &[]), Vec::<usize>::new());
}

fn any_mention() -> impl Strategy<Value = LinkMention<'static>> {
    let texts = [
        "Mali",
        "MALI",
        "Niger",
        "Awa Sow",
        "Sow",
        "Banque du Fleuve",
        "BDF",
        "BF",
        "l’été",
        "…",
        "",
    ];
    let handle = prop::option::of(prop::sample::select(vec!["@awa_sow", "mali", "@"]));
    let expansion = prop::option::of(prop::sample::select(vec!["Banque du Fleuve", "Mali"]));
    let label = prop::sample::select(Label::ALL.to_vec());
    let place = (prop::option::of(0usize..3), prop::bool::ANY, 0usize..4, 0usize..3);
    (
        prop::sample::select(texts.to_vec()),
        label,
        place,
        handle,
        expansion,
    )
        .prop_map(
            |(text, label, (rendering, on_source, start, len), handle, expansion)| LinkMention {
                text,
                label,
                side: if on_source { Side::Source } else { Side::Rendering },
                rendering,
                tokens: start..start + len,
                expansion,
                handle,
            },
        )
}

proptest! {
    #[test]
    fn every_mention_has_an_id_and_ids_count_up(
        mentions in prop::collection::vec(any_mention(), 0..12),
        alignment in prop::collection::vec((0usize..6, 0usize..6), 0..6),
    ) {
        let ids = link_mentions(&mentions, &[&alignment, &[]]);
        prop_assert_eq!(ids.len(), mentions.len());
        let mut next = 0;
        for &id in &ids {
            prop_assert!(id <= next);
            next = next.max(id + 1);
        }
        for (a, first) in mentions.iter().enumerate() {
            for (b, second) in mentions.iter().enumerate().filter(|&(b, _)| ids[a] == ids[b]) {
                let place = |label| matches!(label, Org | Loc);
                let fits = first.label == second.label || place(first.label) && place(second.label);
                prop_assert!(fits, "{first:?} ({a}) and {second:?} ({b}) are one");
            }
        }
    }

    #[test]
    fn the_same_mentions_have_the_same_ids_in_every_run(mentions in prop::collection::vec(any_mention(), 0..12)) {
        let here = link_mentions(&mentions, &[]);
        let there = std::thread::scope(|scope| scope.spawn(|| link_mentions(&mentions, &[])).join());
        prop_assert_eq!(there.expect("linking does not panic"), here);
    }
}

#[test]
fn a_name_inside_a_longer_one_opposite_is_another_thing() {
    check_sides(
        &[
            source("école de Tambali", Org, 0, 0..3),
            rendered("Tambali", Org, 0, 0..1),
        ],
        &[(2, 0)],
        &[0, 1],
    );
    check_sides(
        &[
            source("école de Tambali", Org, 0, 0..3),
            rendered("Tambali School", Org, 0, 0..2),
        ],
        &[(0, 1), (2, 0)],
        &[0, 0],
    );
}
