//! What a model does, as its configuration says.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a model of a store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It translates.
    Translate,
    /// It finds the names of people, places and organisations.
    Entities,
}

impl Role {
    /// The role as it is written in `--model ROLE=...`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Translate => "translate",
            Self::Entities => "entities",
        }
    }

    /// The role of the architecture that a `config.json` names; `None` where diglot has no use for it.
    #[cfg_attr(not(feature = "download"), allow(dead_code))]
    pub(super) fn of(config: &Value) -> Option<Self> {
        let architectures = config["architectures"].as_array();
        let mut names = architectures.into_iter().flatten().filter_map(Value::as_str);
        names.find_map(|name| match name {
            "MarianMTModel" => Some(Self::Translate),
            name if name.ends_with("ForTokenClassification") => Some(Self::Entities),
            _ => None,
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_architecture_gives_the_role() {
        for (architecture, role) in [
            ("MarianMTModel", Some(Role::Translate)),
            ("CamembertForTokenClassification", Some(Role::Entities)),
            ("BertForMaskedLM", None),
        ] {
            assert_eq!(
                Role::of(&json!({"architectures": [architecture]})),
                role,
                "{architecture}"
            );
        }
        assert_eq!(Role::of(&json!({"architectures": null})), None);
    }
}
