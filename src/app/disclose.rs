//! `disclose`: a person's registerutdrag, as text that can be handed over and as data (GDPR art. 15 and 20).

mod page;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use super::Ended;
use super::explain::whom;
use super::kommun::Kommun;

use super::veil;
use crate::domain::Fault;
use crate::jobs::calculate::{Calculation, Question};
use crate::jobs::disclose_person::{Whom, disclose as gather};
use crate::jobs::remark_list::{by_law, standing_now};
use crate::ports::{Clock, Store};
use page::Page;

pub(super) async fn disclose(kommun: &mut Kommun, person: &str, to: Option<&Path>) -> Result<Ended, Fault> {
    kommun.may_write()?;
    let today = kommun.clock.today();
    let question = standing_now(today, kommun.db.last_fact().await?);
    let loaded = kommun.configured.loaded.clone();
    let calculation = Calculation::start(&mut kommun.db, &loaded, question.clone()).await?;
    let who = whom(&calculation, person, kommun)?;
    let ids = calculation.ids_of(who);
    let is_protected = veil::protected(kommun).await?.contains(&who);
    let (others, names) = veil::over_others(kommun, &ids).await?;
    let asked = Whom { ids, persons: &calculation.persons, names: &names };
    let stored = gather(&mut kommun.db, &kommun.clock, &kommun.configured.forteckning, &asked).await?;
    let waiting = by_law(&mut kommun.db, &loaded, Question { only: Some(who), ..question }).await?;
    let settings = &kommun.configured.settings;
    let page = Page {
        kommun: &settings.kommun,
        organisationsnummer: &settings.organisationsnummer,
        today,
        who,
        anstids: asked.ids.iter().flat_map(|person| calculation.persons.anstids(*person)).collect(),
        meetings: &calculation.meetings,
        stored: &stored,
        waiting: &waiting,
        is_protected,
    };
    let json = serde_json::to_string_pretty(&page.json()).unwrap_or_default() + "\n";
    let (json, text) = (others.text(&json).into_owned(), others.text(&page.text()).into_owned());
    if is_protected {
        eprintln!("arvode: skyddade personuppgifter: lämna utdraget bara till personen själv, på ett säkert sätt");
    }
    match to {
        Some(folder) => {
            write_private(folder, &[("registerutdrag.json", &json), ("registerutdrag.txt", &text)])?;
            say!("Registerutdraget ligger i {}.", folder.display());
        }
        None => {
            // Past the veil: the one command that tells a person all about themselves.
            let told = if kommun.json { &json } else { &text };
            let _ = std::io::stdout().lock().write_all(told.as_bytes());
        }
    }
    Ok(Ended::Done)
}

/// Files that nobody but their owner reads, written once.
fn write_private(folder: &Path, files: &[(&str, &str)]) -> Result<(), Fault> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| Fault::Input(format!("{}: {error}; name a folder that can be written", folder.display())))?;
    for (name, content) in files {
        let path = folder.join(name);
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| {
            Fault::Input(format!(
                "{}: {error}; an earlier utdrag is not written over, name a new folder",
                path.display()
            ))
        })?;
    }
    Ok(())
}
