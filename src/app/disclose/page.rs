//! How a registerutdrag looks: what art. 15 asks for, then everything that is stored, in the order in which it came.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::outbox::{kind_word as kind_word_of_letter, state_word};
use crate::app::show::{place, price, remark_json, row_json};
use crate::calendar::{Day, day_of_instant, instant_text};
use crate::domain::words::{kind_word, sentence, told};
use crate::domain::{Fact, Meeting, MeetingId, PersonId};
use crate::jobs::by_hand::action_word;
use crate::jobs::disclose_person::Stored;
use crate::jobs::explained::comma;
use crate::jobs::remark_list::Shown;
use crate::ledger::{Batch, BatchState, Settled};
use crate::money::swedish;
use crate::ports::{LetterHead, Revised, StoredRow};

/// What art. 15.1 a–h asks for, as heading and text.
const ABOUT: [(&str, &str, &str); 8] = [
    (
        "purposes",
        "Ändamål",
        "att räkna ut, attestera, betala och följa upp ersättning till förtroendevalda enligt kommunens bestämmelser",
    ),
    (
        "legal_ground",
        "Rättslig grund",
        "rättslig förpliktelse och uppgift av allmänt intresse (artikel 6.1 c och e; kommunallagen 4 kap. om ekonomiska \
         förmåner, lagen om kommunal bokföring och redovisning, skatteförfarandelagen). Uppgiften att någon omfattas av \
         kommunallagen 4 kap. 13 § behandlas bara för den rätt som den ger (artikel 9.2 b). Skäl som rör hälsa sparas inte",
    ),
    (
        "categories",
        "Kategorier av uppgifter",
        "namn, personnummer, e-post, anställningsnummer, avstånd till hemmet, uppdrag, närvaro, yrkanden, \
         inkomstuppgifter, frånvaro utan orsak, jour, beslut, avståenden, utbetalningar, anmärkningar, attester och brev",
    ),
    (
        "receivers",
        "Mottagare",
        "kommunens lönesystem (lönefilen), de tjänstemän som granskar och beslutar, och den som har rätt till allmänna \
         handlingar i den mån uppgifterna inte är sekretessbelagda. Ingenting lämnas till tredje land",
    ),
    (
        "kept",
        "Hur länge",
        "tills de gallras enligt kommunens dokumenthanteringsplan, aldrig före den tid som gäller för räkenskapsinformation, \
         och bara för stängda månader",
    ),
    (
        "rights",
        "Rättigheter",
        "att få felaktiga uppgifter rättade (artikel 16), att i vissa fall få dem raderade eller behandlingen begränsad \
         (artikel 17 och 18) och att göra invändningar (artikel 21); vänd dig till kommunen",
    ),
    ("complaint", "Klagomål", "till Integritetsskyddsmyndigheten (artikel 77)"),
    (
        "automated",
        "Automatiserade beslut",
        "beloppen räknas ut enligt bestämmelserna och attesteras av två tjänstemän; avslag och återkrav beslutas alltid av en \
         människa. Hur varje rad har räknats visar arvodesbeskedet",
    ),
];

/// One person's utdrag.
pub(super) struct Page<'a> {
    pub kommun: &'a str,
    pub organisationsnummer: &'a str,
    pub today: Day,
    pub who: PersonId,
    pub anstids: Vec<String>,
    pub meetings: &'a HashMap<MeetingId, Arc<Meeting>>,
    pub stored: &'a Stored,
    /// What the law finds today.
    pub waiting: &'a [Shown],
    pub is_protected: bool,
}

impl Page<'_> {
    /// As data that another program can read (art. 20).
    pub(super) fn json(&self) -> Value {
        let about = ABOUT.iter().map(|(key, _, text)| ((*key).to_owned(), json!(text)));
        let mut about: serde_json::Map<String, Value> = about.collect();
        about.insert("controller".to_owned(), json!(self.kommun));
        about.insert("organisationsnummer".to_owned(), json!(self.organisationsnummer));
        about.insert("sources".to_owned(), json!(self.sources()));
        let stored = self.stored;
        let remarks =
            stored.remarks.iter().map(|one| remark_json(&format!("r{}", one.id), one.anstid.as_deref(), &one.remark));
        let found = self.waiting.iter().map(|one| remark_json(&one.id, one.anstid.as_deref(), &one.remark));
        json!({
            "made_on": self.today.to_string(),
            "person": { "id": self.who.0, "name": self.name(), "anstid": self.anstids, "protected": self.is_protected },
            "about": about,
            "facts": stored.facts.iter().map(|revised| self.fact_json(revised)).collect::<Vec<_>>(),
            "rows": stored.rows.iter().map(|(of, batch)| stored_row_json(of, batch)).collect::<Vec<_>>(),
            "remarks": remarks.chain(found).collect::<Vec<_>>(),
            "mentions": stored.mentions.iter().map(|mention| {
                let mut object = self.fact_json(&mention.revised);
                object["field"] = json!(mention.field);
                object
            }).collect::<Vec<_>>(),
            "interventions": stored.interventions.iter().map(|done| json!({
                "at": instant_text(done.at_ms), "action": done.action, "detail": done.detail,
                "because": done.because, "actor": done.actor, "undoes": done.undoes,
            })).collect::<Vec<_>>(),
            "officials": stored.officials.iter().map(|one| json!({
                "id": one.id, "name": one.name, "email": one.email, "roles": one.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
                "from": one.from.to_string(), "to": one.to.map(|to| to.to_string()), "decision": one.decision,
            })).collect::<Vec<_>>(),
            "signatures": stored.signatures.iter().map(|(batch, attest)| json!({
                "batch": batch, "sheet": attest.sheet, "role": attest.role, "as": attest.official, "at": instant_text(attest.signed_at_ms),
            })).collect::<Vec<_>>(),
            "letters": stored.letters.iter().map(|head| json!({
                "letter": head.id, "kind": head.kind.name(), "subject": head.subject, "address": head.address,
                "written": instant_text(head.created_ms), "state": head.progress.state.name(),
                "ended": head.progress.ended_ms.map(instant_text),
            })).collect::<Vec<_>>(),
        })
    }

    /// As a person reads it.
    pub(super) fn text(&self) -> String {
        let mut out = format!("Registerutdrag enligt artikel 15 i dataskyddsförordningen\n{}\n\n", self.today);
        let _ = writeln!(out, "{}, anställningsnummer {}", self.name(), self.anstids.join(", "));
        let _ = writeln!(out, "Personuppgiftsansvarig: {} ({})\n", self.kommun, self.organisationsnummer);
        for (_, heading, text) in ABOUT {
            let _ = writeln!(out, "{heading}: {text}.");
        }
        let _ = writeln!(out, "Källor: {}.", self.sources().into_iter().collect::<Vec<_>>().join("; "));
        let stored = self.stored;
        section(&mut out, "Uppgifter", stored.facts.iter().map(|revised| self.fact_text(revised)));
        section(&mut out, "Rader i lönekörningar", stored.rows.iter().map(|(of, batch)| row_text(of, batch)));
        let remarks = stored.remarks.iter().map(|one| (&one.remark, format!("r{}", one.id)));
        let remarks = remarks.chain(self.waiting.iter().map(|one| (&one.remark, one.id.clone())));
        section(
            &mut out,
            "Anmärkningar",
            remarks.map(|(remark, id)| {
                let day = remark.day.map(|day| format!("{day} ")).unwrap_or_default();
                let rests_on = [remark.paragraph.to_owned(), place(&remark.place)];
                let rests_on: Vec<String> = rests_on.into_iter().filter(|text| !text.is_empty()).collect();
                format!("{id}: {day}{}   [{}]", remark.reason, rests_on.join("; "))
            }),
        );
        section(
            &mut out,
            "Nämnd i andra uppgifter",
            stored.mentions.iter().map(|mention| format!("{}, i {}", self.fact_text(&mention.revised), mention.field)),
        );
        section(
            &mut out,
            "Åtgärder för hand",
            stored.interventions.iter().map(|done| {
                format!(
                    "{} {} {}: {} ({})",
                    instant_text(done.at_ms),
                    action_word(&done.action),
                    done.detail,
                    done.because,
                    done.actor
                )
            }),
        );
        section(
            &mut out,
            "I attestförteckningen",
            stored
                .officials
                .iter()
                .map(|one| format!("{} {} {} från {}, {}", one.id, one.name, one.email, one.from, one.decision)),
        );
        section(
            &mut out,
            "Attester",
            stored.signatures.iter().map(|(batch, attest)| {
                format!("{batch} blad {}: {}sattest {}", attest.sheet, attest.role, instant_text(attest.signed_at_ms))
            }),
        );
        section(&mut out, "Brev", stored.letters.iter().map(letter_text));
        out
    }

    /// The person's latest name.
    fn name(&self) -> String {
        let latest = self.stored.facts.iter().rev().find_map(|revised| match &revised.fact {
            Some(Fact::Person(row)) => Some(format!("{} {}", row.fornamn, row.efternamn)),
            _ => None,
        });
        latest.unwrap_or_default()
    }

    /// The files that the facts were read from.
    fn sources(&self) -> BTreeSet<String> {
        let files = self.stored.facts.iter().map(|revised| revised.source.file.to_string());
        files.filter(|file| !file.is_empty()).collect()
    }

    fn fact_json(&self, revised: &Revised) -> Value {
        let of = revised.fact.as_ref().or(revised.before.as_ref());
        let fields = of.map(told).unwrap_or_default().into_iter();
        let fields: Vec<Value> =
            fields.filter_map(|one| Some(json!({ "field": one.word, "value": one.value? }))).collect();
        json!({
            "kind": revised.about.0,
            "what": of.map(kind_word),
            "of": of.and_then(|fact| self.meeting_of(fact)),
            "state": state(revised),
            "fields": fields,
            "known_since": day_of_instant(revised.known_at_ms).to_string(),
            "file": &*revised.source.file,
            "sheet": &*revised.source.sheet,
            "row": revised.source.row,
            "because": revised.because,
        })
    }

    fn fact_text(&self, revised: &Revised) -> String {
        let of = revised.fact.as_ref().or(revised.before.as_ref());
        let (what, says) = of.map(|fact| (kind_word(fact), sentence(fact))).unwrap_or_default();
        let meeting = of.and_then(|fact| self.meeting_of(fact)).map(|text| format!(" {text}")).unwrap_or_default();
        let because = revised.because.as_ref().map(|because| format!("; skäl: {because}")).unwrap_or_default();
        let (since, read) = (day_of_instant(revised.known_at_ms), place(&revised.source));
        let read = if read.is_empty() { read } else { format!("; {read}") };
        format!("{what}{meeting}: {says}   [{}; känt sedan {since}{read}{because}]", state(revised))
    }

    fn meeting_of(&self, fact: &Fact) -> Option<String> {
        let id = match fact {
            Fact::Attendance(attendance) => attendance.meeting,
            Fact::Claim(claim) => claim.meeting,
            Fact::Beslut(beslut) => beslut.meeting?,
            Fact::Utbetalt(paid) => paid.meeting?,
            _ => return None,
        };
        self.meetings.get(&id).map(|meeting| format!("{} {}", meeting.organ, meeting.day))
    }
}

/// What a letter says can be read with `arvode outbox show`.
fn letter_text(head: &LetterHead) -> String {
    let (kind, state) = (kind_word_of_letter(head.kind), state_word(head.progress.state));
    let subject = if head.subject.is_empty() { "innehållet är gallrat" } else { &head.subject };
    let ended = head.progress.ended_ms.map(|at| format!(" {}", instant_text(at))).unwrap_or_default();
    let to = head.address.as_ref().map(|address| format!(" till {address}")).unwrap_or_default();
    format!("brev {} {}: {kind}, {subject}{to}; {state}{ended}", head.id, instant_text(head.created_ms))
}

fn section(out: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    let _ = writeln!(out, "\n{heading} ({})", lines.len());
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}

fn state(revised: &Revised) -> &'static str {
    match (&revised.fact, revised.superseded_by) {
        (None, _) => "återtagen",
        (Some(_), Some(_)) => "ersatt av en senare uppgift",
        (Some(_), None) => "gäller",
    }
}

fn batch_state(state: BatchState) -> &'static str {
    match state {
        BatchState::Calculated => "fryst, väntar på attest",
        BatchState::Exporting | BatchState::Exported | BatchState::Delivering => "på väg till lönesystemet",
        BatchState::Delivered => "lämnad till lönesystemet",
        BatchState::Void => "makulerad",
    }
}

/// How far a row's batch has come; a row that was left out of it went no further.
fn row_state(of: &StoredRow, batch: &Batch) -> &'static str {
    if of.left_out { "utelämnad, bladet attesterades inte i tid" } else { batch_state(batch.state) }
}

fn settled(of: &StoredRow) -> String {
    let row = &of.row;
    match &row.settled {
        Settled::ByPayroll if of.left_out => "att betala med en senare körning".to_owned(),
        Settled::ByPayroll if row.postid == 0 => "väntar på beslut".to_owned(),
        Settled::ByPayroll => "betalas genom lönesystemet".to_owned(),
        Settled::Aterkrav(decision) => format!("återkrävs enligt {decision}"),
        Settled::Kvittning(decision) => format!("kvittas enligt {decision}"),
        Settled::Eftergift(decision) => format!("efterges enligt {decision}"),
    }
}

fn stored_row_json(of: &StoredRow, batch: &Batch) -> Value {
    let row = &of.row;
    let mut object = row_json(row);
    object["batch"] = json!(batch.name);
    object["frozen_on"] = json!(batch.frozen_on.to_string());
    object["state"] = json!(row_state(of, batch));
    object["settled"] = json!(settled(of));
    object["what"] = json!(row.kind.word());
    object["organ"] = json!(row.organ);
    object["konto"] = json!(row.konto);
    object
}

fn row_text(of: &StoredRow, batch: &Batch) -> String {
    let row = &of.row;
    let (antal, apris) = (comma(&row.antal.normalize().to_string()), comma(&price(row.apris)));
    let reverses = row.reverses.as_ref().map(|row| format!(", rättar {row}")).unwrap_or_default();
    let number = if row.postid == 0 { String::new() } else { format!(" rad {}", row.postid) };
    let (kind, organ, day, belopp) = (row.kind.word(), &row.organ, row.day, swedish(row.belopp));
    let (name, state, settled) = (batch.name, row_state(of, batch), settled(of));
    format!("{name}{number} ({state}): {day} {organ} {kind} {antal} x {apris} = {belopp}{reverses}; {settled}")
}
