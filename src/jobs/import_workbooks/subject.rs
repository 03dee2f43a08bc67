//! Which remarks of an earlier version of a file are mended by a later one of the same name.
//!
//! Two secretaries may send files of one name, and a file may supplement an earlier one: a remark is closed only by a row
//! of the same day, organ and person, by a row in the same place that shares two of them, or by the meeting's whole
//! list. A row that is still wrong gets a new remark.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use crate::domain::{State, folded};
use crate::ledger::hex;
use crate::ports::{
    AnswerRow, AvstaendeRow, BeslutRow, JourRow, MeetingRef, PersonRef, RowContent, StoredRemark, UtbetaltRow,
};

/// What a row is about: day, organ and person as far as it says; or the form that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    day: String,
    organ: String,
    person: String,
}

impl Subject {
    pub(super) fn of(content: &RowContent) -> Subject {
        match content {
            RowContent::Narvaro(row) => Subject::of_meeting(&row.meeting, &row.person),
            RowContent::Claim(row) => Subject::of_meeting(&row.meeting, &row.person),
            RowContent::Paragraf(row) => Subject {
                person: row.paragraf.map(|number| format!("§ {number}")).unwrap_or_default(),
                ..Subject::of_meeting(&row.meeting, &PersonRef::default())
            },
            RowContent::Person(_) => Subject::form("personer"),
            RowContent::Uppdrag(_) => Subject::form("uppdrag"),
            RowContent::Income(_) => Subject::form("inkomstuppgifter"),
            RowContent::Absence(_) => Subject::form("franvaro"),
            RowContent::Jour(row) => Subject::of_jour(row),
            RowContent::Beslut(row) => Subject::of_beslut(row),
            RowContent::Avstaende(row) => Subject::of_avstaende(row),
            RowContent::Utbetalt(row) => Subject::of_utbetalt(row),
            RowContent::Answer(row) => Subject::of_answer(row),
            RowContent::Ignored(_) => Subject::default(),
        }
    }

    /// A sheet as a whole.
    pub(super) fn sheet(name: &str) -> Subject {
        Subject { day: "blad".to_owned(), organ: name.replace('|', " "), person: String::new() }
    }

    pub(super) fn text(&self) -> String {
        format!("{}|{}|{}", self.day, self.organ, self.person)
    }

    fn form(name: &str) -> Subject {
        Subject { day: "register".to_owned(), organ: name.to_owned(), person: String::new() }
    }

    fn of_meeting(meeting: &MeetingRef, person: &PersonRef) -> Subject {
        let organ = meeting.organ.as_ref().or(meeting.external.as_ref());
        Subject {
            day: meeting.day.map(|day| day.to_string()).unwrap_or_default(),
            organ: organ.map(|text| folded(text)).unwrap_or_default(),
            person: Subject::person(person),
        }
    }

    fn of_jour(row: &JourRow) -> Subject {
        Subject {
            day: row.from.map(|day| day.to_string()).unwrap_or_default(),
            organ: row.organ.as_deref().map(folded).unwrap_or_default(),
            person: Subject::person(&row.person),
        }
    }

    /// A decision stands under its number; what it is about may name a person, and is hashed.
    fn of_beslut(row: &BeslutRow) -> Subject {
        Subject {
            day: row.day.map(|day| day.to_string()).unwrap_or_default(),
            organ: row.diarienummer.as_deref().map(folded).unwrap_or_default(),
            person: row.about_text.as_deref().map(|text| hashed(&folded(text))).unwrap_or_default(),
        }
    }

    fn of_avstaende(row: &AvstaendeRow) -> Subject {
        Subject {
            day: row.from.map(|day| day.to_string()).unwrap_or_default(),
            organ: "avstaende".to_owned(),
            person: Subject::person(&row.person),
        }
    }

    /// A payment stands under its month, its lönart and day, and payroll's number of the person.
    fn of_utbetalt(row: &UtbetaltRow) -> Subject {
        let day = row.day.map(|day| day.to_string()).unwrap_or_default();
        Subject {
            day: row.payout.map(|payout| payout.to_string()).unwrap_or_default(),
            organ: format!("{} {day}", row.lonart.as_deref().map(folded).unwrap_or_default()),
            person: row.anstid.as_deref().map_or_else(|| Subject::person(&row.person), folded),
        }
    }

    /// A remark is answered under its id.
    fn of_answer(row: &AnswerRow) -> Subject {
        let id = row.id.clone().unwrap_or_default();
        Subject { day: "anmarkning".to_owned(), organ: folded(&id), person: id }
    }

    /// The name; where a list has only numbers, the number's hash.
    fn person(person: &PersonRef) -> String {
        let name = person.namn.as_ref().map(|text| folded(text)).filter(|name| !name.is_empty());
        name.or_else(|| person.personnummer.as_ref().map(|number| hashed(&number.twelve_digits()))).unwrap_or_default()
    }

    fn parse(text: &str) -> Subject {
        let mut parts = text.splitn(3, '|').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Subject { day: next(), organ: next(), person: next() }
    }

    fn is_same_meeting(&self, other: &Subject) -> bool {
        !self.day.is_empty() && !self.organ.is_empty() && self.day == other.day && self.organ == other.organ
    }

    fn shared(&self, other: &Subject) -> usize {
        let pairs = [(&self.day, &other.day), (&self.organ, &other.organ), (&self.person, &other.person)];
        pairs.iter().filter(|(one, other)| !one.is_empty() && one == other).count()
    }
}

fn hashed(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..8])
}

/// Rows of the same register form.
fn is_form(one: &Subject, other: &Subject) -> bool {
    one.day == "register" && one == other
}

/// The open remarks about files of one name.
#[derive(Debug, Default)]
pub(super) struct OpenRemarks {
    open: Vec<(StoredRemark, Subject)>,
    mended: HashSet<i64>,
}

impl OpenRemarks {
    pub(super) fn of_file(remarks: Vec<StoredRemark>, file: &str) -> OpenRemarks {
        let is_open =
            |stored: &StoredRemark| stored.remark.state != State::Closed && *stored.remark.place.file == *file;
        let with_subject = |stored: StoredRemark| {
            let subject = Subject::parse(&stored.subject);
            (stored, subject)
        };
        let open = remarks.into_iter().filter(is_open).map(with_subject).collect();
        OpenRemarks { open, mended: HashSet::new() }
    }

    /// A row of the file in hand speaks of something.
    pub(super) fn spoken_of(&mut self, sheet: &str, row: u32, subject: &Subject, is_whole_list: bool) {
        for (stored, about) in &self.open {
            let place = &stored.remark.place;
            let is_here = *place.sheet == *sheet && place.row == row;
            let is_replaced = is_whole_list && about.is_same_meeting(subject);
            if is_replaced
                || about.shared(subject) == 3
                || is_form(about, subject)
                || (is_here && about.shared(subject) >= 2)
            {
                self.mended.insert(stored.id);
            }
        }
    }

    /// The numbers of the remarks that are mended, or told anew, by a file with these sheets.
    pub(super) fn mended(&self, sheets: &[&str]) -> Vec<i64> {
        let of_sheet = self.open.iter().filter(|(_, about)| sheets.iter().any(|sheet| Subject::sheet(sheet) == *about));
        let mut ids: Vec<i64> = self.mended.iter().copied().chain(of_sheet.map(|(stored, _)| stored.id)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Provenance, Remark, RemarkKind};

    fn open(subject: &str) -> OpenRemarks {
        let place = Provenance { file: "närvaro.xlsx".into(), sha256: "a".into(), sheet: "Blad1".into(), row: 7 };
        let (reason, proposed) = (String::new(), String::new());
        let (kind, state) = (RemarkKind::Row, State::Held);
        let remark =
            Remark { kind, state, day: None, reason, paragraph: "", proposed, worth: None, undecided: None, place };
        let stored = StoredRemark { id: 1, remark, anstid: None, subject: subject.to_owned() };
        OpenRemarks::of_file(vec![stored], "närvaro.xlsx")
    }

    #[test]
    fn only_a_file_that_speaks_of_the_same_thing_mends_a_remark() {
        let check = |held: &str, row: u32, says: &str, expected: &[i64]| {
            let mut open = open(held);
            open.spoken_of("Blad1", row, &Subject::parse(says), false);
            assert_eq!(open.mended(&["Blad1"]), expected, "{held} / {row} {says}");
        };
        check("2026-10-14|ks|annaek", 9, "2026-10-14|ks|boalm", &[]);
        check("2026-10-14|ks|annaek", 9, "2026-10-14|ks|annaek", &[1]);
        check("2026-10-14|ks|annaek", 7, "2026-10-20|au|annaek", &[]);
        check("2026-10-14|kz|annaek", 7, "2026-10-14|ks|annaek", &[1]);
        check("2026-10-14|kz|annaek", 8, "2026-10-14|ks|annaek", &[]);
        check("register|personer|", 3, "register|personer|", &[1]);
        check("blad|Blad1|", 3, "2026-10-14|ks|annaek", &[1]);
        let mut whole = open("2026-10-14|ks|annaek");
        whole.spoken_of("Blad1", 9, &Subject::parse("2026-10-14|ks|boalm"), true);
        assert_eq!(whole.mended(&["Blad1"]), [1], "the meeting's whole list says all there is");
    }
}
