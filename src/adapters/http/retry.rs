//! How long to wait before a request is tried again.

use std::time::Duration;

use super::waiting::Waiting;

/// The first wait, and the longest; each is twice the one before.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// What an answer's `Retry-After` asks for: seconds, or a date.
pub(super) fn asked(header: &str, now_ms: i64) -> Option<Duration> {
    let text = header.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let when = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    let ms = when.timestamp_millis().saturating_sub(now_ms);
    Some(Duration::from_millis(u64::try_from(ms).unwrap_or_default()))
}

/// The wait after so many tries: between half of it and all of it; never shorter than the source asks.
pub(super) fn wait(tries: u32, asked: Option<Duration>, waiting: &dyn Waiting) -> Duration {
    let doubled = FIRST.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST);
    match asked {
        Some(asked) => asked + waiting.part_of(FIRST),
        None => doubled / 2 + waiting.part_of(doubled / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::super::waiting::RealWaiting;
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood() {
        let at_a_quarter_past_nine = 784_116_000_000 - 2_700_000;
        let cases = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 10:00:00 GMT", Some(2_700)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
        ];
        for (header, expect) in cases {
            assert_eq!(asked(header, at_a_quarter_past_nine), expect.map(Duration::from_secs), "{header}");
        }
    }

    #[test]
    fn waits_double_within_bounds() {
        let waiting = RealWaiting::default();
        for (tries, most) in [(1, 1), (2, 2), (3, 4), (4, 8), (30, 60)] {
            let found = wait(tries, None, &waiting);
            let most = Duration::from_secs(most);
            assert!(found >= most / 2 && found <= most, "{tries}: {found:?}");
        }
        assert!(wait(1, Some(Duration::from_secs(7)), &waiting) >= Duration::from_secs(7));
    }
}
