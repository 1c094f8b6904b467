use proptest::prelude::*;

use super::*;

/// `text|encoding`, or the code of what is wrong.
fn decoded(bytes: &[u8]) -> String {
    show(decode(bytes, None, None))
}

fn show(result: Result<(Cow<'_, str>, Encoding), Undecodable>) -> String {
    match result {
        Ok((text, encoding)) => format!("{text}|{}", encoding.name()),
        Err((code, message)) => format!("{code}: {message}"),
    }
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

fn windows_1252(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

const FRENCH: &str = "L’été dernier, « la fête » n’a coûté que 5 € à l’hôtel de l’Œuvre.";

#[test]
fn all_names_are_names() {
    for name in NAMES {
        assert_eq!(Encoding::of_label(name).map(Encoding::name), Some(name));
    }
    assert_eq!(Encoding::of_label("replacement"), None);
    assert_eq!(Encoding::of_label("iso-2022-kr"), None);
}

#[test]
fn the_encoding_is_found_out() {
    for text in ["", "\u{feff}Ça va ?\r\n", "e\u{301}\u{0}\u{202e}👩‍👩‍👧\r", FRENCH] {
        assert_eq!(decoded(text.as_bytes()), format!("{text}|utf-8"));
    }
    let marked = format!("\u{feff}{FRENCH}");
    assert_eq!(
        decoded(&utf16(&marked, u16::to_le_bytes)),
        format!("{FRENCH}|utf-16le")
    );
    assert_eq!(
        decoded(&utf16(&marked, u16::to_be_bytes)),
        format!("{FRENCH}|utf-16be")
    );
    assert_eq!(
        decoded(&utf16("Nothing new.", u16::to_be_bytes)),
        "Nothing new.|utf-16be"
    );
    assert_eq!(
        decoded(&utf16("Nothing new.", u16::to_le_bytes)),
        "Nothing new.|utf-16le"
    );
    assert_eq!(decoded(&windows_1252(FRENCH)), format!("{FRENCH}|windows-1252"));
    assert_eq!(decoded(b"d\xe9j\xe0 vu"), "déjà vu|windows-1252");
    assert_eq!(decoded(b"caf\xe9"), "café|windows-1252");
    assert_eq!(
        decoded(b"d\xe9j\xe0 l\xe0, \xc9t\xe9\xa0\xbb, OS\xc9\xa0\xbb"),
        "déjà là, Été\u{a0}», OSÉ\u{a0}»|windows-1252"
    );
    let russian = "Вчера вечером в порту никого не было, сказал он.";
    // KOI8-U writes Russian with the same bytes.
    let koi8 = encoding_rs::KOI8_R.encode(russian).0.into_owned();
    assert!(decoded(&koi8).starts_with(&format!("{russian}|koi8-")));
    for encoding in [encoding_rs::WINDOWS_1251, encoding_rs::IBM866] {
        let bytes = encoding.encode(russian).0.into_owned();
        assert_eq!(
            decoded(&bytes),
            format!("{russian}|{}", Encoding(encoding).name())
        );
    }
    let japanese = "昨日の夜、港には誰もいなかったと彼は言った。";
    for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP] {
        let bytes = encoding.encode(japanese).0.into_owned();
        assert_eq!(
            decoded(&bytes),
            format!("{japanese}|{}", Encoding(encoding).name())
        );
    }
}

#[test]
fn what_a_page_declares_counts_where_it_is_not_utf8() {
    let declared = Encoding::of_label("iso-8859-15");
    assert_eq!(show(decode(b"5 \xa4", None, declared)), "5 €|iso-8859-15");
    assert_eq!(show(decode("5 €".as_bytes(), None, declared)), "5 €|utf-8");
    let utf8 = Encoding::of_label("utf-8");
    assert_eq!(show(decode(b"caf\xe9", None, utf8)), "café|windows-1252");
}

#[test]
fn an_encoding_can_be_forced() {
    let forced = |label, bytes: &[u8]| show(decode(bytes, Encoding::of_label(label), None));
    assert_eq!(forced("latin1", "é".as_bytes()), "Ã©|windows-1252");
    assert_eq!(forced("utf-16le", b"a\0"), "a|utf-16le");
    assert_eq!(forced("utf-16le", b"\xff\xfea\0"), "a|utf-16le");
    assert_eq!(
        forced("utf-16le", b"a\0b"),
        "undecodable: expected utf-16le, found bytes that are not"
    );
    assert_eq!(
        forced("utf-8", b"caf\xe9"),
        "invalid-utf8: expected UTF-8, found the byte 0xe9 at 3"
    );
}

#[test]
fn what_is_no_text_is_an_error() {
    let check = |bytes: &[u8], expected: &str| assert_eq!(decoded(bytes), expected, "{bytes:02x?}");
    let binary = "undecodable: expected text, found binary data";
    check(b"\0\x01\0\0\0\x07\0\0\0", binary);
    check(b"\xff\xfe\0\0a\0\0\0b\0\0\0", binary);
    check(
        b"\xff\xfe\0\xd8",
        "undecodable: expected utf-16le, found bytes that are not",
    );
    check(b"\x7fELF\x02\x01\x01\0\0\x83\x97\0\0\x11\xc0\xff", binary);
    check(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "undecodable: expected text, found a PNG image",
    );
    let noise: Vec<u8> = (0..2_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    check(&noise, binary);
}

#[test]
fn mixtures_and_damage_are_not_passed_on_as_mojibake() {
    let mut damaged = FRENCH.as_bytes().to_vec();
    damaged[3] = 0xff;
    assert!(
        decoded(&damaged).starts_with("invalid-utf8: "),
        "{}",
        decoded(&damaged)
    );
    let mixed = [windows_1252(FRENCH), "Ça".as_bytes().to_vec()].concat();
    assert!(
        decoded(&mixed).contains("UTF-8 beside windows-1252"),
        "{}",
        decoded(&mixed)
    );
    // "déjà été" of DOS (code page 850) and of the old Macintosh.
    for bytes in [
        &b"d\x82j\x85 \x82t\x82 m\x88me"[..],
        b"d\x8ej\x88 \x8et\x8e m\x90me",
    ] {
        assert!(decoded(bytes).starts_with("undecodable: "), "{}", decoded(bytes));
    }
}

/// What a file gives as [`decoded`] shows it.
fn decoded_in_file(bytes: &[u8], forced: Option<Encoding>) -> String {
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    match decode_file(&mut file, forced).unwrap() {
        Ok((text, decoded)) => {
            assert_eq!(
                (decoded.bytes, decoded.sha256),
                (bytes.len(), crate::provenance::sha256(bytes))
            );
            let text = text.finish().whole().unwrap();
            format!("{text}|{}", decoded.encoding.unwrap_or("utf-8"))
        }
        Err((code, message)) => format!("{code}: {message}"),
    }
}

#[test]
fn a_long_text_is_decoded_like_a_short_one() {
    // Longer than the pieces in which it is read, and the first byte beyond ASCII stands in none of the first two.
    let (plain, long) = (
        "Nothing new. ".repeat(200_000),
        format!("{FRENCH} ").repeat(40_000),
    );
    let koi8 = encoding_rs::KOI8_R
        .encode(&"Вчера никого не было. ".repeat(100_000))
        .0
        .into_owned();
    let utf16 = utf16(&format!("\u{feff}{long}"), u16::to_le_bytes);
    for bytes in [
        [plain.as_bytes(), &windows_1252(&long)].concat(),
        [plain.as_bytes(), &windows_1252(&long), "Ça".as_bytes()].concat(),
        [long.as_bytes(), b"\xff"].concat(),
        [long.as_bytes(), b"\xc3"].concat(),
        koi8,
        utf16[..utf16.len() - 1].to_vec(),
        utf16,
        vec![0; 3 << 20],
    ] {
        assert!(
            decoded_in_file(&bytes, None) == decoded(&bytes),
            "{}",
            decoded(&bytes[..40])
        );
    }
}

#[test]
fn french_is_told_from_slovak_by_its_shortest_word() {
    let text = format!("{} à la pointe de l’été.", "île ".repeat(6));
    assert_eq!(decoded(&windows_1252(&text)), format!("{text}|windows-1252"));
    let slovak = "Včera večer v prístave nikto nebol, povedal. Žltý kôň ťahal ťažký voz a vŕba šumela.";
    let bytes = encoding_rs::WINDOWS_1250.encode(slovak).0.into_owned();
    assert_eq!(decoded(&bytes), format!("{slovak}|windows-1250"));
}

const FRENCH_WORDS: &[&str] = &[
    "été",
    "cœur",
    "île",
    "où",
    "Noël",
    "garçon",
    "l’œuf",
    "«",
    "»",
    "—",
    "8 €",
    "sûr",
    "EXCLUSIVITÉ",
    "à",
    "bientôt.",
];

fn transcoded(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    // Three bytes at a time, so that characters are cut.
    struct Drip(Vec<u8>);
    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(3).min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0.drain(..length);
            Ok(length)
        }
    }
    let mut output = Vec::new();
    Transcoder::new(Box::new(Drip(bytes.to_vec())), encoding)
        .read_to_end(&mut output)
        .unwrap();
    output
}

#[test]
fn a_stream_is_turned_into_utf8() {
    let bytes = utf16(&format!("\u{feff}{FRENCH}👩"), u16::to_le_bytes);
    assert_eq!(
        transcoded(&bytes, Encoding(UTF_16LE)),
        format!("{FRENCH}👩").as_bytes()
    );
    let shift_jis = Encoding(encoding_rs::SHIFT_JIS);
    assert_eq!(transcoded(b"a\x82\nb\x82", shift_jis), b"a\xff\nb\xff");
    assert_eq!(transcoded(b"", shift_jis), b"");
}

proptest! {
    #![proptest_config(crate::testing::cases(128))]

    #[test]
    fn any_text_comes_back_from_utf8_and_utf16(text in "\\PC{0,60}") {
        prop_assert_eq!(decoded(text.as_bytes()), format!("{text}|utf-8"));
        let text = text.trim_start_matches('\u{feff}');
        let marked = format!("\u{feff}{text}");
        prop_assert_eq!(decoded(&utf16(&marked, u16::to_le_bytes)), format!("{text}|utf-16le"));
        prop_assert_eq!(decoded(&utf16(&marked, u16::to_be_bytes)), format!("{text}|utf-16be"));
    }

    #[test]
    fn french_comes_back_from_windows_1252(words in prop::collection::vec(prop::sample::select(FRENCH_WORDS), 0..12)) {
        let text = format!("{} Évidemment, à côté de l’été, c’est déjà ça.", words.join(" "));
        prop_assert_eq!(decoded(&windows_1252(&text)), format!("{text}|windows-1252"));
    }

    #[test]
    fn any_bytes_are_text_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..40usize) {
        let _ = decode(&bytes, None, None);
        let encoding = Encoding::of_label(NAMES[at % NAMES.len()]);
        if let Ok((text, _)) = decode(&bytes, encoding, None) {
            prop_assert!(!text.is_empty() || bytes.len() < 8);
        }
        let _ = transcoded(&bytes, encoding.unwrap());
        for forced in [None, encoding] {
            prop_assert_eq!(decoded_in_file(&bytes, forced), show(decode(&bytes, forced, None)));
        }
    }

    #[test]
    fn pieces_show_what_the_whole_does(
        text in "[a-cé«À ]{0,12}",
        bytes in prop::collection::vec(prop::sample::select(&b"\0a\xc3\xa9\xe2\x80\x99\x82"[..]), 0..12),
        cuts in prop::collection::vec(0..40usize, 0..6),
    ) {
        let bytes = [text.as_bytes(), &bytes, &windows_1252(&text)].concat();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        let mut evidence = Evidence::default();
        cuts.windows(2).for_each(|cut| evidence.add(&bytes[cut[0]..cut[1]]));
        evidence.finish();
        prop_assert_eq!(evidence, Evidence::of(&bytes));
        let invalid = std::str::from_utf8(&bytes).err().map(|error| error.valid_up_to());
        prop_assert_eq!(Evidence::of(&bytes).invalid().map(|(at, _)| at), invalid);
    }
}
