//! Records that cannot be used are counted and told: nothing is left out in silence.

use std::collections::BTreeMap;

use super::fields::Wrong;
use super::record::Unusable;
use crate::ports::RecordKind;

/// So many ids are told.
const MOST_IDS: usize = 5;

/// What was left out, by kind and reason.
#[derive(Default)]
pub(super) struct LeftOut {
    by_reason: BTreeMap<(RecordKind, Wrong), Vec<Option<String>>>,
}

impl LeftOut {
    pub(super) fn add(&mut self, kind: RecordKind, unusable: Unusable) {
        self.by_reason.entry((kind, unusable.wrong)).or_default().push(unusable.id);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_reason.is_empty()
    }

    /// Whether the list of a kind has a hole.
    pub(super) fn has(&self, kind: RecordKind) -> bool {
        self.by_reason.keys().any(|(known, _)| *known == kind)
    }

    /// A sentence for each reason.
    pub(super) fn notes(&self) -> Vec<String> {
        self.by_reason.iter().map(|((kind, wrong), ids)| note(*kind, wrong, ids)).collect()
    }
}

fn note(kind: RecordKind, wrong: &Wrong, ids: &[Option<String>]) -> String {
    let (list, one, several) = words(kind);
    let word = if ids.len() == 1 { one } else { several };
    let mut shown: Vec<&str> = ids.iter().flatten().map(|id| shown_id(id)).take(MOST_IDS).collect();
    shown.dedup();
    let which = match shown.as_slice() {
        [] => "utan id".to_owned(),
        ids => format!("id {}", ids.join(", ")),
    };
    let more = if ids.len() > MOST_IDS { " med flera" } else { "" };
    format!(
        "{} {word} kunde inte läsas ({which}{more}): {} {}. Rätta det i källan, eller [diarium.{list}] i arvode.toml; \
         tills dess hämtas det om varje gång.",
        ids.len(),
        wrong.field.name(),
        wrong.what
    )
}

fn words(kind: RecordKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        RecordKind::Organization => ("organizations", "organ", "organ"),
        RecordKind::Person => ("persons", "person", "personer"),
        RecordKind::Membership => ("memberships", "uppdrag", "uppdrag"),
        RecordKind::Meeting => ("meetings", "möte", "möten"),
    }
}

/// An id that may be a number of a person, or hold one, is not shown.
fn shown_id(id: &str) -> &str {
    let mut run = 0;
    for letter in id.chars() {
        run = match letter {
            '0'..='9' => run + 1,
            '-' | '+' | ' ' => run,
            _ => 0,
        };
        if run >= 10 {
            return "…";
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::super::settings::Field;
    use super::*;

    fn unusable(id: Option<&str>) -> Unusable {
        let wrong = Wrong { field: Field::Start, what: "säger ingen dag".to_owned() };
        Unusable { id: id.map(str::to_owned), wrong }
    }

    #[test]
    fn what_is_left_out_is_counted_and_named() {
        let mut left_out = LeftOut::default();
        for id in ["17", "18"] {
            left_out.add(RecordKind::Meeting, unusable(Some(id)));
        }
        let notes = left_out.notes();
        assert_eq!(notes.len(), 1);
        assert!(notes[0].starts_with("2 möten kunde inte läsas (id 17, 18): start säger ingen dag."), "{notes:?}");
        assert!(left_out.has(RecordKind::Meeting) && !left_out.has(RecordKind::Person));
    }

    #[test]
    fn no_number_of_a_person_is_told() {
        let mut left_out = LeftOut::default();
        for id in [Some("19121212-1212"), Some("p 121212 1212"), None] {
            left_out.add(RecordKind::Person, unusable(id));
        }
        let notes = left_out.notes();
        assert!(notes[0].starts_with("3 personer kunde inte läsas (id …): start"), "{notes:?}");
    }
}
