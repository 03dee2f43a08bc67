//! Avstående: a person may waive compensation in writing, all or some kinds, from a day to a day. What is waived is worked
//! out and shown, and settled without money.

use super::facts::{PersonFacts, in_force};
use crate::calendar::Day;
use crate::domain::{Avstaende, Avstar, ClaimKind, Line, LineKind};

/// The waiver that covers a line, if there is one: of several the one that began last.
pub fn waived<'a>(facts: &'a PersonFacts, line: &Line) -> Option<&'a Avstaende> {
    let covers =
        |waiver: &&Avstaende| in_force(Some(waiver.from), waiver.to, line.day) && is_of(waiver.what, line.kind);
    facts.avstaenden.iter().map(|(waiver, _)| waiver).filter(covers).max_by_key(|waiver| waiver.from)
}

/// Whether a person waives a kind of yrkande for a day.
pub fn waives(facts: &PersonFacts, slag: ClaimKind, day: Day) -> bool {
    let is_of = |what: Avstar| what == Avstar::Allt || what == Avstar::Yrkande(slag);
    facts.avstaenden.iter().any(|(waiver, _)| in_force(Some(waiver.from), waiver.to, day) && is_of(waiver.what))
}

/// The days of absence that payroll is told of are no compensation.
fn is_of(what: Avstar, kind: LineKind) -> bool {
    match what {
        Avstar::Allt => !kind.is_absence(),
        Avstar::Arsarvode => kind == LineKind::Arsarvode,
        Avstar::FastArvode => kind == LineKind::FastArvode,
        Avstar::Sammantradesarvode => matches!(
            kind,
            LineKind::Grundarvode
                | LineKind::Timarvode
                | LineKind::Dagarvode
                | LineKind::Justeringsarvode
                | LineKind::Inlasningsarvode
                | LineKind::TimarvodeForrattning
                | LineKind::Installningsarvode
        ),
        Avstar::Yrkande(slag) => slag.pays(kind),
    }
}
