//! Which tokens the world accepts, and what the front door says to the others.

use std::collections::BTreeMap;

use super::{
    problem::Refusal,
    request::{Method, Reply, Route, SANDBOX_TOKEN},
};

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
    /// Both scopes, but `GET /clients` answers AUTH-00038, as some system-user tokens meet it.
    ListRefused,
    /// The front door lets it in, the service behind does not: 401 AUTH-00043.
    NotAcceptedBehind,
    /// The front door lets it in, the service behind refuses: 403 AUTH-00044.
    RefusedBehind,
}

impl Permission {
    /// The token that has this permission without a sign-in.
    pub(super) fn token(self) -> &'static str {
        match self {
            Self::Both => SANDBOX_TOKEN,
            Self::Read => "sandbox-read",
            Self::Write => "sandbox-write",
            Self::ListRefused => "sandbox-list-refused",
            Self::Forbidden | Self::NotAcceptedBehind | Self::RefusedBehind => "sandbox-forbidden",
        }
    }
}

/// The tokens that are accepted now.
#[derive(Debug, Clone)]
pub(super) struct Tokens(BTreeMap<String, Permission>);

impl Tokens {
    pub(super) fn accept(&mut self, token: &str, permission: Permission) {
        self.0.insert(token.to_owned(), permission);
    }

    pub(super) fn reject(&mut self, token: &str) {
        self.0.remove(token);
    }

    /// What stands in the way of this call; `None` when the caller may go on.
    pub(super) fn refusal(
        &self,
        token: Option<&str>,
        method: Method,
        route: Route,
        salt: u64,
    ) -> Option<Reply> {
        let Some(permission) = token.and_then(|token| self.0.get(token)) else {
            return Some(Reply::empty(401));
        };
        let reads = method == Method::Get;
        match permission {
            Permission::Both => None,
            Permission::Read => (!reads).then(|| Reply::empty(403)),
            Permission::Write if reads => Some(Reply::empty(403)),
            // A POST reads the facilitator's clients before it writes, with the caller's token.
            Permission::Write => (method == Method::Post).then(|| Refusal::RefusedBehind.reply(salt)),
            Permission::Forbidden => Some(Reply::empty(403)),
            Permission::ListRefused => {
                (reads && route == Route::Clients).then(|| Refusal::PartyLookUpRefused.reply(salt))
            }
            Permission::NotAcceptedBehind => Some(Refusal::TokenNotAcceptedBehind.reply(salt)),
            Permission::RefusedBehind => Some(Refusal::RefusedBehind.reply(salt)),
        }
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self(BTreeMap::from([
            (SANDBOX_TOKEN.to_owned(), Permission::Both),
            ("sandbox-read".to_owned(), Permission::Read),
            ("sandbox-write".to_owned(), Permission::Write),
            ("sandbox-forbidden".to_owned(), Permission::Forbidden),
            ("sandbox-list-refused".to_owned(), Permission::ListRefused),
        ]))
    }
}
