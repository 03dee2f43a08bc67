//! A year with mishaps: the program is off, is killed in the middle of something, meets a clock that was set wrong, folders
//! that are away, a disk that is read-only and settings that somebody is in the middle of editing. What it has done by the
//! end must be what it would have done without (`tests/disturbed_year.rs`).
//!
//! The mishaps are drawn from a seed: the same seed is the same year.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::failed;
use crate::app::kommun::Kommun;
use crate::domain::Fault;

/// What may happen in place of a round that goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::app) enum Mishap {
    /// The program is off.
    Off,
    /// The power goes, at any moment.
    Killed,
    /// The clock was set back by some hours.
    ClockBack,
    /// Letters cannot be written.
    NoMail,
    /// Payroll's folder is away.
    NoDeliver,
    /// The folder of payroll files is away.
    NoOut,
    /// Somebody edits the settings, and has saved half of it.
    HalfSettings,
}

impl Mishap {
    const ALL: [Mishap; 7] = [
        Mishap::Off,
        Mishap::Killed,
        Mishap::ClockBack,
        Mishap::NoMail,
        Mishap::NoDeliver,
        Mishap::NoOut,
        Mishap::HalfSettings,
    ];

    /// In JSON.
    pub fn name(self) -> &'static str {
        match self {
            Mishap::Off => "off",
            Mishap::Killed => "killed",
            Mishap::ClockBack => "clock_back",
            Mishap::NoMail => "no_mail",
            Mishap::NoDeliver => "no_deliver",
            Mishap::NoOut => "no_out",
            Mishap::HalfSettings => "half_settings",
        }
    }

    /// As the demo tells of it.
    pub fn words(self) -> &'static str {
        match self {
            Mishap::Off => "programmet var av",
            Mishap::Killed => "strömmen gick",
            Mishap::ClockBack => "klockan gick fel",
            Mishap::NoMail => "breven gick inte att skriva",
            Mishap::NoDeliver => "lönekontorets mapp var borta",
            Mishap::NoOut => "mappen för lönefiler var borta",
            Mishap::HalfSettings => "inställningarna var halvskrivna",
        }
    }
}

/// The mishaps of a year.
pub(in crate::app) struct Storm {
    drawn: u64,
    /// What has happened, and how often.
    pub happened: BTreeMap<Mishap, u32>,
    /// How many steps the longest round had so far: a kill hits any of them.
    longest: u64,
}

/// A clock that was set wrong was wrong by at most so much.
const MOST_BACK_MS: u64 = 5 * 60 * 60 * 1000;

/// A round has at least so many steps.
const FEWEST_STEPS: u64 = 40;

impl Storm {
    pub fn new(seed: u64) -> Storm {
        Storm { drawn: seed.wrapping_mul(2).wrapping_add(1), happened: BTreeMap::new(), longest: FEWEST_STEPS }
    }

    /// The next number below `most`.
    pub fn draw(&mut self, most: u64) -> u64 {
        // SplitMix64: every seed is a good one.
        self.drawn = self.drawn.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.drawn;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % most.max(1)
    }

    /// Some of a time in milliseconds.
    pub fn span(&mut self, most_ms: i64) -> i64 {
        i64::try_from(self.draw(u64::try_from(most_ms).unwrap_or(0))).unwrap_or(0)
    }

    /// Something that goes wrong.
    pub fn mishap(&mut self) -> Mishap {
        let number = usize::try_from(self.draw(Mishap::ALL.len() as u64)).unwrap_or(0);
        let mishap = Mishap::ALL.get(number).copied().unwrap_or(Mishap::Off);
        *self.happened.entry(mishap).or_default() += 1;
        mishap
    }

    /// Something is done under a mishap: it may end with an error or in the middle, and the program starts anew.
    pub async fn strike<T>(
        &mut self,
        kommun: &mut Kommun,
        mishap: Mishap,
        done: impl AsyncFnOnce(&mut Kommun) -> Result<T, Fault>,
    ) -> Result<(), Fault> {
        let now_ms = crate::ports::Clock::now_ms(&kommun.clock);
        let settings = &kommun.configured.settings;
        let away = match mishap {
            Mishap::NoMail => Some(kommun.path(&settings.mail.folder)),
            Mishap::NoDeliver => settings.deliver.as_ref().map(|deliver| kommun.path(deliver)),
            Mishap::NoOut => Some(kommun.path(&settings.out)),
            _ => None,
        };
        let away = away.filter(|folder| folder.exists()).map(Away::take).transpose()?;
        match mishap {
            Mishap::Off => {}
            Mishap::Killed => {
                let steps = self.draw(self.longest);
                let _ = Cut { inner: Box::pin(done(kommun)), left: steps }.await;
            }
            Mishap::ClockBack => {
                let back = i64::try_from(1 + self.draw(MOST_BACK_MS)).unwrap_or(1);
                kommun.clock.fixed_ms = Some(now_ms - back);
                let _ = done(kommun).await;
            }
            Mishap::HalfSettings => half_settings(kommun)?,
            Mishap::NoMail | Mishap::NoDeliver | Mishap::NoOut => drop(done(kommun).await),
        }
        drop(away);
        kommun.restart(now_ms).await
    }

    /// Something is done and goes well; how many steps it has is remembered.
    pub async fn calm<T>(&mut self, done: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        let mut cut = Cut { inner: Box::pin(done), left: u64::MAX };
        let done = (&mut cut).await;
        self.longest = self.longest.max(u64::MAX - cut.left);
        done.unwrap_or_else(|| Err(Fault::Temporary("the round was cut off".to_owned())))
    }
}

/// Half a file is no settings file: nothing can be opened until it is whole again.
fn half_settings(kommun: &Kommun) -> Result<(), Fault> {
    let path = kommun.config.with_file_name("attestforteckning.toml");
    let whole = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
    let half: String = whole.chars().take(whole.chars().count() / 2).collect();
    fs::write(&path, half + "\n[[person").map_err(|error| failed(&path, &error))?;
    let opened = crate::adapters::settings::read(&kommun.config);
    fs::write(&path, whole).map_err(|error| failed(&path, &error))?;
    match opened {
        Err(_) => Ok(()),
        Ok(_) => Err(Fault::Refused(format!("{}: half of it was taken for whole", path.display()))),
    }
}

/// A folder that is not there for a while; a file stands in its place, so that nobody makes it anew.
struct Away {
    folder: PathBuf,
    kept: PathBuf,
}

impl Away {
    fn take(folder: PathBuf) -> Result<Away, Fault> {
        let mut name = folder.file_name().unwrap_or_default().to_owned();
        name.push(".borta");
        let kept = folder.with_file_name(name);
        let moved = fs::rename(&folder, &kept).and_then(|()| fs::write(&folder, ""));
        moved.map_err(|error| failed(&folder, &error))?;
        Ok(Away { folder, kept })
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        if Path::is_file(&self.folder) && fs::remove_file(&self.folder).is_ok() {
            let _ = fs::rename(&self.kept, &self.folder);
        }
    }
}

/// A future that ends after so many steps, wherever it is: `None` then.
struct Cut<F> {
    inner: Pin<Box<F>>,
    left: u64,
}

impl<T, F: Future<Output = T>> Future for Cut<F> {
    type Output = Option<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        self.inner.as_mut().poll(context).map(Some)
    }
}
