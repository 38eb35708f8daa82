//! The Altinn token: where it comes from, and another one when it has run out.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// The token that the sandbox takes.
const SANDBOX_TOKEN: &str = "sandbox";

/// Why there is no token. Never holds one.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The environment variable is not there.
    #[error("the environment variable {0} has no Altinn token; the job file's token_env names it")]
    NotInEnvironment(String),
    /// The file cannot be read.
    #[error("the token file {} cannot be read: {error}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// What stands there cannot be a token.
    #[error("{0} does not hold an Altinn token: it is empty, or has characters that no token has")]
    NotAToken(String),
}

/// Where a token comes from, and the one that is in use.
pub struct TokenSource {
    file: Option<PathBuf>,
    current: Mutex<Current>,
}

struct Current {
    token: SecretString,
    header: HeaderValue,
    /// Which token this is, counted from the first.
    generation: u64,
    /// Altinn has accepted it at least once.
    accepted: bool,
}

impl TokenSource {
    /// For the sandbox.
    pub fn sandbox() -> Self {
        Self::starting_with(
            SecretString::from(SANDBOX_TOKEN),
            HeaderValue::from_static("Bearer sandbox"),
            None,
        )
    }

    /// A token from an environment variable. There is no other when it runs out.
    ///
    /// # Errors
    ///
    /// The variable is missing, empty, or holds no token.
    pub fn from_env(name: &str) -> Result<Self, TokenError> {
        let text = env::var(name).map_err(|_| TokenError::NotInEnvironment(name.to_owned()))?;
        let token = SecretString::from(text);
        let (token, header) = read(&token, &format!("the environment variable {name}"))?;
        Ok(Self::starting_with(token, header, None))
    }

    /// A token from a file, which is read again when the token has run out, so that another program can feed it.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or holds no token.
    pub fn from_file(path: &Path) -> Result<Self, TokenError> {
        let (token, header) = read_file(path)?;
        Ok(Self::starting_with(token, header, Some(path.to_owned())))
    }

    fn starting_with(token: SecretString, header: HeaderValue, file: Option<PathBuf>) -> Self {
        let current = Current { token, header, generation: 0, accepted: false };
        Self { file, current: Mutex::new(current) }
    }

    /// The value of the `Authorization` header, marked as sensitive, and which token it is.
    pub(super) fn header(&self) -> (HeaderValue, u64) {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        (current.header.clone(), current.generation)
    }

    /// Altinn has accepted this token.
    pub(super) fn accepted(&self, generation: u64) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.generation == generation {
            current.accepted = true;
        }
    }

    /// Altinn has refused this token. Answers whether there is another one to try.
    ///
    /// Of many requests that were refused with the same token, the first finds the new one for all. A new
    /// one that is refused before it was ever accepted is not replaced again.
    pub(super) fn renew(&self, refused: u64) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.generation > refused {
            return true;
        }
        if current.generation > 0 && !current.accepted {
            return false;
        }
        let Some((token, header)) = self.file.as_deref().and_then(|path| read_file(path).ok()) else {
            return false;
        };
        if token.expose_secret() == current.token.expose_secret() {
            return false;
        }
        *current = Current { token, header, generation: refused + 1, accepted: false };
        true
    }
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TokenSource").field("file", &self.file).finish_non_exhaustive()
    }
}

fn read_file(path: &Path) -> Result<(SecretString, HeaderValue), TokenError> {
    let text = fs::read_to_string(path).map_err(|error| TokenError::File { path: path.to_owned(), error })?;
    read(&SecretString::from(text), &format!("the token file {}", path.display()))
}

/// A token as people paste it: with a line end, in quotes, with `Bearer` in front.
fn read(pasted: &SecretString, place: &str) -> Result<(SecretString, HeaderValue), TokenError> {
    let token = pasted.expose_secret().trim().trim_matches('"');
    let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let header = HeaderValue::from_str(&format!("Bearer {token}")).ok().filter(|_| is_token);
    let mut header = header.ok_or_else(|| TokenError::NotAToken(place.to_owned()))?;
    header.set_sensitive(true);
    Ok((SecretString::from(token), header))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn a_token_is_taken_as_people_paste_it() {
        for pasted in ["abc.def", " abc.def\r\n", "\"abc.def\"", "Bearer abc.def\n"] {
            let source = TokenSource::from_file(file(pasted).path()).unwrap();
            assert_eq!(source.header().0.to_str().unwrap(), "Bearer abc.def");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        for pasted in ["", "\n", "two words", "s\u{f8}tt-hemmelig"] {
            let error = TokenSource::from_file(file(pasted).path()).unwrap_err().to_string();
            assert!(error.contains("does not hold an Altinn token"), "{error}");
            assert!(!error.contains("hemmelig") && !error.contains("two words"), "{error}");
        }
    }

    #[test]
    fn a_file_that_has_changed_gives_one_new_token_for_all_who_were_refused() {
        let file = file("first");
        let source = TokenSource::from_file(file.path()).unwrap();
        let (_, first) = source.header();
        assert!(!source.renew(first), "nothing new in the file");
        fs::write(file.path(), "second").unwrap();
        assert!(source.renew(first));
        assert!(source.renew(first), "the second who was refused with the first token");
        let (header, second) = source.header();
        assert_eq!(header.to_str().unwrap(), "Bearer second");
        assert!(!source.renew(second), "refused before it was ever accepted");
        source.accepted(second);
        fs::write(file.path(), "third").unwrap();
        assert!(source.renew(second));
    }

    #[test]
    fn a_token_is_in_no_debug_output() {
        let source = TokenSource::from_file(file("hemmelig").path()).unwrap();
        assert!(!format!("{source:?} {:?}", source.header()).contains("hemmelig"));
    }
}
