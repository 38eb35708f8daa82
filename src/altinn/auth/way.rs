//! A way to get a token, and the simplest ones: a token that somebody else has got.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    pin::Pin,
};

use jiff::Timestamp;
use secrecy::SecretString;

use super::{SignInError, Token, TokenError};

/// The most that is read of a token file, in bytes; a token has a few thousand.
const TOKEN_FILE_BYTES: u64 = 64 * 1024;

/// Something that is being waited for.
pub(super) type Promise<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A token that has just been got, and what the clock of whoever issued it said.
pub(super) struct Issued {
    pub(super) secret: SecretString,
    pub(super) now: Timestamp,
}

impl Issued {
    /// By this machine's clock.
    pub(super) fn by_own_clock(secret: SecretString) -> Self {
        Self { secret, now: Timestamp::now() }
    }
}

/// A way to get an Altinn token. Its tries at what fails in passing are its own affair.
pub(super) trait Way: Send + Sync {
    /// Where its tokens come from, in words.
    fn name(&self) -> String;

    /// A token; another one than `used`, which is spent or refused. `None` when there is no other.
    fn sign_in<'a>(&'a self, used: Option<&'a Token>) -> Promise<'a, Result<Option<Issued>, SignInError>>;

    /// Altinn has refreshed a token of this way by itself.
    fn keep<'a>(&'a self, _refreshed: &'a SecretString) -> Promise<'a, ()> {
        Box::pin(async {})
    }

    /// Whether another token can be had when one has run out, as far as one can know.
    fn lasts(&self) -> bool;
}

/// A token that is what it is.
pub(super) struct Fixed {
    pub(super) name: String,
    pub(super) token: SecretString,
}

impl Fixed {
    /// The token in this environment variable, as it is now.
    pub(super) fn from_env(variable: &str) -> Result<Self, TokenError> {
        let value = std::env::var_os(variable).unwrap_or_default();
        let name = crate::model::variable_in_words("token_env", variable);
        match value.into_string() {
            Ok(value) => Ok(Self { name, token: SecretString::from(value) }),
            Err(_) => Err(TokenError::Illegal { from: name }),
        }
    }
}

impl Way for Fixed {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn sign_in<'a>(&'a self, used: Option<&'a Token>) -> Promise<'a, Result<Option<Issued>, SignInError>> {
        let first = used.is_none().then(|| Issued::by_own_clock(self.token.clone()));
        Box::pin(async { Ok(first) })
    }

    fn lasts(&self) -> bool {
        false
    }
}

/// A token in a file that somebody else may write anew.
pub(super) struct TokenFile(pub(super) PathBuf);

impl Way for TokenFile {
    fn name(&self) -> String {
        format!("the file {}", self.0.display())
    }

    fn sign_in<'a>(&'a self, used: Option<&'a Token>) -> Promise<'a, Result<Option<Issued>, SignInError>> {
        Box::pin(async move {
            let path = self.0.clone();
            let read = tokio::task::spawn_blocking(move || read_token_file(&path)).await;
            let Ok(pasted) = read else { return Ok(None) };
            let issued = Issued::by_own_clock(pasted?);
            let Some(used) = used else { return Ok(Some(issued)) };
            let found = Token::new(&issued.secret, 0, &self.name(), issued.now)?;
            Ok((!found.is_the_same_as(used)).then_some(issued))
        })
    }

    fn lasts(&self) -> bool {
        false
    }
}

fn read_token_file(path: &Path) -> Result<SecretString, TokenError> {
    let from = || format!("the file {}", path.display());
    let mut text = String::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(TOKEN_FILE_BYTES + 1).read_to_string(&mut text));
    let pasted = SecretString::from(text);
    match read {
        Ok(bytes) if bytes as u64 > TOKEN_FILE_BYTES => Err(TokenError::Illegal { from: from() }),
        Ok(_) => Ok(pasted),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(TokenError::Illegal { from: from() }),
        Err(error) => Err(TokenError::Unreadable { from: from(), error: error.to_string() }),
    }
}
