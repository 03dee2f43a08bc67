//! What can be said of a source before anybody asks it: secrets and certificates that are missing or lie open.

use std::path::Path;

use super::Source;
use crate::adapters::http::{Auth, HttpSettings, Outside, SecretFolders};
use crate::adapters::settings::DiariumSettings;

/// Where containers find secrets that their host guards.
const GUARDED: &str = "/run/secrets";

/// A line for each.
pub fn shortcomings(settings: &DiariumSettings, outside: &Outside) -> Vec<String> {
    let mut found: Vec<String> = Source::open(settings, outside).err().iter().map(ToString::to_string).collect();
    let open = secret_files(&settings.http).into_iter().filter(|(_, file)| lies_open(file, &outside.secrets));
    found.extend(open.map(|(setting, file)| {
        let (name, place) = (&settings.name, outside.secrets.place(file));
        let place = place.display();
        format!("diarium \"{name}\": {place} may be read by anybody on this machine (`{setting}`): chmod 600 {place}")
    }));
    found
}

fn lies_open(file: &Path, secrets: &SecretFolders) -> bool {
    let place = secrets.place(file);
    let is_guarded = |folder: &Path| place.starts_with(folder);
    let guarded = is_guarded(Path::new(GUARDED)) || secrets.credentials.as_deref().is_some_and(is_guarded);
    !guarded && secrets.is_open_to_all(file)
}

fn secret_files(http: &HttpSettings) -> Vec<(&'static str, &Path)> {
    let mut files: Vec<(&'static str, &Path)> = match &http.auth {
        Auth::None => Vec::new(),
        Auth::Bearer { file } => vec![("bearer_file", file)],
        Auth::Basic { file, .. } => vec![("basic_password_file", file)],
        Auth::ApiKey { file, .. } => vec![("api_key_file", file)],
        Auth::OAuth2(oauth2) => vec![("oauth2_secret_file", &oauth2.file)],
    };
    let certificate = http.certificate.as_ref();
    files.extend(certificate.map(|own| match &own.key_file {
        Some(key) => ("certificate_key_file", key.as_path()),
        None => ("certificate_file", own.file.as_path()),
    }));
    files
}
