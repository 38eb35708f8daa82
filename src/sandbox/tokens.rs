//! Which tokens the world accepts, and what the front door says to the others.

use std::collections::BTreeMap;

use super::{
    problem::Refusal,
    request::{Method, Reply, Request, Route, SANDBOX_TOKEN, VENDOR_TOKEN},
    roster::facilitator,
};
use crate::model::OrganisationNumber;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Both scopes.
    Both,
    /// `altinn:clientdelegations.read` only.
    Read,
    /// `altinn:clientdelegations.write` only.
    Write,
    /// Neither: 403.
    Forbidden,
    /// Both scopes, for a system user: the first API's `GET /clients` answers it AUTH-00038, as the real one does.
    SystemUser,
    /// The front door lets it in, the service behind does not: 401 AUTH-00043.
    NotAcceptedBehind,
    /// The front door lets it in, the service behind refuses: 403 AUTH-00044.
    RefusedBehind,
}

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What it may do.
    pub permission: Permission,
    /// The one firm that it is for; `None` for every firm in the world.
    pub firm: Option<OrganisationNumber>,
    /// Whether it has the scope that lists the parties.
    pub may_list_parties: bool,
}

impl From<Permission> for Grant {
    fn from(permission: Permission) -> Self {
        Self { permission, firm: None, may_list_parties: permission != Permission::Forbidden }
    }
}

/// A vendor of systems, as a token of Maskinporten's names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vendor {
    /// Its organisation number.
    pub organisation: OrganisationNumber,
    /// Whether it may look at requests for system users.
    pub reads: bool,
    /// Whether it may make and delete them.
    pub writes: bool,
}

/// The tokens that are accepted now.
#[derive(Debug, Clone)]
pub(super) struct Tokens(BTreeMap<String, Grant>);

impl Tokens {
    pub(super) fn accept(&mut self, token: &str, permission: Permission) {
        self.0.insert(token.to_owned(), permission.into());
    }

    pub(super) fn reject(&mut self, token: &str) {
        self.0.remove(token);
    }

    /// What the caller may do, when nothing stands in the way of this call.
    pub(super) fn admit(&self, request: &Request, route: Route, salt: u64) -> Result<Grant, Reply> {
        let known = request.token.as_deref().and_then(|token| self.0.get(token)).copied();
        let grant = request.grant.or(known).ok_or_else(|| Reply::empty(401))?;
        let refused = match route {
            Route::Parties => (!grant.may_list_parties).then(|| Reply::empty(403)),
            route if route.is_of_administration() => administration_refuses(grant, request.method),
            route => delegation_refuses(grant, request.method, route, salt),
        };
        refused.map_or(Ok(grant), Err)
    }

    /// The vendor whose token it is.
    pub(super) fn vendor(request: &Request) -> Option<Vendor> {
        let organisation = facilitator();
        let writes = match request.token.as_deref() {
            Some(VENDOR_TOKEN) => true,
            Some("sandbox-vendor-read") => false,
            _ => return request.vendor,
        };
        Some(Vendor { organisation, reads: true, writes })
    }
}

/// The first API. A POST reads the facilitator's clients before it writes, with the caller's token.
fn delegation_refuses(grant: Grant, method: Method, route: Route, salt: u64) -> Option<Reply> {
    let reads = method == Method::Get;
    match grant.permission {
        Permission::Both => None,
        Permission::Read => (!reads).then(|| Reply::empty(403)),
        Permission::Write if reads => Some(Reply::empty(403)),
        Permission::Write => (method == Method::Post).then(|| Refusal::RefusedBehind.reply(salt)),
        Permission::Forbidden => Some(Reply::empty(403)),
        Permission::SystemUser => {
            (reads && route == Route::Clients).then(|| Refusal::PartyLookUpRefused.reply(salt))
        }
        Permission::NotAcceptedBehind => Some(Refusal::TokenNotAcceptedBehind.reply(salt)),
        Permission::RefusedBehind => Some(Refusal::RefusedBehind.reply(salt)),
    }
}

/// The second API: nothing is behind it, and each call needs its own scope only.
fn administration_refuses(grant: Grant, method: Method) -> Option<Reply> {
    let reads = method == Method::Get;
    match grant.permission {
        Permission::Both | Permission::SystemUser => None,
        Permission::Read => (!reads).then(|| Reply::empty(403)),
        Permission::Write => reads.then(|| Reply::empty(403)),
        Permission::NotAcceptedBehind => Some(Reply::empty(401)),
        Permission::Forbidden | Permission::RefusedBehind => Some(Reply::empty(403)),
    }
}

impl Default for Tokens {
    fn default() -> Self {
        let tokens = [
            (SANDBOX_TOKEN, Permission::Both),
            ("sandbox-read", Permission::Read),
            ("sandbox-write", Permission::Write),
            ("sandbox-forbidden", Permission::Forbidden),
            ("sandbox-system-user", Permission::SystemUser),
            ("sandbox-list-refused", Permission::SystemUser),
        ];
        Self(tokens.into_iter().map(|(token, permission)| (token.to_owned(), permission.into())).collect())
    }
}
