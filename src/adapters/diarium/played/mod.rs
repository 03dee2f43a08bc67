//! A small HTTP server that plays a diarium from a folder of files, for tests and for the demo.
//!
//! It listens on loopback at a port that the system picks, keeps the requests that it got, does wrong what it is told to
//! do wrong ([`Switch`]), and ends when it is dropped. A folder holds a folder per adapter:
//!
//! | folder | served as |
//! | --- | --- |
//! | `oparl` | `/oparl` is `system.json`; a file `meeting.json` with a list is `/oparl/meeting` in pages, with `limit`, `modified_since` and tombstones, and each object at its own id |
//! | `rest` | `/rest/meetings` is `meetings.json` in pages `{"items", "page", "pages", "next"}` and with a `Link` header |
//! | `svk-mote` | `/svk-mote` is a page of links to its files |
//! | `public360` | a call of `…/Service/Operation` is answered with `Service.Operation.json` |
//!
//! Any other file is served as it is. `{base}` in a file stands for the server's own address.

mod answer;
mod guard;
mod listen;
mod lists;
mod request;
mod switch;
mod world;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use serde_json::Value;

pub use guard::Guard;
pub use request::Asked;
pub use switch::{Deviation, Switch, Trick};
use world::World;

/// What the threads share.
struct Shared {
    base: String,
    is_over: AtomicBool,
    state: Mutex<State>,
}

/// What changes while it plays.
struct State {
    world: World,
    switches: Vec<Switch>,
    guard: Guard,
    asked: Vec<Asked>,
    page_size: usize,
}

impl Shared {
    /// The state; one thread's failure leaves it as it was.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// A diarium that is played.
pub struct Played {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Played {
    /// Plays a folder.
    ///
    /// # Errors
    /// A file cannot be read, is no JSON though it says so, or is too large; no port is to be had.
    pub fn of(folder: &Path) -> io::Result<Played> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let base = format!("http://{address}");
        let world = World::read(folder, &base)?;
        let state =
            State { world, switches: Vec::new(), guard: Guard::Open, asked: Vec::new(), page_size: lists::PAGE_SIZE };
        let shared = Arc::new(Shared { base, is_over: AtomicBool::new(false), state: Mutex::new(state) });
        let threads = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("played diarium".to_owned())
            .spawn(move || listen::listen(&listener, &threads))?;
        Ok(Played { address, shared, thread: Some(thread) })
    }

    /// Its address, `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.shared.base
    }

    /// From now on it does this wrong; switches add up.
    pub fn switch(&self, switch: Switch) {
        self.shared.state().switches.push(switch);
    }

    /// It does everything right again.
    pub fn heal(&self) {
        self.shared.state().switches.clear();
    }

    /// Who may ask.
    pub fn guard(&self, guard: Guard) {
        self.shared.state().guard = guard;
    }

    /// Tokens that were given so far are no longer taken.
    pub fn expire_tokens(&self) {
        self.shared.state().guard.expire();
    }

    /// So many objects on a page where the client does not say.
    pub fn page_size(&self, objects: usize) {
        self.shared.state().page_size = objects.max(1);
    }

    /// Changes a file of JSON, named as in the folder: `oparl/meeting.json`. False if there is none.
    pub fn edit(&self, file: &str, change: impl FnOnce(&mut Value)) -> bool {
        self.shared.state().world.json(file).map(change).is_some()
    }

    /// The requests since the last call, in order.
    pub fn take_requests(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.state().asked)
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for a connection; where that fails it has ended already.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
