//! What a batch run is going to do: all that its output depends on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::corpus::Inputs;
use crate::format::RunRecord;
use crate::provenance::{Run, hexadecimal};

/// All that the bytes of an output directory depend on, apart from the content of the inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Version, models and settings of the pipeline, as in the records.
    pub run: RunRecord,
    /// What else changes the output: filters, how inputs are read. [`Plan::CONFIG`] is only kept, not
    /// compared: what it says is in `run`.
    pub options: BTreeMap<String, String>,
    /// The names of the formats, in their order.
    pub formats: Vec<String>,
    /// Where a shard ends.
    pub shard_limits: ShardLimits,
    /// What is read.
    pub inputs: InputList,
}

/// Where a shard ends: at the document that reaches the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardLimits {
    /// Documents.
    pub documents: u64,
    /// Bytes of input.
    pub bytes: u64,
}

impl Default for ShardLimits {
    /// About a minute of work on two cores: what an interruption costs.
    fn default() -> Self {
        Self {
            documents: 1000,
            bytes: 4 << 20,
        }
    }
}

/// The inputs of a run by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputList {
    /// How many there are, those that cannot be opened among them.
    pub count: u64,
    /// A digest of their ids and paths, in order.
    pub sha256: String,
    #[serde(skip)]
    names: Vec<String>,
}

impl InputList {
    /// The list of some inputs.
    pub fn new(inputs: &Inputs) -> Self {
        let names = inputs
            .clone()
            .into_entries()
            .into_iter()
            .map(|entry| match entry {
                Ok(source) => {
                    let path = source.path.map(|path| path.display().to_string());
                    format!("{}\t{}", source.id, path.as_deref().unwrap_or("-"))
                }
                Err(unreadable) => format!("{}\t! {}", unreadable.id, unreadable.code),
            });
        Self::of_names(names.collect())
    }

    pub(super) fn of_names(names: Vec<String>) -> Self {
        let mut hasher = Sha256::new();
        for name in &names {
            hasher.update((name.len() as u64).to_le_bytes());
            hasher.update(name);
        }
        Self {
            count: names.len() as u64,
            sha256: hexadecimal(&hasher.finalize()),
            names,
        }
    }

    /// The list as it is kept beside the manifest: a JSON string a line.
    pub(super) fn to_lines(&self) -> String {
        let line = |name: &String| serde_json::Value::from(name.as_str()).to_string() + "\n";
        self.names.iter().map(line).collect()
    }

    /// Reads what [`Self::to_lines`] wrote; lines that are none are passed over.
    pub(super) fn from_lines(lines: &str) -> Self {
        Self::of_names(
            lines
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect(),
        )
    }

    /// What became of the inputs since `before`, in words.
    fn change(&self, before: &Self) -> String {
        let (old, new): (std::collections::BTreeSet<_>, std::collections::BTreeSet<_>) =
            (before.names.iter().collect(), self.names.iter().collect());
        let some = |names: Vec<&&String>, what: &str| {
            let first = names.first()?.split('\t').next().unwrap_or_default();
            Some(format!("{} {what} (first `{first}`)", names.len()))
        };
        let parts = [
            some(new.difference(&old).collect(), "new"),
            some(old.difference(&new).collect(), "gone"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            "the inputs have another order".to_owned()
        } else {
            format!("inputs: {}", parts.join(", "))
        }
    }
}

impl Plan {
    /// The name of the option that holds the settings as a configuration file.
    pub const CONFIG: &'static str = "config";

    /// The plan of a run of a pipeline.
    pub fn new(run: &Run, inputs: &Inputs, formats: Vec<String>, shards: ShardLimits) -> Self {
        Self {
            run: RunRecord::from(run),
            options: BTreeMap::new(),
            formats,
            shard_limits: shards,
            inputs: InputList::new(inputs),
        }
    }

    /// What differs from an earlier plan, each in words; nothing where the two make the same bytes.
    /// `inputs` may change where records are only taken over from the earlier run.
    pub(in crate::corpus) fn changes(&self, before: &Self, inputs: bool) -> Vec<String> {
        let mut changes = Vec::new();
        let mut compare = |name: &str, before: String, now: String| {
            if before != now {
                changes.push(format!("`{name}` was {before} and is {now}"));
            }
        };
        compare("version", before.run.version.clone(), self.run.version.clone());
        compare("format", before.formats.join(","), self.formats.join(","));
        compare(
            "shard-documents",
            before.shard_limits.documents.to_string(),
            self.shard_limits.documents.to_string(),
        );
        compare(
            "shard-bytes",
            before.shard_limits.bytes.to_string(),
            self.shard_limits.bytes.to_string(),
        );
        for (old, new) in [
            (&before.run.settings, &self.run.settings),
            (&before.options, &self.options),
        ] {
            let names: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for name in names.into_iter().filter(|name| *name != Self::CONFIG) {
                let value =
                    |map: &BTreeMap<String, String>| map.get(name).cloned().unwrap_or("not set".to_owned());
                compare(name, value(old), value(new));
            }
        }
        let models = |plan: &Self| -> Vec<String> {
            let model = |model: &crate::format::ModelRecord| {
                let digest: String = model.sha256.chars().take(12).collect();
                format!("{} {} ({digest})", model.role, model.name)
            };
            plan.run.models.iter().map(model).collect()
        };
        if self.run.models != before.run.models {
            compare("models", models(before).join(", "), models(self).join(", "));
        }
        if inputs && self.inputs.sha256 != before.inputs.sha256 {
            changes.push(self.inputs.change(&before.inputs));
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(inputs: &[&str]) -> Plan {
        Plan {
            run: RunRecord::from(&Run::default()),
            options: BTreeMap::new(),
            formats: vec!["jsonl".to_owned()],
            shard_limits: ShardLimits::default(),
            inputs: InputList::of_names(inputs.iter().map(|&name| name.to_owned()).collect()),
        }
    }

    #[test]
    fn each_change_is_named() {
        let before = plan(&["a", "b"]);
        assert!(before.changes(&before.clone(), true).is_empty());
        let mut now = plan(&["b", "c"]);
        now.run.settings.insert("beam".to_owned(), "4".to_owned());
        now.shard_limits.documents = 7;
        let expected = [
            "`shard-documents` was 1000 and is 7",
            "`beam` was not set and is 4",
            "inputs: 1 new (first `c`), 1 gone (first `a`)",
        ];
        assert_eq!(now.changes(&before, true), expected);
        assert_eq!(now.changes(&before, false), expected[..2]);
        assert_eq!(
            plan(&["b", "a"]).changes(&before, true),
            ["the inputs have another order"]
        );
    }

    #[test]
    fn a_list_of_inputs_reads_back() {
        let list = plan(&["a\tb", "\"\n", "é"]).inputs;
        assert_eq!(InputList::from_lines(&list.to_lines()), list);
    }
}
