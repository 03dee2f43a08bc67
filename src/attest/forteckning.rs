use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::calendar::Day;
use crate::domain::{Fault, folded};
use crate::ledger::hex;
use crate::money::Ore;
use crate::ports::signature::{KEY_LOOKS_LIKE, SignerKey};
use crate::regelverk::reader::{Errors, SettingsText, Table, Wrong, read_file};

/// `attestforteckning.toml`: the officials whom kommunstyrelsen has named to attest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forteckning {
    /// In the order of the file.
    pub officials: Vec<Official>,
    /// sha256 of the file's content, hexadecimal.
    pub sha256: String,
}

/// One `[[person]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Official {
    /// What commands and sheets call them; unique.
    pub id: String,
    /// As people read it.
    pub name: String,
    /// Where reminders go.
    pub email: String,
    /// What their signatures verify with. The same key may stand under several ids of one person.
    pub key: SignerKey,
    /// What they may sign.
    pub roles: BTreeSet<Role>,
    /// Which ansvar they may sign for; none means all (`"*"`).
    pub ansvar: Option<BTreeSet<String>>,
    /// The largest sum of a sheet.
    pub max_belopp: Ore,
    /// First day.
    pub from: Day,
    /// Last day, if it has one.
    pub to: Option<Day>,
    /// Ordinary or deputy.
    pub kind: OfficialKind,
    /// The decision that named them.
    pub decision: String,
    /// Their own anställningsnummer, if they are also paid by us.
    pub anstid: Option<String>,
}

/// Which of the two attests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Granskningsattest: the rows are right.
    Granskning,
    /// Beslutsattest: the money is paid.
    Beslut,
}

/// Whether an official signs ordinarily or when others are away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfficialKind {
    /// `ordinarie`.
    Ordinarie,
    /// `ersattare`.
    Ersattare,
}

impl Role {
    /// Both, in the order in which they are usually signed.
    pub const ALL: [Role; 2] = [Role::Granskning, Role::Beslut];

    /// The name in configuration, commands and database.
    pub fn name(self) -> &'static str {
        match self {
            Role::Granskning => "granskning",
            Role::Beslut => "beslut",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Role, String> {
        let found = Role::ALL.into_iter().find(|role| role.name() == text);
        found.ok_or_else(|| format!("\"{text}\" is no role; allowed: granskning, beslut"))
    }
}

impl Official {
    /// Named on that day.
    pub fn is_valid(&self, day: Day) -> bool {
        self.from <= day && !self.is_past(day)
    }

    /// Was named, but not on that day any more.
    pub fn is_past(&self, day: Day) -> bool {
        self.to.is_some_and(|to| to < day)
    }

    /// May sign for an ansvar.
    pub fn covers(&self, ansvar: &str) -> bool {
        self.ansvar.as_ref().is_none_or(|codes| codes.contains(ansvar))
    }

    /// The same human being, as far as the list can tell: id, key, name or e-mail is the same.
    pub fn is_same_person(&self, other: &Official) -> bool {
        self.id == other.id
            || self.key == other.key
            || folded(&self.name) == folded(&other.name)
            || self.email.to_lowercase() == other.email.to_lowercase()
    }
}

impl Forteckning {
    /// Reads the file. One without persons is allowed: then nobody can sign.
    ///
    /// # Errors
    /// All that is wrong in it, with its place.
    pub fn parse(text: &SettingsText) -> Result<Forteckning, Vec<Wrong>> {
        let errors = Errors::default();
        let mut list = Forteckning { sha256: hex(&Sha256::digest(text.content.as_bytes())), ..Forteckning::default() };
        read_file(text, &errors, |file| {
            file.tables("person", |table| {
                let Some(official) = read_official(table) else { return };
                if list.get(&official.id).is_some() {
                    let found = format!("a second person with the id \"{}\"", official.id);
                    return table.wrong("id", &found, "an id of its own for each [[person]]");
                }
                list.officials.push(official);
            });
        });
        let wrong = errors.into_list();
        if wrong.is_empty() { Ok(list) } else { Err(wrong) }
    }

    /// The official with an id.
    pub fn get(&self, id: &str) -> Option<&Official> {
        self.officials.iter().find(|official| official.id == id)
    }

    /// Who signs with a key; `as_id` only chooses where the key stands under several ids.
    ///
    /// # Errors
    /// `Refused`: nobody has the key, or not under that id. `Input`: several have it and none was chosen.
    pub fn signer(&self, key: &SignerKey, as_id: Option<&str>) -> Result<&Official, Fault> {
        let with_key: Vec<&Official> = self.officials.iter().filter(|official| official.key == *key).collect();
        let ids: Vec<&str> = with_key.iter().map(|official| official.id.as_str()).collect();
        match (with_key.as_slice(), as_id) {
            ([], _) => Err(Fault::Refused(
                "the key stands under no [[person]] in attestforteckning.toml; kommunstyrelsen decides who is in it"
                    .to_owned(),
            )),
            ([only], None) => Ok(only),
            (several, Some(id)) => several.iter().copied().find(|official| official.id == id).ok_or_else(|| {
                Fault::Refused(format!(
                    "the key does not belong to \"{id}\" in attestforteckning.toml, but to {}",
                    ids.join(", ")
                ))
            }),
            (_, None) => {
                Err(Fault::Input(format!("the key stands under several ids; choose with --as: {}", ids.join(", "))))
            }
        }
    }

    /// Why no sheet could be signed by two that day, one sentence each; for `arvode check`.
    pub fn shortcomings(&self, today: Day) -> Vec<String> {
        if self.officials.is_empty() {
            return vec![
                "attestforteckning.toml names no [[person]]: nobody can sign, so nothing can be exported".to_owned(),
            ];
        }
        let holders = |role| {
            let valid = self.officials.iter().filter(move |official| official.is_valid(today));
            valid.filter(move |official| official.roles.contains(&role))
        };
        let missing = Role::ALL.into_iter().filter(|role| holders(*role).next().is_none());
        let mut found: Vec<String> =
            missing.map(|role| format!("attestforteckning.toml names nobody for {role} on {today}")).collect();
        let two = holders(Role::Granskning).any(|one| holders(Role::Beslut).any(|other| !one.is_same_person(other)));
        if found.is_empty() && !two {
            found.push(format!(
                "attestforteckning.toml names only one person for both roles on {today}; granskning and beslut need two"
            ));
        }
        found
    }
}

fn read_official(table: &Table<'_>) -> Option<Official> {
    const KINDS: [(&str, OfficialKind); 2] =
        [("ordinarie", OfficialKind::Ordinarie), ("ersattare", OfficialKind::Ersattare)];
    let id = read_id(table);
    let name = table.required_text("name");
    let email = table.required_text("email");
    if let Some(email) = email.as_ref().filter(|email| !email.contains('@')) {
        table.wrong("email", &format!("\"{email}\""), "an e-mail address");
    }
    let key = read_key(table);
    let roles = read_roles(table);
    let ansvar = read_ansvar(table);
    let max_belopp = table.required_amount("max_belopp").map(Ore::from_kronor);
    let (from, to) = (table.required_day("from"), table.day("to"));
    if let Some((from, to)) = from.zip(to).filter(|(from, to)| to < from) {
        table.wrong("to", &format!("{to}, before `from` {from}"), "a day on or after `from`");
    }
    let kind = table.required_choice("kind", &KINDS);
    let decision = table.required_text("decision");
    let anstid = table.text("anstid").map(|anstid| anstid.trim().to_owned());
    Some(Official {
        id: id?,
        name: name?.trim().to_owned(),
        email: email?.trim().to_owned(),
        key: key?,
        roles: roles?,
        ansvar: ansvar?,
        max_belopp: max_belopp?,
        from: from?,
        to,
        kind: kind?,
        decision: decision?,
        anstid: anstid.filter(|anstid| !anstid.is_empty()),
    })
}

fn read_id(table: &Table<'_>) -> Option<String> {
    let id = table.required_text("id")?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.@".contains(letter);
    if !id.chars().all(plain) {
        table.wrong("id", &format!("\"{id}\""), "letters a-z, digits and - _ . @, without spaces");
        return None;
    }
    Some(id)
}

fn read_key(table: &Table<'_>) -> Option<SignerKey> {
    match table.required_text("key")?.parse() {
        Ok(key) => Some(key),
        Err(found) => {
            table.wrong("key", &format!("{found} for `key`"), KEY_LOOKS_LIKE);
            None
        }
    }
}

fn read_roles(table: &Table<'_>) -> Option<BTreeSet<Role>> {
    let names = table.texts("roles");
    let roles: Result<BTreeSet<Role>, String> = names.iter().map(|name| name.parse()).collect();
    match roles {
        Ok(roles) if !roles.is_empty() => return Some(roles),
        Ok(_) => table.wrong("roles", "no role in `roles`", "\"granskning\", \"beslut\" or both"),
        Err(_) => table.wrong("roles", &format!("{names:?}"), "\"granskning\", \"beslut\" or both"),
    }
    None
}

/// Some(None) is all.
fn read_ansvar(table: &Table<'_>) -> Option<Option<BTreeSet<String>>> {
    let codes = table.texts("ansvar");
    if codes.is_empty() || codes.iter().any(|code| code.trim().is_empty()) {
        table.wrong(
            "ansvar",
            "no code in `ansvar`, or an empty one",
            "a list of ansvar such as [\"120\"], or [\"*\"] for all",
        );
        return None;
    }
    let all = codes.iter().any(|code| code == "*");
    Some((!all).then(|| codes.into_iter().map(|code| code.trim().to_owned()).collect()))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{KEYS, parse, person, three};
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_whole_list_is_read() {
        let list = parse(&three().replace("[\"*\"]", "[\"100\", \"120\"]")).unwrap();
        let anna = list.get("anna").unwrap();
        assert_eq!((list.officials.len(), list.sha256.len()), (3, 64));
        assert_eq!((anna.max_belopp, anna.kind), (Ore(50_000_000), OfficialKind::Ordinarie));
        assert!(anna.covers("120") && !anna.covers("130"));
        assert!(!anna.is_valid(day("2025-12-31")) && anna.is_valid(day("2026-01-01")));
        assert!(anna.is_valid(day("2026-12-31")) && anna.is_past(day("2027-01-01")));
        assert_eq!(list.shortcomings(day("2026-06-01")), Vec::<String>::new());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let check = |was: &str, becomes: &str, expected: &str| {
            let content = person("anna", "Anna Ek", KEYS[0], "\"granskning\"").replace(was, becomes);
            let errors = parse(&content).unwrap_err();
            assert!(errors.iter().any(|error| error.contains(expected)), "{becomes}: {errors:?}");
        };
        check("id = \"anna\"", "id = \"an na\"", "attestforteckning.toml:3:6: found \"an na\"");
        check("email = \"anna@", "email = \"anna.", ":5:9: found \"anna.kommunen.se\"");
        check("AAAAC3", "AAAAB3", ":6:7: found no OpenSSH public key");
        check("ssh-ed25519 ", "-----BEGIN OPENSSH PRIVATE KEY-----", "found a private key");
        check("AAAAC3", "AAAAB3", "allowed: the line of the person's .pub file, such as \"ssh-ed25519 AAAAC3");
        check(
            "[\"granskning\"]",
            "[\"attest\"]",
            ":7:9: found [\"attest\"]; allowed: \"granskning\", \"beslut\" or both",
        );
        check("[\"granskning\"]", "[]", ":7:9: found no role");
        check("[\"*\"]", "[]", ":8:10: found no code in `ansvar`");
        check("500000", "-1", ":9:14: found `-1`");
        check("to = 2026-12-31", "to = 2025-12-31", ":11:6: found 2025-12-31, before `from` 2026-01-01");
        check(
            "\"ordinarie\"",
            "\"vikarie\"",
            ":12:8: found \"vikarie\" for `kind`; allowed: \"ordinarie\", \"ersattare\"",
        );
        check("decision = \"KS 2026-01-13 § 7\"", "beslut = \"?\"", "found no `decision`");
        check("decision = \"KS 2026-01-13 § 7\"", "beslut = \"?\"", "found the unknown key `beslut`");
    }

    #[test]
    fn a_key_that_may_not_attest_is_refused_without_repeating_it() {
        let weak = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDDN3gnqwrdLcUZ5NYC9XtIcJv9gOSo5EXOucD35gX8NSLvNjxQbmAKovy178ahnnOCvt832cFOry2Rc9GyHRMpD8i0L0vDzqxfmFTH/5EiEV/DVlxq0oXqmfzDwrLngSPUcyfK1T7J36ntH4YttVZyeKsiV3s9rB/cfn+fbzHxLQ==";
        let p521 = "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAAX/uDfnxoxPkm+/4rHzefz4YY06Z034dTkG8AlD42IR7FpGvL/qBr6QaDiWkoA6Vqw0TPMC5B1roU7OiI6it9pQwG7Kotos4cQ2kh4jAxqX33ilvT/9EAwjCJTcUqzwD9scJiQ6mmESP4ml7CYVyUsDTMz7Lame2CDUyu0vrOD9CBA2Q==";
        for (key, expected) in
            [(weak, "an RSA key of fewer than 2048 bits"), (p521, "a key of the kind ecdsa-sha2-nistp521")]
        {
            let errors = parse(&person("anna", "Anna Ek", key, "\"beslut\"")).unwrap_err();
            assert!(errors[0].contains(expected) && !errors[0].contains("AAAAE2"), "{errors:?}");
        }
    }

    #[test]
    fn an_id_stands_once_but_a_key_may_stand_twice() {
        let twice = [person("anna", "Anna Ek", KEYS[0], "\"beslut\""), person("anna", "Bo Alm", KEYS[1], "\"beslut\"")]
            .concat();
        assert!(parse(&twice).unwrap_err()[0].contains(":16:6: found a second person with the id \"anna\""));

        let other_comment = KEYS[0].replace("anna@kommunen.se", "laptop 2");
        let list = parse(
            &[
                person("anna", "Anna Ek", KEYS[0], "\"beslut\""),
                person("anna-2", "Anna Ek", &other_comment, "\"granskning\""),
            ]
            .concat(),
        )
        .unwrap();
        let key: SignerKey = KEYS[0].parse().unwrap();
        assert_eq!(list.signer(&key, Some("anna-2")).unwrap().id, "anna-2");
        assert!(
            matches!(list.signer(&key, None), Err(Fault::Input(message)) if message.ends_with("--as: anna, anna-2"))
        );
        assert!(matches!(list.signer(&key, Some("bo")), Err(Fault::Refused(_))));
        assert!(matches!(list.signer(&KEYS[1].parse().unwrap(), None), Err(Fault::Refused(_))));
        assert_eq!(list.shortcomings(day("2026-06-01")).len(), 1, "both ids are one person");
    }

    #[test]
    fn a_list_that_lets_nobody_sign_is_read_and_told() {
        let empty = parse("# nobody yet\n").unwrap();
        assert!(empty.shortcomings(day("2026-06-01"))[0].contains("nobody can sign"));
        let told = parse(&three()).unwrap().shortcomings(day("2027-01-01"));
        assert_eq!(told.len(), 2, "{told:?}");
    }
}
