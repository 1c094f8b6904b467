use std::fs;

use super::*;

/// A directory with the given files.
fn tree(files: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "text").unwrap();
    }
    root
}

fn ids(inputs: Inputs) -> Vec<String> {
    let id = |entry: Result<Source, Unreadable>| match entry {
        Ok(source) => source.id,
        Err(unreadable) => format!("{} ({})", unreadable.id, unreadable.code),
    };
    inputs.into_entries().into_iter().map(id).collect()
}

#[test]
fn extensions_say_the_format() {
    let check = |name, expected| assert_eq!(Format::of_extension(Path::new(name)), expected, "{name}");
    check("a.txt", Some(Format::Text));
    check("a.TXT.gz", Some(Format::Text));
    check("a.ndjson.zst", Some(Format::JsonLines));
    check("a.jsonl.GZIP", Some(Format::JsonLines));
    check("a.htm", Some(Format::Html));
    check("a.html.zstd", Some(Format::Html));
    check("a.parquet", Some(Format::Parquet));
    check("a.gz", None);
    check("txt.gz", None);
    check("a.txt.gz.gz", None);
    check("a.md", None);
    check("txt", None);
    check(".txt", None);
}

#[test]
fn a_directory_is_searched_to_the_bottom_in_order_of_names() {
    let root = tree(&[
        "b.txt",
        "a/z.txt.gz",
        "a/b/c.JSONL",
        "notes.md",
        "a.html",
        "a/.txt",
    ]);
    let found = Inputs::find(&[root.path()], None, None);
    assert_eq!(found.passed_over(), 2);
    assert_eq!(ids(found), ["a/b/c.JSONL", "a/z.txt.gz", "a.html", "b.txt"]);
}

#[test]
fn a_file_named_outright_is_read_whatever_its_extension() {
    let root = tree(&["notes.md", "lines.jsonl"]);
    let names = [root.path().join("notes.md"), root.path().join("lines.jsonl")];
    let formats = |format| -> Vec<Option<Format>> {
        let found = Inputs::find(&names, format, None);
        found
            .into_entries()
            .into_iter()
            .flatten()
            .map(|source| source.format)
            .collect()
    };
    assert_eq!(formats(None), [None, Some(Format::JsonLines)]);
    assert_eq!(formats(Some(Format::Html)), [Some(Format::Html); 2]);
}

#[test]
fn what_is_missing_or_empty_keeps_its_place() {
    let root = tree(&["a.txt"]);
    let empty = tempfile::tempdir().unwrap();
    let missing = root.path().join("gone.txt");
    let found = Inputs::find(&[empty.path(), &missing, &root.path().join("a.txt")], None, None);
    assert!(!found.is_empty());
    let expected = [
        format!("{} (no-documents)", empty.path().display()),
        format!("{} (unreadable)", missing.display()),
        "a.txt".to_owned(),
    ];
    assert_eq!(ids(found), expected);
    assert!(Inputs::find(&[empty.path(), &missing], None, None).is_empty());
}

#[test]
fn patterns_find_files_and_directories() {
    let root = tree(&[
        "in/1/a.txt",
        "in/1/x/b.txt",
        "in/2/a.txt",
        "in/c.md",
        "in/.d.txt",
        "[e].txt",
    ]);
    let found = |pattern: &str| ids(Inputs::find(&[root.path().join(pattern)], None, None));
    assert_eq!(found("in/*/a.txt"), ["1/a.txt", "2/a.txt"]);
    assert_eq!(found("in/*"), ["1/a.txt", "1/x/b.txt", "2/a.txt", "c.md"]);
    assert_eq!(found("in/**/*.txt"), ["1/a.txt", "1/x/b.txt", "2/a.txt"]);
    assert_eq!(found("in/**"), ["1/a.txt", "1/x/b.txt", "2/a.txt", "c.md"]);
    assert_eq!(found("in/[12]/?.txt"), ["1/a.txt", "2/a.txt"]);
    assert_eq!(
        found("[e].txt"),
        ["[e].txt"],
        "a name that is there is no pattern"
    );
    let nothing = root.path().join("in/*.pdf");
    assert_eq!(
        found("in/*.pdf"),
        [format!("{} (no-documents)", nothing.display())]
    );
    let wrong = root.path().join("in/***");
    assert_eq!(
        found("in/***"),
        [format!("{} (invalid-pattern)", wrong.display())]
    );
}

#[test]
fn the_output_of_an_earlier_run_is_not_an_input() {
    let root = tree(&["a.txt", "out.jsonl", "out/0.jsonl"]);
    let find = |output| {
        ids(Inputs::find(
            &[root.path()],
            None,
            Some(&root.path().join(output)),
        ))
    };
    assert_eq!(find("out.jsonl"), ["a.txt", "out/0.jsonl"]);
    assert_eq!(find("out"), ["a.txt", "out.jsonl"]);
}

#[test]
fn sources_of_the_same_name_are_told_apart() {
    let root = tree(&["x/a.txt", "y/a.txt", "y/a.txt#2"]);
    let names = ["x", "y/a.txt#2", "y", "x/a.txt"].map(|name| root.path().join(name));
    assert_eq!(
        ids(Inputs::find(&names, None, None)),
        ["a.txt", "a.txt#2", "a.txt#3", "a.txt#4"]
    );
}

#[test]
fn the_total_is_known_unless_standard_input_is_read() {
    let root = tree(&["a.txt", "b.txt"]);
    assert_eq!(Inputs::find(&[root.path()], None, None).total_bytes(), Some(8));
    assert_eq!(
        Inputs::find(&[root.path(), Path::new("-")], None, None).total_bytes(),
        None
    );
}

#[cfg(unix)]
#[test]
fn links_that_lead_in_circles_and_special_files_do_not_hold_the_search_up() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let root = tree(&["a/b.txt"]);
    symlink("..", root.path().join("a/up")).unwrap();
    symlink("self.txt", root.path().join("self.txt")).unwrap();
    symlink("a/b.txt", root.path().join("link.txt")).unwrap();
    symlink("nowhere", root.path().join("dead.txt")).unwrap();
    let _socket = UnixListener::bind(root.path().join("s.txt")).unwrap();
    let expected = [
        "a/b.txt",
        "dead.txt (unreadable)",
        "link.txt",
        "s.txt (not-a-file)",
        "self.txt (unreadable)",
    ];
    assert_eq!(ids(Inputs::find(&[root.path()], None, None)), expected);
    let pattern = root.path().join("**/*.txt");
    assert_eq!(ids(Inputs::find(&[pattern], None, None))[0], "a/b.txt");
}
