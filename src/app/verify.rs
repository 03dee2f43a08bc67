//! `verify`: looks everything through, and lets a restored database leave its hold.

use serde_json::json;

use super::Ended;
use super::kommun::Kommun;
use crate::adapters::signature::SshSignatures;
use crate::domain::Fault;
use crate::jobs::by_hand::ByHand;
use crate::jobs::restored;
use crate::jobs::verify::{Beside, Finding, Looked, verify as look};

/// What is found is told, one line each: exit code 4.
pub(super) async fn verify(kommun: &mut Kommun) -> Result<Ended, Fault> {
    let looked = look_through(kommun).await?;
    let held = restored::why_held(&mut kommun.db).await?;
    if kommun.json {
        let findings: Vec<serde_json::Value> = looked.findings.iter().map(as_json).collect();
        say!(
            "{}",
            json!({
                "findings": findings,
                "facts": looked.facts,
                "rows": looked.rows,
                "files": looked.files,
                "chain": looked.head,
                "held": held,
            })
        );
    } else {
        for finding in &looked.findings {
            say!("{}: {}; {}", finding.place, finding.wrong, finding.to_do);
        }
        if looked.findings.is_empty() {
            say!(
                "All is as it was written: {} facts, {} rows of batches, {} files. The audit chain's head is {}.",
                looked.facts,
                looked.rows,
                looked.files,
                looked.head
            );
        }
        if let Some(why) = &held {
            say!("{why}");
        }
    }
    Ok(match (looked.findings.is_empty(), held) {
        (false, _) => Ended::Failed(4),
        (true, Some(_)) => Ended::Look,
        (true, None) => Ended::Done,
    })
}

/// What is wrong, and how much was looked at.
pub(super) async fn look_through(kommun: &mut Kommun) -> Result<Looked, Fault> {
    let (out, archive) = (kommun.out(), kommun.intake(true));
    let beside = Beside {
        signatures: &SshSignatures,
        out: &out,
        archive: &archive,
        forteckning: &kommun.configured.forteckning,
    };
    look(&mut kommun.db, &beside).await
}

fn as_json(finding: &Finding) -> serde_json::Value {
    json!({ "place": finding.place, "wrong": finding.wrong, "to_do": finding.to_do })
}

/// A person has accounted for what left after the backup that was restored.
pub(super) async fn accept_restored(kommun: &mut Kommun, because: &str, is_sure: bool) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let _alone = crate::adapters::lock::lock(&kommun.folder)?;
    let actor = kommun.actor();
    let by = ByHand { actor: &actor, because };
    let restored = restored::release(&mut kommun.db, &by, &kommun.clock, is_sure).await?;
    if kommun.json {
        say!("{}", json!({ "released": restored.id }));
    } else {
        say!(
            "Files and letters leave by themselves again. Letters that are held back: arvode outbox --state held_back"
        );
    }
    Ok(Ended::Done)
}
