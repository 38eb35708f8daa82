//! What is kept of an ID-porten sign-in between two commands: in the operating system's keyring, and where there is
//! none in a file that only its owner can read.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use super::{SignInError, keyring, pieces};
use crate::{
    state_dir::{Readers, make_private_folder, write_bytes},
    words::{kept, say},
};

/// What is kept: the Altinn token, and the refresh token where ID-porten gave one.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(super) struct Session {
    /// Whose sign-in it is: environment, client and issuer. One that is of another is none.
    #[serde(default)]
    pub(super) of: String,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub(super) altinn_token: Option<SecretString>,
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub(super) refresh_token: Option<SecretString>,
}

/// Where something secret was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// In the operating system's keyring.
    InKeyring,
    /// In this file, because there is no keyring, or it did not take it.
    InFile(PathBuf),
}

/// The place of one sign-in.
#[derive(Debug, Clone)]
pub struct Sessions {
    folder: PathBuf,
    /// What its file is called after.
    file: String,
    /// Whose sign-in it is.
    of: String,
    with_keyring: bool,
}

/// Held while one process renews a sign-in that several may use; let go of when it is dropped.
pub(super) struct SessionLock(#[expect(dead_code, reason = "held, not read")] File);

impl Sessions {
    /// The place of the sign-in of this client of this issuer in this environment. The folder must be its owner's
    /// alone.
    pub fn new(folder: &Path, with_keyring: bool, environment: &str, client_id: &str, issuer: &str) -> Self {
        let file = format!("{environment} {client_id}");
        Self { folder: folder.to_owned(), of: format!("{file} {issuer}"), file, with_keyring }
    }

    /// Waits until no other process renews this sign-in.
    pub(super) fn lock(&self) -> Result<SessionLock, SignInError> {
        let path = self.path("lock");
        let opened = make_private_folder(&self.folder)
            .and_then(|()| OpenOptions::new().create(true).truncate(false).write(true).open(&path));
        let locked = opened.and_then(|file| file.lock().map(|()| file));
        locked.map(SessionLock).map_err(|error| unusable(&path, &error))
    }

    /// What is kept; what is not there is none.
    pub(super) fn load(&self) -> Result<Session, SignInError> {
        let mut session = self.load_file()?;
        for (what, secret) in
            [("token", &mut session.altinn_token), ("refresh token", &mut session.refresh_token)]
        {
            if secret.is_none() {
                *secret = pieces::find(self, what);
            }
        }
        Ok(session)
    }

    /// Keeps a sign-in in place of what was kept before. Answers where the refresh token is, or else the token.
    pub(super) fn save(&self, session: &Session) -> Result<Kept, SignInError> {
        let mut rest = Session::default();
        let mut kept = Kept::InKeyring;
        for (what, secret, in_file) in [
            ("token", &session.altinn_token, &mut rest.altinn_token),
            ("refresh token", &session.refresh_token, &mut rest.refresh_token),
        ] {
            let Some(secret) = secret else {
                pieces::forget(self, what);
                continue;
            };
            if pieces::keep(self, what, secret) {
                kept = Kept::InKeyring;
            } else {
                kept = Kept::InFile(self.path("json"));
                *in_file = Some(secret.clone());
            }
        }
        self.save_file(&rest)?;
        Ok(kept)
    }

    /// Forgets a sign-in.
    pub(super) fn forget(&self) -> Result<(), SignInError> {
        pieces::forget(self, "token");
        pieces::forget(self, "refresh token");
        self.save_file(&Session::default())
    }

    fn load_file(&self) -> Result<Session, SignInError> {
        let path = self.path("json");
        match fs::read_to_string(&path).map(SecretString::from) {
            // A file that makes no sense holds no sign-in: signing in writes it anew.
            Ok(text) => {
                let session: Session = serde_json::from_str(text.expose_secret()).unwrap_or_default();
                Ok(if session.of == self.of { session } else { Session::default() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Session::default()),
            Err(error) => Err(unusable(&path, &error)),
        }
    }

    fn save_file(&self, session: &Session) -> Result<(), SignInError> {
        let path = self.path("json");
        if session.altinn_token.is_none() && session.refresh_token.is_none() {
            return match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&path, &error)),
                _ => Ok(()),
            };
        }
        let session = Session { of: self.of.clone(), ..session.clone() };
        let text = SecretString::from(serde_json::to_string(&session).unwrap_or_default());
        make_private_folder(&self.folder)
            .and_then(|()| write_bytes(&path, Readers::Owner, text.expose_secret().as_bytes()))
            .map_err(|error| unusable(&path, &error))
    }

    fn entry(&self, what: &str) -> Option<keyring_core::Entry> {
        if self.with_keyring { keyring::entry(&format!("{} {what}", self.of)) } else { None }
    }

    fn path(&self, extension: &str) -> PathBuf {
        let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
        let name: String = self.file.chars().map(plain).collect();
        self.folder.join(format!("{name}.{extension}"))
    }
}

/// The operating system's keyring; where there is none, nothing is kept in it and nothing found.
impl pieces::Store for Sessions {
    fn set(&self, name: &str, text: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.set_password(text).is_ok())
    }

    fn get(&self, name: &str) -> Option<SecretString> {
        self.entry(name)?.get_password().ok().map(SecretString::from)
    }

    fn delete(&self, name: &str) {
        if let Some(entry) = self.entry(name) {
            // Not there is as good as forgotten.
            let _ = entry.delete_credential();
        }
    }
}

fn unusable(path: &Path, error: &io::Error) -> SignInError {
    SignInError::Machine {
        problem: say!("auth-the-sign-in-cannot-be-kept", path = path.display(), error = error).kept(),
        hint: kept!("auth-hint-name-another-folder"),
    }
}

/// The one place where a token is written out: the owner's own file.
#[expect(clippy::ref_option, reason = "the shape that serde calls")]
fn exposed<S: Serializer>(secret: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_str(secret.expose_secret()),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_in_a_file_is_its_owners_alone_and_is_forgotten_wholly() {
        let folder = tempfile::tempdir().unwrap();
        let sessions =
            Sessions::new(folder.path(), false, "https://platform.example", "a client", "https://i.example");
        let session = Session {
            altinn_token: Some("one".into()),
            refresh_token: Some("two".into()),
            ..Session::default()
        };
        sessions.save_file(&session).unwrap();
        let path = sessions.path("json");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0);
        }
        let loaded = sessions.load_file().unwrap();
        assert_eq!(loaded.refresh_token.unwrap().expose_secret(), "two");
        sessions.save_file(&Session::default()).unwrap();
        assert!(!path.exists() && sessions.load_file().unwrap().altinn_token.is_none());
    }

    #[test]
    fn a_sign_in_is_found_only_by_the_client_and_the_issuer_that_it_is_of() {
        let folder = tempfile::tempdir().unwrap();
        let at = |client: &str, issuer: &str| Sessions::new(folder.path(), false, "test", client, issuer);
        let session = Session { refresh_token: Some("two".into()), ..Session::default() };
        at("a-b", "https://one.example").save_file(&session).unwrap();
        for (client, issuer, is_found) in [
            ("a-b", "https://one.example", true),
            ("a-b", "https://other.example", false),
            ("a.b", "https://one.example", false),
        ] {
            let found = at(client, issuer).load_file().unwrap().refresh_token.is_some();
            assert_eq!(found, is_found, "{client} of {issuer}");
        }
    }

    #[test]
    fn a_file_that_makes_no_sense_is_no_sign_in() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Sessions::new(folder.path(), false, "tt02", "c", "https://i.example");
        fs::write(sessions.path("json"), "{ half").unwrap();
        assert!(sessions.load_file().unwrap().refresh_token.is_none());
    }

    /// Where there is a keyring to be had: a session of D-Bus of the test's own, with a keyring whose folder is the test's.
    #[cfg(target_os = "linux")]
    #[test]
    fn in_a_keyring_a_sign_in_is_found_again_whole_and_forgotten_and_no_file_is_written() {
        use std::process::Command;

        const WITHIN: &str = "FULLMAKT_TEST_WITHIN_KEYRING";
        let name = "altinn::auth::sessions::tests::in_a_keyring_a_sign_in_is_found_again_whole_and_forgotten_and_no_file_is_written";
        let folder = tempfile::tempdir().unwrap();
        if std::env::var_os(WITHIN).is_none() {
            let is_here = |program: &str| Command::new(program).arg("--version").output().is_ok();
            if !is_here("dbus-run-session") || !is_here("gnome-keyring-daemon") {
                eprintln!("left out: there is no dbus-run-session or no gnome-keyring-daemon");
                return;
            }
            let unlock = "printf secret | gnome-keyring-daemon --unlock --components=secrets > /dev/null && exec \"$@\"";
            let within = Command::new("dbus-run-session")
                .args(["--", "sh", "-c", unlock, "sh"])
                .arg(std::env::current_exe().unwrap())
                .args(["--exact", name, "--nocapture"])
                .env(WITHIN, "1")
                .env("HOME", folder.path())
                .env("XDG_RUNTIME_DIR", folder.path())
                .env_remove("XDG_DATA_HOME")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&within.stdout);
            assert!(within.status.success() && said.contains("1 passed"), "{within:?}");
            return;
        }
        let at = || Sessions::new(folder.path(), true, "tt02", "c", "https://i.example");
        let session = Session {
            // As long as an Altinn token of a person with many packages.
            altinn_token: Some("t".repeat(9_000).into()),
            refresh_token: Some("æ two".into()),
            ..Session::default()
        };
        assert_eq!(at().save(&session).unwrap(), Kept::InKeyring);
        assert!(!at().path("json").exists());
        let found = at().load().unwrap();
        let exposed = |secret: Option<SecretString>| secret.map(|secret| secret.expose_secret().to_owned());
        assert_eq!(exposed(found.altinn_token), exposed(session.altinn_token));
        assert_eq!(exposed(found.refresh_token).as_deref(), Some("æ two"));
        at().forget().unwrap();
        assert!(at().load().unwrap().altinn_token.is_none());
    }
}
