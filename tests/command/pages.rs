//! `diglot show`.

use crate::support::{Workplace, example};

fn shown(arguments: &[&str], colour: Option<(&str, &str)>) -> String {
    let here = Workplace::new(&[("night.txt", &example("night-market.txt"))]);
    let mut command = here.command(&[&["show", "night.txt"], arguments].concat());
    command.envs(colour);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_page_is_plain_when_piped() {
    let page = shown(&[], None);
    assert!(!page.contains('\u{1b}'));
    for part in [
        "post-signature",
        "@ilyes_tamb",
        "2024-05-17",
        "PER]",
        "→ en, bundled/fr-en",
        "= en, in this document",
    ] {
        assert!(page.contains(part), "expected `{part}` in\n{page}");
    }
    let widest = page
        .lines()
        .filter(|line| !line.contains("://"))
        .map(|line| line.chars().count())
        .max();
    assert!(widest <= Some(80), "{widest:?}");
}

#[test]
fn colours_come_when_asked_for() {
    let plain = shown(&["--color", "never"], None);
    let coloured = shown(&["--color", "always"], None);
    assert!(coloured.contains("\u{1b}[") && !coloured.contains("PER]"));
    assert_eq!(plain, shown(&[], Some(("NO_COLOR", "1"))));
    assert!(shown(&[], Some(("CLICOLOR_FORCE", "1"))).contains("\u{1b}["));
}

#[test]
fn what_cannot_be_read_is_named() {
    let here = Workplace::new(&[("bad.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")]);
    let ran = here.run(&["show", "bad.txt"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("bad.txt: read: expected"), "{}", ran.stderr);
}
