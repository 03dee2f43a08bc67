//! The command line as data.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};

use crate::attest::Role;
use crate::calendar::{Day, Month};
use crate::domain::State;
use crate::jobs::follow_up::Period as Months;
use crate::jobs::schedule::Job;
use crate::jobs::statement::Period;
use crate::ledger::BatchName;

/// Pays elected representatives by the regulation's own paragraphs: attendance in, attested payroll XML out, exactly once.
#[derive(Parser, Debug)]
#[command(name = "arvode", version, about, max_term_width = 100)]
pub(super) struct Arguments {
    /// The operator's settings [default: config/arvode.toml in the data folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The kommun's data folder, made by `arvode init`
    #[arg(long, global = true, value_name = "DIR", env = "ARVODE_DATA", default_value = ".")]
    pub data: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Stand-in for the clock, as 2026-11-23T12:00:00Z; on reading commands, and in databases made by `arvode demo`
    #[arg(long, global = true, value_name = "INSTANT", value_parser = instant)]
    pub now: Option<i64>,
    /// What was known by the end of a day; on `month`, `explain`, `rates`, `statement` and `accruals`
    #[arg(long, global = true, value_name = "DATE")]
    pub as_known_on: Option<Day>,
    /// Who changes something by hand [default: the user who is logged in]
    #[arg(long, global = true, value_name = "NAME")]
    pub by: Option<String>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// A fictional kommun's year on the shipped fixtures, to payroll files in DIR
    Demo {
        /// A new folder [default: arvode-demo]
        dir: Option<PathBuf>,
        /// Send the year's letters to a mail server on this machine, as 127.0.0.1:1025, to read them there
        #[arg(long, value_name = "HOST:PORT")]
        smtp: Option<String>,
        /// By STARTTLS, with a certificate that this authority (PEM) has issued
        #[arg(long, value_name = "FILE", requires = "smtp")]
        smtp_ca: Option<PathBuf>,
        /// With outages, power cuts, wrong clocks and missing folders, drawn from this number: the year ends as without them
        #[arg(long, value_name = "SEED")]
        disturbed: Option<u64>,
    },
    /// A new kommun's folder: settings, regulation, and workbooks to fill in
    Init {
        /// A new or empty folder
        dir: PathBuf,
    },
    /// Man pages and completions for bash, zsh and fish, for whoever makes a package
    #[command(hide = true)]
    Generate {
        /// A new or empty folder
        dir: PathBuf,
    },
    /// Tests everything that is configured
    Check,
    /// A workbook to fill in, with the kommun's organ and persons to choose from
    Template {
        /// närvaro, yrkanden, personer, uppdrag, inkomstuppgifter, frånvaro, jour, beslut, avstående, utbetalt, paragrafer or
        /// diariepersoner; or brev: the words of all letters and the look of reports, to be edited
        kind: String,
        /// A new file; a folder for brev
        file: PathBuf,
        /// Only those who sit in this organ, by name or code
        #[arg(long, value_name = "ORGAN")]
        organ: Option<String>,
    },
    /// Takes workbooks in
    Import {
        /// Workbooks (.xlsx, .xlsm)
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
        /// Write held rows to this new workbook, to be mended there and taken in again; of one file alone [default: the
        /// folder `rejected` of config/arvode.toml]
        #[arg(long, value_name = "FILE.xlsx", conflicts_with = "dry_run")]
        rejected: Option<PathBuf>,
    },
    /// Takes in what has changed in the diarium
    Sync {
        /// One source, by its name in config/arvode.toml [default: all of them]
        source: Option<String>,
        /// Everything, not only what has changed since the last time
        #[arg(long)]
        full: bool,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Does everything unattended, until it is told to stop (SIGTERM, Ctrl-C): drop folder, diarium, months, letters
    Run {
        /// The kommuner's data folders [default: --data]
        dirs: Vec<PathBuf>,
    },
    /// How it goes: each job's last and next time, how old the data is, what waits
    Status,
    /// Looks everything through: hashes, audit chain, files that came in and files that left
    Verify {
        /// A person has accounted for what left after the backup that was restored: letters and batches leave by themselves again
        #[arg(long, requires = "because")]
        accept_restored: bool,
        /// Why
        #[arg(long, requires = "accept_restored")]
        because: Option<String>,
        /// A person's yes, where something of it cannot be known
        #[arg(long, requires = "accept_restored")]
        yes: bool,
    },
    /// Puts a copy of everything in one file, and proves that it can be restored
    Backup {
        /// A new file
        file: PathBuf,
    },
    /// Makes the data folder anew from a backup; nothing that may have left already leaves again
    Restore {
        /// A backup
        file: PathBuf,
        /// The latest batch, as the last monthly letter names it
        #[arg(long)]
        batch: Option<String>,
        /// The audit chain's head, as the last monthly letter gives it
        #[arg(long, value_name = "SHA256")]
        chain: Option<String>,
        /// No monthly letter was ever written
        #[arg(long, conflicts_with_all = ["batch", "chain"])]
        no_letter: bool,
        /// Where the database is to be from now on: a PostgreSQL address, or a file's name in the data folder [default: as the
        /// backup's arvode.toml says]
        #[arg(long, value_name = "ADDRESS")]
        database: Option<String>,
        /// Its schema in PostgreSQL [default: as the backup's arvode.toml says]
        #[arg(long, value_name = "NAME")]
        schema: Option<String>,
    },
    /// Does one of the jobs of `arvode run` once: import, timetable (all that is due), or a job of the timetable by its name
    Once {
        #[arg(value_parser = JobWord::parser())]
        job: JobWord,
        /// With timetable, where the clock was wrong and is right now: forgets due times that were noted beyond it
        #[arg(long)]
        clock_is_right: bool,
    },
    /// Takes a meeting or a whole file back
    Withdraw {
        /// ORGAN DATE [START], a mötes-id, or the name or sha256 of an imported file
        #[arg(required = true)]
        target: Vec<String>,
        /// Why
        #[arg(long)]
        because: String,
    },
    /// Persons who were registered twice, or taken for one
    Person {
        #[command(subcommand)]
        action: PersonAction,
    },
    /// Two registered meetings are one: the later says when and where, and what was paid is compared with that
    Link {
        /// ORGAN DATE [START] in one argument, or a mötes-id
        meeting: String,
        /// The same meeting, registered once more
        other: String,
        /// Why
        #[arg(long)]
        because: String,
    },
    /// Takes a link back
    Unlink {
        /// ORGAN DATE [START] in one argument, or a mötes-id
        meeting: String,
        /// The meeting that it was linked to
        other: String,
        /// Why
        #[arg(long)]
        because: String,
    },
    /// What was changed by hand: when, by whom, what and why
    Changes,
    /// Undoes a change made by hand: what stood before it stands again
    Undo {
        /// The change's number, as `arvode changes` lists it
        change: i64,
        /// Why
        #[arg(long)]
        because: String,
    },
    /// A month's batch as it would be, or is: rows, remarks, totals
    Month {
        /// A payout month or a batch [default: this month]
        month: Option<String>,
        /// Make it the open batch
        #[arg(long)]
        freeze: bool,
        /// A person's yes, where a spärr has stopped it
        #[arg(long, requires = "freeze")]
        yes: bool,
    },
    /// A batch of what changed rules cause
    Recalculate {
        /// First accrual month
        #[arg(long)]
        from: Month,
        /// The decision
        #[arg(long)]
        because: String,
        /// A person's yes, where a spärr has stopped it
        #[arg(long)]
        yes: bool,
    },
    /// Every krona: facts, paragraph, parameter and decision, each rounding; what was not paid and why
    Explain {
        /// A payout month or a batch
        month: String,
        /// Anställningsnummer, personnummer or name
        #[arg(long)]
        person: Option<String>,
        /// The row's number (postid)
        #[arg(long)]
        row: Option<u32>,
    },
    /// A person's arvodesbesked: what was paid in a year or a month, how it was worked out, and what was not paid and why
    Statement {
        /// Anställningsnummer, personnummer or name
        person: String,
        /// 2026, or 2026-11 for one month
        period: Period,
        /// Write it as the person gets it to this new file: .xlsx, .pdf or .html
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// A person's registerutdrag (GDPR art. 15): all that is stored about them, where it came from, and what for
    Disclose {
        /// Anställningsnummer, personnummer or name
        person: String,
        /// Write registerutdrag.txt and registerutdrag.json to this folder, readable by its owner alone
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// Signatures on a batch's sheets
    Attest {
        #[command(subcommand)]
        action: AttestAction,
    },
    /// Writes an attested batch's payroll file, once, and hands it over, once
    Export {
        batch: BatchName,
        /// What payroll says of a delivery that was cut off
        #[arg(long, value_enum)]
        cut_off: Option<CutOffWord>,
        /// Leaves out each sheet that lacks a signature: its rows are owed again, and come with the next batch
        #[arg(long)]
        leave_out_unsigned: bool,
    },
    /// Takes a batch back: its lines are owed again
    Void {
        batch: BatchName,
        /// Why
        #[arg(long)]
        because: String,
        /// Payroll has thrown the file away
        #[arg(long)]
        payroll_discarded: bool,
    },
    /// Closes accrual months: nothing earned in them is worked out again
    Close {
        /// The last closed month from now on
        month: Month,
        /// Why
        #[arg(long)]
        because: String,
        /// Open the months after it again
        #[arg(long)]
        reopen: bool,
        /// A person's yes, where something of the months is not settled
        #[arg(long)]
        yes: bool,
    },
    /// What was earned by a year's end and not paid by then, and the year on both bases, reconciled
    Accruals {
        /// The year, as 2026
        #[arg(value_parser = clap::value_parser!(i32).range(1900..=9998))]
        year: i32,
        /// A new workbook
        #[arg(long, value_name = "FILE.xlsx")]
        to: Option<PathBuf>,
        /// By person too; with --json
        #[arg(long, requires = "json")]
        persons: bool,
    },
    /// Removes what is older than the decided time, in closed months; keeps sums, sheets and the audit chain
    Gallra {
        /// Show what would go, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Every amount of a year: what it was, what it became and from which day, and the chain behind it (§ 19)
    Rates {
        /// The year, as 2026
        year: i32,
        /// Write the report for kommunstyrelsen, with what the changes cost, to this new file: .xlsx, .pdf or .html
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// What förtroendevalda cost and did: on both bases, by organ and kind, beside earlier years and the budget (§ 19)
    Report {
        /// 2025, 2025-06 or 2025-01..2025-06
        period: Months,
        /// A new workbook, PDF or page
        #[arg(long, value_name = "FILE.xlsx|.pdf|.html")]
        to: Option<PathBuf>,
        /// By person too, where [report] of config/arvode.toml says persons = true
        #[arg(long)]
        persons: bool,
    },
    /// What a proposed amount, base, rule or riksdagsarvode would have cost over booked months; changes nothing
    #[command(after_help = super::simulate::CHANGE_HELP)]
    Simulate {
        /// Rows of the proposal, in the form of config/regelverk/*.toml
        #[arg(long, value_name = "FILE")]
        change: PathBuf,
        /// First accrual month [default: the change's first]
        #[arg(long, value_name = "MONTH")]
        from: Option<Month>,
        /// Last accrual month [default: the last booked]
        #[arg(long, value_name = "MONTH")]
        to: Option<Month>,
        /// By person too, where config/arvode.toml says simulate_persons = true
        #[arg(long)]
        persons: bool,
    },
    /// Compares a month with what another routine paid for it, and says why they differ; delivers nothing
    Shadow {
        /// The payout month
        month: Month,
        /// A workbook in the form Utbetalt
        file: PathBuf,
        /// Keep the payments as made elsewhere, so that the next month builds on them; no month is frozen before the switch-over
        #[arg(long)]
        keep: bool,
    },
    /// Ends the old routine: says what the first batch would carry, and with --yes makes the switch
    SwitchOver {
        /// The first payout month of this program
        month: Month,
        /// Do it
        #[arg(long)]
        yes: bool,
        /// The decision
        #[arg(long)]
        because: Option<String>,
    },
    /// What a person must look at
    Remarks {
        /// Only these
        #[arg(long, value_enum)]
        state: Option<StateWord>,
        /// Write them to a new workbook, to be answered there and taken in again with `arvode import`
        #[arg(long, value_name = "FILE.xlsx")]
        to: Option<PathBuf>,
    },
    /// Letters: what waits, what was sent, and what did not arrive
    #[command(args_conflicts_with_subcommands = true)]
    Outbox {
        #[command(subcommand)]
        action: Option<OutboxAction>,
        /// Only letters of this state [default: all but those that arrived or came too late]
        #[arg(long, value_enum, conflicts_with = "print")]
        state: Option<LetterWord>,
        /// Write the letters that nobody can be sent to this folder, readable by its owner alone, and mark them as printed
        #[arg(long, value_name = "DIR")]
        print: Option<PathBuf>,
    },
    /// The last days of yrkanden (§ 16): made but incomplete, usual but not made, granted but not paid
    Deadlines {
        /// Anställningsnummer, personnummer or name
        #[arg(long, value_name = "PERSON")]
        person: Option<String>,
        /// Only of this organ's meetings, by name or code
        #[arg(long, value_name = "ORGAN")]
        organ: Option<String>,
        /// At most so many days ahead; with --lapsed so many days behind
        #[arg(long, value_name = "DAYS")]
        within: Option<u32>,
        /// Those whose last day has passed
        #[arg(long)]
        lapsed: bool,
    },
    /// What persons owe: what waits for a decision, what is to be invoiced, set off or let go
    Receivables,
}

#[derive(Subcommand, Debug)]
pub(super) enum PersonAction {
    /// Two registered persons are one
    Merge {
        /// Who is kept: anställningsnummer, personnummer or name
        keep: String,
        /// Who is the same person
        other: String,
        /// Why
        #[arg(long)]
        because: String,
    },
    /// Moves facts that were registered under the wrong person
    #[command(group = clap::ArgGroup::new("whom").required(true).args(["to", "new"]))]
    #[command(group = clap::ArgGroup::new("which").required(true).args(["facts", "file"]))]
    Split {
        /// Who has them: anställningsnummer, personnummer or name
        person: String,
        /// Whose they are
        #[arg(long, value_name = "OTHER")]
        to: Option<String>,
        /// They are of a person who is not registered yet; their row of Personer is among them
        #[arg(long)]
        new: bool,
        /// Their numbers, as `arvode person facts` lists them: 12,15-20
        #[arg(long, value_name = "N,N-M", value_delimiter = ',', value_parser = range::<i64>)]
        facts: Vec<RangeInclusive<i64>>,
        /// The file they were read in
        #[arg(long, value_name = "NAME")]
        file: Option<String>,
        /// Only these rows of it
        #[arg(long, value_name = "N-M", requires = "file", value_parser = range::<u32>)]
        rows: Option<RangeInclusive<u32>>,
        /// Why
        #[arg(long)]
        because: String,
    },
    /// What is known of a person, with the number of each fact and where it was read
    Facts {
        /// Anställningsnummer, personnummer or name
        person: String,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum OutboxAction {
    /// A letter as its receiver reads it, and what goes with it
    Show {
        /// Its number, as `arvode outbox` lists it
        letter: i64,
        /// As HTML
        #[arg(long, conflicts_with = "eml")]
        html: bool,
        /// As it is handed to the mail server
        #[arg(long)]
        eml: bool,
    },
    /// Sends what waits, now; also what waits for its next try
    Send,
    /// Sends a letter once more that did not arrive, to the address that stands in the register now
    Retry {
        /// Its number, as `arvode outbox` lists it
        letter: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum LetterWord {
    All,
    Waiting,
    Sending,
    Sent,
    ToPrint,
    Printed,
    Refused,
    GivenUp,
    Useless,
    HeldBack,
}

#[derive(Subcommand, Debug)]
pub(super) enum AttestAction {
    /// The sheets and who has signed; writes each sheet's text to sign
    Show { batch: BatchName },
    /// Signs every open sheet with a private key
    Sign {
        batch: BatchName,
        /// granskning or beslut
        #[arg(long)]
        role: Role,
        /// The private key's file
        #[arg(long)]
        key: PathBuf,
        /// Which entry is meant, where a key has several
        #[arg(long = "as", value_name = "ID")]
        as_id: Option<String>,
    },
    /// Takes signatures made by `ssh-keygen -Y sign -n arvode-attest`
    Add {
        batch: BatchName,
        /// The .sig files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// What `arvode once` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobWord {
    /// Takes in what lies in the drop folder.
    Import,
    /// All that is due.
    Timetable,
    /// A job of the timetable.
    Job(Job),
}

impl JobWord {
    /// The names as the timetable has them, so that a new job needs no second list.
    fn parser() -> impl TypedValueParser<Value = JobWord> {
        let names = ["import", "timetable"].into_iter().chain(Job::ALL.into_iter().map(Job::name));
        PossibleValuesParser::new(names).map(|name| match Job::parse(&name) {
            Some(job) => JobWord::Job(job),
            None if name == "timetable" => JobWord::Timetable,
            None => JobWord::Import,
        })
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum CutOffWord {
    Delivered,
    NotDelivered,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum StateWord {
    Held,
    Noted,
    Closed,
}

impl From<StateWord> for State {
    fn from(word: StateWord) -> State {
        match word {
            StateWord::Held => State::Held,
            StateWord::Noted => State::Noted,
            StateWord::Closed => State::Closed,
        }
    }
}

/// `12` or `12-20`
fn range<T: std::str::FromStr + Copy + PartialOrd>(text: &str) -> Result<RangeInclusive<T>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let parsed = first.trim().parse::<T>().ok().zip(last.trim().parse::<T>().ok());
    parsed
        .filter(|(first, last)| first <= last)
        .map(|(first, last)| first..=last)
        .ok_or_else(|| "write 12 or 12-20".to_owned())
}

impl Command {
    /// Why something is done by hand, where the command asks for it.
    pub(super) fn because(&self) -> Option<&str> {
        match self {
            Command::Withdraw { because, .. }
            | Command::Void { because, .. }
            | Command::Close { because, .. }
            | Command::Link { because, .. }
            | Command::Unlink { because, .. }
            | Command::Undo { because, .. }
            | Command::Verify { because: Some(because), .. }
            | Command::Person { action: PersonAction::Merge { because, .. } | PersonAction::Split { because, .. } } => {
                Some(because)
            }
            _ => None,
        }
    }
}

fn instant(text: &str) -> Result<i64, String> {
    let parsed = chrono::DateTime::parse_from_rfc3339(text);
    parsed.map(|instant| instant.timestamp_millis()).map_err(|_| "write it as 2026-11-23T12:00:00Z".to_owned())
}
