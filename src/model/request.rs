//! Requests for system users for clients, as a vendor makes them of firms: what is asked for, where a request stands, and
//! what is to be done about each firm. Pure.

use std::fmt;

use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

use super::{AgentId, OrganisationNumber};

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

/// What is to be done about a firm, by what Altinn has: its request with this reference, and its system user. `again` is
/// whether somebody has said that a request that came to nothing is to be made again.
pub fn plan_request(request: Option<&FirmRequest>, system_user: Option<AgentId>, again: bool) -> RequestStep {
    if system_user.is_some() {
        return RequestStep::Leave(LeftAlone::SystemUserIsThere);
    }
    let Some(request) = request else { return RequestStep::Ask };
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(plan_request(None, None, false), RequestStep::Ask);
        for (standing, without, with) in [
            (S::New, leave(LeftAlone::Pending), leave(LeftAlone::Pending)),
            (S::Accepted, leave(LeftAlone::AcceptedWithoutSystemUser), again),
            (S::Rejected, leave(LeftAlone::Rejected), again),
            (S::Denied, leave(LeftAlone::Denied), again),
            (S::TimedOut, leave(LeftAlone::TimedOut), again),
            (S::Unknown, leave(LeftAlone::Unknown), leave(LeftAlone::Unknown)),
        ] {
            assert_eq!(plan_request(Some(&request(standing)), None, false), without, "{standing:?}");
            assert_eq!(plan_request(Some(&request(standing)), None, true), with, "{standing:?}");
            let there = plan_request(Some(&request(standing)), Some(agent), true);
            assert_eq!(there, leave(LeftAlone::SystemUserIsThere), "{standing:?}");
        }
    }

    #[test]
    fn a_link_and_the_id_that_it_is_made_of_are_not_in_what_is_written_for_debugging() {
        let shown = format!("{:?}", request(RequestStanding::New));
        assert!(!shown.contains("example.org") && !shown.contains("0000-0000"), "{shown}");
    }
}
