//! One mail server, spoken to letter by letter over one connection, each step under a time of its own.

use std::future::Future;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Response;

use super::message::{Sender, Unsendable, message_bytes, receiver_address};
use super::plain;
use crate::adapters::secret::SecretFolders;
use crate::adapters::service::step_done;
use crate::adapters::settings::{Security, SmtpSettings};
use crate::domain::Fault;
use crate::ports::{LetterFile, NotTaken, Post, StoredLetter};

/// Steps before the letter itself: connection, TLS, two greetings, AUTH, MAIL, RCPT, DATA.
const STEPS: u32 = 8;

/// A server that has the whole letter may look at it for so many steps' time before it answers; who hangs up then sends it
/// twice.
const STEPS_AFTER_LETTER: u32 = 10;

/// A mail server.
pub struct SmtpPost {
    settings: SmtpSettings,
    sender: Sender,
    secrets: SecretFolders,
    open: Option<AsyncSmtpConnection>,
}

impl std::fmt::Debug for SmtpPost {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SmtpPost").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What is to be handed over.
struct Parcel {
    from: Address,
    to: Address,
    bytes: Vec<u8>,
}

/// A letter that was not taken, and whether the connection was at fault before the server knew of the letter.
struct Failed {
    why: NotTaken,
    is_stale: bool,
}

impl From<NotTaken> for Failed {
    fn from(why: NotTaken) -> Failed {
        Failed { why, is_stale: false }
    }
}

impl Post for SmtpPost {
    async fn send(&mut self, letter: &StoredLetter, files: &[LetterFile]) -> Result<String, NotTaken> {
        let parcel = self.parcel(letter, files)?;
        let is_used = self.open.is_some();
        let until = Instant::now() + self.longest();
        match self.hand_over(&parcel, until).await {
            // A server may end a connection that has carried letters; that says nothing of the next letter.
            Err(failed) if failed.is_stale && is_used => self.hand_over(&parcel, until).await,
            ended => ended,
        }
        .map_err(|failed| failed.why)
    }

    fn longest_ms(&self) -> i64 {
        i64::try_from(self.longest().as_millis()).unwrap_or(i64::MAX)
    }

    async fn end(&mut self) {
        if let Some(mut open) = self.open.take() {
            // Its answer changes nothing.
            let _ = tokio::time::timeout(self.settings.step, open.quit()).await;
        }
    }
}

impl SmtpPost {
    /// Nothing is opened before the first letter.
    pub fn new(settings: SmtpSettings, sender: Sender, secrets: SecretFolders) -> SmtpPost {
        SmtpPost { settings, sender, secrets, open: None }
    }

    /// A letter on its way is left to this process for so long.
    fn longest(&self) -> Duration {
        self.settings.step.saturating_mul(2 * (STEPS + STEPS_AFTER_LETTER))
    }

    fn parcel(&self, letter: &StoredLetter, files: &[LetterFile]) -> Result<Parcel, NotTaken> {
        let unsendable = |why: Unsendable| match why {
            Unsendable::Sender => NotTaken::Nothing("`from` i [mail] är ingen adress".to_owned()),
            Unsendable::Receiver => NotTaken::Never("adressen går inte att använda".to_owned()),
        };
        let bytes = message_bytes(&self.sender, letter, files).map_err(unsendable)?;
        let from = self.settings.envelope_from.as_ref().unwrap_or(&self.sender.address);
        let from = from.parse().map_err(|_| NotTaken::Nothing("`envelope_from` är ingen adress".to_owned()))?;
        Ok(Parcel { from, to: receiver_address(letter).map_err(unsendable)?, bytes })
    }

    async fn hand_over(&mut self, parcel: &Parcel, until: Instant) -> Result<String, Failed> {
        // Taken out: whatever fails, the connection is not used again.
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        let step = self.settings.step;
        let needs_utf8 = [&parcel.to, &parcel.from].into_iter().any(|address| !address.to_string().is_ascii());
        if needs_utf8 && !open.server_info().supports_feature(Extension::SmtpUtfEight) {
            self.open = Some(open);
            return Err(NotTaken::Never("servern tar inte adresser med å, ä eller ö (SMTPUTF8)".to_owned()).into());
        }
        let parameters = if needs_utf8 { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
        let sender = within(step, open.command(Mail::new(Some(parcel.from.clone()), parameters))).await;
        sender.map_err(|failed| failed.at_sender())?;
        let receiver = within(step, open.command(Rcpt::new(parcel.to.clone(), Vec::new()))).await;
        if let Err(failed) = receiver {
            return Err(self.keep_if_answered(open, failed).await);
        }
        within(step, open.command(Data)).await.map_err(Step::of_letter)?;
        if until < Instant::now() {
            // The process was frozen: another may have sent the letter since. Hanging up takes it back.
            let told = "programmet stod stilla medan brevet var på väg; inget har skickats";
            return Err(NotTaken::Unreachable(told.to_owned()).into());
        }
        let taken = within(step.saturating_mul(STEPS_AFTER_LETTER), open.message(&parcel.bytes)).await;
        match taken {
            Ok(answer) => {
                self.open = Some(open);
                Ok(plain(&words(&answer)))
            }
            Err(failed) => Err(self.keep_if_answered(open, failed).await),
        }
    }

    /// A server that has answered no is still there for the next letter.
    async fn keep_if_answered(&mut self, mut open: AsyncSmtpConnection, failed: Step) -> Failed {
        let is_answer = matches!(&failed, Step::Failed(error) if error.is_transient() || error.is_permanent());
        if is_answer && within(self.settings.step, open.command(Rset)).await.is_ok() {
            self.open = Some(open);
        }
        failed.of_letter()
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failed> {
        let (settings, step) = (&self.settings, self.settings.step);
        let (hello, place) = (ClientId::default(), (settings.host.as_str(), settings.port));
        let tls = match settings.security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(self.tls()?),
        };
        let (at_once, later) = match settings.security {
            Security::Tls => (tls, None),
            Security::StartTls | Security::None => (None, tls),
        };
        let connecting = AsyncSmtpConnection::connect_tokio1(place, Some(step), &hello, at_once, None);
        // Connection, TLS and greeting.
        let mut open = within(step.saturating_mul(3), connecting).await.map_err(|failed| failed.at_connection())?;
        if let Some(tls) = later {
            if !open.can_starttls() {
                within(step, open.quit()).await.ok();
                let told =
                    "servern erbjuder inte STARTTLS; inget har skickats. Rätta port eller security i [mail.smtp]";
                return Err(NotTaken::Nothing(told.to_owned()).into());
            }
            within(step.saturating_mul(2), open.starttls(tls, &hello))
                .await
                .map_err(|failed| failed.at_connection())?;
        }
        if let Some((user, file)) = &settings.login {
            let password = self.secrets.line(file, "password_file").map_err(told)?;
            let credentials = Credentials::new(user.clone(), password.shown().to_owned());
            let login = open.auth(DEFAULT_MECHANISMS, &credentials);
            within(step, login).await.map_err(|failed| failed.at_login())?;
        }
        Ok(open)
    }

    fn tls(&self) -> Result<TlsParameters, NotTaken> {
        let mut builder = TlsParametersBuilder::new(self.settings.host.clone());
        if let Some(file) = &self.settings.ca_file {
            let wrong = || NotTaken::Nothing("filen i `ca_file` har inget certifikat i PEM".to_owned());
            let pem = self.secrets.content(file, "ca_file").map_err(told)?;
            if !pem.windows(11).any(|part| part == b"CERTIFICATE") {
                return Err(wrong());
            }
            builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| wrong())?);
        }
        builder.build().map_err(|error| NotTaken::Nothing(plain(&error.to_string())))
    }
}

fn told(fault: Fault) -> NotTaken {
    NotTaken::Nothing(fault.to_string())
}

/// `250 2.0.0 Ok: queued`
fn words(answer: &Response) -> String {
    format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" "))
}

/// How a step went wrong.
enum Step {
    Late,
    Failed(Error),
}

async fn within<T>(time: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Step> {
    let ended = tokio::time::timeout(time, step).await;
    step_done();
    match ended {
        Ok(ended) => ended.map_err(Step::Failed),
        Err(_) => Err(Step::Late),
    }
}

impl Step {
    fn told(&self) -> String {
        match self {
            Step::Late => "servern svarade inte i tid".to_owned(),
            Step::Failed(error) => match error.status() {
                Some(code) => plain(&format!("{code} {}", said(error))),
                None => plain(&error.to_string()),
            },
        }
    }

    fn is_permanent(&self) -> bool {
        matches!(self, Step::Failed(error) if error.is_permanent())
    }

    fn code(&self) -> u16 {
        match self {
            Step::Late => 0,
            Step::Failed(error) => error.status().and_then(|code| code.to_string().parse().ok()).unwrap_or_default(),
        }
    }

    /// Before any letter: what a person must mend is the settings, the certificate or the server.
    fn at_connection(self) -> Failed {
        let is_tls = matches!(&self, Step::Failed(error) if error.is_tls() || is_tls_fault(error));
        let told = self.told();
        match self.is_permanent() || is_tls {
            true => NotTaken::Nothing(told).into(),
            false => NotTaken::Unreachable(told).into(),
        }
    }

    /// A refused password is mended by a person; a login that breaks off is not.
    fn at_login(self) -> Failed {
        let told = format!("inloggningen: {}", self.told());
        let is_client = matches!(&self, Step::Failed(error) if error.is_client());
        match self.is_permanent() || is_client {
            true => NotTaken::Nothing(told).into(),
            false => NotTaken::Unreachable(told).into(),
        }
    }

    /// What is said of the sender is said of every letter.
    fn at_sender(self) -> Failed {
        let told = self.told();
        match (self.is_permanent(), self.code()) {
            (true, _) => NotTaken::Nothing(format!("avsändaren: {told}")).into(),
            (false, code) => {
                let is_stale = code == 0 || code == 421;
                let why = if code == 0 { NotTaken::Broken(told) } else { NotTaken::Later(told) };
                Failed { why, is_stale }
            }
        }
    }

    /// What is said of this letter alone, but that it wants a login or TLS.
    fn of_letter(self) -> Failed {
        let told = self.told();
        match (self.is_permanent(), self.code()) {
            (true, 530 | 534 | 535 | 538) => NotTaken::Nothing(told),
            (true, _) => NotTaken::Never(told),
            (false, 0 | 421) => NotTaken::Broken(told),
            (false, _) => NotTaken::Later(told),
        }
        .into()
    }
}

/// The words of an answer, without the library's own.
fn said(error: &Error) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

/// What rustls finds wrong comes as an error of reading: bad data.
fn is_tls_fault(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::InvalidData) {
            return true;
        }
        source = inner.source();
    }
    false
}
