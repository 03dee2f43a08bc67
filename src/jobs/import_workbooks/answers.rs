//! Anmärkningar, answered: each filled row is a decision about a yrkande or a debt, or closes a row that was held.
//!
//! The remark is looked up among those that stand now, by its id. One that is gone is told, unless this very answer is
//! recorded already: the same workbook twice changes nothing. Another answer to the same yrkande replaces the earlier.

use std::collections::{BTreeMap, HashMap};

use super::people::problem;
use super::subject::Subject;
use super::{Work, about, key_of, unreadable};
use crate::domain::{Beslut, Fact, Fault, PersonId, State, Undecided, Utfall, shown};
use crate::jobs::by_hand::{ByHand, note};
use crate::jobs::remark_list::{ANSWERS_TO_CLAIM, Answerable, Shown, found};
use crate::ledger::debt::with_reason;
use crate::ports::{Answer, AnswerRow, Problem, RowContent, Store};

/// The rule by which a row that nobody has answered is ignored.
const UNANSWERED: &str = "inget beslut ifyllt";

pub(super) async fn take_in<S: Store>(work: &mut Work<'_, S>, place: usize) -> Result<(), Fault> {
    let sheet = work.file.workbook.sheets()[place].name.clone();
    let rows = answered(work, place, &sheet)?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut standing = Remarks::now(work).await?;
    let mut told: HashMap<String, AnswerRow> = HashMap::new();
    let mut decided: Vec<(u32, Beslut)> = Vec::new();
    for (number, row) in rows {
        work.subject = Subject::of(&RowContent::Answer(Box::new(row.clone())));
        let id = row.id.clone().unwrap_or_default();
        if let Some(earlier) = told.insert(id.clone(), row.clone()) {
            if earlier == row {
                work.ignore((&sheet, number), "samma rad två gånger");
            } else {
                let wrong = "en andra rad om samma anmärkning, med ett annat svar";
                work.hold(&sheet, number, None, None, &problem("Id", wrong, "behåll en av raderna"));
            }
            continue;
        }
        let anstid = standing.by_id.get(&id).and_then(|found| found.anstid.clone());
        match standing.take(work, &id, row, (&sheet, number)) {
            Ok(Taken::Known) => work.count((&sheet, number), false),
            Ok(Taken::Closed) => work.count((&sheet, number), true),
            Ok(Taken::Decided(beslut)) => {
                work.count((&sheet, number), true);
                decided.push((number, *beslut));
            }
            Err(problem) => work.hold(&sheet, number, None, anstid, &problem),
        }
    }
    work.flush().await?;
    close(work, &standing.closed).await?;
    tell_what_waits_still(work, &sheet, &decided).await
}

/// The rows that somebody has answered; the others are ignored or held here.
fn answered<S: Store>(work: &mut Work<'_, S>, place: usize, sheet: &str) -> Result<Vec<(u32, AnswerRow)>, Fault> {
    let workbook = work.file.workbook;
    let mut filled = Vec::new();
    for row in workbook.rows(place).map_err(|error| unreadable(&error))? {
        let row = row.map_err(|error| unreadable(&error))?;
        let Some((number, RowContent::Answer(row))) = work.sound(sheet, row) else { continue };
        let is_begun = row.diarienummer.is_some() || row.day.is_some() || row.motivering.is_some();
        match (&row.answer, &row.id) {
            (None, _) if !is_begun => work.ignore((sheet, number), UNANSWERED),
            (None, _) => {
                let instead = "välj ett av orden i cellens lista, eller töm raden till höger om Rad";
                work.hold(sheet, number, None, None, &problem("Beslut", "Beslut saknas", instead));
            }
            (Some(_), None) => {
                let instead = "skriv id som det stod i filen från `arvode remarks --to`";
                work.hold(sheet, number, None, None, &problem("Id", "anmärkningens id saknas", instead));
            }
            (Some(_), Some(_)) => filled.push((number, *row)),
        }
    }
    Ok(filled)
}

/// The remarks that stand when the sheet is taken in, and what has been answered before.
struct Remarks {
    by_id: HashMap<String, Shown>,
    /// Decisions that answer a remark, by its id.
    answers: BTreeMap<String, Beslut>,
    /// What persons have closed before: remark and reason.
    closed_before: Vec<(String, String)>,
    /// What this sheet closes: the remark's number and the reason.
    closed: Vec<(i64, String)>,
}

/// What became of an answer.
enum Taken {
    Known,
    Closed,
    Decided(Box<Beslut>),
}

impl Remarks {
    async fn now<S: Store>(work: &mut Work<'_, S>) -> Result<Remarks, Fault> {
        let standing = found(work.store, work.settings.loaded, work.settings.today, None).await?;
        let by_id = standing.into_iter().map(|shown| (shown.id.clone(), shown)).collect();
        let answers = work.known.facts().filter_map(|fact| match fact {
            Fact::Beslut(beslut) => Some((beslut.remark.clone()?, beslut.clone())),
            _ => None,
        });
        let answers = answers.collect();
        let done = work.store.interventions().await?.into_iter();
        let closed_before = done.filter(|done| done.action == CLOSE).map(|done| (done.detail, done.because)).collect();
        Ok(Remarks { by_id, answers, closed_before, closed: Vec::new() })
    }

    fn take<S: Store>(
        &mut self,
        work: &mut Work<'_, S>,
        id: &str,
        row: AnswerRow,
        at: (&str, u32),
    ) -> Result<Taken, Problem> {
        let Some(shown) = self.by_id.get(id) else { return self.gone(work, id, row, at) };
        let answerable = shown.answerable().ok_or_else(|| only_facts_help(shown))?;
        let person = shown.person;
        match (answerable, row.answer.clone()) {
            (Answerable::Row(number), Some(Answer::Closed)) => self.closed(number, row),
            (Answerable::Claim(claim, meeting, slag), Some(Answer::Decided(utfall, words))) if is_of_claim(utfall) => {
                let said = Said::of(work, row, utfall, words)?;
                let paragraph = (utfall == Utfall::Avslag).then(|| slag.paragraph().to_owned());
                let (meeting, slag, claim) = (Some(meeting), Some(slag), Some(claim));
                self.say(work, Beslut { paragraph, meeting, slag, claim, ..said.beslut(id, person) }, at)
            }
            (Answerable::Debt, Some(Answer::Decided(utfall, words))) if !is_of_claim(utfall) => {
                let said = Said::of(work, row, utfall, words)?;
                self.say(work, said.beslut(id, person), at)
            }
            _ => Err(no_such_answer(answerable.words())),
        }
    }

    /// The remark stands no longer: this very answer is known, or another one to the same yrkande replaces it.
    fn gone<S: Store>(
        &self,
        work: &mut Work<'_, S>,
        id: &str,
        row: AnswerRow,
        at: (&str, u32),
    ) -> Result<Taken, Problem> {
        if row.answer == Some(Answer::Closed) {
            let is_same =
                |(closed, because): &(String, String)| closed == id && Some(because) == row.motivering.as_ref();
            return if self.closed_before.iter().any(is_same) { Ok(Taken::Known) } else { Err(gone()) };
        }
        let (Some(earlier), Some(Answer::Decided(utfall, words))) = (self.answers.get(id), row.answer.clone()) else {
            return Err(gone());
        };
        let said = Said::of(work, row, utfall, words)?;
        let mut beslut = Beslut {
            meeting: earlier.meeting,
            slag: earlier.slag,
            claim: earlier.claim,
            ..said.beslut(id, earlier.person)
        };
        match earlier.slag {
            Some(_) if !is_of_claim(utfall) => Err(no_such_answer(ANSWERS_TO_CLAIM)),
            Some(slag) => {
                beslut.paragraph = (utfall == Utfall::Avslag).then(|| slag.paragraph().to_owned());
                self.say(work, beslut, at)
            }
            None if beslut == *earlier => Ok(Taken::Known),
            None => {
                let wrong = format!("skulden är redan beslutad: {} {}", earlier.diarienummer, earlier.innebord);
                Err(problem("Beslut", &shown(&wrong), "ett annat beslut om samma skuld skrivs i bladet Beslut"))
            }
        }
    }

    /// Records a decision; an earlier answer to the same remark that stands under another key gives way.
    fn say<S: Store>(&self, work: &mut Work<'_, S>, beslut: Beslut, at: (&str, u32)) -> Result<Taken, Problem> {
        let fact = Fact::Beslut(beslut.clone());
        let earlier = beslut.remark.as_ref().and_then(|id| self.answers.get(id));
        let earlier_key = earlier.map(|earlier| key_of(&Fact::Beslut(earlier.clone())));
        if let Some(key) = earlier_key.filter(|key| *key != key_of(&fact))
            && let Some((before, taken_back)) = work.known.remove(&key)
        {
            work.trace_fact(at, || Some(taken_back.clone()), None);
            work.record(None, key, about(&taken_back), at, Some(before));
        }
        Ok(if work.say(fact, at) { Taken::Decided(Box::new(beslut)) } else { Taken::Known })
    }

    fn closed(&mut self, number: i64, row: AnswerRow) -> Result<Taken, Problem> {
        let because = row
            .motivering
            .ok_or_else(|| problem("Motivering", "Motivering saknas", "skriv varför raden inte behöver rättas"))?;
        self.closed.push((number, because));
        Ok(Taken::Closed)
    }
}

/// What every decision must say.
struct Said {
    diarienummer: String,
    day: crate::calendar::Day,
    utfall: Utfall,
    innebord: String,
}

impl Said {
    fn of<S: Store>(work: &Work<'_, S>, row: AnswerRow, utfall: Utfall, words: String) -> Result<Said, Problem> {
        let today = work.settings.today;
        let diarienummer = row
            .diarienummer
            .ok_or_else(|| problem("Diarienummer", "Diarienummer saknas", "skriv numret som beslutet finns under"))?;
        let day = row.day.ok_or_else(|| {
            problem("Beslutsdatum", "Beslutsdatum saknas", "skriv dagen för beslutet, som 2026-10-14")
        })?;
        if day > today {
            let wrong = format!("Beslutsdatum {day} har inte varit ännu; i dag är det {today}");
            return Err(problem("Beslutsdatum", &wrong, "skriv dagen då beslutet fattades"));
        }
        let innebord = match row.motivering {
            Some(reason) if is_of_claim(utfall) => format!("{words}: {reason}"),
            Some(reason) => with_reason(&words, &reason),
            None => words,
        };
        Ok(Said { diarienummer, day, utfall, innebord })
    }

    /// A decision about a person that answers a remark.
    fn beslut(self, id: &str, person: Option<PersonId>) -> Beslut {
        Beslut {
            diarienummer: self.diarienummer,
            day: self.day,
            organ: None,
            paragraph: None,
            person,
            meeting: None,
            slag: None,
            claim: None,
            remark: Some(id.to_owned()),
            utfall: self.utfall,
            innebord: self.innebord,
            from: None,
            to: None,
        }
    }
}

/// The name of the intervention that closes a remark.
const CLOSE: &str = "close_remark";

/// Closes remarks, each with its reason and who said so.
async fn close<S: Store>(work: &mut Work<'_, S>, closed: &[(i64, String)]) -> Result<(), Fault> {
    let now_ms = work.settings.now_ms;
    for (number, because) in closed {
        let by = ByHand { actor: work.settings.actor, because };
        work.store.close_remarks(&[*number], now_ms).await?;
        let no_facts = work.next..=work.next - 1;
        note(work.store, now_ms, &by, (CLOSE, &format!("r{number}")), no_facts, None).await?;
    }
    Ok(())
}

/// A decision may not be enough: presence or an amount is missing, or the sum is another. Then it is said at once.
async fn tell_what_waits_still<S: Store>(
    work: &mut Work<'_, S>,
    sheet: &str,
    decided: &[(u32, Beslut)],
) -> Result<(), Fault> {
    if decided.is_empty() {
        return Ok(());
    }
    let standing = found(work.store, work.settings.loaded, work.settings.today, Some(State::Held)).await?;
    for (row, beslut) in decided {
        let is_about = |shown: &&Shown| match shown.remark.undecided {
            Some(Undecided::Claim(claim, ..)) => Some(claim) == beslut.claim,
            Some(Undecided::Debt) => beslut.claim.is_none() && shown.person == beslut.person,
            None => false,
        };
        if let Some(waits) = standing.iter().find(is_about) {
            let wrong = format!("beslutet är infört, men det väntar ändå: {}", waits.remark.reason);
            let problem = problem("Beslut", &wrong, &waits.remark.proposed);
            work.subject = Subject::default();
            let (kind, day, anstid) = (waits.remark.kind, waits.remark.day, waits.anstid.clone());
            work.remark(kind, (sheet, *row), day, anstid, &problem, State::Noted);
        }
    }
    Ok(())
}

/// The outcomes of a yrkande; the others are those of a debt.
fn is_of_claim(utfall: Utfall) -> bool {
    matches!(utfall, Utfall::Bifall | Utfall::Avslag)
}

fn gone() -> Problem {
    let instead = "hämta en ny lista med `arvode remarks --to FIL.xlsx` och se vad som väntar nu";
    problem("Id", "anmärkningen finns inte längre", instead)
}

fn only_facts_help(shown: &Shown) -> Problem {
    let proposed = &shown.remark.proposed;
    let instead = if proposed.is_empty() { "töm cellen Beslut" } else { proposed.as_str() };
    problem("Beslut", "anmärkningen kan inte avgöras med ett beslut här", instead)
}

fn no_such_answer(words: &[&str]) -> Problem {
    let words = words.join(" eller ");
    problem("Beslut", "det är inget svar på den anmärkningen", &format!("skriv {words}"))
}
