//! § 19 Uppföljning och utbildning.
//!
//! 1. Allmänna utskottet gets a follow-up of the compensations, if it asks for one.
//! 2. Changed levels are notified to kommunstyrelsen every year.
//! 3. At the beginning of each mandatperiod ledamöter and ersättare get a briefing on these rules.
//!
//! Clause 2 is `arvode rates YEAR`: every amount, what it was and became, from which day, and the chain behind it
//! ([`crate::law::rates`]). The reports of clauses 1 and 3 read what is stored: rows, remarks and `Genomgång` of Personer.
