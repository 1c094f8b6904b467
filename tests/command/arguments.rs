//! What is said on the command line.

use crate::ENGLISH;
use crate::support::Workplace;

#[test]
fn without_arguments_there_is_help_and_exit_code_2() {
    let ran = Workplace::new(&[]).run(&[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for word in [
        "run",
        "show",
        "detect",
        "translate",
        "entities",
        "align",
        "models",
        "Exit codes",
    ] {
        assert!(ran.stderr.contains(word), "help should name `{word}`");
    }
}

#[test]
fn help_and_version_are_asked_for() {
    let here = Workplace::new(&[]);
    let ran = here.run(&["--version"]);
    assert_eq!(
        (ran.code, ran.stdout),
        (0, format!("diglot {}\n", env!("CARGO_PKG_VERSION")))
    );
    for command in [
        "run",
        "show",
        "detect",
        "translate",
        "entities",
        "align",
        "models",
    ] {
        let ran = here.run(&[command, "--help"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}");
        assert!(ran.stdout.contains("Usage: diglot"), "{command}");
    }
}

#[test]
fn wrong_arguments_are_named_with_exit_code_2() {
    let here = Workplace::new(&[("a.txt", ENGLISH)]);
    let wrong: [(&[&str], &str); 9] = [
        (&["walk", "a.txt"], "walk"),
        (&["run"], "INPUT"),
        (&["run", "a.txt", "--to", "klingonese"], "klingonese"),
        (&["run", "a.txt", "--batch-size", "0"], "--batch-size"),
        (&["run", "a.txt", "--threads", "many"], "many"),
        (&["run", "a.txt", "--model", "entities"], "ROLE=DIR"),
        (&["run", "a.txt", "--model", "poetry=dir"], "poetry"),
        (&["run", "a.txt", "--to", "und"], "und"),
        (
            &["translate", "a.txt", "--from", "bm", "--to", "cy"],
            "`bm` to `cy`",
        ),
    ];
    for (arguments, named) in wrong {
        let ran = here.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains(named), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_model_that_cannot_be_used_is_named() {
    let here = Workplace::new(&[("a.txt", ENGLISH), ("empty/file", b"")]);
    let ran = here.run(&["run", "a.txt", "--model", "translate=empty"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr.contains("empty") && ran.stderr.contains("config.json"),
        "{}",
        ran.stderr
    );
}
