//! What a mail server says is kept and told; where it repeats the password, that is left out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::adapters::secret::SecretFolders;
use crate::adapters::settings::SmtpSettings;
use crate::ports::NotTaken;

/// The password, and the forms in which it is sent.
pub struct Hidden(Vec<String>);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Hidden(…)")
    }
}

/// A shorter part of a form is no password.
const SHORTEST: usize = 6;

impl Hidden {
    /// Of a server's settings. Where the password cannot be read none is sent.
    pub fn of(settings: &SmtpSettings, secrets: &SecretFolders) -> Hidden {
        let login = settings.login.as_ref();
        let read = login.and_then(|(user, file)| Some((user, secrets.line(file, "password_file").ok()?)));
        let forms = read.map(|(user, password)| {
            let password = password.shown();
            let plain = [format!("\0{user}\0{password}"), format!("{user}\0{user}\0{password}")];
            let encoded = plain.iter().map(|text| STANDARD.encode(text));
            encoded.chain([STANDARD.encode(password), password.to_owned()]).collect()
        });
        Hidden(forms.unwrap_or_default())
    }

    /// An answer without them.
    pub fn text(&self, answer: String) -> String {
        let mut answer = answer;
        for form in self.0.iter().filter(|form| !form.is_empty()) {
            answer = answer.replace(form.as_str(), "…");
            // A long answer is cut somewhere.
            let begun = (SHORTEST..form.len()).rev().filter_map(|end| form.get(..end));
            if let Some(cut) = begun.map(str::to_owned).find(|begin| answer.ends_with(begin.as_str())) {
                answer.truncate(answer.len() - cut.len());
                answer.push('…');
            }
        }
        answer
    }

    /// The same of what was not taken.
    pub fn not_taken(&self, why: NotTaken) -> NotTaken {
        match why {
            NotTaken::Later(told) => NotTaken::Later(self.text(told)),
            NotTaken::Broken(told) => NotTaken::Broken(self.text(told)),
            NotTaken::Never(told) => NotTaken::Never(self.text(told)),
            NotTaken::Nothing(told) => NotTaken::Nothing(self.text(told)),
            NotTaken::Unreachable(told) => NotTaken::Unreachable(self.text(told)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_left_out_whole_encoded_or_cut() {
        let hidden = Hidden(vec![STANDARD.encode("\0arvode\0kanariefagel"), "kanariefagel".to_owned()]);
        let check = |answer: &str, told: &str| assert_eq!(hidden.text(answer.to_owned()), told);
        check("535 wrong: kanariefagel, again", "535 wrong: …, again");
        check("535 AGFydm9kZQBrYW5hcmllZmFnZWw= no", "535 … no");
        check("535 no: kanariefa", "535 no: …");
        check("535 5.7.8 no", "535 5.7.8 no");
    }
}
