use super::*;
use crate::format::RecordReader;
use crate::segment::{Piece, Segmenter};

/// A supply that hands out given items.
struct Given(VecDeque<Result<Item, Error>>, u64);

impl Supply for Given {
    fn supply(&mut self) -> Result<Option<Item>, Error> {
        self.1 += 1;
        self.0.pop_front().transpose()
    }

    fn bytes_read(&self) -> u64 {
        self.1
    }
}

fn document(id: usize, text: &str) -> Result<Item, Error> {
    Ok(Item::Document(Document::new(id.to_string(), text)))
}

/// A segmenter that cannot stand one text.
struct Fragile;

impl Segmenter for Fragile {
    fn segment(&self, text: &str) -> Vec<Piece> {
        assert_ne!(text, "bad", "this text is too much");
        Vec::new()
    }
}

fn flow(items: Vec<Result<Item, Error>>, documents: usize) -> Flow {
    let pipeline = Pipeline::builder()
        .segmenter(Fragile)
        .without_translation()
        .without_entities()
        .build()
        .unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let supply = Given(items.into(), 0);
    Flow::start(
        Arc::new(pipeline),
        Arc::new(pool),
        supply,
        Limits::documents(documents),
        RecordOptions::default(),
    )
    .unwrap()
}

fn all(mut flow: Flow) -> Result<Vec<Made>, Error> {
    let mut found = Vec::new();
    loop {
        match flow.next(Duration::from_secs(600))? {
            Step::Made(made) => found.push(*made),
            Step::Part { .. } => {}
            Step::Waiting => panic!("a record should come within ten minutes"),
            Step::End => return Ok(found),
        }
    }
}

#[test]
fn records_come_in_the_order_of_their_documents() {
    for size in [1, 3, 100] {
        let items = (0..50).map(|id| match id % 7 {
            3 => Ok(Item::Unreadable(Unreadable::new(
                id.to_string(),
                None,
                "unreadable",
                "gone",
            ))),
            _ => document(id, "some words here"),
        });
        let made = all(flow(items.collect(), size)).unwrap();
        let ids: Vec<String> = made.iter().map(|made| made.record.id.clone()).collect();
        assert_eq!(ids, (0..50).map(|id| id.to_string()).collect::<Vec<_>>());
        assert_eq!(made.iter().map(|made| made.words).sum::<u64>(), 3 * 43);
    }
}

#[test]
fn a_panic_is_an_error_of_its_document_alone() {
    let items = vec![document(0, "good"), document(1, "bad"), document(2, "good")];
    let made = all(flow(items, 8)).unwrap();
    let codes: Vec<Vec<&str>> = made
        .iter()
        .map(|made| {
            made.record
                .errors
                .iter()
                .map(|error| error.code.as_str())
                .collect()
        })
        .collect();
    assert_eq!(codes, [vec![], vec!["panic"], vec![]]);
    assert_eq!(made[1].record.text.as_deref(), Some("bad"));
}

#[test]
fn an_error_of_the_supply_comes_after_what_was_read_before() {
    let items = vec![
        document(0, "a"),
        Err(Error::Config("stop".to_owned())),
        document(2, "b"),
    ];
    let mut flow = flow(items, 8);
    let patience = Duration::from_secs(600);
    assert!(matches!(flow.next(patience), Ok(Step::Made(made)) if made.record.id == "0"));
    assert!(matches!(flow.next(patience), Err(Error::Config(_))));
}

#[test]
fn a_batch_ends_at_the_first_limit() {
    let sizes = |lengths: &[usize], limits: Limits| -> Vec<usize> {
        let items = lengths.iter().map(|&length| match length {
            0 => Ok(Item::Unreadable(Unreadable::new("x", None, "unreadable", "gone"))),
            length => document(0, &"a".repeat(length)),
        });
        let mut supply = Given(items.collect(), 0);
        let mut waiting = VecDeque::new();
        std::iter::from_fn(|| {
            let (tasks, _) = next_batch(&mut supply, &mut waiting, limits);
            (!tasks.is_empty()).then_some(tasks.len())
        })
        .collect()
    };
    let limits = Limits {
        documents: 3,
        bytes: 10,
    };
    assert_eq!(sizes(&[1, 1, 1, 1], limits), [3, 1]);
    assert_eq!(sizes(&[9, 9, 9], limits), [2, 1]);
    assert_eq!(sizes(&[50, 50], limits), [1, 1]);
    assert_eq!(sizes(&[0, 0, 0, 0, 1], limits), [3, 2]);
    let nothing = Limits {
        documents: 0,
        bytes: 0,
    };
    assert_eq!(
        sizes(&[1, 1], nothing),
        [1, 1],
        "a batch is never empty before the end"
    );
}

/// A flow with the default stages and no models.
fn plain_flow(items: Vec<Result<Item, Error>>) -> Flow {
    let pipeline = Pipeline::builder()
        .without_translation()
        .without_entities()
        .build()
        .unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let limits = Limits::documents(8);
    Flow::start(
        Arc::new(pipeline),
        Arc::new(pool),
        Given(items.into(), 0),
        limits,
        RecordOptions::default(),
    )
    .unwrap()
}

#[test]
fn a_long_document_has_a_record_like_any_other() {
    let paragraph = "Le bac de Brenholt est en retard. 👩 Nobody at the harbour knows why it is late.\n\n";
    let text = paragraph.repeat((1 << 20) / paragraph.len() + 1);
    let items = vec![document(0, "before"), document(1, &text), document(2, "after")];
    let mut made = all(plain_flow(items)).unwrap();
    let ids: Vec<&str> = made.iter().map(|made| made.record.id.as_str()).collect();
    assert_eq!(ids, ["0", "1", "2"]);
    let mut json = Vec::new();
    made[1].long.as_mut().unwrap().write_json(&mut json).unwrap();
    let record: Record = serde_json::from_slice(&json).unwrap();
    assert_eq!(record.text.as_deref(), Some(text.as_str()));
    assert_eq!(crate::corpus::check_record(&record), Vec::<String>::new());
    assert_eq!(
        serde_json::to_vec(&record).unwrap(),
        json,
        "fields are in their usual order"
    );
    assert_eq!(Key::of_record(&record), made[1].key);
    let mut totals = Totals::default();
    totals.add(&record);
    assert_eq!(totals, made[1].totals);
    assert_eq!(record.segments.len(), text.matches("\n\n").count());
}

/// The JSON of a record, and its parts.
fn written(long: &mut LongRecord) -> (Vec<u8>, Vec<Record>) {
    let (mut json, mut parts) = (Vec::new(), Vec::new());
    long.write_json(&mut json).unwrap();
    let kept = long.parts(&mut |part| {
        parts.push(part.clone());
        Ok(())
    });
    kept.unwrap();
    (json, parts)
}

#[test]
fn a_long_record_reads_back_in_its_parts() {
    let paragraph = "Le bac de Brenholt est en retard. 👩 Nobody at the harbour knows why it is late.\n\n";
    let text = paragraph.repeat((2 << 20) / paragraph.len() + 1);
    let mut made = all(plain_flow(vec![document(0, &text)])).unwrap();
    let (json, parts) = written(made[0].long.as_mut().unwrap());
    assert!(
        json.len() > 8 << 20 && parts.len() > 8,
        "long enough to be streamed"
    );
    let lines = [b"\n", &json[..], b"\n{}\n", &json[..]].concat();
    let mut reader = RecordReader::new(std::io::Cursor::new(lines)).unwrap();
    let Some(Ok(StoredRecord::Long(mut read))) = reader.next() else {
        panic!("a long record should be read in parts");
    };
    assert_eq!(read.head(), &made[0].record);
    let (again, read_parts) = written(&mut read);
    assert!(again == json, "written again, the record is the same");
    assert!(read_parts == parts, "the parts are those that it was made of");
    assert_eq!(Totals::of_long(&mut read).unwrap(), made[0].totals);
    let mut stored = StoredRecord::Long(read);
    assert_eq!(
        crate::corpus::check_stored(&mut stored).unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(reader.next().unwrap().unwrap_err().line, 3);
    assert!(matches!(reader.next(), Some(Ok(StoredRecord::Long(_)))));
    assert!(reader.next().is_none());
}

#[test]
fn a_long_record_without_its_text_reads_back_in_parts() {
    let paragraph = "Le bac de Brenholt est en retard. Nobody at the harbour knows why it is late.\n\n";
    let text = paragraph.repeat((2 << 20) / paragraph.len() + 1);
    let mut made = all(plain_flow(vec![document(0, &text)])).unwrap();
    let (json, _) = written(made[0].long.as_mut().unwrap());
    let mut record: Record = serde_json::from_slice(&json).unwrap();
    record.text = None;
    let json = serde_json::to_vec(&record).unwrap();
    let mut reader = RecordReader::new(std::io::Cursor::new(json.clone())).unwrap();
    let Some(Ok(StoredRecord::Long(mut read))) = reader.next() else {
        panic!("a long record should be read in parts");
    };
    assert!(written(&mut read).0 == json);
    assert_eq!(Totals::of_long(&mut read).unwrap(), made[0].totals);
}

#[test]
fn a_long_line_of_a_short_record_is_a_record_like_any_other() {
    let mut made = all(plain_flow(vec![document(0, "Le bac est en retard.")])).unwrap();
    let mut record = made.remove(0).record;
    let field = serde_json::json!({"notes": "é\"\n".repeat(1 << 20), "n": 1.50});
    record.meta = field.as_object().cloned();
    let json = serde_json::to_vec(&record).unwrap();
    assert!(json.len() > 4 << 20);
    let read = RecordReader::new(std::io::Cursor::new(json))
        .unwrap()
        .next()
        .unwrap();
    assert!(matches!(read, Ok(StoredRecord::Whole(read)) if *read == record));
}

#[test]
fn what_is_wrong_with_a_long_line_is_said() {
    let long = "x".repeat(5 << 20);
    for (line, expected) in [
        (
            format!("{{\"schema\": \"diglot/1\", \"x\": \"{long}\"}}"),
            "missing field",
        ),
        (format!("[\"{long}\"]"), "expected an object, found a list"),
        (
            format!("{{\"segments\": 5, \"x\": \"{long}\"}}"),
            "expected a list, found a number",
        ),
        (format!("{{\"x\": \"{long}"), "found its end"),
    ] {
        let lines = format!("{line}\n{{}}\n");
        let mut reader = RecordReader::new(std::io::Cursor::new(lines)).unwrap();
        let bad = reader.next().unwrap().unwrap_err();
        assert!(bad.line == 1 && bad.message.contains(expected), "{bad}");
        assert_eq!(reader.next().unwrap().unwrap_err().line, 2, "reading goes on");
    }
}
