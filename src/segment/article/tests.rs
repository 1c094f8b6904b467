use super::*;

fn depth(pieces: &[Piece], piece: &Piece) -> usize {
    piece
        .parent
        .map_or(0, |parent| 1 + depth(pieces, &pieces[parent]))
}

/// Expects the pieces as `kind: text`, children indented.
fn check(text: &str, expected: &[&str]) {
    let pieces = ArticleSegmenter.segment(text);
    let show = |piece: &Piece| {
        format!(
            "{}{}: {}",
            "  ".repeat(depth(&pieces, piece)),
            piece.kind,
            slice(text, piece.span)
        )
    };
    assert_eq!(pieces.iter().map(show).collect::<Vec<_>>(), expected);
}

#[test]
fn an_article_has_a_title_header_paragraphs_and_posts() {
    check(
        "A dry year\n\nBy Awa Sow\n\nThe well is “dry.” Ali knows.\n\nIl pleut. pic.x.com/a — Ali (@ali) 2 mars 2024\n",
        &[
            "title: A dry year",
            "header: By Awa Sow",
            "paragraph: The well is “dry.” Ali knows.",
            "  quote: dry.",
            "post: Il pleut. pic.x.com/a — Ali (@ali) 2 mars 2024",
            "  post-body: Il pleut.",
            "  post-media: pic.x.com/a",
            "  post-signature: — Ali (@ali) 2 mars 2024",
        ],
    );
}

#[test]
fn a_dated_first_line_is_header_and_text() {
    check(
        "\u{feff} date 2024-03-02 The well is dry.\n\nAli left.",
        &[
            "header: date 2024-03-02",
            "paragraph: The well is dry.",
            "paragraph: Ali left.",
        ],
    );
    check(
        "date 2024-03-02 A dry year\n\nAli left.",
        &[
            "header: date 2024-03-02",
            "title: A dry year",
            "paragraph: Ali left.",
        ],
    );
}

#[test]
fn only_a_short_first_paragraph_without_stop_is_a_title() {
    check(
        "The well is dry.\n\nAli left",
        &["paragraph: The well is dry.", "paragraph: Ali left"],
    );
    check("A dry year", &["paragraph: A dry year"]);
    check("Who left?\n\nAli.", &["title: Who left?", "paragraph: Ali."]);
    let long = "dry ".repeat(60);
    check(
        &format!("{long}\n\nAli."),
        &[&format!("paragraph: {}", long.trim()), "paragraph: Ali."],
    );
}

#[test]
fn a_body_may_stand_before_its_signature_and_media() {
    check(
        "Ali left.\n\nIl pleut\n\npic.x.com/a\n\n— Ali (@ali) 2 mars 2024",
        &[
            "paragraph: Ali left.",
            "post: Il pleut\n\npic.x.com/a\n\n— Ali (@ali) 2 mars 2024",
            "  post-body: Il pleut",
            "  post-media: pic.x.com/a",
            "  post-signature: — Ali (@ali) 2 mars 2024",
        ],
    );
}

#[test]
fn a_quotation_of_lines_is_a_post_with_all_its_paragraphs() {
    check(
        "Ali left.\n> Il pleut.\n>\n> Enfin.\n>\n> — Ali (@ali) 2 mars 2024\nHe stayed.",
        &[
            "paragraph: Ali left.",
            "post: Il pleut.\n>\n> Enfin.\n>\n> — Ali (@ali) 2 mars 2024",
            "  post-body: Il pleut.\n>\n> Enfin.",
            "  post-signature: — Ali (@ali) 2 mars 2024",
            "paragraph: He stayed.",
        ],
    );
    check(
        "> Ali left.\n>\n> Il pleut. — Ali (@ali) 2 mars 2024\n>\n> He stayed.",
        &[
            "paragraph: Ali left.",
            "post: Il pleut. — Ali (@ali) 2 mars 2024",
            "  post-body: Il pleut.",
            "  post-signature: — Ali (@ali) 2 mars 2024",
            "paragraph: He stayed.",
        ],
    );
    let long = "Le bac est en panne depuis lundi. ".repeat(5);
    let long = long.trim();
    check(
        &format!("> {long}\n> — Ali (@ali) 2 mars 2024\n\nHe stayed."),
        &[
            &format!("post: {long}\n> — Ali (@ali) 2 mars 2024"),
            &format!("  post-body: {long}"),
            "  post-signature: — Ali (@ali) 2 mars 2024",
            "paragraph: He stayed.",
        ],
    );
}

#[test]
fn a_post_may_name_its_author_first() {
    check(
        "Ali left.\n\nAwa Sow @awa · 2024-03-02\nIl pleut. pic.x.com/a\n\nHe stayed.",
        &[
            "paragraph: Ali left.",
            "post: Awa Sow @awa · 2024-03-02\nIl pleut. pic.x.com/a",
            "  post-signature: Awa Sow @awa · 2024-03-02",
            "  post-body: Il pleut.",
            "  post-media: pic.x.com/a",
            "paragraph: He stayed.",
        ],
    );
    let pieces =
        ArticleSegmenter.segment("By Awa Sow, Dakar\n2 January 2024\n\n[3 Dec, 21:14] Ali: Il pleut.");
    let post = pieces
        .iter()
        .find(|piece| piece.kind == SegmentKind::Post)
        .unwrap();
    assert_eq!(post.author.as_deref(), Some("Ali"));
    assert_eq!(post.date.as_deref(), Some("2023-12-03"));
}

#[test]
fn the_subject_of_a_mail_is_the_title() {
    check(
        "From: Awa Sow <awa@mail.example>\nDate: Sat, 2 Mar 2024 10:00 +0000\nSubject: A dry year\n\nAli left.",
        &[
            "header: From: Awa Sow <awa@mail.example>",
            "header: Date: Sat, 2 Mar 2024 10:00 +0000",
            "header: Subject:",
            "title: A dry year",
            "paragraph: Ali left.",
        ],
    );
}

#[test]
fn marks_of_markdown_stand_outside_of_pieces() {
    check(
        "# A dry year\n\n*By Awa Sow*\n\n---\n\n**Why**\n\nNobody *knows*.",
        &[
            "title: A dry year",
            "header: By Awa Sow",
            "paragraph: Why",
            "paragraph: Nobody *knows*.",
        ],
    );
}

#[test]
fn a_signature_does_not_take_a_header_or_another_post() {
    check(
        "date 2024-03-02\n\n— Ali (@ali) 2 mars 2024\n\n— Awa (@awa) 3 mars 2024",
        &[
            "header: date 2024-03-02",
            "post: — Ali (@ali) 2 mars 2024",
            "  post-signature: — Ali (@ali) 2 mars 2024",
            "post: — Awa (@awa) 3 mars 2024",
            "  post-signature: — Awa (@awa) 3 mars 2024",
        ],
    );
}

#[test]
fn what_was_read_off_a_piece_is_on_it() {
    let text = "Le puits est sec https://t.co/a — Ali K. 🇸🇳 (@ali) 1er mars 2024";
    let pieces = ArticleSegmenter.segment(text);
    for piece in [&pieces[0], &pieces[2]] {
        assert_eq!(piece.author.as_deref(), Some("Ali K. 🇸🇳"));
        assert_eq!(piece.handle.as_deref(), Some("ali"));
        assert_eq!(piece.date.as_deref(), Some("2024-03-01"));
    }
    assert_eq!(pieces[0].url.as_deref(), Some("https://t.co/a"));
    assert_eq!(pieces[1].author, None);
}

#[test]
fn a_media_link_is_the_url_of_the_post() {
    let pieces = ArticleSegmenter.segment("Lire https://t.co/a pic.x.com/b — Ali (@ali) 2 mars 2024");
    assert_eq!(pieces[0].url.as_deref(), Some("pic.x.com/b"));
    assert_eq!(pieces[2].url.as_deref(), Some("pic.x.com/b"));
}

#[test]
fn a_quote_names_its_speaker() {
    let pieces = ArticleSegmenter.segment("“It rains,” said Awa Sow. The “rain” stopped.");
    assert_eq!(pieces[1].author.as_deref(), Some("Awa Sow"));
    assert_eq!(pieces[2].author, None);
}

#[test]
fn a_speech_may_run_over_paragraphs() {
    check(
        "He spoke.\n\n“It rained.\n\n“We left.”",
        &[
            "paragraph: He spoke.",
            "paragraph: “It rained.",
            "  quote: It rained.",
            "paragraph: “We left.”",
            "  quote: We left.",
        ],
    );
}

#[test]
fn nothing_but_space_has_no_piece() {
    check("", &[]);
    check("\u{feff} \r\n\u{2029}", &[]);
}
