//! The attestförteckning has changed: to everybody who is on it, and to everybody who was; to the kansli too where sheets
//! wait that nobody can sign any more.
//!
//! What was told last is kept, so that the letter can say what was before. The first list that is ever seen tells nobody.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Events, listed};
use crate::attest::{Forteckning, Official, OfficialKind, Role};
use crate::domain::Fault;
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ledger::{BatchKind, BatchName, BatchState};
use crate::money::{Ore, swedish};
use crate::ports::{Addresses, LetterKind, Office, Press, Receiver, Store, ToldList};

/// An entry as it was told: what a reader can compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    id: String,
    name: String,
    email: String,
    /// Where letters went when the entry was told; none if the e-mail address could not be used.
    address: Option<String>,
    key: String,
    roles: Vec<String>,
    /// None for all.
    ansvar: Option<BTreeSet<String>>,
    max_ore: i64,
    from: String,
    to: Option<String>,
    is_deputy: bool,
    decision: String,
}

impl Entry {
    fn of(official: &Official, addresses: &Addresses) -> Entry {
        Entry {
            address: addresses.officials.get(&official.id).cloned(),
            id: official.id.clone(),
            name: official.name.clone(),
            email: official.email.clone(),
            key: official.key.fingerprint(),
            roles: official.roles.iter().copied().map(Role::name).map(str::to_owned).collect(),
            ansvar: official.ansvar.clone(),
            max_ore: official.max_belopp.0,
            from: official.from.to_string(),
            to: official.to.map(|day| day.to_string()),
            is_deputy: official.kind == OfficialKind::Ersattare,
            decision: official.decision.clone(),
        }
    }

    /// Each thing that may change, by the word for it.
    fn facts(&self) -> [(&'static str, String); 10] {
        let ansvar = self.ansvar.as_ref().map_or_else(|| "alla".to_owned(), listed);
        let to = self.to.clone().unwrap_or_else(|| "tills vidare".to_owned());
        [
            ("namn", self.name.clone()),
            ("e-postadress", self.email.clone()),
            ("nyckel", self.key.clone()),
            ("roller", listed(&self.roles)),
            ("ansvar", ansvar),
            ("högsta belopp", swedish(Ore(self.max_ore))),
            ("från och med", self.from.clone()),
            ("till och med", to),
            ("slag", if self.is_deputy { "ersättare" } else { "ordinarie" }.to_owned()),
            ("beslut", self.decision.clone()),
        ]
    }

    fn json(&self) -> Value {
        let facts: BTreeMap<&str, String> = self.facts().into_iter().collect();
        let of = |word: &str| facts.get(word).cloned().unwrap_or_default();
        json!({
            "namn": self.name,
            "roller": of("roller"),
            "ansvar": of("ansvar"),
            "belopp": of("högsta belopp"),
            "fran": self.from,
            "till": of("till och med"),
            "slag": of("slag"),
            "beslut": self.decision,
            "nyckel": self.key,
        })
    }
}

/// Writes to everybody if the list is another than the one that was told last.
pub(super) async fn tell(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    events: &Events<'_>,
) -> Result<u32, Fault> {
    let list = events.forteckning;
    let told = store.told_list().await?;
    if told.as_ref().is_some_and(|told| told.sha256 == list.sha256) {
        return Ok(0);
    }
    let now: Vec<Entry> = list.officials.iter().map(|official| Entry::of(official, desk.addresses)).collect();
    let content = serde_json::to_string(&now)
        .map_err(|error| Fault::Refused(format!("attestforteckning.toml cannot be kept as JSON: {error}")))?;
    let new = ToldList { sha256: list.sha256.clone(), content };
    let before: Option<Vec<Entry>> = told.map(|told| read(&told)).transpose()?;
    let mut batches = store.batches().await?.into_iter().map(|(_, batch, _)| batch);
    let open = batches.find(|batch| batch.state == BatchState::Calculated && !events.attested_by_payroll);
    // A recalculation is made anew by its own command.
    let open = open.map(|batch| (batch.name, batch.kind == BatchKind::Monthly));
    wholly(store, async |store| {
        let mut written = 0;
        if let Some(before) = &before {
            let content = changes(before, &now, list, open);
            written = to_all(store, desk, (before, &now), &content, (&list.sha256, events.now_ms)).await?;
        }
        store.set_told_list(&new, events.now_ms).await?;
        Ok(written)
    })
    .await
}

fn read(told: &ToldList) -> Result<Vec<Entry>, Fault> {
    serde_json::from_str(&told.content).map_err(|error| {
        Fault::Refused(format!(
            "the attestförteckning that was told last cannot be read ({error}); restore the last backup"
        ))
    })
}

/// Whoever has left the list has no address in the settings any more: the one that it had is used.
async fn to_all(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    (before, now): (&[Entry], &[Entry]),
    content: &Value,
    (sha256, now_ms): (&str, i64),
) -> Result<u32, Fault> {
    let mut addresses = desk.addresses.clone();
    let mut receivers: BTreeMap<Receiver, (String, bool)> = BTreeMap::new();
    for entry in before.iter().chain(now) {
        let is_on_it = now.iter().any(|other| other.id == entry.id);
        receivers.insert(Receiver::Official(entry.id.clone()), (entry.name.clone(), is_on_it));
        if let (false, Some(address)) = (is_on_it, &entry.address) {
            addresses.officials.insert(entry.id.clone(), address.clone());
        }
    }
    // Nobody can sign what waits: the kansli makes it anew.
    if !content["korning"].is_null() {
        receivers.insert(Receiver::Office(Office::Kansli), ("kansliet".to_owned(), true));
    }
    let desk = Desk { addresses: &addresses, ..*desk };
    let mut written = 0;
    for (receiver, (name, is_on_it)) in receivers {
        let mut content = content.clone();
        content["namn"] = json!(name);
        content["kvar"] = json!(is_on_it);
        content["kansli"] = json!(receiver == Receiver::Office(Office::Kansli));
        let draft = Draft {
            kind: LetterKind::ForteckningChanged,
            receiver,
            occasion: sha256.to_owned(),
            content,
            files: Vec::new(),
            useless_after_ms: None,
        };
        written += u32::from(desk.post(store, &People::default(), draft, now_ms).await?);
    }
    Ok(written)
}

/// Who came, who went, and what is another for those who stayed; then the list as it is.
fn changes(before: &[Entry], now: &[Entry], list: &Forteckning, open: Option<(BatchName, bool)>) -> Value {
    let lacks = |entries: &[Entry], entry: &Entry| entries.iter().all(|other| other.id != entry.id);
    let came: Vec<Value> = now.iter().filter(|entry| lacks(before, entry)).map(Entry::json).collect();
    let went: Vec<Value> = before.iter().filter(|entry| lacks(now, entry)).map(Entry::json).collect();
    let changed = now.iter().filter_map(|entry| {
        let old = before.iter().find(|old| old.id == entry.id)?;
        let pairs = old.facts().into_iter().zip(entry.facts());
        let other: Vec<Value> = pairs
            .filter(|(old, new)| old != new)
            .map(|((what, old), (_, new))| json!({ "vad": what, "forr": old, "nu": new }))
            .collect();
        (!other.is_empty()).then(|| json!({ "namn": entry.name, "andringar": other }))
    });
    let changed: Vec<Value> = changed.collect();
    json!({
        "nya": came,
        "borta": went,
        "andrade": changed,
        "lista": now.iter().map(Entry::json).collect::<Vec<_>>(),
        "sha256": list.sha256,
        "korning": open.map(|(name, _)| name.to_string()),
        "manad": open.filter(|(_, is_monthly)| *is_monthly).map(|(name, _)| name.payout.to_string()),
    })
}
