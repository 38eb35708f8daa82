//! What an answer of Altinn's means. Decided once, in `altinn/`; nothing later looks at a status code again.

mod this_side;

use std::time::Duration;

use crate::words::{Wording, text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What Altinn can be asked about clients and system users, whichever of its APIs is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// The facilitator's system users.
    Agents,
    /// The clients that may be delegated to an agent.
    Available,
    /// The clients that are delegated to an agent now.
    Delegated,
    /// Delegate one client to an agent.
    Delegate,
    /// Remove one delegation of a client from an agent.
    Remove,
    /// Make the agent's own assignment to the facilitator, before it is given clients.
    Prepare,
    /// The parties that the caller may act for: where the facilitator's party UUID is found.
    Parties,
    /// A vendor's requests for system users, a page of them.
    Requests,
    /// One request for a system user, of a firm.
    Request,
    /// Ask a firm for a system user.
    Ask,
    /// Take such a request back.
    Withdraw,
    /// The system user that a request has become.
    SystemUser,
}

impl Call {
    /// Whether the call is about one client, or about one firm that a vendor asks; the others are about the whole run.
    pub fn names_a_client(self) -> bool {
        matches!(self, Self::Delegate | Self::Remove | Self::Ask | Self::Withdraw)
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

impl Verdict {
    /// Whether Altinn is there: it has decided something, or refuses for the pace alone.
    pub fn is_an_answer(self) -> bool {
        !matches!(self, Self::Again(again) if again.why != NoVerdict::Throttled)
    }

    /// How long Altinn has said to wait, from the answer on.
    pub fn told_to_wait(self) -> Option<Duration> {
        if let Self::Again(again) = self { again.not_before } else { None }
    }
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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
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
    /// One of the agent's access packages cannot be passed on.
    PackageNotDelegable,
    /// Altinn does not know a role or an access package that it was given.
    UnknownPackage,
    /// This sign-in cannot read the list of delegated clients through the API that was asked.
    CannotReadClients,
    /// The platform does not have the API that was asked.
    NotPublished,
    /// The firm's party UUID is neither configured nor to be had with this sign-in.
    PartyUnknown,
    /// What the clients give has not been read, and the API that was asked wants to be told.
    PackagesUnknown,
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
    /// What the vendor file asks for is refused, and would be for every firm.
    VendorFile,
    /// The token names no organisation: it is no vendor's.
    NoVendor,
    /// The sign-in may not ask for system users, or not see what was asked.
    RequestScopes,
    /// This side: a certificate that this machine does not trust, as where TLS is intercepted.
    Intercepted,
    /// This side: a certificate that is not valid at the time that this machine's clock says.
    WrongClock,
    /// This side: something answers without TLS where Altinn answers with it.
    NotEncrypted,
    /// This side: the proxy wants to know who asks.
    ProxySignIn,
    /// This side: the proxy makes no tunnel to Altinn.
    ProxyRefuses,
    /// This side, or behind it: there is no connection through the proxy just now. May pass.
    ProxyFails,
    /// This side: the proxy variables name a proxy of a kind that is not spoken.
    ProxyVariable,
    /// This side: a filter's page stood where Altinn's answer should.
    BlockPage,
    /// This side: a page of the network (a sign-in page), or a redirect to one.
    CaptivePortal,
    /// This side: the name has no address. May pass.
    NoName,
    /// This side, or the way: nothing takes the connection. May pass.
    NotReachable,
    /// This side: the process may open no more files.
    NoDescriptors,
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
    /// Whether trying again is no use until somebody has seen to it: the system user, the client, the job, not a hitch.
    pub fn needs_somebody(self) -> bool {
        matches!(
            self,
            Self::Forbidden
                | Self::UnknownFacilitator
                | Self::WrongKindOfAgent
                | Self::UnknownAgent
                | Self::DeletedAgent
                | Self::AmbiguousAgent
                | Self::NoUsablePackage
                | Self::PackageNotDelegable
                | Self::UnknownPackage
                | Self::CannotReadClients
                | Self::NotPublished
                | Self::PartyUnknown
                | Self::VendorFile
                | Self::NoVendor
                | Self::RequestScopes
        )
    }

    /// Whether it is not Altinn's doing but this machine's, its network's, or its proxy's.
    pub fn is_this_side(self) -> bool {
        this_side::is(self)
    }

    /// Whether what is the matter on this side can be over in a moment: a network that comes back, a laptop that wakes.
    pub fn may_pass(self) -> bool {
        matches!(self, Self::NoName | Self::NotReachable | Self::ProxyFails)
    }

    /// Whether it is about one system user: a run of another one's clients could go on.
    pub fn is_of_the_agent(self) -> bool {
        matches!(
            self,
            Self::WrongKindOfAgent
                | Self::UnknownAgent
                | Self::DeletedAgent
                | Self::NoUsablePackage
                | Self::PackageNotDelegable
        )
    }

    /// What happened, as the beginning of a sentence a person reads.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::SignedOut => text!("model-there-is-no-token-that-altinn-accepts"),
            Self::SignInUnavailable => text!("model-there-is-no-new-token-to-be-had-just-now"),
            Self::Forbidden => text!("model-altinn-refuses-this-sign-in-403"),
            Self::UnknownFacilitator => text!("model-altinn-does-not-know-the-facilitator"),
            Self::WrongKindOfAgent => text!("model-the-agent-is-a-standard-system-user-which-can"),
            Self::UnknownAgent => text!("model-altinn-does-not-find-the-agent-among-the"),
            Self::DeletedAgent => text!("model-the-agent-has-been-deleted-in-altinn"),
            Self::AmbiguousAgent => text!("model-several-of-the-facilitators-system-users-fit"),
            Self::NoUsablePackage => text!("model-the-agent-has-no-usable-access-package"),
            Self::PackageNotDelegable => text!("model-one-of-the-agents-access-packages-cannot-be"),
            Self::UnknownPackage => text!("model-altinn-does-not-know-a-role-or-an-access"),
            Self::CannotReadClients => text!("model-this-sign-in-cannot-read-the-list-of"),
            Self::NotPublished => text!("model-this-altinn-does-not-have-the-api-for"),
            Self::PartyUnknown => {
                text!("model-the-firms-party-uuid-is-not-known-and-the-api")
            }
            Self::PackagesUnknown => text!("model-it-is-not-known-which-access-packages-the"),
            Self::ListUnavailable => text!("model-altinn-did-not-give-the-list-of-clients"),
            Self::EndlessList => text!("model-altinns-list-of-clients-goes-round-in-a"),
            Self::UnnamedList => {
                text!("model-altinns-list-of-clients-does-not-say-whose-it")
            }
            Self::Unreachable => text!("model-altinn-has-not-answered-for-as-long-as-give"),
            Self::ToldToWait => text!("model-altinn-asks-to-wait-longer-than-give-up-after"),
            Self::Unexpected => text!("model-altinn-gave-an-answer-that-is-not-documented"),
            Self::VendorFile => text!("request-cause-vendor-file"),
            Self::NoVendor => text!("request-cause-no-vendor"),
            Self::RequestScopes => text!("request-cause-scopes"),
            this_side => this_side::explanation(this_side),
        }
    }

    /// What a person can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::SignedOut => {
                text!("model-sign-in-again-with-id-porten-by-fullmakt")
            }
            Self::SignInUnavailable => text!("model-wait-until-it-answers-again"),
            Self::Forbidden => {
                text!("model-the-token-needs-both-scopes-altinn")
            }
            Self::UnknownFacilitator => {
                text!("model-check-facilitator-in-the-job-file-and-that")
            }
            Self::WrongKindOfAgent => {
                text!("model-choose-a-system-user-for-client-relationships")
            }
            Self::DeletedAgent => {
                text!("model-choose-another-fullmakt-agents-job-lists-the")
            }
            Self::UnknownAgent => {
                text!("model-check-agent-in-the-job-file-it-may-be-a")
            }
            Self::AmbiguousAgent => {
                text!("model-name-it-by-its-uuid-fullmakt-agents-job-lists")
            }
            Self::NoUsablePackage => {
                text!("model-the-system-user-must-be-approved-with-an")
            }
            Self::PackageNotDelegable => {
                text!("model-the-system-user-was-approved-with-an-access")
            }
            Self::UnknownPackage => {
                text!("model-it-may-be-new-or-gone-look-for-a-newer")
            }
            Self::CannotReadClients => {
                text!("model-a-system-user-reads-it-through-access")
            }
            Self::NotPublished => {
                text!("model-check-environment-in-the-job-file-a-person")
            }
            Self::PartyUnknown => {
                text!("model-give-it-in-the-job-file-as-facilitator-id")
            }
            Self::PackagesUnknown => text!("model-plan-again-the-plan-reads-them"),
            Self::ListUnavailable => {
                text!("model-try-again-when-altinn-answers-if-it-has-never")
            }
            Self::Unreachable => text!("model-wait-until-altinn-answers-again"),
            Self::ToldToWait => text!("model-wait-until-the-time-that-altinn-gave"),
            Self::VendorFile => text!("request-hint-vendor-file"),
            Self::NoVendor => text!("request-hint-no-vendor"),
            Self::RequestScopes => text!("request-hint-scopes"),
            Self::Unexpected | Self::EndlessList | Self::UnnamedList => {
                text!("model-look-at-what-altinn-answered-if-it-stays-so")
            }
            this_side => this_side::hint(this_side),
        }
    }
}

/// What an answer gives away besides its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Where it is always answered so for a client that is delegated already, the relationship behind that delegation has
    /// been replaced: removing the client and then delegating it again mends it.
    PerhapsStuck,
    /// What Altinn lists has changed since the list was read: with the list of now another request may be right.
    ListOutdated,
    /// What a vendor asks for is refused whichever firm is asked.
    OfEveryFirm,
    /// It is not Altinn that failed, as far as one can see, but what lies before it: [`HaltCause::is_this_side`].
    ThisSide(HaltCause),
}

/// One answer, or the lack of one, with everything a person or a service desk may ask about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it decides.
    pub verdict: Verdict,
    /// The HTTP status; `None` when no answer came.
    pub status: Option<u16>,
    /// Altinn's error code.
    pub code: Option<String>,
    /// What Altinn said, or what went wrong on the way; empty when done.
    pub message: Wording,
    /// Altinn's trace id, which its service desk asks for.
    pub trace_id: Option<String>,
    /// What a person can do; empty when there is nothing to say.
    pub hint: Wording,
    /// What else it gives away.
    pub notice: Option<Notice>,
    /// When the request was sent.
    pub sent_at: Timestamp,
    /// From sending to the end of the answer.
    pub took: Duration,
    /// Whether anything was sent: without a token, a name or a connection nothing is.
    pub sent: bool,
    /// Of a change, what was asked, as Altinn's service desk knows it: the method and the path. Empty where the door does
    /// not say.
    pub request: String,
}

impl Answer {
    /// What on this side of Altinn is the matter, where it is that.
    pub fn this_side(&self) -> Option<HaltCause> {
        match (self.verdict, self.notice) {
            (Verdict::Halt(cause), _) if cause.is_this_side() => Some(cause),
            (_, Some(Notice::ThisSide(cause))) => Some(cause),
            _ => None,
        }
    }
}
