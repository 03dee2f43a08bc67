//! `explain`: every krona of a batch, and what was not paid and why.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::Ended;
use super::batches::{Standing, gallrade_text};
use super::kommun::Kommun;
use super::show::{ShownWaiver, place, remark_json};
use crate::calendar::{Day, Month};
use crate::domain::{Fault, Line, LineKind, Occasion, PersonId, Personnummer};
use crate::jobs::attest_batch::sheets;
use crate::jobs::calculate::{Calculation, PersonResult};
use crate::jobs::cut_off::left_out_of;
use crate::jobs::explained::{
    ExplainedRow, FACTS_CHANGED, Reversal, cause_of, occasion_text, question_of, reversals, stored_rows,
};
use crate::jobs::freeze_batch::{Wanted, question_as_known};
use crate::jobs::gallra::gallrad_of;
use crate::jobs::remark_list::shown;
use crate::jobs::trace_reversal::Tracer;
use crate::ledger::{Batch, BatchKind, BatchName, BatchRow, BatchState, LeftOut, Settled};
use crate::money::swedish;
use crate::ports::{Clock, Store};
use crate::register::PersonMatch;

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
        Some((id, _, _)) => Some(with_siblings(kommun, *id, row).await?),
        None => None,
    };
    let left_out = match &standing {
        Some((id, batch, _)) => left_out_of_batch(kommun, *id, batch).await?,
        None => Vec::new(),
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
        (None, Some(rows)) => row.and_then(|row| person_of(row, rows, &left_out)),
        _ => None,
    };
    let is_left_out = left_out.iter().any(|(left, _)| Some(left.postid) == row);
    if row.is_some() && !is_left_out && rows.as_ref().is_some_and(Vec::is_empty) {
        if let Some((id, _, _)) = &standing
            && let Some((gone, decision)) = gallrad_of(&mut kommun.db, *id).await?
        {
            return Err(Fault::Input(format!("{name} har inte raden: {}", gallrade_text(gone, &decision))));
        }
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
    let because = standing.as_ref().and_then(|(_, batch, _)| batch.because.clone());
    let mut tracer = Tracer::start(&mut kommun.db, &calculation.question, because).await?;
    let mut explained = Explained {
        json: kommun.json,
        name,
        cause,
        wanted_row: row,
        next: 1,
        rows: Vec::new(),
        waiting: Vec::new(),
        left_out: Vec::new(),
        not_paid: Vec::new(),
        gallrad: None,
        waived: Vec::new(),
    };
    while let Some(results) = calculation.next(&mut kommun.db).await? {
        for result in results {
            let of_person = match &rows {
                Some(rows) => calculation.rows_of(result.person, rows),
                None => result.rows.clone(),
            };
            let of_person = explained.numbered(of_person);
            let behind =
                reversals(&mut kommun.db, &loaded, &mut tracer, &calculation, result.person, &of_person).await?;
            let apart = [result.waiting.clone(), result.settled.clone()].concat();
            let behind_apart =
                reversals(&mut kommun.db, &loaded, &mut tracer, &calculation, result.person, &apart).await?;
            explained.person(&calculation, &result, of_person, &behind);
            explained.apart(&calculation, &apart, &behind_apart);
            let own = left_out.iter().filter(|(row, _)| calculation.kept(row.person) == result.person);
            own.for_each(|(row, says)| explained.left_out(&calculation, &result, row, says));
            explained.not_paid(&calculation, result);
        }
    }
    if let Some((id, _, _)) = &standing {
        explained.gallrad = gallrad_of(&mut kommun.db, *id).await?;
    }
    explained.finish();
    Ok(Ended::Done)
}

/// The person of a row that is wanted, whether it left or was left out.
fn person_of(wanted: u32, rows: &[BatchRow], left_out: &[(BatchRow, String)]) -> Option<PersonId> {
    let mut left_out = left_out.iter().map(|(row, _)| row);
    rows.first().or_else(|| left_out.find(|row| row.postid == wanted)).map(|row| row.person)
}

/// Rows that were left out of a batch, each with what is said of it.
async fn left_out_of_batch(kommun: &mut Kommun, id: i64, batch: &Batch) -> Result<Vec<(BatchRow, String)>, Fault> {
    let rows = left_out_of(&mut kommun.db, id).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let views = sheets(&mut kommun.db, batch.name).await?;
    let says = |sheet: u32| {
        let view = views.iter().find(|view| view.sheet.number == sheet);
        view.and_then(|view| view.left_out.as_ref()).map(LeftOut::says).unwrap_or_default()
    };
    Ok(rows.into_iter().map(|stored| (says(stored.row.sheet), stored.row)).map(|(says, row)| (row, says)).collect())
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

/// The rows that are wanted, with all others of their person: one may be booked anew for what another takes back.
async fn with_siblings(kommun: &mut Kommun, id: i64, wanted: Option<u32>) -> Result<Vec<BatchRow>, Fault> {
    let rows = stored_rows(&mut kommun.db, id, wanted).await?;
    let (Some(_), Some(row)) = (wanted, rows.first()) else { return Ok(rows) };
    let all = stored_rows(&mut kommun.db, id, None).await?;
    Ok(all.into_iter().filter(|other| other.person == row.person).collect())
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
    /// Rows that go to no payroll file.
    waiting: Vec<Value>,
    /// Rows that were left out of the batch.
    left_out: Vec<Value>,
    not_paid: Vec<Value>,
    /// Rows of the batch that are gone, and by which decision.
    gallrad: Option<(u32, String)>,
    waived: Vec<Value>,
}

impl Explained {
    /// The rows with the numbers that they have, or would have.
    fn numbered(&mut self, mut rows: Vec<BatchRow>) -> Vec<BatchRow> {
        for row in &mut rows {
            if row.postid == 0 {
                row.postid = self.next;
            }
            self.next = row.postid + 1;
        }
        rows
    }

    fn person(
        &mut self,
        calculation: &Calculation<'_>,
        result: &PersonResult,
        rows: Vec<BatchRow>,
        behind: &HashMap<usize, Reversal>,
    ) {
        let anstid = calculation.persons.main_anstid(result.person).map(str::to_owned);
        // A meeting may have several lines of a kind, each at its own price.
        let mut lines: BTreeMap<(&Occasion, LineKind), Vec<&Line>> = BTreeMap::new();
        for line in &result.entitled {
            lines.entry((&line.occasion, line.kind)).or_default().push(line);
        }
        let name = calculation.shown_name(result.person);
        let is_wanted = |row: &BatchRow| self.wanted_row.is_none_or(|wanted| row.postid == wanted);
        let rows: Vec<(usize, BatchRow)> = rows.into_iter().enumerate().filter(|(_, row)| is_wanted(row)).collect();
        let waived = result.waived_in(self.name.payout);
        let says_something = !rows.is_empty() || !result.remarks.is_empty() || !waived.is_empty();
        if says_something && !self.json && self.wanted_row.is_none() {
            say!("== {name} ({})", anstid.as_deref().unwrap_or("anställningsnummer saknas"));
        }
        for (place, row) in rows {
            let of_kind = lines.get(&(&row.occasion, row.kind)).map(Vec::as_slice).unwrap_or_default();
            let line = of_kind.iter().find(|line| line.apris == row.apris).or(of_kind.first()).copied();
            let refused = result.refused.iter().find(|refusal| refusal.is_of(&row));
            let reversal = behind.get(&place);
            let (cause, occasion) = (&self.cause, occasion_text(&row, &calculation.meetings));
            let explained = ExplainedRow { row: &row, line, occasion, cause, reversal, refused };
            if self.json {
                self.rows.push(explained.json());
            } else {
                say!("{}", explained.text().trim_end_matches('\n'));
            }
        }
    }

    /// Rows that go to no payroll file: they wait for a decision, or one has settled them.
    fn apart(&mut self, calculation: &Calculation<'_>, rows: &[BatchRow], behind: &HashMap<usize, Reversal>) {
        if self.wanted_row.is_some() {
            return;
        }
        for (place, row) in rows.iter().enumerate() {
            let state = match &row.settled {
                Settled::ByPayroll => "väntar på beslut".to_owned(),
                Settled::Aterkrav(decision) => format!("återkrävs enligt {decision}"),
                Settled::Kvittning(decision) => format!("kvittas enligt {decision}"),
                Settled::Eftergift(decision) => format!("efterges enligt {decision}"),
            };
            let (occasion, reversal) = (occasion_text(row, &calculation.meetings), behind.get(&place));
            let explained = ExplainedRow { row, line: None, occasion, cause: &self.cause, reversal, refused: None };
            if self.json {
                let mut object = explained.json();
                object["row"] = Value::Null;
                object["state"] = json!(state);
                self.waiting.push(object);
            } else {
                let text = explained.text();
                say!("{}", text.replacen("  rad 0:", &format!("  {state}:"), 1).trim_end_matches('\n'));
            }
        }
    }

    /// A row that was left out of the batch.
    fn left_out(&mut self, calculation: &Calculation<'_>, result: &PersonResult, row: &BatchRow, says: &str) {
        if self.wanted_row.is_some_and(|wanted| row.postid != wanted) {
            return;
        }
        let line = result.entitled.iter().find(|line| (&line.occasion, line.kind) == (&row.occasion, row.kind));
        let occasion = occasion_text(row, &calculation.meetings);
        let explained = ExplainedRow { row, line, occasion, cause: &self.cause, reversal: None, refused: None };
        if self.json {
            let mut object = explained.json();
            object["state"] = json!(says);
            self.left_out.push(object);
        } else {
            let number = format!("  rad {}:", row.postid);
            let text = explained.text().replacen(&number, &format!("  rad {}, {says}:", row.postid), 1);
            say!("{}", text.trim_end_matches('\n'));
        }
    }

    fn not_paid(&mut self, calculation: &Calculation<'_>, result: PersonResult) {
        let anstid = calculation.persons.main_anstid(result.person).map(str::to_owned);
        if self.wanted_row.is_some() {
            return;
        }
        for waived in result.waived_in(self.name.payout) {
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

    fn finish(self) {
        if self.json {
            let gallrad = self.gallrad.map(|(rows, decision)| json!({ "rows": rows, "decision": decision }));
            say!(
                "{}",
                json!({
                    "batch": self.name,
                    "rows": self.rows,
                    "waiting": self.waiting,
                    "left_out": self.left_out,
                    "not_paid": self.not_paid,
                    "waived": self.waived,
                    "gallrad": gallrad,
                })
            );
        } else if let Some((rows, decision)) = self.gallrad {
            say!("{}", gallrade_text(rows, &decision));
        }
    }
}
