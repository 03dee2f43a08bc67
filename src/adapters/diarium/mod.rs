//! Sources of meetings and attendance: each adapter speaks its own protocol, and all of them tell the same records.

pub mod oparl;
pub mod played;
pub mod public360;
pub mod rest;
mod shortcomings;
pub mod svk_mote;

pub use self::shortcomings::shortcomings;

use self::oparl::Oparl;
use self::public360::Public360;
use self::rest::Rest;
use self::svk_mote::SvkMote;
use crate::adapters::http::Outside;
use crate::adapters::settings::{AdapterKind, DiariumSettings};
use crate::domain::Fault;
use crate::ports::{Changes, Diarium};

/// A source, by its adapter.
#[derive(Debug)]
pub enum Source {
    /// OParl 1.0 and 1.1.
    Oparl(Box<Oparl>),
    /// Public 360.
    Public360(Box<Public360>),
    /// Any JSON API.
    Rest(Box<Rest>),
    /// SVK-MOTE files.
    SvkMote(Box<SvkMote>),
}

impl Source {
    /// Reads secrets and certificates; connects to nothing yet.
    ///
    /// # Errors
    /// `Input`: a setting or a file that it names cannot be used.
    pub fn open(settings: &DiariumSettings, outside: &Outside) -> Result<Source, Fault> {
        match settings.adapter {
            AdapterKind::Oparl => Ok(Source::Oparl(Box::new(Oparl::open(settings, outside)?))),
            AdapterKind::Rest => Ok(Source::Rest(Box::new(Rest::open(settings, outside)?))),
            AdapterKind::SvkMote => Ok(Source::SvkMote(Box::new(SvkMote::open(settings, outside)?))),
            AdapterKind::Public360 => Ok(Source::Public360(Box::new(Public360::open(settings, outside)?))),
        }
    }
}

impl Diarium for Source {
    async fn changes(&mut self, since: Option<&str>) -> Result<Changes, Fault> {
        match self {
            Source::Oparl(oparl) => oparl.changes(since).await,
            Source::Public360(documents) => documents.changes(since).await,
            Source::Rest(rest) => rest.changes(since).await,
            Source::SvkMote(files) => files.changes(since).await,
        }
    }
}
