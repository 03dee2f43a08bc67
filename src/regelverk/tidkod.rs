//! PAXml 2.0's codes for absence: what a `[[loneart]]` of absence may name.

/// The codes, in the order of the standard (section "Frånvaro, endast tidkod").
const ABSENCE: [&str; 43] = [
    "SJK", "SJK_KAR", "SJK_LÖN", "SJK_ERS", "SJK_PEN", "ASK", "HAV", "FPE", "VAB", "SMB", "UTB", "MIL", "SVE", "NÄR",
    "TJL", "SEM", "SEM_BET", "SEM_SPA", "SEM_OBE", "SEM_FÖR", "KOM", "PEM", "PER", "FAC", "ATK", "KON", "PAP", "JS1",
    "JS2", "JS3", "BS1", "BS2", "BS3", "ATF", "FR1", "FR2", "FR3", "FR4", "FR5", "FR6", "FR7", "FR8", "FR9",
];

/// Whether a text is such a code, in the standard's own spelling.
pub(super) fn is_absence(code: &str) -> bool {
    ABSENCE.contains(&code)
}

/// All of them, for a message.
pub(super) fn absence_codes() -> String {
    ABSENCE.join(", ")
}
