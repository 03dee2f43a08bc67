use std::fmt;

use serde::{Deserialize, Serialize};

/// The short name of an organ, such as `KS`; which codes exist is `config/regelverk/organ.toml`'s to say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrganCode(pub String);

impl fmt::Display for OrganCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
