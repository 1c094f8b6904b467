//! A reader of the pickles in which torch writes state dicts: the opcodes that they need and the classes
//! that they are made of, none of which runs code. Everything else is refused.
//!
//! The opcodes are those of Python's `pickletools`.

use std::io::Read;

use super::node::{Global, Node, StorageNode, TensorNode};

/// The longest name that is read.
const MAX_TEXT: u64 = 1 << 20;

/// The most values of a pickle; a tensor of a state dict takes about twenty.
const MAX_NODES: usize = 1 << 20;

/// The most arguments of a call, and dimensions of a tensor.
const MAX_ARGUMENTS: usize = 16;

/// A pickle that was read. Values refer to each other by their places in it, so that no nesting is too deep.
pub(super) struct Pickle {
    nodes: Vec<Node>,
    root: usize,
}

impl Pickle {
    /// Reads one pickle and no byte behind it.
    ///
    /// # Errors
    ///
    /// What was expected and what was found.
    pub(super) fn read(reader: &mut dyn Read) -> Result<Self, String> {
        let mut machine = Machine {
            reader,
            nodes: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Vec::new(),
        };
        loop {
            let opcode = machine.byte()?;
            if opcode == b'.' {
                let root = machine.pop()?;
                return Ok(Self {
                    nodes: machine.nodes,
                    root,
                });
            }
            machine.step(opcode)?;
        }
    }

    /// The value that the pickle stands for.
    pub(super) fn root(&self) -> &Node {
        self.node(self.root)
    }

    /// All storages that it refers to.
    pub(super) fn storages(&self) -> impl Iterator<Item = &StorageNode> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Storage(storage) => Some(storage),
            _ => None,
        })
    }

    /// The value at a place.
    pub(super) fn node(&self, place: usize) -> &Node {
        &self.nodes[place]
    }
}

/// The machine that runs a pickle's opcodes.
struct Machine<'a> {
    reader: &'a mut dyn Read,
    nodes: Vec<Node>,
    stack: Vec<usize>,
    /// The heights of the stack at its marks.
    marks: Vec<usize>,
    memo: Vec<Option<usize>>,
}

impl Machine<'_> {
    fn step(&mut self, opcode: u8) -> Result<(), String> {
        match opcode {
            0x80 => self.skip(1),
            0x95 => self.skip(8),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'q' | b'r' | 0x94 => self.remember(opcode),
            b'h' | b'j' => self.recall(opcode),
            b'c' | 0x93 => self.global(opcode),
            b't' | b')' | 0x85..=0x87 => self.tuple(opcode),
            b's' | b'u' => self.set_items(opcode),
            b'a' | b'e' => self.append(opcode),
            b'Q' => self.persistent(),
            b'R' => self.reduce(),
            b'b' => self.build(),
            _ => {
                let node = self.constant(opcode)?;
                self.push(node)
            }
        }
    }

    /// The value of an opcode that needs nothing but its own bytes.
    fn constant(&mut self, opcode: u8) -> Result<Node, String> {
        Ok(match opcode {
            b'N' => Node::None,
            0x88 => Node::Bool(true),
            0x89 => Node::Bool(false),
            b'}' => Node::Dict(Vec::new()),
            b']' => Node::List(Vec::new()),
            b'K' => Node::Int(i64::from(self.byte()?)),
            b'M' => Node::Int(i64::from(u16::from_le_bytes(self.array()?))),
            b'J' => Node::Int(i64::from(i32::from_le_bytes(self.array()?))),
            0x8a => self.long()?,
            b'G' => {
                self.skip(8)?;
                Node::Float
            }
            b'U' | 0x8c => {
                let len = u64::from(self.byte()?);
                self.text(len)?
            }
            b'T' | b'X' => {
                let len = u64::from(u32::from_le_bytes(self.array()?));
                self.text(len)?
            }
            0x8d => {
                let len = u64::from_le_bytes(self.array()?);
                self.text(len)?
            }
            _ => {
                return Err(format!(
                    "expected the opcodes of a state dict in the pickle, found {opcode:#04x}"
                ));
            }
        })
    }

    fn long(&mut self) -> Result<Node, String> {
        let len = u64::from(self.byte()?);
        let bytes = self.take(len)?;
        let Some(&last) = bytes.last() else {
            return Ok(Node::Int(0));
        };
        if bytes.len() > size_of::<i64>() {
            return Ok(Node::Long(bytes));
        }
        let mut wide = [if last >= 0x80 { 0xff } else { 0 }; size_of::<i64>()];
        wide[..bytes.len()].copy_from_slice(&bytes);
        Ok(Node::Int(i64::from_le_bytes(wide)))
    }

    fn remember(&mut self, opcode: u8) -> Result<(), String> {
        let place = match opcode {
            b'q' => usize::from(self.byte()?),
            b'r' => u32::from_le_bytes(self.array()?) as usize,
            _ => self.memo.len(),
        };
        // Torch counts up, so a place far ahead is no state dict's.
        if place > self.memo.len() + 1024 {
            return Err(format!(
                "expected to remember value {} of the pickle, found {place}",
                self.memo.len()
            ));
        }
        let node = *self.stack.last().ok_or_else(empty)?;
        self.memo.resize(self.memo.len().max(place + 1), None);
        self.memo[place] = Some(node);
        Ok(())
    }

    fn recall(&mut self, opcode: u8) -> Result<(), String> {
        let place = match opcode {
            b'h' => usize::from(self.byte()?),
            _ => u32::from_le_bytes(self.array()?) as usize,
        };
        let node = self.memo.get(place).copied().flatten();
        let node = node.ok_or_else(|| format!("expected a remembered value {place}, found none"))?;
        self.stack.push(node);
        Ok(())
    }

    fn global(&mut self, opcode: u8) -> Result<(), String> {
        let global = if opcode == b'c' {
            let (module, name) = (self.line()?, self.line()?);
            Global::find(&module, &name)?
        } else {
            let (name, module) = (self.pop()?, self.pop()?);
            match (&self.nodes[module], &self.nodes[name]) {
                (Node::Text(module), Node::Text(name)) => Global::find(module, name)?,
                (module, name) => {
                    return Err(format!(
                        "expected the name of a class, found {} and {}",
                        module.kind(),
                        name.kind()
                    ));
                }
            }
        };
        self.push(Node::Global(global))
    }

    fn tuple(&mut self, opcode: u8) -> Result<(), String> {
        let items = match opcode {
            b')' => Vec::new(),
            b't' => self.pop_to_mark()?,
            _ => self.pop_many(usize::from(opcode - 0x84))?,
        };
        self.push(Node::Tuple(items))
    }

    fn set_items(&mut self, opcode: u8) -> Result<(), String> {
        let items = match opcode {
            b's' => self.pop_many(2)?,
            _ => self.pop_to_mark()?,
        };
        let (pairs, rest) = items.as_chunks::<2>();
        match self.top()? {
            Node::Dict(entries) if rest.is_empty() => {
                entries.extend(pairs.iter().map(|&[key, value]| (key, value)));
                Ok(())
            }
            other => Err(format!("expected pairs for a dict, found {}", other.kind())),
        }
    }

    fn append(&mut self, opcode: u8) -> Result<(), String> {
        let items = match opcode {
            b'a' => self.pop_many(1)?,
            _ => self.pop_to_mark()?,
        };
        match self.top()? {
            Node::List(list) => {
                list.extend(items);
                Ok(())
            }
            other => Err(format!("expected a list, found {}", other.kind())),
        }
    }

    /// A reference to a storage: `("storage", class, key, device, numbers)`, in the old format with what part
    /// of another it is, which is `None` where it is none.
    fn persistent(&mut self) -> Result<(), String> {
        let place = self.pop()?;
        let parts: Vec<&Node> = match &self.nodes[place] {
            Node::Tuple(items) => items.iter().map(|&item| &self.nodes[item]).collect(),
            _ => Vec::new(),
        };
        let storage = match parts[..] {
            [
                Node::Text(kind),
                Node::Global(Global::Storage(number)),
                Node::Text(key),
                Node::Text(_),
                Node::Int(len),
            ]
            | [
                Node::Text(kind),
                Node::Global(Global::Storage(number)),
                Node::Text(key),
                Node::Text(_),
                Node::Int(len),
                Node::None,
            ] if kind == "storage" => StorageNode {
                number: number.clone(),
                key: key.clone(),
                len: u64::try_from(*len)
                    .map_err(|_| format!("expected a storage of at least 0 numbers, found {len}"))?,
            },
            _ => {
                let found: Vec<String> = parts.iter().map(|part| part.kind()).collect();
                return Err(format!(
                    "expected a reference to a storage, found one of [{}]",
                    found.join(", ")
                ));
            }
        };
        self.push(Node::Storage(storage))
    }

    /// Calls one of the known functions.
    fn reduce(&mut self) -> Result<(), String> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let arguments = match &self.nodes[arguments] {
            Node::Tuple(arguments) if arguments.len() <= MAX_ARGUMENTS => arguments.clone(),
            other => return Err(format!("expected a few arguments, found {}", other.kind())),
        };
        let node = match (&self.nodes[function], &arguments[..]) {
            (Node::Global(Global::OrderedDict), []) => Node::Dict(Vec::new()),
            (Node::Global(Global::RebuildTensor), [storage, offset, shape, strides, _, _, ..]) => {
                self.tensor(*storage, *offset, *shape, *strides)?
            }
            (Node::Global(Global::RebuildParameter), [data, ..]) => {
                self.stack.push(*data);
                return Ok(());
            }
            (Node::Global(Global::Size), [shape]) => {
                self.stack.push(*shape);
                return Ok(());
            }
            (function, _) => {
                return Err(format!(
                    "expected a call that makes a tensor or a dict, found one of {} with {} arguments",
                    function.kind(),
                    arguments.len()
                ));
            }
        };
        self.push(node)
    }

    fn tensor(&self, storage: usize, offset: usize, shape: usize, strides: usize) -> Result<Node, String> {
        let Node::Storage(storage) = &self.nodes[storage] else {
            return Err(format!(
                "expected the storage of a tensor, found {}",
                self.nodes[storage].kind()
            ));
        };
        Ok(Node::Tensor(TensorNode {
            storage: storage.clone(),
            offset: self.count(offset)?,
            shape: self.counts(shape)?,
            strides: self.counts(strides)?,
        }))
    }

    fn count(&self, place: usize) -> Result<usize, String> {
        match &self.nodes[place] {
            Node::Int(value) => usize::try_from(*value).ok(),
            _ => None,
        }
        .ok_or_else(|| format!("expected a count of numbers, found {}", self.nodes[place].kind()))
    }

    fn counts(&self, place: usize) -> Result<Vec<usize>, String> {
        match &self.nodes[place] {
            Node::Tuple(items) if items.len() <= MAX_ARGUMENTS => {
                items.iter().map(|&item| self.count(item)).collect()
            }
            other => Err(format!("expected a shape, found {}", other.kind())),
        }
    }

    /// Gives a value attributes. Those of a state dict are versions of its modules, which do not matter.
    fn build(&mut self) -> Result<(), String> {
        self.pop()?;
        match self.top()? {
            Node::Dict(_) => Ok(()),
            other => Err(format!("expected attributes of a dict, found {}", other.kind())),
        }
    }

    fn push(&mut self, node: Node) -> Result<(), String> {
        if self.nodes.len() == MAX_NODES {
            return Err(format!(
                "expected at most {MAX_NODES} values in the pickle, found more"
            ));
        }
        self.stack.push(self.nodes.len());
        self.nodes.push(node);
        Ok(())
    }

    fn top(&mut self) -> Result<&mut Node, String> {
        let top = *self.stack.last().ok_or_else(empty)?;
        Ok(&mut self.nodes[top])
    }

    fn pop(&mut self) -> Result<usize, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(empty());
        }
        self.stack.pop().ok_or_else(empty)
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<usize>, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let rest = self.stack.len().checked_sub(count);
        match rest.filter(|&rest| rest >= floor) {
            Some(rest) => Ok(self.stack.split_off(rest)),
            None => Err(empty()),
        }
    }

    fn pop_to_mark(&mut self) -> Result<Vec<usize>, String> {
        let mark = self
            .marks
            .pop()
            .ok_or("expected a mark on the pickle's stack, found none")?;
        Ok(self.stack.split_off(mark))
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.array::<1>()?[0])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        self.reader
            .read_exact(&mut bytes)
            .map_err(|error| format!("expected a whole pickle, found {error}"))?;
        Ok(bytes)
    }

    fn skip(&mut self, len: u64) -> Result<(), String> {
        self.take(len).map(drop)
    }

    /// Reads some bytes, without asking for memory before they are there.
    fn take(&mut self, len: u64) -> Result<Vec<u8>, String> {
        if len > MAX_TEXT {
            return Err(format!("expected texts of at most {MAX_TEXT} bytes, found {len}"));
        }
        let mut bytes = Vec::new();
        (&mut *self.reader)
            .take(len)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("expected a whole pickle, found {error}"))?;
        if bytes.len() as u64 != len {
            return Err(format!("expected {len} bytes, found {}", bytes.len()));
        }
        Ok(bytes)
    }

    fn text(&mut self, len: u64) -> Result<Node, String> {
        let bytes = self.take(len)?;
        String::from_utf8(bytes)
            .map(Node::Text)
            .map_err(|_| "expected a text in UTF-8, found other bytes".to_owned())
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => break,
                byte if line.len() < 256 => line.push(byte),
                _ => return Err("expected the name of a class, found a longer line".to_owned()),
            }
        }
        String::from_utf8(line).map_err(|_| "expected a name in UTF-8, found other bytes".to_owned())
    }
}

fn empty() -> String {
    "expected a value on the pickle's stack, found none".to_owned()
}
