//! Requests for system users for clients, as a vendor makes them of firms: what is asked for, where a request stands, and
//! what is to be done about each firm. Pure.

use std::fmt;

use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::{AgentId, ClientEvent, Intent, OrganisationNumber};

/// So long a firm may take to answer, in days; after that Altinn takes no answer any more.
pub const DAYS_TO_ANSWER: i64 = 180;

/// A request's id. Whoever knows it knows the link, so it is shown only where it is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub Uuid);

impl RequestId {
    /// As Altinn writes it: for an address, for the ledger, and for nothing that is shown unasked.
    pub fn expose(self) -> String {
        self.0.to_string()
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RequestId(hidden)")
    }
}

/// The address at which a person of the firm answers a request: a secret of a kind, which no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// An address, as Altinn gave it.
    pub fn new(address: impl Into<String>) -> Self {
        Self(address.into())
    }

    /// The address itself: for the files that are made to be sent, and for the ledger.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Link(hidden)")
    }
}

/// Where a request stands at Altinn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestStanding {
    /// Nobody at the firm has answered it.
    New,
    /// Approved.
    Accepted,
    /// Rejected in Altinn's pages.
    Rejected,
    /// Denied in Altinn's pages.
    Denied,
    /// Not answered within [`DAYS_TO_ANSWER`].
    TimedOut,
    /// Altinn says a word that this version does not know.
    Unknown,
}

impl RequestStanding {
    /// By both things that Altinn says: one that is too old is still called `New`, and only `timedOut` tells.
    pub fn of(status: &str, timed_out: bool) -> Self {
        match status.to_ascii_lowercase().as_str() {
            "new" if timed_out => Self::TimedOut,
            "new" => Self::New,
            "accepted" => Self::Accepted,
            "rejected" => Self::Rejected,
            "denied" => Self::Denied,
            "timedout" => Self::TimedOut,
            _ => Self::Unknown,
        }
    }
}

/// A request that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmRequest {
    /// Its id.
    pub id: RequestId,
    /// The firm.
    pub firm: OrganisationNumber,
    /// The vendor's reference; the firm's number where the vendor gave none.
    pub external_ref: String,
    /// The packages that are asked for, by URN.
    pub packages: Vec<String>,
    /// Where it stands.
    pub standing: RequestStanding,
    /// Where it is answered.
    pub link: Link,
    /// When it was made, as Altinn writes it; empty where it does not say, or says a year that cannot be.
    pub created: String,
}

/// What a vendor asks a firm for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedSystemUser {
    /// The firm.
    pub firm: OrganisationNumber,
    /// The reference; left out, Altinn takes the firm's number.
    pub external_ref: Option<String>,
    /// The packages, by URN.
    pub packages: Vec<String>,
    /// Where the person is sent afterwards.
    pub redirect: Option<String>,
    /// What the system user is to be called.
    pub title: Option<String>,
}

impl WantedSystemUser {
    /// The reference by which Altinn knows the request and the system user.
    pub fn reference(&self) -> String {
        self.external_ref.clone().unwrap_or_else(|| self.firm.to_string())
    }
}

/// Where a firm stands, as the ledger holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RequestState {
    /// To be asked, and not asked yet.
    Planned,
    /// About to be asked, or asked: no answer has been kept.
    Asking,
    /// An older request is about to be withdrawn, or is, so that the firm can be asked again.
    Withdrawing,
    /// Asked; nobody at the firm has answered.
    Pending,
    /// Approved.
    Accepted,
    /// Rejected at the firm.
    Rejected,
    /// Denied at the firm.
    Denied,
    /// Not answered in time.
    TimedOut,
    /// Taken back.
    Withdrawn,
    /// Altinn refused to make the request.
    Failed,
}

impl RequestState {
    /// The word for programs and for the ledger.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What Altinn's word means for the firm; `None` where it is not known.
    pub fn of(standing: RequestStanding) -> Option<Self> {
        Some(match standing {
            RequestStanding::New => Self::Pending,
            RequestStanding::Accepted => Self::Accepted,
            RequestStanding::Rejected => Self::Rejected,
            RequestStanding::Denied => Self::Denied,
            RequestStanding::TimedOut => Self::TimedOut,
            RequestStanding::Unknown => return None,
        })
    }

    /// Whether a request of this vendor's may be under way without its answer being known.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Asking | Self::Withdrawing)
    }
}

/// Why nothing is asked of a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LeftAlone {
    /// Its system user is there: use it.
    SystemUserIsThere,
    /// Asked already, and not answered yet.
    Pending,
    /// Approved, and Altinn does not show the system user: it comes in a moment, or has been deleted since.
    AcceptedWithoutSystemUser,
    /// The firm has rejected it.
    Rejected,
    /// The firm has denied it.
    Denied,
    /// Too old to be answered.
    TimedOut,
    /// It has been withdrawn.
    Withdrawn,
    /// Altinn says something of it that this version does not know.
    Unknown,
}

/// What is to be done about a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestStep {
    /// Ask it.
    Ask,
    /// Withdraw the request that there is, and ask again.
    AskAgain(RequestId),
    /// Nothing.
    Leave(LeftAlone),
}

/// What is to be done about a firm, by what Altinn has: its request with this reference, and its system user. `withdrawn` is
/// whether the ledger holds the firm's request as withdrawn; `again`, whether somebody has said that a request that came to
/// nothing is to be made again.
pub fn plan_request(
    request: Option<&FirmRequest>,
    system_user: Option<AgentId>,
    withdrawn: bool,
    again: bool,
) -> RequestStep {
    if system_user.is_some() {
        return RequestStep::Leave(LeftAlone::SystemUserIsThere);
    }
    let Some(request) = request else {
        let stays = withdrawn && !again;
        return if stays { RequestStep::Leave(LeftAlone::Withdrawn) } else { RequestStep::Ask };
    };
    let left = match request.standing {
        RequestStanding::New => return RequestStep::Leave(LeftAlone::Pending),
        RequestStanding::Unknown => return RequestStep::Leave(LeftAlone::Unknown),
        RequestStanding::Accepted => LeftAlone::AcceptedWithoutSystemUser,
        RequestStanding::Rejected => LeftAlone::Rejected,
        RequestStanding::Denied => LeftAlone::Denied,
        RequestStanding::TimedOut => LeftAlone::TimedOut,
    };
    if again { RequestStep::AskAgain(request.id) } else { RequestStep::Leave(left) }
}

/// What becomes of a firm of a round that came to no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirmResumed {
    /// Nothing is left to be sent: this has happened, and the request is the one that the round made, where it may have.
    Settled(ClientEvent, Option<RequestId>),
    /// Still to be done.
    Open(RequestStep),
}

/// How a round that came to no end holds a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirmHeld {
    /// What was to be done.
    pub intent: Intent,
    /// The request that was to be taken back.
    pub withdraws: Option<RequestId>,
    /// The round has sent what was to be done, and no other has sent the same since: whatever came of it is this round's.
    pub was_last: bool,
    /// The ledger holds the firm's request as withdrawn: what this round asked, or a later one, has been taken back.
    pub is_withdrawn: bool,
}

/// What becomes of a firm of a round that came to no end, by what Altinn has now. Where this round was the last to ask, any
/// request that it was not to take back is the one that it asked with, so that nobody is asked twice; what another round has made
/// since is that one's.
pub fn resume_firm(
    held: FirmHeld,
    request: Option<&FirmRequest>,
    system_user: Option<AgentId>,
) -> FirmResumed {
    let FirmHeld { intent, withdraws, was_last, is_withdrawn } = held;
    let is_old = request.is_some_and(|request| Some(request.id) == withdraws);
    let is_answered = matches!(
        request.map(|request| request.standing),
        Some(RequestStanding::Accepted | RequestStanding::Unknown)
    );
    if intent == Intent::Withdraw {
        return match request {
            Some(_) if is_old && is_answered => FirmResumed::Settled(ClientEvent::Superseded, None),
            Some(request) if is_old => FirmResumed::Open(RequestStep::AskAgain(request.id)),
            _ if was_last => FirmResumed::Settled(ClientEvent::FirmWithdrawn, None),
            _ => FirmResumed::Settled(ClientEvent::AlreadySo, None),
        };
    }
    let settled = |made: Option<RequestId>| {
        if was_last {
            FirmResumed::Settled(ClientEvent::FirmAsked, made)
        } else {
            FirmResumed::Settled(ClientEvent::AlreadySo, None)
        }
    };
    match request {
        Some(request) if is_old && system_user.is_none() && !is_answered => {
            FirmResumed::Open(RequestStep::AskAgain(request.id))
        }
        Some(request) => settled(Some(request.id).filter(|_| !is_old)),
        None if system_user.is_some() || is_withdrawn => settled(None),
        None => FirmResumed::Open(RequestStep::Ask),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firm_that_was_under_way_is_asked_again_only_where_altinn_has_nothing_but_the_old_request() {
        use RequestStanding as S;
        let (old, new) = (RequestId(Uuid::from_u128(7)), RequestId(Uuid::from_u128(8)));
        let of = |id, standing| FirmRequest { id, ..request(standing) };
        let held =
            |intent, withdraws, was_last| FirmHeld { intent, withdraws, was_last, is_withdrawn: false };
        let ask = |was_last, withdraws, found: Option<&FirmRequest>| {
            resume_firm(held(Intent::Ask, withdraws, was_last), found, None)
        };
        let already_so = FirmResumed::Settled(ClientEvent::AlreadySo, None);
        for was_last in [false, true] {
            assert_eq!(ask(was_last, None, None), FirmResumed::Open(RequestStep::Ask));
            let rejected = of(old, S::Rejected);
            assert_eq!(
                ask(was_last, Some(old), Some(&rejected)),
                FirmResumed::Open(RequestStep::AskAgain(old)),
                "{was_last}"
            );
            assert_eq!(ask(was_last, Some(old), None), FirmResumed::Open(RequestStep::Ask), "{was_last}");
        }
        // What has been taken back since is not asked anew.
        let withdrawn = FirmHeld { is_withdrawn: true, ..held(Intent::Ask, None, false) };
        assert_eq!(resume_firm(withdrawn, None, None), already_so);
        for standing in [S::New, S::Accepted, S::Rejected, S::Denied, S::TimedOut, S::Unknown] {
            let found = of(new, standing);
            for withdraws in [None, Some(old)] {
                let made = FirmResumed::Settled(ClientEvent::FirmAsked, Some(new));
                assert_eq!(ask(true, withdraws, Some(&found)), made, "{standing:?}");
                assert_eq!(ask(false, withdraws, Some(&found)), already_so, "{standing:?}");
            }
            let back = resume_firm(held(Intent::Withdraw, Some(old), true), Some(&found), None);
            assert_eq!(back, FirmResumed::Settled(ClientEvent::FirmWithdrawn, None));
            let anothers = resume_firm(held(Intent::Withdraw, Some(old), false), Some(&found), None);
            assert_eq!(anothers, already_so);
        }
        let back =
            |found: Option<&FirmRequest>| resume_firm(held(Intent::Withdraw, Some(old), true), found, None);
        assert_eq!(back(None), FirmResumed::Settled(ClientEvent::FirmWithdrawn, None));
        assert_eq!(back(Some(&of(old, S::New))), FirmResumed::Open(RequestStep::AskAgain(old)));
        assert_eq!(back(Some(&of(old, S::Accepted))), FirmResumed::Settled(ClientEvent::Superseded, None));
    }

    fn request(standing: RequestStanding) -> FirmRequest {
        FirmRequest {
            id: RequestId(Uuid::from_u128(7)),
            firm: OrganisationNumber::parse("314250052").unwrap(),
            external_ref: "314250052".to_owned(),
            packages: Vec::new(),
            standing,
            link: Link::new("https://example.org/?id=7"),
            created: String::new(),
        }
    }

    #[test]
    fn a_request_that_is_too_old_is_told_by_either_of_the_two_things_that_altinn_says() {
        assert_eq!(RequestStanding::of("New", false), RequestStanding::New);
        assert_eq!(RequestStanding::of("New", true), RequestStanding::TimedOut);
        assert_eq!(RequestStanding::of("Timedout", false), RequestStanding::TimedOut);
        assert_eq!(RequestStanding::of("Accepted", true), RequestStanding::Accepted);
        assert_eq!(RequestStanding::of("Escalated", false), RequestStanding::Unknown);
    }

    #[test]
    fn a_firm_is_asked_once_and_again_only_when_somebody_says_so() {
        use RequestStanding as S;
        let agent = AgentId(Uuid::from_u128(9));
        let again = RequestStep::AskAgain(RequestId(Uuid::from_u128(7)));
        let leave = RequestStep::Leave;
        assert_eq!(plan_request(None, None, false, false), RequestStep::Ask);
        assert_eq!(plan_request(None, None, true, false), leave(LeftAlone::Withdrawn));
        assert_eq!(plan_request(None, None, true, true), RequestStep::Ask);
        for (standing, without, with) in [
            (S::New, leave(LeftAlone::Pending), leave(LeftAlone::Pending)),
            (S::Accepted, leave(LeftAlone::AcceptedWithoutSystemUser), again),
            (S::Rejected, leave(LeftAlone::Rejected), again),
            (S::Denied, leave(LeftAlone::Denied), again),
            (S::TimedOut, leave(LeftAlone::TimedOut), again),
            (S::Unknown, leave(LeftAlone::Unknown), leave(LeftAlone::Unknown)),
        ] {
            assert_eq!(plan_request(Some(&request(standing)), None, false, false), without, "{standing:?}");
            assert_eq!(plan_request(Some(&request(standing)), None, false, true), with, "{standing:?}");
            let there = plan_request(Some(&request(standing)), Some(agent), false, true);
            assert_eq!(there, leave(LeftAlone::SystemUserIsThere), "{standing:?}");
        }
    }

    #[test]
    fn a_link_and_the_id_that_it_is_made_of_are_not_in_what_is_written_for_debugging() {
        let shown = format!("{:?}", request(RequestStanding::New));
        assert!(!shown.contains("example.org") && !shown.contains("0000-0000"), "{shown}");
    }
}
