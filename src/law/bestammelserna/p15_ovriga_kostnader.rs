//! § 15 Övriga kostnader.
//!
//! 1. Other costs than those of §§ 11-14 are compensated if the förtroendevald can show particular reasons for them.
//! 2. Not if there were reasonable ways to avoid them, by arranging work otherwise or in another manner.
//!
//! Both are judged by a person: the claim is paid as far as a decision (§ 17) grants it, and is held until then.

use crate::domain::{Beslut, Step};
use crate::money::{Ore, swedish};

/// Clauses 1 and 2: the amount, by the decision that grants it.
///
/// # Errors
/// No decision: the reason for holding it.
pub fn grant(asked: Ore, decided: Option<&Beslut>) -> Result<(Ore, Step), String> {
    let decided = decided.ok_or("beslut om särskilda skäl saknas (§ 15)")?;
    let text = format!("kostnad {} med särskilda skäl", swedish(asked));
    Ok((asked, Step { text, basis: super::p17_tolkning::cited(decided) }))
}
