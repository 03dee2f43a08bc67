//! The organ that exist, found by code and by any of their names: every row of a list and of a batch asks for one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Organ;
use crate::domain::{OrganCode, folded};

/// In the files' order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Organ>", into = "Vec<Organ>")]
pub struct Organs {
    list: Vec<Organ>,
    by_code: BTreeMap<OrganCode, usize>,
    /// Code, name and synonyms, folded; of two organ with one name the first.
    by_name: BTreeMap<String, usize>,
}

impl Organs {
    /// Adds one after the others.
    pub fn push(&mut self, organ: Organ) {
        let place = self.list.len();
        for name in organ.synonymer.iter().chain([&organ.namn, &organ.code.0]) {
            self.by_name.entry(folded(name)).or_insert(place);
        }
        self.by_code.entry(organ.code.clone()).or_insert(place);
        self.list.push(organ);
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Organ> {
        self.list.iter()
    }

    /// None is known.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The organ with a code.
    pub fn with_code(&self, code: &OrganCode) -> Option<&Organ> {
        self.list.get(*self.by_code.get(code)?)
    }

    /// The organ that a text names, without regard to case and diacritics.
    pub fn named(&self, text: &str) -> Option<&Organ> {
        self.list.get(*self.by_name.get(&folded(text))?)
    }
}

impl From<Vec<Organ>> for Organs {
    fn from(list: Vec<Organ>) -> Self {
        let mut organs = Self::default();
        list.into_iter().for_each(|organ| organs.push(organ));
        organs
    }
}

impl From<Organs> for Vec<Organ> {
    fn from(organs: Organs) -> Self {
        organs.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_organ_of_a_name_is_found_and_the_order_kept() {
        let organ = |code: &str, namn: &str, synonymer: &[&str]| Organ {
            code: OrganCode(code.to_owned()),
            namn: namn.to_owned(),
            synonymer: synonymer.iter().map(|name| (*name).to_owned()).collect(),
            ansvar: "1".into(),
            verksamhet: "1".into(),
        };
        let list = vec![organ("VN", "Valnämnden", &["Val"]), organ("KS", "Kommunstyrelsen", &["VAL NÄMNDEN"])];
        let organs = Organs::from(list.clone());
        let named = |text: &str| organs.named(text).map(|organ| organ.code.0.as_str());
        assert_eq!(
            ["valnamnden", "val", "ks", "KOMMUNSTYRELSEN", "AU"].map(named),
            [Some("VN"), Some("VN"), Some("KS"), Some("KS"), None]
        );
        assert_eq!(organs.with_code(&OrganCode("KS".to_owned())), list.get(1));
        assert_eq!(Vec::from(organs), list);
    }
}
