//! Which of Altinn's two APIs a job goes through: what its file says, and what the sign-in can do. Pure.

use serde::Deserialize;

/// `api` in the job file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiChoice {
    /// By who signs in.
    #[default]
    Auto,
    /// The first API alone, Altinn's authentication.
    Delegation,
    /// The second API, access management; system users and their packages come from the first all the same.
    Administration,
}

/// Which API changes are sent through, where lists are read through the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// The first: for persons, whom it is documented for.
    ThroughDelegation,
    /// The second: the only way for system users.
    ThroughAdministration,
}

/// Whether lists are read through the second API, which tells packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondDoor {
    /// Never.
    Closed,
    /// Where it is open: the firm's party UUID is known, and Altinn lets this sign-in in.
    IfOpen,
    /// Only so.
    Must,
}

/// The doors of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doors {
    /// Whether lists are read through the second API.
    pub second: SecondDoor,
    /// Where changes are sent, where lists are read through the second.
    pub writes: Writes,
}

impl Doors {
    /// The doors for what a job says and for whom it signs in. The first API refuses every system user the list of
    /// delegated clients, without which no run can confirm anything.
    pub fn of(api: ApiChoice, is_system_user: bool) -> Self {
        let doors = |second, writes| Self { second, writes };
        match (api, is_system_user) {
            (ApiChoice::Delegation, _) => doors(SecondDoor::Closed, Writes::ThroughDelegation),
            (ApiChoice::Auto, false) => doors(SecondDoor::IfOpen, Writes::ThroughDelegation),
            (ApiChoice::Auto, true) | (ApiChoice::Administration, _) => {
                doors(SecondDoor::Must, Writes::ThroughAdministration)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_user_goes_through_the_second_api_and_a_person_through_the_first_unless_the_job_says_otherwise()
     {
        use Writes::{ThroughAdministration, ThroughDelegation};
        for (api, is_system_user, second, writes) in [
            (ApiChoice::Auto, false, SecondDoor::IfOpen, ThroughDelegation),
            (ApiChoice::Auto, true, SecondDoor::Must, ThroughAdministration),
            (ApiChoice::Delegation, false, SecondDoor::Closed, ThroughDelegation),
            (ApiChoice::Delegation, true, SecondDoor::Closed, ThroughDelegation),
            (ApiChoice::Administration, false, SecondDoor::Must, ThroughAdministration),
            (ApiChoice::Administration, true, SecondDoor::Must, ThroughAdministration),
        ] {
            assert_eq!(Doors::of(api, is_system_user), Doors { second, writes }, "{api:?} {is_system_user}");
        }
    }
}
