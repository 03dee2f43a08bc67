//! Which remarks of an earlier version of a file are mended by a later one: of the same name, or one in which its held
//! rows came back.
//!
//! Two secretaries may send files of one name, and a file may supplement an earlier one: a remark is closed only by a row
//! of the same day, organ and person, by a row in the same place that shares two of them, or by the meeting's whole
//! list. A row that says where it was held closes what was remarked there, whatever the file is called, and nothing of
//! other rows. A row that is still wrong gets a new remark.
//! A file that could not be used at all is mended by the next of its name that can.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256};

use crate::calendar::{Day, push_day};
use crate::domain::{State, folded};
use crate::jobs::quarantine::WHOLE_FILE;
use crate::ledger::hex;
use crate::ports::{
    AnswerRow, AvstaendeRow, BeslutRow, JourRow, MeetingRef, NarvaroRow, PersonRef, RowContent, StoredRemark,
    UtbetaltRow, origin, origin_place,
};

/// What a row is about: day, organ and person as far as it says; or the form that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subject {
    day: String,
    organ: String,
    person: String,
    /// Where the row was first held, if it came back.
    origin: String,
}

impl Subject {
    pub(super) fn of(content: &RowContent) -> Subject {
        match content {
            RowContent::Narvaro(row) => Subject::of_attendance(row),
            RowContent::Claim(row) => Subject::of_meeting(&row.meeting, &row.person),
            RowContent::Paragraf(row) => Subject {
                person: row.paragraf.map(|number| format!("§ {number}")).unwrap_or_default(),
                ..Subject::of_meeting(&row.meeting, &PersonRef::default())
            },
            RowContent::Person(_) => Subject::form("personer"),
            RowContent::Uppdrag(_) => Subject::form("uppdrag"),
            RowContent::Income(_) => Subject::form("inkomstuppgifter"),
            RowContent::Absence(_) => Subject::form("franvaro"),
            RowContent::SourcePerson(row) => Subject {
                day: "diarium".to_owned(),
                organ: row.source.as_deref().map(folded).unwrap_or_default(),
                person: row.id.as_deref().map(hashed).unwrap_or_default(),
                origin: String::new(),
            },
            RowContent::Jour(row) => Subject::of_jour(row),
            RowContent::Beslut(row) => Subject::of_beslut(row),
            RowContent::Avstaende(row) => Subject::of_avstaende(row),
            RowContent::Utbetalt(row) => Subject::of_utbetalt(row),
            RowContent::Answer(row) => Subject::of_answer(row),
            RowContent::Ignored(_) => Subject::default(),
        }
    }

    /// A row of attendance.
    pub(super) fn of_attendance(row: &NarvaroRow) -> Subject {
        Subject::of_meeting(&row.meeting, &row.person)
    }

    /// A sheet as a whole.
    pub(super) fn sheet(name: &str) -> Subject {
        Subject { day: "blad".to_owned(), organ: name.replace('|', " "), ..Subject::default() }
    }

    /// The same, of a row that was held before.
    pub(super) fn held_at(self, origin: Option<&str>) -> Subject {
        Subject { origin: origin.unwrap_or_default().to_owned(), ..self }
    }

    pub(super) fn text(&self) -> String {
        let origin = if self.origin.is_empty() { String::new() } else { format!("|{}", self.origin) };
        format!("{}|{}|{}{origin}", self.day, self.organ, self.person)
    }

    fn form(name: &str) -> Subject {
        Subject { day: "register".to_owned(), organ: name.to_owned(), ..Subject::default() }
    }

    fn of_meeting(meeting: &MeetingRef, person: &PersonRef) -> Subject {
        let organ = meeting.organ.as_ref().or(meeting.external.as_ref());
        Subject {
            day: meeting.day.map(day_text).unwrap_or_default(),
            organ: organ.map(|text| folded(text)).unwrap_or_default(),
            person: Subject::person(person),
            origin: String::new(),
        }
    }

    fn of_jour(row: &JourRow) -> Subject {
        Subject {
            day: row.from.map(|day| day.to_string()).unwrap_or_default(),
            organ: row.organ.as_deref().map(folded).unwrap_or_default(),
            person: Subject::person(&row.person),
            origin: String::new(),
        }
    }

    /// A decision stands under its number; what it is about may name a person, and is hashed.
    fn of_beslut(row: &BeslutRow) -> Subject {
        Subject {
            day: row.day.map(|day| day.to_string()).unwrap_or_default(),
            organ: row.diarienummer.as_deref().map(folded).unwrap_or_default(),
            person: row.about_text.as_deref().map(|text| hashed(&folded(text))).unwrap_or_default(),
            origin: String::new(),
        }
    }

    fn of_avstaende(row: &AvstaendeRow) -> Subject {
        Subject {
            day: row.from.map(|day| day.to_string()).unwrap_or_default(),
            organ: "avstaende".to_owned(),
            person: Subject::person(&row.person),
            origin: String::new(),
        }
    }

    /// A payment stands under its month, its lönart and day, and payroll's number of the person.
    fn of_utbetalt(row: &UtbetaltRow) -> Subject {
        let day = row.day.map(|day| day.to_string()).unwrap_or_default();
        Subject {
            day: row.payout.map(|payout| payout.to_string()).unwrap_or_default(),
            organ: format!("{} {day}", row.lonart.as_deref().map(folded).unwrap_or_default()),
            person: row.anstid.as_deref().map_or_else(|| Subject::person(&row.person), folded),
            origin: String::new(),
        }
    }

    /// A remark is answered under its id.
    fn of_answer(row: &AnswerRow) -> Subject {
        let id = row.id.clone().unwrap_or_default();
        Subject { day: "anmarkning".to_owned(), organ: folded(&id), person: id, origin: String::new() }
    }

    /// The name; where a list has only numbers, the number's hash.
    fn person(person: &PersonRef) -> String {
        let name = person.namn.as_ref().map(|text| folded(text)).filter(|name| !name.is_empty());
        name.or_else(|| person.personnummer.as_ref().map(|number| hashed(&number.twelve_digits()))).unwrap_or_default()
    }

    fn parse(text: &str) -> Subject {
        let mut parts = text.splitn(4, '|').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Subject { day: next(), organ: next(), person: next(), origin: next() }
    }

    fn is_same_meeting(&self, other: &Subject) -> bool {
        !self.day.is_empty() && !self.organ.is_empty() && self.day == other.day && self.organ == other.organ
    }

    fn shared(&self, other: &Subject) -> usize {
        let pairs = [(&self.day, &other.day), (&self.organ, &other.organ), (&self.person, &other.person)];
        pairs.iter().filter(|(one, other)| !one.is_empty() && one == other).count()
    }
}

fn day_text(day: Day) -> String {
    let mut text = String::with_capacity(10);
    push_day(&mut text, day);
    text
}

fn hashed(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..8])
}

/// Rows of the same register form.
fn is_form(one: &Subject, other: &Subject) -> bool {
    one.day == "register" && one.day == other.day && one.organ == other.organ
}

/// What the workbook with a file's held rows is called after it: `närvaro.xlsx` comes back as `närvaro - rättas.xlsx`.
pub const MENDED: &str = " - rättas";

/// The names of the files that a file's held rows may have come in, and its own.
pub(super) fn kin_of(file: &str) -> Vec<String> {
    let stem = stem(file);
    let workbooks = ["xlsx", "xlsm", "xlsb", "xls", "ods", "csv"].map(|ending| format!("{stem}.{ending}"));
    let numbered = (2..=MOST_KIN).map(|number| format!("{stem}{MENDED} {number}.xlsx"));
    let mended = std::iter::once(format!("{stem}{MENDED}.xlsx")).chain(numbered);
    std::iter::once(file.to_owned()).chain(workbooks).chain(mended).collect()
}

/// Workbooks with held rows of one name that are looked for.
const MOST_KIN: u32 = 20;

/// A file's name without its ending, and without what a workbook with its held rows adds.
pub fn stem(file: &str) -> &str {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let unnumbered = stem.trim_end_matches(|letter: char| letter.is_ascii_digit()).trim_end();
    unnumbered.strip_suffix(MENDED).or_else(|| stem.strip_suffix(MENDED)).unwrap_or(stem)
}

/// A row that speaks of something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spoken<'s> {
    pub(super) sheet: &'s str,
    pub(super) row: u32,
    /// Its sheet is the meeting's whole list.
    pub(super) is_whole_list: bool,
    /// It says itself where it was held.
    pub(super) comes_back: bool,
}

/// The open remarks about files of one name, and those that a row which comes back may close.
#[derive(Debug, Default)]
pub(super) struct OpenRemarks {
    open: Vec<(StoredRemark, Subject)>,
    /// Of the file that the held rows were first in, or of another in which they came back.
    kin: Vec<(i64, Subject)>,
    /// Of rows anywhere, by where each was held: the whole origin, and what the row is about.
    by_place: HashMap<String, Vec<(i64, String, Subject)>>,
    /// Of rows that came back and were held again, by where they were first held.
    by_origin: HashMap<String, Vec<i64>>,
    mended: HashSet<i64>,
}

impl OpenRemarks {
    /// Whether rows of the file say where they were held: then remarks of every file may be closed.
    pub(super) fn of_file(remarks: Vec<StoredRemark>, file: &str, comes_back: bool) -> OpenRemarks {
        let mut found = OpenRemarks::default();
        for stored in remarks.into_iter().filter(|stored| stored.remark.state != State::Closed) {
            let (place, subject) = (&stored.remark.place, Subject::parse(&stored.subject));
            if comes_back && place.row > 0 {
                let at = found.by_place.entry(origin_place(place)).or_default();
                at.push((stored.id, origin(place), subject.clone()));
            }
            if comes_back && !subject.origin.is_empty() {
                found.by_origin.entry(subject.origin.clone()).or_default().push(stored.id);
            }
            if *place.file == *file {
                found.open.push((stored, subject));
            } else if stem(&place.file) == stem(file) {
                found.kin.push((stored.id, subject));
            }
        }
        found
    }

    /// No row can mend anything.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty() && self.kin.is_empty()
    }

    /// A row that was held there comes back: taken in, or held with a remark of its own.
    /// What was held there in a file of the same name with other content is another row, unless it is about the same.
    pub(super) fn come_back(&mut self, origin: &str, subject: &Subject) {
        self.mended.extend(self.by_origin.get(origin).into_iter().flatten());
        let place = origin.rsplit_once(" [").map_or(origin, |(place, _)| place);
        let there = self.by_place.get(place).into_iter().flatten();
        let is_same = |(_, held, about): &&(i64, String, Subject)| held == origin || about.shared(subject) == 3;
        self.mended.extend(there.filter(is_same).map(|(id, _, _)| *id));
    }

    /// A row of the file in hand speaks of something.
    pub(super) fn spoken_of(&mut self, told: &Spoken<'_>, subject: &Subject) {
        if !told.comes_back {
            let of_same = self.kin.iter().filter(|(_, about)| about.shared(subject) == 3);
            self.mended.extend(of_same.map(|(id, _)| *id));
        }
        for (stored, about) in &self.open {
            let place = &stored.remark.place;
            let is_here = *place.sheet == *told.sheet && place.row == told.row;
            let is_replaced = told.is_whole_list && about.is_same_meeting(subject);
            if is_replaced
                || about.shared(subject) == 3
                // Rows that come back are some of a form's: the others wait.
                || (is_form(about, subject) && !told.comes_back)
                || (is_here && about.shared(subject) >= 2)
            {
                self.mended.insert(stored.id);
            }
        }
    }

    /// The numbers of the remarks that are mended, or told anew, by a file with these sheets.
    pub(super) fn mended(&self, sheets: &[&str]) -> Vec<i64> {
        let of_sheet = self.open.iter().filter(|(stored, about)| {
            stored.subject == WHOLE_FILE || sheets.iter().any(|sheet| Subject::sheet(sheet) == *about)
        });
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
        OpenRemarks::of_file(vec![stored], "närvaro.xlsx", false)
    }

    fn spoken(row: u32, is_whole_list: bool) -> Spoken<'static> {
        Spoken { sheet: "Blad1", row, is_whole_list, comes_back: false }
    }

    #[test]
    fn the_workbook_with_held_rows_is_kin_of_the_file_that_they_were_in() {
        let check = |file: &str, expected: &str| assert_eq!(stem(file), expected, "{file}");
        check("närvaro.xlsx", "närvaro");
        check("närvaro - rättas.xlsx", "närvaro");
        check("närvaro - rättas 12.xlsx", "närvaro");
        check("lista 2.csv", "lista 2");
        check("a.b - rättas.xlsx", "a.b");
    }

    #[test]
    fn a_row_that_comes_back_closes_what_was_said_of_it_and_nothing_else() {
        let place =
            |file: &str, row: u32| Provenance { file: file.into(), sha256: "c1".into(), sheet: "P".into(), row };
        let stored = |id: i64, place: Provenance, subject: &str| {
            let (kind, state, reason, proposed) = (RemarkKind::Row, State::Held, String::new(), String::new());
            let remark =
                Remark { kind, state, day: None, reason, paragraph: "", proposed, worth: None, undecided: None, place };
            StoredRemark { id, remark, anstid: None, subject: subject.to_owned() }
        };
        let all = vec![
            stored(1, place("a.xlsx", 2), "register|personer|"),
            stored(2, place("a.xlsx", 3), "register|personer|"),
            stored(3, place("a - rättas.xlsx", 9), "register|personer||a.xlsx, P, rad 2 [c1]"),
            stored(4, Provenance { sha256: "c2".into(), ..place("a.xlsx", 2) }, "register|personer|"),
        ];
        let mut open = OpenRemarks::of_file(all, "a - rättas.xlsx", true);
        open.come_back("a.xlsx, P, rad 2 [c1]", &Subject::parse("register|personer|"));
        let told = Spoken { sheet: "P", row: 2, is_whole_list: false, comes_back: true };
        open.spoken_of(&told, &Subject::parse("register|personer|"));
        assert_eq!(open.mended(&["P"]), [1, 3]);
    }

    #[test]
    fn only_a_file_that_speaks_of_the_same_thing_mends_a_remark() {
        let check = |held: &str, row: u32, says: &str, expected: &[i64]| {
            let mut open = open(held);
            open.spoken_of(&spoken(row, false), &Subject::parse(says));
            assert_eq!(open.mended(&["Blad1"]), expected, "{held} / {row} {says}");
        };
        check("2026-10-14|ks|annaek", 9, "2026-10-14|ks|boalm", &[]);
        check("2026-10-14|ks|annaek", 9, "2026-10-14|ks|annaek", &[1]);
        check("2026-10-14|ks|annaek", 7, "2026-10-20|au|annaek", &[]);
        check("2026-10-14|kz|annaek", 7, "2026-10-14|ks|annaek", &[1]);
        check("2026-10-14|kz|annaek", 8, "2026-10-14|ks|annaek", &[]);
        check("register|personer|", 3, "register|personer|", &[1]);
        check(WHOLE_FILE, 0, "2026-10-14|ks|annaek", &[1]);
        check("blad|Blad1|", 3, "2026-10-14|ks|annaek", &[1]);
        let mut whole = open("2026-10-14|ks|annaek");
        whole.spoken_of(&spoken(9, true), &Subject::parse("2026-10-14|ks|boalm"));
        assert_eq!(whole.mended(&["Blad1"]), [1], "the meeting's whole list says all there is");
    }
}
