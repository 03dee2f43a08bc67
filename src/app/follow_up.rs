//! The follow-up to allmänna utskottet (§ 19): `arvode report`, and the yearly letter.

use std::path::Path;

use super::Ended;
use super::batches::progress;
use super::kommun::{Kommun, addresses, desk};
use super::report::{Form, as_json, print, write};
use crate::calendar::{Day, Month};
use crate::domain::Fault;
use crate::jobs::follow_up::{Period, Told, Wanted, follow_up as work_out, post, report as made_of};
use crate::ports::{Clock, Report};

pub(super) async fn report(
    kommun: &mut Kommun,
    period: Period,
    to: Option<&Path>,
    persons: bool,
) -> Result<Ended, Fault> {
    if persons && !kommun.configured.settings.report.persons {
        return Err(Fault::Refused(
            "--persons shows what each person got; allowed only where [report] of config/arvode.toml says persons = true"
                .to_owned(),
        ));
    }
    to.map(Form::of).transpose()?;
    let made = make(kommun, period, persons).await?;
    if let Some(file) = to {
        write(&kommun.printer(), &made, file)?;
    }
    if kommun.json {
        say!("{}", as_json(&made));
    } else if let Some(file) = to {
        made.summary.iter().for_each(|sentence| say!("{sentence}"));
        say!("{}", file.display());
    } else {
        print(&made);
    }
    Ok(Ended::Done)
}

async fn make(kommun: &mut Kommun, period: Period, persons: bool) -> Result<Report, Fault> {
    let wanted = wanted(kommun, period, persons);
    let loaded = &kommun.configured.loaded;
    let bar = progress("personer räknade");
    let mut step = |persons: usize| bar.inc(persons as u64);
    let found = work_out(&mut kommun.db, loaded, &wanted, &mut step).await;
    bar.finish_and_clear();
    Ok(made_of(&found?, &wanted, loaded, &kommun.configured.settings.kommun))
}

fn wanted(kommun: &Kommun, period: Period, persons: bool) -> Wanted {
    let smallest_group = kommun.configured.settings.report.smallest_group;
    Wanted { period, today: kommun.clock.today(), smallest_group, persons }
}

/// The job: what came of it, in a sentence. The letter is about the year before the day that it was due.
pub(super) async fn follow_up(kommun: &mut Kommun, due: Day) -> Result<String, Fault> {
    let year = Month::of(due).year() - 1;
    let period = Period::year(year).ok_or_else(|| Fault::Input(format!("{year} is no year to follow up")))?;
    let wanted = wanted(kommun, period, kommun.configured.settings.report.persons_to_utskott);
    let (printer, addresses) = (kommun.printer(), addresses(&kommun.configured));
    let desk = desk(&kommun.configured, &printer, &addresses);
    let loaded = &kommun.configured.loaded;
    let at_ms = kommun.clock.now_ms();
    let found = work_out(&mut kommun.db, loaded, &wanted, &mut |_| {}).await?;
    Ok(match post(&mut kommun.db, loaded, &desk, &wanted, &found, at_ms).await? {
        Told::Now => format!("uppföljningen för {period} är skriven till allmänna utskottet"),
        Told::Before => format!("uppföljningen för {period} var redan skriven"),
        Told::Nothing => format!("inget att följa upp för {period}"),
    })
}
