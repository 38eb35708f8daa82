//! What an answer of Altinn's means. Decided once, in `altinn/`; nothing later looks at a status code again.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The five calls of the client delegation API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// `GET /agents`: the facilitator's system users.
    Agents,
    /// `GET /clients/available`: the clients that may be delegated to an agent.
    Available,
    /// `GET /clients`: the clients that are delegated to an agent now.
    Delegated,
    /// `POST /clients`: delegate one client to an agent.
    Delegate,
    /// `DELETE /clients`: remove one delegation of a client from an agent.
    Remove,
}

impl Call {
    /// Whether the call is about one client; the others are about the whole run.
    pub fn names_a_client(self) -> bool {
        matches!(self, Self::Delegate | Self::Remove)
    }
}

/// What one answer decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Altinn says that it is so. The read-back at the end of the run confirms it.
    Done,
    /// No, and asking again changes nothing: final for this client.
    Final,
    /// No verdict yet: ask again.
    Again(Again),
    /// Final for the whole run: nothing more is sent.
    Halt(HaltCause),
}

/// How to ask again, and what it means when asking again has not helped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// What `Retry-After` said, counted from the answer; binding for the whole run.
    pub not_before: Option<Duration>,
    /// Why there is no verdict.
    pub why: NoVerdict,
    /// What the last try decides.
    pub at_last: AtLast,
}

/// Why an answer is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoVerdict {
    /// 429: too fast. Says nothing about the client, so it does not cost the client a try.
    Throttled,
    /// Nobody answered, or a gateway did, or the server broke: 408, 5xx, refused, reset, timed out.
    Unreachable,
    /// Altinn answered with a code that covers any failure behind it, a passing one included.
    Unclear,
    /// 401 on a token that has been renewed since: the same request goes again with the new one.
    TokenRenewed,
}

/// What it means when every try has been used and there is still no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtLast {
    /// The client has failed; a later run may try again.
    FailClient,
    /// It is the run that cannot go on.
    Halt(HaltCause),
}

/// Why a run cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum HaltCause {
    /// 401, and the token could not be renewed.
    SignedOut,
    /// Whoever gives tokens does not answer.
    SignInUnavailable,
    /// 403: a scope is missing, or the caller is not client administrator.
    Forbidden,
    /// The facilitator is unknown to Altinn.
    UnknownFacilitator,
    /// The system user is not one for client relationships.
    WrongKindOfAgent,
    /// The agent is missing, unreadable, deleted, or not the facilitator's.
    UnknownAgent,
    /// The agent has been deleted in Altinn.
    DeletedAgent,
    /// Several of the facilitator's system users fit what the job file says.
    AmbiguousAgent,
    /// The agent has no usable access package.
    NoUsablePackage,
    /// This sign-in cannot read the list of clients (AUTH-00038).
    CannotReadClients,
    /// A list could not be read in the tries that the job allows.
    ListUnavailable,
    /// A list's pages lead back to where it has been.
    EndlessList,
    /// Altinn was not reached within `give_up_after`.
    Unreachable,
    /// Altinn asked to wait longer than `give_up_after` allows.
    ToldToWait,
    /// A list did not say whose clients it has, and something was to be taken away by it.
    UnnamedList,
    /// An answer that no documented rule covers, on a call the run cannot do without.
    Unexpected,
}

/// What was made of one attempt: the word in the ledger's table of attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum AttemptVerdict {
    /// Altinn says that it is so.
    Done,
    /// Final for the client.
    Final,
    /// Final for the run.
    Halt,
    /// 429.
    #[strum(serialize = "again: throttled")]
    Throttled,
    /// Nobody answered.
    #[strum(serialize = "again: unreachable")]
    Unreachable,
    /// An answer that covers passing faults too.
    #[strum(serialize = "again: unclear")]
    Unclear,
    /// A 401 on a token that had been renewed since.
    #[strum(serialize = "again: token renewed")]
    TokenRenewed,
    /// The program ended before it recorded an answer; the request may never have left.
    Lost,
}

impl AttemptVerdict {
    /// Whether the request may have changed something at Altinn.
    pub fn may_have_changed(self) -> bool {
        matches!(self, Self::Done | Self::Lost | Self::Unclear | Self::Unreachable)
    }
}

impl From<Verdict> for AttemptVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Done => Self::Done,
            Verdict::Final => Self::Final,
            Verdict::Halt(_) => Self::Halt,
            Verdict::Again(again) => match again.why {
                NoVerdict::Throttled => Self::Throttled,
                NoVerdict::Unreachable => Self::Unreachable,
                NoVerdict::Unclear => Self::Unclear,
                NoVerdict::TokenRenewed => Self::TokenRenewed,
            },
        }
    }
}

impl HaltCause {
    /// What happened, as the beginning of a sentence a person reads.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::SignedOut => "there is no token that Altinn accepts",
            Self::SignInUnavailable => "there is no new token to be had just now",
            Self::Forbidden => "Altinn refuses this sign-in (403)",
            Self::UnknownFacilitator => "Altinn does not know the facilitator",
            Self::WrongKindOfAgent => "the agent is a standard system user, which can have no clients",
            Self::UnknownAgent => "Altinn does not find the agent among the facilitator's system users",
            Self::DeletedAgent => "the agent has been deleted in Altinn",
            Self::AmbiguousAgent => "several of the facilitator's system users fit `agent` in the job file",
            Self::NoUsablePackage => "the agent has no usable access package",
            Self::CannotReadClients => "this sign-in cannot read the list of clients (AUTH-00038)",
            Self::ListUnavailable => "Altinn did not give the list of clients",
            Self::EndlessList => "Altinn's list of clients goes round in a circle",
            Self::UnnamedList => {
                "Altinn's list of clients does not say whose it is, and clients are to be removed by it"
            }
            Self::Unreachable => "Altinn has not answered for as long as give_up_after allows",
            Self::ToldToWait => "Altinn asks to wait longer than give_up_after allows",
            Self::Unexpected => "Altinn gave an answer that is not documented",
        }
    }

    /// What a person can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::SignedOut => {
                "sign in again: with ID-porten by `fullmakt login JOB`; with a token of your own put a new one where the \
                 job file's [auth] points"
            }
            Self::SignInUnavailable => "wait until it answers again",
            Self::Forbidden => {
                "the token needs both scopes, altinn:clientdelegations.read and altinn:clientdelegations.write, \
                 and whoever it was issued for must be client administrator (klientadministrator) for the facilitator"
            }
            Self::UnknownFacilitator => {
                "check `facilitator` in the job file, and that `environment` is the one where it exists"
            }
            Self::WrongKindOfAgent => {
                "choose a system user for client relationships; `fullmakt agents JOB` lists them"
            }
            Self::DeletedAgent => {
                "choose another; `fullmakt agents JOB` lists the facilitator's system users"
            }
            Self::UnknownAgent => {
                "check `agent` in the job file; `fullmakt agents JOB` lists the facilitator's system users"
            }
            Self::AmbiguousAgent => {
                "name it by its UUID; `fullmakt agents JOB` lists the facilitator's system users"
            }
            Self::NoUsablePackage => {
                "the system user must be approved with an access package for client relationships; \
                 a new system user with the right package is needed"
            }
            Self::CannotReadClients => {
                "sign in as a person, or with another system user, that may read the list"
            }
            Self::ListUnavailable => {
                "try again when Altinn answers; if it has never worked, check `environment` in the job file"
            }
            Self::Unreachable => "wait until Altinn answers again",
            Self::ToldToWait => "wait until the time that Altinn gave",
            Self::Unexpected | Self::EndlessList | Self::UnnamedList => {
                "look at what Altinn answered; if it stays so, Altinn's service desk can look up the trace id"
            }
        }
    }
}

/// One answer, or the lack of one, with everything a person or a service desk may ask about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it decides.
    pub verdict: Verdict,
    /// The HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// Altinn's error code, such as `AUTH-00079`.
    pub code: Option<String>,
    /// What Altinn said, or what went wrong on the way; empty when done.
    pub message: String,
    /// Altinn's trace id, which its service desk asks for.
    pub trace_id: Option<String>,
    /// What a person can do; empty when there is nothing to say.
    pub hint: &'static str,
    /// When the request was sent.
    pub sent_at: Timestamp,
    /// From sending to the end of the answer.
    pub took: Duration,
    /// Whether anything was sent: without a token nothing is.
    pub sent: bool,
}
