//! Why there is no token, in words that never show any part of one.

use jiff::Timestamp;
use thiserror::Error;

/// Why what stands somewhere is no token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Nothing stands there.
    #[error("{from} holds no token")]
    Empty {
        /// Where it was looked for.
        from: String,
    },
    /// Something stands there that is no token.
    #[error(
        "{from} holds something that cannot be a token: it is too long, or has spaces or characters that no token has"
    )]
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
        error: String,
    },
}

/// Why a private key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the key file {file} {problem}")]
pub struct KeyError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to do.
    pub hint: String,
}

/// Why nobody is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignInError {
    /// What was found is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The private key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The token has run out, and there is no other to be had.
    #[error("the token from {from} ran out at {at:.0} (this machine's clock says {now:.0})")]
    RanOut {
        /// Where it came from.
        from: String,
        /// When it ran out.
        at: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// Nobody has signed in with ID-porten yet, or the sign-in has ended.
    #[error("{0}")]
    NotSignedIn(String),
    /// The sign-in was refused.
    #[error("{who} refuses the sign-in: {message}")]
    Refused {
        /// Who refuses it.
        who: &'static str,
        /// What was said.
        message: String,
        /// What to do.
        hint: String,
    },
    /// Nobody answered, or only that it does not work now.
    #[error("{who} does not answer: {message}")]
    Unavailable {
        /// Who does not answer.
        who: &'static str,
        /// What went wrong.
        message: String,
    },
    /// This machine is in the way.
    #[error("{problem}")]
    Machine {
        /// What is in the way.
        problem: String,
        /// What to do.
        hint: String,
    },
}

impl SignInError {
    /// What a person can do; empty when the error says it.
    pub fn hint(&self) -> String {
        match self {
            Self::Token(_) => {
                "put an Altinn token there, issued for the firm's client administrator with the scopes \
                               altinn:clientdelegations.read and altinn:clientdelegations.write"
                    .to_owned()
            }
            Self::RanOut { .. } => "put a new token where the job file's [auth] points".to_owned(),
            Self::Key(error) => error.hint.clone(),
            Self::NotSignedIn(_) => "`fullmakt login JOB` signs in".to_owned(),
            Self::Unavailable { .. } => "try again when it answers".to_owned(),
            Self::Refused { hint, .. } | Self::Machine { hint, .. } => hint.clone(),
        }
    }

    /// Whether it can be otherwise in a moment, without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
