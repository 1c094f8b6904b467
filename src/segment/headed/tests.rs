use super::*;

/// What is read of a post: author, handle, date, body.
type Read<'t> = (Option<&'t str>, Option<&'t str>, Option<&'t str>, &'t str);

/// Expects the posts of `text`, an article of 9 October 2025.
#[track_caller]
fn check(text: &str, expected: &[Read<'_>]) {
    let unquoted = Unquoted::new(text);
    let posts = posts(&unquoted, Some("2025-10-09"));
    let read = |post: &Post| {
        let signature = &post.signature;
        (
            signature.author.clone(),
            signature.handle.clone(),
            signature.date.clone(),
            post.body
                .and_then(|body| body.of(text))
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let expected: Vec<_> = expected
        .iter()
        .map(|(author, handle, date, body)| {
            let owned = |part: &Option<&str>| part.map(str::to_owned);
            (owned(author), owned(handle), owned(date), (*body).to_owned())
        })
        .collect();
    assert_eq!(posts.iter().map(read).collect::<Vec<_>>(), expected, "{text:?}");
}

#[test]
fn messages_of_a_log_are_posts() {
    let day = Some("2025-09-27");
    check(
        "They wrote:\n\n[27/09/2025, 21:14:03] Awa: On part ?\n[27/09/2025, 21:15:40] Ali K.: Oui.\nVite !\n\nThey left.",
        &[
            (Some("Awa"), None, day, "On part ?"),
            (Some("Ali K."), None, day, "Oui.\nVite !"),
        ],
    );
    check(
        "27/09/2025, 21:14 - Awa: On part ?\n27/09/2025, 21:15 - Ali: Oui.",
        &[
            (Some("Awa"), None, day, "On part ?"),
            (Some("Ali"), None, day, "Oui."),
        ],
    );
    check(
        "Awa Sow, [27.09.2025 21:14]\nOn part ?\n\nAli, [27.09.2025 21:15]\nOui.",
        &[
            (Some("Awa Sow"), None, day, "On part ?"),
            (Some("Ali"), None, day, "Oui."),
        ],
    );
}

#[test]
fn without_blank_lines_the_last_message_is_one_line() {
    check(
        "They wrote:\n[21:14] Awa: On part ?\nOui.\n[21:15] Ali: Non.\nThey left.",
        &[
            (Some("Awa"), None, None, "On part ?\nOui."),
            (Some("Ali"), None, None, "Non."),
        ],
    );
}

#[test]
fn replies_and_cards_are_posts() {
    check(
        "Replies:\n@awa_s (14 June, 09:12): on part\n@ali_k (15 June): restez\n\nWe left.",
        &[
            (None, Some("awa_s"), Some("2025-06-14"), "on part"),
            (None, Some("ali_k"), Some("2025-06-15"), "restez"),
        ],
    );
    check(
        "He wrote.\n\nAwa Sow @awa · 11 août\nOn part.\nVite !\n\nThey left.",
        &[(
            Some("Awa Sow"),
            Some("awa"),
            Some("2025-08-11"),
            "On part.\nVite !",
        )],
    );
    check("He wrote to\nAwa Sow @awa · 11 août\nand left.", &[]);
}

const PAGE: &str = "\
She posted:

Awa Sow
@awa_s
·
Nov 3
J’ai vu le fleuve.

Il monte.
Translated from French by Google
I have seen the river.

It rises.
11:42 PM · Nov 3, 2024
·
18.2K
Views

It fell.";

#[test]
fn a_page_of_a_post_is_one_post_with_its_translation() {
    check(
        PAGE,
        &[(
            Some("Awa Sow"),
            Some("awa_s"),
            Some("2024-11-03"),
            "J’ai vu le fleuve.\n\nIl monte.",
        )],
    );
    let posts = posts(&Unquoted::new(PAGE), None);
    let rendering = posts[0].rendering.and_then(|span| span.of(PAGE));
    assert_eq!(rendering, Some("I have seen the river.\n\nIt rises."));
    assert_eq!(
        posts[0].foot.and_then(|span| span.of(PAGE)),
        Some("11:42 PM · Nov 3, 2024\n·\n18.2K\nViews")
    );
    assert_eq!(
        posts[0].signature.span.of(PAGE),
        Some("Awa Sow\n@awa_s\n·\nNov 3")
    );
    let whole = posts[0].span().of(PAGE).unwrap();
    assert!(whole.starts_with("Awa Sow") && whole.ends_with("Views"));
}

#[test]
fn names_and_handle_may_share_a_line_on_a_page() {
    check(
        "Awa Sow (@awa_s)\nIl pleut.\n10:05 · 3 nov. 2024 · 12 k vues",
        &[(Some("Awa Sow"), Some("awa_s"), Some("2024-11-03"), "Il pleut.")],
    );
    // Without a date there is no telling where it ends.
    check("Awa Sow\n@awa_s\nIl pleut.\n\nThey left.", &[]);
}

#[test]
fn quotations_that_begin_with_a_name_and_a_date_are_posts() {
    let body = "Il pleut.\n>\n> Enfin !";
    check(
        "> **Comité du marché**\n> 1er février 2026, 20 h 15\n>\n> Il pleut.\n>\n> Enfin !\n\nThey left.",
        &[(Some("Comité du marché"), None, Some("2026-02-01"), body)],
    );
    check(
        "> Awa Sow · 3 mars 2025\n> Il pleut.\n>\n> Enfin !",
        &[(Some("Awa Sow"), None, Some("2025-03-03"), body)],
    );
    check("> The well is dry.\n> 3 mars 2025\n> Nobody knows.", &[]);
    check("Awa Sow\n3 mars 2025\nThe well is dry.", &[]);
}

#[test]
fn media_links_are_apart() {
    let text = "[21:14] Awa: On part. pic.x.com/a";
    let posts = posts(&Unquoted::new(text), None);
    assert_eq!(posts[0].body.and_then(|span| span.of(text)), Some("On part."));
    assert_eq!(posts[0].media.and_then(|span| span.of(text)), Some("pic.x.com/a"));
}

#[test]
fn a_signature_behind_the_text_goes_before_a_head() {
    check("Il pleut\n— Awa Sow (@awa_s) March 2, 2024", &[]);
    check(
        "> Awa Sow\n> 3 mars 2025\n> Il pleut. — Ali (@ali) March 2, 2024",
        &[],
    );
}
