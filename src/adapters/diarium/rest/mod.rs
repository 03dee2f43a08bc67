//! `rest`: any JSON API, by configuration.

mod pointer;
mod settings;

pub use pointer::Pointer;
pub use settings::{
    Field, ListSettings, PARTICIPANT, PageSize, Paging, Participants, ParticipantsPlace, Place, RestSettings, Shape,
    Since, SinceFormat, fields_of,
};

use crate::adapters::http::{Http, Outside};
use crate::adapters::settings::DiariumSettings;
use crate::domain::Fault;
use crate::ports::{Changes, Diarium};

/// One API.
#[derive(Debug)]
pub struct Rest {
    http: Http,
}

impl Rest {
    /// Reads secrets and certificates; connects to nothing yet.
    ///
    /// # Errors
    /// `Input`: a setting or a file that it names cannot be used.
    pub fn open(settings: &DiariumSettings, outside: &Outside) -> Result<Rest, Fault> {
        Ok(Rest { http: Http::open(&settings.http, outside)? })
    }
}

impl Diarium for Rest {
    async fn changes(&mut self, _since: Option<&str>) -> Result<Changes, Fault> {
        self.http.begin();
        Ok(Changes::default())
    }
}
