//! The signals that end the program: SIGTERM from the service manager, SIGINT from whoever sits at the terminal.
//!
//! They are heard by a thread of their own, for the loop may be at work that lets nothing else in: a share that does not
//! answer, a file that nobody ends. The loop is told, ends what it is at or lets go of it, and the program is over. Where it
//! does not hear in time the thread ends the program: what was held is released by that (locks, connections, transactions,
//! the child that reads a workbook), and what was at work is found and done again at the next start, as after a power cut.
//! SIGHUP is heard and means nothing: settings are read anew in each round.

use std::future::Future;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::domain::Fault;

/// How long a round may go on after it was told to stop; then what it holds is released, and the next start does it again.
const GRACE: Duration = Duration::from_secs(5);

/// How long the loop may take to hear of it; a service manager waits longer, and a promise is ten seconds.
const LONGEST: Duration = Duration::from_secs(8);

/// For the last words: nobody may be reading them.
const WORDS: Duration = Duration::from_millis(500);

/// Becomes true when the service manager or a person at the terminal says stop.
///
/// # Errors
/// `Temporary`: the machine has no thread or no signals for us.
pub(super) fn stop_signal() -> Result<watch::Receiver<bool>, Fault> {
    let unheard =
        |error: &dyn std::fmt::Display| Fault::Temporary(format!("signals cannot be heard: {error}; try again"));
    let (tell, told) = watch::channel(false);
    let (begun, begins) = mpsc::channel();
    let thread = thread::Builder::new().name("signals".to_owned()).spawn(move || hear(&tell, &begun));
    thread.map_err(|error| unheard(&error))?;
    match begins.recv() {
        Ok(Ok(())) => Ok(told),
        Ok(Err(error)) => Err(unheard(&error)),
        Err(error) => Err(unheard(&error)),
    }
}

/// Until it is told, and what is at work has had its time.
pub(super) async fn grace_is_over(mut told: watch::Receiver<bool>) {
    let _ = told.wait_for(|is_told| *is_told).await;
    tokio::time::sleep(GRACE).await;
}

/// What comes of some work; none where it is told to stop before that.
pub(super) async fn unless_told<T>(mut told: watch::Receiver<bool>, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        _ = told.wait_for(|is_told| *is_told) => None,
    }
}

/// The thread: tells of the first signal, and ends the program at the second, or when nobody has heard of the first.
fn hear(tell: &watch::Sender<bool>, begun: &mpsc::Sender<std::io::Result<()>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended: std::io::Result<()> = runtime.and_then(|runtime| {
        runtime.block_on(async {
            let mut signals = Signals::hear()?;
            let _ = begun.send(Ok(()));
            signals.next().await;
            tell.send_replace(true);
            tokio::select! {
                () = signals.next() => {}
                () = tokio::time::sleep(LONGEST) => last_words(),
            }
            std::process::exit(0)
        })
    });
    let _ = begun.send(ended);
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    _hang_up: Signal,
}

impl Signals {
    fn hear() -> std::io::Result<Signals> {
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            // Who is not heard ends the program.
            _hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Where standard error is a pipe that nobody empties, a word would take for ever.
fn last_words() {
    let (said, is_said) = mpsc::channel();
    thread::spawn(move || {
        let told = "told to stop, and what was at work did not let go in time: it was broken off, and is done again at the next start";
        crate::app::complain(told);
        let _ = said.send(());
    });
    let _ = is_said.recv_timeout(WORDS);
}
