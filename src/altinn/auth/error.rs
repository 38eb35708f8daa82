//! Why there is no token, in words that never show any part of one.

use std::fmt;

use jiff::Timestamp;
use thiserror::Error;

use crate::model::HaltCause;

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
    /// Others than its owner can read the file.
    #[error("{from} can be read by others than its owner (mode {mode:03o})")]
    Exposed {
        /// Where it was looked for.
        from: String,
        /// The rights that the file has.
        mode: u32,
        /// The command that mends it.
        mend: String,
    },
    /// A token, and not Altinn's.
    #[error("{from} holds {issuer}'s token, which Altinn does not take as it is")]
    Foreign {
        /// Where it was looked for.
        from: String,
        /// Whose token it is.
        issuer: ForeignIssuer,
    },
    /// The whole answer of a token endpoint.
    #[error("{from} holds the whole answer of a token endpoint (JSON), not the token in it")]
    WholeAnswer {
        /// Where it was looked for.
        from: String,
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
            Self::Maskinporten => {
                "exchange it for an Altinn token (/authentication/api/v1/exchange/maskinporten), or use method = \
                 \"maskinporten\": then fullmakt does both"
            }
            Self::IdPorten => {
                "exchange it for an Altinn token (/authentication/api/v1/exchange/id-porten), or use method = \
                 \"id-porten\": then fullmakt does both"
            }
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
#[error("{from} {problem}")]
pub struct KeyError {
    /// The file or the variable, in words.
    pub from: String,
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
    /// Something on this side of the server is in the way: the machine's network, its proxy, its clock.
    #[error("{}: {message}", .cause.explanation())]
    ThisSide {
        /// What it is.
        cause: HaltCause,
        /// What was seen of it.
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
            Self::Token(TokenError::Exposed { mend, .. }) => mend.clone(),
            Self::Token(
                TokenError::Foreign { issuer, .. } | TokenError::WholeAnswer { issuer: Some(issuer), .. },
            ) => issuer.hint().to_owned(),
            Self::Token(TokenError::WholeAnswer { issuer: None, .. }) => {
                "put only the value of access_token there, without its quotes".to_owned()
            }
            Self::Token(_) => {
                "put an Altinn token there, issued for the firm's client administrator with the scopes \
                               altinn:clientdelegations.read and altinn:clientdelegations.write"
                    .to_owned()
            }
            Self::RanOut { .. } => "put a new token where the job file's [auth] points".to_owned(),
            Self::Key(error) => error.hint.clone(),
            Self::NotSignedIn(_) => "`fullmakt login JOB` signs in".to_owned(),
            Self::ThisSide { cause, .. } => cause.hint().to_owned(),
            Self::Unavailable { .. } => "try again when it answers".to_owned(),
            Self::Refused { hint, .. } | Self::Machine { hint, .. } => hint.clone(),
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
