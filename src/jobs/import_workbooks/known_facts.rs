//! What stands now, by key, while a file is taken in.

use std::collections::HashMap;

use crate::domain::Fact;

/// Facts with their numbers. They lie apart from the table: most are far smaller than the largest kind of fact, and a large
/// kommun has tens of thousands.
#[derive(Debug, Default)]
pub(super) struct KnownFacts(HashMap<String, (i64, Box<Fact>)>);

impl KnownFacts {
    pub(super) fn get(&self, key: &str) -> Option<(i64, &Fact)> {
        self.0.get(key).map(|(number, fact)| (*number, &**fact))
    }

    pub(super) fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn insert(&mut self, key: String, number: i64, fact: Fact) {
        self.0.insert(key, (number, Box::new(fact)));
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<(i64, Fact)> {
        self.0.remove(key).map(|(number, fact)| (number, *fact))
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.0.values().map(|(_, fact)| &**fact)
    }
}
