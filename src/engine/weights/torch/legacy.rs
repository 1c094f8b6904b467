//! What torch wrote before 1.6, which many older models of the hub still are: five pickles one behind the
//! other (a magic number, a version, facts about the machine, the state dict, the order of the storages),
//! and then each storage, its length before it.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::node::{Node, StorageNode};
use super::pickle::Pickle;
use super::{MAX_PICKLE, StateDict};
use crate::Error;
use crate::engine::weights::Source;
use crate::engine::weights::tensor::{Storage, Tensor};
use crate::model::SeekableRead;

/// The magic number, lowest byte first.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// The only version there was.
const VERSION: i64 = 1001;

/// The bytes before a storage, which say how many numbers it has.
const PREFIX: u64 = size_of::<u64>() as u64;

/// The tensors of a file, by name.
pub(super) fn tensors(source: &Source) -> Result<Vec<(String, Tensor)>, Error> {
    let mut reader = source.file.reader()?;
    let wrong = |message: String| source.error(message);
    read_preamble(&mut reader).map_err(wrong)?;
    let pickle = next(&mut reader).map_err(wrong)?;
    let state = StateDict::new(&pickle).map_err(wrong)?;
    let keys = next(&mut reader)
        .and_then(|pickle| keys(&pickle))
        .map_err(wrong)?;
    let mut position = reader
        .stream_position()
        .map_err(|error| source.file.error(error))?;
    drop(reader);
    let known: HashMap<&str, &StorageNode> = pickle
        .storages()
        .map(|storage| (storage.key.as_str(), storage))
        .collect();
    let mut storages = HashMap::new();
    for key in keys {
        let node = known.get(key.as_str()).ok_or_else(|| {
            source.error(format!(
                "expected only storages of the pickled tensors, found `{key}`"
            ))
        })?;
        let storage = storage_at(source, position, node)?;
        position = storage.start + storage.len;
        storages.insert(key, storage);
    }
    state.place(source, &storages)
}

fn next(reader: &mut Box<dyn SeekableRead + '_>) -> Result<Pickle, String> {
    Pickle::read(&mut reader.by_ref().take(MAX_PICKLE))
}

/// Reads the first three pickles.
fn read_preamble(reader: &mut Box<dyn SeekableRead + '_>) -> Result<(), String> {
    let magic = next(reader).ok();
    if !magic.is_some_and(|pickle| matches!(pickle.root(), Node::Long(bytes) if *bytes == MAGIC)) {
        return Err("expected what `torch.save` writes, found other bytes".to_owned());
    }
    let version = next(reader)?;
    if !matches!(version.root(), Node::Int(VERSION)) {
        return Err(format!(
            "expected version {VERSION} of torch's old format, found {}",
            version.root().kind()
        ));
    }
    let machine = next(reader)?;
    let Node::Dict(facts) = machine.root() else {
        return Err(format!(
            "expected facts about the machine, found {}",
            machine.root().kind()
        ));
    };
    let big_endian = facts.iter().any(|&(key, value)| {
        matches!(machine.node(key), Node::Text(key) if key == "little_endian")
            && matches!(machine.node(value), Node::Bool(false))
    });
    if big_endian {
        return Err("expected numbers in byte order `little`, found `big`".to_owned());
    }
    Ok(())
}

fn keys(pickle: &Pickle) -> Result<Vec<String>, String> {
    let Node::List(items) = pickle.root() else {
        return Err(format!(
            "expected the order of the storages, found {}",
            pickle.root().kind()
        ));
    };
    let key = |&item: &usize| match pickle.node(item) {
        Node::Text(key) => Ok(key.clone()),
        other => Err(format!("expected the key of a storage, found {}", other.kind())),
    };
    items.iter().map(key).collect()
}

/// The storage that begins at a place with its length.
fn storage_at(source: &Source, position: u64, node: &StorageNode) -> Result<Storage, Error> {
    let start = position.saturating_add(PREFIX);
    let len = node.len.saturating_mul(node.number.size() as u64);
    if start.saturating_add(len) > source.file.size() {
        return Err(source.error(format!(
            "storage `{}`: expected {len} bytes at {start}, found {}; is the file whole?",
            node.key,
            source.file.size().saturating_sub(start)
        )));
    }
    let prefix = source.file.bytes(position..start)?;
    let count = prefix
        .iter()
        .rev()
        .fold(0u64, |count, &byte| count << 8 | u64::from(byte));
    if count != node.len {
        return Err(source.error(format!(
            "storage `{}`: expected {} numbers, found {count}",
            node.key, node.len
        )));
    }
    Ok(Storage {
        start,
        len,
        crc32: None,
    })
}
