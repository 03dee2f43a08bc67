//! `public360`: Public 360 by its SIF RPC. There is no service for meetings: attendance is in files of documents, as
//! minutes in SVK-MOTE or as a workbook, and both are handed on as such. Contacts come with them where the settings name
//! their categories.
//!
//! A fetch reads all documents that the settings want, or with a cursor only those that the change feed names. A document
//! that lost its file, or whose file cannot be read, is told by its number and looked at again each time until it can. A
//! document that is deleted says nothing of its meeting: what it told stands until it is withdrawn or told anew.

mod call;
mod contacts;
mod cursor;
mod documents;
mod events;
mod settings;
mod wire;

use std::time::Duration;

pub use settings::Public360Settings;

use self::call::Rpc;
use self::cursor::Cursor;
use crate::adapters::http::{Http, Outside};
use crate::adapters::settings::DiariumSettings;
use crate::domain::Fault;
use crate::ports::{Changes, Diarium};

/// A Public 360.
#[derive(Debug)]
pub struct Public360 {
    rpc: Rpc,
    settings: Public360Settings,
    overlap: Duration,
}

impl Public360 {
    /// Reads secrets and certificates; connects to nothing yet.
    ///
    /// # Errors
    /// `Input`: a setting or a file that it names cannot be used.
    pub fn open(settings: &DiariumSettings, outside: &Outside) -> Result<Public360, Fault> {
        let rpc = Rpc { http: Http::open(&settings.http, outside)?, base: settings.http.url.clone() };
        let own = settings.public360.clone().unwrap_or_default();
        Ok(Public360 { rpc, settings: own, overlap: settings.overlap })
    }

    async fn fetched(&mut self, since: Option<Cursor>) -> Result<(documents::Fetched, cursor::From), Fault> {
        let overlap_ms = i64::try_from(self.overlap.as_millis()).unwrap_or(i64::MAX);
        let settled_ms = self.rpc.http.now_ms().saturating_sub(overlap_ms);
        match since {
            None => {
                let next = events::here(&mut self.rpc, settled_ms).await?;
                Ok((documents::all(&mut self.rpc, &self.settings).await?, next))
            }
            Some(Cursor { from, waiting }) => {
                let feed = events::since(&mut self.rpc, from, settled_ms).await?;
                let fetched = documents::changed(&mut self.rpc, &self.settings, &feed, &waiting).await?;
                Ok((fetched, feed.next))
            }
        }
    }
}

impl Diarium for Public360 {
    async fn changes(&mut self, since: Option<&str>) -> Result<Changes, Fault> {
        self.rpc.http.begin();
        // A cursor that we did not write is as good as none.
        let since = since.and_then(|cursor| cursor.parse().ok());
        let (fetched, from) = self.fetched(since).await?;
        let (mut records, complete) = contacts::all(&mut self.rpc, &self.settings).await?;
        let (of_documents, waiting) = fetched.finish();
        records.extend(of_documents.records);
        Ok(Changes { records, cursor: Cursor { from, waiting }.to_string(), complete, ..of_documents })
    }
}
