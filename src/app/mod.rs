//! Builds adapters from settings, gives them to the jobs, and tells a person or a script what came of it.

/// `println!` behind the veil over skyddade personuppgifter, for a reader who may have gone: a closed pipe is no error of
/// ours.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout().lock(), "{}", $crate::app::veil::veiled(&format!($($text)*)));
    }};
}

mod accruals;
mod attest;
mod backup;
mod batches;
mod changes;
mod cli;
mod close;
mod cut_off;
mod deadlines;
mod demo;
mod disclose;
mod dry_run;
mod explain;
mod folder;
mod follow_up;
mod gallra;
mod generate;
mod import;
mod kommun;
mod levels;
mod month_end;
mod month_letters;
mod names;
mod outbox;
mod person;
mod rates;
mod receivables;
mod rejected;
mod remarks;
mod report;
mod run;
mod shadow;
mod show;
mod simulate;
mod statement;
mod status;
mod sync;
mod template;
mod timetable;
mod upkeep;
mod veil;
mod verify;
mod yearly;

use std::io::Write as _;

use clap::Parser;

use crate::domain::Fault;
use crate::jobs::simulate::Span;

use cli::{Arguments, Command};
use kommun::Kommun;

/// What a command ends with when nothing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// All done.
    Done,
    /// Done, but a person must look.
    Look,
    /// Part of it failed, which has been told already: the exit code.
    Failed(u8),
}

/// Runs the command line; gives the exit code: 0 done, 1 done but a person must look, 2 bad input or settings,
/// 3 temporary failure, 4 refused.
pub fn run() -> u8 {
    std::panic::set_hook(Box::new(|fault| {
        // What the program did not foresee may hold what it worked with.
        complain(&format!("the program has a fault and stops: {fault}; nothing is half done, please report it"));
    }));
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let text = error.to_string();
            let shown = veil::veiled_error(&text);
            // Where the terminal is gone there is nobody to tell.
            let _ = if shown == text { error.print() } else { write!(std::io::stderr(), "{shown}") };
            return if error.use_stderr() { 2 } else { 0 };
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the runtime cannot start: {error}"));
            return 3;
        }
    };
    let json = arguments.json;
    let ended = runtime.block_on(dispatch(arguments));
    // What still waits for a name server or a disk is not waited for.
    runtime.shutdown_background();
    match ended {
        Ok(Ended::Done) => 0,
        Ok(Ended::Look) => 1,
        Ok(Ended::Failed(code)) => code,
        Err(fault) => {
            if json {
                let text = veil::veiled_error(&fault.to_string());
                say!("{}", serde_json::json!({ "error": text, "exit": fault.exit_code() }));
            }
            complain(&fault.to_string());
            fault.exit_code()
        }
    }
}

/// Says what went wrong where errors are read, behind the veil.
fn complain(text: &str) {
    // Where nobody reads errors there is nobody to tell.
    let _ = writeln!(std::io::stderr().lock(), "arvode: {}", veil::veiled_error(text));
}

async fn dispatch(arguments: Arguments) -> Result<Ended, Fault> {
    let Arguments { config, data, json, now, as_known_on, by, command } = arguments;
    match command {
        Command::Init { dir } => return folder::init(&dir, json),
        Command::Generate { dir } => return generate::generate(&dir, json),
        Command::Template { kind, file, organ } => {
            let wanted = template::Wanted { kind: &kind, file: &file, organ: organ.as_deref() };
            return template::template(&data, config, json, now, &wanted).await;
        }
        Command::Demo { dir, smtp, smtp_ca, disturbed } => {
            let server = smtp.map(|at| demo::MailServer { at, ca: smtp_ca });
            return demo::demo(dir, server, disturbed, json).await;
        }
        _ => {}
    }
    let looks_back = matches!(
        command,
        Command::Month { .. }
            | Command::Explain { .. }
            | Command::Rates { .. }
            | Command::Statement { .. }
            | Command::Accruals { .. }
    );
    if as_known_on.is_some() && !looks_back {
        return Err(Fault::Input(
            "--as-known-on goes with `arvode month`, `arvode explain`, `arvode rates`, `arvode statement` and `arvode accruals`"
                .to_owned(),
        ));
    }
    if command.because().is_some_and(|because| because.trim().is_empty()) {
        return Err(Fault::Input("--because needs the reason".to_owned()));
    }
    if by.as_ref().is_some_and(|by| by.trim().is_empty()) {
        return Err(Fault::Input("--by needs the name of the one who does it".to_owned()));
    }
    if let Command::Restore { file, batch, chain, no_letter, database, schema } = command {
        let wanted = backup::Wanted { file, batch, chain, no_letter, database, schema };
        return backup::restore(&data, &wanted, &kommun::actor(by.as_deref()), (json, now)).await;
    }
    if let Command::Once { job, clock_is_right } = command {
        let place = run::Place { data, config, json, by, now };
        return run::once(&place, job, clock_is_right).await;
    }
    if let Command::Run { dirs } = command {
        if now.is_some() {
            return Err(Fault::Refused("--now does not go with `arvode run`".to_owned()));
        }
        if config.is_some() && dirs.len() > 1 {
            return Err(Fault::Input(
                "--config is one kommun's; with several folders each has its own config/arvode.toml".to_owned(),
            ));
        }
        let dirs = if dirs.is_empty() { vec![data] } else { dirs };
        let place = |data| run::Place { data, config: config.clone(), json, by: by.clone(), now };
        return run::run(dirs.into_iter().map(place).collect()).await;
    }
    let mut kommun = Kommun::open(&data, config, json, now).await?;
    kommun.by = by;
    // Where the register is damaged `verify` says so; it names nobody.
    match veil::draw(&mut kommun).await {
        Err(_) if matches!(command, Command::Verify { .. }) => {}
        drawn => drawn?,
    }
    let gives_letters = gives_letters(&command);
    let ended = match command {
        Command::Check => folder::check(&mut kommun).await,
        Command::Close { month, because, reopen, yes } => close::close(&mut kommun, month, &because, reopen, yes).await,
        Command::Import { files, dry_run, rejected } => {
            import::import(&mut kommun, &files, dry_run, rejected.as_deref()).await
        }
        Command::Sync { source, full, dry_run } => {
            sync::sync(&mut kommun, &sync::Wanted { source: source.as_deref(), full, dry_run }).await
        }
        Command::Withdraw { target, because } => import::withdraw(&mut kommun, &target, &because).await,
        Command::Person { action } => person::person(&mut kommun, action).await,
        Command::Link { meeting, other, because } => changes::link(&mut kommun, &meeting, &other, &because).await,
        Command::Unlink { meeting, other, because } => changes::unlink(&mut kommun, &meeting, &other, &because).await,
        Command::Changes => changes::changes(&mut kommun).await,
        Command::Undo { change, because } => changes::undo(&mut kommun, change, &because).await,
        Command::Month { month, freeze, yes } => batches::month(&mut kommun, month, freeze, yes, as_known_on).await,
        Command::Recalculate { from, because, yes } => batches::recalculate(&mut kommun, from, because, yes).await,
        Command::Explain { month, person, row } => explain::explain(&mut kommun, month, person, row, as_known_on).await,
        Command::Statement { person, period, to } => {
            statement::statement(&mut kommun, &person, period, to.as_deref(), as_known_on).await
        }
        Command::Disclose { person, to } => disclose::disclose(&mut kommun, &person, to.as_deref()).await,
        Command::Attest { action } => attest::attest(&mut kommun, action).await,
        Command::Export { batch, cut_off, leave_out_unsigned } => {
            batches::export(&mut kommun, batch, cut_off, leave_out_unsigned).await
        }
        Command::Void { batch, because, payroll_discarded } => {
            batches::void(&mut kommun, batch, &because, payroll_discarded).await
        }
        Command::Accruals { year, to, persons } => {
            accruals::accruals(&mut kommun, year, to, persons, as_known_on).await
        }
        Command::Gallra { dry_run } => gallra::gallra(&mut kommun, dry_run).await,
        Command::Rates { year, to } => rates::rates(&mut kommun, year, to, as_known_on).await,
        Command::Report { period, to, persons } => follow_up::report(&mut kommun, period, to.as_deref(), persons).await,
        Command::Simulate { change, from, to, persons } => {
            simulate::simulate(&mut kommun, &change, Span { from, to }, persons).await
        }
        Command::Shadow { month, file, keep } => shadow::shadow(&mut kommun, month, &file, keep).await,
        Command::SwitchOver { month, yes, because } => shadow::switch_over(&mut kommun, month, yes, because).await,
        Command::Remarks { state, to } => remarks::remarks(&mut kommun, state, to.as_deref()).await,
        Command::Outbox { action, state, print } => outbox::outbox(&mut kommun, action, state, print.as_deref()).await,
        Command::Deadlines { person, organ, within, lapsed } => {
            deadlines::deadlines(&mut kommun, deadlines::Wanted { person, organ, within, lapsed }).await
        }
        Command::Receivables => receivables::receivables(&mut kommun).await,
        Command::Status => status::status(&mut kommun).await,
        Command::Verify { accept_restored: true, because, yes } => {
            verify::accept_restored(&mut kommun, because.as_deref().unwrap_or_default(), yes).await
        }
        Command::Verify { .. } => verify::verify(&mut kommun).await,
        Command::Backup { file } => backup::backup(&mut kommun, &file).await,
        Command::Init { .. }
        | Command::Generate { .. }
        | Command::Template { .. }
        | Command::Demo { .. }
        | Command::Restore { .. }
        | Command::Run { .. }
        | Command::Once { .. } => Ok(Ended::Done),
    };
    if gives_letters && ended.is_ok() {
        month_letters::tell_at_once(&mut kommun).await;
    }
    let closed = kommun.close().await;
    ended.and_then(|ended| closed.map(|()| ended))
}

/// Commands that give rise to letters: these are written at once, and not first when the timetable finds them.
fn gives_letters(command: &Command) -> bool {
    match command {
        Command::Month { freeze, .. } => *freeze,
        Command::Import { dry_run, .. } => !dry_run,
        Command::Attest { action } => !matches!(action, cli::AttestAction::Show { .. }),
        Command::Recalculate { .. } | Command::Export { .. } => true,
        _ => false,
    }
}
