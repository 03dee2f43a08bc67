//! Sheets to attest: to each official who may sign one that waits.

use serde_json::{Value, json};

use super::{Events, listed};
use crate::attest::{Forteckning, Official, OfficialKind, Role, Sheet, may_sign, sheet_text};
use crate::calendar::{Day, month_text};
use crate::domain::Fault;
use crate::jobs::attest_batch::{SheetView, sheets};
use crate::jobs::export_attested::is_overdue;
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ledger::{Batch, BatchState};
use crate::money::swedish;
use crate::ports::{LetterFile, LetterKind, Press, Receiver, Store, letter_key};
use crate::regelverk::Loaded;

/// An official and what they may sign now.
pub struct Signer<'a> {
    /// Who.
    pub official: &'a Official,
    /// Sheet and role, in order.
    pub may: Vec<(&'a Sheet, Role)>,
}

/// The batch that waits for signatures, if there is one, with its sheets.
///
/// # Errors
/// The database, or a sheet was tampered with.
pub async fn open_sheets(store: &mut impl Store) -> Result<Option<(Batch, Vec<SheetView>)>, Fault> {
    let mut waiting = store.batches().await?.into_iter().map(|(_, batch, _)| batch);
    let Some(batch) = waiting.rfind(|batch| batch.state == BatchState::Calculated) else { return Ok(None) };
    let mut views = sheets(store, batch.name).await?;
    views.retain(|view| view.left_out.is_none());
    Ok(Some((batch, views)))
}

/// Everybody who may sign something that waits, in the order of the list.
pub fn signers<'a>(list: &'a Forteckning, views: &'a [SheetView], today: Day) -> Vec<Signer<'a>> {
    let of = |official: &'a Official| {
        let may: Vec<(&Sheet, Role)> = views.iter().flat_map(|view| may_now(list, official, view, today)).collect();
        (!may.is_empty()).then_some(Signer { official, may })
    };
    list.officials.iter().filter_map(of).collect()
}

fn may_now<'a>(list: &Forteckning, official: &Official, view: &'a SheetView, today: Day) -> Vec<(&'a Sheet, Role)> {
    let signed: Vec<(Role, &str)> =
        view.attests.iter().filter_map(|attest| Some((attest.role.parse().ok()?, attest.official.as_str()))).collect();
    let is_open = |role: &Role| signed.iter().all(|(done, _)| done != role);
    let may = |role: &Role| may_sign(list, official, *role, &view.sheet, today, &signed).is_ok();
    Role::ALL.into_iter().filter(is_open).filter(may).map(|role| (&view.sheet, role)).collect()
}

/// Writes the letters of the batch that waits.
pub(super) async fn tell(
    store: &mut impl Store,
    desk: &Desk<'_, impl Press>,
    events: &Events<'_>,
) -> Result<u32, Fault> {
    if events.attested_by_payroll {
        return Ok(0);
    }
    let Some((batch, views)) = open_sheets(store).await? else { return Ok(0) };
    let occasion = batch.name.to_string();
    let mut drafts = Vec::new();
    for signer in signers(events.forteckning, &views, events.today) {
        let receiver = Receiver::Official(signer.official.id.clone());
        if store.has_letter(&letter_key(LetterKind::AttestSheets, &receiver, &occasion)).await? {
            continue;
        }
        let content = content(&signer, &batch, events.loaded, events.today);
        let (files, occasion) = (files(&signer), occasion.clone());
        drafts.push(Draft {
            kind: LetterKind::AttestSheets,
            receiver,
            occasion,
            content,
            files,
            useless_after_ms: None,
        });
    }
    wholly(store, async |store| {
        let mut written = 0;
        for draft in drafts {
            written += u32::from(desk.post(store, &People::default(), draft, events.now_ms).await?);
        }
        Ok(written)
    })
    .await
}

/// What letters about sheets name.
pub(in crate::jobs) fn content(signer: &Signer<'_>, batch: &Batch, loaded: &Loaded, today: Day) -> Value {
    let payout = batch.name.payout;
    let (pay_day, cut_off) = (loaded.lonekalender.pay_day(payout), loaded.lonekalender.cut_off(payout));
    let expires = signer.may.iter().map(|(sheet, _)| sheet.expires).min().unwrap_or(today);
    // The file must be with payroll before the pay day; where the cut-off has passed, as soon as can be.
    let last = [cut_off, pay_day, expires].into_iter().filter(|day| today <= *day).min().unwrap_or(expires);
    let mut sheets: Vec<Value> = Vec::new();
    for (sheet, role) in &signer.may {
        let is_known = sheets.last().is_some_and(|known| known["nummer"] == json!(sheet.number));
        match sheets.last_mut().filter(|_| is_known) {
            Some(known) => known["roller"] = json!("granskning eller beslut"),
            None => sheets.push(json!({
                "nummer": sheet.number,
                "roller": role.name(),
                "rader": sheet.rows,
                "personer": sheet.persons,
                "summa": swedish(sheet.sum),
                "ansvar": listed(&sheet.ansvar),
                "galler_till": sheet.expires.to_string(),
            })),
        }
    }
    let roles = Role::ALL.into_iter().filter(|role| signer.may.iter().any(|(_, may)| may == role));
    json!({
        "namn": signer.official.name,
        "korning": batch.name.to_string(),
        "manad": month_text(payout),
        "utbetalas": pay_day.to_string(),
        "senast": last.to_string(),
        "galler_till": expires.to_string(),
        "sen": is_overdue(batch, &loaded.lonekalender),
        "ersattare": signer.official.kind == OfficialKind::Ersattare,
        "blad": sheets,
        "roller": roles.map(Role::name).collect::<Vec<_>>(),
        "omrakning": batch.because,
        "fil": signer.may.first().map(|(sheet, role)| file_name(sheet, *role)),
    })
}

/// The texts to sign, as they are signed.
fn files(signer: &Signer<'_>) -> Vec<LetterFile> {
    let file = |(sheet, role): &(&Sheet, Role)| LetterFile {
        name: file_name(sheet, *role),
        media_type: "text/plain".to_owned(),
        content: sheet_text(sheet, *role).into_bytes(),
    };
    signer.may.iter().map(file).collect()
}

/// The name that `attest show` gives the same text, with the batch before it: in a mailbox it stands alone.
fn file_name(sheet: &Sheet, role: Role) -> String {
    format!("{}-blad-{}-{}.txt", sheet.batch.file_stem(), sheet.number, role.name())
}
