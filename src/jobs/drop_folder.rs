//! One pass over the drop folder: what lies still is copied, read, taken in, and then removed from the folder.
//!
//! Files are taken in order of arrival, each in a transaction of its own; a file that only fills the register goes before
//! lists that came just before it, so that forms dropped together find the persons they name. What must be tried again
//! stops the pass there: a later correction never goes before what it corrects.
//!
//! What a kill between any two steps leaves, and what the next pass makes of it: an unfinished copy, which is removed; an
//! archived copy of a file that still lies in the folder, and a file that is in the database and still lies in the folder:
//! both are taken again, and what is known says nothing new; a rejected file that still lies in the folder: it is rejected
//! again under the same name.

use super::dropped_signature::{Fits, Signing, take_signature};
use super::import_workbooks::{ReadFile, Report, Settings, import, nothing_known, same_as_last};
use super::quarantine::mended;
use std::path::PathBuf;

use crate::domain::{Fault, shown};
use crate::ports::{Arrival, Clock, Inbox, NotKept, Ready, SheetKind, Signatures, Store, Unreadable, Workbook};

/// How a file of the folder ended.
#[derive(Debug)]
pub enum Ended {
    /// It is in.
    In {
        /// What it said.
        report: Box<Report>,
        /// sha256 of its content, by which it lies in the archive.
        sha256: String,
        /// It was removed from the folder; otherwise something else lies there now, and is looked at anew.
        is_removed: bool,
        /// Where its held rows were written to be mended; none before somebody has.
        mend_in: Option<PathBuf>,
    },
    /// It is a signature, and counts.
    Signed {
        /// Which sheet it is over, and who signed it as what.
        fits: Fits,
        /// sha256 of its content, by which it lies in the archive.
        sha256: String,
        /// It was removed from the folder; otherwise something else lies there now, and is looked at anew.
        is_removed: bool,
    },
    /// It was put aside.
    Rejected {
        /// Why.
        why: Unreadable,
        /// Its name among the rejected.
        kept_as: String,
        /// sha256 of its content, if it was read.
        sha256: Option<String>,
    },
    /// It is left until it lies still, or is whole.
    Waits(Unreadable),
    /// It is left, and a person must do something about it.
    Stays(Unreadable),
    /// It could not be read just now; the next pass tries again.
    TryAgain(Unreadable),
}

/// What a pass did.
#[derive(Debug, Default)]
pub struct Pass {
    /// Every file, by its name.
    pub files: Vec<(String, Ended)>,
    /// Files that have not lain still for long enough.
    pub settling: usize,
    /// Why the pass ended early; what it had done stays done.
    pub fault: Option<Fault>,
}

/// So many files are read before the first of them is taken in.
const READ_AT_ONCE: usize = 32;

/// A file that is read so often in vain is refused.
const MOST_TRIES: u32 = 3;

/// Takes in what lies still in the folder. `go_on` is asked between two files.
pub async fn pass<I: Inbox>(
    store: &mut impl Store,
    inbox: &mut I,
    settings: &Settings<'_>,
    signing: &Signing<'_, impl Signatures, impl Clock>,
    go_on: &dyn Fn() -> bool,
) -> Pass {
    let mut done = Pass::default();
    if let Err(fault) = take_all(store, inbox, (settings, signing), go_on, &mut done).await {
        done.fault = Some(fault);
    }
    done
}

async fn take_all<I: Inbox>(
    store: &mut impl Store,
    inbox: &mut I,
    (settings, signing): (&Settings<'_>, &Signing<'_, impl Signatures, impl Clock>),
    go_on: &dyn Fn() -> bool,
    done: &mut Pass,
) -> Result<(), Fault> {
    let (mut ready, mut signatures) = (Vec::new(), Vec::new());
    for arrival in inbox.look()? {
        match arrival.state.clone() {
            Ready::Yes if arrival.is_signature() => signatures.push(arrival),
            Ready::Yes => ready.push(arrival),
            Ready::Settling => done.settling += 1,
            Ready::Never(why) => done.files.push((arrival.name, Ended::Stays(why))),
        }
    }
    // What they are over is frozen: nothing that comes in with them changes it.
    for arrival in &signatures {
        if !go_on() {
            return Ok(());
        }
        let ended = take_sig(store, inbox, signing, arrival).await.map_err(|fault| named(&arrival.name, fault))?;
        done.files.push((arrival.name.clone(), ended));
    }
    for some in ready.chunks(READ_AT_ONCE) {
        let mut read = Vec::new();
        let all = read_some(inbox, some, go_on, &mut read, &mut done.files).await;
        for file in in_order(read) {
            if !go_on() {
                return Ok(());
            }
            let name = file.arrival.name.clone();
            done.files.push(take_one(store, inbox, settings, file).await.map_err(|fault| named(&name, fault))?);
        }
        if !all? {
            return Ok(());
        }
    }
    Ok(())
}

/// A file between its reading and its taking in.
struct Read<K> {
    arrival: Arrival,
    kept: K,
    workbook: Box<dyn Workbook>,
}

/// Reads files until one must be tried again, or nobody wants to go on: then gives `false`.
async fn read_some<I: Inbox>(
    inbox: &mut I,
    some: &[Arrival],
    go_on: &dyn Fn() -> bool,
    read: &mut Vec<Read<I::Kept>>,
    files: &mut Vec<(String, Ended)>,
) -> Result<bool, Fault> {
    for arrival in some {
        if !go_on() {
            return Ok(false);
        }
        let name = arrival.name.clone();
        let kept = match keep(inbox, arrival)? {
            Ok(kept) => kept,
            Err(ended) => {
                files.push((name, ended));
                continue;
            }
        };
        let why = match inbox.read(arrival, &kept).await {
            Ok(workbook) => match nothing_known(&*workbook) {
                Some(why) => why,
                None => {
                    read.push(Read { arrival: arrival.clone(), kept, workbook });
                    continue;
                }
            },
            Err(why) if why.temporary && (!go_on() || inbox.tried(arrival) < MOST_TRIES) => {
                files.push((name, Ended::TryAgain(why)));
                return Ok(false);
            }
            Err(why) => why,
        };
        files.push((name, put_aside(inbox, arrival, kept, why)?));
    }
    Ok(true)
}

/// A copy of a file, or how the file ended without one.
fn keep<I: Inbox>(inbox: &mut I, arrival: &Arrival) -> Result<Result<I::Kept, Ended>, Fault> {
    Ok(match inbox.keep(arrival) {
        Ok(kept) => Ok(kept),
        Err(NotKept::Changed) => Err(Ended::Waits(changed())),
        Err(NotKept::Unfinished(why)) => Err(Ended::Waits(why)),
        Err(NotKept::Never(why)) => Err(Ended::Stays(why)),
        Err(NotKept::Refused(why)) => {
            let kept_as = inbox.reject(arrival, None, &why)?;
            Err(Ended::Rejected { why, kept_as, sha256: None })
        }
        Err(NotKept::Fault(fault)) => return Err(fault),
    })
}

fn put_aside<I: Inbox>(inbox: &mut I, arrival: &Arrival, kept: I::Kept, why: Unreadable) -> Result<Ended, Fault> {
    let sha256 = Some(inbox.sha256(&kept).to_owned());
    let kept_as = inbox.reject(arrival, Some(kept), &why)?;
    inbox.remove(arrival)?;
    Ok(Ended::Rejected { why, kept_as, sha256 })
}

/// A signature counts, or is put aside. One that counts already says nothing new: after a crash it is taken once more.
async fn take_sig<I: Inbox>(
    store: &mut impl Store,
    inbox: &mut I,
    signing: &Signing<'_, impl Signatures, impl Clock>,
    arrival: &Arrival,
) -> Result<Ended, Fault> {
    let kept = match keep(inbox, arrival)? {
        Ok(kept) => kept,
        Err(ended) => return Ok(ended),
    };
    let fits = match inbox.text(&kept) {
        Ok(text) => take_signature(store, signing, &text).await?,
        Err(why) => Err(why),
    };
    let fits = match fits {
        Ok(fits) => fits,
        Err(why) => return put_aside(inbox, arrival, kept, why),
    };
    mended(store, &arrival.name, signing.clock.now_ms()).await?;
    let sha256 = inbox.sha256(&kept).to_owned();
    inbox.archive(kept)?;
    let is_removed = inbox.remove(arrival)?;
    Ok(Ended::Signed { fits, sha256, is_removed })
}

fn changed() -> Unreadable {
    Unreadable {
        wrong: "Filen ändrades medan den lästes.".to_owned(),
        instead: "Ingenting behöver göras: den tas in när den har varit oförändrad en stund.".to_owned(),
        temporary: true,
    }
}

async fn take_one<I: Inbox>(
    store: &mut impl Store,
    inbox: &mut I,
    settings: &Settings<'_>,
    file: Read<I::Kept>,
) -> Result<(String, Ended), Fault> {
    let Read { arrival, kept, workbook } = file;
    let sha256 = inbox.sha256(&kept).to_owned();
    // In the archive before it is in the database: what is in the database can always be shown.
    inbox.archive(kept)?;
    let report = match same_as_last(store, &arrival.name, &sha256, settings.sha256).await? {
        Some(report) => report,
        None => {
            let read = ReadFile { name: &arrival.name, sha256: &sha256, workbook: &*workbook };
            import(store, &read, settings).await?
        }
    };
    let is_removed = inbox.remove(&arrival)?;
    Ok((arrival.name, Ended::In { report: Box::new(report), sha256, is_removed, mend_in: None }))
}

/// Which file it was that the world failed at; a number in its name is told by nobody.
fn named(name: &str, fault: Fault) -> Fault {
    let with_name = |text: String| format!("{}: {text}", shown(name));
    match fault {
        Fault::Input(text) => Fault::Input(with_name(text)),
        Fault::Temporary(text) => Fault::Temporary(with_name(text)),
        Fault::Refused(text) => Fault::Refused(with_name(text)),
    }
}

/// What a file holds, as far as its place in the order goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Only what later forms name: persons, uppdrag, income, absences.
    Register,
    /// Nothing of that.
    Lists,
    /// Both.
    Both,
}

fn holds(workbook: &dyn Workbook) -> Holds {
    let kinds = || workbook.sheets().iter().filter_map(|sheet| sheet.kind);
    let is_register = |kind: SheetKind| kind <= SheetKind::Franvaro;
    match (kinds().any(is_register), kinds().any(|kind| !is_register(kind))) {
        (true, false) => Holds::Register,
        (true, true) => Holds::Both,
        _ => Holds::Lists,
    }
}

/// In order of arrival, but a file that only fills the register goes before the lists that came just before it. It never
/// goes before another file that says something of the register, and lists never change places: of two words about the
/// same thing the later stays the later. Of forms that came together, persons go before what is said of them.
fn in_order<K>(read: Vec<Read<K>>) -> Vec<Read<K>> {
    let mut ordered: Vec<(Holds, Read<K>)> = Vec::new();
    for file in read {
        let (of, mut place) = (holds(&*file.workbook), ordered.len());
        if of == Holds::Register {
            let names =
                |file: &Read<K>| file.workbook.sheets().iter().filter_map(|sheet| sheet.kind).collect::<Vec<_>>();
            let own = names(&file);
            let goes_before = |(held, other): &(Holds, Read<K>)| match held {
                Holds::Lists => true,
                Holds::Both => false,
                // Another form altogether, that needs this one.
                Holds::Register => names(other).iter().min() > own.iter().max(),
            };
            place -= ordered.iter().rev().take_while(|before| goes_before(before)).count();
        }
        ordered.insert(place, (of, file));
    }
    ordered.into_iter().map(|(_, file)| file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Row, Sheet, Stamp};

    struct Book(Vec<Sheet>);

    impl Workbook for Book {
        fn sheets(&self) -> &[Sheet] {
            &self.0
        }

        fn rows(&self, _: usize) -> Result<Box<dyn Iterator<Item = Result<Row, Unreadable>> + '_>, Unreadable> {
            Ok(Box::new(std::iter::empty()))
        }
    }

    fn file(name: &str, kinds: &[SheetKind]) -> Read<()> {
        let sheet = |kind: &SheetKind| Sheet {
            name: name.to_owned(),
            kind: Some(*kind),
            problem: None,
            read_as: None,
            hidden: false,
            row_count: 0,
            whole_list: false,
            inkom: None,
            columns: Vec::new(),
            unknown_columns: Vec::new(),
            comes_back: false,
            is_guide: false,
            notes: Vec::new(),
        };
        let stamp = Stamp { device: 0, inode: 0, size: 0, modified: (0, 0), changed: (0, 0) };
        let arrival = Arrival { raw: name.into(), name: name.to_owned(), stamp, state: Ready::Yes };
        Read { arrival, kept: (), workbook: Box::new(Book(kinds.iter().map(sheet).collect())) }
    }

    fn check(came: &[(&str, &[SheetKind])], expected: &[&str]) {
        let ordered = in_order(came.iter().map(|(name, kinds)| file(name, kinds)).collect());
        let names: Vec<&str> = ordered.iter().map(|file| file.arrival.name.as_str()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn persons_go_before_the_lists_that_name_them_and_nothing_else_changes_places() {
        use SheetKind::{Franvaro, Narvaro, Personer, Uppdrag, Yrkanden};
        let (persons, lists): (&[SheetKind], &[SheetKind]) = (&[Personer], &[Narvaro]);
        check(&[("lista", lists), ("personer", persons)], &["personer", "lista"]);
        check(&[("a", lists), ("b", &[Yrkanden]), ("c", lists)], &["a", "b", "c"]);
        check(&[("f", &[Franvaro]), ("n", lists), ("p", persons), ("u", &[Uppdrag])], &["p", "u", "f", "n"]);
        // The later word about a person, or about a meeting, stays the later.
        check(&[("p1", persons), ("p2", persons)], &["p1", "p2"]);
        check(&[("allt", &[Personer, Narvaro]), ("p", persons)], &["allt", "p"]);
        check(&[("n", lists), ("allt", &[Personer, Narvaro])], &["n", "allt"]);
    }
}
