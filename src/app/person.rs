//! `person merge`, `person split` and `person facts`: people who were registered twice, or taken for one.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Ended;
use super::changes::tell;
use super::cli::PersonAction;
use super::kommun::Kommun;
use super::show::{place, table};
use crate::calendar::Day;
use crate::domain::{Fact, Fault, Meeting, MeetingId, Recorded};
use crate::jobs::by_hand::ByHand;
use crate::jobs::import_workbooks::about;
use crate::jobs::merge_persons::merge;
use crate::jobs::named::{Meetings, Persons};
use crate::jobs::split_person::{Chosen, facts_of, split};
use crate::money::swedish;
use crate::ports::Clock;

pub(super) async fn person(kommun: &mut Kommun, action: PersonAction) -> Result<Ended, Fault> {
    let (actor, today) = (kommun.actor(), kommun.clock.today());
    match action {
        PersonAction::Facts { person } => facts(kommun, &person).await,
        PersonAction::Merge { keep, other, because } => {
            kommun.may_write()?;
            let by = ByHand { actor: &actor, because: &because };
            let done = merge(&mut kommun.db, &kommun.clock, &by, (&keep, &other), today).await?;
            tell(kommun, &done, "De två är en person: det som är betalt dubbelt tas tillbaka i nästa lönekörning");
            Ok(Ended::Done)
        }
        PersonAction::Split { person, to, new: _, facts, file, rows, because } => {
            kommun.may_write()?;
            let by = ByHand { actor: &actor, because: &because };
            let chosen = file.map_or(Chosen::Numbers(facts), |file| Chosen::File(file, rows));
            let whom = (person.as_str(), to.as_deref());
            let done = split(&mut kommun.db, &kommun.clock, &by, whom, &chosen, today).await?;
            tell(kommun, &done, "Uppgifterna är flyttade, och pengarna följer i nästa lönekörning");
            Ok(Ended::Done)
        }
    }
}

async fn facts(kommun: &mut Kommun, person: &str) -> Result<Ended, Fault> {
    let persons = Persons::load(&mut kommun.db).await?;
    let person = persons.aliases.person(persons.find(person, kommun.clock.today())?);
    let meetings = Meetings::load(&mut kommun.db).await?.known;
    let facts = facts_of(&mut kommun.db, &persons, person).await?;
    if kommun.json {
        let list: Vec<Value> = facts.iter().map(|recorded| fact_json(recorded, &persons, &meetings)).collect();
        say!("{}", json!({ "name": persons.name(person), "facts": list }));
        return Ok(Ended::Done);
    }
    let mut shown = table(&["nr", "uppgift", "läst i"], &[0]);
    for recorded in &facts {
        shown.add_row([
            recorded.number.to_string(),
            in_short(&recorded.fact, &persons, &meetings),
            place(&recorded.source),
        ]);
    }
    say!("{}", persons.name(person));
    say!("{shown}");
    Ok(Ended::Done)
}

fn fact_json(recorded: &Recorded, persons: &Persons, meetings: &HashMap<MeetingId, Meeting>) -> Value {
    json!({
        "number": recorded.number,
        "kind": about(&recorded.fact).kind,
        "says": in_short(&recorded.fact, persons, meetings),
        "file": &*recorded.source.file,
        "sheet": &*recorded.source.sheet,
        "row": recorded.source.row,
    })
}

/// What a fact says, so that a clerk knows it again: no personnummer, no reason of anything.
fn in_short(fact: &Fact, persons: &Persons, meetings: &HashMap<MeetingId, Meeting>) -> String {
    let meeting = |id: &MeetingId| {
        let of = meetings.get(id).map(|meeting| format!("{} {}", meeting.organ, meeting.day));
        of.unwrap_or_else(|| "återtaget möte".to_owned())
    };
    match fact {
        Fact::Person(found) => persons.row(found),
        Fact::Anstid(found) => {
            let organ = found.organ.as_ref().map(|organ| format!(" för {organ}")).unwrap_or_default();
            format!("anställningsnummer {}{organ}", found.anstid)
        }
        Fact::Distance(found) => format!("{} km till {}", found.km, found.plats.as_deref().unwrap_or("mötena")),
        Fact::Uppdrag(found) => {
            let what = found.nyckel.as_deref().unwrap_or(&found.roll);
            format!("uppdrag {what} i {} {}", found.organ, span(Some(found.from), found.to))
        }
        Fact::Income(found) => format!("inkomstuppgift {}", span(found.from, found.to)),
        Fact::Absence(found) => format!("frånvaro {}", span(Some(found.from), found.to)),
        Fact::Attendance(found) => format!("närvaro {}", meeting(&found.meeting)),
        Fact::Claim(found) => {
            let belopp = found.belopp.map(|belopp| format!(", {}", swedish(belopp))).unwrap_or_default();
            format!("yrkande {}, {}{belopp}", found.slag.word(), meeting(&found.meeting))
        }
        Fact::Jour(found) => format!("jour för {} {}", found.organ, span(Some(found.from), Some(found.to))),
        Fact::Beslut(found) => format!("beslut {} {}", found.diarienummer, found.day),
        Fact::Avstaende(found) => format!("avstår {} {}", found.what.word(), span(Some(found.from), found.to)),
        Fact::Utbetalt(found) => {
            format!("utbetalt {}, lönart {}, {}", found.payout, found.lonart, swedish(found.belopp))
        }
        Fact::SourcePerson(found) => format!("kopplad till en person i diariet {}", found.source),
        Fact::Disagreement(found) => format!("oenighet om närvaro {}", meeting(&found.meeting)),
        Fact::Meeting(_)
        | Fact::Merge(_)
        | Fact::Link(_)
        | Fact::Closing(_)
        | Fact::SwitchOver(_)
        | Fact::SourceRecord(_)
        | Fact::SourceMeeting(_) => String::new(),
    }
}

fn span(from: Option<Day>, to: Option<Day>) -> String {
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    format!("{}–{}", day(from), day(to))
}
