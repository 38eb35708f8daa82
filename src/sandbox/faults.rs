//! What goes wrong on the way: passing faults by a seed, and faults that a test asks for.

use std::{collections::VecDeque, ops::RangeInclusive};

use uuid::Uuid;

use super::{
    chance,
    problem::Refusal,
    request::{Method, Reply},
};
use crate::model::ClientId;

/// No client meets more passing faults than this in a row, so that a few tries are always enough.
pub const MOST_IN_A_ROW: u8 = 2;

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Answered so, and nothing is changed.
    Refused(Refusal),
    /// Answered with exactly this, and nothing is changed.
    Answered(Reply),
    /// The change is made, and the connection is cut before the answer.
    CutAfterChange,
    /// The connection is cut, and nothing is changed.
    CutBeforeChange,
}

impl Fault {
    /// 503 from a gateway, in plain text.
    pub fn unavailable() -> Self {
        Self::Answered(Reply::with_body(503, "text/plain", "Service Unavailable"))
    }

    /// 502 from a gateway, as a page for people.
    pub fn bad_gateway() -> Self {
        let page =
            "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
        Self::Answered(Reply::with_body(502, "text/html", page))
    }

    /// 429 with this `Retry-After`, in seconds or as an HTTP date.
    pub fn too_many_requests(retry_after: &str) -> Self {
        let body = r#"{ "statusCode": 429, "message": "Rate limit is exceeded." }"#;
        Self::Answered(Reply::with_body(429, "application/json", body).with_retry_after(retry_after))
    }
}

/// What a request is to the faults: one try for a client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Try {
    pub method: Method,
    pub agent: Uuid,
    pub client: Uuid,
    /// How many requests there were for this agent and client, this one included.
    pub nth: u32,
    /// How many of those just before it met a passing fault.
    pub faults_in_a_row: u8,
    /// How many requests there were at all, this one included.
    pub nth_of_all: u64,
    /// The second API is asked, whose outages are not dressed up as a 400.
    pub is_of_administration: bool,
}

/// Decides which requests meet a fault. Faults by seed depend on the client and on how many requests there were
/// for it, never on what goes on beside it: a demonstration is the same each time.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    seed: u64,
    share: f64,
    scripted: VecDeque<Scripted>,
    outages: Vec<(RangeInclusive<u64>, Fault)>,
}

#[derive(Debug, Clone)]
struct Scripted {
    method: Option<Method>,
    client: Option<ClientId>,
    left: u32,
    fault: Fault,
}

impl Faults {
    /// None but those that are asked for.
    pub fn none() -> Self {
        Self::default()
    }

    /// This share of the requests, 0 to 1, meets a passing fault.
    pub fn passing(seed: u64, share: f64) -> Self {
        Self { seed, share, ..Self::default() }
    }

    /// The next `count` requests meet this fault.
    pub fn fail_next(&mut self, count: u32, fault: Fault) {
        self.script(None, None, count, fault);
    }

    /// The next `count` requests of this method meet this fault.
    pub fn fail_next_of(&mut self, method: Method, count: u32, fault: Fault) {
        self.script(Some(method), None, count, fault);
    }

    /// The next `count` requests for this client meet this fault, whatever the agent.
    pub fn fail_next_for(&mut self, client: ClientId, count: u32, fault: Fault) {
        self.script(None, Some(client), count, fault);
    }

    /// Every request from the `first`th to the `last`th that the world has met (counted from 1) meets this fault.
    pub fn outage(&mut self, requests: RangeInclusive<u64>, fault: Fault) {
        self.outages.push((requests, fault));
    }

    /// Takes back every scripted fault and outage.
    pub fn clear_script(&mut self) {
        self.scripted.clear();
        self.outages.clear();
    }

    fn script(&mut self, method: Option<Method>, client: Option<ClientId>, left: u32, fault: Fault) {
        self.scripted.push_back(Scripted { method, client, left, fault });
    }

    /// The scripted fault that this request meets, if any.
    pub(super) fn scripted(&mut self, tried: Try) -> Option<Fault> {
        if let Some((_, fault)) =
            self.outages.iter().find(|(requests, _)| requests.contains(&tried.nth_of_all))
        {
            return Some(fault.clone());
        }
        self.scripted.retain(|scripted| scripted.left > 0);
        let scripted = self.scripted.iter_mut().find(|scripted| {
            scripted.method.is_none_or(|method| method == tried.method)
                && scripted.client.is_none_or(|client| client.0 == tried.client)
        })?;
        scripted.left -= 1;
        Some(scripted.fault.clone())
    }

    /// The passing fault that this request meets, if any.
    pub(super) fn passing_fault(&self, tried: Try) -> Option<Fault> {
        if self.share <= 0.0 || tried.faults_in_a_row >= MOST_IN_A_ROW {
            return None;
        }
        let [agent_high, agent_low] = chance::halves(tried.agent);
        let [client_high, client_low] = chance::halves(tried.client);
        let parts = [agent_high, agent_low, client_high, client_low, u64::from(tried.nth)];
        if chance::share(self.seed, &parts) >= self.share {
            return None;
        }
        let kind = chance::roll(self.seed ^ 0xfa17, &parts) % 100;
        match passing_fault_of_kind(kind, tried.method) {
            Fault::Refused(_) if tried.is_of_administration => {
                Some(Fault::Refused(Refusal::InternalServerError))
            }
            fault => Some(fault),
        }
    }
}

/// A fault that passes, by a roll of 0 to 99.
fn passing_fault_of_kind(kind: u64, method: Method) -> Fault {
    let unclear = match method {
        Method::Post => Refusal::DelegationFailed,
        Method::Delete => Refusal::PartyDoesNotMatch,
        Method::Get | Method::Other => Refusal::GetClientsFailed,
    };
    match kind {
        0..30 => Fault::Refused(unclear),
        30..40 if method == Method::Post => Fault::Refused(Refusal::GetClientsFailed),
        30..60 => Fault::Refused(Refusal::InternalServerError),
        60..75 => Fault::unavailable(),
        75..85 => Fault::bad_gateway(),
        85..98 => Fault::CutAfterChange,
        _ => Fault::too_many_requests("1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(client: u64, nth: u32) -> Try {
        Try {
            method: Method::Post,
            agent: Uuid::from_u128(7),
            client: chance::uuid(1, &[client]),
            nth,
            faults_in_a_row: 0,
            nth_of_all: 1,
            is_of_administration: false,
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_whatever_the_order_of_the_requests() {
        let forwards = Faults::passing(5, 0.2);
        let backwards = Faults::passing(5, 0.2);
        let there: Vec<_> = (0..500).map(|client| forwards.passing_fault(post(client, 1))).collect();
        let mut back: Vec<_> =
            (0..500).rev().map(|client| backwards.passing_fault(post(client, 1))).collect();
        back.reverse();
        assert_eq!(there, back);
        let other: Vec<_> =
            (0..500).map(|client| Faults::passing(6, 0.2).passing_fault(post(client, 1))).collect();
        assert_ne!(there, other);
    }

    #[test]
    fn about_the_asked_share_of_the_requests_meets_a_fault_and_every_kind_occurs() {
        let faults = Faults::passing(3, 0.1);
        let met: Vec<_> = (0..10_000).filter_map(|client| faults.passing_fault(post(client, 1))).collect();
        assert!((900..1_100).contains(&met.len()), "{}", met.len());
        for fault in [
            Fault::Refused(Refusal::DelegationFailed),
            Fault::Refused(Refusal::GetClientsFailed),
            Fault::Refused(Refusal::InternalServerError),
            Fault::unavailable(),
            Fault::bad_gateway(),
            Fault::CutAfterChange,
            Fault::too_many_requests("1"),
        ] {
            assert!(met.contains(&fault), "{fault:?}");
        }
    }

    #[test]
    fn nobody_meets_more_than_two_passing_faults_in_a_row() {
        let faults = Faults::passing(3, 1.0);
        assert!(faults.passing_fault(post(1, 1)).is_some());
        let third = Try { faults_in_a_row: MOST_IN_A_ROW, ..post(1, 3) };
        assert_eq!(faults.passing_fault(third), None);
    }

    #[test]
    fn scripted_faults_come_as_often_as_asked_and_only_to_those_asked_for() {
        let mut faults = Faults::none();
        let cut = Fault::CutBeforeChange;
        faults.fail_next_of(Method::Delete, 1, Fault::unavailable());
        faults.fail_next_for(ClientId(post(2, 1).client), 2, cut.clone());
        assert_eq!(faults.scripted(post(1, 1)), None);
        assert_eq!(faults.scripted(post(2, 1)), Some(cut.clone()));
        assert_eq!(faults.scripted(post(2, 2)), Some(cut));
        assert_eq!(faults.scripted(post(2, 3)), None);
        let delete = Try { method: Method::Delete, ..post(1, 2) };
        assert_eq!(faults.scripted(delete), Some(Fault::unavailable()));
        assert_eq!(faults.scripted(delete), None);
    }

    #[test]
    fn an_outage_covers_the_requests_from_its_first_to_its_last() {
        let mut faults = Faults::none();
        faults.outage(2..=3, Fault::bad_gateway());
        let hit: Vec<bool> =
            (1..=4).map(|nth_of_all| faults.scripted(Try { nth_of_all, ..post(1, 1) }).is_some()).collect();
        assert_eq!(hit, [false, true, true, false]);
    }
}
