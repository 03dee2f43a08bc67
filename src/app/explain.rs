//! `explain`: every krona of a batch, and what was not paid and why.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Ended;
use super::batches::Standing;
use super::explained::ExplainedRow;
use super::kommun::Kommun;
use super::show::{ShownWaiver, place, remark_json};
use crate::calendar::{Day, Month};
use crate::domain::{Fault, Line, LineKind, Meeting, Occasion, PersonId, Personnummer};
use crate::jobs::calculate::{Calculation, PersonResult, Question, Refusal};
use crate::jobs::freeze_batch::{Wanted, question_as_known};
use crate::jobs::remark_list::shown;
use crate::ledger::{Batch, BatchKind, BatchName, BatchRow, BatchState};
use crate::money::swedish;
use crate::ports::{Clock, Store};
use crate::register::PersonMatch;

/// Rows read from the database together.
const ROWS_TOGETHER: u32 = 2_000;

pub(super) async fn explain(
    kommun: &mut Kommun,
    text: String,
    person: Option<String>,
    row: Option<u32>,
    as_known_on: Option<Day>,
) -> Result<Ended, Fault> {
    let standing = standing(kommun, &text, as_known_on).await?;
    let (loaded, known) = kommun.as_known_on(as_known_on).await?;
    let rows = match &standing {
        Some((id, _, _)) => Some(stored_rows(kommun, *id, row).await?),
        None => None,
    };
    let (name, mut question) = match &standing {
        Some((id, batch, _)) => (batch.name, question_of(*id, batch)),
        None => {
            let month: Month = text.parse().map_err(Fault::Input)?;
            question_as_known(&mut kommun.db, &Wanted::Monthly(month), kommun.clock.today(), known).await?
        }
    };
    question.explain = true;
    let mut calculation = Calculation::start(&mut kommun.db, &loaded, question.clone()).await?;
    let only = match (&person, &rows) {
        (Some(person), _) => Some(whom(&calculation, person, kommun)?),
        (None, Some(rows)) if row.is_some() => rows.first().map(|row| row.person),
        _ => None,
    };
    if row.is_some() && rows.as_ref().is_some_and(Vec::is_empty) {
        return Err(Fault::Input(format!(
            "{name} has no row {}; `arvode month {name}` lists its rows",
            row.unwrap_or(0)
        )));
    }
    if only.is_some() {
        question.only = only;
        calculation = Calculation::start(&mut kommun.db, &loaded, question).await?;
    }
    let cause = standing.as_ref().map_or_else(|| FACTS_CHANGED.to_owned(), |(_, batch, _)| cause_of(batch));
    let mut explained = Explained {
        json: kommun.json,
        name,
        cause,
        wanted_row: row,
        next: 1,
        rows: Vec::new(),
        not_paid: Vec::new(),
        waived: Vec::new(),
    };
    while let Some(results) = calculation.next(&mut kommun.db).await? {
        for result in results {
            let of_person = match &rows {
                Some(rows) => rows.iter().filter(|row| row.person == result.person).cloned().collect(),
                None => result.rows.clone(),
            };
            explained.person(&calculation, result, of_person);
        }
    }
    explained.finish();
    Ok(Ended::Done)
}

/// The batch that is meant, if there is one. Looking back, a month is asked for as it would have been, as `month` does,
/// and a batch must have been there.
async fn standing(kommun: &mut Kommun, text: &str, as_known_on: Option<Day>) -> Result<Option<Standing>, Fault> {
    if let Ok(name) = text.parse::<BatchName>() {
        let found = crate::jobs::attest_batch::find(&mut kommun.db, name).await?;
        return match as_known_on.filter(|day| *day < found.1.frozen_on) {
            Some(day) => Err(Fault::Input(format!(
                "{name} was frozen on {}, so nobody knew it on {day}; `arvode explain {} --as-known-on {day}` tells what the month would have been",
                found.1.frozen_on, name.payout
            ))),
            None => Ok(Some(found)),
        };
    }
    let month: Month = text.parse().map_err(Fault::Input)?;
    if as_known_on.is_some() {
        return Ok(None);
    }
    let of_month = |batch: &Batch| {
        batch.name.payout == month && batch.kind == BatchKind::Monthly && batch.state != BatchState::Void
    };
    Ok(kommun.db.batches().await?.into_iter().rev().find(|(_, batch, _)| of_month(batch)))
}

/// Why a row is taken back where no decision is behind it.
const FACTS_CHANGED: &str = "uppgifterna har ändrats sedan dess";

/// Why rows of a batch take earlier rows back.
pub(super) fn cause_of(batch: &Batch) -> String {
    batch.because.as_ref().map_or_else(|| FACTS_CHANGED.to_owned(), |decision| format!("ändrade regler: {decision}"))
}

pub(super) fn question_of(id: i64, batch: &Batch) -> Question {
    Question {
        payout: batch.name.payout,
        horizon: batch.name.payout,
        facts_up_to: batch.facts_up_to,
        claims_until: batch.frozen_on,
        pins_up_to: id,
        booked_up_to: id - 1,
        repinned_from: None,
        explain: true,
        only: None,
    }
}

pub(super) async fn stored_rows(kommun: &mut Kommun, id: i64, wanted: Option<u32>) -> Result<Vec<BatchRow>, Fault> {
    if let Some(postid) = wanted {
        let rows = kommun.db.rows(id, postid, 1).await?;
        return Ok(rows.into_iter().map(|stored| stored.row).filter(|row| row.postid == postid).collect());
    }
    let (mut rows, mut next) = (Vec::new(), 1);
    loop {
        let page = kommun.db.rows(id, next, ROWS_TOGETHER).await?;
        let Some(last) = page.last() else { return Ok(rows) };
        next = last.row.postid + 1;
        rows.extend(page.into_iter().map(|stored| stored.row));
    }
}

pub(super) fn whom(calculation: &Calculation<'_>, text: &str, kommun: &Kommun) -> Result<PersonId, Fault> {
    let persons = &calculation.persons;
    let number = Personnummer::parse(text, kommun.clock.today()).ok();
    let by_number = number.and_then(|number| persons.with_number(&number));
    if let Some(found) = by_number.or_else(|| persons.with_anstid(text)) {
        return Ok(found);
    }
    match persons.find(None, Some(text)) {
        PersonMatch::One(found) => Ok(found),
        PersonMatch::Several(count) => {
            Err(Fault::Input(format!("{count} persons have that name; give the anställningsnummer")))
        }
        PersonMatch::Unknown => {
            Err(Fault::Input("nobody is known by that anställningsnummer, personnummer or name".to_owned()))
        }
    }
}

/// What has been explained so far.
struct Explained {
    json: bool,
    name: BatchName,
    /// Why rows of the batch take earlier rows back.
    cause: String,
    wanted_row: Option<u32>,
    next: u32,
    rows: Vec<Value>,
    not_paid: Vec<Value>,
    waived: Vec<Value>,
}

impl Explained {
    fn person(&mut self, calculation: &Calculation<'_>, result: PersonResult, rows: Vec<BatchRow>) {
        let anstid = calculation.persons.main_anstid(result.person).map(str::to_owned);
        // A meeting may have several lines of a kind, each at its own price.
        let mut lines: BTreeMap<(&Occasion, LineKind), Vec<&Line>> = BTreeMap::new();
        for line in &result.entitled {
            lines.entry((&line.occasion, line.kind)).or_default().push(line);
        }
        let name = calculation.persons.name(result.person);
        let waived = result.waived_in(self.name.payout);
        let says_something = !rows.is_empty() || !result.remarks.is_empty() || !waived.is_empty();
        if says_something && !self.json && self.wanted_row.is_none() {
            say!("== {name} ({})", anstid.as_deref().unwrap_or("anställningsnummer saknas"));
        }
        for mut row in rows {
            if row.postid == 0 {
                row.postid = self.next;
            }
            self.next = row.postid + 1;
            let of_kind = lines.get(&(&row.occasion, row.kind)).map(Vec::as_slice).unwrap_or_default();
            let line = of_kind.iter().find(|line| line.apris == row.apris).or(of_kind.first()).copied();
            let refused = result.refused.iter().find(|refusal| refusal.is_of(&row));
            self.row(&row, line, occasion_text(&row, &calculation.meetings), refused);
        }
        if self.wanted_row.is_some() {
            return;
        }
        for waived in waived {
            let shown = ShownWaiver::new(anstid.clone(), waived);
            if self.json {
                self.waived.push(shown.json());
            } else {
                say!("  {}", shown.text());
            }
        }
        for remark in result.remarks {
            let found = shown(result.person, anstid.clone(), remark);
            if self.json {
                self.not_paid.push(remark_json(&found.id, found.anstid.as_deref(), &found.remark));
            } else {
                let day = found.remark.day.map(|day| day.to_string()).unwrap_or_default();
                let worth = found.remark.worth.map(|worth| format!(", {}", swedish(worth))).unwrap_or_default();
                say!("  inte betalt {day}: {} ({}{worth})", found.remark.reason, found.remark.paragraph);
                if !found.remark.place.file.is_empty() {
                    say!("      {}", place(&found.remark.place));
                }
            }
        }
    }

    fn row(&mut self, row: &BatchRow, line: Option<&Line>, occasion: String, refused: Option<&Refusal>) {
        let explained = ExplainedRow { row, line, occasion, cause: &self.cause, refused };
        if self.json {
            self.rows.push(explained.json());
        } else {
            say!("{}", explained.text().trim_end_matches('\n'));
        }
    }

    fn finish(self) {
        if self.json {
            say!(
                "{}",
                json!({ "batch": self.name, "rows": self.rows, "not_paid": self.not_paid, "waived": self.waived })
            );
        }
    }
}

pub(super) fn occasion_text(
    row: &BatchRow,
    meetings: &std::collections::HashMap<crate::domain::MeetingId, Meeting>,
) -> String {
    match &row.occasion {
        Occasion::UppdragMonth(_, month) => format!("{} {month}", row.organ),
        Occasion::Meeting(meeting) => {
            let slag =
                meetings.get(meeting).and_then(|meeting| meeting.slag).map(|slag| slag.word()).unwrap_or("sammanträde");
            format!("{slag} {} {}", row.organ, row.day)
        }
        Occasion::Claim(_) => format!("yrkande för {} {}", row.organ, row.day),
        Occasion::Jour(organ, day) => format!("jour för {organ} {day}"),
        Occasion::Absence(day) => format!("frånvaro {day}"),
        Occasion::Debt(month) => format!("kvittning mot {month}"),
        Occasion::Elsewhere(_) => format!("betalt på annat sätt {}", row.day),
    }
}
