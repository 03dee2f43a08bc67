//! What is missing before letters can leave; no server is asked here.

use std::path::Path;

use crate::adapters::secret::SecretFolders;
use crate::adapters::settings::{MailSettings, Transport};
use crate::ports::Office;

/// One line for each.
pub fn shortcomings(mail: &MailSettings, secrets: &SecretFolders) -> Vec<String> {
    let mut notes = Vec::new();
    match mail.transport {
        Transport::None => notes.push("[mail] transport = \"none\": no letter leaves the outbox".to_owned()),
        Transport::Folder if mail.from.is_empty() => {
            notes.push("[mail] from is empty: no letter can be written to the folder without a sender".to_owned());
        }
        Transport::Folder | Transport::Smtp => {}
    }
    if let (Transport::Smtp, Some(smtp)) = (mail.transport, &mail.smtp) {
        if let Some((_, file)) = &smtp.login {
            notes.extend(secrets.line(file, "password_file").err().map(|fault| fault.to_string()));
            if secrets.is_open_to_all(file) {
                let place = secrets.place(file);
                notes.push(format!("{}: anybody on the machine may read it (chmod 600)", place.display()));
            }
        }
        if let Some(file) = &smtp.ca_file {
            notes.extend(secrets.content(file, "ca_file").err().map(|fault| fault.to_string()));
        }
    }
    if let Some(folder) = mail.bounce_folder.as_ref().map(|folder| secrets.data.join(folder)) {
        notes.extend(wrong_folder(&folder));
    }
    let nobody = Office::ALL.into_iter().filter(|office| !mail.to.offices.contains_key(office));
    let nobody: Vec<&str> = nobody.map(Office::name).collect();
    if !nobody.is_empty() && mail.transport != Transport::None {
        let names = nobody.join(", ");
        notes.push(format!("[mail.to] has no address for {names}: their letters go to the kansli for print"));
    }
    notes
}

fn wrong_folder(folder: &Path) -> Option<String> {
    let shown = folder.display();
    match std::fs::read_dir(folder) {
        Ok(_) => None,
        Err(error) => {
            Some(format!("{shown}: `bounce_folder` cannot be read ({error}); make it, or change [mail.smtp]"))
        }
    }
}
