//! What the operator is told: letters that will not arrive, and that nothing can be sent.

use serde_json::json;

use super::Outcome;
use crate::calendar::local_text;
use crate::domain::Fault;
use crate::jobs::letters::{Desk, Draft, People};
use crate::jobs::wholly::wholly;
use crate::ports::{Clock, LetterKind, LetterState, Office, Press, Receiver, Store};

/// One alarm for the letters of a round, and one for each time that nothing could be sent; `since` is when that began, if a
/// person must be told. An alarm that did not arrive gives no alarm.
pub(super) async fn tell<P: Press>(
    store: &mut impl Store,
    clock: &impl Clock,
    desk: &Desk<'_, P>,
    people: &People,
    outcome: &Outcome,
    since: Option<(i64, String)>,
) -> Result<(), Fault> {
    let now_ms = clock.now_ms();
    let mut drafts = Vec::new();
    if !outcome.failed.is_empty() {
        let heads = store.letter_heads(&[LetterState::Refused, LetterState::GivenUp]).await?;
        let is_told = |id: &i64| heads.iter().any(|head| head.id == *id && head.kind != LetterKind::OperatorAlarm);
        let mut failed: Vec<i64> = outcome.failed.iter().copied().filter(is_told).collect();
        failed.sort_unstable();
        drafts.extend((!failed.is_empty()).then(|| not_arrived(&failed, now_ms)));
    }
    drafts.extend(since.map(|(since_ms, why)| nothing_sent(since_ms, &why)));
    if drafts.is_empty() {
        return Ok(());
    }
    wholly(store, async |store| {
        for draft in drafts {
            desk.post(store, people, draft, now_ms).await?;
        }
        Ok(())
    })
    .await
}

fn alarm(occasion: String, content: serde_json::Value) -> Draft {
    Draft {
        kind: LetterKind::OperatorAlarm,
        receiver: Receiver::Office(Office::Operator),
        occasion,
        content,
        files: Vec::new(),
        useless_after_ms: None,
    }
}

fn not_arrived(failed: &[i64], now_ms: i64) -> Draft {
    let numbers: Vec<String> = failed.iter().map(ToString::to_string).collect();
    let (what, named) = match numbers.as_slice() {
        [one] => ("Ett brev kom inte fram".to_owned(), format!("Det gäller brev {one} i utkorgen.")),
        several => (
            format!("{} brev kom inte fram", several.len()),
            format!("Det gäller brev {} i utkorgen.", several.join(", ")),
        ),
    };
    let content = json!({
        "vad": what,
        "varfor": format!("{named} E-postservern har sagt nej, skickat tillbaka dem eller inte tagit emot dem på fem dygn, \
                           eller så har programmet hållit inne dem. Mottagarna har inte fått dem."),
        "atgard": "Se skälet med arvode outbox. Är adressen fel, ändra den i Personer, i attestförteckningen eller i \
                   arvode.toml: då går brevet i väg av sig självt. Är den rätt, skicka igen med arvode outbox retry och \
                   brevets nummer.",
        "nar": local_text(now_ms),
    });
    alarm(format!("brev {}", numbers.join(",")), content)
}

/// It is read when letters arrive again, or in the outbox.
fn nothing_sent(since_ms: i64, why: &str) -> Draft {
    let content = json!({
        "vad": "Inga brev har kunnat skickas",
        "varfor": format!("Felet var: {why}. Inget brev har gått förlorat: alla väntar i utkorgen och går i väg när felet är \
                           avhjälpt. Läser du det här som e-post har det redan hänt."),
        "atgard": "Prova med arvode outbox send. Kommer felet igen, se över [mail] i arvode.toml och e-postserverns \
                   certifikat och lösenord; arvode check säger om en fil saknas.",
        "nar": local_text(since_ms),
    });
    alarm(format!("inget skickat {since_ms}"), content)
}
