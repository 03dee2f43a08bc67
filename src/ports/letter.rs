//! Letters: what is told to whom, and how far each has come.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use super::Report;
use crate::domain::{Fault, OrganCode, PersonId};

/// Every kind of letter; each has its folder in `config/letters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LetterKind {
    /// To a person: claims near their last day (§ 16).
    DeadlineDigest,
    /// To the kansli: the same of everybody, and what lapsed.
    DeadlineSummary,
    /// To an organ's secretary: meetings without attendance.
    MissingLists,
    /// To an official: sheets to attest.
    AttestSheets,
    /// To an official: sheets that still wait.
    AttestReminder,
    /// To everybody on it: the attestförteckning has changed.
    ForteckningChanged,
    /// To the kansli, monthly: what was paid and what waits. Its absence is the alarm.
    MonthlyLetter,
    /// To the lönekontor: a month's file has left, with control totals.
    MonthExported,
    /// To kansli, operator and the officials who could have signed: sheets were left out of the batch.
    SheetsLeftOut,
    /// To kommunstyrelsen's registrator: changed levels (§ 19).
    RateNotice,
    /// To the registrator and the kansli: next year's values are missing.
    RateWarning,
    /// To allmänna utskottet, yearly (§ 19).
    FollowUp,
    /// To ekonomi: what was earned and not paid by 31 December.
    AccrualList,
    /// To a person: the year's arvodesbesked.
    Arvodesbesked,
    /// To the kansli: who has not had the briefing of the mandatperiod (§ 19).
    BriefingList,
    /// To the kansli: rows that were held, with the workbook to mend them in.
    RejectedRows,
    /// To the kansli: letters whose receiver has no address.
    PrintList,
    /// To the operator: something has failed and needs a person.
    OperatorAlarm,
    /// To operator and kansli: what was missed while the program was away.
    OutageSummary,
}

impl LetterKind {
    /// All of them.
    pub const ALL: [LetterKind; 19] = [
        LetterKind::DeadlineDigest,
        LetterKind::DeadlineSummary,
        LetterKind::MissingLists,
        LetterKind::AttestSheets,
        LetterKind::AttestReminder,
        LetterKind::ForteckningChanged,
        LetterKind::MonthlyLetter,
        LetterKind::MonthExported,
        LetterKind::SheetsLeftOut,
        LetterKind::RateNotice,
        LetterKind::RateWarning,
        LetterKind::FollowUp,
        LetterKind::AccrualList,
        LetterKind::Arvodesbesked,
        LetterKind::BriefingList,
        LetterKind::RejectedRows,
        LetterKind::PrintList,
        LetterKind::OperatorAlarm,
        LetterKind::OutageSummary,
    ];

    /// Its folder's name, and its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            LetterKind::DeadlineDigest => "deadline_digest",
            LetterKind::DeadlineSummary => "deadline_summary",
            LetterKind::MissingLists => "missing_lists",
            LetterKind::AttestSheets => "attest_sheets",
            LetterKind::AttestReminder => "attest_reminder",
            LetterKind::ForteckningChanged => "forteckning_changed",
            LetterKind::MonthlyLetter => "monthly_letter",
            LetterKind::MonthExported => "month_exported",
            LetterKind::SheetsLeftOut => "sheets_left_out",
            LetterKind::RateNotice => "rate_notice",
            LetterKind::RateWarning => "rate_warning",
            LetterKind::FollowUp => "follow_up",
            LetterKind::AccrualList => "accrual_list",
            LetterKind::Arvodesbesked => "arvodesbesked",
            LetterKind::BriefingList => "briefing_list",
            LetterKind::RejectedRows => "rejected_rows",
            LetterKind::PrintList => "print_list",
            LetterKind::OperatorAlarm => "operator_alarm",
            LetterKind::OutageSummary => "outage_summary",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<LetterKind> {
        LetterKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A place that letters go to, whoever works there: `[mail.to]` of `arvode.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Office {
    /// Who keeps lists and register.
    Kansli,
    /// Who takes the payroll file in.
    Lonekontor,
    /// Kommunstyrelsen's registrator.
    Registrator,
    /// Allmänna utskottet.
    AllmannaUtskottet,
    /// Who keeps the accounts.
    Ekonomi,
    /// Who runs the program.
    Operator,
}

impl Office {
    /// All of them.
    pub const ALL: [Office; 6] = [
        Office::Kansli,
        Office::Lonekontor,
        Office::Registrator,
        Office::AllmannaUtskottet,
        Office::Ekonomi,
        Office::Operator,
    ];

    /// The key in `[mail.to]`.
    pub fn name(self) -> &'static str {
        match self {
            Office::Kansli => "kansli",
            Office::Lonekontor => "lonekontor",
            Office::Registrator => "registrator",
            Office::AllmannaUtskottet => "allmanna_utskottet",
            Office::Ekonomi => "ekonomi",
            Office::Operator => "operator",
        }
    }
}

/// Whom a letter is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Receiver {
    /// A person of the register, at the address of Personer.
    Person(PersonId),
    /// An official of the attestförteckning, by id.
    Official(String),
    /// A place.
    Office(Office),
    /// The secretary of an organ; the kansli where none is named.
    Secretary(OrganCode),
}

impl fmt::Display for Receiver {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Receiver::Person(person) => write!(to, "person:{}", person.0),
            Receiver::Official(id) => write!(to, "official:{id}"),
            Receiver::Office(office) => write!(to, "office:{}", office.name()),
            Receiver::Secretary(organ) => write!(to, "secretary:{}", organ.0),
        }
    }
}

impl Receiver {
    /// Reads what [`Receiver`]'s `Display` writes.
    pub fn parse(text: &str) -> Option<Receiver> {
        let (what, which) = text.split_once(':')?;
        match what {
            "person" => which.parse().ok().map(|id| Receiver::Person(PersonId(id))),
            "official" => Some(Receiver::Official(which.to_owned())),
            "office" => Office::ALL.into_iter().find(|office| office.name() == which).map(Receiver::Office),
            "secretary" => Some(Receiver::Secretary(OrganCode(which.to_owned()))),
            _ => None,
        }
    }
}

/// The addresses that are configured; those of persons are in the register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Of places.
    pub offices: BTreeMap<Office, String>,
    /// Of organ's secretaries.
    pub secretaries: BTreeMap<OrganCode, String>,
    /// Of the officials of the attestförteckning, by id.
    pub officials: BTreeMap<String, String>,
}

/// A file that goes with a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterFile {
    /// Its name, in ASCII.
    pub name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// A letter as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// One line.
    pub subject: String,
    /// For those who read plain text.
    pub text: String,
    /// The same for those who do not.
    pub html: String,
}

/// A letter to be put in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLetter {
    /// Which.
    pub kind: LetterKind,
    /// To whom.
    pub receiver: Receiver,
    /// What it is about, so that no letter is written twice: `2026-11`, `2026-11/1`.
    pub occasion: String,
    /// Where it goes; none if nobody knows: then it is printed.
    pub address: Option<String>,
    /// What it says.
    pub written: Written,
    /// What goes with it.
    pub files: Vec<LetterFile>,
    /// Not sent after this instant, milliseconds since 1970.
    pub useless_after_ms: Option<i64>,
}

impl NewLetter {
    /// What no second letter has.
    pub fn key(&self) -> String {
        letter_key(self.kind, &self.receiver, &self.occasion)
    }
}

/// Kind, receiver and occasion.
pub fn letter_key(kind: LetterKind, receiver: &Receiver, occasion: &str) -> String {
    format!("{}|{receiver}|{occasion}", kind.name())
}

/// What a letter is known by outside: the same through every try and restart, and nobody is found by it.
pub fn letter_token(key: &str, organisationsnummer: &str) -> String {
    let hash = Sha256::digest(format!("{organisationsnummer}\n{key}"));
    hash.iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

/// How far a letter has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LetterState {
    /// To be sent at the next try.
    Waiting,
    /// On its way: if the program died now, it may have arrived, and goes out once more under the same Message-ID.
    Sending,
    /// Taken by the server, or written to the folder.
    Sent,
    /// Without an address: for the list for print.
    ToPrint,
    /// Handed over for print.
    Printed,
    /// The server refused it for good.
    Refused,
    /// Not taken within the days that a letter is tried.
    GivenUp,
    /// Its time had passed.
    Useless,
    /// The database was restored from a backup, and nobody knows whether it was sent after that was made.
    HeldBack,
}

impl LetterState {
    /// All of them.
    pub const ALL: [LetterState; 9] = [
        LetterState::Waiting,
        LetterState::Sending,
        LetterState::Sent,
        LetterState::ToPrint,
        LetterState::Printed,
        LetterState::Refused,
        LetterState::GivenUp,
        LetterState::Useless,
        LetterState::HeldBack,
    ];

    /// Its name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            LetterState::Waiting => "waiting",
            LetterState::Sending => "sending",
            LetterState::Sent => "sent",
            LetterState::ToPrint => "to_print",
            LetterState::Printed => "printed",
            LetterState::Refused => "refused",
            LetterState::GivenUp => "given_up",
            LetterState::Useless => "useless",
            LetterState::HeldBack => "held_back",
        }
    }

    /// The state of a name.
    pub fn parse(name: &str) -> Option<LetterState> {
        LetterState::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Nothing more happens to it by itself.
    pub fn is_ended(self) -> bool {
        !matches!(self, LetterState::Waiting | LetterState::Sending | LetterState::ToPrint)
    }
}

/// A letter of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLetter {
    /// Its number.
    pub id: i64,
    /// The letter; its files are read apart, by [`OutboxStore::letter_files`].
    pub letter: NewLetter,
    /// When it was written, milliseconds since 1970.
    pub created_ms: i64,
    /// How far it has come.
    pub progress: Progress,
}

/// How far a letter has come, and what was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How far.
    pub state: LetterState,
    /// How often it was tried.
    pub tries: u32,
    /// Not tried before this instant.
    pub next_try_ms: i64,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// What the server said last, or why it was not sent; no address and no number of a person.
    pub answer: String,
}

/// A letter without what it says: enough to list it, and read without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetterHead {
    /// Its number.
    pub id: i64,
    /// Which.
    pub kind: LetterKind,
    /// To whom.
    pub receiver: Receiver,
    /// What it is about.
    pub occasion: String,
    /// Where it goes.
    pub address: Option<String>,
    /// Its subject; empty where gallring has taken what it said.
    pub subject: String,
    /// When it was written, milliseconds since 1970.
    pub created_ms: i64,
    /// Not sent after this instant.
    pub useless_after_ms: Option<i64>,
    /// How far it has come.
    pub progress: Progress,
}

impl LetterHead {
    /// What no second letter has.
    pub fn key(&self) -> String {
        letter_key(self.kind, &self.receiver, &self.occasion)
    }
}

/// What letters ask of the store; what is written is part of the transaction that is open.
#[allow(async_fn_in_trait, reason = "one task awaits one store; nothing is sent between threads")]
pub trait OutboxStore {
    /// Puts a letter in the outbox; false if one of its key is there already.
    async fn add_letter(&mut self, letter: &NewLetter, at_ms: i64) -> Result<bool, Fault>;
    /// Whether a letter of a key is there.
    async fn has_letter(&mut self, key: &str) -> Result<bool, Fault>;
    /// Letters of some states, oldest first; each is checked against its hash.
    async fn letters(&mut self, states: &[LetterState]) -> Result<Vec<StoredLetter>, Fault>;
    /// Letters that are to be tried at an instant, oldest first, at most so many.
    async fn letters_due(&mut self, now_ms: i64, limit: u32) -> Result<Vec<StoredLetter>, Fault>;
    /// What goes with a letter, in order; each is checked against its hash.
    async fn letter_files(&mut self, id: i64) -> Result<Vec<LetterFile>, Fault>;
    /// A letter by its number; checked against its hash.
    async fn letter(&mut self, id: i64) -> Result<Option<StoredLetter>, Fault>;
    /// Letters of some states without their texts, oldest first.
    async fn letter_heads(&mut self, states: &[LetterState]) -> Result<Vec<LetterHead>, Fault>;
    /// Letters to a receiver without their texts, oldest first.
    async fn letters_to(&mut self, receiver: &Receiver) -> Result<Vec<LetterHead>, Fault>;
    /// Moves a letter on.
    ///
    /// # Errors
    /// `Refused` if state, tries or next try are not as in `from`: somebody else moved it.
    async fn move_letter(&mut self, id: i64, from: &Progress, to: &Progress) -> Result<(), Fault>;
    /// Gives a letter another address, or none.
    async fn readdress_letter(&mut self, id: i64, address: Option<&str>) -> Result<(), Fault>;
    /// Takes text, address and files of letters that were written before an instant and have ended; that they were
    /// written stays. Gives how many.
    async fn empty_letters(&mut self, before_ms: i64) -> Result<u64, Fault>;
    /// Occasions of letters of a kind to a receiver, oldest first.
    async fn occasions(&mut self, kind: LetterKind, receiver: &Receiver) -> Result<Vec<String>, Fault>;

    /// When a job was due last and what came of it; none if it never was.
    async fn last_run(&mut self, job: &str) -> Result<Option<ScheduledRun>, Fault>;
    /// Due times that are not done, oldest first.
    async fn open_runs(&mut self) -> Result<Vec<ScheduledRun>, Fault>;
    /// Notes that a job is due; false if it was noted already.
    async fn add_run(&mut self, run: &ScheduledRun) -> Result<bool, Fault>;
    /// Moves a due time on.
    ///
    /// # Errors
    /// `Refused` if it is not in the state `from`: somebody else moved it.
    async fn move_run(&mut self, from: RunState, run: &ScheduledRun) -> Result<(), Fault>;
}

/// What has become of a due time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunState {
    /// To be done.
    Planned,
    /// Begun.
    Running,
    /// Done.
    Done,
    /// Failed, and tried again.
    Failed,
    /// Missed, and left out because a later one says the same.
    Skipped,
}

impl RunState {
    /// All of them.
    pub const ALL: [RunState; 5] =
        [RunState::Planned, RunState::Running, RunState::Done, RunState::Failed, RunState::Skipped];

    /// Its name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            RunState::Planned => "planned",
            RunState::Running => "running",
            RunState::Done => "done",
            RunState::Failed => "failed",
            RunState::Skipped => "skipped",
        }
    }

    /// The state of a name.
    pub fn parse(name: &str) -> Option<RunState> {
        RunState::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A due time of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledRun {
    /// The job's name.
    pub job: String,
    /// When it is due, milliseconds since 1970.
    pub due_ms: i64,
    /// What has become of it.
    pub state: RunState,
    /// How often it was tried.
    pub tries: u32,
    /// Not tried before this instant.
    pub next_try_ms: i64,
    /// When it was begun last.
    pub started_ms: Option<i64>,
    /// When it ended.
    pub ended_ms: Option<i64>,
    /// What came of it, in a sentence without any number of a person.
    pub told: String,
}

/// Makes what is read: letters from their templates, reports as workbooks and pages.
pub trait Press {
    /// Writes a letter of a kind; `content` is what its templates name.
    ///
    /// # Errors
    /// A template that somebody has edited cannot be used: where, and why.
    fn letter(&self, kind: LetterKind, content: &serde_json::Value) -> Result<Written, Fault>;
    /// A report as a workbook.
    ///
    /// # Errors
    /// It cannot be written.
    fn workbook(&self, report: &Report) -> Result<Vec<u8>, Fault>;
    /// A report as an archivable PDF; none where the program is built without.
    ///
    /// # Errors
    /// The template that somebody has edited cannot be used: where, and why.
    fn pdf(&self, report: &Report) -> Result<Option<Vec<u8>>, Fault>;
    /// A report as one HTML page.
    fn html(&self, report: &Report) -> String;
}

/// What became of handing a letter over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// Try again later: the server's code and words, without addresses.
    Later(String),
    /// The connection broke or was silent: as `Later`, but the next letter may meet the same.
    Broken(String),
    /// Never: the server's code and words, without addresses.
    Never(String),
    /// Nothing can be sent until somebody mends it (settings, certificate, password): all letters wait.
    Nothing(String),
    /// Nothing can be sent for now (no server answers, the disk is full): all letters wait.
    Unreachable(String),
}

/// Carries letters.
#[allow(async_fn_in_trait, reason = "one task awaits one post; nothing is sent between threads")]
pub trait Post {
    /// Hands a letter over; gives what the taker said.
    async fn send(&mut self, letter: &StoredLetter, files: &[LetterFile]) -> Result<String, NotTaken>;
    /// The longest that one letter may take: so long nobody else tries it.
    fn longest_ms(&self) -> i64;
    /// No more letters in this round.
    async fn end(&mut self);
}

/// What a mail server has sent back about a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// By what [`ReturnBox::put_aside`] knows it.
    pub file: String,
    /// The tokens of letters that it names; see [`letter_token`].
    pub tokens: Vec<String>,
    /// Whose address failed, where it says so.
    pub recipient: Option<String>,
    /// The letter will not arrive; else it is only late.
    pub is_final: bool,
    /// Code and words, without addresses.
    pub answer: String,
}

/// Where mail servers send back what they could not deliver.
pub trait ReturnBox {
    /// What has come, and how many files could not be read and are left where they are.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn returned(&mut self) -> Result<(Vec<Returned>, usize), Fault>;
    /// Puts aside what has been seen to.
    ///
    /// # Errors
    /// The file cannot be moved.
    fn put_aside(&mut self, file: &str) -> Result<(), Fault>;
}
