//! `deadlines`: last days of claims (§ 16) as a list; the letters about them, and about lists that are missing.

use serde_json::{Value, json};

use super::Ended;
use super::kommun::{Kommun, addresses, desk};
use super::names::Names;
use super::show::table;
use crate::calendar::Day;
use crate::domain::{Fault, OrganCode, PersonId, shown};
use crate::jobs::deadlines::{Due, found};
use crate::jobs::flag_deadlines::flag_deadlines as flag;
use crate::jobs::named::Persons;
use crate::jobs::remind_missing_lists::remind_missing_lists as remind;
use crate::law::{Flag, Lack};
use crate::money::{Ore, swedish};
use crate::ports::Clock;

/// Within so many days somebody must look.
const LOOK_DAYS: i64 = 7;

/// Which last days are asked for.
pub(super) struct Wanted {
    pub person: Option<String>,
    pub organ: Option<String>,
    /// At most so many days ahead, or behind where they have lapsed.
    pub within: Option<u32>,
    pub lapsed: bool,
}

pub(super) async fn deadlines(kommun: &mut Kommun, wanted: Wanted) -> Result<Ended, Fault> {
    let today = kommun.clock.today();
    let person = match &wanted.person {
        Some(text) => {
            let persons = Persons::load(&mut kommun.db).await?;
            Some(persons.aliases.person(persons.find(text, today)?))
        }
        None => None,
    };
    let organ = wanted.organ.as_deref().map(|text| organ(kommun, text)).transpose()?;
    let names = Names::load(kommun).await?;
    let mut all = found(&mut kommun.db, &kommun.configured.loaded, today, person).await?;
    all.dues.retain(|due| is_wanted(due, &wanted, organ.as_ref()));
    if kommun.json {
        let list: Vec<Value> = all.dues.iter().map(|due| as_json(due, &names)).collect();
        let unread = |(person, word): &(PersonId, String)| json!({ "person": names.of(*person), "word": shown(word) });
        let unread: Vec<Value> = all.unread.iter().map(unread).collect();
        say!("{}", json!({ "deadlines": list, "totals": totals(&all.dues), "unread": unread }));
    } else {
        print(&all.dues, &names, wanted.lapsed);
        for (person, word) in &all.unread {
            let (name, word) = (names.of(*person), shown(word));
            say!("Brukar yrka för {name}: \"{word}\" är ingen sorts yrkande; rätta det i Personer.");
        }
    }
    let is_near = all.dues.iter().any(|due| (0..=LOOK_DAYS).contains(&due.days_left));
    Ok(if is_near { Ended::Look } else { Ended::Done })
}

fn organ(kommun: &Kommun, text: &str) -> Result<OrganCode, Fault> {
    let rules = &kommun.configured.loaded.regelverk;
    let found = rules.organ_named(text).map(|organ| organ.code.clone());
    found.ok_or_else(|| {
        let names: Vec<&str> = rules.organ.iter().map(|organ| organ.namn.as_str()).collect();
        Fault::Input(format!("unknown organ \"{text}\"; allowed: {}", names.join(", ")))
    })
}

fn is_wanted(due: &Due, wanted: &Wanted, organ: Option<&OrganCode>) -> bool {
    // What is granted is owed, whether or not its last day has passed.
    let is_lapsed = due.has_lapsed() && due.deadline.flag != Flag::Granted;
    is_lapsed == wanted.lapsed
        && organ.is_none_or(|organ| due.deadline.meeting.organ == *organ)
        && wanted.within.is_none_or(|days| due.days_left.abs() <= i64::from(days))
}

/// The flag's name in JSON.
fn state(flag: Flag) -> &'static str {
    match flag {
        Flag::Made(Lack::Underlag) => "lacks_evidence",
        Flag::Made(Lack::Belopp) => "lacks_amount",
        Flag::Made(Lack::Uppgift) => "lacks_detail",
        Flag::Made(Lack::Lista) => "lacks_list",
        Flag::Made(Lack::Beslut) => "lacks_decision",
        Flag::Possible => "possible",
        Flag::Granted => "granted_unpaid",
    }
}

fn as_json(due: &Due, names: &Names) -> Value {
    let deadline = &due.deadline;
    json!({
        "last_day": deadline.last_day.to_string(),
        "days_left": due.days_left,
        "flag_days": due.reached,
        "anstid": due.anstid,
        "person": names.of(due.person),
        "kind": deadline.kind.word(),
        "paragraph": deadline.kind.paragraph(),
        "state": state(deadline.flag),
        "organ": deadline.meeting.organ,
        "date": deadline.meeting.day.to_string(),
        "missing": deadline.missing,
        "proposed": deadline.mend,
        "worth": deadline.worth.map(|worth| worth.to_string()),
        "is_estimate": deadline.is_estimate,
    })
}

fn totals(dues: &[Due]) -> Value {
    let worth: Ore = dues.iter().filter_map(|due| due.deadline.worth).sum();
    let unknown = dues.iter().filter(|due| due.deadline.worth.is_none()).count();
    let near = dues.iter().filter(|due| (0..=LOOK_DAYS).contains(&due.days_left)).count();
    json!({ "count": dues.len(), "worth": worth.to_string(), "unknown": unknown, "within_7_days": near })
}

fn print(dues: &[Due], names: &Names, lapsed: bool) {
    if dues.is_empty() {
        say!("{}", if lapsed { "Ingen sista dag har passerat." } else { "Ingen sista dag är på väg." });
        return;
    }
    let header = ["sista dag", "kvar", "flagga", "anst.nr", "namn", "vad", "möte", "saknas", "så rättar du", "värde"];
    let mut rows = table(&header, &[1, 2, 9]);
    for due in dues {
        let deadline = &due.deadline;
        let worth = deadline.worth.map_or_else(|| "okänt".to_owned(), swedish);
        rows.add_row([
            deadline.last_day.to_string(),
            due.days_left.to_string(),
            due.reached.map(|days| days.to_string()).unwrap_or_default(),
            due.anstid.clone().unwrap_or_default(),
            names.of(due.person),
            deadline.kind.word().to_owned(),
            format!("{} {}", deadline.meeting.organ, deadline.meeting.day),
            deadline.missing.clone(),
            deadline.mend.clone(),
            if deadline.is_estimate { format!("ca {worth}") } else { worth },
        ]);
    }
    say!("{rows}");
    let worth: Ore = dues.iter().filter_map(|due| due.deadline.worth).sum();
    let unknown = dues.iter().filter(|due| due.deadline.worth.is_none()).count();
    say!("{} sista dagar; känt värde {}, {unknown} utan känt värde.", dues.len(), swedish(worth));
}

/// What is told is what stands on the day that the job is done, should it be done later than it was due.
fn moment(kommun: &Kommun, due: Day) -> (Day, i64) {
    (due.max(kommun.clock.today()), kommun.clock.now_ms())
}

/// The job: what came of it, in a sentence.
pub(super) async fn flag_deadlines(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let (printer, moment) = (kommun.printer(), moment(kommun, due));
    let addresses = addresses(&kommun.configured);
    let desk = desk(&kommun.configured, &printer, &addresses);
    let flagged = flag(&mut kommun.db, &kommun.configured.loaded, &desk, moment).await?;
    let (digests, summaries, near) = (flagged.digests, flagged.summaries, flagged.near);
    Ok(format!("{near} sista dagar nära; {digests} brev till personer och {summaries} till kansliet"))
}

/// The job: what came of it, in a sentence.
pub(super) async fn remind_missing_lists(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let (printer, moment) = (kommun.printer(), moment(kommun, due));
    let addresses = addresses(&kommun.configured);
    let desk = desk(&kommun.configured, &printer, &addresses);
    let after_days = kommun.configured.settings.watch.missing_list_days;
    let reminded = remind(&mut kommun.db, &kommun.configured.loaded, &desk, moment, after_days).await?;
    let (meetings, letters) = (reminded.meetings, reminded.letters);
    Ok(format!("{meetings} möten saknar närvarolista; {letters} brev till sekreterare"))
}
