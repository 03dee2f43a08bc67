//! All that is stored about one person, for a registerutdrag (GDPR art. 15).

use std::collections::BTreeSet;

use super::wholly::wholly;
use crate::attest::{Forteckning, Official, PersonData, ids_of};
use crate::domain::words::told;
use crate::domain::{Content, Fact, Fault, PersonId, SourceRecord};
use crate::ledger::{Batch, BatchName};
use crate::ports::{Attest, Clock, Intervention, LetterHead, Receiver, Revised, Store, StoredRemark, StoredRow};
use crate::register::{PersonRegister, Veil};

/// Who is asked about.
pub struct Whom<'a> {
    /// Every id that stands for them, their own first.
    pub ids: Vec<PersonId>,
    /// Everybody known.
    pub persons: &'a PersonRegister,
    /// Hides the person alone: a text that it changes names them.
    pub names: &'a Veil,
}

/// What is stored.
pub struct Stored {
    /// Every revision of every fact about them, also of merges.
    pub facts: Vec<Revised>,
    /// Facts about others, meetings or everybody that name them.
    pub mentions: Vec<Mention>,
    /// Every row of every batch.
    pub rows: Vec<(StoredRow, Batch)>,
    /// Stored remarks about them, or that name them.
    pub remarks: Vec<StoredRemark>,
    /// What persons did to their facts by a command.
    pub interventions: Vec<Intervention>,
    /// Their entries in the attestförteckning.
    pub officials: Vec<Official>,
    /// Their signatures.
    pub signatures: Vec<(BatchName, Attest)>,
    /// Letters to them, as persons and as officials.
    pub letters: Vec<LetterHead>,
}

/// A revision of a fact about somebody or something else that names the person.
pub struct Mention {
    /// The word of the field that does.
    pub field: &'static str,
    /// The revision.
    pub revised: Revised,
}

/// Gathers it, and notes in the audit chain that it was asked for: reading all about somebody is an act of its own.
///
/// # Errors
/// The database.
pub async fn disclose(
    store: &mut impl Store,
    clock: &impl Clock,
    list: &Forteckning,
    whom: &Whom<'_>,
) -> Result<Stored, Fault> {
    note(store, clock, whom).await?;
    let last = store.last_fact().await?;
    let mut facts = store.revisions_about(&whom.ids, &[], 0, last).await?;
    let merges = store.revisions_of_kinds(&["merge"], 0, last).await?;
    facts.extend(merges.into_iter().filter(|revised| is_merge_of(revised, &whom.ids)));
    facts.sort_by_key(|revised| revised.number);
    let batches = store.batches().await?;
    let batch_of = |stored: StoredRow| {
        let batch = batches.iter().find(|(_, batch, _)| batch.name == stored.batch);
        batch.map(|(_, batch, _)| (stored, batch.clone()))
    };
    let rows = store.rows_of_persons(&whom.ids).await?.into_iter().filter_map(batch_of).collect();
    let mut remarks = store.remarks(None).await?;
    remarks.retain(|stored| whom.is_meant(stored));
    let mut interventions = store.interventions().await?;
    interventions
        .retain(|done| facts.iter().any(|revised| (done.first_fact..=done.last_fact).contains(&revised.number)));
    let officials = officials(list, whom, &facts);
    let mut signatures = Vec::new();
    if !officials.is_empty() {
        for (id, batch, _) in &batches {
            let own = store.attests(*id).await?.into_iter();
            let own = own.filter(|attest| officials.iter().any(|official| official.id == attest.official));
            signatures.extend(own.map(|attest| (batch.name, attest)));
        }
    }
    let mut mentions = mentions(store, whom, last).await?;
    mentions.extend(of_diaries(store, whom, &facts, last).await?);
    let letters = letters(store, whom, &officials).await?;
    Ok(Stored { facts, mentions, rows, remarks, interventions, officials, signatures, letters })
}

async fn letters(store: &mut impl Store, whom: &Whom<'_>, officials: &[Official]) -> Result<Vec<LetterHead>, Fault> {
    let persons = whom.ids.iter().map(|person| Receiver::Person(*person));
    let ids: BTreeSet<&str> = officials.iter().map(|official| official.id.as_str()).collect();
    let mut found = Vec::new();
    for receiver in persons.chain(ids.into_iter().map(|id| Receiver::Official(id.to_owned()))) {
        found.extend(store.letters_to(&receiver).await?);
    }
    found.sort_by_key(|head| head.id);
    Ok(found)
}

async fn note(store: &mut impl Store, clock: &impl Clock, whom: &Whom<'_>) -> Result<(), Fault> {
    let id = whom.ids.first().map_or(0, |person| person.0);
    let detail = format!("person {id}");
    wholly(store, async |store| store.audit("disclose", &detail, clock.now_ms()).await.map(drop)).await
}

fn is_merge_of(revised: &Revised, ids: &[PersonId]) -> bool {
    revised.fact.iter().chain(&revised.before).any(|fact| match fact {
        Fact::Merge(merge) => ids.contains(&merge.from) || ids.contains(&merge.into),
        _ => false,
    })
}

/// What is told elsewhere in words that name the person: for whom an ersättare serves, who called a meeting, a decision.
async fn mentions(store: &mut impl Store, whom: &Whom<'_>, last: i64) -> Result<Vec<Mention>, Fault> {
    let mut found = Vec::new();
    for revised in store.revisions_of_kinds(&["attendance", "meeting", "beslut", "claim"], 0, last).await? {
        let Some(fact) = &revised.fact else { continue };
        if revised.about.1.is_some_and(|person| whom.ids.contains(&person)) {
            continue;
        }
        let naming = told(fact).into_iter().find(|one| one.value.as_ref().is_some_and(|text| whom.is_named_in(text)));
        found.extend(naming.map(|field| Mention { field: field.word, revised }));
    }
    Ok(found)
}

/// What the diaries tell of the person, under the ids that a clerk has confirmed or by name.
async fn of_diaries(
    store: &mut impl Store,
    whom: &Whom<'_>,
    facts: &[Revised],
    last: i64,
) -> Result<Vec<Mention>, Fault> {
    let confirmed: BTreeSet<(&str, &str)> = facts
        .iter()
        .filter_map(|revised| match &revised.fact {
            Some(Fact::SourcePerson(link)) => Some((link.source.as_str(), link.id.as_str())),
            _ => None,
        })
        .collect();
    let mut found = store.revisions_of_kinds(&["source_record"], 0, last).await?;
    found.retain(|revised| match &revised.fact {
        Some(Fact::SourceRecord(record)) => is_told_of(whom, &confirmed, record),
        _ => false,
    });
    Ok(found.into_iter().map(|revised| Mention { field: "uppgift", revised }).collect())
}

fn is_told_of(whom: &Whom<'_>, confirmed: &BTreeSet<(&str, &str)>, record: &SourceRecord) -> bool {
    let is_confirmed = |id: &str| confirmed.contains(&(record.source.as_str(), id));
    let is_named = |name: &Option<String>| name.as_deref().is_some_and(|name| whom.is_named_in(name));
    match &record.content {
        Some(Content::Person(person)) => is_confirmed(&record.id) || whom.is_named_in(&person.name),
        Some(Content::Membership(membership)) => is_confirmed(&membership.person),
        Some(Content::Meeting(meeting)) => meeting.participants.iter().flatten().any(|participant| {
            participant.person.as_deref().is_some_and(is_confirmed)
                || is_named(&participant.name)
                || is_named(&participant.ersatter)
        }),
        Some(Content::Organization(_)) | None => false,
    }
}

impl Whom<'_> {
    fn is_named_in(&self, text: &str) -> bool {
        self.names.text(text) != text
    }

    /// A remark under one of the person's numbers, or whose row or words name them.
    fn is_meant(&self, stored: &StoredRemark) -> bool {
        let own = self.ids.iter().flat_map(|person| self.persons.anstids(*person));
        let is_numbered = own.into_iter().any(|anstid| stored.anstid.as_deref() == Some(&anstid));
        let remark = &stored.remark;
        is_numbered || [&stored.subject, &remark.reason, &remark.proposed].iter().any(|text| self.is_named_in(text))
    }
}

/// The person's entries in the attestförteckning, by every name, number and address that they have had.
fn officials(list: &Forteckning, whom: &Whom<'_>, facts: &[Revised]) -> Vec<Official> {
    let anstids: Vec<String> = whom.ids.iter().flat_map(|person| whom.persons.anstids(*person)).collect();
    let listed = list.officials.iter().filter_map(|official| official.anstid.as_deref());
    let known: BTreeSet<&str> = listed.filter(|anstid| whom.persons.with_anstid(anstid).is_some()).collect();
    let mut ids: Vec<String> = Vec::new();
    for revised in facts {
        let Some(Fact::Person(row)) = &revised.fact else { continue };
        let namn = format!("{} {}", row.fornamn, row.efternamn);
        let data = PersonData { person: row.person, anstids: anstids.clone(), epost: row.epost.clone(), namn };
        ids.extend(ids_of(&data, &list.officials, &known));
    }
    list.officials.iter().filter(|official| ids.contains(&official.id)).cloned().collect()
}
