//! § 10 Kommunal pension.
//!
//! 1. For förtroendevalda there are particular provisions on municipal pension, in the pension regulation.
//!
//! That regulation is another document: nothing of it is worked out here, and no line is ever paid for it.
