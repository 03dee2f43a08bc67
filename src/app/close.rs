//! `close`: which months are closed, what is open in them, and the yes that closes them all the same.

use serde_json::{Value, json};

use super::Ended;
use super::kommun::Kommun;
use super::show::{amount, count};
use crate::calendar::Month;
use crate::domain::Fault;
use crate::jobs::close_month::{AtStake, InTime, Outcome, Wanted, close as close_months};
use crate::ports::Clock;

pub(super) async fn close(
    kommun: &mut Kommun,
    through: Month,
    because: &str,
    reopen: bool,
    yes: bool,
) -> Result<Ended, Fault> {
    kommun.may_write()?;
    if through >= Month::of(kommun.clock.today()) {
        return Err(Fault::Input(format!("{through} is not over; only past months can be closed")));
    }
    let actor = kommun.actor();
    let wanted = Wanted { through, reopen, yes, because, actor: &actor };
    let found = close_months(&mut kommun.db, &kommun.configured.loaded, &kommun.clock, &wanted).await?;
    if kommun.json {
        say!("{}", outcome_json(&found, through));
    } else {
        tell(&found, &wanted);
    }
    Ok(if found.is_open() && !found.is_done { Ended::Look } else { Ended::Done })
}

fn outcome_json(found: &Outcome, through: Month) -> Value {
    let at_stake = |part: &AtStake| json!({ "persons": part.persons.len(), "worth": part.worth.to_string() });
    let in_time: Vec<Value> = found
        .in_time
        .iter()
        .map(|one| json!({ "kind": one.slag.word(), "paragraph": one.slag.paragraph(), "from": one.from, "last_day": one.until }))
        .collect();
    json!({
        "closed_through": if found.is_done { Some(through) } else { found.was },
        "was": found.was,
        "done": found.is_done,
        "owed": at_stake(&found.owed),
        "waiting": at_stake(&found.waiting),
        "held": at_stake(&found.held),
        "claims_in_time": in_time,
    })
}

fn tell(found: &Outcome, wanted: &Wanted<'_>) {
    let through = wanted.through;
    let parts = [
        ("att betala", &found.owed),
        ("väntar på beslut om skuld", &found.waiting),
        ("hålls med anmärkning", &found.held),
    ];
    for (what, part) in parts.iter().filter(|(_, part)| !part.persons.is_empty()) {
        let persons = u32::try_from(part.persons.len()).unwrap_or(u32::MAX);
        say!("  {what}: {}, {}", count(persons, "person", "personer"), amount(part.worth));
    }
    for InTime { slag, from, until } in &found.in_time {
        let (word, paragraph) = (slag.word(), slag.paragraph());
        say!(
            "  kan ännu komma i tid (§ 16): yrkanden om {word} ({paragraph}) för dagar från {from}, sista dag {until}"
        );
    }
    match (found.is_done, wanted.reopen, found.was) {
        (true, true, _) => {
            say!("Månaderna efter {through} är öppna igen. Det som har ändrats räknas om i nästa lönekörning.")
        }
        (true, false, _) => say!("Intjänandemånader är stängda till och med {through}: inget i dem räknas om."),
        (false, _, Some(was)) if was == through => say!("Månaderna är redan stängda till och med {through}."),
        (false, ..) => {
            say!("Inget är stängt. När det är stängt räknas inget av detta om, och det hålls med anmärkning.");
            say!("  Är det rätt: arvode close {through} --because \"…\" --yes");
        }
    }
}
