//! Starts the child, waits for it within limits, and says in words how it ended.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::child::{DONE, FAILED, REFUSED, SUBCOMMAND};
use super::limits::ChildLimits;
use super::seal::UNSEALED;
use super::spool::{Ending, Spool};
use crate::ports::Unreadable;

/// What the child made of a workbook.
pub struct Parsed {
    /// Its rows.
    pub spool: Spool,
    /// The kernel had the child locked in.
    pub sealed: bool,
}

/// Lets the child parse a workbook from its first byte.
///
/// # Errors
/// The child refused the file or did not come to its end.
pub fn parse(
    program: &OsStr,
    mut workbook: File,
    limits: &ChildLimits,
    work_folder: &Path,
) -> Result<Parsed, Unreadable> {
    let spool = nameless(work_folder).map_err(|_| no_work_folder())?;
    let argument = serde_json::to_string(limits).map_err(|_| no_start("Gränserna går inte att skriva."))?;
    let output = spool.try_clone().map_err(|_| no_work_folder())?;
    workbook.rewind().map_err(|_| no_start("Filen går inte att läsa från början."))?;
    let child = Command::new(program)
        .arg(SUBCOMMAND)
        .arg(argument)
        .arg(std::process::id().to_string())
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(workbook))
        .stdout(Stdio::from(output))
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|_| no_start("Läsaren går inte att starta."))?;
    let ended =
        wait(child, Duration::from_millis(limits.wall_ms)).map_err(|_| no_start("Läsaren går inte att följa."))?;
    let ending = Spool::open(spool).map_err(|_| spool_unreadable())?;
    match (ended.status.code().and_then(|code| u8::try_from(code).ok()), ending) {
        (Some(DONE), Ending::Whole(spool)) if !ended.killed => {
            Ok(Parsed { spool, sealed: !ended.stderr.starts_with(UNSEALED) })
        }
        (Some(REFUSED), Ending::Refused(refusal)) if !ended.killed => {
            Err(Unreadable { wrong: refusal.wrong, instead: refusal.instead, temporary: false })
        }
        _ => Err(words_for(&ended, limits)),
    }
}

/// The spooled rows could not be read back.
pub fn spool_unreadable() -> Unreadable {
    Unreadable {
        wrong: "De inlästa raderna går inte att läsa tillbaka från disken.".to_owned(),
        instead: "Försök igen; kontrollera disken om felet återkommer.".to_owned(),
        temporary: true,
    }
}

const SIGABRT: i32 = 6;
const SIGXCPU: i32 = 24;
const SIGXFSZ: i32 = 25;
/// What is kept of the child's standard error: enough to see that memory ran out.
const STDERR_LIMIT_BYTES: usize = 4096;

/// A file without a name: nothing is left behind, whatever happens.
///
/// # Errors
/// The folder cannot be written in.
pub fn nameless(folder: &Path) -> io::Result<File> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".spool-{}-{number}", std::process::id()));
        match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => return fs::remove_file(&path).map(|()| file),
            // Left by a process of the same number that was killed between the two calls.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// How the child ended.
struct Ended {
    status: ExitStatus,
    /// By us, because its time was up.
    killed: bool,
    stderr: Vec<u8>,
}

/// Waits without polling while the child keeps its standard error open, which it does until it ends.
fn wait(mut child: Child, wall: Duration) -> io::Result<Ended> {
    let deadline = Instant::now() + wall;
    let (sender, receiver) = mpsc::channel();
    let stderr = child.stderr.take();
    let listener = thread::spawn(move || {
        // The receiver may have given up.
        let _ = sender.send(stderr.map(start_of).unwrap_or_default());
    });
    let heard = receiver.recv_timeout(wall);
    let mut status = child.try_wait()?;
    while status.is_none() && Instant::now() < deadline && !matches!(heard, Err(RecvTimeoutError::Timeout)) {
        thread::sleep(Duration::from_millis(1));
        status = child.try_wait()?;
    }
    let killed = status.is_none();
    if killed {
        child.kill()?;
    }
    // Always: a child that nobody waits for stays as a zombie.
    let status = child.wait()?;
    let _ = listener.join();
    Ok(Ended { status, killed, stderr: heard.unwrap_or_default() })
}

/// The first bytes of what the child says; the rest is read and dropped, so that it never blocks.
fn start_of(mut stderr: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let _ = (&mut stderr).take(STDERR_LIMIT_BYTES as u64).read_to_end(&mut kept);
    let _ = io::copy(&mut stderr, &mut io::sink());
    kept
}

fn words_for(ended: &Ended, limits: &ChildLimits) -> Unreadable {
    let smaller = "Ta bort rader, blad och formatering som inte behövs, eller dela upp filen.";
    let again = "Öppna den i Excel, spara den på nytt som .xlsx och skicka den igen.";
    let out_of_memory = ended.stderr.windows(17).any(|words| words == b"memory allocation");
    let (wrong, instead, temporary) = if ended.killed {
        (
            format!("Filen hann inte läsas på {} sekunder.", limits.wall_ms.div_ceil(1000)),
            "Försök igen när datorn har mindre att göra; dela upp filen om felet återkommer.",
            false,
        )
    } else if out_of_memory || ended.status.signal() == Some(SIGABRT) {
        (format!("Filen kräver mer minne än {} MiB för att läsas.", limits.memory_bytes >> 20), smaller, false)
    } else {
        match (ended.status.signal(), ended.status.code()) {
            (Some(SIGXCPU), _) => (
                format!("Filen kräver mer än {} sekunders beräkning för att läsas.", limits.cpu_seconds),
                smaller,
                false,
            ),
            (Some(SIGXFSZ), _) => {
                (format!("Filens innehåll är större än {} MiB.", limits.spool_bytes >> 20), smaller, false)
            }
            // Killed from outside: by the kernel for want of memory, or because the service stops.
            (Some(9 | 15 | 2), _) => ("Inläsningen avbröts utifrån.".to_owned(), "Försök igen.", true),
            (None, Some(code)) if code == i32::from(FAILED) => (
                "Inläsningen kunde inte skriva eller läsa på disken.".to_owned(),
                "Försök igen; kontrollera att disken har plats.",
                true,
            ),
            _ => ("Filen är skadad: läsaren stannade innan den var klar.".to_owned(), again, false),
        }
    };
    Unreadable { wrong, instead: instead.to_owned(), temporary }
}

/// The folder for spooled rows cannot be written in.
pub fn no_work_folder() -> Unreadable {
    no_start("Arbetsmappen går inte att skriva i.")
}

fn no_start(wrong: &str) -> Unreadable {
    Unreadable {
        wrong: wrong.to_owned(),
        instead: "Försök igen; kontrollera programmets mapp och rättigheter.".to_owned(),
        temporary: true,
    }
}
