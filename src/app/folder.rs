//! `init` and `check`: a new kommun's folder, and whether it is in order.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::Ended;
use super::kommun::Kommun;
use super::template::SHEETS;
use crate::adapters::diarium::shortcomings;
use crate::adapters::drop::{FOLDER_MODE, wrong_group, wrong_places};
use crate::adapters::excel::write_template;
use crate::adapters::http::Outside;
use crate::adapters::secret::SecretFolders;
use crate::adapters::settings::Configured;
use crate::calendar::{Day, Month};
use crate::domain::Fault;
use crate::jobs::calculate::closed;
use crate::ports::{Clock, Lists};
use crate::regelverk::tackning::gaps;

/// The shipped settings, each with its path in the new folder.
const SHIPPED: [(&str, &str); 15] = [
    ("arvode.toml", include_str!("../../config/arvode.toml")),
    ("attestforteckning.toml", include_str!("../../config/attestforteckning.toml")),
    ("regelverk/riksdagsarvode.toml", include_str!("../../config/regelverk/riksdagsarvode.toml")),
    ("regelverk/prisbasbelopp.toml", include_str!("../../config/regelverk/prisbasbelopp.toml")),
    ("regelverk/ARVODESFORMER.md", include_str!("../../config/regelverk/ARVODESFORMER.md")),
    ("regelverk/kedjan.toml", include_str!("../../config/regelverk/kedjan.toml")),
    ("regelverk/bilaga.toml", include_str!("../../config/regelverk/bilaga.toml")),
    ("regelverk/budget.toml", include_str!("../../config/regelverk/budget.toml")),
    ("regelverk/ersattningar.toml", include_str!("../../config/regelverk/ersattningar.toml")),
    ("regelverk/organ.toml", include_str!("../../config/regelverk/organ.toml")),
    ("regelverk/lonearter.toml", include_str!("../../config/regelverk/lonearter.toml")),
    ("regelverk/tidsfrister.toml", include_str!("../../config/regelverk/tidsfrister.toml")),
    ("regelverk/tolkningar.toml", include_str!("../../config/regelverk/tolkningar.toml")),
    ("regelverk/mandatperioder.toml", include_str!("../../config/regelverk/mandatperioder.toml")),
    ("regelverk/lonekalender.toml", include_str!("../../config/regelverk/lonekalender.toml")),
];

pub(super) fn init(dir: &Path, json: bool) -> Result<Ended, Fault> {
    let clock = crate::adapters::clock::SystemClock::default();
    write_folder(dir, Month::of(clock.today()))?;
    if json {
        say!("{}", json!({ "folder": dir.display().to_string(), "next": ["check", "import"] }));
        return Ok(Ended::Done);
    }
    let dir = dir.display();
    say!("{dir} is ready for a kommun. Next:");
    say!("  1. fill in {dir}/config/arvode.toml and {dir}/config/regelverk/ (amounts, organ, forsta_manad)");
    say!("  2. name the officials in {dir}/config/attestforteckning.toml");
    say!("  3. arvode --data {dir} check");
    say!("  4. fill in the workbooks in {dir}/blanketter/ and: arvode --data {dir} import FILE…");
    say!("     or put them in {dir}/in/ and: arvode --data {dir} run");
    say!(
        "  5. then: arvode --data {dir} template närvaro FILE --organ KS writes forms with your organ and persons in them"
    );
    Ok(Ended::Done)
}

/// Writes the folder of a kommun whose first month this is.
pub(super) fn write_folder(dir: &Path, first_month: Month) -> Result<(), Fault> {
    let config = dir.join("config");
    if config.exists() {
        return Err(Fault::Refused(format!("{} is there already; nothing was changed", config.display())));
    }
    let failed = |path: &Path, error: &dyn std::fmt::Display| Fault::Input(format!("{}: {error}", path.display()));
    for folder in ["config/regelverk", "in", "out", "deliver", "archive", "rejected", "blanketter"] {
        let path = dir.join(folder);
        fs::create_dir_all(&path).map_err(|error| failed(&path, &error))?;
    }
    for (name, content) in SHIPPED {
        let path = config.join(name);
        let line = format!("forsta_manad = \"{first_month}\"");
        let content = content.replace("forsta_manad = \"2026-01\"", &line);
        fs::write(&path, content).map_err(|error| failed(&path, &error))?;
    }
    for (name, kind) in SHEETS {
        let path = dir.join("blanketter").join(format!("{name}.xlsx"));
        write_template(kind, &Lists::default(), &path).map_err(|error| failed(&path, &error))?;
    }
    use std::os::unix::fs::PermissionsExt;
    for (folder, mode) in [("", 0o750), ("in", FOLDER_MODE), ("archive", 0o700), ("rejected", 0o700), ("out", 0o700)] {
        let path = dir.join(folder);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

pub(super) async fn check(kommun: &mut Kommun) -> Result<Ended, Fault> {
    let closed = closed(&mut kommun.db, i64::MAX).await?;
    let (configured, today) = (&kommun.configured, kommun.clock.today());
    refuse_gaps(configured, today)?;
    let mut notes = configured.forteckning.shortcomings(today);
    match kommun.reader()?.tried() {
        Ok(true) => {}
        Ok(false) => notes.push(UNSEALED.to_owned()),
        Err(why) => notes.push(format!("no workbook can be read here: {} {}", why.wrong, why.instead)),
    }
    if configured.loaded.example {
        notes.push("regelverk/bilaga.toml: the amounts are the shipped example (`example = true`)".to_owned());
    }
    let out = kommun.out();
    for folder in [Some(&out.out), out.deliver.as_ref()].into_iter().flatten() {
        if !folder.is_dir() {
            notes.push(format!(
                "{}: the folder is missing; make it, or change [folders] in arvode.toml",
                folder.display()
            ));
        }
    }
    notes.extend(wrong_places(&super::run::places(&kommun.folder, &configured.settings)));
    if let Some(group) = &configured.settings.inbox.group {
        notes.extend(wrong_group(&kommun.path(&configured.settings.inbox.folder), group));
    }
    notes.extend(of_sources(kommun));
    notes.extend(open_address(kommun));
    notes.extend(crate::adapters::mail::shortcomings(&configured.settings.mail, &SecretFolders::of(&kommun.folder)));
    if configured.loaded.mandatperioder.is_empty() {
        notes.push(
            "regelverk/: no [[mandatperiod]], so nobody is asked for its briefing (§ 19); add one as in mandatperioder.toml of a new folder"
                .to_owned(),
        );
    }
    let rules = &configured.loaded.regelverk;
    for (parameter, since) in rules.without_row_in(Month::of(today).year()) {
        let year = Month::of(today).year();
        notes.push(format!(
            "regelverk/: {parameter} has no row for {year}; the value from {since} applies. Add {year}'s row when it is decided, even if unchanged"
        ));
    }
    if kommun.json {
        say!(
            "{}",
            json!({ "ok": notes.is_empty(), "notes": notes, "sha256": configured.sha256, "closed_through": closed.through })
        );
    } else {
        say!("Settings, regulation and attestförteckning are readable and agree with each other.");
        let amounts = [("grund", "grund för arvoden"), ("ks_ordforande", "kommunstyrelsens ordförande")];
        for (name, words) in amounts {
            if let Some(amount) = rules.base(name, today) {
                say!("  {words}: {} i månaden", crate::money::swedish(crate::money::Ore::from_kronor(amount)));
            }
        }
        if let Some(through) = closed.through {
            say!("  Months are closed through {through}.");
        }
        for note in &notes {
            say!("  look at: {note}");
        }
    }
    Ok(if notes.is_empty() { Ended::Done } else { Ended::Look })
}

/// Whoever may read the database's address may read the database.
fn open_address(kommun: &Kommun) -> Option<String> {
    let (file, secrets) = (kommun.configured.settings.database_file.as_ref()?, SecretFolders::of(&kommun.folder));
    let place = secrets.place(file);
    secrets.is_open_to_all(file).then(|| format!("{}: anybody on the machine may read it (chmod 600)", place.display()))
}

/// What is missing before the sources of meetings can be asked; none of them is asked here.
fn of_sources(kommun: &Kommun) -> Vec<String> {
    let outside = Outside::of(&kommun.folder, kommun.clock);
    let rules = &kommun.configured.loaded.regelverk;
    let mut notes = Vec::new();
    for source in &kommun.configured.settings.diaria {
        notes.extend(shortcomings(source, &outside));
        let unknown = source.organ.iter().filter(|(_, ours)| rules.organ_named(ours).is_none());
        notes.extend(unknown.map(|(theirs, ours)| {
            format!(
                "diarium \"{}\": organ \"{theirs}\" = \"{ours}\": regelverk/organ.toml has no organ of that code or name",
                source.name
            )
        }));
    }
    notes
}

const UNSEALED: &str = "this kernel cannot lock the reader of workbooks in (seccomp): it reads under limits of memory and \
                        time, but a fault in it could reach files and network";

/// Every parameter has a value on every day, or the regulation cannot be carried out.
fn refuse_gaps(configured: &Configured, today: Day) -> Result<(), Fault> {
    let gaps: Vec<String> = gaps(&configured.loaded, today).iter().map(ToString::to_string).collect();
    if gaps.is_empty() { Ok(()) } else { Err(Fault::Input(gaps.join("\n"))) }
}
