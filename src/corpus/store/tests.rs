use super::*;
use crate::provenance::Run;

fn plan(beam: &str) -> Plan {
    let run = Run {
        settings: BTreeMap::from([("beam".to_owned(), beam.to_owned())]),
        ..Run::default()
    };
    let names = vec!["a.txt\ta.txt".to_owned()];
    Plan {
        run: (&run).into(),
        options: BTreeMap::new(),
        formats: vec!["jsonl".to_owned()],
        shard_limits: ShardLimits {
            documents: 2,
            bytes: 1000,
        },
        inputs: InputList::of_names(names),
    }
}

fn open(root: &Path, start: Start) -> Result<Store, Error> {
    Store::open(root, plan("1"), start)
}

/// A shard of `documents` documents, with this content.
fn add(store: &mut Store, documents: u64, content: &str) {
    let shard = store.begin();
    let mut file = shard.files().create("jsonl").unwrap();
    io::Write::write_all(&mut file, content.as_bytes()).unwrap();
    drop(file);
    let totals = Totals {
        documents,
        ..Totals::default()
    };
    store
        .commit(&shard, "00".to_owned(), BTreeMap::new(), totals)
        .unwrap();
}

fn names(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[track_caller]
fn check_refused(result: Result<Store, Error>, expected: &str) {
    let message = result.map(|_| ()).unwrap_err().to_string();
    assert!(message.contains(expected), "expected `{expected}` in: {message}");
}

const WHOLE: [&str; 5] = [
    ".diglot.lock",
    "inputs.jsonl",
    "journal.jsonl",
    "manifest.json",
    "records-00000.jsonl",
];

#[test]
fn a_run_goes_on_after_its_finished_shards() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path(), Start::New).unwrap();
    add(&mut store, 2, "one");
    let _lost = store.begin().files().create("jsonl").unwrap();
    drop(store);
    fs::write(root.path().join(".records-00001.jsonl.diglot-tmp"), "half").unwrap();
    let store = open(root.path(), Start::Resume).unwrap();
    assert_eq!(
        (store.shards().len(), store.documents(), store.is_complete()),
        (1, 2, false)
    );
    assert_eq!(names(root.path()), WHOLE);
}

#[test]
fn a_shard_that_has_no_line_is_removed() {
    let root = tempfile::tempdir().unwrap();
    add(&mut open(root.path(), Start::New).unwrap(), 2, "one");
    fs::create_dir(root.path().join("html")).unwrap();
    for name in ["html/b.html", "records-00001.jsonl", "html/foreign.html"] {
        fs::write(root.path().join(name), "whole").unwrap();
    }
    fs::write(
        root.path().join(PENDING),
        r#"["html/b.html","records-00001.jsonl"]"#,
    )
    .unwrap();
    open(root.path(), Start::Resume).unwrap();
    assert_eq!(names(&root.path().join("html")), ["foreign.html"]);
    assert!(!root.path().join("records-00001.jsonl").exists());
}

#[test]
fn a_pending_note_of_a_finished_shard_takes_nothing_away() {
    let root = tempfile::tempdir().unwrap();
    add(&mut open(root.path(), Start::New).unwrap(), 2, "one");
    fs::write(root.path().join(PENDING), r#"["records-00000.jsonl"]"#).unwrap();
    open(root.path(), Start::Resume).unwrap();
    assert_eq!(names(root.path()), WHOLE);
}

#[test]
fn a_last_shard_below_its_limits_is_made_again() {
    let root = tempfile::tempdir().unwrap();
    let mut store = open(root.path(), Start::New).unwrap();
    add(&mut store, 2, "one");
    add(&mut store, 1, "two");
    drop(store);
    let mut store = open(root.path(), Start::Resume).unwrap();
    assert_eq!(store.shards().len(), 1);
    add(&mut store, 1, "two");
    store.complete().unwrap();
    drop(store);
    let store = open(root.path(), Start::Resume).unwrap();
    assert_eq!(
        (store.shards().len(), store.is_complete()),
        (2, true),
        "a complete run keeps it"
    );
}

#[test]
fn what_does_not_go_together_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path(), Start::New).unwrap();
    check_refused(open(root.path(), Start::Resume), "another diglot");
    drop(store);
    check_refused(open(root.path(), Start::New), "found an earlier run");
    check_refused(
        Store::open(root.path(), plan("4"), Start::Resume),
        "`beam` was 1 and is 4",
    );
    let foreign = tempfile::tempdir().unwrap();
    fs::write(foreign.path().join("thesis.doc"), "").unwrap();
    check_refused(open(foreign.path(), Start::New), "found other files");
    check_refused(open(foreign.path(), Start::Resume), "found other files");
}

#[test]
fn a_shard_that_was_cut_or_lost_is_named() {
    let root = tempfile::tempdir().unwrap();
    add(&mut open(root.path(), Start::New).unwrap(), 2, "one");
    let path = root.path().join("records-00000.jsonl");
    fs::write(&path, "on").unwrap();
    check_refused(open(root.path(), Start::Resume), "expected 3 bytes, found 2");
    fs::remove_file(&path).unwrap();
    check_refused(open(root.path(), Start::Resume), "records-00000.jsonl");
}

#[test]
fn starting_over_leaves_the_files_of_others() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("thesis.doc"), "").unwrap();
    add(&mut open(root.path(), Start::Fresh).unwrap(), 2, "one");
    let store = Store::open(root.path(), plan("4"), Start::Fresh).unwrap();
    assert!(store.shards().is_empty());
    assert_eq!(
        names(root.path()),
        [
            ".diglot.lock",
            "inputs.jsonl",
            "journal.jsonl",
            "manifest.json",
            "thesis.doc"
        ]
    );
}

#[test]
fn a_swap_that_was_interrupted_anywhere_is_ended() {
    let make = || {
        let root = tempfile::tempdir().unwrap();
        let mut old = open(root.path(), Start::New).unwrap();
        add(&mut old, 2, "old one");
        add(&mut old, 2, "old two");
        old.complete().unwrap();
        let mut new = Store::stage(root.path(), plan("4"), "changed").unwrap();
        add(&mut new, 1, "new");
        new.complete().unwrap();
        root
    };
    let check = |root: &Path, what: &str| {
        let store = Store::open(root, plan("4"), Start::Resume).unwrap();
        assert_eq!((store.shards().len(), store.is_complete()), (1, true), "{what}");
        drop(store);
        assert_eq!(names(root), WHOLE, "{what}");
        assert_eq!(
            fs::read_to_string(root.join("records-00000.jsonl")).unwrap(),
            "new",
            "{what}"
        );
    };
    let root = make();
    place(root.path()).unwrap();
    check(root.path(), "not interrupted");
    // The steps of a swap, each undone once: whatever prefix was done, the rest is done later.
    let note = r#"{"remove":["records-00001.jsonl"],"place":["records-00000.jsonl","journal.jsonl","inputs.jsonl","manifest.json"]}"#;
    for done in 0..=5usize {
        let root = make();
        let path = |name: &str| root.path().join(name);
        fs::write(path(".swap.json"), note).unwrap();
        let moves = [
            "records-00000.jsonl",
            "journal.jsonl",
            "inputs.jsonl",
            "manifest.json",
        ];
        if done > 0 {
            fs::remove_file(path("records-00001.jsonl")).unwrap();
        }
        for name in moves.iter().take(done.saturating_sub(1)) {
            fs::rename(path(STAGED).join(name), path(name)).unwrap();
        }
        check(root.path(), &format!("after {done} steps"));
    }
}
