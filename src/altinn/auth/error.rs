//! Why there is no token, in words that never show any part of one.
//!
//! What an error holds in words is English, and said again where it is shown.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use thiserror::Error;

use crate::{
    model::{HaltCause, KeyFrom, variable_in_words},
    words::{Lazy, Wording, say, text},
};

/// Why what stands somewhere is no token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Nothing stands there.
    #[error("{}", say!("auth-holds-no-token", from = .from))]
    Empty {
        /// Where it was looked for.
        from: Wording,
    },
    /// Something stands there that is no token.
    #[error("{}", say!("auth-holds-something-that-cannot-be-a-token", from = .from))]
    Illegal {
        /// Where it was looked for.
        from: Wording,
    },
    /// The file could not be read.
    #[error("{}", say!("auth-cannot-be-read", from = .from, error = .error))]
    Unreadable {
        /// Where it was looked for.
        from: Wording,
        /// What the operating system says.
        error: Wording,
    },
    /// Others than its owner can read the file.
    #[error("{}", say!("auth-can-be-read-by-others", from = .from, mode = format!("{:03o}", .mode)))]
    Exposed {
        /// Where it was looked for.
        from: Wording,
        /// The rights that the file has.
        mode: u32,
        /// The command that mends it.
        mend: String,
    },
    /// A token, and not Altinn's.
    #[error("{}", say!("auth-holds-anothers-token", from = .from, issuer = .issuer))]
    Foreign {
        /// Where it was looked for.
        from: Wording,
        /// Whose token it is.
        issuer: ForeignIssuer,
    },
    /// The whole answer of a token endpoint.
    #[error("{}", say!("auth-holds-the-whole-answer", from = .from))]
    WholeAnswer {
        /// Where it was looked for.
        from: Wording,
        /// Whose token is in it, where it is not Altinn's.
        issuer: Option<ForeignIssuer>,
    },
}

/// Who issues tokens that are exchanged for Altinn's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForeignIssuer {
    /// Maskinporten.
    Maskinporten,
    /// ID-porten.
    IdPorten,
}

impl ForeignIssuer {
    /// What to do with its token.
    fn hint(self) -> &'static str {
        match self {
            Self::Maskinporten => text!("auth-hint-exchange-maskinportens-token"),
            Self::IdPorten => text!("auth-hint-exchange-id-portens-token"),
        }
    }
}

impl fmt::Display for ForeignIssuer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Maskinporten => "Maskinporten",
            Self::IdPorten => "ID-porten",
        })
    }
}

/// Why a private key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", .problem.of(.from))]
pub struct KeyError {
    /// The file or the variable.
    pub from: KeyFrom,
    /// What is wrong with it.
    pub problem: KeyProblem,
    /// What to do.
    pub hint: Wording,
}

/// What is wrong with a private key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyProblem {
    /// The file cannot be read: what the operating system says.
    Unreadable(Wording),
    /// Others than its owner can read the file: the rights that it has.
    Exposed(u32),
    /// What stands there is no key for this.
    Wrong(Wording),
}

impl KeyProblem {
    fn of(&self, from: &KeyFrom) -> String {
        let name = Lazy(|| match from {
            KeyFrom::File(path) => say!("auth-the-key-file", file = path.display()).to_string(),
            KeyFrom::Env(name) => variable_in_words("key_env", name),
        });
        match (self, from) {
            (Self::Unreadable(error), _) => {
                say!("auth-cannot-be-read", from = name, error = error.said()).to_string()
            }
            (Self::Exposed(mode), _) => {
                say!("auth-can-be-read-by-others", from = name, mode = format!("{mode:03o}")).to_string()
            }
            (Self::Wrong(problem), KeyFrom::File(path)) => {
                say!("auth-key-file-and-its-problem", file = path.display(), problem = problem.said())
                    .to_string()
            }
            (Self::Wrong(problem), KeyFrom::Env(_)) => format!("{name} {}", problem.said()),
        }
    }
}

impl KeyError {
    /// What to do, in the language that holds here.
    pub fn hint(&self) -> Cow<'_, str> {
        self.hint.said()
    }
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
    #[error(
        "{}",
        say!("auth-ran-out", from = .from, at = format!("{:.0}", .at), now = format!("{:.0}", .now))
    )]
    RanOut {
        /// Where it came from.
        from: Wording,
        /// When it ran out.
        at: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// Nobody has signed in with ID-porten yet, or the sign-in has ended.
    #[error("{}", .0)]
    NotSignedIn(Wording),
    /// The sign-in was refused.
    #[error("{}", say!("auth-refuses-the-sign-in", who = .who, message = .message))]
    Refused {
        /// Who refuses it.
        who: Wording,
        /// What was said.
        message: Wording,
        /// What to do.
        hint: Wording,
    },
    /// Nobody answered, or only that it does not work now.
    #[error("{}", say!("auth-does-not-answer", who = .who, message = .message))]
    Unavailable {
        /// Who does not answer.
        who: Wording,
        /// What went wrong.
        message: Wording,
    },
    /// Something on this side of the server is in the way: the machine's network, its proxy, its clock.
    #[error("{}: {}", .cause.explanation(), .message)]
    ThisSide {
        /// What it is.
        cause: HaltCause,
        /// What was seen of it.
        message: Wording,
    },
    /// This machine is in the way.
    #[error("{}", .problem)]
    Machine {
        /// What is in the way.
        problem: Wording,
        /// What to do.
        hint: Wording,
    },
}

impl SignInError {
    /// What a person can do, in the language that holds here; empty when the error says it.
    pub fn hint(&self) -> String {
        match self {
            Self::Token(TokenError::Exposed { mend, .. }) => mend.clone(),
            Self::Token(
                TokenError::Foreign { issuer, .. } | TokenError::WholeAnswer { issuer: Some(issuer), .. },
            ) => issuer.hint().to_owned(),
            Self::Token(TokenError::WholeAnswer { issuer: None, .. }) => {
                text!("auth-hint-put-only-the-value-there").to_owned()
            }
            Self::Token(_) => text!("auth-hint-put-an-altinn-token-there").to_owned(),
            Self::RanOut { .. } => text!("auth-hint-put-a-new-token-there").to_owned(),
            Self::Key(error) => error.hint().into_owned(),
            Self::NotSignedIn(_) => text!("auth-hint-fullmakt-login-signs-in").to_owned(),
            Self::ThisSide { cause, .. } => cause.hint().to_owned(),
            Self::Unavailable { .. } => text!("auth-hint-try-again-when-it-answers").to_owned(),
            Self::Refused { hint, .. } | Self::Machine { hint, .. } => hint.said().into_owned(),
        }
    }

    /// Whether it can be otherwise in a moment, without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. }) || self.this_side().is_some_and(HaltCause::may_pass)
    }

    /// What on this side is the matter, where it is that.
    pub fn this_side(&self) -> Option<HaltCause> {
        match self {
            Self::ThisSide { cause, .. } => Some(*cause),
            _ => None,
        }
    }
}
