//! Settings from a file and from flags.

use crate::ENGLISH;
use crate::support::{Workplace, string};

#[test]
fn what_is_dumped_reads_back_the_same() {
    let here = Workplace::new(&[]);
    let flags = [
        "--beam",
        "3",
        "--threads",
        "2",
        "--to",
        "fr",
        "--no-text",
        "--model",
        "translate=some dir",
    ];
    let dumped = here.run(&[&["run", "--dump-config"][..], &flags].concat());
    assert_eq!((dumped.code, dumped.stderr.as_str()), (0, ""));
    for line in [
        "to = \"fr\"",
        "threads = 2",
        "batch-size = 32",
        "beam = 3",
        "text = false",
    ] {
        assert!(
            dumped.stdout.contains(line),
            "expected `{line}` in {}",
            dumped.stdout
        );
    }
    std::fs::write(here.path("c.toml"), &dumped.stdout).unwrap();
    let again = here.run(&["run", "--dump-config", "--config", "c.toml"]);
    assert_eq!(again.stdout, dumped.stdout);
}

#[test]
fn flags_go_before_the_file() {
    let here = Workplace::new(&[("c.toml", b"beam = 2\nbatch-size = 5\n")]);
    let ran = here.run(&["run", "--dump-config", "--config", "c.toml", "--beam", "4"]);
    assert!(
        ran.stdout.contains("beam = 4") && ran.stdout.contains("batch-size = 5"),
        "{}",
        ran.stdout
    );
}

#[test]
fn unknown_keys_are_refused_with_their_line() {
    let here = Workplace::new(&[("a.txt", ENGLISH), ("c.toml", b"beam = 2\nbatch_size = 5\n")]);
    let ran = here.run(&["run", "a.txt", "--config", "c.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    for part in ["`c.toml`", "`batch_size`", "line 2"] {
        assert!(ran.stderr.contains(part), "expected {part} in {}", ran.stderr);
    }
}

#[test]
fn settings_that_change_results_stand_in_the_record() {
    let here = Workplace::new(&[("a.txt", ENGLISH)]);
    let records = here
        .run(&["run", "a.txt", "--beam", "2", "--threads", "1"])
        .records();
    let settings = &records[0]["run"]["settings"];
    assert_eq!((string(settings, "beam"), string(settings, "to")), ("2", "en"));
    assert_eq!(settings.get("threads"), None);
}

#[test]
fn threads_that_the_environment_asks_for_have_a_limit() {
    let here = Workplace::new(&[("a.txt", ENGLISH)]);
    let mut command = here.command(&["run", "a.txt", "-q"]);
    let ran = command.env("RAYON_NUM_THREADS", "5000").output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(
        said.contains("`RAYON_NUM_THREADS`: expected at most 1024, found 5000"),
        "{said}"
    );
}
