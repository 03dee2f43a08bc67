//! Signatures on a batch's sheets: made here with a private key, or made elsewhere and delivered.

use std::path::Path;

use super::gallra::refuse_gallrad;
use super::wholly::wholly;
use crate::attest::{Forteckning, Official, Role, Sheet, Signed, fully_signed, may_sign, sheet_text};
use crate::calendar::{day_of_instant, local_text};
use crate::domain::Fault;
use crate::ledger::{Batch, BatchName, BatchState, LeftOut};
use crate::ports::{Attest, Clock, Signatures, Store};

/// One sheet with its texts and who has signed it.
#[derive(Clone, Debug)]
pub struct SheetView {
    /// The sheet.
    pub sheet: Sheet,
    /// Who signed what.
    pub attests: Vec<Attest>,
    /// It was left out of its batch, and waits for no signature any more.
    pub left_out: Option<LeftOut>,
}

impl SheetView {
    /// The roles whose signature it lacks.
    pub fn lacks(&self) -> Vec<Role> {
        let is_signed = |role: &Role| self.attests.iter().any(|attest| attest.role == role.name());
        Role::ALL.into_iter().filter(|role| !is_signed(role)).collect()
    }
}

/// What became of signing or adding.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Sheet and role that are signed now, by whom.
    pub signed: Vec<(u32, Role, String)>,
    /// What was not signed, and why.
    pub refused: Vec<String>,
}

/// The batch of a name with its number.
///
/// # Errors
/// There is none.
pub async fn find(store: &mut impl Store, name: BatchName) -> Result<(i64, Batch, crate::ledger::Summed), Fault> {
    let found = store.batches().await?.into_iter().find(|(_, batch, _)| batch.name == name);
    found.ok_or_else(|| {
        Fault::Input(format!("there is no batch {name}; `arvode month {}` shows what there is", name.payout))
    })
}

/// The sheets of a batch, also those that were left out of it.
///
/// # Errors
/// There is no such batch, or a sheet was tampered with.
pub async fn sheets(store: &mut impl Store, name: BatchName) -> Result<Vec<SheetView>, Fault> {
    let (id, _, _) = find(store, name).await?;
    let attests = store.attests(id).await?;
    let mut left_out = store.left_out().await?;
    left_out.retain(|(batch, _)| *batch == id);
    let mut views = Vec::new();
    for content in store.sheets(id).await? {
        let sheet: Sheet = serde_json::from_str(&content).map_err(|error| {
            Fault::Refused(format!("a sheet of {name} cannot be read ({error}); restore the last backup"))
        })?;
        let attests = attests.iter().filter(|attest| attest.sheet == sheet.number).cloned().collect();
        let found = left_out.iter().find(|(_, one)| one.sheet == sheet.number);
        let left_out = found.map(|(_, one)| one.clone());
        views.push(SheetView { sheet, attests, left_out });
    }
    Ok(views)
}

/// Signs every sheet that lacks the role's signature with a private key.
///
/// # Errors
/// The key is nobody's on the list, the batch is not waiting for signatures, or no sheet could be signed.
pub async fn sign(
    store: &mut impl Store,
    signatures: &impl Signatures,
    list: &Forteckning,
    clock: &impl Clock,
    name: BatchName,
    by: &Signer<'_>,
) -> Result<Outcome, Fault> {
    let key = signatures.public_key(by.key)?;
    let official = list.signer(&key, by.as_id)?;
    let make = |text: &str| {
        let signature = signatures.sign(text, by.key, by.passphrase)?;
        signatures.verify(text, &signature, &official.key)?;
        Ok(Some(signature))
    };
    let outcome = each_open_sheet(store, list, clock, name, official, by.role, &make).await?;
    if outcome.signed.is_empty() && outcome.refused.is_empty() {
        waits(store, name).await?;
    }
    finish(store, name, outcome, clock).await
}

/// Who signs, and as what.
pub struct Signer<'a> {
    /// Granskning or beslut.
    pub role: Role,
    /// The private key's file.
    pub key: &'a Path,
    /// Which entry is meant, where a key has several.
    pub as_id: Option<&'a str>,
    /// The key's passphrase, if it has one.
    pub passphrase: Option<&'a str>,
}

/// Takes signatures that were made elsewhere; each is tried on every open sheet and role.
///
/// # Errors
/// As in [`sign`]; a signature that fits no open sheet.
pub async fn add(
    store: &mut impl Store,
    signatures: &impl Signatures,
    list: &Forteckning,
    clock: &impl Clock,
    name: BatchName,
    delivered: &[String],
) -> Result<Outcome, Fault> {
    let mut all = Outcome::default();
    for signature in delivered {
        let key = signatures.signer(signature)?;
        let officials: Vec<&Official> = list.officials.iter().filter(|official| official.key == key).collect();
        if officials.is_empty() {
            return Err(Fault::Refused(format!(
                "the signature's key is nobody's in attestforteckning.toml ({} entries); add the official's public key by decision, or let another official sign",
                list.officials.len()
            )));
        }
        let fits = |text: &str| Ok(signatures.verify(text, signature, &key).is_ok().then(|| signature.clone()));
        let before = all.signed.len();
        let mut reasons = Vec::new();
        for official in officials {
            for role in [Role::Granskning, Role::Beslut] {
                let outcome = each_open_sheet(store, list, clock, name, official, role, &fits).await?;
                all.signed.extend(outcome.signed);
                reasons.extend(outcome.refused);
            }
        }
        if all.signed.len() == before {
            if reasons.is_empty() {
                waits(store, name).await?;
            }
            let why = if reasons.is_empty() {
                "it is over no open sheet's text: sign the file as `arvode attest show` writes it".to_owned()
            } else {
                reasons.join("; ")
            };
            all.refused.push(format!("a signature was not taken: {why}"));
        }
    }
    finish(store, name, all, clock).await
}

async fn each_open_sheet(
    store: &mut impl Store,
    list: &Forteckning,
    clock: &impl Clock,
    name: BatchName,
    official: &Official,
    role: Role,
    make: &dyn Fn(&str) -> Result<Option<String>, Fault>,
) -> Result<Outcome, Fault> {
    let (id, batch, _) = find(store, name).await?;
    refuse_gallrad(store, id, &batch).await?;
    let views = sheets(store, name).await?;
    let mut outcome = Outcome::default();
    let is_open = batch.state == BatchState::Calculated;
    for view in views {
        let sheet = &view.sheet;
        if view.left_out.is_some() || !is_open {
            outcome.refused.extend(comes_late(&view, role, make)?);
            continue;
        }
        let signed: Vec<(Role, &str)> = view
            .attests
            .iter()
            .filter_map(|attest| Some((attest.role.parse().ok()?, attest.official.as_str())))
            .collect();
        if let Some((_, by)) = signed.iter().find(|(signed, _)| *signed == role) {
            if *by == official.id && make(&sheet_text(sheet, role))?.is_some() {
                outcome.signed.push((sheet.number, role, official.id.clone()));
            } else if *by != official.id {
                outcome
                    .refused
                    .push(format!("sheet {} of {name} has its {role}sattest already, by {by}", sheet.number));
            }
            continue;
        }
        let Some(signature) = make(&sheet_text(sheet, role))? else {
            continue;
        };
        if let Err(why) = may_sign(list, official, role, sheet, clock.today(), &signed) {
            outcome.refused.push(why.to_string());
            continue;
        }
        let attest = Attest {
            sheet: sheet.number,
            role: role.name().to_owned(),
            official: official.id.clone(),
            signed_at_ms: clock.now_ms(),
            signature,
        };
        let detail = format!("{name} blad {}: {role} av {}", sheet.number, official.id);
        wholly(store, async |store| {
            still_waits(store, name, sheet.number).await?;
            store.add_attest(id, &attest).await?;
            store.audit("attest", &detail, clock.now_ms()).await.map(drop)
        })
        .await?;
        outcome.signed.push((sheet.number, role, official.id.clone()));
    }
    Ok(outcome)
}

/// Why a signature on a sheet that was left out is not taken; none if it is not over the sheet.
fn comes_late(
    view: &SheetView,
    role: Role,
    make: &dyn Fn(&str) -> Result<Option<String>, Fault>,
) -> Result<Option<String>, Fault> {
    let Some(left_out) = &view.left_out else { return Ok(None) };
    let is_signed = make(&sheet_text(&view.sheet, role))?.is_some();
    Ok(is_signed.then(|| late_text(view, left_out)))
}

fn late_text(view: &SheetView, left_out: &LeftOut) -> String {
    let (sheet, batch, when) = (view.sheet.number, view.sheet.batch, local_text(left_out.at_ms));
    let what = match left_out.by {
        None => "it came after the cut-off".to_owned(),
        Some(ref by) => format!("{by} had left the sheet out"),
    };
    format!("sheet {sheet} of {batch} was left out {when}: {what}; the rows come with the next batch, on a new sheet")
}

/// The batch waits for signatures at all.
async fn waits(store: &mut impl Store, name: BatchName) -> Result<(), Fault> {
    match find(store, name).await?.1.state {
        BatchState::Calculated => Ok(()),
        state => Err(Fault::Refused(format!("batch {name} is {}: it no longer waits for signatures", state.name()))),
    }
}

/// Asked once more where nobody else writes: between two looks a batch may have left, or a sheet been left out.
async fn still_waits(store: &mut impl Store, name: BatchName, sheet: u32) -> Result<(), Fault> {
    let (id, batch, _) = find(store, name).await?;
    let left_out = store.left_out().await?;
    if batch.state == BatchState::Calculated && !left_out.iter().any(|(of, one)| *of == id && one.sheet == sheet) {
        return Ok(());
    }
    Err(Fault::Refused(format!(
        "sheet {sheet} of {name} no longer waits for signatures; look with `arvode attest show`"
    )))
}

async fn finish(
    store: &mut impl Store,
    name: BatchName,
    outcome: Outcome,
    clock: &impl Clock,
) -> Result<Outcome, Fault> {
    if outcome.signed.is_empty() && !outcome.refused.is_empty() {
        store.begin().await?;
        store.audit("attest refused", &format!("{name}: {}", outcome.refused.join("; ")), clock.now_ms()).await?;
        store.commit().await?;
        return Err(Fault::Refused(outcome.refused.join("; ")));
    }
    Ok(outcome)
}

/// Checks that every sheet of a batch has its two signatures, by two different officials who may, over its very text.
///
/// # Errors
/// The first sheet that has not, and what to do.
pub fn verify_signed(signatures: &impl Signatures, list: &Forteckning, views: &[SheetView]) -> Result<(), Fault> {
    for view in views {
        let mut signed = Vec::new();
        for attest in &view.attests {
            let role: Role = attest.role.parse().map_err(Fault::Refused)?;
            if let Some(official) = list.get(&attest.official) {
                signatures.verify(&sheet_text(&view.sheet, role), &attest.signature, &official.key)?;
            }
            signed.push(Signed { role, official: attest.official.clone(), day: day_of_instant(attest.signed_at_ms) });
        }
        fully_signed(list, &view.sheet, &signed)?;
    }
    Ok(())
}
