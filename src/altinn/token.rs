//! Which token goes along, and how a new one is got when Altinn no longer accepts it.

use std::{
    fmt,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// The most that is read of a token file, in bytes; a token has a few thousand.
const TOKEN_FILE_BYTES: u64 = 64 * 1024;

/// One token, and which one it is: generations count up from 0 with every renewal.
pub struct Token {
    secret: SecretString,
    header: HeaderValue,
    generation: u64,
    accepted: AtomicBool,
}

impl Token {
    fn new(pasted: &SecretString, generation: u64, from: &Origin) -> Result<Self, TokenError> {
        let bare = bare(pasted.expose_secret());
        if bare.is_empty() {
            return Err(TokenError::Empty { from: from.to_string() });
        }
        let illegal = || TokenError::Illegal { from: from.to_string() };
        if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(illegal());
        }
        let bearer = SecretString::from(format!("Bearer {bare}"));
        let mut header = HeaderValue::from_str(bearer.expose_secret()).map_err(|_| illegal())?;
        header.set_sensitive(true);
        Ok(Self { secret: SecretString::from(bare), header, generation, accepted: AtomicBool::new(false) })
    }

    /// The token itself.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// How many renewals came before it.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The whole `Authorization` header.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Altinn has given an answer that it gives to no stranger.
    pub(super) fn mark_accepted(&self) {
        if !self.accepted.load(Ordering::Relaxed) {
            self.accepted.store(true, Ordering::Relaxed);
        }
    }

    fn is_a_renewal_never_accepted(&self) -> bool {
        self.generation > 0 && !self.accepted.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Token").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// Where tokens come from. Cloned, it is the same source.
#[derive(Clone)]
pub struct TokenSource(Arc<Shared>);

struct Shared {
    origin: Origin,
    current: RwLock<Arc<Token>>,
    /// Held while one request renews for all.
    renewing: tokio::sync::Mutex<()>,
}

/// Where a token is found.
enum Origin {
    /// Given once, from what these words name. It cannot be renewed.
    Fixed(String),
    /// In a file that somebody else may write anew.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(name) => formatter.write_str(name),
            Self::File(path) => write!(formatter, "the file {}", path.display()),
        }
    }
}

/// Why there is no token. Never shows any part of one.
#[derive(Debug, Error)]
pub enum TokenError {
    /// Nothing stands there.
    #[error("{from} holds no token")]
    Empty {
        /// Where it was looked for.
        from: String,
    },
    /// Something stands there that is no token.
    #[error("{from} holds something that cannot be a token: it has spaces or characters that no token has")]
    Illegal {
        /// Where it was looked for.
        from: String,
    },
    /// The file could not be read.
    #[error("{from} cannot be read: {error}")]
    Unreadable {
        /// Where it was looked for.
        from: String,
        /// What the operating system says.
        error: io::Error,
    },
}

impl TokenSource {
    /// A token that is what it is. `from` names where it comes from, for errors (such as "the job file"). White space around it, quotes and a leading `Bearer` are taken off.
    ///
    /// # Errors
    ///
    /// When it is empty or cannot be a token.
    pub fn fixed(pasted: &SecretString, from: impl Into<String>) -> Result<Self, TokenError> {
        let origin = Origin::Fixed(from.into());
        let token = Token::new(pasted, 0, &origin)?;
        Ok(Self::new(origin, token))
    }

    /// The token in this environment variable, as it is now.
    ///
    /// # Errors
    ///
    /// When the variable is not set, empty, or cannot be a token.
    pub fn from_env(variable: &str) -> Result<Self, TokenError> {
        let value = std::env::var_os(variable).unwrap_or_default();
        let from = format!("the environment variable {variable}");
        match value.into_string() {
            Ok(value) => Self::fixed(&SecretString::from(value), from),
            Err(_) => Err(TokenError::Illegal { from }),
        }
    }

    /// The token in this file, which is read again when Altinn no longer accepts it.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is empty, or holds what cannot be a token.
    pub fn from_file(path: impl Into<PathBuf>) -> Result<Self, TokenError> {
        let path = path.into();
        let pasted = read_token_file(&path)?;
        let origin = Origin::File(path);
        let token = Token::new(&pasted, 0, &origin)?;
        Ok(Self::new(origin, token))
    }

    fn new(origin: Origin, token: Token) -> Self {
        Self(Arc::new(Shared {
            origin,
            current: RwLock::new(Arc::new(token)),
            renewing: tokio::sync::Mutex::new(()),
        }))
    }

    /// The token to send now.
    pub fn current(&self) -> Arc<Token> {
        Arc::clone(&self.0.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Altinn has not accepted `used`. Whether there is another token by now: one got since by another
    /// request, or one got here, once for all requests under way.
    ///
    /// # Errors
    ///
    /// When a new token was looked for and what is there is none.
    pub async fn renew(&self, used: &Token) -> Result<bool, TokenError> {
        let _renewing = self.0.renewing.lock().await;
        let current = self.current();
        if current.generation > used.generation {
            return Ok(true);
        }
        if current.is_a_renewal_never_accepted() {
            return Ok(false);
        }
        let Origin::File(path) = &self.0.origin else {
            return Ok(false);
        };
        let path = path.clone();
        let read = tokio::task::spawn_blocking(move || read_token_file(&path)).await;
        let Ok(pasted) = read else { return Ok(false) };
        let fresh = Token::new(&pasted?, current.generation + 1, &self.0.origin)?;
        if fresh.secret.expose_secret() == current.secret.expose_secret() {
            return Ok(false);
        }
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(true)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenSource")
            .field("origin", &format_args!("{}", self.0.origin))
            .field("current", &self.current())
            .finish_non_exhaustive()
    }
}

fn read_token_file(path: &Path) -> Result<SecretString, TokenError> {
    let from = || format!("the file {}", path.display());
    let mut text = String::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(TOKEN_FILE_BYTES).read_to_string(&mut text));
    let pasted = SecretString::from(text);
    match read {
        Ok(_) => Ok(pasted),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(TokenError::Illegal { from: from() }),
        Err(error) => Err(TokenError::Unreadable { from: from(), error }),
    }
}

/// Without what comes along when a token is pasted: white space, a byte order mark, quotes, `Bearer`.
fn bare(pasted: &str) -> &str {
    let dressing =
        |character: char| character.is_whitespace() || matches!(character, '\u{feff}' | '"' | '\'');
    let text = pasted.trim_matches(dressing);
    match text.split_at_checked("Bearer".len()) {
        Some((word, rest))
            if word.eq_ignore_ascii_case("Bearer") && !rest.starts_with(|next| !dressing(next)) =>
        {
            rest.trim_matches(dressing)
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(pasted: &str) -> Result<TokenSource, TokenError> {
        TokenSource::fixed(&SecretString::from(pasted), "the test")
    }

    #[test]
    fn a_pasted_token_is_undressed() {
        for pasted in [
            "abc.def",
            " abc.def\r\n",
            "Bearer abc.def",
            "bearer  abc.def\n",
            "\"abc.def\"\n",
            "\"Bearer abc.def\"",
            "\u{feff}abc.def",
        ] {
            let token = fixed(pasted).unwrap().current();
            assert_eq!(token.secret().expose_secret(), "abc.def", "{pasted:?}");
        }
        let token = fixed("Bearerabc").unwrap().current();
        assert_eq!(token.secret().expose_secret(), "Bearerabc");
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        for pasted in ["", " \n", "Bearer ", "\"\"", "secret one", "secret\nsecond", "secrét", "sec\u{0}ret"]
        {
            let error = fixed(pasted).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("sec"), "{shown}");
        }
    }

    #[test]
    fn a_token_is_not_in_the_debug_text_of_anything_that_holds_it() {
        let source = fixed("secret-token").unwrap();
        let token = source.current();
        let shown = format!("{source:?} {token:?} {:?} {:?}", token.secret(), token.header());
        assert!(!shown.contains("secret-token"), "{shown}");
    }

    #[tokio::test]
    async fn a_fixed_token_is_not_renewed() {
        let source = fixed("secret").unwrap();
        assert!(!source.renew(&source.current()).await.unwrap());
    }

    #[tokio::test]
    async fn a_file_renews_once_for_all_requests_and_only_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "one\n").unwrap();
        let source = TokenSource::from_file(&path).unwrap();
        let first = source.current();
        assert!(!source.renew(&first).await.unwrap(), "the file is as it was");

        std::fs::write(&path, "two\n").unwrap();
        for _ in 0..64 {
            assert!(source.renew(&first).await.unwrap());
        }
        let second = source.current();
        assert_eq!((second.generation(), second.secret().expose_secret()), (1, "two"));

        std::fs::write(&path, "three\n").unwrap();
        assert!(!source.renew(&second).await.unwrap(), "a renewed token that was never accepted");
        second.mark_accepted();
        assert!(source.renew(&second).await.unwrap());
    }
}
