//! Says that something has come into a folder. Network shares say nothing: whoever waits here also looks by the clock.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::inotify::{CreateFlags, Reader, WatchFlags, add_watch, init};
use tokio::io::unix::AsyncFd;

/// A folder that is watched; without a system that tells, it waits for ever.
#[derive(Debug)]
pub struct Watch {
    told: Option<AsyncFd<OwnedFd>>,
}

impl Watch {
    /// Watches a folder from now on.
    pub fn on(folder: &Path) -> Watch {
        Watch { told: watched(folder) }
    }

    /// Waits until something has come, has been written to its end or has got other rights.
    pub async fn something(&self) {
        let Some(told) = &self.told else { return std::future::pending().await };
        match told.readable().await {
            Ok(mut ready) => {
                read_all(told.get_ref());
                ready.clear_ready();
            }
            // It tells no more: the clock does.
            Err(_) => std::future::pending().await,
        }
    }
}

fn watched(folder: &Path) -> Option<AsyncFd<OwnedFd>> {
    let inotify = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
    let what =
        WatchFlags::CREATE | WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO | WatchFlags::ATTRIB | WatchFlags::ONLYDIR;
    add_watch(&inotify, folder, what).ok()?;
    owned(inotify)
}

#[allow(deprecated, reason = "what is safe for any owner of a descriptor is not in question; an OwnedFd is one")]
fn owned(inotify: OwnedFd) -> Option<AsyncFd<OwnedFd>> {
    AsyncFd::new(inotify).ok()
}

/// What was told matters not, only that it was.
fn read_all(inotify: &OwnedFd) {
    let mut buffer = [MaybeUninit::uninit(); 8192];
    let mut reader = Reader::new(inotify, &mut buffer);
    while reader.next().is_ok() {}
}
