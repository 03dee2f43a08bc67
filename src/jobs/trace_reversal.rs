//! Why a row takes an earlier one back: what was booked and when, and each fact or rule that has changed since.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::by_hand::action_word;
use super::calculate::{Calculation, Question};
use crate::calendar::{Day, Month, day_of_instant};
use crate::domain::words::{Told, differing, kind_word, sentence, told};
use crate::domain::{Betalning, Fact, Fault, LineKind, MeetingId, Occasion, PersonId, Provenance};
use crate::law::{Group, group_of};
use crate::ledger::{Batch, BatchName, BatchRow, BatchState, Reversed};
use crate::ports::{Intervention, Pin, Revised, Store, StoredRow};

/// Where a row comes from, and why it is there beside what was booked before.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What was booked; none of a row whose forerunner cannot be found.
    pub booked: Option<Earlier>,
    /// What has changed since, in the order in which it became known.
    pub changed: Vec<Changed>,
    /// What is to be said where no fact about the occasion and no rule has changed.
    pub otherwise: Option<String>,
}

/// What was booked before.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The batch and the row's number in it; none of a payment that no batch made.
    pub row: Option<(BatchName, u32)>,
    /// The day of the freeze; of a payment outside the batches the day since when it is known.
    pub frozen_on: Day,
    /// The month it was paid in.
    pub payout: Month,
    /// Under which number payroll knew the person, and the code.
    pub anstid: Option<String>,
    /// As payroll knows the kind.
    pub lonart: String,
    /// Units and price, where told.
    pub units: Option<(rust_decimal::Decimal, rust_decimal::Decimal)>,
    /// The amount.
    pub belopp: crate::money::Ore,
    /// What Utbetalt says of a payment outside the batches.
    pub said: Option<String>,
}

/// One thing that has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Which fact and which of its fields, or which rule.
    pub what: String,
    /// As it was told or applied; none if it was not.
    pub before: Option<String>,
    /// As it is; none if it was taken back.
    pub after: Option<String>,
    /// The civil day on which it became known, or on which a rule was decided; none where that is not told.
    pub known_since: Option<Day>,
    /// Where it was read; empty if a command did it.
    pub place: Provenance,
    /// Why, where somebody has said so.
    pub because: Option<String>,
    /// The command and who gave it.
    pub by: Option<String>,
}

/// Looks up what stands behind the reversals of one batch.
pub struct Tracer {
    batches: Vec<(i64, Batch)>,
    interventions: Vec<Intervention>,
    /// Merges and links, and decisions that are about everybody.
    common: Vec<Revised>,
    /// Rows that payroll has refused.
    refused: HashSet<i64>,
    /// Who has such rows.
    refused_persons: HashSet<PersonId>,
    pins: HashMap<i64, Vec<Pin>>,
    facts_up_to: i64,
    pins_up_to: i64,
    because: Option<String>,
}

/// What is known of the persons whose rows are traced.
struct Known {
    revisions: Vec<Revised>,
    rows: Vec<StoredRow>,
}

/// One row with all that may bear on it.
struct Scene<'a> {
    row: &'a BatchRow,
    persons: Vec<PersonId>,
    meetings: Vec<MeetingId>,
    /// Earlier rows of the same occasion and kind, by their numbers in the database.
    alike: HashSet<i64>,
}

impl Tracer {
    /// Loads what is common to all rows of a batch, or of a month as a question asks for it.
    ///
    /// # Errors
    /// The database.
    pub async fn start(store: &mut impl Store, question: &Question, because: Option<String>) -> Result<Tracer, Fault> {
        let facts_up_to = question.facts_up_to;
        let batches = store.batches().await?.into_iter().map(|(id, batch, _)| (id, batch)).collect();
        let interventions = store.interventions().await?;
        let mut common = store.revisions_of_kinds(&["merge", "link", "beslut"], 0, facts_up_to).await?;
        common.retain(|revised| revised.about.1.is_none());
        let (mut refused, mut refused_persons) = (HashSet::new(), HashSet::new());
        for recorded in store.facts_of_kinds(&["utbetalt"], facts_up_to).await? {
            if let Fact::Utbetalt(paid) = recorded.fact
                && paid.status == Betalning::Avvisad
            {
                refused.extend(paid.row);
                refused_persons.insert(paid.person);
            }
        }
        let (pins, pins_up_to) = (HashMap::new(), question.pins_up_to);
        Ok(Tracer { batches, interventions, common, refused, refused_persons, pins, facts_up_to, pins_up_to, because })
    }

    /// What stands behind each row that takes something back, or that is booked anew since payroll refused it, by the
    /// row's place among the person's rows.
    ///
    /// # Errors
    /// The database.
    pub async fn of_rows(
        &mut self,
        store: &mut impl Store,
        calculation: &Calculation<'_>,
        person: PersonId,
        rows: &[BatchRow],
    ) -> Result<HashMap<usize, Trace>, Fault> {
        let persons = calculation.ids_of(person);
        let has_refused = persons.iter().any(|id| self.refused_persons.contains(id));
        let mut found = HashMap::new();
        if !has_refused && rows.iter().all(|row| row.reverses.is_none()) {
            return Ok(found);
        }
        let known = self.known(store, &persons, rows, calculation).await?;
        for (place, row) in rows.iter().enumerate() {
            let scene = scene(row, &persons, &known, calculation);
            let trace = match &row.reverses {
                Some(reversed) => Some(self.reversal(store, &scene, reversed, &known).await?),
                None if has_refused => self.rebooked(&scene, &known),
                None => None,
            };
            found.extend(trace.map(|trace| (place, trace)));
        }
        Ok(found)
    }

    async fn known(
        &self,
        store: &mut impl Store,
        persons: &[PersonId],
        rows: &[BatchRow],
        calculation: &Calculation<'_>,
    ) -> Result<Known, Fault> {
        let mut revisions = store.revisions_about(persons, &[], 0, self.facts_up_to).await?;
        let mut meetings: Vec<MeetingId> =
            rows.iter().flat_map(|row| meetings_of(row, &revisions, calculation)).collect();
        meetings.sort_unstable();
        meetings.dedup();
        let of_uppdrag = rows.iter().any(|row| matches!(row.occasion, Occasion::UppdragMonth(..)));
        if !meetings.is_empty() {
            revisions.extend(store.revisions_about(&[], &meetings, 0, self.facts_up_to).await?);
        }
        if of_uppdrag {
            // A handover splits the month: the other holder's days count too.
            let everybodys = store.revisions_of_kinds(&["uppdrag"], 0, self.facts_up_to).await?;
            let is_others = |revised: &Revised| revised.about.1.is_some_and(|person| !persons.contains(&person));
            revisions.extend(everybodys.into_iter().filter(is_others));
        }
        revisions.extend(self.common.iter().cloned());
        revisions.sort_by_key(|revised| revised.number);
        revisions.dedup_by_key(|revised| revised.number);
        Ok(Known { revisions, rows: store.rows_of_persons(persons).await? })
    }

    async fn reversal(
        &mut self,
        store: &mut impl Store,
        scene: &Scene<'_>,
        reversed: &Reversed,
        known: &Known,
    ) -> Result<Trace, Fault> {
        let (booked, after, batch) = match reversed {
            Reversed::Row(of) => {
                let row = known.rows.iter().find(|stored| stored.id == of.id).map(|stored| &stored.row);
                let batch = self.batches.iter().find(|(_, batch)| batch.name == of.batch);
                let after = batch.map_or(0, |(_, batch)| batch.facts_up_to);
                let booked = row.zip(batch).map(|(row, (_, batch))| of_row(row, batch));
                (booked, after, batch.map(|(id, _)| *id))
            }
            Reversed::Paid(key, _) => {
                let said = known.revisions.iter().rev().find(|revised| revised.key == *key && revised.fact.is_some());
                (said.and_then(elsewhere), said.map_or(0, |revised| revised.number), None)
            }
        };
        let since: Vec<&Revised> = known.revisions.iter().filter(|revised| revised.number > after).collect();
        let mut changed = self.told_of(since.iter().copied().filter(|revised| scene.is_concerned(revised)), scene);
        if let Some(batch) = batch {
            changed.extend(self.rules_since(store, batch, scene.row).await?);
        }
        let mut otherwise = None;
        if changed.is_empty() {
            otherwise = Some(match reversed {
                Reversed::Row(_) => self.otherwise(batch, known, scene),
                Reversed::Paid(..) => PAID_OTHERWISE.to_owned(),
            });
            let own = since.iter().copied().filter(|revised| scene.is_own(revised));
            changed = self.told_of(own, scene);
            if batch.is_some() && !changed.is_empty() {
                otherwise = Some(OTHER_FACTS.to_owned());
            }
        }
        Ok(Trace { booked, changed, otherwise })
    }

    /// A row that is booked anew since payroll has refused the one before.
    fn rebooked(&self, scene: &Scene<'_>, known: &Known) -> Option<Trace> {
        let is_refused = |id: &i64| scene.alike.contains(id) && self.refused.contains(id);
        let refused = known.rows.iter().rfind(|stored| is_refused(&stored.id))?;
        let (_, batch) = self.batches.iter().find(|(_, batch)| batch.name == refused.batch)?;
        let answers = known
            .revisions
            .iter()
            .filter(|revised| matches!(&revised.fact, Some(Fact::Utbetalt(paid)) if paid.row == Some(refused.id)));
        let changed = self.told_of(answers, scene);
        (!changed.is_empty()).then(|| Trace { booked: Some(of_row(&refused.row, batch)), changed, otherwise: None })
    }

    fn told_of<'r>(&self, revisions: impl Iterator<Item = &'r Revised>, scene: &Scene<'_>) -> Vec<Changed> {
        revisions.flat_map(|revised| self.told(revised, scene)).collect()
    }

    /// What a revision changed, field by field.
    fn told(&self, revised: &Revised, scene: &Scene<'_>) -> Vec<Changed> {
        let by = self.interventions.iter().find(|done| (done.first_fact..=done.last_fact).contains(&revised.number));
        let is_left_out = revised.fact.is_none() && !revised.source.file.is_empty();
        let not_listed = is_left_out.then(|| "saknas i den hela listan".to_owned());
        let because = revised.because.clone().or_else(|| by.map(|done| done.because.clone())).or(not_listed);
        let entry = |what: String, before: Option<String>, after: Option<String>| Changed {
            what,
            before,
            after,
            known_since: Some(day_of_instant(revised.known_at_ms)),
            place: revised.source.clone(),
            because: because.clone(),
            by: by.map(|done| format!("{} av {}", action_word(&done.action), done.actor)),
        };
        let Some(any) = revised.fact.as_ref().or(revised.before.as_ref()) else { return Vec::new() };
        let subject = subject(any, scene);
        match (&revised.before, &revised.fact) {
            (Some(before), Some(after)) => {
                let fields = differing(before, after).into_iter().filter(|(told, _)| is_telling(after, told));
                fields.map(|(was, is)| entry(format!("{subject}: {}", is.word), was.value, is.value)).collect()
            }
            (None, Some(after)) => vec![entry(subject, None, Some(all_of(after)))],
            (Some(before), None) => vec![entry(subject, Some(all_of(before)), None)],
            (None, None) => Vec::new(),
        }
    }

    /// What the rules of the row's month are since, where they were not the same when it was booked.
    async fn rules_since(&mut self, store: &mut impl Store, batch: i64, row: &BatchRow) -> Result<Vec<Changed>, Fault> {
        for up_to in [batch, self.pins_up_to] {
            if let Entry::Vacant(place) = self.pins.entry(up_to) {
                place.insert(store.pins(up_to).await?);
            }
        }
        let group = group_of(row.kind);
        let of = |up_to: i64| {
            let mut pins = self.pins.get(&up_to).into_iter().flatten();
            pins.find(|pin| pin.month == row.accrued_in && pin.group == group.name()).map(|pin| &pin.rules)
        };
        let parsed = |rules: Option<&String>| rules.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let (Some(old), Some(new)) = (parsed(of(batch)), parsed(of(self.pins_up_to))) else { return Ok(Vec::new()) };
        let mut changed = Vec::new();
        compare("", &old, &new, &mut |path, before, after| {
            if is_about(path, row.kind) {
                changed.push(rule_changed(path, before, after, self.because.clone()));
            }
        });
        Ok(changed)
    }

    fn otherwise(&self, batch: Option<i64>, known: &Known, scene: &Scene<'_>) -> String {
        let voided = self.batches.iter().filter(|(id, found)| {
            found.state == BatchState::Void && batch.is_some_and(|batch| *id > batch) && {
                let mut rows = known.rows.iter().filter(|stored| stored.batch == found.name);
                rows.any(|stored| scene.is_alike(&stored.row))
            }
        });
        let names: Vec<String> = voided.map(|(_, batch)| batch.name.to_string()).collect();
        if !names.is_empty() {
            return format!("{NOTHING_SINCE_VOID}{}", names.join(", "));
        }
        let left_out = known.rows.iter().rfind(|stored| stored.left_out && scene.is_alike(&stored.row));
        left_out.map_or_else(|| NOTHING.to_owned(), |stored| format!("{NOTHING_SINCE_LEFT_OUT}{}", stored.batch))
    }
}

const PAID_OTHERWISE: &str = "där betalades ett annat belopp än bestämmelserna ger; det rättas i sin helhet";
const OTHER_FACTS: &str = "ingen uppgift om tillfället har ändrats; raden följer av andra uppgifter om personen";
const NOTHING_SINCE_VOID: &str = "ingen uppgift och ingen regel har ändrats; det räknades om efter makulerad körning ";
const NOTHING_SINCE_LEFT_OUT: &str =
    "ingen uppgift och ingen regel har ändrats; det räknades om sedan ett blad utelämnats ur körning ";
const NOTHING: &str = "ingen uppgift om tillfället och ingen regel har ändrats; beloppet följer av personens andra rader \
                       (tak, eller ordningen mellan en dags möten)";

impl Scene<'_> {
    /// A revision that bears on the occasion itself.
    fn is_concerned(&self, revised: &Revised) -> bool {
        revised.fact.iter().chain(&revised.before).any(|fact| self.concerns(fact))
    }

    /// A revision about the person, whatever it says, but who they are and what is not pay.
    fn is_own(&self, revised: &Revised) -> bool {
        let is_pay = !matches!(revised.about.0.as_str(), "person" | "anstid" | "utbetalt");
        is_pay && revised.about.1.is_some_and(|person| self.persons.contains(&person))
    }

    fn concerns(&self, fact: &Fact) -> bool {
        let (row, kind) = (self.row, self.row.kind);
        let is_meeting = |meeting: MeetingId| self.meetings.contains(&meeting);
        let is_car = matches!(kind, LineKind::BilersattningSkattefri | LineKind::BilersattningSkattepliktig);
        let is_within = |from: Option<Day>, to: Option<Day>| {
            let (first, last) = match row.occasion {
                Occasion::UppdragMonth(_, month) => (month.first(), month.last()),
                _ => (row.day, row.day),
            };
            from.is_none_or(|from| from <= last) && to.is_none_or(|to| first <= to)
        };
        match fact {
            Fact::Meeting(meeting) => is_meeting(meeting.meeting),
            Fact::Attendance(attendance) => is_meeting(attendance.meeting),
            Fact::Claim(claim) => {
                row.occasion == Occasion::Claim(claim.claim)
                    || (matches!(row.occasion, Occasion::Claim(_))
                        && is_meeting(claim.meeting)
                        && self.persons.contains(&claim.person))
            }
            Fact::Uppdrag(uppdrag) => match row.occasion {
                Occasion::UppdragMonth(of, _) => {
                    of == uppdrag.uppdrag || (self.is_same_seat(uppdrag) && is_within(Some(uppdrag.from), uppdrag.to))
                }
                _ => self.persons.contains(&uppdrag.person) && is_within(Some(uppdrag.from), uppdrag.to),
            },
            Fact::Absence(absence) => match row.occasion {
                Occasion::UppdragMonth(..) | Occasion::Absence(_) => is_within(Some(absence.from), absence.to),
                _ => false,
            },
            Fact::Income(income) => {
                matches!(kind.paragraph(), "§ 3" | "§ 4" | "§ 5") && is_within(income.from, income.to)
            }
            Fact::Distance(_) | Fact::Person(_) => is_car,
            Fact::Jour(jour) => match &row.occasion {
                Occasion::Jour(organ, day) => jour.organ == *organ && (jour.from..=jour.to).contains(day),
                _ => false,
            },
            Fact::Beslut(beslut) => {
                beslut.meeting.map_or_else(|| is_within(beslut.from, beslut.to), is_meeting)
                    && beslut.person.is_none_or(|person| self.persons.contains(&person))
            }
            Fact::Avstaende(waiver) => is_within(Some(waiver.from), waiver.to),
            Fact::Utbetalt(paid) => match paid.row {
                Some(row) => self.alike.contains(&row),
                None => {
                    paid.kinds.contains(&kind)
                        && (paid.meeting.is_some_and(is_meeting) || paid.day.is_none_or(|day| day == row.day))
                }
            },
            Fact::Merge(merge) => self.persons.contains(&merge.from) || self.persons.contains(&merge.into),
            Fact::Link(link) => is_meeting(link.from) || is_meeting(link.into),
            Fact::SourceMeeting(link) => is_meeting(link.meeting),
            Fact::Disagreement(found) => is_meeting(found.meeting) && self.persons.contains(&found.person),
            Fact::Anstid(_)
            | Fact::Closing(_)
            | Fact::SwitchOver(_)
            | Fact::SourceRecord(_)
            | Fact::SourcePerson(_) => false,
        }
    }

    /// Of another person's uppdrag only the same seat's; of the person's own all, since their grades add up.
    fn is_same_seat(&self, uppdrag: &crate::domain::Uppdrag) -> bool {
        self.persons.contains(&uppdrag.person) || (uppdrag.nyckel.is_some() && uppdrag.organ == self.row.organ)
    }

    fn is_alike(&self, other: &BatchRow) -> bool {
        other.kind == self.row.kind && other.occasion == self.row.occasion
    }
}

/// A row with its meetings, and what was booked for the same before.
fn scene<'a>(row: &'a BatchRow, persons: &[PersonId], known: &Known, calculation: &Calculation<'_>) -> Scene<'a> {
    let meetings = meetings_of(row, &known.revisions, calculation);
    let mut scene = Scene { row, persons: persons.to_vec(), meetings, alike: HashSet::new() };
    let alike = known.rows.iter().filter(|stored| scene.is_alike(&stored.row)).map(|stored| stored.id).collect();
    scene.alike = alike;
    scene
}

/// The ids of the meeting that a row is paid for.
fn meetings_of(row: &BatchRow, revisions: &[Revised], calculation: &Calculation<'_>) -> Vec<MeetingId> {
    let of_claim = |wanted| {
        let facts = revisions.iter().rev().flat_map(|revised| revised.fact.iter().chain(&revised.before));
        facts.into_iter().find_map(|fact| match fact {
            Fact::Claim(claim) if claim.claim == wanted => Some(claim.meeting),
            _ => None,
        })
    };
    let meeting = match &row.occasion {
        Occasion::Meeting(meeting) => Some(*meeting),
        Occasion::Claim(claim) => of_claim(*claim),
        _ => None,
    };
    meeting.map(|meeting| calculation.meeting_ids_of(meeting)).unwrap_or_default()
}

fn of_row(row: &BatchRow, batch: &Batch) -> Earlier {
    Earlier {
        row: Some((batch.name, row.postid)),
        frozen_on: batch.frozen_on,
        payout: batch.name.payout,
        anstid: Some(row.anstid.to_string()),
        lonart: row.lonkod.as_ref().unwrap_or(&row.lonart).to_string(),
        units: Some((row.antal, row.apris)),
        belopp: row.belopp,
        said: None,
    }
}

/// A payment outside the batches, in the words of Utbetalt.
fn elsewhere(revised: &Revised) -> Option<Earlier> {
    let Some(Fact::Utbetalt(paid)) = &revised.fact else { return None };
    Some(Earlier {
        row: None,
        frozen_on: day_of_instant(revised.known_at_ms),
        payout: paid.payout,
        anstid: paid.anstid.clone(),
        lonart: paid.lonart.clone(),
        units: paid.antal.zip(paid.apris),
        belopp: paid.belopp,
        said: revised.fact.as_ref().map(sentence),
    })
}

/// What a fact is about, in words.
fn subject(fact: &Fact, scene: &Scene<'_>) -> String {
    let word = kind_word(fact);
    match fact {
        Fact::Claim(claim) => format!("{word} om {}", claim.slag.word()),
        Fact::Uppdrag(uppdrag) if scene.persons.contains(&uppdrag.person) => {
            format!("{word} {} i {}", uppdrag.roll, uppdrag.organ)
        }
        Fact::Uppdrag(uppdrag) => format!("en annan innehavares {word} {} i {}", uppdrag.roll, uppdrag.organ),
        Fact::Beslut(beslut) => format!("{word} {}", beslut.diarienummer),
        _ => word.to_owned(),
    }
}

/// Of a row of Personer only what pay depends on: who somebody is belongs in no explanation.
fn is_telling(fact: &Fact, told: &Told) -> bool {
    !matches!(fact, Fact::Person(_)) || matches!(told.field, "tjanstestalle_hemmet" | "kl_4_13" | "from" | "to")
}

fn all_of(fact: &Fact) -> String {
    let parts = told(fact).into_iter().filter(|one| is_telling(fact, one));
    let parts: Vec<String> = parts.filter_map(|one| Some(format!("{} {}", one.word, one.value?))).collect();
    if parts.is_empty() { "ja".to_owned() } else { parts.join(", ") }
}

/// Takes a rule's name with its value before and after.
type Found<'f> = dyn FnMut(&str, Option<&Value>, Option<&Value>) + 'f;

/// Walks two sets of rules and hands on each dated value that only one of them has, under its name.
fn compare(path: &str, old: &Value, new: &Value, found: &mut Found<'_>) {
    match (old, new) {
        _ if old == new => {}
        (Value::Object(was), Value::Object(is)) if !was.contains_key("decided_on") => {
            let mut keys: Vec<&String> = was.keys().chain(is.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&below, was.get(key).unwrap_or(&Value::Null), is.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(was), Value::Array(is)) => {
            let only = |these: &[Value], those: &[Value]| -> Vec<Value> {
                these.iter().filter(|one| !those.contains(one)).cloned().collect()
            };
            let (was, is) = (only(was, is), only(is, was));
            for place in 0..was.len().max(is.len()) {
                found(path, was.get(place), is.get(place));
            }
        }
        _ => found(path, Some(old).filter(|old| !old.is_null()), Some(new).filter(|new| !new.is_null())),
    }
}

/// Whether a rule may bear on a kind of line: the chain and the readings on all, the rest on its own paragraphs.
fn is_about(path: &str, kind: LineKind) -> bool {
    let is_monthly = group_of(kind) == Group::Monthly;
    let is_claimed = !is_monthly && !matches!(kind.paragraph(), "§ 8" | "§ 9");
    match path.split('.').next().unwrap_or_default() {
        "uppdrag" | "arvode_rounding" => is_monthly,
        "sammantrade" | "samma_dag" | "kurs_minutes" => matches!(kind.paragraph(), "§ 8" | "§ 9") && !is_monthly,
        "tak" => !is_claimed,
        "forlorad" => matches!(kind.paragraph(), "§ 3" | "§ 4" | "§ 5"),
        "bilersattning" => kind.paragraph() == "§ 11",
        "ersattningar" | "tidsfrist_years" => is_claimed,
        _ => true,
    }
}

fn rule_changed(path: &str, before: Option<&Value>, after: Option<&Value>, because: Option<String>) -> Changed {
    let text = |value: Option<&Value>, key: &str| value.and_then(|value| value[key].as_str()).map(str::to_owned);
    let written = |value: Option<&Value>| value.map(rule_text);
    let decided = text(after, "decided_on").or_else(|| text(before, "decided_on")).and_then(|day| day.parse().ok());
    Changed {
        what: format!("regeln {path}"),
        before: written(before),
        after: written(after),
        known_since: decided,
        place: Provenance::default(),
        because,
        by: None,
    }
}

/// `83000 från 2026-01-01, beslutat 2026-03-06 (lag 2026:1)`.
fn rule_text(dated: &Value) -> String {
    let text = |key: &str| dated[key].as_str().filter(|text| !text.is_empty());
    let value = if dated.get("decided_on").is_some() { &dated["value"] } else { dated };
    let mut written = plain(value);
    for (word, key) in [(" från ", "from"), (", beslutat ", "decided_on")] {
        written += &text(key).map(|text| format!("{word}{text}")).unwrap_or_default();
    }
    written + &text("reference").map(|text| format!(" ({text})")).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('.', ","),
        Value::Object(fields) => {
            let told = fields.iter().filter(|(_, value)| !value.is_null());
            let parts: Vec<String> = told.map(|(name, value)| format!("{name} {}", plain(value))).collect();
            parts.join(", ")
        }
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// The rows of a person's result that were booked anew for what a row takes back.
pub fn booked_anew<'a>(reversal: &'a BatchRow, rows: &'a [BatchRow]) -> impl Iterator<Item = &'a BatchRow> {
    let is_new =
        move |row: &&BatchRow| row.reverses.is_none() && row.kind == reversal.kind && row.occasion == reversal.occasion;
    rows.iter().filter(is_new)
}
