//! What the played diarium does wrong, and when.

use std::time::Duration;

use super::request::Asked;

/// Something wrong, for requests of one path or all, from one request on and for so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    trick: Trick,
    path: Option<String>,
    skip: usize,
    times: usize,
}

impl Switch {
    /// Always and everywhere.
    pub fn new(trick: impl Into<Trick>) -> Switch {
        Switch { trick: trick.into(), path: None, skip: 0, times: usize::MAX }
    }

    /// Only where the path begins so.
    #[must_use]
    pub fn at(mut self, path: &str) -> Switch {
        self.path = Some(path.to_owned());
        self
    }

    /// Only after so many requests that it would have been for.
    #[must_use]
    pub fn after(mut self, requests: usize) -> Switch {
        self.skip = requests;
        self
    }

    /// Only for so many requests.
    #[must_use]
    pub fn times(mut self, requests: usize) -> Switch {
        self.times = requests;
        self
    }

    /// The trick for a request, if it is for it; this counts the request.
    pub(super) fn for_request(&mut self, asked: &Asked) -> Option<Trick> {
        if !self.path.as_deref().is_none_or(|path| asked.path().starts_with(path)) {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        self.times = self.times.checked_sub(1)?;
        Some(self.trick.clone())
    }
}

/// A way of doing wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trick {
    /// A status instead of an answer.
    Status {
        /// 401, 429, 500 …
        code: u16,
        /// `Retry-After`, seconds or a date.
        retry_after: Option<String>,
    },
    /// Silence before the answer.
    Delay(Duration),
    /// The answer comes byte by byte, with this much time between them.
    Drip(Duration),
    /// Half of the body comes, though the length promised all of it; then the connection ends.
    Truncated,
    /// A body of so many bytes.
    Huge(u64),
    /// A body in chunks that never ends.
    Endless,
    /// Another address.
    Redirect(String),
    /// Another body, with status 200.
    Body(Vec<u8>),
    /// The connection ends without an answer.
    HangUp,
    /// Every page leads to another.
    NeverLast,
    /// The last page leads to itself.
    Circle,
    /// Something that the standard of the source does not allow.
    Deviation(Deviation),
}

impl Trick {
    /// A status without `Retry-After`.
    pub fn status(code: u16) -> Trick {
        Trick::Status { code, retry_after: None }
    }
}

impl From<Deviation> for Trick {
    fn from(deviation: Deviation) -> Trick {
        Trick::Deviation(deviation)
    }
}

/// What real OParl servers do otherwise than the standard says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// Tombstones say neither type nor created.
    TombstonesWithoutType,
    /// Tombstones stand in lists that were asked for without a filter.
    TombstonesAlways,
    /// An empty list is status 404 with code 802.
    EmptyIs404,
    /// An empty list is `[]`.
    EmptyIsArray,
    /// A list of one is that one object.
    ObjectForList,
    /// A list comes without frame, as an array.
    BareArray,
    /// `modified_since` with a percent sign in it is refused with 404.
    RefusesEncoded,
    /// `modified_since` is refused with 400, however it is written.
    RefusesFilter,
    /// `modified_since` is answered with 503.
    FilterIs503,
    /// `modified_since` is passed over.
    IgnoresFilter,
    /// Texts hold raw tabs and line breaks.
    ControlCharacters,
    /// The id that an object shows has another scheme than its address.
    OtherId,
    /// The link to the next page has lost the filter.
    NextDropsFilter,
    /// The link to the next page says `+` where it should say `%2B`.
    NextUnencodes,
    /// An address that it does not know is answered with the system.
    SystemForUnknown,
    /// What is missing is `""` or `N/A`.
    EmptyTexts,
    /// `created` and `modified` are 1970-01-01.
    Dates1970,
    /// A byte order mark stands first.
    ByteOrderMark,
    /// Letters are single bytes, though the header says UTF-8.
    Latin1,
    /// Numbers are texts, and yes and no are 1 and 0.
    NumbersAsTexts,
    /// The page says that others follow, and leads to none.
    CutOff,
}
