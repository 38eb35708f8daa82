//! What provides Altinn tokens, and the simplest providers: of a token that another program has got.

use std::{
    path::{Path, PathBuf},
    pin::Pin,
};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    Claims, ForeignIssuer, SignInError, Token, TokenError,
    private_file::{self, Unread},
    token::bare,
};
use crate::words::{Refusal, Wording, kept, say};

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
        Self { secret, now: crate::clock::now() }
    }
}

/// Provides Altinn tokens. How often it attempts what fails in passing is its own affair.
pub(super) trait TokenProvider: Send + Sync {
    /// Where its tokens come from.
    fn name(&self) -> Wording;

    /// A token; another one than `used`, which is spent or refused. `None` when there is no other.
    fn sign_in<'a>(&'a self, used: Option<&'a Token>) -> Promise<'a, Result<Option<Issued>, SignInError>>;

    /// Altinn has refreshed a token of this provider by itself.
    fn keep<'a>(&'a self, _refreshed: &'a SecretString) -> Promise<'a, ()> {
        Box::pin(async {})
    }

    /// Whether another token can be had when one has run out, as far as one can know.
    fn lasts(&self) -> bool;
}

/// A token that is what it is.
pub(super) struct Fixed {
    pub(super) name: Wording,
    pub(super) token: SecretString,
}

impl Fixed {
    /// The token in this environment variable, as it is now.
    pub(super) fn from_env(variable: &str) -> Result<Self, TokenError> {
        let fixed = Self::of_any_issuer(variable)?;
        refuse_other_tokens(&fixed.token, &fixed.name)?;
        Ok(fixed)
    }

    /// The same, whoever has issued it: a vendor's is Maskinporten's own.
    pub(super) fn of_any_issuer(variable: &str) -> Result<Self, TokenError> {
        let value = std::env::var_os(variable).unwrap_or_default();
        let name = Wording::of(|| crate::model::variable_in_words("token_env", variable));
        match value.into_string() {
            Ok(value) => Ok(Self { name, token: SecretString::from(value) }),
            Err(_) => Err(TokenError::Illegal { from: name }),
        }
    }
}

impl TokenProvider for Fixed {
    fn name(&self) -> Wording {
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
pub(super) struct TokenFile {
    pub(super) path: PathBuf,
    /// Whoever has issued it: a vendor's is Maskinporten's own.
    pub(super) of_any_issuer: bool,
}

impl TokenProvider for TokenFile {
    fn name(&self) -> Wording {
        say!("auth-the-file", path = self.path.display()).kept()
    }

    fn sign_in<'a>(&'a self, used: Option<&'a Token>) -> Promise<'a, Result<Option<Issued>, SignInError>> {
        Box::pin(async move {
            let (path, of_any_issuer) = (self.path.clone(), self.of_any_issuer);
            let read = tokio::task::spawn_blocking(move || read_token_file(&path, of_any_issuer)).await;
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

fn read_token_file(path: &Path, of_any_issuer: bool) -> Result<SecretString, TokenError> {
    let from = || say!("auth-the-file", path = path.display()).kept();
    let unreadable = |error: Wording| TokenError::Unreadable { from: from(), error };
    let bytes = private_file::read(path, TOKEN_FILE_BYTES).map_err(|unread| match unread {
        Unread::TooLong => TokenError::Illegal { from: from() },
        Unread::NotAFile => unreadable(kept!("auth-it-is-not-a-file")),
        Unread::NothingReplaced => unreadable(kept!("manifest-there-is-no-such-file-as-nothing-is-replaced")),
        Unread::Io(error) => unreadable(Wording::of(|| Refusal(&error))),
        Unread::Exposed(mode) => TokenError::Exposed {
            from: from(),
            mode,
            mend: format!("chmod 600 {}", crate::model::argument(path)),
        },
    })?;
    let text = std::str::from_utf8(bytes.expose_secret());
    let pasted = SecretString::from(text.map_err(|_| TokenError::Illegal { from: from() })?);
    if !of_any_issuer {
        refuse_other_tokens(&pasted, &from())?;
    }
    Ok(pasted)
}

/// What a token endpoint answers, as far as it matters here.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretString,
}

/// Refuses what is pasted instead of an Altinn token: one that must be exchanged first, and the whole answer that a
/// token came in.
fn refuse_other_tokens(pasted: &SecretString, from: &Wording) -> Result<(), TokenError> {
    let text = pasted.expose_secret().trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.starts_with('{') {
        let answer = serde_json::from_str::<TokenAnswer>(text).ok();
        let issuer = answer.and_then(|answer| foreign_issuer(answer.access_token.expose_secret()));
        return Err(TokenError::WholeAnswer { from: from.to_owned(), issuer });
    }
    match foreign_issuer(bare(text)) {
        Some(issuer) => Err(TokenError::Foreign { from: from.to_owned(), issuer }),
        None => Ok(()),
    }
}

/// Whose token it is, where it says that it is not Altinn's.
fn foreign_issuer(token: &str) -> Option<ForeignIssuer> {
    let issuer = Claims::of(token).issuer?.to_ascii_lowercase();
    if issuer.contains("maskinporten") {
        Some(ForeignIssuer::Maskinporten)
    } else if issuer.contains("idporten") {
        Some(ForeignIssuer::IdPorten)
    } else {
        None
    }
}
