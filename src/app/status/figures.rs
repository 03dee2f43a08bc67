//! How it goes as figures for Prometheus: by kommun, and no figure about a person.

use std::collections::BTreeMap;

use super::Seen;
use crate::adapters::exposition::{Family, Number};
use crate::calendar::end_of_day_ms;
use crate::ledger::BatchState;
use crate::ports::LetterState;

type Labels = Vec<(&'static str, String)>;

/// Families in the order in which they were named first.
#[derive(Default)]
struct Families {
    all: Vec<Family>,
    places: BTreeMap<&'static str, usize>,
}

impl Families {
    fn add(&mut self, name: &'static str, help: &'static str, labels: Labels, number: Number) {
        let place = *self.places.entry(name).or_insert(self.all.len());
        match self.all.get_mut(place) {
            Some(family) => family.values.push((labels, number)),
            None => self.all.push(Family { name, help, is_counter: false, values: vec![(labels, number)] }),
        }
    }
}

/// What was seen of each kommun, as figures.
pub(in crate::app) fn figures<'a>(all: impl IntoIterator<Item = &'a Seen>) -> Vec<Family> {
    let mut families = Families::default();
    for seen in all {
        let mut of = Of { families: &mut families, seen };
        of.jobs();
        of.ages();
        of.waiting();
        of.letters();
    }
    families.all
}

/// The figures of one kommun.
struct Of<'a> {
    families: &'a mut Families,
    seen: &'a Seen,
}

impl Of<'_> {
    fn add(&mut self, name: &'static str, help: &'static str, more: &[(&'static str, &str)], number: Number) {
        let more = more.iter().map(|(label, value)| (*label, (*value).to_owned()));
        let labels = std::iter::once(("kommun", self.seen.kommun.clone())).chain(more).collect();
        self.families.add(name, help, labels, number);
    }

    fn jobs(&mut self) {
        for of in &self.seen.status.jobs {
            let job = [("job", of.job.name())];
            if let Some(at_ms) = of.went_well_ms {
                let help = "When the job went well last";
                self.add("arvode_job_last_success_timestamp_seconds", help, &job, Number::Millis(at_ms));
            }
            if let Some(at_ms) = of.next_ms {
                let help = "When the job is due next";
                self.add("arvode_job_next_due_timestamp_seconds", help, &job, Number::Millis(at_ms));
            }
            let tries = of.fails.as_ref().map_or(0, |fails| i64::from(fails.tries));
            let help = "Tries in a row in which the job has failed; 0 where it does not fail";
            self.add("arvode_job_failed_tries", help, &job, Number::Whole(tries));
        }
    }

    fn ages(&mut self) {
        let (status, lying) = (&self.seen.status, self.seen.lying);
        let help = "When this was looked at";
        self.add("arvode_seen_timestamp_seconds", help, &[], Number::Millis(status.at_ms));
        let times = [
            ("arvode_import_last_timestamp_seconds", "When something was taken in last", status.last_import_ms),
            ("arvode_backup_last_timestamp_seconds", "When the last backup was made and verified", status.backup_ms()),
        ];
        for (name, help, at_ms) in times {
            if let Some(at_ms) = at_ms {
                self.add(name, help, &[], Number::Millis(at_ms));
            }
        }
        for (diarium, at_ms) in &status.diaria {
            let help = "When the diarium was fetched to its end last; 0 where it never was";
            let (name, at_ms) = ("arvode_diarium_last_success_timestamp_seconds", at_ms.unwrap_or_default());
            self.add(name, help, &[("diarium", diarium)], Number::Millis(at_ms));
        }
        let counts = [
            ("arvode_inbox_files", "Files that wait in the drop folder", lying.waiting),
            ("arvode_rejected_files", "Files that could not be used", lying.rejected),
            ("arvode_workbooks_to_mend", "Workbooks that wait to be mended or filled in", lying.to_mend),
        ];
        for (name, help, number) in counts {
            self.add(name, help, &[], Number::Whole(i64::from(number)));
        }
        let help = "For how long the oldest file has waited in the drop folder";
        self.add("arvode_inbox_oldest_seconds", help, &[], Number::Millis(lying.oldest_ms.unwrap_or_default()));
    }

    fn waiting(&mut self) {
        let (counted, batches) = (&self.seen.counted, &self.seen.status.batches);
        let help = "Remarks that hold something";
        self.add("arvode_held", help, &[], Number::Whole(i64::from(counted.held)));
        let help = "What the held remarks are worth whose worth is known, in öre";
        self.add("arvode_held_worth_ore", help, &[], Number::Whole(counted.held_worth.0));
        let help = "Held remarks whose worth is not known";
        self.add("arvode_held_unknown", help, &[], Number::Whole(i64::from(counted.held_unknown)));
        for (days, number) in &counted.near {
            let help = "Claims whose last day is at most so many days away, by the last of the flag days reached";
            let days = days.to_string();
            self.add("arvode_deadlines_near", help, &[("flag_days", &days)], Number::Whole(i64::from(*number)));
        }
        let sheets: usize = batches.iter().map(|batch| batch.waiting).sum();
        let help = "Sheets that lack a signature";
        self.add("arvode_sheets_waiting", help, &[], Number::Whole(whole(sheets)));
        let states = [BatchState::Calculated, BatchState::Exporting, BatchState::Exported, BatchState::Delivering];
        for state in states {
            let number = batches.iter().filter(|batch| batch.state == state).count();
            let help = "Batches on their way";
            self.add("arvode_batches_open", help, &[("state", state.name())], Number::Whole(whole(number)));
        }
        for batch in batches {
            let (help, name) = ("The end of the cut-off day of a batch on its way", batch.name.to_string());
            let at = Number::Millis(end_of_day_ms(batch.cut_off));
            self.add("arvode_batch_cut_off_timestamp_seconds", help, &[("batch", &name)], at);
        }
        let mut by_kind = BTreeMap::from(["not_at_work", "job", "old", "batch", "letters"].map(|kind| (kind, 0)));
        for look in &self.seen.looks {
            *by_kind.entry(look.why.name()).or_default() += 1;
        }
        for (kind, number) in by_kind {
            let help = "What a person must look at, as `arvode status` tells it";
            self.add("arvode_looks", help, &[("why", kind)], Number::Whole(number));
        }
    }

    fn letters(&mut self) {
        for state in LetterState::ALL {
            let letters = self.seen.status.letters.iter().find(|letters| letters.state == state);
            let number = letters.map_or(0, |letters| i64::try_from(letters.number).unwrap_or(i64::MAX));
            let help = "Letters by how far they have come";
            self.add("arvode_outbox_letters", help, &[("state", state.name())], Number::Whole(number));
        }
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
