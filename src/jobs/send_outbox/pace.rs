//! How long a letter waits between tries.

use sha2::{Digest, Sha256};

const MINUTE_MS: i64 = 60_000;

/// After the first try; then twice as long each time.
const FIRST_MS: i64 = 5 * MINUTE_MS;

/// The longest wait.
const LONGEST_MS: i64 = 240 * MINUTE_MS;

/// The waits before it add up to five days; only tries count, so that a letter loses nothing while nothing could be sent.
pub const TRIES_AT_MOST: u32 = 35;

/// How long to wait after so many tries: minutes that grow to hours, a fifth more or less by the letter's key, so that
/// letters which were refused together do not come back together.
pub fn pause_ms(tries: u32, key: &str) -> i64 {
    let doubled = FIRST_MS.saturating_mul(1 << tries.saturating_sub(1).min(16));
    let base = doubled.min(LONGEST_MS);
    let hash = Sha256::digest(format!("{key}\n{tries}"));
    let part = i64::from(hash.first().copied().unwrap_or_default()) - 128;
    base + base / 5 * part / 128
}

/// How long all letters wait where nothing can be sent.
pub(super) fn held_back_ms(must_be_mended: bool) -> i64 {
    if must_be_mended { 15 * MINUTE_MS } else { 2 * MINUTE_MS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_tried_for_five_days_and_letters_do_not_come_back_together() {
        let day_ms = 24 * 60 * MINUTE_MS;
        for key in ["a", "b", "arvodesbesked|person:12|2025"] {
            let waits: Vec<i64> = (1..TRIES_AT_MOST).map(|tries| pause_ms(tries, key)).collect();
            assert!((FIRST_MS * 4 / 5..=FIRST_MS * 6 / 5).contains(&waits[0]), "{waits:?}");
            let days = waits.iter().sum::<i64>() * 10 / day_ms;
            assert!((46..=54).contains(&days), "{key}: {days} tenths of a day");
            assert_eq!(waits, (1..TRIES_AT_MOST).map(|tries| pause_ms(tries, key)).collect::<Vec<_>>());
        }
        assert_ne!(pause_ms(1, "a"), pause_ms(1, "b"));
    }
}
